/* Answers and tables made by hand for the dialogs that change things, and for what changes
 * leave.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/screens-changed.h"
#include "tests/screens-tables.h"

#include <math.h>
#include <stddef.h>

/* ---- what changes leave ---- */

static const char changes_columns[] =
    "change:I step:I time_ns:U title:T knob:T before:T after:T found:T outcome:T state:T "
    "undo:T "
    "effect:T who:T kind:T error:T shell_line:T undone_by:U confirm:T deadline_ns:U";
static const char effects_columns[] = "plan:I metric:K vm:K before:F after:F change_ratio:F "
                                      "verdict:T text:T is_main:B";
static const char contested_columns[] =
    "knob:K plan:U expected:T present:T time_ns:U since_s:F by:T";

static const char *const changes_rows[] = {
    "17|0|1767362500000000000|move redis-1 to node "
    "1|vm/redis-1/vcpu/0/cpus|0-7|8|8|done|applied|"
    "exact|-|root on pts/3|set|-|virsh vcpupin redis-1 0 8 --live|-|armed|5024000000000",
    "17|1|1767362500000000000|move redis-1 to node "
    "1|vm/redis-1/vcpu/1/cpus|0-7|9|9|done|applied|"
    "exact|-|root on pts/3|set|-|virsh vcpupin redis-1 1 9 --live|-|armed|5024000000000",
    "16|0|1767362400000000000|set irq/24/cpus|irq/24/cpus|0-7|8|8|done|applied|exact|wait 1.2 "
    "→ "
    "0.4 % (−67 %, sure)|root on pts/3|set|-|echo 8 "
    ">/proc/irq/24/smp_affinity_list|-|confirmed|-",
    NULL
};
static const char *const effects_rows[] = {
    "17|remote_ratio|redis-1|0.83|0.04|-0.95|better|remote 83 → 4 %|0",
    "17|redis_p99_ms||11.9|3.1|-0.74|better|redis_p99_ms 11.9 → 3.1 (−74 %, sure)|1",
    "17|neighbours||-|-|-|no visible change|neighbours: no visible change|0", NULL
};
static const char *const contested_rows[] = {
    "irq/24/cpus|16|8|0-7|1767362519000000000|12|irqbalance", NULL
};
const HvTestTable hv_test_changed_tables[] = {
    { "changes", changes_columns, changes_rows, NULL },
    { "effects", effects_columns, effects_rows, NULL },
    { "contested", contested_columns, contested_rows, NULL },
    { 0 },
};

/* ---- answers ---- */

static guint64
newest_serial(const HvDesk *desk)
{
    g_assert_cmpuint(desk->intents->len, >, 0);
    return ((const HvIntent *)g_ptr_array_index(desk->intents, desk->intents->len - 1))->serial;
}

static HvRecipeChoice *
new_choice(const char *title, const char *node, const char *why_not)
{
    HvRecipeChoice *choice = hv_recipe_choice_new();
    const char *arguments[] = { "redis-1", node, NULL };

    choice->title = g_strdup(title);
    choice->arguments = g_strdupv((char **)(gpointer)arguments);
    choice->why_not = g_strdup(why_not);
    return choice;
}

void
hv_test_answer_choices(HvDesk *desk)
{
    HvAnswer *answer = hv_answer_new(HV_ANSWER_CHOICES, newest_serial(desk));
    HvRecipeChoice *choice = new_choice("S1: vCPUs to the memory", "1", NULL);

    answer->choices = g_ptr_array_new_with_free_func((GDestroyNotify)hv_recipe_choice_free);
    choice->is_best = TRUE;
    hv_recipe_fact(choice, "free cores: 19");
    hv_recipe_fact(choice, "free memory: 390G");
    hv_recipe_fact(choice, "remote then: ≈4 %%");
    hv_recipe_fact(choice, "time: milliseconds");
    hv_recipe_fact(choice, "undo: exact");
    g_ptr_array_add(answer->choices, choice);
    choice = new_choice("S0: memory to the vCPUs", "0", NULL);
    hv_recipe_fact(choice, "free cores: 3");
    hv_recipe_fact(choice, "time: 84 s");
    hv_recipe_fact(choice, "on sibling threads: trainer-a on cpus 0-3, web-3 and web-4 on 4-7");
    g_ptr_array_add(answer->choices, choice);
    choice = new_choice("S2: vCPUs and memory", "2",
                        "node 2: 1.2G are free there and redis-1 needs 16.3G: make room, or "
                        "choose another node");
    hv_recipe_fact(choice, "free memory: 1.2G");
    g_ptr_array_add(answer->choices, choice);
    hv_console_answer(desk->console, answer);
}

void
hv_test_answer(HvDesk *desk, HvAnswerKind kind, HvPlan *take_plan)
{
    HvAnswer *answer = hv_answer_new(kind, newest_serial(desk));

    answer->plan = take_plan;
    hv_console_answer(desk->console, answer);
}

void
hv_test_answer_plan(HvDesk *desk, HvPlan *take_plan)
{
    hv_test_answer(desk, HV_ANSWER_PLAN, take_plan);
}

void
hv_test_refuse(HvDesk *desk, HvError code, const char *message)
{
    HvAnswer *answer = hv_answer_new(HV_ANSWER_REFUSED, newest_serial(desk));

    answer->error = g_error_new_literal(HV_ERROR, (gint)code, message);
    hv_console_answer(desk->console, answer);
}

void
hv_test_say(HvDesk *desk, const char *text)
{
    HvAnswer *answer = hv_answer_new(HV_ANSWER_TEXT, newest_serial(desk));

    answer->text = g_strdup(text);
    hv_console_answer(desk->console, answer);
}

/* ---- plans ---- */

static HvStep *
add_step(HvPlan *plan, const char *knob, HvType type, const char *before, const char *after)
{
    HvStep *step = hv_step_new(knob);

    g_assert_true(hv_value_parse(&step->before, type, NULL, before, NULL));
    g_assert_true(hv_value_parse(&step->after, type, NULL, after, NULL));
    step->progress_ratio = NAN;
    g_ptr_array_add(plan->steps, step);
    return step;
}

HvPlan *
hv_test_move_plan(void)
{
    HvPlan *plan = hv_plan_new(HV_PLAN_SET, "move redis-1 to node 1");
    HvStep *pages;

    plan->recipe = g_strdup("move");
    plan->vm = g_strdup("redis-1");
    for (guint i = 0; i < 12; i++) {
        g_autofree char *knob = g_strdup_printf("vm/redis-1/vcpu/%u/cpus", i);
        g_autofree char *cpu = g_strdup_printf("%u", 56 + i);
        HvStep *step = add_step(plan, knob, HV_TYPE_CPUS, "0-27", cpu);

        step->shell_line = g_strdup_printf("virsh vcpupin redis-1 %u %s --live", i, cpu);
        step->risk = g_strdup("its memory stays where it is: on another node it becomes "
                              "remote");
    }
    pages = add_step(plan, "vm/redis-1/memory/pages", HV_TYPE_NODES, "0", "1");
    pages->step_class = HV_STEP_SLOW;
    pages->undo = HV_UNDO_NEAR;
    pages->shell_line = g_strdup("migratepages 4485 0 1");
    g_ptr_array_add(plan->notes,
                    g_strdup("Room on S1: 19 whole cores, 390G free, L3 19 of 42M, dram 14 of "
                             "170 GB/s"));
    g_ptr_array_add(plan->notes,
                    g_strdup("Neighbours: none on sibling threads.  Policy: none."));
    return plan;
}

/* ---- pictures ---- */

void
hv_test_show_choices(HvDesk *desk)
{
    hv_test_desk_type(desk, "v");
    hv_test_answer_choices(desk);
}

void
hv_test_show_refused_choice(HvDesk *desk)
{
    hv_test_show_choices(desk);
    hv_test_desk_type(desk, "jj");
}

void
hv_test_show_long_plan(HvDesk *desk)
{
    hv_test_show_choices(desk);
    hv_test_desk_key(desk, HV_KEY_ENTER);
    hv_test_answer_plan(desk, hv_test_move_plan());
    hv_test_desk_type(desk, "jjjjjjjjjjjj");
}

void
hv_test_show_shell_lines(HvDesk *desk)
{
    hv_test_show_long_plan(desk);
    hv_test_desk_type(desk, "$");
}

void
hv_test_show_running_plan(HvDesk *desk)
{
    HvPlan *plan = hv_test_move_plan();
    HvStep *pages = hv_plan_step(plan, 12);

    hv_test_show_long_plan(desk);
    hv_test_desk_key(desk, HV_KEY_ENTER);
    for (guint i = 0; i < 12; i++)
        hv_plan_step(plan, i)->state = HV_OUTCOME_DONE;
    plan->id = 17;
    plan->state = HV_PLAN_APPLYING;
    pages->state = HV_OUTCOME_BEGUN;
    pages->progress_ratio = 0.42;
    pages->progress = g_strdup("6.7 of 16G on node 1, 210 MB/s");
    hv_test_answer(desk, HV_ANSWER_PROGRESS, plan);
}

void
hv_test_show_armed_plan(HvDesk *desk)
{
    HvPlan *plan = hv_test_plan(2);

    hv_test_show_choices(desk);
    hv_test_desk_key(desk, HV_KEY_ENTER);
    hv_test_answer_plan(desk, hv_test_plan(2));
    hv_test_desk_type(desk, "!");
    plan->id = 17;
    plan->state = HV_PLAN_APPLIED;
    plan->confirm = HV_CONFIRM_ARMED;
    plan->confirm_s = 30;
    plan->deadline_ns = HV_TEST_NOW_NS + G_GINT64_CONSTANT(24000000000);
    plan->summary = g_strdup("all 2 steps were made");
    for (guint i = 0; i < 2; i++)
        hv_plan_step(plan, i)->state = HV_OUTCOME_DONE;
    hv_test_answer(desk, HV_ANSWER_OUTCOME, plan);
}

/* gold gets a way at its left edge, qemu-3-web goes one to the right and gets less bandwidth.
 */
void
hv_test_show_cache_edit(HvDesk *desk)
{
    hv_test_desk_type(desk, "g");
    hv_test_desk_type(desk, "jjjj");
    hv_test_desk_key(desk, HV_KEY_LEFT);
    hv_test_desk_type(desk, "jj");
    hv_test_desk_key(desk, HV_KEY_SHIFT_RIGHT);
    hv_test_desk_type(desk, "-");
}

void
hv_test_show_name(HvDesk *desk)
{
    hv_test_show_choices(desk);
    hv_test_desk_key(desk, HV_KEY_ENTER);
    hv_test_answer_plan(desk, hv_test_plan(2));
    hv_test_desk_type(desk, "w");
}
