/* record: a session into a file, without a terminal. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <unistd.h>

#include "app/burst.h"
#include "app/commands.h"
#include "app/look-signals.h"
#include "app/recorder.h"
#include "host/host.h"
#include "host/sim/sim.h"
#include "model/i18n.h"

#define LEAST_GAP_NS G_GINT64_CONSTANT(20000000)

/* One recording. */
typedef struct {
    HvApp *app;
    const HvOptions *options;
    HvOutput *output;
    HvHost *host;
    HvRecorder *recorder;
    HvBurst *burst; /* NULL: always at the same pace */
    HvSessionParts parts;
    char *said; /* what was last wrong with the disk */
    int signals;
} Record;

/* Once for each new trouble, and once when it is over. */
static void
say_trouble(Record *record)
{
    HvTimeline timeline = { 0 };

    hv_recorder_describe(record->recorder, &timeline);
    if (g_strcmp0(timeline.why, record->said) == 0)
        return;
    g_free(record->said);
    record->said = g_strdup(timeline.why);
    hv_output_note(record->output,
                   timeline.why ? timeline.why : _("the recording is written again"));
    hv_output_flush(record->output, NULL);
}

static void
read_knobs(Record *record)
{
    g_autoptr(HvOutput) knobs = NULL;

    if (!hv_recorder_wants_knobs(record->recorder))
        return;
    knobs = hv_output_new(FALSE);
    hv_command_run_line(record->app, record->options, "get", knobs);
    hv_recorder_knobs(record->recorder, knobs->out->str);
}

/* The black box runs where nothing is wrong: there all VMs are looked at together, as on a full
 * screen, and closely while it goes faster. */
static void
set_regard(const Record *record, HvSampler *sampler, const HvSnapshot *snapshot,
           gboolean is_fast)
{
    const HvTable *vms = hv_snapshot_table(snapshot, "vms");
    const int column = hv_table_column(vms, "vm");
    g_autoptr(GHashTable) all = NULL;

    for (guint row = 0; !is_fast && row < hv_table_n_rows(vms); row++) {
        if (!all)
            all = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        g_hash_table_add(all, g_strdup(hv_table_text(vms, row, column)));
    }
    hv_sampler_set_interest(sampler, g_steal_pointer(&all));
    hv_host_guests_set_patient(record->host, !is_fast);
}

/* One sample, and the wait behind it. FALSE: a signal ends it. */
static gboolean
turn(Record *record, HvSampler *sampler, gint64 *beat_ns, gint64 end_ns)
{
    g_autoptr(HvSnapshot) snapshot = hv_sampler_tick(sampler);
    gint64 interval_ns = record->options->interval_ns;

    hv_recorder_sampled(snapshot, record->recorder);
    say_trouble(record);
    read_knobs(record);
    if (record->burst) {
        interval_ns = hv_burst_interval_ns(record->burst, snapshot, interval_ns);
        set_regard(record, sampler, snapshot, interval_ns < record->options->interval_ns);
    }
    while (*beat_ns < snapshot->monotonic_ns + LEAST_GAP_NS)
        *beat_ns += interval_ns;
    *beat_ns = MIN(*beat_ns, snapshot->monotonic_ns + interval_ns);
    return !hv_host_wait_until(record->host, end_ns ? MIN(*beat_ns, end_ns) : *beat_ns,
                               record->signals);
}

/* A demo's past is recorded too, but the duration counts from the present. */
static void
run_turns(Record *record, HvSampler *sampler)
{
    gint64 beat_ns = hv_host_monotonic_ns(record->host), end_ns = 0;

    for (;;) {
        if (!end_ns && record->options->duration_ns && !hv_host_skips_history(record->host))
            end_ns = hv_host_monotonic_ns(record->host) + record->options->duration_ns;
        if (!turn(record, sampler, &beat_ns, end_ns) ||
            (end_ns && hv_host_monotonic_ns(record->host) >= end_ns))
            return;
    }
}

static int
record_all(Record *record, GError **error)
{
    HvSampler *sampler;

    record->parts = *hv_app_parts(record->app);
    hv_host_guests_start(record->host);
    sampler = hv_sampler_new(&record->parts);
    hv_sampler_want(sampler, hv_recorder_tables(record->recorder));
    run_turns(record, sampler);
    hv_sampler_free(sampler);
    return hv_recorder_end(record->recorder, error) ? 0 : 3;
}

static gboolean
check(const HvOptions *options, GError **error)
{
    const char *why = NULL;

    if (options->arguments->len)
        why = _("record: takes no argument: hvtune record -o FILE");
    else if (!options->output)
        why = _("record: no file given: hvtune record -o FILE");
    else if (options->log)
        why = _("record: --log is of the console: here it is -o FILE");
    else if (!options->interval_ns)
        why = _("record: --interval 0 is a single look: at least 100ms");
    if (why)
        g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED, why);
    return !why;
}

static int
run(HvApp *app, const HvOptions *options, HvOutput *output, GError **error)
{
    g_autoptr(HvBurst) burst = NULL;
    g_autoptr(HvRecorder) recorder = NULL;
    Record record = { .app = app, .options = options, .output = output };
    int status;

    if (!check(options, error) || (hv_options_has(options, HV_OPTION_BURST) &&
                                   !(burst = hv_burst_new(options->burst, error))))
        return -1;
    record.host = hv_app_parts(app)->host;
    record.burst = burst;
    record.signals = hv_look_signals_hold(); /* before any thread that would get them */
    recorder = hv_recorder_new(app, options, options->output, FALSE, error);
    record.recorder = recorder;
    status = recorder ? record_all(&record, error) : -1;
    if (record.signals >= 0)
        close(record.signals); /* blocked to the end: one more must not cut the last line off */
    g_free(record.said);
    return status;
}

extern const HvCommand hv_command_record;
const HvCommand hv_command_record = {
    .name = "record",
    .usage = "-o FILE [--duration 10m] [--interval 1s]",
    .help = N_("record into a file, without a terminal"),
    .details =
        N_("Goes on until --duration is over or a signal (SIGINT, SIGTERM, SIGHUP) ends it; "
           "what was recorded\nso far can be read at any time: hvtune replay FILE."),
    .options = HV_OPTION_OUTPUT | HV_OPTION_DURATION | HV_OPTION_MAX_AGE | HV_OPTION_MAX_SIZE |
               HV_OPTION_ROTATE | HV_OPTION_BURST,
    .run = run,
};
