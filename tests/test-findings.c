/* The engine of findings: since when, how sure, in which order; with rules of the test's own.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "advice/findings.h"

#include <math.h>
#include <string.h>

#include "tests/probe-run.h"
#include "tests/vm-tree.h"

#define S G_GINT64_CONSTANT(1000000000)
#define MAX_SAID 4

/* What the rules say in the next run. */
static HvRuleFinding said[MAX_SAID], always_said[MAX_SAID];
static guint n_said, n_always_said, n_runs;

static void
run_plain(const HvSnapshot *snapshot G_GNUC_UNUSED, HvRuleOut *out)
{
    n_runs++;
    for (guint i = 0; i < n_said; i++)
        hv_rule_say(out, &said[i]);
}

static void
run_always(const HvSnapshot *snapshot G_GNUC_UNUSED, HvRuleOut *out)
{
    for (guint i = 0; i < n_always_said; i++)
        hv_rule_say(out, &always_said[i]);
}

static const HvRule plain = { .name = "plain", .run = run_plain };
static const HvRule always = { .name = "always", .always = TRUE, .run = run_always };
static const HvRule *const rules[] = { &plain, &always, NULL };

/* An engine and the table that it fills. */
typedef struct {
    HvFindings *findings;
    HvStore *store;
    HvSnapshot *snapshot;
    HvTable *table;
} Bench;

static void
setup(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    bench->findings = hv_findings_new(rules);
    bench->store = hv_store_new(&hv_findings_schema);
    bench->snapshot = hv_snapshot_new();
    n_said = n_always_said = n_runs = 0;
    said[0] = always_said[0] = (HvRuleFinding){ .vm = "web",
                                                .cost_ratio = 0.1,
                                                .quality = HV_MARK_MEASURED,
                                                .evidence = "it is slow",
                                                .remedy = "a mends it",
                                                .key = 'a' };
}

static void
teardown(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    hv_findings_free(bench->findings);
    hv_store_free(bench->store);
    hv_snapshot_unref(bench->snapshot);
}

static gboolean
run_at(Bench *bench, double second)
{
    HvSink *sink;
    gboolean ran;

    bench->snapshot->monotonic_ns = (gint64)(second * (double)S) + 1000 * S;
    bench->snapshot->time_ns = bench->snapshot->monotonic_ns + 5000 * S;
    sink = hv_sink_begin(&bench->store, 1, bench->snapshot->monotonic_ns);
    ran = hv_findings_run(bench->findings, bench->snapshot, sink);
    hv_sink_end(sink, ran);
    bench->table = hv_store_table(bench->store);
    return ran;
}

static void
run_seconds(Bench *bench, guint first, guint last)
{
    for (guint second = first; second <= last; second++)
        g_assert_true(run_at(bench, second));
}

static const char *
severity(const Bench *bench, const char *key)
{
    return hv_test_text(bench->table, key, "severity");
}

static void
test_a_finding_is_a_maybe_until_it_has_held_for_30_s(Bench *bench,
                                                     gconstpointer data G_GNUC_UNUSED)
{
    run_at(bench, 0);
    g_assert_cmpuint(hv_table_n_rows(bench->table), ==, 0);
    n_said = 1;
    run_at(bench, 1);
    g_assert_cmpstr(severity(bench, "plain/web/"), ==, "maybe");
    hv_test_assert_near(hv_test_number(bench->table, "plain/web/", "window_s"), 1);
    run_seconds(bench, 2, 29);
    g_assert_cmpstr(severity(bench, "plain/web/"), ==, "maybe");
    run_at(bench, 30);
    g_assert_cmpstr(severity(bench, "plain/web/"), ==, "warning");
    hv_test_assert_near(hv_test_number(bench->table, "plain/web/", "window_s"), 30);
    hv_test_assert_near(hv_test_number(bench->table, "plain/web/", "since_ns"),
                        6000.0 * (double)S);
    said[0].serious = TRUE;
    run_at(bench, 31);
    g_assert_cmpstr(severity(bench, "plain/web/"), ==, "serious");
}

static void
test_two_samples_30_s_apart_are_a_full_window(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    run_at(bench, 0);
    n_said = 1;
    run_at(bench, 30);
    g_assert_cmpstr(severity(bench, "plain/web/"), ==, "warning");
}

static void
test_a_single_look_has_no_window(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    n_said = 1;
    run_at(bench, 0);
    g_assert_cmpstr(severity(bench, "plain/web/"), ==, "maybe");
    hv_test_assert_near(hv_test_number(bench->table, "plain/web/", "window_s"), 0);
}

static void
test_an_estimate_stays_a_maybe(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    n_said = 1;
    said[0].quality = HV_MARK_ESTIMATED;
    said[0].serious = TRUE;
    run_seconds(bench, 0, 40);
    g_assert_cmpstr(severity(bench, "plain/web/"), ==, "maybe");
    g_assert_cmpstr(hv_test_text(bench->table, "plain/web/", "quality"), ==, "estimated");
    said[0].quality = HV_MARK_SCALED;
    run_at(bench, 41);
    g_assert_cmpstr(severity(bench, "plain/web/"), ==, "serious");
}

static void
test_a_rule_marked_always_needs_no_window(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    n_always_said = 1;
    run_at(bench, 0);
    g_assert_cmpstr(severity(bench, "always/web/"), ==, "warning");
    n_always_said = 0;
    run_at(bench, 1);
    g_assert_cmpuint(hv_table_n_rows(bench->table), ==, 0);
}

static void
test_below_2_percent_it_is_a_folded_note(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    n_always_said = 1;
    always_said[0].cost_ratio = 0.019;
    run_at(bench, 0);
    g_assert_cmpstr(severity(bench, "always/web/"), ==, "note");
    hv_test_assert_near(hv_test_number(bench->table, "always/web/", "folded"), 1);
}

static void
test_a_note_is_never_more(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    n_always_said = 1;
    always_said[0].note = TRUE;
    always_said[0].cost_ratio = (double)NAN;
    run_at(bench, 0);
    g_assert_cmpstr(severity(bench, "always/web/"), ==, "note");
    hv_test_assert_near(hv_test_number(bench->table, "always/web/", "folded"), 0);
    g_assert_cmpint(hv_test_mark(bench->table, "always/web/", "cost_ratio"), ==,
                    HV_MARK_ABSENT);
}

static void
test_a_gap_of_3_s_does_not_end_it_and_a_longer_one_does(Bench *bench,
                                                        gconstpointer data G_GNUC_UNUSED)
{
    n_said = 1;
    run_seconds(bench, 0, 40);
    n_said = 0;
    run_seconds(bench, 41, 43);
    g_assert_cmpstr(severity(bench, "plain/web/"), ==, "warning");
    n_said = 1;
    run_at(bench, 44);
    g_assert_cmpstr(severity(bench, "plain/web/"), ==, "warning");
    n_said = 0;
    run_seconds(bench, 45, 48);
    g_assert_cmpuint(hv_table_n_rows(bench->table), ==, 0);
    n_said = 1;
    run_at(bench, 49);
    g_assert_cmpstr(severity(bench, "plain/web/"), ==, "maybe");
}

static void
test_the_costliest_comes_first_and_folded_ones_last(Bench *bench,
                                                    gconstpointer data G_GNUC_UNUSED)
{
    static const char *const expected[] = { "plain/dear/", "plain/web/", "always/unknown/",
                                            "plain/cheap/" };

    n_said = 3;
    said[1] = said[2] = said[0];
    said[0].vm = "cheap";
    said[0].cost_ratio = 0.001;
    said[1].cost_ratio = 0.2;
    said[2].vm = "dear";
    said[2].cost_ratio = 0.5;
    n_always_said = 1;
    always_said[0].vm = "unknown";
    always_said[0].cost_ratio = (double)NAN;
    run_at(bench, 0);
    g_assert_cmpuint(hv_table_n_rows(bench->table), ==, G_N_ELEMENTS(expected));
    for (guint i = 0; i < G_N_ELEMENTS(expected); i++)
        g_assert_cmpstr(hv_table_row_key(bench->table, i), ==, expected[i]);
}

static void
test_rules_run_once_a_second_at_most(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    n_said = 1;
    g_assert_true(run_at(bench, 0));
    g_assert_false(run_at(bench, 0.25));
    g_assert_false(run_at(bench, 0.5));
    g_assert_cmpuint(hv_table_n_rows(bench->table), ==, 1);
    g_assert_true(run_at(bench, 1));
    g_assert_cmpuint(n_runs, ==, 2);
}

static void
test_cost_is_a_mean_that_forgets(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    double cost;

    n_said = 1;
    run_seconds(bench, 0, 5);
    said[0].cost_ratio = 0.5;
    run_at(bench, 6);
    cost = hv_test_number(bench->table, "plain/web/", "cost_ratio");
    g_assert_cmpfloat(cost, >, 0.1);
    g_assert_cmpfloat(cost, <, 0.2);
    run_seconds(bench, 7, 66);
    cost = hv_test_number(bench->table, "plain/web/", "cost_ratio");
    g_assert_cmpfloat(fabs(cost - 0.5), <, 0.01);
}

static void
test_of_one_vm_several_are_told_apart(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    n_said = 2;
    said[1] = said[0];
    said[0].what = "vcpu 1";
    said[1].what = "vcpu 2";
    run_at(bench, 0);
    g_assert_cmpuint(hv_table_n_rows(bench->table), ==, 2);
    g_assert_cmpstr(severity(bench, "plain/web/vcpu%201"), ==, "maybe");
}

static void
test_texts_key_and_vm_are_as_said(Bench *bench, gconstpointer data G_GNUC_UNUSED)
{
    n_said = 1;
    run_at(bench, 0);
    said[0].evidence = "it is slower";
    run_at(bench, 1);
    g_assert_cmpstr(hv_test_text(bench->table, "plain/web/", "evidence"), ==, "it is slower");
    g_assert_cmpstr(hv_test_text(bench->table, "plain/web/", "remedy"), ==, "a mends it");
    g_assert_cmpstr(hv_test_text(bench->table, "plain/web/", "key"), ==, "a");
    said[0].vm = NULL;
    said[0].key = 0;
    run_at(bench, 2);
    g_assert_null(hv_test_text(bench->table, "plain//", "key"));
}

#define ADD(name, test) g_test_add("/findings/" name, Bench, NULL, setup, test, teardown)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("a finding is a maybe until it has held for 30 s",
        test_a_finding_is_a_maybe_until_it_has_held_for_30_s);
    ADD("two samples 30 s apart are a full window",
        test_two_samples_30_s_apart_are_a_full_window);
    ADD("a single look has no window", test_a_single_look_has_no_window);
    ADD("an estimate stays a maybe", test_an_estimate_stays_a_maybe);
    ADD("a rule marked always needs no window", test_a_rule_marked_always_needs_no_window);
    ADD("below 2 % it is a folded note", test_below_2_percent_it_is_a_folded_note);
    ADD("a note is never more", test_a_note_is_never_more);
    ADD("a gap of 3 s does not end it, a longer one does",
        test_a_gap_of_3_s_does_not_end_it_and_a_longer_one_does);
    ADD("the costliest comes first, folded ones last",
        test_the_costliest_comes_first_and_folded_ones_last);
    ADD("rules run once a second at most", test_rules_run_once_a_second_at_most);
    ADD("cost is a mean that forgets", test_cost_is_a_mean_that_forgets);
    ADD("of one VM several are told apart", test_of_one_vm_several_are_told_apart);
    ADD("texts, key and VM are as said", test_texts_key_and_vm_are_as_said);
    return g_test_run();
}
