/* The table "events": what happened to VMs, in the kernel and by changes, in the last hour,
 * newest last. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/derive.h"
#include "model/i18n.h"

#define KEPT_NS (G_GINT64_CONSTANT(3600) * 1000000000)
#define MAX_TEXT 512

enum { SERIAL, TIME_NS, VM, KIND, TEXT };

static const HvColumn columns[] = {
    [SERIAL] = { .name = "serial",
                 .kind = HV_KIND_ID,
                 .unit = HV_UNIT_NONE,
                 .help = N_("number of the event") },
    [TIME_NS] = { .name = "time_ns",
                  .kind = HV_KIND_U64,
                  .unit = HV_UNIT_NONE, /* an instant, not a duration */
                  .help = N_("when, since 1970") },
    [VM] = { .name = "vm",
             .kind = HV_KIND_TEXT,
             .unit = HV_UNIT_NONE,
             .help = N_("VM that it happened to") },
    [KIND] = { .name = "kind",
               .kind = HV_KIND_TEXT,
               .unit = HV_UNIT_NONE,
               .help = N_("what kind of event it is") },
    [TEXT] = { .name = "text",
               .kind = HV_KIND_TEXT,
               .unit = HV_UNIT_NONE,
               .help = N_("what happened") },
    { 0 },
};
static const HvSchema schema = { .name = "events", .columns = columns };

enum { GUESTS, KERNEL, CHANGES, KNOBS, N_SOURCES };

/* A table that is walked from its oldest row to its newest. */
typedef struct {
    const HvTable *table;
    int serial, time, vm, kind, text, title, outcome, step;
    guint n_left;
    gboolean is_backwards; /* its newest row comes first */
    guint64 time_ns;       /* of the row whose turn it is */
} Cursor;

static guint
row_of(const Cursor *cursor)
{
    return cursor->is_backwards ? cursor->n_left - 1
                                : hv_table_n_rows(cursor->table) - cursor->n_left;
}

/* Of a change only its first step is an event: the others happened with it. */
static gboolean
is_wanted(const Cursor *cursor, guint64 since_ns)
{
    guint64 step, time_ns;

    if (hv_table_u64(cursor->table, row_of(cursor), cursor->step, &step) && step > 0)
        return FALSE;
    return hv_table_u64(cursor->table, row_of(cursor), cursor->time, &time_ns) &&
           time_ns >= since_ns;
}

static void
settle(Cursor *cursor, guint64 since_ns)
{
    while (cursor->n_left > 0 && !is_wanted(cursor, since_ns))
        cursor->n_left--;
    if (cursor->n_left > 0)
        hv_table_u64(cursor->table, row_of(cursor), cursor->time, &cursor->time_ns);
}

static Cursor
open_cursor(const HvSnapshot *snapshot, const char *name)
{
    const HvTable *table = hv_snapshot_table(snapshot, name);
    Cursor cursor = {
        .table = table,
        .n_left = hv_table_n_rows(table),
        .serial = 0,
        .time = hv_table_column(table, "time_ns"),
        .vm = hv_table_column(table, "vm"),
        .kind = hv_table_column(table, "kind"),
        .text = hv_table_column(table, "text"),
        .title = hv_table_column(table, "title"),
        .outcome = hv_table_column(table, "outcome"),
        .step = hv_table_column(table, "step"),
    };
    guint64 first, last;

    if (cursor.n_left > 1 && hv_table_u64(table, 0, cursor.time, &first) &&
        hv_table_u64(table, cursor.n_left - 1, cursor.time, &last))
        cursor.is_backwards = first > last;
    return cursor;
}

/* Numbers of the sources side by side, so that each event keeps its own. */
static guint64
number_of(const Cursor *cursor, guint source)
{
    guint64 serial = 0;

    hv_table_u64(cursor->table, row_of(cursor), cursor->serial, &serial);
    return serial * N_SOURCES + source;
}

static void
emit_change(HvSink *out, const Cursor *cursor, guint row)
{
    const char *title = hv_table_text(cursor->table, row, cursor->title);
    const char *outcome = hv_table_text(cursor->table, row, cursor->outcome);
    char text[MAX_TEXT];

    g_snprintf(text, sizeof text, "%s: %s", title ? title : "", outcome ? outcome : "");
    hv_none(out, VM, HV_MARK_ABSENT, N_("see the journal"));
    hv_text(out, KIND, "change");
    hv_text(out, TEXT, text);
}

static void
emit_event(HvSink *out, const Cursor *cursor, guint source)
{
    const guint row = row_of(cursor);

    hv_row_u64(out, number_of(cursor, source));
    hv_u64(out, TIME_NS, cursor->time_ns);
    if (source == CHANGES) {
        emit_change(out, cursor, row);
        return;
    }
    hv_copy(out, VM, cursor->table, row, cursor->vm);
    hv_copy(out, KIND, cursor->table, row, cursor->kind);
    hv_copy(out, TEXT, cursor->table, row, cursor->text);
}

/* The source whose turn it is: that with the oldest event left; N_SOURCES: none. */
static guint
oldest(const Cursor *cursors)
{
    guint found = N_SOURCES;

    for (guint i = 0; i < N_SOURCES; i++)
        if (cursors[i].n_left > 0 &&
            (found == N_SOURCES || cursors[i].time_ns < cursors[found].time_ns))
            found = i;
    return found;
}

static void
run(const HvSnapshot *snapshot, HvSink *out)
{
    const guint64 since_ns =
        snapshot->time_ns > KEPT_NS ? (guint64)(snapshot->time_ns - KEPT_NS) : 0;
    Cursor cursors[N_SOURCES] = {
        [GUESTS] = open_cursor(snapshot, "guest_events"),
        [KERNEL] = open_cursor(snapshot, "kernel_events"),
        [CHANGES] = open_cursor(snapshot, "changes"),
        [KNOBS] = open_cursor(snapshot, "knob_events"),
    };

    for (guint i = 0; i < N_SOURCES; i++)
        settle(&cursors[i], since_ns);
    for (guint i; (i = oldest(cursors)) < N_SOURCES;) {
        emit_event(out, &cursors[i], i);
        cursors[i].n_left--;
        settle(&cursors[i], since_ns);
    }
    if (cursors[KERNEL].table)
        hv_sink_why(out, hv_table_why(cursors[KERNEL].table));
}

const HvDerive hv_derive_events = {
    .name = "events",
    .schema = &schema,
    .inputs = (const char *const[]){ "guest_events", "kernel_events", "changes", "knob_events",
                                     NULL },
    .run = run,
};
