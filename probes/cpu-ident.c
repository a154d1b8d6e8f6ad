/* Which processor this is: vendor, family and model of /proc/cpuinfo. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probes/cpu-ident.h"

#include <string.h>

#include "host/parse.h"
#include "model/error.h"
#include "model/i18n.h"

static HvCpuVendor
vendor_of(const char *name)
{
    if (strcmp(name, "GenuineIntel") == 0)
        return HV_CPU_INTEL;
    if (strcmp(name, "AuthenticAMD") == 0)
        return HV_CPU_AMD;
    return strcmp(name, "HygonGenuine") == 0 ? HV_CPU_HYGON : HV_CPU_OTHER;
}

/* "name<tabs>: value"; NULL when it is another name. */
static char *
value_of(char *line, const char *name)
{
    const gsize length = strlen(name);
    char *rest;

    if (strncmp(line, name, length) != 0)
        return NULL;
    rest = hv_skip_blanks(line + length);
    return *rest == ':' ? hv_chomp(hv_skip_blanks(rest + 1)) : NULL;
}

gboolean
hv_cpu_ident_parse(char *text, HvCpuIdent *ident, GError **error)
{
    gboolean has_vendor = FALSE, has_family = FALSE, has_model = FALSE;
    HvCpuIdent found = { 0 };

    for (char *line;
         (line = hv_next_line(&text)) && !(has_vendor && has_family && has_model);) {
        char *value;

        if ((value = value_of(line, "vendor_id"))) {
            found.vendor = vendor_of(value);
            has_vendor = TRUE;
        } else if ((value = value_of(line, "cpu family"))) {
            has_family = hv_parse_u64(value, G_MAXUINT, &found.family, NULL);
        } else if ((value = value_of(line, "model"))) {
            has_model = hv_parse_u64(value, G_MAXUINT, &found.model, NULL);
        }
    }
    if (!has_vendor || !has_family || !has_model) {
        g_set_error_literal(error, HV_ERROR, HV_ERROR_ABSENT,
                            N_("proc/cpuinfo names no vendor, family and model"));
        return FALSE;
    }
    *ident = found;
    return TRUE;
}
