/* What doctor looks at beside the sources: rights, kernel, journal, terminal; as a
 * table. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "app/wiring.h"
#include "model/sink.h"

extern const HvSchema hv_checks_schema; /* "checks": check state why cure */

/** hv_checks_run: fills the current table of @out. */
void hv_checks_run(HvApp *app, HvSink *out);
