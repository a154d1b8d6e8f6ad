/* One line being typed: text, cursor, the usual editing keys. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/line.h"

#include <string.h>

void
hv_line_init(HvLine *line, const char *allowed)
{
    line->text = g_string_new(NULL);
    line->cursor = 0;
    line->allowed = allowed;
}

void
hv_line_clear(HvLine *line)
{
    if (line->text)
        g_string_free(line->text, TRUE);
    *line = (HvLine){ 0 };
}

void
hv_line_set(HvLine *line, const char *text)
{
    g_string_assign(line->text, text);
    line->cursor = line->text->len;
}

static gboolean
is_accepted(const HvLine *line, gunichar character)
{
    if (line->allowed)
        return character < 0x80 && character && strchr(line->allowed, (int)character);
    return character >= 0x20 && character < 0x110000 && g_unichar_isprint(character);
}

static void
insert(HvLine *line, gunichar character)
{
    char bytes[6];
    const int n = g_unichar_to_utf8(character, bytes);

    if (line->text->len + (gsize)n > HV_LINE_MAX)
        return;
    g_string_insert_len(line->text, (gssize)line->cursor, bytes, n);
    line->cursor += (gsize)n;
}

static gsize
before(const HvLine *line)
{
    const char *start = line->text->str,
               *at = g_utf8_find_prev_char(start, start + line->cursor);

    return at ? (gsize)(at - start) : 0;
}

static gsize
after(const HvLine *line)
{
    const char *start = line->text->str;

    return line->cursor < line->text->len
               ? (gsize)(g_utf8_find_next_char(start + line->cursor, NULL) - start)
               : line->cursor;
}

/* Deletes from @from to @to and leaves the cursor there. */
static void
cut(HvLine *line, gsize from, gsize to)
{
    g_string_erase(line->text, (gssize)from, (gssize)(to - from));
    line->cursor = from;
}

static gsize
word_start(const HvLine *line)
{
    gsize at = line->cursor;

    while (at > 0 && line->text->str[at - 1] == ' ')
        at--;
    while (at > 0 && line->text->str[at - 1] != ' ')
        at--;
    return at;
}

static gboolean
edit(HvLine *line, guint key)
{
    switch (key) {
    case HV_KEY_LEFT:
        line->cursor = before(line);
        return TRUE;
    case HV_KEY_RIGHT:
        line->cursor = after(line);
        return TRUE;
    case HV_KEY_HOME:
    case HV_KEY_CTRL + 'a':
        line->cursor = 0;
        return TRUE;
    case HV_KEY_END:
    case HV_KEY_CTRL + 'e':
        line->cursor = line->text->len;
        return TRUE;
    case HV_KEY_BACKSPACE:
        cut(line, before(line), line->cursor);
        return TRUE;
    case HV_KEY_DELETE:
        cut(line, line->cursor, after(line));
        return TRUE;
    case HV_KEY_CTRL + 'k':
        cut(line, line->cursor, line->text->len);
        return TRUE;
    case HV_KEY_CTRL + 'u':
        cut(line, 0, line->cursor);
        return TRUE;
    case HV_KEY_CTRL + 'w':
        cut(line, word_start(line), line->cursor);
        return TRUE;
    default:
        return FALSE;
    }
}

static void
paste(HvLine *line, const char *text)
{
    for (const char *at = text; *at; at = g_utf8_find_next_char(at, NULL)) {
        const gunichar character = g_utf8_get_char(at);

        if (is_accepted(line, character))
            insert(line, character);
    }
}

gboolean
hv_line_event(HvLine *line, const HvEvent *event)
{
    if (event->kind == HV_EVENT_PASTE) {
        paste(line, event->paste);
        return TRUE;
    }
    if (event->kind != HV_EVENT_KEY)
        return FALSE;
    if (edit(line, event->key))
        return TRUE;
    if (!is_accepted(line, event->key))
        return FALSE;
    insert(line, event->key);
    return TRUE;
}

/* The first byte shown, so that the text before the cursor takes less than @width columns. */
static const char *
first_shown(const HvLine *line, int width)
{
    const char *start = line->text->str;
    g_autofree char *left = g_strndup(start, line->cursor);
    const char *at = left;

    while (*at && hv_text_width(at) >= width)
        at = g_utf8_find_next_char(at, NULL);
    return start + (at - left);
}

void
hv_line_draw(const HvLine *line, HvCanvas *canvas, int x, int y, int width)
{
    const char *from = first_shown(line, width);
    g_autofree char *left = g_strndup(from, (gsize)(line->text->str + line->cursor - from));

    hv_canvas_fill(canvas, x, y, width, 1, HV_ROLE_INPUT, " ");
    hv_canvas_print_in(canvas, x, y, width, -1, HV_ROLE_INPUT, from);
    canvas->cursor_x = x + hv_text_width(left);
    canvas->cursor_y = y;
}

void
hv_line_save(const HvLine *line, HvViewOut *out)
{
    hv_view_put(out, "line", line->text->str);
    hv_view_put_number(out, "at", (gint64)line->cursor);
}

void
hv_line_load(HvLine *line, const HvViewIn *in)
{
    g_autofree char *text = hv_view_get(in, "line");
    g_autofree char *whole =
        text ? g_utf8_make_valid(text, (gssize)MIN(strlen(text), HV_LINE_MAX)) : NULL;
    const gsize at = (gsize)hv_view_number(in, "at", 0, HV_LINE_MAX);

    hv_line_set(line, whole ? whole : "");
    line->cursor = MIN(at, line->text->len);
    while (line->cursor &&
           (line->text->str[line->cursor] & 0xc0) == 0x80) /* not in mid-character */
        line->cursor--;
}
