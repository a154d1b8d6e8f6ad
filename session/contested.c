/* The table "contested": knobs that somebody else changed since a plan of ours left them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/contested.h"

#include "model/error.h"
#include "model/i18n.h"
#include "session/knobs.h"

#define NS_PER_S G_GINT64_CONSTANT(1000000000)
#define MAX_LOOKS 64            /* knobs read in one turn: more of them take turns */
#define DEAF_NS (30 * NS_PER_S) /* what does not answer is left alone for so long */
#define MAX_EVENTS 64

enum { KNOB, PLAN, EXPECTED, PRESENT, TIME_NS, SINCE_S, BY };

static const HvColumn columns[] = {
    [KNOB] = { .name = "knob",
               .kind = HV_KIND_KEY,
               .unit = HV_UNIT_NONE,
               .help = N_("the knob that is no longer as we left it") },
    [PLAN] = { .name = "plan",
               .kind = HV_KIND_U64,
               .unit = HV_UNIT_NONE,
               .help = N_("the change in the journal that left it") },
    [EXPECTED] = { .name = "expected",
                   .kind = HV_KIND_TEXT,
                   .unit = HV_UNIT_NONE,
                   .help = N_("the value that it left") },
    [PRESENT] = { .name = "present",
                  .kind = HV_KIND_TEXT,
                  .unit = HV_UNIT_NONE,
                  .help = N_("the value that it has now") },
    [TIME_NS] = { .name = "time_ns",
                  .kind = HV_KIND_U64,
                  .unit = HV_UNIT_NONE, /* an instant, not a duration */
                  .help = N_("when that was seen first, since 1970") },
    [SINCE_S] = { .name = "since_s",
                  .kind = HV_KIND_F64,
                  .unit = HV_UNIT_S,
                  .help = N_("for how long, in seconds") },
    [BY] = { .name = "by",
             .kind = HV_KIND_TEXT,
             .unit = HV_UNIT_NONE,
             .help = N_("who changes such knobs here") },
    { 0 },
};
const HvSchema hv_contested_schema = { .name = "contested", .columns = columns };

enum { EVENT_SERIAL, EVENT_TIME_NS, EVENT_VM, EVENT_KIND, EVENT_TEXT };

static const HvColumn event_columns[] = {
    [EVENT_SERIAL] = { .name = "serial",
                       .kind = HV_KIND_ID,
                       .unit = HV_UNIT_NONE,
                       .help = N_("running number of the event") },
    [EVENT_TIME_NS] = { .name = "time_ns",
                        .kind = HV_KIND_U64,
                        .unit = HV_UNIT_NONE, /* an instant, not a duration */
                        .help = N_("when, since 1970") },
    [EVENT_VM] = { .name = "vm",
                   .kind = HV_KIND_TEXT,
                   .unit = HV_UNIT_NONE,
                   .help = N_("VM that the knob belongs to") },
    [EVENT_KIND] = { .name = "kind",
                     .kind = HV_KIND_TEXT,
                     .unit = HV_UNIT_NONE,
                     .help = N_("contested or again") },
    [EVENT_TEXT] = { .name = "text",
                     .kind = HV_KIND_TEXT,
                     .unit = HV_UNIT_NONE,
                     .help = N_("what was changed") },
    { 0 },
};
const HvSchema hv_knob_events_schema = { .name = "knob_events",
                                         .columns = event_columns,
                                         .raw = TRUE };

/* A knob that is watched. */
typedef struct {
    guint64 plan;
    HvKnob *knob;
    HvStep *step;   /* what was left, and of which guest */
    char *present;  /* NULL: as it was left */
    const char *by; /* static, or NULL */
    gint64 seen_ns; /* since 1970 */
    gint64 deaf_ns; /* monotonic: not asked before */
} Watched;

/* A row as it is shown. */
typedef struct {
    guint64 plan;
    char *knob, *expected, *present;
    const char *by;
    gint64 seen_ns;
} Row;

typedef struct {
    guint64 serial;
    gint64 time_ns;
    const char *kind;
    char *vm, *text;
} Event;

struct HvContested {
    const HvSessionParts *parts;
    GPtrArray *watched; /* of Watched */
    guint next;         /* whose turn it is */
    guint64 n_events;
    GMutex lock; /* of all below */
    guint64 version;
    GPtrArray *rows; /* of Row */
    GQueue events;   /* of Event, oldest first */
};

static void
free_watched(gpointer data)
{
    Watched *watched = data;

    hv_knob_free(watched->knob);
    hv_step_free(watched->step);
    g_free(watched->present);
    g_free(watched);
}

static void
free_row(gpointer data)
{
    Row *row = data;

    g_free(row->knob);
    g_free(row->expected);
    g_free(row->present);
    g_free(row);
}

static void
free_event(gpointer data)
{
    Event *event = data;

    g_free(event->vm);
    g_free(event->text);
    g_free(event);
}

HvContested *
hv_contested_new(const HvSessionParts *parts)
{
    HvContested *contested = g_new0(HvContested, 1);

    contested->parts = parts;
    g_mutex_init(&contested->lock);
    g_queue_init(&contested->events);
    contested->watched = g_ptr_array_new_with_free_func(free_watched);
    contested->rows = g_ptr_array_new_with_free_func(free_row);
    return contested;
}

void
hv_contested_free(HvContested *contested)
{
    if (!contested)
        return;
    g_ptr_array_unref(contested->watched);
    g_ptr_array_unref(contested->rows);
    g_queue_clear_full(&contested->events, free_event);
    g_mutex_clear(&contested->lock);
    g_free(contested);
}

/* ---- what is shown ---- */

static char *
left_text(const HvStep *step)
{
    return hv_value_to_text(step->found.type == HV_TYPE_NOTHING ? &step->after : &step->found);
}

static Row *
row_new(const Watched *watched)
{
    Row *row = g_new0(Row, 1);

    row->plan = watched->plan;
    row->knob = g_strdup(watched->step->knob);
    row->expected = left_text(watched->step);
    row->present = g_strdup(watched->present);
    row->by = watched->by;
    row->seen_ns = watched->seen_ns;
    return row;
}

static gboolean
are_equal(const GPtrArray *a, const GPtrArray *b)
{
    gboolean equal = a->len == b->len;

    for (guint i = 0; equal && i < a->len; i++) {
        const Row *left = a->pdata[i];
        const Row *right = b->pdata[i];

        equal = left->plan == right->plan && left->seen_ns == right->seen_ns &&
                g_strcmp0(left->knob, right->knob) == 0 &&
                g_strcmp0(left->present, right->present) == 0;
    }
    return equal;
}

/* TRUE when it is other than before. */
static gboolean
show(HvContested *contested)
{
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(free_row);
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = NULL;

    for (guint i = 0; i < contested->watched->len; i++) {
        const Watched *watched = contested->watched->pdata[i];

        if (watched->present)
            g_ptr_array_add(rows, row_new(watched));
    }
    if (are_equal(rows, contested->rows)) /* only this thread replaces them */
        return FALSE;
    locker = g_mutex_locker_new(&contested->lock);
    contested->version++;
    {
        GPtrArray *former = contested->rows;

        contested->rows = g_steal_pointer(&rows);
        rows = former;
    }
    return TRUE;
}

static void
note_event(HvContested *contested, const Watched *watched, gint64 now_ns, const char *kind,
           char *take_text)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&contested->lock);
    Event *event = g_new0(Event, 1);

    event->serial = ++contested->n_events;
    event->time_ns = now_ns;
    event->kind = kind;
    event->vm = g_strdup(watched->step->subject.guest_name);
    event->text = take_text;
    g_queue_push_tail(&contested->events, event);
    if (g_queue_get_length(&contested->events) > MAX_EVENTS)
        free_event(g_queue_pop_head(&contested->events));
    contested->version++;
}

/* ---- what stands ---- */

static gboolean
is_of_this_boot(const HvContested *contested, const HvPlan *plan)
{
    return contested->parts->boot_id && contested->parts->machine_id &&
           g_strcmp0(plan->boot_id, contested->parts->boot_id) == 0 &&
           g_strcmp0(plan->machine_id, contested->parts->machine_id) == 0;
}

/* The newest plan that nobody took back has the word; what is being written right now nobody
 * has. */
static gboolean
has_word(const HvPlan *plan, const HvStep *step)
{
    return plan->state == HV_PLAN_APPLYING ||
           (plan->kind != HV_PLAN_UNDO && plan->undone_by == 0 &&
            step->state == HV_OUTCOME_DONE && step->after.type != HV_TYPE_NOTHING);
}

static Watched *
watched_new(const HvContested *contested, const HvPlan *plan, const HvStep *step)
{
    g_autoptr(HvKnob) knob = hv_knob_parse(contested->parts->tuners, step->knob, NULL);
    Watched *watched;

    if (!knob || knob->family->named_only || plan->state == HV_PLAN_APPLYING)
        return NULL;
    watched = g_new0(Watched, 1);
    watched->plan = plan->id;
    watched->knob = g_steal_pointer(&knob);
    watched->step = hv_step_copy(step);
    return watched;
}

/* What was known of it already. */
static void
inherit(Watched *watched, const GPtrArray *former)
{
    for (guint i = 0; i < former->len; i++) {
        Watched *other = former->pdata[i];

        if (other->plan != watched->plan ||
            g_strcmp0(other->step->knob, watched->step->knob) != 0)
            continue;
        watched->present = g_steal_pointer(&other->present);
        watched->by = other->by;
        watched->seen_ns = other->seen_ns;
        watched->deaf_ns = other->deaf_ns;
    }
}

/* Whether a newer plan of ours changed a part of it, or the whole that it is a part of: a VM's
 * group, one of its vCPUs' groups. */
static gboolean
is_ours_again(const HvContested *contested, const Watched *watched)
{
    for (guint i = 0; watched->knob->tuner->keep && i < contested->watched->len; i++) {
        const Watched *newer = contested->watched->pdata[i];

        if (newer->plan != watched->plan && newer->knob->tuner == watched->knob->tuner &&
            newer->knob->family != watched->knob->family &&
            g_strcmp0(newer->knob->segments[1], watched->knob->segments[1]) == 0)
            return TRUE;
    }
    return FALSE;
}

guint
hv_contested_watch(HvContested *contested, const GPtrArray *plans)
{
    g_autoptr(GPtrArray) former = contested->watched;
    g_autoptr(GHashTable) decided = g_hash_table_new(g_str_hash, g_str_equal);

    contested->watched = g_ptr_array_new_with_free_func(free_watched);
    for (guint i = 0; plans && i < plans->len; i++) {
        const HvPlan *plan = plans->pdata[i];

        for (guint j = 0; is_of_this_boot(contested, plan) && j < hv_plan_n_steps(plan); j++) {
            const HvStep *step = hv_plan_step(plan, j);
            Watched *watched;

            if (!has_word(plan, step) || !g_hash_table_add(decided, step->knob))
                continue;
            watched = watched_new(contested, plan, step);
            if (!watched)
                continue;
            if (is_ours_again(contested, watched)) {
                free_watched(watched);
                continue;
            }
            inherit(watched, former);
            g_ptr_array_add(contested->watched, watched);
        }
    }
    show(contested);
    return contested->watched->len;
}

/* ---- looking ---- */

/* Who is known to change such knobs, where that is running: a word for people, static. */
static const char *
name_changer(const HvContested *contested, const Watched *watched)
{
    g_autoptr(HvKnob) knob = NULL;
    g_auto(HvValue) present = { 0 };
    g_autofree char *text = NULL;

    if (!g_str_has_prefix(watched->step->knob, "irq/"))
        return NULL;
    knob = hv_knob_parse(contested->parts->tuners, "host/irqbalance", NULL);
    if (!knob || !hv_session_read(contested->parts, knob, &present, NULL))
        return NULL;
    text = hv_value_to_text(&present);
    return g_str_equal(text, "running") ? "irqbalance" : NULL;
}

static gboolean
is_as_left(const Watched *watched, const HvValue *present)
{
    const HvStep *step = watched->step;

    return hv_value_equal(present, &step->found) || hv_value_equal(present, &step->after) ||
           hv_session_is_met(watched->knob, present, &step->after);
}

static gint64
realtime_ns(const HvContested *contested)
{
    return contested->parts->clock.realtime_ns(contested->parts->clock.data);
}

static void
note_changed(HvContested *contested, Watched *watched, char *take_present)
{
    g_autofree char *expected = left_text(watched->step);

    watched->seen_ns = realtime_ns(contested);
    watched->by = name_changer(contested, watched);
    g_free(watched->present);
    watched->present = take_present;
    note_event(contested, watched, watched->seen_ns, "contested",
               g_strdup_printf(_("%s changed %s from %s to %s"),
                               watched->by ? watched->by : _("somebody else"),
                               watched->step->knob, expected, take_present));
}

static void
note_again(HvContested *contested, Watched *watched)
{
    g_autofree char *expected = left_text(watched->step);

    g_clear_pointer(&watched->present, g_free);
    note_event(contested, watched, realtime_ns(contested), "again",
               g_strdup_printf(_("%s is %s again, as plan %" G_GUINT64_FORMAT " left it"),
                               watched->step->knob, expected, watched->plan));
}

/* FALSE: it cannot be told now, or has gone with its guest. */
static gboolean
read_present(const HvContested *contested, Watched *watched, HvValue *present)
{
    const HvSessionParts *parts = contested->parts;
    const gint64 now_ns = parts->clock.monotonic_ns(parts->clock.data);
    g_auto(HvSubject) subject = { 0 };
    g_autoptr(GError) why = NULL;

    if (now_ns < watched->deaf_ns)
        return FALSE;
    if (hv_session_read_subject(parts, watched->knob, &subject, &why) &&
        hv_session_subject_equal(&subject, &watched->step->subject) &&
        hv_session_read(parts, watched->knob, present, &why))
        return TRUE;
    if (g_error_matches(why, HV_ERROR, HV_ERROR_TIMEOUT))
        watched->deaf_ns = now_ns + DEAF_NS;
    return FALSE;
}

/* What has come since and belongs to it (a VM's new threads) is brought in: then it is as it
 * was left. */
static gboolean
keeps(const HvContested *contested, Watched *watched, HvValue *present, guint64 journal_version)
{
    const HvSessionParts *parts = contested->parts;
    const HvTuner *tuner = watched->knob->tuner;

    if (!tuner->keep || parts->read_only_why ||
        hv_journal_version(parts->journal) != journal_version)
        return FALSE;
    tuner->keep(parts->host, watched->knob, &watched->step->after);
    return read_present(contested, watched, present) && is_as_left(watched, present);
}

static void
look_at(HvContested *contested, Watched *watched, guint64 journal_version)
{
    g_auto(HvValue) present = { 0 };
    g_autofree char *text = NULL;

    if (!read_present(contested, watched, &present)) {
        g_clear_pointer(&watched->present, g_free);
        return;
    }
    if (is_as_left(watched, &present) || keeps(contested, watched, &present, journal_version)) {
        if (watched->present)
            note_again(contested, watched);
        return;
    }
    text = hv_value_to_text(&present);
    if (g_strcmp0(text, watched->present) == 0)
        return;
    /* another hvtune may have begun a plan since its entries were read: next time */
    if (hv_journal_version(contested->parts->journal) == journal_version)
        note_changed(contested, watched, g_steal_pointer(&text));
}

gboolean
hv_contested_look(HvContested *contested)
{
    const guint n_looks = MIN(contested->watched->len, MAX_LOOKS);
    guint64 version;

    if (n_looks == 0)
        return FALSE;
    version = hv_journal_version(contested->parts->journal);
    for (guint i = 0; i < n_looks; i++) {
        contested->next = (contested->next + 1) % contested->watched->len;
        look_at(contested, contested->watched->pdata[contested->next], version);
    }
    return show(contested);
}

/* ---- the tables ---- */

guint64
hv_contested_version(HvContested *contested)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&contested->lock);

    return contested->version;
}

static char *
row_text(const Row *row)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(row->seen_ns / NS_PER_S);
    g_autofree char *when = time ? g_date_time_format(time, "%H:%M:%S") : g_strdup("?");

    return row->by ? g_strdup_printf(_("%s since %s, by %s"), row->present, when, row->by)
                   : g_strdup_printf(_("%s since %s"), row->present, when);
}

char *
hv_contested_describe(HvContested *contested, guint64 plan, const char *knob)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&contested->lock);

    for (guint i = 0; i < contested->rows->len; i++) {
        const Row *row = contested->rows->pdata[i];

        if (row->plan == plan && g_strcmp0(row->knob, knob) == 0)
            return row_text(row);
    }
    return NULL;
}

void
hv_contested_fill(HvContested *contested, HvSink *out)
{
    const gint64 now_ns = realtime_ns(contested);
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&contested->lock);

    for (guint i = 0; i < contested->rows->len; i++) {
        const Row *row = contested->rows->pdata[i];

        hv_row(out, row->knob);
        hv_u64(out, PLAN, row->plan);
        hv_text(out, EXPECTED, row->expected);
        hv_text(out, PRESENT, row->present);
        hv_u64(out, TIME_NS, (guint64)row->seen_ns);
        hv_f64(out, SINCE_S, (double)MAX(now_ns - row->seen_ns, 0) / (double)NS_PER_S);
        if (row->by)
            hv_text(out, BY, row->by);
        else
            hv_none(out, BY, HV_MARK_ABSENT, N_("not known"));
    }
}

void
hv_contested_fill_events(HvContested *contested, HvSink *out)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&contested->lock);

    for (const GList *at = contested->events.head; at; at = at->next) {
        const Event *event = at->data;

        hv_row_u64(out, event->serial);
        hv_u64(out, EVENT_TIME_NS, (guint64)event->time_ns);
        if (event->vm)
            hv_text(out, EVENT_VM, event->vm);
        else
            hv_none(out, EVENT_VM, HV_MARK_ABSENT, N_("of the host"));
        hv_text(out, EVENT_KIND, event->kind);
        hv_text(out, EVENT_TEXT, event->text);
    }
}
