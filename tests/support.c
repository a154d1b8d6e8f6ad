/* What several tests need: private trees that stand for a host; the captures. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/support.h"

#include <errno.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <unistd.h>

HvTestTree *
hv_test_tree_new(void)
{
    HvTestTree *tree = g_new0(HvTestTree, 1);
    g_autoptr(GError) error = NULL;

    tree->path = g_dir_make_tmp("hvtune-test-XXXXXX", &error);
    g_assert_no_error(error);
    hv_test_tree_mkdir(tree, "proc");
    hv_test_tree_mkdir(tree, "sys");
    return tree;
}

static int
remove_one(const char *path, const struct stat *status G_GNUC_UNUSED, int kind,
           struct FTW *where G_GNUC_UNUSED)
{
    if (kind == FTW_DNR)
        (void)g_chmod(
            path, 0700); /* a test made it unreadable; the directory is tried all the same */
    (void)g_remove(path);
    return 0;
}

void
hv_test_tree_free(HvTestTree *tree)
{
    if (!tree)
        return;
    (void)nftw(tree->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    g_free(tree->path);
    g_free(tree);
}

void
hv_test_tree_mkdir(const HvTestTree *tree, const char *path)
{
    g_autofree char *full = g_build_filename(tree->path, path, NULL);

    g_assert_cmpint(g_mkdir_with_parents(full, 0755), ==, 0);
}

void
hv_test_tree_write(const HvTestTree *tree, const char *path, const char *text)
{
    g_autofree char *full = g_build_filename(tree->path, path, NULL);
    g_autofree char *directory = g_path_get_dirname(full);
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(g_mkdir_with_parents(directory, 0755), ==, 0);
    g_file_set_contents_full(full, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0644, &error);
    g_assert_no_error(error);
}

void
hv_test_tree_printf(const HvTestTree *tree, const char *path, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    hv_test_tree_write(tree, path, text);
}

void
hv_test_tree_symlink(const HvTestTree *tree, const char *path, const char *target)
{
    g_autofree char *full = g_build_filename(tree->path, path, NULL);
    g_autofree char *directory = g_path_get_dirname(full);

    g_assert_cmpint(g_mkdir_with_parents(directory, 0755), ==, 0);
    g_assert_cmpint(symlink(target, full), ==, 0);
}

void
hv_test_tree_remove(const HvTestTree *tree, const char *path)
{
    g_autofree char *full = g_build_filename(tree->path, path, NULL);

    g_assert_cmpint(g_remove(full), ==, 0);
}

static gpointer
find_shared(gpointer unused G_GNUC_UNUSED)
{
    const char *asked = g_getenv("HVTUNE_SHARED"), *sources = g_getenv("srcdir");
    char *path = asked && *asked
                     ? g_strdup(asked)
                     : g_build_filename(sources ? sources : ".", "..", "shared", NULL);

    if (!g_file_test(path, G_FILE_TEST_IS_DIR))
        g_clear_pointer(&path, g_free);
    return path;
}

const char *
hv_test_shared(void)
{
    static GOnce once = G_ONCE_INIT;

    return g_once(&once, find_shared, NULL);
}

char *
hv_test_shared_path(const char *path)
{
    char *full = hv_test_shared() ? g_build_filename(hv_test_shared(), path, NULL) : NULL;

    if (full && !g_file_test(full, G_FILE_TEST_EXISTS))
        g_clear_pointer(&full, g_free);
    return full;
}
