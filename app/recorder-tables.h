/* Which tables are recorded. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "app/wiring.h"

typedef struct HvRecordedTables HvRecordedTables;

/** hv_recorded_tables_new: what @names (NULL: all) are made of: tables that are not derived
 * from others. MALFORMED for a name that is none. Any thread, as below. */
HvRecordedTables *hv_recorded_tables_new(const char *const *names, GError **error);
void hv_recorded_tables_free(HvRecordedTables *tables);
/** hv_recorded_schemas: NULL-terminated, borrowed. hv_recorded_wanted: the names asked for,
 * NULL: all. */
const HvSchema *const *hv_recorded_schemas(const HvRecordedTables *tables);
const char *const *hv_recorded_wanted(const HvRecordedTables *tables);
/** hv_recorded_sums: tables of which sums per VM are kept; static. */
const HvSchema *const *hv_recorded_sums(void);
