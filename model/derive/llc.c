/* The table "llc": who holds how much of each last-level cache, may fill which ways, and what
 * goes through it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "model/derive.h"
#include "model/i18n.h"

#define MAX_SHARES 1024 /* groups × caches */
#define MASK_TEXT_BYTES 40
#define TOO_MUCH 1.05 /* of the cache, by counters that are read one by one */

enum {
    LLC,
    GROUP,
    VM,
    OWNER,
    OCCUPANCY,
    SIZE,
    WAYS_MASK,
    N_WAYS,
    OF_LLC,
    OLD_LINES,
    LOCAL_PER_S,
    TOTAL_PER_S,
    MB,
    WARMING,
    AGE_S,
};

static const HvColumn columns[] = {
    [LLC] = { .name = "llc", .kind = HV_KIND_ID, .help = N_("L3, by the kernel's id") },
    [GROUP] = { .name = "group", .kind = HV_KIND_KEY, .help = N_("control group") },
    [VM] = { .name = "vm",
             .kind = HV_KIND_KEY,
             .help = N_("part of it that is this VM's; none: all of it, VMs included") },
    [OWNER] = { .name = "owner",
                .kind = HV_KIND_TEXT,
                .help =
                    N_("who made the group: default, libvirt, hvtune, container, unknown") },
    [OCCUPANCY] = { .name = "occupancy_bytes",
                    .kind = HV_KIND_U64,
                    .unit = HV_UNIT_BYTES,
                    .help = N_("lines in the cache that it filled; not what it needs") },
    [SIZE] = { .name = "size_bytes",
               .kind = HV_KIND_U64,
               .unit = HV_UNIT_BYTES,
               .help = N_("of the ways that it may fill") },
    [WAYS_MASK] = { .name = "ways_mask",
                    .kind = HV_KIND_TEXT,
                    .help = N_("these ways, in hex; CODE/DATA where they differ") },
    [N_WAYS] = { .name = "n_ways",
                 .kind = HV_KIND_U64,
                 .unit = HV_UNIT_COUNT,
                 .help = N_("how many ways") },
    [OF_LLC] = { .name = "of_llc_ratio",
                 .kind = HV_KIND_F64,
                 .unit = HV_UNIT_RATIO,
                 .help = N_("its lines as a share of the whole cache") },
    [OLD_LINES] = { .name = "old_lines_bytes",
                    .kind = HV_KIND_U64,
                    .unit = HV_UNIT_BYTES,
                    .help = N_("lines over its size: left from a wider mask, about") },
    [LOCAL_PER_S] = { .name = "local_bytes_per_s",
                      .kind = HV_KIND_F64,
                      .unit = HV_UNIT_BYTES_PER_S,
                      .help = N_("traffic with memory of the cache's own nodes") },
    [TOTAL_PER_S] = { .name = "total_bytes_per_s",
                      .kind = HV_KIND_F64,
                      .unit = HV_UNIT_BYTES_PER_S,
                      .help = N_("traffic with all memory") },
    [MB] = { .name = "mb",
             .kind = HV_KIND_TEXT,
             .help = N_("limit of its bandwidth, as the kernel prints it") },
    [WARMING] = { .name = "warming",
                  .kind = HV_KIND_BOOL,
                  .help = N_("it is counted since so recently that old lines are missing") },
    [AGE_S] = { .name = "age_s",
                .kind = HV_KIND_F64,
                .unit = HV_UNIT_S,
                .help = N_("since it was read") },
    { 0 },
};
static const HvSchema schema = { .name = "llc", .columns = columns };

/* What a control group may fill of one cache. */
typedef struct {
    const char *group;
    guint64 llc;
    guint64 mask;               /* of code and data together */
    double way_bytes;           /* 0: unknown */
    const char *mb;             /* NULL: not limited here */
    char text[MASK_TEXT_BYTES]; /* "": there is no mask */
} Share;

typedef struct {
    guint n;
    Share shares[MAX_SHARES];
} Shares;

static guint
count_bits(guint64 mask)
{
    guint n = 0;

    for (; mask; mask &= mask - 1)
        n++;
    return n;
}

static Share *
share_of(Shares *shares, const char *group, guint64 llc)
{
    for (guint i = 0; i < shares->n; i++) {
        if (shares->shares[i].llc == llc && strcmp(shares->shares[i].group, group) == 0)
            return &shares->shares[i];
    }
    return NULL;
}

static Share *
add_share(Shares *shares, const char *group, guint64 llc)
{
    Share *share = share_of(shares, group, llc);

    if (share || shares->n == MAX_SHARES)
        return share;
    share = &shares->shares[shares->n++];
    *share = (Share){ .group = group, .llc = llc };
    return share;
}

/* With CDP there are two masks; the text has both where they differ. */
static void
add_mask(Share *share, const HvTable *domains, guint row, guint64 mask, const char *value)
{
    guint64 size;

    if (!*share->text)
        g_strlcpy(share->text, value, sizeof share->text);
    else if (strcmp(share->text, value) != 0 && !strchr(share->text, '/')) {
        g_strlcat(share->text, "/", sizeof share->text);
        g_strlcat(share->text, value, sizeof share->text);
    }
    share->mask |= mask;
    if (mask && hv_table_u64(domains, row, hv_table_column(domains, "size_bytes"), &size))
        share->way_bytes = (double)size / count_bits(mask);
}

static void
read_shares(const HvTable *domains, Shares *shares)
{
    const int group = hv_table_column(domains, "group"),
              resource = hv_table_column(domains, "resource"),
              domain = hv_table_column(domains, "domain"),
              value = hv_table_column(domains, "value"),
              mask = hv_table_column(domains, "mask");

    shares->n = 0;
    for (guint row = 0; domains && row < hv_table_n_rows(domains); row++) {
        const char *of = hv_table_text(domains, row, resource);
        const char *name = hv_table_text(domains, row, group);
        const char *text = hv_table_text(domains, row, value);
        guint64 llc, bits;
        Share *share;

        if (!of || !name || !text || !hv_table_u64(domains, row, domain, &llc) ||
            (!g_str_has_prefix(of, "L3") && strcmp(of, "MB") != 0))
            continue;
        share = add_share(shares, name, llc);
        if (share && strcmp(of, "MB") == 0)
            share->mb = text;
        else if (share && hv_table_u64(domains, row, mask, &bits))
            add_mask(share, domains, row, bits, text);
    }
}

/* The whole cache, 0 when neither resctrl nor the topology tell. */
static double
whole_bytes(const HvSnapshot *snapshot, const Shares *shares, guint64 llc)
{
    const HvTable *info = hv_snapshot_table(snapshot, "resctrl_info");
    const HvTopoLlc *known = snapshot->topology && llc <= G_MAXINT
                                 ? hv_topology_llc(snapshot->topology, (int)llc)
                                 : NULL;
    double way_bytes = 0;

    for (guint i = 0; i < shares->n; i++)
        if (shares->shares[i].llc == llc)
            way_bytes = MAX(way_bytes, shares->shares[i].way_bytes);
    for (guint row = 0; way_bytes > 0 && info && row < hv_table_n_rows(info); row++) {
        const char *resource = hv_table_text(info, row, hv_table_column(info, "resource"));
        guint64 n_ways;

        if (resource && g_str_has_prefix(resource, "L3") &&
            hv_table_u64(info, row, hv_table_column(info, "n_ways"), &n_ways))
            return way_bytes * (double)n_ways;
    }
    return known ? (double)known->size_bytes : 0;
}

/* ---- rows ---- */

static void
begin_row(HvSink *out, guint64 llc, const char *group, const char *vm)
{
    char id[24];

    g_snprintf(id, sizeof id, "%" G_GUINT64_FORMAT, llc);
    hv_row(out, id, group, vm);
}

static void
emit_owner(HvSink *out, const HvTable *groups, const char *group)
{
    const int name = hv_table_column(groups, "group"), owner = hv_table_column(groups, "owner");

    for (guint row = 0; groups && row < hv_table_n_rows(groups); row++) {
        if (g_strcmp0(hv_table_text(groups, row, name), group) == 0)
            hv_copy(out, OWNER, groups, row, owner);
    }
}

static void
emit_share(HvSink *out, const Share *share)
{
    const guint n_ways = share ? count_bits(share->mask) : 0;

    if (share && *share->text) {
        hv_text(out, WAYS_MASK, share->text);
        hv_u64(out, N_WAYS, n_ways);
    } else {
        hv_none(out, WAYS_MASK, HV_MARK_ABSENT, N_("this cache is not shared out by ways"));
        hv_none(out, N_WAYS, HV_MARK_ABSENT, N_("this cache is not shared out by ways"));
    }
    if (share && share->way_bytes > 0)
        hv_u64(out, SIZE, (guint64)(share->way_bytes * n_ways));
    else
        hv_none(out, SIZE, HV_MARK_ABSENT, N_("the kernel does not tell its size"));
    if (share && share->mb)
        hv_text(out, MB, share->mb);
    else
        hv_none(out, MB, HV_MARK_ABSENT, N_("bandwidth is not controlled"));
}

static void
emit_without_counters(HvSink *out, const char *why)
{
    static const guint counted[] = { OCCUPANCY,   OF_LLC,  OLD_LINES, LOCAL_PER_S,
                                     TOTAL_PER_S, WARMING, AGE_S };

    for (guint i = 0; i < G_N_ELEMENTS(counted); i++)
        hv_none(out, counted[i], HV_MARK_ABSENT, why);
}

/* Adds a cell of @mon to what the row has already: a VM may be counted in several groups. */
static void
add_cell(HvSink *out, guint column, const HvTable *mon, guint row, const char *name)
{
    const int from = hv_table_column(mon, name);
    double sum, value;

    if (!hv_sink_get_f64(out, column, &sum)) {
        hv_copy(out, column, mon, row, from);
        return;
    }
    if (!hv_table_f64(mon, row, from, &value))
        return;
    if (columns[column].kind == HV_KIND_U64)
        hv_u64(out, column, (guint64)(sum + value));
    else
        hv_f64(out, column, sum + value);
}

static void
emit_lines(HvSink *out, const Share *share, double whole)
{
    double occupancy;
    const double size = share ? share->way_bytes * count_bits(share->mask) : 0;

    if (!hv_sink_get_f64(out, OCCUPANCY, &occupancy)) {
        hv_none(out, OF_LLC, HV_MARK_ABSENT, N_("its lines are not counted"));
        hv_none(out, OLD_LINES, HV_MARK_ABSENT, N_("its lines are not counted"));
        return;
    }
    if (whole > 0)
        hv_f64(out, OF_LLC, occupancy / whole);
    else
        hv_none(out, OF_LLC, HV_MARK_ABSENT, N_("the size of the cache is not known"));
    if (size <= 0) {
        hv_none(out, OLD_LINES, HV_MARK_ABSENT, N_("the kernel does not tell its size"));
        return;
    }
    hv_u64(out, OLD_LINES, occupancy > size ? (guint64)(occupancy - size) : 0);
    hv_mark(out, OLD_LINES, HV_MARK_ESTIMATED);
}

/* ---- all ---- */

typedef struct {
    const HvSnapshot *snapshot;
    const HvTable *mon, *groups;
    Shares shares;
} Input;

static void
emit_groups(const Input *input, HvSink *out, const char *why)
{
    for (guint i = 0; i < input->shares.n; i++) {
        const Share *share = &input->shares.shares[i];

        begin_row(out, share->llc, share->group, "");
        emit_owner(out, input->groups, share->group);
        emit_share(out, share);
        emit_without_counters(out, why);
    }
}

/* The oldest of what the row adds up. */
static void
add_age(HvSink *out, const HvTable *mon, guint row)
{
    double age, oldest;

    if (!hv_table_f64(mon, row, hv_table_column(mon, "age_s"), &age) ||
        (hv_sink_get_f64(out, AGE_S, &oldest) && oldest >= age))
        return;
    hv_f64(out, AGE_S, age);
}

static void
add_warming(HvSink *out, const HvTable *mon, guint row)
{
    double warming;

    if (!hv_sink_get_f64(out, WARMING, &warming) || warming <= 0)
        hv_copy(out, WARMING, mon, row, hv_table_column(mon, "warming"));
}

static void
emit_counted(Input *input, HvSink *out, guint row, guint64 llc, const char *group,
             const char *vm)
{
    const Share *share = share_of(&input->shares, group, llc);

    begin_row(out, llc, group, vm);
    emit_owner(out, input->groups, group);
    emit_share(out, share);
    add_cell(out, OCCUPANCY, input->mon, row, "occupancy_bytes");
    add_cell(out, LOCAL_PER_S, input->mon, row, "local_bytes_per_s");
    add_cell(out, TOTAL_PER_S, input->mon, row, "total_bytes_per_s");
    add_age(out, input->mon, row);
    add_warming(out, input->mon, row);
    emit_lines(out, share, whole_bytes(input->snapshot, &input->shares, llc));
}

/* A group's own sum comes before the monitoring groups in it. Where that is a VM's, those are
 * parts of it. */
static void
emit_mons(Input *input, HvSink *out)
{
    const HvTable *mon = input->mon;
    const int group_column = hv_table_column(mon, "group"),
              mon_column = hv_table_column(mon, "mon"),
              llc_column = hv_table_column(mon, "llc"), vm_column = hv_table_column(mon, "vm");
    const char *sum_group = "", *sum_vm = NULL;

    for (guint row = 0; row < hv_table_n_rows(mon); row++) {
        const char *group = hv_table_text(mon, row, group_column);
        const char *name = hv_table_text(mon, row, mon_column);
        const char *vm = hv_table_text(mon, row, vm_column);
        guint64 llc;

        if (!group || !hv_table_u64(mon, row, llc_column, &llc))
            continue;
        if (!name) {
            emit_counted(input, out, row, llc, group, "");
            sum_group = group;
            sum_vm = vm;
        } else if (strcmp(sum_group, group) == 0 && g_strcmp0(sum_vm, vm) == 0) {
            continue;
        }
        if (vm)
            emit_counted(input, out, row, llc, group, vm);
    }
}

/* Whether the lines of all groups exceed some cache. */
static gboolean
is_over(const Input *input)
{
    const HvTable *mon = input->mon;
    const int mon_column = hv_table_column(mon, "mon"),
              llc_column = hv_table_column(mon, "llc"),
              occupancy_column = hv_table_column(mon, "occupancy_bytes");

    for (guint i = 0; i < input->shares.n; i++) {
        const guint64 llc = input->shares.shares[i].llc;
        const double whole = whole_bytes(input->snapshot, &input->shares, llc);
        double sum = 0, occupancy;
        guint64 its_llc;

        if (strcmp(input->shares.shares[i].group, input->shares.shares[0].group) != 0)
            break; /* the first group has all caches */
        for (guint row = 0; row < hv_table_n_rows(mon); row++)
            if (!hv_table_text(mon, row, mon_column) &&
                hv_table_u64(mon, row, llc_column, &its_llc) && its_llc == llc &&
                hv_table_f64(mon, row, occupancy_column, &occupancy))
                sum += occupancy;
        if (whole > 0 && sum > whole * TOO_MUCH)
            return TRUE;
    }
    return FALSE;
}

static void
run(const HvSnapshot *snapshot, HvSink *out)
{
    const HvTable *domains = hv_snapshot_table(snapshot, "resctrl_domains");
    Input input = { .snapshot = snapshot,
                    .mon = hv_snapshot_table(snapshot, "resctrl_mon"),
                    .groups = hv_snapshot_table(snapshot, "resctrl_groups") };
    const char *why = input.mon ? hv_table_why(input.mon) : NULL;

    read_shares(domains, &input.shares);
    if (!input.mon || hv_table_n_rows(input.mon) == 0) {
        emit_groups(&input, out, why ? why : N_("resctrl counts nothing on this host"));
        if (why)
            hv_sink_why(out, why);
        return;
    }
    emit_mons(&input, out);
    if (is_over(&input))
        hv_sink_why(out, N_("the lines counted add up to more than the cache: RMIDs in limbo "
                            "and skew of reading"));
}

const HvDerive hv_derive_llc = {
    .name = "llc",
    .schema = &schema,
    .inputs = (const char *const[]){ "resctrl_mon", "resctrl_groups", "resctrl_domains",
                                     "resctrl_info", NULL },
    .run = run,
};
