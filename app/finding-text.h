/* Findings as text for people. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/table.h"

/** hv_print_findings: the first @most of the table "findings", two lines each, folded ones left
 * out; then how many were left out and folded, and how to be sure of a maybe.
 * @with_folded: folded ones too
 */
void hv_print_findings(GString *out, const HvTable *findings, guint most, gboolean with_folded,
                       gboolean ascii);
/** hv_findings_are_bad: one is a warning or worse. */
gboolean hv_findings_are_bad(const HvTable *findings);
