/* Knobs that the kernel has as one number in a file, and people as words. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tuners/tuner.h"

/** hv_mode_read: the family's word for the number in @path: its first for 0. MALFORMED for a
 * number without one. The actuator's thread, as below. */
gboolean hv_mode_read(HvHost *host, const char *path, const HvKnob *knob, HvValue *value,
                      GError **error);
/** hv_mode_number: the number that the family's word in @value stands for. */
guint64 hv_mode_number(const HvKnob *knob, const HvValue *value);
/** hv_mode_write: one write of that number to @path. */
gboolean hv_mode_write(HvHost *host, const char *path, const HvKnob *knob, const HvValue *after,
                       GError **error);
