/* Many numbers of about one size in few bits: Golomb-Rice, its parameter follows the numbers.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/frame-numbers.h"

#define MOST_ONES 20      /* then a number is told by its length */
#define MOST_BYTES 12     /* of one: those ones, the length, 64 bits */
#define WEIGHT 16         /* of the numbers so far against the next one */
#define MOST_WEIGHED 50   /* bits of a number that go into the mean */
#define LENGTH_BITS 6     /* of a length less 1 */
#define MOST_PARAMETER 41 /* to begin with */

/* The mean of the last numbers, times WEIGHT. */
typedef guint64 Mean;

static guint
length_of(guint64 number)
{
    return number ? 64 - (guint)__builtin_clzll(number) : 0;
}

static Mean
mean_begin(guint parameter)
{
    return (Mean)WEIGHT << parameter;
}

static guint
mean_parameter(Mean mean)
{
    const guint length = length_of(mean / WEIGHT);

    return length ? length - 1 : 0;
}

static Mean
mean_next(Mean mean, guint64 number)
{
    return mean - mean / WEIGHT + MIN(number, G_GUINT64_CONSTANT(1) << MOST_WEIGHED);
}

/* ---- writing ---- */

typedef struct {
    guint8 *at;
    guint64 bits; /* not yet written, the first one lowest */
    guint n;      /* of them, less than 8 between calls */
} Writer;

static void
write_bits(Writer *to, guint64 bits, guint n)
{
    to->bits |= bits << to->n;
    to->n += n;
    while (to->n >= 8) {
        *to->at++ = (guint8)to->bits;
        to->bits >>= 8;
        to->n -= 8;
    }
}

/* Any length up to 64. */
static void
write_long(Writer *to, guint64 bits, guint n)
{
    if (n > 32) {
        write_bits(to, bits & G_MAXUINT32, 32);
        bits >>= 32;
        n -= 32;
    }
    write_bits(to, n < 64 ? bits & ((G_GUINT64_CONSTANT(1) << n) - 1) : bits, n);
}

static void
write_number(Writer *to, guint64 number, guint parameter)
{
    const guint64 ones = number >> parameter;
    const guint length = MAX(length_of(number), 1u);

    if (ones < MOST_ONES) {
        write_bits(to, (G_GUINT64_CONSTANT(1) << ones) - 1, (guint)ones + 1);
        write_long(to, number, parameter);
        return;
    }
    write_bits(to, (G_GUINT64_CONSTANT(1) << MOST_ONES) - 1, MOST_ONES);
    write_bits(to, length - 1, LENGTH_BITS);
    write_long(to, number, length);
}

/* What the first numbers are told with. */
static guint
first_parameter(const guint64 *numbers, guint n)
{
    guint64 sum = 0;

    for (guint i = 0; i < n; i++)
        sum += MIN(numbers[i], G_GUINT64_CONSTANT(1) << 40) / n;
    return length_of(sum) ? length_of(sum) - 1 : 0;
}

void
hv_numbers_put(GByteArray *out, const guint64 *numbers, guint n)
{
    const guint begin = out->len, parameter = first_parameter(numbers, n);
    Mean mean = mean_begin(parameter);
    Writer to = { 0 };

    if (n == 0)
        return;
    g_byte_array_set_size(out, begin + 2 + n * MOST_BYTES);
    to.at = out->data + begin;
    *to.at++ = (guint8)parameter;
    for (guint i = 0; i < n; i++) {
        write_number(&to, numbers[i], mean_parameter(mean));
        mean = mean_next(mean, numbers[i]);
    }
    if (to.n > 0)
        *to.at++ = (guint8)to.bits;
    g_byte_array_set_size(out, (guint)(to.at - out->data));
}

/* ---- reading ---- */

typedef struct {
    HvBytes *bytes;
    guint64 bits;
    guint n;
} Reader;

/* As many bits as there is room for: 57 at least, less only at the end. */
static void
fill(Reader *from)
{
    while (from->n <= 56 && from->bytes->at < from->bytes->end) {
        from->bits |= (guint64)*from->bytes->at++ << from->n;
        from->n += 8;
    }
}

/* At most 32; 0 behind the end, which is then bad. */
static guint64
read_bits(Reader *from, guint n)
{
    guint64 bits;

    if (from->n < n)
        fill(from);
    if (from->n < n) {
        from->bytes->is_bad = TRUE;
        return 0;
    }
    bits = from->bits & ((G_GUINT64_CONSTANT(1) << n) - 1);
    from->bits >>= n;
    from->n -= n;
    return bits;
}

static guint64
read_long(Reader *from, guint n)
{
    guint64 low;

    if (n <= 32)
        return read_bits(from, n);
    low = read_bits(from, 32);
    return low | read_bits(from, n - 32) << 32;
}

static guint64
read_number(Reader *from, guint parameter)
{
    guint ones;

    if (from->n < 32)
        fill(from);
    ones = (guint)__builtin_ctzll(~from->bits | G_GUINT64_CONSTANT(1) << MOST_ONES);
    read_bits(from, ones < MOST_ONES ? ones + 1 : MOST_ONES);
    if (ones < MOST_ONES)
        return (guint64)ones << parameter | read_long(from, parameter);
    return read_long(from, (guint)read_bits(from, LENGTH_BITS) + 1);
}

void
hv_numbers_get(HvBytes *bytes, guint64 *numbers, guint n)
{
    Reader from = { .bytes = bytes };
    Mean mean;

    if (n == 0)
        return;
    if (bytes->at == bytes->end || *bytes->at > MOST_PARAMETER) {
        bytes->is_bad = TRUE;
        return;
    }
    mean = mean_begin(*bytes->at++);
    for (guint i = 0; i < n && !bytes->is_bad; i++) {
        numbers[i] = read_number(&from, mean_parameter(mean));
        mean = mean_next(mean, numbers[i]);
    }
    bytes->at -= from.n / 8; /* read too early */
}
