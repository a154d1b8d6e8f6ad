/* The probe "interrupts": totals against an independent sum, nodes, wraps, cpus that come and
 * go, devices. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "host/interrupt-lines.h"
#include "model/error.h"
#include "tests/probe-run.h"
#include "tests/vm-tree.h"

#define S G_GINT64_CONSTANT(1000000000)

extern const HvProbe hv_probe_interrupts;

static HvTable *
sample(HvTestRun *run)
{
    return hv_test_run_sample(run, S);
}

/* ---- the independent sum: words of a line, added up as long as they are numbers ---- */

static GHashTable *
sum_file(const char *path)
{
    GHashTable *sums = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines + 1; *line; line++) {
        g_auto(GStrv) words = g_strsplit_set(g_strstrip(*line), " \t", -1);
        guint64 sum = 0, count;

        if (!words[0] || !g_str_has_suffix(words[0], ":"))
            continue;
        for (char **word = words + 1; *word; word++) {
            if (**word && !g_ascii_string_to_unsigned(*word, 10, 0, G_MAXUINT64, &count, NULL))
                break;
            sum += **word ? count : 0;
        }
        g_hash_table_insert(sums, g_strndup(words[0], strlen(words[0]) - 1),
                            g_memdup2(&sum, sizeof sum));
    }
    return sums;
}

/* Adds up the rows of each interrupt. */
static GHashTable *
sum_table(HvTable *table)
{
    GHashTable *sums = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

    for (guint row = 0; row < hv_table_n_rows(table); row++) {
        const char *irq = hv_table_text(table, row, hv_table_column(table, "irq"));
        const guint64 *former = g_hash_table_lookup(sums, irq);
        guint64 count;

        g_assert_true(hv_table_u64(table, row, hv_table_column(table, "count"), &count));
        count += former ? *former : 0;
        g_hash_table_insert(sums, g_strdup(irq), g_memdup2(&count, sizeof count));
    }
    return sums;
}

static void
compare_totals(const char *root)
{
    g_autofree char *path = g_build_filename(root, "proc/interrupts", NULL);
    g_autoptr(GHashTable) expected = sum_file(path), found = NULL;
    GHashTableIter iter;
    gpointer irq, sum;
    HvTestRun run;

    hv_test_run_open(&run, &hv_probe_interrupts, root);
    found = sum_table(sample(&run));
    g_assert_cmpuint(g_hash_table_size(found), ==, g_hash_table_size(expected));
    g_assert_cmpuint(g_hash_table_size(found), >, 3);
    g_hash_table_iter_init(&iter, expected);
    while (g_hash_table_iter_next(&iter, &irq, &sum)) {
        const guint64 *it = g_hash_table_lookup(found, irq);

        g_assert_nonnull(it);
        g_assert_cmpuint(*it, ==, *(const guint64 *)sum);
    }
    hv_test_run_close(&run);
}

static void
test_totals_of_every_capture_agree_with_a_plain_sum(void)
{
    g_autofree char *hosts = hv_test_shared_path("hosts/host");
    g_autoptr(GDir) directory = hosts ? g_dir_open(hosts, 0, NULL) : NULL;
    guint n_compared = 0;

    for (const char *name; directory && (name = g_dir_read_name(directory));) {
        g_autofree char *root = g_build_filename(hosts, name, NULL);
        g_autofree char *file = g_build_filename(root, "proc/interrupts", NULL);

        if (!g_file_test(file, G_FILE_TEST_EXISTS))
            continue;
        g_test_message("%s", name);
        compare_totals(root);
        n_compared++;
    }
    if (!directory)
        g_test_skip(HV_TEST_NO_SHARED);
    else
        g_assert_cmpuint(n_compared, >=, 2);
}

/* ---- a private tree ---- */

static void
set_up_tree(HvTestRun *run, HvTestTree *tree, const char *interrupts)
{
    hv_test_host_add(tree, 2, 4);
    hv_test_rewrite(tree, "proc/interrupts", interrupts);
    hv_test_run_open(run, &hv_probe_interrupts, tree->path);
}

#define HEADER "            CPU0       CPU1       CPU2       CPU3\n"

static void
test_counts_go_to_the_nodes_of_their_cpus(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    HvTable *table;
    HvTestRun run;

    set_up_tree(&run, tree,
                HEADER "  24:          1          2          4          8  "
                       "PCI-MSIX-0000:00:01.0   0-edge      eth0\n"
                       " ERR:         16\n");
    table = sample(&run);
    g_assert_cmpuint(hv_table_n_rows(table), ==, 3);
    hv_test_assert_near(hv_test_number(table, "24/0", "count"), 3);
    hv_test_assert_near(hv_test_number(table, "24/1", "count"), 12);
    hv_test_assert_near(hv_test_number(table, "ERR/", "count"), 16);
    g_assert_cmpint(hv_test_mark(table, "ERR/", "node"), ==, HV_MARK_ABSENT);
    hv_test_run_close(&run);
}

static void
test_columns_have_the_numbers_of_the_header(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    HvTable *table;
    HvTestRun run;

    set_up_tree(&run, tree,
                "            CPU1       CPU3\n  24:          1          2  IO-APIC   2-edge    "
                "  timer\n");
    table = sample(&run);
    hv_test_assert_near(hv_test_number(table, "24/0", "count"), 1);
    hv_test_assert_near(hv_test_number(table, "24/1", "count"), 2);
    hv_test_run_close(&run);
}

static void
set_line(HvTestTree *tree, const char *header, const char *counts)
{
    hv_test_rewrite_printf(tree, "proc/interrupts", "%s  24: %s  IO-APIC   2-edge      timer\n",
                           header, counts);
}

static void
test_a_wrap_gives_no_rate_and_never_a_spike(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    HvTable *table;
    HvTestRun run;

    hv_test_host_add(tree, 2, 4);
    set_line(tree, HEADER, "4294967290          0          7          0");
    hv_test_run_open(&run, &hv_probe_interrupts, tree->path);
    sample(&run);
    set_line(tree, HEADER, "         5          0         17          0");
    table = sample(&run);
    g_assert_cmpint(hv_test_mark(table, "24/0", "per_s"), ==, HV_MARK_ABSENT);
    hv_test_assert_near(hv_test_number(table, "24/1", "per_s"), 10);
    hv_test_run_close(&run);
}

static void
test_a_cpu_that_comes_back_gives_no_spike(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    HvTable *table;
    HvTestRun run;

    hv_test_host_add(tree, 2, 4);
    set_line(tree, "            CPU0       CPU2                      \n",
             "         5          7                      ");
    hv_test_run_open(&run, &hv_probe_interrupts, tree->path);
    sample(&run);
    set_line(tree, HEADER, "         5     900000          8          0");
    table = sample(&run);
    hv_test_assert_near(hv_test_number(table, "24/0", "count"), 900005);
    g_assert_cmpint(hv_test_mark(table, "24/0", "per_s"), ==, HV_MARK_ABSENT);
    set_line(tree, HEADER, "         5     900004          8          0");
    table = sample(&run);
    hv_test_assert_near(hv_test_number(table, "24/0", "per_s"), 4);
    hv_test_run_close(&run);
}

static void
test_affinity_and_device_stand_in_the_row(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    HvTable *table;
    int row;
    HvTestRun run;

    hv_test_rewrite(tree, "proc/irq/24/smp_affinity_list", "0-3\n");
    hv_test_rewrite(tree, "proc/irq/24/effective_affinity_list", "2\n");
    hv_test_rewrite(tree, "sys/bus/pci/devices/0000:81:00.0/numa_node", "1\n");
    set_up_tree(
        &run, tree,
        HEADER
        "  24: 1 2 4 8  IR-PCI-MSIX-0000:81:00.0    3-edge      nvme0q3\n"
        "  25: 1 2 4 8  IR-PCI-MSIX-0000:81:00.0    0-edge      vfio-msix[0](0000:81:00.0)\n");
    table = sample(&run);
    row = hv_table_find(table, "24/0");
    g_assert_cmpint(row, >=, 0);
    g_assert_cmpstr(hv_table_text(table, (guint)row, hv_table_column(table, "cpus_wanted")), ==,
                    "0-3");
    g_assert_cmpstr(hv_table_text(table, (guint)row, hv_table_column(table, "cpus_effective")),
                    ==, "2");
    g_assert_cmpstr(hv_table_text(table, (guint)row, hv_table_column(table, "name")), ==,
                    "nvme0q3");
    g_assert_cmpstr(hv_table_text(table, (guint)row, hv_table_column(table, "device")), ==,
                    "0000:81:00.0");
    hv_test_assert_near(hv_test_number(table, "24/0", "device_node"), 1);
    hv_test_assert_near(hv_test_number(table, "24/0", "managed"), 1);
    g_assert_cmpint(hv_test_mark(table, "24/0", "managed"), ==, HV_MARK_ESTIMATED);
    hv_test_assert_near(hv_test_number(table, "25/0", "managed"), 0);
    g_assert_cmpint(hv_test_mark(table, "25/0", "cpus_wanted"), ==, HV_MARK_ABSENT);
    hv_test_run_close(&run);
}

static void
test_an_interrupt_that_vanishes_leaves_no_row(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    HvTestRun run;

    set_up_tree(&run, tree,
                HEADER "  24: 1 2 4 8  IO-APIC   2-edge      timer\n  25: 1 2 4 8  IO-APIC   "
                       "3-edge      rtc0\n");
    g_assert_cmpuint(hv_table_n_rows(sample(&run)), ==, 4);
    hv_test_rewrite_printf(tree, "proc/interrupts",
                           HEADER "  25: 1 2 4 9  IO-APIC   3-edge      rtc0\n");
    g_assert_cmpuint(hv_table_n_rows(sample(&run)), ==, 2);
    hv_test_assert_near(hv_test_number(hv_store_table(run.store), "25/1", "per_s"), 1);
    hv_test_run_close(&run);
}

static void
test_a_broken_header_does_no_lasting_harm(void)
{
    static const char good[] = HEADER "  24: 1 2 4 8  IO-APIC   2-edge      timer\n";
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autoptr(GError) error = NULL;
    HvTestRun run;
    HvSink *sink;

    set_up_tree(&run, tree, good);
    sample(&run);
    hv_test_rewrite(tree, "proc/interrupts", "nonsense\n");
    sink = hv_sink_begin(&run.store, 1, run.now_ns);
    g_assert_false(hv_probe_interrupts.sample(run.state, sink, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
    hv_sink_end(sink, FALSE);
    hv_test_rewrite(tree, "proc/interrupts", good);
    g_assert_cmpuint(hv_table_n_rows(sample(&run)), ==, 2);
    hv_test_run_close(&run);
}

static void
test_without_the_file_the_probe_is_absent(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    HvTestRun run;

    hv_test_host_add(tree, 1, 2);
    hv_test_run_open(&run, &hv_probe_interrupts, tree->path);
    g_assert_null(run.state);
    hv_test_run_close(&run);
}

/* ---- what a line says ---- */

static void
test_names_follow_the_flow(void)
{
    static const struct {
        const char *label, *rest, *name;
    } cases[] = {
        { "0", "IR-IO-APIC    2-edge      timer", "timer" },
        { "27", "IR-IO-APIC   27-fasteoi   idma64.0, i2c_designware.0",
          "idma64.0, i2c_designware.0" },
        { "16", "IR-IO-APIC   16-fasteoi", "" },
        { "130", "IR-PCI-MSIX-0000:03:00.0    1-edge      vfio-msix[1](0000:03:00.0)",
          "vfio-msix[1](0000:03:00.0)" },
        { "31", "PCI-MSI 524288-edge      eth0", "eth0" },
        { "3", "GICv3  30 Level     arch_timer", "arch_timer" },
        { "5", "XT-PIC      cascade", "cascade" },
        { "NMI", "Non-maskable interrupts", "Non-maskable interrupts" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpstr(hv_interrupts_name(cases[i].label, cases[i].rest), ==, cases[i].name);
}

static void
test_pci_addresses_are_found(void)
{
    static const struct {
        const char *rest, *pci;
    } cases[] = {
        { "IR-PCI-MSIX-0000:03:00.0    1-edge      x", "0000:03:00.0" },
        { "IO-APIC 1-edge ahci[0000:00:17.0]", "0000:00:17.0" },
        { "PCI-MSI 1-edge mlx5_comp0@pci:0000:81:00.1", "0000:81:00.1" },
        { "PCI-MSIX-10000:E1:00.0 0-edge nvme1q1", "10000:e1:00.0" },
        { "IO-APIC 8-edge rtc0", NULL },
        { "IO-APIC 8-edge 00:03:00.0", NULL },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *pci = hv_interrupts_pci(cases[i].rest);

        g_assert_cmpstr(pci, ==, cases[i].pci);
    }
}

static void
test_actions_are_told_from_names_that_are_alike(void)
{
    g_assert_true(hv_interrupts_is_of_device("eth1-TxRx-3", "eth1"));
    g_assert_true(hv_interrupts_is_of_device("i40e-ens7f1-TxRx-26", "ens7f1"));
    g_assert_true(hv_interrupts_is_of_device("nvme0q3", "nvme0n1"));
    g_assert_false(hv_interrupts_is_of_device("eth10-TxRx-3", "eth1"));
    g_assert_false(hv_interrupts_is_of_device("nvme01q3", "nvme0n1"));
    g_assert_false(hv_interrupts_is_of_device("timer", ""));
}

static void
test_a_broken_header_is_malformed(void)
{
    static const char *const headers[] = { "", "   ", "CPU0 CPUx", "CPU0 CPU99999999", "foo" };
    g_autoptr(GArray) cpus = g_array_new(FALSE, FALSE, sizeof(guint));

    for (guint i = 0; i < G_N_ELEMENTS(headers); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_false(hv_interrupts_header(headers[i], cpus, &error));
        g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/interrupts/totals-of-every-capture-agree-with-a-plain-sum",
                    test_totals_of_every_capture_agree_with_a_plain_sum);
    g_test_add_func("/interrupts/counts-go-to-the-nodes-of-their-cpus",
                    test_counts_go_to_the_nodes_of_their_cpus);
    g_test_add_func("/interrupts/columns-have-the-numbers-of-the-header",
                    test_columns_have_the_numbers_of_the_header);
    g_test_add_func("/interrupts/a-wrap-gives-no-rate-and-never-a-spike",
                    test_a_wrap_gives_no_rate_and_never_a_spike);
    g_test_add_func("/interrupts/a-cpu-that-comes-back-gives-no-spike",
                    test_a_cpu_that_comes_back_gives_no_spike);
    g_test_add_func("/interrupts/affinity-and-device-stand-in-the-row",
                    test_affinity_and_device_stand_in_the_row);
    g_test_add_func("/interrupts/an-interrupt-that-vanishes-leaves-no-row",
                    test_an_interrupt_that_vanishes_leaves_no_row);
    g_test_add_func("/interrupts/a-broken-header-does-no-lasting-harm",
                    test_a_broken_header_does_no_lasting_harm);
    g_test_add_func("/interrupts/without-the-file-the-probe-is-absent",
                    test_without_the_file_the_probe_is_absent);
    g_test_add_func("/interrupts/names-follow-the-flow", test_names_follow_the_flow);
    g_test_add_func("/interrupts/pci-addresses-are-found", test_pci_addresses_are_found);
    g_test_add_func("/interrupts/actions-are-told-from-names-that-are-alike",
                    test_actions_are_told_from_names_that_are_alike);
    g_test_add_func("/interrupts/a-broken-header-is-malformed",
                    test_a_broken_header_is_malformed);
    return g_test_run();
}
