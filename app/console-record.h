/* What the person at the console wishes of the recording: on, off, what just happened, marks;
 * and what it is told unasked. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "app/recorder.h"
#include "model/backend.h"

/* Between a console and its recorder. Opaque. */
typedef struct HvConsoleRecord HvConsoleRecord;

/** hv_console_record_new: @wake_fd: an eventfd that is written when an answer is there. Both
 * borrowed. UI thread, as below. */
HvConsoleRecord *hv_console_record_new(HvRecorder *recorder, int wake_fd);
void hv_console_record_free(HvConsoleRecord *record);
/** hv_console_record_submit: RECORD, NOTE and VIEW are its own: TRUE, and @intent is taken. */
gboolean hv_console_record_submit(HvConsoleRecord *record, HvIntent *intent);
/** hv_console_record_take_answer: its own, (transfer full), or NULL. */
HvAnswer *hv_console_record_take_answer(HvConsoleRecord *record);
/** hv_console_record_ask: the intent that reads all knobs, when that is due, or NULL; (transfer
 * full). hv_console_record_heard: TRUE where @answer was for it: taken. */
HvIntent *hv_console_record_ask(HvConsoleRecord *record);
gboolean hv_console_record_heard(HvConsoleRecord *record, HvAnswer *answer);
