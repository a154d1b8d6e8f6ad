/* The rules about cpus: what each says, and where it is silent. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "tests/rule-run.h"

extern const HvRule hv_rule_cpu_overcommit, hv_rule_core_shared, hv_rule_emulator_on_vcpu_cpus,
    hv_rule_unpinned_beside_pinned, hv_rule_quota, hv_rule_cpus_missing, hv_rule_pins_differ,
    hv_rule_device_far;

#define VMS                                                                                    \
    "vm:key state:text cpu_ratio:f64 emulator_cpus:set emulator_ratio:f64 "                    \
    "throttled_ratio:f64 owner:text"
#define VCPUS                                                                                  \
    "vm:key vcpu:id node:u64 cpus_allowed:set cpus_defined:set run_ratio:f64 wait_ratio:f64 "  \
    "throttled_ratio:f64 periods_per_s:f64 throttled_periods_per_s:f64"

#define assert_cost(run, key, expected)                                                        \
    g_assert_cmpfloat(fabs(hv_test_rule_cost((run), (key)) - (expected)), <, 1e-9)

/* Two sockets of 8 cpus, two threads to a core; the last cpu is offline. */
static guint
run(HvTestRule *run, const HvRule *rule, const char *vms, const char *vcpus)
{
    HvTopology *topology = hv_test_topology(2, 1, 8);

    hv_test_cores(topology, 2);
    hv_set_remove(topology->online, 15);
    hv_test_rule_again(run);
    hv_test_tables_add_topology(&run->tables, topology);
    hv_test_tables_add(&run->tables, "vms", VMS, vms);
    hv_test_tables_add(&run->tables, "vcpus", VCPUS, vcpus);
    hv_test_tables_add(&run->tables, "nodes", "node:id cpus:set use_ratio:f64",
                       "0 0-7 0.9\n1 8-14 0.1");
    return hv_test_rule_run(run, rule);
}

/* ---- two vCPUs on one cpu ---- */

#define TWO_VMS "db running 2 - - 0 -\nweb running 2 - - 0 -"

static void
test_two_vms_on_one_cpu_are_both_named(void)
{
    g_auto(HvTestRule) rule = { 0 };

    g_assert_cmpuint(run(&rule, &hv_rule_cpu_overcommit, TWO_VMS,
                         "db 0 0 2 2 0.5 0.4 - - -\ndb 1 0 4 4 0.5 0 - - -\n"
                         "web 0 0 2 2 0.5 0.1 0.05 - -\nweb 1 0 6 6 0.5 0 - - -"),
                     ==, 2);
    g_assert_cmpstr(hv_test_rule_evidence(&rule, "cpu-overcommit/db/"), ==,
                    "shares cpus 2 with web (1 of 2 vCPUs, wait 40 %)");
    g_assert_cmpstr(hv_test_rule_evidence(&rule, "cpu-overcommit/web/"), ==,
                    "shares cpus 2 with db (1 of 2 vCPUs, wait 5 %)");
    assert_cost(&rule, "cpu-overcommit/db/", 0.2);
    assert_cost(&rule, "cpu-overcommit/web/", 0.025);
    g_assert_cmpstr(hv_test_rule_remedy(&rule, "cpu-overcommit/db/"), ==,
                    "a gives its vCPUs cores of their own on S0: hvtune set "
                    "'vm/db/vcpu/*/cpus=0-1,4-5'");
}

static void
test_where_no_core_is_free_the_whole_node_is_offered(void)
{
    g_auto(HvTestRule) rule = { 0 };

    run(&rule, &hv_rule_cpu_overcommit, TWO_VMS,
        "db 0 0 2 2 0.5 0.4 - - -\nweb 0 0 2 2 0.5 0.1 - - -\nweb 1 0 0 - - 0 - - -\n"
        "web 2 0 5 - - 0 - - -\nweb 3 0 6 - - 0 - - -");
    g_assert_cmpstr(hv_test_rule_remedy(&rule, "cpu-overcommit/db/"), ==,
                    "a lets its vCPUs run on all of S0: hvtune set "
                    "'vm/db/vcpu/*/cpus=0-7'");
}

static void
test_two_vcpus_of_one_vm_on_one_cpu_are_told(void)
{
    g_auto(HvTestRule) rule = { 0 };

    g_assert_cmpuint(run(&rule, &hv_rule_cpu_overcommit, "db running 2 - - 0 -",
                         "db 0 0 2 2 0.5 - - - -\ndb 1 0 2 2 0.5 - - - -"),
                     ==, 1);
    g_assert_cmpstr(hv_test_rule_evidence(&rule, NULL), ==,
                    "its vCPUs share cpus 2 (2 of 2 vCPUs)");
}

static void
test_more_vcpus_than_cpus_are_told(void)
{
    g_auto(HvTestRule) rule = { 0 };

    g_assert_cmpuint(run(&rule, &hv_rule_cpu_overcommit, "db running 2 - - 0 -",
                         "db 0 0 2-3 - 0.5 0.3 - - -\ndb 1 0 2-3 - 0.5 0.3 - - -\n"
                         "db 2 0 2-3 - 0.5 0.3 - - -"),
                     ==, 1);
    g_assert_cmpstr(hv_test_rule_evidence(&rule, NULL), ==,
                    "its 3 vCPUs have only cpus 2-3, wait 30 %");
    assert_cost(&rule, NULL, 0.3);
}

static void
test_a_cpu_for_each_is_no_overcommit(void)
{
    g_auto(HvTestRule) rule = { 0 };

    g_assert_cmpuint(run(&rule, &hv_rule_cpu_overcommit, TWO_VMS,
                         "db 0 0 2-3 - 0.5 0.4 - - -\ndb 1 0 2-3 - 0.5 0.4 - - -\n"
                         "web 0 0 2-3 - 0.5 0.4 - - -"),
                     ==, 0);
    g_assert_cmpuint(run(&rule, &hv_rule_cpu_overcommit,
                         "db running 2 - - 0 -\nweb paused 2 - - 0 -",
                         "db 0 0 2 - 0.5 0.4 - - -\nweb 0 0 2 - 0.5 0.4 - - -"),
                     ==, 0);
    g_assert_cmpuint(run(&rule, &hv_rule_cpu_overcommit, TWO_VMS,
                         "db 0 0 - - 0.5 0.4 - - -\nweb 0 0 - - 0.5 0.4 - - -"),
                     ==, 0);
}

/* ---- threads of one core ---- */

static void
test_busy_siblings_of_two_vms_share_a_core(void)
{
    g_auto(HvTestRule) rule = { 0 };

    g_assert_cmpuint(run(&rule, &hv_rule_core_shared, TWO_VMS,
                         "db 0 0 2 - 0.8 0 - - -\nweb 0 0 3 - 0.5 0 - - -"),
                     ==, 2);
    g_assert_cmpstr(hv_test_rule_evidence(&rule, "core-shared/db/"), ==,
                    "shares cores with busy vCPUs of web (1 of 1 vCPUs)");
    assert_cost(&rule, "core-shared/db/", 0.38 * 0.5);
    assert_cost(&rule, "core-shared/web/", 0.38 * 0.8);
}

static void
test_idle_unpinned_or_own_siblings_are_no_finding(void)
{
    g_auto(HvTestRule) rule = { 0 };

    g_assert_cmpuint(run(&rule, &hv_rule_core_shared, TWO_VMS,
                         "db 0 0 2 - 0.8 0 - - -\nweb 0 0 3 - 0.1 0 - - -"),
                     ==, 0);
    g_assert_cmpuint(run(&rule, &hv_rule_core_shared, TWO_VMS,
                         "db 0 0 2 - 0.8 0 - - -\nweb 0 0 0-7 - 0.8 0 - - -"),
                     ==, 0);
    g_assert_cmpuint(run(&rule, &hv_rule_core_shared, "db running 2 - - 0 -",
                         "db 0 0 2 - 0.8 0 - - -\ndb 1 0 3 - 0.8 0 - - -"),
                     ==, 0);
}

static void
test_two_on_one_cpu_are_not_told_twice(void)
{
    g_auto(HvTestRule) rule = { 0 };

    g_assert_cmpuint(run(&rule, &hv_rule_core_shared, TWO_VMS,
                         "db 0 0 2 - 0.5 0.5 - - -\nweb 0 0 2 - 0.5 0.5 - - -"),
                     ==, 0);
}

static guint
run_core(HvTestRule *rule, const char *vcpus)
{
    HvTopology *topology = hv_test_topology(2, 1, 8);

    hv_test_cores(topology, 2);
    hv_test_rule_again(rule);
    hv_test_tables_add_topology(&rule->tables, topology);
    hv_test_tables_add(&rule->tables, "vms", VMS, TWO_VMS);
    hv_test_tables_add(&rule->tables, "vcpus",
                       "vm:key vcpu:id node:u64 cpus_allowed:set run_ratio:f64 core_cookie:u64",
                       vcpus);
    return hv_test_rule_run(rule, &hv_rule_core_shared);
}

static void
test_core_scheduling_makes_siblings_safe(void)
{
    g_auto(HvTestRule) rule = { 0 };

    static const char vcpus[] = "db 0 0 2 0.8 %s\nweb 0 0 3 0.5 %s";
    g_autofree char *apart = g_strdup_printf(vcpus, "17", "18");
    g_autofree char *together = g_strdup_printf(vcpus, "17", "17");
    g_autofree char *half = g_strdup_printf(vcpus, "17", "-");

    g_assert_cmpuint(run_core(&rule, apart), ==, 0);
    g_assert_cmpuint(run_core(&rule, together), ==, 2);
    g_assert_cmpuint(run_core(&rule, half), ==, 2);
}

/* ---- the emulator ---- */

static void
test_an_emulator_on_waiting_vcpus_is_told_with_its_use(void)
{
    g_auto(HvTestRule) rule = { 0 };

    g_assert_cmpuint(run(&rule, &hv_rule_emulator_on_vcpu_cpus, "db running 2 2-3 0.3 0 -",
                         "db 0 0 2 - 0.5 0.1 - - -\ndb 1 0 3 - 0.5 0.2 - - -\n"
                         "db 2 0 4 - 0.5 0.3 - - -"),
                     ==, 1);
    g_assert_cmpstr(hv_test_rule_evidence(&rule, NULL), ==,
                    "its emulator runs on cpus 2-3 like 2 of its vCPUs, vCPU 1 waits 20 %");
    g_assert_cmpstr(hv_test_rule_remedy(&rule, NULL), ==,
                    "a moves it away: hvtune set vm/db/emulator/cpus=0-1");
    assert_cost(&rule, NULL, (0.1 + 0.15) / 3);
}

static void
test_an_emulator_elsewhere_or_without_wait_is_no_finding(void)
{
    g_auto(HvTestRule) rule = { 0 };
    static const char vcpus[] = "db 0 0 2 - 0.5 0.1 - - -";

    g_assert_cmpuint(
        run(&rule, &hv_rule_emulator_on_vcpu_cpus, "db running 2 3 0.3 0 -", vcpus), ==, 0);
    g_assert_cmpuint(run(&rule, &hv_rule_emulator_on_vcpu_cpus, "db running 2 2 - 0 -", vcpus),
                     ==, 0);
    g_assert_cmpuint(
        run(&rule, &hv_rule_emulator_on_vcpu_cpus, "db running 2 - 0.3 0 -", vcpus), ==, 0);
    g_assert_cmpuint(run(&rule, &hv_rule_emulator_on_vcpu_cpus, "db running 2 2 0.3 0 -",
                         "db 0 0 2 - 0.5 0.02 - - -"),
                     ==, 0);
    g_assert_cmpuint(run(&rule, &hv_rule_emulator_on_vcpu_cpus, "db running 2 2 0.3 0 -",
                         "db 0 0 0-7 - 0.5 0.1 - - -"),
                     ==, 0);
}

/* ---- unpinned beside pinned ---- */

static void
test_a_floating_vm_is_told_with_whom_it_disturbs(void)
{
    g_auto(HvTestRule) rule = { 0 };

    g_assert_cmpuint(run(&rule, &hv_rule_unpinned_beside_pinned, TWO_VMS,
                         "db 0 0 2 - 0.8 0.1 - - -\ndb 1 0 4 - 0.8 0.05 - - -\n"
                         "web 0 0 0-15 - 0.5 0 - - -"),
                     ==, 1);
    g_assert_cmpstr(hv_test_rule_evidence(&rule, "unpinned-beside-pinned/web/"), ==,
                    "it floats over cpus of pinned VMs: vCPU 0 of db waits 10 %");
    g_assert_cmpstr(hv_test_rule_remedy(&rule, NULL), ==,
                    "a gives its vCPUs cores of their own on S1: hvtune set "
                    "'vm/web/vcpu/*/cpus=8-9'");
    assert_cost(&rule, NULL, 0.075);
}

static void
test_a_floating_vm_that_disturbs_nobody_is_no_finding(void)
{
    g_auto(HvTestRule) rule = { 0 };

    g_assert_cmpuint(run(&rule, &hv_rule_unpinned_beside_pinned, TWO_VMS,
                         "db 0 0 2 - 0.8 0.02 - - -\nweb 0 0 0-15 - 0.5 0 - - -"),
                     ==, 0);
    g_assert_cmpuint(run(&rule, &hv_rule_unpinned_beside_pinned, TWO_VMS,
                         "db 0 0 0-15 - 0.8 0.2 - - -\nweb 0 0 0-15 - 0.5 0.2 - - -"),
                     ==, 0);
    g_assert_cmpuint(run(&rule, &hv_rule_unpinned_beside_pinned,
                         "db running 2 - - 0 -\nweb running 0.01 - - 0 -",
                         "db 0 0 2 - 0.8 0.2 - - -\nweb 0 0 0-15 - 0.5 0 - - -"),
                     ==, 0);
}

/* The two that are pinned there have themselves to blame. */
static void
test_where_two_are_pinned_to_one_cpu_the_floating_one_is_not_blamed(void)
{
    g_auto(HvTestRule) rule = { 0 };

    g_assert_cmpuint(run(&rule, &hv_rule_unpinned_beside_pinned, TWO_VMS,
                         "db 0 0 2 - 0.5 0.4 - - -\ndb 1 0 2 - 0.5 0.4 - - -\n"
                         "web 0 0 0-15 - 0.5 0 - - -"),
                     ==, 0);
}

/* ---- the quota ---- */

static void
test_throttled_periods_are_told_with_the_owner(void)
{
    g_auto(HvTestRule) rule = { 0 };

    g_assert_cmpuint(run(&rule, &hv_rule_quota, "ci running 2 - - 0.25 nova:_m1.large",
                         "ci 0 0 0-7 - 0.5 0.3 0.25 10 4\nci 1 0 0-7 - 0.5 0.3 0.25 10 5"),
                     ==, 1);
    g_assert_cmpstr(hv_test_rule_evidence(&rule, NULL), ==,
                    "its cpu limit held it back in 50 % of the periods");
    g_assert_cmpstr(hv_test_rule_remedy(&rule, NULL), ==,
                    "raise it where it is set (nova: m1.large); for now: virsh schedinfo ci "
                    "--set vcpu_quota=…");
    assert_cost(&rule, NULL, 0.25);
}

static void
test_few_throttled_periods_or_no_limit_are_no_finding(void)
{
    g_auto(HvTestRule) rule = { 0 };

    g_assert_cmpuint(run(&rule, &hv_rule_quota, "ci running 2 - - 0.25 -",
                         "ci 0 0 0-7 - 0.5 0.3 0.25 10 0.5"),
                     ==, 0);
    g_assert_cmpuint(
        run(&rule, &hv_rule_quota, "ci running 2 - - 0.25 -", "ci 0 0 0-7 - 0.5 0.3 0.25 0 0"),
        ==, 0);
    g_assert_cmpuint(
        run(&rule, &hv_rule_quota, "ci running 2 - - - -", "ci 0 0 0-7 - 0.5 0.3 - - -"), ==,
        0);
}

/* ---- definitions ---- */

static void
test_pins_to_cpus_that_are_not_there_are_told(void)
{
    g_auto(HvTestRule) rule = { 0 };

    g_assert_cmpuint(run(&rule, &hv_rule_cpus_missing, TWO_VMS,
                         "db 0 1 14 14-15 0.5 0 - - -\nweb 0 0 4 40 0.5 0 - - -\n"
                         "web 1 0 4 41 0.5 0 - - -"),
                     ==, 2);
    g_assert_cmpstr(hv_test_rule_evidence(&rule, "cpus-missing/db/"), ==,
                    "its vCPU 0 is pinned to cpus that are not there: 15");
    g_assert_cmpstr(hv_test_rule_evidence(&rule, "cpus-missing/web/"), ==,
                    "2 of its vCPUs are pinned to cpus that are not there: 40-41");
}

static void
test_pins_to_cpus_that_are_there_are_no_finding(void)
{
    g_auto(HvTestRule) rule = { 0 };

    g_assert_cmpuint(run(&rule, &hv_rule_cpus_missing, TWO_VMS,
                         "db 0 1 14 14 0.5 0 - - -\nweb 0 0 4 '' 0.5 0 - - -\n"
                         "web 1 0 4 - 0.5 0 - - -"),
                     ==, 0);
}

static void
test_pins_that_differ_from_the_definition_are_told(void)
{
    g_auto(HvTestRule) rule = { 0 };

    g_assert_cmpuint(run(&rule, &hv_rule_pins_differ, TWO_VMS,
                         "db 0 0 4 4 0.5 0 - - -\ndb 1 0 4-5 6 0.5 0 - - -"),
                     ==, 1);
    g_assert_cmpstr(hv_test_rule_evidence(&rule, "pins-differ/db/"), ==,
                    "1 of its 2 vCPUs may run elsewhere than defined: vCPU 1 on 4-5, not 6");
}

static void
test_open_unknown_or_offline_definitions_do_not_differ(void)
{
    g_auto(HvTestRule) rule = { 0 };

    g_assert_cmpuint(run(&rule, &hv_rule_pins_differ, TWO_VMS,
                         "db 0 0 4 '' 0.5 0 - - -\ndb 1 0 4 - 0.5 0 - - -\n"
                         "db 2 0 14 14-15 0.5 0 - - -\ndb 3 0 0-14 15 0.5 0 - - -\n"
                         "db 4 0 4-6 4,5,6 0.5 0 - - -"),
                     ==, 0);
}

/* ---- devices ---- */

static guint
run_device(HvTestRule *rule, const char *node, const char *per_s)
{
    g_autofree char *devices = g_strdup_printf("0000:b1:00.0 db 0000:b1:00.0 %s", node);
    g_autofree char *interrupts =
        g_strdup_printf("24 0000:b1:00.0 %s\n25 0000:01:00.0 99999", per_s);

    run(rule, &hv_rule_device_far, TWO_VMS, "db 0 0 4 4 0.5 0 - - -\ndb 1 0 5 5 0.5 0 - - -");
    hv_test_tables_add(&rule->tables, "devices", "device:key vm:text pci:text node:u64",
                       devices);
    hv_test_tables_add(&rule->tables, "interrupts", "irq:key device:text per_s:f64",
                       interrupts);
    return hv_test_rule_run(rule, &hv_rule_device_far);
}

static void
test_interrupts_from_the_far_socket_are_told(void)
{
    g_auto(HvTestRule) rule = { 0 };

    g_assert_cmpuint(run_device(&rule, "1", "40000"), ==, 1);
    g_assert_cmpstr(hv_test_rule_evidence(&rule, NULL), ==,
                    "its device 0000:b1:00.0 is on S1, its vCPUs run on S0: 40000 "
                    "interrupts/s cross");
    assert_cost(&rule, NULL, 0.03);
}

static void
test_a_near_quiet_or_posted_device_is_no_finding(void)
{
    g_auto(HvTestRule) rule = { 0 };

    g_assert_cmpuint(run_device(&rule, "0", "40000"), ==, 0);
    g_assert_cmpuint(run_device(&rule, "1", "0"), ==, 0);
    g_assert_cmpuint(run_device(&rule, "1", "-"), ==, 0);
    g_assert_cmpuint(run_device(&rule, "-", "40000"), ==, 0);
}

#define ADD(name, test) g_test_add_func("/pin-rules/" name, test)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("two VMs on one cpu are both named", test_two_vms_on_one_cpu_are_both_named);
    ADD("where no core is free the whole node is offered",
        test_where_no_core_is_free_the_whole_node_is_offered);
    ADD("two vCPUs of one VM on one cpu are told",
        test_two_vcpus_of_one_vm_on_one_cpu_are_told);
    ADD("more vCPUs than cpus are told", test_more_vcpus_than_cpus_are_told);
    ADD("a cpu for each is no overcommit", test_a_cpu_for_each_is_no_overcommit);
    ADD("busy siblings of two VMs share a core", test_busy_siblings_of_two_vms_share_a_core);
    ADD("idle, unpinned or own siblings are no finding",
        test_idle_unpinned_or_own_siblings_are_no_finding);
    ADD("two on one cpu are not told twice", test_two_on_one_cpu_are_not_told_twice);
    ADD("core scheduling makes siblings safe", test_core_scheduling_makes_siblings_safe);
    ADD("an emulator on waiting vCPUs is told with its use",
        test_an_emulator_on_waiting_vcpus_is_told_with_its_use);
    ADD("an emulator elsewhere or without wait is no finding",
        test_an_emulator_elsewhere_or_without_wait_is_no_finding);
    ADD("a floating VM is told with whom it disturbs",
        test_a_floating_vm_is_told_with_whom_it_disturbs);
    ADD("a floating VM that disturbs nobody is no finding",
        test_a_floating_vm_that_disturbs_nobody_is_no_finding);
    ADD("where two are pinned to one cpu the floating one is not blamed",
        test_where_two_are_pinned_to_one_cpu_the_floating_one_is_not_blamed);
    ADD("throttled periods are told with the owner",
        test_throttled_periods_are_told_with_the_owner);
    ADD("few throttled periods or no limit are no finding",
        test_few_throttled_periods_or_no_limit_are_no_finding);
    ADD("pins to cpus that are not there are told",
        test_pins_to_cpus_that_are_not_there_are_told);
    ADD("pins to cpus that are there are no finding",
        test_pins_to_cpus_that_are_there_are_no_finding);
    ADD("pins that differ from the definition are told",
        test_pins_that_differ_from_the_definition_are_told);
    ADD("open, unknown or offline definitions do not differ",
        test_open_unknown_or_offline_definitions_do_not_differ);
    ADD("interrupts from the far socket are told",
        test_interrupts_from_the_far_socket_are_told);
    ADD("a near, quiet or posted device is no finding",
        test_a_near_quiet_or_posted_device_is_no_finding);
    return g_test_run();
}
