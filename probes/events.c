/* What happened in the last hour: to VMs, as libvirt and procfs tell, and in the kernel's log.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "probes/kmsg.h"
#include "probes/probe.h"

#define MAX_KEPT 256
#define MAX_TEXT 256
#define MAX_READS 64 /* buffers of the log in one sample: what is more comes with the next */
#define WARNING 4
#define NS_PER_US 1000

enum { SERIAL, TIME_NS, VM, KIND, TEXT };

#define COMMON                                                                                 \
    [SERIAL] = { .name = "serial",                                                             \
                 .kind = HV_KIND_ID,                                                           \
                 .unit = HV_UNIT_NONE,                                                         \
                 .help = N_("running number of the event") },                                  \
    [TIME_NS] = { .name = "time_ns",                                                           \
                  .kind = HV_KIND_U64,                                                         \
                  .unit = HV_UNIT_NS,                                                          \
                  .help = N_("when, since 1970") },                                            \
    [VM] = { .name = "vm",                                                                     \
             .kind = HV_KIND_TEXT,                                                             \
             .unit = HV_UNIT_NONE,                                                             \
             .help = N_("VM that it happened to") },                                           \
    [KIND] = { .name = "kind",                                                                 \
               .kind = HV_KIND_TEXT,                                                           \
               .unit = HV_UNIT_NONE,                                                           \
               .help = N_("what kind of event it is") },                                       \
    [TEXT] = { .name = "text",                                                                 \
               .kind = HV_KIND_TEXT,                                                           \
               .unit = HV_UNIT_NONE,                                                           \
               .help = N_("what happened") },                                                  \
    {                                                                                          \
        0                                                                                      \
    }

static const HvColumn columns[] = { COMMON };
static const HvSchema guest_schema = { .name = "guest_events",
                                       .columns = columns,
                                       .raw = TRUE };
static const HvSchema kernel_schema = { .name = "kernel_events",
                                        .columns = columns,
                                        .raw = TRUE };

typedef struct {
    guint64 serial;
    gint64 time_ns;
    guint32 row;
    gboolean has_row;
    char vm[MAX_TEXT];
    char kind[32];
    char text[MAX_TEXT];
} Event;

/* The newest ones, oldest first from @first on; the memory is made once. */
typedef struct {
    Event events[MAX_KEPT];
    guint first, n;
} Ring;

typedef struct {
    HvHost *host;
    Ring guests;
    Ring kernel;
    guint64 newest_guest;  /* serial seen last */
    guint64 newest_record; /* serial seen last, plus one */
    HvFile *log;
    GError *no_log; /* why the kernel's log cannot be read */
    char buffer[65536];
} Probe;

static Event *
ring_at(Ring *ring, guint index)
{
    return &ring->events[(ring->first + index) % MAX_KEPT];
}

/* The oldest makes room. */
static Event *
ring_push(Ring *ring)
{
    Event *event;

    if (ring->n == MAX_KEPT)
        ring->first = (ring->first + 1) % MAX_KEPT;
    else
        ring->n++;
    event = ring_at(ring, ring->n - 1);
    event->has_row = FALSE;
    event->vm[0] = '\0';
    return event;
}

static void
take_guest_event(const HvGuestEvent *from, gpointer data)
{
    Probe *probe = data;
    Event *event = ring_push(&probe->guests);

    event->serial = from->serial;
    event->time_ns = from->time_ns;
    g_strlcpy(event->vm, from->vm ? from->vm : "", sizeof event->vm);
    g_strlcpy(event->kind, from->kind ? from->kind : "", sizeof event->kind);
    g_strlcpy(event->text, from->text ? from->text : "", sizeof event->text);
    probe->newest_guest = from->serial;
}

static void
take_record(Probe *probe, const HvKmsg *record, gint64 boot_ns)
{
    const char *kind = record->level <= WARNING ? hv_kmsg_kind(record->text) : NULL;
    Event *event;

    if (record->serial < probe->newest_record)
        return; /* a captured log is read from its start each time */
    probe->newest_record = record->serial + 1;
    if (!kind || record->boottime_us > (guint64)G_MAXINT64 / NS_PER_US / 2)
        return;
    event = ring_push(&probe->kernel);
    event->serial = record->serial;
    event->time_ns = boot_ns + (gint64)record->boottime_us * NS_PER_US;
    g_strlcpy(event->kind, kind, sizeof event->kind);
    g_strlcpy(event->text, record->text, sizeof event->text);
}

/* When the kernel's clock of its log stood at 0; that clock is the monotonic one but for
 * microseconds. */
static gint64
boot_time_ns(HvHost *host)
{
    return hv_host_realtime_ns(host) - hv_host_monotonic_ns(host);
}

static void
read_log(Probe *probe)
{
    const gint64 boot_ns = boot_time_ns(probe->host);
    guint64 before;

    for (guint i = 0; probe->log && i < MAX_READS; i++) {
        gssize n_read = hv_file_read(probe->log, probe->buffer, sizeof probe->buffer, NULL);
        char *text = probe->buffer;
        HvKmsg record;

        if (n_read < 0)
            continue; /* EPIPE: records were overwritten before we came; the next read goes on
                         behind them */
        before = probe->newest_record;
        while (hv_kmsg_next(&text, &record))
            take_record(probe, &record, boot_ns);
        if (n_read == 0 || probe->newest_record == before)
            return;
    }
}

static void
emit_ring(HvSink *out, Ring *ring)
{
    for (guint i = 0; i < ring->n; i++) {
        Event *event = ring_at(ring, i);

        if (!event->has_row || !hv_row_again(out, event->row))
            event->row = hv_row_u64(out, event->serial);
        event->has_row = TRUE;
        hv_u64(out, TIME_NS, (guint64)event->time_ns);
        if (*event->vm)
            hv_text(out, VM, event->vm);
        else
            hv_none(out, VM, HV_MARK_ABSENT, N_("of no VM"));
        hv_text(out, KIND, event->kind);
        hv_text(out, TEXT, event->text);
    }
}

static gpointer
start(HvHost *host, GError **error G_GNUC_UNUSED)
{
    Probe *probe = g_new0(Probe, 1);

    probe->host = host;
    probe->log = hv_file_open(host, "dev/kmsg", &probe->no_log);
    return probe;
}

static gboolean
sample(gpointer state, HvSink *out, GError **error G_GNUC_UNUSED)
{
    Probe *probe = state;

    hv_host_guest_events(probe->host, probe->newest_guest, take_guest_event, probe);
    emit_ring(out, &probe->guests);
    read_log(probe);
    hv_sink_table(out, 1);
    emit_ring(out, &probe->kernel);
    if (probe->no_log)
        hv_sink_why(out, probe->no_log->message);
    return TRUE;
}

static void
stop(gpointer state)
{
    Probe *probe = state;

    hv_file_close(probe->log);
    g_clear_error(&probe->no_log);
    g_free(probe);
}

const HvProbe hv_probe_events = {
    .name = "events",
    .source = "libvirt events; kernel Documentation/ABI/testing/dev-kmsg",
    .help = N_("starts, stops, arrivals and crashes of VMs, and warnings of the kernel"),
    .schemas = (const HvSchema *const[]){ &guest_schema, &kernel_schema, NULL },
    .start = start,
    .sample = sample,
    .stop = stop,
};
