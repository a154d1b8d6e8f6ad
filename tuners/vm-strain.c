/* Whether a VM suffers while something is done to it: its worst vCPU's wait and its pressure
 * against what they were. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tuners/vm-strain.h"

#include "host/parse.h"

#include <string.h>

#define NS_PER_US 1000u
#define GROWN 2.0
#define LEAST_RATIO 0.02

typedef enum { STALLED_CPU, STALLED_MEMORY, N_STALLS } Stall;

typedef struct {
    gint64 time_ns;
    guint64 *wait_ns; /* by place among the VM's threads */
    guint64 stalled_ns[N_STALLS];
} Reading;

/* Shares of the time between two readings. */
typedef struct {
    double wait_ratio, stalled_ratio;
} Strain;

struct HvVmStrain {
    HvHost *host;
    const HvGuest *guest;
    Reading last;
    Strain before;
};

/* The second number: how long it was runnable and did not run, in ns. */
static guint64
read_wait(HvHost *host, int pid, int tid)
{
    g_autofree char *path = g_strdup_printf("proc/%d/task/%d/schedstat", pid, tid);
    g_autofree char *text = hv_host_read_text(host, path, 256, NULL);
    char *at = text;
    guint64 ran = 0, waited = 0;

    if (!text || !hv_scan_u64(&at, &ran))
        return 0;
    at = hv_skip_blanks(at);
    return hv_scan_u64(&at, &waited) ? waited : 0;
}

/* "some avg10=… total=1234", in µs. */
static guint64
read_stalled(HvHost *host, const HvGuest *guest, Stall stall)
{
    static const char *const names[] = { [STALLED_CPU] = "cpu", [STALLED_MEMORY] = "memory" };
    g_autofree char *path =
        g_strdup_printf("%s/%s.pressure", guest->cgroup_pressure, names[stall]);
    g_autofree char *text =
        *guest->cgroup_pressure ? hv_host_read_text(host, path, 1024, NULL) : NULL;
    guint64 stalled_us = 0;

    if (text)
        (void)hv_field_u64(text, "total", G_MAXUINT64 / NS_PER_US, &stalled_us, NULL);
    return stalled_us * NS_PER_US;
}

static void
read_all(const HvVmStrain *strain, Reading *reading)
{
    const HvGuest *guest = strain->guest;

    reading->time_ns = hv_host_monotonic_ns(strain->host);
    for (guint i = 0; i < guest->n_threads; i++)
        reading->wait_ns[i] = guest->threads[i].role == HV_THREAD_VCPU
                                  ? read_wait(strain->host, guest->pid, guest->threads[i].tid)
                                  : 0;
    for (guint i = 0; i < N_STALLS; i++)
        reading->stalled_ns[i] = read_stalled(strain->host, guest, (Stall)i);
}

/* What is less than before was not readable. */
static double
share(guint64 from, guint64 to, gint64 span_ns)
{
    return to > from && span_ns > 0 ? (double)(to - from) / (double)span_ns : 0;
}

static Strain
take(HvVmStrain *strain)
{
    Reading now = { .wait_ns = g_new0(guint64, strain->guest->n_threads + 1) };
    Strain since = { 0 };
    gint64 span_ns;

    read_all(strain, &now);
    span_ns = now.time_ns - strain->last.time_ns;
    for (guint i = 0; i < strain->guest->n_threads; i++)
        since.wait_ratio =
            MAX(since.wait_ratio, share(strain->last.wait_ns[i], now.wait_ns[i], span_ns));
    for (guint i = 0; i < N_STALLS; i++)
        since.stalled_ratio = MAX(
            since.stalled_ratio, share(strain->last.stalled_ns[i], now.stalled_ns[i], span_ns));
    g_free(strain->last.wait_ns);
    strain->last = now;
    return since;
}

HvVmStrain *
hv_vm_strain_new(HvHost *host, const HvGuest *guest)
{
    HvVmStrain *strain = g_new0(HvVmStrain, 1);

    strain->host = host;
    strain->guest = guest;
    strain->last.wait_ns = g_new0(guint64, guest->n_threads + 1);
    read_all(strain, &strain->last);
    return strain;
}

void
hv_vm_strain_free(HvVmStrain *strain)
{
    if (!strain)
        return;
    g_free(strain->last.wait_ns);
    g_free(strain);
}

void
hv_vm_strain_settle(HvVmStrain *strain)
{
    strain->before = take(strain);
}

gboolean
hv_vm_strain_grew(HvVmStrain *strain)
{
    const Strain now = take(strain);

    return now.wait_ratio > MAX(strain->before.wait_ratio * GROWN, LEAST_RATIO) ||
           now.stalled_ratio > MAX(strain->before.stalled_ratio * GROWN, LEAST_RATIO);
}
