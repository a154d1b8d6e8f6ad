/* The simulated resctrl's RMIDs: who has one, and the limbo of those whose lines are still
 * cached. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/resctrl-private.h"

#include <errno.h>

/* The kernel's CQM_LIMBOCHECK_INTERVAL. */
#define LIMBO_CHECK_NS G_GINT64_CONSTANT(1000000000)

void
hv_resctrl_start_rmids(HvSimResctrl *resctrl)
{
    if (resctrl->n_rmids == 0)
        return;
    resctrl->rmids[0].state = HV_RMID_USED;
    hv_resctrl_restart_counts(resctrl, 0);
    for (guint rmid = 1; rmid < resctrl->n_rmids; rmid++)
        g_queue_push_tail(&resctrl->free_rmids, GUINT_TO_POINTER(rmid));
}

int
hv_resctrl_take_rmid(HvSimResctrl *resctrl)
{
    guint rmid;

    if (g_queue_is_empty(&resctrl->free_rmids))
        return resctrl->n_limbo > 0 ? -EBUSY : -ENOSPC;
    rmid = GPOINTER_TO_UINT(g_queue_pop_head(&resctrl->free_rmids));
    resctrl->rmids[rmid].state = HV_RMID_USED;
    hv_resctrl_restart_counts(resctrl, rmid);
    return (int)rmid;
}

static void
set_free(HvSimResctrl *resctrl, guint rmid)
{
    resctrl->rmids[rmid].state = HV_RMID_FREE;
    g_queue_push_tail(&resctrl->free_rmids, GUINT_TO_POINTER(rmid));
}

/* Only the domain that the writer runs in, the first, is looked at at once; the others are
 * taken for busy until their workers have looked. */
void
hv_resctrl_release_rmid(HvSimResctrl *resctrl, guint rmid)
{
    HvResctrlRmid *self = &resctrl->rmids[rmid];
    gboolean looked = FALSE;

    for (guint l3 = 0; l3 < resctrl->world->n_l3; l3++) {
        self->tracked[l3] = FALSE;
        self->busy[l3] = resctrl->l3_online[l3];
        if (self->busy[l3] && !looked) {
            looked = TRUE;
            self->busy[l3] = hv_resctrl_occupancy(resctrl, rmid, l3) > resctrl->threshold_bytes;
        }
        if (!self->busy[l3])
            continue;
        self->n_busy++;
        if (resctrl->limbo_due_ns[l3] == 0)
            resctrl->limbo_due_ns[l3] = resctrl->world->now_ns + LIMBO_CHECK_NS;
    }
    if (self->n_busy == 0) {
        set_free(resctrl, rmid);
        return;
    }
    self->state = HV_RMID_LIMBO;
    resctrl->n_limbo++;
}

/* Returns: whether lines of some RMID in limbo are left in @l3. */
static gboolean
check_domain(HvSimResctrl *resctrl, guint l3, gboolean force)
{
    gboolean left = FALSE;

    for (guint rmid = 1; rmid < resctrl->n_rmids; rmid++) {
        HvResctrlRmid *self = &resctrl->rmids[rmid];

        if (self->state != HV_RMID_LIMBO || !self->busy[l3])
            continue;
        if (!force && hv_resctrl_occupancy(resctrl, rmid, l3) >= resctrl->threshold_bytes) {
            left = TRUE;
            continue;
        }
        self->busy[l3] = FALSE;
        if (--self->n_busy == 0) {
            resctrl->n_limbo--;
            set_free(resctrl, rmid);
        }
    }
    return left;
}

void
hv_resctrl_check_limbo(HvSimResctrl *resctrl)
{
    gint64 now_ns = resctrl->world->now_ns;

    for (guint l3 = 0; l3 < resctrl->world->n_l3; l3++) {
        gint64 *due_ns = &resctrl->limbo_due_ns[l3];

        if (*due_ns != 0 && now_ns >= *due_ns)
            *due_ns = check_domain(resctrl, l3, FALSE) ? now_ns + LIMBO_CHECK_NS : 0;
    }
}

void
hv_resctrl_empty_limbo(HvSimResctrl *resctrl, guint l3)
{
    (void)check_domain(resctrl, l3, TRUE);
    resctrl->limbo_due_ns[l3] = 0;
}
