/* What each VM did in ten seconds, in one row that people can ask for. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/sums.h"

enum { N_NUMBERS = 10 };

/* In the order of the columns of `vm_sums` after n_samples. */
static const struct {
    const char *table, *column;
    gboolean is_largest; /* else the mean */
} numbers[N_NUMBERS] = {
    { "vms", "cpu_ratio", FALSE },
    { "vms", "guest_cpu_ratio", FALSE },
    { "vms", "wait_mean_ratio", FALSE },
    { "vms", "wait_max_ratio", TRUE },
    { "vms", "throttled_ratio", FALSE },
    { "vms", "overhead_ratio", FALSE },
    { "vms", "halt_poll_ratio", FALSE },
    { "vms", "remote_ratio", FALSE },
    { "traffic", "local_bytes_per_s", FALSE },
    { "traffic", "remote_bytes_per_s", FALSE },
};

typedef struct {
    char *vm;
    guint n_samples;
    guint n[N_NUMBERS]; /* samples with a value */
    double value[N_NUMBERS];
} VmSum;

struct HvLogSums {
    gint64 window; /* number of the ten seconds since 1970 */
    GHashTable *by_vm;
};

static void
free_sum(gpointer data)
{
    VmSum *sum = data;

    g_free(sum->vm);
    g_free(sum);
}

HvLogSums *
hv_log_sums_new(void)
{
    HvLogSums *sums = g_new0(HvLogSums, 1);

    sums->by_vm = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_sum);
    return sums;
}

void
hv_log_sums_free(HvLogSums *sums)
{
    if (!sums)
        return;
    g_hash_table_unref(sums->by_vm);
    g_free(sums);
}

static VmSum *
sum_of(HvLogSums *sums, const char *vm)
{
    VmSum *sum = g_hash_table_lookup(sums->by_vm, vm);

    if (sum)
        return sum;
    sum = g_new0(VmSum, 1);
    sum->vm = g_strdup(vm);
    g_hash_table_insert(sums->by_vm, sum->vm, sum);
    return sum;
}

static void
add_number(VmSum *sum, guint i, double value)
{
    if (!numbers[i].is_largest)
        sum->value[i] += value;
    else if (sum->n[i] == 0 || value > sum->value[i])
        sum->value[i] = value;
    sum->n[i]++;
}

static void
add_table(HvLogSums *sums, const HvTable *table, gboolean is_first)
{
    const int vm = hv_table_column(table, "vm");
    int columns[N_NUMBERS];

    for (guint i = 0; i < N_NUMBERS; i++)
        columns[i] = g_str_equal(numbers[i].table, hv_table_schema(table)->name)
                         ? hv_table_column(table, numbers[i].column)
                         : -1;
    for (guint row = 0; row < hv_table_n_rows(table); row++) {
        const char *name = hv_table_text(table, row, vm);
        VmSum *sum = name ? sum_of(sums, name) : NULL;
        double value;

        if (sum && is_first)
            sum->n_samples++;
        for (guint i = 0; sum && i < N_NUMBERS; i++) {
            if (columns[i] >= 0 && hv_table_f64(table, row, columns[i], &value))
                add_number(sum, i, value);
        }
    }
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
    const VmSum *const *one = a;
    const VmSum *const *other = b;

    return g_strcmp0((*one)->vm, (*other)->vm);
}

static GPtrArray *
sorted_sums(HvLogSums *sums)
{
    GPtrArray *sorted = g_ptr_array_new();
    GHashTableIter iter;
    gpointer sum;

    g_hash_table_iter_init(&iter, sums->by_vm);
    while (g_hash_table_iter_next(&iter, NULL, &sum))
        g_ptr_array_add(sorted, sum);
    g_ptr_array_sort(sorted, compare_names);
    return sorted;
}

void
hv_log_sums_end(HvLogSums *sums, GPtrArray *rows)
{
    g_autoptr(GPtrArray) sorted = sorted_sums(sums);

    for (guint k = 0; k < sorted->len; k++) {
        const VmSum *sum = sorted->pdata[k];
        HvLogRow *row = hv_log_row_new(HV_LOG_ROW_SUM);

        hv_log_row_add_number(row, sums->window * HV_LOG_SUM_NS);
        hv_log_row_add_text(row, sum->vm);
        hv_log_row_add_number(row, sum->n_samples);
        for (guint i = 0; i < N_NUMBERS; i++) {
            if (sum->n[i] == 0)
                hv_log_row_add_text(row, NULL);
            else
                hv_log_row_add_real(row, numbers[i].is_largest ? sum->value[i]
                                                               : sum->value[i] / sum->n[i]);
        }
        g_ptr_array_add(rows, row);
    }
    g_hash_table_remove_all(sums->by_vm);
}

void
hv_log_sums_add(HvLogSums *sums, const HvSnapshot *snapshot, GPtrArray *rows)
{
    static const char *const tables[] = { "vms", "traffic" };
    const gint64 window = snapshot->time_ns / HV_LOG_SUM_NS;

    if (window != sums->window)
        hv_log_sums_end(sums, rows);
    sums->window = window;
    for (guint i = 0; i < G_N_ELEMENTS(tables); i++) {
        const HvTable *table = hv_snapshot_table(snapshot, tables[i]);

        if (table)
            add_table(sums, table, i == 0);
    }
}
