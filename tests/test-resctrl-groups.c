/* Monitoring groups on the simulated machine: made for VMs, shared, leased, and gone without a
 * trace. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "host/footprint.h"
#include "host/monitoring.h"
#include "tests/probe-run.h"
#include "tests/resctrl-run.h"
#include "tests/support.h"

#define OURS "7c96fe60-6941-4061-8506-f9f6204c7c96"

/* Rows of resctrl_mon that count @vm. */
static guint
n_rows_of(const HvTestResctrl *run, const char *vm)
{
    const HvTable *table = hv_test_resctrl_table(run, "resctrl_mon");
    guint n = 0;

    for (guint row = 0; row < hv_table_n_rows(table); row++)
        n += g_strcmp0(hv_table_text(table, row, hv_table_column(table, "vm")), vm) == 0;
    return n;
}

static const char *
mon_of(const HvTestResctrl *run, const char *vcpu)
{
    return hv_test_text(hv_test_resctrl_table(run, "vm_groups"), vcpu, "mon");
}

static double
of_resctrl(const HvTestResctrl *run, const char *column)
{
    return hv_test_number(hv_test_resctrl_table(run, "resctrl"), NULL, column);
}

static guint
n_ours(HvHost *host)
{
    g_auto(GStrv) names = hv_host_list(host, HV_RESCTRL_DIR "/mon_groups", NULL);
    guint n = 0;

    for (guint i = 0; names[i]; i++)
        n += hv_monitoring_is_ours(names[i]) ? 1 : 0;
    return n;
}

static void
test_every_vm_is_counted_whole(void)
{
    g_auto(HvTestResctrl) run = { 0 };
    g_autoptr(HvGuestList) guests = NULL;

    hv_test_resctrl_demo(&run, NULL, TRUE, NULL);
    hv_test_resctrl_sample(&run, 2);
    guests = hv_host_guests(run.host);
    g_assert_cmpuint(n_ours(run.host), ==, guests->n_guests);
    for (guint i = 0; i < guests->n_guests; i++)
        g_assert_cmpuint(n_rows_of(&run, guests->guests[i]->name), ==, 2);
    g_assert_cmpfloat(of_resctrl(&run, "groups_held"), ==, guests->n_guests);
}

static void
test_numbers_are_those_of_the_files(void)
{
    g_auto(HvTestResctrl) run = { 0 };
    HvTable *table;
    g_autofree char *key = NULL, *path = NULL, *text = NULL;
    const char *mon;

    hv_test_resctrl_demo(&run, NULL, TRUE, NULL);
    hv_test_resctrl_sample(&run, 3);
    table = hv_test_resctrl_table(&run, "resctrl_mon");
    mon = mon_of(&run, "redis-1/0");
    key = g_strdup_printf("default/%s/0", mon);
    path = g_strdup_printf(HV_RESCTRL_DIR "/mon_groups/%s/mon_data/mon_L3_00/mbm_total_bytes",
                           mon);
    text = hv_host_read_text(run.host, path, 0, NULL);
    g_assert_cmpfloat(hv_test_number(table, key, "total_bytes"), ==,
                      g_ascii_strtod(text, NULL));
    g_assert_cmpstr(hv_test_text(table, key, "vm"), ==, "redis-1");
    g_assert_cmpfloat(hv_test_number(table, key, "whole"), ==, 1);
    g_assert_cmpfloat(hv_test_number(table, key, "total_bytes_per_s"), >, 1e6);
}

static void
test_stopping_leaves_no_trace(void)
{
    g_auto(HvTestResctrl) run = { 0 };
    g_autofree char *before = NULL, *between = NULL, *after = NULL;

    hv_test_resctrl_demo(&run, NULL, TRUE, NULL);
    hv_test_resctrl_make(run.host, "gold");
    hv_test_resctrl_join(run.host, "gold", hv_test_resctrl_tid(run.host, "web-3", 0));
    before = hv_test_resctrl_text(run.host);
    hv_test_resctrl_sample(&run, 3);
    between = hv_test_resctrl_text(run.host);
    hv_test_resctrl_stop(&run);
    after = hv_test_resctrl_text(run.host);
    g_assert_cmpstr(before, !=, between);
    g_assert_cmpstr(before, ==, after);
}

static void
test_without_leave_nothing_is_made(void)
{
    g_auto(HvTestResctrl) run = { 0 };
    g_autofree char *before = NULL, *after = NULL;

    hv_test_resctrl_demo(&run, NULL, FALSE, NULL);
    before = hv_test_resctrl_text(run.host);
    hv_test_resctrl_sample(&run, 3);
    after = hv_test_resctrl_text(run.host);
    g_assert_cmpstr(before, ==, after);
    g_assert_cmpstr(hv_test_text(hv_test_resctrl_table(&run, "resctrl"), NULL, "groups_why"),
                    ==, "no monitoring groups are made unless asked for");
    g_assert_null(mon_of(&run, "redis-1/0"));
}

static void
test_threads_in_a_foreign_group_stay_there(void)
{
    g_auto(HvTestResctrl) run = { 0 };
    HvTable *mon;

    hv_test_resctrl_demo(&run, NULL, TRUE, NULL);
    hv_test_resctrl_make(run.host, "mon_groups/theirs");
    for (guint i = 0; i < 8; i++)
        hv_test_resctrl_join(run.host, "mon_groups/theirs",
                             hv_test_resctrl_tid(run.host, "redis-1", i));
    hv_test_resctrl_sample(&run, 2);
    g_assert_cmpstr(mon_of(&run, "redis-1/0"), ==, "theirs");
    mon = hv_test_resctrl_table(&run, "resctrl_mon");
    g_assert_cmpstr(hv_test_text(mon, "default/theirs/0", "vm"), ==, "redis-1");
    g_assert_cmpfloat(hv_test_number(mon, "default/theirs/0", "whole"), ==, 1);
    g_assert_cmpfloat(hv_test_number(mon, "default/theirs/0", "ours"), ==, 0);
    g_assert_cmpuint(n_rows_of(&run, "redis-1"), ==, 2);
}

static void
test_a_foreign_group_of_some_is_completed_by_ours(void)
{
    g_auto(HvTestResctrl) run = { 0 };
    HvTable *mon;

    hv_test_resctrl_demo(&run, NULL, TRUE, NULL);
    hv_test_resctrl_make(run.host, "mon_groups/theirs");
    hv_test_resctrl_join(run.host, "mon_groups/theirs",
                         hv_test_resctrl_tid(run.host, "redis-1", 3));
    hv_test_resctrl_sample(&run, 2);
    mon = hv_test_resctrl_table(&run, "resctrl_mon");
    g_assert_cmpfloat(hv_test_number(mon, "default/theirs/0", "whole"), ==, 0);
    g_assert_cmpstr(mon_of(&run, "redis-1/3"), ==, "theirs");
    g_assert_true(hv_monitoring_is_ours(mon_of(&run, "redis-1/2")));
    g_assert_cmpuint(n_rows_of(&run, "redis-1"), ==, 4);
}

static void
test_a_foreign_group_of_two_vms_counts_neither(void)
{
    g_auto(HvTestResctrl) run = { 0 };

    hv_test_resctrl_demo(&run, NULL, TRUE, NULL);
    hv_test_resctrl_make(run.host, "mon_groups/both");
    hv_test_resctrl_join(run.host, "mon_groups/both",
                         hv_test_resctrl_tid(run.host, "redis-1", 0));
    hv_test_resctrl_join(run.host, "mon_groups/both",
                         hv_test_resctrl_tid(run.host, "web-3", 0));
    hv_test_resctrl_sample(&run, 1);
    g_assert_null(
        hv_test_text(hv_test_resctrl_table(&run, "resctrl_mon"), "default/both/0", "vm"));
    g_assert_cmpfloat(
        hv_test_number(hv_test_resctrl_table(&run, "vm_groups"), "web-3/0", "counted"), ==, 0);
}

static void
test_a_group_is_made_in_each_control_group(void)
{
    g_auto(HvTestResctrl) run = { 0 };
    const char *mon;
    g_autofree char *path = NULL;

    hv_test_resctrl_demo(&run, NULL, TRUE, NULL);
    hv_test_resctrl_make(run.host, "gold");
    hv_test_resctrl_join(run.host, "gold", hv_test_resctrl_tid(run.host, "redis-1", 1));
    hv_test_resctrl_join(run.host, "gold", hv_test_resctrl_tid(run.host, "web-3", 0));
    hv_test_resctrl_sample(&run, 2);
    mon = mon_of(&run, "redis-1/1");
    g_assert_cmpstr(mon, ==, mon_of(&run, "redis-1/0"));
    path = g_strdup_printf(HV_RESCTRL_DIR "/gold/mon_groups/%s", mon);
    g_assert_true(hv_host_exists(run.host, path));
    g_assert_cmpuint(n_rows_of(&run, "redis-1"), ==, 4);
}

static void
test_a_control_group_of_one_vm_needs_no_other(void)
{
    g_auto(HvTestResctrl) run = { 0 };
    HvTable *mon;

    hv_test_resctrl_demo(&run, NULL, TRUE, NULL);
    hv_test_resctrl_make(run.host, "gold");
    for (guint i = 0; i < 8; i++)
        hv_test_resctrl_join(run.host, "gold", hv_test_resctrl_tid(run.host, "redis-1", i));
    hv_test_resctrl_sample(&run, 2);
    mon = hv_test_resctrl_table(&run, "resctrl_mon");
    g_assert_cmpstr(hv_test_text(mon, "gold//0", "vm"), ==, "redis-1");
    g_assert_cmpfloat(hv_test_number(mon, "gold//0", "whole"), ==, 1);
    g_assert_null(mon_of(&run, "redis-1/0"));
    g_assert_cmpfloat(
        hv_test_number(hv_test_resctrl_table(&run, "vm_groups"), "redis-1/0", "counted"), ==,
        1);
}

static void
test_a_thread_that_comes_later_is_caught(void)
{
    g_auto(HvTestResctrl) run = { 0 };
    const char *mon;
    g_autofree char *group = NULL;
    int tid;

    hv_test_resctrl_demo(&run, NULL, TRUE, NULL);
    hv_test_resctrl_sample(&run, 1);
    mon = mon_of(&run, "redis-1/0");
    group = g_strdup_printf("mon_groups/%s", mon);
    tid = hv_test_resctrl_tid(run.host, "redis-1", 0);
    hv_test_resctrl_join(run.host, "", tid); /* out of it, as a new thread is */
    hv_test_resctrl_sample(&run, 7);
    g_assert_cmpstr(mon_of(&run, "redis-1/0"), ==, strrchr(group, '/') + 1);
    g_assert_cmpfloat(
        hv_test_number(hv_test_resctrl_table(&run, "vm_groups"), "redis-1/0", "counted"), ==,
        1);
}

static void
count(const char *kind, const char *name, guint64 n, gpointer data)
{
    g_assert_cmpstr(kind, ==, HV_FOOTPRINT_GROUP);
    g_assert_true(g_str_has_prefix(name, "mon_groups/hvtune-"));
    *(guint64 *)data += n;
}

static void
test_what_is_made_is_told(void)
{
    g_auto(HvTestResctrl) run = { 0 };
    guint64 n = 0;

    hv_test_resctrl_demo(&run, NULL, TRUE, NULL);
    hv_test_resctrl_sample(&run, 1);
    hv_footprint_each(run.host, count, &n);
    g_assert_cmpuint(n, ==, n_ours(run.host));
    hv_test_resctrl_stop(&run);
    n = 0;
    hv_footprint_each(run.host, count, &n);
    g_assert_cmpuint(n, ==, 0);
}

/* ---- leases ---- */

static char *
make_lease(const char *state_dir, const char *process, const char *text)
{
    g_autofree char *directory = g_build_filename(state_dir, "monitoring", NULL);
    char *path = g_build_filename(directory, process, NULL);

    g_assert_cmpint(g_mkdir_with_parents(directory, 0700), ==, 0);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    return path;
}

/* Another hvtune that lives: the process that started this test. */
static char *
living_process(void)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", (int)getppid()), *text = NULL;
    g_auto(GStrv) fields = NULL;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    fields = g_strsplit(strrchr(text, ')') + 2, " ", 0);
    return g_strdup_printf("%d-%s", (int)getppid(), fields[22 - 3]);
}

static void
test_a_killed_hvtunes_groups_go_at_the_next_start(void)
{
    g_auto(HvTestResctrl) run = { 0 };
    g_autoptr(HvTestTree) state = hv_test_tree_new();
    g_autofree char *before = NULL, *after = NULL, *lease = NULL;

    lease = make_lease(state->path, "2147483647-1", "mon_groups/hvtune-" OURS "\n");
    hv_test_resctrl_demo(&run, NULL, FALSE, state->path);
    before = hv_test_resctrl_text(run.host);
    hv_test_resctrl_make(run.host, "mon_groups/hvtune-" OURS);
    hv_test_resctrl_join(run.host, "mon_groups/hvtune-" OURS,
                         hv_test_resctrl_tid(run.host, "redis-1", 0));
    hv_test_resctrl_sample(&run, 1);
    after = hv_test_resctrl_text(run.host);
    g_assert_cmpstr(before, ==, after);
    g_assert_false(g_file_test(lease, G_FILE_TEST_EXISTS));
}

static void
test_names_that_only_look_like_ours_stay(void)
{
    g_auto(HvTestResctrl) run = { 0 };
    g_autoptr(HvTestTree) state = hv_test_tree_new();
    g_autofree char *before = NULL, *after = NULL;

    hv_test_resctrl_demo(&run, NULL, TRUE, state->path);
    hv_test_resctrl_make(run.host, "mon_groups/hvtune-mine");
    hv_test_resctrl_make(run.host, "hvtune-gold");
    before = hv_test_resctrl_text(run.host);
    hv_test_resctrl_sample(&run, 2);
    hv_test_resctrl_stop(&run);
    after = hv_test_resctrl_text(run.host);
    g_assert_cmpstr(before, ==, after);
}

static void
test_what_another_hvtune_uses_stays(void)
{
    g_auto(HvTestResctrl) run = { 0 };
    g_autoptr(HvTestTree) state = hv_test_tree_new();
    g_autofree char *process = living_process(), *group = NULL, *line = NULL, *lease = NULL;

    hv_test_resctrl_demo(&run, NULL, TRUE, state->path);
    hv_test_resctrl_sample(&run, 1);
    group = g_strdup_printf("mon_groups/%s", mon_of(&run, "redis-1/0"));
    line = g_strdup_printf("%s\n", group);
    lease = make_lease(state->path, process, line);
    hv_test_resctrl_stop(&run);
    g_assert_cmpuint(n_ours(run.host), ==, 1);
    g_free(g_steal_pointer(&line));
    line = g_build_filename(HV_RESCTRL_DIR, group, NULL);
    g_assert_true(hv_host_exists(run.host, line));
    g_assert_true(g_file_test(lease, G_FILE_TEST_EXISTS));
}

static void
test_the_lease_names_every_group(void)
{
    g_auto(HvTestResctrl) run = { 0 };
    g_autoptr(HvTestTree) state = hv_test_tree_new();
    g_autofree char *directory = g_build_filename(state->path, "monitoring", NULL);
    g_autoptr(GDir) listing = NULL;
    g_autofree char *path = NULL, *text = NULL;
    g_auto(GStrv) lines = NULL;

    hv_test_resctrl_demo(&run, NULL, TRUE, state->path);
    hv_test_resctrl_sample(&run, 1);
    listing = g_dir_open(directory, 0, NULL);
    g_assert_nonnull(listing);
    path = g_build_filename(directory, g_dir_read_name(listing), NULL);
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    lines = g_strsplit(g_strchomp(text), "\n", 0);
    g_assert_cmpuint(g_strv_length(lines), ==, n_ours(run.host));
    hv_test_resctrl_stop(&run);
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
}

static void
test_a_state_directory_open_to_others_is_not_used(void)
{
    g_auto(HvTestResctrl) run = { 0 };
    g_autoptr(HvTestTree) state = hv_test_tree_new();

    g_assert_cmpint(g_chmod(state->path, 0777), ==, 0);
    hv_test_resctrl_demo(&run, NULL, TRUE, state->path);
    hv_test_resctrl_sample(&run, 1);
    g_assert_cmpuint(n_ours(run.host), ==, 0);
    g_assert_nonnull(
        strstr(hv_test_text(hv_test_resctrl_table(&run, "resctrl"), NULL, "groups_why"),
               "only this user"));
}

static void
test_a_lock_held_by_another_is_waited_for_briefly(void)
{
    g_auto(HvTestResctrl) run = { 0 };
    int lock;

    hv_test_resctrl_demo(&run, NULL, TRUE, NULL);
    lock = hv_host_lock(run.host, HV_RESCTRL_DIR, TRUE, 0, NULL);
    g_assert_cmpint(lock, >=, 0);
    hv_test_resctrl_sample(&run, 1);
    g_assert_cmpuint(n_ours(run.host), ==, 0);
    g_assert_nonnull(
        strstr(hv_test_text(hv_test_resctrl_table(&run, "resctrl"), NULL, "groups_why"),
               "locked by another process for 200 ms"));
    close(lock);
    hv_test_resctrl_sample(&run, 6);
    g_assert_cmpuint(n_ours(run.host), >, 0);
}

/* ---- too few RMIDs ---- */

static void
want(HvTestResctrl *run, const char *vm)
{
    if (!run->interest)
        run->interest = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_hash_table_add(run->interest, g_strdup(vm));
}

static void
test_half_of_the_free_rmids_is_all_that_is_taken(void)
{
    g_auto(HvTestResctrl) run = { 0 };

    hv_test_resctrl_demo(&run, "rmids=12", TRUE, NULL);
    hv_test_resctrl_make(run.host, "mon_groups/theirs");
    want(&run, "redis-1");
    for (guint i = 0; i < 40; i++) {
        hv_test_resctrl_sample(&run, 1);
        g_assert_cmpuint(n_ours(run.host), <=, 5); /* 12 less the default group and theirs */
    }
    g_assert_cmpfloat(of_resctrl(&run, "groups_limit"), ==, 5);
    g_assert_true(hv_monitoring_is_ours(mon_of(&run, "redis-1/0")));
    g_assert_nonnull(
        strstr(hv_test_text(hv_test_resctrl_table(&run, "resctrl"), NULL, "groups_why"),
               "take turns"));
}

static void
test_all_others_get_their_turn_and_keep_their_numbers(void)
{
    g_auto(HvTestResctrl) run = { 0 };
    g_autoptr(HvGuestList) guests = NULL;
    HvTable *mon;
    guint n_old = 0;

    hv_test_resctrl_demo(&run, "rmids=12", TRUE, NULL);
    want(&run, "redis-1");
    hv_test_resctrl_sample(&run, 300);
    guests = hv_host_guests(run.host);
    for (guint i = 0; i < guests->n_guests; i++)
        g_assert_cmpuint(n_rows_of(&run, guests->guests[i]->name), >=, 1);
    mon = hv_test_resctrl_table(&run, "resctrl_mon");
    for (guint row = 0; row < hv_table_n_rows(mon); row++) {
        double age = -1;

        g_assert_true(hv_table_f64(mon, row, hv_table_column(mon, "age_s"), &age));
        if (age < 2)
            continue;
        n_old++;
        g_assert_cmpint(hv_table_mark(mon, row, hv_table_column(mon, "occupancy_bytes")), ==,
                        HV_MARK_ABSENT);
        g_assert_true(hv_table_f64(mon, row, hv_table_column(mon, "total_bytes_per_s"), &age));
    }
    g_assert_cmpuint(n_old, >, 0);
}

/* Everything but what is counted is used up. */
static void
test_out_of_rmids_is_said_in_the_kernels_words(void)
{
    g_autoptr(HvMonitoring) monitoring = NULL;
    g_autoptr(GArray) wishes = g_array_new(FALSE, TRUE, sizeof(HvMonitoringWish));
    HvMonitoringWish wish = { .path = g_strdup("mon_groups/hvtune-" OURS),
                              .tids = g_array_new(FALSE, FALSE, sizeof(int)) };
    g_auto(HvTestResctrl) run = { 0 };
    g_autoptr(GError) error = NULL;
    const HvMonitoringWish *done;

    g_array_set_clear_func(wishes, hv_monitoring_wish_clear);
    g_array_append_val(wishes, wish);
    hv_test_resctrl_demo(&run, "rmids=3", TRUE, NULL);
    hv_test_resctrl_make(run.host, "mon_groups/a");
    hv_test_resctrl_make(run.host, "mon_groups/b");
    monitoring = hv_monitoring_new(run.host);
    g_assert_true(hv_monitoring_lock(monitoring, &error));
    g_assert_true(hv_monitoring_set(monitoring, wishes, &error));
    hv_monitoring_unlock(monitoring);
    done = &g_array_index(wishes, HvMonitoringWish, 0);
    g_assert_error(done->error, HV_ERROR, HV_ERROR_REFUSED);
    g_assert_nonnull(strstr(done->error->message, "Out of RMIDs"));
    g_assert_nonnull(strstr(done->error->message, "No space left"));
    g_assert_false(hv_monitoring_is_limbo(done->error));
    g_assert_cmpuint(hv_monitoring_n_held(monitoring), ==, 0);
}

static void
test_missing_values_halve_what_is_made(void)
{
    g_auto(HvTestResctrl) run = { 0 };
    double at_first;

    hv_test_resctrl_demo(&run, "amd,counters=6", TRUE, NULL);
    hv_test_resctrl_sample(&run, 1);
    at_first = of_resctrl(&run, "groups_held");
    g_assert_cmpfloat(at_first, >, 8);
    hv_test_resctrl_sample(&run, 40);
    g_assert_cmpfloat(of_resctrl(&run, "groups_held"), <=, at_first / 2);
    g_assert_cmpfloat(of_resctrl(&run, "groups_held"), >=, 1);
}

/* ---- warming ---- */

static void
test_a_new_group_is_warming_until_it_has_filled_the_cache(void)
{
    g_auto(HvTestResctrl) run = { 0 };
    g_autofree char *key = NULL;
    HvTable *mon;

    hv_test_resctrl_demo(&run, NULL, TRUE, NULL);
    hv_test_resctrl_sample(&run, 0);
    key = g_strdup_printf("default/%s/0", mon_of(&run, "redis-1/0"));
    mon = hv_test_resctrl_table(&run, "resctrl_mon");
    g_assert_cmpfloat(hv_test_number(mon, key, "warming"), ==, 1);
    g_assert_cmpfloat(hv_test_number(mon, "default//0", "warming"), ==, 0);
    hv_test_resctrl_sample(&run, 10);
    mon = hv_test_resctrl_table(&run, "resctrl_mon");
    g_assert_cmpfloat(hv_test_number(mon, key, "warming"), ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func("/resctrl-groups/" name, function)
    ADD("every-vm-is-counted-whole", test_every_vm_is_counted_whole);
    ADD("numbers-are-those-of-the-files", test_numbers_are_those_of_the_files);
    ADD("stopping-leaves-no-trace", test_stopping_leaves_no_trace);
    ADD("without-leave-nothing-is-made", test_without_leave_nothing_is_made);
    ADD("threads-in-a-foreign-group-stay-there", test_threads_in_a_foreign_group_stay_there);
    ADD("a-foreign-group-of-some-is-completed-by-ours",
        test_a_foreign_group_of_some_is_completed_by_ours);
    ADD("a-foreign-group-of-two-vms-counts-neither",
        test_a_foreign_group_of_two_vms_counts_neither);
    ADD("a-group-is-made-in-each-control-group", test_a_group_is_made_in_each_control_group);
    ADD("a-control-group-of-one-vm-needs-no-other",
        test_a_control_group_of_one_vm_needs_no_other);
    ADD("a-thread-that-comes-later-is-caught", test_a_thread_that_comes_later_is_caught);
    ADD("what-is-made-is-told", test_what_is_made_is_told);
    ADD("a-killed-hvtunes-groups-go-at-the-next-start",
        test_a_killed_hvtunes_groups_go_at_the_next_start);
    ADD("names-that-only-look-like-ours-stay", test_names_that_only_look_like_ours_stay);
    ADD("what-another-hvtune-uses-stays", test_what_another_hvtune_uses_stays);
    ADD("the-lease-names-every-group", test_the_lease_names_every_group);
    ADD("a-state-directory-open-to-others-is-not-used",
        test_a_state_directory_open_to_others_is_not_used);
    ADD("a-lock-held-by-another-is-waited-for-briefly",
        test_a_lock_held_by_another_is_waited_for_briefly);
    ADD("half-of-the-free-rmids-is-all-that-is-taken",
        test_half_of_the_free_rmids_is_all_that_is_taken);
    ADD("all-others-get-their-turn-and-keep-their-numbers",
        test_all_others_get_their_turn_and_keep_their_numbers);
    ADD("out-of-rmids-is-said-in-the-kernels-words",
        test_out_of_rmids_is_said_in_the_kernels_words);
    ADD("missing-values-halve-what-is-made", test_missing_values_halve_what_is_made);
    ADD("a-new-group-is-warming-until-it-has-filled-the-cache",
        test_a_new_group_is_warming_until_it_has_filled_the_cache);
#undef ADD
    return g_test_run();
}
