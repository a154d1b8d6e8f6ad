/* Why interrupts will not move, or not stay: for the probe "interrupts". */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/irq-facts.h"

/* What is read at most every 10 s. Zeroed but for @host. One thread. */
typedef struct {
    HvHost *host;
    gint64 due_ns;
    HvIrqPosting *posting; /* NULL until a passthrough device's interrupt was seen */
    gint64 posting_ns;     /* when it was read */
    HvSet *banned;         /* by what irqbalance was told; NULL: not known */
    const char *why;       /* then: static text */
    gboolean balances;     /* it runs and has a socket */
    int silent_pid;        /* of one that did not answer: it is not asked again */
} HvIrqHolds;

/** hv_irq_holds_refresh: when it is due. Waits for irqbalance at most 100 ms, once for each
 * that does not answer. Without irqbalance, and without passthrough devices, nothing is
 * allocated. */
void hv_irq_holds_refresh(HvIrqHolds *holds, gint64 now_ns);
/** hv_irq_holds_of: of the interrupt that is called @name. */
HvIrqHold hv_irq_holds_of(HvIrqHolds *holds, const char *name, gint64 now_ns);
/** hv_irq_holds_emit: the columns @movable, @movable + 1 (why not) and @movable + 2 (banned) of
 * the interrupt @label. */
void hv_irq_holds_emit(const HvIrqHolds *holds, HvSink *out, guint movable, const char *label,
                       HvIrqHold hold);
void hv_irq_holds_clear(HvIrqHolds *holds);
