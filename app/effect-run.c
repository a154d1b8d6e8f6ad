/* --effect: what a change did, measured by the command that makes it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/effect-run.h"

#include "host/host.h"
#include "model/i18n.h"

#define S_NS G_GINT64_CONSTANT(1000000000)
#define SETTLES_NS (15 * S_NS)    /* what was changed just before has settled by then, mostly */
#define DEMO_PAST_NS (600 * S_NS) /* a demo begins with that much behind it */
#define LONGEST_NS (420 * S_NS)   /* beside the window: the meter gives up before that */

static gboolean
is_asked(HvApp *app, const HvOptions *options)
{
    g_autoptr(HvSnapshot) console = hv_app_shown(app);

    return !console && hv_options_has(options, HV_OPTION_EFFECT) &&
           !hv_options_has(options, HV_OPTION_DRY_RUN);
}

/* A sample each second until then; the last one is the newest. */
static void
sample_until(HvApp *app, HvSampler *sampler, gint64 until_ns)
{
    HvHost *host = hv_app_parts(app)->host;

    while (hv_host_monotonic_ns(host) < until_ns && !hv_app_is_stopping()) {
        hv_host_wait_until(host, MIN(hv_host_monotonic_ns(host) + S_NS, until_ns), -1);
        hv_snapshot_unref(hv_sampler_tick(sampler));
    }
}

/* In a demo time passes at no cost: it is let pass until ten minutes are behind the sampler,
 * not when the demo opens, since a line of `do` is not known then. A real host has no past but
 * what is sampled now. */
void
hv_effect_ahead(HvApp *app, const HvOptions *options)
{
    HvHost *host = hv_app_parts(app)->host;
    gint64 since_ns, until_ns;
    HvSampler *sampler;

    if (!is_asked(app, options))
        return;
    sampler = hv_app_sampler(app, &since_ns);
    hv_sampler_measure(sampler, options->effect_ns);
    until_ns = hv_host_monotonic_ns(host) + options->effect_ns + S_NS;
    if (hv_host_is_simulated(host))
        until_ns = MAX(until_ns + SETTLES_NS, since_ns + DEMO_PAST_NS);
    sample_until(app, sampler, until_ns);
}

void
hv_effect_tell(HvApp *app, const HvPlan *plan, gint64 begun_ns)
{
    HvSampler *sampler = hv_app_sampler(app, NULL);

    if (sampler && plan->id)
        hv_sampler_changed(sampler, plan, begun_ns,
                           hv_host_monotonic_ns(hv_app_parts(app)->host));
}

void
hv_effect_append(GString *out, const char *text, gboolean ascii)
{
    g_autoptr(GString) line = g_string_new(text);

    if (ascii) {
        g_string_replace(line, "→", "->", 0);
        g_string_replace(line, "−", "-", 0);
        g_string_replace(line, "±", "+-", 0);
    }
    g_string_append_printf(out, "%s\n", line->str);
}

/* The effects of others that end meanwhile are noted too. */
static char *
take(HvApp *app, HvSampler *sampler, guint64 plan)
{
    HvJournal *journal = hv_app_journal(app, NULL);
    char *text, *ours = NULL;
    guint64 id;

    while ((text = hv_sampler_take_effect(sampler, &id))) {
        hv_journal_set_effect(journal, id, text, NULL); /* it is printed all the same */
        if (id == plan)
            ours = g_steal_pointer(&text);
        g_free(text);
    }
    return ours;
}

void
hv_effect_print(HvApp *app, const HvOptions *options, const HvPlan *plan, HvOutput *output)
{
    HvHost *host = hv_app_parts(app)->host;
    const gint64 until_ns = hv_host_monotonic_ns(host) + options->effect_ns + LONGEST_NS;
    g_autofree char *text = NULL;
    HvSampler *sampler;

    if (!is_asked(app, options))
        return;
    sampler = hv_app_sampler(app, NULL);
    hv_output_flush(output, NULL); /* what was done is seen while one waits */
    while (!text && !hv_app_is_stopping() && hv_host_monotonic_ns(host) < until_ns) {
        sample_until(app, sampler, hv_host_monotonic_ns(host) + S_NS);
        text = take(app, sampler, plan->id);
    }
    hv_effect_append(output->out, text ? text : _("effect: not measured"), options->ascii);
}
