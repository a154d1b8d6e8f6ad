/* The rule "contested", and the words that make a guard a unit of systemd's. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/spawn.h"
#include "tests/rule-run.h"

extern const HvRule hv_rule_contested;

#define CONTESTED "knob:key plan:u64 expected:text present:text by:text"

static void
test_it_names_knob_values_and_changer(void)
{
    g_auto(HvTestRule) rule = { 0 };

    hv_test_tables_add(&rule.tables, "contested", CONTESTED, "irq/24/cpus 3 5 0-3 irqbalance");
    g_assert_cmpuint(hv_test_rule_run(&rule, &hv_rule_contested), ==, 1);
    g_assert_cmpstr(hv_test_rule_evidence(&rule, NULL), ==,
                    "irq/24/cpus is 0-3, no longer the 5 that hvtune left: irqbalance changed "
                    "it; knobs changed so: 1");
    g_assert_cmpstr(hv_test_rule_remedy(&rule, NULL), ==,
                    "hvtune set irq/24/cpus=5, once it is known who changes it");
}

static void
test_it_is_silent_where_all_is_as_left(void)
{
    g_auto(HvTestRule) rule = { 0 };

    hv_test_tables_add(&rule.tables, "contested", CONTESTED, "");
    g_assert_cmpuint(hv_test_rule_run(&rule, &hv_rule_contested), ==, 0);
}

static void
assert_words(gboolean is_user, const char *wanted)
{
    const char *const argv[] = { "/usr/bin/hvtune", "guard", "17", NULL };
    const char *const environment[] = { "STATE_DIRECTORY=/a b", NULL };
    g_auto(GStrv) words =
        hv_spawn_unit_command("hvtune-guard-17-9", is_user, argv, environment);
    g_autofree char *joined = g_strjoinv("|", words);

    g_assert_cmpstr(joined, ==, wanted);
}

static void
test_a_unit_is_a_collected_service(void)
{
    assert_words(FALSE, "systemd-run|--quiet|--no-ask-password|--collect|--service-type=exec|"
                        "--unit=hvtune-guard-17-9|--setenv=STATE_DIRECTORY=/a b|--|"
                        "/usr/bin/hvtune|guard|17");
    assert_words(TRUE, "systemd-run|--user|--quiet|--no-ask-password|--collect|"
                       "--service-type=exec|--unit=hvtune-guard-17-9|"
                       "--setenv=STATE_DIRECTORY=/a b|--|/usr/bin/hvtune|guard|17");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/contested/names-knob-values-and-changer",
                    test_it_names_knob_values_and_changer);
    g_test_add_func("/contested/is-silent-where-all-is-as-left",
                    test_it_is_silent_where_all_is_as_left);
    g_test_add_func("/guard/is-a-collected-service", test_a_unit_is_a_collected_service);
    return g_test_run();
}
