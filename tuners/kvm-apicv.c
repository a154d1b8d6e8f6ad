/* APICv or AVIC of the whole host: the parameter of KVM's vendor module, which is loaded anew.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "host/kvm-module.h"
#include "host/parse.h"
#include "model/i18n.h"
#include "model/plan.h"
#include "tuners/tuner.h"
#include "tuners/vm-state.h"

#define CONF "/etc/modprobe.d/hvtune.conf"
#define MODPROBE_MS (30 * 1000u)
#define UNUSED_NS (5 * G_GINT64_CONSTANT(1000000000))
#define POLL_NS (G_GINT64_CONSTANT(200) * 1000000)

static const HvKnobFamily knobs[] = {
    { .path = "kvm/apicv",
      .type = HV_TYPE_SWITCH,
      .help = N_("interrupts reach guests without exits: kvm_intel.enable_apicv, kvm_amd.avic"),
      .risk = N_("no VM can run while the module is loaded anew; " CONF " stays"),
      .undo = HV_UNDO_NEAR,
      .step_class = HV_STEP_ONE_WAY,
      .only_by = "apicv on|off --outage" },
    { 0 },
};

static gboolean
read_facts(HvHost *host, HvKvmFacts *facts, GError **error)
{
    hv_kvm_facts_read(host, facts);
    if (facts->parameter)
        return TRUE;
    g_propagate_prefixed_error(error, g_error_copy(facts->error), "kvm/apicv: ");
    return FALSE;
}

static gboolean
read_knob(HvHost *host, const HvKnob *knob G_GNUC_UNUSED, HvValue *value, GError **error)
{
    g_auto(HvKvmFacts) facts = { 0 };

    if (!read_facts(host, &facts, error))
        return FALSE;
    hv_value_set_number(value, HV_TYPE_SWITCH, facts.is_on ? 1 : 0);
    return TRUE;
}

/* ---- may it be unloaded ---- */

static gboolean
refuse(GError **error, const char *format, const char *what)
{
    g_autofree char *path = g_strdup("kvm/apicv");
    g_auto(GStrv) parts = g_strsplit(format, "{}", 2);

    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED, "%s: %s%s%s", path, parts[0],
                parts[1] ? what : "", parts[1] ? parts[1] : "");
    return FALSE;
}

/* A VM of this host that the plan's earlier steps do not stop, or NULL. */
static const HvGuest *
find_running(const HvGuestList *list, const HvPlan *plan)
{
    for (guint i = 0; i < list->n_guests; i++) {
        const HvGuest *guest = list->guests[i];
        g_autofree char *path = hv_knob_path("vm", guest->name, "state", NULL);
        const HvValue *after = plan ? hv_plan_expected(plan, path) : NULL;

        if (!guest->tcg && !(after && after->text && !hv_vm_state_is_up(after->text)))
            return guest;
    }
    return NULL;
}

static gboolean
is_kvm(HvHost *host, const char *pid, const char *descriptor)
{
    g_autofree char *path = g_strdup_printf("proc/%s/fd/%s", pid, descriptor);
    g_autofree char *target = hv_host_readlink(host, path, NULL);

    return target &&
           (strcmp(target, "/dev/kvm") == 0 || g_str_has_prefix(target, "anon_inode:kvm-"));
}

static gboolean
holds_kvm(HvHost *host, const char *pid)
{
    g_autofree char *path = g_strdup_printf("proc/%s/fd", pid);
    g_auto(GStrv) descriptors = hv_host_list(host, path, NULL);

    for (char **descriptor = descriptors; descriptor && *descriptor; descriptor++)
        if (is_kvm(host, pid, *descriptor))
            return TRUE;
    return FALSE;
}

static gboolean
is_guest(const HvGuestList *list, const char *pid)
{
    for (guint i = 0; i < list->n_guests; i++) {
        char text[16];

        g_snprintf(text, sizeof text, "%d", list->guests[i]->pid);
        if (strcmp(text, pid) == 0)
            return TRUE;
    }
    return FALSE;
}

/* Some process that is no VM of the list and has KVM open: its number, or NULL. */
static char *
find_holder(HvHost *host, const HvGuestList *list)
{
    g_auto(GStrv) pids = hv_host_list(host, "proc", NULL);

    for (char **pid = pids; pid && *pid; pid++)
        if (g_ascii_isdigit(**pid) && !is_guest(list, *pid) && holds_kvm(host, *pid))
            return g_strdup(*pid);
    return NULL;
}

static gboolean
check_knob(HvHost *host, const HvKnob *knob G_GNUC_UNUSED, const HvValue *after G_GNUC_UNUSED,
           const HvPlan *plan, GError **error)
{
    g_auto(HvKvmFacts) facts = { 0 };
    g_autoptr(HvGuestList) list = hv_host_guests_peek(host);
    const HvGuest *running = find_running(list, plan);
    g_autofree char *refcnt = NULL;
    g_autofree char *holder = NULL;

    if (!read_facts(host, &facts, error))
        return FALSE;
    refcnt = g_strdup_printf("sys/module/%s/refcnt", facts.module);
    if (!hv_host_exists(host, refcnt))
        return refuse(error,
                      _("{} is built into this kernel: only its command line and a reboot "
                        "change it"),
                      facts.module);
    if (running)
        return refuse(error, _("{} runs: the module cannot be unloaded"), running->name);
    holder = find_holder(host, list);
    return !holder ||
           refuse(error, _("process {} has /dev/kvm open: the module cannot be unloaded"),
                  holder);
}

/* ---- the change ---- */

/* A command that must end well: its words otherwise. */
static gboolean
run(HvHost *host, const char *const *argv, GError **error)
{
    g_autofree char *output = NULL;
    int status = 0;

    if (!hv_host_run_change(host, argv, MODPROBE_MS, &output, &status, error))
        return FALSE;
    if (status == 0)
        return TRUE;
    g_strchomp(output);
    return refuse(error, "{}", *output ? output : argv[0]);
}

/* The shell only opens the file: both texts are arguments. */
static gboolean
write_option(HvHost *host, const HvKvmFacts *facts, gboolean is_on, GError **error)
{
    g_autofree char *line =
        g_strdup_printf("options %s %s=%d", facts->module, facts->parameter, is_on);
    const char *const argv[] = { "sh", "-c", "printf '%s\\n' \"$1\" >\"$2\"", "sh", line,
                                 CONF, NULL };

    return run(host, argv, error);
}

/* QEMU's process ends a little after libvirt says that its VM is saved. */
static gboolean
is_unused(HvHost *host, const HvKvmFacts *facts, GError **error)
{
    const gint64 until = hv_host_monotonic_ns(host) + UNUSED_NS;
    g_autofree char *path = g_strdup_printf("sys/module/%s/refcnt", facts->module);
    guint64 count = 0;

    do {
        if (!hv_host_read_u64_file(host, path, &count, error))
            return FALSE;
        if (count == 0)
            return TRUE;
        hv_host_wait_until(host, hv_host_monotonic_ns(host) + POLL_NS, -1);
    } while (hv_host_monotonic_ns(host) < until);
    return refuse(error, _("{} is still in use: nothing was unloaded"), facts->module);
}

static gboolean
load(HvHost *host, const HvKvmFacts *facts, GError **error)
{
    const char *const argv[] = { "modprobe", facts->module, NULL };

    return run(host, argv, error);
}

/* Whatever fails, the module is there again at the end: without it no VM can start. */
static gboolean
write_knob(HvHost *host, const HvKnob *knob G_GNUC_UNUSED, const HvValue *after, GError **error)
{
    g_auto(HvKvmFacts) facts = { 0 };
    const gboolean is_on = after->number != 0;

    if (!read_facts(host, &facts, error) || !is_unused(host, &facts, error) ||
        !write_option(host, &facts, is_on, error))
        return FALSE;
    const char *const unload[] = { "modprobe", "-r", facts.module, NULL };
    if (run(host, unload, error) && load(host, &facts, error))
        return TRUE;
    if (!write_option(host, &facts, !is_on, NULL) || !load(host, &facts, NULL))
        g_prefix_error(error, _("and the former state could not be restored (modprobe %s): "),
                       facts.module);
    return FALSE;
}

static char *
shell_line(HvHost *host, const HvKnob *knob G_GNUC_UNUSED, const HvValue *after,
           gboolean persist G_GNUC_UNUSED)
{
    g_auto(HvKvmFacts) facts = { 0 };

    if (!read_facts(host, &facts, NULL)) /* the plan says why */
        return NULL;
    return g_strdup_printf("echo options %s %s=%d >" CONF " && modprobe -r %s && modprobe %s",
                           facts.module, facts.parameter, (int)after->number, facts.module,
                           facts.module);
}

static char *
remark(HvHost *host G_GNUC_UNUSED, const HvKnob *knob G_GNUC_UNUSED,
       const HvValue *before G_GNUC_UNUSED, const HvValue *after G_GNUC_UNUSED)
{
    return g_strdup(_("leaves a trace: " CONF " holds the option for later boots too, also "
                      "after undo; modprobe takes kvm along, so that its own parameters "
                      "(halt_poll_ns) begin anew"));
}

const HvTuner hv_tuner_kvm_apicv = {
    .name = "kvm-apicv",
    .source = "kernel arch/x86/kvm/vmx/vmx.c, svm/svm.c; modprobe.d(5)",
    .knobs = knobs,
    .read = read_knob,
    .check = check_knob,
    .write = write_knob,
    .shell_line = shell_line,
    .remark = remark,
};
