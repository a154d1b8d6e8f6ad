/* The probe of resctrl at work on a simulated machine or a tree, with all its tables. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/resctrl-run.h"

#include <string.h>

#include "host/monitoring.h"
#include "host/sim/sim.h"

#define S G_GINT64_CONSTANT(1000000000)

extern const HvProbe hv_probe_resctrl;

static void
start(HvTestResctrl *run)
{
    hv_topology_unref(hv_host_wait_topology(run->host, 10000, NULL));
    for (guint i = 0; i < HV_TEST_RESCTRL_TABLES; i++)
        run->stores[i] = hv_store_new(hv_probe_resctrl.schemas[i]);
    run->state = hv_probe_resctrl.start(run->host, &run->error);
    g_assert_cmpint(run->state == NULL, ==, run->error != NULL);
}

void
hv_test_resctrl_demo(HvTestResctrl *run, const char *variant, gboolean may_monitor,
                     const char *state_dir)
{
    const HvSimOptions demo = { .scenario = "redis", .variant = variant, .seed = 1 };
    const HvHostOptions options = {
        .demo = &demo, .policy = { .may_monitor = may_monitor, .state_dir = state_dir }
    };
    g_autoptr(GError) error = NULL;

    *run = (HvTestResctrl){ 0 };
    run->host = hv_host_new(&options, &error);
    g_assert_no_error(error);
    start(run);
}

void
hv_test_resctrl_tree(HvTestResctrl *run, const char *root)
{
    const HvHostOptions options = { .root = root };
    g_autoptr(GError) error = NULL;

    *run = (HvTestResctrl){ 0 };
    run->host = hv_host_new(&options, &error);
    g_assert_no_error(error);
    start(run);
}

static void
sample(HvTestResctrl *run)
{
    HvSink *sink =
        hv_sink_begin(run->stores, HV_TEST_RESCTRL_TABLES, hv_host_monotonic_ns(run->host));
    g_autoptr(GError) error = NULL;

    hv_sink_set_interest(sink, run->interest);
    g_assert_true(hv_probe_resctrl.sample(run->state, sink, &error));
    g_assert_no_error(error);
    hv_sink_end(sink, TRUE);
}

void
hv_test_resctrl_sample(HvTestResctrl *run, guint seconds)
{
    if (seconds == 0)
        sample(run);
    for (guint i = 0; i < seconds; i++) {
        (void)hv_host_wait_until(run->host, hv_host_monotonic_ns(run->host) + S, -1);
        sample(run);
    }
}

HvTable *
hv_test_resctrl_table(const HvTestResctrl *run, const char *name)
{
    for (guint i = 0; i < HV_TEST_RESCTRL_TABLES; i++)
        if (strcmp(hv_probe_resctrl.schemas[i]->name, name) == 0)
            return hv_store_table(run->stores[i]);
    g_assert_not_reached();
}

void
hv_test_resctrl_stop(HvTestResctrl *run)
{
    if (run->state)
        hv_probe_resctrl.stop(run->state);
    run->state = NULL;
}

void
hv_test_resctrl_close(HvTestResctrl *run)
{
    hv_test_resctrl_stop(run);
    for (guint i = 0; i < HV_TEST_RESCTRL_TABLES; i++)
        hv_store_free(run->stores[i]);
    hv_host_free(run->host);
    g_clear_error(&run->error);
    g_clear_pointer(&run->interest, g_hash_table_unref);
    *run = (HvTestResctrl){ 0 };
}

static void
add_group(HvHost *host, const char *path, gboolean is_default, GString *out)
{
    static const char *const names[] = { "tasks",    "cpus", "cpus_list",
                                         "schemata", "size", "mode" };

    g_string_append_printf(out, "%s\n", path);
    for (guint i = is_default ? 1 : 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *full = g_build_filename(HV_RESCTRL_DIR, path, names[i], NULL);
        g_autofree char *text = hv_host_read_text(host, full, 0, NULL);

        g_string_append_printf(out, "%s: %s\n", names[i], text ? text : "-");
    }
}

static void
add_mons(HvHost *host, const char *path, GString *out)
{
    g_autofree char *directory = g_build_filename(HV_RESCTRL_DIR, path, "mon_groups", NULL);
    g_auto(GStrv) mons = hv_host_list(host, directory, NULL);

    for (guint i = 0; mons && mons[i]; i++) {
        g_autofree char *mon = g_build_filename(path, "mon_groups", mons[i], NULL);

        add_group(host, mon, FALSE, out);
    }
}

char *
hv_test_resctrl_text(HvHost *host)
{
    g_auto(GStrv) names = hv_host_list(host, HV_RESCTRL_DIR, NULL);
    GString *out = g_string_new(NULL);

    g_assert_nonnull(names);
    add_group(host, "", TRUE, out);
    add_mons(host, "", out);
    for (guint i = 0; names[i]; i++) {
        g_autofree char *tasks = g_build_filename(HV_RESCTRL_DIR, names[i], "tasks", NULL);

        if (!hv_host_exists(host, tasks))
            continue;
        add_group(host, names[i], FALSE, out);
        add_mons(host, names[i], out);
    }
    return g_string_free(out, FALSE);
}

int
hv_test_resctrl_tid(HvHost *host, const char *vm, guint vcpu)
{
    g_autoptr(HvGuestList) list = hv_host_guests(host);
    const HvGuest *guest = hv_guest_list_find(list, vm);

    g_assert_nonnull(guest);
    return hv_guest_thread(guest, HV_THREAD_VCPU, vcpu)->tid;
}

void
hv_test_resctrl_make(HvHost *host, const char *group)
{
    g_autofree char *path = g_build_filename(HV_RESCTRL_DIR, group, NULL);
    g_autoptr(GError) error = NULL;

    g_assert_true(hv_host_mkdir(host, path, &error));
    g_assert_no_error(error);
}

void
hv_test_resctrl_join(HvHost *host, const char *group, int tid)
{
    g_autofree char *path = g_build_filename(HV_RESCTRL_DIR, group, "tasks", NULL);
    g_autofree char *text = g_strdup_printf("%d\n", tid);
    g_autoptr(GError) error = NULL;

    g_assert_true(hv_host_write(host, path, text, &error));
    g_assert_no_error(error);
}
