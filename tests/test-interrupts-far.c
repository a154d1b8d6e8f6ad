/* The rule "interrupts-far": what it says, what it costs, and where it is silent. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "tests/rule-run.h"

extern const HvRule hv_rule_interrupts_far;

#define KEY "interrupts-far//0000:17:00.0"
#define VMS                                                                                    \
    "db running 2 0.03\n"                                                                      \
    "web running 2 0.03"
#define VCPUS                                                                                  \
    "db 0 0 0-1\ndb 1 0 0-1\n"                                                                 \
    "web 0 0 2-3\nweb 1 0 2-3"
#define CARD "0000:17:00.0 ethernet 0 - eth0"
#define ALL_FAR                                                                                \
    "24 0 0 0000:17:00.0 0 1 0\n24 1 30000 0000:17:00.0 0 1 0\n"                               \
    "25 0 0 0000:17:00.0 0 1 0\n25 1 30000 0000:17:00.0 0 1 0"

/* Two sockets of 8 cpus, two threads to a core. */
static guint
run(HvTestRule *run, const char *devices, const char *interrupts, const char *kvm)
{
    HvTopology *topology = hv_test_topology(2, 1, 8);

    hv_test_cores(topology, 2);
    hv_test_rule_again(run);
    hv_test_tables_add_topology(&run->tables, topology);
    hv_test_tables_add(&run->tables, "vms", "vm:key state:text cpu_ratio:f64 vhost_ratio:f64",
                       VMS);
    hv_test_tables_add(&run->tables, "vcpus", "vm:key vcpu:id node:u64 cpus_allowed:set",
                       VCPUS);
    hv_test_tables_add(&run->tables, "devices",
                       "device:key class:text node:u64 vm:text os_names:text", devices);
    hv_test_tables_add(&run->tables, "interrupts",
                       "irq:key node:id per_s:f64 device:text device_node:u64 movable:bool "
                       "banned:bool",
                       interrupts);
    if (kvm)
        hv_test_tables_add(&run->tables, "kvm", "vm:key injections_per_s:f64 apicv:text", kvm);
    return hv_test_rule_run(run, &hv_rule_interrupts_far);
}

/* 40,000/s × 2.2 exits × 1.5 µs ÷ 2 vCPUs. */
static void
test_cost(void)
{
    g_auto(HvTestRule) rule = { 0 };

    g_assert_cmpuint(run(&rule, CARD, ALL_FAR, "db 40000 inhibited\nweb 20000 inhibited"), ==,
                     1);
    g_assert_cmpfloat(fabs(hv_test_rule_cost(&rule, KEY) - 0.066), <, 1e-9);
    g_assert_cmpstr(hv_test_rule_quality(&rule, KEY), ==, "measured");
    g_assert_cmpstr(hv_test_rule_evidence(&rule, KEY), ==,
                    "eth0 is on S0, as are 2 VMs that use it; 100 % of its 60000 interrupts/s "
                    "go to the other socket; db pays most");
    g_assert_cmpstr(hv_test_rule_remedy(&rule, KEY), ==,
                    "bring them to S0, and keep irqbalance off them: hvtune set "
                    "irq/24/balanced=off irq/24/cpus=4-7, and so for each of 24-25");
}

static void
test_apicv(void)
{
    g_auto(HvTestRule) rule = { 0 };

    g_assert_cmpuint(run(&rule, CARD, ALL_FAR, "db 40000 active\nweb 20000 active"), ==, 1);
    g_assert_cmpfloat(fabs(hv_test_rule_cost(&rule, KEY) - 0.006), <, 1e-9);
}

/* Half of 60,000/s each × 1.5 µs ÷ 2 vCPUs. */
static void
test_uncounted(void)
{
    g_auto(HvTestRule) rule = { 0 };

    g_assert_cmpuint(run(&rule, CARD, ALL_FAR, NULL), ==, 1);
    g_assert_cmpfloat(fabs(hv_test_rule_cost(&rule, KEY) - 0.0225), <, 1e-9);
    g_assert_cmpstr(hv_test_rule_quality(&rule, KEY), ==, "estimated");
}

static void
test_silence(void)
{
    g_auto(HvTestRule) rule = { 0 };
    const char *const silent[][2] = {
        { CARD, "24 0 60000 0000:17:00.0 0 1 0" }, /* near */
        { CARD, "24 1 500 0000:17:00.0 0 1 0" },   /* idle */
        { CARD, "24 1 60000 0000:17:00.0 0 0 0" }, /* managed */
        { CARD, "24 1 60000 0000:17:00.0 0 - 0" }, /* perhaps posted */
        { CARD, "24 1 60000 0000:17:00.0 - 1 0" }, /* its node is not known */
        { CARD, "NMI 1 60000 - - 0 -" },           /* no device's */
        { "0000:17:00.0 ethernet 0 db eth0", "24 1 60000 0000:17:00.0 0 1 0" }, /* passed */
        { "0000:17:00.0 nvme 0 - nvme0n1", "24 1 60000 0000:17:00.0 0 1 0" },
        { "0000:17:00.0 ethernet 1 - eth0", "24 0 60000 0000:17:00.0 1 1 0" }, /* no VM near */
    };

    for (guint i = 0; i < G_N_ELEMENTS(silent); i++)
        g_assert_cmpuint(run(&rule, silent[i][0], silent[i][1], NULL), ==, 0);
}

static void
test_unbalanced(void)
{
    g_auto(HvTestRule) rule = { 0 };

    g_assert_cmpuint(run(&rule, CARD, "24 1 60000 0000:17:00.0 0 1 1", NULL), ==, 1);
    g_assert_cmpstr(hv_test_rule_remedy(&rule, KEY), ==,
                    "bring them to S0: hvtune set irq/24/cpus=4-7, and so for each of 24");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/interrupts-far/counted injections give the cost", test_cost);
    g_test_add_func("/interrupts-far/with APICv a tenth of it", test_apicv);
    g_test_add_func("/interrupts-far/without counts it is an estimate", test_uncounted);
    g_test_add_func("/interrupts-far/silent where nothing crosses or nothing may move",
                    test_silence);
    g_test_add_func("/interrupts-far/without irqbalance nothing is banned", test_unbalanced);
    return g_test_run();
}
