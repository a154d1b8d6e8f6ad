/* What resctrl's files say: schemata, size, mon_data, info, the mount, the names of groups. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/resctrl-parse.h"

#include <string.h>

#include "host/parse.h"
#include "model/error.h"
#include "model/i18n.h"

#define MAX_DOMAIN 1048575

/* ---- schemata and size ---- */

gboolean
hv_resctrl_is_cache(const char *resource)
{
    return resource[0] == 'L' && g_ascii_isdigit(resource[1]);
}

static gboolean
is_bandwidth(const char *resource)
{
    return strcmp(resource, "MB") == 0 || strcmp(resource, "SMBA") == 0;
}

static gboolean
malformed(GError **error, const char *what, const char *found)
{
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, "%s: \"%.40s\" is no domain and value",
                what, found);
    return FALSE;
}

/* "0=fff" */
static gboolean
parse_domain(char *part, gboolean is_size, HvResctrlDomain *domain, GError **error)
{
    char *value = strchr(part, '=');
    guint64 id;

    if (!value)
        return malformed(error, domain->resource, part);
    *value++ = '\0';
    if (!hv_parse_u64(hv_skip_blanks(part), MAX_DOMAIN, &id, NULL))
        return malformed(error, domain->resource, part);
    domain->domain = (guint)id;
    domain->value = hv_chomp(hv_skip_blanks(value));
    domain->number = 0;
    if (is_size || is_bandwidth(domain->resource))
        domain->has_number = hv_parse_u64(domain->value, G_MAXUINT64, &domain->number, NULL);
    else
        domain->has_number =
            domain->is_cache && hv_parse_hex(domain->value, G_MAXUINT64, &domain->number, NULL);
    if (!domain->has_number && (domain->is_cache || is_bandwidth(domain->resource)))
        return malformed(error, domain->resource, domain->value);
    return TRUE;
}

static gboolean
parse_lines(char *text, gboolean is_size, HvResctrlEach each, gpointer data, GError **error)
{
    for (char *line; (line = hv_next_line(&text));) {
        HvResctrlDomain domain = { .resource = hv_skip_blanks(line) };
        char *rest = strchr(line, ':');

        if (!*domain.resource)
            continue;
        if (!rest)
            return malformed(error, is_size ? "size" : "schemata", domain.resource);
        *rest++ = '\0';
        domain.is_cache = hv_resctrl_is_cache(domain.resource);
        while (rest) {
            char *part = rest;

            rest = strchr(part, ';');
            if (rest)
                *rest++ = '\0';
            part = hv_chomp(hv_skip_blanks(part));
            if (!*part)
                continue;
            if (!parse_domain(part, is_size, &domain, error))
                return FALSE;
            each(&domain, data);
        }
    }
    return TRUE;
}

gboolean
hv_schemata_parse(char *text, HvResctrlEach each, gpointer data, GError **error)
{
    return parse_lines(text, FALSE, each, data, error);
}

gboolean
hv_resctrl_size_parse(char *text, HvResctrlEach each, gpointer data, GError **error)
{
    return parse_lines(text, TRUE, each, data, error);
}

/* ---- mon_data ---- */

HvMark
hv_mon_value_parse(const char *text, guint64 *value, const char **why)
{
    static const struct {
        const char *word;
        HvMark mark;
        const char *why;
    } words[] = {
        { "Unavailable", HV_MARK_UNAVAILABLE, N_("the hardware does not track it now") },
        { "Unassigned", HV_MARK_ABSENT, N_("no hardware counter is assigned to it") },
        { "Error", HV_MARK_FAILED, N_("the kernel answers \"Error\"") },
    };
    const gsize length = strcspn(text, "\n");
    char number[24];

    for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
        if (strlen(words[i].word) == length && strncmp(text, words[i].word, length) == 0) {
            *why = words[i].why;
            return words[i].mark;
        }
    }
    g_strlcpy(number, text, MIN(sizeof number, length + 1));
    if (length < sizeof number && hv_parse_u64(number, G_MAXUINT64, value, NULL))
        return HV_MARK_MEASURED;
    *why = N_("the kernel's answer is no number");
    return HV_MARK_FAILED;
}

/* ---- info ---- */

gboolean
hv_resctrl_least(const char *text, guint64 *least, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, ";", 0);
    guint64 found = G_MAXUINT64;

    for (guint i = 0; parts[i]; i++) {
        const char *value = strchr(parts[i], '=');
        guint64 number;

        if (!*hv_chomp(hv_skip_blanks(parts[i])))
            continue;
        if (!value || !hv_parse_u64(value + 1, G_MAXUINT64, &number, NULL))
            return malformed(error, "counters", parts[i]);
        found = MIN(found, number);
    }
    if (found == G_MAXUINT64)
        return malformed(error, "counters", text);
    *least = found;
    return TRUE;
}

gboolean
hv_bit_usage_parse(const char *text, guint *n_unused, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, ";", 0);
    guint least = G_MAXUINT;

    for (guint i = 0; parts[i]; i++) {
        const char *letters = strchr(parts[i], '=');
        guint n = 0;

        if (!*hv_chomp(hv_skip_blanks(parts[i])))
            continue;
        if (!letters || strspn(letters + 1, "0HXSEP") != strlen(letters + 1))
            return malformed(error, "bit_usage", parts[i]);
        for (const char *letter = letters + 1; *letter; letter++)
            n += *letter == '0';
        least = MIN(least, n);
    }
    if (least == G_MAXUINT)
        return malformed(error, "bit_usage", text);
    *n_unused = least;
    return TRUE;
}

const char *
hv_resctrl_chosen(char *text)
{
    char *begin = strchr(text, '['), *end = begin ? strchr(begin, ']') : NULL;

    if (!end)
        return NULL;
    *end = '\0';
    return begin + 1;
}

/* ---- the mount ---- */

gboolean
hv_resctrl_mount_parse(char *text, const char **mount, const char **options)
{
    for (char *line; (line = hv_next_line(&text));) {
        const char *device = hv_next_word(&line), *where = hv_next_word(&line);
        const char *type = hv_next_word(&line), *how = hv_next_word(&line);

        if (!device || !where || !how || strcmp(type, "resctrl") != 0)
            continue;
        *mount = where;
        *options = how;
        return TRUE;
    }
    return FALSE;
}

gboolean
hv_resctrl_has_option(const char *options, const char *option)
{
    const gsize length = strlen(option);

    for (const char *at = options; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        if (strcspn(at, ",") == length && strncmp(at, option, length) == 0)
            return TRUE;
    }
    return FALSE;
}

/* ---- whose group ---- */

const char *
hv_resctrl_owner_name(HvResctrlOwner owner)
{
    static const char *const names[] = {
        [HV_RESCTRL_DEFAULT] = "default", [HV_RESCTRL_LIBVIRT] = "libvirt",
        [HV_RESCTRL_HVTUNE] = "hvtune",   [HV_RESCTRL_CONTAINER] = "container",
        [HV_RESCTRL_UNKNOWN] = "unknown",
    };

    return names[owner];
}

/* "qemu-7-web1-vcpus_0-3": the number, or -1 */
static int
libvirt_id(const char *name)
{
    char *rest = NULL;
    guint64 id;

    if (!g_str_has_prefix(name, "qemu-") || !strstr(name, "-vcpus_") ||
        !g_ascii_isdigit(name[5]))
        return -1;
    id = g_ascii_strtoull(name + 5, &rest, 10);
    return id <= G_MAXINT && *rest == '-' ? (int)id : -1;
}

/* A container's id, at the end of the name or before ".scope". */
static gboolean
ends_with_id(const char *name)
{
    const gsize whole = strlen(name);
    const gsize length = g_str_has_suffix(name, ".scope") ? whole - strlen(".scope") : whole;

    if (length < 64)
        return FALSE;
    for (gsize i = length - 64; i < length; i++) {
        if (!g_ascii_isxdigit(name[i]))
            return FALSE;
    }
    return length == 64 || strchr("-_.", name[length - 65]);
}

HvResctrlOwner
hv_resctrl_owner(const char *name, int *domain_id)
{
    static const char *const container[] = { "goresctrl.", "cri-resmgr.", "kubepods",
                                             "crio-",      "docker-",     "libpod-",
                                             "kata",       "containerd",  "cri-containerd" };

    *domain_id = libvirt_id(name);
    if (*domain_id >= 0)
        return HV_RESCTRL_LIBVIRT;
    if (g_str_has_prefix(name, "hvtune-"))
        return HV_RESCTRL_HVTUNE;
    for (guint i = 0; i < G_N_ELEMENTS(container); i++) {
        if (g_str_has_prefix(name, container[i]))
            return HV_RESCTRL_CONTAINER;
    }
    return ends_with_id(name) ? HV_RESCTRL_CONTAINER : HV_RESCTRL_UNKNOWN;
}
