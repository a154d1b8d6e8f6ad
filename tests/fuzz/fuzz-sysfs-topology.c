/* Fuzzes the topology from sysfs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/topology-private.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct {
    GPtrArray *paths, *texts;
} Tree;

static int
open_file(gpointer data, const char *path, GError **error)
{
    const Tree *tree = data;

    for (guint i = 0; i < tree->paths->len; i++) {
        if (strcmp(tree->paths->pdata[i], path) == 0)
            return (int)i;
    }
    hv_error_set_errno(error, ENOENT, path);
    return -1;
}

static gssize
read_file(gpointer data, int handle, char *buffer, gsize size, gsize offset)
{
    const Tree *tree = data;
    const char *text = tree->texts->pdata[handle];
    gsize length = strlen(text), n = offset < length ? MIN(size, length - offset) : 0;

    memcpy(buffer, text + MIN(offset, length), n);
    return (gssize)n;
}

static void
close_file(gpointer data G_GNUC_UNUSED, int handle G_GNUC_UNUSED)
{
}

static GPtrArray *
list_directory(gpointer data, const char *path, GError **error G_GNUC_UNUSED)
{
    const Tree *tree = data;
    g_autofree char *prefix = g_strconcat(path, "/", NULL);
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < tree->paths->len; i++) {
        const char *below = tree->paths->pdata[i];

        if (g_str_has_prefix(below, prefix))
            g_ptr_array_add(
                names, g_strndup(below + strlen(prefix), strcspn(below + strlen(prefix), "/")));
    }
    return names;
}

static gboolean
file_exists(gpointer data, const char *path)
{
    return open_file(data, path, NULL) >= 0;
}

static const HvFileOps files = {
    .open = open_file,
    .pread = read_file,
    .close = close_file,
    .list = list_directory,
    .exists = file_exists,
};

/* A path, a tab, and its text, with '|' for the newlines. */
static void
add_line(Tree *tree, const char *line)
{
    const char *tab = strchr(line, '\t');

    if (!tab)
        return;
    g_ptr_array_add(tree->paths, g_strndup(line, (gsize)(tab - line)));
    g_ptr_array_add(tree->texts, g_strdelimit(g_strdup(tab + 1), "|", '\n'));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_auto(GStrv) lines = g_strsplit(text, "\n", 1000);
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    Tree tree = { paths, texts };
    const HvTopologySource source = { &files, &tree };
    g_autoptr(HvTopology) topology = NULL;

    for (guint i = 0; lines[i]; i++)
        add_line(&tree, lines[i]);
    topology = hv_topology_from_sysfs(&source, NULL);
    if (!topology)
        return 0;
    hv_topology_add_devices(topology, &source);
    for (guint i = 0; i < topology->n_cpus; i++)
        g_assert(topology->cpus[i].package < 0 ||
                 hv_topology_package(topology, topology->cpus[i].package));
    return 0;
}
