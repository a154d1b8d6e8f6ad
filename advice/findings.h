/* What is wrong, since when, what it costs and what would mend it: the rules, run over
 * snapshots. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/rule.h"
#include "model/sink.h"

/* Columns are a contract: finding vm what | severity evidence remedy cost_ratio key since_ns
 * window_s quality folded. */
extern const HvSchema hv_findings_schema;

/* What the rules have said so far. One thread. Opaque. */
typedef struct HvFindings HvFindings;

/** hv_findings_new: @rules (borrowed, NULL-terminated) have said nothing yet. hv_findings_free
 * accepts NULL. */
HvFindings *hv_findings_new(const HvRule *const *rules);
void hv_findings_free(HvFindings *findings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvFindings, hv_findings_free)
/**
 * hv_findings_run:
 * Runs the rules over @snapshot, unless the last run was less than a second ago, and emits what
 * holds, the costliest first, folded ones last.
 *
 * A finding holds from the beginning of the sample that showed it first; one that is missing
 * for up to 3 s is kept, unless its rule is marked always. It is a maybe until it has held for
 * 30 s, and for good when it rests on estimates; below 2 % of the VM's time it is a folded
 * note. cost_ratio is a mean that forgets within about 10 s.
 *
 * Returns: FALSE, and nothing emitted, when it was too early. Allocates only for findings that
 * appear and texts that change.
 */
gboolean hv_findings_run(HvFindings *findings, const HvSnapshot *snapshot, HvSink *out);
