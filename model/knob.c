/* Knob paths: names made safe for a path, globs, the family behind a path, and the line a
 * person would type. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/knob.h"

#include "model/error.h"
#include "model/i18n.h"
#include "model/text.h"

#include <stdarg.h>
#include <string.h>

/* A libvirt name may be long, three of them are not a path. */
#define MAX_PATH_BYTES 4096
#define SHOWN_CHARS 80
/* A group's directory may be called as the root group is; no name ends with a slash. */
#define ESCAPED_DEFAULT "%64efault"
#define NOT_THE_DEFAULT "default/"
/* How many families an error names. */
#define MAX_NEAREST 4

static gboolean
is_plain(char byte)
{
    return g_ascii_isalnum(byte) || (byte && strchr("._+@:-", byte));
}

char *
hv_knob_escape(const char *name)
{
    GString *out = g_string_sized_new(strlen(name));

    for (const char *at = name; *at; at++) {
        if (is_plain(*at))
            g_string_append_c(out, *at);
        else
            g_string_append_printf(out, "%%%02X", (guint)(guchar)*at);
    }
    return g_string_free(out, FALSE);
}

/* The byte of "%XX" at @text, or -1. NUL is no byte of a name. */
static int
escaped_byte(const char *text)
{
    const int high = g_ascii_xdigit_value(text[1]);
    const int low = high < 0 ? -1 : g_ascii_xdigit_value(text[2]);

    return low < 0 || high + low == 0 ? -1 : high * 16 + low;
}

static char *
malformed_segment(const char *segment, const char *why, GError **error)
{
    g_autofree char *shown = hv_text_printable(segment, SHOWN_CHARS);

    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("\"%s\": %s"), shown, why);
    return NULL;
}

char *
hv_knob_unescape(const char *segment, GError **error)
{
    g_autoptr(GString) out = g_string_sized_new(strlen(segment));

    if (!*segment)
        return malformed_segment(segment, _("an empty part of a knob's path"), error);
    for (const char *at = segment; *at; at++) {
        int byte = (guchar)*at;

        if (*at == '%') {
            byte = escaped_byte(at);
            if (byte < 0)
                return malformed_segment(
                    segment, _("% must be followed by two hex digits, not 00"), error);
            at += 2;
        } else if (*at == '/' || *at == '*' || g_ascii_iscntrl(*at)) {
            return malformed_segment(
                segment, _("/, * and control characters of a name are written %XX"), error);
        }
        g_string_append_c(out, (char)byte);
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

char *
hv_knob_path(const char *first, ...)
{
    GString *path = g_string_new(NULL);
    va_list arguments;

    va_start(arguments, first);
    for (const char *segment = first; segment; segment = va_arg(arguments, const char *)) {
        g_autofree char *escaped = hv_knob_escape(segment);

        if (path->len)
            g_string_append_c(path, '/');
        g_string_append(path, escaped);
    }
    va_end(arguments);
    return g_string_free(path, FALSE);
}

/* One part of the glob against all ends of @path at once: @reached[i] says whether the glob so
 * far matches the first i bytes. Costs glob × path steps, whatever the stars. */
static void
match_star(guint8 *reached, const char *path, gsize length, gboolean crosses)
{
    for (gsize i = 0; i < length; i++) {
        if (reached[i] && (crosses || path[i] != '/'))
            reached[i + 1] = 1;
    }
}

static void
match_byte(guint8 *reached, const char *path, gsize length, char byte)
{
    for (gsize i = length; i > 0; i--)
        reached[i] = reached[i - 1] && path[i - 1] == byte;
    reached[0] = 0;
}

gboolean
hv_knob_glob_match(const char *glob, const char *path)
{
    const gsize length = strlen(path);
    g_autofree guint8 *reached = NULL;

    if (length > MAX_PATH_BYTES || strlen(glob) > MAX_PATH_BYTES)
        return FALSE;
    reached = g_new0(guint8, length + 1);
    reached[0] = 1;
    for (const char *at = glob; *at; at++) {
        const gboolean crosses = at[0] == '*' && at[1] == '*';

        if (*at == '*')
            match_star(reached, path, length, crosses);
        else
            match_byte(reached, path, length, *at);
        at += crosses;
    }
    return reached[length] != 0;
}

gboolean
hv_knob_is_glob(const char *text)
{
    return strchr(text, '*') != NULL;
}

/* How many leading segments of a family's path @segments fit; all of both: G_MAXUINT. */
static guint
family_fit(const HvKnobFamily *family, char **segments)
{
    g_auto(GStrv) pattern = g_strsplit(family->path, "/", -1);
    guint i = 0;

    while (pattern[i] && segments[i] &&
           (strcmp(pattern[i], "*") == 0 || strcmp(pattern[i], segments[i]) == 0))
        i++;
    return !pattern[i] && !segments[i] ? G_MAXUINT : i;
}

typedef struct {
    const HvTuner *tuner;
    const HvKnobFamily *family;
    guint best;
    GString *nearest; /* paths of the families that fit best */
    guint n_nearest;
} Search;

static void
note_nearest(Search *search, const HvKnobFamily *family, guint fit)
{
    if (fit > search->best) {
        search->best = fit;
        search->n_nearest = 0;
        g_string_truncate(search->nearest, 0);
    }
    if (fit == search->best && search->n_nearest++ < MAX_NEAREST)
        g_string_append_printf(search->nearest, "%s%s", search->n_nearest > 1 ? ", " : "",
                               family->path);
}

static gboolean
find_family(const HvTuner *const *tuners, char **segments, Search *search)
{
    for (guint i = 0; tuners[i]; i++) {
        for (const HvKnobFamily *family = tuners[i]->knobs; family->path; family++) {
            const guint fit = family_fit(family, segments);

            if (fit == G_MAXUINT) {
                search->tuner = tuners[i];
                search->family = family;
                return TRUE;
            }
            note_nearest(search, family, fit);
        }
    }
    return FALSE;
}

static char **
decode_path(const char *path, GError **error)
{
    g_auto(GStrv) segments = NULL;

    if (strlen(path) > MAX_PATH_BYTES) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("a knob's path of more than %d bytes"), MAX_PATH_BYTES);
        return NULL;
    }
    segments = g_strsplit(path, "/", -1);
    for (guint i = 0; segments[i]; i++) {
        char *decoded = strcmp(segments[i], ESCAPED_DEFAULT) == 0
                            ? g_strdup(NOT_THE_DEFAULT)
                            : hv_knob_unescape(segments[i], error);

        if (!decoded)
            return NULL;
        g_free(segments[i]);
        segments[i] = decoded;
    }
    return g_steal_pointer(&segments);
}

static char *
join_escaped(char **segments)
{
    GString *path = g_string_new(NULL);

    for (guint i = 0; segments[i]; i++) {
        g_autofree char *escaped = hv_knob_escape(segments[i]);

        g_string_append_printf(path, "%s%s", i ? "/" : "", escaped);
    }
    return g_string_free(path, FALSE);
}

HvKnob *
hv_knob_parse(const HvTuner *const *tuners, const char *path, GError **error)
{
    g_auto(GStrv) segments = decode_path(path, error);
    g_autoptr(GString) nearest = g_string_new(NULL);
    Search search = { .nearest = nearest };
    HvKnob *knob;

    if (!segments) {
        g_autofree char *shown = hv_text_printable(path, SHOWN_CHARS);

        g_prefix_error(error, "%s: ", shown);
        return NULL;
    }
    if (!find_family(tuners, segments, &search)) {
        g_autofree char *shown = hv_text_printable(path, SHOWN_CHARS);

        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT, _("%s: no such knob (there are: %s)"),
                    shown, nearest->str);
        return NULL;
    }
    knob = g_new0(HvKnob, 1);
    knob->tuner = search.tuner;
    knob->family = search.family;
    knob->path = join_escaped(segments);
    knob->segments = g_steal_pointer(&segments);
    return knob;
}

HvKnob *
hv_knob_copy(const HvKnob *knob)
{
    HvKnob *copy = g_memdup2(knob, sizeof *knob);

    copy->path = g_strdup(knob->path);
    copy->segments = g_strdupv(knob->segments);
    return copy;
}

void
hv_knob_free(HvKnob *knob)
{
    if (!knob)
        return;
    g_free(knob->path);
    g_strfreev(knob->segments);
    g_free(knob);
}

void
hv_subject_clear(HvSubject *subject)
{
    g_free(subject->guest_name);
    g_free(subject->guest_uuid);
    *subject = (HvSubject){ 0 };
}

void
hv_subject_copy(HvSubject *to, const HvSubject *from)
{
    HvSubject copy = *from;

    if (to == from)
        return;
    copy.guest_name = g_strdup(from->guest_name);
    copy.guest_uuid = g_strdup(from->guest_uuid);
    hv_subject_clear(to);
    *to = copy;
}

/* Bytes that need no quotes anywhere in a shell word. */
static gboolean
is_bare_word(const char *word)
{
    for (const char *at = word; *at; at++) {
        if (!g_ascii_isalnum(*at) && !strchr("_@%+=:,./-", *at))
            return FALSE;
    }
    return *word != '\0';
}

/* bash, ksh, zsh and POSIX 2024: $'...' knows \xXX; two digits end it. */
static char *
quote_bytes(const char *word)
{
    GString *out = g_string_new("$'");

    for (const char *at = word; *at; at++) {
        if (*at == '\'' || *at == '\\')
            g_string_append_printf(out, "\\%c", *at);
        else if (g_ascii_isprint(*at))
            g_string_append_c(out, *at);
        else
            g_string_append_printf(out, "\\x%02x", (guint)(guchar)*at);
    }
    g_string_append_c(out, '\'');
    return g_string_free(out, FALSE);
}

char *
hv_shell_quote(const char *word)
{
    if (is_bare_word(word))
        return g_strdup(word);
    return hv_text_is_printable(word) ? g_shell_quote(word) : quote_bytes(word);
}

/* Appends what stands for "{name}" in a template: a starred segment by its number from 1, or
 * the value. */
static void
append_placeholder(GString *out, const HvKnob *knob, const char *after, const char *name,
                   gsize length)
{
    g_auto(GStrv) pattern = g_strsplit(knob->family->path, "/", -1);
    g_autofree char *word = NULL;
    guint star = 0;

    if (length == strlen("after") && strncmp(name, "after", length) == 0)
        word = hv_shell_quote(after);
    for (guint i = 0; !word && pattern[i] && knob->segments[i]; i++) {
        if (strcmp(pattern[i], "*") == 0 && ++star == (guint)g_ascii_digit_value(*name))
            word = hv_shell_quote(knob->segments[i]);
    }
    g_string_append(out, word ? word : "''");
}

char *
hv_knob_shell_line(const HvKnob *knob, const HvValue *after)
{
    g_autofree char *value = hv_value_to_text(after);
    GString *out;

    if (!knob->family->shell_line)
        return NULL;
    out = g_string_new(NULL);
    for (const char *at = knob->family->shell_line; *at; at++) {
        const char *end = *at == '{' ? strchr(at, '}') : NULL;

        if (end) {
            append_placeholder(out, knob, value, at + 1, (gsize)(end - at - 1));
            at = end;
        } else {
            g_string_append_c(out, *at);
        }
    }
    return g_string_free(out, FALSE);
}
