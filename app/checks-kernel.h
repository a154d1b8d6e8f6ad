/* What doctor looks at in the kernel: what sources need of it, and what would give it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host.h"
#include "model/sink.h"

/** hv_checks_put: one row of "checks". @why NULL: nothing is known; @cure NULL: none is needed,
 * or none is known. */
void hv_checks_put(HvSink *out, const char *check, const char *state, const char *why,
                   const char *cure);
/** hv_checks_kernel: the rows of what the kernel offers, into the current table of @out.
 * @may_all: whoever runs this may do on that host what root may */
void hv_checks_kernel(HvHost *host, gboolean may_all, HvSink *out);
