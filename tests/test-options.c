/* The command line: options anywhere, one line for what is wrong. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/options.h"

#include <string.h>

#include "app/commands.h"
#include "host/host.h"

static HvOptions *
parse(const char *line, GError **error)
{
    g_autoptr(HvOptions) options = hv_options_new();
    g_auto(GStrv) words = g_strsplit(line, " ", -1);

    return hv_options_parse(options, words, error) ? g_steal_pointer(&options) : NULL;
}

static HvOptions *
parse_good(const char *line)
{
    g_autoptr(GError) error = NULL;
    HvOptions *options = parse(line, &error);

    g_assert_no_error(error);
    return options;
}

static void
assert_bad(const char *line, const char *names)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HvOptions) options = parse(line, &error);

    g_assert_null(options);
    g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
    g_assert_nonnull(strstr(error->message, names));
    g_assert_null(strchr(error->message, '\n'));
}

static void
test_anywhere(void)
{
    static const char *const lines[] = { "--json snapshot --root /x vms",
                                         "snapshot vms --root=/x --json",
                                         "--root /x --json snapshot vms" };

    for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_autoptr(HvOptions) options = parse_good(lines[i]);

        g_assert_cmpstr(options->command, ==, "snapshot");
        g_assert_cmpstr(options->root, ==, "/x");
        g_assert_true(hv_options_has(options, HV_OPTION_JSON));
        g_assert_cmpuint(options->arguments->len, ==, 1);
        g_assert_cmpstr(options->arguments->pdata[0], ==, "vms");
    }
}

/* "--demo redis" would take a sub-command for the scenario's name. */
static void
test_demo(void)
{
    g_autoptr(HvOptions) alone = parse_good("--demo snapshot");
    g_autoptr(HvOptions) named =
        parse_good("snapshot --demo=training,amd --seed 7 --speed 2.5");
    g_autoptr(HvOptions) real = parse_good("snapshot");

    g_assert_cmpstr(alone->demo, ==, "");
    g_assert_cmpstr(alone->command, ==, "snapshot");
    g_assert_cmpstr(named->demo, ==, "training,amd");
    g_assert_cmpuint(named->seed, ==, 7);
    g_assert_cmpfloat(named->speed, ==, 2.5);
    g_assert_null(real->demo);
}

static void
test_sources(void)
{
    g_autoptr(HvOptions) two = parse_good("--source traffic=mbm,perf --footprint perf");

    g_assert_cmpuint(two->traffic, ==, HV_TRAFFIC_MBM | HV_TRAFFIC_PERF);
    g_assert_false(two->leaves_groups);
    g_assert_true(two->leaves_counters);
    assert_bad("--source traffic=guess", "traffic=guess");
    assert_bad("--source mbm", "mbm");
    assert_bad("--footprint all", "all");
    assert_bad("--speed 0", "0");
}

static void
test_watches(void)
{
    char *words[] = { (char[]){ "--watch" }, (char[]){ "p99_ms=redis-p99 --every=1 | cat" },
                      (char[]){ "--watch=x.y-z=true" }, NULL };
    g_autoptr(HvOptions) options = hv_options_new();
    g_autoptr(HvOptions) copy = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *name = g_strnfill(65, 'a');
    g_autofree char *long_name = g_strconcat("--watch=", name, "=true", NULL);

    g_assert_true(hv_options_parse(options, words, &error));
    g_assert_no_error(error);
    copy = hv_options_copy(options);
    g_assert_cmpuint(copy->watches->len, ==, 2);
    g_assert_cmpstr(copy->watches->pdata[0], ==, "p99_ms=redis-p99 --every=1 | cat");
    g_assert_cmpstr(copy->watches->pdata[1], ==, "x.y-z=true");
    assert_bad("--watch", "--watch: needs a value");
    assert_bad("--watch p99", "p99: not a watch");
    assert_bad("--watch =true", "not a name");
    assert_bad("--watch a/b=true", "a/b: not a name");
    assert_bad("--watch \x1b[2J=true", "not a name");
    assert_bad(long_name, "not a name");
    assert_bad("--watch p99=", "p99: needs a command");
    assert_bad("--watch p99=1 --watch p99=2", "p99: is watched twice");
}

static void
test_double_dash(void)
{
    g_autoptr(HvOptions) options = parse_good("get -- --json -");

    g_assert_cmpuint(options->given, ==, 0);
    g_assert_cmpuint(options->arguments->len, ==, 2);
    g_assert_cmpstr(options->arguments->pdata[0], ==, "--json");
}

static void
test_wrong(void)
{
    assert_bad("--frm x", "--frm: no such option");
    assert_bad("snapshot --rot /x", "--rot");
    assert_bad("snapshot --root", "--root: needs a value");
    assert_bad("snapshot --root=", "--root");
    assert_bad("snapshot --json=yes", "--json: takes no value");
    assert_bad("snapshot -x", "-x");
    assert_bad("shot desk --size 80", "80");
    assert_bad("shot desk --size 80x", "80x");
    assert_bad("shot desk --size 0x24", "0x24");
    assert_bad("shot desk --size 80x24x3", "80x24x3");
    assert_bad("shot desk --size -1x24", "-1x24");
    assert_bad("shot desk --size 99999999999999999999x24", "99999");
    assert_bad("shot desk --format png", "png");
    assert_bad("--interval 50ms", "50ms");
    assert_bad("--interval 1x", "1x");
    assert_bad("--interval ms", "ms");
    assert_bad("--interval 1..5s", "1..5s");
    assert_bad("--interval -1s", "-1s");
    assert_bad("--interval 99999999999d", "99999999999d");
}

static void
test_durations(void)
{
    static const struct {
        const char *text;
        gint64 ns;
    } good[] = { { "0", 0 },
                 { "2", 2000000000 },
                 { "100ms", 100000000 },
                 { "1.5s", 1500000000 },
                 { "2m", 120000000000 },
                 { "1h", 3600000000000 },
                 { "1d", 86400000000000 } };

    for (guint i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autoptr(GError) error = NULL;
        gint64 ns = -1;

        g_assert_true(hv_duration_parse(good[i].text, &ns, &error));
        g_assert_no_error(error);
        g_assert_cmpint(ns, ==, good[i].ns);
    }
}

static void
test_failure_leaves_value(void)
{
    g_autoptr(HvOptions) options = hv_options_new();
    char *words[] = { (char[]){ "--interval" }, (char[]){ "1x" }, NULL };
    const gint64 before = options->interval_ns;

    g_assert_false(hv_options_parse(options, words, NULL));
    g_assert_cmpint(options->interval_ns, ==, before);
    g_assert_false(hv_options_has(options, HV_OPTION_INTERVAL));
}

static void
test_foreign_option(void)
{
    static const char *const lines[] = {
        "snapshot --dry-run", "get --force", "journal --size 80x24", "--json", "triage --json",
        "frobnicate",         "exporter"
    };

    for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_autoptr(HvOptions) options = parse_good(lines[i]);
        g_autoptr(GError) error = NULL;

        g_assert_false(hv_command_accepts(options, &error));
        g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
        g_assert_null(strchr(error->message, '\n'));
    }
}

static void
test_commands_agree(void)
{
    guint n = 0;

    for (; hv_commands[n] && !hv_commands[n]->is_hidden; n++) {
        g_autofree char *help = hv_command_help(hv_commands[n], NULL);

        g_assert_cmpstr(hv_commands[n]->name, ==, hv_command_names[n]);
        g_assert_true(hv_command_find(hv_commands[n]->name) == hv_commands[n]);
        g_assert_nonnull(strstr(help, hv_commands[n]->help));
        g_assert_nonnull(strstr(help, "--help"));
    }
    g_assert_null(hv_command_names[n]);
    g_assert_null(hv_command_find("console"));
}

static void
test_help_is_of_this_version(void)
{
    static const char *const later[] = { "--fault", "exporter" };
    g_autofree char *help = hv_command_help(NULL, NULL);

    for (guint i = 0; i < G_N_ELEMENTS(later); i++)
        g_assert_null(strstr(help, later[i]));
    for (guint i = 0; hv_command_names[i]; i++)
        g_assert_nonnull(strstr(help, hv_command_names[i]));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/options/stand-before-or-behind-the-sub-command", test_anywhere);
    g_test_add_func("/options/a-demo-needs-no-name", test_demo);
    g_test_add_func("/options/sources-and-footprint-are-words-of-a-list", test_sources);
    g_test_add_func("/options/watches-are-names-with-a-command", test_watches);
    g_test_add_func("/options/double-dash-ends-them", test_double_dash);
    g_test_add_func("/options/wrong-ones-are-named-in-one-line", test_wrong);
    g_test_add_func("/options/durations-have-units", test_durations);
    g_test_add_func("/options/a-bad-value-changes-nothing", test_failure_leaves_value);
    g_test_add_func("/commands/refuse-options-of-others", test_foreign_option);
    g_test_add_func("/commands/table-names-and-help-agree", test_commands_agree);
    g_test_add_func("/commands/help-names-only-what-this-version-has",
                    test_help_is_of_this_version);
    return g_test_run();
}
