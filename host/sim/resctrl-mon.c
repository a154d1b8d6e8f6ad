/* The simulated resctrl's monitoring: mon_data, and hardware that cannot follow all RMIDs at a
 * time. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/resctrl-private.h"

/* An RMID without traffic for so long gives its counter up at once to one that has some; else
 * counters change hands so often. */
#define IDLE_NS G_GINT64_CONSTANT(1000000000)
#define STEAL_NS G_GINT64_CONSTANT(1000000000)

static double
hardware_bytes(const HvSimResctrl *resctrl, guint rmid, guint l3, HvResctrlEvent event)
{
    const HvSimRmid *hardware = &resctrl->world->rmids[rmid];

    switch (event) {
    case HV_RESCTRL_TOTAL:
        return hardware->total_bytes[l3];
    case HV_RESCTRL_LOCAL:
        return hardware->local_bytes[l3];
    case HV_RESCTRL_OCCUPANCY:
    case HV_RESCTRL_N_EVENTS:
        break;
    }
    return hardware->occupancy_bytes[l3];
}

/* In whole counts of the hardware. */
static guint64
scaled(const HvSimResctrl *resctrl, double bytes)
{
    guint64 whole = bytes > 0 ? (guint64)bytes : 0;

    return whole - whole % resctrl->scale_bytes;
}

guint64
hv_resctrl_occupancy(const HvSimResctrl *resctrl, guint rmid, guint l3)
{
    return scaled(resctrl, hardware_bytes(resctrl, rmid, l3, HV_RESCTRL_OCCUPANCY));
}

/* ---- who has a counter ---- */

static gboolean
follows_all(const HvSimResctrl *resctrl)
{
    return resctrl->world->geometry.n_amd_counters == 0;
}

static void
give_counter(const HvSimResctrl *resctrl, guint rmid, HvResctrlRmid *self, guint l3)
{
    for (guint event = HV_RESCTRL_TOTAL; event <= HV_RESCTRL_LOCAL; event++)
        self->base[l3][event] = hardware_bytes(resctrl, rmid, l3, event);
    self->tracked[l3] = TRUE;
    self->since_ns[l3] = resctrl->world->now_ns;
}

static void
take_counter(const HvSimResctrl *resctrl, guint rmid, HvResctrlRmid *self, guint l3)
{
    for (guint event = HV_RESCTRL_TOTAL; event <= HV_RESCTRL_LOCAL; event++)
        self->kept[l3][event] +=
            hardware_bytes(resctrl, rmid, l3, event) - self->base[l3][event];
    self->tracked[l3] = FALSE;
    self->since_ns[l3] = resctrl->world->now_ns;
}

void
hv_resctrl_restart_counts(HvSimResctrl *resctrl, guint rmid)
{
    HvResctrlRmid *self = &resctrl->rmids[rmid];

    for (guint l3 = 0; l3 < resctrl->world->n_l3; l3++) {
        give_counter(resctrl, rmid, self, l3);
        self->kept[l3][HV_RESCTRL_TOTAL] = self->kept[l3][HV_RESCTRL_LOCAL] = 0;
        self->last_bytes[l3] = self->base[l3][HV_RESCTRL_TOTAL];
        self->active_ns[l3] = 0;
        self->tracked[l3] = follows_all(resctrl);
    }
}

/* Remembers who had traffic since the last step. */
static void
look_at_domain(HvSimResctrl *resctrl, guint l3)
{
    for (guint rmid = 0; rmid < resctrl->n_rmids; rmid++) {
        HvResctrlRmid *self = &resctrl->rmids[rmid];
        double bytes = hardware_bytes(resctrl, rmid, l3, HV_RESCTRL_TOTAL);

        if (bytes > self->last_bytes[l3])
            self->active_ns[l3] = resctrl->world->now_ns;
        self->last_bytes[l3] = bytes;
    }
}

/* Of those that have traffic now and no counter, the one that waits longest, or G_MAXUINT. */
static guint
find_waiting(const HvSimResctrl *resctrl, guint l3)
{
    guint longest = G_MAXUINT;

    for (guint rmid = 0; rmid < resctrl->n_rmids; rmid++) {
        const HvResctrlRmid *self = &resctrl->rmids[rmid];

        if (self->state != HV_RMID_USED || self->tracked[l3] ||
            self->active_ns[l3] != resctrl->world->now_ns)
            continue;
        if (longest == G_MAXUINT || self->since_ns[l3] < resctrl->rmids[longest].since_ns[l3])
            longest = rmid;
    }
    return longest;
}

/* The one that has had its counter longest, an idle one before all others; G_MAXUINT when none
 * has one. @idle: whether it is; @n_tracked: how many have one. */
static guint
find_victim(const HvSimResctrl *resctrl, guint l3, guint *n_tracked, gboolean *idle)
{
    gint64 now_ns = resctrl->world->now_ns;
    guint victim = G_MAXUINT;

    *n_tracked = 0;
    *idle = FALSE;
    for (guint rmid = 0; rmid < resctrl->n_rmids; rmid++) {
        const HvResctrlRmid *self = &resctrl->rmids[rmid];
        gboolean is_idle = now_ns - self->active_ns[l3] > IDLE_NS;

        if (self->state != HV_RMID_USED || !self->tracked[l3])
            continue;
        (*n_tracked)++;
        if (victim == G_MAXUINT || is_idle > *idle ||
            (is_idle == *idle && self->since_ns[l3] < resctrl->rmids[victim].since_ns[l3])) {
            victim = rmid;
            *idle = is_idle;
        }
    }
    return victim;
}

/* Gives a counter to one that waits. Returns: FALSE when nobody does or none is to be had. */
static gboolean
serve_one(HvSimResctrl *resctrl, guint l3, gboolean *may_steal)
{
    guint waiting = find_waiting(resctrl, l3), n_tracked, victim;
    gboolean idle;

    if (waiting == G_MAXUINT)
        return FALSE;
    victim = find_victim(resctrl, l3, &n_tracked, &idle);
    if (n_tracked >= resctrl->world->geometry.n_amd_counters) {
        if (!idle && !*may_steal)
            return FALSE;
        *may_steal = *may_steal && idle;
        take_counter(resctrl, victim, &resctrl->rmids[victim], l3);
    }
    give_counter(resctrl, waiting, &resctrl->rmids[waiting], l3);
    return TRUE;
}

void
hv_resctrl_share_counters(HvSimResctrl *resctrl)
{
    gint64 now_ns = resctrl->world->now_ns;
    gboolean is_due = now_ns >= resctrl->steal_due_ns;

    if (follows_all(resctrl))
        return;
    if (is_due)
        resctrl->steal_due_ns = now_ns + STEAL_NS;
    for (guint l3 = 0; l3 < resctrl->world->n_l3; l3++) {
        gboolean may_steal = is_due;

        look_at_domain(resctrl, l3);
        while (serve_one(resctrl, l3, &may_steal))
            ;
    }
}

/* ---- files ---- */

/* Adds what one RMID has. Returns: FALSE when the hardware cannot tell. */
static gboolean
add_count(const HvSimResctrl *resctrl, guint rmid, const HvResctrlMonFile *file, guint64 *bytes)
{
    const HvResctrlRmid *self = &resctrl->rmids[rmid];
    double count = hardware_bytes(resctrl, rmid, file->l3, file->event);

    if (file->event != HV_RESCTRL_OCCUPANCY) {
        if (!self->tracked[file->l3])
            return FALSE;
        count += self->kept[file->l3][file->event] - self->base[file->l3][file->event];
    }
    *bytes += scaled(resctrl, count);
    return TRUE;
}

/* A control group's number contains those of its monitoring groups, as far as they have one. */
static int
read_mon(gpointer owner, gpointer data, HvSimText *out)
{
    const HvSimResctrl *resctrl = owner;
    const HvResctrlMonFile *file = data;
    const HvResctrlGroup *group = file->group;
    guint64 bytes = 0;
    gboolean known = add_count(resctrl, group->rmid, file, &bytes);

    for (guint i = 0; group->children && i < group->children->len; i++) {
        const HvResctrlGroup *child = group->children->pdata[i];

        known |= add_count(resctrl, child->rmid, file, &bytes);
    }
    if (known) {
        hv_sim_u64(out, bytes);
        hv_sim_text(out, "\n");
    } else {
        hv_sim_text(out, "Unavailable\n");
    }
    return 0;
}

const HvSimFileClass hv_resctrl_mon_file = { .read = read_mon };
