/* --effect: what a change did, measured by the command that makes it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "app/commands.h"

/** hv_effect_ahead: samples the window before the change where --effect asks for it; does
 * nothing in a console, which samples all the time. */
void hv_effect_ahead(HvApp *app, const HvOptions *options);
/** hv_effect_tell: @plan was at work from @begun_ns until now; those that are measured later
 * are not compared across it. */
void hv_effect_tell(HvApp *app, const HvPlan *plan, gint64 begun_ns);
/** hv_effect_print: stays, measures, prints a line for each number and notes them in the
 * journal, where --effect asks for it. */
void hv_effect_print(HvApp *app, const HvOptions *options, const HvPlan *plan,
                     HvOutput *output);
/** hv_effect_append: @text, in ASCII where @ascii, and a newline. */
void hv_effect_append(GString *out, const char *text, gboolean ascii);
