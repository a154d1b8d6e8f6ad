/* Where a sub-command's text goes: stdout and stderr, or the answer line of a console. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <unistd.h>

#include "app/commands.h"
#include "model/i18n.h"
#include "model/text.h"

#define LONGEST_NOTE 2000 /* characters */

HvOutput *
hv_output_new(gboolean is_direct)
{
    HvOutput *output = g_new0(HvOutput, 1);

    output->out = g_string_new(NULL);
    output->notes = g_string_new(NULL);
    output->is_direct = is_direct;
    return output;
}

void
hv_output_free(HvOutput *output)
{
    if (!output)
        return;
    g_string_free(output->out, TRUE);
    g_string_free(output->notes, TRUE);
    g_free(output);
}

/* 0, or an errno value. */
static int
write_all(int fd, const GString *text)
{
    for (gsize done = 0; done < text->len;) {
        const ssize_t n = write(fd, text->str + done, text->len - done);

        if (n < 0 && errno != EINTR)
            return errno;
        done += n > 0 ? (gsize)n : 0;
    }
    return 0;
}

gboolean
hv_output_flush(HvOutput *output, GError **error)
{
    int failed;

    if (!output->is_direct)
        return TRUE;
    failed = write_all(STDOUT_FILENO, output->out);
    write_all(STDERR_FILENO, output->notes); /* there is nowhere left to complain to */
    g_string_truncate(output->out, 0);
    g_string_truncate(output->notes, 0);
    if (failed && failed != EPIPE)
        return hv_error_set_errno(error, failed, _("standard output"));
    return TRUE;
}

void
hv_output_note(HvOutput *output, const char *text)
{
    g_autofree char *line = hv_text_printable(text, LONGEST_NOTE);

    g_string_append_printf(output->notes, "hvtune: %s\n", line);
}
