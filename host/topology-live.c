/* This machine's topology: from its lists at first, then from hwloc. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/real.h"
#include "host/root.h"
#include "host/topology-private.h"

#include "host/parse.h"

#include <fcntl.h>
#include <string.h>

#define RUN_DIRECTORY                                                                          \
    "/run/hvtune" /* unless systemd gives one: systemd.exec(5), RuntimeDirectory= */
/* Of what is kept there; to be raised when hwloc is set up differently. */
#define STORE_VERSION 1

/* A kernel without NUMA has no node files; hwloc shows one node then, and so do the lists. */
static void
add_only_node(HvTopology *topology, const HvTopologySource *source)
{
    HvTopoNode *node = g_new0(HvTopoNode, 1);
    g_autofree char *text = NULL;
    gsize length;

    text = hv_source_read_text(source, "proc/meminfo", 1u << 20, &length, NULL);
    node->package = -1;
    node->cpus = hv_set_copy(topology->online);
    node->has_memory_bytes = text && hv_colon_u64(text, "MemTotal", &node->memory_bytes, NULL);
    g_free(topology->nodes);
    topology->nodes = node;
    topology->n_nodes = 1;
    hv_topology_link(topology);
}

static HvTopology *
read_lists(gpointer data, GError **error)
{
    const HvTopologySource source = { &hv_real_files, data };
    HvTopology *topology = hv_topology_from_sysfs(&source, error);

    if (topology && topology->n_nodes == 0)
        add_only_node(topology, &source);
    if (topology)
        topology->this_system = TRUE;
    return topology;
}

static void
read_stamp(gpointer data, char *buffer, gsize size)
{
    const HvTopologySource source = { &hv_real_files, data };

    if (hv_source_read(&source, "sys/devices/system/cpu/online", buffer, size) < 0)
        buffer[0] = '\0';
}

/* Whether somebody has asked hwloc for another machine than this. */
static gboolean
is_redirected(void)
{
    static const char *const names[] = { "HWLOC_XMLFILE", "HWLOC_SYNTHETIC", "HWLOC_FSROOT",
                                         "HWLOC_CPUID_PATH", "HWLOC_COMPONENTS" };

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        if (g_getenv(names[i]))
            return TRUE;
    }
    return FALSE;
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The PCI devices are part of the key: virtual functions come and go without a boot. */
static char *
make_key(const HvTopologySource *source, const char *stamp)
{
    g_autoptr(GPtrArray) devices =
        source->files->list(source->data, "sys/bus/pci/devices", NULL);
    g_autoptr(GChecksum) digest = g_checksum_new(G_CHECKSUM_SHA256);
    char boot_id[64];

    if (hv_source_read(source, "proc/sys/kernel/random/boot_id", boot_id, sizeof boot_id) <= 0)
        return NULL;
    if (devices)
        g_ptr_array_sort(devices, compare_names);
    for (guint i = 0; devices && i < devices->len; i++) {
        const char *name = devices->pdata[i];

        g_checksum_update(digest, (const guchar *)name, (gssize)strlen(name) + 1);
    }
    return g_strdup_printf("%s %s %d-%x %s", boot_id, stamp, STORE_VERSION,
                           hwloc_get_api_version(), g_checksum_get_string(digest));
}

static hwloc_topology_t
discover(GError **error)
{
    hwloc_topology_t loaded = hv_topology_prepare();

    if (loaded && hwloc_topology_load(loaded) == 0)
        return loaded;
    if (loaded)
        hwloc_topology_destroy(loaded);
    g_set_error_literal(error, HV_ERROR, HV_ERROR_FAILED, "hwloc cannot read this machine");
    return NULL;
}

static const char *
run_directory(void)
{
    const char *given = g_getenv("RUNTIME_DIRECTORY");

    return given && g_path_is_absolute(given) ? given : RUN_DIRECTORY;
}

/* Only root keeps and trusts what is in /run: anybody else could not write there. */
static HvTopology *
load_with(const HvTopologySource *source, const char *stamp, GError **error)
{
    gboolean may_keep = geteuid() == 0 && !is_redirected();
    g_autofree char *key = may_keep ? make_key(source, stamp) : NULL;
    hwloc_topology_t loaded = key ? hv_topology_stored(run_directory(), key) : NULL;
    gboolean was_stored = loaded != NULL;
    HvTopology *topology;

    if (!loaded)
        loaded = discover(error);
    if (!loaded)
        return NULL;
    topology = hv_topology_from_hwloc(loaded, "hwloc", error);
    if (topology && was_stored)
        topology->this_system = TRUE; /* the key is this boot's */
    if (topology && topology->this_system && !was_stored && key)
        hv_topology_store(run_directory(), key, loaded);
    hwloc_topology_destroy(loaded);
    if (topology && topology->this_system) {
        hv_topology_number_llcs(topology, source);
        hv_topology_amend(topology, source);
    }
    return topology;
}

static HvTopology *
load_all(const char *stamp, GError **error)
{
    hv_autofd fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    HvRoot root = { .fd = fd };
    const HvTopologySource source = { &hv_real_files, &root };

    return load_with(&source, stamp, error);
}

const HvTopologyOps hv_live_topology = { .quick = read_lists,
                                         .load = load_all,
                                         .stamp = read_stamp };
