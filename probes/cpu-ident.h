/* Which processor this is: vendor, family and model of /proc/cpuinfo. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

typedef enum { HV_CPU_OTHER, HV_CPU_INTEL, HV_CPU_AMD, HV_CPU_HYGON } HvCpuVendor;

typedef struct {
    HvCpuVendor vendor;
    guint64 family, model;
} HvCpuIdent;

/**
 * hv_cpu_ident_parse:
 * @text: the beginning of /proc/cpuinfo, at least one processor of it; cut up in place
 * Returns: FALSE with HV_ERROR_ABSENT when it does not name vendor, family and model (not x86).
 * Any thread. Source: kernel arch/x86/kernel/cpu/proc.c.
 */
gboolean hv_cpu_ident_parse(char *text, HvCpuIdent *ident, GError **error);
