/* Sets of cpus and of nodes, of any size, in the kernel's list form ("0-3,8"). */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

/* The largest identity a set may hold; a list from outside that names more is refused. */
#define HV_SET_MAX 1048575

/* A set of small numbers: cpus (PU os_index) or NUMA nodes. Opaque; wraps an hwloc bitmap. */
typedef struct HvSet HvSet;

/** hv_set_new: an empty set; the caller owns it. Any thread, as all below. */
HvSet *hv_set_new(void);
/** hv_set_copy: a set equal to @set (NULL gives NULL); the caller owns it. */
HvSet *hv_set_copy(const HvSet *set);
/** hv_set_free: accepts NULL. */
void hv_set_free(HvSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvSet, hv_set_free)

/**
 * hv_set_parse:
 * @text: a kernel list, "0-3,8"; surrounding blanks and a newline are allowed; "" is the empty
 * set
 * @error: MALFORMED, naming the part that is wrong; backward ranges and numbers over HV_SET_MAX
 * are wrong
 *
 * Returns: (transfer full): the set, or NULL.
 */
HvSet *hv_set_parse(const char *text, GError **error);
/** hv_set_next_range: the part at which a kernel list in @text goes on, "8" or "0-3", moving
 * *@text behind it and its comma; FALSE for what is none, goes backwards or names a number over
 * @max (at most HV_SET_MAX). Never allocates. */
gboolean hv_set_next_range(const char **text, guint max, guint *first, guint *last);
/** hv_set_parse_mask: the same for a kernel hex mask, "ff,00000003" (commas between 32-bit
 * words). */
HvSet *hv_set_parse_mask(const char *text, GError **error);
/** hv_set_to_text: the kernel list form, "" when empty; the caller owns it. */
char *hv_set_to_text(const HvSet *set);
/** hv_set_to_mask: hex without 0x, 32-bit words separated by commas as the kernel writes; the
 * caller owns it. */
char *hv_set_to_mask(const HvSet *set);

/** hv_set_add, hv_set_remove, hv_set_clear: change @set in place; @number is at most
 * HV_SET_MAX. */
void hv_set_add(HvSet *set, guint number);
void hv_set_add_range(HvSet *set, guint first, guint last);
void hv_set_remove(HvSet *set, guint number);
void hv_set_clear(HvSet *set);
/** hv_set_assign: makes @set equal to @other without a new set. */
void hv_set_assign(HvSet *set, const HvSet *other);

/** hv_set_has, hv_set_is_empty, hv_set_count, hv_set_equal, hv_set_is_subset,
 * hv_set_intersects: questions. */
gboolean hv_set_has(const HvSet *set, guint number);
gboolean hv_set_is_empty(const HvSet *set);
guint hv_set_count(const HvSet *set);
gboolean hv_set_equal(const HvSet *a, const HvSet *b);
gboolean hv_set_is_subset(const HvSet *sub, const HvSet *super);
gboolean hv_set_intersects(const HvSet *a, const HvSet *b);
/** hv_set_next: the smallest member above @after (-1 to begin), or -1 at the end. */
int hv_set_next(const HvSet *set, int after);
/** hv_set_last: the largest member, or -1 when empty. */
int hv_set_last(const HvSet *set);
/** hv_set_union, hv_set_intersect, hv_set_subtract: @set becomes the result with @other. */
void hv_set_union(HvSet *set, const HvSet *other);
void hv_set_intersect(HvSet *set, const HvSet *other);
void hv_set_subtract(HvSet *set, const HvSet *other);

#define HV_SET_FOREACH(number, set)                                                            \
    for (int number = hv_set_next((set), -1); number >= 0; number = hv_set_next((set), number))
