/* What people ask for of a recording, as plain rows: changes, their effects, findings. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "log/rows.h"

/* Remembers what it made rows of. One thread. Opaque. */
typedef struct HvLogTables HvLogTables;
/** hv_log_tables_new: @next_finding: the first free id of `findings`. */
HvLogTables *hv_log_tables_new(gint64 next_finding);
void hv_log_tables_free(HvLogTables *tables);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvLogTables, hv_log_tables_free)
/** hv_log_tables_add: appends to @rows what is new or has changed in the tables "changes",
 * "effects" and "findings" of @snapshot. Those that were not sampled anew cost nothing. */
void hv_log_tables_add(HvLogTables *tables, const HvSnapshot *snapshot, GPtrArray *rows);
