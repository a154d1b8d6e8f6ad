/* The knobs that a host has, by glob. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/knob.h"

/** hv_knobs_matching: the paths (char *, owned) of the knobs on @host that match @glob, numbers
 * in them in order. @tuners is NULL-terminated. What cannot be listed is left out, and its
 * GError, which names it, is added to @errors (which owns it; may be NULL). The actuator's
 * thread, or a one-shot command's. (transfer full) */
GPtrArray *hv_knobs_matching(HvHost *host, const HvTuner *const *tuners, const char *glob,
                             GPtrArray *errors);
