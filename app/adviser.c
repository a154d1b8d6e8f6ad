/* Advice as the session calls it, which never includes it: findings, and what changes did. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/adviser.h"

#include "advice/effects.h"
#include "advice/findings.h"

static gpointer
new_advice(void)
{
    return hv_findings_new(hv_rules);
}

static void
free_advice(gpointer findings)
{
    hv_findings_free(findings);
}

static gboolean
run_advice(gpointer findings, const HvSnapshot *snapshot, HvSink *out)
{
    return hv_findings_run(findings, snapshot, out);
}

static const char *const *
advice_inputs(guint rule)
{
    return hv_rules[rule] ? hv_rules[rule]->inputs : NULL;
}

const HvAdviser hv_app_adviser = {
    .schema = &hv_findings_schema,
    .inputs = advice_inputs,
    .new_state = new_advice,
    .free_state = free_advice,
    .run = run_advice,
};

static gpointer
new_effects(void)
{
    return hv_effects_new();
}

static void
free_effects(gpointer effects)
{
    hv_effects_free(effects);
}

static void
set_effects_window(gpointer effects, gint64 window_ns)
{
    hv_effects_set_window(effects, window_ns);
}

static void
tell_effects(gpointer effects, const HvPlan *plan, gint64 begun_ns, gint64 ended_ns)
{
    hv_effects_changed(effects, plan, begun_ns, ended_ns);
}

static void
run_effects(gpointer effects, const HvSnapshot *snapshot, HvSink *out)
{
    hv_effects_run(effects, snapshot, out);
}

static char *
settled_effects(gpointer effects, guint64 plan)
{
    return hv_effects_settled(effects, plan);
}

const HvMeter hv_app_meter = {
    .schema = &hv_effects_schema,
    .inputs = hv_effects_inputs,
    .new_state = new_effects,
    .free_state = free_effects,
    .set_window = set_effects_window,
    .changed = tell_effects,
    .run = run_effects,
    .settled = settled_effects,
};
