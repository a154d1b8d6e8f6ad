/* Reading the files of one VM: each number, or why there is none. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/parse.h"
#include "model/i18n.h"
#include "probes/pressure.h"
#include "probes/task.h"
#include "probes/vm-files-private.h"

/* What nobody looks at is read when it would grow older than this. */
#define OLDEST_NS (G_GINT64_CONSTANT(19) * 500000000) /* 9.5 s */

/* For how long libvirt may say nothing, beyond its usual pace. */
#define SILENT_NS (60 * G_GINT64_CONSTANT(1000000000))

static const char this_kernel_does_not[] = N_("this kernel does not tell");

static void
set_value(HvVmFiles *files, HvVmNumberId id, guint64 value)
{
    files->reading.numbers[id] = (HvVmNumber){ .has_value = TRUE, .value = value };
}

/* @error belongs to a file of @files; without one @why (static) says it. */
static void
set_none(HvVmFiles *files, HvVmNumberId id, const GError *error, const char *why)
{
    files->reading.numbers[id] = (HvVmNumber){ .error = error, .why = why };
}

static gboolean
read_kept(HvVmReader *reader, HvKept *kept)
{
    return hv_kept_read(&reader->keep, kept, reader->buffer, sizeof reader->buffer);
}

static void
read_process(HvVmReader *reader, HvVmFiles *files)
{
    HvTaskStatus status = { 0 };
    HvTaskStat stat;

    if (read_kept(reader, &files->status))
        hv_task_status_parse(reader->buffer, &status);
    if (g_strcmp0(files->emulator_cpus, status.cpus_allowed) != 0) {
        g_free(files->emulator_cpus);
        files->emulator_cpus = g_strdup(status.cpus_allowed);
    }
    files->reading.emulator_cpus = files->emulator_cpus;
    if (status.has_resident)
        set_value(files, HV_VM_RESIDENT_BYTES, status.resident_bytes);
    else
        set_none(files, HV_VM_RESIDENT_BYTES, files->status.error, this_kernel_does_not);
    if (status.has_swap)
        set_value(files, HV_VM_SWAP_BYTES, status.swap_bytes);
    else
        set_none(files, HV_VM_SWAP_BYTES, files->status.error, this_kernel_does_not);
    if (read_kept(reader, &files->stat) &&
        hv_task_stat_parse(reader->buffer, &stat, &files->stat.error))
        set_value(files, HV_VM_MAJOR_FAULTS, stat.major_faults);
    else
        set_none(files, HV_VM_MAJOR_FAULTS, files->stat.error, NULL);
}

/* Adds what @thread ran since its last reading to @sum. FALSE when the kernel does not tell. */
static gboolean
add_run(HvVmReader *reader, HvVmThread *thread, guint64 *sum)
{
    HvSchedstat schedstat;

    if (!read_kept(reader, &thread->schedstat) ||
        !hv_schedstat_parse(reader->buffer, &schedstat, &thread->schedstat.error))
        return FALSE;
    if (thread->has_last && schedstat.run_ns >= thread->last_ns)
        *sum += schedstat.run_ns - thread->last_ns;
    thread->has_last = TRUE;
    thread->last_ns = schedstat.run_ns;
    return schedstat.timeslices > 0 || schedstat.run_ns > 0 || schedstat.wait_ns > 0;
}

/* Threads that have just ended are not missed as long as one of their kind answers. */
static void
read_threads(HvVmReader *reader, HvVmFiles *files, gboolean vhost, HvVmNumberId id,
             guint64 *sum)
{
    const GError *error = NULL;
    guint n_asked = 0, n_told = 0;

    for (guint i = 0; i < files->threads->len; i++) {
        HvVmThread *thread = files->threads->pdata[i];

        if ((thread->role == HV_THREAD_VHOST) != vhost)
            continue;
        n_asked++;
        if (add_run(reader, thread, sum))
            n_told++;
        else if (!error)
            error = thread->schedstat.error;
    }
    if (n_told > 0 || (vhost && n_asked == 0))
        set_value(files, id, *sum);
    else
        set_none(files, id, error,
                 n_asked ? this_kernel_does_not : N_("its threads cannot be seen"));
}

static void
read_throttle(HvVmReader *reader, HvVmFiles *files, gint64 now_ns)
{
    HvThrottle throttle;

    if (!read_kept(reader, &files->throttle)) {
        const GError *error = files->throttle.path ? files->throttle.error : NULL;

        set_none(files, HV_VM_THROTTLED_NS, error, N_("its cgroup is not known"));
        set_none(files, HV_VM_N_PERIODS, error, N_("its cgroup is not known"));
        set_none(files, HV_VM_N_THROTTLED, error, N_("its cgroup is not known"));
        return;
    }
    hv_throttle_parse(reader->buffer, &throttle);
    set_value(files, HV_VM_THROTTLED_NS, throttle.throttled_ns);
    set_value(files, HV_VM_N_PERIODS, throttle.n_periods);
    set_value(files, HV_VM_N_THROTTLED, throttle.n_throttled);
    files->is_limited = files->reading.throttled_ns && throttle.n_periods != files->n_periods;
    files->n_periods = throttle.n_periods;
    files->reading.throttled_ns = now_ns;
}

static void
read_pressures(HvVmReader *reader, HvVmFiles *files)
{
    static const HvVmNumberId ids[HV_VM_N_PRESSURES] = { HV_VM_PSI_CPU_NS, HV_VM_PSI_MEMORY_NS,
                                                         HV_VM_PSI_IO_NS };

    for (guint i = 0; i < HV_VM_N_PRESSURES; i++) {
        HvKept *kept = &files->pressures[i];
        HvPressure pressure = { 0 };

        if (files->no_pressure)
            set_none(files, ids[i], NULL, files->no_pressure);
        else if (read_kept(reader, kept) &&
                 hv_pressure_parse(reader->buffer, &pressure, &kept->error) &&
                 pressure.has_some)
            set_value(files, ids[i], pressure.some_ns);
        else
            set_none(files, ids[i], kept->error, this_kernel_does_not);
    }
}

static gboolean
read_number(HvVmReader *reader, HvKept *kept, guint64 *value)
{
    return read_kept(reader, kept) &&
           hv_parse_u64(hv_chomp(reader->buffer), G_MAXUINT64, value, &kept->error);
}

static const char *
why_no_halt_poll(const HvVmReader *reader, const HvVmFiles *files)
{
    if (files->tcg)
        return N_("emulated: nothing polls");
    if (!reader->kvm_names || files->halt_polls[0].path)
        return NULL;
    return files->libvirt_polled_ns ? N_("libvirt has not told for a long time")
                                    : N_("debugfs does not know this VM");
}

/* Lockdown refuses these files to everybody: more privilege would not help, so it is named. */
static const GError *
explain(const HvVmReader *reader, const GError *error)
{
    return reader->locked && g_error_matches(error, HV_ERROR, HV_ERROR_DENIED) ? reader->locked
                                                                               : error;
}

/* It asks one VM after the other, so each has its own pace; far behind that, its last number is
 * of no time that matters now. */
static gboolean
libvirt_tells(const HvVmFiles *files, gint64 now_ns)
{
    return files->libvirt_polled_ns &&
           now_ns - files->libvirt_polled_ns <= SILENT_NS + 3 * files->libvirt_step_ns;
}

/* libvirt's number is fresher than none, and is asked for without debugfs; the kernel's own is
 * exact but often locked. */
static void
read_halt_poll(HvVmReader *reader, HvVmFiles *files, gint64 now_ns)
{
    const char *why = why_no_halt_poll(reader, files);
    guint64 sum = 0;

    if (libvirt_tells(files, now_ns) && !files->tcg) {
        set_value(files, HV_VM_HALT_POLL_NS, files->libvirt_halt_poll_ns);
        files->reading.halt_poll_ns = files->libvirt_polled_ns;
        return;
    }
    if (why || !reader->kvm_names) {
        set_none(files, HV_VM_HALT_POLL_NS, why ? NULL : reader->kvm_error, why);
        return;
    }
    for (guint i = 0; i < HV_VM_N_HALT_POLLS; i++) {
        guint64 part;

        if (!read_number(reader, &files->halt_polls[i], &part)) {
            set_none(files, HV_VM_HALT_POLL_NS, explain(reader, files->halt_polls[i].error),
                     NULL);
            return;
        }
        sum += part;
    }
    set_value(files, HV_VM_HALT_POLL_NS, sum);
    files->reading.halt_poll_ns = now_ns;
}

static void
read_taps(HvVmReader *reader, HvVmFiles *files)
{
    guint64 sum = 0;

    if (files->taps->len == 0) {
        set_none(files, HV_VM_TAP_DROPS, NULL, N_("it has no tap device that is known"));
        return;
    }
    for (guint i = 0; i < files->taps->len; i++) {
        HvKept *tap = &g_array_index(files->taps, HvKept, i);
        guint64 drops;

        if (!read_number(reader, tap, &drops)) {
            set_none(files, HV_VM_TAP_DROPS, tap->error, NULL);
            return;
        }
        sum += drops;
    }
    set_value(files, HV_VM_TAP_DROPS, sum);
}

/* What moves with every second. */
static void
read_quick(HvVmReader *reader, HvVmFiles *files, gint64 now_ns)
{
    read_threads(reader, files, FALSE, HV_VM_EMULATOR_NS, &files->emulator_ns);
    read_threads(reader, files, TRUE, HV_VM_VHOST_NS, &files->vhost_ns);
    read_pressures(reader, files);
    read_halt_poll(reader, files, now_ns);
    files->reading.read_ns = now_ns;
}

static void
read_slow(HvVmReader *reader, HvVmFiles *files, gint64 now_ns)
{
    read_process(reader, files);
    read_taps(reader, files);
    files->reading.process_ns = now_ns;
}

static gint64
next_ns(const HvVmFiles *files, HvRegard regard, gboolean out_of_turn, gint64 now_ns)
{
    const gint64 age_ns = regard == HV_REGARD_SEEN ? HV_SEEN_NS : OLDEST_NS;

    return now_ns + (out_of_turn ? age_ns * (files->turn + 1) / HV_VM_N_TURNS : age_ns);
}

const HvVmReading *
hv_vm_files_read(HvVmReader *reader, HvVmFiles *files, HvRegard regard, gint64 now_ns)
{
    const gboolean out_of_turn =
        regard == HV_REGARD_CLOSE || files->reading.read_ns == 0 || regard > files->last_regard;
    const gboolean is_due = out_of_turn || now_ns >= files->due_ns;

    if (!files->pid) {
        for (guint i = 0; i < HV_VM_N_NUMBERS; i++)
            set_none(files, i, NULL, N_("no local process is known"));
        return &files->reading;
    }
    files->last_regard = regard;
    if (is_due || files->is_limited)
        read_throttle(reader, files, now_ns);
    if (is_due) {
        read_quick(reader, files, now_ns);
        read_slow(reader, files, now_ns);
        files->due_ns = next_ns(files, regard, out_of_turn, now_ns);
    } else if (files->halt_poll_failed) {
        read_halt_poll(reader, files, now_ns);
    }
    files->halt_poll_failed = FALSE;
    return &files->reading;
}
