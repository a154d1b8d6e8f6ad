/* Rounds of reading resctrl: what is there, the groups we keep, and all counters. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probes/resctrl-read.h"

#include <string.h>
#include <unistd.h>

#include "host/monitoring.h"
#include "model/i18n.h"
#include "probes/resctrl-counted.h"
#include "probes/resctrl-groups.h"

#define S G_GINT64_CONSTANT(1000000000)
#define LOOK_NS (5 * S)     /* between two looks at directories and tasks */
#define LOOK_PART 100       /* a look takes at most 1 % of the time */
#define FORGET_NS (600 * S) /* numbers of a VM whose turn is over */
#define YOUNG_NS (3 * S)    /* a new group may have no values yet */
#define LIMBO_NS (10 * S)   /* so long a removed group's RMID is taken to be in limbo */
#define FILES_PERCENT 20    /* of the descriptors */

struct HvResctrlReader {
    gatomicrefcount refs;
    HvHost *host;
    HvKeep keep;
    HvGroupKeeper *groups;
    HvResctrlLayout *layout; /* NULL: not looked yet */
    GArray *n_tasks;         /* of guint64: as of the last look */
    GHashTable *mons;        /* of HvCounted, by path */
    GPtrArray *order;        /* of HvCounted, borrowed: as the layout has them */
    guint64 guests_layout;   /* of the list, at the last look */
    GByteArray *wanted;      /* at the last look */
    gint64 look_ns, look_cost_ns;
    GArray *removed_ns; /* of gint64: when groups went */
};

/* ---- rounds ---- */

HvResctrlRound *
hv_resctrl_round_new(void)
{
    HvResctrlRound *round = g_new0(HvResctrlRound, 1);

    round->cells = g_array_new(FALSE, TRUE, sizeof(HvMonCell));
    round->n_tasks = g_array_new(FALSE, FALSE, sizeof(guint64));
    return round;
}

void
hv_resctrl_round_free(HvResctrlRound *round)
{
    if (!round)
        return;
    hv_resctrl_layout_unref(round->layout);
    g_array_unref(round->cells);
    g_array_unref(round->n_tasks);
    g_free(round->why);
    g_free(round);
}

/* ---- what is counted ---- */

static HvCounted *
find_mon(HvResctrlReader *reader, const HvResctrlLayout *layout, const HvLayoutMon *listed)
{
    HvCounted *mon = g_hash_table_lookup(reader->mons, listed->path);

    if (mon && mon->n_llcs != layout->llcs->len) { /* a domain came or went */
        g_hash_table_remove(reader->mons, listed->path);
        hv_counted_free(&reader->keep, mon);
        mon = NULL;
    }
    if (!mon) {
        mon = hv_counted_new(layout);
        g_hash_table_insert(reader->mons, g_strdup(listed->path), mon);
    } else if (!mon->is_gone) {
        return mon;
    }
    hv_counted_begin(&reader->keep, mon, layout, listed->path,
                     hv_host_monotonic_ns(reader->host));
    return mon;
}

static void
adopt(HvResctrlReader *reader, const HvResctrlLayout *layout)
{
    g_ptr_array_set_size(reader->order, 0);
    for (guint i = 0; i < layout->mons->len; i++) {
        const HvLayoutMon *listed = layout->mons->pdata[i];
        const HvLayoutGroup *group = layout->groups->pdata[listed->group];
        HvCounted *mon = find_mon(reader, layout, listed);

        mon->is_listed = TRUE;
        mon->is_ours = listed->is_ours;
        if (listed->vm && g_strcmp0(mon->vm, listed->vm) != 0) {
            g_free(mon->vm);
            mon->vm = g_strdup(listed->vm);
        }
        if (!mon->name) {
            mon->name = g_strdup(listed->name);
            mon->group = g_strdup(group->name);
        }
        g_ptr_array_add(reader->order, mon);
    }
}

/* ---- what is no more ---- */

static int
find_group(const HvResctrlLayout *layout, const char *name)
{
    for (guint i = 0; i < layout->groups->len; i++) {
        if (strcmp(((const HvLayoutGroup *)layout->groups->pdata[i])->name, name) == 0)
            return (int)i;
    }
    return -1;
}

/* "0 web": VMs of which some vCPU is in a control group and in no monitoring group there.
 * (transfer full) */
static GHashTable *
find_uncounted(const HvResctrlLayout *layout)
{
    GHashTable *names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < layout->vcpus->len; i++) {
        const HvLayoutVcpu *vcpu = layout->vcpus->pdata[i];

        if (vcpu->mon < 0)
            g_hash_table_add(names, g_strdup_printf("%u %s", vcpu->group, vcpu->vm));
    }
    return names;
}

/* Whether its VM is still there and not counted: its last numbers stand, until its turn comes
 * again. */
static gboolean
stands(const HvResctrlReader *reader, GHashTable *uncounted, const HvCounted *mon, int group)
{
    const gint64 read_ns = hv_counted_read_ns(mon);
    g_autofree char *name = g_strdup_printf("%d %s", group, mon->vm ? mon->vm : "");

    return mon->is_ours && mon->vm && read_ns > 0 &&
           hv_host_monotonic_ns(reader->host) - read_ns <= FORGET_NS &&
           g_hash_table_contains(uncounted, name);
}

static void
note_removal(HvResctrlReader *reader, const HvCounted *mon)
{
    const gint64 now_ns = hv_host_monotonic_ns(reader->host);

    if (!mon->is_gone)
        g_array_append_val(reader->removed_ns, now_ns);
}

static void
drop_unlisted(HvResctrlReader *reader, HvResctrlLayout *layout)
{
    g_autoptr(GHashTable) uncounted = find_uncounted(layout);
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, reader->mons);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        HvCounted *mon = value;
        const int group = mon->is_listed ? -1 : find_group(layout, mon->group);

        if (mon->is_listed) {
            mon->is_listed = FALSE;
            continue;
        }
        note_removal(reader, mon);
        if (stands(reader, uncounted, mon, group)) {
            hv_counted_close(&reader->keep, mon);
            mon->is_gone = TRUE;
            (void)hv_resctrl_layout_add_gone(layout, (guint)group, mon->name, mon->vm);
            g_ptr_array_add(reader->order, mon);
            continue;
        }
        g_hash_table_iter_remove(&iter);
        hv_counted_free(&reader->keep, mon);
    }
}

/* ---- looking ---- */

static void
copy_tasks(HvResctrlReader *reader, const HvResctrlLayout *layout)
{
    g_array_set_size(reader->n_tasks, 0);
    for (guint i = 0; i < layout->groups->len; i++) {
        const HvLayoutGroup *group = layout->groups->pdata[i];

        g_array_append_val(reader->n_tasks, group->n_tasks);
    }
}

/* What could not be read is tried again. */
static void
try_again(HvResctrlReader *reader)
{
    for (guint i = 0; i < reader->order->len; i++)
        hv_counted_try_again(reader->order->pdata[i]);
}

static gboolean
has_gone(const HvResctrlLayout *layout)
{
    const guint n = layout->mons->len; /* those that are gone come last */

    return n > 0 && ((const HvLayoutMon *)layout->mons->pdata[n - 1])->is_gone;
}

/* A layout that says the same as the last one is not taken: rows that hang on that stay. */
static void
take_layout(HvResctrlReader *reader, HvResctrlLayout *layout)
{
    copy_tasks(reader, layout);
    if (reader->layout && reader->layout->digest == layout->digest &&
        !has_gone(reader->layout)) {
        try_again(reader);
        return;
    }
    adopt(reader, layout);
    drop_unlisted(reader, layout);
    hv_resctrl_layout_settle(layout);
    hv_resctrl_layout_unref(reader->layout);
    reader->layout = hv_resctrl_layout_ref(layout);
    try_again(reader);
}

static gboolean
look_once(HvResctrlReader *reader, const HvGuestList *guests, GError **error)
{
    const int lock = hv_host_lock(reader->host, HV_RESCTRL_DIR, FALSE, 0, NULL);
    g_autoptr(HvResctrlLayout) layout = NULL;

    layout = hv_resctrl_layout_read(reader->host, guests, error);
    if (lock >= 0) /* who cannot have it reads what there is */
        close(lock);
    if (layout)
        take_layout(reader, layout);
    return layout != NULL;
}

static gboolean
is_look_due(const HvResctrlReader *reader, const HvGuestList *guests, const guint8 *wanted,
            gint64 now_ns)
{
    return !reader->layout || hv_group_keeper_is_pending(reader->groups) ||
           reader->guests_layout != guests->layout || reader->wanted->len != guests->n_guests ||
           memcmp(reader->wanted->data, wanted, guests->n_guests) != 0 ||
           now_ns - reader->look_ns >= MAX(LOOK_NS, reader->look_cost_ns * LOOK_PART);
}

static gboolean
look(HvResctrlReader *reader, const HvGuestList *guests, const guint8 *wanted, GError **error)
{
    const gint64 begin_ns = hv_host_monotonic_ns(reader->host);

    if (!is_look_due(reader, guests, wanted, begin_ns))
        return TRUE;
    if (!look_once(reader, guests, error))
        return FALSE;
    reader->look_cost_ns = hv_host_monotonic_ns(reader->host) - begin_ns;
    if (hv_group_keeper_turn(reader->groups, reader->layout, guests, wanted) &&
        !look_once(reader, guests, error))
        return FALSE;
    reader->guests_layout = guests->layout;
    g_byte_array_set_size(reader->wanted, 0);
    g_byte_array_append(reader->wanted, wanted, guests->n_guests);
    reader->look_ns = begin_ns;
    return TRUE;
}

/* ---- counters ---- */

/* What all control groups together have filled into the cache; -1: that is not told. */
static double
sum_filled(const HvResctrlReader *reader, guint llc)
{
    double sum = 0;

    for (guint i = 0; i < reader->layout->mons->len; i++) {
        const HvLayoutMon *listed = reader->layout->mons->pdata[i];
        const HvMonCell *cell = &((const HvCounted *)reader->order->pdata[i])->cells[llc];

        if (*listed->name)
            continue;
        if (cell->marks[HV_EVENT_TOTAL] != HV_MARK_MEASURED)
            return -1;
        sum += (double)cell->values[HV_EVENT_TOTAL];
    }
    return sum;
}

static void
judge_warming(HvResctrlReader *reader)
{
    for (guint llc = 0; llc < reader->layout->llcs->len; llc++) {
        const guint64 size_bytes =
            g_array_index(reader->layout->llcs, HvLayoutLlc, llc).size_bytes;
        const double filled = sum_filled(reader, llc);

        for (guint i = 0; i < reader->order->len; i++) {
            const HvLayoutMon *listed = reader->layout->mons->pdata[i];
            const gboolean is_default = listed->group == 0 && !*listed->name;

            if (!is_default && !listed->is_gone)
                hv_counted_warm_up(reader->order->pdata[i], llc, size_bytes, filled);
        }
    }
}

static void
count_missing(const HvCounted *mon, guint *n_read, guint *n_unavailable)
{
    for (guint i = 0; i < mon->n_llcs; i++) {
        for (guint event = HV_EVENT_TOTAL; event < HV_EVENT_N; event++) {
            *n_read += hv_mark_has_value(mon->cells[i].marks[event]) ||
                       mon->cells[i].marks[event] == HV_MARK_UNAVAILABLE;
            *n_unavailable += mon->cells[i].marks[event] == HV_MARK_UNAVAILABLE;
        }
    }
}

static void
read_counters(HvResctrlReader *reader)
{
    const gint64 now_ns = hv_host_monotonic_ns(reader->host);
    guint n_read = 0, n_unavailable = 0;

    for (guint i = 0; i < reader->order->len; i++) {
        const HvLayoutMon *listed = reader->layout->mons->pdata[i];
        HvCounted *mon = reader->order->pdata[i];

        hv_counted_read(&reader->keep, mon);
        if (*listed->name && !mon->is_gone && now_ns - mon->since_ns > YOUNG_NS)
            count_missing(mon, &n_read, &n_unavailable);
    }
    judge_warming(reader);
    hv_group_keeper_note(reader->groups, n_read, n_unavailable);
}

/* ---- a round ---- */

static guint64
count_limbo(HvResctrlReader *reader)
{
    const gint64 now_ns = hv_host_monotonic_ns(reader->host);
    guint64 n_rmids, n_used = reader->layout->groups->len;

    while (reader->removed_ns->len > 0 &&
           now_ns - g_array_index(reader->removed_ns, gint64, 0) > LIMBO_NS)
        g_array_remove_index(reader->removed_ns, 0);
    for (guint i = 0; i < reader->layout->mons->len; i++) {
        const HvLayoutMon *mon = reader->layout->mons->pdata[i];

        n_used += *mon->name && !mon->is_gone;
    }
    if (!hv_resctrl_layout_info(reader->layout, "L3_MON", HV_INFO_NUM_RMIDS, &n_rmids) ||
        n_rmids < n_used)
        return 0;
    if (hv_group_keeper_is_limbo(reader->groups))
        return n_rmids - n_used;
    return MIN(reader->removed_ns->len, n_rmids - n_used);
}

static void
fill_round(HvResctrlReader *reader, HvResctrlRound *round)
{
    const char *why = hv_group_keeper_why(reader->groups);

    if (round->layout != reader->layout) {
        hv_resctrl_layout_unref(round->layout);
        round->layout = hv_resctrl_layout_ref(reader->layout);
    }
    g_array_set_size(round->cells, 0);
    for (guint i = 0; i < reader->order->len; i++) {
        const HvCounted *mon = reader->order->pdata[i];

        g_array_append_vals(round->cells, mon->cells, mon->n_llcs);
    }
    g_array_set_size(round->n_tasks, 0);
    g_array_append_vals(round->n_tasks, reader->n_tasks->data, reader->n_tasks->len);
    round->n_held = hv_group_keeper_n_held(reader->groups);
    round->limit = hv_group_keeper_limit(reader->groups);
    round->n_limbo = count_limbo(reader);
    if (g_strcmp0(round->why, why) != 0) {
        g_free(round->why);
        round->why = g_strdup(why);
    }
}

gboolean
hv_resctrl_reader_round(HvResctrlReader *reader, const HvGuestList *guests,
                        const guint8 *wanted, HvResctrlRound *round, GError **error)
{
    const gint64 begin_ns = hv_host_monotonic_ns(reader->host);

    if (!look(reader, guests, wanted, error))
        return FALSE;
    read_counters(reader);
    fill_round(reader, round);
    round->cost_ns = hv_host_monotonic_ns(reader->host) - begin_ns;
    return TRUE;
}

/* ---- making and freeing ---- */

HvResctrlReader *
hv_resctrl_reader_new(HvHost *host)
{
    HvResctrlReader *reader = g_new0(HvResctrlReader, 1);

    g_atomic_ref_count_init(&reader->refs);
    reader->host = host;
    reader->keep = (HvKeep){ .host = host, .limit = hv_keep_limit(FILES_PERCENT) };
    reader->groups = hv_group_keeper_new(host);
    reader->n_tasks = g_array_new(FALSE, FALSE, sizeof(guint64));
    reader->mons = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    reader->order = g_ptr_array_new();
    reader->wanted = g_byte_array_new();
    reader->removed_ns = g_array_new(FALSE, FALSE, sizeof(gint64));
    return reader;
}

HvResctrlReader *
hv_resctrl_reader_ref(HvResctrlReader *reader)
{
    g_atomic_ref_count_inc(&reader->refs);
    return reader;
}

static void
drop_mons(HvResctrlReader *reader)
{
    GHashTableIter iter;
    gpointer mon;

    g_ptr_array_set_size(reader->order, 0);
    g_hash_table_iter_init(&iter, reader->mons);
    while (g_hash_table_iter_next(&iter, NULL, &mon)) {
        g_hash_table_iter_remove(&iter);
        hv_counted_free(&reader->keep, mon);
    }
}

void
hv_resctrl_reader_close(HvResctrlReader *reader)
{
    drop_mons(reader);
    g_clear_pointer(&reader->layout, hv_resctrl_layout_unref);
    hv_group_keeper_close(reader->groups);
}

void
hv_resctrl_reader_unref(HvResctrlReader *reader)
{
    if (!reader || !g_atomic_ref_count_dec(&reader->refs))
        return;
    drop_mons(reader);
    g_hash_table_unref(reader->mons);
    g_ptr_array_unref(reader->order);
    hv_resctrl_layout_unref(reader->layout);
    hv_group_keeper_free(reader->groups);
    g_array_unref(reader->n_tasks);
    g_byte_array_unref(reader->wanted);
    g_array_unref(reader->removed_ns);
    g_free(reader);
}
