/* Groups of perf counters on a thread or a cpu, host and guest counted. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/real.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#define MAX_EVENTS 32
#define PARANOID "perf_event_open (kernel.perf_event_paranoid, CAP_PERFMON)"

typedef struct {
    guint n;
    int fds[MAX_EVENTS]; /* the first leads */
} Group;

/* PERF_FORMAT_GROUP with both times: perf_event_open(2), "Reading results". */
typedef struct {
    guint64 n, enabled_ns, running_ns, values[MAX_EVENTS];
} Reading;

static void
close_group(gpointer data)
{
    Group *group = data;

    for (guint i = group->n; i-- > 0;)
        close(group->fds[i]);
    g_free(group);
}

/* The kernel's errno says little: ENOENT, EOPNOTSUPP and their like all mean that this machine
 * cannot count that. */
static gboolean
fail_open(GError **error, int errnum, const HvCounterEvent *event)
{
    if (errnum == EACCES || errnum == EPERM)
        return hv_error_set_errno(error, errnum, PARANOID);
    if (errnum == ENOENT || errnum == EOPNOTSUPP || errnum == ENODEV || errnum == ENOSYS ||
        errnum == EINVAL) {
        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT,
                    "no counter of type %" G_GUINT32_FORMAT ", config 0x%" G_GINT64_MODIFIER
                    "x here: %s",
                    event->type, event->config, g_strerror(errnum));
        return FALSE;
    }
    return hv_error_set_errno(error, errnum, "perf_event_open");
}

/* exclude_guest stays 0: what runs in the guest is what is asked for. The leader starts
 * disabled and takes the rest along when it is enabled. */
static int
open_event(const HvCounterEvent *event, int tid, int cpu, int leader)
{
    struct perf_event_attr attributes = {
        .type = event->type,
        .size = sizeof attributes,
        .config = event->config,
        .config1 = event->config1,
        .read_format =
            PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
        .disabled = leader < 0,
    };
    long fd = syscall(SYS_perf_event_open, &attributes, tid, cpu, leader, PERF_FLAG_FD_CLOEXEC);

    return fd < 0 ? -errno : (int)fd;
}

static gpointer
open_group(gpointer data G_GNUC_UNUSED, int tid, int cpu, const HvCounterEvent *events, guint n,
           GError **error)
{
    Group *group = g_new0(Group, 1);

    for (; group->n < n; group->n++) {
        int fd = open_event(&events[group->n], tid, cpu, group->n > 0 ? group->fds[0] : -1);

        if (fd < 0) {
            fail_open(error, -fd, &events[group->n]);
            close_group(group);
            return NULL;
        }
        group->fds[group->n] = fd;
    }
    if (ioctl(group->fds[0], PERF_EVENT_IOC_ENABLE, PERF_IOC_FLAG_GROUP) != 0) {
        hv_error_set_errno(error, errno, "PERF_EVENT_IOC_ENABLE");
        close_group(group);
        return NULL;
    }
    return group;
}

static gboolean
read_group(gpointer data, guint64 *values, guint64 *enabled_ns, guint64 *running_ns,
           GError **error)
{
    const Group *group = data;
    Reading reading;
    ssize_t n = read(group->fds[0], &reading, sizeof reading);

    if (n < 0)
        return hv_error_set_errno(error, errno, "perf counters");
    if ((gsize)n < G_STRUCT_OFFSET(Reading, values) || reading.n != group->n) {
        /* an empty read: the event is in error state, as when its cpu went away */
        g_set_error_literal(error, HV_ERROR, HV_ERROR_ABSENT,
                            "perf counters: the group has stopped");
        return FALSE;
    }
    memcpy(values, reading.values, group->n * sizeof *values);
    *enabled_ns = reading.enabled_ns;
    *running_ns = reading.running_ns;
    return TRUE;
}

const HvCounterOps hv_real_counters = { .open = open_group,
                                        .read = read_group,
                                        .close = close_group };

struct HvCounters {
    const HvCounterOps *counters;
    gpointer group;
};

HvCounters *
hv_host_open_counters(HvHost *host, int tid, int cpu, const HvCounterEvent *events, guint n,
                      GError **error)
{
    const HvCounterOps *ops = host->machine->counters;
    HvCounters *counters;
    gpointer group;

    if (!ops || n == 0 || n > MAX_EVENTS) {
        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT,
                    ops ? "a group of %u counters: from 1 to %d can be counted"
                        : "no counters behind a captured tree",
                    n, MAX_EVENTS);
        return NULL;
    }
    group = ops->open(host->data, tid, cpu, events, n, error);
    if (!group)
        return NULL;
    counters = g_new(HvCounters, 1);
    *counters = (HvCounters){ ops, group };
    return counters;
}

gboolean
hv_counters_read(HvCounters *counters, guint64 *values, guint64 *enabled_ns,
                 guint64 *running_ns, GError **error)
{
    return counters->counters->read(counters->group, values, enabled_ns, running_ns, error);
}

void
hv_counters_close(HvCounters *counters)
{
    if (!counters)
        return;
    counters->counters->close(counters->group);
    g_free(counters);
}
