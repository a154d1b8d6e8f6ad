/* Answers made by hand for the dialogs that change things: ways to move, long, slow and armed plans. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/error.h"
#include "tests/screens-fixture.h"

/** hv_test_answer_choices: what the recipe move would say, to the newest intent: two ways, one refused. */
void hv_test_answer_choices(HvDesk *desk);
/** hv_test_answer_plan: @take_plan, to the newest intent. */
void hv_test_answer_plan(HvDesk *desk, HvPlan *take_plan);
/** hv_test_answer: progress or outcome of @take_plan, to the newest intent. */
void hv_test_answer(HvDesk *desk, HvAnswerKind kind, HvPlan *take_plan);
/** hv_test_refuse: the newest intent. hv_test_say: a text to it. */
void hv_test_refuse(HvDesk *desk, HvError code, const char *message);
void hv_test_say(HvDesk *desk, const char *text);
/** hv_test_move_plan: moves redis-1: vCPUs, then memory, which is slow. */
HvPlan *hv_test_move_plan(void);

/* What stands before a picture is taken. */
void hv_test_show_choices(HvDesk *desk);
void hv_test_show_refused_choice(HvDesk *desk);
void hv_test_show_long_plan(HvDesk *desk);
void hv_test_show_shell_lines(HvDesk *desk);
void hv_test_show_running_plan(HvDesk *desk);
void hv_test_show_armed_plan(HvDesk *desk);
void hv_test_show_cache_edit(HvDesk *desk);
void hv_test_show_name(HvDesk *desk);
