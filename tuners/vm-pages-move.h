/* Moving a VM's pages to other nodes: in batches, no faster than is asked, as long as nobody
 * says stop. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tuners/vm-where.h"

/** hv_vm_pages_rate: bytes/s that this kernel's guests bear: less where each page's move
 * interrupts all cpus of the VM. Source: kernel mm/migrate.c, TLB flushes in batches since 6.3.
 */
guint64 hv_vm_pages_rate(HvHost *host);
/** hv_vm_pages_move: brings what of @guest's memory (now at @pages) is outside @nodes to them,
 * the roomiest first. TRUE when it is there, by looking; else FAILED, or the kernel's error,
 * and what has moved stays. @progress may be NULL. The actuator's thread. Source:
 * move_pages(2). */
gboolean hv_vm_pages_move(HvHost *host, const HvGuest *guest, const HvVmPages *pages,
                          const HvSet *nodes, const HvProgress *progress, const char *path,
                          GError **error);
