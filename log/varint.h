/* Numbers of a frame: seven bits a byte, the lowest first; signed ones zigzag; bounds are
 * checked when read. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <string.h>

static inline guint64
hv_zigzag(gint64 number)
{
    return ((guint64)number << 1) ^ (guint64)(number >> 63);
}

static inline gint64
hv_unzigzag(guint64 number)
{
    return (gint64)(number >> 1) ^ -(gint64)(number & 1);
}

static inline void
hv_varint_put(GByteArray *out, guint64 number)
{
    guint8 bytes[10];
    guint n = 0;

    do {
        bytes[n] = (guint8)((number & 0x7f) | (number > 0x7f ? 0x80 : 0));
        number >>= 7;
        n++;
    } while (number > 0);
    g_byte_array_append(out, bytes, n);
}

/* Length and bytes. */
static inline void
hv_varint_put_text(GByteArray *out, const char *text)
{
    const gsize length = strlen(text);

    hv_varint_put(out, length);
    g_byte_array_append(out, (const guint8 *)text, (guint)length);
}

/* Bytes being read. @is_bad: they ended too early, or are none of a frame's; all is 0 from then
 * on. */
typedef struct {
    const guint8 *at, *end;
    gboolean is_bad;
} HvBytes;

static inline guint64
hv_varint_get(HvBytes *bytes)
{
    guint64 number = 0;

    for (guint shift = 0; shift < 64 && bytes->at < bytes->end; shift += 7) {
        const guint8 byte = *bytes->at++;

        number |= (guint64)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return number;
    }
    bytes->is_bad = TRUE;
    return 0;
}

/* A copy, owned by the caller; "" when bad. */
static inline char *
hv_varint_get_text(HvBytes *bytes)
{
    const guint64 length = hv_varint_get(bytes);
    char *text;

    if (bytes->is_bad || length > (guint64)(bytes->end - bytes->at) ||
        memchr(bytes->at, 0, length)) {
        bytes->is_bad = TRUE;
        return g_strdup("");
    }
    text = g_strndup((const char *)bytes->at, length);
    bytes->at += length;
    return text;
}
