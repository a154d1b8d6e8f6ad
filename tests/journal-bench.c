/* What tests of the journal share: two private directories, and plans to write into it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/journal-bench.h"

void
journal_setup(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    g_unsetenv("STATE_DIRECTORY");
    bench->tree = hv_test_tree_new();
    bench->first = g_build_filename(bench->tree->path, "lib", "hvtune", NULL);
    bench->second = g_build_filename(bench->tree->path, "run", "hvtune", NULL);
}

void
journal_teardown(JournalBench *bench, gconstpointer data G_GNUC_UNUSED)
{
    hv_test_tree_free(bench->tree);
    g_free(bench->first);
    g_free(bench->second);
}

HvPlan *
journal_plan(const char *knob)
{
    HvPlan *plan = hv_plan_new(HV_PLAN_SET, "set something");
    HvStep *step = hv_step_new(knob);

    g_assert_true(hv_value_parse(&step->before, HV_TYPE_CPUS, NULL, "0-3", NULL));
    g_assert_true(hv_value_parse(&step->after, HV_TYPE_CPUS, NULL, "1", NULL));
    step->persist = TRUE;
    step->persist_before = g_strdup("<secret/>");
    step->shell_line = g_strdup("virsh vcpupin web1 0 1");
    step->subject.guest_name = g_strdup("web1");
    step->subject.guest_uuid = g_strdup("u");
    step->subject.pid = 4711;
    step->subject.start_ticks = G_MAXINT64;
    g_ptr_array_add(plan->steps, step);
    g_ptr_array_add(plan->notes, g_strdup("one"));
    g_ptr_array_add(plan->notes, g_strdup("two"));
    plan->state = HV_PLAN_APPLYING;
    plan->machine_id = g_strdup("m");
    plan->boot_id = g_strdup("b");
    plan->who = g_strdup("root on pts/3");
    return plan;
}

guint64
journal_begin(HvJournal *journal, HvPlan *plan)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(hv_journal_begin(journal, plan, 1700000000000000000, &error));
    g_assert_no_error(error);
    return plan->id;
}

void
journal_end(HvJournal *journal, HvPlan *plan)
{
    g_autoptr(GError) error = NULL;

    hv_plan_step(plan, 0)->state = HV_OUTCOME_DONE;
    plan->state = HV_PLAN_APPLIED;
    g_assert_true(hv_journal_end(journal, plan, &error));
    g_assert_no_error(error);
}

guint64
journal_add(HvJournal *journal, const char *knob)
{
    g_autoptr(HvPlan) plan = journal_plan(knob);

    journal_begin(journal, plan);
    journal_end(journal, plan);
    return plan->id;
}

HvJournal *
journal_open(const JournalBench *bench)
{
    g_autoptr(GError) error = NULL;
    HvJournal *journal =
        hv_journal_open_patient(bench->first, bench->second, JOURNAL_PATIENCE_MS, &error);

    g_assert_no_error(error);
    return journal;
}

guint
journal_count(HvJournal *journal)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) plans = hv_journal_read(journal, 0, &error);

    g_assert_no_error(error);
    return plans->len;
}
