/* Plans for resctrl on simulated machines, and what is there then. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/resctrl-bench.h"

#include <string.h>

#include "host/monitoring.h"
#include "tests/sim-host.h"

static gint64
realtime_ns(gpointer data)
{
    return hv_host_realtime_ns(data);
}

static gint64
monotonic_ns(gpointer data)
{
    return hv_host_monotonic_ns(data);
}

void
bench_begin_in(Bench *bench, const char *scenario, const char *variant, const char *fault)
{
    const HvSimOptions demo = { .scenario = scenario, .variant = variant, .seed = 1 };
    const HvHostOptions options = { .demo = &demo, .fault = fault };
    g_autoptr(GError) error = NULL;

    *bench = (Bench){ .host = hv_host_new(&options, &error),
                      .journal = hv_journal_new_memory(),
                      .options = { .who = "root", .machine_id = "m", .boot_id = "b" } };
    g_assert_no_error(error);
    hv_guest_list_unref(hv_host_guests(bench->host));
    bench->parts = (HvSessionParts){ .host = bench->host,
                                     .tuners = hv_tuners,
                                     .clock = { bench->host, monotonic_ns, realtime_ns, NULL },
                                     .journal = bench->journal };
}

void
bench_begin(Bench *bench, const char *variant, const char *fault)
{
    bench_begin_in(bench, "training", variant, fault);
}

void
bench_end(Bench *bench)
{
    hv_journal_free(bench->journal);
    hv_host_free(bench->host);
}

static void
free_wish(gpointer wish)
{
    hv_wish_free(wish);
}

/* @texts: "KNOB=VALUE", blanks between them. */
HvPlan *
bench_plan_of(const Bench *bench, const char *texts, GError **error)
{
    g_autoptr(GPtrArray) wishes = g_ptr_array_new_with_free_func(free_wish);
    g_auto(GStrv) words = g_strsplit(texts, " ", -1);

    for (char **word = words; *word; word++)
        g_ptr_array_add(wishes, hv_wish_parse(*word, NULL));
    return hv_plan_make(&bench->parts, wishes, &bench->options, error);
}

gboolean
bench_apply(const Bench *bench, HvPlan *plan, GError **error)
{
    return hv_plan_apply(&bench->parts, plan, &bench->options, error);
}

void
bench_assert_set(const Bench *bench, const char *texts)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HvPlan) plan = bench_plan_of(bench, texts, &error);

    g_assert_no_error(error);
    (void)bench_apply(bench, plan, &error);
    g_assert_no_error(error);
}

void
bench_assert_undone(const Bench *bench)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HvPlan) plan = hv_plan_make_undo(&bench->parts, 0, &bench->options, &error);

    g_assert_no_error(error);
    (void)bench_apply(bench, plan, &error);
    g_assert_no_error(error);
}

/* The plan is refused for a reason that has @word in it. */
void
bench_assert_refused(const Bench *bench, const char *texts, const char *word)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HvPlan) plan = bench_plan_of(bench, texts, &error);

    g_assert_null(plan);
    g_assert_nonnull(error);
    if (!strstr(error->message, word))
        g_error("%s: \"%s\" has no \"%s\"", texts, error->message, word);
}

/* What the plan would make of one wish, in text. */
void
bench_assert_parsed(const Bench *bench, const char *wish, const char *wanted)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HvPlan) plan = bench_plan_of(bench, wish, &error);
    g_autofree char *text = NULL;

    g_assert_no_error(error);
    text = hv_value_to_text(&hv_plan_step(plan, hv_plan_n_steps(plan) - 1)->after);
    g_assert_cmpstr(text, ==, wanted);
}

void
bench_write_as_root(const Bench *bench, const char *file, const char *text)
{
    g_autofree char *path = g_strconcat(HV_RESCTRL_DIR "/", file, NULL);
    g_autoptr(GError) error = NULL;

    (void)hv_host_write(bench->host, path, text, &error);
    g_assert_no_error(error);
}

void
bench_make_as_root(const Bench *bench, const char *group)
{
    g_autofree char *path = g_strconcat(HV_RESCTRL_DIR "/", group, NULL);

    g_assert_true(hv_host_mkdir(bench->host, path, NULL));
}

/* Every group's shares, mode, cpus and tasks, as the kernel's files say it. */
char *
bench_digest(const Bench *bench)
{
    static const char *const files[] = { "schemata", "mode", "cpus_list", "tasks" };
    g_auto(GStrv) names = hv_host_list(bench->host, HV_RESCTRL_DIR, NULL);
    GString *all = g_string_new(NULL);

    for (guint i = 0; names && names[i]; i++) {
        for (guint j = 0; j < G_N_ELEMENTS(files); j++) {
            g_autofree char *path =
                g_strconcat(HV_RESCTRL_DIR "/", names[i], "/", files[j], NULL);
            g_autofree char *text = hv_host_read_text(bench->host, path, 0, NULL);

            g_string_append_printf(all, "%s %s\n", path, text ? text : "-");
        }
        if (g_strv_contains(files, names[i])) {
            g_autofree char *path = g_strconcat(HV_RESCTRL_DIR "/", names[i], NULL);
            g_autofree char *text = hv_test_read(bench->host, path);

            g_string_append_printf(all, "%s %s\n", path, text);
        }
    }
    return g_string_free(all, FALSE);
}

void
bench_assert_digest(const Bench *bench, const char *wanted)
{
    g_autofree char *now = bench_digest(bench);

    g_assert_cmpstr(now, ==, wanted);
}

void
bench_assert_read(const Bench *bench, const char *path, const char *wanted)
{
    g_autoptr(HvKnob) knob = hv_knob_parse(hv_tuners, path, NULL);
    g_auto(HvValue) value = { 0 };
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;

    (void)knob->tuner->read(bench->host, knob, &value, &error);
    g_assert_no_error(error);
    text = hv_value_to_text(&value);
    g_assert_cmpstr(text, ==, wanted);
}
