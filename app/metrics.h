/* Tables as OpenMetrics text. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/table.h"

/** hv_metrics_append: every number of @table as a metric hvtune_TABLE_COLUMN, its key columns
 * as labels; cells without a value are left out. hv_metrics_end: the line that ends the text.
 */
void hv_metrics_append(GString *out, const HvTable *table);
void hv_metrics_end(GString *out);
