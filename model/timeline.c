/* Marks of the timeline. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/timeline.h"

HvTimeMark *
hv_time_mark_new(HvTimeMarkKind kind, gint64 time_ns, gint64 until_ns, guint64 id,
                 const char *vm, const char *text)
{
    HvTimeMark *mark = g_new0(HvTimeMark, 1);

    mark->kind = kind;
    mark->time_ns = time_ns;
    mark->until_ns = until_ns;
    mark->id = id;
    mark->vm = g_strdup(vm);
    mark->text = g_strdup(text);
    return mark;
}

void
hv_time_mark_free(HvTimeMark *mark)
{
    if (!mark)
        return;
    g_free(mark->vm);
    g_free(mark->text);
    g_free(mark);
}
