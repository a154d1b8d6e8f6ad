/* A host made by hand for the tests of the console: its tables from text, a backend that
 * remembers what was asked. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/screens-fixture.h"

#include <string.h>

#include "model/error.h"

#define REALTIME_NS (G_GINT64_CONSTANT(1767362531) * 1000000000) /* 2026-01-02 14:02:11 UTC */
#define N_TICKS 20

/* A table as text: "name:kind" columns, then rows of cells between bars; "-" absent, "~" in
 * front: estimated, "!…" a reason why there is none. */
typedef struct {
    const char *name, *columns;
    const char *const *rows;
} Text;

static const char host_columns[] =
    "hostname:K kernel:T cpu_model:T n_packages:U n_nodes:U n_cpus:U n_cpus_online:U "
    "uptime_s:U "
    "psi_cpu_some_ratio:F psi_memory_some_ratio:F psi_io_some_ratio:F core_min_hz:U "
    "core_base_hz:U "
    "oom_kills:U disk_latency_max_ms:F disk_latency_device:T nic_drops_per_s:F irqs_per_s:F "
    "steal_ratio:F swap_used_bytes:U thermal_throttles_per_s:F";
static const char nodes_columns[] =
    "node:I package:U memory_total_bytes:U memory_free_bytes:U hugepages_2m_total:U "
    "hugepages_2m_free:U use_ratio:F remote_allocations_per_s:F";
static const char vms_columns[] =
    "vm:K uuid:T state:T state_reason:T pid:U n_vcpus:U memory_bytes:U home_node:U nodes:S "
    "cpus_allowed:S cpu_ratio:F guest_cpu_ratio:F wait_max_ratio:F wait_max_vcpu:U "
    "wait_mean_ratio:F throttled_ratio:F halt_poll_ratio:F overhead_ratio:F emulator_ratio:F "
    "vhost_ratio:F psi_cpu_some_ratio:F psi_memory_some_ratio:F psi_io_some_ratio:F "
    "not_answering_s:F job:T owner:T age_s:F in_libvirt:B tcg:B worst:F";
static const char vcpus_columns[] =
    "vm:K vcpu:I tid:U cpus_allowed:S cpus_defined:S cpu:U node:U run_ratio:F wait_ratio:F "
    "system_ratio:F guest_ratio:F switches_per_s:F state:T";
static const char interrupts_columns[] =
    "irq:K node:I count:U per_s:F name:T device:T "
    "device_node:U cpus_wanted:S cpus_effective:S managed:B";
static const char devices_columns[] = "device:K class:T node:U vm:T";
static const char events_columns[] = "serial:I time_ns:U vm:T kind:T text:T";
static const char sources_columns[] = "source:K state:T cost_us:F age_ms:F why:T cure:T help:T";
static const char libvirt_columns[] = "connection:K remote:B n_guests:U";
static const char changes_columns[] =
    "change:I step:I time_ns:U title:T knob:T before:T after:T found:T outcome:T undo:T who:T "
    "kind:T error:T shell_line:T undone_by:U";

#define NASTY "\xe7\xbd\x91\xe9\xa1\xb5\x1b[31m$(reboot)"
#define LONG "a-virtual-machine-with-a-name-of-sixty-characters-exactly-60"

static const char *const host_rows[] = {
    "hv-07|6.1.0-18|Intel(R) Xeon(R) Gold 6330 CPU @ 2.00GHz|2|2|16|15|400000|0.03|0.004|0.12|"
    "1900000000|2000000000|0|3.2|nvme0n1|0|212345|0|0|0",
    NULL
};
static const char *const first_host_rows[] = { "hv-07|6.1.0-18|Intel(R) Xeon(R) Gold 6330 CPU "
                                               "@ 2.00GHz|2|2|16|15|400000|-|-|-|-|2000000000|"
                                               "0|-|-|-|-|-|0|-",
                                               NULL };
static const char *const nodes_rows[] = { "0|0|549755813888|107374182400|512|128|0.61|12",
                                          "1|1|549755813888|420906795008|0|0|0.22|0", NULL };
static const char *const first_nodes_rows[] = { "0|0|549755813888|107374182400|512|128|-|-",
                                                "1|1|549755813888|420906795008|0|0|-|-", NULL };
static const char *const vms_rows[] = {
    "web-1|6f1c3c6e-0001|running||4711|4|8589934592|0|0|0-3|0.88|~0.71|0.094|2|0.04|0|0.012|0."
    "18|"
    "0.05|0.02|0.11|0|0.002|-|-|shop|86400|1|0|0.2",
    "redis-1|6f1c3c6e-0002|running||4712|2|17179869184|!residency is not read in this "
    "version|0-1|"
    "0-14|1.97|~1.90|0.012|0|0.01|0|0|0.03|0|0|0|0|0|-|-|-|3600|1|0|0.05",
    "db-1|6f1c3c6e-0003|running||4713|2|4294967296|1|1|8-9|-|-|-|-|-|-|-|-|-|-|-|-|-|12|-|-|"
    "7200|1|"
    "0|10",
    "batch|6f1c3c6e-0004|paused|I/O "
    "error|4714|2|2147483648|1|1|4-7|0|0|0|0|0|0|0|0|0|0|0|0|0.6|-|"
    "-|-|600|1|0|5",
    NASTY
    "|6f1c3c6e-0005|running||4715|1|1073741824|0|0|0-14|0.1|~0.05|0|0|0|0.2|0|0.4|0|0|0|0|0|"
    "-|-|-|60|1|0|0.15",
    LONG "|-|running||4716|1|1073741824|0|0|5|0.05|~0.04|0.3|0|0.3|0|0|0.1|0|0|0|0|0|-|"
         "migration 41 %|-|60|0|1|0.4",
    NULL
};
static const char *const first_vms_rows[] = {
    "web-1|6f1c3c6e-0001|running||4711|4|8589934592|0|0|0-3|!one sample: no "
    "rate|-|-|-|-|-|-|-|-|-|"
    "-|-|-|-|-|shop|86400|1|0|-",
    "redis-1|6f1c3c6e-0002|running||4712|2|17179869184|-|0-1|0-14|!one sample: no "
    "rate|-|-|-|-|-|-|"
    "-|-|-|-|-|-|-|-|-|3600|1|0|-",
    NULL
};
static const char *const vcpus_rows[] = {
    "web-1|0|5000|0-3|0-3|0|0|0.2|0.01|0.05|~0.15|812|running",
    "web-1|1|5001|0-3|0-3|1|0|0.3|0.02|0.06|~0.24|900|running",
    "web-1|2|5002|2|0-3|2|0|0.28|0.094|0.02|~0.26|120|running",
    "web-1|3|5003|0-3|0-3|3|0|0.1|0|0.03|~0.06|33|sleeping",
    "redis-1|0|5010|0-14|-|2|0|0.99|0.012|0.01|~0.96|55|running",
    "redis-1|1|5011|0-14|-|9|1|0.98|0.01|0.02|~0.94|41|running",
    "db-1|0|5020|8|8|8|1|-|-|-|-|-|-",
    "db-1|1|5021|9|9|9|1|-|-|-|-|-|-",
    NULL
};
static const char *const first_vcpus_rows[] = { "web-1|0|5000|0-3|0-3|0|0|-|-|-|-|-|running",
                                                "web-1|1|5001|0-3|0-3|1|0|-|-|-|-|-|running",
                                                NULL };
static const char *const interrupts_rows[] = {
    "24|0|123456|18000|eth0-TxRx-0|eth0|1|0-15|0|0",
    "24|1|1000|0|eth0-TxRx-0|eth0|1|0-15|0|0",
    "25|0|3000|12|eth0-TxRx-1|eth0|1|8-15|3|0",
    "25|1|9000000|41000|eth0-TxRx-1|eth0|1|8-15|3|0",
    "130|0|0|0|nvme0q1|nvme0n1|0|4|4|1",
    "130|1|77|0.4|nvme0q1|nvme0n1|0|4|4|1",
    "NMI|0|55|-|Non-maskable interrupts|-|-|-|-|-",
    "NMI|1|54|-|Non-maskable interrupts|-|-|-|-|-",
    "LOC|0|1000000|61000|Local timer interrupts|-|-|-|-|-",
    "LOC|1|2000000|32000|Local timer interrupts|-|-|-|-|-",
    "vfio-msix[0](0000:81:00.0)|1|4|0|vfio|0000:81:00.0|1|12|12|0",
    NULL
};
static const char *const devices_rows[] = { "eth0|ethernet|1|", "nvme0n1|nvme|0|",
                                            "0000:81:00.0|gpu|1|web-1", NULL };
static const char *const events_rows[] = {
    "1|1767359000000000000|redis-1|started|started",
    "2|1767361000000000000||kernel|mce: [Hardware Error]: \x1b]0;evil\x07 corrected",
    "3|1767362500000000000|db-1|silent|does not answer", NULL
};
static const char *const sources_rows[] = {
    "host|ok|210|400|-|-|what the kernel says of the whole host",
    "vms|ok|1900|400|-|-|VMs and what they use",
    "libvirt|slow|90|12000|no answer to a list of domains|systemctl status libvirtd|domains "
    "and "
    "their definitions",
    "halt-poll|denied|-|-|debugfs: Permission denied|run as root|time spent polling",
    "edac|absent|-|-|no memory controller reports errors|-|corrected and uncorrected errors",
    NULL
};
static const char *const nobody_sources_rows[] = {
    "host|ok|210|400|-|-|what the kernel says of the whole host",
    "libvirt|absent|-|-|/run/libvirt/libvirt-sock: No such file or directory|apt install "
    "libvirt-daemon-system|domains and their definitions",
    "guests|ok|90|400|-|-|KVM processes", NULL
};
static const char *const changes_rows[] = {
    "11|0|1767361000000000000|set vm/web-1/vcpu/0/cpus|vm/web-1/vcpu/0/cpus|0-15|0-3|0-3|done|"
    "exact|root on pts/3|set|-|virsh vcpupin web-1 0 0-3 --live|13",
    "12|0|1767362000000000000|set vm/redis-1/vcpu/*/cpus|vm/redis-1/vcpu/0/cpus|0-14|8-9|8-9|"
    "taken-back|exact|root on pts/3|set|-|virsh vcpupin redis-1 0 8-9 --live|-",
    "12|1|1767362000000000000|set "
    "vm/redis-1/vcpu/*/cpus|vm/redis-1/vcpu/1/cpus|0-14|8-9|-|failed|"
    "exact|root on pts/3|set|cpu 8 went offline|virsh vcpupin redis-1 1 8-9 --live|-",
    "13|0|1767362100000000000|undo 11: set "
    "vm/web-1/vcpu/0/cpus|vm/web-1/vcpu/0/cpus|0-3|0-15|-|"
    "unknown|exact|root on pts/3|undo|-|virsh vcpupin web-1 0 0-15 --live|-",
    NULL
};

static const Text busy[] = {
    { "host", host_columns, host_rows },
    { "nodes", nodes_columns, nodes_rows },
    { "vms", vms_columns, vms_rows },
    { "vcpus", vcpus_columns, vcpus_rows },
    { "interrupts", interrupts_columns, interrupts_rows },
    { "devices", devices_columns, devices_rows },
    { "events", events_columns, events_rows },
    { "sources", sources_columns, sources_rows },
    { "changes", changes_columns, changes_rows },
    { 0 },
};
static const Text gone[] = {
    { "host", host_columns, host_rows },          { "nodes", nodes_columns, nodes_rows },
    { "vms", vms_columns, vms_rows + 1 },         { "vcpus", vcpus_columns, vcpus_rows + 4 },
    { "sources", sources_columns, sources_rows }, { 0 },
};
static const char *const no_rows[] = { NULL };
static const Text nobody[] = {
    { "host", host_columns, host_rows },
    { "nodes", nodes_columns, nodes_rows },
    { "vms", vms_columns, no_rows },
    { "vcpus", vcpus_columns, no_rows },
    { "interrupts", interrupts_columns, no_rows },
    { "sources", sources_columns, nobody_sources_rows },
    { "changes", changes_columns, no_rows },
    { 0 },
};
static const Text first[] = {
    { "host", host_columns, first_host_rows },    { "nodes", nodes_columns, first_nodes_rows },
    { "vms", vms_columns, first_vms_rows },       { "vcpus", vcpus_columns, first_vcpus_rows },
    { "sources", sources_columns, sources_rows }, { 0 },
};
static const char *const remote_rows[] = { "libvirt|1|0", NULL };
static const Text remote[] = {
    { "host", host_columns, host_rows },
    { "vms", vms_columns, no_rows },
    { "libvirt", libvirt_columns, remote_rows },
    { 0 },
};
static const Text *const scenes[] = {
    [HV_SCENE_NOBODY] = nobody, [HV_SCENE_FIRST] = first,   [HV_SCENE_BUSY] = busy,
    [HV_SCENE_GONE] = gone,     [HV_SCENE_REMOTE] = remote,
};

/* ---- tables from text ---- */

static HvUnit
unit_of(const char *name)
{
    static const struct {
        const char *suffix;
        HvUnit unit;
    } units[] = {
        { "_ratio", HV_UNIT_RATIO }, { "_bytes", HV_UNIT_BYTES }, { "_per_s", HV_UNIT_PER_S },
        { "_ns", HV_UNIT_NS },       { "_ms", HV_UNIT_MS },       { "_us", HV_UNIT_US },
        { "_hz", HV_UNIT_HZ },       { "_s", HV_UNIT_S },
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

/* Schemas are static: each is made once and kept. */
static const HvSchema *
schema_of(const Text *text)
{
    static GHashTable *made;
    g_auto(GStrv) words = g_strsplit(text->columns, " ", -1);
    HvColumn *columns;
    HvSchema *schema;

    if (!made)
        made = g_hash_table_new(g_str_hash, g_str_equal);
    schema = g_hash_table_lookup(made, text->name);
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
    g_hash_table_insert(made, g_strdup(text->name), schema);
    return schema;
}

static void
put_cell(HvSink *sink, guint column, HvKind kind, const char *cell)
{
    const gboolean is_estimate = cell[0] == '~' && kind == HV_KIND_F64;

    if (g_str_equal(cell, "-") || cell[0] == '!')
        hv_none(sink, column, HV_MARK_ABSENT, cell[0] == '!' ? cell + 1 : "not known here");
    else if (hv_kind_is_text(kind))
        hv_text(sink, column, cell);
    else if (kind == HV_KIND_F64)
        hv_f64(sink, column, g_ascii_strtod(cell + is_estimate, NULL));
    else if (kind == HV_KIND_BOOL)
        hv_bool(sink, column, cell[0] == '1');
    else
        hv_u64(sink, column, g_ascii_strtoull(cell, NULL, 10));
    if (is_estimate)
        hv_mark(sink, column, HV_MARK_ESTIMATED);
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
fill(HvStore *store, const char *const *rows, gint64 now_ns)
{
    HvSink *sink = hv_sink_begin(&store, 1, now_ns);

    for (const char *const *row = rows; *row; row++)
        put_row(sink, hv_store_schema(store), *row);
    hv_sink_end(sink, TRUE);
}

/* ---- the machine: 2 sockets, 8 cores, 16 cpus, the last one offline ---- */

static HvTopology *
new_topology(void)
{
    HvTopology *topology = hv_topology_new();

    topology->packages = g_new0(HvTopoPackage, 2);
    topology->nodes = g_new0(HvTopoNode, 2);
    topology->llcs = g_new0(HvTopoLlc, 2);
    topology->cores = g_new0(HvTopoCore, 8);
    topology->cpus = g_new0(HvTopoCpu, 16);
    topology->n_packages = topology->n_nodes = topology->n_llcs = 2;
    topology->n_cores = 8;
    topology->n_cpus = 16;
    for (guint i = 0; i < 2; i++) {
        topology->packages[i] = (HvTopoPackage){ (int)i, hv_set_new(), hv_set_new() };
        topology->nodes[i] = (HvTopoNode){ .node = (int)i,
                                           .package = (int)i,
                                           .cpus = hv_set_new(),
                                           .memory_bytes = G_GUINT64_CONSTANT(512) << 30,
                                           .has_memory_bytes = TRUE };
        topology->llcs[i] = (HvTopoLlc){ .llc = (int)i,
                                         .package = (int)i,
                                         .level = 3,
                                         .size_bytes = 42 << 20,
                                         .cpus = hv_set_new() };
        hv_set_add(topology->packages[i].nodes, i);
        hv_set_add_range(topology->packages[i].cpus, i * 8, i * 8 + 7);
        hv_set_add_range(topology->nodes[i].cpus, i * 8, i * 8 + 7);
        hv_set_add_range(topology->llcs[i].cpus, i * 8, i * 8 + 7);
    }
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
                                               { 0 } };

    HvHistory *history = hv_history_new(columns);

    for (guint64 tick = 1; tick <= N_TICKS; tick++)
        hv_history_append(history, tick, tables, n_tables);
    g_ptr_array_add(desk->histories, history);
    return history;
}

void
hv_test_desk_show(HvDesk *desk, HvScene scene)
{
    HvSnapshot *snapshot = hv_snapshot_new();
    const Text *texts = scenes[scene];

    snapshot->tick = N_TICKS;
    snapshot->monotonic_ns = desk->now_ns - 400000000;
    snapshot->time_ns = REALTIME_NS;
    snapshot->interval_ns = 1000000000;
    snapshot->topology = new_topology();
    for (const Text *text = texts; text->name; text++) {
        HvStore *store = hv_store_new(schema_of(text));

        fill(store, text->rows, snapshot->monotonic_ns);
        g_ptr_array_add(desk->stores, store);
        hv_snapshot_add(snapshot, hv_store_table(store));
    }
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
                                 .realtime_ns = realtime_ns };
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
