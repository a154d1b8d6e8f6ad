/* What the bytes at the front of a terminal's input mean: pure, no state. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/decode.h"

#include <string.h>

#include "tui/input-keys.h"

/* Longer control sequences are nobody's; they are passed over up to their end. */
#define MAX_CONTROL 128
#define MAX_NUMBER 100000
#define MAX_NUMBERS 4
#define ESC 0x1b

static HvDecoded
found_key(gsize n, guint key)
{
    HvDecoded found = { .n = n };

    if (key)
        found.event = (HvEvent){ .kind = HV_EVENT_KEY, .key = key };
    return found;
}

/* Reads "1;22;333" from @text up to @end. Returns how many. */
static guint
read_numbers(const guint8 *text, const guint8 *end, guint numbers[MAX_NUMBERS])
{
    guint n = 0;

    memset(numbers, 0, MAX_NUMBERS * sizeof numbers[0]);
    for (; text < end; text++) {
        if (*text == ';' && ++n == MAX_NUMBERS)
            return n;
        if (g_ascii_isdigit(*text))
            numbers[n] = MIN(numbers[n] * 10 + (guint)(*text - '0'), MAX_NUMBER);
    }
    return n + 1;
}

/* Only the left button and the wheel matter. @x, @y from 1. */
static HvEvent
mouse_event(guint button_bits, guint x, guint y, gboolean released)
{
    enum { BUTTON = 3, MOTION = 32, WHEEL = 64, MORE_BUTTONS = 128 };
    const guint button = button_bits & BUTTON;
    HvEvent event = { .kind = HV_EVENT_NONE };

    if (x == 0 || y == 0 || (button_bits & MORE_BUTTONS) ||
        button > (button_bits & WHEEL ? 1 : 0))
        return event;
    if (button_bits & WHEEL)
        event.mouse = button == 0 ? HV_MOUSE_WHEEL_UP : HV_MOUSE_WHEEL_DOWN;
    else if (released)
        event.mouse = HV_MOUSE_RELEASE;
    else
        event.mouse = button_bits & MOTION ? HV_MOUSE_DRAG : HV_MOUSE_PRESS;
    event.kind = HV_EVENT_MOUSE;
    event.x = (int)x - 1;
    event.y = (int)y - 1;
    return event;
}

/* Terminals without mode 1006: "ESC [ M" and three bytes, each 32 more than what it says;
 * button 3 is a release. */
static HvDecoded
find_old_mouse(const guint8 *bytes, gsize n, gboolean timed_out)
{
    HvDecoded found = { .n = 6 };

    if (n < found.n)
        return found_key(timed_out ? n : 0, 0);
    if (bytes[3] < 32 || bytes[4] < 32 || bytes[5] < 32)
        return found;
    const gboolean released = ((bytes[3] - 32) & (3 | 64)) == 3;
    found.event = mouse_event((guint)(bytes[3] - 32) & (released ? ~3U : ~0U), bytes[4] - 32U,
                              bytes[5] - 32U, released);
    return found;
}

/* @end: where in @bytes the final byte of "ESC [ … final" is. */
static HvDecoded
finish_control(const guint8 *bytes, gsize end)
{
    const gboolean is_plain = end == 2 || g_ascii_isdigit(bytes[2]) || bytes[2] == ';';
    const char final = (char)bytes[end];
    HvDecoded found = { .n = end + 1 };
    guint numbers[MAX_NUMBERS];
    const guint n_numbers = read_numbers(bytes + 2, bytes + end, numbers);

    /* SGR mouse (mode 1006): "ESC [ < button ; x ; y M", m when released */
    if (bytes[2] == '<' && n_numbers == 3 && (final == 'M' || final == 'm'))
        found.event = mouse_event(numbers[0], numbers[1], numbers[2], final == 'm');
    if (!is_plain) /* private: a reply to nobody's question */
        return found;
    found = found_key(found.n, hv_key_of_csi(final, numbers[0], numbers[1]));
    if (final == '~' && numbers[0] == 200)
        found.then = HV_DECODE_PASTE;
    return found;
}

/* "ESC [ parameters intermediates final" (ECMA-48 5.4). A byte that does not belong there ends
 * it, unused. */
static HvDecoded
find_control(const guint8 *bytes, gsize n, gboolean timed_out)
{
    const gboolean is_private = n > 2 && !g_ascii_isdigit(bytes[2]);

    if (n == 2)
        return timed_out ? found_key(2, '[') : found_key(0, 0); /* Alt-[ */
    if (bytes[2] == 'M')
        return find_old_mouse(bytes, n, timed_out);
    if (bytes[2] == '[') /* the Linux console */
        return n > 3 ? found_key(4, hv_key_of_linux((char)bytes[3]))
                     : found_key(timed_out ? n : 0, 0);
    for (gsize i = 2; i < n; i++) {
        if ((bytes[i] >= 0x40 && bytes[i] <= 0x7e) || (bytes[i] == '$' && !is_private))
            return finish_control(bytes, i);
        if (bytes[i] < 0x20 || bytes[i] > 0x7e)
            return found_key(i, 0);
    }
    if (n > MAX_CONTROL)
        return (HvDecoded){ .n = n, .then = HV_DECODE_CONTROL };
    return found_key(timed_out ? n : 0, 0);
}

/* "ESC O final", with a modifier as some terminals have it: "ESC O 2 A", "ESC O 1 ; 2 A". */
static HvDecoded
find_ss3(const guint8 *bytes, gsize n, gboolean timed_out)
{
    gsize end = 2;

    while (end < n && end < 8 && (g_ascii_isdigit(bytes[end]) || bytes[end] == ';'))
        end++;
    if (end == n) {
        if (timed_out)
            return n == 2 ? found_key(2, 'O') : found_key(n, 0); /* Alt-O */
        return found_key(0, 0);
    }
    if (bytes[end] < 0x20 || bytes[end] > 0x7e)
        return found_key(end, 0);
    const guint modifier = end > 2 ? bytes[end - 1] - (guint)'0' : 0;
    return found_key(end + 1, hv_key_of_ss3((char)bytes[end], modifier));
}

gboolean
hv_decode_string_end(const guint8 *bytes, gsize from, gsize n, gsize *end)
{
    for (gsize i = from; i < n; i++) {
        if (bytes[i] != '\a' && (bytes[i] != ESC || i + 1 == n))
            continue;
        *end = bytes[i] == '\a' ? i + 1 : bytes[i + 1] == '\\' ? i + 2 : i;
        return TRUE;
    }
    return FALSE;
}

static HvDecoded
find_string(const guint8 *bytes, gsize n, gboolean timed_out)
{
    gsize end;

    if (hv_decode_string_end(bytes, 2, n, &end))
        return found_key(end, 0);
    if (timed_out)
        return found_key(n, n == 2 ? bytes[1] : 0U); /* Alt-] */
    if (n <= MAX_CONTROL)
        return found_key(0, 0);
    /* the last byte may be the ESC of its end */
    return (HvDecoded){ .n = n - 1, .then = HV_DECODE_STRING };
}

/* Alt sends ESC before the key: the key counts. Two ESC are an Escape each, unless a sequence
 * follows (rxvt's Alt-Up). */
static HvDecoded
find_escape(const guint8 *bytes, gsize n, gboolean timed_out)
{
    if (n == 1)
        return timed_out ? found_key(1, HV_KEY_ESCAPE) : found_key(0, 0);
    if (bytes[1] == '[')
        return find_control(bytes, n, timed_out);
    if (bytes[1] == 'O')
        return find_ss3(bytes, n, timed_out);
    if (memchr("]P_^X", bytes[1], 5))
        return find_string(bytes, n, timed_out);
    if (bytes[1] != ESC)
        return found_key(1, 0);
    if (n == 2 && !timed_out)
        return found_key(0, 0);
    return found_key(1, n > 2 && (bytes[2] == '[' || bytes[2] == 'O') ? 0 : HV_KEY_ESCAPE);
}

static HvDecoded
find_character(const guint8 *bytes, gsize n, gboolean timed_out)
{
    const gunichar character = g_utf8_get_char_validated((const char *)bytes, (gssize)n);

    if (character == (gunichar)-2)
        return found_key(timed_out ? n : 0, 0);
    if (character == (gunichar)-1)
        return found_key(1, 0);
    return found_key((gsize)g_unichar_to_utf8(character, NULL),
                     g_unichar_isspace(character)   ? ' '
                     : g_unichar_isgraph(character) ? character
                                                    : 0);
}

HvDecoded
hv_decode(const guint8 *bytes, gsize n, gboolean timed_out)
{
    if (n == 0)
        return found_key(0, 0);
    if (bytes[0] == ESC)
        return find_escape(bytes, n, timed_out);
    if (bytes[0] < 0x20 || bytes[0] == 0x7f)
        return found_key(1, hv_key_of_control(bytes[0]));
    return find_character(bytes, n, timed_out);
}

gboolean
hv_decode_control_end(const guint8 *bytes, gsize n, gsize *end)
{
    for (*end = 0; *end < n; (*end)++) {
        if (bytes[*end] < 0x20 || bytes[*end] >= 0x40) {
            *end += bytes[*end] >= 0x40 && bytes[*end] <= 0x7e ? 1 : 0;
            return TRUE;
        }
    }
    return FALSE;
}
