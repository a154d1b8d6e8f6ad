/* Whether a VM suffers while something is done to it: its worst vCPU's wait and its pressure
 * against what they were. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tuners/tuner.h"

/* What was read last, and what it was before. Opaque. */
typedef struct HvVmStrain HvVmStrain;

/** hv_vm_strain_new: reads once; @guest is borrowed for its life. The actuator's thread, as
 * below. */
HvVmStrain *hv_vm_strain_new(HvHost *host, const HvGuest *guest);
void hv_vm_strain_free(HvVmStrain *strain);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvVmStrain, hv_vm_strain_free)
/** hv_vm_strain_settle: what was read since the beginning is how it is when nothing is done. */
void hv_vm_strain_settle(HvVmStrain *strain);
/** hv_vm_strain_grew: TRUE when, since it was asked last, the worst vCPU's wait or the VM's
 * pressure was twice of that, and over 2 % of the time. What cannot be read does not grow. */
gboolean hv_vm_strain_grew(HvVmStrain *strain);
