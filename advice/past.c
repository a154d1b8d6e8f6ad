/* The recent past of the numbers that effects are told by. A VM's numbers are kept as 16-bit
 * logarithms: a thousand VMs take 7 MiB. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "advice/past.h"

#include <math.h>
#include <string.h>

/* Codes: 0 unknown, 1 zero or next to it, above that steps of 0.06 % from LEAST on. */
#define LEAST 1e-5
#define STEP 0.0006
#define LARGEST_CODE 65535

#define LEAST_WORK 0.01 /* guest cpus: below that there is no work to divide by */

typedef struct {
    char *name;
    guint64 seen; /* number of the last sample with it */
    guint16 codes[HV_PAST_N_NUMBERS][HV_PAST_LENGTH];
} Vm;

typedef struct {
    char *name;
    guint64 seen;
    float values[HV_PAST_LENGTH];
} Watch;

struct HvPast {
    guint64 newest;
    gint64 times_ns[HV_PAST_LENGTH];
    GHashTable *vms;     /* name to Vm */
    GHashTable *watches; /* name to Watch */
    GPtrArray *by_row;   /* Vm of a row's number, or NULL; its name is compared */
};

static void
vm_free(gpointer data)
{
    Vm *vm = data;

    g_free(vm->name);
    g_free(vm);
}

static void
watch_free(gpointer data)
{
    Watch *watch = data;

    g_free(watch->name);
    g_free(watch);
}

HvPast *
hv_past_new(void)
{
    HvPast *past = g_new0(HvPast, 1);

    past->vms = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, vm_free);
    past->watches = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, watch_free);
    past->by_row = g_ptr_array_new();
    return past;
}

void
hv_past_free(HvPast *past)
{
    if (!past)
        return;
    g_hash_table_unref(past->vms);
    g_hash_table_unref(past->watches);
    g_ptr_array_unref(past->by_row);
    g_free(past);
}

static guint16
encode(double value)
{
    if (isnan(value) || value < 0)
        return 0;
    if (value < LEAST)
        return 1;
    return (guint16)MIN(2 + log(value / LEAST) / STEP + 0.5, LARGEST_CODE);
}

static double
decode(guint16 code)
{
    if (code == 0)
        return (double)NAN;
    return code == 1 ? 0 : LEAST * exp((code - 2) * STEP);
}

/* ---- a sample ---- */

/* The columns that are read, looked up once a sample. */
typedef struct {
    const HvTable *vms, *traffic;
    int vm, wait, overhead, cpu, remote_ratio, remote_bytes;
} Columns;

static Columns
find_columns(const HvSnapshot *snapshot)
{
    const HvTable *vms = hv_snapshot_table(snapshot, "vms");
    const HvTable *traffic = hv_snapshot_table(snapshot, "traffic");

    return (Columns){ .vms = vms,
                      .traffic = traffic,
                      .vm = hv_table_column(vms, "vm"),
                      .wait = hv_table_column(vms, "wait_max_ratio"),
                      .overhead = hv_table_column(vms, "overhead_ratio"),
                      .cpu = hv_table_column(vms, "guest_cpu_ratio"),
                      .remote_ratio = hv_table_column(traffic, "remote_ratio"),
                      .remote_bytes = hv_table_column(traffic, "remote_bytes_per_s") };
}

static double
number_at(const HvTable *table, int row, int column)
{
    double value = (double)NAN;

    if (row >= 0)
        hv_table_f64(table, (guint)row, column, &value);
    return value;
}

static void
read_vm(const Columns *columns, guint row, double *numbers)
{
    const int traffic =
        columns->traffic ? hv_table_find(columns->traffic, hv_table_row_key(columns->vms, row))
                         : -1;
    const double bytes = number_at(columns->traffic, traffic, columns->remote_bytes);

    numbers[HV_PAST_WAIT] = number_at(columns->vms, (int)row, columns->wait);
    numbers[HV_PAST_OVERHEAD] = number_at(columns->vms, (int)row, columns->overhead);
    numbers[HV_PAST_CPU] = number_at(columns->vms, (int)row, columns->cpu);
    numbers[HV_PAST_REMOTE] = number_at(columns->traffic, traffic, columns->remote_ratio);
    numbers[HV_PAST_REMOTE_PER_WORK] =
        numbers[HV_PAST_CPU] >= LEAST_WORK ? bytes / numbers[HV_PAST_CPU] : (double)NAN;
}

/* What was before is unknown: all codes are 0. */
static Vm *
make_vm(HvPast *past, const char *name)
{
    Vm *vm = g_hash_table_lookup(past->vms, name);

    if (vm)
        return vm;
    vm = g_new0(Vm, 1);
    vm->name = g_strdup(name);
    g_hash_table_insert(past->vms, vm->name, vm);
    return vm;
}

static Vm *
find_vm(HvPast *past, const HvTable *table, guint row, const char *name)
{
    const guint32 id = hv_table_row_id(table, row);
    Vm *vm = id < past->by_row->len ? past->by_row->pdata[id] : NULL;

    if (vm && g_str_equal(vm->name, name))
        return vm;
    vm = make_vm(past, name);
    if (id >= past->by_row->len)
        g_ptr_array_set_size(past->by_row, (int)id + 1);
    past->by_row->pdata[id] = vm;
    return vm;
}

static void
put_vm(Vm *vm, guint64 sample, const double *numbers)
{
    vm->seen = sample;
    for (guint i = 0; i < HV_PAST_N_NUMBERS; i++)
        vm->codes[i][sample % HV_PAST_LENGTH] = encode(numbers[i]);
}

/* The host, from its VMs: the worst wait; means by the cpu they use; sums. */
typedef struct {
    double worst, cpu, weighed[HV_PAST_N_NUMBERS], weight[HV_PAST_N_NUMBERS];
} Sum;

static void
add_to_sum(Sum *sum, const double *numbers)
{
    const double cpu = numbers[HV_PAST_CPU];

    if (!isnan(numbers[HV_PAST_WAIT]) &&
        !(numbers[HV_PAST_WAIT] <= sum->worst)) /* NAN at first */
        sum->worst = numbers[HV_PAST_WAIT];
    if (isnan(cpu))
        return;
    sum->cpu += cpu;
    for (guint i = 0; i < HV_PAST_N_NUMBERS; i++) {
        if (isnan(numbers[i]))
            continue;
        sum->weighed[i] += numbers[i] * cpu;
        sum->weight[i] += cpu;
    }
}

static void
put_host(HvPast *past, const Sum *sum)
{
    double numbers[HV_PAST_N_NUMBERS];

    for (guint i = 0; i < HV_PAST_N_NUMBERS; i++)
        numbers[i] = sum->weight[i] > 0 ? sum->weighed[i] / sum->weight[i] : (double)NAN;
    numbers[HV_PAST_WAIT] = sum->worst;
    numbers[HV_PAST_CPU] = sum->cpu;
    put_vm(make_vm(past, ""), past->newest, numbers);
}

static void
add_vms(HvPast *past, const HvSnapshot *snapshot)
{
    const Columns columns = find_columns(snapshot);
    Sum sum = { .worst = (double)NAN };

    for (guint row = 0; columns.vms && row < hv_table_n_rows(columns.vms); row++) {
        const char *name = hv_table_text(columns.vms, row, columns.vm);
        double numbers[HV_PAST_N_NUMBERS];

        if (!name)
            continue;
        read_vm(&columns, row, numbers);
        add_to_sum(&sum, numbers);
        put_vm(find_vm(past, columns.vms, row, name), past->newest, numbers);
    }
    put_host(past, &sum);
}

static Watch *
find_watch(HvPast *past, const char *name)
{
    Watch *watch = g_hash_table_lookup(past->watches, name);

    if (watch)
        return watch;
    watch = g_new0(Watch, 1);
    watch->name = g_strdup(name);
    for (guint i = 0; i < HV_PAST_LENGTH; i++)
        watch->values[i] = NAN;
    g_hash_table_insert(past->watches, watch->name, watch);
    return watch;
}

static void
add_watches(HvPast *past, const HvSnapshot *snapshot)
{
    const HvTable *table = hv_snapshot_table(snapshot, "watches");
    const int name_column = hv_table_column(table, "watch");
    const int value_column = hv_table_column(table, "value");

    for (guint row = 0; table && row < hv_table_n_rows(table); row++) {
        const char *name = hv_table_text(table, row, name_column);
        double value = (double)NAN;
        Watch *watch;

        if (!name)
            continue;
        watch = find_watch(past, name);
        hv_table_f64(table, row, value_column, &value);
        watch->seen = past->newest;
        watch->values[past->newest % HV_PAST_LENGTH] = (float)value;
    }
}

/* What is away has no value in this sample; what was away for the whole past is forgotten. */
static void
blank_absent(HvPast *past)
{
    const guint at = (guint)(past->newest % HV_PAST_LENGTH);
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, past->watches);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Watch *watch = value;

        if (watch->seen != past->newest)
            watch->values[at] = NAN;
    }
    g_hash_table_iter_init(&iter, past->vms);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Vm *vm = value;

        for (guint i = 0; i < HV_PAST_N_NUMBERS && vm->seen != past->newest; i++)
            vm->codes[i][at] = 0;
        if (vm->seen + HV_PAST_LENGTH > past->newest)
            continue;
        for (guint i = 0; i < past->by_row->len; i++)
            if (past->by_row->pdata[i] == vm)
                past->by_row->pdata[i] = NULL;
        g_hash_table_iter_remove(&iter);
    }
}

gboolean
hv_past_add(HvPast *past, const HvSnapshot *snapshot)
{
    if (past->newest &&
        snapshot->monotonic_ns - hv_past_ns(past, past->newest) < HV_PAST_APART_NS)
        return FALSE;
    past->newest++;
    past->times_ns[past->newest % HV_PAST_LENGTH] = snapshot->monotonic_ns;
    add_vms(past, snapshot);
    add_watches(past, snapshot);
    blank_absent(past);
    return TRUE;
}

/* ---- reading ---- */

guint64
hv_past_newest(const HvPast *past)
{
    return past->newest;
}

guint64
hv_past_oldest(const HvPast *past)
{
    return past->newest > HV_PAST_LENGTH ? past->newest - HV_PAST_LENGTH + 1
                                         : MIN(past->newest, 1);
}

gint64
hv_past_ns(const HvPast *past, guint64 number)
{
    return past->times_ns[number % HV_PAST_LENGTH];
}

guint64
hv_past_since(const HvPast *past, gint64 ns)
{
    guint64 number = past->newest + 1;

    while (number > 1 && number > hv_past_oldest(past) && hv_past_ns(past, number - 1) >= ns)
        number--;
    return number;
}

static gboolean
is_kept(const HvPast *past, guint64 number)
{
    return number >= 1 && number >= hv_past_oldest(past) && number <= past->newest;
}

gboolean
hv_past_read(const HvPast *past, const char *vm, HvPastNumber number, guint64 first,
             double *values, guint n)
{
    const Vm *found = g_hash_table_lookup(past->vms, vm);

    for (guint i = 0; found && i < n; i++)
        values[i] = is_kept(past, first + i)
                        ? decode(found->codes[number][(first + i) % HV_PAST_LENGTH])
                        : (double)NAN;
    return found != NULL;
}

gboolean
hv_past_read_watch(const HvPast *past, const char *watch, guint64 first, double *values,
                   guint n)
{
    const Watch *found = g_hash_table_lookup(past->watches, watch);

    for (guint i = 0; found && i < n; i++)
        values[i] = is_kept(past, first + i)
                        ? (double)found->values[(first + i) % HV_PAST_LENGTH]
                        : (double)NAN;
    return found != NULL;
}

/* In the order of their names, so that the same past gives the same answers. */
static int
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *
names_of(GHashTable *table)
{
    GPtrArray *names = g_ptr_array_new();
    GHashTableIter iter;
    gpointer name;

    g_hash_table_iter_init(&iter, table);
    while (g_hash_table_iter_next(&iter, &name, NULL))
        if (*(const char *)name)
            g_ptr_array_add(names, name);
    g_ptr_array_sort(names, compare_names);
    return names;
}

GPtrArray *
hv_past_vms(const HvPast *past)
{
    return names_of(past->vms);
}

GPtrArray *
hv_past_watches(const HvPast *past)
{
    return names_of(past->watches);
}
