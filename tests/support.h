/* What several tests need: private trees that stand for a host; the captures. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

/* A private directory that looks like the root of a host. */
typedef struct {
    char *path;
} HvTestTree;

/** hv_test_tree_new: a new one with empty proc/ and sys/, below the temporary directory. */
HvTestTree *hv_test_tree_new(void);
/** hv_test_tree_free: removes it with all that is in it; never follows links. Accepts NULL. */
void hv_test_tree_free(HvTestTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvTestTree, hv_test_tree_free)
/** hv_test_tree_write: makes the file @path ("proc/stat") with @text, and its directories. */
void hv_test_tree_write(const HvTestTree *tree, const char *path, const char *text);
/** hv_test_tree_printf: the same with a formatted text. */
void hv_test_tree_printf(const HvTestTree *tree, const char *path, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
/** hv_test_tree_mkdir, _symlink, _remove: one directory (with its parents); one link; one file
 * or empty directory. */
void hv_test_tree_mkdir(const HvTestTree *tree, const char *path);
void hv_test_tree_symlink(const HvTestTree *tree, const char *path, const char *target);
void hv_test_tree_remove(const HvTestTree *tree, const char *path);

/** hv_test_shared: the directory of captured hosts and shared pages ($HVTUNE_SHARED, else
 * ../shared beside the sources), borrowed; NULL where it is not: skip with HV_TEST_NO_SHARED
 * then. */
const char *hv_test_shared(void);
#define HV_TEST_NO_SHARED "the shared captures are not here (HVTUNE_SHARED)"
/** hv_test_shared_path: a path below it, or NULL where that does not exist. (transfer full) */
char *hv_test_shared_path(const char *path);
