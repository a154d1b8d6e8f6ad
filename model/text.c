/* Text from outside made safe to show; numbers made short. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/text.h"

#include <math.h>
#include <string.h>

#include "model/i18n.h"

#define ELLIPSIS "…"
#define MAX_PIECE 16 /* bytes of "\u{10ffff}", or of one character */
#define NS_PER_US 1000
#define NS_PER_MS (1000 * NS_PER_US)
#define NS_PER_S (1000 * (gint64)NS_PER_MS)

/* Letters and marks that Unicode has us leave invisible ("default ignorable"), though their
 * class says otherwise. */
static const struct {
    gunichar first, last;
} invisible[] = {
    { 0x034f, 0x034f }, { 0x115f, 0x1160 }, { 0x17b4, 0x17b5 },
    { 0x180b, 0x180f }, { 0x2800, 0x2800 }, { 0x3164, 0x3164 },
    { 0xfe00, 0xfe0f }, { 0xffa0, 0xffa0 }, { 0xe0100, 0xe01ef },
};

static gboolean
is_invisible(gunichar c)
{
    for (guint i = 0; i < G_N_ELEMENTS(invisible); i++)
        if (c >= invisible[i].first && c <= invisible[i].last)
            return TRUE;
    return FALSE;
}

/* FORMAT has the bidi marks, overrides and isolates, the zero-width ones, the soft hyphen, the
 * tags. */
static gboolean
is_unsafe(gunichar c, gboolean is_first)
{
    static const guint unsafe_types =
        1u << G_UNICODE_CONTROL | 1u << G_UNICODE_FORMAT | 1u << G_UNICODE_UNASSIGNED |
        1u << G_UNICODE_PRIVATE_USE | 1u << G_UNICODE_SURROGATE |
        1u << G_UNICODE_LINE_SEPARATOR | 1u << G_UNICODE_PARAGRAPH_SEPARATOR;

    if (c < 0x7f)
        return c < 0x20;
    if (unsafe_types >> g_unichar_type(c) & 1)
        return TRUE;
    /* a mark at the start would sit on a character of ours */
    return (is_first && g_unichar_ismark(c)) || is_invisible(c);
}

/* Takes one character, or one byte that is in none, from *@text; @piece gets what to show.
 * TRUE: as it was. */
static gboolean
next_piece(const char **text, gboolean is_first, char piece[MAX_PIECE])
{
    gunichar c = g_utf8_get_char_validated(*text, -1);

    if (c == (gunichar)-1 || c == (gunichar)-2) {
        g_snprintf(piece, MAX_PIECE, "\\x%02x", (guint)(guchar) * *text);
        *text += 1;
        return FALSE;
    }

    gsize length = (gsize)g_utf8_skip[(guchar) * *text];
    gboolean safe = !is_unsafe(c, is_first);

    if (safe) {
        memcpy(piece, *text, length);
        piece[length] = '\0';
    } else {
        g_snprintf(piece, MAX_PIECE, c < 0x80 ? "\\x%02x" : "\\u{%x}", (guint)c);
    }
    *text += length;
    return safe;
}

char *
hv_text_printable(const char *bytes, gsize max_chars)
{
    GString *out = g_string_new(NULL);
    const char *p = bytes ? bytes : "";
    gsize n_chars = 0;
    gsize cut = 0; /* where "…" still fits */

    while (*p) {
        char piece[MAX_PIECE];

        next_piece(&p, out->len == 0, piece);
        n_chars += (gsize)g_utf8_strlen(piece, -1);
        if (n_chars > max_chars) {
            g_string_truncate(out, cut);
            if (max_chars > 0)
                g_string_append(out, ELLIPSIS);
            break;
        }
        g_string_append(out, piece);
        if (n_chars < max_chars)
            cut = out->len;
    }
    return g_string_free(out, FALSE);
}

gboolean
hv_text_is_printable(const char *bytes)
{
    const char *p = bytes ? bytes : "";

    while (*p) {
        char piece[MAX_PIECE];

        if (!next_piece(&p, p == bytes, piece))
            return FALSE;
    }
    return TRUE;
}

/* Copies what fits of @text without cutting a character in two. */
static void
put(char *out, gsize size, const char *text)
{
    const char *end;

    if (size == 0)
        return;
    g_strlcpy(out, text, size);
    if (!g_utf8_validate(out, -1, &end))
        out[end - out] = '\0';
}

static void
put_number(char *out, gsize size, const char *format, double number, const char *unit)
{
    char digits[G_ASCII_DTOSTR_BUF_SIZE];
    char text[G_ASCII_DTOSTR_BUF_SIZE + 16];

    g_ascii_formatd(digits, sizeof digits, format, number);
    g_snprintf(text, sizeof text, "%s%s", digits, unit);
    put(out, size, text);
}

/* Three digits at most, one after the point below 100: "3.2", "41.5", "412". */
static void
put_short(char *out, gsize size, double number, const char *unit)
{
    put_number(out, size, fabs(number) < 99.95 ? "%.1f" : "%.0f", number, unit);
}

/* The largest of @units that leaves at least 1 when rounded to three digits; divides *@number
 * by @base for each. */
static const char *
pick_unit(double *number, double base, const char *const *units)
{
    guint i = 0;

    for (; units[i + 1] && fabs(*number) >= base - 0.5; i++)
        *number /= base;
    return units[i];
}

void
hv_text_bytes(char *out, gsize size, double bytes)
{
    static const char *const units[] = { "B", "K", "M", "G", "T", "P", "E", NULL };

    if (!isfinite(bytes)) {
        put(out, size, "?");
        return;
    }

    const char *unit = pick_unit(&bytes, 1024, units);

    if (unit == units[0])
        put_number(out, size, "%.0f", bytes, unit);
    else
        put_short(out, size, bytes, unit);
}

void
hv_text_number(char *out, gsize size, double number)
{
    static const char *const units[] = { "", "k", "M", "G", "T", "P", "E", NULL };

    if (!isfinite(number)) {
        put(out, size, "?");
    } else if (fabs(number) < 9999.5) {
        gboolean is_whole = fabs(number - rint(number)) < 1e-9 || fabs(number) >= 99.95;

        put_number(out, size,
                   is_whole               ? "%.0f"
                   : fabs(number) < 0.095 ? "%.2f"
                                          : "%.1f",
                   number, "");
    } else {
        const char *unit = pick_unit(&number, 1000, units);

        put_short(out, size, number, unit);
    }
}

/* Below a minute: one digit after the point only where it tells something. */
static void
put_seconds(char *out, gsize size, gint64 ns, gint64 unit_ns, const char *unit)
{
    gint64 tenths = ns / (unit_ns / 10);

    if (tenths < 100 && tenths % 10 != 0)
        put_number(out, size, "%.1f", (double)tenths / 10, unit);
    else
        put_number(out, size, "%.0f", (double)(tenths / 10), unit);
}

void
hv_text_duration(char *out, gsize size, gint64 ns)
{
    char text[64];
    gint64 minutes = ns / (60 * NS_PER_S);

    if (ns < 0) {
        put(out, size, "?");
    } else if (ns < NS_PER_US) {
        put_number(out, size, "%.0f", (double)ns, ns == 0 ? " s" : " ns");
    } else if (ns < NS_PER_MS) {
        put_seconds(out, size, ns, NS_PER_US, " us");
    } else if (ns < NS_PER_S) {
        put_seconds(out, size, ns, NS_PER_MS, " ms");
    } else if (minutes == 0) {
        put_seconds(out, size, ns, NS_PER_S, " s");
    } else {
        if (minutes < 60)
            g_snprintf(text, sizeof text, "%d min", (int)minutes);
        else if (minutes < 48 * 60)
            g_snprintf(text, sizeof text, "%d h %02d", (int)(minutes / 60),
                       (int)(minutes % 60));
        else
            g_snprintf(text, sizeof text, "%" G_GINT64_FORMAT " d", minutes / (24 * 60));
        put(out, size, text);
    }
}

static void
put_percent(char *out, gsize size, double percent)
{
    put_number(out, size, fabs(percent) < 9.95 ? "%.1f" : "%.0f", percent, "%");
}

/* From a tenth of a unit on, as memory bandwidth is read: "0.5 GB/s", not "500 MB/s". */
static void
put_scaled(char *out, gsize size, double number, const char *const *units)
{
    guint i = 0;

    for (; units[i + 1] && fabs(number) >= 99.5; i++)
        number /= 1000;
    if (i == 0)
        put_number(out, size, "%.0f", number, units[i]);
    else
        put_short(out, size, number, units[i]);
}

static void
put_duration(char *out, gsize size, double number, double unit_ns)
{
    double ns = number * unit_ns;

    hv_text_duration(out, size, ns < (double)G_MAXINT64 ? (gint64)ns : G_MAXINT64);
}

static void
put_by_unit(char *out, gsize size, HvUnit unit, double number)
{
    static const char *const bandwidths[] = {
        " B/s", " kB/s", " MB/s", " GB/s", NULL
    };
    static const char *const frequencies[] = { " Hz", " kHz", " MHz", " GHz", NULL };

    switch (unit) {
    case HV_UNIT_BYTES:
        hv_text_bytes(out, size, number);
        break;
    case HV_UNIT_BYTES_PER_S:
        put_scaled(out, size, number, bandwidths);
        break;
    case HV_UNIT_NS:
        put_duration(out, size, number, 1);
        break;
    case HV_UNIT_US:
        put_duration(out, size, number, NS_PER_US);
        break;
    case HV_UNIT_MS:
        put_duration(out, size, number, NS_PER_MS);
        break;
    case HV_UNIT_S:
        put_duration(out, size, number, (double)NS_PER_S);
        break;
    case HV_UNIT_RATIO:
        put_percent(out, size, number * 100);
        break;
    case HV_UNIT_PCT:
        put_percent(out, size, number);
        break;
    case HV_UNIT_HZ:
        put_scaled(out, size, number, frequencies);
        break;
    case HV_UNIT_NONE:
    case HV_UNIT_COUNT:
    case HV_UNIT_PER_S:
        hv_text_number(out, size, number);
        break;
    }
}

static void
put_text(char *out, gsize size, const char *text)
{
    g_autofree char *safe = NULL;

    if (!hv_text_is_printable(text))
        text = safe = hv_text_printable(text, size);
    put(out, size, text);
}

/* An identity or a plain number without a unit is shown whole. */
static void
put_value(char *out, gsize size, const HvTable *table, guint row, int column)
{
    const HvColumn *about = &hv_table_schema(table)->columns[column];
    char digits[32];
    guint64 integer;
    double number = 0;

    if (hv_kind_is_text(about->kind)) {
        put_text(out, size, hv_table_text(table, row, column));
    } else if (!hv_table_u64(table, row, column, &integer)) {
        hv_table_f64(table, row, column, &number);
        put_by_unit(out, size, about->unit, number);
    } else if (about->kind == HV_KIND_BOOL) {
        put(out, size, integer ? _("yes") : _("no"));
    } else if (about->unit == HV_UNIT_NONE) {
        g_snprintf(digits, sizeof digits, "%" G_GUINT64_FORMAT, integer);
        put(out, size, digits);
    } else {
        put_by_unit(out, size, about->unit, (double)integer);
    }
}

/* Where @out is too small for the word, its first letters. */
static void
put_word(char *out, gsize size, const char *word, const char *narrow)
{
    put(out, size, strlen(word) < size ? word : narrow);
}

void
hv_text_cell(char *out, gsize size, const HvTable *table, guint row, int column, gboolean ascii)
{
    gsize used = 0;

    switch (hv_table_mark(table, row, column)) {
    case HV_MARK_ABSENT:
        put(out, size, ascii ? "-" : "–");
        return;
    case HV_MARK_DENIED:
        put_word(out, size, _("denied"), _("den"));
        return;
    case HV_MARK_FAILED:
        put_word(out, size, _("failed"), _("fail"));
        return;
    case HV_MARK_UNAVAILABLE:
        put(out, size, "?");
        return;
    case HV_MARK_ESTIMATED:
        put(out, size, ascii ? "~" : "≈");
        used = strlen(out);
        break;
    case HV_MARK_SCALED:
        put(out, size, "~");
        used = strlen(out);
        break;
    case HV_MARK_MEASURED:
        break;
    }
    put_value(out + used, size - used, table, row, column);
}
