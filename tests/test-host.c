/* The probe "host": what each file gives, and that what is missing has a reason and is never
 * this machine's. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probes/host-hardware.h"
#include "probes/host-io.h"
#include "probes/kmsg.h"
#include "tests/probe-run.h"
#include "tests/vm-tree.h"

#define S G_GINT64_CONSTANT(1000000000)

extern const HvProbe hv_probe_host;

typedef struct {
    HvTestTree *tree;
    HvTestRun run;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    fixture->tree = hv_test_tree_new();
}

static void
open_door(Fixture *fixture, const char *root)
{
    hv_test_run_open(&fixture->run, &hv_probe_host, root);
}

static void
tear_down(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    hv_test_run_close(&fixture->run);
    hv_test_tree_free(fixture->tree);
}

static HvTable *
sample(Fixture *fixture, gint64 after_ns)
{
    HvTable *table = hv_test_run_sample(&fixture->run, after_ns);

    g_assert_cmpuint(hv_table_n_rows(table), ==, 1);
    return table;
}

static double
number(const HvTable *table, const char *column)
{
    return hv_test_number(table, NULL, column);
}

static const char *
text(const HvTable *table, const char *column)
{
    return hv_test_text(table, NULL, column);
}

static void
test_an_empty_tree_has_one_row_and_only_reasons(Fixture *fixture,
                                                gconstpointer unused G_GNUC_UNUSED)
{
    HvTable *table;
    const HvSchema *schema;

    open_door(fixture, fixture->tree->path);
    table = sample(fixture, S);
    schema = hv_table_schema(table);
    g_assert_null(text(table, "hostname"));
    for (int column = 1; schema->columns[column].name; column++) {
        if (g_str_equal(schema->columns[column].name, "slow_at_ns"))
            continue; /* our own clock */
        if (hv_mark_has_value(hv_table_mark(table, 0, column)))
            g_error("%s has a value", schema->columns[column].name);
        g_assert_nonnull(hv_table_reason(table, 0, column));
    }
}

static void
write_counters(const HvTestTree *tree, guint n)
{
    hv_test_rewrite_printf(tree, "proc/pressure/cpu",
                           "some avg10=0.00 avg60=0.00 avg300=0.00 total=%09u\n", n * 250000);
    hv_test_rewrite_printf(tree, "proc/pressure/memory",
                           "some avg10=0.00 avg60=0.00 avg300=0.00 total=%09u\n"
                           "full avg10=0.00 avg60=0.00 avg300=0.00 total=%09u\n",
                           n * 100000, n * 50000);
    hv_test_rewrite_printf(
        tree, "proc/stat",
        "cpu  0 0 0 0 0 0 0 %06u 0 0\ncpu0 0 0 0 0 0 0 0 0\ncpu1 0 0 0 0 0 0 0 "
        "0\nintr %09u 5 6\n",
        n * 20, n * 300);
    hv_test_rewrite_printf(
        tree, "proc/diskstats",
        "   8 0 sda %09u 0 0 %09u 0 0 0 0 0 0 0\n   8 1 sda1 %09u 0 0 %09u 0 0 0 0 0 0 0\n"
        " 259 0 nvme0n1 %09u 0 0 %09u 10 0 0 10 0 0 0\n   7 0 loop0 %09u 0 0 %09u 0 0 0 0 0 0 "
        "0\n",
        n * 10, n * 40, n, n * 1000, n * 100, n * 30, n, n * 5000);
    hv_test_rewrite_printf(
        tree, "proc/net/dev",
        "Inter-|   Receive | Transmit\n face |bytes packets errs drop\n"
        "    lo: 1 1 0 500 0 0 0 0 1 1 0 500 0 0 0 0\n  eth0: 1 1 0 %06u 0 0 0 "
        "0 1 1 0 %06u 0 0 0 0\n",
        n * 7, n * 3);
}

static void
fill_tree(const HvTestTree *tree)
{
    hv_test_host_add(tree, 2, 4);
    hv_test_rewrite(tree, "proc/sys/kernel/osrelease", "6.1.0-test\n");
    hv_test_rewrite(tree, "proc/cpuinfo", "processor : 0\nmodel name\t: Test CPU @ 2.10GHz\n");
    hv_test_rewrite(tree, "proc/uptime", "12345.67 1.0\n");
    hv_test_rewrite(tree, "proc/vmstat", "nr_free_pages 1\noom_kill 3\n");
    hv_test_rewrite(tree, "proc/sys/kernel/hung_task_detect_count", "2\n");
    hv_test_rewrite(tree, "proc/meminfo",
                    "MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: 400 kB\nSwapTotal: 100 "
                    "kB\nSwapFree: 30 kB\n");
    hv_test_rewrite(tree, "proc/interrupts",
                    "      CPU0 CPU1\nMCE:    1    2   Machine check exceptions\nERR:  9\n");
    hv_test_tree_mkdir(tree, "sys/block/sda");
    hv_test_tree_mkdir(tree, "sys/block/nvme0n1");
    hv_test_tree_mkdir(tree, "sys/class/net/eth0/device");
    hv_test_rewrite(tree, "sys/devices/system/edac/mc/mc0/ce_count", "4\n");
    hv_test_rewrite(tree, "sys/devices/system/edac/mc/mc0/ue_count", "0\n");
    hv_test_rewrite(tree, "sys/devices/system/edac/mc/mc1/ce_count", "5\n");
    hv_test_rewrite(tree, "sys/devices/system/edac/mc/mc1/ue_count", "1\n");
    write_counters(tree, 1);
}

static void
test_each_file_gives_its_number(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    HvTable *table;

    fill_tree(fixture->tree);
    open_door(fixture, fixture->tree->path);
    table = sample(fixture, S);
    g_assert_cmpstr(text(table, "hostname"), ==, "testhost");
    g_assert_cmpstr(text(table, "kernel"), ==, "6.1.0-test");
    hv_test_assert_near(number(table, "n_nodes"), 2);
    hv_test_assert_near(number(table, "n_cpus_online"), 4);
    hv_test_assert_near(number(table, "uptime_s"), 12345);
    hv_test_assert_near(number(table, "oom_kills"), 3);
    hv_test_assert_near(number(table, "hung_tasks"), 2);
    hv_test_assert_near(number(table, "mem_total_bytes"), 1024000);
    hv_test_assert_near(number(table, "mem_available_bytes"), 409600);
    hv_test_assert_near(number(table, "swap_used_bytes"), 71680);
    hv_test_assert_near(number(table, "mce_errors"), 3);
    hv_test_assert_near(number(table, "edac_ce_errors"), 9);
    hv_test_assert_near(number(table, "edac_ue_errors"), 1);
    hv_test_assert_near(number(table, "nic_drops"), 10);
    hv_test_assert_near(number(table, "irqs"), 300);
    hv_test_assert_near(number(table, "core_base_hz"), 2.1e9);
    g_assert_cmpstr(hv_table_reason(table, 0, hv_table_column(table, "disk_latency_max_ms")),
                    ==, "one sample: no rate");
}

static void
test_rates_over_one_second(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    HvTable *table;

    fill_tree(fixture->tree);
    open_door(fixture, fixture->tree->path);
    sample(fixture, S);
    write_counters(fixture->tree, 2);
    table = sample(fixture, S);
    hv_test_assert_near(number(table, "psi_cpu_some_ratio"), 0.25);
    hv_test_assert_near(number(table, "psi_memory_some_ratio"), 0.1);
    hv_test_assert_near(number(table, "psi_memory_full_ratio"), 0.05);
    hv_test_assert_near(number(table, "psi_io_some_ratio"), -1);
    hv_test_assert_near(number(table, "steal_ratio"), 0.1); /* 200 ms over two cpus */
    hv_test_assert_near(number(table, "irqs_per_s"), 300);
    hv_test_assert_near(number(table, "disk_latency_max_ms"),
                        4); /* sda; neither partition nor loop */
    g_assert_cmpstr(text(table, "disk_latency_device"), ==, "sda");
}

static void
test_what_is_slow_is_rated_over_its_own_time(Fixture *fixture,
                                             gconstpointer unused G_GNUC_UNUSED)
{
    fill_tree(fixture->tree);
    open_door(fixture, fixture->tree->path);
    sample(fixture, S);
    write_counters(fixture->tree, 6);
    hv_test_assert_near(number(sample(fixture, S), "nic_drops_per_s"), -1);
    hv_test_assert_near(number(sample(fixture, 4 * S), "nic_drops_per_s"), 10); /* 50 in 5 s */
    hv_test_assert_near(number(sample(fixture, S), "nic_drops_per_s"), 10);
}

/* "null with a reason, never 0, never this machine's" */
static void
test_captures_have_their_own_counts(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    static const struct {
        const char *name;
        guint n_packages, n_nodes, n_cpus;
    } expected[] = {
        { "ocp-2s-80-isolated", 2, 2, 80 },  { "snc-2s-4n-80", 2, 4, 80 },
        { "xeon-4s-144", 4, 4, 144 },        { "opteron-4s-8n-64", 4, 8, 64 },
        { "rdt-spr-2s-48-mbamb", 2, 2, 48 },
    };

    for (guint i = 0; i < G_N_ELEMENTS(expected); i++) {
        g_autofree char *path = g_build_filename("hosts/host", expected[i].name, NULL);
        g_autofree char *root = hv_test_shared_path(path);
        HvTable *table;

        if (!root) {
            g_test_skip(HV_TEST_NO_SHARED);
            return;
        }
        open_door(fixture, root);
        table = sample(fixture, S);
        hv_test_assert_near(number(table, "n_packages"), expected[i].n_packages);
        hv_test_assert_near(number(table, "n_nodes"), expected[i].n_nodes);
        hv_test_assert_near(number(table, "n_cpus_online"), expected[i].n_cpus);
        hv_test_assert_near(number(table, "uptime_s"), -1);
        g_assert_null(text(table, "kernel"));
        hv_test_run_close(&fixture->run);
    }
}

/* ---- parsers ---- */

static void
test_a_model_name_tells_its_clock(void)
{
    g_assert_cmpuint(hv_model_hz("Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz"), ==, 2100000000u);
    g_assert_cmpuint(hv_model_hz("AMD EPYC 7542 32-Core Processor"), ==, 0);
    g_assert_cmpuint(hv_model_hz("x @ 1e99GHz"), ==, 0);
    g_assert_cmpuint(hv_model_hz(NULL), ==, 0);
}

static void
test_disk_and_card_lines(void)
{
    char disk[] = "   8       0 sda 10 1 2 40 5 6 7 60 0 1 2", partial[] = "8 0 sda 10 1",
         card[] = " eth0:1 2 3 4 5 6 7 8 9 10 11 12 13", header[] = "Inter-|   Receive";
    HvDiskLine disk_line;
    HvNicLine nic_line;

    g_assert_true(hv_disk_line_parse(disk, &disk_line));
    g_assert_cmpstr(disk_line.name, ==, "sda");
    g_assert_cmpuint(disk_line.n_ios, ==, 15);
    g_assert_cmpuint(disk_line.busy_ms, ==, 100);
    g_assert_false(hv_disk_line_parse(partial, &disk_line));
    g_assert_true(hv_nic_line_parse(card, &nic_line));
    g_assert_cmpstr(nic_line.name, ==, "eth0");
    g_assert_cmpuint(nic_line.n_drops, ==, 16);
    g_assert_false(hv_nic_line_parse(header, &nic_line));
}

static void
test_records_of_the_kernel_log(void)
{
    char log[] = "4,100,2000000,-;BUG: soft lockup - CPU#3 stuck\n SUBSYSTEM=x\nnonsense\n"
                 "30,101,3000000,-,caller=T1;systemd[1]: hello\n";
    char *text = log;
    HvKmsg record;

    g_assert_true(hv_kmsg_next(&text, &record));
    g_assert_cmpuint(record.serial, ==, 100);
    g_assert_cmpuint(record.level, ==, 4);
    g_assert_cmpuint(record.boottime_us, ==, 2000000);
    g_assert_cmpstr(hv_kmsg_kind(record.text), ==, "hang");
    g_assert_true(hv_kmsg_next(&text, &record));
    g_assert_cmpuint(record.level, ==, 6);
    g_assert_null(hv_kmsg_kind(record.text));
    g_assert_false(hv_kmsg_next(&text, &record));
}

#define ADD(path, test) g_test_add(path, Fixture, NULL, set_up, test, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("/host/an-empty-tree-has-one-row-and-only-reasons",
        test_an_empty_tree_has_one_row_and_only_reasons);
    ADD("/host/each-file-gives-its-number", test_each_file_gives_its_number);
    ADD("/host/rates-over-one-second", test_rates_over_one_second);
    ADD("/host/what-is-slow-is-rated-over-its-own-time",
        test_what_is_slow_is_rated_over_its_own_time);
    ADD("/host/captures-have-their-own-counts", test_captures_have_their_own_counts);
    g_test_add_func("/host/a-model-name-tells-its-clock", test_a_model_name_tells_its_clock);
    g_test_add_func("/host/disk-and-card-lines", test_disk_and_card_lines);
    g_test_add_func("/host/records-of-the-kernel-log", test_records_of_the_kernel_log);
    return g_test_run();
}
