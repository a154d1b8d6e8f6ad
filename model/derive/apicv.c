/* Whether APICv or AVIC serves a VM: what the numbers and its definition say, in words. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/derive/apicv.h"

#include "model/i18n.h"

#include <math.h>
#include <string.h>

#define QUIET_PER_S 20.0   /* too few wake-ups and injections to tell anything from */
#define ACTIVE_RATIO 0.02  /* injected by software, of all that arrived */
#define MANY_PER_S 1000.0  /* injections: none of them needed hardware */
#define AVIC_MAX_VCPUS 255 /* xAPIC ids; x2AVIC goes beyond */

/* ---- what its definition says ---- */

typedef struct {
    const char *cause, *why, *cure;
} Inhibit;

static const Inhibit sev = {
    "sev", N_("its memory is encrypted (SEV): AVIC is inhibited for its whole life"), NULL
};
static const Inhibit pit = {
    "pit", N_("the timer in KVM repeats lost ticks (pit, not tickpolicy discard)"),
    N_("at its next start: timer pit with tickpolicy='discard', or ioapic driver='qemu'")
};
static const Inhibit vcpus = {
    "vcpus", N_("more vCPUs than AVIC has ids for"),
    N_("at its next start: at most 255 vCPUs, or a host with x2AVIC")
};
static const Inhibit synic = {
    "synic", N_("hyperv synic without avic: its guest may use AutoEOI"),
    N_("at its next start: <avic state='on'/> beside synic (libvirt 8.10, QEMU 6.2)")
};

/* What AMD inhibits from the VM's start on; Intel heeds none of these. */
static const Inhibit *
find_lasting(const HvApicvFacts *facts)
{
    if (!facts->is_amd)
        return NULL;
    if (facts->launch_security && g_str_has_prefix(facts->launch_security, "sev"))
        return &sev;
    if (facts->pit_reinjected == 1)
        return &pit;
    return facts->n_vcpus > AVIC_MAX_VCPUS ? &vcpus : NULL;
}

/* What the guest may or may not do. */
static const Inhibit *
find_possible(const HvApicvFacts *facts)
{
    return facts->synic == 1 && facts->hv_avic != 1 ? &synic : NULL;
}

/* ---- what the numbers say ---- */

typedef enum { SAYS_NOTHING, SAYS_QUIET, SAYS_ACTIVE, SAYS_INJECTED, SAYS_MIXED } Numbers;

static double
arrivals(const HvApicvFacts *facts)
{
    const double wakeups = isnan(facts->wakeups_per_s) ? 0 : facts->wakeups_per_s;

    return wakeups + (isnan(facts->host_irqs_per_s) ? 0 : facts->host_irqs_per_s);
}

static Numbers
read_numbers(const HvApicvFacts *facts)
{
    const double injected = facts->injections_per_s, arrived = arrivals(facts);

    if (isnan(injected))
        return SAYS_NOTHING;
    if (MAX(injected, arrived) < QUIET_PER_S)
        return SAYS_QUIET;
    if (injected < ACTIVE_RATIO * arrived)
        return SAYS_ACTIVE;
    return injected >= MANY_PER_S || injected > arrived / 2 ? SAYS_INJECTED : SAYS_MIXED;
}

/* ---- together ---- */

static void
say(HvApicvVerdict *verdict, const char *state, const Inhibit *inhibit)
{
    verdict->state = state;
    verdict->cause = inhibit ? inhibit->cause : NULL;
    verdict->cure = inhibit ? inhibit->cure : NULL;
}

/* The figures have columns of their own: a text that changes with every tick would be noise. */
static void
judge_active(HvApicvVerdict *verdict)
{
    say(verdict, "active", NULL);
    g_strlcpy(
        verdict->why,
        _("next to none of its interrupts is injected by software, though it is woken and "
          "its cpus are hit"),
        sizeof verdict->why);
}

static void
judge_injected(const HvApicvFacts *facts, HvApicvVerdict *verdict)
{
    const Inhibit *inhibit = find_lasting(facts);

    if (!inhibit)
        inhibit = find_possible(facts);
    say(verdict, "inhibited", inhibit);
    if (inhibit)
        g_snprintf(verdict->why, sizeof verdict->why,
                   _("%s; its interrupts are injected by software"), _(inhibit->why));
    else
        g_snprintf(verdict->why, sizeof verdict->why,
                   _("its interrupts are injected by software though %s.%s is on; nothing in "
                     "its definition says why"),
                   facts->module, facts->parameter);
}

/* Without numbers that tell. */
static void
judge_configuration(const HvApicvFacts *facts, const char *doubt, HvApicvVerdict *verdict)
{
    const Inhibit *lasting = find_lasting(facts), *possible = find_possible(facts);

    if (lasting) {
        say(verdict, "inhibited", lasting);
        g_strlcpy(verdict->why, _(lasting->why), sizeof verdict->why);
    } else if (possible || facts->synic < 0) {
        say(verdict, "unknown", possible);
        g_snprintf(verdict->why, sizeof verdict->why, "%s; %s",
                   possible ? _(possible->why) : _("its definition is not known"), doubt);
    } else if (facts->posted_per_s > 0) {
        say(verdict, "likely", NULL);
        g_snprintf(verdict->why, sizeof verdict->why,
                   _("the host posts interrupts (PIN, PIW), so it is on for some VM; %s"),
                   doubt);
    } else {
        say(verdict, "likely", NULL);
        g_snprintf(verdict->why, sizeof verdict->why,
                   _("%s.%s is on and nothing known inhibits it; %s"), facts->module,
                   facts->parameter, doubt);
    }
}

static gboolean
judge_host(const HvApicvFacts *facts, HvApicvVerdict *verdict)
{
    if (facts->tcg) {
        say(verdict, "off", NULL);
        g_strlcpy(verdict->why, _("emulated: KVM has no part in it"), sizeof verdict->why);
        return TRUE;
    }
    if (facts->is_on)
        return FALSE;
    say(verdict, "off",
        &(Inhibit){ "parameter", NULL, N_("for the whole host: hvtune recipe apicv on") });
    g_snprintf(verdict->why, sizeof verdict->why, _("%s.%s is off: for every VM of this host"),
               facts->module, facts->parameter);
    return TRUE;
}

void
hv_apicv_judge(const HvApicvFacts *facts, HvApicvVerdict *verdict)
{
    const Numbers numbers = read_numbers(facts);

    if (judge_host(facts, verdict))
        return;
    if (numbers == SAYS_ACTIVE)
        judge_active(verdict);
    else if (numbers == SAYS_INJECTED)
        judge_injected(facts, verdict);
    else if (numbers == SAYS_QUIET)
        judge_configuration(facts, _("it is too quiet to tell"), verdict);
    else if (numbers == SAYS_NOTHING)
        judge_configuration(facts, _("its injections are not known"), verdict);
    else
        judge_configuration(facts, _("part of its interrupts are injected by software"),
                            verdict);
}
