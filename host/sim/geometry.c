/* How simulated machines are built, and the variants of a build that can be asked for. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/scenario-private.h"

/* Two sockets of Ice Lake's kind with one link of 11.2 GT/s between them: 22.4 GB/s each way,
 * of which 18 are data. */
const HvSimGeometry hv_sim_geometry_intel = {
    .vendor = HV_SIM_INTEL,
    .family = 6,
    .model = 106,
    .cpu_model = "Intel(R) Xeon(R) Platinum 8358 CPU @ 2.60GHz",
    .n_packages = 2,
    .cores_per_package = 32,
    .threads_per_core = 2,
    .l3_per_package = 1,
    .node_bytes = 512 * HV_SIM_GIB,
    .base_hz = G_GUINT64_CONSTANT(2600000000),
    .l3_bytes = 48 * HV_SIM_MIB,
    .n_ways = 12,
    .shareable_ways = 0xc00,
    .n_l3_closids = 16,
    .n_mb_closids = 8,
    .n_rmids = 224,
    .mb_per_thread_max = TRUE,
    .dram_bytes_per_s = 170e9,
    .link_bytes_per_s = 18e9,
    .kernel = "6.1.0-30-amd64",
};

const HvSimGeometry hv_sim_geometry_fleet = {
    .vendor = HV_SIM_INTEL,
    .family = 6,
    .model = 143,
    .cpu_model = "Intel(R) Xeon(R) Platinum 8462Y+",
    .n_packages = 8,
    .cores_per_package = 32,
    .threads_per_core = 2,
    .l3_per_package = 1,
    .node_bytes = 1024 * HV_SIM_GIB,
    .base_hz = G_GUINT64_CONSTANT(2800000000),
    .l3_bytes = 60 * HV_SIM_MIB,
    .n_ways = 15,
    .shareable_ways = 0x6000,
    .n_l3_closids = 15,
    .n_mb_closids = 15,
    .n_rmids = 384,
    .mb_per_thread_max = TRUE,
    .dram_bytes_per_s = 250e9,
    .link_bytes_per_s = 36e9,
    .kernel = "6.1.0-30-amd64",
    .n_vms = 1000,
    .n_vcpus = 2,
};

const HvSimGeometry hv_sim_geometry_lab = {
    .vendor = HV_SIM_INTEL,
    .family = 6,
    .model = 85,
    .cpu_model = "QEMU TCG CPU version 2.5+",
    .n_packages = 2,
    .cores_per_package = 2,
    .threads_per_core = 2,
    .l3_per_package = 1,
    .node_bytes = 2 * HV_SIM_GIB,
    .base_hz = G_GUINT64_CONSTANT(2000000000),
    .l3_bytes = 24 * HV_SIM_MIB,
    .n_ways = 12,
    .shareable_ways = 0xc00,
    .n_l3_closids = 16,
    .n_mb_closids = 8,
    .n_rmids = 64,
    .mb_per_thread_max = TRUE,
    .dram_bytes_per_s = 20e9,
    .link_bytes_per_s = 10e9,
    .kernel = "6.1.0-30-amd64",
    .adjacent_siblings = TRUE,
};

#define AMD_UNLIMITED 2048 /* eighths of GB/s */
#define MOST_VMS 2000
#define MOST_VCPUS 64 /* of a VM */

/* Milan's kind: a cache for each four cores. */
static void
make_amd(HvSimGeometry *geometry)
{
    gboolean small = geometry->cores_per_package < 8;

    geometry->vendor = HV_SIM_AMD;
    geometry->family = 25;
    geometry->model = 1;
    geometry->cpu_model = "AMD EPYC 7543 32-Core Processor";
    geometry->l3_per_package = small ? 1 : geometry->cores_per_package / 4;
    geometry->l3_bytes = (small ? 16 : 32) * HV_SIM_MIB;
    geometry->n_ways = 16;
    geometry->shareable_ways = 0;
    geometry->n_l3_closids = geometry->n_mb_closids = 16;
    geometry->n_rmids = small ? geometry->n_rmids : 256;
    geometry->mb_per_thread_max = FALSE;
}

/* @word is "NAME=NUMBER" within limits. */
static gboolean
vary_number(const char *word, const char *name, guint max, guint *value)
{
    guint64 number;

    if (!g_str_has_prefix(word, name) ||
        !g_ascii_string_to_unsigned(word + strlen(name), 10, 1, max, &number, NULL))
        return FALSE;
    *value = (guint)number;
    return TRUE;
}

/* What only a fleet has in any size. */
static gboolean
vary_fleet(HvSimGeometry *geometry, const char *word)
{
    return geometry->n_vms > 0 &&
           (vary_number(word, "sockets=", HV_SIM_MAX_NODES, &geometry->n_packages) ||
            vary_number(word, "vms=", MOST_VMS, &geometry->n_vms) ||
            vary_number(word, "vcpus=", MOST_VCPUS, &geometry->n_vcpus));
}

static gboolean
vary(HvSimGeometry *geometry, const char *word)
{
    if (g_str_equal(word, "intel"))
        return geometry->vendor == HV_SIM_INTEL;
    if (g_str_equal(word, "amd"))
        make_amd(geometry);
    else if (g_str_equal(word, "cdp"))
        geometry->cdp = TRUE;
    else if (g_str_equal(word, "unmounted"))
        geometry->unmounted = TRUE;
    else if (g_str_equal(word, "kernel=6.1"))
        geometry->kernel = "6.1.0-30-amd64";
    else if (g_str_equal(word, "kernel=6.12"))
        geometry->kernel = "6.12.12+bpo-amd64";
    else if (g_str_has_prefix(word, "counters="))
        return geometry->vendor == HV_SIM_AMD &&
               vary_number(word, "counters=", HV_SIM_MAX_RMIDS, &geometry->n_amd_counters);
    else
        return vary_fleet(geometry, word) ||
               vary_number(word, "rmids=", HV_SIM_MAX_RMIDS, &geometry->n_rmids);
    return TRUE;
}

gboolean
hv_sim_geometry_vary(HvSimGeometry *geometry, const char *variant, GError **error)
{
    g_auto(GStrv) words = g_strsplit(variant ? variant : "", ",", -1);

    for (guint i = 0; words[i]; i++)
        if (*words[i] && !vary(geometry, words[i])) {
            g_set_error(
                error, HV_ERROR, HV_ERROR_MALFORMED,
                "demo variant '%s' is none of amd, cdp, unmounted, rmids=N, kernel=6.1, "
                "kernel=6.12; after amd counters=N; of fleet sockets=N, vms=N, vcpus=N",
                words[i]);
            return FALSE;
        }
    return TRUE;
}

static void
make_cpu(HvSimWorld *world, guint number)
{
    const HvSimGeometry *geometry = &world->geometry;
    guint n_cores = geometry->n_packages * geometry->cores_per_package;
    guint threads = geometry->threads_per_core;
    gboolean adjacent = geometry->adjacent_siblings;
    guint core = adjacent ? number / threads : number % n_cores;
    guint thread = adjacent ? number % threads : number / n_cores;
    guint other = threads > 1 ? (thread + 1) % threads : thread;
    guint in_package = core % geometry->cores_per_package;
    HvSimCpu *cpu = &world->cpus[number];

    cpu->cpu = number;
    cpu->online = TRUE;
    cpu->core = core;
    cpu->package = cpu->node = core / geometry->cores_per_package;
    cpu->l3 = cpu->package * geometry->l3_per_package +
              in_package * geometry->l3_per_package / geometry->cores_per_package;
    cpu->sibling = adjacent ? core * threads + other : other * n_cores + core;
    cpu->idle_ns = (double)world->now_ns;
}

/* What the kernel, its page cache and daemons take of a node that nobody else fills. */
#define SYSTEM_BYTES (12 * HV_SIM_GIB)
#define UPTIME_NS (12 * 86400 * G_GINT64_CONSTANT(1000000000))
#define OPENED_NS (G_GINT64_CONSTANT(1772456400) * 1000000000) /* 2026-03-02 13:00 UTC */

void
hv_sim_machine_make(HvSimWorld *world)
{
    const HvSimGeometry *geometry = &world->geometry;

    world->now_ns = UPTIME_NS;
    world->epoch_ns = OPENED_NS - UPTIME_NS;
    world->n_nodes = geometry->n_packages;
    world->n_l3 = geometry->n_packages * geometry->l3_per_package;
    world->n_cpus =
        geometry->n_packages * geometry->cores_per_package * geometry->threads_per_core;
    world->cpus = g_new0(HvSimCpu, world->n_cpus);
    world->nodes = g_new0(HvSimNode, world->n_nodes);
    world->apicv = TRUE;
    world->halt_poll_ns = 200000;
    world->irqbalance = TRUE;
    for (guint i = 0; i < world->n_cpus; i++)
        make_cpu(world, i);
    for (guint i = 0; i < world->n_nodes; i++) {
        world->nodes[i].node = world->nodes[i].package = i;
        world->nodes[i].total_bytes = geometry->node_bytes;
        world->nodes[i].used_bytes = MIN(SYSTEM_BYTES, geometry->node_bytes / 8);
    }
    for (guint i = 0; i < HV_SIM_MAX_CLOSIDS; i++) {
        world->classes[i].used = i == 0;
        for (guint l3 = 0; l3 < HV_SIM_MAX_L3; l3++) {
            world->classes[i].code_mask[l3] = world->classes[i].data_mask[l3] =
                (1u << geometry->n_ways) - 1;
            world->classes[i].mb[l3] = geometry->vendor == HV_SIM_AMD ? AMD_UNLIMITED : 100;
        }
    }
}
