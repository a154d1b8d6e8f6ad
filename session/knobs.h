/* What planning, applying and settling share: reading what stands behind a knob now. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "session/session.h"

/** hv_session_boottime_ns: CLOCK_BOOTTIME, which deadlines are in; the monotonic clock where a
 * host has no other. Any thread. */
gint64 hv_session_boottime_ns(const HvSessionParts *parts);
/** hv_session_prefix: puts "@path: " before the message, unless it names the knob already. Any
 * thread. */
void hv_session_prefix(GError **error, const char *path);
/** hv_session_knob: the knob of @path among the session's tuners. (transfer full). The
 * actuator's thread, as below. */
HvKnob *hv_session_knob(const HvSessionParts *parts, const char *path, GError **error);
/** hv_session_follow: where an earlier step of @plan writes the knob of @step, what it writes is
 * that step's "before". */
void hv_session_follow(const HvPlan *plan, HvStep *step);
/** hv_session_read: its live value. hv_session_read_subject: whose it is; zeroed for the host's
 * own. */
gboolean hv_session_read(const HvSessionParts *parts, const HvKnob *knob, HvValue *value,
                         GError **error);
gboolean hv_session_read_subject(const HvSessionParts *parts, const HvKnob *knob,
                                 HvSubject *subject, GError **error);
/** hv_session_read_or_expect: its live value, or what the steps that @plan has so far will make
 * of it, where it is not there yet. */
gboolean hv_session_read_or_expect(const HvSessionParts *parts, const HvKnob *knob,
                                   const HvPlan *plan, HvValue *value, gboolean *is_expected,
                                   GError **error);
/** hv_session_read_persist: its persistent form, (transfer full); NULL with REFUSED where it
 * has none. */
char *hv_session_read_persist(const HvSessionParts *parts, const HvKnob *knob, GError **error);
/** hv_session_lost: why the live value that @plan's @step left is gone (another boot, another
 * start of the guest): (transfer full), or NULL: it is still that guest. Sets @error, and gives
 * NULL, when that cannot be told. */
char *hv_session_lost(const HvSessionParts *parts, const HvPlan *plan, const HvStep *step,
                      const HvKnob *knob, const char *boot_id, GError **error);
/** hv_session_subject_equal: the same guest, in the same start. */
gboolean hv_session_subject_equal(const HvSubject *a, const HvSubject *b);
/** hv_session_persist_after: what becomes of the persistent form @text (borrowed) through the
 * first @n_steps of @plan. Several knobs of one guest share one. Borrowed from @text or @plan.
 */
const char *hv_session_persist_after(const HvPlan *plan, guint n_steps, const char *text);
/** hv_session_target: what undoing goes back to: threads that differed get their union. */
void hv_session_target(HvValue *target, const HvValue *before);
/** hv_session_is_met: whether @found is what @wanted asked for, as the knob's tuner sees it. */
gboolean hv_session_is_met(const HvKnob *knob, const HvValue *found, const HvValue *wanted);
