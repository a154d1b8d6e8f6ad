/* Sets of cpus on the stack: rules look at every vCPU's once a second, and allocate nothing. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/set.h"

#define HV_MASK_WORDS 128
#define HV_MASK_CPUS (HV_MASK_WORDS * 64) /* cpus of higher numbers are not looked at */

/* Empty when zeroed, or after hv_mask_clear(). Words from n_words on are not set up. */
typedef struct {
    guint n_words;
    guint64 words[HV_MASK_WORDS];
} HvMask;

/** hv_mask_clear: makes it the empty set. Any thread, as all below. */
void hv_mask_clear(HvMask *mask);

/** hv_mask_parse: from the kernel's list form; FALSE when @text is NULL, no list, or names a
 * cpu too high. */
gboolean hv_mask_parse(HvMask *mask, const char *text);
/** hv_mask_of_set: as far as it goes. */
void hv_mask_of_set(HvMask *mask, const HvSet *set);
void hv_mask_add(HvMask *mask, guint cpu);
gboolean hv_mask_has(const HvMask *mask, guint cpu);
guint hv_mask_count(const HvMask *mask);
gboolean hv_mask_equal(const HvMask *a, const HvMask *b);
gboolean hv_mask_intersects(const HvMask *a, const HvMask *b);
gboolean hv_mask_is_subset(const HvMask *sub, const HvMask *super);
void hv_mask_union(HvMask *mask, const HvMask *other);
void hv_mask_intersect(HvMask *mask, const HvMask *other);
void hv_mask_subtract(HvMask *mask, const HvMask *other);
/** hv_mask_next: the smallest member above @after (-1 to begin), or -1. */
int hv_mask_next(const HvMask *mask, int after);
/** hv_mask_text: the kernel's list form into @out, cut after a whole range with "…" where it is
 * longer. */
void hv_mask_text(const HvMask *mask, char *out, gsize size);

#define HV_MASK_FOREACH(cpu, mask)                                                             \
    for (int cpu = hv_mask_next((mask), -1); cpu >= 0; cpu = hv_mask_next((mask), cpu))
