/* Where the memory of a VM is, and what of it cannot be elsewhere. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tuners/tuner.h"

/* Of this share of a guest's resident memory a list of nodes is where it is; and of this share
 * a move is done. */
#define HV_VM_PAGES_AT_RATIO 0.95
#define HV_VM_PAGES_MOVED_RATIO 0.98

/* The guest's memory by node and page size. Zeroed: none. */
typedef struct {
    GArray *parts; /* of HvNumaPart */
    guint64 bytes; /* of all */
} HvVmPages;

/** hv_vm_pages_read: the guest's memory alone, without QEMU's own. ABSENT when it is not told
 * apart; REFUSED when its process is on another machine. "@path: " goes before. The actuator's
 * thread, as below. hv_vm_pages_clear: frees what it owns. */
gboolean hv_vm_pages_read(HvHost *host, const HvGuest *guest, const char *path,
                          HvVmPages *pages, GError **error);
void hv_vm_pages_clear(HvVmPages *pages);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HvVmPages, hv_vm_pages_clear)
/** hv_vm_pages_outside: bytes that are on none of @nodes; of pages of @page_bytes alone (0: of
 * all sizes). */
guint64 hv_vm_pages_outside(const HvVmPages *pages, const HvSet *nodes, guint64 page_bytes);
/** hv_vm_pages_are_on: all but what a move leaves behind. */
gboolean hv_vm_pages_are_on(const HvVmPages *pages, const HvSet *nodes);
/** hv_vm_pages_nodes: the fewest nodes, fullest first, that hold HV_VM_PAGES_AT_RATIO of it.
 * (transfer full) */
HvSet *hv_vm_pages_nodes(const HvVmPages *pages);
/** hv_vm_pages_huge_bytes: the size of its hugetlb pages, the largest; 0: it has none. */
guint64 hv_vm_pages_huge_bytes(const HvVmPages *pages);

/** hv_vm_mems_allowed: the nodes that its threads may have memory on, by the kernel: their
 * union;
 * @mixed: whether they differ. */
HvSet *hv_vm_mems_allowed(HvHost *host, const HvGuest *guest, const char *path, gboolean *mixed,
                          GError **error);
/** hv_vm_check_movable: REFUSED, with the reason, for memory that is pinned or encrypted. */
gboolean hv_vm_check_movable(HvHost *host, const HvGuest *guest, const char *path,
                             GError **error);
/** hv_vm_check_cells: REFUSED for a guest of several cells, whose pages would end up together:
 * they do not say to which cell they belong, so nothing would part them again. */
gboolean hv_vm_check_cells(const HvGuest *guest, const char *path, GError **error);
/** hv_vm_check_no_job: REFUSED while libvirt migrates, saves or backs it up. */
gboolean hv_vm_check_no_job(const HvGuest *guest, const char *path, GError **error);
/** hv_vm_still_there: see HvTuner.still_there, for knobs below vm/NAME: the share of its memory
 * that is on the nodes of @before. */
gboolean hv_vm_still_there(HvHost *host, const HvKnob *knob, const HvValue *before,
                           double *ratio, GError **error);
