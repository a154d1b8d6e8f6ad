/* Whether this host has the cpus of a list. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tuners/tuner.h"

/** hv_cpus_check: FALSE with MALFORMED, after "@path: ", when @value is no list of cpus, is
 * empty, or names one that the host lacks or that is offline. Any thread. */
gboolean hv_cpus_check(HvHost *host, const char *path, const HvValue *value, GError **error);
