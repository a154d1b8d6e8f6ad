/* One plan whose effect is being measured. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "advice/effect-change.h"

#include <math.h>
#include <string.h>

#define ENOUGH_S 590.0     /* of past: ten minutes, but for a beat here and there */
#define SETTLED_PER_S 0.02 /* a slope of occupancy or residency below that has ended */
#define MOST_SETTLING_S 300.0
#define FIRST_WINDOW 15 /* samples: fewer are too early to say anything */
#define WINDOW_STEP 5   /* an answer that firms up is given anew every so many samples */
#define MOST_WATCHES 8
#define MOST_NEIGHBOURS 64
#define LEAST_NEIGHBOURS 3
#define LEAST_CPU 0.05   /* guest cpus: a neighbour that works */
#define ALIKE_RATIO 0.66 /* of the neighbours that move one way */

/* ---- what is measured ---- */

static void
free_number(gpointer data)
{
    HvEffectNumber *number = data;

    if (number->is_watch)
        g_free((gpointer)(guintptr)number->name);
    g_free(number->line);
}

static const HvEffectNumber vm_numbers[] = {
    { .name = "wait_max_ratio", .number = HV_PAST_WAIT, .floor = 0.02 },
    { .name = "overhead_ratio", .number = HV_PAST_OVERHEAD, .floor = 0.02 },
    { .name = "remote_ratio", .number = HV_PAST_REMOTE, .floor = 0.01 },
    { .name = "remote_bytes_per_guest_s", .number = HV_PAST_REMOTE_PER_WORK, .floor = 1e6 },
};
static const HvEffectNumber neighbours_number = { .name = "neighbours_wait_ratio",
                                                  .number = HV_PAST_WAIT,
                                                  .of_neighbours = TRUE,
                                                  .floor = 0.02 };

/* "redis_p99_ms" is about redis-1 for five bytes. */
static guint
likeness(const char *watch, const char *vm)
{
    guint n = 0;

    while (watch[n] && watch[n] == vm[n])
        n++;
    return n;
}

/* The one that is about the VM comes first. */
static void
add_watches(HvEffectChange *change, const HvPast *past)
{
    g_autoptr(GPtrArray) watches = hv_past_watches(past);
    guint best = 0;

    for (guint i = 1; i < watches->len; i++)
        if (likeness(watches->pdata[i], change->vm) >
            likeness(watches->pdata[best], change->vm))
            best = i;
    for (guint i = 0; i < MIN(watches->len, MOST_WATCHES); i++) {
        const char *name = watches->pdata[i == 0 ? best : i <= best ? i - 1 : i];
        const HvEffectNumber number = { .name = g_strdup(name),
                                        .is_watch = TRUE,
                                        .more_is_better = g_str_has_suffix(name, "_per_s") };

        g_array_append_val(change->numbers, number);
    }
}

/* ---- making ---- */

static void
tell(HvEffectChange *change)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < change->numbers->len; i++) {
        HvEffectNumber *number = &g_array_index(change->numbers, HvEffectNumber, i);

        g_free(number->line);
        number->line = hv_effect_line(change, number);
        g_string_append_printf(text, "%s%s", i ? "\n" : "", number->line);
    }
    g_free(change->text);
    change->text = g_string_free(g_steal_pointer(&text), FALSE);
}

static char *
vm_of_step(const HvStep *step)
{
    const char *name = g_str_has_prefix(step->knob, "vm/") ? step->knob + strlen("vm/") : NULL;
    g_autofree char *segment = name ? g_strndup(name, strcspn(name, "/")) : NULL;

    return segment ? hv_knob_unescape(segment, NULL) : NULL;
}

static gboolean
is_touched(const HvEffectChange *change, const char *vm)
{
    return g_str_equal(change->vm, vm) ||
           g_ptr_array_find_with_equal_func(change->others, vm, g_str_equal, NULL);
}

static void
find_vms(HvEffectChange *change, const HvPlan *plan)
{
    change->vm = g_strdup(plan->vm);
    change->others = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < hv_plan_n_steps(plan); i++) {
        char *vm = vm_of_step(hv_plan_step(plan, i));

        if (vm && !change->vm)
            change->vm = vm;
        else if (vm && !is_touched(change, vm))
            g_ptr_array_add(change->others, vm);
        else
            g_free(vm);
    }
    if (!change->vm)
        change->vm = g_strdup("");
}

HvEffectChange *
hv_effect_change_new(const HvPast *past, const HvPlan *plan, gint64 begun_ns, gint64 ended_ns)
{
    HvEffectChange *change = g_new0(HvEffectChange, 1);

    change->plan = plan->id;
    change->begun_ns = begun_ns;
    change->ended_ns = ended_ns;
    change->numbers = g_array_new(FALSE, TRUE, sizeof(HvEffectNumber));
    g_array_set_clear_func(change->numbers, free_number);
    find_vms(change, plan);
    add_watches(change, past);
    g_array_append_vals(change->numbers, vm_numbers, G_N_ELEMENTS(vm_numbers));
    if (*change->vm)
        g_array_append_val(change->numbers, neighbours_number);
    tell(change);
    return change;
}

void
hv_effect_change_free(gpointer data)
{
    HvEffectChange *change = data;

    if (!change)
        return;
    g_array_unref(change->numbers);
    g_ptr_array_unref(change->others);
    g_free(change->vm);
    g_free(change->text);
    g_free(change);
}

/* ---- whether all has settled ---- */

/* Sum of a column over the rows of the VM (of all: the host); NAN without any. */
static double
sum_of(const HvSnapshot *snapshot, const char *vm, const char *table_name, const char *column,
       double *largest)
{
    const HvTable *table = hv_snapshot_table(snapshot, table_name);
    const int vm_column = hv_table_column(table, "vm");
    const int value_column = hv_table_column(table, column);
    double sum = 0;
    guint n = 0;

    *largest = 0;
    for (guint row = 0; table && row < hv_table_n_rows(table); row++) {
        const char *name = hv_table_text(table, row, vm_column);
        double value;

        if ((*vm && (!name || !g_str_equal(name, vm))) ||
            !hv_table_f64(table, row, value_column, &value))
            continue;
        sum += value;
        *largest = MAX(*largest, value);
        n++;
    }
    return n ? sum : (double)NAN;
}

static gboolean
is_still(const double *values, double elapsed_s)
{
    const double first = values[0], last = values[HV_EFFECT_RECENT - 1];

    if (isnan(first) || isnan(last)) /* nothing to see: nothing to wait for */
        return TRUE;
    return fabs(last - first) <= SETTLED_PER_S * elapsed_s * MAX(fabs(first), fabs(last));
}

static void
push(double *values, double value)
{
    memmove(values, values + 1, (HV_EFFECT_RECENT - 1) * sizeof *values);
    values[HV_EFFECT_RECENT - 1] = value;
}

void
hv_effect_change_watch(HvEffectChange *change, const HvPast *past, const HvSnapshot *snapshot)
{
    const guint64 newest = hv_past_newest(past);
    double largest, elapsed_s;

    if (!change->cut && snapshot->monotonic_ns >= change->begun_ns)
        change->cut = hv_past_since(past, change->begun_ns);
    if (change->resume || change->is_final || snapshot->monotonic_ns <= change->ended_ns)
        return;
    push(change->occupancy, sum_of(snapshot, change->vm, "llc", "occupancy_bytes", &largest));
    /* pages that move leave the largest heap, or make one */
    sum_of(snapshot, change->vm, "residency", "resident_bytes", &largest);
    push(change->resident, largest > 0 ? largest : (double)NAN);
    if (++change->n_recent < HV_EFFECT_RECENT)
        return;
    elapsed_s =
        (double)(snapshot->monotonic_ns - hv_past_ns(past, newest - HV_EFFECT_RECENT + 1)) /
        1e9;
    if (is_still(change->occupancy, elapsed_s) && is_still(change->resident, elapsed_s))
        change->resume = newest + 1;
    change->is_lost = !change->resume && (double)(snapshot->monotonic_ns - change->ended_ns) >
                                             MOST_SETTLING_S * 1e9;
}

/* ---- the series ---- */

/* What a change is judged by: the samples from @first on. */
typedef struct {
    const HvPast *past;
    HvEffectChange *change;
    guint64 first;
    guint n;
    guint window;
    double apart_s;        /* between samples */
    GArray *breaks;        /* guint, behind @first */
    GPtrArray *neighbours; /* names, borrowed */
    const GPtrArray *changes;
} Judging;

/* What other changes spoilt is not known. */
static void
blank(const Judging *judging, double *values)
{
    for (guint i = 0; i < judging->changes->len; i++) {
        const HvEffectChange *other = judging->changes->pdata[i];
        const guint64 end =
            MIN(other->resume ? other->resume : G_MAXUINT64, judging->first + judging->n);

        if (other == judging->change || !other->cut || other->cut >= judging->change->cut)
            continue;
        for (guint64 at = MAX(other->cut, judging->first); at < end; at++)
            values[at - judging->first] = (double)NAN;
    }
}

static void
find_breaks(Judging *judging)
{
    for (guint i = 0; i < judging->changes->len; i++) {
        const HvEffectChange *other = judging->changes->pdata[i];

        if (other != judging->change && other->cut > judging->first &&
            other->cut < judging->change->cut) {
            const guint at = (guint)(other->cut - judging->first);

            g_array_append_val(judging->breaks, at);
        }
    }
}

/* The mean wait of those that work. */
static gboolean
read_neighbours(const Judging *judging, double *values)
{
    g_autofree double *one = g_new(double, judging->n);
    g_autofree guint *counts = g_new0(guint, judging->n);

    for (guint i = 0; i < judging->n; i++)
        values[i] = 0;
    for (guint v = 0; v < judging->neighbours->len; v++) {
        hv_past_read(judging->past, judging->neighbours->pdata[v], HV_PAST_WAIT, judging->first,
                     one, judging->n);
        for (guint i = 0; i < judging->n; i++) {
            values[i] += isnan(one[i]) ? 0 : one[i];
            counts[i] += isnan(one[i]) ? 0 : 1;
        }
    }
    for (guint i = 0; i < judging->n; i++)
        values[i] = counts[i] ? values[i] / counts[i] : (double)NAN;
    return judging->neighbours->len > 0;
}

static gboolean
read_number(const Judging *judging, const HvEffectNumber *number, double *values)
{
    if (number->of_neighbours)
        return read_neighbours(judging, values);
    if (number->is_watch)
        return hv_past_read_watch(judging->past, number->name, judging->first, values,
                                  judging->n);
    return hv_past_read(judging->past, judging->change->vm, number->number, judging->first,
                        values, judging->n);
}

static void
measure(const Judging *judging, HvEffectNumber *number)
{
    const HvEffectChange *change = judging->change;
    g_autofree double *values = g_new(double, judging->n);
    const HvEffectSeries series = { .values = values,
                                    .n = judging->n,
                                    .cut = (guint)(change->cut - judging->first),
                                    .resume = (guint)(change->resume - judging->first),
                                    .window = judging->window,
                                    .enough = (guint)(ENOUGH_S / judging->apart_s),
                                    .breaks = (const guint *)(gpointer)judging->breaks->data,
                                    .n_breaks = judging->breaks->len,
                                    .floor = number->floor,
                                    .seed = change->plan };

    number->is_measured = FALSE;
    number->verdict = HV_VERDICT_TOO_EARLY;
    if (!read_number(judging, number, values))
        return;
    blank(judging, values);
    number->is_measured = hv_effect_measure(&series, &number->measure);
}

/* ---- what it means ---- */

/* Neighbours that the plan does not touch, and that work. */
static void
find_neighbours(Judging *judging)
{
    g_autoptr(GPtrArray) vms = hv_past_vms(judging->past);

    for (guint i = 0; i < vms->len && judging->neighbours->len < MOST_NEIGHBOURS; i++)
        if (!is_touched(judging->change, vms->pdata[i]))
            g_ptr_array_add(judging->neighbours, vms->pdata[i]);
}

static int
compare_doubles(gconstpointer a, gconstpointer b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* What the load of one of them did; FALSE: it does not work, or is not known. */
static gboolean
read_load(const Judging *judging, const char *vm, double *change_ratio)
{
    const HvEffectChange *change = judging->change;
    g_autofree double *values = g_new(double, judging->window);
    double before, after;

    if (!hv_past_read(judging->past, vm, HV_PAST_CPU, change->cut - judging->window, values,
                      judging->window))
        return FALSE;
    before = hv_effect_median(values, judging->window);
    hv_past_read(judging->past, vm, HV_PAST_CPU, change->resume, values, judging->window);
    after = hv_effect_median(values, judging->window);
    *change_ratio = after / before - 1;
    return before >= LEAST_CPU && !isnan(after);
}

/* The usual change of the neighbours' load when most of them moved one way by some size; else
 * 0. */
static double
judge_load(const Judging *judging)
{
    double ratios[MOST_NEIGHBOURS], middle;
    guint n = 0, n_alike = 0;

    for (guint i = 0; i < judging->neighbours->len; i++)
        if (read_load(judging, judging->neighbours->pdata[i], &ratios[n]))
            n++;
    if (n < LEAST_NEIGHBOURS || !*judging->change->vm)
        return 0;
    qsort(ratios, n, sizeof *ratios, compare_doubles);
    middle = ratios[n / 2];
    for (guint i = 0; i < n; i++)
        n_alike += fabs(ratios[i]) > HV_EFFECT_LEAST_RATIO && (ratios[i] > 0) == (middle > 0);
    return fabs(middle) > HV_EFFECT_LEAST_RATIO && n_alike >= ALIKE_RATIO * n ? middle : 0;
}

/* Remote shares and bytes are of the work done: the load does not move them. */
static gboolean
moves_with_load(const HvEffectNumber *number)
{
    return number->is_watch ||
           (number->number != HV_PAST_REMOTE && number->number != HV_PAST_REMOTE_PER_WORK);
}

static HvVerdict
verdict_of(const HvEffectChange *change, const HvEffectNumber *number)
{
    const gboolean rises = number->measure.after > number->measure.before;

    if (!number->is_measured)
        return HV_VERDICT_TOO_EARLY;
    if (change->mixed_with)
        return HV_VERDICT_MIXED;
    if (number->measure.is_weak)
        return HV_VERDICT_WEAK;
    if (!number->measure.is_clear || !(number->p <= 0.05))
        return HV_VERDICT_NO_CHANGE;
    if (fabs(change->load_ratio) > 0 && (change->load_ratio > 0) == rises &&
        moves_with_load(number))
        return HV_VERDICT_LOAD;
    return rises == number->more_is_better ? HV_VERDICT_BETTER : HV_VERDICT_WORSE;
}

/* The first that was known before it is the main one; the others are corrected for being
 * several. */
static void
compare_all(HvEffectChange *change)
{
    g_autofree double *p = g_new(double, change->numbers->len);
    gboolean has_main = FALSE;

    for (guint i = 0; i < change->numbers->len; i++) {
        HvEffectNumber *number = &g_array_index(change->numbers, HvEffectNumber, i);

        number->is_main = !has_main && number->is_measured;
        has_main = has_main || number->is_main;
        number->p = p[i] = number->is_measured ? number->measure.p : (double)NAN;
        if (number->is_main)
            p[i] = (double)NAN;
    }
    hv_effect_holm(p, change->numbers->len);
    for (guint i = 0; i < change->numbers->len; i++) {
        HvEffectNumber *number = &g_array_index(change->numbers, HvEffectNumber, i);

        if (!number->is_main)
            number->p = p[i];
        number->verdict = verdict_of(change, number);
    }
}

/* Another plan that was at work in the time measured: its id, or 0. */
static guint64
find_overlap(const Judging *judging)
{
    const HvEffectChange *change = judging->change;
    const guint64 from = change->cut - judging->window;
    const guint64 to = change->resume + judging->window;

    for (guint i = 0; i < judging->changes->len; i++) {
        const HvEffectChange *other = judging->changes->pdata[i];

        if (other != change && other->cut && other->cut < to &&
            (!other->resume || other->resume > from))
            return other->plan;
    }
    return 0;
}

static double
samples_apart_s(const HvPast *past)
{
    const guint64 newest = hv_past_newest(past);
    const guint64 first = MAX(hv_past_oldest(past), newest > 30 ? newest - 30 : 1);

    return newest > first ? (double)(hv_past_ns(past, newest) - hv_past_ns(past, first)) / 1e9 /
                                (double)(newest - first)
                          : 1;
}

static void
judge(Judging *judging)
{
    HvEffectChange *change = judging->change;

    judging->first = hv_past_oldest(judging->past);
    judging->n = (guint)(hv_past_newest(judging->past) - judging->first + 1);
    find_breaks(judging);
    find_neighbours(judging);
    change->mixed_with = find_overlap(judging);
    change->load_ratio = judge_load(judging);
    change->window = judging->window;
    change->window_s = judging->window * judging->apart_s;
    change->past_s = (double)(change->cut - judging->first) * judging->apart_s;
    for (guint i = 0; i < change->numbers->len; i++)
        measure(judging, &g_array_index(change->numbers, HvEffectNumber, i));
    compare_all(change);
}

/* Numbers that nothing is known of say nothing. */
static void
finish(HvEffectChange *change)
{
    gboolean has_any = FALSE;

    for (guint i = 0; i < change->numbers->len; i++)
        has_any = has_any || g_array_index(change->numbers, HvEffectNumber, i).is_measured;
    for (guint i = change->numbers->len; has_any && i-- > 0;)
        if (!g_array_index(change->numbers, HvEffectNumber, i).is_measured)
            g_array_remove_index(change->numbers, i);
    if (!has_any && change->numbers->len > 1)
        g_array_set_size(change->numbers, 1);
}

void
hv_effect_change_judge(HvEffectChange *change, const HvPast *past, const GPtrArray *changes,
                       gint64 window_ns)
{
    const guint64 newest = hv_past_newest(past);
    Judging judging = {
        .past = past, .change = change, .changes = changes, .apart_s = samples_apart_s(past)
    };
    guint most, n_after;

    if (change->is_final)
        return;
    if (change->is_lost) {
        change->resume = newest + 1; /* what comes later is not held up by it */
        change->is_final = TRUE;
        finish(change);
        tell(change);
        return;
    }
    if (!change->resume || newest < change->resume)
        return;
    /* equal windows: no longer than what is known before */
    most = (guint)CLAMP((double)window_ns / 1e9 / judging.apart_s + 0.5, HV_EFFECT_LEAST_WINDOW,
                        HV_PAST_LENGTH / 2.0);
    most = MIN(most, (guint)(change->cut - MIN(hv_past_oldest(past), change->cut)));
    n_after = (guint)(newest - change->resume + 1);
    judging.window = MIN(most, n_after);
    if (n_after < most && (n_after < FIRST_WINDOW || n_after % WINDOW_STEP))
        return;
    judging.breaks = g_array_new(FALSE, FALSE, sizeof(guint));
    judging.neighbours = g_ptr_array_new();
    judge(&judging);
    g_array_unref(judging.breaks);
    g_ptr_array_unref(judging.neighbours);
    change->is_final = n_after >= most;
    if (change->is_final)
        finish(change);
    tell(change);
}
