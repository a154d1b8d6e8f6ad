/* The interrupts that have knobs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tuners/tuner.h"

/** hv_irq_number: the number in "irq/N/...", into @irq (or NULL). ABSENT, with what is wrong,
 * when this host has no such interrupt, or one that belongs to the cpus themselves (NMI, LOC).
 * Any thread. */
gboolean hv_irq_number(HvHost *host, const HvKnob *knob, guint *irq, GError **error);
/** hv_irq_list: as HvTuner's list: a knob for each interrupt in proc/irq. */
gboolean hv_irq_list(HvHost *host, const HvKnobFamily *family, GPtrArray *paths,
                     GError **error);
