/* What nodes are called on screen: by their sockets where each socket is one node. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/snapshot.h"

/** hv_node_letter: 'S' where every package has exactly one node, else 'N'; NULL: 'N'. Any thread, as below. */
char hv_node_letter(const HvTopology *topology);
/** hv_node_name: "S0" or "N3" for the node of that number, into @out. */
void hv_node_name(char *out, gsize size, const HvTopology *topology, guint node);
/** hv_nodes_name: "S0", "S0+S1", "N0-3,6" for a list of nodes; "–" (ASCII "-") for NULL. */
void hv_nodes_name(char *out, gsize size, const HvTopology *topology, const char *nodes, gboolean ascii);
/** hv_node_route: from where a VM's vCPUs run to where its memory is: "S0 → S1", "S0   S0", "S0+S1"; @row: of table
 * @vms. TRUE where both are known and differ. */
gboolean hv_node_route(char *out, gsize size, const HvTopology *topology, const HvTable *vms, int row,
                       gboolean ascii);
