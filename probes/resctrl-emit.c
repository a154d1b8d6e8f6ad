/* The rows of resctrl's raw tables, from what a round found. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probes/resctrl-emit.h"

#include "host/monitoring.h"
#include "host/parse.h"
#include "model/i18n.h"
#include "probes/resctrl-columns.h"

#define NS_PER_S 1e9

const HvSchema hv_resctrl_schemas[HV_RESCTRL_N_TABLES] = {
    [HV_RESCTRL_TABLE] = { .name = "resctrl", .columns = resctrl_columns, .raw = TRUE },
    [HV_RESCTRL_GROUPS] = { .name = "resctrl_groups", .columns = group_columns, .raw = TRUE },
    [HV_RESCTRL_DOMAINS] = { .name = "resctrl_domains",
                             .columns = domain_columns,
                             .raw = TRUE },
    [HV_RESCTRL_INFO] = { .name = "resctrl_info", .columns = info_columns, .raw = TRUE },
    [HV_RESCTRL_MON] = { .name = "resctrl_mon", .columns = mon_columns, .raw = TRUE },
    [HV_RESCTRL_VM_GROUPS] = { .name = "vm_groups", .columns = vm_columns, .raw = TRUE },
};

/* ---- rows ---- */

/* Rows come in the same order as long as the layout is the same: each is found by its place. */
static gboolean
again(HvResctrlRows *rows, HvSink *out, guint table)
{
    const GArray *ids = rows->ids[table];

    return rows->at < ids->len && hv_row_again(out, g_array_index(ids, guint32, rows->at)) &&
           ++rows->at;
}

/* After a FALSE of again(): the place has no number yet, or one that is no longer good. */
static void
keep(HvResctrlRows *rows, guint table, guint32 id)
{
    GArray *ids = rows->ids[table];

    if (rows->at < ids->len)
        g_array_index(ids, guint32, rows->at) = id;
    else
        g_array_append_val(ids, id);
    rows->at++;
}

static void
begin_table(HvResctrlRows *rows, HvSink *out, guint table)
{
    hv_sink_table(out, table);
    rows->at = 0;
}

static void
text_or(HvSink *out, guint column, const char *text, const char *why)
{
    if (text)
        hv_text(out, column, text);
    else
        hv_none(out, column, HV_MARK_ABSENT, why);
}

/* ---- resctrl ---- */

static void
emit_info_number(HvSink *out, guint column, const HvResctrlLayout *layout, const char *resource,
                 HvInfoFile file)
{
    guint64 value;

    if (hv_resctrl_layout_info(layout, resource, file, &value))
        hv_u64(out, column, value);
    else
        hv_none(out, column, HV_MARK_ABSENT, N_("this host has no such thing"));
}

static guint
count_closids(const HvResctrlLayout *layout)
{
    guint n = 0;

    for (guint i = 0; i < layout->groups->len; i++)
        n += g_strcmp0(((const HvLayoutGroup *)layout->groups->pdata[i])->mode,
                       "pseudo-locked") != 0;
    return n;
}

static guint
count_rmids(const HvResctrlLayout *layout)
{
    guint n = count_closids(layout);

    for (guint i = 0; i < layout->mons->len; i++) {
        const HvLayoutMon *mon = layout->mons->pdata[i];

        n += *mon->name && !mon->is_gone;
    }
    return n;
}

static void
emit_rmids(HvSink *out, const HvResctrlRound *round)
{
    const HvResctrlLayout *layout = round->layout;
    guint64 n_rmids, all, left;

    emit_info_number(out, R_N_RMIDS, layout, "L3_MON", HV_INFO_NUM_RMIDS);
    if (hv_resctrl_layout_info(layout, "L3_MON", HV_INFO_NUM_RMIDS, &n_rmids)) {
        hv_u64(out, R_RMIDS_USED, count_rmids(layout));
        hv_u64(out, R_RMIDS_LIMBO, round->n_limbo);
        hv_mark(out, R_RMIDS_LIMBO, HV_MARK_ESTIMATED);
    } else {
        hv_none(out, R_RMIDS_USED, HV_MARK_ABSENT, N_("this host counts no groups"));
        hv_none(out, R_RMIDS_LIMBO, HV_MARK_ABSENT, N_("this host counts no groups"));
    }
    if (hv_resctrl_layout_counters(layout, &all, &left)) {
        hv_u64(out, R_N_COUNTERS, all);
        hv_u64(out, R_COUNTERS_USED, all - MIN(left, all));
    } else {
        hv_none(out, R_N_COUNTERS, HV_MARK_ABSENT, N_("counters need not be assigned here"));
        hv_none(out, R_COUNTERS_USED, HV_MARK_ABSENT, N_("counters need not be assigned here"));
    }
}

static const char *
throttle_mode(const HvResctrlLayout *layout)
{
    for (guint i = 0; i < layout->infos->len; i++) {
        const HvLayoutInfo *info = layout->infos->pdata[i];

        if (info->text[HV_INFO_THROTTLE_MODE])
            return info->text[HV_INFO_THROTTLE_MODE];
    }
    return NULL;
}

static void
emit_resctrl(HvResctrlRows *rows, HvSink *out, const HvResctrlRound *round)
{
    const HvResctrlLayout *layout = round->layout;

    begin_table(rows, out, HV_RESCTRL_TABLE);
    if (!again(rows, out, HV_RESCTRL_TABLE))
        keep(rows, HV_RESCTRL_TABLE,
             hv_row(out, layout->mount ? layout->mount : "/" HV_RESCTRL_DIR));
    text_or(out, R_OPTIONS, layout->options, N_("proc/mounts does not tell"));
    emit_info_number(out, R_N_CLOSIDS, layout, NULL, HV_INFO_NUM_CLOSIDS);
    hv_u64(out, R_CLOSIDS_USED, count_closids(layout));
    emit_rmids(out, round);
    text_or(out, R_MB_UNIT, hv_resctrl_layout_mb_unit(layout),
            N_("bandwidth is not controlled"));
    text_or(out, R_MB_THROTTLE_MODE, throttle_mode(layout), N_("this host has no such thing"));
    hv_u64(out, R_GROUPS_HELD, round->n_held);
    hv_u64(out, R_GROUPS_LIMIT, round->limit);
    text_or(out, R_GROUPS_WHY, round->why, N_("every VM that needs one has one"));
}

/* ---- groups and their shares ---- */

static void
emit_groups(HvResctrlRows *rows, HvSink *out, const HvResctrlRound *round)
{
    begin_table(rows, out, HV_RESCTRL_GROUPS);
    for (guint i = 0; i < round->layout->groups->len; i++) {
        const HvLayoutGroup *group = round->layout->groups->pdata[i];

        if (!again(rows, out, HV_RESCTRL_GROUPS))
            keep(rows, HV_RESCTRL_GROUPS, hv_row(out, group->name));
        hv_text(out, G_OWNER, hv_resctrl_owner_name(group->owner));
        text_or(out, G_VM, group->vm, N_("libvirt made it for no VM that runs here"));
        text_or(out, G_MODE, group->mode, N_("its mode cannot be read"));
        if (group->has_tasks)
            hv_u64(out, G_N_TASKS, g_array_index(round->n_tasks, guint64, i));
        else
            hv_none(out, G_N_TASKS, HV_MARK_ABSENT, N_("its tasks cannot be read"));
        text_or(out, G_CPUS, group->cpus, N_("its cpus cannot be read"));
    }
}

static void
emit_share(HvSink *out, const HvLayoutShare *share)
{
    hv_text(out, D_VALUE, share->value);
    if (share->has_number)
        hv_u64(out, share->is_cache ? D_MASK : D_LIMIT, share->number);
    hv_none(out, share->is_cache ? D_LIMIT : D_MASK, HV_MARK_ABSENT,
            share->is_cache ? N_("a cache has a mask, no limit")
                            : N_("bandwidth has a limit, no mask"));
    if (share->has_size)
        hv_u64(out, D_SIZE, share->size_bytes);
    else
        hv_none(out, D_SIZE, HV_MARK_ABSENT,
                share->is_cache ? N_("the kernel does not tell its size")
                                : N_("bandwidth has no size"));
}

static void
emit_domains(HvResctrlRows *rows, HvSink *out, const HvResctrlLayout *layout)
{
    begin_table(rows, out, HV_RESCTRL_DOMAINS);
    for (guint i = 0; i < layout->groups->len; i++) {
        const HvLayoutGroup *group = layout->groups->pdata[i];

        for (guint j = 0; j < group->shares->len; j++) {
            const HvLayoutShare *share = &g_array_index(group->shares, HvLayoutShare, j);

            if (!again(rows, out, HV_RESCTRL_DOMAINS)) {
                char domain[16];

                g_snprintf(domain, sizeof domain, "%u", share->domain);
                keep(rows, HV_RESCTRL_DOMAINS,
                     hv_row(out, group->name, share->resource, domain));
            }
            emit_share(out, share);
        }
        if (group->shares_why)
            hv_sink_why(out, group->shares_why);
    }
}

/* ---- info ---- */

typedef enum { AS_TEXT, AS_NUMBER, AS_HEX, AS_BOOL } Form;
static const struct {
    guint column;
    HvInfoFile file;
    Form form;
} info_cells[] = {
    { I_CBM_MASK, HV_INFO_CBM_MASK, AS_TEXT },
    { I_MIN_CBM_BITS, HV_INFO_MIN_CBM_BITS, AS_NUMBER },
    { I_SHAREABLE_MASK, HV_INFO_SHAREABLE_BITS, AS_HEX },
    { I_BIT_USAGE, HV_INFO_BIT_USAGE, AS_TEXT },
    { I_SPARSE, HV_INFO_SPARSE_MASKS, AS_BOOL },
    { I_N_CLOSIDS, HV_INFO_NUM_CLOSIDS, AS_NUMBER },
    { I_MIN_BANDWIDTH, HV_INFO_MIN_BANDWIDTH, AS_NUMBER },
    { I_BANDWIDTH_GRAN, HV_INFO_BANDWIDTH_GRAN, AS_NUMBER },
    { I_DELAY_LINEAR, HV_INFO_DELAY_LINEAR, AS_BOOL },
    { I_THROTTLE_MODE, HV_INFO_THROTTLE_MODE, AS_TEXT },
    { I_N_RMIDS, HV_INFO_NUM_RMIDS, AS_NUMBER },
    { I_MON_FEATURES, HV_INFO_MON_FEATURES, AS_TEXT },
    { I_LIMBO_THRESHOLD, HV_INFO_MAX_THRESHOLD, AS_NUMBER },
    { I_ASSIGN_MODE, HV_INFO_ASSIGN_MODE, AS_TEXT },
};

static void
emit_info_cell(HvSink *out, guint column, Form form, const char *text)
{
    guint64 number = 0;

    if (!text) {
        hv_none(out, column, HV_MARK_ABSENT, N_("this resource has no such file"));
    } else if (form == AS_TEXT) {
        hv_text(out, column, text);
    } else if (form == AS_HEX ? hv_parse_hex(text, G_MAXUINT64, &number, NULL)
                              : hv_parse_u64(text, G_MAXUINT64, &number, NULL)) {
        if (form == AS_BOOL)
            hv_bool(out, column, number != 0);
        else
            hv_u64(out, column, number);
    } else {
        hv_none(out, column, HV_MARK_FAILED, N_("the kernel's answer is no number"));
    }
}

static void
emit_info(HvResctrlRows *rows, HvSink *out, const HvResctrlLayout *layout)
{
    begin_table(rows, out, HV_RESCTRL_INFO);
    for (guint i = 0; i < layout->infos->len; i++) {
        const HvLayoutInfo *info = layout->infos->pdata[i];
        const guint n_ways = hv_resctrl_layout_n_ways(layout, info->resource);

        if (!again(rows, out, HV_RESCTRL_INFO))
            keep(rows, HV_RESCTRL_INFO, hv_row(out, info->resource));
        for (guint j = 0; j < G_N_ELEMENTS(info_cells); j++)
            emit_info_cell(out, info_cells[j].column, info_cells[j].form,
                           info->text[info_cells[j].file]);
        if (n_ways > 0)
            hv_u64(out, I_N_WAYS, n_ways);
        else
            hv_none(out, I_N_WAYS, HV_MARK_ABSENT, N_("it has no ways"));
        if (info->has_unused)
            hv_u64(out, I_UNUSED_WAYS, info->n_unused);
        else
            hv_none(out, I_UNUSED_WAYS, HV_MARK_ABSENT, N_("this resource has no such file"));
    }
}

/* ---- counters ---- */

static void
emit_event(HvSink *out, guint column, const HvMonCell *cell, HvMonEvent event)
{
    if (hv_mark_has_value(cell->marks[event]))
        hv_u64(out, column, cell->values[event]);
    else
        hv_none(out, column, cell->marks[event],
                cell->why[event] ? cell->why[event] : N_("not read yet"));
}

static void
emit_cell(HvSink *out, const HvLayoutMon *mon, const HvLayoutLlc *llc, const HvMonCell *cell)
{
    if (mon->vm) {
        hv_text(out, M_VM, mon->vm);
        hv_bool(out, M_WHOLE, mon->whole);
    } else {
        hv_none(out, M_VM, HV_MARK_ABSENT, N_("it counts no single VM"));
        hv_none(out, M_WHOLE, HV_MARK_ABSENT, N_("it counts no single VM"));
    }
    emit_event(out, M_TOTAL, cell, HV_EVENT_TOTAL);
    emit_event(out, M_LOCAL, cell, HV_EVENT_LOCAL);
    if (mon->is_gone)
        hv_none(out, M_OCCUPANCY, HV_MARK_ABSENT, N_("other VMs are counted at present"));
    else
        emit_event(out, M_OCCUPANCY, cell, HV_EVENT_OCCUPANCY);
    if (llc->size_bytes > 0 && !mon->is_gone)
        hv_bool(out, M_WARMING, cell->is_warming);
    else
        hv_none(out, M_WARMING, HV_MARK_ABSENT,
                mon->is_gone ? N_("other VMs are counted at present")
                             : N_("the size of the cache is not known"));
    hv_bool(out, M_OURS, mon->is_ours);
    hv_u64(out, M_READ_NS, (guint64)cell->read_ns);
    hv_f64(out, M_AGE_S, (double)MAX(hv_sink_now_ns(out) - cell->read_ns, 0) / NS_PER_S);
}

static void
emit_mons(HvResctrlRows *rows, HvSink *out, const HvResctrlRound *round)
{
    const HvResctrlLayout *layout = round->layout;
    guint at = 0;

    begin_table(rows, out, HV_RESCTRL_MON);
    for (guint i = 0; i < layout->mons->len; i++) {
        const HvLayoutMon *mon = layout->mons->pdata[i];
        const HvLayoutGroup *group = layout->groups->pdata[mon->group];

        for (guint j = 0; j < layout->llcs->len; j++, at++) {
            const HvLayoutLlc *llc = &g_array_index(layout->llcs, HvLayoutLlc, j);

            if (!again(rows, out, HV_RESCTRL_MON)) {
                char domain[16];

                g_snprintf(domain, sizeof domain, "%u", llc->domain);
                keep(rows, HV_RESCTRL_MON, hv_row(out, group->name, mon->name, domain));
            }
            emit_cell(out, mon, llc, &g_array_index(round->cells, HvMonCell, at));
        }
    }
    if (layout->llcs->len == 0)
        hv_sink_why(out, N_("resctrl counts nothing on this host: no mon_data"));
}

/* ---- where vCPUs are ---- */

static void
emit_vcpu(HvSink *out, const HvResctrlLayout *layout, const HvLayoutVcpu *vcpu)
{
    const HvLayoutGroup *group = layout->groups->pdata[vcpu->group];
    const HvLayoutMon *counter = vcpu->counted >= 0 ? layout->mons->pdata[vcpu->counted] : NULL;
    const HvLayoutMon *in = vcpu->mon >= 0 ? layout->mons->pdata[vcpu->mon] : counter;

    hv_text(out, V_GROUP, group->name);
    text_or(out, V_MON, in && *in->name ? in->name : NULL, N_("it is in no monitoring group"));
    hv_bool(out, V_COUNTED, counter && !counter->is_gone);
}

static void
emit_vcpus(HvResctrlRows *rows, HvSink *out, const HvResctrlLayout *layout)
{
    begin_table(rows, out, HV_RESCTRL_VM_GROUPS);
    for (guint i = 0; i < layout->vcpus->len; i++) {
        const HvLayoutVcpu *vcpu = layout->vcpus->pdata[i];

        if (!again(rows, out, HV_RESCTRL_VM_GROUPS))
            keep(rows, HV_RESCTRL_VM_GROUPS, hv_row_text_u64(out, vcpu->vm, vcpu->vcpu));
        emit_vcpu(out, layout, vcpu);
    }
}

/* ---- all ---- */

static void
forget_rows(HvResctrlRows *rows, HvResctrlLayout *layout)
{
    hv_resctrl_layout_unref(rows->known);
    rows->known = hv_resctrl_layout_ref(layout);
    for (guint i = 0; i < HV_RESCTRL_N_TABLES; i++)
        g_array_set_size(rows->ids[i], 0);
}

void
hv_resctrl_rows_init(HvResctrlRows *rows)
{
    *rows = (HvResctrlRows){ 0 };
    for (guint i = 0; i < HV_RESCTRL_N_TABLES; i++)
        rows->ids[i] = g_array_new(FALSE, FALSE, sizeof(guint32));
}

void
hv_resctrl_rows_clear(HvResctrlRows *rows)
{
    hv_resctrl_layout_unref(rows->known);
    for (guint i = 0; i < HV_RESCTRL_N_TABLES; i++)
        g_array_unref(rows->ids[i]);
}

void
hv_resctrl_emit(HvResctrlRows *rows, HvSink *out, const HvResctrlRound *round)
{
    if (rows->known != round->layout)
        forget_rows(rows, round->layout);
    emit_resctrl(rows, out, round);
    emit_groups(rows, out, round);
    emit_domains(rows, out, round->layout);
    emit_info(rows, out, round->layout);
    emit_mons(rows, out, round);
    emit_vcpus(rows, out, round->layout);
}
