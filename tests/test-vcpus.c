/* The probes "vcpus" and "vms" on private trees: rates, reasons, threads that come and go. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/error.h"
#include "probes/pressure.h"
#include "probes/task.h"
#include "probes/vm-files.h"
#include "tests/probe-run.h"
#include "tests/vm-tree.h"

#define S G_GINT64_CONSTANT(1000000000)
#define MS 1000000u

extern const HvProbe hv_probe_vcpus, hv_probe_vms;

typedef struct {
    HvTestTree *tree;
    HvTestRun run;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer probe)
{
    fixture->tree = hv_test_tree_new();
    hv_test_host_add(fixture->tree, 2, 4);
    hv_test_vm_add(fixture->tree, 1000, "web", 2);
    hv_test_run_open(&fixture->run, probe, fixture->tree->path);
}

static void
tear_down(Fixture *fixture, gconstpointer probe G_GNUC_UNUSED)
{
    hv_test_run_close(&fixture->run);
    hv_test_tree_free(fixture->tree);
}

static HvTable *
sample(Fixture *fixture)
{
    return hv_test_run_sample(&fixture->run, S);
}

static void
test_rates_are_nanoseconds_per_nanosecond(Fixture *fixture, gconstpointer probe G_GNUC_UNUSED)
{
    const HvTestVcpu later = { .run_ns = 300 * MS,
                               .wait_ns = 150 * MS,
                               .user_ticks = 25,
                               .system_ticks = 5,
                               .guest_ticks = 20,
                               .cpu = 3,
                               .allowed = "2-3",
                               .switches = 500,
                               .state = 'R' };
    HvTable *table = sample(fixture);

    g_assert_cmpstr(hv_test_text(table, "web/1", "cpus_allowed"), ==, "0-3");
    g_assert_cmpint(hv_test_mark(table, "web/1", "run_ratio"), ==, HV_MARK_ABSENT);
    hv_test_vm_set_vcpu(fixture->tree, 1000, 1, &later);
    table = sample(fixture);
    g_assert_cmpuint(hv_table_n_rows(table), ==, 2);
    hv_test_assert_near(hv_test_number(table, "web/1", "run_ratio"), 0.3);
    hv_test_assert_near(hv_test_number(table, "web/1", "wait_ratio"), 0.15);
    hv_test_assert_near(hv_test_number(table, "web/1", "user_ratio"), 0.25);
    hv_test_assert_near(hv_test_number(table, "web/1", "system_ratio"), 0.05);
    hv_test_assert_near(hv_test_number(table, "web/1", "guest_ratio"), 0.2);
    hv_test_assert_near(hv_test_number(table, "web/1", "switches_per_s"), 500);
    hv_test_assert_near(hv_test_number(table, "web/0", "run_ratio"), 0);
    hv_test_assert_near(hv_test_number(table, "web/1", "cpu"), 3);
    hv_test_assert_near(hv_test_number(table, "web/1", "node"), 1);
    hv_test_assert_near(hv_test_number(table, "web/1", "tid"), 1002);
    g_assert_cmpstr(hv_test_text(table, "web/1", "cpus_allowed"), ==, "2-3");
    g_assert_cmpstr(hv_test_text(table, "web/1", "state"), ==, "running");
}

static void
test_a_counter_that_went_back_gives_no_rate(Fixture *fixture, gconstpointer probe G_GNUC_UNUSED)
{
    const HvTestVcpu high = { .run_ns = 900 * MS }, low = { .run_ns = 1 };

    hv_test_vm_set_vcpu(fixture->tree, 1000, 0, &high);
    sample(fixture);
    hv_test_vm_set_vcpu(fixture->tree, 1000, 0, &low);
    g_assert_cmpint(hv_test_mark(sample(fixture), "web/0", "run_ratio"), ==, HV_MARK_ABSENT);
}

static void
remove_schedstat(Fixture *fixture)
{
    hv_test_tree_remove(fixture->tree, "proc/1000/task/1001/schedstat");
}

static void
test_without_schedstat_run_is_estimated_and_wait_absent(Fixture *fixture,
                                                        gconstpointer probe G_GNUC_UNUSED)
{
    const HvTestVcpu later = { .user_ticks = 30, .system_ticks = 10 };
    HvTable *table;

    remove_schedstat(fixture);
    sample(fixture);
    hv_test_vm_set_vcpu(fixture->tree, 1000, 0, &later);
    remove_schedstat(fixture);
    table = sample(fixture);
    g_assert_cmpint(hv_test_mark(table, "web/0", "run_ratio"), ==, HV_MARK_ESTIMATED);
    hv_test_assert_near(hv_test_number(table, "web/0", "run_ratio"), 0.4);
    g_assert_cmpint(hv_test_mark(table, "web/0", "wait_ratio"), ==, HV_MARK_ABSENT);
    g_assert_cmpint(hv_test_mark(table, "web/1", "wait_ratio"), ==, HV_MARK_MEASURED);
}

static void
test_what_nobody_looks_at_is_read_in_turns(Fixture *fixture, gconstpointer probe G_GNUC_UNUSED)
{
    const HvTestVcpu moved = { .run_ns = 5, .cpu = 2 };
    guint n_ticks = 0;
    HvTable *table;

    sample(fixture);
    fixture->run.interest = g_hash_table_new(g_str_hash, g_str_equal);
    hv_test_vm_set_vcpu(fixture->tree, 1000, 1, &moved);
    do {
        table = sample(fixture);
        n_ticks++;
        g_assert_cmpfloat((double)fixture->run.now_ns -
                              hv_test_number(table, "web/1", "stat_ns"),
                          <=, 10.0 * (double)S);
    } while (hv_test_number(table, "web/1", "cpu") != 2 && n_ticks < 20);
    g_assert_cmpuint(n_ticks, <=, 10);
    g_assert_cmpuint(n_ticks, >, 1); /* schedstat is read each time, stat is not */
    hv_test_assert_near(hv_test_number(table, "web/1", "run_ns"), 5);
}

static void
test_a_vm_in_view_is_read_each_time(Fixture *fixture, gconstpointer probe G_GNUC_UNUSED)
{
    const HvTestVcpu moved = { .cpu = 2 };

    fixture->run.interest = g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_add(fixture->run.interest, (gpointer)(guintptr) "web");
    sample(fixture);
    hv_test_vm_set_vcpu(fixture->tree, 1000, 1, &moved);
    hv_test_assert_near(hv_test_number(sample(fixture), "web/1", "cpu"), 2);
}

static void
test_a_broken_stat_leaves_the_row_without_numbers(Fixture *fixture,
                                                  gconstpointer probe G_GNUC_UNUSED)
{
    g_autofree char *garbage = g_strnfill(4000, 'x');
    HvTable *table = sample(fixture);

    g_assert_cmpint(hv_test_mark(table, "web/0", "user_ns"), ==, HV_MARK_MEASURED);
    hv_test_rewrite(fixture->tree, "proc/1000/task/1001/stat", garbage);
    table = sample(fixture);
    g_assert_cmpint(hv_test_mark(table, "web/0", "user_ratio"), ==, HV_MARK_FAILED);
    g_assert_cmpint(hv_test_mark(table, "web/0", "run_ratio"), ==, HV_MARK_MEASURED);
}

static void
test_vm_counters(Fixture *fixture, gconstpointer probe G_GNUC_UNUSED)
{
    HvTable *table = sample(fixture);

    g_assert_cmpuint(hv_table_n_rows(table), ==, 1);
    hv_test_assert_near(hv_test_number(table, "web", "resident_bytes"), (204800 + 2048) * 1024);
    hv_test_assert_near(hv_test_number(table, "web", "swap_bytes"), 1024 * 1024);
    hv_test_assert_near(hv_test_number(table, "web", "major_faults"), 7);
    hv_test_assert_near(hv_test_number(table, "web", "pid"), 1000);
    hv_test_assert_near(hv_test_number(table, "web", "n_vcpus"), 2);
    g_assert_cmpint(hv_test_mark(table, "web", "tap_drops"), ==, HV_MARK_ABSENT);
    g_assert_cmpint(hv_test_mark(table, "web", "haltpoll_ns"), ==, HV_MARK_ABSENT);
    g_assert_cmpint(hv_test_mark(table, "web", "not_answering_s"), ==, HV_MARK_ABSENT);
}

/* A VM has one vCPU at least: 0 is what nobody told. */
static void
test_a_number_of_vcpus_that_nobody_told_is_absent(Fixture *fixture,
                                                  gconstpointer probe G_GNUC_UNUSED)
{
    const HvProbe *vms = fixture->run.probe;

    hv_test_run_close(&fixture->run);
    hv_test_vm_add(fixture->tree, 2000, "bare", 0);
    hv_test_run_open(&fixture->run, vms, fixture->tree->path);
    g_assert_cmpint(hv_test_mark(sample(fixture), "bare", "n_vcpus"), ==, HV_MARK_ABSENT);
}

static void
set_emulator(Fixture *fixture, guint64 run_ns)
{
    hv_test_rewrite_printf(fixture->tree, "proc/1000/task/1000/schedstat",
                           "%" G_GUINT64_FORMAT " 0 9\n", run_ns);
}

static void
test_the_emulator_is_counted_from_when_it_was_first_seen(Fixture *fixture,
                                                         gconstpointer probe G_GNUC_UNUSED)
{
    HvTable *table;

    set_emulator(fixture, 77 * S);
    hv_test_assert_near(hv_test_number(sample(fixture), "web", "emulator_run_ns"), 0);
    set_emulator(fixture, 77 * S + 200 * MS);
    table = sample(fixture);
    hv_test_assert_near(hv_test_number(table, "web", "emulator_ratio"), 0.2);
    hv_test_assert_near(hv_test_number(table, "web", "vhost_ratio"),
                        0); /* it has no vhost thread: known, and nothing */
}

#define GROUP "sys/fs/cgroup/machine.slice/machine-web.scope"

static void
write_limits(Fixture *fixture, guint n)
{
    hv_test_rewrite_printf(fixture->tree, GROUP "/cpu.stat",
                           "usage_usec 1\nnr_periods %u\nnr_throttled %u\nthrottled_usec %u\n",
                           n, n, n * 100000);
    hv_test_rewrite_printf(fixture->tree, GROUP "/libvirt/vcpu1/cpu.stat",
                           "usage_usec 1\nnr_periods %u\nnr_throttled %u\nthrottled_usec %u\n",
                           n, n, n * 300000);
    hv_test_rewrite_printf(fixture->tree, GROUP "/cpu.pressure",
                           "some avg10=0.00 avg60=0.00 avg300=0.00 total=%u\n", n * 250000);
}

/* The tree's cgroups are there when the door opens, as they are when a VM starts. */
static void
reopen_with_limits(Fixture *fixture)
{
    const HvProbe *probe = fixture->run.probe;

    hv_test_run_close(&fixture->run);
    hv_test_rewrite(fixture->tree, "proc/mounts", "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n");
    hv_test_rewrite(fixture->tree, "sys/kernel/debug/kvm/1000-12/halt_poll_success_ns", "70\n");
    hv_test_rewrite(fixture->tree, "sys/kernel/debug/kvm/1000-12/halt_poll_fail_ns", "30\n");
    write_limits(fixture, 1);
    hv_test_run_open(&fixture->run, probe, fixture->tree->path);
}

static void
test_a_vcpu_is_throttled_by_its_own_group(Fixture *fixture, gconstpointer probe G_GNUC_UNUSED)
{
    HvTable *table;

    reopen_with_limits(fixture);
    sample(fixture);
    write_limits(fixture, 2);
    table = sample(fixture);
    hv_test_assert_near(hv_test_number(table, "web/1", "throttled_ratio"), 0.3);
    g_assert_cmpint(hv_test_mark(table, "web/0", "throttled_ratio"), ==, HV_MARK_ABSENT);
}

/* A limit in force is asked each time, even of a vCPU that nobody looks at. */
static void
test_a_limited_vcpu_is_asked_each_time(Fixture *fixture, gconstpointer probe G_GNUC_UNUSED)
{
    reopen_with_limits(fixture);
    sample(fixture);
    write_limits(fixture, 2);
    sample(fixture);
    fixture->run.interest = g_hash_table_new(g_str_hash, g_str_equal);
    write_limits(fixture, 4);
    hv_test_assert_near(hv_test_number(sample(fixture), "web/1", "throttled_ratio"), 0.6);
}

static void
test_the_group_of_a_vm_tells_pressure_and_limit(Fixture *fixture,
                                                gconstpointer probe G_GNUC_UNUSED)
{
    HvTable *table;

    reopen_with_limits(fixture);
    table = sample(fixture);
    hv_test_assert_near(hv_test_number(table, "web", "haltpoll_ns"), 100);
    write_limits(fixture, 2);
    table = sample(fixture);
    hv_test_assert_near(hv_test_number(table, "web", "throttled_ratio"), 0.1);
    hv_test_assert_near(hv_test_number(table, "web", "psi_cpu_some_ratio"), 0.25);
    g_assert_cmpint(hv_test_mark(table, "web", "psi_io_some_ratio"), ==, HV_MARK_ABSENT);
}

/* With a libvirt that hangs, the last rate would stand for ever as if it were of now. */
static void
test_halt_polling_that_libvirt_stopped_telling_is_absent(Fixture *fixture,
                                                         gconstpointer probe G_GNUC_UNUSED)
{
    static char name[] = "web", none[] = "";
    HvGuest guest = { .name = name, .pid = 1000, .cgroup = none };
    HvVmReader *reader = hv_vm_reader_new(fixture->run.host);
    const gint64 first_ns = 1000 * S, second_ns = first_ns + 40 * S;
    const HvVmNumber *number;
    HvVmFiles *files;

    hv_vm_reader_relist(reader);
    guest.haltpoll_read_ns = first_ns;
    guest.haltpoll_ns = 5;
    files = hv_vm_files_renew(reader, NULL, &guest);
    guest.haltpoll_read_ns = second_ns;
    files = hv_vm_files_renew(reader, files, &guest);
    number = &hv_vm_files_read(reader, files, HV_REGARD_CLOSE, second_ns + 160 * S)
                  ->numbers[HV_VM_HALT_POLL_NS];
    g_assert_true(number->has_value); /* it comes every 40 s */
    number = &hv_vm_files_read(reader, files, HV_REGARD_CLOSE, second_ns + 200 * S)
                  ->numbers[HV_VM_HALT_POLL_NS];
    g_assert_false(number->has_value);
    g_assert_true(number->why || number->error);
    hv_vm_files_free(reader, files);
    hv_vm_reader_free(reader);
}

/* Its error is gone with the list: it is not told until its turn comes. */
static void
test_what_failed_is_read_again_when_the_list_changed(Fixture *fixture,
                                                     gconstpointer probe G_GNUC_UNUSED)
{
    static char name[] = "web", none[] = "";
    const HvGuest guest = { .name = name, .pid = 1000, .cgroup = none };
    HvVmReader *reader = hv_vm_reader_new(fixture->run.host);
    const HvVmNumber *number;
    HvVmFiles *files;

    hv_vm_reader_relist(reader);
    files = hv_vm_files_renew(reader, NULL, &guest);
    number =
        &hv_vm_files_read(reader, files, HV_REGARD_SEEN, 1000 * S)->numbers[HV_VM_HALT_POLL_NS];
    g_assert_error(number->error, HV_ERROR, HV_ERROR_ABSENT);
    hv_test_rewrite(fixture->tree, "sys/kernel/debug/kvm/1000-12/halt_poll_success_ns", "70\n");
    hv_test_rewrite(fixture->tree, "sys/kernel/debug/kvm/1000-12/halt_poll_fail_ns", "30\n");
    hv_vm_reader_relist(reader);
    files = hv_vm_files_renew(reader, files, &guest);
    number = &hv_vm_files_read(reader, files, HV_REGARD_SEEN, 1000 * S + MS)
                  ->numbers[HV_VM_HALT_POLL_NS];
    g_assert_true(number->has_value);
    g_assert_cmpuint(number->value, ==, 100);
    hv_vm_files_free(reader, files);
    hv_vm_reader_free(reader);
}

/* Where both versions are mounted, version 1 limits and version 2 has the pressure. */
static void
test_a_hybrid_group_has_pressure(Fixture *fixture, gconstpointer probe G_GNUC_UNUSED)
{
    static char name[] = "web", limits[] = "sys/fs/cgroup/cpu/web", unified[] = GROUP;
    HvGuest guest = { .name = name, .pid = 1000, .cgroup = limits, .cgroup_pressure = unified };
    HvVmReader *reader = hv_vm_reader_new(fixture->run.host);
    HvVmFiles *files;
    const HvVmNumber *number;

    write_limits(fixture, 2);
    hv_vm_reader_relist(reader);
    files = hv_vm_files_renew(reader, NULL, &guest);
    number = &hv_vm_files_read(reader, files, HV_REGARD_CLOSE, S)->numbers[HV_VM_PSI_CPU_NS];
    g_assert_true(number->has_value);
    g_assert_cmpuint(number->value, ==, 500 * MS);
    hv_vm_files_free(reader, files);
    hv_vm_reader_free(reader);
}

static void
test_stat_is_read_behind_the_last_bracket(void)
{
    char line[] = "12 (evil) R ) (x) S 1 2 3 0 -1 4194560 10 0 7 0 25 5 0 0 20 0 9 0 99 1 2 3 "
                  "4 5 0 0 0 0 0 0 0 0 0 0 17 "
                  "6 0 0 0 20 0 0\n";
    g_autoptr(GError) error = NULL;
    HvTaskStat stat = { 0 };

    g_assert_true(hv_task_stat_parse(line, &stat, &error));
    g_assert_no_error(error);
    g_assert_cmpint(stat.state, ==, 'S');
    g_assert_cmpuint(stat.major_faults, ==, 7);
    g_assert_cmpuint(stat.user_ns, ==, 250 * MS);
    g_assert_cmpuint(stat.system_ns, ==, 50 * MS);
    g_assert_cmpuint(stat.start_ticks, ==, 99);
    g_assert_cmpuint(stat.cpu, ==, 6);
    g_assert_cmpuint(stat.guest_ns, ==, 200 * MS);
}

static void
test_a_short_stat_is_malformed(void)
{
    char line[] = "12 (x) S 1 2 3";
    g_autoptr(GError) error = NULL;
    HvTaskStat stat = { .cpu = 5 };

    g_assert_false(hv_task_stat_parse(line, &stat, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
    g_assert_cmpuint(stat.cpu, ==, 5);
}

static void
test_throttling_is_read_from_both_versions(void)
{
    HvThrottle throttle;

    hv_throttle_parse("usage_usec 1\nnr_periods 20\nnr_throttled 3\nthrottled_usec 1500\n",
                      &throttle);
    g_assert_cmpuint(throttle.n_periods, ==, 20);
    g_assert_cmpuint(throttle.n_throttled, ==, 3);
    g_assert_cmpuint(throttle.throttled_ns, ==, 1500000);
    hv_throttle_parse("nr_periods 20\nnr_throttled 3\nthrottled_time 1500\n", &throttle);
    g_assert_cmpuint(throttle.throttled_ns, ==, 1500);
    hv_throttle_parse("usage_usec 1\n",
                      &throttle); /* no cpu controller: nothing can throttle */
    g_assert_cmpuint(throttle.throttled_ns, ==, 0);
}

static void
test_pressure_is_in_microseconds(void)
{
    char both[] = "some avg10=1.00 avg60=0.00 avg300=0.00 total=7\nfull avg10=0.00 avg60=0.00 "
                  "avg300=0.00 total=3\n";
    char some[] = "some avg10=0.00 avg60=0.00 avg300=0.00 total=12\n";
    char none[] = "some avg10=0.00\n";
    HvPressure pressure = { 0 };

    g_assert_true(hv_pressure_parse(both, &pressure, NULL));
    g_assert_cmpuint(pressure.some_ns, ==, 7000);
    g_assert_cmpuint(pressure.full_ns, ==, 3000);
    g_assert_true(hv_pressure_parse(some, &pressure, NULL));
    g_assert_true(pressure.has_some);
    g_assert_false(pressure.has_full);
    g_assert_false(hv_pressure_parse(none, &pressure, NULL));
}

#define ADD(path, probe, test) g_test_add(path, Fixture, probe, set_up, test, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("/vcpus/rates-are-ns-per-ns", &hv_probe_vcpus,
        test_rates_are_nanoseconds_per_nanosecond);
    ADD("/vcpus/a-counter-that-went-back-gives-no-rate", &hv_probe_vcpus,
        test_a_counter_that_went_back_gives_no_rate);
    ADD("/vcpus/without-schedstat-run-is-estimated-and-wait-absent", &hv_probe_vcpus,
        test_without_schedstat_run_is_estimated_and_wait_absent);
    ADD("/vcpus/what-nobody-looks-at-is-read-in-turns", &hv_probe_vcpus,
        test_what_nobody_looks_at_is_read_in_turns);
    ADD("/vcpus/a-vm-in-view-is-read-each-time", &hv_probe_vcpus,
        test_a_vm_in_view_is_read_each_time);
    ADD("/vcpus/a-broken-stat-leaves-the-row-without-numbers", &hv_probe_vcpus,
        test_a_broken_stat_leaves_the_row_without_numbers);
    ADD("/vcpus/a-vcpu-is-throttled-by-its-own-group", &hv_probe_vcpus,
        test_a_vcpu_is_throttled_by_its_own_group);
    ADD("/vcpus/a-limited-vcpu-is-asked-each-time", &hv_probe_vcpus,
        test_a_limited_vcpu_is_asked_each_time);
    ADD("/vms/the-group-tells-pressure-and-limit", &hv_probe_vms,
        test_the_group_of_a_vm_tells_pressure_and_limit);
    ADD("/vms/files-of-the-process-become-numbers", &hv_probe_vms, test_vm_counters);
    ADD("/vms/a-number-of-vcpus-that-nobody-told-is-absent", &hv_probe_vms,
        test_a_number_of_vcpus_that_nobody_told_is_absent);
    ADD("/vms/halt-polling-that-libvirt-stopped-telling-is-absent", &hv_probe_vms,
        test_halt_polling_that_libvirt_stopped_telling_is_absent);
    ADD("/vms/what-failed-is-read-again-when-the-list-changed", &hv_probe_vms,
        test_what_failed_is_read_again_when_the_list_changed);
    ADD("/vms/a-group-in-both-cgroup-versions-has-pressure", &hv_probe_vms,
        test_a_hybrid_group_has_pressure);
    ADD("/vms/the-emulator-is-counted-from-when-it-was-first-seen", &hv_probe_vms,
        test_the_emulator_is_counted_from_when_it_was_first_seen);
    g_test_add_func("/task/stat-is-read-behind-the-last-bracket",
                    test_stat_is_read_behind_the_last_bracket);
    g_test_add_func("/task/a-short-stat-is-malformed", test_a_short_stat_is_malformed);
    g_test_add_func("/pressure/throttling-is-read-from-both-versions",
                    test_throttling_is_read_from_both_versions);
    g_test_add_func("/pressure/totals-are-in-microseconds", test_pressure_is_in_microseconds);
    return g_test_run();
}
