/* A plan's window: what it knows, as its drawing and its lines in a view share it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/dialog.h"

typedef struct {
    HvDialog dialog;
    HvPlan *plan;
    GError *refused;      /* why it was not applied, or NULL */
    guint64 serial;       /* of the apply or the trial; 0: not asked for yet */
    guint64 write_serial; /* of writing it to a file */
    guint confirm_s;      /* asked for when it was applied */
    gboolean is_trial, is_ended, is_stopping;
    gboolean shows_all; /* shell lines instead of steps */
    gboolean in_notes;  /* the arrows move the notes */
    guint cursor;       /* of the steps */
    guint offset, note_offset, page;
    char *said; /* about the last key, or NULL */
    HvRole said_role;
} HvPlanDialog;

/** hv_dialog_plan_save: the plan as text, and how far one has scrolled. hv_dialog_plan_load: a window that draws the
 * same; its plan's values are words, of no use but to be shown. UI thread. */
void hv_dialog_plan_save(const HvDialog *dialog, HvViewOut *out);
HvDialog *hv_dialog_plan_load(HvConsole *console, HvViewIn *in);
