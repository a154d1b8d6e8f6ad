/* How a topology is made: from lists, from hwloc, from XML. Only for host/. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host-private.h"

#include <hwloc.h>

/* Whose files are read. */
typedef struct {
    const HvFileOps *files;
    gpointer data;
} HvTopologySource;

/** hv_source_read: the start of a small file, NUL-terminated, without what trails; -1 when it
 * cannot be read. Any thread, as all below. */
gssize hv_source_read(const HvTopologySource *source, const char *path, char *buffer,
                      gsize size);
/** hv_source_read_set: a file that is a cpu or node list, or NULL. hv_source_read_mask: a hex
 * mask. */
HvSet *hv_source_read_set(const HvTopologySource *source, const char *path);
HvSet *hv_source_read_mask(const HvTopologySource *source, const char *path);
/** hv_source_read_number: a file that is one number from @min to @max. */
gboolean hv_source_read_number(const HvTopologySource *source, const char *path, gint64 min,
                               gint64 max, gint64 *number);
/** hv_source_read_text: a whole file up to @max bytes, its length in @length, or NULL with
 * @error. */
char *hv_source_read_text(const HvTopologySource *source, const char *path, gsize max,
                          gsize *length, GError **error);

/** hv_topology_from_sysfs: cpus, cores, caches, packages and nodes from
 * sys/devices/system/{cpu,node}. ABSENT when there are no cpus there. Source: kernel
 * Documentation/admin-guide/cputopology.rst. */
HvTopology *hv_topology_from_sysfs(const HvTopologySource *source, GError **error);
/** hv_topology_amend: adds what only files say (offline and isolated cpus, cpus of nodes,
 * sizes, distances, cache ids, nodes of devices) to a topology made from XML or by hwloc; its
 * counts of online things stay. */
void hv_topology_amend(HvTopology *topology, const HvTopologySource *source);
/** hv_topology_number_llcs: gives hwloc's last-level caches the kernel's ids where all can be
 * read; link anew after. */
void hv_topology_number_llcs(HvTopology *topology, const HvTopologySource *source);
/** hv_topology_class_name: the word for a PCI class (0x0200). Static. */
const char *hv_topology_class_name(guint pci_class);
/** hv_topology_add_devices: PCI devices from sys/bus/pci/devices, where hwloc does not tell
 * them. */
void hv_topology_add_devices(HvTopology *topology, const HvTopologySource *source);

/** hv_topology_from_hwloc: a loaded topology as plain arrays. MALFORMED when its numbers cannot
 * be. */
HvTopology *hv_topology_from_hwloc(hwloc_topology_t loaded, const char *name, GError **error);
/** hv_topology_prepare: a new hwloc topology with our filters and flags, not loaded; or NULL.
 */
hwloc_topology_t hv_topology_prepare(void);
/** hv_topology_load_xml: an hwloc topology from the @length bytes of @xml; never this
 * machine's. MALFORMED names @name. */
hwloc_topology_t hv_topology_load_xml(const char *xml, gsize length, const char *name,
                                      GError **error);
/** hv_topology_from_xml: both. */
HvTopology *hv_topology_from_xml(const char *xml, gsize length, const char *name,
                                 GError **error);

/** hv_topology_stored: hwloc's topology as kept under @key in @directory, or NULL on any doubt
 * (owner, mode, key). hv_topology_store: keeps it there, silently not where that is impossible.
 */
hwloc_topology_t hv_topology_stored(const char *directory, const char *key);
void hv_topology_store(const char *directory, const char *key, hwloc_topology_t loaded);

extern const HvTopologyOps hv_live_topology; /* host/topology-live.c */
