/* Sets over hwloc bitmaps; lists and masks from outside are checked strictly first. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/set.h"

#include <hwloc/bitmap.h>
#include <string.h>

#include "model/error.h"

#define BLANKS " \t\r\n"
#define BITS_PER_WORD 32
#define MAX_WORDS ((HV_SET_MAX + 1) / BITS_PER_WORD)
#define MAX_SHOWN 40 /* bytes of bad input that a message repeats */

struct HvSet {
    hwloc_bitmap_t bits; /* never infinite */
};

/* hwloc reports only one failure: no memory, which GLib programs do not survive either. */
static void
check(int result)
{
    if (result < 0)
        g_error("no memory for a set");
}

HvSet *
hv_set_new(void)
{
    HvSet *set = g_new(HvSet, 1);

    set->bits = hwloc_bitmap_alloc();
    if (!set->bits)
        g_error("no memory for a set");
    return set;
}

HvSet *
hv_set_copy(const HvSet *set)
{
    if (!set)
        return NULL;

    HvSet *copy = hv_set_new();

    hv_set_assign(copy, set);
    return copy;
}

void
hv_set_free(HvSet *set)
{
    if (!set)
        return;
    hwloc_bitmap_free(set->bits);
    g_free(set);
}

void
hv_set_add(HvSet *set, guint number)
{
    g_return_if_fail(set && number <= HV_SET_MAX);
    check(hwloc_bitmap_set(set->bits, number));
}

void
hv_set_add_range(HvSet *set, guint first, guint last)
{
    g_return_if_fail(set && first <= last && last <= HV_SET_MAX);
    check(hwloc_bitmap_set_range(set->bits, first, (int)last));
}

void
hv_set_remove(HvSet *set, guint number)
{
    g_return_if_fail(set && number <= HV_SET_MAX);
    check(hwloc_bitmap_clr(set->bits, number));
}

void
hv_set_clear(HvSet *set)
{
    g_return_if_fail(set);
    hwloc_bitmap_zero(set->bits);
}

void
hv_set_assign(HvSet *set, const HvSet *other)
{
    g_return_if_fail(set);
    if (other)
        check(hwloc_bitmap_copy(set->bits, other->bits));
    else
        hwloc_bitmap_zero(set->bits);
}

gboolean
hv_set_has(const HvSet *set, guint number)
{
    return set && number <= HV_SET_MAX && hwloc_bitmap_isset(set->bits, number);
}

gboolean
hv_set_is_empty(const HvSet *set)
{
    return !set || hwloc_bitmap_iszero(set->bits);
}

guint
hv_set_count(const HvSet *set)
{
    return set ? (guint)hwloc_bitmap_weight(set->bits) : 0;
}

gboolean
hv_set_equal(const HvSet *a, const HvSet *b)
{
    if (!a || !b)
        return hv_set_is_empty(a) && hv_set_is_empty(b);
    return hwloc_bitmap_isequal(a->bits, b->bits);
}

gboolean
hv_set_is_subset(const HvSet *sub, const HvSet *super)
{
    if (!sub || !super)
        return hv_set_is_empty(sub);
    return hwloc_bitmap_isincluded(sub->bits, super->bits);
}

gboolean
hv_set_intersects(const HvSet *a, const HvSet *b)
{
    return a && b && hwloc_bitmap_intersects(a->bits, b->bits);
}

int
hv_set_next(const HvSet *set, int after)
{
    return set ? hwloc_bitmap_next(set->bits, MAX(after, -1)) : -1;
}

int
hv_set_last(const HvSet *set)
{
    return set ? hwloc_bitmap_last(set->bits) : -1;
}

void
hv_set_union(HvSet *set, const HvSet *other)
{
    g_return_if_fail(set);
    if (other)
        check(hwloc_bitmap_or(set->bits, set->bits, other->bits));
}

void
hv_set_intersect(HvSet *set, const HvSet *other)
{
    g_return_if_fail(set);
    if (other)
        check(hwloc_bitmap_and(set->bits, set->bits, other->bits));
    else
        hwloc_bitmap_zero(set->bits);
}

void
hv_set_subtract(HvSet *set, const HvSet *other)
{
    g_return_if_fail(set);
    if (other)
        check(hwloc_bitmap_andnot(set->bits, set->bits, other->bits));
}

/* Quotes at most MAX_SHOWN bytes of a part that may hold anything. */
static gboolean
malformed(GError **error, const char *part, gsize length, const char *why)
{
    g_autofree char *start = g_strndup(part, MIN(length, MAX_SHOWN));
    g_autofree char *shown = g_strescape(start, NULL);

    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, "\"%s\" %s", shown, why);
    return FALSE;
}

/* Digits at *@text up to HV_SET_MAX; *@text is left behind them. */
static gboolean
scan_number(const char **text, const char *end, guint *number)
{
    guint value = 0;
    const char *p = *text;

    for (; p < end && g_ascii_isdigit(*p); p++) {
        value = value * 10 + (guint)(*p - '0');
        if (value > HV_SET_MAX)
            return FALSE;
    }
    if (p == *text)
        return FALSE;
    *text = p;
    *number = value;
    return TRUE;
}

/* One part of a list: "7" or "0-3". */
static gboolean
add_part(HvSet *set, const char *part, gsize length, GError **error)
{
    const char *p = part;
    const char *end = part + length;
    guint first;

    if (!scan_number(&p, end, &first))
        return malformed(error, part, length, "is not a number in a list");

    guint last = first;

    if (p < end && *p == '-') {
        p++;
        if (!scan_number(&p, end, &last))
            return malformed(error, part, length, "is not a range in a list");
    }
    if (p != end)
        return malformed(error, part, length, "is not a number or a range in a list");
    if (last < first)
        return malformed(error, part, length, "is a backward range");
    hv_set_add_range(set, first, last);
    return TRUE;
}

static gboolean
scan_at_most(const char **text, guint max, guint *number)
{
    const char *at = *text;

    for (*number = 0; g_ascii_isdigit(*at) && *number <= max; at++)
        *number = *number * 10 + (guint)(*at - '0');
    if (at == *text || *number > max)
        return FALSE;
    *text = at;
    return TRUE;
}

gboolean
hv_set_next_range(const char **text, guint max, guint *first, guint *last)
{
    const char *at = *text;

    if (!scan_at_most(&at, max, first))
        return FALSE;
    *last = *first;
    if (*at == '-') {
        at++;
        if (!scan_at_most(&at, max, last) || *last < *first)
            return FALSE;
    }
    if (*at == ',')
        at++;
    else if (*at)
        return FALSE;
    *text = at;
    return TRUE;
}

/* A word of a mask: 1 to 8 hex digits for the numbers from @base. */
static gboolean
add_word(HvSet *set, const char *word, gsize length, guint base, GError **error)
{
    guint32 bits = 0;

    if (length == 0 || length > BITS_PER_WORD / 4)
        return malformed(error, word, length, "is not a 32-bit word of a mask");
    for (gsize i = 0; i < length; i++) {
        if (!g_ascii_isxdigit(word[i]))
            return malformed(error, word, length, "is not hexadecimal");
        bits = bits << 4 | (guint32)g_ascii_xdigit_value(word[i]);
    }
    for (guint i = 0; i < BITS_PER_WORD; i++)
        if (bits >> i & 1)
            hv_set_add(set, base + i);
    return TRUE;
}

/* @text without the blanks around it. */
static const char *
trim(const char *text, gsize *length)
{
    const char *start = text + strspn(text, BLANKS);
    gsize n = strlen(start);

    while (n > 0 && strchr(BLANKS, start[n - 1]))
        n--;
    *length = n;
    return start;
}

static gsize
part_length(const char *part, const char *end)
{
    const char *comma = memchr(part, ',', (gsize)(end - part));

    return (gsize)((comma ? comma : end) - part);
}

HvSet *
hv_set_parse(const char *text, GError **error)
{
    g_return_val_if_fail(text, NULL);

    gsize length;
    const char *part = trim(text, &length);
    const char *end = part + length;
    g_autoptr(HvSet) set = hv_set_new();

    while (length > 0) {
        gsize n = part_length(part, end);

        if (!add_part(set, part, n, error))
            return NULL;
        if (part + n == end)
            break;
        part += n + 1;
    }
    return g_steal_pointer(&set);
}

static gsize
count_words(const char *text, gsize length)
{
    gsize n_words = 1;

    for (gsize i = 0; i < length; i++)
        n_words += text[i] == ',';
    return n_words;
}

HvSet *
hv_set_parse_mask(const char *text, GError **error)
{
    g_return_val_if_fail(text, NULL);

    gsize length;
    const char *word = trim(text, &length);
    const char *end = word + length;
    gsize n_words = count_words(word, length);
    g_autoptr(HvSet) set = hv_set_new();

    if (n_words > MAX_WORDS) {
        malformed(error, word, length, "is a mask with too many words");
        return NULL;
    }
    while (length > 0) {
        gsize n = part_length(word, end);

        n_words--;
        if (!add_word(set, word, n, (guint)n_words * BITS_PER_WORD, error))
            return NULL;
        if (n_words == 0)
            break;
        word += n + 1;
    }
    return g_steal_pointer(&set);
}

char *
hv_set_to_text(const HvSet *set)
{
    GString *text = g_string_new(NULL);

    for (int first = hv_set_next(set, -1), last; first >= 0; first = hv_set_next(set, last)) {
        last = hwloc_bitmap_next_unset(set->bits, first) - 1;
        if (text->len > 0)
            g_string_append_c(text, ',');
        g_string_append_printf(text, last > first ? "%d-%d" : "%d", first, last);
    }
    return g_string_free(text, FALSE);
}

static guint32
word_at(const HvSet *set, guint index)
{
    const guint words_per_long = sizeof(gulong) * 8 / BITS_PER_WORD;

    if (!set)
        return 0;
    return (guint32)(hwloc_bitmap_to_ith_ulong(set->bits, index / words_per_long) >>
                     index % words_per_long * BITS_PER_WORD);
}

char *
hv_set_to_mask(const HvSet *set)
{
    int last = hv_set_last(set);
    guint index = last < 0 ? 0 : (guint)last / BITS_PER_WORD;
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "%x", word_at(set, index));
    while (index-- > 0)
        g_string_append_printf(text, ",%08x", word_at(set, index));
    return g_string_free(text, FALSE);
}
