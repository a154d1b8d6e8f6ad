/* One row per vCPU of the VMs in view: lines that its thread brought from local and from remote
 * memory. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "probes/counter-users.h"
#include "probes/keep.h"
#include "probes/pfm-events.h"
#include "probes/probe.h"
#include "probes/scaled.h"

#define N_EVENTS                                                                               \
    2 /* local, remote: as few as can tell, since a guest's virtual PMU may lose them */
#define MAX_THREADS 512
#define SHARE_OF_DESCRIPTORS 20 /* % */
#define RETRY_NS G_GINT64_CONSTANT(10000000000)
#define CPUINFO_BYTES 4096
#define PMU_DIR "sys/bus/event_source/devices/cpu"
#define MEDIATED "sys/module/%s/parameters/enable_mediated_pmu"
#define OVER_BUDGET N_("over the budget: as many vCPUs as may be are counted already")
#define BLOCKED N_("others hold the counters: these two had no turn")

enum {
    VM,
    VCPU,
    LOCAL_LINES_PER_S,
    REMOTE_LINES_PER_S,
    COUNTS_BYTES,
    SCALED,
    EVENT,
    DOUBT,
    LOCAL_LINES,
    REMOTE_LINES,
    READ_NS,
};
static const HvColumn columns[] = {
    [VM] = { .name = "vm",
             .kind = HV_KIND_KEY,
             .unit = HV_UNIT_NONE,
             .help = N_("name of the VM") },
    [VCPU] = { .name = "vcpu",
               .kind = HV_KIND_ID,
               .unit = HV_UNIT_NONE,
               .help = N_("number of the vCPU within its VM") },
    [LOCAL_LINES_PER_S] = { .name = "local_lines_per_s",
                            .kind = HV_KIND_RATE,
                            .unit = HV_UNIT_PER_S,
                            .help = N_("lines, or loads, from memory of its own node"),
                            .of = LOCAL_LINES,
                            .at = READ_NS },
    [REMOTE_LINES_PER_S] = { .name = "remote_lines_per_s",
                             .kind = HV_KIND_RATE,
                             .unit = HV_UNIT_PER_S,
                             .help = N_("lines, or loads, from memory of other nodes"),
                             .of = REMOTE_LINES,
                             .at = READ_NS },
    [COUNTS_BYTES] = { .name = "counts_bytes",
                       .kind = HV_KIND_BOOL,
                       .unit = HV_UNIT_NONE,
                       .help = N_("whether each is a line of 64 bytes") },
    [SCALED] = { .name = "scaled",
                 .kind = HV_KIND_BOOL,
                 .unit = HV_UNIT_NONE,
                 .help = N_("whether the counters had to take turns with others") },
    [EVENT] = { .name = "event",
                .kind = HV_KIND_TEXT,
                .unit = HV_UNIT_NONE,
                .help = N_("what is counted") },
    [DOUBT] = { .name = "doubt",
                .kind = HV_KIND_TEXT,
                .unit = HV_UNIT_NONE,
                .help = N_("what to bear in mind") },
    [LOCAL_LINES] = { .name = "local_lines",
                      .kind = HV_KIND_COUNTER,
                      .unit = HV_UNIT_COUNT,
                      .help = N_("local ones since it was opened, scaled up"),
                      .hidden = TRUE },
    [REMOTE_LINES] = { .name = "remote_lines",
                       .kind = HV_KIND_COUNTER,
                       .unit = HV_UNIT_COUNT,
                       .help = N_("remote ones since it was opened, scaled up"),
                       .hidden = TRUE },
    [READ_NS] = { .name = "read_ns",
                  .kind = HV_KIND_U64,
                  .unit = HV_UNIT_NS,
                  .help = N_("monotonic instant at which it was read"),
                  .hidden = TRUE },
    { 0 },
};
static const HvSchema schema = { .name = "traffic_perf", .columns = columns, .raw = TRUE };

/* The counters of one vCPU's thread. */
typedef struct {
    guint64 start_ticks;
    guint64 seen; /* number of the last sample that wanted it */
    HvCounters *counters;
    GError *error; /* why there are none */
    gint64 retry_ns;
    HvScaled scaled;
    double former[N_EVENTS]; /* of counters that were open before these */
    guint32 row;
    guint64 row_generation; /* of the list of VMs that @row belongs to; 0: it has none */
} Thread;

typedef struct {
    HvHost *host;
    const HvPfmChoice *choice;
    HvCounterEvent events[N_EVENTS];
    gboolean has_offcore;
    gboolean has_proven; /* @choice could be opened once */
    gboolean counts_all; /* asked for: not only the VMs in view */
    const char *doubt;
    GHashTable *threads; /* tid → Thread */
    guint n_open, limit;
    guint64 n_samples;
    HvCounterUsers *users;
} Probe;

static void
close_counters(Probe *probe, Thread *thread)
{
    if (!thread->counters)
        return;
    g_clear_pointer(&thread->counters, hv_counters_close);
    probe->n_open--;
}

static void
thread_free(gpointer data)
{
    Thread *thread = data;

    hv_counters_close(thread->counters);
    g_clear_error(&thread->error);
    g_free(thread);
}

/* The next choice from @choice on that the kernel can take, or NULL; each model's last one
 * needs nothing. */
static const HvPfmChoice *
usable(const Probe *probe, const HvPfmChoice *choice)
{
    while (choice->name && choice->needs_offcore && !probe->has_offcore)
        choice++;
    return choice->name ? choice : NULL;
}

static void
choose(Probe *probe, const HvPfmChoice *choice)
{
    probe->choice = choice;
    hv_pfm_encode(choice, probe->events);
}

/* What the kernel's words for this model leave open shows at the first opening: then the next
 * choice is tried. */
static HvCounters *
open_group(Probe *probe, int tid, GError **error)
{
    g_autoptr(GError) first = NULL;
    HvCounters *counters =
        hv_host_open_counters(probe->host, tid, -1, probe->events, N_EVENTS, &first);
    const HvPfmChoice *next;

    while (!counters && !probe->has_proven &&
           g_error_matches(first, HV_ERROR, HV_ERROR_ABSENT) &&
           (next = usable(probe, probe->choice + 1)) != NULL) {
        choose(probe, next);
        counters = hv_host_open_counters(probe->host, tid, -1, probe->events, N_EVENTS, NULL);
    }
    if (counters)
        probe->has_proven = TRUE;
    else
        g_propagate_error(error, g_steal_pointer(&first));
    return counters;
}

static void
open_thread(Probe *probe, Thread *thread, int tid, gint64 now_ns)
{
    g_clear_error(&thread->error);
    thread->retry_ns = now_ns + RETRY_NS;
    if (probe->n_open >= probe->limit) {
        g_set_error_literal(&thread->error, HV_ERROR, HV_ERROR_ABSENT, OVER_BUDGET);
        return;
    }
    thread->counters = open_group(probe, tid, &thread->error);
    if (!thread->counters) {
        /* neither absent nor denied: most likely no descriptor is left */
        if (g_error_matches(thread->error, HV_ERROR, HV_ERROR_FAILED))
            probe->limit = probe->n_open;
        return;
    }
    probe->n_open++;
    for (guint i = 0; i < N_EVENTS; i++)
        thread->former[i] += thread->scaled.counts[i];
    thread->scaled = (HvScaled){ 0 };
}

/* The thread of that number; another one of the same number than before starts anew. */
static Thread *
find_thread(Probe *probe, const HvThread *vcpu)
{
    Thread *thread = g_hash_table_lookup(probe->threads, GINT_TO_POINTER(vcpu->tid));

    if (thread && thread->start_ticks == vcpu->start_ticks)
        return thread;
    if (thread) {
        close_counters(probe, thread);
        g_hash_table_remove(probe->threads, GINT_TO_POINTER(vcpu->tid));
    }
    thread = g_new0(Thread, 1);
    thread->start_ticks = vcpu->start_ticks;
    g_hash_table_insert(probe->threads, GINT_TO_POINTER(vcpu->tid), thread);
    return thread;
}

static void
read_thread(Probe *probe, Thread *thread, int tid, gint64 now_ns)
{
    guint64 values[N_EVENTS], enabled_ns, running_ns;

    if (!thread->counters && (!thread->error || now_ns >= thread->retry_ns))
        open_thread(probe, thread, tid, now_ns);
    if (!thread->counters)
        return;
    if (hv_counters_read(thread->counters, values, &enabled_ns, &running_ns, &thread->error)) {
        hv_scaled_take(&thread->scaled, N_EVENTS, values, enabled_ns, running_ns);
    } else {
        close_counters(probe, thread);
        thread->retry_ns = now_ns + RETRY_NS;
    }
}

static void
emit_counts(HvSink *out, const Thread *thread)
{
    static const guint counts[N_EVENTS] = { LOCAL_LINES, REMOTE_LINES };

    for (guint i = 0; i < N_EVENTS; i++) {
        if (thread->error) {
            hv_none_error(out, counts[i], thread->error);
        } else if (thread->scaled.is_blocked) {
            hv_none(out, counts[i], HV_MARK_UNAVAILABLE, BLOCKED);
        } else {
            hv_u64(out, counts[i], (guint64)(thread->former[i] + thread->scaled.counts[i]));
            if (thread->scaled.is_scaled)
                hv_mark(out, counts[i], HV_MARK_SCALED);
        }
    }
}

static void
emit_thread(const Probe *probe, HvSink *out, const HvGuest *guest, guint index,
            guint64 generation, Thread *thread)
{
    if (thread->row_generation != generation || !hv_row_again(out, thread->row))
        thread->row = hv_row_text_u64(out, guest->name, index);
    thread->row_generation = generation;
    emit_counts(out, thread);
    hv_bool(out, COUNTS_BYTES, probe->choice->counts_bytes);
    hv_bool(out, SCALED, thread->scaled.is_scaled);
    hv_text(out, EVENT, probe->choice->name);
    if (probe->doubt || probe->choice->doubt)
        hv_text(out, DOUBT, probe->doubt ? probe->doubt : probe->choice->doubt);
    hv_u64(out, READ_NS, (guint64)hv_sink_now_ns(out));
}

static void
sample_guest(Probe *probe, HvSink *out, const HvGuest *guest, guint64 generation)
{
    for (guint i = 0; i < guest->n_threads; i++) {
        const HvThread *vcpu = &guest->threads[i];
        Thread *thread;

        if (vcpu->role != HV_THREAD_VCPU)
            continue;
        thread = find_thread(probe, vcpu);
        thread->seen = probe->n_samples;
        read_thread(probe, thread, vcpu->tid, hv_sink_now_ns(out));
        emit_thread(probe, out, guest, vcpu->index, generation, thread);
    }
}

static gboolean
is_left(gpointer tid G_GNUC_UNUSED, gpointer data, gpointer user_data)
{
    Probe *probe = user_data;
    Thread *thread = data;

    if (thread->seen == probe->n_samples)
        return FALSE;
    close_counters(probe, thread);
    return TRUE;
}

/* Where not one thread can be counted, the source as a whole is denied or absent. */
static const GError *
find_error(const Probe *probe)
{
    GHashTableIter iter;
    gpointer data;

    g_hash_table_iter_init(&iter, probe->threads);
    while (probe->n_open == 0 && g_hash_table_iter_next(&iter, NULL, &data))
        if (((Thread *)data)->error)
            return ((Thread *)data)->error;
    return NULL;
}

static gboolean
sample(gpointer state, HvSink *out, GError **error)
{
    Probe *probe = state;
    g_autoptr(HvGuestList) list = hv_host_guests(probe->host);
    const gboolean has_view = probe->counts_all || hv_sink_has_interest(out);
    const GError *why;

    probe->n_samples++;
    for (guint i = 0; has_view && i < list->n_guests; i++)
        if (probe->counts_all || hv_sink_wants(out, list->guests[i]->name))
            sample_guest(probe, out, list->guests[i], list->generation);
    g_hash_table_foreach_remove(probe->threads, is_left, probe);
    if (probe->n_open > 0)
        hv_sink_why(out, hv_counter_users_look(probe->users, hv_sink_now_ns(out)));
    why = find_error(probe);
    if (why)
        g_propagate_error(error, g_error_copy(why));
    return why == NULL;
}

/* ---- whether it works here ---- */

static gboolean
refuse(GError **error, const char *why)
{
    g_set_error_literal(error, HV_ERROR, HV_ERROR_ABSENT, why);
    return FALSE;
}

static gboolean
is_mediated(HvHost *host, const char *module)
{
    g_autofree char *path = g_strdup_printf(MEDIATED, module);
    g_autofree char *text = hv_host_read_text(host, path, 0, NULL);

    return text && (*text == 'Y' || *text == '1');
}

static gboolean
may_count(HvHost *host, GError **error)
{
    const HvPolicy *policy = hv_host_policy(host);

    if (policy->traffic && !(policy->traffic & HV_TRAFFIC_PERF))
        return refuse(error, N_("--source traffic= leaves it out"));
    if (is_mediated(host, "kvm_intel") || is_mediated(host, "kvm_amd"))
        return refuse(error,
                      N_("the PMU is lent to guests (enable_mediated_pmu): counting would keep "
                         "VMs from starting"));
    if (!hv_host_is_live(host) && !hv_host_is_simulated(host))
        return refuse(error, N_("no counters behind a captured tree"));
    if (!policy->may_count)
        return refuse(error, N_("--footprint leaves the counters alone"));
    if (!hv_host_exists(host, PMU_DIR))
        return refuse(error, N_("no PMU: " PMU_DIR " is not there"));
    return TRUE;
}

static const HvPfmChoice *
find_choices(HvHost *host, HvCpuIdent *ident, GError **error)
{
    g_autoptr(HvFile) file = hv_file_open(host, "proc/cpuinfo", error);
    const HvPfmChoice *choices;
    char text[CPUINFO_BYTES];

    if (!file || hv_file_read(file, text, sizeof text, error) < 0 ||
        !hv_cpu_ident_parse(text, ident, error))
        return NULL;
    choices = hv_pfm_choices(ident);
    if (!choices)
        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT,
                    _("no counters of memory traffic are known for this processor (family "
                      "%" G_GUINT64_FORMAT ", model %" G_GUINT64_FORMAT ")"),
                    ident->family, ident->model);
    return choices;
}

/* Intel's events tell sockets apart, not the nodes within one. */
static const char *
doubt_of(HvHost *host, const HvCpuIdent *ident)
{
    g_autoptr(HvTopology) topology = hv_host_topology(host, NULL);
    guint n_nodes = 0;

    for (guint i = 0; topology && i < topology->n_nodes; i++)
        if (!hv_set_is_empty(topology->nodes[i].cpus))
            n_nodes++;
    return ident->vendor == HV_CPU_INTEL && topology && n_nodes > topology->n_packages
               ? N_("other nodes of the same socket count as local")
               : NULL;
}

static gpointer
start(HvHost *host, GError **error)
{
    const HvPolicy *policy = hv_host_policy(host);
    HvCpuIdent ident = { 0 };
    const HvPfmChoice *choices =
        may_count(host, error) ? find_choices(host, &ident, error) : NULL;
    Probe *probe;

    if (!choices)
        return NULL;
    probe = g_new0(Probe, 1);
    probe->host = host;
    probe->has_offcore = hv_host_exists(host, PMU_DIR "/format/offcore_rsp");
    probe->counts_all = policy->traffic_is_asked && (policy->traffic & HV_TRAFFIC_PERF) != 0;
    probe->doubt = doubt_of(host, &ident);
    probe->limit = MIN(MAX_THREADS, hv_keep_limit(SHARE_OF_DESCRIPTORS) / N_EVENTS);
    probe->threads = g_hash_table_new_full(NULL, NULL, NULL, thread_free);
    probe->users = hv_counter_users_new(host);
    choose(probe, usable(probe, choices));
    return probe;
}

static void
stop(gpointer state)
{
    Probe *probe = state;

    hv_counter_users_free(probe->users);
    g_hash_table_unref(probe->threads);
    g_free(probe);
}

static const char *
cure(HvHost *host G_GNUC_UNUSED, const GError *why)
{
    if (g_error_matches(why, HV_ERROR, HV_ERROR_DENIED))
        return N_(
            "run it as root, or: setcap cap_perfmon,cap_sys_ptrace+ep $(command -v hvtune)");
    return NULL;
}

const HvProbe hv_probe_traffic_perf = {
    .name = "traffic-perf",
    .source = "perf_event_open(2); libpfm4; linux tools/perf/pmu-events",
    .help = N_("memory traffic of the vCPUs in view, by counters of their threads"),
    .schemas = (const HvSchema *const[]){ &schema, NULL },
    .start = start,
    .sample = sample,
    .stop = stop,
    .cure = cure,
};
