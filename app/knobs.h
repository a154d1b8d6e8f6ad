/* The knobs of this host, by path or glob. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host.h"
#include "model/knob.h"

/** hv_knobs_matching: the paths (char *, owned) of the knobs that match @glob, numbers in them
 * in order. @tuners is NULL-terminated. What cannot be listed adds a line to @notes (may be
 * NULL). (transfer full) */
GPtrArray *hv_knobs_matching(HvHost *host, const HvTuner *const *tuners, const char *glob,
                             GString *notes);
/** hv_natural_compare: like strcmp(), but runs of digits compare as numbers: "vcpu/2" before
 * "vcpu/10". */
int hv_natural_compare(const char *a, const char *b);
