/* Numbers and sets of cpus as the kernel reads them from a write. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/kernel-text.h"

#include <errno.h>
#include <string.h>

/* The digits at *@text, moved behind them. Returns: how many there were; @overflow when they
 * do not fit. */
static guint
take_digits(const char **text, guint base, guint64 *value, gboolean *overflow)
{
    guint n = 0;

    *value = 0;
    *overflow = FALSE;
    for (int digit; (digit = g_ascii_xdigit_value(**text)) >= 0 && (guint)digit < base; n++) {
        *overflow |= __builtin_mul_overflow(*value, base, value) ||
                     __builtin_add_overflow(*value, (guint64)digit, value);
        (*text)++;
    }
    return n;
}

static gboolean
has_hex_prefix(const char *text)
{
    return text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
}

int
hv_kernel_u64(const char *text, guint base, guint64 max, guint64 *value)
{
    guint64 number;
    gboolean overflow;

    if (*text == '+')
        text++;
    if (base == 0) {
        base = *text == '0' ? 8 : 10;
        if (has_hex_prefix(text) && g_ascii_isxdigit(text[2]))
            base = 16;
    }
    if (base == 16 && has_hex_prefix(text))
        text += 2;
    if (take_digits(&text, base, &number, &overflow) == 0)
        return -EINVAL;
    if (overflow)
        return -ERANGE;
    if (*text == '\n')
        text++;
    if (*text)
        return -EINVAL;
    if (number > max)
        return -ERANGE;
    *value = number;
    return 0;
}

int
hv_kernel_int(const char *text, guint base, int *value)
{
    gboolean negative = *text == '-';
    guint64 number;
    int result = hv_kernel_u64(negative ? text + 1 : text, base,
                               (guint64)G_MAXINT + (negative ? 1 : 0), &number);

    if (result == 0)
        *value = (int)(negative ? -(gint64)number : (gint64)number);
    return result;
}

/* ---- lists ---- */

/* Part of a list: of each @group bits from @start on the first @used. */
typedef struct {
    guint64 start, end, used, group;
} Region;

static gboolean
ends_region(char c)
{
    return c == '\0' || c == ',' || g_ascii_isspace(c);
}

/* A number of a region, or N, the last bit. Returns: 0 or -errno. */
static int
take_bit(const char **text, guint64 last, guint64 *bit)
{
    gboolean overflow;

    if (**text == 'N') {
        *bit = last;
        (*text)++;
        return 0;
    }
    if (take_digits(text, 10, bit, &overflow) == 0)
        return -EINVAL;
    return overflow || *bit > G_MAXUINT ? -EOVERFLOW : 0;
}

/* The ":used/group" behind a range. Returns: 0 or -errno. */
static int
take_pattern(const char **text, guint64 last, Region *region)
{
    int result;

    if (ends_region(**text)) {
        region->used = region->group = last + 1;
        return 0;
    }
    if (*(*text)++ != ':')
        return -EINVAL;
    result = take_bit(text, last, &region->used);
    if (result < 0)
        return result;
    if (*(*text)++ != '/')
        return -EINVAL;
    return take_bit(text, last, &region->group);
}

static int
take_region(const char **text, guint64 last, Region *region)
{
    int result;

    if (g_ascii_strncasecmp(*text, "all", 3) == 0) {
        *text += 3;
        region->start = 0;
        region->end = last;
        return take_pattern(text, last, region);
    }
    result = take_bit(text, last, &region->start);
    if (result < 0)
        return result;
    if (ends_region(**text)) {
        region->end = region->start;
        region->used = region->group = last + 1;
        return 0;
    }
    if (*(*text)++ != '-')
        return -EINVAL;
    result = take_bit(text, last, &region->end);
    return result < 0 ? result : take_pattern(text, last, region);
}

int
hv_kernel_parse_list(const char *text, guint n_bits, HvSet *set)
{
    hv_set_clear(set);
    for (;;) {
        Region region;
        int result;

        while (*text == ',' || (*text != '\n' && g_ascii_isspace(*text)))
            text++;
        if (*text == '\0' || *text == '\n')
            return 0;
        result = take_region(&text, n_bits - 1, &region);
        if (result < 0)
            return result;
        if (region.start > region.end || region.group == 0 || region.used > region.group)
            return -EINVAL;
        if (region.end >= n_bits)
            return -ERANGE;
        for (guint64 bit = region.start; bit <= region.end; bit++)
            if ((bit - region.start) % region.group < region.used)
                hv_set_add(set, (guint)bit);
    }
}

/* ---- masks ---- */

/* The 32 bits whose last digit is text[*end - 1]; moves *@end before them. */
static int
take_word_backwards(const char *text, gsize *end, guint32 *word)
{
    *word = 0;
    for (guint shift = 0; shift < 32; shift += 4) {
        int digit = g_ascii_xdigit_value(text[--*end]);

        if (digit < 0)
            return -EINVAL;
        *word |= (guint32)digit << shift;
        if (*end == 0 || ends_region(text[*end - 1]))
            return 0;
    }
    return g_ascii_isxdigit(text[*end - 1]) ? -EOVERFLOW : 0;
}

int
hv_kernel_parse_mask(const char *text, guint n_bits, HvSet *set)
{
    gsize end = strcspn(text, "\n");

    hv_set_clear(set);
    for (guint first = 0;; first += 32) {
        guint32 word;
        int result;

        while (end > 0 && ends_region(text[end - 1]))
            end--;
        if (end == 0)
            return 0;
        if (first >= n_bits)
            return -EOVERFLOW;
        result = take_word_backwards(text, &end, &word);
        if (result < 0)
            return result;
        for (; word; word &= word - 1)
            hv_set_add(set, first + (guint)__builtin_ctz(word));
        if (hv_set_last(set) >= (int)n_bits)
            return -EOVERFLOW;
    }
}
