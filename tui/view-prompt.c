/* The line at the foot, as lines of the view and back. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/console-private.h"

static const char *const kinds[] = {
    [HV_PROMPT_NONE] = "", [HV_PROMPT_FILTER] = "filter", [HV_PROMPT_COMMAND] = "command"
};

void
hv_prompt_save(const HvConsole *console, HvViewOut *out)
{
    if (!console->prompt)
        return;
    hv_view_put(out, "prompt", kinds[console->prompt]);
    hv_view_out_enter(out, "prompt");
    hv_line_save(&console->line, out);
    hv_view_put(out, "before", console->filter_before);
    if (console->completions) {
        hv_view_put(out, "completed", console->completed_line);
        hv_view_put_number(out, "completion", console->completion);
        hv_view_put_all(out, "word", console->completions);
    }
    hv_view_out_leave(out);
}

static HvPrompt
load_kind(const HvViewIn *in)
{
    g_autofree char *name = hv_view_get(in, "prompt");

    for (HvPrompt kind = HV_PROMPT_FILTER; kind <= HV_PROMPT_COMMAND; kind++)
        if (g_strcmp0(name, kinds[kind]) == 0)
            return kind;
    return HV_PROMPT_NONE;
}

void
hv_prompt_load(HvConsole *console, HvViewIn *in)
{
    const HvPrompt kind = load_kind(in);
    g_autofree char *before = NULL;

    hv_prompt_close(console);
    if (!kind)
        return;
    hv_view_in_enter(in, "prompt");
    before = hv_view_get(in, "before");
    hv_prompt_open(console, kind, before ? before : "");
    hv_line_load(&console->line, in);
    console->completed_line = hv_view_get(in, "completed");
    if (console->completed_line) {
        console->completions = hv_view_all(in, "word");
        console->completion = (guint)hv_view_number(in, "completion", 0, G_MAXINT / 2);
    }
    hv_view_in_leave(in);
}
