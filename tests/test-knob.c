/* Knob paths: escapes, globs, families, and lines that are safe to paste into a shell. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/error.h"
#include "model/knob.h"

#include <string.h>

static const HvKnobFamily knobs[] = {
    { .path = "vm/*/vcpu/*/cpus",
      .type = HV_TYPE_CPUS,
      .help = "x",
      .shell_line = "virsh vcpupin {1} {2} {after} --live" },
    { .path = "vm/*/emulator/cpus", .type = HV_TYPE_CPUS, .help = "x" },
    { .path = "host/mode", .type = HV_TYPE_SWITCH, .help = "x" },
    { 0 },
};
static const HvTuner tuner = { .name = "t", .knobs = knobs };
static const HvTuner *const tuners[] = { &tuner, NULL };

/* Names that somebody might give a VM. */
static const char *const names[] = {
    "web1",    "$(reboot)", "a b", "it's", "back\\slash", "new\nline", "\033[31m",
    "ünïcode", "100%",      "*",   "-rf",  "a/b",         "`id`",      "",
};

static void
test_escape_round_trip(void)
{
    for (guint i = 0; i + 1 < G_N_ELEMENTS(names); i++) {
        g_autofree char *escaped = hv_knob_escape(names[i]);
        g_autofree char *back = hv_knob_unescape(escaped, NULL);

        g_assert_cmpstr(back, ==, names[i]);
        g_assert_cmpuint(
            strspn(escaped,
                   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+@:-%"),
            ==, strlen(escaped));
    }
}

static void
test_bad_escapes(void)
{
    static const char *const bad[] = {
        "", "%", "%4", "%4g", "%00", "a/b", "a*", "a\nb", "a\033"
    };

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(hv_knob_unescape(bad[i], &error));
        g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
    }
}

static void
test_globs(void)
{
    g_assert_true(hv_knob_glob_match("vm/*/vcpu/*/cpus", "vm/web1/vcpu/0/cpus"));
    g_assert_false(hv_knob_glob_match("vm/*/cpus", "vm/web1/vcpu/0/cpus"));
    g_assert_true(hv_knob_glob_match("vm/**", "vm/web1/vcpu/0/cpus"));
    g_assert_true(hv_knob_glob_match("**", "vm/web1/vcpu/0/cpus"));
    g_assert_true(hv_knob_glob_match("vm/web*/**/cpus", "vm/web1/vcpu/0/cpus"));
    g_assert_false(hv_knob_glob_match("vm/web1/**", "vm/web10/vcpu/0/cpus"));
    g_assert_true(hv_knob_glob_match("*/*", "host/mode"));
    g_assert_false(hv_knob_glob_match("*", "host/mode"));
    g_assert_true(hv_knob_glob_match("", ""));
    g_assert_false(hv_knob_glob_match("", "a"));
    g_assert_false(hv_knob_glob_match("vm/?eb1", "vm/web1")); /* only stars are special */
    g_assert_false(hv_knob_glob_match("vm/[w]eb1", "vm/web1"));
}

static void
test_glob_costs_no_more_than_its_size(void)
{
    g_autofree char *path = g_strnfill(4000, 'a');
    g_autoptr(GString) glob = g_string_new(NULL);

    for (guint i = 0; i < 1000; i++)
        g_string_append(glob, "*a**");
    g_string_append_c(glob, 'b');
    g_assert_false(hv_knob_glob_match(glob->str, path)); /* would never end by backtracking */
}

static void
test_family_is_found(void)
{
    g_autofree char *path = hv_knob_path("vm", "$(reboot)", "vcpu", "3", "cpus", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(HvKnob) knob = hv_knob_parse(tuners, path, &error);
    g_autoptr(HvKnob) copy = NULL;

    g_assert_no_error(error);
    g_assert_cmpstr(path, ==, "vm/%24%28reboot%29/vcpu/3/cpus");
    g_assert_true(knob->family == &knobs[0]);
    g_assert_true(knob->tuner == &tuner);
    g_assert_cmpstr(knob->segments[1], ==, "$(reboot)");
    copy = hv_knob_copy(knob);
    g_assert_cmpstr(copy->path, ==, path);
    g_assert_cmpstr(copy->segments[3], ==, "3");
}

static void
test_path_becomes_canonical(void)
{
    g_autoptr(HvKnob) knob = hv_knob_parse(tuners, "vm/%77eb1 x/emulator/cpus", NULL);

    g_assert_cmpstr(knob->path, ==, "vm/web1%20x/emulator/cpus");
}

static void
test_nearest_families_are_named(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(hv_knob_parse(tuners, "vm/web1/vcpu/0/cpu", &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_ABSENT);
    g_assert_nonnull(strstr(error->message, "vm/*/vcpu/*/cpus"));
    g_assert_null(strstr(error->message, "host/mode"));
    g_assert_true(g_str_has_prefix(error->message, "vm/web1/vcpu/0/cpu: "));
}

static void
test_wrong_paths(void)
{
    static const char *const bad[] = { "", "/", "vm//vcpu/0/cpus", "vm/web1/vcpu/0/cpus/",
                                       "vm/\033/emulator/cpus" };

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(hv_knob_parse(tuners, bad[i], &error));
        g_assert_nonnull(error);
        g_assert_null(strchr(error->message, '\033'));
    }
}

static void
test_shell_quote_examples(void)
{
    static const char *const quoted[][2] = {
        { "web1", "web1" },
        { "0-3,8", "0-3,8" },
        { "$(reboot)", "'$(reboot)'" },
        { "", "''" },
        { "new\nline", "$'new\\x0aline'" },
        { "~", "'~'" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(quoted); i++) {
        g_autofree char *word = hv_shell_quote(quoted[i][0]);

        g_assert_cmpstr(word, ==, quoted[i][1]);
    }
}

/* A shell must give the very bytes back. */
static void
test_shell_gives_the_name_back(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *word = hv_shell_quote(names[i]);
        g_autofree char *command = g_strdup_printf("printf %%s %s", word);
        char bash[] = "bash";
        char dash_c[] = "-c";
        char *argv[] = { bash, dash_c, command, NULL };
        g_autofree char *output = NULL;

        if (!g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, NULL,
                          NULL, NULL)) {
            g_test_skip("no bash here");
            return;
        }
        g_assert_cmpstr(output, ==, names[i]);
        for (const char *at = word; *at; at++)
            g_assert_false(g_ascii_iscntrl(*at));
    }
}

static void
test_shell_line_quotes_each_word(void)
{
    g_autoptr(HvKnob) knob = hv_knob_parse(tuners, "vm/%24%28reboot%29/vcpu/0/cpus", NULL);
    g_autoptr(HvKnob) silent = hv_knob_parse(tuners, "host/mode", NULL);
    g_auto(HvValue) value = { 0 };
    g_autofree char *line = NULL;

    g_assert_true(hv_value_parse(&value, HV_TYPE_CPUS, NULL, "1", NULL));
    line = hv_knob_shell_line(knob, &value);
    g_assert_cmpstr(line, ==, "virsh vcpupin '$(reboot)' 0 1 --live");
    g_assert_null(hv_knob_shell_line(silent, &value));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/knob/any-name-survives-its-escape", test_escape_round_trip);
    g_test_add_func("/knob/broken-escapes-are-malformed", test_bad_escapes);
    g_test_add_func("/knob/star-stops-at-a-slash-two-do-not", test_globs);
    g_test_add_func("/knob/no-glob-takes-long", test_glob_costs_no_more_than_its_size);
    g_test_add_func("/knob/its-family-and-decoded-segments-are-found", test_family_is_found);
    g_test_add_func("/knob/its-path-becomes-canonical", test_path_becomes_canonical);
    g_test_add_func("/knob/an-unknown-path-names-the-nearest-families",
                    test_nearest_families_are_named);
    g_test_add_func("/knob/wrong-paths-give-one-printable-line", test_wrong_paths);
    g_test_add_func("/knob/shell-words-are-bare-where-safe", test_shell_quote_examples);
    g_test_add_func("/knob/a-shell-gives-any-name-back-and-runs-nothing",
                    test_shell_gives_the_name_back);
    g_test_add_func("/knob/shell-lines-quote-every-word", test_shell_line_quotes_each_word);
    return g_test_run();
}
