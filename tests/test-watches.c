/* Tests of watches: a number a line or a run, and whatever else a command may do. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probes/watches.h"

#include <glib/gstdio.h>
#include <string.h>

#include "probes/probe.h"
#include "tests/sim-host.h"

#define NS_PER_S G_GINT64_CONSTANT(1000000000)
#define PATIENCE_NS (20 * NS_PER_S)
#define START_NS (1000 * NS_PER_S)
#define FOR_EVER "exec tail -f /dev/null"

extern const HvProbe hv_probe_watches;

/* One watch, "w", by a clock of the test's own. */
typedef struct {
    HvHost *host;
    gpointer state;
    HvStore *store;
    gint64 now_ns;
} Run;

static void
clear_run(Run *run)
{
    hv_probe_watches.stop(run->state);
    hv_store_free(run->store);
    hv_host_free(run->host);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, clear_run)

static Run
open_run(HvHost *host)
{
    return (Run){
        .host = host,
        .state = hv_probe_watches.start(host, NULL),
        .store = hv_store_new(hv_probe_watches.schemas[0]),
        .now_ns = START_NS,
    };
}

static Run
start(const char *command)
{
    g_autofree char *watch = g_strconcat("w=", command, NULL);
    const char *const watches[] = { watch, NULL };
    const HvHostOptions options = { .watches = watches };

    return open_run(hv_host_new(&options, NULL));
}

static const HvTable *
sample(Run *run, gint64 after_ns)
{
    g_autoptr(GError) error = NULL;
    HvSink *sink;

    run->now_ns += after_ns;
    sink = hv_sink_begin(&run->store, 1, run->now_ns);
    g_assert_true(hv_probe_watches.sample(run->state, sink, &error));
    g_assert_no_error(error);
    hv_sink_end(sink, TRUE);
    return hv_store_table(run->store);
}

static gboolean
number_of(const HvTable *table, const char *watch, const char *column, double *value)
{
    const int row = hv_table_find(table, watch);

    g_assert_cmpint(row, >=, 0);
    return hv_table_f64(table, (guint)row, hv_table_column(table, column), value);
}

static const char *
why_of(const HvTable *table)
{
    const int row = hv_table_find(table, "w");
    const char *why;

    g_assert_cmpint(row, >=, 0);
    why = hv_table_reason(table, (guint)row, hv_table_column(table, "value"));
    return why ? why : "";
}

/* The test's clock stands still meanwhile. */
static void
wait_a_little(Run *run, gint64 give_up_ns)
{
    const gint64 now_ns = hv_host_monotonic_ns(run->host);

    g_assert_cmpint(now_ns, <, give_up_ns);
    hv_host_wait_until(run->host, now_ns + 2000000, -1);
}

static void
sample_until_number(Run *run, double number)
{
    const gint64 give_up_ns = hv_host_monotonic_ns(run->host) + PATIENCE_NS;
    double value = 0;

    while (!number_of(sample(run, 1), "w", "value", &value) || value < number)
        wait_a_little(run, give_up_ns);
    g_assert_cmpfloat(value, ==, number);
}

static void
sample_until_why(Run *run, const char *why)
{
    const gint64 give_up_ns = hv_host_monotonic_ns(run->host) + PATIENCE_NS;

    while (!strstr(why_of(sample(run, 1)), why)) {
        if (hv_host_monotonic_ns(run->host) >= give_up_ns - PATIENCE_NS / 2)
            g_test_message("%s", why_of(hv_store_table(run->store)));
        wait_a_little(run, give_up_ns);
    }
}

static void
test_numbers(void)
{
    static const struct {
        const char *line;
        double value;
    } good[] = { { "12", 12 }, { " -1.5\r", -1.5 }, { "3e-4\t", 3e-4 }, { ".5", 0.5 } };
    static const char *const bad[] = { "",    " ",   "ms",    "12 ms", "0x10", "inf", "nan",
                                       "1 2", "1,5", "1e999", "-",     "e",    "1-2", "12%" };
    double value = 7;

    for (guint i = 0; i < G_N_ELEMENTS(good); i++) {
        g_assert_true(hv_watch_number(good[i].line, &value));
        g_assert_cmpfloat(value, ==, good[i].value);
    }
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        value = 7;
        if (hv_watch_number(bad[i], &value))
            g_error("%s is taken for a number", bad[i]);
        g_assert_cmpfloat(value, ==, 7);
    }
}

static void
test_goes_on(void)
{
    g_auto(Run) run = start("echo p99; echo 1; echo 2; echo; echo done; echo 3; " FOR_EVER);
    double age_s = -1;

    sample_until_number(&run, 3);
    g_assert_true(number_of(sample(&run, 10 * NS_PER_S), "w", "age_s", &age_s));
    g_assert_cmpfloat_with_epsilon(age_s, 10, 0.1);
}

/* Each run adds a byte to a file, whose size is the number. */
static void
test_ends(void)
{
    g_autofree char *dir = g_dir_make_tmp("hvtune-test-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(dir, "runs", NULL);
    g_autofree char *command = g_strdup_printf("printf x >>'%s'; wc -c <'%s'", file, file);

    {
        g_auto(Run) run = start(command);

        sample_until_number(&run, 1);
        sample_until_number(&run, 2);
        sample_until_number(&run, 3);
    }
    g_remove(file);
    g_rmdir(dir);
}

static void
test_one_run_per_tick(void)
{
    g_auto(Run) run = open_run(hv_test_redis());
    double read_ns = 0, age_s = -1;

    for (guint i = 0; i < 3; i++) {
        const HvTable *table = sample(&run, NS_PER_S);

        g_assert_true(number_of(table, "redis_p99_ms", "read_ns", &read_ns));
        g_assert_cmpfloat(read_ns, ==, (double)run.now_ns);
        g_assert_true(number_of(table, "redis_p99_ms", "age_s", &age_s));
        g_assert_cmpfloat(age_s, ==, 0);
    }
}

static void
test_demo(void)
{
    g_auto(Run) run = open_run(hv_test_redis());
    const HvTable *table;
    double value = 0;

    hv_host_wait_until(run.host, hv_host_monotonic_ns(run.host) + 5 * NS_PER_S, -1);
    table = sample(&run, 0);
    g_assert_true(number_of(table, "redis_p99_ms", "value", &value));
    g_assert_cmpfloat(value, >, 6);
    g_assert_cmpfloat(value, <, 24);
    g_assert_false(number_of(table, "mine", "value", &value));
}

static void
test_hang(void)
{
    g_auto(Run) run = start("tail -f /dev/null");

    g_assert_cmpstr(why_of(sample(&run, 0)), ==, "no number yet");
    g_assert_cmpstr(why_of(sample(&run, 30 * NS_PER_S)), ==, "no number yet");
    g_assert_nonnull(strstr(why_of(sample(&run, 31 * NS_PER_S)), "hangs"));
}

static void
test_silence(void)
{
    g_auto(Run) run = start("echo 5; echo stuck >&2; " FOR_EVER);
    double value;

    sample_until_number(&run, 5);
    g_assert_true(number_of(sample(&run, 59 * NS_PER_S), "w", "value", &value));
    g_assert_cmpstr(why_of(sample(&run, 2 * NS_PER_S)), ==,
                    "no number for a minute; it says: stuck");
}

static void
test_flood(void)
{
    static const char *const commands[] = { "yes 1", "cat /dev/zero", "yes garbage" };

    for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
        g_auto(Run) run = start(commands[i]);

        sample_until_why(&run, "prints too much");
        for (guint more = 0; more < 5; more++)
            g_assert_nonnull(strstr(why_of(sample(&run, 1)), "prints too much"));
    }
}

static void
test_odd(void)
{
    static const struct {
        const char *command, *why;
    } odd[] = {
        { "echo PONG; " FOR_EVER, "prints \"PONG\": not a number" },
        { "echo PONG", "prints \"PONG\": not a number" },
        { "printf '\\033[2J\\n'; " FOR_EVER, "prints \"\\x1b[2J\": not a number" },
        { "printf '5\\0006\\n'; " FOR_EVER, "too long or no text" },
        { "exit 3", "exit status 3" },
        { "echo 5; echo no server >&2; exit 1", "exit status 1: no server" },
        { "hvtune-no-such-command", "exit status 127: " },
        { "kill -9 $$", "killed by signal 9" },
        { "true", "has ended without printing a number" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(odd); i++) {
        g_auto(Run) run = start(odd[i].command);
        double value;

        sample_until_why(&run, odd[i].why);
        g_assert_false(number_of(hv_store_table(run.store), "w", "value", &value));
    }
}

/* A command that comes back to its senses. */
static void
test_recovery(void)
{
    g_autofree char *dir = g_dir_make_tmp("hvtune-test-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(dir, "number", NULL);
    g_autofree char *command = g_strdup_printf("cat '%s'", file);

    {
        g_auto(Run) run = start(command);

        sample_until_why(&run, "exit status 1");
        g_assert_true(g_file_set_contents(file, "8", -1, NULL));
        sample_until_number(&run, 8);
    }
    g_remove(file);
    g_rmdir(dir);
}

static void
test_none(void)
{
    g_auto(Run) run = open_run(hv_host_new(&(HvHostOptions){ 0 }, NULL));

    g_assert_cmpuint(hv_table_n_rows(sample(&run, 0)), ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/watches/numbers-are-finite-and-decimal", test_numbers);
    g_test_add_func("/watches/newest-number-of-a-command-that-goes-on", test_goes_on);
    g_test_add_func("/watches/a-command-that-ends-is-run-again", test_ends);
    g_test_add_func("/watches/once-per-tick", test_one_run_per_tick);
    g_test_add_func("/watches/a-demo-has-its-own", test_demo);
    g_test_add_func("/watches/a-hanging-command-is-named-and-killed", test_hang);
    g_test_add_func("/watches/a-number-that-grows-old-is-none", test_silence);
    g_test_add_func("/watches/a-flood-is-named-and-left-alone-for-a-while", test_flood);
    g_test_add_func("/watches/what-is-no-number-is-named", test_odd);
    g_test_add_func("/watches/a-failure-need-not-last", test_recovery);
    g_test_add_func("/watches/without-any-the-table-is-empty", test_none);
    return g_test_run();
}
