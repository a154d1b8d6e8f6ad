/* Which uncore PMUs tell bytes, by which events: memory controllers, and links between sockets.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "probes/cpu-ident.h"

/* The events of one kind of unit on some processors. */
typedef struct {
    HvCpuVendor vendor;
    guint family, first_model, last_model; /* family 0: any */
    const char *device; /* "uncore_imc": the units are uncore_imc, uncore_imc_0 … */
    gboolean is_link;
    double bytes;               /* of each count */
    double nominal_bytes_per_s; /* what such a link can send at most, by the processor; 0: not
                                   known */
    gboolean is_alias;          /* @events are names of files in events/ */
    const char *events[9];      /* else terms; NULL-terminated */
} HvUncoreUnit;

extern const HvUncoreUnit hv_uncore_units[]; /* ends with a NULL device */

/** hv_uncore_is_unit: whether @name is @device, or @device with "_" and a number. Any thread,
 * as below. */
gboolean hv_uncore_is_unit(const HvUncoreUnit *unit, const char *name);
/** hv_uncore_fits: whether the unit is one of that processor's. */
gboolean hv_uncore_fits(const HvUncoreUnit *unit, const HvCpuIdent *ident);
