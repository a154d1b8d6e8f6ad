/* A file that a person asked for by name. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/write-file.h"

#include "model/error.h"

gboolean
hv_write_file(const char *path, const char *text, gsize length, GError **error)
{
    g_autoptr(GError) why = NULL;

    if (g_file_set_contents_full(path, text, (gssize)length, G_FILE_SET_CONTENTS_CONSISTENT,
                                 0600, &why))
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED, "%s: %s", path, why->message);
    return FALSE;
}
