/* A topology out of the rows of a log that comes from anybody. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/topology.h"

#include "log/file.h"
#include "model/error.h"
#include "model/i18n.h"

#define MOST_ROWS 65536 /* of one kind: sixteen times the largest machine's cpus */
#define MOST_NODES 1024 /* as the kernel's */

typedef struct {
    sqlite3 *db;
    gint64 id;
    gboolean is_bad;
} Rows;

static sqlite3_stmt *
begin(Rows *rows, const char *sql)
{
    sqlite3_stmt *statement = NULL;

    if (sqlite3_prepare_v2(rows->db, sql, -1, &statement, NULL) != SQLITE_OK) {
        rows->is_bad = TRUE;
        return NULL;
    }
    sqlite3_bind_int64(statement, 1, rows->id);
    return statement;
}

/* The next row, of at most @most; FALSE ends @statement. */
static gboolean
next(Rows *rows, sqlite3_stmt *statement, guint n, guint most)
{
    const int code = statement ? sqlite3_step(statement) : SQLITE_DONE;

    if (code == SQLITE_ROW && n < most)
        return TRUE;
    rows->is_bad = rows->is_bad || code != SQLITE_DONE;
    sqlite3_finalize(statement);
    return FALSE;
}

static guint64
number(Rows *rows, sqlite3_stmt *statement, int column, guint64 most)
{
    const gint64 value = sqlite3_column_int64(statement, column);

    if (value >= 0 && (guint64)value <= most)
        return (guint64)value;
    rows->is_bad = TRUE;
    return 0;
}

static int
identity(Rows *rows, sqlite3_stmt *statement, int column)
{
    if (sqlite3_column_type(statement, column) == SQLITE_NULL)
        return -1;
    return (int)number(rows, statement, column, HV_SET_MAX);
}

static char *
text(sqlite3_stmt *statement, int column)
{
    return g_strdup((const char *)sqlite3_column_text(statement, column));
}

static HvSet *
set(Rows *rows, sqlite3_stmt *statement, int column)
{
    const char *list = (const char *)sqlite3_column_text(statement, column);
    HvSet *parsed = list ? hv_set_parse(list, NULL) : NULL;

    rows->is_bad = rows->is_bad || (list && !parsed);
    return parsed ? parsed : hv_set_new();
}

static void
take_set(HvSet **to, HvSet *take)
{
    hv_set_free(*to);
    *to = take;
}

/* Grows an array of plain structs by one, zeroed. */
#define GROW(array, n)                                                                         \
    do {                                                                                       \
        (array) = g_renew(__typeof__(*(array)), (array), (n) + 1);                             \
        (array)[n] = (__typeof__(*(array))){ 0 };                                              \
    } while (0)

static gboolean
read_head(Rows *rows, HvTopology *topology)
{
    sqlite3_stmt *statement =
        begin(rows, "SELECT source, cpu_model, this_system, isolated, nohz_full "
                    "FROM topologies WHERE topology = ?");
    guint n = 0;

    for (; next(rows, statement, n, 1); n++) {
        g_free(topology->source);
        topology->source = text(statement, 0);
        topology->cpu_model = text(statement, 1);
        topology->this_system = FALSE; /* it is another machine's, or was this one's */
        take_set(&topology->isolated, set(rows, statement, 3));
        take_set(&topology->nohz_full, set(rows, statement, 4));
    }
    return n == 1;
}

static void
read_packages(Rows *rows, HvTopology *topology)
{
    sqlite3_stmt *statement = begin(
        rows,
        "SELECT package, cpus, nodes FROM topo_packages WHERE topology = ? ORDER BY package");

    for (; next(rows, statement, topology->n_packages, MOST_NODES); topology->n_packages++) {
        HvTopoPackage *package;

        GROW(topology->packages, topology->n_packages);
        package = &topology->packages[topology->n_packages];
        package->package = (int)number(rows, statement, 0, HV_SET_MAX);
        package->cpus = set(rows, statement, 1);
        package->nodes = set(rows, statement, 2);
    }
}

static void
read_nodes(Rows *rows, HvTopology *topology)
{
    sqlite3_stmt *statement =
        begin(rows, "SELECT node, package, cpus, memory_bytes FROM topo_nodes "
                    "WHERE topology = ? ORDER BY node");

    for (; next(rows, statement, topology->n_nodes, MOST_NODES); topology->n_nodes++) {
        HvTopoNode *node;

        GROW(topology->nodes, topology->n_nodes);
        node = &topology->nodes[topology->n_nodes];
        node->node = (int)number(rows, statement, 0, HV_SET_MAX);
        node->package = identity(rows, statement, 1);
        node->cpus = set(rows, statement, 2);
        node->has_memory_bytes = sqlite3_column_type(statement, 3) != SQLITE_NULL;
        node->memory_bytes = number(rows, statement, 3, G_MAXINT64);
    }
}

static void
read_llcs(Rows *rows, HvTopology *topology)
{
    sqlite3_stmt *statement =
        begin(rows, "SELECT llc, package, level, size_bytes, cpus FROM topo_llcs "
                    "WHERE topology = ? ORDER BY llc");

    for (; next(rows, statement, topology->n_llcs, MOST_ROWS); topology->n_llcs++) {
        HvTopoLlc *llc;

        GROW(topology->llcs, topology->n_llcs);
        llc = &topology->llcs[topology->n_llcs];
        llc->llc = (int)number(rows, statement, 0, HV_SET_MAX);
        llc->package = identity(rows, statement, 1);
        llc->level = (guint)number(rows, statement, 2, 16);
        llc->size_bytes = number(rows, statement, 3, G_MAXINT64);
        llc->cpus = set(rows, statement, 4);
    }
}

static void
read_cores(Rows *rows, HvTopology *topology)
{
    sqlite3_stmt *statement = begin(rows, "SELECT core, os_core, package, llc, node, cpus "
                                          "FROM topo_cores WHERE topology = ? ORDER BY core");

    for (; next(rows, statement, topology->n_cores, MOST_ROWS); topology->n_cores++) {
        HvTopoCore *core;

        GROW(topology->cores, topology->n_cores);
        core = &topology->cores[topology->n_cores];
        core->core = (guint)number(rows, statement, 0, HV_SET_MAX);
        core->os_core = identity(rows, statement, 1);
        core->package = identity(rows, statement, 2);
        core->llc = identity(rows, statement, 3);
        core->node = identity(rows, statement, 4);
        core->cpus = set(rows, statement, 5);
    }
}

static void
read_cpus(Rows *rows, HvTopology *topology)
{
    sqlite3_stmt *statement =
        begin(rows, "SELECT cpu, online, node, package, llc, core, sibling_rank "
                    "FROM topo_cpus WHERE topology = ? ORDER BY cpu");

    for (; next(rows, statement, topology->n_cpus, MOST_ROWS); topology->n_cpus++) {
        HvTopoCpu *cpu;

        GROW(topology->cpus, topology->n_cpus);
        cpu = &topology->cpus[topology->n_cpus];
        cpu->cpu = (guint)number(rows, statement, 0, HV_SET_MAX);
        cpu->online = number(rows, statement, 1, 1) != 0;
        cpu->node = identity(rows, statement, 2);
        cpu->package = identity(rows, statement, 3);
        cpu->llc = identity(rows, statement, 4);
        cpu->core = identity(rows, statement, 5);
        cpu->sibling_rank = (guint)number(rows, statement, 6, HV_SET_MAX);
    }
}

static void
read_devices(Rows *rows, HvTopology *topology)
{
    sqlite3_stmt *statement =
        begin(rows, "SELECT name, pci, class, os_names, node, nodes "
                    "FROM topo_devices WHERE topology = ? ORDER BY number");

    for (; next(rows, statement, topology->n_devices, MOST_ROWS); topology->n_devices++) {
        HvTopoDevice *device;

        GROW(topology->devices, topology->n_devices);
        device = &topology->devices[topology->n_devices];
        device->name = text(statement, 0);
        device->pci = text(statement, 1);
        device->class_name = text(statement, 2);
        device->os_names = text(statement, 3);
        device->node = identity(rows, statement, 4);
        device->nodes = set(rows, statement, 5);
        if (!device->name)
            device->name = g_strdup("");
        if (!device->class_name)
            device->class_name = g_strdup("other");
    }
}

/* All of them or none. */
static void
read_distances(Rows *rows, HvTopology *topology)
{
    sqlite3_stmt *statement =
        begin(rows, "SELECT distance FROM topo_distances WHERE topology = ? "
                    "ORDER BY from_node, to_node");
    const guint n = topology->n_nodes * topology->n_nodes;
    g_autofree guint *distances = g_new0(guint, n + 1);
    guint i = 0;

    for (; next(rows, statement, i, n + 1); i++)
        if (i < n)
            distances[i] = (guint)number(rows, statement, 0, G_MAXUINT16);
    if (n > 0 && i == n)
        topology->distances = g_steal_pointer(&distances);
}

HvTopology *
hv_topology_rows_read(sqlite3 *db, gint64 id, GError **error)
{
    g_autoptr(HvTopology) topology = hv_topology_new();
    Rows rows = { .db = db, .id = id };

    if (!read_head(&rows, topology)) {
        g_set_error(error, HV_ERROR, rows.is_bad ? HV_ERROR_MALFORMED : HV_ERROR_ABSENT,
                    _("topology %" G_GINT64_FORMAT ": not in the log"), id);
        return NULL;
    }
    read_packages(&rows, topology);
    read_nodes(&rows, topology);
    read_llcs(&rows, topology);
    read_cores(&rows, topology);
    read_cpus(&rows, topology);
    read_devices(&rows, topology);
    read_distances(&rows, topology);
    if (rows.is_bad) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("topology %" G_GINT64_FORMAT ": its rows are none of a machine"), id);
        return NULL;
    }
    hv_topology_link(topology);
    topology->generation = (guint64)id;
    return g_steal_pointer(&topology);
}
