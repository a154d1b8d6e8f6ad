/* Which key a control sequence stands for, and what keys are called. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/input-keys.h"

#include <string.h>

#include "model/i18n.h"

#define MODIFIER_SHIFT 2

/* Finals that mean the same after "ESC [" and "ESC O" (xterm's ctlseqs, "PC-Style Function
 * Keys"). The small letters are rxvt's arrows with Shift or Control. */
static const struct {
    char final;
    guint key, shifted;
} letters[] = {
    { 'A', HV_KEY_UP, HV_KEY_SHIFT_UP },
    { 'B', HV_KEY_DOWN, HV_KEY_SHIFT_DOWN },
    { 'C', HV_KEY_RIGHT, HV_KEY_SHIFT_RIGHT },
    { 'D', HV_KEY_LEFT, HV_KEY_SHIFT_LEFT },
    { 'F', HV_KEY_END, 0 },
    { 'H', HV_KEY_HOME, 0 },
    { 'P', HV_KEY_F1, 0 },
    { 'Q', HV_KEY_F2, 0 },
    { 'R', HV_KEY_F3, 0 },
    { 'S', HV_KEY_F4, 0 },
    { 'Z', HV_KEY_BACKTAB, 0 },
};

/* "ESC [ number ~": VT220, and 1, 4, 7, 8 as Linux, tmux and rxvt have Home and End. */
static const struct {
    guint number, key;
} numbers[] = {
    { 1, HV_KEY_HOME },    { 2, HV_KEY_INSERT },    { 3, HV_KEY_DELETE }, { 4, HV_KEY_END },
    { 5, HV_KEY_PAGE_UP }, { 6, HV_KEY_PAGE_DOWN }, { 7, HV_KEY_HOME },   { 8, HV_KEY_END },
    { 11, HV_KEY_F1 },     { 12, HV_KEY_F2 },       { 13, HV_KEY_F3 },    { 14, HV_KEY_F4 },
    { 15, HV_KEY_F5 },     { 17, HV_KEY_F6 },       { 18, HV_KEY_F7 },    { 19, HV_KEY_F8 },
    { 20, HV_KEY_F9 },     { 21, HV_KEY_F10 },      { 23, HV_KEY_F11 },   { 24, HV_KEY_F12 },
};

static const struct {
    guint key;
    const char *name;
} names[] = {
    { HV_KEY_UP, N_("Up") },
    { HV_KEY_DOWN, N_("Down") },
    { HV_KEY_LEFT, N_("Left") },
    { HV_KEY_RIGHT, N_("Right") },
    { HV_KEY_HOME, N_("Home") },
    { HV_KEY_END, N_("End") },
    { HV_KEY_PAGE_UP, N_("PgUp") },
    { HV_KEY_PAGE_DOWN, N_("PgDn") },
    { HV_KEY_INSERT, N_("Ins") },
    { HV_KEY_DELETE, N_("Del") },
    { HV_KEY_BACKSPACE, N_("Backspace") },
    { HV_KEY_TAB, N_("Tab") },
    { HV_KEY_BACKTAB, N_("Shift-Tab") },
    { HV_KEY_ENTER, N_("Enter") },
    { HV_KEY_ESCAPE, N_("Esc") },
    { HV_KEY_SHIFT_LEFT, N_("Shift-Left") },
    { HV_KEY_SHIFT_RIGHT, N_("Shift-Right") },
    { HV_KEY_SHIFT_UP, N_("Shift-Up") },
    { HV_KEY_SHIFT_DOWN, N_("Shift-Down") },
    { ' ', N_("Space") },
};

static guint
key_of_letter(char final, gboolean shifted)
{
    for (guint i = 0; i < G_N_ELEMENTS(letters); i++) {
        if (letters[i].final == final)
            return shifted && letters[i].shifted ? letters[i].shifted : letters[i].key;
    }
    return 0;
}

static guint
key_of_number(guint number)
{
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++) {
        if (numbers[i].number == number)
            return numbers[i].key;
    }
    return 0;
}

guint
hv_key_of_csi(char final, guint number, guint modifier)
{
    if (strchr("~$^@", final)) /* the last three are rxvt's, with Shift and Control */
        return key_of_number(number);
    if (final >= 'a' && final <= 'd' && number == 0)
        return key_of_letter((char)(final - 'a' + 'A'), TRUE);
    if (number > 1) /* "ESC [ 12 ; 40 R" is a report, not F3 */
        return 0;
    return key_of_letter(final, modifier == MODIFIER_SHIFT);
}

guint
hv_key_of_ss3(char final, guint modifier)
{
    static const char keypad[] = "*+,-./0123456789"; /* 'j' to 'y' */

    if (final == 'M')
        return HV_KEY_ENTER;
    if (final == 'I')
        return HV_KEY_TAB;
    if (final == 'X')
        return '=';
    if (final >= 'a' && final <= 'd')
        return key_of_letter((char)(final - 'a' + 'A'), FALSE);
    if (final >= 'j' && final <= 'y')
        return (guint)keypad[final - 'j'];
    return key_of_letter(final, modifier == MODIFIER_SHIFT);
}

guint
hv_key_of_linux(char final)
{
    return final >= 'A' && final <= 'E' ? HV_KEY_F1 + (guint)(final - 'A') : 0;
}

guint
hv_key_of_control(guchar byte)
{
    switch (byte) {
    case '\b':
    case 0x7f:
        return HV_KEY_BACKSPACE;
    case '\t':
        return HV_KEY_TAB;
    case '\n':
    case '\r':
        return HV_KEY_ENTER;
    case 0x1b:
        return HV_KEY_ESCAPE;
    default:
        return byte >= 1 && byte <= 26 ? HV_KEY_CTRL + 'a' + byte - 1U : 0;
    }
}

const char *
hv_key_name(guint key)
{
    char text[24] = "";

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        if (names[i].key == key)
            return _(names[i].name);
    }
    if (key >= HV_KEY_F1 && key <= HV_KEY_F12)
        g_snprintf(text, sizeof text, "F%u", key - HV_KEY_F1 + 1);
    else if (key >= HV_KEY_CTRL + 'a' && key <= HV_KEY_CTRL + 'z')
        g_snprintf(text, sizeof text, "Ctrl-%c", (char)(key - HV_KEY_CTRL - 'a' + 'A'));
    else if (g_unichar_validate(key) && g_unichar_isgraph(key))
        text[g_unichar_to_utf8(key, text)] = '\0';
    return g_intern_string(text);
}
