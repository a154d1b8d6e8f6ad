/* A VM whose memory traffic crosses between nodes, though it could be near. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "advice/place.h"
#include "model/i18n.h"
#include "model/rule.h"

#define LEAST_SHARE 0.2
#define LEAST_BYTES_PER_S 100e6 /* per busy vCPU: below that it hardly waits for memory */
#define LEAST_CPUS 0.05
#define SERIOUS_COST 0.2
#define MAX_NODES 64

/*
 * cost = share × (latency ratio − 1) × memory stall share
 *
 * Assumed: a loaded access to the other socket takes twice as long as a local one, to another
 * node of the same socket 1.3 times; a local line takes 90 ns and one is waited for at a time,
 * but never more than half of the time. Where no bytes are known a quarter is assumed.
 */
#define OTHER_SOCKET_RATIO 2.0
#define SAME_SOCKET_RATIO 1.3
#define LINE_BYTES 64
#define LINE_S 90e-9
#define MOST_STALL 0.5
#define ASSUMED_STALL 0.25

/* What is known of one VM. */
typedef struct {
    const HvVmWalk *vm;
    HvPlaces *places;
    double share, bytes_per_s, busy; /* NAN: unknown; busy: cpus */
    double place_share;              /* remote share by where its memory lies */
    HvMark quality;
    double to[MAX_NODES]; /* shares of its traffic by node of the memory */
    double same_socket;   /* of its traffic: to another node of the same socket */
    int memory_node;      /* most of what is remote; or of all, where vCPUs are on many nodes */
    int cpu_node;         /* all its vCPUs ran there; -1: on several, or unknown */
    gboolean has_cells;   /* more than one guest NUMA cell */
    char key;             /* of the remedy */
} Case;

static HvMark
mark_of(const char *quality)
{
    if (g_strcmp0(quality, "measured") == 0)
        return HV_MARK_MEASURED;
    return g_strcmp0(quality, "scaled") == 0 ? HV_MARK_SCALED : HV_MARK_ESTIMATED;
}

static gboolean
read_traffic(Case *this)
{
    const HvVmWalk *vm = this->vm;
    const HvTable *traffic = hv_snapshot_table(vm->snapshot, "traffic");
    const HvTable *sources = hv_snapshot_table(vm->snapshot, "traffic_sources");
    const int row = traffic ? hv_table_find(traffic, vm->key) : -1;
    char key[512];
    int place_row;

    if (row < 0)
        return FALSE;
    this->share = hv_named_number(traffic, (guint)row, "remote_ratio");
    this->bytes_per_s = hv_named_number(traffic, (guint)row, "total_bytes_per_s");
    this->busy = hv_vm_cpus_used(vm);
    this->quality =
        mark_of(hv_table_text(traffic, (guint)row, hv_table_column(traffic, "quality")));
    if (isnan(this->bytes_per_s)) /* the guard below cannot be held */
        this->quality = HV_MARK_ESTIMATED;
    g_snprintf(key, sizeof key, "%s/estimate", vm->key);
    place_row = sources ? hv_table_find(sources, key) : -1;
    this->place_share = place_row < 0
                            ? (double)NAN
                            : hv_named_number(sources, (guint)place_row, "remote_ratio");
    return TRUE;
}

/* Written so that what is unknown is not enough. */
static gboolean
is_worth_it(const Case *this)
{
    if (!(this->share >= LEAST_SHARE) || !(this->busy >= LEAST_CPUS))
        return FALSE;
    return isnan(this->bytes_per_s) || this->bytes_per_s / this->busy >= LEAST_BYTES_PER_S;
}

static void
find_vcpus(Case *this)
{
    const int cell_column = hv_table_column(this->vm->vcpus, "cell");
    double first_cell = (double)NAN;

    this->cpu_node = this->vm->n_vcpus ? hv_vcpu_node(this->vm, 0) : -1;
    for (guint i = 0; i < this->vm->n_vcpus; i++) {
        const double cell = hv_number(this->vm->vcpus, this->vm->first + i, cell_column);

        if (hv_vcpu_node(this->vm, i) != this->cpu_node)
            this->cpu_node = -1;
        if (i == 0)
            first_cell = cell;
        this->has_cells = this->has_cells || cell < first_cell || cell > first_cell;
    }
}

static void
add_flow(Case *this, const HvTopoNode *from, const HvTopoNode *to)
{
    const HvTable *matrix = hv_snapshot_table(this->vm->snapshot, "matrix");
    char key[512];
    double share;
    int row;

    g_snprintf(key, sizeof key, "%s/%d/%d", this->vm->key, from->node, to->node);
    row = matrix ? hv_table_find(matrix, key) : -1;
    if (row < 0 || to->node < 0 || to->node >= MAX_NODES)
        return;
    share = hv_named_number(matrix, (guint)row, "share_ratio");
    if (!(share > 0))
        return;
    this->to[to->node] += from != to || this->cpu_node < 0 ? share : 0;
    if (from != to && from->package == to->package)
        this->same_socket += share;
}

/* The matrix tells where the traffic goes; without it, where most of the memory is. */
static void
find_memory(Case *this)
{
    const HvTopology *topology = this->vm->topology;
    double most = 0, home = hv_named_number(this->vm->vms, this->vm->row, "home_node");

    for (guint i = 0; i < topology->n_nodes; i++)
        for (guint j = 0; j < topology->n_nodes; j++)
            add_flow(this, &topology->nodes[i], &topology->nodes[j]);
    this->memory_node = isnan(home) || home > HV_SET_MAX ? -1 : (int)home;
    for (int node = 0; node < MAX_NODES; node++) {
        if (this->to[node] > most)
            this->memory_node = node;
        most = MAX(most, this->to[node]);
    }
}

static double
cost_of(const Case *this)
{
    const double near = MIN(this->same_socket, this->share), far = this->share - near;
    const double stall =
        isnan(this->bytes_per_s)
            ? ASSUMED_STALL
            : MIN(MOST_STALL, this->bytes_per_s / this->busy / LINE_BYTES * LINE_S);

    return (far * (OTHER_SOCKET_RATIO - 1) + near * (SAME_SOCKET_RATIO - 1)) * stall;
}

static void
rate_text(char *out, gsize size, double bytes_per_s)
{
    if (bytes_per_s >= 1e9)
        g_snprintf(out, size, "%.1f GB/s", bytes_per_s / 1e9);
    else
        g_snprintf(out, size, "%.0f MB/s", bytes_per_s / 1e6);
}

static void
describe(const Case *this, char *out, gsize size)
{
    const int pct = (int)lround(100 * this->share);
    char memory[HV_PLACE_NAME_BYTES], cpus[HV_PLACE_NAME_BYTES], rate[32];

    hv_place_name(this->vm->topology, this->memory_node, memory, sizeof memory);
    hv_place_name(this->vm->topology, this->cpu_node, cpus, sizeof cpus);
    rate_text(rate, sizeof rate, this->bytes_per_s);
    if (isnan(this->bytes_per_s) && this->cpu_node >= 0)
        g_snprintf(out, size, _("%d %% of its memory is on %s, its %u vCPUs run on %s"), pct,
                   memory, this->vm->n_vcpus, cpus);
    else if (isnan(this->bytes_per_s))
        g_snprintf(out, size, _("%d %% of its memory is far from where its %u vCPUs run"), pct,
                   this->vm->n_vcpus);
    else if (this->cpu_node >= 0)
        g_snprintf(out, size, _("%d %% of its %s come from %s, its %u vCPUs run on %s"), pct,
                   rate, memory, this->vm->n_vcpus, cpus);
    else
        g_snprintf(out, size, _("%d %% of its %s cross nodes, its %u vCPUs run on several"),
                   pct, rate, this->vm->n_vcpus);
}

/* Free memory on @node holds what the VM has there not. */
static gboolean
has_room_for_memory(const Case *this, int node)
{
    const HvTable *nodes = hv_snapshot_table(this->vm->snapshot, "nodes");
    const double resident = hv_named_number(this->vm->vms, this->vm->row, "resident_bytes");
    char key[HV_PLACE_NAME_BYTES];
    int row;

    g_snprintf(key, sizeof key, "%d", node);
    row = nodes ? hv_table_find(nodes, key) : -1;
    return row >= 0 && hv_named_number(nodes, (guint)row, "memory_free_bytes") > resident;
}

static gboolean
has_room_for_vcpus(const Case *this, int node)
{
    const HvTopoNode *target = hv_topology_node(this->vm->topology, node);

    return target && hv_set_count(target->cpus) >= this->vm->n_vcpus &&
           hv_place_idle_cpus(this->vm->snapshot, node) >= this->busy;
}

/* What mends it, in one clause; FALSE: there is room nowhere. */
static gboolean
advise(Case *this, char *out, gsize size)
{
    const HvVmWalk *vm = this->vm;
    const double pid = hv_named_number(vm->vms, vm->row, "pid");
    char name[HV_PLACE_NAME_BYTES], command[HV_REMEDY_BYTES];
    HvMask cpus;

    if (this->has_cells && this->cpu_node < 0) {
        g_snprintf(out, size,
                   _("a pins each vCPU to the node of its cell's memory: hvtune set "
                     "'vm/%s/vcpu/N/cpus=…'"),
                   vm->key);
        return TRUE;
    }
    if (has_room_for_vcpus(this, this->memory_node)) {
        hv_place_name(vm->topology, this->memory_node, name, sizeof name);
        hv_place_choose(this->places, vm, this->memory_node, vm->n_vcpus, &cpus);
        hv_place_pin_command(vm, &cpus, command, sizeof command);
        g_snprintf(out, size, _("a pins its vCPUs to %s: %s"), name, command);
        return TRUE;
    }
    if (this->cpu_node < 0 || isnan(pid) || !has_room_for_memory(this, this->cpu_node))
        return FALSE;
    this->key = 0;
    hv_place_name(vm->topology, this->cpu_node, name, sizeof name);
    g_snprintf(out, size, _("its memory has room on %s: migratepages %.0f %d %d"), name, pid,
               this->memory_node, this->cpu_node);
    return TRUE;
}

/* Its memory is near, and yet its traffic is far: its vCPUs on several sockets write to the
 * same lines. Moving pages would not help. */
static gboolean
is_lines(const Case *this)
{
    return this->cpu_node < 0 && !isnan(this->bytes_per_s) &&
           this->place_share < this->share / 2;
}

static gboolean
describe_lines(const Case *this, char *evidence, gsize evidence_size, char *remedy,
               gsize remedy_size)
{
    char rate[32], name[HV_PLACE_NAME_BYTES], command[HV_REMEDY_BYTES];
    HvMask cpus;

    if (!has_room_for_vcpus(this, this->memory_node))
        return FALSE;
    rate_text(rate, sizeof rate, this->bytes_per_s);
    hv_place_name(this->vm->topology, this->memory_node, name, sizeof name);
    hv_place_choose(this->places, this->vm, this->memory_node, this->vm->n_vcpus, &cpus);
    hv_place_pin_command(this->vm, &cpus, command, sizeof command);
    g_snprintf(evidence, evidence_size,
               _("%d %% of its %s cross nodes, but only %d %% of its memory is far: its vCPUs "
                 "share lines"),
               (int)lround(100 * this->share), rate, (int)lround(100 * this->place_share));
    g_snprintf(remedy, remedy_size, _("a gathers its vCPUs on %s: %s"), name, command);
    return TRUE;
}

static void
look(const HvVmWalk *vm, HvPlaces *places, HvRuleOut *out)
{
    Case this = { .vm = vm, .places = places, .key = 'a' };
    char evidence[256], remedy[HV_REMEDY_BYTES];
    double cost;

    if (!hv_vm_is_running(vm) || !read_traffic(&this) || !is_worth_it(&this))
        return;
    find_vcpus(&this);
    find_memory(&this);
    if (is_lines(&this)) {
        if (!describe_lines(&this, evidence, sizeof evidence, remedy, sizeof remedy))
            return;
    } else {
        if (this.memory_node == this.cpu_node || !advise(&this, remedy, sizeof remedy))
            return;
        describe(&this, evidence, sizeof evidence);
    }
    cost = cost_of(&this);
    hv_rule_say(out, &(HvRuleFinding){ .vm = vm->name,
                                       .cost_ratio = cost,
                                       .quality = this.quality,
                                       .evidence = evidence,
                                       .remedy = remedy,
                                       .key = this.key,
                                       .serious = cost >= SERIOUS_COST });
}

static void
run(const HvSnapshot *snapshot, HvRuleOut *out)
{
    HvPlaces places = { 0 };
    HvVmWalk vm;

    if (!snapshot->topology || snapshot->topology->n_nodes < 2)
        return;
    hv_vm_walk_begin(&vm, snapshot);
    while (hv_vm_walk_next(&vm))
        look(&vm, &places, out);
}

const HvRule hv_rule_remote_memory = {
    .name = "remote-memory",
    .help = N_("memory traffic of a VM crosses between nodes, though there is room to be near"),
    .inputs = (const char *const[]){ "vms", "vcpus", "nodes", "traffic", "traffic_sources",
                                     "matrix", NULL },
    .run = run,
};
