/* The machine's clocks, and waiting by them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/real.h"

#include <poll.h>
#include <time.h>

#define NS_PER_S G_GINT64_CONSTANT(1000000000)

static gint64
read_clock(clockid_t clock)
{
    struct timespec now;

    if (clock_gettime(clock, &now) != 0)
        return 0; /* these three clocks exist on every kernel that can be built for */
    return (gint64)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static gint64
monotonic_ns(gpointer data G_GNUC_UNUSED)
{
    return read_clock(CLOCK_MONOTONIC);
}

static gint64
realtime_ns(gpointer data G_GNUC_UNUSED)
{
    return read_clock(CLOCK_REALTIME);
}

static gint64
boottime_ns(gpointer data G_GNUC_UNUSED)
{
    return read_clock(CLOCK_BOOTTIME);
}

static gboolean
wait_until(gpointer data, gint64 until_ns, int wake_fd)
{
    struct pollfd wake = { .fd = wake_fd, .events = POLLIN };

    for (;;) {
        gint64 left_ns = MAX(until_ns - monotonic_ns(data), 0);
        struct timespec left = { .tv_sec = (time_t)(left_ns / NS_PER_S),
                                 .tv_nsec = (long)(left_ns % NS_PER_S) };
        int n = ppoll(&wake, 1, &left, NULL);

        if (n > 0)
            return TRUE;
        if (left_ns == 0)
            return FALSE;
    }
}

const HvClockOps hv_real_clock = {
    .monotonic_ns = monotonic_ns,
    .realtime_ns = realtime_ns,
    .boottime_ns = boottime_ns,
    .wait_until = wait_until,
};

gint64
hv_host_monotonic_ns(HvHost *host)
{
    return host->machine->clock->monotonic_ns(host->data);
}

gint64
hv_host_realtime_ns(HvHost *host)
{
    return host->machine->clock->realtime_ns(host->data);
}

gint64
hv_host_boottime_ns(HvHost *host)
{
    return host->machine->clock->boottime_ns(host->data);
}

gboolean
hv_host_wait_until(HvHost *host, gint64 until_ns, int wake_fd)
{
    return host->machine->clock->wait_until(host->data, until_ns, wake_fd);
}
