/* The scenario "oom": a VM with less memory than it needs, by its balloon and by its limit. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/scenario-private.h"

static const HvSimVmSpec orders_1 = {
    .name = "orders-1",
    .owner = "nova: m1.xlarge, project shop",
    .n_vcpus = 8,
    .memory_bytes = 32 * HV_SIM_GIB,
    .pages = HV_SIM_PAGES_THP,
    .one_to_one = TRUE,
    .cells = { { .cpus = "8-15", .hot = { 1 }, .cold = { 0.66 } } },
    .emulator_cpus = "0-3",
    .n_iothreads = 1,
    .n_vhosts = 1,
    .balloon_bytes = 26 * HV_SIM_GIB,
    .hard_limit_bytes = 23 * HV_SIM_GIB,
    .swap_limit_bytes = 16 * HV_SIM_GIB,
    .load = {
        .demand = 0.05,
        .demand_noise = 0.02,
        .noise_phi = 0.8,
        .cpi = 1,
        .accesses_per_instruction = 0.015,
        .miss_floor = 0.2,
        .miss_none = 0.5,
        .working_set_bytes = 12e6,
        .write_ratio = 0.35,
        .arrivals_per_s = 850,
        .service_cpu_ns = 250000,
        .service_misses = 900,
        .interrupts_per_s = 2500,
        .ipis_per_s = 300,
        .network_bytes_per_s = 8e7,
        .need_bytes = 30 * HV_SIM_GIB,
        .growth_bytes_per_s = 30e6,
    },
};

static HvSimVmSpec
neighbour(const char *name, const char *cpus, guint node)
{
    HvSimVmSpec spec = {
        .name = name,
        .n_vcpus = 4,
        .memory_bytes = 16 * HV_SIM_GIB,
        .pages = HV_SIM_PAGES_THP,
        .one_to_one = TRUE,
        .cells = { { .cpus = cpus } },
        .n_vhosts = 1,
        .load = {
            .demand = 0.3,
            .demand_noise = 0.05,
            .noise_phi = 0.8,
            .cpi = 1,
            .accesses_per_instruction = 0.012,
            .miss_floor = 0.15,
            .miss_none = 0.5,
            .working_set_bytes = 8e6,
            .write_ratio = 0.3,
            .interrupts_per_s = 2000,
            .network_bytes_per_s = 3e7,
        },
    };

    spec.cells[0].hot[node] = 1;
    spec.cells[0].cold[node] = 0.9;
    return spec;
}

static void
build(HvSimWorld *world)
{
    const HvSimVmSpec specs[] = { orders_1, neighbour("web-1", "16-19", 0),
                                  neighbour("web-2", "20-23", 0),
                                  neighbour("mail-1", "40-43", 1),
                                  neighbour("ci-1", "44-47", 1) };

    for (guint i = 0; i < G_N_ELEMENTS(specs); i++)
        hv_sim_add_vm(world, &specs[i]);
    hv_sim_add_usual(world, "0-3", 50000);
    hv_sim_add_watch(world, "orders_p99_ms", "orders-1", hv_sim_watch_p99);
}

const HvSimScenarioClass hv_sim_class_oom = {
    .name = "oom",
    .geometry = &hv_sim_geometry_intel,
    .history_ns = 60 * G_GINT64_CONSTANT(1000000000),
    .build = build,
};
