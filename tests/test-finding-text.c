/* Findings as text: what is printed, folded, left out, and when a host is bad. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/finding-text.h"

#include <string.h>

#include "tests/text-table.h"

#define HEADING                                                                                \
    "finding:key vm:key severity:text evidence:text remedy:text cost_ratio:f64 window_s:f64 "  \
    "quality:text folded:bool"
#define WARNING "far web warning it_is_far a_moves_it 0.4 60 measured 0\n"
#define MAYBE "near db maybe it_is_near a_moves_it 0.2 1 measured 0\n"
#define GUESS "guess db maybe it_looks_near a_moves_it 0.1 1 estimated 0\n"
#define FOLDED "small db note it_is_small a_moves_it 0.001 60 measured 1\n"

static const HvTable *
add(HvTestTables *tables, const char *rows)
{
    hv_test_tables_add(tables, "findings", HEADING, rows);
    return tables->snapshot->tables[tables->snapshot->n_tables - 1];
}

static char *
print(const char *rows, guint most, gboolean with_folded)
{
    g_auto(HvTestTables) tables = { 0 };
    g_autoptr(GString) out = g_string_new(NULL);

    hv_print_findings(out, add(&tables, rows), most, with_folded, TRUE);
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static gboolean
is_bad(const char *rows)
{
    g_auto(HvTestTables) tables = { 0 };

    return hv_findings_are_bad(add(&tables, rows));
}

static void
test_each_has_its_vm_cost_evidence_and_remedy(void)
{
    g_autofree char *text = print(WARNING, 5, FALSE);

    g_assert_cmpstr(text, ==,
                    "  warning  web  0.4  it is far\n"
                    "           a moves it (seen for 1 min)\n");
}

static void
test_folded_ones_are_counted_or_listed(void)
{
    g_autofree char *text = print(WARNING FOLDED FOLDED, 5, FALSE);
    g_autofree char *all = print(WARNING FOLDED, 5, TRUE);

    g_assert_nonnull(strstr(text, "  1 below 2 %, folded: hvtune check --verbose\n"));
    g_assert_null(strstr(text, "it is small"));
    g_assert_nonnull(strstr(all, "it is small"));
    g_assert_null(strstr(all, "folded"));
}

static void
test_what_is_beyond_the_most_is_counted(void)
{
    g_autofree char *text = print(WARNING MAYBE GUESS, 1, FALSE);

    g_assert_nonnull(strstr(text, "  2 more: hvtune check\n"));
    g_assert_null(strstr(text, "it is near"));
}

static void
test_time_is_asked_for_only_where_it_would_help(void)
{
    g_autofree char *maybe = print(MAYBE, 5, FALSE), *guess = print(GUESS, 5, FALSE);

    g_assert_nonnull(strstr(maybe, "--interval 30s"));
    g_assert_null(strstr(guess, "--interval 30s"));
}

static void
test_nothing_is_said_to_be_nothing(void)
{
    g_autofree char *text = print(NULL, 5, FALSE);

    g_assert_cmpstr(text, ==, "  nothing found that costs 2 % or more\n");
}

static void
test_a_host_is_bad_from_a_warning_up(void)
{
    g_assert_false(is_bad(NULL));
    g_assert_false(is_bad(MAYBE GUESS FOLDED));
    g_assert_true(is_bad(MAYBE WARNING));
    g_assert_true(is_bad("far web serious it_is_far a_moves_it 0.4 60 measured 0"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/finding-text/each has its VM, cost, evidence and remedy",
                    test_each_has_its_vm_cost_evidence_and_remedy);
    g_test_add_func("/finding-text/folded ones are counted or listed",
                    test_folded_ones_are_counted_or_listed);
    g_test_add_func("/finding-text/what is beyond the most is counted",
                    test_what_is_beyond_the_most_is_counted);
    g_test_add_func("/finding-text/time is asked for only where it would help",
                    test_time_is_asked_for_only_where_it_would_help);
    g_test_add_func("/finding-text/nothing is said to be nothing",
                    test_nothing_is_said_to_be_nothing);
    g_test_add_func("/finding-text/a host is bad from a warning up",
                    test_a_host_is_bad_from_a_warning_up);
    return g_test_run();
}
