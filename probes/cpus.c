/* One row per cpu: where it is, and what it does with its time. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "probes/probe.h"
#include "probes/proc-stat.h"
#include "probes/task.h"

enum {
    CPU,
    NODE,
    PACKAGE,
    LLC,
    CORE,
    ONLINE,
    ISOLATED,
    USE_RATIO,
    USER_RATIO,
    SYSTEM_RATIO,
    GUEST_RATIO,
    STEAL_RATIO,
    SOFTIRQ_RATIO,
    IRQ_RATIO,
    IOWAIT_RATIO,
    USE_NS,
    USER_NS,
    SYSTEM_NS,
    GUEST_NS,
    STEAL_NS,
    SOFTIRQ_NS,
    IRQ_NS,
    IOWAIT_NS,
};

static const HvColumn columns[] = {
    [CPU] = { .name = "cpu",
              .kind = HV_KIND_ID,
              .unit = HV_UNIT_NONE,
              .help = N_("number of the cpu, as the kernel has it") },
    [NODE] = { .name = "node",
               .kind = HV_KIND_U64,
               .unit = HV_UNIT_NONE,
               .help = N_("memory node that it belongs to") },
    [PACKAGE] = { .name = "package",
                  .kind = HV_KIND_U64,
                  .unit = HV_UNIT_NONE,
                  .help = N_("socket") },
    [LLC] = { .name = "llc",
              .kind = HV_KIND_U64,
              .unit = HV_UNIT_NONE,
              .help = N_("last-level cache that it shares") },
    [CORE] = { .name = "core",
               .kind = HV_KIND_U64,
               .unit = HV_UNIT_NONE,
               .help = N_("core, numbered over the whole host") },
    [ONLINE] = { .name = "online",
                 .kind = HV_KIND_BOOL,
                 .unit = HV_UNIT_NONE,
                 .help = N_("the kernel uses it") },
    [ISOLATED] = { .name = "isolated",
                   .kind = HV_KIND_BOOL,
                   .unit = HV_UNIT_NONE,
                   .help = N_("the scheduler leaves it to pinned tasks (isolcpus)") },
    [USE_RATIO] = { .name = "use_ratio",
                    .kind = HV_KIND_RATE,
                    .unit = HV_UNIT_RATIO,
                    .help = N_("share of time at work"),
                    .of = USE_NS },
    [USER_RATIO] = { .name = "user_ratio",
                     .kind = HV_KIND_RATE,
                     .unit = HV_UNIT_RATIO,
                     .help = N_("share of time in user mode, guests apart"),
                     .of = USER_NS },
    [SYSTEM_RATIO] = { .name = "system_ratio",
                       .kind = HV_KIND_RATE,
                       .unit = HV_UNIT_RATIO,
                       .help = N_("share of time in the kernel"),
                       .of = SYSTEM_NS },
    [GUEST_RATIO] = { .name = "guest_ratio",
                      .kind = HV_KIND_RATE,
                      .unit = HV_UNIT_RATIO,
                      .help = N_("share of time inside guests"),
                      .of = GUEST_NS },
    [STEAL_RATIO] = { .name = "steal_ratio",
                      .kind = HV_KIND_RATE,
                      .unit = HV_UNIT_RATIO,
                      .help = N_(
                          "share of time taken by the hypervisor that this host is a guest of"),
                      .of = STEAL_NS },
    [SOFTIRQ_RATIO] = { .name = "softirq_ratio",
                        .kind = HV_KIND_RATE,
                        .unit = HV_UNIT_RATIO,
                        .help = N_("share of time in soft interrupts"),
                        .of = SOFTIRQ_NS },
    [IRQ_RATIO] = { .name = "irq_ratio",
                    .kind = HV_KIND_RATE,
                    .unit = HV_UNIT_RATIO,
                    .help = N_("share of time in interrupts"),
                    .of = IRQ_NS },
    [IOWAIT_RATIO] = { .name = "iowait_ratio",
                       .kind = HV_KIND_RATE,
                       .unit = HV_UNIT_RATIO,
                       .help = N_("share of time idle while a task waited for I/O"),
                       .of = IOWAIT_NS },
    [USE_NS] = { .name = "use_ns",
                 .kind = HV_KIND_COUNTER,
                 .unit = HV_UNIT_NS,
                 .help = N_("time at work since boot"),
                 .hidden = TRUE },
    [USER_NS] = { .name = "user_ns",
                  .kind = HV_KIND_COUNTER,
                  .unit = HV_UNIT_NS,
                  .help = N_("time in user mode since boot"),
                  .hidden = TRUE },
    [SYSTEM_NS] = { .name = "system_ns",
                    .kind = HV_KIND_COUNTER,
                    .unit = HV_UNIT_NS,
                    .help = N_("time in the kernel since boot"),
                    .hidden = TRUE },
    [GUEST_NS] = { .name = "guest_ns",
                   .kind = HV_KIND_COUNTER,
                   .unit = HV_UNIT_NS,
                   .help = N_("time inside guests since boot"),
                   .hidden = TRUE },
    [STEAL_NS] = { .name = "steal_ns",
                   .kind = HV_KIND_COUNTER,
                   .unit = HV_UNIT_NS,
                   .help = N_("time stolen since boot"),
                   .hidden = TRUE },
    [SOFTIRQ_NS] = { .name = "softirq_ns",
                     .kind = HV_KIND_COUNTER,
                     .unit = HV_UNIT_NS,
                     .help = N_("time in soft interrupts since boot"),
                     .hidden = TRUE },
    [IRQ_NS] = { .name = "irq_ns",
                 .kind = HV_KIND_COUNTER,
                 .unit = HV_UNIT_NS,
                 .help = N_("time in interrupts since boot"),
                 .hidden = TRUE },
    [IOWAIT_NS] = { .name = "iowait_ns",
                    .kind = HV_KIND_COUNTER,
                    .unit = HV_UNIT_NS,
                    .help = N_("time idle while a task waited for I/O since boot"),
                    .hidden = TRUE },
    { 0 },
};
static const HvSchema schema = { .name = "cpus", .columns = columns };

/* What is known of one cpu number. */
typedef struct {
    guint32 row;
    gboolean has_row;
    guint64 told; /* the sample in which /proc/stat had it; 0 never */
    HvCpuTimes times;
} Cpu;

typedef struct {
    HvHost *host;
    HvFiles *files;
    GError *no_stat; /* why there is no /proc/stat; NULL: there is */
    GArray *cpus;    /* of Cpu, by number */
    guint64 n_samples;
} Probe;

static Cpu *
cpu_at(Probe *probe, guint number)
{
    if (number >= probe->cpus->len)
        g_array_set_size(probe->cpus, number + 1);
    return &g_array_index(probe->cpus, Cpu, number);
}

/* User time less guest time: the kernel cuts both to whole ticks and reads them one after the
 * other, so that the difference may step back, by a tick each for plain and nice time. */
static guint64
steady_user_ns(const Cpu *cpu, guint64 user_ns)
{
    const guint64 former_ns = cpu->told ? cpu->times.user_ns : 0;

    return user_ns < former_ns && former_ns - user_ns <= hv_ticks_to_ns(2) ? former_ns
                                                                           : user_ns;
}

static void
read_times(Probe *probe, char *text)
{
    for (char *line; (line = hv_next_line(&text));) {
        HvCpuTimes times;
        int number;
        Cpu *cpu;

        if (*line != 'c' || !hv_cpu_times_parse(line, &number, &times) || number == HV_ALL_CPUS)
            continue;
        cpu = cpu_at(probe, (guint)number);
        times.user_ns = steady_user_ns(cpu, times.user_ns);
        cpu->told = probe->n_samples;
        cpu->times = times;
    }
}

static void
begin_row(HvSink *out, Cpu *cpu, guint number)
{
    if (cpu->has_row && hv_row_again(out, cpu->row))
        return;
    cpu->row = hv_row_u64(out, number);
    cpu->has_row = TRUE;
}

static void
emit_identity(HvSink *out, guint column, int identity, gboolean online)
{
    if (identity >= 0)
        hv_u64(out, column, (guint64)identity);
    else
        hv_none(out, column, HV_MARK_ABSENT,
                online ? N_("the topology does not say")
                       : N_("not known while the cpu is offline"));
}

static void
emit_place(HvSink *out, const HvTopoCpu *place, const HvTopology *topology)
{
    emit_identity(out, NODE, place->node, place->online);
    emit_identity(out, PACKAGE, place->package, place->online);
    emit_identity(out, LLC, place->llc, place->online);
    emit_identity(out, CORE, place->core, place->online);
    hv_bool(out, ONLINE, place->online);
    hv_bool(out, ISOLATED, hv_set_has(topology->isolated, place->cpu));
}

static void
emit_times(HvSink *out, const Cpu *cpu)
{
    const HvCpuTimes *times = &cpu->times;

    hv_u64(out, USE_NS, times->use_ns);
    hv_u64(out, USER_NS, times->user_ns);
    hv_u64(out, SYSTEM_NS, times->system_ns);
    hv_u64(out, GUEST_NS, times->guest_ns);
    hv_u64(out, STEAL_NS, times->steal_ns);
    hv_u64(out, SOFTIRQ_NS, times->softirq_ns);
    hv_u64(out, IRQ_NS, times->irq_ns);
    hv_u64(out, IOWAIT_NS, times->iowait_ns);
}

static void
emit_no_times(const Probe *probe, HvSink *out, gboolean online)
{
    for (guint i = USE_NS; i <= IOWAIT_NS; i++) {
        if (!online)
            hv_none(out, i, HV_MARK_ABSENT, N_("the cpu is offline"));
        else if (probe->no_stat)
            hv_none_error(out, i, probe->no_stat);
        else
            hv_none(out, i, HV_MARK_ABSENT, N_("/proc/stat does not have this cpu"));
    }
}

static void
emit_cpu(Probe *probe, HvSink *out, const HvTopoCpu *place, const HvTopology *topology)
{
    Cpu *cpu = cpu_at(probe, place->cpu);

    begin_row(out, cpu, place->cpu);
    emit_place(out, place, topology);
    if (cpu->told == probe->n_samples)
        emit_times(out, cpu);
    else
        emit_no_times(probe, out, place->online);
}

/* Cpus that only /proc/stat knows: there is no topology yet, or none at all. */
static void
emit_unplaced(Probe *probe, HvSink *out, const HvTopology *topology)
{
    for (guint i = 0; i < probe->cpus->len; i++) {
        Cpu *cpu = &g_array_index(probe->cpus, Cpu, i);

        if (cpu->told != probe->n_samples || (topology && hv_topology_cpu(topology, i)))
            continue;
        begin_row(out, cpu, i);
        for (guint column = NODE; column <= CORE; column++)
            hv_none(out, column, HV_MARK_ABSENT, N_("the topology does not say"));
        hv_bool(out, ONLINE, TRUE);
        emit_times(out, cpu);
    }
}

static void
stop(gpointer state)
{
    Probe *probe = state;

    hv_files_close(probe->files);
    g_clear_error(&probe->no_stat);
    g_array_unref(probe->cpus);
    g_free(probe);
}

static gpointer
start(HvHost *host, GError **error)
{
    static const char *const names[] = { "stat" };
    g_autoptr(HvTopology) topology = hv_host_topology(host, NULL);
    Probe *probe = g_new0(Probe, 1);

    probe->host = host;
    probe->cpus = g_array_new(FALSE, TRUE, sizeof(Cpu));
    probe->files = hv_files_open(host, "proc/%s", names, G_N_ELEMENTS(names), &probe->no_stat);
    if (probe->files || topology)
        return probe;
    g_propagate_error(error, g_steal_pointer(&probe->no_stat));
    stop(probe);
    return NULL;
}

static gboolean
sample(gpointer state, HvSink *out, GError **error)
{
    Probe *probe = state;
    g_autoptr(HvTopology) topology = hv_host_topology(probe->host, NULL);
    char *text = probe->files ? hv_files_read(probe->files, 0, error) : NULL;

    probe->n_samples++;
    if (text)
        read_times(probe, text);
    for (guint i = 0; topology && i < topology->n_cpus; i++)
        emit_cpu(probe, out, &topology->cpus[i], topology);
    emit_unplaced(probe, out, topology);
    return text || !probe->files;
}

const HvProbe hv_probe_cpus = {
    .name = "cpus",
    .source = "proc(5): /proc/stat; hwloc",
    .help = N_("every cpu: where it is, and what it does with its time"),
    .schemas = (const HvSchema *const[]){ &schema, NULL },
    .start = start,
    .sample = sample,
    .stop = stop,
};
