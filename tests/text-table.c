/* Tables written down as text, for the tests of derivations: one row a line, one word a cell.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/text-table.h"

#include <string.h>

static const struct {
    const char *name;
    HvKind kind;
} kinds[] = {
    { "key", HV_KIND_KEY }, { "id", HV_KIND_ID },     { "text", HV_KIND_TEXT },
    { "set", HV_KIND_SET }, { "bool", HV_KIND_BOOL }, { "u64", HV_KIND_U64 },
    { "f64", HV_KIND_F64 },
};

static const char *
intern(const char *text, gsize length)
{
    g_autofree char *name = g_strndup(text, length);

    return g_intern_string(name);
}

static HvColumn
parse_column(const char *word)
{
    const char *colon = strchr(word, ':');

    g_assert_nonnull(colon);
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (g_str_equal(colon + 1, kinds[i].name))
            return (HvColumn){ .name = intern(word, (gsize)(colon - word)),
                               .kind = kinds[i].kind };
    g_error("no such kind: %s", word);
}

static void
put_cell(HvSink *sink, guint column, HvKind kind, const char *word)
{
    g_autofree char *text = g_strdelimit(g_strdup(word), "_", ' ');
    const gboolean is_scaled = *word == '~';
    const char *number = is_scaled ? word + 1 : word;

    if (g_str_equal(word, "-")) {
        hv_none(sink, column, HV_MARK_ABSENT, "not known");
    } else if (g_str_equal(word, "?")) {
        hv_none(sink, column, HV_MARK_UNAVAILABLE, "not tracked");
    } else if (hv_kind_is_text(kind)) {
        hv_text(sink, column, g_str_equal(word, "''") ? "" : text);
    } else if (kind == HV_KIND_F64) {
        hv_f64(sink, column, g_ascii_strtod(number, NULL));
    } else {
        hv_u64(sink, column, g_ascii_strtoull(number, NULL, 10));
    }
    if (is_scaled)
        hv_mark(sink, column, HV_MARK_SCALED);
}

static void
put_row(HvSink *sink, const HvSchema *schema, const char *line)
{
    g_auto(GStrv) words = g_strsplit_set(line, " ", -1);
    const guint n_keys = hv_schema_n_keys(schema), n_columns = hv_schema_n_columns(schema);
    const char *keys[8];

    g_assert_cmpuint(g_strv_length(words), ==, n_columns);
    for (guint i = 0; i < n_keys; i++)
        keys[i] = g_str_equal(words[i], "''") ? "" : words[i];
    hv_row_keys(sink, keys);
    for (guint i = n_keys; i < n_columns; i++)
        put_cell(sink, i, schema->columns[i].kind, words[i]);
}

static HvSnapshot *
snapshot_of(HvTestTables *tables)
{
    if (!tables->snapshot)
        tables->snapshot = hv_snapshot_new();
    return tables->snapshot;
}

static HvTable *
finish(HvTestTables *tables, HvSink *sink)
{
    HvTable *table;

    hv_sink_end(sink, TRUE);
    table = hv_store_table(tables->stores[tables->n_stores++]);
    hv_snapshot_add(snapshot_of(tables), table);
    return table;
}

static HvSink *
begin(HvTestTables *tables, const HvSchema *schema)
{
    g_assert_cmpuint(tables->n_stores, <, HV_TEST_MAX_TABLES);
    tables->stores[tables->n_stores] = hv_store_new(schema);
    return hv_sink_begin(&tables->stores[tables->n_stores], 1, HV_TEST_NOW_NS);
}

void
hv_test_tables_add(HvTestTables *tables, const char *name, const char *heading,
                   const char *rows)
{
    g_auto(GStrv) words = g_strsplit(heading, " ", -1);
    g_auto(GStrv) lines = g_strsplit(rows ? rows : "", "\n", -1);
    HvSchema *schema = &tables->schemas[tables->n_stores];
    HvColumn *columns = g_new0(HvColumn, g_strv_length(words) + 1);
    HvSink *sink;

    for (guint i = 0; words[i]; i++)
        columns[i] = parse_column(words[i]);
    tables->columns[tables->n_stores] = columns;
    *schema = (HvSchema){ .name = name, .columns = columns };
    sink = begin(tables, schema);
    for (guint i = 0; lines[i]; i++)
        if (*lines[i])
            put_row(sink, schema, lines[i]);
    finish(tables, sink);
}

void
hv_test_tables_add_empty(HvTestTables *tables, const char *name, const char *why)
{
    static const HvColumn columns[] = { { .name = "nothing", .kind = HV_KIND_KEY }, { 0 } };
    HvSchema *schema = &tables->schemas[tables->n_stores];
    HvSink *sink;

    *schema = (HvSchema){ .name = name, .columns = columns };
    sink = begin(tables, schema);
    hv_sink_why(sink, why);
    finish(tables, sink);
}

void
hv_test_tables_add_topology(HvTestTables *tables, HvTopology *take_topology)
{
    snapshot_of(tables)->topology = take_topology;
}

HvTable *
hv_test_tables_derive(HvTestTables *tables, const HvDerive *derive)
{
    HvSink *sink = begin(tables, derive->schema);

    derive->run(snapshot_of(tables), sink);
    return finish(tables, sink);
}

void
hv_test_tables_clear(HvTestTables *tables)
{
    if (tables->snapshot)
        hv_snapshot_unref(tables->snapshot);
    for (guint i = 0; i < tables->n_stores; i++) {
        hv_store_free(tables->stores[i]);
        g_free(tables->columns[i]);
    }
    *tables = (HvTestTables){ 0 };
}

static HvSet *
range(guint first, guint n)
{
    HvSet *set = hv_set_new();

    hv_set_add_range(set, first, first + n - 1);
    return set;
}

HvTopology *
hv_test_topology(guint n_packages, guint nodes_per_package, guint cpus_per_node)
{
    const guint n_nodes = n_packages * nodes_per_package, n_cpus = n_nodes * cpus_per_node;
    HvTopology *topology = hv_topology_new();

    topology->packages = g_new0(HvTopoPackage, n_packages);
    topology->nodes = g_new0(HvTopoNode, n_nodes);
    topology->llcs = g_new0(HvTopoLlc, n_nodes);
    topology->cpus = g_new0(HvTopoCpu, n_cpus);
    topology->n_packages = n_packages;
    topology->n_nodes = topology->n_llcs = n_nodes;
    topology->n_cpus = n_cpus;
    for (guint i = 0; i < n_packages; i++)
        topology->packages[i] =
            (HvTopoPackage){ .package = (int)i,
                             .cpus = range(i * nodes_per_package * cpus_per_node,
                                           nodes_per_package * cpus_per_node),
                             .nodes = range(i * nodes_per_package, nodes_per_package) };
    for (guint i = 0; i < n_nodes; i++) {
        topology->nodes[i] = (HvTopoNode){ .node = (int)i,
                                           .package = (int)(i / nodes_per_package),
                                           .cpus = range(i * cpus_per_node, cpus_per_node),
                                           .memory_bytes = 1 << 30,
                                           .has_memory_bytes = TRUE };
        topology->llcs[i] = (HvTopoLlc){ .llc = (int)i,
                                         .package = (int)(i / nodes_per_package),
                                         .size_bytes = 1 << 20,
                                         .cpus = range(i * cpus_per_node, cpus_per_node),
                                         .level = 3 };
    }
    for (guint i = 0; i < n_cpus; i++)
        topology->cpus[i] =
            (HvTopoCpu){ .cpu = i,
                         .online = TRUE,
                         .node = (int)(i / cpus_per_node),
                         .package = (int)(i / cpus_per_node / nodes_per_package),
                         .llc = (int)(i / cpus_per_node),
                         .core = -1 };
    return topology;
}
