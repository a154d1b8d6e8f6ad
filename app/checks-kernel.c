/* What doctor looks at in the kernel: what sources need of it, and what would give it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/checks-kernel.h"

#include <string.h>

#include "host/parse.h"
#include "model/i18n.h"

#define AS_ROOT N_("sudo hvtune")
#define TEXT_BYTES 4096

/* A tree may lack a thing because nobody captured it: @beside is on every host that has the
 * place where the thing would be. FALSE: said so. */
static gboolean
is_captured(HvHost *host, HvSink *out, const char *check, const char *beside)
{
    if (hv_host_is_live(host) || hv_host_is_simulated(host) || hv_host_exists(host, beside))
        return TRUE;
    hv_checks_put(out, check, "absent", _("this capture does not tell"), NULL);
    return FALSE;
}

static void
put_error(HvSink *out, const char *check, const GError *error, const char *cure)
{
    const gboolean is_denied = g_error_matches(error, HV_ERROR, HV_ERROR_DENIED);

    hv_checks_put(out, check, is_denied ? "denied" : "absent", error->message,
                  is_denied ? _(AS_ROOT) : cure);
}

static void
check_kernel(HvHost *host, HvSink *out)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *release = hv_host_read_text(host, "proc/sys/kernel/osrelease", 0, &error);

    if (release)
        hv_checks_put(out, "kernel", "ok", hv_chomp(release), NULL);
    else if (is_captured(host, out, "kernel", "proc/sys/kernel"))
        put_error(out, "kernel", error, NULL);
}

/* "none [integrity] confidentiality": the one in brackets is in force. */
static char *
read_lockdown(HvHost *host)
{
    g_autofree char *text = hv_host_read_text(host, "sys/kernel/security/lockdown", 0, NULL);

    return text && !strstr(text, "[none]") ? g_strdup(hv_chomp(text)) : NULL;
}

static void
check_lockdown(HvHost *host, HvSink *out)
{
    g_autofree char *lockdown = read_lockdown(host);

    if (lockdown)
        hv_checks_put(out, "lockdown", "denied", lockdown,
                      _("turn Secure Boot off in the firmware, or boot without lockdown=: what "
                        "it closes is closed to root too"));
    else if (hv_host_exists(host, "sys/kernel/security/lockdown"))
        hv_checks_put(out, "lockdown", "ok", "none", NULL);
    else if (is_captured(host, out, "lockdown", "sys/kernel/security"))
        hv_checks_put(out, "lockdown", "ok", _("this kernel has none"), NULL);
}

static void
check_kvm(HvHost *host, HvSink *out)
{
    if (hv_host_exists(host, "dev/kvm"))
        hv_checks_put(out, "kvm", "ok", "/dev/kvm", NULL);
    else if (is_captured(host, out, "kvm", "dev/null"))
        hv_checks_put(
            out, "kvm", "absent", _("/dev/kvm is not there"),
            _("modprobe kvm_intel or kvm_amd; where that fails: enable VT-x or SVM in "
              "the firmware"));
}

static void
check_schedstat(HvHost *host, HvSink *out)
{
    if (hv_host_exists(host, "proc/self/schedstat"))
        hv_checks_put(out, "schedstat", "ok", "/proc/self/schedstat", NULL);
    else if (is_captured(host, out, "schedstat", "proc/self/stat"))
        hv_checks_put(out, "schedstat", "absent", _("/proc/self/schedstat is not there"),
                      _("a kernel with CONFIG_SCHED_INFO"));
}

/* Booted without it, the file is there and cannot be read. */
static void
check_pressure(HvHost *host, HvSink *out)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = hv_host_read_text(host, "proc/pressure/cpu", 0, &error);

    if (text)
        hv_checks_put(out, "pressure", "ok", "/proc/pressure", NULL);
    else if (hv_host_exists(host, "proc/pressure"))
        put_error(out, "pressure", error, _("boot with psi=1"));
    else if (is_captured(host, out, "pressure", "proc/stat"))
        hv_checks_put(out, "pressure", "absent", _("/proc/pressure is not there"),
                      _("boot with psi=1; where that changes nothing: a kernel with "
                        "CONFIG_PSI"));
}

/* ---- cgroups ---- */

static const char *const controllers[] = { "cpu", "cpuset", "memory" };

static gboolean
has_word(const char *text, const char *word)
{
    g_auto(GStrv) words = g_strsplit_set(text, " \n", -1);

    return g_strv_contains((const char *const *)words, word);
}

/* @v2: the root's cgroup.controllers, NULL on version 1, which has a directory for each. */
static char *
missing_controllers(HvHost *host, const char *v2)
{
    g_autoptr(GString) missing = g_string_new(NULL);

    for (guint i = 0; i < G_N_ELEMENTS(controllers); i++) {
        g_autofree char *path = g_strdup_printf("sys/fs/cgroup/%s", controllers[i]);

        if (!(v2 ? has_word(v2, controllers[i]) : hv_host_exists(host, path)))
            g_string_append_printf(missing, "%s%s", missing->len ? " " : "", controllers[i]);
    }
    return g_string_free(g_steal_pointer(&missing), FALSE);
}

static void
check_cgroup(HvHost *host, HvSink *out)
{
    g_autofree char *v2 =
        hv_host_read_text(host, "sys/fs/cgroup/cgroup.controllers", TEXT_BYTES, NULL);
    g_autofree char *missing = missing_controllers(host, v2);
    g_autofree char *why = NULL;

    if (!is_captured(host, out, "cgroup", "sys/fs"))
        return;
    if (!*missing) {
        hv_checks_put(out, "cgroup", "ok", v2 ? _("version 2") : _("version 1"), NULL);
        return;
    }
    if (!hv_host_exists(host, "sys/fs/cgroup")) {
        hv_checks_put(out, "cgroup", "absent", _("no cgroup is mounted"),
                      _("mount -t cgroup2 none /sys/fs/cgroup"));
        return;
    }
    why = g_strdup_printf(v2 ? _("version 2 without %s") : _("version 1 without %s"), missing);
    hv_checks_put(out, "cgroup", "absent", why,
                  has_word(missing, "memory")
                      ? _("boot with cgroup_enable=memory, without cgroup_disable=")
                      : _("boot without cgroup_disable=; where it is in use by the other "
                          "version: without systemd.unified_cgroup_hierarchy="));
}

/* ---- what is closed to some ---- */

static const char *const pmus[] = { "cpu", "cpu_core", "armv8_pmuv3_0" };

static gboolean
has_pmu(HvHost *host)
{
    for (guint i = 0; i < G_N_ELEMENTS(pmus); i++) {
        g_autofree char *path = g_strdup_printf("sys/bus/event_source/devices/%s", pmus[i]);

        if (hv_host_exists(host, path))
            return TRUE;
    }
    return FALSE;
}

/* Level 1 and above closes cpu-wide counters, 3 (Debian) all of them to who is not root. */
static void
check_perf(HvHost *host, gboolean may_all, HvSink *out)
{
    g_autofree char *text =
        hv_host_read_text(host, "proc/sys/kernel/perf_event_paranoid", TEXT_BYTES, NULL);
    g_autofree char *why = NULL;
    gint64 level = 0;

    if (!has_pmu(host)) {
        if (is_captured(host, out, "perf", "sys/bus/event_source"))
            hv_checks_put(out, "perf", "absent", _("this machine has no PMU"),
                          _("in a VM: host-passthrough with <pmu state='on'/>; else enable "
                            "performance counters in the firmware"));
        return;
    }
    if (!text) {
        hv_checks_put(out, "perf", "absent", _("this kernel has no perf events"),
                      _("a kernel with CONFIG_PERF_EVENTS"));
        return;
    }
    level = g_ascii_strtoll(text, NULL, 10);
    why = g_strdup_printf(_("kernel.perf_event_paranoid is %d"), (int)CLAMP(level, -1, 9));
    if (level <= 0 || may_all)
        hv_checks_put(out, "perf", "ok", why, NULL);
    else
        hv_checks_put(out, "perf", "denied", why,
                      _("sudo hvtune; or sysctl kernel.perf_event_paranoid=0; or setcap "
                        "cap_perfmon,cap_sys_ptrace+ep $(command -v hvtune)"));
}

static void
check_debugfs(HvHost *host, HvSink *out)
{
    g_autofree char *lockdown = read_lockdown(host);
    g_autofree char *why =
        lockdown ? g_strdup_printf(_("lockdown (%s) closes KVM's counters"), lockdown) : NULL;
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) names = hv_host_list(host, "sys/kernel/debug", &error);

    if (names && g_strv_contains((const char *const *)names, "kvm"))
        hv_checks_put(out, "kvm-debugfs", why ? "denied" : "ok",
                      why ? why : "/sys/kernel/debug/kvm",
                      why ? _("none as root either; libvirt tells what it can") : NULL);
    else if (!names && !g_error_matches(error, HV_ERROR, HV_ERROR_ABSENT))
        put_error(out, "kvm-debugfs", error, NULL);
    else if (!is_captured(host, out, "kvm-debugfs", "sys/kernel"))
        return;
    else if (!names || !*names)
        hv_checks_put(out, "kvm-debugfs", "absent", _("debugfs is not mounted"),
                      _("mount -t debugfs none /sys/kernel/debug"));
    else
        hv_checks_put(out, "kvm-debugfs", "absent", _("KVM is not in debugfs"),
                      _("modprobe kvm_intel or kvm_amd"));
}

static void
check_tracefs(HvHost *host, HvSink *out)
{
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) names = hv_host_list(host, "sys/kernel/tracing", &error);

    if (!names && !g_error_matches(error, HV_ERROR, HV_ERROR_ABSENT))
        put_error(out, "tracefs", error, NULL);
    else if (!names && !is_captured(host, out, "tracefs", "sys/kernel"))
        return;
    else if (!names)
        hv_checks_put(out, "tracefs", "absent", _("this kernel has no tracing"),
                      _("a kernel with CONFIG_FTRACE"));
    else if (!*names)
        hv_checks_put(out, "tracefs", "absent", _("tracefs is not mounted"),
                      _("mount -t tracefs nodev /sys/kernel/tracing"));
    else if (!hv_host_exists(host, "sys/kernel/tracing/events/kvm"))
        hv_checks_put(out, "tracefs", "absent", _("KVM has no events in it"),
                      _("modprobe kvm_intel or kvm_amd"));
    else
        hv_checks_put(out, "tracefs", "ok", "/sys/kernel/tracing", NULL);
}

/* The rights are checked when it is opened; reading it would walk all of a VM's memory. */
static void
check_numa_maps(HvHost *host, gboolean may_all, HvSink *out)
{
    g_autoptr(HvGuestList) guests = hv_host_guests_peek(host);
    g_autofree char *path = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(HvFile) file = NULL;
    int pid = 1;

    for (guint i = 0; i < guests->n_guests && pid == 1; i++)
        pid = guests->guests[i]->pid ? guests->guests[i]->pid : pid;
    path = g_strdup_printf("proc/%d/numa_maps", pid);
    file = hv_file_open(host, path, &error);
    if (file)
        hv_checks_put(out, "numa-maps", "ok", path, NULL);
    else if (g_error_matches(error, HV_ERROR, HV_ERROR_DENIED))
        hv_checks_put(out, "numa-maps", "denied", error->message,
                      may_all
                          ? _("start hvtune on the host itself: a container or a security "
                              "module keeps CAP_SYS_PTRACE from it")
                          : _("sudo hvtune, or setcap cap_sys_ptrace+ep $(command -v hvtune)"));
    else if (is_captured(host, out, "numa-maps", "proc/stat"))
        hv_checks_put(out, "numa-maps", "absent", error->message,
                      _("a kernel with CONFIG_NUMA"));
}

void
hv_checks_kernel(HvHost *host, gboolean may_all, HvSink *out)
{
    check_kernel(host, out);
    check_lockdown(host, out);
    check_kvm(host, out);
    check_schedstat(host, out);
    check_pressure(host, out);
    check_cgroup(host, out);
    check_perf(host, may_all, out);
    check_debugfs(host, out);
    check_tracefs(host, out);
    check_numa_maps(host, may_all, out);
}
