/* The topology's links: who belongs to whom follows from sets of cpus, never from counting. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/topology.h"

#include <stdlib.h>
#include <string.h>

#define UNKNOWN (-1)

HvTopology *
hv_topology_new(void)
{
    HvTopology *topology = g_new0(HvTopology, 1);

    g_atomic_ref_count_init(&topology->refs);
    topology->online = hv_set_new();
    topology->isolated = hv_set_new();
    topology->nohz_full = hv_set_new();
    return topology;
}

HvTopology *
hv_topology_ref(HvTopology *topology)
{
    g_atomic_ref_count_inc(&topology->refs);
    return topology;
}

static void
free_parts(HvTopology *topology)
{
    for (guint i = 0; i < topology->n_packages; i++) {
        hv_set_free(topology->packages[i].cpus);
        hv_set_free(topology->packages[i].nodes);
    }
    for (guint i = 0; i < topology->n_nodes; i++)
        hv_set_free(topology->nodes[i].cpus);
    for (guint i = 0; i < topology->n_llcs; i++)
        hv_set_free(topology->llcs[i].cpus);
    for (guint i = 0; i < topology->n_cores; i++)
        hv_set_free(topology->cores[i].cpus);
    for (guint i = 0; i < topology->n_devices; i++) {
        g_free(topology->devices[i].name);
        g_free(topology->devices[i].pci);
        g_free(topology->devices[i].class_name);
        g_free(topology->devices[i].os_names);
        hv_set_free(topology->devices[i].nodes);
    }
}

void
hv_topology_unref(HvTopology *topology)
{
    if (!topology || !g_atomic_ref_count_dec(&topology->refs))
        return;
    free_parts(topology);
    g_free(topology->packages);
    g_free(topology->nodes);
    g_free(topology->llcs);
    g_free(topology->cores);
    g_free(topology->cpus);
    g_free(topology->devices);
    g_free(topology->distances);
    g_free(topology->source);
    g_free(topology->cpu_model);
    hv_set_free(topology->online);
    hv_set_free(topology->isolated);
    hv_set_free(topology->nohz_full);
    g_free(topology);
}

/* Every element begins with its identity, an int or a guint that fits one. */
static int
compare_identities(const void *a, const void *b)
{
    const int *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static int
compare_devices(const void *a, const void *b)
{
    const HvTopoDevice *x = a, *y = b;

    return g_strcmp0(x->name, y->name);
}

static void
sort(void *elements, guint n, gsize size)
{
    if (n > 1)
        qsort(elements, n, size, compare_identities);
}

static const void *
find(const void *elements, guint n, gsize size, int identity)
{
    return n > 0 ? bsearch(&identity, elements, n, size, compare_identities) : NULL;
}

const HvTopoCpu *
hv_topology_cpu(const HvTopology *topology, guint cpu)
{
    return cpu > HV_SET_MAX
               ? NULL
               : find(topology->cpus, topology->n_cpus, sizeof(HvTopoCpu), (int)cpu);
}

const HvTopoNode *
hv_topology_node(const HvTopology *topology, int node)
{
    return find(topology->nodes, topology->n_nodes, sizeof(HvTopoNode), node);
}

const HvTopoPackage *
hv_topology_package(const HvTopology *topology, int package)
{
    return find(topology->packages, topology->n_packages, sizeof(HvTopoPackage), package);
}

const HvTopoLlc *
hv_topology_llc(const HvTopology *topology, int llc)
{
    return find(topology->llcs, topology->n_llcs, sizeof(HvTopoLlc), llc);
}

void
hv_topology_nodes_of(const HvTopology *topology, const HvSet *cpus, HvSet *nodes)
{
    HV_SET_FOREACH(number, cpus)
    {
        const HvTopoCpu *cpu = hv_topology_cpu(topology, (guint)number);

        if (cpu && cpu->node >= 0)
            hv_set_add(nodes, (guint)cpu->node);
    }
}

/* The distances are in the order of the nodes, so they move with them. */
static void
sort_nodes(HvTopology *topology)
{
    guint n = topology->n_nodes;
    g_autofree int *before = g_new(int, n);
    g_autofree guint *place = g_new(guint, n); /* where each node was */

    for (guint i = 0; i < n; i++)
        before[i] = topology->nodes[i].node;
    sort(topology->nodes, n, sizeof(HvTopoNode));
    if (!topology->distances)
        return;
    for (guint i = 0; i < n; i++)
        for (place[i] = 0; before[place[i]] != topology->nodes[i].node;)
            place[i]++;

    guint *moved = g_new(guint, (gsize)n * n);

    for (guint i = 0; i < n; i++)
        for (guint k = 0; k < n; k++)
            moved[i * n + k] = topology->distances[place[i] * n + place[k]];
    g_free(topology->distances);
    topology->distances = moved;
}

static void
sort_all(HvTopology *topology)
{
    sort(topology->packages, topology->n_packages, sizeof(HvTopoPackage));
    sort(topology->llcs, topology->n_llcs, sizeof(HvTopoLlc));
    sort(topology->cores, topology->n_cores, sizeof(HvTopoCore));
    sort(topology->cpus, topology->n_cpus, sizeof(HvTopoCpu));
    sort_nodes(topology);
    if (topology->n_devices > 1)
        qsort(topology->devices, topology->n_devices, sizeof(HvTopoDevice), compare_devices);
}

/* Cpu numbers to elements in one step, so that linking takes as many steps as there are cpus in
 * the sets. */
typedef struct {
    HvTopoCpu **cpus; /* NULL: no such cpu */
    guint n;
} Numbers;

static void
numbers_clear(Numbers *numbers)
{
    g_free(numbers->cpus);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Numbers, numbers_clear)

static Numbers
number_cpus(HvTopology *topology)
{
    Numbers numbers = { NULL, 0 };

    if (topology->n_cpus > 0)
        numbers.n = topology->cpus[topology->n_cpus - 1].cpu + 1;
    numbers.cpus = g_new0(HvTopoCpu *, numbers.n);
    for (guint i = 0; i < topology->n_cpus; i++)
        numbers.cpus[topology->cpus[i].cpu] = &topology->cpus[i];
    return numbers;
}

static HvTopoCpu *
cpu_at(const Numbers *numbers, int cpu)
{
    return (guint)cpu < numbers->n ? numbers->cpus[cpu] : NULL;
}

typedef enum { NODE, PACKAGE, LLC, CORE } Link;

static int *
link_of(HvTopoCpu *cpu, Link link)
{
    int *const places[] = {
        [NODE] = &cpu->node,
        [PACKAGE] = &cpu->package,
        [LLC] = &cpu->llc,
        [CORE] = &cpu->core,
    };

    return places[link];
}

/* A cpu in two nodes is near to both (its own memory and a faster one beside it): the lower
 * number is its own. */
static void
link_cpus(const Numbers *numbers, const HvSet *cpus, Link link, int identity)
{
    HV_SET_FOREACH(number, cpus)
    {
        HvTopoCpu *cpu = cpu_at(numbers, number);

        if (cpu && *link_of(cpu, link) == UNKNOWN)
            *link_of(cpu, link) = identity;
    }
}

/* What all cpus of @cpus that know it belong to; unknown when they differ. */
static int
common_link(const Numbers *numbers, const HvSet *cpus, Link link)
{
    int common = UNKNOWN;

    HV_SET_FOREACH(number, cpus)
    {
        HvTopoCpu *cpu = cpu_at(numbers, number);
        int identity = cpu ? *link_of(cpu, link) : UNKNOWN;

        if (identity == UNKNOWN)
            continue;
        if (common != UNKNOWN && common != identity)
            return UNKNOWN;
        common = identity;
    }
    return common;
}

static void
reset_cpus(HvTopology *topology)
{
    hv_set_clear(topology->online);
    for (guint i = 0; i < topology->n_cpus; i++) {
        HvTopoCpu *cpu = &topology->cpus[i];

        cpu->node = cpu->package = cpu->llc = cpu->core = UNKNOWN;
        cpu->sibling_rank = 0;
        if (cpu->online)
            hv_set_add(topology->online, cpu->cpu);
    }
}

static void
link_all_cpus(HvTopology *topology, const Numbers *numbers)
{
    for (guint i = 0; i < topology->n_packages; i++)
        link_cpus(numbers, topology->packages[i].cpus, PACKAGE, topology->packages[i].package);
    for (guint i = 0; i < topology->n_nodes; i++)
        link_cpus(numbers, topology->nodes[i].cpus, NODE, topology->nodes[i].node);
    for (guint i = 0; i < topology->n_llcs; i++)
        link_cpus(numbers, topology->llcs[i].cpus, LLC, topology->llcs[i].llc);
    for (guint i = 0; i < topology->n_cores; i++)
        link_cpus(numbers, topology->cores[i].cpus, CORE, (int)topology->cores[i].core);
}

/* An offline cpu, in no set but its core's, is where its siblings are. */
static void
link_core(const Numbers *numbers, HvTopoCore *core)
{
    guint rank = 0;

    core->package = common_link(numbers, core->cpus, PACKAGE);
    core->node = common_link(numbers, core->cpus, NODE);
    core->llc = common_link(numbers, core->cpus, LLC);
    link_cpus(numbers, core->cpus, PACKAGE, core->package);
    link_cpus(numbers, core->cpus, NODE, core->node);
    link_cpus(numbers, core->cpus, LLC, core->llc);
    HV_SET_FOREACH(number, core->cpus)
    {
        HvTopoCpu *cpu = cpu_at(numbers, number);

        if (cpu && cpu->core == (int)core->core)
            cpu->sibling_rank = rank++;
    }
}

/* The package of most of the node's cpus, the lower number on a tie; what was given where no
 * cpu tells. */
static void
link_node(const HvTopology *topology, const Numbers *numbers, HvTopoNode *node)
{
    g_autofree guint *votes = g_new0(guint, topology->n_packages);
    guint most = 0;

    HV_SET_FOREACH(number, node->cpus)
    {
        HvTopoCpu *cpu = cpu_at(numbers, number);
        const HvTopoPackage *package = cpu ? hv_topology_package(topology, cpu->package) : NULL;

        if (package)
            votes[package - topology->packages]++;
    }
    for (guint i = 0; i < topology->n_packages; i++)
        if (votes[i] > most) {
            most = votes[i];
            node->package = topology->packages[i].package;
        }
}

static void
link_packages(HvTopology *topology)
{
    for (guint i = 0; i < topology->n_packages; i++) {
        HvTopoPackage *package = &topology->packages[i];

        if (!package->nodes)
            package->nodes = hv_set_new();
        for (guint k = 0; k < topology->n_nodes; k++)
            if (topology->nodes[k].package == package->package && topology->nodes[k].node >= 0)
                hv_set_add(package->nodes, (guint)topology->nodes[k].node);
    }
}

/* One node is the nearest; several are none. */
static void
link_device(HvTopoDevice *device)
{
    guint n_nodes = hv_set_count(device->nodes);

    if (n_nodes > 1)
        device->node = UNKNOWN;
    else if (n_nodes == 1)
        device->node = hv_set_last(device->nodes);
}

void
hv_topology_link(HvTopology *topology)
{
    sort_all(topology);
    reset_cpus(topology);

    g_auto(Numbers) numbers = number_cpus(topology);

    link_all_cpus(topology, &numbers);
    for (guint i = 0; i < topology->n_cores; i++)
        link_core(&numbers, &topology->cores[i]);
    for (guint i = 0; i < topology->n_llcs; i++)
        topology->llcs[i].package = common_link(&numbers, topology->llcs[i].cpus, PACKAGE);
    for (guint i = 0; i < topology->n_nodes; i++)
        link_node(topology, &numbers, &topology->nodes[i]);
    link_packages(topology);
    for (guint i = 0; i < topology->n_devices; i++)
        link_device(&topology->devices[i]);
}
