/* A captured tree, or a topology alone, in the place of a machine. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/real.h"
#include "host/root.h"
#include "host/topology-private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define TOPOLOGY_XML "topology.xml"
/* The largest XML file read; the largest known machine's is about 3 MB. */
#define MAX_XML_BYTES (64u << 20)

typedef struct {
    HvRoot root;       /* first: the file functions take it for their data */
    HvTopology *alone; /* of a topology without a tree */
} Tree;

static void
free_tree(gpointer data)
{
    Tree *tree = data;

    if (tree->root.fd >= 0)
        close(tree->root.fd);
    hv_topology_unref(tree->alone);
    g_free(tree);
}

static const HvFileOps files = {
    .open = hv_root_open,
    .pread = hv_root_pread,
    .close = hv_root_close,
    .list = hv_root_list,
    .exists = hv_root_exists,
    .readlink = hv_root_readlink,
};

/* The tree's topology.xml if there is one, with what sys/ adds; else sys/ alone. */
static HvTopology *
read_topology(gpointer data, GError **error)
{
    Tree *tree = data;
    const HvTopologySource source = { &files, &tree->root };
    g_autofree char *xml = NULL;
    g_autoptr(GError) why = NULL;
    HvTopology *topology;
    gsize length;

    if (tree->alone)
        return hv_topology_ref(tree->alone);
    xml = hv_source_read_text(&source, TOPOLOGY_XML, MAX_XML_BYTES, &length, &why);
    if (!xml && !g_error_matches(why, HV_ERROR, HV_ERROR_ABSENT)) {
        g_propagate_error(error, g_steal_pointer(&why));
        return NULL;
    }
    if (!xml) {
        topology = hv_topology_from_sysfs(&source, error);
        if (topology)
            hv_topology_add_devices(topology, &source);
        else
            g_prefix_error(error, "no " TOPOLOGY_XML " and ");
        return topology;
    }
    topology = hv_topology_from_xml(xml, length, TOPOLOGY_XML, error);
    if (topology) {
        hv_topology_number_llcs(topology, &source);
        hv_topology_amend(topology, &source);
    }
    return topology;
}

static const HvTopologyOps topology_ops = { .quick = read_topology };

static const HvMachine machine = {
    .no_write = "a captured tree cannot be changed",
    .files = &files,
    .topology = &topology_ops,
    .clock = &hv_real_clock,
    .free = free_tree,
};

static gboolean
looks_like_a_tree(HvRoot *root)
{
    static const char *const signs[] = { "proc", "sys", "resctrl", "run", "etc", TOPOLOGY_XML };

    for (guint i = 0; i < G_N_ELEMENTS(signs); i++) {
        if (hv_root_exists(root, signs[i]))
            return TRUE;
    }
    return FALSE;
}

static gboolean
open_directory(Tree *tree, const char *path, GError **error)
{
    tree->root.fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (tree->root.fd < 0)
        return hv_error_set_errno(error, errno, path);
    tree->root.confined = TRUE;
    tree->root.resctrl_beside = hv_root_exists(&tree->root, "resctrl") &&
                                !hv_root_exists(&tree->root, "sys/fs/resctrl");
    if (!looks_like_a_tree(&tree->root)) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    "%s: neither proc, sys, resctrl nor " TOPOLOGY_XML " there", path);
        return FALSE;
    }
    return TRUE;
}

static gboolean
open_xml(Tree *tree, const char *path, GError **error)
{
    g_autofree char *directory = g_path_get_dirname(path), *name = g_path_get_basename(path),
                    *xml = NULL;
    hv_autofd fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    HvRoot beside = { .fd = fd };
    const HvTopologySource source = { &files, &beside };
    gsize length;

    xml = hv_source_read_text(&source, name, MAX_XML_BYTES, &length, error);
    tree->alone = xml ? hv_topology_from_xml(xml, length, path, error) : NULL;
    return tree->alone != NULL;
}

gboolean
hv_tree_open(HvHost *host, const char *root, GError **error)
{
    Tree *tree = g_new0(Tree, 1);
    struct stat status;

    tree->root.fd = -1;
    host->machine = &machine; /* from here on hv_host_free() frees the tree */
    host->data = tree;
    host->root = g_strdup(root);
    if (!root) /* an empty one */
        return TRUE;
    if (stat(root, &status) != 0)
        return hv_error_set_errno(error, errno, root);
    if (S_ISDIR(status.st_mode)) {
        if (!open_directory(tree, root, error))
            return FALSE;
    } else if (S_ISREG(status.st_mode)) {
        if (!open_xml(tree, root, error))
            return FALSE;
    } else {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    "%s: neither a directory nor an XML file", root);
        return FALSE;
    }
    host->root_fd = tree->root.fd;
    return TRUE;
}
