/* Tables without names: of the host, of VMs, of people; the same name gets the same word
 * everywhere. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/snapshot.h"

/* What was replaced by what. One thread. Opaque. */
typedef struct HvScrub HvScrub;
HvScrub *hv_scrub_new(const char *hostname);
void hv_scrub_free(HvScrub *scrub);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvScrub, hv_scrub_free)
/** hv_scrub_learn: the names in @snapshot; before its tables. */
void hv_scrub_learn(HvScrub *scrub, const HvSnapshot *snapshot);
/** hv_scrub_table: @table with each name replaced, also within texts; (transfer full). */
HvTable *hv_scrub_table(HvScrub *scrub, const HvTable *table);
/** hv_scrub_text: the same of a text. (transfer full) */
char *hv_scrub_text(const HvScrub *scrub, const char *text);
