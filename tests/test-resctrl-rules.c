/* What resctrl would refuse is refused before, on simulated machines; and the words for masks.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "tests/resctrl-bench.h"

/* ---- words for masks ---- */

static void
test_masks_have_four_forms(void)
{
    g_auto(Bench) bench;

    bench_begin(&bench, NULL, NULL);
    bench_make_as_root(&bench, "gold");
    bench_assert_parsed(&bench, "resctrl/gold/l3/0=8w", "ff"); /* devices fill the upper two */
    bench_assert_parsed(&bench, "resctrl/gold/l3/0=75%", "1ff");
    bench_assert_parsed(&bench, "resctrl/gold/l3/0=24M", "3f");
    bench_assert_parsed(&bench, "resctrl/gold/l3/0=25M", "7f"); /* whole ways, upwards */
    bench_assert_parsed(&bench, "resctrl/gold/l3/0=f0", "f0");
    bench_write_as_root(&bench, "gold/schemata", "L3:0=0f0\n");
    bench_assert_parsed(&bench, "resctrl/gold/l3/0=2w", "30"); /* from its lower edge */
    bench_assert_parsed(&bench, "resctrl/gold/l3/0=5w", "1f0");
    bench_assert_parsed(&bench, "resctrl/gold/l3/0=7w",
                        "fe"); /* its upper, away from devices' */
    bench_assert_parsed(&bench, "resctrl/gold/l3/0=12w", "fff");
    bench_assert_parsed(&bench, "resctrl/gold/mb/1=33", "40");
    bench_assert_parsed(&bench, "resctrl/gold/mb/1=33%", "40");
    bench_assert_parsed(&bench, "resctrl/new=present resctrl/new/l3/1=4w", "f");

    g_autoptr(HvKnob) knob = hv_knob_parse(hv_tuners, "resctrl/gold/l3/0", NULL);
    const HvValue mask = { .type = HV_TYPE_MASK, .number = 0xff };
    g_autofree char *forms = knob->tuner->forms(bench.host, knob, &mask);

    g_assert_cmpstr(forms, ==, "8 ways, 67 %, 32.0M");
}

/* ---- refused before writing ---- */

typedef struct {
    const char *wishes, *word;
} Refusal;

static void
assert_all_refused(const Bench *bench, const Refusal *refusals, guint n)
{
    g_autofree char *before = bench_digest(bench);

    for (guint i = 0; i < n; i++)
        bench_assert_refused(bench, refusals[i].wishes, refusals[i].word);
    bench_assert_digest(bench, before);
}

static void
test_intel_refuses(void)
{
    static const Refusal refusals[] = {
        { "resctrl/gold/l3/0=1fff", "cbm_mask" },
        { "resctrl/gold/l3/0=0", "min_cbm_bits" },
        { "resctrl/gold/l3/0=5", "has holes" },
        { "resctrl/gold/l3/0=13w", "12 ways" },
        { "resctrl/gold/l3/0=0w", "12 ways" },
        { "resctrl/gold/l3/0=101%", "12 ways" },
        { "resctrl/gold/l3/0=49M", "12 ways" },
        { "resctrl/gold/l3/0=many", "no mask" },
        { "resctrl/gold/l3/7=f", "no such domain" },
        { "resctrl/gold/l3/00=f", "no such domain" },
        { "resctrl/gold/l3code/0=f", "not mounted with cdp" },
        { "resctrl/gold/l2/0=f", "does not allocate L2" },
        { "resctrl/gold/smba/0=8", "does not allocate SMBA" },
        { "resctrl/default/l3/0=1", "at least 2" },
        { "resctrl/gold/mb/0=9", "min_bandwidth" },
        { "resctrl/gold/mb/0=101", "out of range" },
        { "resctrl/gold/mb/0=x", "whole number" },
        { "resctrl/none/mb/0=50", "no such group" },
        { "resctrl/info=present", "has that name" },
        { "resctrl/mon_groups=present", "has that name" },
        { "resctrl/tasks=present", "file of that name" },
        { "resctrl/a%2Fb=present", "no slash" },
        { "resctrl/a%0Ab=present", "no newline" },
        { "resctrl/default=absent", "cannot be removed" },
        { "vm/ps-1/group=none", "no such group" },
        { "resctrl/gold=absent resctrl/gold/mb/0=50", "removes the group" },
        { "resctrl/gold=absent vm/ps-1/group=gold", "removes group" },
        { "resctrl/*/mb/0=50", "named in full" },
        { "resctrl/*=absent", "" },
    };
    g_auto(Bench) bench;

    bench_begin(&bench, NULL, NULL);
    bench_make_as_root(&bench, "gold");
    bench_make_as_root(&bench, "qemu-7-web1-vcpus_0-3");
    assert_all_refused(&bench, refusals, G_N_ELEMENTS(refusals));
}

static void
test_amd_and_cdp_refuse(void)
{
    static const Refusal amd[] = {
        { "resctrl/gold/mb/0=30%", "eighths of GB/s" },
        { "resctrl/gold/mb/0=2049", "out of range" },
        { "resctrl/gold/l3/0=10000", "cbm_mask" },
        { "resctrl/gold/l3/99=f", "no such domain" },
        { "resctrl/default/l3/0=0", "at least 2" },
    };
    static const Refusal cdp[] = {
        { "resctrl/gold/l3/0=f", "l3code or l3data" },
        { "resctrl/gold/l3data/0=1001", "cbm_mask" },
    };
    g_auto(Bench) bench_amd;
    g_auto(Bench) bench_cdp;

    bench_begin(&bench_amd, "amd", NULL);
    bench_make_as_root(&bench_amd, "gold");
    assert_all_refused(&bench_amd, amd, G_N_ELEMENTS(amd));
    bench_begin(&bench_cdp, "cdp", NULL);
    bench_make_as_root(&bench_cdp, "gold");
    assert_all_refused(&bench_cdp, cdp, G_N_ELEMENTS(cdp));
}

static void
test_classes_are_counted(void)
{
    g_auto(Bench) bench;

    bench_begin(&bench, NULL, NULL);
    for (guint i = 0; i < 6; i++) { /* with the default 7 of 8 */
        g_autofree char *name = g_strdup_printf("g%u", i);

        bench_make_as_root(&bench, name);
    }
    bench_assert_refused(&bench, "resctrl/a=present resctrl/b=present", "CLOSID");
    bench_assert_set(&bench, "resctrl/a=present");
    bench_assert_refused(&bench, "resctrl/b=present", "CLOSID");
    bench_assert_set(&bench,
                     "resctrl/g0=absent resctrl/b=present"); /* one makes room for another */
}

/* The exclusive group's side and the other's, and steps before taken into account. */
static void
test_exclusive_groups(void)
{
    g_auto(Bench) bench;

    bench_begin(&bench, NULL, NULL);
    bench_make_as_root(&bench, "sole");
    bench_make_as_root(&bench, "other");
    bench_write_as_root(&bench, "schemata", "L3:0=00f;1=00f\n");
    bench_write_as_root(&bench, "other/schemata", "L3:0=00f;1=00f\n");
    bench_write_as_root(&bench, "sole/schemata", "L3:0=0f0;1=0f0\n");
    bench_write_as_root(&bench, "sole/mode", "exclusive\n");
    bench_assert_refused(&bench, "resctrl/other/l3/0=3f", "sole too, which is exclusive");
    bench_assert_refused(&bench, "resctrl/sole/l3/0=f8", "this group is exclusive");
    bench_assert_refused(&bench, "resctrl/sole/l3/0=ff0", "devices fill");
    bench_assert_set(&bench,
                     "resctrl/default/l3/0=7 resctrl/other/l3/0=7 resctrl/sole/l3/0=f8");
    bench_assert_refused(&bench, "resctrl/other/l3/0=f", "exclusive");
    g_autoptr(HvPlan) plan = bench_plan_of(&bench, "resctrl/sole=absent", NULL);

    g_assert_cmpint(hv_plan_undo_of(plan), ==, HV_UNDO_NEAR);
}

#define ADD(name, function) g_test_add_func("/resctrl-rules/" name, function)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("masks-have-four-forms", test_masks_have_four_forms);
    ADD("intels-rules-are-checked-before-writing", test_intel_refuses);
    ADD("amds-and-cdps-too", test_amd_and_cdp_refuse);
    ADD("classes-are-counted", test_classes_are_counted);
    ADD("exclusive-groups-do-not-overlap", test_exclusive_groups);
    return g_test_run();
}
