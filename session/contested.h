/* The table "contested": knobs that somebody else changed since a plan of ours left them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "session/session.h"

/* What stands of the journal's plans, and what was found of it last. Watched by one thread,
 * shown by any. Opaque. */
typedef struct HvContested HvContested;

/** hv_contested_new: @parts is borrowed; without machine_id and boot_id nothing is watched. */
HvContested *hv_contested_new(const HvSessionParts *parts);
void hv_contested_free(HvContested *contested);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvContested, hv_contested_free)
/** hv_contested_watch: from now on the knobs that @plans (of HvPlan, newest first) left on this
 * boot, and that nobody took back, are watched. The actuator's thread, as the next. Returns:
 * how many. */
guint hv_contested_watch(HvContested *contested, const GPtrArray *plans);
/** hv_contested_look: reads those whose turn it is, and compares by meaning. Returns: whether
 * something else is contested than before. */
gboolean hv_contested_look(HvContested *contested);
/** hv_contested_version: grows whenever rows or events change. Any thread, as below. */
guint64 hv_contested_version(HvContested *contested);
/** hv_contested_describe: what @knob is instead of what plan @plan left, since when and by
 * whom; (transfer full), NULL: it is as it was left. */
char *hv_contested_describe(HvContested *contested, guint64 plan, const char *knob);
/** hv_contested_fill, _fill_events: the rows of the tables. */
void hv_contested_fill(HvContested *contested, HvSink *out);
void hv_contested_fill_events(HvContested *contested, HvSink *out);
