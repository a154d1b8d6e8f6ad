/* The inside of a list, shared by its drawing and its keys. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/list.h"

/* A row as the last draw showed it. */
typedef struct {
    const char *key; /* in the list's chunk */
    int item;
    gboolean child;
} Shown;

/* A column as the last draw placed it. */
typedef struct {
    int x, width;
    guint column;
} Span;

struct HvList {
    const HvListColumn *columns;
    const char *sort; /* name of a column */
    char *loaded_sort; /* becomes that with the next draw, if there is such a column then; or NULL */
    gboolean ascending;
    GArray *shown; /* of Shown */
    GStringChunk *keys;
    GArray *spans; /* of Span */
    char *key;     /* of the cursor's row */
    char *wanted;
    guint index, offset;
    int top, bottom;
};

/** hv_list_adopt_sort: the loaded one, before a draw. */
void hv_list_adopt_sort(HvList *list);
/** hv_list_put_cursor: onto the @index-th row shown, or the last. UI thread. */
void hv_list_put_cursor(HvList *list, guint index);
