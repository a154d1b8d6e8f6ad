/* Tables as text for people. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/table.h"

/** hv_print_table: a heading and aligned columns, hidden ones left out; one wide row stands
 * upright. */
void hv_print_table(GString *out, const HvTable *table, gboolean ascii);
/** hv_print_columns: only @columns (NULL-terminated names; those that are not there are left
 * out) of @n_rows rows, no heading.
 * @rows: which, in this order; NULL: the first ones. */
void hv_print_columns(GString *out, const HvTable *table, const char *const *columns,
                      const guint *rows, guint n_rows, gboolean ascii);
