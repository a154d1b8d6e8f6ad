/* The simulated machine's performance counters: which PMUs it has, under which numbers. Only
 * for host/sim/. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/sim/world.h"

/* perf_event_attr.type: the first three are the kernel's, the others are given out as PMUs
 * register. */
#define HV_SIM_PMU_SOFTWARE 1u
#define HV_SIM_PMU_CPU 4u
#define HV_SIM_PMU_IMC 20u /* and those of the other channels behind it */
#define HV_SIM_PMU_LINK 40u
#define HV_SIM_PMU_DF 60u
#define HV_SIM_N_CHANNELS 8u
#define HV_SIM_MAX_LINKS 3u
#define HV_SIM_N_DF_LINKS 4u

/** hv_sim_has_pmu: an emulated processor has none. */
gboolean hv_sim_has_pmu(const HvSimWorld *world);
/** hv_sim_n_upi: link units of one package, Intel. */
guint hv_sim_n_upi(const HvSimWorld *world);
/** hv_sim_memory_event: codes of reads and writes that pass a memory channel, as the kernel
 * tells them in sysfs. */
void hv_sim_memory_event(const HvSimWorld *world, guint *event, guint *reads, guint *writes);
