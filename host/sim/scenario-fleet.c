/* The scenario "fleet", for measuring the program itself, and "lab", for comparing with the
 * shared lab. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/scenario-private.h"

/* The @n-th: on the packages in turn, free on the first threads or on the siblings of one of
 * them. */
static void
add_one(HvSimWorld *world, guint n)
{
    const HvSimGeometry *geometry = &world->geometry;
    guint package = n % geometry->n_packages;
    guint n_cores = geometry->n_packages * geometry->cores_per_package;
    guint first =
        package * geometry->cores_per_package + (n / geometry->n_packages % 2) * n_cores;
    g_autofree char *name = g_strdup_printf("vm-%04u", n + 1);
    g_autofree char *cpus =
        g_strdup_printf("%u-%u", first, first + geometry->cores_per_package - 1);
    HvSimVmSpec spec = {
        .name = name,
        .n_vcpus = geometry->n_vcpus,
        .memory_bytes = 4 * HV_SIM_GIB,
        .pages = HV_SIM_PAGES_THP,
        .unpinned = n % 50 == 49,
        .cells = { { .cpus = cpus } },
        .n_vhosts = 1,
        .load = {
            .demand = 0.05 + 0.02 * (n % 11),
            .demand_noise = 0.1,
            .noise_phi = 0.8,
            .cpi = 1,
            .accesses_per_instruction = 0.008,
            .miss_floor = 0.1,
            .miss_none = 0.5,
            .working_set_bytes = 2e6 + 1e6 * (n % 7),
            .write_ratio = 0.3,
            .interrupts_per_s = 1000 + 100 * (n % 13),
            .network_bytes_per_s = 1e6,
            .instructions_per_work = 1e6,
        },
    };
    guint home = n % 40 == 39 ? (package + 1) % geometry->n_packages : package;

    spec.cells[0].hot[home] = 1;
    spec.cells[0].cold[home] = 0.8;
    hv_sim_add_vm(world, &spec);
}

static void
build_fleet(HvSimWorld *world)
{
    for (guint i = 0; i < world->geometry.n_vms; i++)
        add_one(world, i);
    hv_sim_add_usual(world, "0-15", 200000);
    hv_sim_add_watch(world, "jobs_per_s", world->geometry.n_vms < 40 ? "vm-0001" : "vm-0040",
                     hv_sim_watch_work);
}

const HvSimScenarioClass hv_sim_class_fleet = {
    .name = "fleet",
    .geometry = &hv_sim_geometry_fleet,
    .history_ns = 5 * G_GINT64_CONSTANT(1000000000),
    .build = build_fleet,
};

static void
build_lab(HvSimWorld *world)
{
    static const char *const names[] = { "one", "two" };
    HvSimVmSpec spec = {
        .n_vcpus = 2,
        .memory_bytes = 256 * HV_SIM_MIB,
        .pages = HV_SIM_PAGES_4K,
        .unpinned = TRUE,
        .load = {
            .demand = 0.5,
            .demand_noise = 0.05,
            .noise_phi = 0.8,
            .cpi = 1,
            .accesses_per_instruction = 0.01,
            .miss_floor = 0.2,
            .miss_none = 0.6,
            .working_set_bytes = 4e6,
            .write_ratio = 0.3,
        },
    };

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        spec.name = names[i];
        spec.cells[0] = (HvSimCellSpec){ .cpus = i ? "4-7" : "0-3" };
        spec.cells[0].hot[i] = 1;
        spec.cells[0].cold[i] = 0.5;
        hv_sim_add_vm(world, &spec);
    }
    hv_sim_add_host_threads(world);
    hv_sim_add_watch(world, "jobs_per_s", "one", hv_sim_watch_work);
}

const HvSimScenarioClass hv_sim_class_lab = {
    .name = "lab",
    .geometry = &hv_sim_geometry_lab,
    .history_ns = 5 * G_GINT64_CONSTANT(1000000000),
    .build = build_lab,
};
