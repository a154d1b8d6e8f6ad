/* What people ask for of a recording, as plain rows: changes, their effects, findings. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/table-rows.h"

#define COSTS_MORE                                                                             \
    1.25 /* by so much a finding must get worse for its evidence to be replaced */

/* In the order of the columns in the log; "" stands for the time of the sample. */
static const char *const change_columns[] = {
    "change",    "step",    "time_ns", "title",   "knob",   "before",    "after",
    "found",     "outcome", "state",   "undo",    "effect", "who",       "kind",
    "undone_by", "persist", "error",   "confirm", "recipe", "contested", NULL
};
static const char *const effect_columns[] = { "plan",   "vm",      "metric",       "",
                                              "before", "after",   "change_ratio", "low",
                                              "high",   "verdict", "text",         "is_main",
                                              "sure",   "settled", "window_s",     NULL };
static const char *const finding_columns[] = { "finding",    "vm",       "what",   "severity",
                                               "cost_ratio", "evidence", "remedy", NULL };

enum { CHANGES, EFFECTS, N_COPIED };

static const struct {
    const char *table;
    HvLogRowKind kind;
    const char *const *columns;
} copied[N_COPIED] = {
    [CHANGES] = { "changes", HV_LOG_ROW_CHANGE, change_columns },
    [EFFECTS] = { "effects", HV_LOG_ROW_EFFECT, effect_columns },
};

/* A finding that holds. */
typedef struct {
    gint64 id, begun_ns;
    double cost_ratio;
    guint severity; /* hash of the word */
    guint64 tick;   /* it was seen in last */
} Finding;

struct HvLogTables {
    gint64 sampled_ns[N_COPIED], findings_ns;
    GHashTable *hashes[N_COPIED]; /* of the row's values, by row id */
    GHashTable *findings;         /* of Finding by the row's key */
    gint64 next_finding;
};

HvLogTables *
hv_log_tables_new(gint64 next_finding)
{
    HvLogTables *tables = g_new0(HvLogTables, 1);

    for (guint i = 0; i < N_COPIED; i++)
        tables->hashes[i] = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    tables->findings = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    tables->next_finding = next_finding;
    return tables;
}

void
hv_log_tables_free(HvLogTables *tables)
{
    if (!tables)
        return;
    for (guint i = 0; i < N_COPIED; i++)
        g_hash_table_unref(tables->hashes[i]);
    g_hash_table_unref(tables->findings);
    g_free(tables);
}

/* Whether the values of row @id are others than before. */
static gboolean
is_new(GHashTable *hashes, guint32 id, guint64 hash)
{
    guint64 *known = g_hash_table_lookup(hashes, GUINT_TO_POINTER(id));

    if (known && *known == hash)
        return FALSE;
    g_hash_table_insert(hashes, GUINT_TO_POINTER(id), g_memdup2(&hash, sizeof hash));
    return TRUE;
}

static void
add_cells(HvLogRow *row, const HvTable *table, guint at, const char *const *columns)
{
    for (; *columns; columns++) {
        if (**columns) /* the time comes once it is known that the row is new */
            hv_log_row_add_cell(row, table, at, hv_table_column(table, *columns));
        else
            hv_log_row_add_number(row, 0);
    }
}

static void
stamp(HvLogRow *row, const char *const *columns, gint64 time_ns)
{
    for (guint i = 0; columns[i]; i++) {
        if (!*columns[i])
            row->values[i].number = time_ns;
    }
}

static void
copy_table(HvLogTables *tables, guint which, const HvSnapshot *snapshot, GPtrArray *rows)
{
    const HvTable *table = hv_snapshot_table(snapshot, copied[which].table);

    if (!table || hv_table_sampled_ns(table) == tables->sampled_ns[which])
        return;
    tables->sampled_ns[which] = hv_table_sampled_ns(table);
    for (guint at = 0; at < hv_table_n_rows(table); at++) {
        g_autoptr(HvLogRow) row = hv_log_row_new(copied[which].kind);

        add_cells(row, table, at, copied[which].columns);
        if (!is_new(tables->hashes[which], hv_table_row_id(table, at), hv_log_row_hash(row)))
            continue;
        stamp(row, copied[which].columns, snapshot->time_ns);
        g_ptr_array_add(rows, g_steal_pointer(&row));
    }
}

/* ---- findings ---- */

static gint64
begun_of(const HvTable *table, guint at, gint64 now_ns)
{
    guint64 since;

    if (hv_table_u64(table, at, hv_table_column(table, "since_ns"), &since) && since > 0 &&
        since <= (guint64)now_ns)
        return (gint64)since;
    return now_ns;
}

static void
add_finding(const Finding *finding, const HvTable *table, guint at, GPtrArray *rows)
{
    HvLogRow *row = hv_log_row_new(HV_LOG_ROW_FINDING);

    hv_log_row_add_number(row, finding->id);
    hv_log_row_add_number(row, finding->begun_ns);
    add_cells(row, table, at, finding_columns);
    g_ptr_array_add(rows, row);
}

static void
see_finding(HvLogTables *tables, const HvTable *table, guint at, const HvSnapshot *snapshot,
            GPtrArray *rows)
{
    const char *key = hv_table_row_key(table, at);
    const char *severity = hv_table_text(table, at, hv_table_column(table, "severity"));
    const guint word = severity ? g_str_hash(severity) : 0;
    Finding *finding = g_hash_table_lookup(tables->findings, key);
    const gboolean is_first = !finding;
    double cost = 0;

    if (is_first) {
        finding = g_new0(Finding, 1);
        finding->id = tables->next_finding++;
        finding->begun_ns = begun_of(table, at, snapshot->time_ns);
        g_hash_table_insert(tables->findings, g_strdup(key), finding);
    }
    hv_table_f64(table, at, hv_table_column(table, "cost_ratio"), &cost); /* else it costs 0 */
    finding->tick = snapshot->tick;
    if (!is_first && word == finding->severity && cost <= finding->cost_ratio * COSTS_MORE)
        return;
    finding->severity = word;
    finding->cost_ratio = MAX(finding->cost_ratio, cost);
    add_finding(finding, table, at, rows);
}

static void
end_findings(HvLogTables *tables, const HvSnapshot *snapshot, GPtrArray *rows)
{
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, tables->findings);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const Finding *finding = value;
        HvLogRow *row;

        if (finding->tick == snapshot->tick)
            continue;
        row = hv_log_row_new(HV_LOG_ROW_FINDING_END);
        hv_log_row_add_number(row, finding->id);
        hv_log_row_add_number(row, snapshot->time_ns);
        g_ptr_array_add(rows, row);
        g_hash_table_iter_remove(&iter);
    }
}

static void
add_findings(HvLogTables *tables, const HvSnapshot *snapshot, GPtrArray *rows)
{
    const HvTable *table = hv_snapshot_table(snapshot, "findings");

    if (!table || hv_table_sampled_ns(table) == tables->findings_ns)
        return;
    tables->findings_ns = hv_table_sampled_ns(table);
    for (guint at = 0; at < hv_table_n_rows(table); at++)
        see_finding(tables, table, at, snapshot, rows);
    end_findings(tables, snapshot, rows);
}

void
hv_log_tables_add(HvLogTables *tables, const HvSnapshot *snapshot, GPtrArray *rows)
{
    for (guint i = 0; i < N_COPIED; i++)
        copy_table(tables, i, snapshot, rows);
    add_findings(tables, snapshot, rows);
}
