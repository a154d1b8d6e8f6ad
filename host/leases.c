/* Who uses what hvtune made on the host: a file for each living hvtune. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/leases.h"

#include "host/guest-parse.h"
#include "host/parse.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUBDIRECTORY "monitoring"

struct HvLeases {
    char *state_dir;
    char *directory; /* NULL: nothing is kept */
    char *own;       /* "PID-STARTTIME"; NULL until it was asked for */
};

HvLeases *
hv_leases_new(const char *state_dir)
{
    HvLeases *leases = g_new0(HvLeases, 1);

    leases->state_dir = g_strdup(state_dir);
    leases->directory = state_dir ? g_build_filename(state_dir, SUBDIRECTORY, NULL) : NULL;
    return leases;
}

void
hv_leases_free(HvLeases *leases)
{
    if (!leases)
        return;
    g_free(leases->state_dir);
    g_free(leases->directory);
    g_free(leases->own);
    g_free(leases);
}

/* A link, or a directory that others may write to, is not to be trusted. */
static gboolean
is_safe(const char *path, GError **error)
{
    struct stat status;

    if (lstat(path, &status) != 0)
        return errno == ENOENT || hv_error_set_errno(error, errno, path);
    if (S_ISDIR(status.st_mode) && status.st_uid == geteuid() &&
        (status.st_mode & (S_IWGRP | S_IWOTH)) == 0)
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_DENIED,
                "%s: not a directory that only this user can write to", path);
    return FALSE;
}

gboolean
hv_leases_check(HvLeases *leases, GError **error)
{
    return !leases->directory ||
           (is_safe(leases->state_dir, error) && is_safe(leases->directory, error));
}

/* Field 22 of its stat; FALSE when there is no such process. */
static gboolean
read_start(guint64 pid, guint64 *start_ticks, GError **error)
{
    g_autofree char *path = g_strdup_printf("/proc/%" G_GUINT64_FORMAT "/stat", pid);
    g_autofree char *text = NULL;
    g_autoptr(GError) failed = NULL;
    HvProcStat stat;

    if (!g_file_get_contents(path, &text, NULL, &failed)) {
        const gboolean is_gone = g_error_matches(failed, G_FILE_ERROR, G_FILE_ERROR_NOENT);

        g_set_error_literal(error, HV_ERROR, is_gone ? HV_ERROR_ABSENT : HV_ERROR_FAILED,
                            failed->message);
        return FALSE;
    }
    if (!hv_guest_parse_stat(text, &stat, error))
        return FALSE;
    *start_ticks = stat.start_ticks;
    return stat.state != 'Z';
}

static const char *
own_name(HvLeases *leases, GError **error)
{
    guint64 start_ticks;

    if (!leases->own && read_start((guint64)getpid(), &start_ticks, error))
        leases->own = g_strdup_printf("%d-%" G_GUINT64_FORMAT, (int)getpid(), start_ticks);
    return leases->own;
}

/* The name of a lease's file: PID-STARTTIME, and that process still runs. When it cannot be
 * told, it lives: what is in use must not be removed. */
static gboolean
is_alive(const char *name)
{
    g_auto(GStrv) parts = g_strsplit(name, "-", 3);
    g_autoptr(GError) error = NULL;
    guint64 pid, wanted, found;

    if (g_strv_length(parts) != 2 || !hv_parse_u64(parts[0], G_MAXINT, &pid, NULL) ||
        !hv_parse_u64(parts[1], G_MAXUINT64, &wanted, NULL))
        return FALSE;
    if (read_start(pid, &found, &error))
        return found == wanted;
    return error && !g_error_matches(error, HV_ERROR, HV_ERROR_ABSENT);
}

gboolean
hv_leases_write(HvLeases *leases, GHashTable *names, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *path = NULL;
    g_autoptr(GError) failed = NULL;
    GHashTableIter iter;
    gpointer name;

    if (!leases->directory)
        return TRUE;
    if (!own_name(leases, error))
        return FALSE;
    path = g_build_filename(leases->directory, leases->own, NULL);
    if (g_hash_table_size(names) == 0)
        return g_unlink(path) == 0 || errno == ENOENT || hv_error_set_errno(error, errno, path);
    if (g_mkdir_with_parents(leases->directory, 0700) != 0)
        return hv_error_set_errno(error, errno, leases->directory);
    if (!hv_leases_check(leases, error))
        return FALSE;
    g_hash_table_iter_init(&iter, names);
    while (g_hash_table_iter_next(&iter, &name, NULL))
        g_string_append_printf(text, "%s\n", (const char *)name);
    if (g_file_set_contents(path, text->str, (gssize)text->len, &failed))
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_FAILED, "%s", failed->message);
    return FALSE;
}

static gboolean
add_names(const char *path, GHashTable *names, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) failed = NULL;
    char *rest;

    if (!g_file_get_contents(path, &text, NULL, &failed)) {
        if (g_error_matches(failed, G_FILE_ERROR, G_FILE_ERROR_NOENT))
            return TRUE; /* its process took it away */
        g_set_error(error, HV_ERROR, HV_ERROR_FAILED, "%s", failed->message);
        return FALSE;
    }
    rest = text;
    for (const char *line; (line = hv_next_line(&rest));)
        if (*line)
            g_hash_table_add(names, g_strdup(line));
    return TRUE;
}

gboolean
hv_leases_others(HvLeases *leases, GHashTable *names, GError **error)
{
    g_autoptr(GDir) directory = NULL;
    g_autoptr(GError) failed = NULL;

    if (!leases->directory)
        return TRUE;
    if (!hv_leases_check(leases, error) || !own_name(leases, error))
        return FALSE;
    directory = g_dir_open(leases->directory, 0, &failed);
    if (!directory) {
        if (g_error_matches(failed, G_FILE_ERROR, G_FILE_ERROR_NOENT))
            return TRUE;
        g_set_error(error, HV_ERROR, HV_ERROR_FAILED, "%s", failed->message);
        return FALSE;
    }
    for (const char *name; (name = g_dir_read_name(directory));) {
        g_autofree char *path = g_build_filename(leases->directory, name, NULL);

        if (strcmp(name, leases->own) == 0 || !g_ascii_isdigit(*name) || strchr(name, '.'))
            continue; /* ours, or one that is being written */
        if (!is_alive(name))
            (void)g_unlink(path); /* what stays is tried by the next one */
        else if (!add_names(path, names, error))
            return FALSE;
    }
    return TRUE;
}
