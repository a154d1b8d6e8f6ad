/* What planning, applying and settling share: reading what stands behind a knob now. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/knobs.h"

#include "model/error.h"
#include "model/i18n.h"

#include <string.h>

gint64
hv_session_boottime_ns(const HvSessionParts *parts)
{
    return parts->boottime_ns ? parts->boottime_ns(parts->clock.data)
                              : parts->clock.monotonic_ns(parts->clock.data);
}

void
hv_session_prefix(GError **error, const char *path)
{
    const char *message = error && *error ? (*error)->message : "";
    const char *colon = strstr(message, ": ");
    const gsize length = colon ? (gsize)(colon - message) : 0;

    if (length > 0 && strncmp(path, message, length) == 0 &&
        (path[length] == '/' || path[length] == '\0'))
        return; /* "vm/web9: no such VM" names vm/web9/vcpu/0/cpus well enough */
    g_prefix_error(error, "%s: ", path);
}

HvKnob *
hv_session_knob(const HvSessionParts *parts, const char *path, GError **error)
{
    return hv_knob_parse(parts->tuners, path, error);
}

gboolean
hv_session_read(const HvSessionParts *parts, const HvKnob *knob, HvValue *value, GError **error)
{
    if (knob->tuner->read(parts->host, knob, value, error))
        return TRUE;
    hv_session_prefix(error, knob->path);
    return FALSE;
}

gboolean
hv_session_read_or_expect(const HvSessionParts *parts, const HvKnob *knob, const HvPlan *plan,
                          HvValue *value, gboolean *is_expected, GError **error)
{
    g_autoptr(GError) why = NULL;

    *is_expected = FALSE;
    if (hv_session_read(parts, knob, value, &why))
        return TRUE;
    if (knob->tuner->expect && g_error_matches(why, HV_ERROR, HV_ERROR_ABSENT) &&
        knob->tuner->expect(parts->host, knob, plan, value, NULL)) {
        *is_expected = TRUE;
        return TRUE;
    }
    g_propagate_error(error, g_steal_pointer(&why));
    return FALSE;
}

void
hv_session_follow(const HvPlan *plan, HvStep *step)
{
    const HvValue *expected = hv_plan_expected(plan, step->knob);

    if (!expected || expected->type == HV_TYPE_NOTHING)
        return;
    hv_value_copy(&step->before, expected);
    step->is_expected = TRUE;
}

gboolean
hv_session_read_subject(const HvSessionParts *parts, const HvKnob *knob, HvSubject *subject,
                        GError **error)
{
    if (!knob->tuner->subject)
        return TRUE;
    if (knob->tuner->subject(parts->host, knob, subject, error))
        return TRUE;
    hv_session_prefix(error, knob->path);
    return FALSE;
}

char *
hv_session_read_persist(const HvSessionParts *parts, const HvKnob *knob, GError **error)
{
    char *text = NULL;

    if (!knob->family->persists || !knob->tuner->persist_read) {
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                    _("%s: has no persistent form: only its live value can be set"),
                    knob->path);
        return NULL;
    }
    if (knob->tuner->persist_read(parts->host, knob, &text, error))
        return text ? text : g_strdup("");
    hv_session_prefix(error, knob->path);
    return NULL;
}

gboolean
hv_session_subject_equal(const HvSubject *a, const HvSubject *b)
{
    const char *a_uuid = a->guest_uuid ? a->guest_uuid : "";
    const char *b_uuid = b->guest_uuid ? b->guest_uuid : "";

    return strcmp(a_uuid, b_uuid) == 0 && a->pid == b->pid && a->start_ticks == b->start_ticks;
}

char *
hv_session_lost(const HvSessionParts *parts, const HvPlan *plan, const HvStep *step,
                const HvKnob *knob, const char *boot_id, GError **error)
{
    g_auto(HvSubject) subject = { 0 };
    g_autoptr(GError) why = NULL;
    const char *guest = step->subject.guest_name ? step->subject.guest_name : "";
    g_autofree char *name = hv_knob_escape(guest);

    if (g_strcmp0(plan->boot_id, boot_id) != 0)
        return g_strdup(_("the host was started anew since: the live value is gone with it"));
    if (hv_session_read_subject(parts, knob, &subject, &why))
        return hv_session_subject_equal(&subject, &step->subject)
                   ? NULL
                   : g_strdup_printf(
                         _("%s was started anew since: its live value is gone with it"), name);
    if (g_error_matches(why, HV_ERROR, HV_ERROR_ABSENT))
        return g_strdup_printf(_("%s no longer runs: its live value is gone with it"), name);
    g_propagate_error(error, g_steal_pointer(&why));
    return NULL;
}

const char *
hv_session_persist_after(const HvPlan *plan, guint n_steps, const char *text)
{
    for (guint i = 0; i < n_steps; i++) {
        const HvStep *step = hv_plan_step(plan, i);

        if (step->persist && step->persist_after && g_strcmp0(step->persist_before, text) == 0)
            text = step->persist_after;
    }
    return text;
}

void
hv_session_target(HvValue *target, const HvValue *before)
{
    hv_value_copy(target, before);
    target->mixed = FALSE;
}

gboolean
hv_session_is_met(const HvKnob *knob, const HvValue *found, const HvValue *wanted)
{
    return knob->tuner->is_met ? knob->tuner->is_met(knob, found, wanted)
                               : hv_value_equal(found, wanted);
}
