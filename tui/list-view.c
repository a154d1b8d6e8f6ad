/* A list's order, cursor and scroll position as lines, and back. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/list-private.h"

#define MAX_ROWS 1000000

void
hv_list_adopt_sort(HvList *list)
{
    g_autofree char *name = g_steal_pointer(&list->loaded_sort);

    for (const HvListColumn *column = list->columns; name && column->name; column++)
        if (g_str_equal(column->name, name))
            list->sort = column->name;
}

void
hv_list_save(const HvList *list, HvViewOut *out)
{
    hv_view_put(out, "sort", list->loaded_sort ? list->loaded_sort : list->sort);
    hv_view_put_flag(out, "ascending", list->ascending);
    hv_view_put(out, "cursor", list->wanted ? list->wanted : list->key);
    hv_view_put_number(out, "line", list->index);
    hv_view_put_number(out, "scroll", list->offset);
}

/* Until it is drawn, the list has the row of the cursor alone. */
static void
put_only_row(HvList *list)
{
    g_array_set_size(list->shown, 0);
    g_string_chunk_clear(list->keys);
    if (list->key) {
        const Shown shown = { g_string_chunk_insert(list->keys, list->key), -1, FALSE };

        g_array_append_val(list->shown, shown);
    }
}

void
hv_list_load(HvList *list, const HvViewIn *in)
{
    g_free(list->loaded_sort);
    list->loaded_sort = hv_view_get(in, "sort");
    list->ascending = hv_view_flag(in, "ascending");
    g_clear_pointer(&list->wanted, g_free);
    g_free(list->key);
    list->key = hv_view_get(in, "cursor");
    list->index = (guint)hv_view_number(in, "line", 0, MAX_ROWS);
    list->offset = (guint)hv_view_number(in, "scroll", 0, MAX_ROWS);
    put_only_row(list);
}
