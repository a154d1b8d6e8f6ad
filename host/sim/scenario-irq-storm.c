/* The scenario "irq-storm": every interrupt of a guest costs exits, and a card's own go to the
 * far socket. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/scenario-private.h"

static HvSimVmSpec
forwarder(const char *name, const char *cpus, const char *owner)
{
    return (HvSimVmSpec){
        .name = name,
        .owner = owner,
        .n_vcpus = 6,
        .memory_bytes = 16 * HV_SIM_GIB,
        .pages = HV_SIM_PAGES_THP,
        .one_to_one = TRUE,
        .cells = { { .cpus = cpus, .hot = { 1 }, .cold = { 0.7 } } },
        .emulator_cpus = "64-67",
        .n_vhosts = 2,
        .load = {
            .demand = 0.75,
            .demand_noise = 0.03,
            .noise_phi = 0.8,
            .cpi = 0.8,
            .accesses_per_instruction = 0.006,
            .miss_floor = 0.1,
            .miss_none = 0.4,
            .working_set_bytes = 6e6,
            .write_ratio = 0.4,
            .closed_loop = TRUE,
            .overlap = 2,
            .interrupts_per_s = 30000,
            .ipis_per_s = 6000,
            .network_bytes_per_s = 6e7,
            .instructions_per_work = 9000,
        },
    };
}

static HvSimVmSpec
quiet(const char *name, const char *cpus)
{
    return (HvSimVmSpec){
        .name = name,
        .n_vcpus = 4,
        .memory_bytes = 16 * HV_SIM_GIB,
        .pages = HV_SIM_PAGES_THP,
        .one_to_one = TRUE,
        .cells = { { .cpus = cpus, .hot = { 0, 1 }, .cold = { 0, 0.9 } } },
        .n_vhosts = 1,
        .load = {
            .demand = 0.2,
            .demand_noise = 0.05,
            .noise_phi = 0.8,
            .cpi = 1,
            .accesses_per_instruction = 0.012,
            .miss_floor = 0.15,
            .miss_none = 0.5,
            .working_set_bytes = 8e6,
            .write_ratio = 0.3,
            .interrupts_per_s = 6000,
            .ipis_per_s = 800,
            .network_bytes_per_s = 1e7,
        },
    };
}

static void
build(HvSimWorld *world)
{
    const HvSimVmSpec specs[] = {
        forwarder("lb-1", "4-9", "nova: n1.large, project edge"),
        forwarder("lb-2", "10-15", "nova: n1.large, project edge"),
        forwarder("gw-1", "16-21", NULL),
        forwarder("gw-2", "22-27", NULL),
        quiet("db-1", "40-43"),
        quiet("log-1", "44-47"),
    };

    world->apicv = FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(specs); i++)
        hv_sim_add_vm(world, &specs[i]);
    hv_sim_add_usual(world, "56-63", 160000);
    hv_sim_add_watch(world, "packets_per_s", "lb-1", hv_sim_watch_work);
}

const HvSimScenarioClass hv_sim_class_irq_storm = {
    .name = "irq-storm",
    .geometry = &hv_sim_geometry_intel,
    .history_ns = 60 * G_GINT64_CONSTANT(1000000000),
    .build = build,
};
