/* What became of a change: its effects as they firm up, its knobs that somebody else has
 * changed since. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/change-facts.h"

#include "model/i18n.h"
#include "model/text.h"
#include "tui/pick.h"

#define NS_PER_S G_GINT64_CONSTANT(1000000000)

static gboolean
is_main(const HvTable *effects, int row)
{
    guint64 flag = 0;

    return hv_pick_u64(effects, row, "is_main", &flag) && flag;
}

/* As the one who measured it puts it; without that its numbers. */
static char *
effect_text(const HvTable *effects, int row)
{
    const char *text = hv_pick_text(effects, row, "text");
    const char *metric = hv_pick_text(effects, row, "metric");
    const char *verdict = hv_pick_text(effects, row, "verdict");

    if (text && *text)
        return g_strdup(text);
    return g_strdup_printf("%s: %s", metric ? metric : "–", verdict ? _(verdict) : "–");
}

/* The journal keeps a line for each, the main one first. */
static void
add_kept(GPtrArray *lines, const char *kept)
{
    g_auto(GStrv) pieces = kept ? g_strsplit(kept, "\n", -1) : NULL;

    for (char **piece = pieces; piece && *piece; piece++)
        if (**piece)
            g_ptr_array_add(lines, g_strdup(*piece));
}

GPtrArray *
hv_change_effects(const HvSnapshot *now, guint64 id, int row)
{
    const HvTable *effects = hv_snapshot_table(now, "effects");
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    guint64 plan;

    for (guint pass = 0; pass < 2; pass++)
        for (int i = 0; effects && i < (int)hv_table_n_rows(effects); i++)
            if (hv_pick_u64(effects, i, "plan", &plan) && plan == id &&
                is_main(effects, i) == (pass == 0))
                g_ptr_array_add(lines, effect_text(effects, i));
    if (!lines->len)
        add_kept(lines, hv_pick_text(hv_snapshot_table(now, "changes"), row, "effect"));
    return lines;
}

int
hv_change_contested(const HvSnapshot *now, guint64 id, const char *knob)
{
    const HvTable *contested = hv_snapshot_table(now, "contested");
    guint64 plan;

    for (int i = 0; contested && i < (int)hv_table_n_rows(contested); i++)
        if (hv_pick_u64(contested, i, "plan", &plan) && plan == id &&
            (!knob || g_strcmp0(hv_pick_text(contested, i, "knob"), knob) == 0))
            return i;
    return -1;
}

char *
hv_contested_text(const HvSnapshot *now, int row)
{
    const HvTable *contested = hv_snapshot_table(now, "contested");
    const char *knob = hv_pick_text(contested, row, "knob"),
               *expected = hv_pick_text(contested, row, "expected"),
               *present = hv_pick_text(contested, row, "present"),
               *by = hv_pick_text(contested, row, "by");
    GString *text = g_string_new(NULL);
    double since_s;

    g_string_append_printf(text, _("%s: left at %s, is %s"), knob ? knob : "–",
                           expected ? expected : "–", present ? present : "–");
    if (hv_pick_f64(contested, row, "since_s", &since_s)) {
        char since[16];

        hv_text_duration(since, sizeof since, (gint64)(since_s * 1e9));
        g_string_append_printf(text, _(" since %s"), since);
    }
    if (by && *by)
        g_string_append_printf(text, " (%s)", by);
    return g_string_free(text, FALSE);
}

int
hv_change_newest(const HvSnapshot *now, guint within_s)
{
    const HvTable *changes = hv_snapshot_table(now, "changes");
    guint64 newest = 0, id, time_ns;
    int found = -1;

    for (int i = 0; changes && i < (int)hv_table_n_rows(changes); i++)
        if (hv_pick_u64(changes, i, "change", &id) && id > newest) {
            newest = id;
            found = i;
        }
    if (found < 0 || !hv_pick_u64(changes, found, "time_ns", &time_ns) ||
        (gint64)time_ns + within_s * NS_PER_S < now->time_ns)
        return -1;
    return found;
}
