/* One row per memory controller, and per end of a link between sockets: the bytes that went
 * through it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "probes/pmu-format.h"
#include "probes/probe.h"
#include "probes/scaled.h"
#include "probes/uncore-units.h"

#define DEVICES "sys/bus/event_source/devices"
#define CPUINFO_BYTES 4096
#define MAX_EVENTS 8
#define IN_A_GROUP HV_SCALED_MAX
#define MAX_GROUPS (MAX_EVENTS / IN_A_GROUP)
#define RETRY_NS G_GINT64_CONSTANT(10000000000)

enum {
    UNIT,
    PACKAGE,
    KIND,
    NODE,
    BYTES_PER_S,
    NOMINAL,
    BYTES,
};
static const HvColumn columns[] = {
    [UNIT] = { .name = "unit",
               .kind = HV_KIND_KEY,
               .unit = HV_UNIT_NONE,
               .help = N_("the kernel's name of it") },
    [PACKAGE] = { .name = "package",
                  .kind = HV_KIND_ID,
                  .unit = HV_UNIT_NONE,
                  .help = N_("socket that it is in") },
    [KIND] = { .name = "kind",
               .kind = HV_KIND_TEXT,
               .unit = HV_UNIT_NONE,
               .help = N_("memory (a controller) or link (its sending end)") },
    [NODE] = { .name = "node",
               .kind = HV_KIND_U64,
               .unit = HV_UNIT_NONE,
               .help = N_("memory node that it serves") },
    [BYTES_PER_S] = { .name = "bytes_per_s",
                      .kind = HV_KIND_RATE,
                      .unit = HV_UNIT_BYTES_PER_S,
                      .help = N_("bytes that go through it"),
                      .of = BYTES },
    [NOMINAL] = { .name = "nominal_bytes_per_s",
                  .kind = HV_KIND_F64,
                  .unit = HV_UNIT_BYTES_PER_S,
                  .help = N_("what a link of this processor can send at most") },
    [BYTES] = { .name = "bytes",
                .kind = HV_KIND_COUNTER,
                .unit = HV_UNIT_BYTES,
                .help = N_("bytes since it was opened"),
                .hidden = TRUE },
    { 0 },
};
static const HvSchema schema = { .name = "uncore", .columns = columns, .raw = TRUE };

/* One unit of one package. */
typedef struct {
    char *name;
    const HvUncoreUnit *kind;
    guint cpu; /* that speaks for the package */
    int package, node;
    HvCounterEvent events[MAX_EVENTS];
    guint n_events;
    HvCounters *groups[MAX_GROUPS];
    HvScaled scaled[MAX_GROUPS];
    GError *error; /* why it cannot be counted */
    guint32 row;
    gboolean has_row;
} Unit;

typedef struct {
    HvHost *host;
    GPtrArray *units;
    gint64 retry_ns;
} Probe;

static void
close_unit(Unit *unit)
{
    for (guint i = 0; i < MAX_GROUPS; i++)
        g_clear_pointer(&unit->groups[i], hv_counters_close);
}

static void
unit_free(gpointer data)
{
    Unit *unit = data;

    close_unit(unit);
    g_clear_error(&unit->error);
    g_free(unit->name);
    g_free(unit);
}

static guint
n_groups(const Unit *unit)
{
    return (unit->n_events + IN_A_GROUP - 1) / IN_A_GROUP;
}

static guint
n_in_group(const Unit *unit, guint group)
{
    return MIN(unit->n_events - group * IN_A_GROUP, IN_A_GROUP);
}

static guint64
bytes_of(const Unit *unit)
{
    double counts = 0;

    for (guint i = 0; i < n_groups(unit); i++)
        for (guint j = 0; j < n_in_group(unit, i); j++)
            counts += unit->scaled[i].counts[j];
    return (guint64)(counts * unit->kind->bytes);
}

static void
open_unit(HvHost *host, Unit *unit)
{
    for (guint i = 0; i < n_groups(unit); i++) {
        unit->groups[i] =
            hv_host_open_counters(host, -1, (int)unit->cpu, &unit->events[i * IN_A_GROUP],
                                  n_in_group(unit, i), &unit->error);
        if (!unit->groups[i]) {
            close_unit(unit);
            return;
        }
    }
}

static void
read_unit(Unit *unit)
{
    guint64 values[IN_A_GROUP], enabled_ns, running_ns;

    for (guint i = 0; i < n_groups(unit) && !unit->error; i++)
        if (hv_counters_read(unit->groups[i], values, &enabled_ns, &running_ns, &unit->error))
            hv_scaled_take(&unit->scaled[i], n_in_group(unit, i), values, enabled_ns,
                           running_ns);
    if (unit->error)
        close_unit(unit);
}

/* ---- finding them ---- */

/* The terms that the kernel gives under a name, else those of the table. */
static gboolean
add_event(HvHost *host, Unit *unit, const char *device, const char *event)
{
    g_autofree char *terms = NULL;

    if (unit->kind->is_alias) {
        g_autofree char *path = g_strdup_printf("%s/events/%s", device, event);

        terms = hv_host_read_text(host, path, 0, NULL);
        if (!terms)
            return FALSE;
    }
    if (unit->n_events == MAX_EVENTS ||
        !hv_pmu_encode(host, device, terms ? terms : event, &unit->events[unit->n_events],
                       &unit->error))
        return FALSE;
    unit->n_events++;
    return TRUE;
}

static gboolean
add_events(HvHost *host, Unit *unit, const char *device)
{
    for (guint i = 0; unit->kind->events[i]; i++)
        if (!add_event(host, unit, device, unit->kind->events[i]))
            return FALSE;
    return TRUE;
}

/* The one node of a package, where it has but one; -1 otherwise. */
static int
node_of(const HvTopology *topology, int package)
{
    int found = -1;

    for (guint i = 0; i < topology->n_nodes; i++) {
        const HvTopoNode *node = &topology->nodes[i];

        if (node->package != package || hv_set_is_empty(node->cpus))
            continue;
        if (found >= 0)
            return -1;
        found = node->node;
    }
    return found;
}

static void
add_unit(Probe *probe, const HvTopology *topology, const HvUncoreUnit *kind, const char *name,
         guint cpu)
{
    g_autofree char *device = g_strdup_printf(DEVICES "/%s", name);
    const HvTopoCpu *place = hv_topology_cpu(topology, cpu);
    Unit *unit;

    if (!place || place->package < 0)
        return;
    unit = g_new0(Unit, 1);
    unit->name = g_strdup(name);
    unit->kind = kind;
    unit->cpu = cpu;
    unit->package = place->package;
    unit->node = kind->is_link ? -1 : node_of(topology, place->package);
    if (!add_events(probe->host, unit, device) && !unit->error) {
        unit_free(unit); /* the next kind in the table may fit */
        return;
    }
    if (!unit->error)
        open_unit(probe->host, unit);
    g_ptr_array_add(probe->units, unit);
}

/* One cpu of each package is named in cpumask. */
static void
add_units(Probe *probe, const HvTopology *topology, const HvCpuIdent *ident, const char *name)
{
    g_autofree char *path = g_strdup_printf(DEVICES "/%s/cpumask", name);
    const guint n_before = probe->units->len;

    for (const HvUncoreUnit *kind = hv_uncore_units; kind->device; kind++) {
        g_autofree char *text = NULL;
        g_autoptr(HvSet) cpus = NULL;

        if (probe->units->len > n_before || !hv_uncore_is_unit(kind, name) ||
            !hv_uncore_fits(kind, ident))
            continue;
        text = hv_host_read_text(probe->host, path, 0, NULL);
        cpus = text ? hv_set_parse(hv_chomp(text), NULL) : NULL;
        if (!cpus)
            continue;
        HV_SET_FOREACH(cpu, cpus)
        add_unit(probe, topology, kind, name, (guint)cpu);
    }
}

static gboolean
read_ident(HvHost *host, HvCpuIdent *ident, GError **error)
{
    g_autoptr(HvFile) file = hv_file_open(host, "proc/cpuinfo", error);
    char text[CPUINFO_BYTES];

    return file && hv_file_read(file, text, sizeof text, error) >= 0 &&
           hv_cpu_ident_parse(text, ident, error);
}

/* Anew, each time: packages, and with them the cpus that speak for them, come and go. */
static gboolean
find_units(Probe *probe, GError **error)
{
    g_autoptr(HvTopology) topology = hv_host_topology(probe->host, error);
    g_auto(GStrv) names = topology ? hv_host_list(probe->host, DEVICES, error) : NULL;
    HvCpuIdent ident;

    g_ptr_array_set_size(probe->units, 0);
    if (!names || !read_ident(probe->host, &ident, error))
        return FALSE;
    for (char **name = names; *name; name++)
        add_units(probe, topology, &ident, *name);
    if (probe->units->len > 0)
        return TRUE;
    g_set_error_literal(
        error, HV_ERROR, HV_ERROR_ABSENT,
        N_("no counters of memory controllers or links: " DEVICES " names none that is known"));
    return FALSE;
}

/* ---- telling ---- */

static void
emit_bytes(HvSink *out, const Unit *unit)
{
    gboolean is_scaled = FALSE, is_blocked = FALSE;

    if (unit->error) {
        hv_none_error(out, BYTES, unit->error);
        return;
    }
    for (guint i = 0; i < n_groups(unit); i++) {
        is_scaled = is_scaled || unit->scaled[i].is_scaled;
        is_blocked = is_blocked || unit->scaled[i].is_blocked;
    }
    if (is_blocked) {
        hv_none(out, BYTES, HV_MARK_UNAVAILABLE, N_("others hold the counters"));
        return;
    }
    hv_u64(out, BYTES, bytes_of(unit));
    if (is_scaled)
        hv_mark(out, BYTES, HV_MARK_SCALED);
}

static void
emit_unit(HvSink *out, Unit *unit)
{
    if (!unit->has_row || !hv_row_again(out, unit->row)) {
        char package[12];

        g_snprintf(package, sizeof package, "%d", unit->package);
        unit->row = hv_row(out, unit->name, package);
        unit->has_row = TRUE;
    }
    hv_text(out, KIND, unit->kind->is_link ? "link" : "memory");
    emit_bytes(out, unit);
    if (unit->node >= 0)
        hv_u64(out, NODE, (guint64)unit->node);
    else
        hv_none(out, NODE, HV_MARK_ABSENT,
                unit->kind->is_link ? N_("a link is no memory")
                                    : N_("the controllers of its socket serve several nodes"));
    if (unit->kind->nominal_bytes_per_s > 0)
        hv_f64(out, NOMINAL, unit->kind->nominal_bytes_per_s);
    else
        hv_none(out, NOMINAL, HV_MARK_ABSENT,
                unit->kind->is_link ? N_("not known for this processor")
                                    : N_("depends on the memory modules"));
}

/* The error of all units, or NULL where one of them works. */
static const GError *
find_error(const Probe *probe)
{
    const GError *error = NULL;

    for (guint i = 0; i < probe->units->len; i++) {
        const Unit *unit = probe->units->pdata[i];

        if (!unit->error)
            return NULL;
        error = unit->error;
    }
    return error;
}

static gboolean
has_failed(const Probe *probe)
{
    for (guint i = 0; i < probe->units->len; i++)
        if (((const Unit *)probe->units->pdata[i])->error)
            return TRUE;
    return FALSE;
}

static gboolean
sample(gpointer state, HvSink *out, GError **error)
{
    Probe *probe = state;
    const GError *why;

    if (has_failed(probe) && hv_sink_now_ns(out) >= probe->retry_ns) {
        probe->retry_ns = hv_sink_now_ns(out) + RETRY_NS;
        if (!find_units(probe, error))
            return FALSE;
    }
    for (guint i = 0; i < probe->units->len; i++) {
        Unit *unit = probe->units->pdata[i];

        if (!unit->error)
            read_unit(unit);
        emit_unit(out, unit);
    }
    why = find_error(probe);
    if (why)
        g_propagate_error(error, g_error_copy(why));
    return !why;
}

static void
stop(gpointer state)
{
    Probe *probe = state;

    g_ptr_array_unref(probe->units);
    g_free(probe);
}

static gboolean
may_count(HvHost *host, GError **error)
{
    if (!hv_host_is_live(host) && !hv_host_is_simulated(host))
        g_set_error_literal(error, HV_ERROR, HV_ERROR_ABSENT,
                            N_("no counters behind a captured tree"));
    else if (!hv_host_policy(host)->may_count)
        g_set_error_literal(error, HV_ERROR, HV_ERROR_ABSENT,
                            N_("--footprint leaves the counters alone"));
    else
        return TRUE;
    return FALSE;
}

static gpointer
start(HvHost *host, GError **error)
{
    Probe *probe;
    const GError *why;

    if (!may_count(host, error))
        return NULL;
    probe = g_new0(Probe, 1);
    probe->host = host;
    probe->units = g_ptr_array_new_with_free_func(unit_free);
    if (!find_units(probe, error)) {
        stop(probe);
        return NULL;
    }
    why = find_error(probe);
    if (!why)
        return probe;
    g_propagate_error(error, g_error_copy(why));
    stop(probe);
    return NULL;
}

static const char *
cure(HvHost *host G_GNUC_UNUSED, const GError *why)
{
    if (g_error_matches(why, HV_ERROR, HV_ERROR_DENIED))
        return N_("run it as root, or: sysctl kernel.perf_event_paranoid=0, or: setcap "
                  "cap_perfmon+ep "
                  "$(command -v hvtune)");
    return NULL;
}

const HvProbe hv_probe_uncore = {
    .name = "uncore",
    .source = "kernel Documentation/ABI/testing/sysfs-bus-event_source-devices-format; "
              "perf_event_open(2)",
    .help = N_("bytes through memory controllers and links between sockets"),
    .period_ms = 1000,
    .schemas = (const HvSchema *const[]){ &schema, NULL },
    .start = start,
    .sample = sample,
    .stop = stop,
    .cure = cure,
};
