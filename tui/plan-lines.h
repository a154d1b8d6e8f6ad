/* What a plan says of itself, as lines: its steps, then room, risk and what will be watched. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/plan.h"
#include "model/snapshot.h"
#include "tui/canvas.h"

/* One line: the columns of step @step, or @text, which belongs to that step; -1: to none. */
typedef struct {
    int step;
    HvRole role;
    char *text;        /* NULL: the step's columns */
    gboolean is_bar;   /* how far the step is, drawn behind @text */
    double done_ratio; /* of the bar */
} HvPlanLine;

/** hv_plan_lines_new: an array of HvPlanLine that frees its texts. UI thread, as all below. */
GArray *hv_plan_lines_new(void);
void hv_plan_line_add(GArray *lines, int step, HvRole role, char *take_text);
/** hv_plan_line_wrap: @text behind @prefix in lines of at most @width; further ones stand four
 * columns in. */
void hv_plan_line_wrap(GArray *lines, int step, HvRole role, const char *prefix,
                       const char *text, int width);
/** hv_plan_step_lines: each step's columns, what went wrong with it, how far it is. */
void hv_plan_step_lines(GArray *lines, const HvPlan *plan, int width);
/** hv_plan_note_lines: notes, risks and remarks, what is watched; each once. */
void hv_plan_note_lines(GArray *lines, const HvPlan *plan, const HvSnapshot *now, int width);
/** hv_plan_shell_lines: all of them. */
void hv_plan_shell_lines(GArray *lines, const HvPlan *plan, int width);
/** hv_plan_watched: what tells whether it helped, the main metric first: "redis_p99_ms (main),
 * wait, overhead, remote share". (transfer full), NULL where nothing does. */
char *hv_plan_watched(const HvPlan *plan, const HvSnapshot *now);
/** hv_plan_vm: the VM that it is about, as in tables; (transfer full), or NULL. */
char *hv_plan_vm(const HvPlan *plan);
/** hv_plan_no_confirm: why it cannot revert by itself, (transfer full); NULL: it can. */
char *hv_plan_no_confirm(const HvPlan *plan);
/** hv_plan_no_trial: why it cannot be switched to and fro, likewise. */
char *hv_plan_no_trial(const HvPlan *plan);
/** hv_plan_heading: its title, number, and what is unusual about it. (transfer full) */
char *hv_plan_heading(const HvPlan *plan);
/** hv_outcome_role: how an outcome looks. */
HvRole hv_outcome_role(HvOutcomeState state);
