/* One row: the host line, all that tells at a glance whether this machine is well. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "host/interrupt-lines.h"
#include "model/i18n.h"
#include "probes/host-columns.h"
#include "probes/host-hardware.h"
#include "probes/host-io.h"
#include "probes/pressure.h"
#include "probes/probe.h"
#include "probes/proc-stat.h"

#define SLOW_NS (G_GINT64_CONSTANT(45) * 100000000) /* 4.5 s: what changes seldom, or costs */
#define VERY_SLOW_NS                                                                           \
    (G_GINT64_CONSTANT(595) * 100000000) /* 59.5 s: machine checks, which cost most */
#define MAX_NAME_BYTES 4096

static const HvSchema schema = { .name = "host", .columns = columns };

enum {
    STAT,
    MEMINFO,
    VMSTAT,
    UPTIME,
    DISKSTATS,
    NET_DEV,
    PSI_CPU,
    PSI_MEMORY,
    PSI_IO,
    HUNG,
    INTERRUPTS,
    N_FILES
};
static const char *const file_names[N_FILES] = {
    [STAT] = "stat",
    [MEMINFO] = "meminfo",
    [VMSTAT] = "vmstat",
    [UPTIME] = "uptime",
    [DISKSTATS] = "diskstats",
    [NET_DEV] = "net/dev",
    [PSI_CPU] = "pressure/cpu",
    [PSI_MEMORY] = "pressure/memory",
    [PSI_IO] = "pressure/io",
    [HUNG] = "sys/kernel/hung_task_detect_count",
    [INTERRUPTS] = "interrupts",
};

typedef struct {
    HvHost *host;
    char *hostname, *kernel; /* kernel: NULL unknown */
    char *cpu_model;         /* of /proc/cpuinfo; NULL unknown */
    HvFiles *files;          /* NULL: none can be read */
    GError *errors[N_FILES]; /* why one cannot be read; asked for once if it is not there */
    HvHostIo *io;
    HvHardware *hardware;
    guint32 row;
    gboolean has_row;
    guint n_cpus;                 /* in the last /proc/stat */
    gint64 slow_ns, very_slow_ns; /* of the last such reading; 0 never */
    HvHardwareNumber throttles, corrected, uncorrected, drops, machine_checks;
} Probe;

static gboolean
is_lasting(const GError *error)
{
    return g_error_matches(error, HV_ERROR, HV_ERROR_ABSENT) ||
           g_error_matches(error, HV_ERROR, HV_ERROR_DENIED);
}

/* The text of a file, good until the next; NULL: @probe->errors says why. */
static char *
read_file(Probe *probe, guint index)
{
    if (is_lasting(probe->errors[index]))
        return NULL;
    g_clear_error(&probe->errors[index]);
    if (probe->files)
        return hv_files_read(probe->files, index, &probe->errors[index]);
    g_set_error(&probe->errors[index], HV_ERROR, HV_ERROR_ABSENT, "proc/%s: not here",
                file_names[index]);
    return NULL;
}

static void
emit_none(HvSink *out, const Probe *probe, guint file, guint first, guint last)
{
    for (guint column = first; column <= last; column++)
        hv_none_error(out, column, probe->errors[file]);
}

static void
emit_number(HvSink *out, guint column, HvHardwareNumber number)
{
    if (!number.has_value) {
        hv_none(out, column, HV_MARK_ABSENT, number.why);
        return;
    }
    hv_u64(out, column, number.value);
    if (number.is_estimated)
        hv_mark(out, column, HV_MARK_ESTIMATED);
}

static void
emit_text(HvSink *out, guint column, const char *text, const char *why)
{
    if (text && *text)
        hv_text(out, column, text);
    else
        hv_none(out, column, HV_MARK_ABSENT, why);
}

static void
emit_topology(HvSink *out, const Probe *probe, const HvTopology *topology)
{
    const char *model =
        topology && topology->cpu_model ? topology->cpu_model : probe->cpu_model;

    emit_text(out, KERNEL, probe->kernel, N_("proc/sys/kernel/osrelease is not here"));
    emit_text(out, CPU_MODEL, model, N_("neither the topology nor proc/cpuinfo tells"));
    if (!topology) {
        for (guint column = N_PACKAGES; column <= N_CPUS_ONLINE; column++)
            hv_none(out, column, HV_MARK_ABSENT, N_("the topology is not known"));
        return;
    }
    hv_u64(out, N_PACKAGES, topology->n_packages);
    hv_u64(out, N_NODES, topology->n_nodes);
    hv_u64(out, N_LLCS, topology->n_llcs);
    hv_u64(out, N_CORES, topology->n_cores);
    hv_u64(out, N_CPUS, topology->n_cpus);
    hv_u64(out, N_CPUS_ONLINE, hv_set_count(topology->online));
}

static void
emit_uptime(HvSink *out, Probe *probe)
{
    char *text = read_file(probe, UPTIME);
    guint64 seconds;

    if (!text)
        emit_none(out, probe, UPTIME, UPTIME_S, UPTIME_S);
    else if (hv_scan_u64(&text, &seconds))
        hv_u64(out, UPTIME_S, seconds);
    else
        hv_none(out, UPTIME_S, HV_MARK_FAILED, N_("proc/uptime: no number"));
}

static void
emit_pressure(HvSink *out, Probe *probe, guint file, guint some_column)
{
    const guint full_column = some_column + 1;
    char *text = read_file(probe, file);
    HvPressure pressure;

    if (!text || !hv_pressure_parse(text, &pressure, &probe->errors[file])) {
        emit_none(out, probe, file, some_column, full_column);
        return;
    }
    if (pressure.has_some)
        hv_u64(out, some_column, pressure.some_ns);
    else
        hv_none(out, some_column, HV_MARK_ABSENT, N_("this kernel does not tell"));
    if (pressure.has_full)
        hv_u64(out, full_column, pressure.full_ns);
    else
        hv_none(out, full_column, HV_MARK_ABSENT, N_("this kernel does not tell"));
}

/* The mean over cpus would jump when one goes or comes: then there is none, and no rate. */
static void
emit_steal(HvSink *out, Probe *probe, guint n_cpus, guint64 steal_ns)
{
    if (n_cpus > 0 && (probe->n_cpus == 0 || n_cpus == probe->n_cpus))
        hv_u64(out, STEAL_NS, steal_ns / n_cpus);
    else
        hv_none(out, STEAL_NS, HV_MARK_ABSENT, N_("the number of cpus changed"));
    probe->n_cpus = n_cpus;
}

static void
emit_stat(HvSink *out, Probe *probe)
{
    char *text = read_file(probe, STAT);
    guint64 steal_ns = 0, n_irqs;
    guint n_cpus = 0;

    hv_none(out, IRQS, HV_MARK_ABSENT, N_("proc/stat does not tell"));
    if (!text) {
        emit_none(out, probe, STAT, STEAL_NS, STEAL_NS);
        emit_none(out, probe, STAT, IRQS, IRQS);
        return;
    }
    for (char *line; (line = hv_next_line(&text));) {
        HvCpuTimes times;
        int cpu;

        if (hv_cpu_times_parse(line, &cpu, &times)) {
            if (cpu == HV_ALL_CPUS) {
                steal_ns = times.steal_ns;
                continue;
            }
            n_cpus++;
            hv_hardware_cpu(probe->hardware, (guint)cpu, times.use_ns, hv_sink_now_ns(out));
        } else if (g_str_has_prefix(line, "intr ")) {
            line = hv_skip_blanks(line + strlen("intr"));
            if (hv_scan_u64(&line, &n_irqs))
                hv_u64(out, IRQS, n_irqs);
        }
    }
    emit_steal(out, probe, n_cpus, steal_ns);
}

static void
emit_key(HvSink *out, Probe *probe, guint file, guint column, const char *name)
{
    const char *text = read_file(probe, file);
    guint64 value;

    if (!text)
        hv_none_error(out, column, probe->errors[file]);
    else if (hv_key_u64(text, name, &value, NULL))
        hv_u64(out, column, value);
    else
        hv_none(out, column, HV_MARK_ABSENT, N_("this kernel does not count it"));
}

static void
emit_hung_tasks(HvSink *out, Probe *probe)
{
    char *text = read_file(probe, HUNG);
    guint64 n_tasks;

    if (text && hv_scan_u64(&text, &n_tasks))
        hv_u64(out, HUNG_TASKS, n_tasks);
    else
        hv_none(out, HUNG_TASKS, HV_MARK_ABSENT,
                N_("this kernel keeps no count (hung_task_detect_count)"));
}

static void
emit_memory(HvSink *out, Probe *probe)
{
    const char *text = read_file(probe, MEMINFO);
    guint64 value, swap_free;

    if (!text) {
        emit_none(out, probe, MEMINFO, MEM_TOTAL_BYTES, SWAP_USED_BYTES);
        return;
    }
    for (guint column = MEM_TOTAL_BYTES; column <= SWAP_USED_BYTES; column++)
        hv_none(out, column, HV_MARK_ABSENT, N_("proc/meminfo does not tell"));
    if (hv_colon_u64(text, "MemTotal", &value, NULL))
        hv_u64(out, MEM_TOTAL_BYTES, value);
    if (hv_colon_u64(text, "MemAvailable", &value, NULL))
        hv_u64(out, MEM_AVAILABLE_BYTES, value);
    if (hv_colon_u64(text, "SwapTotal", &value, NULL) &&
        hv_colon_u64(text, "SwapFree", &swap_free, NULL) && swap_free <= value)
        hv_u64(out, SWAP_USED_BYTES, value - swap_free);
}

static void
emit_disks(HvSink *out, Probe *probe)
{
    const char *why = hv_host_io_is_first(probe->io) ? N_("one sample: no rate")
                                                     : N_("no disk had anything to do");
    char *text = read_file(probe, DISKSTATS);
    double latency_ms;
    const char *name;

    if (!text) {
        emit_none(out, probe, DISKSTATS, DISK_LATENCY_MAX_MS, DISK_LATENCY_DEVICE);
        return;
    }
    name = hv_host_io_disks(probe->io, text, &latency_ms);
    if (name) {
        hv_f64(out, DISK_LATENCY_MAX_MS, latency_ms);
        hv_text(out, DISK_LATENCY_DEVICE, name);
    } else {
        hv_none(out, DISK_LATENCY_MAX_MS, HV_MARK_ABSENT, why);
        hv_none(out, DISK_LATENCY_DEVICE, HV_MARK_ABSENT, why);
    }
}

static HvHardwareNumber
read_drops(Probe *probe)
{
    char *text = read_file(probe, NET_DEV);
    HvHardwareNumber drops = { .why = N_("no network card is known here") };

    if (text)
        drops.has_value = hv_host_io_nics(probe->io, text, &drops.value);
    else
        drops.why = N_("proc/net/dev cannot be read");
    return drops;
}

/* The line MCE of /proc/interrupts. */
static HvHardwareNumber
read_machine_checks(Probe *probe)
{
    HvHardwareNumber checks = {
        .why = N_("this kernel does not count them (MCE in proc/interrupts)")
    };
    char *text = read_file(probe, INTERRUPTS), *header = hv_next_line(&text);
    g_autoptr(GArray) cpus = g_array_new(FALSE, FALSE, sizeof(guint));
    g_autofree guint *slots = NULL;

    if (!header || !hv_interrupts_header(header, cpus, NULL))
        return checks;
    slots = g_new0(guint, cpus->len); /* all of them to one sum */
    for (char *line; (line = hv_next_line(&text));) {
        HvInterruptLine parsed;
        guint64 sum = 0;

        if (!g_str_has_prefix(hv_skip_blanks(line), "MCE:") ||
            !hv_interrupts_line(line, slots, cpus->len, &sum, &parsed))
            continue;
        checks.has_value = TRUE;
        checks.value = parsed.is_whole ? parsed.whole : sum;
    }
    return checks;
}

static void
emit_slow(HvSink *out, Probe *probe)
{
    const gint64 now_ns = hv_sink_now_ns(out);

    if (!probe->slow_ns || now_ns - probe->slow_ns >= SLOW_NS) {
        probe->slow_ns = now_ns;
        probe->throttles = hv_hardware_throttles(probe->hardware);
        probe->corrected = hv_hardware_corrected(probe->hardware);
        probe->uncorrected = hv_hardware_uncorrected(probe->hardware);
        probe->drops = read_drops(probe);
    }
    if (!probe->very_slow_ns || now_ns - probe->very_slow_ns >= VERY_SLOW_NS) {
        probe->very_slow_ns = now_ns;
        probe->machine_checks = read_machine_checks(probe);
    }
    emit_number(out, THERMAL_THROTTLES, probe->throttles);
    emit_number(out, EDAC_CE_ERRORS, probe->corrected);
    emit_number(out, EDAC_UE_ERRORS, probe->uncorrected);
    emit_number(out, NIC_DROPS, probe->drops);
    emit_number(out, MCE_ERRORS, probe->machine_checks);
    hv_u64(out, SLOW_AT_NS, (guint64)probe->slow_ns);
}

/* The first word of a file, or NULL. */
static char *
read_word(HvHost *host, const char *path)
{
    g_autofree char *text = hv_host_read_text(host, path, MAX_NAME_BYTES, NULL);

    if (!text || !*hv_chomp(text))
        return NULL;
    return g_steal_pointer(&text);
}

/* The text behind "model name :", without which other architectures do. */
static char *
read_cpu_model(HvHost *host)
{
    g_autofree char *text = hv_host_read_text(host, "proc/cpuinfo", 16 << 20, NULL);
    const char *at = text ? strstr(text, "model name") : NULL;

    at = at ? strchr(at, ':') : NULL;
    if (!at)
        return NULL;
    at += 1 + strspn(at + 1, " \t");
    return g_strndup(at, strcspn(at, "\n"));
}

static gpointer
start(HvHost *host, GError **error G_GNUC_UNUSED)
{
    Probe *probe = g_new0(Probe, 1);

    probe->host = host;
    probe->hostname = read_word(host, "proc/sys/kernel/hostname");
    if (!probe->hostname)
        probe->hostname = read_word(host, "etc/hostname");
    if (!probe->hostname)
        probe->hostname = g_strdup(""); /* absent; the row is there all the same */
    probe->kernel = read_word(host, "proc/sys/kernel/osrelease");
    probe->cpu_model = read_cpu_model(host);
    probe->files = hv_files_open(host, "proc/%s", file_names, N_FILES, NULL);
    probe->io = hv_host_io_new(host);
    probe->hardware = hv_hardware_new(host);
    return probe;
}

static gboolean
sample(gpointer state, HvSink *out, GError **error G_GNUC_UNUSED)
{
    Probe *probe = state;
    g_autoptr(HvTopology) topology = hv_host_topology(probe->host, NULL);

    hv_hardware_follow(probe->hardware, topology);
    if (!probe->has_row || !hv_row_again(out, probe->row))
        probe->row = hv_row(out, probe->hostname);
    probe->has_row = TRUE;
    emit_topology(out, probe, topology);
    emit_uptime(out, probe);
    emit_pressure(out, probe, PSI_CPU, PSI_CPU_SOME_NS);
    emit_pressure(out, probe, PSI_MEMORY, PSI_MEMORY_SOME_NS);
    emit_pressure(out, probe, PSI_IO, PSI_IO_SOME_NS);
    emit_stat(out, probe);
    emit_number(out, CORE_MIN_HZ, hv_hardware_min_hz(probe->hardware, hv_sink_now_ns(out)));
    emit_number(out, CORE_BASE_HZ,
                hv_hardware_base_hz(probe->hardware, topology && topology->cpu_model
                                                         ? topology->cpu_model
                                                         : probe->cpu_model));
    emit_key(out, probe, VMSTAT, OOM_KILLS, "oom_kill");
    emit_hung_tasks(out, probe);
    emit_memory(out, probe);
    emit_disks(out, probe);
    emit_slow(out, probe);
    return TRUE;
}

static void
stop(gpointer state)
{
    Probe *probe = state;

    for (guint i = 0; i < N_FILES; i++)
        g_clear_error(&probe->errors[i]);
    hv_hardware_free(probe->hardware);
    hv_host_io_free(probe->io);
    hv_files_close(probe->files);
    g_free(probe->cpu_model);
    g_free(probe->kernel);
    g_free(probe->hostname);
    g_free(probe);
}

const HvProbe hv_probe_host = {
    .name = "host",
    .source = "proc(5); kernel Documentation/accounting/psi.rst, "
              "Documentation/ABI/testing/sysfs-devices-edac",
    .help = N_("the machine as a whole: pressure, clocks, errors, drops"),
    .period_ms = 1000,
    .schemas = (const HvSchema *const[]){ &schema, NULL },
    .start = start,
    .sample = sample,
    .stop = stop,
};
