/* Reading /proc/interrupts: its header, its lines, and what a line says of the device. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

#define HV_INTERRUPTS_MAX_CPUS 65536u

/**
 * hv_interrupts_header:
 * @line: the first line: one "CPU<n>" per online cpu, with true numbers and gaps; not changed
 * @cpus: cleared, gains the numbers (guint) in the order of the columns
 *
 * Returns: FALSE with MALFORMED when there is no column, too many, or a word that is none. Any
 * thread, as all below. Source: kernel fs/proc/interrupts.c, kernel/irq/proc.c.
 */
gboolean hv_interrupts_header(const char *line, GArray *cpus, GError **error);

/* One line. Texts lie within the line given. */
typedef struct {
    char *label;   /* "24", "NMI" */
    guint n_cells; /* counts found */
    gboolean
        is_whole; /* one count for the whole host, as ERR and MIS have: in @whole, in no sum */
    guint64 whole;
    char
        *rest; /* what stands behind the counts: "IR-PCI-MSIX-0000:81:00.0    0-edge nvme0q1" */
} HvInterruptLine;

/**
 * hv_interrupts_line:
 * @text: the line, cut up in place
 * @slots: for each of the @n_columns columns the index into @sums
 * @sums: each count is added to the sum of its column's slot
 *
 * Counts are 32 bits wide and wrap.
 * Returns: FALSE, and @sums as it was, for a line without a label or without a count.
 */
gboolean hv_interrupts_line(char *text, const guint *slots, guint n_columns, guint64 *sums,
                            HvInterruptLine *line);

/** hv_interrupts_name: what follows chip, hardware number and flow in @rest: the actions, or
 * for a line of the architecture ("NMI") its whole text. Borrowed from @rest; "" without any.
 */
const char *hv_interrupts_name(const char *label, const char *rest);
/** hv_interrupts_pci: the PCI address (domain, bus, device, function) that stands in @rest, in
 * the chip's name or else in an action's; the caller owns it; NULL without one. */
char *hv_interrupts_pci(const char *rest);
/** hv_interrupts_is_of_device: TRUE when the action @name belongs to the OS device @device:
 * "eth0-TxRx-3" to "eth0", "nvme0q3" to "nvme0n1". */
gboolean hv_interrupts_is_of_device(const char *name, const char *device);

typedef enum { HV_MANAGED_UNKNOWN, HV_MANAGED_LIKELY, HV_MANAGED_UNLIKELY } HvManaged;
/** hv_interrupts_managed: whether the kernel manages its affinity itself, as far as names tell:
 * queues of nvme and of virtio disks are managed, vfio's and the admin queue of nvme are not.
 */
HvManaged hv_interrupts_managed(const char *name);
