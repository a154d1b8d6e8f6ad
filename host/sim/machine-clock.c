/* The simulated clock: through the history without waiting, then at the pace that was asked
 * for. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/machine-private.h"

#include <poll.h>

#define NS_PER_S G_GINT64_CONSTANT(1000000000)
#define NS_PER_US 1000
/* How often somebody who waits for another's clock looks at it. */
#define LOOK_NS (G_GINT64_CONSTANT(10) * 1000000)

gint64
hv_sim_machine_now(const HvSimMachine *machine)
{
    const gint64 waited_us = g_get_monotonic_time() - machine->paced_since_us;

    if (!machine->is_paced)
        return machine->clock_ns;
    return machine->paced_from_ns + (gint64)((double)waited_us * NS_PER_US * machine->speed);
}

/* resctrl looks at each step: what it takes from one world to the next is lost in larger ones.
 */
void
hv_sim_machine_advance(HvSimMachine *machine)
{
    const gint64 now_ns = hv_sim_machine_now(machine);

    while (now_ns - machine->world->now_ns >= HV_SIM_STEP_NS) {
        hv_world_advance(machine->world, machine->world->now_ns + HV_SIM_STEP_NS);
        if (machine->resctrl)
            hv_sim_resctrl_step(machine->resctrl);
    }
}

static gint64
monotonic_ns(gpointer data)
{
    HvSimMachine *machine = data;
    gint64 now_ns;

    g_mutex_lock(&machine->lock);
    now_ns = hv_sim_machine_now(machine);
    g_mutex_unlock(&machine->lock);
    return now_ns;
}

static gint64
realtime_ns(gpointer data)
{
    HvSimMachine *machine = data;

    return monotonic_ns(data) + machine->world->epoch_ns; /* which never changes */
}

/* ---- waiting ---- */

static gboolean
wait_for_wake(int wake_fd, gint64 real_ns)
{
    struct pollfd wake = { .fd = wake_fd, .events = POLLIN };
    const struct timespec left = { .tv_sec = (time_t)(real_ns / NS_PER_S),
                                   .tv_nsec = (long)(real_ns % NS_PER_S) };

    return ppoll(&wake, 1, &left, NULL) > 0;
}

static void
catch_up(HvSimMachine *machine)
{
    g_mutex_lock(&machine->lock);
    hv_sim_machine_advance(machine);
    g_mutex_unlock(&machine->lock);
}

static gboolean
wait_paced(HvSimMachine *machine, gint64 until_ns, int wake_fd)
{
    for (;;) {
        const gint64 left_ns = MAX(until_ns - monotonic_ns(machine), 0);
        const gboolean is_woken =
            wait_for_wake(wake_fd, (gint64)((double)left_ns / machine->speed));

        if (!is_woken && left_ns > 0)
            continue;
        catch_up(machine);
        return is_woken;
    }
}

/* With the lock held: the clock jumps, but not over the end of the history, where it begins to
 * go by itself. */
static void
jump(HvSimMachine *machine, gint64 until_ns)
{
    const gboolean is_over = machine->speed > 0 && until_ns >= machine->history_end_ns;

    machine->clock_ns = MAX(machine->clock_ns, is_over ? machine->history_end_ns : until_ns);
    hv_sim_machine_advance(machine);
    if (!is_over)
        return;
    machine->paced_from_ns = machine->clock_ns;
    machine->paced_since_us = g_get_monotonic_time();
    machine->is_paced = TRUE;
}

static gboolean
skips_history(HvSimMachine *machine)
{
    gboolean skips;

    g_mutex_lock(&machine->lock);
    skips = !machine->is_paced && machine->clock_ns < machine->history_end_ns;
    g_mutex_unlock(&machine->lock);
    return skips;
}

/* Somebody else's waiting moves the clock: it is waited for, for as long as it would take on a
 * real machine at most. */
static gboolean
wait_for_mover(HvSimMachine *machine, gint64 until_ns, int wake_fd)
{
    for (gint64 left_ns = until_ns - monotonic_ns(machine); left_ns > 0; left_ns -= LOOK_NS) {
        if (wait_for_wake(wake_fd, MIN(left_ns, LOOK_NS)))
            return TRUE;
        if (monotonic_ns(machine) >= until_ns)
            return FALSE;
        if (machine->speed > 0 && !skips_history(machine))
            return wait_paced(machine, until_ns, wake_fd);
    }
    g_mutex_lock(&machine->lock);
    if (!machine->is_paced)
        jump(machine, until_ns);
    g_mutex_unlock(&machine->lock);
    return FALSE;
}

static gboolean
wait_until(gpointer data, gint64 until_ns, int wake_fd)
{
    HvSimMachine *machine = data;
    gboolean is_paced, is_mover;

    g_mutex_lock(&machine->lock);
    /* a console's other threads wait before its sampler has listed anything: they must not take
     * the history from it */
    is_mover = machine->mover ? machine->mover == g_thread_self() : machine->speed <= 0;
    if (!machine->is_paced && is_mover)
        jump(machine, until_ns);
    is_paced = machine->is_paced;
    g_mutex_unlock(&machine->lock);
    if (is_paced)
        return wait_paced(machine, until_ns, wake_fd);
    return is_mover ? wait_for_wake(wake_fd, 0) : wait_for_mover(machine, until_ns, wake_fd);
}

gboolean
hv_host_skips_history(HvHost *host)
{
    return host->simulated && skips_history(host->data);
}

const HvClockOps hv_sim_clock_ops = {
    .monotonic_ns = monotonic_ns,
    .realtime_ns = realtime_ns,
    .boottime_ns = monotonic_ns, /* it never sleeps */
    .wait_until = wait_until,
};
