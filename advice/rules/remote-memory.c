/* A VM whose memory traffic crosses between nodes, though it could be near. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <string.h>

#include "advice/remote.h"
#include "model/i18n.h"
#include "model/rule.h"

#define LEAST_SHARE 0.2
#define LEAST_BYTES_PER_S 100e6 /* per busy vCPU: below that it hardly waits for memory */
#define LEAST_CPUS 0.05
#define SERIOUS_COST 0.2
#define EVIDENCE_BYTES 256

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

/* What is to be done; the texts of a finding. */
typedef struct {
    char evidence[EVIDENCE_BYTES];
    char remedy[HV_REMEDY_BYTES];
    char key;
} Texts;

/* Written so that what is unknown is not enough. */
static gboolean
is_worth_it(const HvRemote *remote)
{
    if (!(remote->share >= LEAST_SHARE) || !(remote->busy >= LEAST_CPUS))
        return FALSE;
    return isnan(remote->bytes_per_s) ||
           remote->bytes_per_s / remote->busy >= LEAST_BYTES_PER_S;
}

static double
cost_of(const HvRemote *remote)
{
    const double near = MIN(remote->same_socket, remote->share), far = remote->share - near;
    const double stall =
        isnan(remote->bytes_per_s)
            ? ASSUMED_STALL
            : MIN(MOST_STALL, remote->bytes_per_s / remote->busy / LINE_BYTES * LINE_S);

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
describe(const HvRemote *remote, char *out, gsize size)
{
    const int pct = (int)lround(100 * remote->share);
    char memory[HV_PLACE_NAME_BYTES], cpus[HV_PLACE_NAME_BYTES], rate[32];

    hv_place_name(remote->vm->topology, remote->memory_node, memory, sizeof memory);
    hv_place_name(remote->vm->topology, remote->cpu_node, cpus, sizeof cpus);
    rate_text(rate, sizeof rate, remote->bytes_per_s);
    if (isnan(remote->bytes_per_s) && remote->cpu_node >= 0)
        g_snprintf(out, size, _("%d %% of its memory is on %s, its %u vCPUs run on %s"), pct,
                   memory, remote->vm->n_vcpus, cpus);
    else if (isnan(remote->bytes_per_s))
        g_snprintf(out, size, _("%d %% of its memory is far from where its %u vCPUs run"), pct,
                   remote->vm->n_vcpus);
    else if (remote->cpu_node >= 0)
        g_snprintf(out, size, _("%d %% of its %s come from %s, its %u vCPUs run on %s"), pct,
                   rate, memory, remote->vm->n_vcpus, cpus);
    else
        g_snprintf(out, size, _("%d %% of its %s cross nodes, its %u vCPUs run on several"),
                   pct, rate, remote->vm->n_vcpus);
}

/* The recipe finds the cores, and what else has to go along. */
static void
name_recipe(const HvRemote *remote, int node, Texts *texts)
{
    texts->key = 'v';
    g_snprintf(texts->remedy + strlen(texts->remedy),
               sizeof texts->remedy - strlen(texts->remedy), ": hvtune recipe move %s %d",
               remote->vm->key, node);
}

/* Most of what it reads is on one node, and that has cpus for it. */
static gboolean
advise_vcpus(const HvRemote *remote, Texts *texts)
{
    const int node = remote->memory_node;
    char name[HV_PLACE_NAME_BYTES];
    const double at = node >= 0 && node < HV_REMOTE_MAX_NODES ? remote->at[node] : 0;

    if (!hv_remote_has_room(remote, node) || (at > 0 && 1 - at > remote->share / 2))
        return FALSE;
    hv_place_name(remote->vm->topology, node, name, sizeof name);
    g_snprintf(texts->remedy, sizeof texts->remedy, _("v moves its vCPUs to %s"), name);
    name_recipe(remote, node, texts);
    return TRUE;
}

/* The node that its vCPUs are on, or go to, has room for the memory that is elsewhere. */
static gboolean
advise_memory(const HvRemote *remote, Texts *texts)
{
    const int node = remote->cpu_node >= 0 ? remote->cpu_node : hv_remote_best_node(remote);
    char name[HV_PLACE_NAME_BYTES];

    if (node < 0 || !hv_remote_has_room_for_memory(remote, node))
        return FALSE;
    hv_place_name(remote->vm->topology, node, name, sizeof name);
    g_snprintf(texts->remedy, sizeof texts->remedy,
               remote->cpu_node >= 0 ? _("v brings its memory to %s")
                                     : _("v brings vCPUs and memory together on %s"),
               name);
    name_recipe(remote, node, texts);
    return TRUE;
}

/* FALSE: there is room nowhere. */
static gboolean
advise(const HvRemote *remote, Texts *texts)
{
    if (!remote->has_cells)
        return advise_vcpus(remote, texts) || advise_memory(remote, texts);
    g_snprintf(
        texts->remedy, sizeof texts->remedy,
        _("each cell's vCPUs belong where its memory is: hvtune recipe move %s/cell/N NODE"),
        remote->vm->key);
    texts->key = 'v';
    return TRUE;
}

/* Its memory is near, and yet its traffic is far: its vCPUs on several sockets write to the
 * same lines. Moving pages would not help. */
static gboolean
is_lines(const HvRemote *remote)
{
    return remote->cpu_node < 0 && !isnan(remote->bytes_per_s) &&
           remote->place_share < remote->share / 2;
}

static void
pin_texts(const HvRemote *remote, int node, char *name, gsize name_size, char *command,
          gsize command_size)
{
    HvMask cpus;

    hv_place_name(remote->vm->topology, node, name, name_size);
    hv_place_choose(remote->places, remote->vm, node, remote->vm->n_vcpus, &cpus);
    hv_place_pin_command(remote->vm, &cpus, command, command_size);
}

static gboolean
describe_lines(const HvRemote *remote, Texts *texts)
{
    char rate[32], name[HV_PLACE_NAME_BYTES], command[HV_REMEDY_BYTES / 2];

    if (!hv_remote_has_room(remote, remote->memory_node))
        return FALSE;
    rate_text(rate, sizeof rate, remote->bytes_per_s);
    pin_texts(remote, remote->memory_node, name, sizeof name, command, sizeof command);
    g_snprintf(texts->evidence, sizeof texts->evidence,
               _("%d %% of its %s cross nodes, but only %d %% of its memory is far: its vCPUs "
                 "share lines"),
               (int)lround(100 * remote->share), rate, (int)lround(100 * remote->place_share));
    g_snprintf(texts->remedy, sizeof texts->remedy, _("a gathers its vCPUs on %s: %s"), name,
               command);
    return TRUE;
}

static gboolean
describe_all(const HvRemote *remote, Texts *texts)
{
    if (is_lines(remote))
        return describe_lines(remote, texts);
    if (remote->memory_node < 0 || remote->memory_node == remote->cpu_node ||
        !advise(remote, texts))
        return FALSE;
    describe(remote, texts->evidence, sizeof texts->evidence);
    return TRUE;
}

static void
look(const HvVmWalk *vm, const HvRemoteTables *tables, HvPlaces *places, HvRuleOut *out)
{
    Texts texts = { .key = 'a' };
    HvRemote remote;
    double cost;

    if (!hv_vm_is_running(vm) || !hv_remote_read(&remote, tables, vm, places) ||
        !is_worth_it(&remote))
        return;
    hv_remote_locate(&remote);
    if (!describe_all(&remote, &texts))
        return;
    cost = cost_of(&remote);
    hv_rule_say(out, &(HvRuleFinding){ .vm = vm->name,
                                       .cost_ratio = cost,
                                       .quality = remote.quality,
                                       .evidence = texts.evidence,
                                       .remedy = texts.remedy,
                                       .key = texts.key,
                                       .serious = cost >= SERIOUS_COST });
}

static void
run(const HvSnapshot *snapshot, HvRuleOut *out)
{
    HvPlaces places = { 0 };
    HvRemoteTables tables;
    HvVmWalk vm;

    if (!snapshot->topology || snapshot->topology->n_nodes < 2)
        return;
    hv_remote_open(&tables, snapshot);
    hv_vm_walk_begin(&vm, snapshot);
    while (hv_vm_walk_next(&vm))
        look(&vm, &tables, &places, out);
}

const HvRule hv_rule_remote_memory = {
    .name = "remote-memory",
    .help = N_("memory traffic of a VM crosses between nodes, though there is room to be near"),
    .inputs = (const char *const[]){ "vms", "vcpus", "nodes", "traffic", "traffic_sources",
                                     "matrix", NULL },
    .run = run,
};
