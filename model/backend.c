/* Intents of the console and the answers to them: made and freed. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/backend.h"

static void
free_wish(gpointer wish)
{
    hv_wish_free(wish);
}

HvIntent *
hv_intent_new(HvIntentVerb verb)
{
    HvIntent *intent = g_new0(HvIntent, 1);

    intent->verb = verb;
    intent->wishes = g_ptr_array_new_with_free_func(free_wish);
    intent->vms = g_ptr_array_new_with_free_func(g_free);
    return intent;
}

void
hv_intent_free(HvIntent *intent)
{
    if (!intent)
        return;
    g_clear_pointer(&intent->wishes, g_ptr_array_unref);
    g_clear_pointer(&intent->vms, g_ptr_array_unref);
    hv_plan_free(intent->plan);
    g_free(intent->line);
    g_free(intent->vm);
    g_free(intent->recipe);
    g_strfreev(intent->arguments);
    g_free(intent);
}

HvAnswer *
hv_answer_new(HvAnswerKind kind, guint64 serial)
{
    HvAnswer *answer = g_new0(HvAnswer, 1);

    answer->kind = kind;
    answer->serial = serial;
    return answer;
}

void
hv_answer_free(HvAnswer *answer)
{
    if (!answer)
        return;
    hv_plan_free(answer->plan);
    g_clear_error(&answer->error);
    g_free(answer->text);
    g_clear_pointer(&answer->choices, g_ptr_array_unref);
    g_free(answer);
}
