/* Whether nodes have room for a VM's memory. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tuners/vm-where.h"

/** hv_vm_nodes_with_memory: of the host; NULL with @error. The actuator's thread, as below. */
HvSet *hv_vm_nodes_with_memory(HvHost *host, GError **error);
/** hv_vm_check_nodes: MALFORMED for a node that does not exist or has no memory. */
gboolean hv_vm_check_nodes(HvHost *host, const HvSet *nodes, const char *path, GError **error);
/** hv_vm_node_free: what more fits on @node before the kernel begins to reclaim; page cache
 * that nobody used lately counts as free. FALSE with @error. */
gboolean hv_vm_node_free(HvHost *host, guint node, guint64 *bytes, GError **error);
/** hv_vm_check_room: REFUSED unless what of @pages is outside @nodes, what @guest has not
 * touched yet, and 2 % fit on them, less what other VMs of @list were promised there; hugetlb
 * pages by their own size. */
gboolean hv_vm_check_room(HvHost *host, const HvGuestList *list, const HvGuest *guest,
                          const HvVmPages *pages, const HvSet *nodes, const char *path,
                          GError **error);
