/* A topology as rows of a log, and back. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sqlite3.h>

#include "model/topology.h"

/** hv_topology_rows_put: @topology under the number @id, as rows of `topologies` and the topo_
 * tables; within a transaction of the caller's. */
gboolean hv_topology_rows_put(sqlite3 *db, gint64 id, gint64 time_ns,
                              const HvTopology *topology, GError **error);
/** hv_topology_rows_read: the one of number @id, from a log of anybody: numbers and sets are
 * bounded, links computed anew. (transfer full); NULL with ABSENT or MALFORMED. */
HvTopology *hv_topology_rows_read(sqlite3 *db, gint64 id, GError **error);
