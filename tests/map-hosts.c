/* Machines for the tests of the Map: invented ones of any shape, and a snapshot with VMs for
 * each topology. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/map-hosts.h"

#include "model/knob.h"

const HvTestMachine hv_test_machines[] = {
    { .name = "one-cpu",
      .n_packages = 1,
      .n_cores = 1,
      .n_threads = 1,
      .n_nodes = 1,
      .n_llcs = 1 },
    { .name = "two-cpus",
      .n_packages = 1,
      .n_cores = 2,
      .n_threads = 1,
      .n_nodes = 1,
      .n_llcs = 1,
      .devices = TRUE },
    { .name = "2x20x2",
      .n_packages = 2,
      .n_cores = 20,
      .n_threads = 2,
      .n_nodes = 1,
      .n_llcs = 1,
      .devices = TRUE },
    { .name = "8x32x2",
      .n_packages = 8,
      .n_cores = 32,
      .n_threads = 2,
      .n_nodes = 1,
      .n_llcs = 1 },
    { .name = "8x64",
      .n_packages = 8,
      .n_cores = 64,
      .n_threads = 1,
      .n_nodes = 2,
      .n_llcs = 8 },
    { .name = "offline",
      .n_packages = 2,
      .n_cores = 8,
      .n_threads = 2,
      .n_nodes = 1,
      .n_llcs = 1,
      .offline = "3,17,20-31" },
    { .name = "package-offline",
      .n_packages = 2,
      .n_cores = 2,
      .n_threads = 2,
      .n_nodes = 1,
      .n_llcs = 1,
      .offline = "2-3,6-7" },
    { .name = "half-offline",
      .n_packages = 4,
      .n_cores = 64,
      .n_threads = 2,
      .n_nodes = 1,
      .n_llcs = 1,
      .offline = "1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31,33,35,37,39,41,43,45,"
                 "47,49,51,53,55,57,59,61,63,65,67,69,71,73,75,77,79,81,83,85,87,89" },
    { .name = "memory-only",
      .n_packages = 1,
      .n_cores = 68,
      .n_threads = 4,
      .n_nodes = 1,
      .n_llcs = 34,
      .memory_only = TRUE,
      .devices = TRUE },
    { .name = "holes",
      .n_packages = 2,
      .n_cores = 4,
      .n_threads = 2,
      .n_nodes = 2,
      .n_llcs = 2,
      .node_stride = 7,
      .memory_only = TRUE,
      .devices = TRUE },
    { .name = "no-nodes",
      .n_packages = 2,
      .n_cores = 4,
      .n_threads = 2,
      .n_llcs = 1,
      .devices = TRUE },
    { .name = "no-llc", .n_packages = 2, .n_cores = 6, .n_threads = 2, .n_nodes = 1 },
    { .name = "snc",
      .n_packages = 2,
      .n_cores = 20,
      .n_threads = 2,
      .n_nodes = 2,
      .n_llcs = 1 },
    { .name = "crossing",
      .n_packages = 1,
      .n_cores = 12,
      .n_threads = 1,
      .n_nodes = 3,
      .n_llcs = 2 },
    { .name = "epyc",
      .n_packages = 2,
      .n_cores = 64,
      .n_threads = 1,
      .n_llcs = 8,
      .one_node = TRUE },
    { .name = "wide-numbers",
      .n_packages = 1,
      .n_cores = 600,
      .n_threads = 8,
      .n_nodes = 1,
      .n_llcs = 1 },
    { 0 },
};

const HvTestMachine *
hv_test_machine(const char *name)
{
    const HvTestMachine *machine = hv_test_machines;

    while (machine->name && !g_str_equal(machine->name, name))
        machine++;
    g_assert_nonnull(machine->name);
    return machine;
}

/* ---- topology ---- */

static guint
n_cpus_of(const HvTestMachine *machine)
{
    return machine->n_packages * machine->n_cores * machine->n_threads;
}

/* The cpus of cores [@first, @last) of all; threads are numbered after all cores, as Linux does
 * on x86. */
static HvSet *
cpus_of(const HvTestMachine *machine, guint first, guint last)
{
    const guint n_cores = machine->n_packages * machine->n_cores;
    HvSet *cpus = hv_set_new();

    for (guint thread = 0; thread < machine->n_threads; thread++)
        for (guint core = first; core < last; core++)
            hv_set_add(cpus, thread * n_cores + core);
    return cpus;
}

/* Part @index of @n parts, over all packages. */
static HvSet *
share_of(const HvTestMachine *machine, guint index, guint n)
{
    const guint package = index / n, part = index % n, base = package * machine->n_cores;

    return cpus_of(machine, base + part * machine->n_cores / n,
                   base + (part + 1) * machine->n_cores / n);
}

static void
add_nodes(HvTopology *topology, const HvTestMachine *machine)
{
    const guint stride = MAX(machine->node_stride, 1);
    const guint n = machine->one_node ? 1 : machine->n_packages * machine->n_nodes;

    topology->nodes = g_new0(HvTopoNode, n + 1);
    for (guint i = 0; i < n; i++)
        topology->nodes[topology->n_nodes++] = (HvTopoNode){
            .node = (int)(i * stride),
            .package = -1,
            .cpus = machine->one_node
                        ? cpus_of(machine, 0, machine->n_packages * machine->n_cores)
                        : share_of(machine, i, machine->n_nodes),
            .memory_bytes = G_GUINT64_CONSTANT(256) << 30,
            .has_memory_bytes = TRUE,
        };
    if (machine->memory_only)
        topology->nodes[topology->n_nodes++] =
            (HvTopoNode){ .node = (int)(n * stride),
                          .cpus = hv_set_new(),
                          .memory_bytes = G_GUINT64_CONSTANT(16) << 30,
                          .has_memory_bytes = TRUE };
}

static void
add_device(HvTopology *topology, const char *pci, const char *class_name, const char *names,
           const char *nodes)
{
    HvTopoDevice *device = &topology->devices[topology->n_devices++];

    *device = (HvTopoDevice){ .name = g_strdup(pci),
                              .pci = g_strdup(pci),
                              .class_name = g_strdup(class_name),
                              .os_names = g_strdup(names),
                              .node = -1,
                              .nodes = hv_set_parse(nodes, NULL) };
}

static void
add_devices(HvTopology *topology)
{
    topology->devices = g_new0(HvTopoDevice, 16);
    add_device(topology, "0000:02:00.0", "ethernet", "eth0 mlx5_0", "0");
    add_device(topology, "0000:03:00.0", "nvme", "nvme0n1", "0");
    for (guint i = 1; i < 7; i++) {
        g_autofree char *pci = g_strdup_printf("0000:02:00.%u", i);

        add_device(topology, pci, "ethernet", NULL, "0");
    }
    add_device(topology, "0000:81:00.0", "gpu", NULL, topology->n_nodes > 1 ? "1" : "0");
    add_device(topology, "0000:c1:00.0", "storage", "sda", topology->n_nodes > 1 ? "0-1" : "");
    add_device(topology, "0000:c2:00.0", "infiniband", NULL, "");
}

HvTopology *
hv_test_machine_topology(const HvTestMachine *machine)
{
    HvTopology *topology = hv_topology_new();
    g_autoptr(HvSet) offline = hv_set_parse(machine->offline ? machine->offline : "", NULL);

    topology->n_packages = machine->n_packages;
    topology->n_llcs = machine->n_packages * machine->n_llcs;
    topology->n_cores = machine->n_packages * machine->n_cores;
    topology->n_cpus = n_cpus_of(machine);
    topology->packages = g_new0(HvTopoPackage, topology->n_packages);
    topology->llcs = g_new0(HvTopoLlc, topology->n_llcs);
    topology->cores = g_new0(HvTopoCore, topology->n_cores);
    topology->cpus = g_new0(HvTopoCpu, topology->n_cpus);
    for (guint i = 0; i < topology->n_packages; i++)
        topology->packages[i] =
            (HvTopoPackage){ (int)i, share_of(machine, i, 1), hv_set_new() };
    for (guint i = 0; i < topology->n_llcs; i++)
        topology->llcs[i] = (HvTopoLlc){ .llc = (int)i,
                                         .level = 3,
                                         .size_bytes = 32 << 20,
                                         .cpus = share_of(machine, i, machine->n_llcs) };
    for (guint i = 0; i < topology->n_cores; i++)
        topology->cores[i] = (HvTopoCore){ .core = i, .cpus = cpus_of(machine, i, i + 1) };
    for (guint i = 0; i < topology->n_cpus; i++)
        topology->cpus[i] = (HvTopoCpu){ .cpu = i, .online = !hv_set_has(offline, i) };
    for (guint i = 0; i < topology->n_packages; i++)
        hv_set_subtract(topology->packages[i].cpus, offline); /* hwloc knows them online only */
    add_nodes(topology, machine);
    if (machine->devices)
        add_devices(topology);
    hv_topology_link(topology);
    return topology;
}

/* ---- tables ---- */

static const HvColumn cpu_columns[] = {
    { .name = "cpu", .kind = HV_KIND_ID },
    { .name = "use_ratio", .kind = HV_KIND_F64, .unit = HV_UNIT_RATIO },
    { 0 }
};
static const HvColumn node_columns[] = {
    { .name = "node", .kind = HV_KIND_ID },
    { .name = "memory_total_bytes", .kind = HV_KIND_U64, .unit = HV_UNIT_BYTES },
    { .name = "memory_free_bytes", .kind = HV_KIND_U64, .unit = HV_UNIT_BYTES },
    { 0 }
};
static const HvColumn vm_columns[] = { { .name = "vm", .kind = HV_KIND_KEY },
                                       { .name = "worst", .kind = HV_KIND_F64 },
                                       { 0 } };
static const HvColumn vcpu_columns[] = {
    { .name = "vm", .kind = HV_KIND_KEY },
    { .name = "vcpu", .kind = HV_KIND_ID },
    { .name = "cpus_allowed", .kind = HV_KIND_SET },
    { .name = "cpu", .kind = HV_KIND_U64 },
    { .name = "run_ratio", .kind = HV_KIND_F64, .unit = HV_UNIT_RATIO },
    { 0 }
};
static const HvColumn device_columns[] = { { .name = "device", .kind = HV_KIND_KEY },
                                           { .name = "vm", .kind = HV_KIND_TEXT },
                                           { 0 } };
static const HvSchema cpu_schema = { .name = "cpus", .columns = cpu_columns };
static const HvSchema node_schema = { .name = "nodes", .columns = node_columns };
static const HvSchema vm_schema = { .name = "vms", .columns = vm_columns };
static const HvSchema vcpu_schema = { .name = "vcpus", .columns = vcpu_columns };
static const HvSchema device_schema = { .name = "devices", .columns = device_columns };

/* The load of one is not known. */
static void
fill_cpus(HvSink *sink, const HvTopology *topology)
{
    for (guint i = 0; i < topology->n_cpus; i++) {
        hv_row_u64(sink, topology->cpus[i].cpu);
        if (i != 10)
            hv_f64(sink, 1, (i * 37) % 101 / 100.0);
    }
}

static void
fill_nodes(HvSink *sink, const HvTopology *topology)
{
    for (guint i = 0; i < topology->n_nodes; i++) {
        hv_row_u64(sink, (guint64)topology->nodes[i].node);
        if (!topology->nodes[i].has_memory_bytes)
            continue;
        hv_u64(sink, 1, topology->nodes[i].memory_bytes);
        hv_u64(sink, 2, topology->nodes[i].memory_bytes / 8 * (i % 8));
    }
}

static const struct {
    const char *name;
    guint n_vcpus;
} vms[] = {
    { "web-1", 4 },      { "redis-1", 2 },    { HV_TEST_NASTY, 1 },
    { HV_TEST_WIDE, 1 }, { HV_TEST_LONG, 1 },
};

static void
fill_vms(HvSink *sink, const HvTopology *topology G_GNUC_UNUSED)
{
    for (guint i = 0; i < G_N_ELEMENTS(vms); i++) {
        hv_row(sink, vms[i].name);
        hv_f64(sink, 1, 1.0 / (i + 1));
    }
}

static void
fill_vcpus(HvSink *sink, const HvTopology *topology)
{
    g_autofree char *everywhere = hv_set_to_text(topology->online);
    const guint n_online = hv_set_count(topology->online);
    g_autoptr(GArray) online = g_array_new(FALSE, FALSE, sizeof(int));
    guint next = 0;

    HV_SET_FOREACH(cpu, topology->online)
    g_array_append_val(online, cpu);
    for (guint i = 0; i < G_N_ELEMENTS(vms); i++)
        for (guint vcpu = 0; vcpu < vms[i].n_vcpus; vcpu++, next++) {
            hv_row_text_u64(sink, vms[i].name, vcpu);
            hv_text(sink, 2, i ? everywhere : "0-3");
            hv_u64(sink, 3, (guint64)g_array_index(online, int, next % n_online));
            hv_f64(sink, 4, 0.1 * (next + 1));
        }
}

static void
fill_devices(HvSink *sink, const HvTopology *topology)
{
    for (guint i = 0; i < topology->n_devices; i++) {
        hv_row(sink, topology->devices[i].name);
        if (g_str_equal(topology->devices[i].name, "0000:81:00.0"))
            hv_text(sink, 1, "web-1");
    }
}

HvSnapshot *
hv_test_map_snapshot(HvTopology *topology, GPtrArray *stores)
{
    static const struct {
        const HvSchema *schema;
        void (*fill)(HvSink *sink, const HvTopology *topology);
    } tables[] = { { &cpu_schema, fill_cpus },
                   { &node_schema, fill_nodes },
                   { &vm_schema, fill_vms },
                   { &vcpu_schema, fill_vcpus },
                   { &device_schema, fill_devices } };
    static guint64 tick;
    HvSnapshot *snapshot = hv_snapshot_new();

    snapshot->tick = ++tick;
    snapshot->interval_ns = 1000000000;
    snapshot->topology = hv_topology_ref(topology);
    for (guint i = 0; i < G_N_ELEMENTS(tables); i++) {
        HvStore *store = hv_store_new(tables[i].schema);
        HvSink *sink = hv_sink_begin(&store, 1, 0);

        tables[i].fill(sink, topology);
        hv_sink_end(sink, TRUE);
        g_ptr_array_add(stores, store);
        hv_snapshot_add(snapshot, hv_store_table(store));
    }
    return snapshot;
}
