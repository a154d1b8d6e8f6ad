/* Which code of the error domain fits which errno. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/error.h"

#include <errno.h>

G_DEFINE_QUARK(hv - error - quark, hv_error)

static const struct {
    int errnum;
    HvError code;
} codes[] = {
    { ENOENT, HV_ERROR_ABSENT },     { ESRCH, HV_ERROR_ABSENT },   { ENODEV, HV_ERROR_ABSENT },
    { ENXIO, HV_ERROR_ABSENT },      { ENOSYS, HV_ERROR_ABSENT },  { EACCES, HV_ERROR_DENIED },
    { EPERM, HV_ERROR_DENIED },      { EBUSY, HV_ERROR_REFUSED },  { EINVAL, HV_ERROR_REFUSED },
    { ENOSPC, HV_ERROR_REFUSED },    { ERANGE, HV_ERROR_REFUSED }, { EIO, HV_ERROR_REFUSED },
    { ETIMEDOUT, HV_ERROR_TIMEOUT },
};

gboolean
hv_error_set_errno(GError **error, int errnum, const char *what)
{
    HvError code = HV_ERROR_FAILED;

    if (!error)
        return FALSE; /* nobody asks: the words cost a millisecond the first time */
    for (guint i = 0; i < G_N_ELEMENTS(codes); i++)
        if (codes[i].errnum == errnum)
            code = codes[i].code;
    g_set_error(error, HV_ERROR, (int)code, "%s: %s", what, g_strerror(errnum));
    return FALSE;
}
