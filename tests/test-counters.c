/* Tests of perf counters with software events, which need no PMU. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/host.h"
#include "tests/support.h"

#include <linux/perf_event.h>

/* Opens or skips: a sandbox may refuse perf altogether. */
static HvCounters *
open_own(HvHost *host, const HvCounterEvent *events, guint n)
{
    g_autoptr(GError) error = NULL;
    HvCounters *counters = hv_host_open_counters(host, 0, -1, events, n, &error);

    if (!counters && (g_error_matches(error, HV_ERROR, HV_ERROR_DENIED) ||
                      g_error_matches(error, HV_ERROR, HV_ERROR_ABSENT)))
        g_test_skip(error->message);
    else
        g_assert_no_error(error);
    return counters;
}

static void
touch_memory(void)
{
    g_autofree volatile char *memory = g_malloc(1u << 22);

    for (gsize i = 0; i < 1u << 22; i += 4096)
        memory[i] = 1;
}

static void
test_group_counts_in_the_order_it_was_opened(void)
{
    static const HvCounterEvent events[] = {
        { PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK, 0 },
        { PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS, 0 },
    };
    g_autoptr(HvHost) host = hv_host_new(&(HvHostOptions){ 0 }, NULL);
    g_autoptr(HvCounters) counters = open_own(host, events, G_N_ELEMENTS(events));
    guint64 before[2], after[2], enabled_ns, running_ns;

    if (!counters)
        return;
    g_assert_true(hv_counters_read(counters, before, &enabled_ns, &running_ns, NULL));
    touch_memory();
    g_assert_true(hv_counters_read(counters, after, &enabled_ns, &running_ns, NULL));
    g_assert_cmpuint(after[0], >, before[0]);
    g_assert_cmpuint(after[1] - before[1], >=, 1);
    g_assert_cmpuint(after[0], >, after[1]); /* ns of work against a few thousand faults */
    g_assert_cmpuint(enabled_ns, >=, running_ns);
    g_assert_cmpuint(running_ns, >, 0);
}

static void
test_event_that_is_not_there_is_absent(void)
{
    static const HvCounterEvent odd = { PERF_TYPE_SOFTWARE, 0xffff, 0 };
    g_autoptr(HvHost) host = hv_host_new(&(HvHostOptions){ 0 }, NULL);
    g_autoptr(GError) error = NULL;

    g_assert_null(hv_host_open_counters(host, 0, -1, &odd, 1, &error));
    if (g_error_matches(error, HV_ERROR, HV_ERROR_DENIED))
        g_test_skip(error->message);
    else
        g_assert_error(error, HV_ERROR, HV_ERROR_ABSENT);
}

static void
test_group_of_none_is_refused(void)
{
    g_autoptr(HvHost) host = hv_host_new(&(HvHostOptions){ 0 }, NULL);
    g_autoptr(GError) error = NULL;

    g_assert_null(hv_host_open_counters(host, 0, -1, NULL, 0, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_ABSENT);
}

static void
test_captured_tree_has_no_counters(void)
{
    static const HvCounterEvent event = { PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK, 0 };
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autoptr(HvHost) host = hv_host_new(&(HvHostOptions){ .root = tree->path }, NULL);
    g_autoptr(GError) error = NULL;

    g_assert_null(hv_host_open_counters(host, 0, -1, &event, 1, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_ABSENT);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/counters/group-counts-in-the-order-it-was-opened",
                    test_group_counts_in_the_order_it_was_opened);
    g_test_add_func("/counters/event-that-is-not-there-is-absent",
                    test_event_that_is_not_there_is_absent);
    g_test_add_func("/counters/group-of-none-is-refused", test_group_of_none_is_refused);
    g_test_add_func("/counters/captured-tree-has-no-counters",
                    test_captured_tree_has_no_counters);
    return g_test_run();
}
