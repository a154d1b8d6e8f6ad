/* How sysfs tells an event's terms, and which bits of perf_event_attr they go to. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probes/pmu-format.h"

#include <string.h>

#include "host/parse.h"
#include "model/i18n.h"

#define LAST_BIT 63

static gboolean
malformed(GError **error, const char *what, const char *text)
{
    g_autofree char *shown = g_strescape(text, NULL);

    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, "%s: \"%.60s\"", what, shown);
    return FALSE;
}

/* "0-7" or "18" at *@text. */
static gboolean
scan_range(char **text, guint64 *mask)
{
    guint64 first, last;

    if (!hv_scan_u64(text, &first))
        return FALSE;
    last = first;
    if (**text == '-') {
        (*text)++;
        if (!hv_scan_u64(text, &last))
            return FALSE;
    }
    if (first > last || last > LAST_BIT)
        return FALSE;
    for (guint64 bit = first; bit <= last; bit++)
        *mask |= G_GUINT64_CONSTANT(1) << bit;
    return TRUE;
}

gboolean
hv_pmu_field_parse(const char *text, HvPmuField *field, GError **error)
{
    g_autofree char *copy = g_strdup(text);
    char *at = hv_chomp(copy);
    HvPmuField found = { 0 };
    guint64 which = 0;

    if (!g_str_has_prefix(at, "config"))
        return malformed(error, N_("not a field of a PMU"), text);
    at += strlen("config");
    if (*at != ':' && !hv_scan_u64(&at, &which))
        return malformed(error, N_("not a field of a PMU"), text);
    if (*at != ':')
        return malformed(error, N_("not a field of a PMU"), text);
    do {
        at++;
        if (!scan_range(&at, &found.mask))
            return malformed(error, N_("not bits of a PMU's field"), text);
    } while (*at == ',');
    if (*at)
        return malformed(error, N_("not bits of a PMU's field"), text);
    if (which > 1) {
        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT,
                    "config%" G_GUINT64_FORMAT " of a PMU's field is not used here", which);
        return FALSE;
    }
    found.which = (guint)which;
    *field = found;
    return TRUE;
}

gboolean
hv_pmu_field_put(const HvPmuField *field, guint64 value, HvCounterEvent *event, GError **error)
{
    guint64 *config = field->which == 0 ? &event->config : &event->config1;
    guint64 bits = 0, rest = value;

    for (guint bit = 0; bit <= LAST_BIT; bit++) {
        const guint64 here = G_GUINT64_CONSTANT(1) << bit;

        if (!(field->mask & here))
            continue;
        if (rest & 1)
            bits |= here;
        rest >>= 1;
    }
    if (rest) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    "0x%" G_GINT64_MODIFIER "x has more bits than the PMU's field", value);
        return FALSE;
    }
    *config = (*config & ~field->mask) | bits;
    return TRUE;
}

static gboolean
parse_value(const char *text, guint64 *value, GError **error)
{
    if (g_str_has_prefix(text, "0x"))
        return hv_parse_hex(text, G_MAXUINT64, value, error);
    return hv_parse_u64(text, G_MAXUINT64, value, error);
}

static gboolean
parse_term(char *text, HvPmuTerm *term, GError **error)
{
    char *equals = strchr(text, '=');

    if (equals)
        *equals = '\0';
    if (!*text || g_strlcpy(term->name, text, sizeof term->name) >= sizeof term->name)
        return malformed(error, N_("not a term of an event"), text);
    for (const char *p = text; *p; p++)
        if (!g_ascii_isalnum(*p) && *p != '_')
            return malformed(error, N_("not a term of an event"), text);
    term->value = 1;
    return !equals || parse_value(equals + 1, &term->value, error);
}

gboolean
hv_pmu_terms_parse(const char *text, HvPmuTerm terms[HV_PMU_MAX_TERMS], guint *n,
                   GError **error)
{
    g_autofree char *copy = g_strdup(text);
    char *at = hv_chomp(copy);

    for (*n = 0; at; (*n)++) {
        char *comma = strchr(at, ',');

        if (comma)
            *comma++ = '\0';
        if (*n == HV_PMU_MAX_TERMS)
            return malformed(error, N_("too many terms of an event"), text);
        if (!parse_term(at, &terms[*n], error))
            return FALSE;
        at = comma;
    }
    return TRUE;
}

static gboolean
put_term(HvHost *host, const char *device, const HvPmuTerm *term, HvCounterEvent *event,
         GError **error)
{
    g_autofree char *path = g_strdup_printf("%s/format/%s", device, term->name);
    g_autofree char *text = hv_host_read_text(host, path, 0, error);
    HvPmuField field;

    if (!text)
        return FALSE;
    if (hv_pmu_field_parse(text, &field, error) &&
        hv_pmu_field_put(&field, term->value, event, error))
        return TRUE;
    g_prefix_error(error, "%s: ", path);
    return FALSE;
}

gboolean
hv_pmu_encode(HvHost *host, const char *device, const char *terms, HvCounterEvent *event,
              GError **error)
{
    g_autofree char *type_path = g_strdup_printf("%s/type", device);
    HvPmuTerm parsed[HV_PMU_MAX_TERMS];
    HvCounterEvent encoded = { 0 };
    guint64 type;
    guint n;

    if (!hv_host_read_u64_file(host, type_path, &type, error) ||
        !hv_pmu_terms_parse(terms, parsed, &n, error))
        return FALSE;
    encoded.type = (guint32)type;
    for (guint i = 0; i < n; i++)
        if (!put_term(host, device, &parsed[i], &encoded, error))
            return FALSE;
    *event = encoded;
    return TRUE;
}
