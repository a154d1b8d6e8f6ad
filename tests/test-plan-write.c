/* Plans written to files: lines, shell scripts, and files that are left alone. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "model/error.h"
#include "session/plan-write.h"

static HvPlan *
new_plan(void)
{
    HvPlan *plan = hv_plan_new(HV_PLAN_SET, "set vm/a/emulator/cpus\nrm -rf /");
    HvStep *step = hv_step_new("vm/a/emulator/cpus");

    g_assert_true(hv_value_parse(&step->before, HV_TYPE_CPUS, NULL, "0-7", NULL));
    g_assert_true(hv_value_parse(&step->after, HV_TYPE_CPUS, NULL, "2", NULL));
    step->shell_line = g_strdup("virsh emulatorpin a 2 --live");
    step->risk = g_strdup("it waits");
    g_ptr_array_add(plan->steps, step);
    step = hv_step_new("resctrl/gold/l3/0");
    g_assert_true(hv_value_parse(&step->before, HV_TYPE_MASK, NULL, "fff", NULL));
    g_assert_true(hv_value_parse(&step->after, HV_TYPE_MASK, NULL, "ff", NULL));
    g_ptr_array_add(plan->steps, step);
    g_ptr_array_add(plan->notes, g_strdup("Room: enough\n$(reboot)"));
    return plan;
}

static void
assert_has_line(const char *text, const char *line)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    g_assert_true(g_strv_contains((const char *const *)lines, line));
}

/* But comments nothing may come of titles and notes, whatever is in them. */
static void
assert_no_stray(const char *text)
{
    g_assert_null(strstr(text, "\nrm"));
    g_assert_null(strstr(text, "\n$("));
}

static void
test_lines(void)
{
    g_autoptr(HvPlan) plan = new_plan();
    g_autofree char *text = hv_plan_to_lines(plan);

    assert_has_line(text, "vm/a/emulator/cpus = 2");
    assert_has_line(text, "# was 0-7, undo exact");
    assert_has_line(text, "# risk: it waits");
    assert_has_line(text, "resctrl/gold/l3/0 = ff");
    assert_no_stray(text);
}

static void
test_shell(void)
{
    g_autoptr(HvPlan) plan = new_plan();
    g_autofree char *text = hv_plan_to_shell(plan);

    g_assert_true(g_str_has_prefix(text, "#!/bin/sh -e\n"));
    assert_has_line(text, "virsh emulatorpin a 2 --live");
    assert_has_line(text, "# resctrl/gold/l3/0 = ff: hvtune alone can do this");
    assert_no_stray(text);
}

static void
test_files(void)
{
    g_autofree char *dir = g_dir_make_tmp("hvtune-plan-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "a.plan", NULL),
                    *script = g_build_filename(dir, "a.sh", NULL), *text = NULL;
    g_autoptr(HvPlan) plan = new_plan();
    g_autoptr(GError) error = NULL;
    g_autofree char *said = hv_plan_write(plan, path, &error), *again = NULL, *shell = NULL;
    GStatBuf found;

    g_assert_no_error(error);
    g_assert_nonnull(strstr(said, path));
    g_assert_cmpint(g_stat(path, &found), ==, 0);
    g_assert_cmpint(found.st_mode & 0777, ==, 0600);
    g_assert_true(g_file_set_contents(path, "mine", -1, NULL));
    again = hv_plan_write(plan, path, &error);
    g_assert_null(again);
    g_assert_error(error, HV_ERROR, HV_ERROR_CONFLICT);
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "mine");
    g_clear_error(&error);
    shell = hv_plan_write(plan, script, &error);
    g_assert_no_error(error);
    g_assert_cmpint(g_stat(script, &found), ==, 0);
    g_assert_cmpint(found.st_mode & 0777, ==, 0700);
    g_assert_cmpint(g_unlink(path), ==, 0);
    g_assert_cmpint(g_unlink(script), ==, 0);
    g_assert_cmpint(g_rmdir(dir), ==, 0);
}

static void
test_no_directory(void)
{
    g_autoptr(HvPlan) plan = new_plan();
    g_autoptr(GError) error = NULL;
    g_autofree char *said = hv_plan_write(plan, "/nowhere/at/all.plan", &error);

    g_assert_null(said);
    g_assert_error(error, HV_ERROR, HV_ERROR_FAILED);
    g_assert_true(g_str_has_prefix(error->message, "/nowhere/at/all.plan"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/plan-write/a line for each step, the rest are comments", test_lines);
    g_test_add_func("/plan-write/a script of the steps' shell lines", test_shell);
    g_test_add_func("/plan-write/a file that is there is left alone", test_files);
    g_test_add_func("/plan-write/what cannot be written says where and why", test_no_directory);
    return g_test_run();
}
