/* Text cut into what fits a cell: graphemes, their widths, their stand-ins in ASCII. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/glyph.h"

#include <string.h>

#include "model/text.h"

/* Longer texts are cut: no screen is that wide. */
#define MAX_CHARS 4096

/* What looks like what. The marks of marked numbers keep their meaning: ≈ and ~ are "~". */
static const struct {
    gunichar from, to; /* a range */
    char ascii;
} lookalikes[] = {
    { 0xa0, 0xa0, ' ' },     { 0xb1, 0xb1, '~' },     { 0xb5, 0xb5, 'u' },
    { 0xb7, 0xb7, '.' },     { 0xd7, 0xd7, 'x' },     { 0xf7, 0xf7, '/' },
    { 0x3bc, 0x3bc, 'u' },   { 0x2010, 0x2015, '-' }, { 0x2018, 0x2019, '\'' },
    { 0x201c, 0x201d, '"' }, { 0x2022, 0x2022, '*' }, { 0x2026, 0x2026, '.' },
    { 0x2190, 0x2190, '<' }, { 0x2191, 0x2191, '^' }, { 0x2192, 0x2192, '>' },
    { 0x2193, 0x2193, 'v' }, { 0x21d2, 0x21d2, '>' }, { 0x2212, 0x2212, '-' },
    { 0x2248, 0x2248, '~' }, { 0x2264, 0x2264, '<' }, { 0x2265, 0x2265, '>' },
    { 0x2500, 0x2501, '-' }, { 0x2502, 0x2503, '|' }, { 0x2504, 0x2505, '-' },
    { 0x2506, 0x2507, '|' }, { 0x2508, 0x2509, '-' }, { 0x250a, 0x250b, '|' },
    { 0x250c, 0x254b, '+' }, { 0x2550, 0x2550, '=' }, { 0x2551, 0x2551, '|' },
    { 0x2552, 0x256c, '+' }, { 0x256d, 0x2570, '+' }, { 0x2581, 0x2581, '_' },
    { 0x2582, 0x2582, '.' }, { 0x2583, 0x2583, ':' }, { 0x2584, 0x2584, '-' },
    { 0x2585, 0x2585, '=' }, { 0x2586, 0x2586, '+' }, { 0x2587, 0x2587, '*' },
    { 0x2588, 0x258b, '#' }, { 0x258c, 0x258f, '|' }, { 0x2591, 0x2591, '.' },
    { 0x2592, 0x2592, ':' }, { 0x2593, 0x2593, '%' }, { 0x25a0, 0x25a1, '#' },
    { 0x25b2, 0x25b3, '^' }, { 0x25b6, 0x25b8, '>' }, { 0x25bc, 0x25be, 'v' },
    { 0x25c0, 0x25c2, '<' }, { 0x25c6, 0x25cf, '*' }, { 0x2713, 0x2714, 'v' },
    { 0x2717, 0x2718, 'x' },
};

static char
lookalike(gunichar character)
{
    for (guint i = 0; i < G_N_ELEMENTS(lookalikes); i++) {
        if (character >= lookalikes[i].from && character <= lookalikes[i].to)
            return lookalikes[i].ascii;
    }
    return '?';
}

static const char *
next_char(const char *text)
{
    return text + g_utf8_skip[(guchar)*text];
}

static gboolean
is_plain(const char *text)
{
    for (; *text; text++) {
        if (*text < 0x20 || *text > 0x7e)
            return FALSE;
    }
    return TRUE;
}

const char *
hv_glyph_safe(const char *text, char **owned)
{
    *owned = NULL;
    if (is_plain(text) || (strlen(text) <= MAX_CHARS && hv_text_is_printable(text)))
        return text;
    *owned = hv_text_printable(text, MAX_CHARS);
    return *owned;
}

/* Adds the combining marks that follow; those that do not fit are left out. */
static const char *
add_marks(const char *text, HvGlyph *out, gsize used)
{
    while ((guchar)*text >= 0x80) {
        const gunichar character = g_utf8_get_char(text);
        const char *next = next_char(text);
        const gsize n_bytes = (gsize)(next - text);

        if (!g_unichar_iszerowidth(character))
            break;
        if (used + n_bytes < HV_CELL_BYTES) {
            memcpy(out->text + used, text, n_bytes);
            used += n_bytes;
        }
        text = next;
    }
    return text;
}

gboolean
hv_glyph_next(const char **text, gboolean ascii, HvGlyph *out)
{
    const char *at = *text;

    memset(out, 0, sizeof *out);
    if (!*at)
        return FALSE;

    const gunichar base = g_utf8_get_char(at);
    const char *next = next_char(at);
    const gsize n_bytes = (gsize)(next - at);

    out->width = base >= 0x300 && g_unichar_iswide(base) ? 2 : 1;
    if (base >= 0x80 && g_unichar_iszerowidth(base)) {
        out->text[0] = ' '; /* it has nothing to stand on */
        next = add_marks(at, out, 1);
    } else {
        memcpy(out->text, at, n_bytes);
        next = add_marks(next, out, n_bytes);
    }
    if (ascii && (base >= 0x80 || out->text[1])) {
        memset(out->text, 0, sizeof out->text);
        memset(out->text, base < 0x80 ? (char)base : lookalike(base), (gsize)out->width);
    }
    *text = next;
    return TRUE;
}
