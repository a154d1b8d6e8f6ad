/* Finding one's way among the rectangles of the Map: by arrows, by cell, by cpu. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/map-layout.h"

/* A column aside is worth half a row: a row is about twice as high as a column is wide. */
#define ROW_COST 2

const HvMapItem *
hv_map_layout_item(const HvMapLayout *layout, int index)
{
    if (index < 0 || (guint)index >= layout->items->len)
        return NULL;
    return &g_array_index(layout->items, HvMapItem, index);
}

const HvMapPlace *
hv_map_layout_place(const HvMapLayout *layout, const HvMapItem *item, guint index)
{
    return &g_array_index(layout->places, HvMapPlace, item->first + index);
}

HvSet *
hv_map_layout_cpus(const HvMapLayout *layout, const HvMapItem *item)
{
    HvSet *cpus = hv_set_new();

    for (guint i = 0; i < item->n; i++)
        hv_set_add(cpus, hv_map_layout_place(layout, item, i)->cpu);
    return cpus;
}

gboolean
hv_map_layout_has(const HvMapLayout *layout, const HvMapItem *item, guint cpu)
{
    for (guint i = 0; i < item->n; i++)
        if (hv_map_layout_place(layout, item, i)->cpu == cpu)
            return TRUE;
    return FALSE;
}

/* How far two spans are apart; 0 where they touch or overlap. */
static int
gap(int a, int a_length, int b, int b_length)
{
    if (b >= a + a_length)
        return b - a - a_length;
    return a >= b + b_length ? a - b - b_length : 0;
}

static gboolean
overlap(int a, int a_length, int b, int b_length)
{
    return a < b + b_length && b < a + a_length;
}

/* Left and right stay in the row. Up and down go to the nearest row, rather straight on. */
static int
distance(const HvMapItem *from, const HvMapItem *to, int dx, int dy)
{
    if (dx) {
        if (!overlap(from->y, from->height, to->y, to->height) || (to->x - from->x) * dx <= 0)
            return -1;
        return 1 + gap(from->x, from->width, to->x, to->width) * ROW_COST +
               ABS(to->y - from->y);
    }
    if (overlap(from->y, from->height, to->y, to->height) || (to->y - from->y) * dy <= 0)
        return -1;
    return 1 +
           (gap(from->y, from->height, to->y, to->height) * ROW_COST +
            gap(from->x, from->width, to->x, to->width)) *
               1000 +
           ABS(to->x - from->x);
}

static int
neighbour(const HvMapLayout *layout, int from, int by)
{
    const HvMapItem *item;

    for (int i = from + by; (item = hv_map_layout_item(layout, i)); i += by)
        if (item->kind == HV_MAP_OBJECT)
            return i;
    return from;
}

int
hv_map_layout_step(const HvMapLayout *layout, int from, int dx, int dy)
{
    const HvMapItem *origin = hv_map_layout_item(layout, from);
    int best = from, nearest = G_MAXINT;

    for (guint i = 0; origin && i < layout->items->len; i++) {
        const HvMapItem *item = &g_array_index(layout->items, HvMapItem, i);
        const int far = item->kind == HV_MAP_OBJECT ? distance(origin, item, dx, dy) : -1;

        if (far > 0 && far < nearest) {
            best = (int)i;
            nearest = far;
        }
    }
    return best == from && dx ? neighbour(layout, from, dx) : best;
}

int
hv_map_layout_end(const HvMapLayout *layout, gboolean last)
{
    const int outside = last ? (int)layout->items->len : -1;
    const int end = neighbour(layout, outside, last ? -1 : 1);

    return end == outside ? -1 : end;
}

int
hv_map_layout_at(const HvMapLayout *layout, int x, int y)
{
    for (guint i = 0; i < layout->items->len; i++) {
        const HvMapItem *item = &g_array_index(layout->items, HvMapItem, i);

        if (item->kind == HV_MAP_OBJECT && x >= item->x && x < item->x + item->width &&
            y >= item->y && y < item->y + item->height)
            return (int)i;
    }
    return -1;
}

int
hv_map_layout_of_cpu(const HvMapLayout *layout, guint cpu)
{
    for (guint i = 0; i < layout->items->len; i++) {
        const HvMapItem *item = &g_array_index(layout->items, HvMapItem, i);

        if (item->kind == HV_MAP_OBJECT && hv_map_layout_has(layout, item, cpu))
            return (int)i;
    }
    return -1;
}
