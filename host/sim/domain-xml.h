/* A simulated VM as libvirt's XML, and pins in it. Only for host/sim/. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/sim/world.h"
#include "host/sim/xml.h"

/** hv_sim_domain_xml: what libvirt would say of @vm now; @live: of the running one, else of what would be kept for its
 * next start. (transfer full) */
HvSimXml *hv_sim_domain_xml(const HvSimVm *vm, gboolean live);
/** hv_sim_domain_pin: sets the pin of @element ("vcpupin", "emulatorpin", "iothreadpin") in @domain; @attribute
 * ("vcpu", "iothread") names the thread @index, NULL: there is only one. */
void hv_sim_domain_pin(HvSimXml *domain, const char *element, const char *attribute, guint index,
                       const char *cpus);
/** hv_sim_domain_numatune: binds all memory in @domain to @nodes; @mode NULL: in the mode that it has. */
void hv_sim_domain_numatune(HvSimXml *domain, const char *mode, const char *nodes);
