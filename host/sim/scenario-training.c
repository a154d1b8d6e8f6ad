/* The scenario "training": a parameter server that lives from its cache, beside workers that
 * stream through it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/scenario-private.h"

/* Stalls 35 % of its time at a miss ratio of 0.50, where it is without ways of its own, and
 * misses 0.24 with 36 MiB. */
static const HvSimVmSpec server = {
    .name = "ps-1",
    .owner = "nova: g2.4xlarge, project vision",
    .n_vcpus = 16,
    .memory_bytes = 64 * HV_SIM_GIB,
    .pages = HV_SIM_PAGES_HUGE_2M,
    .one_to_one = TRUE,
    .cells = { { .cpus = "0-15", .hot = { 1 }, .cold = { 1 } } },
    .emulator_cpus = "28-31",
    .n_vhosts = 1,
    .load = {
        .demand = 0.92,
        .demand_noise = 0.015,
        .noise_phi = 0.8,
        .cpi = 0.8,
        .accesses_per_instruction = 0.0127,
        .miss_floor = 0.093,
        .miss_none = 0.736,
        .working_set_bytes = 24 * 1048576.0,
        .write_ratio = 0.3,
        .closed_loop = TRUE,
        .overlap = 4,
        .interrupts_per_s = 800,
        .ipis_per_s = 300,
        .network_bytes_per_s = 2e8,
        .instructions_per_work = 27e6,
    },
};

static HvSimVmSpec
worker(const char *name, const char *cpus)
{
    return (HvSimVmSpec){
        .name = name,
        .owner = "nova: g2.2xlarge, project vision",
        .n_vcpus = 6,
        .memory_bytes = 48 * HV_SIM_GIB,
        .pages = HV_SIM_PAGES_THP,
        .one_to_one = TRUE,
        .cells = { { .cpus = cpus, .hot = { 1 }, .cold = { 0.95 } } },
        .emulator_cpus = "28-31",
        .n_vhosts = 1,
        .load = {
            .demand = 0.95,
            .demand_noise = 0.02,
            .noise_phi = 0.8,
            .cpi = 0.6,
            .accesses_per_instruction = 0.012,
            .miss_floor = 0.95,
            .miss_none = 0.95,
            .streams = TRUE,
            .write_ratio = 0.25,
            .closed_loop = TRUE,
            .overlap = 8,
            .interrupts_per_s = 600,
            .ipis_per_s = 200,
            .network_bytes_per_s = 1.5e8,
        },
    };
}

static HvSimVmSpec
small(const char *name, const char *cpus)
{
    return (HvSimVmSpec){
        .name = name,
        .n_vcpus = 4,
        .memory_bytes = 16 * HV_SIM_GIB,
        .pages = HV_SIM_PAGES_THP,
        .cells = { { .cpus = cpus, .hot = { 0, 1 }, .cold = { 0, 0.8 } } },
        .n_vhosts = 1,
        .load = {
            .demand = 0.3,
            .demand_noise = 0.06,
            .noise_phi = 0.8,
            .day_amplitude = 0.4,
            .day_period_ns = 900 * G_GINT64_CONSTANT(1000000000),
            .cpi = 1,
            .accesses_per_instruction = 0.012,
            .miss_floor = 0.15,
            .miss_none = 0.5,
            .working_set_bytes = 8e6,
            .write_ratio = 0.3,
            .interrupts_per_s = 3000,
            .network_bytes_per_s = 5e7,
        },
    };
}

static void
build(HvSimWorld *world)
{
    const HvSimVmSpec specs[] = { server,
                                  worker("worker-1", "16-21"),
                                  worker("worker-2", "22-27"),
                                  small("web-1", "32-39"),
                                  small("web-2", "40-47"),
                                  small("ci-3", "48-55") };

    world->nodes[0].huge_2m_total = world->nodes[0].huge_2m_free = 40960;
    world->nodes[1].huge_2m_total = world->nodes[1].huge_2m_free = 8192;
    for (guint i = 0; i < G_N_ELEMENTS(specs); i++)
        hv_sim_add_vm(world, &specs[i]);
    hv_sim_add_usual(world, "28-31", 50000);
    hv_sim_add_watch(world, "images_per_s", "ps-1", hv_sim_watch_work);
}

const HvSimScenarioClass hv_sim_class_training = {
    .name = "training",
    .geometry = &hv_sim_geometry_intel,
    .history_ns = 60 * G_GINT64_CONSTANT(1000000000),
    .build = build,
};
