/* The monitoring groups that hvtune keeps: for which VMs, and how many. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probes/resctrl-groups.h"

#include <string.h>

#include "host/monitoring.h"
#include "model/i18n.h"
#include "probes/probe.h"
#include "probes/resctrl-choose.h"
#include "probes/task.h"

#define S G_GINT64_CONSTANT(1000000000)
#define BACK_OFF_NS (3 * S) /* after the kernel refused a group */
#define HALVING_NS (10 * S) /* between two halvings: new groups begin without values */
#define GROWING_NS (60 * S) /* without missing values, until there may be one more */
#define MISSING_PART 20     /* 5 % */
#define N_EVENTS_WITH_COUNTER 2

/* What is remembered of a VM between turns. */
typedef struct {
    gint64 held_ns, counted_ns;
    guint64 wait_ns, run_ns; /* of all its vCPUs, when last looked at */
    gint64 ranked_ns;
    double rank;
    gboolean is_here; /* in the list of this turn */
} Memory;

struct HvGroupKeeper {
    HvHost *host;
    HvMonitoring *monitoring;
    GHashTable *memories; /* of Memory, by the VM's name */
    guint limit;          /* as of the last turn */
    guint cap;            /* what missing values left of it */
    gint64 halved_ns, missed_ns;
    gint64 refused_ns; /* when the kernel last refused a group; 0: it did not */
    gboolean is_limbo;
    gboolean is_pending; /* something is to be changed, but another had the lock */
    char *why;
};

HvGroupKeeper *
hv_group_keeper_new(HvHost *host)
{
    HvGroupKeeper *keeper = g_new0(HvGroupKeeper, 1);

    keeper->host = host;
    keeper->monitoring = hv_monitoring_new(host);
    keeper->memories = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    keeper->cap = G_MAXUINT;
    return keeper;
}

void
hv_group_keeper_free(HvGroupKeeper *keeper)
{
    if (!keeper)
        return;
    hv_monitoring_free(keeper->monitoring);
    g_hash_table_unref(keeper->memories);
    g_free(keeper->why);
    g_free(keeper);
}

void
hv_group_keeper_close(HvGroupKeeper *keeper)
{
    hv_monitoring_close(keeper->monitoring);
}

guint
hv_group_keeper_n_held(const HvGroupKeeper *keeper)
{
    return hv_monitoring_n_held(keeper->monitoring);
}

guint
hv_group_keeper_limit(const HvGroupKeeper *keeper)
{
    return keeper->limit;
}

const char *
hv_group_keeper_why(const HvGroupKeeper *keeper)
{
    return keeper->why;
}

gboolean
hv_group_keeper_is_limbo(const HvGroupKeeper *keeper)
{
    return keeper->is_limbo;
}

gboolean
hv_group_keeper_is_pending(const HvGroupKeeper *keeper)
{
    return keeper->is_pending;
}

static void
set_why(HvGroupKeeper *keeper, const char *why)
{
    if (g_strcmp0(keeper->why, why) == 0)
        return;
    g_free(keeper->why);
    keeper->why = g_strdup(why);
}

/* ---- how many ---- */

static guint
count_present(const HvResctrlLayout *layout, gboolean only_ours)
{
    guint n = 0;

    for (guint i = 0; i < layout->mons->len; i++) {
        const HvLayoutMon *mon = layout->mons->pdata[i];

        n += *mon->name && (mon->is_ours || !only_ours);
    }
    return n;
}

/* Half of what would be free without our own groups. */
static guint
find_limit(const HvGroupKeeper *keeper, const HvResctrlLayout *layout)
{
    const guint n_ours = count_present(layout, TRUE);
    const guint n_used = layout->groups->len + count_present(layout, FALSE);
    guint64 n_rmids, all, left, limit;

    if (!hv_resctrl_layout_info(layout, "L3_MON", HV_INFO_NUM_RMIDS, &n_rmids))
        return 0;
    limit = n_rmids + n_ours > n_used ? (n_rmids + n_ours - n_used) / 2 : 0;
    if (hv_resctrl_layout_counters(layout, &all, &left))
        limit = MIN(limit, (left / N_EVENTS_WITH_COUNTER + n_ours) / 2);
    return (guint)MIN(limit, keeper->cap);
}

void
hv_group_keeper_note(HvGroupKeeper *keeper, guint n_read, guint n_unavailable)
{
    const gint64 now_ns = hv_host_monotonic_ns(keeper->host);

    if (n_unavailable > 0 && n_unavailable > n_read / MISSING_PART) {
        keeper->missed_ns = now_ns;
        if (keeper->halved_ns && now_ns - keeper->halved_ns < HALVING_NS)
            return;
        keeper->cap = MAX(MIN(keeper->limit, hv_group_keeper_n_held(keeper)) / 2, 1);
        keeper->halved_ns = now_ns;
    } else if (keeper->cap < G_MAXUINT && now_ns - keeper->missed_ns > GROWING_NS) {
        keeper->cap++;
        keeper->missed_ns = now_ns;
    }
}

/* ---- how bad ---- */

static void
add_times(HvHost *host, const HvGuest *guest, guint64 *wait_ns, guint64 *run_ns)
{
    for (guint i = 0; i < guest->n_threads && guest->threads[i].role == HV_THREAD_VCPU; i++) {
        g_autofree char *path =
            g_strdup_printf("proc/%d/task/%d/schedstat", guest->pid, guest->threads[i].tid);
        g_autofree char *text = hv_host_read_text(host, path, 256, NULL);
        HvSchedstat schedstat;

        if (!text || !hv_schedstat_parse(text, &schedstat, NULL))
            continue;
        *wait_ns += schedstat.wait_ns;
        *run_ns += schedstat.run_ns;
    }
}

/* By what it waited since last asked; among those that did not wait, the busiest, since traffic
 * is made by who runs. */
static double
find_rank(HvGroupKeeper *keeper, const HvGuest *guest, Memory *memory)
{
    const gint64 now_ns = hv_host_monotonic_ns(keeper->host);
    guint64 wait_ns = 0, run_ns = 0;

    if (memory->ranked_ns && now_ns - memory->ranked_ns < S)
        return memory->rank;
    memory->ranked_ns = now_ns;
    add_times(keeper->host, guest, &wait_ns, &run_ns);
    if (memory->run_ns && wait_ns >= memory->wait_ns && run_ns >= memory->run_ns)
        memory->rank =
            (double)(wait_ns - memory->wait_ns) + (double)(run_ns - memory->run_ns) / 100;
    memory->wait_ns = wait_ns;
    memory->run_ns = run_ns;
    return memory->rank;
}

/* ---- for whom ---- */

static Memory *
remember(HvGroupKeeper *keeper, const char *vm)
{
    Memory *memory = g_hash_table_lookup(keeper->memories, vm);

    if (!memory) {
        memory = g_new0(Memory, 1);
        g_hash_table_insert(keeper->memories, g_strdup(vm), memory);
    }
    return memory;
}

/* What one guest needs: in the control group @group of it, to have @tids put in. */
typedef struct {
    guint guest, group;
    GArray *tids; /* of those that are in no monitoring group yet */
} Need;

static void
clear_need(gpointer data)
{
    g_array_unref(((Need *)data)->tids);
}

static Need *
need_of(GArray *needs, guint guest, guint group)
{
    Need need = { guest, group, NULL };

    for (guint i = needs->len; i-- > 0;) {
        Need *found = &g_array_index(needs, Need, i);

        if (found->guest == guest && found->group == group)
            return found;
        if (found->guest != guest)
            break; /* vCPUs come guest by guest */
    }
    need.tids = g_array_new(FALSE, FALSE, sizeof(int));
    g_array_append_val(needs, need);
    return &g_array_index(needs, Need, needs->len - 1);
}

/* Whether the control group's own numbers are the VM's. */
static gboolean
sum_counts(const HvResctrlLayout *layout, guint group, const char *vm)
{
    for (guint i = 0; i < layout->mons->len; i++) {
        const HvLayoutMon *mon = layout->mons->pdata[i];

        if (mon->group == group && !*mon->name)
            return mon->whole && g_strcmp0(mon->vm, vm) == 0;
    }
    return FALSE;
}

/* Threads in somebody else's monitoring group stay there: one RMID is all that a thread has. */
static GArray *
find_needs(const HvResctrlLayout *layout)
{
    GArray *needs = g_array_new(FALSE, FALSE, sizeof(Need));

    g_array_set_clear_func(needs, clear_need);
    for (guint i = 0; i < layout->vcpus->len; i++) {
        const HvLayoutVcpu *vcpu = layout->vcpus->pdata[i];
        const HvLayoutMon *mon = vcpu->mon >= 0 ? layout->mons->pdata[vcpu->mon] : NULL;
        Need *need;

        if ((mon && !mon->is_ours) || sum_counts(layout, vcpu->group, vcpu->vm))
            continue;
        need = need_of(needs, vcpu->guest, vcpu->group);
        if (!mon)
            g_array_append_val(need->tids, vcpu->tid);
    }
    return needs;
}

static void
fill_candidate(HvGroupKeeper *keeper, const HvGuest *guest, HvResctrlCandidate *candidate,
               gboolean is_short)
{
    Memory *memory = remember(keeper, guest->name);

    memory->is_here = TRUE;
    candidate->held_ns = memory->held_ns;
    candidate->counted_ns = memory->counted_ns;
    if (is_short)
        candidate->rank = find_rank(keeper, guest, memory);
}

static gboolean
is_gone(gpointer name G_GNUC_UNUSED, gpointer value, gpointer data G_GNUC_UNUSED)
{
    Memory *memory = value;
    const gboolean was_here = memory->is_here;

    memory->is_here = FALSE;
    return !was_here;
}

/* Of each guest: whether it is to be counted. (transfer full) */
static HvResctrlCandidate *
choose(HvGroupKeeper *keeper, const HvGuestList *guests, const guint8 *wanted,
       const GArray *needs)
{
    const gint64 now_ns = hv_host_monotonic_ns(keeper->host);
    HvResctrlCandidate *candidates = g_new0(HvResctrlCandidate, guests->n_guests + 1);
    const gboolean is_short = needs->len > keeper->limit;

    for (guint i = 0; i < needs->len; i++)
        candidates[g_array_index(needs, Need, i).guest].n_groups++;
    for (guint i = 0; i < guests->n_guests; i++) {
        candidates[i].is_wanted = wanted[i] != 0;
        if (candidates[i].n_groups > 0)
            fill_candidate(keeper, guests->guests[i], &candidates[i], is_short);
    }
    hv_resctrl_choose(candidates, guests->n_guests, keeper->limit, now_ns);
    for (guint i = 0; i < guests->n_guests; i++) {
        Memory *memory = g_hash_table_lookup(keeper->memories, guests->guests[i]->name);

        if (!memory || candidates[i].n_groups == 0)
            continue;
        if (!candidates[i].is_chosen)
            memory->held_ns = 0;
        else if (memory->held_ns == 0)
            memory->held_ns = now_ns;
        if (candidates[i].is_chosen)
            memory->counted_ns = now_ns;
    }
    g_hash_table_foreach_remove(keeper->memories, is_gone, NULL);
    return candidates;
}

/* ---- the wishes ---- */

/* Paths of the monitoring groups that there are, without the last slash. (transfer full) */
static GHashTable *
find_present(const HvResctrlLayout *layout)
{
    GHashTable *paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < layout->mons->len; i++) {
        const HvLayoutMon *mon = layout->mons->pdata[i];

        if (*mon->name && !mon->is_gone)
            g_hash_table_add(paths, g_strndup(mon->path, strlen(mon->path) - 1));
    }
    return paths;
}

static char *
path_of(const HvResctrlLayout *layout, const HvGuestList *guests, const Need *need)
{
    const HvLayoutGroup *group = layout->groups->pdata[need->group];
    g_autofree char *name = hv_monitoring_name(guests->guests[need->guest]);

    return g_strconcat(group->path, "mon_groups/", name, NULL);
}

static void
add_wish(const HvGroupKeeper *keeper, GHashTable *present, char *take_path, const Need *need,
         guint *n_room, GArray *wishes)
{
    g_autofree char *path = take_path;
    HvMonitoringWish wish = { 0 };

    if (!g_hash_table_contains(present, path)) {
        if (keeper->refused_ns || *n_room == 0)
            return;
        --*n_room;
    }
    wish.path = g_steal_pointer(&path);
    wish.tids = g_array_ref(need->tids);
    g_array_append_val(wishes, wish);
}

/* (transfer full) of HvMonitoringWish */
static GArray *
make_wishes(HvGroupKeeper *keeper, const HvResctrlLayout *layout, const HvGuestList *guests,
            const guint8 *wanted)
{
    g_autoptr(GArray) needs = find_needs(layout);
    g_autoptr(GHashTable) present = find_present(layout);
    g_autofree HvResctrlCandidate *candidates = NULL;
    GArray *wishes = g_array_new(FALSE, FALSE, sizeof(HvMonitoringWish));
    const guint n_ours = count_present(layout, TRUE);
    guint n_room, n_dropped = hv_monitoring_n_held(keeper->monitoring), n_left_out = 0;

    g_array_set_clear_func(wishes, hv_monitoring_wish_clear);
    keeper->limit = find_limit(keeper, layout);
    candidates = choose(keeper, guests, wanted, needs);
    /* what others made counts too; what we are about to drop does not */
    for (guint i = 0; i < needs->len; i++) {
        const Need *need = &g_array_index(needs, Need, i);
        g_autofree char *path = path_of(layout, guests, need);

        if (candidates[need->guest].is_chosen &&
            hv_monitoring_is_held(keeper->monitoring, path))
            n_dropped--;
    }
    n_room = keeper->limit + n_dropped > n_ours ? keeper->limit + n_dropped - n_ours : 0;
    for (guint i = 0; i < needs->len; i++) {
        const Need *need = &g_array_index(needs, Need, i);

        if (candidates[need->guest].is_chosen)
            add_wish(keeper, present, path_of(layout, guests, need), need, &n_room, wishes);
        else
            n_left_out++;
    }
    if (n_left_out > 0)
        set_why(keeper, N_("more VMs than RMIDs that may be used: they take turns"));
    else if (!keeper->refused_ns)
        set_why(keeper, NULL);
    return wishes;
}

static gboolean
is_change(const HvGroupKeeper *keeper, const HvResctrlLayout *layout, const GArray *wishes)
{
    g_autoptr(GHashTable) present = find_present(layout);

    if (wishes->len != hv_monitoring_n_held(keeper->monitoring))
        return TRUE;
    for (guint i = 0; i < wishes->len; i++) {
        const HvMonitoringWish *wish = &g_array_index(wishes, HvMonitoringWish, i);

        if (wish->tids->len > 0 || !hv_monitoring_is_held(keeper->monitoring, wish->path) ||
            !g_hash_table_contains(present, wish->path))
            return TRUE;
    }
    return FALSE;
}

/* ---- a turn ---- */

static void
note_refusals(HvGroupKeeper *keeper, const GArray *wishes)
{
    for (guint i = 0; i < wishes->len; i++) {
        const HvMonitoringWish *wish = &g_array_index(wishes, HvMonitoringWish, i);

        if (!wish->error)
            continue;
        keeper->refused_ns = hv_host_monotonic_ns(keeper->host);
        keeper->is_limbo = hv_monitoring_is_limbo(wish->error);
        set_why(keeper, wish->error->message);
        return;
    }
}

/* Under the lock everything is read anew: what was seen before may have changed. */
static gboolean
change(HvGroupKeeper *keeper, const HvGuestList *guests, const guint8 *wanted)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HvResctrlLayout) layout = NULL;
    g_autoptr(GArray) wishes = NULL;

    keeper->is_pending = !hv_monitoring_lock(keeper->monitoring, &error);
    if (keeper->is_pending) {
        set_why(keeper, error->message);
        return FALSE;
    }
    layout = hv_resctrl_layout_read(keeper->host, guests, &error);
    if (layout) {
        wishes = make_wishes(keeper, layout, guests, wanted);
        if (hv_monitoring_set(keeper->monitoring, wishes, &error))
            note_refusals(keeper, wishes);
    }
    hv_monitoring_unlock(keeper->monitoring);
    if (error)
        set_why(keeper, error->message);
    return TRUE;
}

/* Groups of hvtunes that were killed. */
static gboolean
sweep(HvGroupKeeper *keeper, const HvResctrlLayout *layout)
{
    gboolean is_needed = FALSE;
    guint n = 0;

    for (guint i = 0; i < layout->mons->len && !is_needed; i++) {
        const HvLayoutMon *mon = layout->mons->pdata[i];
        g_autofree char *path = g_strndup(mon->path, MAX(strlen(mon->path), 1) - 1);

        is_needed = mon->is_ours && !hv_monitoring_is_leased(keeper->monitoring, path);
    }
    if (is_needed && hv_monitoring_lock(keeper->monitoring, NULL)) {
        n = hv_monitoring_sweep(keeper->monitoring);
        hv_monitoring_unlock(keeper->monitoring);
    }
    return n > 0;
}

static gboolean
can_sweep(const HvGroupKeeper *keeper)
{
    return !hv_host_is_read_only(keeper->host) && hv_host_policy(keeper->host)->state_dir;
}

gboolean
hv_group_keeper_turn(HvGroupKeeper *keeper, const HvResctrlLayout *layout,
                     const HvGuestList *guests, const guint8 *wanted)
{
    const gint64 now_ns = hv_host_monotonic_ns(keeper->host);
    gboolean is_changed = can_sweep(keeper) && sweep(keeper, layout);
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) wishes = NULL;

    keeper->is_pending = FALSE;
    if (keeper->refused_ns && now_ns - keeper->refused_ns >= BACK_OFF_NS) {
        keeper->refused_ns = 0;
        keeper->is_limbo = FALSE;
    }
    if (!hv_monitoring_may(keeper->monitoring, &error)) {
        keeper->limit = 0;
        set_why(keeper, error->message);
        return is_changed;
    }
    wishes = make_wishes(keeper, layout, guests, wanted);
    if (is_changed || is_change(keeper, layout, wishes))
        is_changed = change(keeper, guests, wanted) || is_changed;
    return is_changed;
}
