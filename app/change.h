/* What set, undo and redo have in common: settling, showing and applying plans. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "app/commands.h"

/** hv_change_settle: settles what a killed hvtune left unfinished, with a line for each plan.
 * Waits for libvirt only where there is something to settle. */
void hv_change_settle(HvApp *app, const HvOptions *options, HvOutput *output);
/** hv_change_say_orphans: a line for each plan that waits to be confirmed and whose guard is
 * gone. hv_change_settle() does it too. */
void hv_change_say_orphans(HvApp *app, const HvOptions *options, HvOutput *output);
/** hv_change_guard: in a demo, where this process is the guard: takes back what is due, and
 * prints that. */
void hv_change_guard(HvApp *app, const HvOptions *options, HvOutput *output);
/** hv_change_begin: settles, connects, and lets a demo pass the time that --effect looks back at.
 */
void hv_change_begin(HvApp *app, const HvOptions *options, HvOutput *output);
/** hv_change_check: FALSE with DENIED where nothing can be changed; a dry run needs only a live host. */
gboolean hv_change_check(HvApp *app, const HvOptions *options, GError **error);
/** hv_change_print: @plan for people: "KNOB: BEFORE → AFTER" at the start of a line, what
 * became of it, the shell line below. */
void hv_change_print(GString *out, const HvPlan *plan, gboolean ascii);
/**
 * hv_change_apply:
 * @plan: as made; or NULL, and @error says why
 *
 * With --dry-run prints it; else applies it, prints the outcome and how to take it back.
 * SIGINT, SIGTERM and SIGHUP let the running step end. Returns: the exit status, or -1 with
 * @error.
 */
int hv_change_apply(HvApp *app, const HvOptions *options, HvPlan *plan, HvOutput *output,
                    GError **error);
