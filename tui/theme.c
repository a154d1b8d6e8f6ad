/* Where themes come from: files in a few directories, and only safe ones for root. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/theme.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/error.h"
#include "tui/theme-private.h"

#define MAX_BYTES (64 * 1024)
#define SUFFIX ".theme"

void
hv_theme_free(HvTheme *theme)
{
    if (!theme)
        return;
    g_free(theme->name);
    g_free(theme->id);
    g_free(theme);
}

/* The person's own, the installed ones, and those beside a program that was built but not
 * installed. */
static GPtrArray *
directories(void)
{
    GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);

    g_ptr_array_add(found, g_build_filename(g_get_user_config_dir(), "hvtune", "themes", NULL));
    g_ptr_array_add(found, g_strdup(THEMEDIR));
    if (program) { /* without /proc there is no such place */
        g_autofree char *directory = g_path_get_dirname(program);
        g_ptr_array_add(found, g_build_filename(directory, "themes", NULL));
    }
    return found;
}

/* What root reads must be root's own: a theme of a stranger would be written to root's
 * terminal. */
static gboolean
check_owner(const char *path, const struct stat *status, GError **error)
{
    if (geteuid() != 0 || (status->st_uid == 0 && !(status->st_mode & (S_IWGRP | S_IWOTH))))
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_DENIED, "%s: %s, so root does not read it", path,
                status->st_uid != 0 ? "not owned by root" : "writable by others");
    return FALSE;
}

static gboolean
check_directory(const char *path, GError **error)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return hv_error_set_errno(error, errno, path);
    return check_owner(path, &status, error);
}

/* Looks at what was opened, not at the path again. */
static gboolean
check_file(int fd, const char *path, GError **error)
{
    struct stat status;

    if (fstat(fd, &status) != 0)
        return hv_error_set_errno(error, errno, path);
    if (!S_ISREG(status.st_mode) || status.st_size > MAX_BYTES) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, "%s: not a file of at most %d bytes",
                    path, MAX_BYTES);
        return FALSE;
    }
    return check_owner(path, &status, error);
}

static int
compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
add_name(GPtrArray *names, const char *name)
{
    if (!g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
        g_ptr_array_add(names, g_strdup(name));
}

char **
hv_theme_list(void)
{
    g_autoptr(GPtrArray) found = directories();
    GPtrArray *names = g_ptr_array_new();

    add_name(names, "default");
    for (guint i = 0; i < found->len; i++) {
        g_autoptr(GDir) directory =
            check_directory(found->pdata[i], NULL) /* not there or not safe */
                ? g_dir_open(found->pdata[i], 0, NULL)
                : NULL;
        const char *entry;

        while (directory && (entry = g_dir_read_name(directory))) {
            if (g_str_has_suffix(entry, SUFFIX)) {
                g_autofree char *name = g_strndup(entry, strlen(entry) - strlen(SUFFIX));
                add_name(names, name);
            }
        }
    }
    g_ptr_array_sort(names, compare_names);
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(names, FALSE);
}

/* (transfer full): the text of an open file, which is closed. */
static char *
read_all(int fd, const char *path, GError **error)
{
    g_autofree char *text = g_malloc(MAX_BYTES + 1);
    gsize used = 0;
    gssize n = -1;

    if (check_file(fd, path, error)) {
        while ((n = read(fd, text + used, MAX_BYTES - used)) > 0)
            used += (gsize)n;
        if (n < 0)
            hv_error_set_errno(error, errno, path);
    }
    close(fd);
    if (n < 0)
        return NULL;
    text[used] = '\0';
    if (g_utf8_validate(text, (gssize)used, NULL))
        return g_steal_pointer(&text);
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, "%s: not UTF-8", path);
    return NULL;
}

static int
open_file(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

/* (transfer full): the text of @fd, which is closed. */
static char *
read_checked(int fd, const char *path, GError **error)
{
    g_autofree char *directory = g_path_get_dirname(path);

    if (check_directory(directory, error))
        return read_all(fd, path, error);
    close(fd);
    return NULL;
}

/* A directory that cannot be looked into is passed over; a file that was found and is not safe
 * is not. */
static char *
search(const char *name, char **file_name, GError **error)
{
    g_autoptr(GPtrArray) found = directories();
    g_auto(GStrv) names = NULL;
    g_autofree char *known = NULL;

    for (guint i = 0; i < found->len; i++) {
        char *path = g_strconcat(found->pdata[i], "/", name, SUFFIX, NULL);
        const int fd = open_file(path);

        if (fd >= 0) {
            *file_name = path;
            return read_checked(fd, path, error);
        }
        g_free(path);
    }
    names = hv_theme_list();
    known = g_strjoinv(" ", names);
    g_set_error(error, HV_ERROR, HV_ERROR_ABSENT, "no theme \"%s\": themes are %s", name,
                known);
    return NULL;
}

char *
hv_theme_read(const char *name, char **file_name, GError **error)
{
    *file_name = NULL;
    if (!strchr(name, '/'))
        return search(name, file_name, error);
    const int fd = open_file(name);
    if (fd < 0) {
        hv_error_set_errno(error, errno, name);
        return NULL;
    }
    *file_name = g_strdup(name);
    return read_checked(fd, name, error);
}

HvTheme *
hv_theme_load(const char *name, GError **error)
{
    g_autofree char *file_name = NULL;
    g_autoptr(GError) why = NULL;
    g_autofree char *text = hv_theme_read(name, &file_name, &why);

    HvTheme *theme;

    if (text) {
        theme = hv_theme_parse(text, file_name, error);
        if (theme)
            theme->id = g_strdup(name);
        return theme;
    }
    if (!strcmp(name, "default") && g_error_matches(why, HV_ERROR, HV_ERROR_ABSENT))
        return hv_theme_builtin();
    g_propagate_error(error, g_steal_pointer(&why));
    return NULL;
}
