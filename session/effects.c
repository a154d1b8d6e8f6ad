/* Between journal and meter: plans that were made go to the one, what they did to the other. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/session-private.h"

/* Plans seen when a session begins were made before its first sample. */
typedef struct {
    HvSession *session;
    gboolean is_first;
} Telling;

static gboolean
has_ended(const HvPlan *plan)
{
    return plan->state == HV_PLAN_APPLIED || plan->state == HV_PLAN_PARTLY ||
           plan->state == HV_PLAN_UNKNOWN;
}

static void
tell(const HvPlan *plan, gpointer data)
{
    const Telling *telling = data;
    HvSession *session = telling->session;
    const HvClock *clock = &session->parts.clock;
    const gint64 now_ns = hv_session_monotonic_ns(session);
    const gint64 age_ns = clock->realtime_ns(clock->data) - plan->time_ns;
    guint64 *id;

    if (!has_ended(plan) || g_hash_table_contains(session->told, &plan->id))
        return;
    id = g_new(guint64, 1);
    *id = plan->id;
    g_hash_table_add(session->told, id);
    if (!telling->is_first)
        hv_sampler_changed(session->sampler, plan, now_ns - MAX(age_ns, 0), now_ns);
}

/* Whoever measured it first is believed: two consoles see the same. */
static void
note(HvSession *session, guint64 id, const char *text)
{
    g_autoptr(HvPlan) plan = hv_journal_get(session->parts.journal, id, NULL);

    if (plan && !plan->effect && !session->parts.read_only_why)
        hv_journal_set_effect(session->parts.journal, id, text, NULL); /* it is on screen */
}

gboolean
hv_session_refresh(HvSession *session)
{
    Telling telling = { session, session->told == NULL };
    gboolean is_new;
    char *text;
    guint64 id;

    if (!session->told)
        session->told = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    while (session->parts.journal && (text = hv_sampler_take_effect(session->sampler, &id))) {
        note(session, id, text);
        g_free(text);
    }
    is_new = hv_changes_refresh(session->changes);
    if (is_new)
        hv_changes_each(session->changes, tell, &telling);
    return is_new;
}
