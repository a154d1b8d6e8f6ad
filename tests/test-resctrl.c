/* The tables of resctrl on captures, on private trees, and where there is none; the caches made
 * of them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "model/derive.h"
#include "probes/resctrl-choose.h"
#include "tests/probe-run.h"
#include "tests/resctrl-run.h"
#include "tests/support.h"
#include "tests/text-table.h"
#include "tests/vm-tree.h"

#define S G_GINT64_CONSTANT(1000000000)

extern const HvProbe hv_probe_resctrl;
extern const HvDerive hv_derive_llc;

static HvTable *
table_of(const HvTestResctrl *run, const char *name)
{
    return hv_test_resctrl_table(run, name);
}

/* ---- captures ---- */

/* FALSE, and the test is skipped, where the capture is not. */
static gboolean
open_capture(HvTestResctrl *run, const char *name)
{
    g_autofree char *path = hv_test_shared_path(name);

    if (!path) {
        g_test_skip(HV_TEST_NO_SHARED);
        return FALSE;
    }
    hv_test_resctrl_tree(run, path);
    hv_test_resctrl_sample(run, 0);
    return TRUE;
}

static void
test_every_capture_is_read(void)
{
    static const struct {
        const char *name;
        guint n_groups, n_mons, n_llcs;
        const char *mb_unit;
    } captures[] = {
        { "hosts/host/rdt-spr-2s-48-mbamb", 1, 1, 2, "MB/s" },
        { "hosts/host/rdt-2s-12-l3mb", 2, 2, 0, "percent" },
        { "hosts/host/rdt-4s-groups", 5, 12, 4, "percent" },
        { "hosts/host/rdt-2s-40c-l2l3mb", 1, 1, 0, "percent" },
        { "hosts/host/rdt-4s-nol3", 1, 1, 4, "percent" },
        { "hosts/host/rdt-4s-nomb", 1, 1, 4, NULL },
        { "lab/capture/intel-2s", 3, 5, 2, "percent" },
        { "lab/capture/amd-2s", 3, 5, 2, "1/8 GB/s" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(captures); i++) {
        g_auto(HvTestResctrl) run = { 0 };

        if (!open_capture(&run, captures[i].name))
            return;
        g_test_message("%s", captures[i].name);
        g_assert_cmpstr(hv_test_text(table_of(&run, "resctrl"), NULL, "mb_unit"), ==,
                        captures[i].mb_unit);
        g_assert_cmpuint(hv_table_n_rows(table_of(&run, "resctrl_groups")), ==,
                         captures[i].n_groups);
        g_assert_cmpuint(hv_table_n_rows(table_of(&run, "resctrl_mon")), ==,
                         captures[i].n_mons * captures[i].n_llcs);
    }
}

static void
test_bandwidth_in_mb_per_s_is_told(void)
{
    g_auto(HvTestResctrl) run = { 0 };
    HvTable *domains;

    if (!open_capture(&run, "hosts/host/rdt-spr-2s-48-mbamb"))
        return;
    domains = table_of(&run, "resctrl_domains");
    g_assert_cmpfloat(hv_test_number(domains, "default/MB/1", "limit"), ==, 4294967295.0);
    g_assert_cmpint(hv_test_mark(domains, "default/MB/1", "mask"), ==, HV_MARK_ABSENT);
    g_assert_cmpstr(hv_test_text(domains, "default/L2/64", "value"), ==, "ffff");
    g_assert_cmpfloat(hv_test_number(domains, "default/L3/0", "size_bytes"), ==, 31457280);
    g_assert_cmpfloat(hv_test_number(table_of(&run, "resctrl_info"), "L3", "n_ways"), ==, 15);
    g_assert_cmpfloat(hv_test_number(table_of(&run, "resctrl_info"), "L3", "shareable_mask"),
                      ==, 0x6000);
    g_assert_cmpfloat(hv_test_number(table_of(&run, "resctrl"), NULL, "n_closids"), ==, 8);
}

static void
test_vms_of_the_lab_are_in_their_groups(void)
{
    g_auto(HvTestResctrl) run = { 0 };
    HvTable *vcpus, *mon;

    if (!open_capture(&run, "lab/capture/intel-2s"))
        return;
    vcpus = table_of(&run, "vm_groups");
    g_assert_cmpstr(hv_test_text(vcpus, "batch/0", "group"), ==, "bulk");
    g_assert_cmpstr(hv_test_text(vcpus, "batch/1", "mon"), ==, "batch");
    g_assert_cmpstr(hv_test_text(vcpus, "web/0", "group"), ==, "latency");
    mon = table_of(&run, "resctrl_mon");
    g_assert_cmpstr(hv_test_text(mon, "latency/web/0", "vm"), ==, "web");
    g_assert_cmpfloat(hv_test_number(mon, "latency/web/0", "whole"), ==, 1);
    g_assert_cmpstr(hv_test_text(table_of(&run, "resctrl_groups"), "latency", "owner"), ==,
                    "unknown");
}

/* ---- private trees ---- */

#define RESCTRL "sys/fs/resctrl/"

static void
add_group(const HvTestTree *tree, const char *group, const char *tasks)
{
    static const char *const texts[][2] = { { "mode", "shareable\n" },
                                            { "cpus_list", "\n" },
                                            { "schemata", "    L3:0=ff;1=0f\n" },
                                            { "size", "    L3:0=8192;1=4096\n" } };
    g_autofree char *tasks_path = g_strconcat(RESCTRL, group, "tasks", NULL);

    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *path = g_strconcat(RESCTRL, group, texts[i][0], NULL);

        hv_test_tree_write(tree, path, texts[i][1]);
    }
    for (guint llc = 0; llc < 2; llc++) {
        for (guint event = 0; event < 3; event++) {
            static const char *const names[] = { "llc_occupancy", "mbm_total_bytes",
                                                 "mbm_local_bytes" };
            g_autofree char *path =
                g_strdup_printf(RESCTRL "%smon_data/mon_L3_%02u/%s", group, llc, names[event]);

            hv_test_tree_printf(tree, path, "%u\n", 100 * (llc + 1) + event);
        }
    }
    hv_test_tree_write(tree, tasks_path, tasks);
}

static HvTestTree *
make_tree(void)
{
    HvTestTree *tree = hv_test_tree_new();

    hv_test_host_add(tree, 2, 4);
    hv_test_tree_write(tree, "proc/mounts", "resctrl /sys/fs/resctrl resctrl rw,cdp 0 0\n");
    hv_test_tree_write(tree, RESCTRL "info/L3/cbm_mask", "ff\n");
    hv_test_tree_write(tree, RESCTRL "info/L3/num_closids", "16\n");
    hv_test_tree_write(tree, RESCTRL "info/L3_MON/num_rmids", "32\n");
    hv_test_tree_write(tree, RESCTRL "info/L3_MON/mon_features",
                       "llc_occupancy\nmbm_total_bytes\n");
    add_group(tree, "", "1\n2\n3\n");
    return tree;
}

static void
test_one_domain_that_fails_fails_alone(void)
{
    g_autoptr(HvTestTree) tree = make_tree();
    g_auto(HvTestResctrl) run = { 0 };
    HvTable *mon;

    hv_test_rewrite(tree, RESCTRL "mon_data/mon_L3_00/mbm_total_bytes", "Unavailable\n");
    hv_test_rewrite(tree, RESCTRL "mon_data/mon_L3_00/mbm_local_bytes", "Error\n");
    hv_test_tree_remove(tree, RESCTRL "mon_data/mon_L3_00/llc_occupancy");
    hv_test_resctrl_tree(&run, tree->path);
    hv_test_resctrl_sample(&run, 0);
    mon = table_of(&run, "resctrl_mon");
    g_assert_cmpint(hv_test_mark(mon, "default//0", "total_bytes"), ==, HV_MARK_UNAVAILABLE);
    g_assert_cmpint(hv_test_mark(mon, "default//0", "local_bytes"), ==, HV_MARK_FAILED);
    g_assert_cmpint(hv_test_mark(mon, "default//0", "occupancy_bytes"), ==, HV_MARK_ABSENT);
    g_assert_cmpfloat(hv_test_number(mon, "default//1", "occupancy_bytes"), ==, 200);
    g_assert_cmpfloat(hv_test_number(mon, "default//1", "total_bytes"), ==, 201);
}

static void
test_parts_of_a_cluster_are_not_counted_twice(void)
{
    g_autoptr(HvTestTree) tree = make_tree();
    g_auto(HvTestResctrl) run = { 0 };

    hv_test_tree_write(tree, RESCTRL "mon_data/mon_L3_00/mon_sub_L3_00/mbm_total_bytes",
                       "60\n");
    hv_test_tree_write(tree, RESCTRL "mon_data/mon_L3_00/mon_sub_L3_01/mbm_total_bytes",
                       "41\n");
    hv_test_tree_write(tree, RESCTRL "mon_data/mon_PERF_PKG_00/core_energy", "1\n");
    hv_test_resctrl_tree(&run, tree->path);
    hv_test_resctrl_sample(&run, 0);
    g_assert_cmpuint(hv_table_n_rows(table_of(&run, "resctrl_mon")), ==, 2);
    g_assert_cmpfloat(
        hv_test_number(table_of(&run, "resctrl_mon"), "default//0", "total_bytes"), ==, 101);
}

static void
test_libvirts_group_is_the_vms(void)
{
    g_autoptr(HvTestTree) tree = make_tree();
    g_auto(HvTestResctrl) run = { 0 };
    HvTable *mon;

    hv_test_vm_add(tree, 500, "web", 2);
    add_group(tree, "qemu-3-web-vcpus_0-1/", "501\n502\n");
    hv_test_resctrl_tree(&run, tree->path);
    hv_test_resctrl_sample(&run, 0);
    mon = table_of(&run, "resctrl_mon");
    g_assert_cmpstr(
        hv_test_text(table_of(&run, "resctrl_groups"), "qemu-3-web-vcpus_0-1", "owner"), ==,
        "libvirt");
    g_assert_cmpstr(hv_test_text(mon, "qemu-3-web-vcpus_0-1//0", "vm"), ==, "web");
    g_assert_cmpstr(hv_test_text(table_of(&run, "vm_groups"), "web/1", "group"), ==,
                    "qemu-3-web-vcpus_0-1");
}

static void
test_a_strangers_thread_makes_a_group_nobodys(void)
{
    g_autoptr(HvTestTree) tree = make_tree();
    g_auto(HvTestResctrl) run = { 0 };

    hv_test_vm_add(tree, 500, "web", 2);
    hv_test_tree_write(tree, "proc/77/comm", "other\n");
    add_group(tree, "gold/", "501\n502\n77\n");
    hv_test_resctrl_tree(&run, tree->path);
    hv_test_resctrl_sample(&run, 0);
    g_assert_null(hv_test_text(table_of(&run, "resctrl_mon"), "gold//0", "vm"));
    g_assert_cmpstr(hv_test_text(table_of(&run, "vm_groups"), "web/1", "group"), ==, "gold");
}

static void
test_counters_that_can_be_assigned_are_told(void)
{
    g_autoptr(HvTestTree) tree = make_tree();
    g_auto(HvTestResctrl) run = { 0 };
    HvTable *resctrl;

    hv_test_tree_write(tree, RESCTRL "info/L3_MON/mbm_assign_mode", "[mbm_event]\ndefault\n");
    hv_test_tree_write(tree, RESCTRL "info/L3_MON/num_mbm_cntrs", "0=32;1=32\n");
    hv_test_tree_write(tree, RESCTRL "info/L3_MON/available_mbm_cntrs", "0=30;1=28\n");
    hv_test_resctrl_tree(&run, tree->path);
    hv_test_resctrl_sample(&run, 0);
    resctrl = table_of(&run, "resctrl");
    g_assert_cmpfloat(hv_test_number(resctrl, NULL, "n_counters"), ==, 32);
    g_assert_cmpfloat(hv_test_number(resctrl, NULL, "counters_used"), ==, 4);
    g_assert_cmpstr(hv_test_text(resctrl, NULL, "options"), ==, "rw,cdp");
}

/* ---- where there is none ---- */

static void
assert_absent(const char *filesystems, const char *flags, const char *why, const char *cure)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_auto(HvTestResctrl) run = { 0 };

    hv_test_host_add(tree, 1, 2);
    if (filesystems)
        hv_test_tree_write(tree, "proc/filesystems", filesystems);
    if (flags)
        hv_test_tree_printf(tree, "proc/cpuinfo", "processor\t: 0\nflags\t\t: %s\n\n", flags);
    hv_test_resctrl_tree(&run, tree->path);
    g_assert_error(run.error, HV_ERROR, HV_ERROR_ABSENT);
    g_assert_cmpstr(run.error->message, ==, why);
    g_assert_cmpstr(hv_probe_resctrl.cure(run.host, run.error), ==, cure);
}

static void
test_where_it_is_not_the_reason_and_the_cure_are_told(void)
{
    assert_absent("nodev\tresctrl\n", NULL, "resctrl is not mounted",
                  "mount -t resctrl resctrl /sys/fs/resctrl");
    assert_absent("nodev\tproc\n", "fpu rdt_a mba",
                  "the cpu has RDT or QoS, but this kernel offers no resctrl",
                  "boot a kernel with CONFIG_X86_CPU_RESCTRL, without rdt=! on its command "
                  "line");
    assert_absent("nodev\tproc\n", "fpu mbaa xcat_l3",
                  "this cpu has neither RDT nor QoS monitoring or allocation", NULL);
    assert_absent(NULL, NULL, "there is no resctrl here", NULL);
}

/* ---- who is counted ---- */

static void
assert_chosen(const HvResctrlCandidate *candidates, guint n, const char *expected)
{
    g_autofree char *found = g_strnfill(n, '-');

    for (guint i = 0; i < n; i++)
        if (candidates[i].is_chosen)
            found[i] = 'x';
    g_assert_cmpstr(found, ==, expected);
}

static void
test_who_is_looked_at_comes_first_then_the_worst(void)
{
    HvResctrlCandidate candidates[] = {
        { .n_groups = 1, .rank = 1 },           { .n_groups = 1, .rank = 9 },
        { .n_groups = 1, .is_wanted = TRUE },   { .n_groups = 1, .rank = 5 },
        { .n_groups = 1, .counted_ns = 5 * S }, { .n_groups = 1, .counted_ns = 1 * S },
    };

    hv_resctrl_choose(candidates, 6, 6, 100 * S);
    assert_chosen(candidates, 6, "xxxxxx");
    hv_resctrl_choose(candidates, 6, 4, 100 * S); /* one of four takes turns */
    assert_chosen(candidates, 6, "xxxx--");
    candidates[0].counted_ns = 2 * S;
    hv_resctrl_choose(candidates, 6, 4, 100 * S);
    assert_chosen(candidates, 6, "-xxx-x");
    hv_resctrl_choose(candidates, 6, 0, 100 * S);
    assert_chosen(candidates, 6, "------");
}

static void
test_a_turn_lasts_its_time(void)
{
    HvResctrlCandidate candidates[] = {
        { .n_groups = 1, .held_ns = 95 * S, .counted_ns = 99 * S },
        { .n_groups = 1, .counted_ns = 1 * S },
    };

    hv_resctrl_choose(candidates, 2, 1, 100 * S);
    assert_chosen(candidates, 2, "x-");
    hv_resctrl_choose(candidates, 2, 1, 95 * S + HV_RESCTRL_HOLD_NS);
    assert_chosen(candidates, 2, "-x");
}

/* ---- caches ---- */

#define MON                                                                                    \
    "group:key mon:key llc:id vm:text occupancy_bytes:u64 total_bytes_per_s:f64 "              \
    "local_bytes_per_s:f64 age_s:f64 warming:bool"
#define DOMAINS "group:key resource:key domain:id value:text mask:u64 size_bytes:u64"

static void
add_caches(HvTestTables *tables)
{
    hv_test_tables_add(tables, "resctrl_groups", "group:key owner:text",
                       "default default\ngold unknown");
    hv_test_tables_add(tables, "resctrl_info", "resource:key n_ways:u64", "L3 8");
    hv_test_tables_add(tables, "resctrl_domains", DOMAINS,
                       "default L3 0 f0 240 4000\ndefault MB 0 100 - -\n"
                       "gold L3 0 3 3 2000\ngold MB 0 40 - -");
}

static void
test_a_cache_is_told_by_group_and_by_vm(void)
{
    g_auto(HvTestTables) tables = { 0 };
    HvTable *llc;

    add_caches(&tables);
    hv_test_tables_add(&tables, "resctrl_mon", MON,
                       "default '' 0 - 3000 900 500 1 0\ndefault a 0 web 1000 300 200 1 1\n"
                       "default b 0 web 500 100 100 2 0\ngold '' 0 db 3000 50 50 1 0\n"
                       "gold c 0 db 100 10 10 1 0");
    llc = hv_test_tables_derive(&tables, &hv_derive_llc);
    g_assert_cmpuint(hv_table_n_rows(llc), ==, 4);
    g_assert_cmpfloat(hv_test_number(llc, "0/default/", "occupancy_bytes"), ==, 3000);
    g_assert_cmpfloat(hv_test_number(llc, "0/default/", "of_llc_ratio"), ==, 3000.0 / 8000);
    g_assert_cmpstr(hv_test_text(llc, "0/default/", "ways_mask"), ==, "f0");
    g_assert_cmpfloat(hv_test_number(llc, "0/default/web", "occupancy_bytes"), ==, 1500);
    g_assert_cmpfloat(hv_test_number(llc, "0/default/web", "total_bytes_per_s"), ==, 400);
    g_assert_cmpfloat(hv_test_number(llc, "0/default/web", "age_s"), ==, 2);
    g_assert_cmpfloat(hv_test_number(llc, "0/default/web", "warming"), ==, 1);
    g_assert_cmpfloat(hv_test_number(llc, "0/gold/db", "occupancy_bytes"), ==, 3000);
    g_assert_cmpfloat(hv_test_number(llc, "0/gold/", "n_ways"), ==, 2);
    g_assert_cmpstr(hv_test_text(llc, "0/gold/", "mb"), ==, "40");
    g_assert_null(hv_table_why(llc));
}

static void
test_lines_over_the_ways_are_old_ones(void)
{
    g_auto(HvTestTables) tables = { 0 };
    HvTable *llc;

    add_caches(&tables);
    hv_test_tables_add(&tables, "resctrl_mon", MON,
                       "default '' 0 - 6000 1 1 1 0\ngold '' 0 - 3000 1 1 1 0");
    llc = hv_test_tables_derive(&tables, &hv_derive_llc);
    g_assert_cmpfloat(hv_test_number(llc, "0/gold/", "old_lines_bytes"), ==, 1000);
    g_assert_cmpint(hv_test_mark(llc, "0/gold/", "old_lines_bytes"), ==, HV_MARK_ESTIMATED);
    g_assert_nonnull(strstr(hv_table_why(llc), "more than the cache"));
}

static void
test_without_counters_shares_are_told_all_the_same(void)
{
    g_auto(HvTestTables) tables = { 0 };
    HvTable *llc;

    add_caches(&tables);
    hv_test_tables_add_empty(&tables, "resctrl_mon", "nothing is counted");
    llc = hv_test_tables_derive(&tables, &hv_derive_llc);
    g_assert_cmpuint(hv_table_n_rows(llc), ==, 2);
    g_assert_cmpfloat(hv_test_number(llc, "0/gold/", "size_bytes"), ==, 2000);
    g_assert_cmpstr(hv_test_reason(llc, "0/gold/", "occupancy_bytes"), ==,
                    "nothing is counted");
}

static void
test_code_and_data_masks_that_differ_are_both_shown(void)
{
    g_auto(HvTestTables) tables = { 0 };
    HvTable *llc;

    hv_test_tables_add(&tables, "resctrl_domains", DOMAINS,
                       "default L3CODE 0 f0 240 4000\ndefault L3DATA 0 3c 60 4000");
    llc = hv_test_tables_derive(&tables, &hv_derive_llc);
    g_assert_cmpstr(hv_test_text(llc, "0/default/", "ways_mask"), ==, "f0/3c");
    g_assert_cmpfloat(hv_test_number(llc, "0/default/", "n_ways"), ==, 6);
    g_assert_cmpfloat(hv_test_number(llc, "0/default/", "size_bytes"), ==, 6000);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func("/resctrl/" name, function)
    ADD("every-capture-is-read", test_every_capture_is_read);
    ADD("bandwidth-in-mb-per-s-is-told", test_bandwidth_in_mb_per_s_is_told);
    ADD("vms-of-the-lab-are-in-their-groups", test_vms_of_the_lab_are_in_their_groups);
    ADD("one-domain-that-fails-fails-alone", test_one_domain_that_fails_fails_alone);
    ADD("parts-of-a-cluster-are-not-counted-twice",
        test_parts_of_a_cluster_are_not_counted_twice);
    ADD("libvirts-group-is-the-vms", test_libvirts_group_is_the_vms);
    ADD("a-strangers-thread-makes-a-group-nobodys",
        test_a_strangers_thread_makes_a_group_nobodys);
    ADD("counters-that-can-be-assigned-are-told", test_counters_that_can_be_assigned_are_told);
    ADD("where-it-is-not-the-reason-and-the-cure-are-told",
        test_where_it_is_not_the_reason_and_the_cure_are_told);
    ADD("who-is-looked-at-comes-first-then-the-worst",
        test_who_is_looked_at_comes_first_then_the_worst);
    ADD("a-turn-lasts-its-time", test_a_turn_lasts_its_time);
    ADD("a-cache-is-told-by-group-and-by-vm", test_a_cache_is_told_by_group_and_by_vm);
    ADD("lines-over-the-ways-are-old-ones", test_lines_over_the_ways_are_old_ones);
    ADD("without-counters-shares-are-told-all-the-same",
        test_without_counters_shares_are_told_all_the_same);
    ADD("code-and-data-masks-that-differ-are-both-shown",
        test_code_and_data_masks_that_differ_are_both_shown);
#undef ADD
    return g_test_run();
}
