/* Numbers of the operator's own: what commands print, one that goes on or one run per tick. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probes/watches.h"

#include <math.h>
#include <string.h>

#include "host/stream.h"
#include "model/i18n.h"
#include "model/text.h"
#include "probes/probe.h"

#define NS_PER_S G_GINT64_CONSTANT(1000000000)
/* A number older than this is none; a run that has printed nothing for so long is ended. */
#define SILENCE_NS (60 * NS_PER_S)
/* How long a command is left alone that flooded us, was killed, or could not be started. */
#define PAUSE_NS (30 * NS_PER_S)
#define MAX_QUOTE 40
#define MAX_WHY 160

enum { WATCH, VALUE, READ_NS, AGE_S, COMMAND };
static const HvColumn columns[] = {
    [WATCH] = { .name = "watch",
                .kind = HV_KIND_KEY,
                .help = N_("its name, as was asked for") },
    [VALUE] = { .name = "value",
                .kind = HV_KIND_F64,
                .help = N_("the last number that the command printed") },
    [READ_NS] = { .name = "read_ns",
                  .kind = HV_KIND_U64,
                  .unit = HV_UNIT_NS,
                  .help =
                      N_("when it was picked up, or, of a command that ends, when that began"),
                  .hidden = TRUE },
    [AGE_S] = { .name = "age_s",
                .kind = HV_KIND_F64,
                .unit = HV_UNIT_S,
                .help = N_("how old the number may be") },
    [COMMAND] = { .name = "command",
                  .kind = HV_KIND_TEXT,
                  .help = N_("what prints it, run by /bin/sh") },
    { 0 },
};
static const HvSchema schema = { .name = "watches", .columns = columns };

typedef struct {
    char *name, *command;
    char *shown; /* the command, printable */
    HvStream *stream;
    gint64 begun_ns;      /* this run */
    gint64 printed_ns;    /* when its last line was picked up, or it began */
    gint64 not_before_ns; /* the next run */
    guint n_lines;        /* of this run */
    gboolean ends;        /* a run has ended by itself before */
    gboolean is_killed;   /* this run was */
    gboolean has_number;
    double number;
    gint64 read_ns;
    HvMark mark; /* without a number */
    char *why;
    guint32 row;
    gboolean has_row;
} Watch;

typedef struct {
    HvHost *host;
    GPtrArray *watches;
} Probe;

gboolean
hv_watch_number(const char *line, double *value)
{
    char *end = NULL;
    double number;

    line += strspn(line, " \t\r");
    if (strspn(line, "0123456789+-.eE \t\r") != strlen(line))
        return FALSE; /* strtod(3) would take "inf", "nan" and "0x1p3" too */
    number = g_ascii_strtod(line, &end);
    if (end == line || end[strspn(end, " \t\r")] || !isfinite(number))
        return FALSE;
    *value = number;
    return TRUE;
}

static void
free_watch(gpointer data)
{
    Watch *watch = data;

    hv_stream_free(watch->stream);
    g_free(watch->name);
    g_free(watch->command);
    g_free(watch->shown);
    g_free(watch->why);
    g_free(watch);
}

/* The number is no more, for this reason. */
static void
set_why(Watch *watch, HvMark mark, const char *why)
{
    watch->has_number = FALSE;
    watch->mark = mark;
    if (g_strcmp0(watch->why, why) != 0) {
        g_free(watch->why);
        watch->why = g_strdup(why);
    }
}

static void
set_error(Watch *watch, const GError *error)
{
    g_autofree char *why = hv_text_printable(error->message, MAX_WHY);

    set_why(watch,
            g_error_matches(error, HV_ERROR, HV_ERROR_ABSENT)   ? HV_MARK_ABSENT
            : g_error_matches(error, HV_ERROR, HV_ERROR_DENIED) ? HV_MARK_DENIED
                                                                : HV_MARK_FAILED,
            why);
}

static void
begin(Probe *probe, Watch *watch, gint64 now_ns)
{
    const char *const argv[] = { "/bin/sh", "-c", watch->command, NULL };
    g_autoptr(GError) error = NULL;

    watch->begun_ns = watch->printed_ns = now_ns;
    watch->n_lines = 0;
    watch->is_killed = FALSE;
    watch->stream = hv_stream_new(probe->host, argv, &error);
    if (watch->stream)
        return;
    watch->not_before_ns = now_ns + PAUSE_NS;
    set_error(watch, error);
}

static void
complain_of_line(Watch *watch, const char *line, gboolean is_whole)
{
    g_autofree char *quoted = hv_text_printable(line, MAX_QUOTE);
    g_autofree char *why =
        is_whole ? g_strdup_printf("prints \"%s\": not a number", quoted)
                 : g_strdup("prints a line that is too long or no text: not a number");

    set_why(watch, HV_MARK_FAILED, why);
}

/* The newest number counts; other lines only where there is none. */
static void
take_lines(Watch *watch, gint64 now_ns)
{
    const char *line;
    char odd[HV_STREAM_LINE_BYTES + 1];
    gboolean is_whole, has_number = FALSE, is_odd = FALSE, is_odd_whole = FALSE;

    while (hv_stream_next(watch->stream, &line, &is_whole)) {
        watch->n_lines++;
        watch->printed_ns = now_ns;
        if (is_whole && hv_watch_number(line, &watch->number)) {
            has_number = TRUE;
        } else if (!is_whole || line[strspn(line, " \t\r")]) {
            is_odd = TRUE;
            is_odd_whole = is_whole;
            g_strlcpy(odd, line, sizeof odd);
        }
    }
    if (has_number) {
        watch->has_number = TRUE;
        watch->read_ns = now_ns;
    } else if (is_odd) {
        complain_of_line(watch, odd, is_odd_whole);
    }
}

/* A number of a command that ends may be as old as its run. */
static void
take_end(Watch *watch, gint64 now_ns)
{
    const GError *error = hv_stream_error(watch->stream);
    const gboolean is_new = watch->has_number && watch->read_ns == now_ns;

    if (!error && watch->n_lines == 0)
        set_why(watch, HV_MARK_FAILED, N_("has ended without printing a number"));
    else if (!error && is_new && watch->n_lines == 1)
        watch->read_ns = watch->begun_ns;
    watch->ends |= !watch->is_killed;
    g_clear_pointer(&watch->stream, hv_stream_free);
}

/* One that never prints, or that hangs although it used to end, is begun anew. */
static void
end_silence(Watch *watch, gint64 now_ns)
{
    if (now_ns - watch->printed_ns < SILENCE_NS || hv_stream_error(watch->stream))
        return;
    if (watch->n_lines == 0 || watch->ends)
        hv_stream_kill(watch->stream,
                       N_("hangs: has printed nothing for a minute, and was killed"));
}

static void
set_silence(Watch *watch)
{
    const char *complaint = watch->stream ? hv_stream_complaint(watch->stream) : "";
    g_autofree char *printable = hv_text_printable(complaint, MAX_WHY);
    g_autofree char *why =
        *complaint ? g_strdup_printf("no number for a minute; it says: %s", printable)
                   : g_strdup("no number for a minute");

    set_why(watch, HV_MARK_ABSENT, why);
}

static void
pick_up(Watch *watch, gint64 now_ns)
{
    const gboolean has_ended = hv_stream_pick_up(watch->stream);
    const GError *error;

    take_lines(watch, now_ns);
    if (!has_ended)
        end_silence(watch, now_ns);
    error = hv_stream_error(watch->stream);
    if (error)
        set_error(watch, error);
    if (error && !has_ended) { /* its death is still to come */
        watch->is_killed = TRUE;
        watch->not_before_ns = now_ns + PAUSE_NS;
    }
    if (has_ended)
        take_end(watch, now_ns);
}

/* The next run begins at once, so that its number is there at the next tick; but on a machine
 * where it would end within this one. */
static void
follow(Probe *probe, Watch *watch, gint64 now_ns)
{
    if (!watch->stream && now_ns >= watch->not_before_ns)
        begin(probe, watch, now_ns);
    if (!watch->stream)
        return;
    pick_up(watch, now_ns);
    if (!watch->stream && watch->begun_ns != now_ns && now_ns >= watch->not_before_ns)
        begin(probe, watch, now_ns);
    if (watch->has_number && now_ns - MAX(watch->printed_ns, watch->read_ns) >= SILENCE_NS)
        set_silence(watch);
}

static void
emit(Watch *watch, HvSink *out)
{
    const gint64 now_ns = hv_sink_now_ns(out);

    if (!watch->has_row || !hv_row_again(out, watch->row))
        watch->row = hv_row(out, watch->name);
    watch->has_row = TRUE;
    if (watch->has_number)
        hv_f64(out, VALUE, watch->number);
    else
        hv_none(out, VALUE, watch->mark, watch->why);
    if (watch->read_ns) {
        hv_u64(out, READ_NS, (guint64)watch->read_ns);
        hv_f64(out, AGE_S, (double)MAX(now_ns - watch->read_ns, 0) / (double)NS_PER_S);
    } else {
        hv_none(out, READ_NS, HV_MARK_ABSENT, N_("no number yet"));
        hv_none(out, AGE_S, HV_MARK_ABSENT, N_("no number yet"));
    }
    hv_text(out, COMMAND, watch->shown);
}

static gboolean
sample(gpointer state, HvSink *out, GError **error G_GNUC_UNUSED)
{
    Probe *probe = state;

    for (guint i = 0; i < probe->watches->len; i++) {
        Watch *watch = probe->watches->pdata[i];

        follow(probe, watch, hv_sink_now_ns(out));
        emit(watch, out);
    }
    if (probe->watches->len == 0)
        hv_sink_why(out, N_("nothing is watched: see --watch"));
    return TRUE;
}

static gpointer
start(HvHost *host, GError **error G_GNUC_UNUSED)
{
    Probe *probe = g_new0(Probe, 1);

    probe->host = host;
    probe->watches = g_ptr_array_new_with_free_func(free_watch);
    for (const char *const *asked = hv_host_watches(host); *asked; asked++) {
        const char *equals = strchr(*asked, '=');
        Watch *watch;

        if (!equals)
            continue; /* the command line lets none through */
        watch = g_new0(Watch, 1);
        watch->name = g_strndup(*asked, (gsize)(equals - *asked));
        watch->command = g_strdup(equals + 1);
        watch->shown = hv_text_printable(equals + 1, 1000);
        set_why(watch, HV_MARK_ABSENT, N_("no number yet"));
        g_ptr_array_add(probe->watches, watch);
    }
    return probe;
}

static void
stop(gpointer state)
{
    Probe *probe = state;

    g_ptr_array_unref(probe->watches);
    g_free(probe);
}

const HvProbe hv_probe_watches = {
    .name = "watches",
    .source = "commands of --watch and of the configuration's [watch]",
    .help = N_("numbers that commands of your own print"),
    .period_ms = 0,
    .schemas = (const HvSchema *const[]){ &schema, NULL },
    .start = start,
    .sample = sample,
    .stop = stop,
};
