/* Where the texts of the simulated machine's files go: into the reader's buffer, as far as it
 * wants. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/fs.h"

#include <stdio.h>
#include <string.h>

void
hv_sim_bytes(HvSimText *out, const char *text, gsize length)
{
    gsize start = out->length, end = start + length, from, to;

    out->length = end;
    if (end <= out->skip || start >= out->skip + out->size)
        return;
    from = MAX(start, out->skip);
    to = MIN(end, out->skip + out->size);
    memcpy(out->buffer + (from - out->skip), text + (from - start), to - from);
}

void
hv_sim_text(HvSimText *out, const char *text)
{
    hv_sim_bytes(out, text, strlen(text));
}

void
hv_sim_printf(HvSimText *out, const char *format, ...)
{
    char text[256];
    va_list values;
    int length;

    va_start(values, format);
    length = vsnprintf(text, sizeof text, format, values);
    va_end(values);
    if (length > 0)
        hv_sim_bytes(out, text, MIN((gsize)length, sizeof text - 1));
}

void
hv_sim_u64(HvSimText *out, guint64 value)
{
    char digits[20];
    guint start = sizeof digits;

    do {
        digits[--start] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    hv_sim_bytes(out, digits + start, sizeof digits - start);
}
