/* To which cpus an interrupt may go. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/irq-facts.h"
#include "host/irqbalance.h"
#include "host/parse.h"
#include "model/i18n.h"
#include "model/plan.h"
#include "tuners/cpu-list.h"
#include "tuners/irq-number.h"
#include "tuners/tuner.h"

#include <errno.h>

#define ASK_MS 2000
#define MAX_LIST_BYTES 65536

static const HvKnobFamily knobs[] = {
    { .path = "irq/*/cpus",
      .type = HV_TYPE_CPUS,
      .help = N_("cpus that this interrupt may go to"),
      .shell_line = "echo {after} >/proc/irq/{1}/smp_affinity_list",
      .undo = HV_UNDO_EXACT },
    { 0 },
};

/* What the kernel's refusals mean here. Source: kernel/irq/proc.c, kernel/irq/manage.c,
 * arch/x86/kernel/apic/vector.c; for managed ones EIO before 6.18, EPERM since. */
static const struct {
    int errnum;
    const char *meaning;
} meanings[] = {
    { ENOSPC, N_("none of these cpus has an interrupt vector left: name more cpus, or give "
                 "their devices fewer queues") },
    { EIO, N_("the kernel keeps the affinity of this interrupt to itself") },
    { EPERM, N_("the kernel keeps the affinity of this interrupt to itself") },
    { EINVAL, N_("none of these cpus is online now") },
};

static HvSet *
read_list(HvHost *host, const HvKnob *knob, const char *file, GError **error)
{
    g_autofree char *path = g_strdup_printf("proc/irq/%s/%s", knob->segments[1], file);
    g_autofree char *text = hv_host_read_text(host, path, MAX_LIST_BYTES, error);

    return text ? hv_set_parse(text, error) : NULL;
}

static gboolean
read_knob(HvHost *host, const HvKnob *knob, HvValue *value, GError **error)
{
    HvSet *cpus;

    if (!hv_irq_number(host, knob, NULL, error))
        return FALSE;
    cpus = read_list(host, knob, "smp_affinity_list", error);
    if (!cpus) {
        g_prefix_error(error, "%s: ", knob->path);
        return FALSE;
    }
    hv_value_take_set(value, HV_TYPE_CPUS, cpus);
    return TRUE;
}

static gboolean
check_knob(HvHost *host, const HvKnob *knob, const HvValue *after, const HvPlan *plan,
           GError **error)
{
    g_autoptr(HvIrqPosting) posting = NULL;
    g_autofree char *names = NULL;
    HvIrqHold hold;
    guint irq;

    if (!hv_irq_number(host, knob, &irq, error) ||
        !hv_cpus_check(host, knob->path, after, error))
        return FALSE;
    names = hv_irq_names(host, irq);
    posting = hv_irq_posting_read(host);
    hold = hv_irq_hold(posting, names);
    if (hold == HV_IRQ_MOVES || (plan && plan->force))
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                _("%s: %s (%s); --force tries it all the same"), knob->path,
                _(hv_irq_why_held(hold)), names);
    return FALSE;
}

/* Also what reads like a lack of privileges is the kernel's "no". */
static void
add_meaning(GError *error)
{
    for (guint i = 0; i < G_N_ELEMENTS(meanings); i++) {
        g_autofree char *told = NULL;

        if (!g_str_has_suffix(error->message, g_strerror(meanings[i].errnum)))
            continue;
        told = g_steal_pointer(&error->message);
        error->message = g_strdup_printf("%s: %s", told, _(meanings[i].meaning));
        error->code = HV_ERROR_REFUSED;
        return;
    }
}

static gboolean
write_knob(HvHost *host, const HvKnob *knob, const HvValue *after, GError **error)
{
    g_autofree char *path = g_strdup_printf("proc/irq/%s/smp_affinity_list", knob->segments[1]);
    g_autofree char *list = hv_set_to_text(after->set);
    g_autoptr(GError) refusal = NULL;

    if (hv_host_write(host, path, list, &refusal))
        return TRUE;
    add_meaning(refusal);
    g_propagate_prefixed_error(error, g_steal_pointer(&refusal), "%s: ", knob->path);
    return FALSE;
}

/* Banned already, or not: of an irqbalance that does not answer it is supposed that it moves
 * it. */
static gboolean
is_banned(HvHost *host, const HvIrqbalance *irqbalance, guint irq, guint64 *period_s)
{
    g_autoptr(HvSet) banned = hv_set_new();

    return hv_irqbalance_read(host, irqbalance, ASK_MS, banned, period_s, NULL) &&
           hv_set_has(banned, irq);
}

/* Told with a plan that also bans it, too: what it says stays true. */
static char *
remark(HvHost *host, const HvKnob *knob, const HvValue *before G_GNUC_UNUSED,
       const HvValue *after G_GNUC_UNUSED)
{
    g_auto(HvIrqbalance) irqbalance = { 0 };
    guint64 period_s = HV_IRQBALANCE_PERIOD_S;
    guint irq;

    if (!hv_irq_number(host, knob, &irq, NULL) || !hv_irqbalance_find(host, &irqbalance) ||
        is_banned(host, &irqbalance, irq, &period_s))
        return NULL;
    if (irqbalance.socket)
        return g_strdup_printf(_("irqbalance moves it again within %" G_GUINT64_FORMAT
                                 " s, unless irq/%u/balanced=off goes before"),
                               period_s, irq);
    return g_strdup_printf(_("irqbalance moves it again within %" G_GUINT64_FORMAT
                             " s, unless host/irqbalance=stopped goes before"),
                           period_s);
}

/* Where it goes now, when that is not all that it may: the kernel chooses, mostly one cpu, and
 * makes a change when the next interrupt comes. */
static char *
forms(HvHost *host, const HvKnob *knob, const HvValue *value)
{
    g_autoptr(HvSet) effective = read_list(host, knob, "effective_affinity_list", NULL);
    g_autoptr(HvSet) wanted = read_list(host, knob, "smp_affinity_list", NULL);
    g_autofree char *text = effective ? hv_set_to_text(effective) : NULL;

    if (!text || !*text || !wanted || !value->set || !hv_set_equal(wanted, value->set) ||
        hv_set_equal(effective, value->set))
        return NULL;
    return g_strdup_printf(hv_set_is_subset(effective, wanted)
                               ? _("goes to cpu %s")
                               : _("goes to cpu %s until its next interrupt"),
                           text);
}

const HvTuner hv_tuner_irq = {
    .name = "irq",
    .source = "kernel Documentation/core-api/irq/irq-affinity.rst",
    .knobs = knobs,
    .list = hv_irq_list,
    .read = read_knob,
    .check = check_knob,
    .write = write_knob,
    .remark = remark,
    .forms = forms,
};
