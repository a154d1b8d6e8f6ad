/* One row per vCPU: how long its thread ran and waited, where it ran, where it may run. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "probes/keep.h"
#include "probes/pressure.h"
#include "probes/probe.h"
#include "probes/task.h"
#include "probes/vcpus-columns.h"

/* What nobody looks at is read when it would grow older than this; its rate keeps until then.
 */
#define OLDEST_NS (G_GINT64_CONSTANT(19) * 500000000)  /* 9.5 s */
#define STAT_AGE_NS (G_GINT64_CONSTANT(3) * 500000000) /* one among many: every second tick */
#define N_TURNS 10                                     /* parts in which the unseen are read */

static const HvSchema schema = { .name = "vcpus", .columns = columns };

/* One vCPU. @guest and @thread belong to the list that the probe holds; @thread is NULL where
 * there is no local one. */
typedef struct {
    const HvGuest *guest;
    const HvThread *thread;
    guint index;
    int cell;            /* of the guest's NUMA; -1 not known */
    guint64 start_ticks; /* of the thread, that another one of its number is told from it */
    guint turn;          /* 0 to N_TURNS - 1 */
    guint32 row;
    gboolean has_row;
    HvKept schedstat, stat, status, throttle;
    gint64
        due_ns; /* when @status and @throttle, and where nobody looks @stat, are to be read */
    gint64 status_ns;
    HvRegard last_regard;
    gint64 stat_ns;   /* when they were; 0 never */
    gint64 window_ns; /* since the reading before; 0 none */
    gboolean has_stat;
    HvTaskStat last_stat;
    char *allowed; /* NULL: unknown */
    gboolean has_switches;
    guint64 switches;
    gboolean has_throttle, has_cookie;
    guint64 cookie;
    gboolean is_limited; /* periods go by: a limit is in force */
    HvThrottle last_throttle;
    gint64 throttle_ns;
} Vcpu;

typedef struct {
    HvHost *host;
    HvKeep keep;
    HvGuestList *list;
    HvTopology *topology;
    GPtrArray *vcpus; /* of Vcpu, in the order of the list */
    guint n_born;     /* spreads the turns */
    char buffer[8192];
} Probe;

static void
vcpu_free(Probe *probe, Vcpu *vcpu)
{
    hv_kept_clear(&probe->keep, &vcpu->schedstat);
    hv_kept_clear(&probe->keep, &vcpu->stat);
    hv_kept_clear(&probe->keep, &vcpu->status);
    hv_kept_clear(&probe->keep, &vcpu->throttle);
    g_free(vcpu->allowed);
    g_free(vcpu);
}

static void
set_files(Probe *probe, Vcpu *vcpu)
{
    const int pid = vcpu->guest->pid, tid = vcpu->thread->tid;

    hv_kept_set(&probe->keep, &vcpu->schedstat,
                g_strdup_printf("proc/%d/task/%d/schedstat", pid, tid));
    hv_kept_set(&probe->keep, &vcpu->stat, g_strdup_printf("proc/%d/task/%d/stat", pid, tid));
    hv_kept_set(&probe->keep, &vcpu->status,
                g_strdup_printf("proc/%d/task/%d/status", pid, tid));
}

/* libvirt gives each vCPU a group of its own; under systemd and version 2 they lie one level
 * deeper. */
static char *
throttle_path(HvHost *host, const HvGuest *guest, guint index)
{
    g_autofree char *deeper = g_strdup_printf("%s/libvirt/vcpu%u", guest->cgroup, index);

    if (hv_host_exists(host, deeper))
        return g_strconcat(deeper, "/cpu.stat", NULL);
    return g_strdup_printf("%s/vcpu%u/cpu.stat", guest->cgroup, index);
}

static void
set_throttle_file(Probe *probe, Vcpu *vcpu)
{
    const HvGuest *guest = vcpu->guest;
    const char *path = vcpu->throttle.path;

    if (!*guest->cgroup)
        hv_kept_set(&probe->keep, &vcpu->throttle, NULL);
    else if (path && g_str_has_prefix(path, guest->cgroup))
        hv_kept_again(&vcpu->throttle);
    else
        hv_kept_set(&probe->keep, &vcpu->throttle,
                    throttle_path(probe->host, guest, vcpu->index));
}

/* A guest without cells is one. */
static int
cell_of(const HvGuest *guest, guint index)
{
    if (!guest->cell_cpus)
        return guest->in_libvirt ? 0 : -1;
    for (int cell = 0; guest->cell_cpus[cell]; cell++) {
        g_autoptr(HvSet) cpus = hv_set_parse(guest->cell_cpus[cell], NULL);

        if (cpus && hv_set_has(cpus, index))
            return cell;
    }
    return -1;
}

static Vcpu *
vcpu_new(Probe *probe, const HvGuest *guest, const HvThread *thread, guint index)
{
    Vcpu *vcpu = g_new0(Vcpu, 1);

    vcpu->guest = guest;
    vcpu->thread = thread;
    vcpu->index = index;
    vcpu->cell = cell_of(guest, index);
    if (!thread)
        return vcpu;
    vcpu->start_ticks = thread->start_ticks;
    vcpu->turn = probe->n_born++ % N_TURNS;
    set_files(probe, vcpu);
    set_throttle_file(probe, vcpu);
    return vcpu;
}

/* The vCPU of the last list that this thread is, taken out of @former; else a new one. */
static Vcpu *
adopt(Probe *probe, GHashTable *former, const HvGuest *guest, const HvThread *thread)
{
    Vcpu *vcpu = g_hash_table_lookup(former, GINT_TO_POINTER(thread->tid));

    if (!vcpu || vcpu->start_ticks != thread->start_ticks || vcpu->index != thread->index)
        return vcpu_new(probe, guest, thread, thread->index);
    g_hash_table_steal(former, GINT_TO_POINTER(thread->tid));
    vcpu->guest = guest;
    vcpu->thread = thread;
    vcpu->cell = cell_of(guest, thread->index);
    vcpu->has_row = FALSE; /* the VM may have another name now */
    set_throttle_file(probe, vcpu);
    return vcpu;
}

static void
add_guest(Probe *probe, GHashTable *former, const HvGuest *guest)
{
    guint n_found = 0;

    for (guint i = 0; i < guest->n_threads; i++) {
        if (guest->threads[i].role != HV_THREAD_VCPU)
            continue;
        g_ptr_array_add(probe->vcpus, adopt(probe, former, guest, &guest->threads[i]));
        n_found++;
    }
    for (guint i = 0; n_found == 0 && i < guest->n_vcpus; i++)
        g_ptr_array_add(probe->vcpus, vcpu_new(probe, guest, NULL, i));
}

/* The list changed: threads that stay keep their files, the others are opened and closed. Takes
 * @take_list. */
static void
reconcile(Probe *probe, HvGuestList *take_list)
{
    g_autoptr(HvGuestList) former_list G_GNUC_UNUSED =
        probe->list; /* until none refers to it */
    g_autoptr(GHashTable) former = g_hash_table_new(NULL, NULL);
    GHashTableIter iter;
    gpointer left;

    for (guint i = 0; i < probe->vcpus->len; i++) {
        Vcpu *vcpu = probe->vcpus->pdata[i];

        if (vcpu->thread)
            g_hash_table_replace(former, GINT_TO_POINTER(vcpu->thread->tid), vcpu);
        else
            vcpu_free(probe, vcpu);
    }
    g_ptr_array_set_size(probe->vcpus, 0);
    probe->list = take_list;
    for (guint i = 0; i < take_list->n_guests; i++)
        add_guest(probe, former, take_list->guests[i]);
    g_hash_table_iter_init(&iter, former);
    while (g_hash_table_iter_next(&iter, NULL, &left))
        vcpu_free(probe, left);
}

static void
refresh(Probe *probe)
{
    HvGuestList *list = hv_host_guests(probe->host);

    g_clear_pointer(&probe->topology, hv_topology_unref);
    probe->topology = hv_host_topology(probe->host, NULL);
    if (probe->list && probe->list->generation == list->generation)
        hv_guest_list_unref(list);
    else
        reconcile(probe, list);
}

static void
read_stat(Probe *probe, Vcpu *vcpu, gint64 now_ns)
{
    HvTaskStat stat;

    vcpu->has_stat = FALSE;
    if (!hv_kept_read(&probe->keep, &vcpu->stat, probe->buffer, sizeof probe->buffer) ||
        !hv_task_stat_parse(probe->buffer, &stat, &vcpu->stat.error))
        return;
    if (vcpu->start_ticks && stat.start_ticks != vcpu->start_ticks) {
        g_set_error(&vcpu->stat.error, HV_ERROR, HV_ERROR_ABSENT, _("thread %d has ended"),
                    vcpu->thread->tid);
        return;
    }
    vcpu->has_stat = TRUE;
    vcpu->last_stat = stat;
    vcpu->window_ns = vcpu->stat_ns ? now_ns - vcpu->stat_ns : 0;
    vcpu->stat_ns = now_ns;
}

static void
read_status(Probe *probe, Vcpu *vcpu, gint64 now_ns)
{
    HvTaskStatus status;

    vcpu->has_switches = FALSE;
    vcpu->status_ns = now_ns;
    vcpu->has_cookie = hv_host_get_core_cookie(probe->host, vcpu->thread->tid, &vcpu->cookie);
    if (!hv_kept_read(&probe->keep, &vcpu->status, probe->buffer, sizeof probe->buffer)) {
        g_clear_pointer(&vcpu->allowed, g_free);
        return;
    }
    hv_task_status_parse(probe->buffer, &status);
    vcpu->has_switches = status.has_switches;
    vcpu->switches = status.switches;
    if (g_strcmp0(vcpu->allowed, status.cpus_allowed) != 0) {
        g_free(vcpu->allowed);
        vcpu->allowed = g_strdup(status.cpus_allowed);
    }
}

static void
read_throttle(Probe *probe, Vcpu *vcpu, gint64 now_ns)
{
    HvThrottle throttle;

    vcpu->has_throttle =
        hv_kept_read(&probe->keep, &vcpu->throttle, probe->buffer, sizeof probe->buffer);
    if (!vcpu->has_throttle)
        return;
    hv_throttle_parse(probe->buffer, &throttle);
    vcpu->is_limited = vcpu->throttle_ns && throttle.n_periods != vcpu->last_throttle.n_periods;
    vcpu->last_throttle = throttle;
    vcpu->throttle_ns = now_ns;
}

/* When what changes slowly is to be read again; the turns spread those that were read at once.
 */
static gint64
next_ns(const Vcpu *vcpu, gboolean is_seen, gboolean out_of_turn, gint64 now_ns)
{
    const gint64 age_ns = is_seen ? HV_SEEN_NS : OLDEST_NS;

    return now_ns + (out_of_turn ? age_ns * (vcpu->turn + 1) / N_TURNS : age_ns);
}

/* Reads what is due. A vCPU under a limit is asked each time: its wait means nothing without
 * what it was denied. */
static void
read_vcpu(Probe *probe, Vcpu *vcpu, HvRegard regard, gint64 now_ns)
{
    const gboolean out_of_turn =
        regard == HV_REGARD_CLOSE || vcpu->stat_ns == 0 || regard > vcpu->last_regard;
    const gboolean is_due = out_of_turn || now_ns >= vcpu->due_ns;

    if (is_due) {
        read_status(probe, vcpu, now_ns);
        vcpu->due_ns = next_ns(vcpu, regard == HV_REGARD_SEEN, out_of_turn, now_ns);
    }
    if (is_due || (regard == HV_REGARD_SEEN && now_ns >= vcpu->stat_ns + STAT_AGE_NS) ||
        vcpu->schedstat.error)
        read_stat(probe, vcpu, now_ns);
    if (is_due || vcpu->is_limited)
        read_throttle(probe, vcpu, now_ns);
    vcpu->last_regard = regard;
}

/* A kernel that does not count gives three zeros even for a thread that has run. */
static gboolean
read_schedstat(Probe *probe, Vcpu *vcpu, HvSchedstat *schedstat)
{
    if (!hv_kept_read(&probe->keep, &vcpu->schedstat, probe->buffer, sizeof probe->buffer) ||
        !hv_schedstat_parse(probe->buffer, schedstat, &vcpu->schedstat.error))
        return FALSE;
    if (schedstat->timeslices || schedstat->run_ns || schedstat->wait_ns || !vcpu->has_stat ||
        vcpu->last_stat.user_ns + vcpu->last_stat.system_ns == 0)
        return TRUE;
    g_set_error_literal(&vcpu->schedstat.error, HV_ERROR, HV_ERROR_ABSENT,
                        N_("this kernel does not count it (schedstat is all 0)"));
    return FALSE;
}

static void
begin_row(HvSink *out, Vcpu *vcpu)
{
    if (vcpu->has_row && hv_row_again(out, vcpu->row))
        return;
    vcpu->row = hv_row_text_u64(out, vcpu->guest->name, vcpu->index);
    vcpu->has_row = TRUE;
}

/* @error NULL: the file was read, and says nothing of it. */
static void
none(HvSink *out, guint column, const GError *error)
{
    if (error)
        hv_none_error(out, column, error);
    else
        hv_none(out, column, HV_MARK_ABSENT, N_("this kernel does not tell"));
}

static void
emit_run(HvSink *out, const Vcpu *vcpu, const HvSchedstat *schedstat)
{
    if (schedstat) {
        hv_u64(out, RUN_NS, schedstat->run_ns);
        hv_u64(out, WAIT_NS, schedstat->wait_ns);
        return;
    }
    none(out, WAIT_NS, vcpu->schedstat.error);
    if (vcpu->has_stat) {
        hv_u64(out, RUN_NS, vcpu->last_stat.user_ns + vcpu->last_stat.system_ns);
        hv_mark(out, RUN_NS, HV_MARK_ESTIMATED); /* in steps of 10 ms */
    } else {
        none(out, RUN_NS, vcpu->stat.error);
    }
}

static void
emit_cpu(const Probe *probe, HvSink *out, guint64 number)
{
    const HvTopoCpu *cpu = probe->topology && number <= HV_SET_MAX
                               ? hv_topology_cpu(probe->topology, (guint)number)
                               : NULL;

    hv_u64(out, CPU, number);
    if (cpu && cpu->node >= 0)
        hv_u64(out, NODE, (guint64)cpu->node);
    else
        hv_none(out, NODE, HV_MARK_ABSENT, N_("the node of that cpu is not known"));
}

static void
emit_stat(const Probe *probe, HvSink *out, const Vcpu *vcpu)
{
    static const guint columns_of_stat[] = { CPU,     NODE,      STATE,   STAT_NS,
                                             USER_NS, SYSTEM_NS, GUEST_NS };
    const HvTaskStat *stat = &vcpu->last_stat;

    if (!vcpu->has_stat) {
        for (guint i = 0; i < G_N_ELEMENTS(columns_of_stat); i++)
            none(out, columns_of_stat[i], vcpu->stat.error);
        return;
    }
    emit_cpu(probe, out, stat->cpu);
    hv_text(out, STATE, hv_task_state_name(stat->state));
    hv_u64(out, STAT_NS, (guint64)vcpu->stat_ns);
    if (vcpu->window_ns)
        hv_u64(out, WINDOW_NS, (guint64)vcpu->window_ns);
    hv_u64(out, USER_NS, stat->user_ns);
    hv_u64(out, SYSTEM_NS, stat->system_ns);
    if (vcpu->guest->tcg)
        hv_none(out, GUEST_NS, HV_MARK_ABSENT, N_("emulated: the kernel sees no guest"));
    else
        hv_u64(out, GUEST_NS, stat->guest_ns);
}

static void
emit_status(HvSink *out, const Vcpu *vcpu)
{
    if (vcpu->allowed)
        hv_text(out, CPUS_ALLOWED, vcpu->allowed);
    else
        none(out, CPUS_ALLOWED, vcpu->status.error);
    if (vcpu->has_cookie)
        hv_u64(out, CORE_COOKIE, vcpu->cookie);
    else
        hv_none(out, CORE_COOKIE, HV_MARK_ABSENT,
                N_("no core scheduling here, or the kernel does not tell"));
    if (vcpu->has_switches)
        hv_u64(out, SWITCHES, vcpu->switches);
    else
        none(out, SWITCHES, vcpu->status.error);
    hv_u64(out, STATUS_NS, (guint64)vcpu->status_ns);
}

static void
emit_no_throttle(HvSink *out, const Vcpu *vcpu)
{
    static const guint throttles[] = { THROTTLED_NS, N_PERIODS, N_THROTTLED };

    for (guint i = 0; i < G_N_ELEMENTS(throttles); i++) {
        if (vcpu->throttle.path)
            none(out, throttles[i], vcpu->throttle.error);
        else
            hv_none(out, throttles[i], HV_MARK_ABSENT, N_("its cgroup is not known"));
    }
}

static void
emit_throttle(HvSink *out, const Vcpu *vcpu)
{
    if (!vcpu->has_throttle) {
        emit_no_throttle(out, vcpu);
        return;
    }
    hv_u64(out, THROTTLED_NS, vcpu->last_throttle.throttled_ns);
    hv_u64(out, N_PERIODS, vcpu->last_throttle.n_periods);
    hv_u64(out, N_THROTTLED, vcpu->last_throttle.n_throttled);
    hv_u64(out, THROTTLED_AT_NS, (guint64)vcpu->throttle_ns);
}

static void
emit_defined(HvSink *out, const Vcpu *vcpu)
{
    const HvGuest *guest = vcpu->guest;

    if (guest->vcpu_pins && vcpu->index < guest->n_vcpus)
        hv_text(out, CPUS_DEFINED, guest->vcpu_pins[vcpu->index]);
    else
        hv_none(out, CPUS_DEFINED, HV_MARK_ABSENT,
                guest->in_libvirt ? N_("its definition is not known yet")
                                  : N_("libvirt does not know this VM"));
}

static void
emit_cell(HvSink *out, const Vcpu *vcpu)
{
    if (vcpu->cell >= 0)
        hv_u64(out, CELL, (guint64)vcpu->cell);
    else
        hv_none(out, CELL, HV_MARK_ABSENT,
                vcpu->guest->in_libvirt ? N_("its definition puts it in no cell")
                                        : N_("libvirt does not know this VM"));
}

/* A vCPU whose thread is not to be seen still has a row: the VM has it. */
static void
emit_without_thread(const Probe *probe, HvSink *out, const Vcpu *vcpu)
{
    static const guint columns_of_thread[] = {
        TID,       CPUS_ALLOWED, CPU,          NODE,      STATE,
        RUN_NS,    WAIT_NS,      THROTTLED_NS, STAT_NS,   USER_NS,
        SYSTEM_NS, GUEST_NS,     SWITCHES,     WINDOW_NS, THROTTLED_AT_NS,
        N_PERIODS, N_THROTTLED,  CORE_COOKIE,  STATUS_NS
    };
    const char *why = probe->list->remote     ? N_("runs on another machine (REMOTE)")
                      : vcpu->guest->pid == 0 ? N_("no local process is known")
                                              : N_("its threads cannot be seen");

    for (guint i = 0; i < G_N_ELEMENTS(columns_of_thread); i++)
        hv_none(out, columns_of_thread[i], HV_MARK_ABSENT, why);
}

static void
sample_vcpu(Probe *probe, HvSink *out, Vcpu *vcpu)
{
    HvSchedstat schedstat;
    gboolean has_schedstat;

    begin_row(out, vcpu);
    emit_defined(out, vcpu);
    emit_cell(out, vcpu);
    if (!vcpu->thread) {
        emit_without_thread(probe, out, vcpu);
        return;
    }
    read_vcpu(probe, vcpu, hv_sink_regard(out, vcpu->guest->name), hv_sink_now_ns(out));
    has_schedstat = read_schedstat(probe, vcpu, &schedstat);
    hv_u64(out, TID, (guint64)vcpu->thread->tid);
    emit_run(out, vcpu, has_schedstat ? &schedstat : NULL);
    emit_stat(probe, out, vcpu);
    emit_status(out, vcpu);
    emit_throttle(out, vcpu);
}

static gpointer
start(HvHost *host, GError **error G_GNUC_UNUSED)
{
    Probe *probe = g_new0(Probe, 1);

    probe->host = host;
    probe->keep = (HvKeep){ .host = host, .limit = hv_keep_limit(60) };
    probe->vcpus = g_ptr_array_new();
    return probe;
}

static gboolean
sample(gpointer state, HvSink *out, GError **error G_GNUC_UNUSED)
{
    Probe *probe = state;

    refresh(probe);
    for (guint i = 0; i < probe->vcpus->len; i++)
        sample_vcpu(probe, out, probe->vcpus->pdata[i]);
    if (hv_keep_note(&probe->keep))
        hv_sink_why(out, hv_keep_note(&probe->keep));
    else if (probe->vcpus->len == 0)
        hv_sink_why(out, N_("no VM runs here"));
    return TRUE;
}

static void
stop(gpointer state)
{
    Probe *probe = state;

    for (guint i = 0; i < probe->vcpus->len; i++)
        vcpu_free(probe, probe->vcpus->pdata[i]);
    g_ptr_array_unref(probe->vcpus);
    hv_topology_unref(probe->topology);
    hv_guest_list_unref(probe->list);
    g_free(probe);
}

const HvProbe hv_probe_vcpus = {
    .name = "vcpus",
    .source = "proc(5): task/TID/schedstat, stat, status; kernel "
              "Documentation/scheduler/sched-bwc.rst",
    .help = N_("how long each vCPU ran, waited and was held back, and where"),
    .schemas = (const HvSchema *const[]){ &schema, NULL },
    .start = start,
    .sample = sample,
    .stop = stop,
};
