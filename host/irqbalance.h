/* irqbalance: whether it runs, and which interrupts it was told to leave alone. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host.h"

/* How often it looks unless told otherwise. */
#define HV_IRQBALANCE_PERIOD_S 10

/* Zeroed: it does not run. */
typedef struct {
    int pid;
    char *socket; /* path; NULL: it has none (without /run/irqbalance, or built without) */
} HvIrqbalance;

/** hv_irqbalance_find: the one that runs now, by its socket or else among all processes. FALSE,
 * and zeroed, when none does. Reads files only. Any thread, as all below. */
gboolean hv_irqbalance_find(HvHost *host, HvIrqbalance *found);
/** hv_irqbalance_find_socket: the same, but only by its socket: cheap enough for a tick. */
gboolean hv_irqbalance_find_socket(HvHost *host, HvIrqbalance *found);
void hv_irqbalance_clear(HvIrqbalance *found);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HvIrqbalance, hv_irqbalance_clear)

/**
 * hv_irqbalance_parse:
 * @text: its answer to "setup": "SLEEP 10 IRQ 34 LOAD 0 DIFF 0 CLASS 0 BANNED 00000000"
 * @banned: cleared, gains the interrupts in it; not those that it leaves alone by itself
 * @period_s: how often it looks
 *
 * Returns: FALSE with MALFORMED, both untouched. Source: irqbalance 1.9.2, observed.
 */
gboolean hv_irqbalance_parse(const char *text, HvSet *banned, guint64 *period_s,
                             GError **error);
/** hv_irqbalance_read: asks it, waiting at most @deadline_ms. ABSENT when it has no socket. */
gboolean hv_irqbalance_read(HvHost *host, const HvIrqbalance *irqbalance, guint deadline_ms,
                            HvSet *banned, guint64 *period_s, GError **error);
/** hv_irqbalance_ban: makes @banned its whole list; heeded from its next look on. REFUSED when
 * that does not fit into its buffer, or names interrupt 0, which ends a list. */
gboolean hv_irqbalance_ban(HvHost *host, const HvIrqbalance *irqbalance, guint deadline_ms,
                           const HvSet *banned, GError **error);
/** hv_irqbalance_can_ban: that refusal, without telling it. */
gboolean hv_irqbalance_can_ban(const HvSet *banned, GError **error);
