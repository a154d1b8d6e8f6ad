/* A host made by hand for the tests of the console: its tables from text, a backend that
 * remembers what was asked. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/screens-fixture.h"

#include <string.h>

#include "model/error.h"
#include "tests/screens-tables.h"

#define REALTIME_NS (G_GINT64_CONSTANT(1767362531) * 1000000000) /* 2026-01-02 14:02:11 UTC */
#define N_TICKS 20

static const HvTestTable *const scenes[] = {
    [HV_SCENE_NOBODY] = hv_test_nobody_tables,   [HV_SCENE_FIRST] = hv_test_first_tables,
    [HV_SCENE_BUSY] = hv_test_busy_tables,       [HV_SCENE_GONE] = hv_test_gone_tables,
    [HV_SCENE_REMOTE] = hv_test_remote_tables,   [HV_SCENE_TRAFFIC] = hv_test_traffic_tables,
    [HV_SCENE_BLIND] = hv_test_blind_tables,     [HV_SCENE_WIDE] = hv_test_wide_tables,
    [HV_SCENE_CHANGED] = hv_test_traffic_tables,
};

/* ---- tables from text ---- */

static HvUnit
unit_of(const char *name)
{
    static const struct {
        const char *suffix;
        HvUnit unit;
    } units[] = {
        { "bytes_per_s", HV_UNIT_BYTES_PER_S },
        { "_ratio", HV_UNIT_RATIO },
        { "_bytes", HV_UNIT_BYTES },
        { "_per_s", HV_UNIT_PER_S },
        { "_ns", HV_UNIT_NS },
        { "_ms", HV_UNIT_MS },
        { "_us", HV_UNIT_US },
        { "_hz", HV_UNIT_HZ },
        { "_s", HV_UNIT_S },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(units); i++)
        if (g_str_has_suffix(name, units[i].suffix))
            return units[i].unit;
    return HV_UNIT_NONE;
}

static HvKind
kind_of(char letter)
{
    switch (letter) {
    case 'K':
        return HV_KIND_KEY;
    case 'I':
        return HV_KIND_ID;
    case 'T':
        return HV_KIND_TEXT;
    case 'S':
        return HV_KIND_SET;
    case 'B':
        return HV_KIND_BOOL;
    case 'F':
        return HV_KIND_F64;
    default:
        return HV_KIND_U64;
    }
}

/* Schemas are static: each is made once and kept; scenes may differ in their columns. */
static const HvSchema *
schema_of(const HvTestTable *text)
{
    static GHashTable *made;
    g_auto(GStrv) words = g_strsplit(text->columns, " ", -1);
    g_autofree char *key = g_strdup_printf("%s %s", text->name, text->columns);
    HvColumn *columns;
    HvSchema *schema;

    if (!made)
        made = g_hash_table_new(g_str_hash, g_str_equal);
    schema = g_hash_table_lookup(made, key);
    if (schema)
        return schema;
    columns = g_new0(HvColumn, g_strv_length(words) + 1);
    for (guint i = 0; words[i]; i++) {
        g_auto(GStrv) parts = g_strsplit(words[i], ":", 2);
        const char *name = g_intern_string(parts[0]);

        columns[i] =
            (HvColumn){ .name = name, .kind = kind_of(parts[1][0]), .unit = unit_of(name) };
    }
    schema = g_new0(HvSchema, 1);
    schema->name = text->name;
    schema->columns = columns;
    g_hash_table_insert(made, g_steal_pointer(&key), schema);
    return schema;
}

static void
put_cell(HvSink *sink, guint column, HvKind kind, const char *cell)
{
    const gboolean is_estimate = cell[0] == '~' && kind == HV_KIND_F64;
    const gboolean is_scaled = cell[0] == '^' && kind == HV_KIND_F64;

    if (g_str_equal(cell, "-") || cell[0] == '!')
        hv_none(sink, column, HV_MARK_ABSENT, cell[0] == '!' ? cell + 1 : "not known here");
    else if (cell[0] == '?')
        hv_none(sink, column, HV_MARK_UNAVAILABLE, cell + 1);
    else if (hv_kind_is_text(kind))
        hv_text(sink, column, cell);
    else if (kind == HV_KIND_F64)
        hv_f64(sink, column, g_ascii_strtod(cell + (is_estimate || is_scaled), NULL));
    else if (kind == HV_KIND_BOOL)
        hv_bool(sink, column, cell[0] == '1');
    else
        hv_u64(sink, column, g_ascii_strtoull(cell, NULL, 10));
    if (is_estimate || is_scaled)
        hv_mark(sink, column, is_estimate ? HV_MARK_ESTIMATED : HV_MARK_SCALED);
}

static void
put_row(HvSink *sink, const HvSchema *schema, const char *row)
{
    g_auto(GStrv) cells = g_strsplit(row, "|", -1);
    const guint n_keys = hv_schema_n_keys(schema);

    g_assert_cmpuint(g_strv_length(cells), ==, hv_schema_n_columns(schema));
    hv_row_keys(sink, (const char *const *)cells);
    for (guint i = n_keys; cells[i]; i++)
        put_cell(sink, i, schema->columns[i].kind, cells[i]);
}

static void
fill(HvStore *store, const HvTestTable *text, gint64 now_ns)
{
    HvSink *sink = hv_sink_begin(&store, 1, now_ns);

    for (const char *const *row = text->rows; *row; row++)
        put_row(sink, hv_store_schema(store), *row);
    if (text->why)
        hv_sink_why(sink, text->why);
    hv_sink_end(sink, TRUE);
}

/* ---- the machine: 2 sockets, 8 cores, 16 cpus, the last one offline; 2 or 8 nodes and as many
 * caches ---- */

static void
add_node(HvTopology *topology, guint number, guint n_cpus)
{
    const int package = (int)(number * n_cpus / 8);

    topology->nodes[number] = (HvTopoNode){ .node = (int)number,
                                            .package = package,
                                            .cpus = hv_set_new(),
                                            .memory_bytes = G_GUINT64_CONSTANT(512) << 30,
                                            .has_memory_bytes = TRUE };
    topology->llcs[number] = (HvTopoLlc){ .llc = (int)number,
                                          .package = package,
                                          .level = 3,
                                          .size_bytes = 42 << 20,
                                          .cpus = hv_set_new() };
    hv_set_add(topology->packages[package].nodes, number);
    hv_set_add_range(topology->nodes[number].cpus, number * n_cpus, (number + 1) * n_cpus - 1);
    hv_set_add_range(topology->llcs[number].cpus, number * n_cpus, (number + 1) * n_cpus - 1);
}

static HvTopology *
new_topology(guint n_nodes)
{
    HvTopology *topology = hv_topology_new();

    topology->packages = g_new0(HvTopoPackage, 2);
    topology->nodes = g_new0(HvTopoNode, n_nodes);
    topology->llcs = g_new0(HvTopoLlc, n_nodes);
    topology->cores = g_new0(HvTopoCore, 8);
    topology->cpus = g_new0(HvTopoCpu, 16);
    topology->n_packages = 2;
    topology->n_nodes = topology->n_llcs = n_nodes;
    topology->n_cores = 8;
    topology->n_cpus = 16;
    for (guint i = 0; i < 2; i++) {
        topology->packages[i] = (HvTopoPackage){ (int)i, hv_set_new(), hv_set_new() };
        hv_set_add_range(topology->packages[i].cpus, i * 8, i * 8 + 7);
    }
    for (guint i = 0; i < n_nodes; i++)
        add_node(topology, i, 16 / n_nodes);
    for (guint i = 0; i < 8; i++) {
        topology->cores[i] =
            (HvTopoCore){ .core = i, .os_core = (int)i % 4, .cpus = hv_set_new() };
        hv_set_add_range(topology->cores[i].cpus, i * 2, i * 2 + 1);
    }
    for (guint i = 0; i < 16; i++)
        topology->cpus[i] = (HvTopoCpu){ .cpu = i, .online = i != 15 };
    hv_topology_link(topology);
    return topology;
}

/* ---- the backend ---- */

static void
submit(gpointer data, HvIntent *take_intent)
{
    HvDesk *desk = data;

    g_ptr_array_add(take_intent->verb == HV_INTENT_INTEREST ? desk->interests : desk->intents,
                    take_intent);
}

static gint64
monotonic_ns(gpointer data)
{
    return ((HvDesk *)data)->now_ns;
}

static gint64
realtime_ns(gpointer data)
{
    return REALTIME_NS + ((HvDesk *)data)->now_ns - HV_TEST_NOW_NS;
}

static GPtrArray *
complete(gpointer data G_GNUC_UNUSED, const char *line)
{
    static const char *const words[] = { "set", "snapshot", "undo" };
    GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
    const char *blank = strrchr(line, ' ');

    for (gsize i = 0; !blank && i < G_N_ELEMENTS(words); i++)
        if (g_str_has_prefix(words[i], line))
            g_ptr_array_add(found, g_strdup(words[i]));
    if (blank && g_str_has_prefix("vm/web-1/vcpu/0/cpus=", blank + 1))
        g_ptr_array_add(found, g_strdup("vm/web-1/vcpu/0/cpus="));
    return found;
}

/* The past was as it is now. Older snapshots keep their own. */
static HvHistory *
fill_history(HvDesk *desk, HvTable *const *tables, guint n_tables)
{
    static const HvHistoryColumn columns[] = { { "nodes", "use_ratio" },
                                               { "vms", "cpu_ratio" },
                                               { "traffic", "remote_ratio" },
                                               { "watches", "value" },
                                               { 0 } };

    HvHistory *history = hv_history_new(columns);

    for (guint64 tick = 1; tick <= N_TICKS; tick++)
        hv_history_append(history, tick, tables, n_tables);
    g_ptr_array_add(desk->histories, history);
    return history;
}

static void
add_tables(HvDesk *desk, HvSnapshot *snapshot, const HvTestTable *texts)
{
    for (const HvTestTable *text = texts; text->name; text++) {
        HvStore *store = hv_store_new(schema_of(text));

        fill(store, text, snapshot->monotonic_ns);
        g_ptr_array_add(desk->stores, store);
        hv_snapshot_add(snapshot, hv_store_table(store));
    }
}

void
hv_test_desk_show(HvDesk *desk, HvScene scene)
{
    HvSnapshot *snapshot = hv_snapshot_new();

    snapshot->tick = N_TICKS;
    snapshot->monotonic_ns = desk->now_ns - 400000000;
    snapshot->time_ns = REALTIME_NS;
    snapshot->interval_ns = 1000000000;
    snapshot->topology = new_topology(scene == HV_SCENE_WIDE ? 8 : 2);
    add_tables(desk, snapshot, scenes[scene]);
    if (scene == HV_SCENE_CHANGED)
        add_tables(desk, snapshot, hv_test_changed_tables);
    if (scene != HV_SCENE_FIRST)
        snapshot->history = fill_history(desk, snapshot->tables, snapshot->n_tables);
    hv_console_show(desk->console, snapshot);
}

HvDesk *
hv_test_desk_new(HvScene scene)
{
    HvDesk *desk = g_new0(HvDesk, 1);
    HvConsoleOptions options = { .version = "0.1" };

    g_setenv("TZ", "UTC", TRUE);
    desk->now_ns = HV_TEST_NOW_NS;
    desk->backend = (HvBackend){ .data = desk,
                                 .wake_fd = -1,
                                 .submit = submit,
                                 .complete = complete,
                                 .monotonic_ns = monotonic_ns,
                                 .realtime_ns = realtime_ns,
                                 .boottime_ns = monotonic_ns };
    desk->histories = g_ptr_array_new_with_free_func((GDestroyNotify)hv_history_free);
    desk->stores = g_ptr_array_new_with_free_func((GDestroyNotify)hv_store_free);
    desk->intents = g_ptr_array_new_with_free_func((GDestroyNotify)hv_intent_free);
    desk->interests = g_ptr_array_new_with_free_func((GDestroyNotify)hv_intent_free);
    desk->theme = hv_theme_builtin();
    options.theme = desk->theme;
    desk->console = hv_console_new(&desk->backend, &options);
    if (scene != HV_SCENE_EMPTY)
        hv_test_desk_show(desk, scene);
    return desk;
}

void
hv_test_desk_free(HvDesk *desk)
{
    if (!desk)
        return;
    hv_console_free(desk->console);
    g_ptr_array_unref(desk->stores);
    g_ptr_array_unref(desk->intents);
    g_ptr_array_unref(desk->interests);
    g_ptr_array_unref(desk->histories);
    hv_theme_free(desk->theme);
    g_free(desk);
}

void
hv_test_desk_draw(HvDesk *desk)
{
    g_autoptr(HvCanvas) canvas = hv_canvas_new(80, 24, FALSE);

    hv_console_draw(desk->console, canvas);
}

gboolean
hv_test_desk_key(HvDesk *desk, guint key)
{
    const HvEvent event = { .kind = HV_EVENT_KEY, .key = key };

    hv_test_desk_draw(desk);
    return hv_console_event(desk->console, &event);
}

void
hv_test_desk_type(HvDesk *desk, const char *text)
{
    for (const char *at = text; *at; at++)
        g_assert_true(hv_test_desk_key(desk, (guchar)*at));
}

gboolean
hv_test_desk_mouse(HvDesk *desk, HvMouseAction action, int x, int y)
{
    const HvEvent event = { .kind = HV_EVENT_MOUSE, .mouse = action, .x = x, .y = y };

    hv_test_desk_draw(desk);
    return hv_console_event(desk->console, &event);
}

char *
hv_test_desk_text_of_size(HvDesk *desk, int columns, int rows)
{
    g_autoptr(HvCanvas) canvas = hv_canvas_new(columns, rows, FALSE);

    hv_console_draw(desk->console, canvas);
    return hv_canvas_text(canvas);
}

char *
hv_test_desk_text(HvDesk *desk)
{
    return hv_test_desk_text_of_size(desk, 80, 24);
}

gboolean
hv_test_desk_shows(HvDesk *desk, const char *text)
{
    g_autofree char *screen = hv_test_desk_text(desk);

    return strstr(screen, text) != NULL;
}

const HvIntent *
hv_test_desk_asked(const HvDesk *desk, HvIntentVerb verb)
{
    const guint n = desk->intents->len;
    const HvIntent *intent = n ? g_ptr_array_index(desk->intents, n - 1) : NULL;

    return intent && intent->verb == verb ? intent : NULL;
}

static void
set_value(HvValue *value, const char *cpus)
{
    g_assert_true(hv_value_parse(value, HV_TYPE_CPUS, NULL, cpus, NULL));
}

HvPlan *
hv_test_plan(guint n)
{
    HvPlan *plan = hv_plan_new(HV_PLAN_SET, "set vm/web-1/vcpu/*/cpus");

    for (guint i = 0; i < n; i++) {
        g_autofree char *knob = g_strdup_printf("vm/web-1/vcpu/%u/cpus", i);
        HvStep *step = hv_step_new(knob);

        set_value(&step->before, "0-3");
        set_value(&step->after, "8");
        step->shell_line = g_strdup_printf("virsh vcpupin web-1 %u 8 --live", i);
        step->risk = g_strdup("the vCPU waits while others are on its cpus");
        g_ptr_array_add(plan->steps, step);
    }
    g_ptr_array_add(plan->notes, g_strdup("Room on node 1: 4 whole cores"));
    return plan;
}
