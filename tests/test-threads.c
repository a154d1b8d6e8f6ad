/* Tests of affinity and pages, on this process alone. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/host-private.h"
#include "host/parse.h"
#include "tests/support.h"

#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static int
own_tid(void)
{
    return (int)syscall(SYS_gettid);
}

static HvHost *
open_live(const char *fault)
{
    return hv_host_new(&(HvHostOptions){ .fault = fault }, NULL);
}

static guint64
own_start_ticks(HvHost *host)
{
    g_autofree char *path = g_strdup_printf("proc/%d/stat", own_tid()),
                    *text = hv_host_read_text(host, path, 0, NULL);
    char *rest = strrchr(text, ')') + 1;
    guint64 ticks = 0;

    for (guint field = 3; field < 22; field++)
        g_assert_nonnull(hv_next_word(&rest));
    g_assert_true(hv_scan_u64(&rest, &ticks));
    return ticks;
}

static void
test_own_affinity_is_set_and_put_back(void)
{
    g_autoptr(HvHost) host = open_live(NULL);
    g_autoptr(HvSet) before = hv_set_new(), one = hv_set_new(), after = hv_set_new();
    g_autoptr(GError) error = NULL;

    g_assert_true(hv_host_get_affinity(host, own_tid(), before, &error));
    g_assert_no_error(error);
    g_assert_false(hv_set_is_empty(before));
    hv_set_add(one, (guint)hv_set_last(before));
    g_assert_true(hv_host_set_affinity(host, own_tid(), own_start_ticks(host), one, &error));
    g_assert_no_error(error);
    g_assert_true(hv_host_get_affinity(host, own_tid(), after, &error));
    g_assert_true(hv_set_equal(after, one));
    g_assert_true(hv_host_set_affinity(host, own_tid(), 0, before, &error));
    g_assert_true(hv_host_get_affinity(host, own_tid(), after, &error));
    g_assert_true(hv_set_equal(after, before));
}

static void
test_cpus_beyond_1024_can_be_named(void)
{
    g_autoptr(HvHost) host = open_live(NULL);
    g_autoptr(HvSet) before = hv_set_new(), large = NULL, beyond = hv_set_new(),
                     after = hv_set_new();
    g_autoptr(GError) error = NULL;

    g_assert_true(hv_host_get_affinity(host, own_tid(), before, NULL));
    large = hv_set_copy(before);
    hv_set_add(large, 5000); /* not there: the kernel keeps those that are */
    hv_set_add(large, HV_SET_MAX);
    g_assert_true(hv_host_set_affinity(host, own_tid(), 0, large, &error));
    g_assert_no_error(error);
    g_assert_true(hv_host_get_affinity(host, own_tid(), after, NULL));
    g_assert_true(hv_set_equal(after, before));
    hv_set_add(beyond, HV_SET_MAX - 1); /* none that is there */
    g_assert_false(hv_host_set_affinity(host, own_tid(), 0, beyond, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_REFUSED);
    g_assert_true(hv_host_get_affinity(host, own_tid(), after, NULL));
    g_assert_true(hv_set_equal(after, before));
}

static void
test_thread_with_a_reused_number_is_left_alone(void)
{
    g_autoptr(HvHost) host = open_live(NULL);
    g_autoptr(HvSet) cpus = hv_set_new();
    g_autoptr(GError) error = NULL;

    g_assert_true(hv_host_get_affinity(host, own_tid(), cpus, NULL));
    g_assert_false(
        hv_host_set_affinity(host, own_tid(), own_start_ticks(host) + 1, cpus, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_CONFLICT);
}

static void
test_missing_thread_is_absent(void)
{
    g_autoptr(HvHost) host = open_live(NULL);
    g_autoptr(HvSet) cpus = hv_set_new();
    g_autoptr(GError) read = NULL, written = NULL;

    hv_set_add(cpus, 0);
    g_assert_false(hv_host_get_affinity(host, G_MAXINT, cpus, &read));
    g_assert_error(read, HV_ERROR, HV_ERROR_ABSENT);
    g_assert_false(hv_host_set_affinity(host, G_MAXINT, 1, cpus, &written));
    g_assert_error(written, HV_ERROR, HV_ERROR_ABSENT);
}

static void
test_empty_set_is_refused(void)
{
    g_autoptr(HvHost) host = open_live("fail-write:1");
    g_autoptr(HvSet) empty = hv_set_new();
    g_autoptr(GError) error = NULL;

    g_assert_false(hv_host_set_affinity(host, own_tid(), 0, empty, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_REFUSED);
    g_assert_null(strstr(error->message, "injected")); /* refused before it counts as a write */
}

static void
test_captured_tree_has_no_threads(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autoptr(HvHost) host = hv_host_new(&(HvHostOptions){ .root = tree->path }, NULL);
    g_autoptr(HvSet) cpus = hv_set_new();
    g_autoptr(GError) read = NULL, written = NULL, moved = NULL;
    void *page = NULL;
    int node = 0, status;

    hv_set_add(cpus, 0);
    g_assert_false(hv_host_get_affinity(host, own_tid(), cpus, &read));
    g_assert_error(read, HV_ERROR, HV_ERROR_ABSENT);
    g_assert_false(hv_host_set_affinity(host, own_tid(), 0, cpus, &written));
    g_assert_error(written, HV_ERROR, HV_ERROR_DENIED);
    g_assert_false(hv_host_move_pages(host, 1, 1, &page, &node, &status, &moved));
    g_assert_error(moved, HV_ERROR, HV_ERROR_DENIED);
}

static void
test_own_pages_are_found(void)
{
    g_autoptr(HvHost) host = open_live(NULL);
    g_autofree char *memory = g_malloc(3 * 4096);
    void *pages[2] = { (gpointer)(((gsize)memory + 4096) & ~(gsize)4095), NULL };
    g_autoptr(GError) error = NULL;
    int status[2];

    memset(memory, 1, 3 * 4096);
    if (!hv_host_query_pages(host, 0, 2, pages, status, &error)) {
        g_test_skip(error->message);
        return;
    }
    g_assert_cmpint(status[0], >=, 0);
    g_assert_cmpint(status[1], <, 0); /* no page at NULL */
}

static gpointer
make_cookie(gpointer host)
{
    guint64 cookie = 0;

    if (prctl(PR_SCHED_CORE, PR_SCHED_CORE_CREATE, 0, PR_SCHED_CORE_SCOPE_THREAD, 0) != 0)
        return GINT_TO_POINTER(FALSE);
    g_assert_true(hv_host_get_core_cookie(host, own_tid(), &cookie));
    g_assert_cmpuint(cookie, !=, 0);
    return GINT_TO_POINTER(TRUE);
}

/* On a thread of its own, whose cookie ends with it. */
static void
test_a_core_cookie_is_read(void)
{
    g_autoptr(HvHost) host = open_live(NULL);
    guint64 cookie = 7;

    if (!GPOINTER_TO_INT(g_thread_join(g_thread_new("cookie", make_cookie, host)))) {
        g_assert_false(hv_host_get_core_cookie(host, own_tid(), &cookie));
        g_assert_cmpuint(cookie, ==, 7);
        g_test_skip("no core scheduling here");
        return;
    }
    g_assert_true(hv_host_get_core_cookie(host, own_tid(), &cookie));
    g_assert_cmpuint(cookie, ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/threads/own-affinity-is-set-and-put-back",
                    test_own_affinity_is_set_and_put_back);
    g_test_add_func("/threads/cpus-beyond-1024-can-be-named",
                    test_cpus_beyond_1024_can_be_named);
    g_test_add_func("/threads/thread-with-a-reused-number-is-left-alone",
                    test_thread_with_a_reused_number_is_left_alone);
    g_test_add_func("/threads/missing-thread-is-absent", test_missing_thread_is_absent);
    g_test_add_func("/threads/empty-set-is-refused", test_empty_set_is_refused);
    g_test_add_func("/threads/captured-tree-has-no-threads", test_captured_tree_has_no_threads);
    g_test_add_func("/threads/a-core-cookie-is-read", test_a_core_cookie_is_read);
    g_test_add_func("/threads/own-pages-are-found", test_own_pages_are_found);
    return g_test_run();
}
