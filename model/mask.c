/* Sets of cpus on the stack: rules look at every vCPU's once a second, and allocate nothing. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/mask.h"

#include <string.h>

#define BITS 64u
#define RANGE_BYTES 16 /* "8190-8191," and its end */

void
hv_mask_clear(HvMask *mask)
{
    mask->n_words = 0;
}

static void
grow(HvMask *mask, guint n_words)
{
    while (mask->n_words < n_words)
        mask->words[mask->n_words++] = 0;
}

void
hv_mask_add(HvMask *mask, guint cpu)
{
    if (cpu >= HV_MASK_CPUS)
        return;
    grow(mask, cpu / BITS + 1);
    mask->words[cpu / BITS] |= G_GUINT64_CONSTANT(1) << cpu % BITS;
}

gboolean
hv_mask_parse(HvMask *mask, const char *text)
{
    guint first, last;

    hv_mask_clear(mask);
    while (text && *text) {
        if (!hv_set_next_range(&text, HV_MASK_CPUS - 1, &first, &last))
            return FALSE;
        for (guint cpu = first; cpu <= last; cpu++)
            hv_mask_add(mask, cpu);
    }
    return text != NULL;
}

void
hv_mask_of_set(HvMask *mask, const HvSet *set)
{
    hv_mask_clear(mask);
    for (int cpu = hv_set_next(set, -1); cpu >= 0 && cpu < HV_MASK_CPUS;
         cpu = hv_set_next(set, cpu))
        hv_mask_add(mask, (guint)cpu);
}

static guint64
word_of(const HvMask *mask, guint i)
{
    return i < mask->n_words ? mask->words[i] : 0;
}

gboolean
hv_mask_has(const HvMask *mask, guint cpu)
{
    return (word_of(mask, cpu / BITS) >> cpu % BITS & 1) != 0;
}

guint
hv_mask_count(const HvMask *mask)
{
    guint n = 0;

    for (guint i = 0; i < mask->n_words; i++)
        n += (guint)__builtin_popcountll(mask->words[i]);
    return n;
}

gboolean
hv_mask_is_subset(const HvMask *sub, const HvMask *super)
{
    for (guint i = 0; i < sub->n_words; i++) {
        if (sub->words[i] & ~word_of(super, i))
            return FALSE;
    }
    return TRUE;
}

gboolean
hv_mask_equal(const HvMask *a, const HvMask *b)
{
    return hv_mask_is_subset(a, b) && hv_mask_is_subset(b, a);
}

gboolean
hv_mask_intersects(const HvMask *a, const HvMask *b)
{
    for (guint i = 0; i < a->n_words; i++) {
        if (a->words[i] & word_of(b, i))
            return TRUE;
    }
    return FALSE;
}

void
hv_mask_union(HvMask *mask, const HvMask *other)
{
    grow(mask, other->n_words);
    for (guint i = 0; i < other->n_words; i++)
        mask->words[i] |= other->words[i];
}

void
hv_mask_intersect(HvMask *mask, const HvMask *other)
{
    for (guint i = 0; i < mask->n_words; i++)
        mask->words[i] &= word_of(other, i);
}

void
hv_mask_subtract(HvMask *mask, const HvMask *other)
{
    for (guint i = 0; i < mask->n_words; i++)
        mask->words[i] &= ~word_of(other, i);
}

int
hv_mask_next(const HvMask *mask, int after)
{
    const guint from = (guint)(after + 1);
    guint word = from / BITS;
    guint64 bits = word_of(mask, word) & (G_MAXUINT64 << from % BITS);

    while (!bits && ++word < mask->n_words)
        bits = mask->words[word];
    return bits ? (int)(word * BITS) + __builtin_ctzll(bits) : -1;
}

void
hv_mask_text(const HvMask *mask, char *out, gsize size)
{
    gsize length = 0;

    *out = '\0';
    for (int first = hv_mask_next(mask, -1); first >= 0;) {
        int last = first;

        while (hv_mask_has(mask, (guint)last + 1))
            last++;
        if (length + RANGE_BYTES + strlen("…") > size) {
            g_strlcat(out, "…", size);
            return;
        }
        length +=
            (gsize)g_snprintf(out + length, size - length, first == last ? "%s%d" : "%s%d-%d",
                              length ? "," : "", first, last);
        first = hv_mask_next(mask, last);
    }
}
