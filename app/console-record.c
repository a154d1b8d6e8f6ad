/* What the person at the console wishes of the recording: on, off, what just happened, marks;
 * and what it is told unasked. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/console-record.h"

#include <unistd.h>

#include "model/i18n.h"

#define KNOBS_SERIAL G_MAXUINT64 /* of an intent that nobody at the screen sent */
enum { OFF, ON, SAVE };          /* HvIntent.n of RECORD */

struct HvConsoleRecord {
    gatomicrefcount refs; /* one for the console, one for each thread under way */
    HvRecorder *recorder;
    int wake_fd;
    GAsyncQueue *answers; /* of HvAnswer */
};

/* A wish under way. */
typedef struct {
    HvConsoleRecord *record;
    HvIntent *intent;
} Wish;

static void
free_answer(gpointer answer)
{
    hv_answer_free(answer);
}

HvConsoleRecord *
hv_console_record_new(HvRecorder *recorder, int wake_fd)
{
    HvConsoleRecord *record = g_new0(HvConsoleRecord, 1);

    g_atomic_ref_count_init(&record->refs);
    record->recorder = recorder;
    record->wake_fd = wake_fd;
    record->answers = g_async_queue_new_full(free_answer);
    return record;
}

static void
record_unref(HvConsoleRecord *record)
{
    if (!g_atomic_ref_count_dec(&record->refs))
        return;
    g_async_queue_unref(record->answers);
    g_free(record);
}

void
hv_console_record_free(HvConsoleRecord *record)
{
    if (record)
        record_unref(record);
}

static void
answer(HvConsoleRecord *record, guint64 serial, char *take_text, GError *take_error)
{
    static const guint64 one = 1;
    HvAnswer *said = hv_answer_new(take_error ? HV_ANSWER_REFUSED : HV_ANSWER_TEXT, serial);

    said->text = take_text;
    said->error = take_error;
    g_async_queue_push(record->answers, said);
    if (write(record->wake_fd, &one, sizeof one) < 0)
        g_debug("the screen has gone");
}

/* A file is made, written, ended: as long as its disk takes. */
static gpointer
record_or_not(gpointer data)
{
    Wish *wish = data;
    HvRecorder *recorder = wish->record->recorder;
    GError *error = NULL;
    char *text;

    if (wish->intent->n == ON)
        text = hv_recorder_start(recorder, wish->intent->line, &error);
    else if (wish->intent->n == OFF)
        text = hv_recorder_stop(recorder, &error);
    else
        text = hv_recorder_save(recorder, wish->intent->line, &error);
    answer(wish->record, wish->intent->serial, text, error);
    hv_intent_free(wish->intent);
    record_unref(wish->record);
    g_free(wish);
    return NULL;
}

static void
begin(HvConsoleRecord *record, HvIntent *take_intent)
{
    Wish *wish = g_new0(Wish, 1);

    g_atomic_ref_count_inc(&record->refs);
    wish->record = record;
    wish->intent = take_intent;
    g_thread_unref(g_thread_new("record", record_or_not, wish));
}

gboolean
hv_console_record_submit(HvConsoleRecord *record, HvIntent *intent)
{
    if (intent->verb == HV_INTENT_RECORD) {
        begin(record, intent);
        return TRUE;
    }
    if (intent->verb != HV_INTENT_NOTE && intent->verb != HV_INTENT_VIEW)
        return FALSE;
    if (intent->verb == HV_INTENT_VIEW) {
        hv_recorder_view(record->recorder, intent->time_ns, intent->line);
    } else {
        hv_recorder_note(record->recorder, intent->time_ns, intent->vm, intent->line);
        answer(record, intent->serial, g_strdup_printf(_("noted: %s"), intent->line), NULL);
    }
    hv_intent_free(intent);
    return TRUE;
}

HvAnswer *
hv_console_record_take_answer(HvConsoleRecord *record)
{
    return g_async_queue_try_pop(record->answers);
}

HvIntent *
hv_console_record_ask(HvConsoleRecord *record)
{
    HvIntent *intent;

    if (!hv_recorder_wants_knobs(record->recorder))
        return NULL;
    intent = hv_intent_new(HV_INTENT_COMMAND);
    intent->serial = KNOBS_SERIAL;
    intent->line = g_strdup("get");
    return intent;
}

gboolean
hv_console_record_heard(HvConsoleRecord *record, HvAnswer *answer)
{
    if (answer->kind == HV_ANSWER_OUTCOME)
        hv_recorder_changed(record->recorder);
    if (answer->serial != KNOBS_SERIAL)
        return FALSE;
    if (answer->kind == HV_ANSWER_TEXT && answer->text)
        hv_recorder_knobs(record->recorder, answer->text);
    hv_answer_free(answer);
    return TRUE;
}
