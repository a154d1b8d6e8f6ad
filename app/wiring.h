/* One running hvtune: the door, the journal and what a session is made of, opened as they are
 * needed. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "app/options.h"
#include "host/host.h"
#include "session/session.h"
#include "tui/theme.h"

/* What everything else in app works on. Opaque. */
typedef struct HvApp HvApp;

/** hv_app_new: opens the door that @options (borrowed for life) ask for; the journal where
 * there is one. Main thread. */
HvApp *hv_app_new(const HvOptions *options, GError **error);
/** hv_app_free: accepts NULL; what hangs is left behind. */
void hv_app_free(HvApp *app);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvApp, hv_app_free)

/** hv_app_parts: what a session is made of; borrowed. */
const HvSessionParts *hv_app_parts(HvApp *app);
/** hv_app_journal: the journal, or NULL with @error (why there is none). */
HvJournal *hv_app_journal(HvApp *app, GError **error);
/** hv_app_connect: starts to ask libvirt, and waits for its first answer and for the topology,
 * together at most 1.5 s. Only the first call waits; in a console none does. */
void hv_app_connect(HvApp *app);
/**
 * hv_app_look:
 * @tables: the tables wanted, NULL-terminated; NULL: all
 * @interval_ns: distance of the two samples; 0, or behind --root: one sample
 *
 * In a console: the snapshot it showed last. (transfer full); its history lives until the next
 * call.
 */
HvSnapshot *hv_app_look(HvApp *app, const char *const *tables, gint64 interval_ns);
/** hv_app_sampler: what effects are measured with, of all tables: made where there is none and
 * @since_ns (when its past begins) is asked for; else NULL. Borrowed until the next look. */
HvSampler *hv_app_sampler(HvApp *app, gint64 *since_ns);
/** hv_app_show: what hv_app_look() answers from now on. Takes a reference; any thread. */
void hv_app_show(HvApp *app, HvSnapshot *snapshot);
/** hv_app_shown: that snapshot, a reference, or NULL outside a console. Any thread. */
HvSnapshot *hv_app_shown(HvApp *app);

/** hv_app_hold_player: takes ownership of what --from plays (a HvPlayer, freed with @free when
 * the app is); hv_app_held_player: that, or NULL. */
void hv_app_hold_player(HvApp *app, gpointer take_player, GDestroyNotify free_player);
gpointer hv_app_held_player(HvApp *app);
/** hv_app_set_sought_ns, hv_app_sought_ns: the time of the recording that is looked at, since
 * 1970; 0: none. */
void hv_app_set_sought_ns(HvApp *app, gint64 time_ns);
gint64 hv_app_sought_ns(HvApp *app);
/** hv_app_state_dir: where journal and black box are; borrowed. */
const char *hv_app_state_dir(HvApp *app);
/** hv_app_from: the log that is looked at instead of a host, or NULL. */
const char *hv_app_from(HvApp *app);
/** hv_app_history: the columns whose past is kept; static. */
const HvHistoryColumn *hv_app_history(void);

/** hv_app_act_options: how plans are made and applied for this command line. */
void hv_app_act_options(HvApp *app, const HvOptions *options, HvActOptions *act);
/** hv_app_stop: no further step of any plan is begun. Safe in a signal handler.
 * hv_app_is_stopping: it was asked for. */
void hv_app_stop(void);
gboolean hv_app_is_stopping(void);
/** hv_app_on_stop: who else may want what is under way to stop: a console; asked on the
 * actuator's thread. hv_app_shall_stop: that, or hv_app_is_stopping(). */
void hv_app_on_stop(HvApp *app, gboolean (*wanted)(gpointer data), gpointer data);
gboolean hv_app_shall_stop(HvApp *app);
/** hv_app_theme: the theme that is asked for, a built-in one where there is none. (transfer
 * full) */
HvTheme *hv_app_theme(const HvOptions *options, GError **error);
/** hv_app_is_mono: --theme mono or NO_COLOR. */
gboolean hv_app_is_mono(const HvOptions *options);
/** hv_app_status_of: the exit status that an error amounts to: 1 the answer is no, 2 bad input,
 * 3 the host cannot. */
int hv_app_status_of(const GError *error);
/** hv_app_schemas: every table there is, raw ones too. NULL-terminated; g_free() it. */
const HvSchema **hv_app_schemas(void);
