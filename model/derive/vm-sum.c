/* What one VM's vCPUs amount to: sums, means and the worst of them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/derive/vm-sum.h"

#include "model/i18n.h"

#define SHORT_WINDOW_NS                                                                        \
    4900000000.0 /* tick-accounted guest time is no measurement below 5 s; samples jitter */
#define LEAST_BUSY 0.02 /* cpus; below that a single tick of 10 ms decides */

void
hv_vm_columns_find(HvVmColumns *columns, const HvTable *vms, const HvTable *vcpus)
{
    *columns = (HvVmColumns){
        .vms = vms,
        .vcpus = vcpus,
        .tcg = hv_table_column(vms, "tcg"),
        .throttled = hv_table_column(vms, "throttled_ratio"),
        .halt_poll = hv_table_column(vms, "halt_poll_ratio"),
        .vhost = hv_table_column(vms, "vhost_ratio"),
        .vcpu = hv_table_column(vcpus, "vcpu"),
        .run = hv_table_column(vcpus, "run_ratio"),
        .wait = hv_table_column(vcpus, "wait_ratio"),
        .own_throttled = hv_table_column(vcpus, "throttled_ratio"),
        .user = hv_table_column(vcpus, "user_ratio"),
        .system = hv_table_column(vcpus, "system_ratio"),
        .guest = hv_table_column(vcpus, "guest_ratio"),
        .switches = hv_table_column(vcpus, "switches_per_s"),
        .window = hv_table_column(vcpus, "stat_window_ns"),
    };
}

static HvQuantity
none(HvMark mark, const char *why)
{
    return (HvQuantity){ .mark = mark, .why = why };
}

static gboolean
is_known(HvQuantity quantity)
{
    return hv_mark_has_value(quantity.mark);
}

static HvQuantity
read_cell(const HvTable *table, guint row, int column)
{
    HvQuantity quantity = { 0 };
    HvKind kind;
    HvCell cell;

    if (!table || column < 0)
        return none(HV_MARK_ABSENT, NULL);
    kind = hv_table_schema(table)->columns[column].kind;
    quantity.mark = hv_table_cell(table, row, column, &cell);
    if (!is_known(quantity))
        quantity.why = hv_table_reason(table, row, column);
    else
        quantity.value =
            kind == HV_KIND_F64 || kind == HV_KIND_RATE ? cell.f64 : (double)cell.u64;
    return quantity;
}

/* The worse of two marks that have a value. */
static HvMark
worse(HvMark a, HvMark b)
{
    return a == HV_MARK_MEASURED ? b : a;
}

static HvQuantity
add(HvQuantity a, HvQuantity b)
{
    if (!is_known(a))
        return a;
    if (!is_known(b))
        return b;
    return (HvQuantity){ .mark = worse(a.mark, b.mark), .value = a.value + b.value };
}

static HvQuantity
scale(HvQuantity quantity, double factor)
{
    quantity.value *= factor;
    return quantity;
}

/* Unknown as soon as one vCPU is. */
static HvQuantity
add_up(const HvVmColumns *columns, const HvVmRows *rows, int column)
{
    HvQuantity sum = { .mark = HV_MARK_MEASURED };

    if (rows->n_vcpus == 0)
        return none(HV_MARK_ABSENT, N_("its vCPUs are not known"));
    for (guint i = 0; i < rows->n_vcpus; i++)
        sum = add(sum, read_cell(columns->vcpus, rows->first + i, column));
    return sum;
}

/* One vCPU's part of what the limit of the whole VM denies it. */
static HvQuantity
share_of_vm(const HvVmColumns *columns, const HvVmRows *rows)
{
    return scale(read_cell(columns->vms, rows->row, columns->throttled),
                 1.0 / MAX(rows->n_vcpus, 1));
}

/* How much of its wait a vCPU was held back on purpose: @vm_share is its part of the limit of
 * the whole VM. */
static HvQuantity
throttled_of(const HvVmColumns *columns, guint vcpu_row, HvQuantity vm_share)
{
    HvQuantity own = read_cell(columns->vcpus, vcpu_row, columns->own_throttled);

    if (is_known(own) && is_known(vm_share))
        return add(own, vm_share);
    if (is_known(own))
        return own;
    if (is_known(vm_share))
        return vm_share;
    return (HvQuantity){ .mark = HV_MARK_ESTIMATED }; /* no limit that is known */
}

static HvQuantity
wait_of(const HvVmColumns *columns, guint vcpu_row, HvQuantity vm_share)
{
    HvQuantity wait = read_cell(columns->vcpus, vcpu_row, columns->wait);
    HvQuantity throttled = throttled_of(columns, vcpu_row, vm_share);

    if (!is_known(wait))
        return wait;
    return (HvQuantity){ .mark = worse(wait.mark, throttled.mark),
                         .value = MAX(wait.value - throttled.value, 0) };
}

static void
sum_waits(const HvVmColumns *columns, const HvVmRows *rows, HvVmSum *sum)
{
    HvQuantity vm_share = share_of_vm(columns, rows);
    HvQuantity total = { .mark = HV_MARK_MEASURED };

    sum->wait_max = none(HV_MARK_ABSENT, N_("its vCPUs are not known"));
    for (guint i = 0; i < rows->n_vcpus; i++) {
        HvQuantity wait = wait_of(columns, rows->first + i, vm_share);
        guint64 vcpu;

        total = add(total, wait);
        if (is_known(wait) ? is_known(sum->wait_max) && wait.value <= sum->wait_max.value
                           : i > 0)
            continue;
        sum->wait_max = wait;
        if (hv_table_u64(columns->vcpus, rows->first + i, columns->vcpu, &vcpu))
            sum->wait_max_vcpu = vcpu;
    }
    if (!is_known(total) && is_known(sum->wait_max))
        sum->wait_max.mark = HV_MARK_ESTIMATED; /* another one, not known now, may be worse */
    sum->wait_mean = rows->n_vcpus ? scale(total, 1.0 / rows->n_vcpus) : sum->wait_max;
}

/* One of the two limits may not be known: what is known is then "at least". */
static HvQuantity
sum_throttled(const HvVmColumns *columns, const HvVmRows *rows)
{
    HvQuantity own = add_up(columns, rows, columns->own_throttled);
    HvQuantity whole = read_cell(columns->vms, rows->row, columns->throttled);
    HvQuantity sum = add(own, whole);

    if (rows->n_vcpus == 0)
        return own;
    if (!is_known(sum) && (is_known(own) || is_known(whole))) {
        sum = is_known(own) ? own : whole;
        sum.mark = HV_MARK_ESTIMATED;
    }
    return scale(sum, 1.0 / rows->n_vcpus);
}

/* The limit of the whole VM alone would give every vCPU the same: that is no worst one. */
static HvQuantity
find_throttled_max(const HvVmColumns *columns, const HvVmRows *rows)
{
    const HvQuantity share = share_of_vm(columns, rows);
    HvQuantity worst = none(HV_MARK_ABSENT, N_("its vCPUs are not known"));
    guint n_known = 0;

    for (guint i = 0; i < rows->n_vcpus; i++) {
        HvQuantity own = read_cell(columns->vcpus, rows->first + i, columns->own_throttled);

        if (is_known(own))
            n_known++;
        if (is_known(own) ? !is_known(worst) || own.value > worst.value : i == 0)
            worst = own;
    }
    if (!is_known(worst))
        return worst;
    if (is_known(share))
        worst = add(worst, share);
    if (!is_known(share) || n_known < rows->n_vcpus)
        worst.mark = HV_MARK_ESTIMATED; /* at least that */
    return worst;
}

static HvQuantity
sum_guest(const HvVmColumns *columns, const HvVmRows *rows)
{
    HvQuantity guest = add_up(columns, rows, columns->guest);

    for (guint i = 0; i < rows->n_vcpus && is_known(guest); i++) {
        HvQuantity window = read_cell(columns->vcpus, rows->first + i, columns->window);

        if (!is_known(window) || window.value < SHORT_WINDOW_NS)
            guest.mark = HV_MARK_ESTIMATED;
    }
    return guest;
}

static HvQuantity
sum_overhead(const HvVmColumns *columns, const HvVmRows *rows)
{
    HvQuantity user = add_up(columns, rows, columns->user),
               system = add_up(columns, rows, columns->system);
    HvQuantity guest = add_up(columns, rows, columns->guest);
    HvQuantity polled = read_cell(columns->vms, rows->row, columns->halt_poll);
    HvQuantity vhost = read_cell(columns->vms, rows->row, columns->vhost);
    HvQuantity busy = add(add(user, system), vhost), known = add(add(busy, guest), polled);
    guint64 tcg;
    double lost;

    if (hv_table_u64(columns->vms, rows->row, columns->tcg, &tcg) && tcg)
        return none(HV_MARK_ABSENT, N_("emulated: all of it is overhead"));
    if (!is_known(known))
        return known;
    if (busy.value < LEAST_BUSY)
        return none(HV_MARK_ABSENT, N_("too idle to tell"));
    lost = busy.value - guest.value - polled.value;
    return (HvQuantity){ .mark = HV_MARK_ESTIMATED, .value = CLAMP(lost / busy.value, 0, 1) };
}

void
hv_vm_sum(const HvVmColumns *columns, const HvVmRows *rows, HvVmSum *sum)
{
    const double per_vcpu = 1.0 / MAX(rows->n_vcpus, 1);

    *sum = (HvVmSum){
        .cpu = add_up(columns, rows, columns->run),
        .guest = sum_guest(columns, rows),
        .throttled = sum_throttled(columns, rows),
        .throttled_max = find_throttled_max(columns, rows),
        .halt_poll = scale(read_cell(columns->vms, rows->row, columns->halt_poll), per_vcpu),
        .overhead = sum_overhead(columns, rows),
        .switches = add_up(columns, rows, columns->switches),
    };
    sum_waits(columns, rows, sum);
}
