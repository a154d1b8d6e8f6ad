/* A plan as a text to keep: lines KNOB = VALUE, or what a person would type in a shell. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/plan-write.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "model/error.h"
#include "model/i18n.h"
#include "model/text.h"

#define COMMENT_CHARS 400

/* "# LABEL TEXT", whatever is in @text one line of it. */
static void
add_comment(GString *out, const char *label, const char *text)
{
    g_autofree char *safe = text && *text ? hv_text_printable(text, COMMENT_CHARS) : NULL;

    if (safe)
        g_string_append_printf(out, "# %s%s\n", label, safe);
}

static void
add_head(GString *out, const HvPlan *plan)
{
    add_comment(out, "", plan->title);
    add_comment(out, "who: ", plan->who);
    if (plan->persist)
        add_comment(out, "", "also in the persistent definition: --persist");
    for (guint i = 0; plan->notes && i < plan->notes->len; i++)
        add_comment(out, "", g_ptr_array_index(plan->notes, i));
}

static void
add_remarks(GString *out, const HvStep *step)
{
    g_autofree char *before = hv_value_to_text(&step->before);
    g_autofree char *was = g_strdup_printf("%s, undo %s", before, hv_undo_name(step->undo));

    add_comment(out, "was ", was);
    add_comment(out, "risk: ", step->risk);
    add_comment(out, "note: ", step->remark);
}

char *
hv_plan_to_lines(const HvPlan *plan)
{
    GString *out = g_string_new(NULL);

    add_head(out, plan);
    for (guint i = 0; i < hv_plan_n_steps(plan); i++) {
        const HvStep *step = hv_plan_step(plan, i);
        g_autofree char *after = hv_value_to_text(&step->after);

        g_string_append_c(out, '\n');
        add_remarks(out, step);
        g_string_append_printf(out, "%s = %s\n", step->knob, after);
    }
    return g_string_free(out, FALSE);
}

char *
hv_plan_to_shell(const HvPlan *plan)
{
    GString *out = g_string_new("#!/bin/sh -e\n");

    add_head(out, plan);
    for (guint i = 0; i < hv_plan_n_steps(plan); i++) {
        const HvStep *step = hv_plan_step(plan, i);
        g_autofree char *after = hv_value_to_text(&step->after);

        g_string_append_c(out, '\n');
        add_remarks(out, step);
        if (step->shell_line)
            g_string_append_printf(out, "%s\n", step->shell_line);
        else
            g_string_append_printf(out, "# %s = %s: hvtune alone can do this\n", step->knob,
                                   after);
    }
    return g_string_free(out, FALSE);
}

static gboolean
fail(GError **error, const char *path)
{
    const int code = errno;

    g_set_error(error, HV_ERROR, code == EEXIST ? HV_ERROR_CONFLICT : HV_ERROR_FAILED,
                code == EEXIST ? _("%s: is there already and is left alone: choose another "
                                   "name (%s)")
                               : _("%s: cannot be written: %s"),
                path, g_strerror(code));
    return FALSE;
}

/* All of it and on disk, or no file at all. */
static gboolean
write_new(const char *path, int mode, const char *text, GError **error)
{
    const int fd =
        open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, (mode_t)mode);
    gsize left = strlen(text);
    gboolean is_good = fd >= 0;

    if (!is_good)
        return fail(error, path);
    while (is_good && left) {
        const gssize n = write(fd, text, left);

        is_good = n > 0 || (n < 0 && errno == EINTR);
        if (n > 0) {
            text += n;
            left -= (gsize)n;
        }
    }
    is_good = is_good && fsync(fd) == 0;
    if (!is_good) {
        fail(error, path);
        unlink(path);
    }
    close(fd);
    return is_good;
}

char *
hv_plan_write(const HvPlan *plan, const char *path, GError **error)
{
    const gboolean is_shell = g_str_has_suffix(path, ".sh");
    g_autofree char *text = is_shell ? hv_plan_to_shell(plan) : hv_plan_to_lines(plan);

    if (!write_new(path, is_shell ? 0700 : 0600, text, error))
        return NULL;
    return g_strdup_printf(is_shell ? _("%u steps written to %s, as shell lines")
                                    : _("%u steps written to %s"),
                           hv_plan_n_steps(plan), path);
}
