/* The devices of the Map: in few words, grouped by the nodes they are near to. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/table.h"
#include "model/topology.h"

/** hv_map_devices_of: names for people of the devices near to exactly @nodes (a kernel list; "" none known): those
 * passed to VMs first ("81:00.0>web-1", by @table, the table "devices", or NULL), then those with names, then how many
 * of each class there are besides. (transfer full): of char *. UI thread, as below. */
GPtrArray *hv_map_devices_of(const HvTopology *topology, const char *nodes, const HvTable *table);
/** hv_map_devices_elsewhere: the sets of nodes of the devices that are not at one node that there is, each once. (transfer full): of
 * char *. */
GPtrArray *hv_map_devices_elsewhere(const HvTopology *topology);
