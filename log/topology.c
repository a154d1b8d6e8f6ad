/* A topology as rows of a log, and back. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/topology.h"

#include "log/file.h"
#include "model/error.h"
#include "model/i18n.h"

/* ---- writing ---- */

/* Rows of one table on their way in. */
typedef struct {
    sqlite3 *db;
    sqlite3_stmt *statement; /* NULL: it failed */
    gint64 id;
    int column; /* the next one to be bound */
    gboolean failed;
} Put;

static void
begin_table(Put *put, const char *sql)
{
    put->statement = NULL;
    put->column = 2;
    if (!put->failed &&
        sqlite3_prepare_v2(put->db, sql, -1, &put->statement, NULL) != SQLITE_OK)
        put->failed = TRUE;
    if (put->statement)
        sqlite3_bind_int64(put->statement, 1, put->id);
}

static void
put_number(Put *put, gint64 number)
{
    if (put->statement)
        sqlite3_bind_int64(put->statement, put->column++, number);
}

/* An identity that is not known is no number. */
static void
put_identity(Put *put, int identity)
{
    if (put->statement && identity < 0)
        sqlite3_bind_null(put->statement, put->column++);
    else
        put_number(put, identity);
}

static void
put_text(Put *put, const char *text)
{
    if (put->statement)
        sqlite3_bind_text(put->statement, put->column++, text, -1, SQLITE_TRANSIENT);
}

static void
put_set(Put *put, const HvSet *set)
{
    g_autofree char *text = set ? hv_set_to_text(set) : NULL;

    put_text(put, text);
}

static void
end_row(Put *put)
{
    if (!put->statement)
        return;
    if (sqlite3_step(put->statement) != SQLITE_DONE)
        put->failed = TRUE;
    sqlite3_reset(put->statement);
    put->column = 2;
}

static void
end_table(Put *put)
{
    sqlite3_finalize(put->statement);
    put->statement = NULL;
}

static void
put_packages(Put *put, const HvTopology *topology)
{
    begin_table(put, "INSERT INTO topo_packages(topology, package, cpus, nodes) "
                     "VALUES(?, ?, ?, ?)");
    for (guint i = 0; i < topology->n_packages; i++) {
        put_number(put, topology->packages[i].package);
        put_set(put, topology->packages[i].cpus);
        put_set(put, topology->packages[i].nodes);
        end_row(put);
    }
    end_table(put);
}

static void
put_nodes(Put *put, const HvTopology *topology)
{
    begin_table(put, "INSERT INTO topo_nodes(topology, node, package, cpus, memory_bytes) "
                     "VALUES(?, ?, ?, ?, ?)");
    for (guint i = 0; i < topology->n_nodes; i++) {
        const HvTopoNode *node = &topology->nodes[i];

        put_number(put, node->node);
        put_identity(put, node->package);
        put_set(put, node->cpus);
        if (node->has_memory_bytes)
            put_number(put, (gint64)node->memory_bytes);
        else
            put_text(put, NULL);
        end_row(put);
    }
    end_table(put);
}

static void
put_llcs(Put *put, const HvTopology *topology)
{
    begin_table(put, "INSERT INTO topo_llcs(topology, llc, package, level, size_bytes, cpus) "
                     "VALUES(?, ?, ?, ?, ?, ?)");
    for (guint i = 0; i < topology->n_llcs; i++) {
        const HvTopoLlc *llc = &topology->llcs[i];

        put_number(put, llc->llc);
        put_identity(put, llc->package);
        put_number(put, llc->level);
        put_number(put, (gint64)llc->size_bytes);
        put_set(put, llc->cpus);
        end_row(put);
    }
    end_table(put);
}

static void
put_cores(Put *put, const HvTopology *topology)
{
    begin_table(put,
                "INSERT INTO topo_cores(topology, core, os_core, package, llc, node, cpus) "
                "VALUES(?, ?, ?, ?, ?, ?, ?)");
    for (guint i = 0; i < topology->n_cores; i++) {
        const HvTopoCore *core = &topology->cores[i];

        put_number(put, core->core);
        put_identity(put, core->os_core);
        put_identity(put, core->package);
        put_identity(put, core->llc);
        put_identity(put, core->node);
        put_set(put, core->cpus);
        end_row(put);
    }
    end_table(put);
}

static void
put_cpus(Put *put, const HvTopology *topology)
{
    begin_table(put, "INSERT INTO topo_cpus(topology, cpu, online, node, package, llc, core, "
                     "sibling_rank) VALUES(?, ?, ?, ?, ?, ?, ?, ?)");
    for (guint i = 0; i < topology->n_cpus; i++) {
        const HvTopoCpu *cpu = &topology->cpus[i];

        put_number(put, cpu->cpu);
        put_number(put, cpu->online);
        put_identity(put, cpu->node);
        put_identity(put, cpu->package);
        put_identity(put, cpu->llc);
        put_identity(put, cpu->core);
        put_number(put, cpu->sibling_rank);
        end_row(put);
    }
    end_table(put);
}

static void
put_devices(Put *put, const HvTopology *topology)
{
    begin_table(put,
                "INSERT INTO topo_devices(topology, number, name, pci, class, os_names, node, "
                "nodes) VALUES(?, ?, ?, ?, ?, ?, ?, ?)");
    for (guint i = 0; i < topology->n_devices; i++) {
        const HvTopoDevice *device = &topology->devices[i];

        put_number(put, i);
        put_text(put, device->name);
        put_text(put, device->pci);
        put_text(put, device->class_name);
        put_text(put, device->os_names);
        put_identity(put, device->node);
        put_set(put, device->nodes);
        end_row(put);
    }
    end_table(put);
}

static void
put_distances(Put *put, const HvTopology *topology)
{
    const guint n = topology->distances ? topology->n_nodes : 0;

    begin_table(put, "INSERT INTO topo_distances(topology, from_node, to_node, distance) "
                     "VALUES(?, ?, ?, ?)");
    for (guint i = 0; i < n * n; i++) {
        put_number(put, topology->nodes[i / n].node);
        put_number(put, topology->nodes[i % n].node);
        put_number(put, topology->distances[i]);
        end_row(put);
    }
    end_table(put);
}

gboolean
hv_topology_rows_put(sqlite3 *db, gint64 id, gint64 time_ns, const HvTopology *topology,
                     GError **error)
{
    Put put = { .db = db, .id = id };

    begin_table(&put,
                "INSERT INTO topologies(topology, time_ns, source, cpu_model, this_system, "
                "isolated, nohz_full) VALUES(?, ?, ?, ?, ?, ?, ?)");
    put_number(&put, time_ns);
    put_text(&put, topology->source);
    put_text(&put, topology->cpu_model);
    put_number(&put, topology->this_system);
    put_set(&put, topology->isolated);
    put_set(&put, topology->nohz_full);
    end_row(&put);
    end_table(&put);
    put_packages(&put, topology);
    put_nodes(&put, topology);
    put_llcs(&put, topology);
    put_cores(&put, topology);
    put_cpus(&put, topology);
    put_devices(&put, topology);
    put_distances(&put, topology);
    if (put.failed)
        hv_log_error(error, db, NULL, _("the topology cannot be written"));
    return !put.failed;
}
