/* Reading numbers, words and lines out of the kernel's text, in place and with limits. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/parse.h"

#include "model/error.h"

#include <string.h>

/* Bytes of a foreign text that a message repeats at most. */
#define QUOTED_BYTES 40

static gboolean
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

char *
hv_skip_blanks(char *text)
{
    while (is_blank(*text))
        text++;
    return text;
}

char *
hv_next_line(char **text)
{
    char *line = *text, *end;

    if (!line || !*line)
        return NULL;
    end = strchr(line, '\n');
    if (end) {
        *end = '\0';
        *text = end + 1;
    } else {
        *text = line + strlen(line);
    }
    return line;
}

char *
hv_next_word(char **text)
{
    char *word, *end;

    if (!*text)
        return NULL;
    word = hv_skip_blanks(*text);
    if (!*word) {
        *text = word;
        return NULL;
    }
    for (end = word; *end && !is_blank(*end); end++)
        ;
    *text = *end ? end + 1 : end;
    *end = '\0';
    return word;
}

char *
hv_chomp(char *text)
{
    gsize length = strlen(text);

    while (length > 0 && g_ascii_isspace(text[length - 1]))
        text[--length] = '\0';
    return text;
}

/* The digits at *@text, moved behind them; FALSE, with *@text unmoved, without any or over
 * @max. */
static gboolean
scan_digits(const char **text, guint base, guint64 max, guint64 *value)
{
    const char *c = *text;
    guint64 number = 0;

    for (; g_ascii_isxdigit(*c); c++) {
        guint digit = (guint)g_ascii_xdigit_value(*c);

        if (digit >= base)
            break;
        if (digit > max || number > (max - digit) / base)
            return FALSE;
        number = number * base + digit;
    }
    if (c == *text)
        return FALSE;
    *text = c;
    *value = number;
    return TRUE;
}

/* Apart from scan_digits() because the busiest parsers spend their time here. */
gboolean
hv_scan_u64(char **text, guint64 *value)
{
    char *c = *text;
    const char *sure = c + 19; /* so many digits always fit */
    guint64 number = 0;

    for (; c < sure && *c >= '0' && *c <= '9'; c++)
        number = number * 10 + (guint)(*c - '0');
    for (; *c >= '0' && *c <= '9'; c++) {
        guint digit = (guint)(*c - '0');

        if (number > (G_MAXUINT64 - digit) / 10)
            return FALSE;
        number = number * 10 + digit;
    }
    if (c == *text)
        return FALSE;
    *text = c;
    *value = number;
    return TRUE;
}

/* "…" is text from outside: what is not printable is shown as '?', and it is cut short. */
static gboolean
fail_malformed(GError **error, const char *text, const char *wanted)
{
    char quoted[QUOTED_BYTES + 1];
    guint n = 0;

    for (; text[n] && text[n] != '\n' && n < QUOTED_BYTES; n++)
        quoted[n] = g_ascii_isprint(text[n]) ? text[n] : '?';
    quoted[n] = '\0';
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, "\"%s\" is not %s", quoted, wanted);
    return FALSE;
}

static gboolean
fail_range(GError **error, const char *text, guint64 max)
{
    g_autofree char *wanted = NULL;

    if (!error) /* a tick that asks in passing allocates nothing */
        return FALSE;
    wanted = g_strdup_printf("a number up to %" G_GUINT64_FORMAT, max);
    return fail_malformed(error, text, wanted);
}

static gboolean
scan_whole(const char *text, guint base, guint64 max, guint64 *value)
{
    guint64 number;

    if (!scan_digits(&text, base, max, &number) || *text)
        return FALSE;
    *value = number;
    return TRUE;
}

gboolean
hv_parse_u64(const char *text, guint64 max, guint64 *value, GError **error)
{
    return scan_whole(text, 10, max, value) || fail_range(error, text, max);
}

gboolean
hv_parse_int(const char *text, gint64 min, gint64 max, gint64 *value, GError **error)
{
    gboolean negative = text[0] == '-';
    const char *digits = negative || text[0] == '+' ? text + 1 : text;
    guint64 limit = negative ? (guint64)G_MAXINT64 + 1 : (guint64)G_MAXINT64;
    guint64 size;
    gint64 number;

    if (scan_whole(digits, 10, limit, &size)) {
        number = negative ? (gint64)(0 - size) : (gint64)size;
        if (number >= min && number <= max) {
            *value = number;
            return TRUE;
        }
    }
    g_autofree char *wanted =
        g_strdup_printf("a number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, min, max);
    return fail_malformed(error, text, wanted);
}

gboolean
hv_parse_hex(const char *text, guint64 max, guint64 *value, GError **error)
{
    const char *digits = text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? text + 2 : text;

    return scan_whole(digits, 16, max, value) ||
           fail_malformed(error, text, "a hex number in range");
}

gboolean
hv_field_u64(const char *line, const char *name, guint64 max, guint64 *value, GError **error)
{
    gsize length = strlen(name);

    for (const char *c = line; length > 0 && (c = strstr(c, name)); c += length) {
        const char *digits = c + length + 1, *end = digits;
        guint64 number;

        if ((c != line && !is_blank(c[-1])) || c[length] != '=')
            continue;
        if (!scan_digits(&end, 10, max, &number) || (*end && !g_ascii_isspace(*end)))
            return fail_range(error, digits, max);
        *value = number;
        return TRUE;
    }
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, "no \"%s=\" there", name);
    return FALSE;
}

/* What stands behind @name at the start of a line, when @behind follows it; NULL without such a
 * line. */
static const char *
find_line(const char *text, const char *name, char behind)
{
    gsize length = strlen(name);

    while (text && *text) {
        if (strncmp(text, name, length) == 0 && text[length] == behind)
            return text + length + 1;
        text = strchr(text, '\n');
        if (text)
            text++;
    }
    return NULL;
}

/* A number, then nothing more or a unit; kB is 1024 bytes wherever the kernel writes it. */
static gboolean
read_amount(const char *text, const char *name, guint64 *value, GError **error)
{
    const char *c = text;
    guint64 number;

    while (is_blank(*c))
        c++;
    text = c;
    if (!scan_digits(&c, 10, G_MAXUINT64, &number))
        return fail_malformed(error, text, name);
    while (is_blank(*c))
        c++;
    if (strncmp(c, "kB", 2) == 0) {
        if (number > G_MAXUINT64 / 1024)
            return fail_malformed(error, text, name);
        number *= 1024;
    }
    *value = number;
    return TRUE;
}

gboolean
hv_colon_u64(const char *text, const char *name, guint64 *value, GError **error)
{
    const char *amount = find_line(text, name, ':');

    if (amount)
        return read_amount(amount, name, value, error);
    g_set_error(error, HV_ERROR, HV_ERROR_ABSENT, "no \"%s:\" there", name);
    return FALSE;
}

gboolean
hv_key_u64(const char *text, const char *name, guint64 *value, GError **error)
{
    const char *amount = find_line(text, name, ' ');

    if (amount)
        return read_amount(amount, name, value, error);
    g_set_error(error, HV_ERROR, HV_ERROR_ABSENT, "no \"%s\" there", name);
    return FALSE;
}
