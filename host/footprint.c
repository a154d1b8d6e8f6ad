/* What this hvtune has on the host for as long as it looks: told by whoever makes it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/footprint.h"

#include "host/host-private.h"

#include <string.h>

typedef struct {
    char *kind, *name;
    guint64 n;
} Entry;

static void
free_entry(gpointer data)
{
    Entry *entry = data;

    g_free(entry->kind);
    g_free(entry->name);
    g_free(entry);
}

static guint
find(const GPtrArray *entries, const char *kind, const char *name)
{
    guint i = 0;

    for (; i < entries->len; i++) {
        const Entry *entry = entries->pdata[i];

        if (strcmp(entry->name, name) == 0 && strcmp(entry->kind, kind) == 0)
            break;
    }
    return i;
}

void
hv_footprint_note(HvHost *host, const char *kind, const char *name, guint64 n)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&host->ids_lock);
    guint at;

    if (!host->footprint)
        host->footprint = g_ptr_array_new_with_free_func(free_entry);
    at = find(host->footprint, kind, name);
    if (n == 0) {
        if (at < host->footprint->len)
            g_ptr_array_remove_index(host->footprint, at);
        return;
    }
    if (at == host->footprint->len) {
        Entry *entry = g_new0(Entry, 1);

        entry->kind = g_strdup(kind);
        entry->name = g_strdup(name);
        g_ptr_array_add(host->footprint, entry);
    }
    ((Entry *)host->footprint->pdata[at])->n = n;
}

void
hv_footprint_each(HvHost *host,
                  void (*each)(const char *kind, const char *name, guint64 n, gpointer data),
                  gpointer data)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&host->ids_lock);

    for (guint i = 0; host->footprint && i < host->footprint->len; i++) {
        const Entry *entry = host->footprint->pdata[i];

        each(entry->kind, entry->name, entry->n, data);
    }
}
