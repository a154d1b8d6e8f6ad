/* The filter line: words that a row must match. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/table.h"

/** hv_filter_matches: "web" (in the row's texts), "node:1", "remote>50", "wait>=5%", "memory>2G", "!idle"; words are and-ed. A
 * name before ":", "<" or ">" is a column or an alias of some; one that the table lacks makes the word plain text. Ratios
 * compare as percent, sets by "holds all of these". Any thread. */
gboolean hv_filter_matches(const char *filter, const HvTable *table, guint row);
