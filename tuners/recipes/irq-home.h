/* Interrupts of a VM's devices, and of cards that it shares, on their way to its node. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tuners/recipes/scene.h"

typedef struct {
    const HvScene *scene;
    const HvTable *interrupts; /* may be NULL */
    int node;
    HvMask here;  /* all cpus of the node */
    HvMask house; /* those of them that interrupts may go to */
    int next;     /* the cpu of @house that was given last, -1: none */
    HvRecipeDraft *draft;
    GString *held;   /* interrupts that only --force changes, and why */
    const char *why; /* of the last of them; borrowed */
    GString *shared; /* interrupts of cards that serve others too */
} HvIrqHome;

/** hv_irq_home_init: for interrupts that are to go to @house, cpus of @node. The actuator's
 * thread, as below. */
void hv_irq_home_init(HvIrqHome *at, const HvScene *scene, int node, const HvMask *house,
                      HvRecipeDraft *draft);
void hv_irq_home_clear(HvIrqHome *at);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HvIrqHome, hv_irq_home_clear)
/** hv_irq_home_visit: wishes for those of devices that were passed through to the VM and go
 * elsewhere; @with_shared: cards of the host's near to the node are looked at, and with --force
 * their interrupts move too. */
void hv_irq_home_visit(HvIrqHome *at, gboolean with_shared);
