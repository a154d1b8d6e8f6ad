/* The host's hardware: how fast busy cores run, how often they were throttled, what its memory
 * corrected. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host.h"

/* A number, or why there is none (static). */
typedef struct {
    gboolean has_value;
    gboolean is_estimated;
    guint64 value;
    const char *why;
} HvHardwareNumber;

/* One thread. Opaque. */
typedef struct HvHardware HvHardware;

/** hv_hardware_new, _free. */
HvHardware *hv_hardware_new(HvHost *host);
void hv_hardware_free(HvHardware *hardware);
/** hv_hardware_follow: looks for files again when the topology is another one. */
void hv_hardware_follow(HvHardware *hardware, const HvTopology *topology);
/** hv_hardware_cpu: what /proc/stat says of one cpu, each time it is read: cpus that are at
 * work for more than half of the time are busy, and their clock is of interest. @use_ns: time
 * at work since boot. */
void hv_hardware_cpu(HvHardware *hardware, guint cpu, guint64 use_ns, gint64 now_ns);
/** hv_hardware_min_hz: reads the clocks of some busy cpus, in turns; the lowest of the last 5
 * s. */
HvHardwareNumber hv_hardware_min_hz(HvHardware *hardware, gint64 now_ns);
/** hv_hardware_base_hz: the clock that the maker promises. @cpu_model may be NULL. */
HvHardwareNumber hv_hardware_base_hz(HvHardware *hardware, const char *cpu_model);
/** hv_hardware_throttles: how often cores and packages were slowed by heat, since boot. */
HvHardwareNumber hv_hardware_throttles(HvHardware *hardware);
/** hv_hardware_corrected, _uncorrected: memory errors that EDAC counted since boot. */
HvHardwareNumber hv_hardware_corrected(HvHardware *hardware);
HvHardwareNumber hv_hardware_uncorrected(HvHardware *hardware);
/** hv_model_hz: the "@ 2.10GHz" of a model name in Hz; 0 without. Any thread. */
guint64 hv_model_hz(const char *cpu_model);
