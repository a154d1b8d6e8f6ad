/* Halt polling, NUMA balancing and KSM as knobs: what each says, refuses and writes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "tests/sim-host.h"
#include "tests/support.h"
#include "tuners/tuner.h"

extern const HvTuner hv_tuner_halt_poll, hv_tuner_numa_balancing, hv_tuner_ksm;
static const HvTuner *const tuners[] = { &hv_tuner_halt_poll, &hv_tuner_numa_balancing,
                                         &hv_tuner_ksm, NULL };

static void
parse(const HvKnob *knob, const char *text, HvValue *value)
{
    g_assert_true(hv_value_parse(value, knob->family->type, knob->family->words, text, NULL));
}

static void
write_value(HvHost *host, const char *path, const char *text)
{
    g_autoptr(HvKnob) knob = hv_knob_parse(tuners, path, NULL);
    g_auto(HvValue) after = { 0 }, found = { 0 };
    g_autoptr(GError) error = NULL;

    parse(knob, text, &after);
    if (knob->tuner->check)
        knob->tuner->check(host, knob, &after, NULL, &error);
    g_assert_no_error(error);
    knob->tuner->write(host, knob, &after, &error);
    g_assert_no_error(error);
    knob->tuner->read(host, knob, &found, &error);
    g_assert_no_error(error);
    g_assert_true(hv_value_equal(&found, &after));
}

static char *
remark(HvHost *host, const char *path, const char *text)
{
    g_autoptr(HvKnob) knob = hv_knob_parse(tuners, path, NULL);
    g_auto(HvValue) after = { 0 };

    parse(knob, text, &after);
    return knob->tuner->remark(host, knob, &after, &after);
}

static gboolean
check(HvHost *host, const char *path, const char *text, GError **error)
{
    g_autoptr(HvKnob) knob = hv_knob_parse(tuners, path, NULL);
    g_auto(HvValue) after = { 0 };

    parse(knob, text, &after);
    return knob->tuner->check(host, knob, &after, NULL, error);
}

static void
test_written(void)
{
    g_autoptr(HvHost) host = hv_test_redis();
    g_autofree char *poll = NULL, *ksm = NULL, *balancing = NULL;

    write_value(host, "kvm/halt_poll_ns", "50000");
    write_value(host, "host/ksm", "on");
    write_value(host, "host/numa_balancing", "tiering");
    poll = hv_test_read(host, "sys/module/kvm/parameters/halt_poll_ns");
    ksm = hv_test_read(host, "sys/kernel/mm/ksm/run");
    balancing = hv_test_read(host, "proc/sys/kernel/numa_balancing");
    g_assert_cmpstr(poll, ==, "50000");
    g_assert_cmpstr(ksm, ==, "1");
    g_assert_cmpstr(balancing, ==, "2");
    write_value(host, "host/ksm", "unmerged");
    write_value(host, "host/ksm", "off");
    write_value(host, "host/numa_balancing", "off");
}

/* VMs whose vCPUs may run on one node only do not rely on it. */
static void
test_unpinned(void)
{
    g_autoptr(HvHost) host = hv_test_redis();
    g_autoptr(HvGuestList) list = hv_host_guests(host);
    const HvGuest *guest = hv_guest_list_find(list, "redis-1");
    g_autofree char *pinned = remark(host, "host/numa_balancing", "off");
    g_autofree char *unpinned = NULL, *on = NULL;
    g_autoptr(HvSet) all = hv_set_parse("0-127", NULL);

    g_assert_null(strstr(pinned, "redis-1"));
    g_assert_true(hv_host_set_affinity(host, guest->threads[0].tid, 0, all, NULL));
    unpinned = remark(host, "host/numa_balancing", "off");
    g_assert_nonnull(strstr(unpinned, "redis-1"));
    on = remark(host, "host/numa_balancing", "on");
    g_assert_null(strstr(on, "redis-1"));
}

/* ---- other hosts ---- */

static HvHost *
open_tree(const HvTestTree *tree)
{
    const HvHostOptions options = { .root = tree->path };
    g_autoptr(GError) error = NULL;
    HvHost *host = hv_host_new(&options, &error);

    g_assert_no_error(error);
    return host;
}

static void
test_unmerge_without_room(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autoptr(HvHost) host = open_tree(tree);
    g_autofree char *off = NULL;
    g_autoptr(GError) error = NULL;

    hv_test_tree_write(tree, "sys/kernel/mm/ksm/run", "1\n");
    hv_test_tree_write(tree, "sys/kernel/mm/ksm/pages_sharing", "524288\n"); /* 2 GiB */
    hv_test_tree_write(tree, "proc/meminfo",
                       "MemTotal: 8388608 kB\nMemFree: 100 kB\nMemAvailable: 2097151 kB\n");
    g_assert_false(check(host, "host/ksm", "unmerged", &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_REFUSED);
    g_assert_nonnull(strstr(error->message, "needs 2048 MiB and 2047 MiB"));
    g_assert_true(check(host, "host/ksm", "off", NULL));
    off = remark(host, "host/ksm", "off");
    g_assert_nonnull(strstr(off, "2048 MiB stay saved"));
}

static void
test_unmerge_grade(void)
{
    g_autoptr(HvKnob) knob = hv_knob_parse(tuners, "host/ksm", NULL);
    g_auto(HvValue) off = { 0 }, unmerged = { 0 };
    HvUndo undo = knob->family->undo;
    HvStepClass step_class = knob->family->step_class;

    parse(knob, "off", &off);
    parse(knob, "unmerged", &unmerged);
    knob->tuner->grade(NULL, knob, &unmerged, &off, &undo, &step_class);
    g_assert_cmpint(undo, ==, HV_UNDO_EXACT);
    g_assert_cmpint(step_class, ==, HV_STEP_INSTANT);
    knob->tuner->grade(NULL, knob, &off, &unmerged, &undo, &step_class);
    g_assert_cmpint(undo, ==, HV_UNDO_NEAR);
    g_assert_cmpint(step_class, ==, HV_STEP_ONE_WAY);
}

static void
test_old_kernel(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autoptr(HvHost) host = open_tree(tree);

    hv_test_tree_write(tree, "proc/sys/kernel/osrelease", "5.10.0-28-amd64\n");
    g_assert_false(check(host, "host/numa_balancing", "tiering", NULL));
    g_assert_true(check(host, "host/numa_balancing", "off", NULL));
}

/* A kernel that knows more modes than we have words. */
static void
test_unknown_mode(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autoptr(HvHost) host = open_tree(tree);
    g_autoptr(HvKnob) knob = hv_knob_parse(tuners, "host/numa_balancing", NULL);
    g_auto(HvValue) value = { 0 };
    g_autoptr(GError) error = NULL;

    hv_test_tree_write(tree, "proc/sys/kernel/numa_balancing", "3\n");
    g_assert_true(knob->tuner->read(host, knob, &value, NULL));
    g_assert_cmpstr(value.text, ==, "both");
    hv_test_tree_write(tree, "proc/sys/kernel/numa_balancing", "4\n");
    g_assert_false(knob->tuner->read(host, knob, &value, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
    g_assert_cmpstr(value.text, ==, "both");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/host-knobs/each is written and read back", test_written);
    g_test_add_func("/host-knobs/balancing off names the VMs that rely on it", test_unpinned);
    g_test_add_func("/host-knobs/no unmerging without the memory for it",
                    test_unmerge_without_room);
    g_test_add_func("/host-knobs/unmerging cannot be taken back exactly", test_unmerge_grade);
    g_test_add_func("/host-knobs/old kernels have no tiering", test_old_kernel);
    g_test_add_func("/host-knobs/a mode without a word is told", test_unknown_mode);
    return g_test_run();
}
