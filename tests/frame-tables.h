/* Tables of every kind of cell, in samples that change in every way, for the tests of frames.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/snapshot.h"

/** hv_frame_tables: their schemas, NULL-terminated. hv_frame_tables_narrow: the same names with
 * fewer and other columns, as another version of the program may have them. */
const HvSchema *const *hv_frame_tables(void);
const HvSchema *const *hv_frame_tables_narrow(void);

/* Makes samples. Opaque. */
typedef struct HvFrameMaker HvFrameMaker;
HvFrameMaker *hv_frame_maker_new(guint32 seed);
void hv_frame_maker_free(HvFrameMaker *maker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvFrameMaker, hv_frame_maker_free)
/** hv_frame_maker_next: rows come and go, values leap, stand still or are lost, a table may be
 * as it was, or away. (transfer full) */
HvSnapshot *hv_frame_maker_next(HvFrameMaker *maker);
