/* Shares of caches and bandwidth, and what is counted of them: resctrl's groups, and whose
 * vCPUs are in which. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/lane.h"
#include "host/monitoring.h"
#include "model/i18n.h"
#include "probes/probe.h"
#include "probes/resctrl-emit.h"

#define NS_PER_MS G_GINT64_CONSTANT(1000000)
#define ROUND_NS (1000 * NS_PER_MS) /* the kernel renews its counters once a second */
#define EARLY_NS (100 * NS_PER_MS)  /* ticks jitter */
#define ROUND_PART 20               /* counters are read in at most 5 % of the time */
#define DEADLINE_MS 5000
#define CLOSE_MS 2000
/* The answer mostly comes at once; who looks but once or twice waits for it. */
#define PATIENCE_MS 10
#define FIRST_PATIENCE_MS 1000
#define N_FIRST 2

/* What the lane is asked for. */
typedef struct {
    HvResctrlReader *reader; /* a reference */
    HvGuestList *guests;     /* a reference; NULL: close */
    guint8 *wanted;
    HvResctrlRound *round;
} Request;

typedef struct {
    HvHost *host;
    HvLane *lane;
    HvResctrlReader *reader;
    HvResctrlRound *round; /* that is shown, or NULL */
    HvResctrlRound *spare;
    GError *error;   /* of the last round, or NULL */
    gint64 begun_ns; /* of the last round; 0: none */
    guint n_rounds;  /* that were begun */
    HvResctrlRows rows;
} Probe;

/* ---- the lane ---- */

static void
free_request(gpointer data)
{
    Request *request = data;

    hv_resctrl_reader_unref(request->reader);
    hv_guest_list_unref(request->guests);
    hv_resctrl_round_free(request->round);
    g_free(request->wanted);
    g_free(request);
}

static void
free_round(gpointer round)
{
    hv_resctrl_round_free(round);
}

static gpointer
run(HvHost *host G_GNUC_UNUSED, gpointer data, GError **error)
{
    Request *request = data;

    if (!request->guests) {
        hv_resctrl_reader_close(request->reader);
        return g_steal_pointer(&request->round);
    }
    if (!hv_resctrl_reader_round(request->reader, request->guests, request->wanted,
                                 request->round, error))
        return NULL;
    return g_steal_pointer(&request->round);
}

static const HvLaneClass lane_class = {
    .name = "resctrl",
    .what = "/sys/fs/resctrl",
    .run = run,
    .free_request = free_request,
    .free_answer = free_round,
};

static Request *
request_new(Probe *probe)
{
    Request *request = g_new0(Request, 1);

    request->reader = hv_resctrl_reader_ref(probe->reader);
    request->round = g_steal_pointer(&probe->spare);
    if (!request->round)
        request->round = hv_resctrl_round_new();
    return request;
}

/* A round is over: what it found is shown from now on. One that hangs keeps its reader; the
 * next has a new one. */
static void
pick_up(Probe *probe)
{
    g_autoptr(GError) error = NULL;
    gpointer answer = NULL;

    if (!hv_lane_end(probe->lane, &answer, &error))
        return;
    g_clear_error(&probe->error);
    if (answer) {
        probe->spare = g_steal_pointer(&probe->round);
        probe->round = answer;
        return;
    }
    if (g_error_matches(error, HV_ERROR, HV_ERROR_TIMEOUT)) {
        hv_resctrl_reader_unref(probe->reader);
        probe->reader = hv_resctrl_reader_new(probe->host);
    }
    if (!error)
        g_set_error_literal(&error, HV_ERROR, HV_ERROR_FAILED, N_("it could not be read"));
    g_clear_pointer(&probe->round, hv_resctrl_round_free);
    probe->error = g_steal_pointer(&error);
}

static void
begin_round(Probe *probe, HvSink *out)
{
    const gint64 now_ns = hv_sink_now_ns(out);
    const gint64 cost_ns = probe->round ? probe->round->cost_ns : 0;
    HvGuestList *guests;
    Request *request;

    if (hv_lane_is_busy(probe->lane) ||
        (probe->begun_ns &&
         now_ns - probe->begun_ns < MAX(ROUND_NS - EARLY_NS, cost_ns * ROUND_PART)))
        return;
    guests = hv_host_guests(probe->host);
    request = request_new(probe);
    request->guests = guests;
    request->wanted = g_new0(guint8, guests->n_guests + 1);
    for (guint i = 0; i < guests->n_guests; i++)
        request->wanted[i] = hv_sink_wants(out, guests->guests[i]->name) ? 1 : 0;
    probe->begun_ns = now_ns;
    g_clear_error(&probe->error);
    if (hv_lane_begin(probe->lane, request, DEADLINE_MS, &probe->error))
        (void)hv_lane_wait(probe->lane,
                           probe->n_rounds++ < N_FIRST ? FIRST_PATIENCE_MS : PATIENCE_MS);
}

/* ---- the probe ---- */

static void
emit_why(HvSink *out, const char *why)
{
    for (guint i = 0; i < HV_RESCTRL_N_TABLES; i++) {
        hv_sink_table(out, i);
        hv_sink_why(out, why);
    }
}

static gpointer
start(HvHost *host, GError **error)
{
    Probe *probe;
    const char *cure;

    if (!hv_host_exists(host, HV_RESCTRL_DIR "/info")) {
        hv_resctrl_why_absent(host, &cure, error);
        return NULL;
    }
    probe = g_new0(Probe, 1);
    probe->host = host;
    probe->lane = hv_lane_new(host, &lane_class);
    probe->reader = hv_resctrl_reader_new(host);
    hv_resctrl_rows_init(&probe->rows);
    return probe;
}

static gboolean
sample(gpointer state, HvSink *out, GError **error)
{
    Probe *probe = state;

    pick_up(probe);
    begin_round(probe, out);
    pick_up(probe);
    if (probe->error) {
        emit_why(out, probe->error->message);
        g_propagate_error(error, g_error_copy(probe->error));
        return FALSE;
    }
    if (probe->round)
        hv_resctrl_emit(&probe->rows, out, probe->round);
    else
        emit_why(out, N_("being read for the first time"));
    return TRUE;
}

/* Our groups go; a lane that hangs is not waited for: the next hvtune removes them then. */
static void
stop(gpointer state)
{
    Probe *probe = state;

    (void)hv_lane_wait(probe->lane, CLOSE_MS);
    pick_up(probe);
    if (!hv_lane_is_busy(probe->lane) &&
        hv_lane_begin(probe->lane, request_new(probe), CLOSE_MS, NULL))
        (void)hv_lane_wait(probe->lane, CLOSE_MS);
    hv_lane_free(probe->lane);
    hv_resctrl_reader_unref(probe->reader);
    hv_resctrl_round_free(probe->round);
    hv_resctrl_round_free(probe->spare);
    g_clear_error(&probe->error);
    hv_resctrl_rows_clear(&probe->rows);
    g_free(probe);
}

static const char *
cure(HvHost *host, const GError *why G_GNUC_UNUSED)
{
    const char *command = NULL;
    g_autoptr(GError) error = NULL;

    if (!hv_host_exists(host, HV_RESCTRL_DIR "/info"))
        hv_resctrl_why_absent(host, &command, &error);
    return command;
}

const HvProbe hv_probe_resctrl = {
    .name = "resctrl",
    .source = "kernel Documentation/arch/x86/resctrl.rst",
    .help = N_("shares of caches and bandwidth, and the memory traffic and cache lines of "
               "groups of threads"),
    .period_ms = 1000,
    .schemas = (const HvSchema *const[]){ &hv_resctrl_schemas[HV_RESCTRL_TABLE],
                                          &hv_resctrl_schemas[HV_RESCTRL_GROUPS],
                                          &hv_resctrl_schemas[HV_RESCTRL_DOMAINS],
                                          &hv_resctrl_schemas[HV_RESCTRL_INFO],
                                          &hv_resctrl_schemas[HV_RESCTRL_MON],
                                          &hv_resctrl_schemas[HV_RESCTRL_VM_GROUPS], NULL },
    .start = start,
    .sample = sample,
    .stop = stop,
    .cure = cure,
};
