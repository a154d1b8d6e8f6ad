/* Where the wall time of a VM's vCPUs goes, as far as it is known. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/share.h"

#include <string.h>

#include "tui/pick.h"

#define LINE_BYTES 64
#define LOCAL_S 90e-9   /* assumed: a line from memory of the own node */
#define REMOTE_S 180e-9 /* assumed: from another one, under load */
#define MOST_STALL 0.6  /* of guest time, since lines overlap */

/* Sums over a VM's vCPUs; a sum lacks a value where any of them does. */
typedef struct {
    guint n;
    gboolean has_run, has_guest, has_wait;
    double run, guest, wait;
} Sums;

static void
add(const HvTable *vcpus, int row, const char *column, gboolean *has, double *sum)
{
    double value;

    *has = hv_pick_f64(vcpus, row, column, &value) && *has;
    if (*has)
        *sum += value;
}

static Sums
sum_vcpus(const HvTable *vcpus, const char *vm)
{
    g_autofree char *prefix = g_strconcat(vm, "/", NULL);
    Sums sums = { .has_run = TRUE, .has_guest = TRUE, .has_wait = TRUE };

    for (int i = 0; vcpus && i < (int)hv_table_n_rows(vcpus); i++) {
        if (!g_str_has_prefix(hv_table_row_key(vcpus, (guint)i), prefix))
            continue;
        sums.n++;
        add(vcpus, i, "run_ratio", &sums.has_run, &sums.run);
        add(vcpus, i, "guest_ratio", &sums.has_guest, &sums.guest);
        add(vcpus, i, "wait_ratio", &sums.has_wait, &sums.wait);
    }
    return sums;
}

static void
set_share(HvShares *shares, HvShareKind kind, double cpus)
{
    shares->is_known[kind] = TRUE;
    shares->ratio[kind] = CLAMP(cpus / shares->n_vcpus, 0, 1);
}

/* Lines are waited for one by one; the cap stands for those that overlap. */
static void
set_stalls(HvShares *shares, const HvTable *traffic, int row)
{
    const double guest = shares->ratio[HV_SHARE_GUEST];
    double local, remote, sum;

    if (!shares->is_known[HV_SHARE_GUEST] ||
        !hv_pick_f64(traffic, row, "local_bytes_per_s", &local) ||
        !hv_pick_f64(traffic, row, "remote_bytes_per_s", &remote))
        return;
    local *= LOCAL_S / LINE_BYTES / shares->n_vcpus;
    remote *= REMOTE_S / LINE_BYTES / shares->n_vcpus;
    sum = local + remote;
    if (sum > MOST_STALL * guest) {
        local *= MOST_STALL * guest / sum;
        remote *= MOST_STALL * guest / sum;
    }
    shares->is_known[HV_SHARE_LOCAL] = shares->is_known[HV_SHARE_REMOTE] = TRUE;
    shares->ratio[HV_SHARE_LOCAL] = local;
    shares->ratio[HV_SHARE_REMOTE] = remote;
    shares->ratio[HV_SHARE_GUEST] = guest - local - remote;
}

/* Sources are read at different instants, so the parts may exceed the whole: then they are
 * shrunk alike. */
static void
set_idle(HvShares *shares)
{
    double sum = 0;

    for (int i = 0; i < HV_SHARE_IDLE; i++)
        sum += shares->ratio[i];
    for (int i = 0; i < HV_SHARE_IDLE && sum > 1; i++)
        shares->ratio[i] /= sum;
    shares->is_known[HV_SHARE_IDLE] = TRUE;
    shares->ratio[HV_SHARE_IDLE] = MAX(1 - sum, 0);
}

gboolean
hv_shares_of(const HvSnapshot *snapshot, const char *vm, HvShares *shares)
{
    const HvTable *vms = hv_snapshot_table(snapshot, "vms");
    const HvTable *traffic = hv_snapshot_table(snapshot, "traffic");
    const Sums sums = sum_vcpus(hv_snapshot_table(snapshot, "vcpus"), vm);
    const int row = hv_pick_row(vms, vm);
    double poll = 0, throttled = 0;
    gboolean has_poll, has_throttled;

    *shares = (HvShares){ .n_vcpus = sums.n };
    if (!sums.n || !sums.has_run)
        return FALSE;
    has_poll = hv_pick_f64(vms, row, "halt_poll_ratio", &poll);
    has_throttled = hv_pick_f64(vms, row, "throttled_ratio", &throttled);
    if (has_poll)
        set_share(shares, HV_SHARE_POLL, poll);
    if (has_throttled)
        set_share(shares, HV_SHARE_THROTTLED, throttled);
    if (sums.has_guest)
        set_share(shares, HV_SHARE_GUEST, MIN(sums.guest, sums.run));
    set_stalls(shares, traffic, hv_pick_row(traffic, vm));
    /* without guest time all that ran is shown here, and the sheet says so */
    set_share(shares, HV_SHARE_HYPERVISOR, sums.run - (sums.has_guest ? sums.guest : 0) - poll);
    if (sums.has_wait) /* schedstat's delay also holds the throttled time */
        set_share(shares, HV_SHARE_WAIT, sums.wait - throttled);
    set_idle(shares);
    return TRUE;
}
