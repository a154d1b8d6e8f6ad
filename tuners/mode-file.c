/* Knobs that the kernel has as one number in a file, and people as words. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tuners/mode-file.h"

#include <string.h>

#include "model/error.h"
#include "model/i18n.h"

gboolean
hv_mode_read(HvHost *host, const char *path, const HvKnob *knob, HvValue *value, GError **error)
{
    guint64 number = 0, n_words = 0;

    while (knob->family->words[n_words])
        n_words++;
    if (!hv_host_read_u64_file(host, path, &number, error))
        return FALSE;
    if (number >= n_words) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("%s: unknown mode %" G_GUINT64_FORMAT), knob->path, number);
        return FALSE;
    }
    hv_value_set_word(value, knob->family->words[number]);
    return TRUE;
}

guint64
hv_mode_number(const HvKnob *knob, const HvValue *value)
{
    guint64 number = 0;

    while (strcmp(knob->family->words[number], value->text) != 0)
        number++;
    return number;
}

gboolean
hv_mode_write(HvHost *host, const char *path, const HvKnob *knob, const HvValue *after,
              GError **error)
{
    g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, hv_mode_number(knob, after));

    return hv_host_write(host, path, text, error);
}
