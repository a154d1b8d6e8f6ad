/* The scenario "noisy": one VM takes the memory bandwidth of its node from the others. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/scenario-private.h"

static const HvSimVmSpec scan_1 = {
    .name = "scan-1",
    .n_vcpus = 12,
    .memory_bytes = 128 * HV_SIM_GIB,
    .pages = HV_SIM_PAGES_THP,
    .one_to_one = TRUE,
    .cells = { { .cpus = "4-15", .hot = { 1 }, .cold = { 0.98 } } },
    .emulator_cpus = "0-3",
    .n_vhosts = 1,
    .load = {
        .demand = 0.98,
        .demand_noise = 0.01,
        .noise_phi = 0.8,
        .cpi = 0.5,
        .accesses_per_instruction = 0.1,
        .miss_floor = 0.95,
        .miss_none = 0.95,
        .streams = TRUE,
        .write_ratio = 0.25,
        .closed_loop = TRUE,
        .overlap = 48,
        .interrupts_per_s = 300,
        .network_bytes_per_s = 1e7,
    },
};

static HvSimVmSpec
report(const char *name, const char *cpus, const char *owner)
{
    return (HvSimVmSpec){
        .name = name,
        .owner = owner,
        .n_vcpus = 4,
        .memory_bytes = 32 * HV_SIM_GIB,
        .pages = HV_SIM_PAGES_THP,
        .one_to_one = TRUE,
        .cells = { { .cpus = cpus, .hot = { 1 }, .cold = { 0.95 } } },
        .emulator_cpus = "0-3",
        .n_vhosts = 1,
        .load = {
            .demand = 0.8,
            .demand_noise = 0.02,
            .noise_phi = 0.8,
            .cpi = 0.8,
            .accesses_per_instruction = 0.02,
            .miss_floor = 0.3,
            .miss_none = 0.6,
            .working_set_bytes = 20e6,
            .write_ratio = 0.3,
            .closed_loop = TRUE,
            .overlap = 2.5,
            .interrupts_per_s = 900,
            .network_bytes_per_s = 3e7,
            .instructions_per_work = 60000,
        },
    };
}

/* Runs on the sibling threads of the noisy one's cores: a throttle there reaches it too. */
static const HvSimVmSpec api_2 = {
    .name = "api-2",
    .n_vcpus = 4,
    .memory_bytes = 8 * HV_SIM_GIB,
    .pages = HV_SIM_PAGES_THP,
    .one_to_one = TRUE,
    .cells = { { .cpus = "68-71", .hot = { 1 }, .cold = { 0.9 } } },
    .n_vhosts = 1,
    .load = {
        .demand = 0.35,
        .demand_noise = 0.05,
        .noise_phi = 0.8,
        .cpi = 0.9,
        .accesses_per_instruction = 0.03,
        .miss_floor = 0.1,
        .miss_none = 0.5,
        .working_set_bytes = 5e6,
        .write_ratio = 0.3,
        .closed_loop = TRUE,
        .overlap = 2,
        .interrupts_per_s = 3000,
        .network_bytes_per_s = 4e7,
    },
};

static HvSimVmSpec
distant(const char *name, const char *cpus)
{
    HvSimVmSpec spec = report(name, cpus, NULL);

    spec.cells[0] = (HvSimCellSpec){ .cpus = cpus, .hot = { 0, 1 }, .cold = { 0, 0.9 } };
    spec.emulator_cpus = "60-63";
    return spec;
}

static void
build(HvSimWorld *world)
{
    const HvSimVmSpec specs[] = { scan_1,
                                  report("report-1", "20-23", "nova: m1.large, project sales"),
                                  report("report-2", "24-27", "nova: m1.large, project sales"),
                                  report("stock-3", "28-31", NULL),
                                  api_2,
                                  distant("dev-1", "40-43"),
                                  distant("dev-2", "44-47") };

    for (guint i = 0; i < G_N_ELEMENTS(specs); i++)
        hv_sim_add_vm(world, &specs[i]);
    hv_sim_add_usual(world, "0-3", 40000);
    hv_sim_add_watch(world, "reports_per_s", "report-1", hv_sim_watch_work);
}

const HvSimScenarioClass hv_sim_class_noisy = {
    .name = "noisy",
    .geometry = &hv_sim_geometry_intel,
    .history_ns = 60 * G_GINT64_CONSTANT(1000000000),
    .build = build,
};
