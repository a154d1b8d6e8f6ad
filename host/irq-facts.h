/* What the kernel says of one interrupt, and whether it will move. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host.h"
#include "host/interrupt-lines.h"

/* Why an interrupt of a device will not move. */
typedef enum {
    HV_IRQ_MOVES,
    HV_IRQ_MANAGED, /* the kernel keeps it to itself, as far as its name tells */
    HV_IRQ_POSTED,  /* a passthrough device's, posted to the guest by the IOMMU */
    HV_IRQ_PERHAPS_POSTED, /* a passthrough device's: not known */
} HvIrqHold;

/** hv_irq_names: what drivers call it, "virtio1-req.0,ehci": from sys/kernel/irq, or else from
 * the directories in proc/irq/@irq. NULL where no driver uses it. (transfer full). Any thread,
 * as all below. */
char *hv_irq_names(HvHost *host, guint irq);

typedef enum { HV_POSTED_UNKNOWN, HV_POSTED_YES, HV_POSTED_NO } HvPosted;
/**
 * hv_irq_posted_parse:
 * @text: sys/kernel/debug/iommu/intel/ir_translation_struct, cut up in place
 * @pci: "0000:81:00.0"; the table has no domains
 *
 * Returns: YES when the table of posted entries names the device, NO when only that of remapped
 * ones does. Source: kernel drivers/iommu/intel/debugfs.c.
 */
HvPosted hv_irq_posted_parse(char *text, const char *pci);
/** hv_irq_posted: of that passthrough device: NO where the host's KVM has no APICv or AVIC,
 * else as the IOMMU's table tells; UNKNOWN without one. */
HvPosted hv_irq_posted(HvHost *host, const char *pci);
/** hv_irq_hold: of an interrupt that drivers call @names ("" or NULL: none). */
HvIrqHold hv_irq_hold(HvHost *host, const char *names);
/** hv_irq_why_held: one clause for people, or NULL for MOVES: N_("…"). */
const char *hv_irq_why_held(HvIrqHold hold);
