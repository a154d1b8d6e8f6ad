/* The scenario "redis": a server whose memory is on the other socket, among a dozen VMs with
 * smaller troubles. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/scenario-private.h"

#define OTHERS_BYTES                                                                           \
    (188 * HV_SIM_GIB) /* page cache and images on node 0, which is what makes it full */

/* A shard of the data on each vCPU: λS = 0.5 and S = 326 µs when all is local. */
static const HvSimVmSpec redis_1 = {
    .name = "redis-1",
    .owner = "nova: r1.2xlarge, project shop",
    .n_vcpus = 8,
    .memory_bytes = 64 * HV_SIM_GIB,
    .pages = HV_SIM_PAGES_THP,
    .one_to_one = TRUE,
    .cells = { { .cpus = "24-31", .hot = { 0.035, 0.965 }, .cold = { 0.02, 0.98 } } },
    .emulator_cpus = "0-3",
    .n_iothreads = 1,
    .n_vhosts = 2,
    .load = {
        .demand = 0.04,
        .demand_noise = 0.008,
        .noise_phi = 0.8,
        .cpi = 0.9,
        .accesses_per_instruction = 0.02,
        .miss_floor = 0.6,
        .miss_none = 0.9,
        .working_set_bytes = 2e9,
        .write_ratio = 0.32,
        .closed_loop = TRUE,
        .arrivals_per_s = 1534,
        .service_cpu_ns = 80500,
        .service_misses = 2700,
        .interrupts_per_s = 3000,
        .ipis_per_s = 200,
        .network_bytes_per_s = 3e8,
        .host_share = 0.14,
    },
};

static const HvSimVmSpec trainer_a = {
    .name = "trainer-a",
    .owner = "nova: g1.4xlarge, project vision",
    .n_vcpus = 16,
    .memory_bytes = 96 * HV_SIM_GIB,
    .pages = HV_SIM_PAGES_HUGE_2M,
    .one_to_one = TRUE,
    .cells = { { .cpus = "8-23", .hot = { 0.96, 0.04 }, .cold = { 0.97, 0.03 } } },
    .emulator_cpus = "0-3",
    .n_vhosts = 1,
    .cpu_weight = 6000,
    .load = {
        .demand = 0.93,
        .demand_noise = 0.02,
        .noise_phi = 0.8,
        .cpi = 0.7,
        .accesses_per_instruction = 0.019,
        .miss_floor = 0.5,
        .miss_none = 0.75,
        .working_set_bytes = 60e6,
        .write_ratio = 0.35,
        .closed_loop = TRUE,
        .overlap = 6,
        .interrupts_per_s = 800,
        .ipis_per_s = 300,
        .network_bytes_per_s = 1e8,
    },
};

static HvSimVmSpec
web(const char *name, const char *cpus)
{
    return (HvSimVmSpec){
        .name = name,
        .n_vcpus = 4,
        .memory_bytes = 8 * HV_SIM_GIB,
        .pages = HV_SIM_PAGES_THP,
        .one_to_one = TRUE,
        .cells = { { .cpus = cpus, .hot = { 0.98, 0.02 }, .cold = { 0.93, 0.02 } } },
        .n_vhosts = 1,
        .load = {
            .demand = 0.14,
            .demand_noise = 0.06,
            .noise_phi = 0.8,
            .cpi = 1.1,
            .accesses_per_instruction = 0.02,
            .miss_floor = 0.1,
            .miss_none = 0.5,
            .working_set_bytes = 4e6,
            .write_ratio = 0.3,
            .interrupts_per_s = 6000,
            .ipis_per_s = 500,
            .network_bytes_per_s = 6e7,
        },
    };
}

/* Its emulator runs on the cpus of its vCPUs. */
static const HvSimVmSpec db_1 = {
    .name = "db-1",
    .n_vcpus = 12,
    .memory_bytes = 128 * HV_SIM_GIB,
    .pages = HV_SIM_PAGES_THP,
    .one_to_one = TRUE,
    .cells = { { .cpus = "32-43", .hot = { 0.03, 0.97 }, .cold = { 0.02, 0.96 } } },
    .emulator_cpus = "32-33",
    .n_iothreads = 2,
    .n_vhosts = 1,
    .load = {
        .demand = 0.58,
        .demand_noise = 0.04,
        .noise_phi = 0.8,
        .cpi = 0.9,
        .accesses_per_instruction = 0.02,
        .miss_floor = 0.2,
        .miss_none = 0.6,
        .working_set_bytes = 24e6,
        .write_ratio = 0.4,
        .closed_loop = TRUE,
        .overlap = 3,
        .interrupts_per_s = 4000,
        .ipis_per_s = 900,
        .network_bytes_per_s = 9e7,
        .emulator_demand = 0.3, /* it decrypts its disks in QEMU's main loop */
    },
};

/* Floats over both sockets beside pinned ones. */
static const HvSimVmSpec batch_7 = {
    .name = "batch-7",
    .n_vcpus = 8,
    .memory_bytes = 32 * HV_SIM_GIB,
    .pages = HV_SIM_PAGES_THP,
    .unpinned = TRUE,
    .cells = { { .cpus = "64-67,118-121", .hot = { 0.5, 0.5 }, .cold = { 0.5, 0.48 } } },
    .n_vhosts = 1,
    .load = {
        .demand = 0.8,
        .demand_noise = 0.03,
        .noise_phi = 0.8,
        .cpi = 0.8,
        .accesses_per_instruction = 0.0045,
        .miss_floor = 0.3,
        .miss_none = 0.6,
        .working_set_bytes = 16e6,
        .write_ratio = 0.3,
        .closed_loop = TRUE,
        .overlap = 10,
        .interrupts_per_s = 300,
        .ipis_per_s = 100,
        .network_bytes_per_s = 1e7,
    },
};

/* A process that libvirt does not know. */
static const HvSimVmSpec unknown = {
    .name = "pid-4711",
    .n_vcpus = 2,
    .memory_bytes = 4 * HV_SIM_GIB,
    .pages = HV_SIM_PAGES_THP,
    .not_in_libvirt = TRUE,
    .cells = { { .cpus = "0-3", .hot = { 0.9, 0 }, .cold = { 0.4, 0 } } },
    .load = {
        .demand = 0.06,
        .demand_noise = 0.1,
        .noise_phi = 0.8,
        .cpi = 1.1,
        .accesses_per_instruction = 0.01,
        .miss_floor = 0.1,
        .miss_none = 0.4,
        .working_set_bytes = 3e6,
        .write_ratio = 0.3,
        .interrupts_per_s = 900,
    },
};

/* Packet forwarding through a card of its own, which sits on the other socket than all the rest
 * of it: its DMA is most of what crosses between the sockets. Its pages are pinned: it cannot
 * be moved. */
static const HvSimVmSpec fw_1 = {
    .name = "fw-1",
    .owner = "nova: nfv.large, project net",
    .n_vcpus = 4,
    .memory_bytes = 16 * HV_SIM_GIB,
    .pages = HV_SIM_PAGES_HUGE_1G,
    .one_to_one = TRUE,
    .cells = { { .cpus = "4-7", .hot = { 1 }, .cold = { 1 } } },
    .emulator_cpus = "0-3",
    .passthrough = "0000:b1:00.0",
    .load = {
        .demand = 0.85,
        .demand_noise = 0.012,
        .noise_phi = 0.8,
        .cpi = 0.6,
        .accesses_per_instruction = 0.006,
        .miss_floor = 0.1,
        .miss_none = 0.4,
        .working_set_bytes = 4e6,
        .write_ratio = 0.5,
        .closed_loop = TRUE,
        .overlap = 4,
        .interrupts_per_s = 500,
    },
};

/* Two cells, each at home on its node: to be moved cell by cell or not at all. */
static const HvSimVmSpec sap_1 = {
    .name = "sap-1",
    .n_vcpus = 16,
    .memory_bytes = 128 * HV_SIM_GIB,
    .pages = HV_SIM_PAGES_THP,
    .one_to_one = TRUE,
    .cells = { { .cpus = "68-71,84-87", .hot = { 0.99, 0.01 }, .cold = { 0.9, 0 } },
               { .cpus = "44-51", .hot = { 0.01, 0.99 }, .cold = { 0, 0.9 } } },
    .emulator_cpus = "0-3",
    .n_iothreads = 1,
    .n_vhosts = 1,
    .load = {
        .demand = 0.24,
        .demand_noise = 0.05,
        .noise_phi = 0.8,
        .cpi = 0.9,
        .accesses_per_instruction = 0.015,
        .miss_floor = 0.2,
        .miss_none = 0.5,
        .working_set_bytes = 20e6,
        .write_ratio = 0.4,
        .closed_loop = TRUE,
        .overlap = 2,
        .interrupts_per_s = 1500,
        .ipis_per_s = 400,
        .network_bytes_per_s = 4e7,
    },
};

/* Its load swings by itself. */
static const HvSimVmSpec mail_2 = {
    .name = "mail-2",
    .n_vcpus = 4,
    .memory_bytes = 16 * HV_SIM_GIB,
    .pages = HV_SIM_PAGES_THP,
    .cells = { { .cpus = "96-103", .hot = { 0, 1 }, .cold = { 0, 0.8 } } },
    .n_vhosts = 1,
    .load = {
        .demand = 0.3,
        .demand_noise = 0.06,
        .noise_phi = 0.8,
        .day_amplitude = 0.6,
        .day_period_ns = 600 * G_GINT64_CONSTANT(1000000000),
        .cpi = 1.0,
        .accesses_per_instruction = 0.015,
        .miss_floor = 0.15,
        .miss_none = 0.5,
        .working_set_bytes = 8e6,
        .write_ratio = 0.3,
        .interrupts_per_s = 3000,
        .network_bytes_per_s = 5e7,
    },
};

static const HvSimVmSpec ci_5 = {
    .name = "ci-5",
    .n_vcpus = 4,
    .memory_bytes = 4 * HV_SIM_GIB,
    .pages = HV_SIM_PAGES_4K,
    .transient = TRUE,
    .cells = { { .cpus = "104-111", .hot = { 0.05, 0.95 }, .cold = { 0.05, 0.75 } } },
    .n_vhosts = 1,
    .quota_us = 50000,
    .load = {
        .demand = 0.44,
        .demand_noise = 0.1,
        .noise_phi = 0.8,
        .cpi = 0.9,
        .accesses_per_instruction = 0.012,
        .miss_floor = 0.1,
        .miss_none = 0.5,
        .working_set_bytes = 6e6,
        .write_ratio = 0.35,
        .interrupts_per_s = 700,
        .network_bytes_per_s = 1e7,
    },
};

/* Its guest's choice of devices keeps APICv off. */
static const HvSimVmSpec win_2 = {
    .name = "win-2",
    .n_vcpus = 4,
    .memory_bytes = 16 * HV_SIM_GIB,
    .pages = HV_SIM_PAGES_THP,
    .apicv_inhibited = TRUE,
    .cells = { { .cpus = "112-115", .hot = { 0.01, 0.99 }, .cold = { 0, 0.95 } } },
    .n_vhosts = 1,
    .load = {
        .demand = 0.2,
        .demand_noise = 0.08,
        .noise_phi = 0.8,
        .cpi = 1.0,
        .accesses_per_instruction = 0.012,
        .miss_floor = 0.15,
        .miss_none = 0.5,
        .working_set_bytes = 6e6,
        .write_ratio = 0.3,
        .interrupts_per_s = 5000,
        .ipis_per_s = 600,
        .network_bytes_per_s = 2e7,
    },
};

static const HvSimVmSpec old_3 = {
    .name = "old-3",
    .n_vcpus = 2,
    .memory_bytes = 4 * HV_SIM_GIB,
    .pages = HV_SIM_PAGES_THP,
    .state = HV_GUEST_PAUSED,
    .cells = { { .cpus = "0-31", .hot = { 1 }, .cold = { 0.6 } } },
    .load = { .demand = 0.1, .cpi = 1, .accesses_per_instruction = 0.01, .miss_none = 0.4 },
};

static void
build(HvSimWorld *world)
{
    const HvSimVmSpec webs[] = { web("web-3", "8-11"), web("web-4", "12-15") };
    const HvSimVmSpec *const specs[] = { &redis_1, &trainer_a, &webs[0], &webs[1], &db_1,
                                         &batch_7, &unknown,   &fw_1,    &sap_1,   &mail_2,
                                         &ci_5,    &win_2,     &old_3 };
    const HvSimDevice *device;

    world->nodes[0].used_bytes += OTHERS_BYTES;
    for (guint i = 0; i < world->n_nodes; i++) {
        HvSimNode *node = &world->nodes[i];

        node->huge_2m_total = node->huge_2m_free = i ? 4096 : 49152;
        node->huge_1g_total = node->huge_1g_free = i ? 4 : 16;
    }
    for (guint i = 0; i < G_N_ELEMENTS(specs); i++)
        hv_sim_add_vm(world, specs[i]);
    hv_sim_add_usual(world, "0-3", 60000);
    device = hv_sim_add_device(world, "0000:b1:00.0", 0x020000, NULL, 1, 8.95e9,
                               hv_world_vm(world, "fw-1"));
    hv_sim_add_irqs(world, device, "vfio-msix", 4, "52-55", FALSE, 8000,
                    hv_world_vm(world, "fw-1"));
    hv_sim_add_watch(world, "redis_p99_ms", "redis-1", hv_sim_watch_p99);
}

const HvSimScenarioClass hv_sim_class_redis = {
    .name = "redis",
    .geometry = &hv_sim_geometry_intel,
    .history_ns = 60 * G_GINT64_CONSTANT(1000000000),
    .build = build,
};
