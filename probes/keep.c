/* Files of which there are very many: kept open while descriptors last, else opened anew for
 * each reading. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probes/keep.h"

#include <unistd.h>

#include "model/i18n.h"

#define RESERVED_DESCRIPTORS                                                                   \
    192              /* for libvirt, the journal, the terminal and one-off reads               \
                      */
#define STEP_BACK 32 /* given up when the kernel has no more */

guint
hv_keep_limit(guint percent)
{
    const long limit = sysconf(_SC_OPEN_MAX);

    if (limit < 0)
        return G_MAXINT;
    if (limit <= RESERVED_DESCRIPTORS)
        return 0;
    return (guint)(MIN(limit - RESERVED_DESCRIPTORS, G_MAXINT / 100) * (long)percent / 100);
}

static void
close_file(HvKeep *keep, HvKept *kept)
{
    if (!kept->file)
        return;
    g_clear_pointer(&kept->file, hv_file_close);
    keep->n_open--;
}

void
hv_kept_clear(HvKeep *keep, HvKept *kept)
{
    close_file(keep, kept);
    g_clear_pointer(&kept->path, g_free);
    g_clear_error(&kept->error);
}

void
hv_kept_set(HvKeep *keep, HvKept *kept, char *take_path)
{
    hv_kept_clear(keep, kept);
    kept->path = take_path;
}

void
hv_kept_again(HvKept *kept)
{
    g_clear_error(&kept->error);
}

static gboolean
open_file(HvKeep *keep, HvKept *kept)
{
    kept->file = hv_file_open(keep->host, kept->path, &kept->error);
    if (kept->file) {
        keep->n_open++;
        return TRUE;
    }
    /* neither absent nor denied: most likely the process or the system has no descriptor left
     */
    if (g_error_matches(kept->error, HV_ERROR, HV_ERROR_FAILED)) {
        keep->limit = keep->n_open > STEP_BACK ? keep->n_open - STEP_BACK : 0;
        keep->is_short = TRUE;
    }
    return FALSE;
}

static gboolean
is_lasting(const GError *error)
{
    return g_error_matches(error, HV_ERROR, HV_ERROR_ABSENT) ||
           g_error_matches(error, HV_ERROR, HV_ERROR_DENIED);
}

gboolean
hv_kept_read(HvKeep *keep, HvKept *kept, char *buffer, gsize size)
{
    gssize n_read;

    if (kept->error && is_lasting(kept->error))
        return FALSE;
    g_clear_error(&kept->error);
    if (!kept->path) {
        g_set_error_literal(&kept->error, HV_ERROR, HV_ERROR_ABSENT,
                            N_("there is no such file here"));
        return FALSE;
    }
    if (!kept->file && !open_file(keep, kept))
        return FALSE;
    n_read = hv_file_read(kept->file, buffer, size, &kept->error);
    if (n_read < 0 || keep->n_open > keep->limit) {
        keep->is_short = keep->is_short || n_read >= 0;
        close_file(keep, kept);
    }
    return n_read >= 0;
}

const char *
hv_keep_note(const HvKeep *keep)
{
    return keep->is_short ? N_("too few descriptors to keep files open: raise the limit of "
                               "open files (ulimit -n)")
                          : NULL;
}
