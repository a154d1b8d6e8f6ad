/* Typed values of knobs: one text form each, read strictly and written canonically. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/value.h"

#include "model/error.h"
#include "model/i18n.h"
#include "model/text.h"

#include <string.h>

/* The longest text of a value: a list of every other cpu of 4,096 takes 12 KiB. */
#define MAX_TEXT_BYTES 65536
/* How much of a wrong text a message repeats. */
#define SHOWN_CHARS 60

static const struct {
    char letter;
    guint shift;
} size_units[] = { { 'T', 40 }, { 'G', 30 }, { 'M', 20 }, { 'K', 10 } };

void
hv_value_clear(HvValue *value)
{
    hv_set_free(value->set);
    g_free(value->text);
    *value = (HvValue){ 0 };
}

void
hv_value_copy(HvValue *to, const HvValue *from)
{
    HvValue copy = *from;

    if (to == from)
        return;
    copy.set = hv_set_copy(from->set);
    copy.text = g_strdup(from->text);
    hv_value_clear(to);
    *to = copy;
}

void
hv_value_set_number(HvValue *value, HvType type, guint64 number)
{
    hv_value_clear(value);
    value->type = type;
    value->number = number;
}

void
hv_value_set_word(HvValue *value, const char *word)
{
    char *copy = g_strdup(word);

    hv_value_clear(value);
    value->type = HV_TYPE_WORD;
    value->text = copy;
}

void
hv_value_take_set(HvValue *value, HvType type, HvSet *take_set)
{
    hv_value_clear(value);
    value->type = type;
    value->set = take_set;
}

static gboolean
sets_equal(const HvSet *a, const HvSet *b)
{
    return a && b ? hv_set_equal(a, b) : a == b;
}

gboolean
hv_value_equal(const HvValue *a, const HvValue *b)
{
    if (a->type != b->type)
        return FALSE;
    switch (a->type) {
    case HV_TYPE_NOTHING:
        return TRUE;
    case HV_TYPE_CPUS:
    case HV_TYPE_NODES:
        return !a->mixed == !b->mixed && sets_equal(a->set, b->set);
    case HV_TYPE_LIMIT:
        return !a->none == !b->none && (a->none || a->number == b->number);
    case HV_TYPE_WORD:
        return !a->mixed == !b->mixed && g_strcmp0(a->text, b->text) == 0;
    case HV_TYPE_U64:
    case HV_TYPE_SIZE:
    case HV_TYPE_PERCENT:
    case HV_TYPE_SWITCH:
    case HV_TYPE_MASK:
        return a->number == b->number;
    }
    return FALSE;
}

static char *
size_to_text(guint64 bytes)
{
    for (guint i = 0; i < G_N_ELEMENTS(size_units); i++) {
        const guint shift = size_units[i].shift;

        if (bytes && (bytes >> shift) << shift == bytes)
            return g_strdup_printf("%" G_GUINT64_FORMAT "%c", bytes >> shift,
                                   size_units[i].letter);
    }
    return g_strdup_printf("%" G_GUINT64_FORMAT, bytes);
}

static char *
set_to_text(const HvValue *value)
{
    g_autofree char *list = value->set ? hv_set_to_text(value->set) : g_strdup("");

    return value->mixed ? g_strconcat(list, " (mixed)", NULL) : g_steal_pointer(&list);
}

char *
hv_value_to_text(const HvValue *value)
{
    switch (value->type) {
    case HV_TYPE_NOTHING:
        return g_strdup("-");
    case HV_TYPE_CPUS:
    case HV_TYPE_NODES:
        return set_to_text(value);
    case HV_TYPE_SIZE:
        return size_to_text(value->number);
    case HV_TYPE_PERCENT:
        return g_strdup_printf("%" G_GUINT64_FORMAT "%%", value->number);
    case HV_TYPE_SWITCH:
        return g_strdup(value->number ? "on" : "off");
    case HV_TYPE_WORD:
        return value->mixed ? g_strdup("mixed") : g_strdup(value->text ? value->text : "");
    case HV_TYPE_MASK:
        return g_strdup_printf("%" G_GINT64_MODIFIER "x", value->number);
    case HV_TYPE_LIMIT:
        if (value->none)
            return g_strdup("none");
        return g_strdup_printf("%" G_GUINT64_FORMAT, value->number);
    case HV_TYPE_U64:
        return g_strdup_printf("%" G_GUINT64_FORMAT, value->number);
    }
    return g_strdup("-");
}

/* Says what was found and what belongs there. Always FALSE. */
static gboolean
malformed(GError **error, const char *text, const char *wanted)
{
    g_autofree char *shown = hv_text_printable(text, SHOWN_CHARS);

    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("\"%s\" is not %s"), shown, wanted);
    return FALSE;
}

static gboolean
parse_set(HvValue *value, HvType type, const char *text, GError **error)
{
    const gboolean cpus = type == HV_TYPE_CPUS;
    const char *wanted = cpus ? _("a list of cpus like 0-3,8") : _("a list of nodes like 0-1");
    g_autoptr(HvSet) set = NULL;

    if (!*text) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED,
                            cpus ? _("an empty list of cpus") : _("an empty list of nodes"));
        return FALSE;
    }
    if (text[strspn(text, "0123456789,-")])
        return malformed(error, text, wanted);
    set = hv_set_parse(text, error);
    if (!set)
        return FALSE;
    if (hv_set_is_empty(set)) /* "," names nothing */
        return malformed(error, text, wanted);
    hv_value_take_set(value, type, g_steal_pointer(&set));
    return TRUE;
}

static gboolean
parse_digits(const char *text, guint64 max, guint64 *number)
{
    return g_ascii_isdigit(*text) && g_ascii_string_to_unsigned(text, 10, 0, max, number, NULL);
}

static gboolean
parse_size(const char *text, guint64 *bytes)
{
    const gsize whole = strlen(text);
    const gsize length = g_str_has_suffix(text, "iB") ? whole - 2 : whole; /* 24MiB is 24M */
    g_autofree char *digits = NULL;

    for (guint i = 0; length > 0 && i < G_N_ELEMENTS(size_units); i++) {
        if (text[length - 1] != size_units[i].letter)
            continue;
        digits = g_strndup(text, length - 1);
        if (!parse_digits(digits, G_MAXUINT64 >> size_units[i].shift, bytes))
            return FALSE;
        *bytes <<= size_units[i].shift;
        return TRUE;
    }
    return parse_digits(text, G_MAXUINT64, bytes);
}

static gboolean
parse_percent(const char *text, guint64 *percent)
{
    const gsize length = strlen(text);
    g_autofree char *digits = length > 1 ? g_strndup(text, length - 1) : NULL;

    return digits && text[length - 1] == '%' && parse_digits(digits, 100, percent);
}

static void
set_number(HvValue *value, HvType type, guint64 number, gboolean none)
{
    hv_value_clear(value);
    value->type = type;
    value->number = number;
    value->none = none;
}

/* A name of something: printable, and none of the marks that text forms use. */
static gboolean
is_free_word(const char *text)
{
    for (const char *byte = text; *byte; byte++)
        if (g_ascii_iscntrl(*byte) || *byte == '/')
            return FALSE;
    return *text && g_utf8_validate(text, -1, NULL);
}

static gboolean
parse_word(HvValue *value, const char *const *words, const char *text, GError **error)
{
    g_autoptr(GString) all = g_string_new(NULL);
    g_autofree char *wanted = NULL;

    if (words ? g_strv_contains(words, text) : is_free_word(text)) {
        g_autofree char *word = g_strdup(text);

        set_number(value, HV_TYPE_WORD, 0, FALSE);
        value->text = g_steal_pointer(&word);
        return TRUE;
    }
    for (guint i = 0; words && words[i]; i++)
        g_string_append_printf(all, " %s", words[i]);
    wanted = words ? g_strdup_printf(_("one of:%s"), all->str) : g_strdup(_("a name"));
    return malformed(error, text, wanted);
}

static gboolean
parse_number(HvValue *value, HvType type, const char *text, GError **error)
{
    guint64 number = 0;
    const gboolean none = type == HV_TYPE_LIMIT && strcmp(text, "none") == 0;
    const char *wanted = _("a whole number");
    gboolean good = FALSE;

    if (type == HV_TYPE_SIZE) {
        wanted = _("a size like 4096, 24M or 2G");
        good = parse_size(text, &number);
    } else if (type == HV_TYPE_PERCENT) {
        wanted = _("a percentage like 75%");
        good = parse_percent(text, &number);
    } else if (type == HV_TYPE_MASK) {
        wanted = _("a mask in hex, like ff0");
        good = g_ascii_isxdigit(*text) &&
               g_ascii_string_to_unsigned(text, 16, 0, G_MAXUINT64, &number, NULL);
    } else if (type == HV_TYPE_SWITCH) {
        wanted = _("on or off");
        number = strcmp(text, "on") == 0;
        good = number || strcmp(text, "off") == 0;
    } else {
        wanted = type == HV_TYPE_LIMIT ? _("a whole number or none") : wanted;
        good = none || parse_digits(text, G_MAXUINT64, &number);
    }
    if (!good)
        return malformed(error, text, wanted);
    set_number(value, type, number, none);
    return TRUE;
}

gboolean
hv_value_parse(HvValue *value, HvType type, const char *const *words, const char *text,
               GError **error)
{
    if (strlen(text) > MAX_TEXT_BYTES) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("a value of more than %d bytes"),
                    MAX_TEXT_BYTES);
        return FALSE;
    }
    switch (type) {
    case HV_TYPE_CPUS:
    case HV_TYPE_NODES:
        return parse_set(value, type, text, error);
    case HV_TYPE_WORD:
        return parse_word(value, words, text, error);
    case HV_TYPE_U64:
    case HV_TYPE_SIZE:
    case HV_TYPE_PERCENT:
    case HV_TYPE_LIMIT:
    case HV_TYPE_SWITCH:
    case HV_TYPE_MASK:
        return parse_number(value, type, text, error);
    case HV_TYPE_NOTHING:
        break;
    }
    return malformed(error, text, _("wanted: this knob takes no value"));
}
