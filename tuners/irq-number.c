/* The interrupts that have knobs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tuners/irq-number.h"

#include "host/parse.h"
#include "model/i18n.h"
#include "model/text.h"

#include <string.h>

#define SHOWN_CHARS 40

gboolean
hv_irq_number(HvHost *host, const HvKnob *knob, guint *irq, GError **error)
{
    const char *name = knob->segments[1];
    g_autofree char *shown = hv_text_printable(name, SHOWN_CHARS);
    g_autofree char *path = NULL;
    guint64 number = 0;

    if (!g_ascii_isdigit(*name) || !hv_parse_u64(name, HV_SET_MAX, &number, NULL)) {
        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT,
                    _("irq/%s: only interrupts with a number can be moved; others belong to "
                      "each cpu"),
                    shown);
        return FALSE;
    }
    path = g_strdup_printf("proc/irq/%s", name);
    if (!hv_host_exists(host, path)) {
        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT, _("irq/%s: no such interrupt"), shown);
        return FALSE;
    }
    if (irq)
        *irq = (guint)number;
    return TRUE;
}

gboolean
hv_irq_list(HvHost *host, const HvKnobFamily *family, GPtrArray *paths, GError **error)
{
    const char *last = strrchr(family->path, '/') + 1;
    g_auto(GStrv) names = hv_host_list(host, "proc/irq", error);

    for (char **name = names; name && *name; name++)
        if (g_ascii_isdigit(**name))
            g_ptr_array_add(paths, hv_knob_path("irq", *name, last, NULL));
    return names != NULL;
}
