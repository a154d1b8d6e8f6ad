/* Whether the kernel moves pages after their users by itself. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/parse.h"
#include "model/i18n.h"
#include "tuners/mode-file.h"

#define PATH "proc/sys/kernel/numa_balancing"
#define MAX_NAMED 5u

/* The kernel's bits: 1 normal, 2 memory tiering (since 5.18). */
static const char *const words[] = { "off", "on", "tiering", "both", NULL };

static const HvKnobFamily knobs[] = {
    { .path = "host/numa_balancing",
      .type = HV_TYPE_WORD,
      .words = words,
      .help = N_("whether the kernel moves pages to the node of the threads that use them"),
      .risk = N_("on: page faults in all VMs, and memory moved by hand may walk back") },
    { 0 },
};

static gboolean
read_knob(HvHost *host, const HvKnob *knob, HvValue *value, GError **error)
{
    return hv_mode_read(host, PATH, knob, value, error);
}

/* Version "6.1.0-13-amd64" is at least @major.@minor; TRUE where it cannot be read, for then
 * the kernel says it. */
static gboolean
is_kernel_since(HvHost *host, guint64 major, guint64 minor)
{
    g_autofree char *text = hv_host_read_text(host, "proc/sys/kernel/osrelease", 256, NULL);
    char *at = text;
    guint64 found_major = 0, found_minor = 0;

    if (!at || !hv_scan_u64(&at, &found_major) || *at++ != '.' ||
        !hv_scan_u64(&at, &found_minor))
        return TRUE;
    return found_major > major || (found_major == major && found_minor >= minor);
}

static gboolean
check_knob(HvHost *host, const HvKnob *knob, const HvValue *after,
           const HvPlan *plan G_GNUC_UNUSED, GError **error)
{
    if (hv_mode_number(knob, after) < 2 || is_kernel_since(host, 5, 18))
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                _("%s: kernels before 5.18 have no memory tiering: only off or on"),
                knob->path);
    return FALSE;
}

static gboolean
write_knob(HvHost *host, const HvKnob *knob, const HvValue *after, GError **error)
{
    return hv_mode_write(host, PATH, knob, after, error);
}

static char *
shell_line(HvHost *host G_GNUC_UNUSED, const HvKnob *knob, const HvValue *after,
           gboolean persist G_GNUC_UNUSED)
{
    return g_strdup_printf("sysctl kernel.numa_balancing=%" G_GUINT64_FORMAT,
                           hv_mode_number(knob, after));
}

/* Some vCPU of it may run on more than one node. */
static gboolean
is_unpinned(HvHost *host, const HvTopology *topology, const HvGuest *guest)
{
    g_autoptr(HvSet) cpus = hv_set_new();
    g_autoptr(HvSet) nodes = hv_set_new();

    for (guint i = 0; i < guest->n_threads; i++) {
        const HvThread *thread = &guest->threads[i];

        hv_set_clear(cpus);
        hv_set_clear(nodes);
        if (thread->role != HV_THREAD_VCPU ||
            !hv_host_get_affinity(host, thread->tid, cpus, NULL))
            continue; /* not a vCPU, or gone */
        hv_topology_nodes_of(topology, cpus, nodes);
        if (hv_set_count(nodes) > 1)
            return TRUE;
    }
    return FALSE;
}

static char *
name_unpinned(HvHost *host)
{
    g_autoptr(HvGuestList) list = hv_host_guests_peek(host);
    g_autoptr(HvTopology) topology = hv_host_topology(host, NULL);
    GString *names = g_string_new(NULL);
    guint n = 0;

    for (guint i = 0; topology && i < list->n_guests; i++) {
        if (!is_unpinned(host, topology, list->guests[i]) || n++ >= MAX_NAMED)
            continue;
        g_string_append_printf(names, "%s%s", names->len ? ", " : "", list->guests[i]->name);
    }
    if (n > MAX_NAMED)
        g_string_append_printf(names, _(" and %u more"), n - MAX_NAMED);
    return g_string_free(names, FALSE);
}

static char *
remark(HvHost *host, const HvKnob *knob, const HvValue *before G_GNUC_UNUSED,
       const HvValue *after)
{
    g_autofree char *names = hv_mode_number(knob, after) == 0 ? name_unpinned(host) : NULL;

    if (names && *names)
        return g_strdup_printf(
            _("until the next boot; not pinned to one node, these rely on it "
              "to keep memory and vCPUs together: %s"),
            names);
    return g_strdup(_("until the next boot; for good in /etc/sysctl.d"));
}

const HvTuner hv_tuner_numa_balancing = {
    .name = "numa-balancing",
    .source = "kernel Documentation/admin-guide/sysctl/kernel.rst",
    .knobs = knobs,
    .read = read_knob,
    .check = check_knob,
    .write = write_knob,
    .shell_line = shell_line,
    .remark = remark,
};
