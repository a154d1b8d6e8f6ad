/* Tests of commands: their output, its bound, the deadline that ends a whole group. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/host.h"
#include "tests/support.h"

#include <signal.h>
#include <string.h>

typedef struct {
    char *output;
    int status;
    GError *error;
} Result;

static void
clear_result(Result *result)
{
    g_free(result->output);
    g_clear_error(&result->error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Result, clear_result)

static Result
run_shell(const char *script, guint deadline_ms)
{
    const char *argv[] = { "sh", "-c", script, NULL };
    g_autoptr(HvHost) host = hv_host_new(&(HvHostOptions){ 0 }, NULL);
    Result result = { .status = -1 };

    (void)hv_host_run(host, argv, deadline_ms, &result.output, &result.status, &result.error);
    return result;
}

static void
test_output_and_status_come_back(void)
{
    g_auto(Result) result = run_shell("echo out; echo err >&2; exit 3", 10000);

    g_assert_no_error(result.error);
    g_assert_cmpstr(result.output, ==, "out\n");
    g_assert_cmpint(result.status, ==, 3);
}

static void
test_failure_without_output_is_told_by_its_complaint(void)
{
    g_auto(Result) result = run_shell("echo why >&2; exit 1", 10000);

    g_assert_no_error(result.error);
    g_assert_cmpstr(result.output, ==, "why\n");
}

static void
test_there_is_no_input(void)
{
    g_auto(Result) result = run_shell("cat; echo end", 10000);

    g_assert_no_error(result.error);
    g_assert_cmpstr(result.output, ==, "end\n");
}

static void
test_environment_is_fixed(void)
{
    g_assert_true(g_setenv("HVTUNE_TEST_LEAK", "leaked", TRUE));

    g_auto(Result) result = run_shell("echo \"$LC_ALL $HVTUNE_TEST_LEAK\"", 10000);

    g_assert_cmpstr(result.output, ==, "C \n");
}

static void
test_arguments_are_not_read_by_a_shell(void)
{
    const char *argv[] = { "echo", "$(reboot)", "a b", NULL };
    g_autoptr(HvHost) host = hv_host_new(&(HvHostOptions){ 0 }, NULL);
    g_autofree char *output = NULL;
    int status;

    g_assert_true(hv_host_run(host, argv, 10000, &output, &status, NULL));
    g_assert_cmpstr(output, ==, "$(reboot) a b\n");
}

static void
test_missing_command_is_absent(void)
{
    const char *argv[] = { "hvtune-no-such-command", NULL },
               *odd[] = { "/nonexistent/command", NULL };
    g_autoptr(HvHost) host = hv_host_new(&(HvHostOptions){ 0 }, NULL);
    g_autofree char *output = NULL;
    g_autoptr(GError) unknown = NULL, missing = NULL;
    int status;

    g_assert_false(hv_host_run(host, argv, 1000, &output, &status, &unknown));
    g_assert_error(unknown, HV_ERROR, HV_ERROR_ABSENT);
    g_assert_false(hv_host_run(host, odd, 1000, &output, &status, &missing));
    g_assert_error(missing, HV_ERROR, HV_ERROR_ABSENT);
}

/* The grandchild holds the write end of a fifo: its reader sees the end only when the last of
 * the group is gone. */
static void
test_deadline_kills_the_whole_group(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autofree char *pid_file = g_build_filename(tree->path, "pid", NULL), *text = NULL;
    g_autofree char *script =
        g_strdup_printf("tail -f /dev/null & echo $! >'%s.new'; mv '%s.new' '%s'; wait",
                        pid_file, pid_file, pid_file);
    g_autoptr(HvHost) host = hv_host_new(&(HvHostOptions){ 0 }, NULL);
    g_auto(Result) result = run_shell(script, 1000);
    gint64 give_up_ns = hv_host_monotonic_ns(host) + G_GINT64_CONSTANT(5000000000);
    guint64 pid;

    g_assert_error(result.error, HV_ERROR, HV_ERROR_TIMEOUT);
    if (!g_file_get_contents(pid_file, &text, NULL, NULL)) {
        g_test_skip("the machine was too busy to start two processes in a second");
        return;
    }
    g_assert_true(g_ascii_string_to_unsigned(g_strchomp(text), 10, 2, G_MAXINT, &pid, NULL));
    /* it dies at once, but stays a zombie until its new parent has looked */
    for (gboolean gone = FALSE; !gone;) {
        g_autofree char *path = g_strdup_printf("proc/%d/stat", (int)pid);
        g_autofree char *stat = hv_host_read_text(host, path, 0, NULL);

        gone = !stat || strstr(stat, ") Z ") || strstr(stat, ") X ");
        g_assert_cmpint(hv_host_monotonic_ns(host), <, give_up_ns);
    }
}

static void
test_output_has_a_bound(void)
{
    g_auto(Result) result = run_shell("cat /dev/zero", 20000);

    g_assert_error(result.error, HV_ERROR, HV_ERROR_MALFORMED);
}

static void
test_output_of_a_megabyte_is_whole(void)
{
    g_auto(Result) result = run_shell("head -c 1048576 /dev/zero | tr '\\0' x", 20000);

    g_assert_no_error(result.error);
    g_assert_cmpuint(strlen(result.output), ==, 1u << 20);
}

static void
test_background_child_does_not_keep_us_waiting(void)
{
    g_auto(Result) result = run_shell("tail -f /dev/null & echo $!", 20000);
    guint64 pid;

    g_assert_no_error(result.error);
    g_assert_true(
        g_ascii_string_to_unsigned(g_strchomp(result.output), 10, 2, G_MAXINT, &pid, NULL));
    g_assert_cmpint(kill((pid_t)pid, SIGKILL), ==, 0);
}

static void
test_death_by_a_signal_is_a_failure(void)
{
    g_auto(Result) result = run_shell("kill -9 $$", 10000);

    g_assert_error(result.error, HV_ERROR, HV_ERROR_FAILED);
}

static void
test_captured_tree_runs_nothing(void)
{
    const char *argv[] = { "true", NULL };
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autoptr(HvHost) host = hv_host_new(&(HvHostOptions){ .root = tree->path }, NULL);
    g_autofree char *output = NULL;
    g_autoptr(GError) error = NULL;
    int status;

    g_assert_false(hv_host_run(host, argv, 1000, &output, &status, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_ABSENT);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/commands/output-and-status-come-back", test_output_and_status_come_back);
    g_test_add_func("/commands/failure-without-output-is-told-by-its-complaint",
                    test_failure_without_output_is_told_by_its_complaint);
    g_test_add_func("/commands/there-is-no-input", test_there_is_no_input);
    g_test_add_func("/commands/environment-is-fixed", test_environment_is_fixed);
    g_test_add_func("/commands/arguments-are-not-read-by-a-shell",
                    test_arguments_are_not_read_by_a_shell);
    g_test_add_func("/commands/missing-command-is-absent", test_missing_command_is_absent);
    g_test_add_func("/commands/deadline-kills-the-whole-group",
                    test_deadline_kills_the_whole_group);
    g_test_add_func("/commands/output-has-a-bound", test_output_has_a_bound);
    g_test_add_func("/commands/output-of-a-megabyte-is-whole",
                    test_output_of_a_megabyte_is_whole);
    g_test_add_func("/commands/background-child-does-not-keep-us-waiting",
                    test_background_child_does_not_keep_us_waiting);
    g_test_add_func("/commands/death-by-a-signal-is-a-failure",
                    test_death_by_a_signal_is_a_failure);
    g_test_add_func("/commands/captured-tree-runs-nothing", test_captured_tree_runs_nothing);
    return g_test_run();
}
