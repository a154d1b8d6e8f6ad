/* What app does on its own: settings, pictures of a canvas, exit statuses. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/privilege.h"
#include "app/render.h"
#include "app/settings.h"
#include "app/wiring.h"
#include "tests/support.h"

static gboolean
apply(HvOptions *options, const char *text, GError **error)
{
    return hv_settings_apply_text(options, text, strlen(text), error);
}

static void
test_settings(void)
{
    g_autoptr(HvOptions) options = hv_options_new();
    g_autoptr(GError) error = NULL;

    g_assert_true(apply(options,
                        "[hvtune]\ntheme = mono\ninterval = 2s\nascii = true\n"
                        "connect = test:///default\n",
                        &error));
    g_assert_no_error(error);
    g_assert_cmpstr(options->theme, ==, "mono");
    g_assert_cmpint(options->interval_ns, ==, G_GINT64_CONSTANT(2000000000));
    g_assert_true(options->ascii);
    g_assert_cmpstr(options->connect_uri, ==, "test:///default");
    g_assert_cmpuint(options->given, ==, 0);
}

static void
test_watch_settings(void)
{
    char *words[] = { (char[]){ "--watch=b=line" }, NULL };
    g_autoptr(HvOptions) options = hv_options_new();
    g_autoptr(GError) error = NULL;

    g_assert_true(hv_options_parse(options, words, NULL));
    g_assert_true(apply(options, "[watch]\na = echo 1 | cat\nb = file\n", &error));
    g_assert_no_error(error);
    g_assert_cmpuint(options->watches->len, ==, 2);
    g_assert_cmpstr(options->watches->pdata[0], ==, "b=line");
    g_assert_cmpstr(options->watches->pdata[1], ==, "a=echo 1 | cat");
}

static void
test_line_wins(void)
{
    g_autoptr(HvOptions) options = hv_options_new();
    g_autoptr(GError) error = NULL;
    char *words[] = { (char[]){ "--theme=light" }, NULL };

    g_assert_true(hv_options_parse(options, words, NULL));
    g_assert_true(apply(options, "[hvtune]\ntheme = mono\nascii = false\n", &error));
    g_assert_no_error(error);
    g_assert_cmpstr(options->theme, ==, "light");
    g_assert_false(options->ascii);
}

static void
test_bad_settings(void)
{
    static const char *const texts[] = { "[hvtune]\ncolour = red\n",
                                         "[hvtune]\ninterval = soon\n",
                                         "theme\n",
                                         "[other]\n",
                                         "[hvtune]\nascii = perhaps\n",
                                         "[hvtune]\ntheme =\n",
                                         "[watch]\na/b = true\n",
                                         "[watch]\na =\n" };

    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(HvOptions) options = hv_options_new();
        g_autoptr(GError) error = NULL;

        g_assert_false(apply(options, texts[i], &error));
        g_assert_nonnull(error);
        g_assert_null(strchr(error->message, '\n'));
    }
}

static void
test_missing_settings(void)
{
    g_autoptr(HvOptions) options = hv_options_new();
    g_autoptr(GString) notes = g_string_new(NULL);

    hv_settings_apply_file(options, "/nonexistent/hvtune.conf", notes);
    g_assert_cmpstr(notes->str, ==, "");
}

static void
test_unsafe_file(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autofree char *path = g_build_filename(tree->path, "hvtune.conf", NULL);
    g_autoptr(GError) error = NULL;

    hv_test_tree_write(tree, "hvtune.conf", "");
    if (geteuid() != 0) {
        g_assert_true(hv_privilege_file_is_safe(path, &error));
        return;
    }
    g_assert_cmpint(g_chmod(path, 0666), ==, 0);
    g_assert_false(hv_privilege_file_is_safe(path, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_DENIED);
    g_assert_nonnull(strstr(error->message, "hvtune.conf: can be written by others"));
    g_clear_error(&error);
    g_assert_cmpint(g_chmod(path, 0600), ==, 0);
    g_assert_false(
        hv_privilege_file_is_safe(path, &error)); /* the temporary directory is everybody's */
    g_assert_error(error, HV_ERROR, HV_ERROR_DENIED);
    g_clear_error(&error);
    g_assert_true(hv_privilege_file_is_safe("/etc/passwd", &error));
    g_assert_no_error(error);
}

static HvCanvas *
small_canvas(void)
{
    HvCanvas *canvas = hv_canvas_new(12, 2, FALSE);

    hv_canvas_print(canvas, 0, 0, HV_ROLE_TEXT, "a<b>&\"");
    hv_canvas_print(canvas, 8, 0, HV_ROLE_HOT, "虚x");
    return canvas;
}

static void
test_svg(void)
{
    g_autoptr(HvCanvas) canvas = small_canvas();
    g_autoptr(HvTheme) theme = hv_theme_builtin();
    g_autofree char *svg = hv_render_svg(canvas, theme);

    g_assert_true(g_str_has_prefix(svg, "<svg xmlns="));
    g_assert_true(g_str_has_suffix(svg, "</svg>\n"));
    g_assert_nonnull(strstr(svg, ">a&lt;b&gt;&amp;&quot;"));
    g_assert_nonnull(strstr(svg, "<text x=\"72\"")); /* column 8 */
    g_assert_nonnull(strstr(svg, "<text x=\"90\"")); /* column 10, behind the wide one */
    g_assert_null(strstr(svg, "href"));
}

static void
test_ansi(void)
{
    g_autoptr(HvCanvas) canvas = small_canvas();
    g_autoptr(HvTheme) theme = hv_theme_builtin();
    g_autofree char *ansi = hv_render_ansi(canvas, theme, HV_DEPTH_TRUE);
    g_auto(GStrv) lines = g_strsplit(ansi, "\n", -1);

    g_assert_cmpuint(g_strv_length(lines), ==, 3); /* the last one is empty */
    g_assert_true(g_str_has_suffix(lines[0], "\033[0m"));
    g_assert_nonnull(strstr(lines[0], "a<b>&\""));
    g_assert_nonnull(strstr(lines[0], "虚x"));
}

static void
test_statuses(void)
{
    static const int statuses[] = {
        [HV_ERROR_ABSENT] = 2,   [HV_ERROR_DENIED] = 3,  [HV_ERROR_MALFORMED] = 2,
        [HV_ERROR_CONFLICT] = 1, [HV_ERROR_REFUSED] = 1, [HV_ERROR_TIMEOUT] = 3,
        [HV_ERROR_FAILED] = 3,
    };

    for (guint code = 0; code < G_N_ELEMENTS(statuses); code++) {
        g_autoptr(GError) error = g_error_new_literal(HV_ERROR, (int)code, "");

        g_assert_cmpint(hv_app_status_of(error), ==, statuses[code]);
    }
}

static char *
value_of(HvApp *app, const char *path)
{
    const HvSessionParts *parts = hv_app_parts(app);
    g_autoptr(HvKnob) knob = hv_knob_parse(parts->tuners, path, NULL);
    g_auto(HvValue) value = { 0 };

    g_assert_true(knob->tuner->read(parts->host, knob, &value, NULL));
    return hv_value_to_text(&value);
}

/* As if somebody asked for the end just then. */
static gboolean
has_first_step(gpointer app)
{
    g_autofree char *value = value_of(app, "vm/redis-1/vcpu/0/cpus");

    return g_str_equal(value, "1");
}

static void
test_trial_stopped_within_a_plan(void)
{
    g_autoptr(HvOptions) options = hv_options_new();
    g_autoptr(HvOutput) output = hv_output_new(FALSE);
    g_autofree char *before = NULL, *after = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(HvApp) app = NULL;

    options->demo = g_strdup("redis");
    options->command = g_strdup("do");
    app = hv_app_new(options, &error);
    g_assert_no_error(error);
    hv_app_connect(app);
    before = value_of(app, "vm/redis-1/vcpu/0/cpus");
    hv_app_on_stop(app, has_first_step, app);
    hv_command_run_line(app, options,
                        "try --rounds 2 --each 5s vm/redis-1/vcpu/0/cpus=1 "
                        "vm/redis-1/vcpu/1/cpus=2",
                        output);
    hv_app_on_stop(app, NULL, NULL);
    after = value_of(app, "vm/redis-1/vcpu/0/cpus");
    g_assert_cmpstr(after, ==, before);
}

/* Else it would stay the newest, and hvtune undo would go no further. */
static void
test_undo_of_what_is_gone(void)
{
    static const char *const lines[] = { "set resctrl/gold=present", "set resctrl/gold/l3/0=f",
                                         "set resctrl/gold=absent", "undo 2" };
    g_autoptr(HvOptions) options = hv_options_new();
    g_autoptr(HvOutput) output = hv_output_new(FALSE);
    g_autoptr(HvPlan) plan = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(HvApp) app = NULL;

    options->demo = g_strdup("redis");
    options->command = g_strdup("do");
    app = hv_app_new(options, &error);
    g_assert_no_error(error);
    for (guint i = 0; i < G_N_ELEMENTS(lines); i++)
        g_assert_cmpint(hv_command_run_line(app, options, lines[i], output), ==, 0);
    g_assert_nonnull(strstr(output->out->str, "note: resctrl/gold/l3/0: no such group"));
    plan = hv_journal_get(hv_app_journal(app, NULL), 2, NULL);
    g_assert_cmpuint(plan->undone_by, ==, 4);
}

/* Stands last: what was stopped stays so. */
static void
test_stopped_before_the_first_step(void)
{
    g_autoptr(HvOptions) options = hv_options_new();
    g_autoptr(HvOutput) output = hv_output_new(FALSE);
    g_autoptr(GError) error = NULL;
    g_autoptr(HvApp) app = NULL;

    options->demo = g_strdup("redis");
    options->command = g_strdup("do");
    app = hv_app_new(options, &error);
    g_assert_no_error(error);
    hv_app_stop();
    g_assert_cmpint(hv_command_run_line(app, options, "set vm/redis-1/vcpu/0/cpus=1", output),
                    ==, 1);
    g_assert_nonnull(strstr(output->notes->str, "before anything was written"));
    g_assert_null(strstr(output->notes->str, "undo"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/settings/stand-for-options", test_settings);
    g_test_add_func("/settings/watches-of-the-line-stand", test_watch_settings);
    g_test_add_func("/settings/the-command-line-wins", test_line_wins);
    g_test_add_func("/settings/wrong-ones-are-told-in-one-line", test_bad_settings);
    g_test_add_func("/settings/a-missing-file-is-nothing", test_missing_settings);
    g_test_add_func("/privilege/root-ignores-files-that-others-can-write", test_unsafe_file);
    g_test_add_func("/render/svg-escapes-and-places-each-cell", test_svg);
    g_test_add_func("/render/ansi-has-a-line-per-row", test_ansi);
    g_test_add_func("/errors/have-their-exit-status", test_statuses);
    g_test_add_func("/app/a-trial-stopped-within-a-plan-takes-back-what-was-made",
                    test_trial_stopped_within_a_plan);
    g_test_add_func("/app/what-is-gone-counts-as-undone", test_undo_of_what_is_gone);
    g_test_add_func("/app/what-was-stopped-before-its-first-step-has-nothing-to-undo",
                    test_stopped_before_the_first_step);
    return g_test_run();
}
