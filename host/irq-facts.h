/* What the kernel says of one interrupt, and whether it will move. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host.h"
#include "host/interrupt-lines.h"

/* Why an interrupt of a device will not move. */
typedef enum {
    HV_IRQ_MOVES,
    HV_IRQ_MANAGED,        /* the kernel keeps it to itself, as far as its name tells */
    HV_IRQ_POSTED,         /* a passthrough device's, posted to the guest by the IOMMU */
    HV_IRQ_PERHAPS_POSTED, /* a passthrough device's: not known */
} HvIrqHold;

/** hv_irq_names: what drivers call it, "virtio1-req.0,ehci": from sys/kernel/irq, or else from
 * the directories in proc/irq/@irq. NULL where no driver uses it. (transfer full). Any thread,
 * as all below. */
char *hv_irq_names(HvHost *host, guint irq);

/* Which passthrough devices' interrupts the IOMMU posts to their guests, at one time. Opaque.
 */
typedef struct HvIrqPosting HvIrqPosting;

typedef enum { HV_POSTED_UNKNOWN, HV_POSTED_YES, HV_POSTED_NO } HvPosted;

/** hv_irq_posting_read: from the host's KVM, since without APICv or AVIC none is posted, and
 * the IOMMU's table where debugfs has one. Never NULL. (transfer full) */
HvIrqPosting *hv_irq_posting_read(HvHost *host);
/** hv_irq_posting_parse: @text is sys/kernel/debug/iommu/intel/ir_translation_struct, cut up in
 * place. (transfer full). Source: kernel drivers/iommu/intel/debugfs.c. */
HvIrqPosting *hv_irq_posting_parse(char *text);
void hv_irq_posting_free(HvIrqPosting *posting);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvIrqPosting, hv_irq_posting_free)
/** hv_irq_posted: YES when the table of posted entries names the device @pci ("0000:81:00.0";
 * the table has no domains), NO when only that of remapped ones does. */
HvPosted hv_irq_posted(const HvIrqPosting *posting, const char *pci);

/** hv_irq_hold: of an interrupt that drivers call @names ("" or NULL: none). @posting may be
 * NULL where those are not a passthrough device's. */
HvIrqHold hv_irq_hold(const HvIrqPosting *posting, const char *names);
/** hv_irq_why_held: one clause for people, or NULL for MOVES: N_("…"). */
const char *hv_irq_why_held(HvIrqHold hold);
