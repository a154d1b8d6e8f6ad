/* The rows of a table in the order a grid shows them, joined with others by key. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/order.h"

#include <string.h>

#include "tui/grid.h"

#define MAX_JOINS 8
#define MAX_TABLE_NAME 63

/* The rows of one other table, by row of the lead table. */
typedef struct {
    char table[MAX_TABLE_NAME + 1];
    GArray *rows; /* of int */
} Join;

/* One row with what it is sorted by. */
typedef struct {
    guint row;
    gboolean has_value;
    double number;
    const char *text; /* borrowed; NULL: by number */
} SortKey;

struct HvOrder {
    const HvTable *lead; /* compared, and read only while its snapshot is the one in view */
    guint64 tick;
    gint64 monotonic_ns;
    guint n_lead_rows;
    char *sort, *filter;
    gboolean ascending, has_sort_values;
    GArray *keys; /* of SortKey; scratch */
    GArray *rows; /* of guint */
    Join joins[MAX_JOINS];
    guint n_joins;
};

HvOrder *
hv_order_new(void)
{
    HvOrder *order = g_new0(HvOrder, 1);

    order->keys = g_array_new(FALSE, FALSE, sizeof(SortKey));
    order->rows = g_array_new(FALSE, FALSE, sizeof(guint));
    return order;
}

void
hv_order_free(HvOrder *order)
{
    if (!order)
        return;
    for (guint i = 0; i < MAX_JOINS; i++) {
        if (order->joins[i].rows)
            g_array_unref(order->joins[i].rows);
    }
    g_array_unref(order->keys);
    g_array_unref(order->rows);
    g_free(order->sort);
    g_free(order->filter);
    g_free(order);
}

/* The memory of a join is used again for whatever is joined next. */
static const int *
join_rows(HvOrder *order, const HvTable *other, const char *name)
{
    for (guint i = 0; i < order->n_joins; i++) {
        if (!strcmp(order->joins[i].table, name))
            return (const int *)(const void *)order->joins[i].rows->data;
    }
    if (order->n_joins == MAX_JOINS)
        return NULL;
    Join *join = &order->joins[order->n_joins++];
    g_strlcpy(join->table, name, sizeof join->table);
    if (!join->rows)
        join->rows = g_array_new(FALSE, FALSE, sizeof(int));
    g_array_set_size(join->rows, 0);
    for (guint row = 0; row < order->n_lead_rows; row++) {
        const int found = hv_table_find(other, hv_table_row_key(order->lead, row));
        g_array_append_val(join->rows, found);
    }
    return (const int *)(const void *)join->rows->data;
}

HvCellSource
hv_order_source(HvOrder *order, const HvSnapshot *now, const char *column)
{
    const HvCellSource nobody = { NULL, -1, NULL };
    const char *dot = strchr(column, '.');
    char name[MAX_TABLE_NAME + 1];

    if (!order->lead)
        return nobody;
    if (!dot)
        return (HvCellSource){ order->lead, hv_table_column(order->lead, column), NULL };
    if ((gsize)(dot - column) >= sizeof name)
        return nobody;
    g_strlcpy(name, column, (gsize)(dot - column) + 1);

    const HvTable *other = hv_snapshot_table(now, name);
    const int index = hv_table_column(other, dot + 1);
    const int *map = index < 0 ? NULL : join_rows(order, other, name);

    return map ? (HvCellSource){ other, index, map } : nobody;
}

int
hv_order_cell_row(const HvCellSource *source, guint row)
{
    if (source->column < 0)
        return -1;
    return source->map ? source->map[row] : (int)row;
}

static guint64
digits(const char **text)
{
    guint64 number = 0;

    for (; g_ascii_isdigit(**text); (*text)++)
        number = number * 10 + (guint64)(**text - '0');
    return number;
}

/* As people count: web-2 before web-10. */
static int
compare_texts(const char *a, const char *b)
{
    while (*a && *b) {
        if (g_ascii_isdigit(*a) && g_ascii_isdigit(*b)) {
            const guint64 x = digits(&a), y = digits(&b);
            if (x != y)
                return x < y ? -1 : 1;
            continue;
        }
        const int x = (guchar)g_ascii_tolower(*a++), y = (guchar)g_ascii_tolower(*b++);
        if (x != y)
            return x - y;
    }
    return (guchar)*a - (guchar)*b;
}

static int
compare_values(const SortKey *a, const SortKey *b)
{
    if (a->text && b->text)
        return compare_texts(a->text, b->text);
    return a->number < b->number ? -1 : a->number > b->number;
}

static int
compare_keys(const void *left, const void *right, void *data)
{
    const SortKey *a = left, *b = right;
    const HvOrder *order = data;
    int result = 0;

    if (a->has_value != b->has_value)
        return a->has_value ? -1 : 1;
    if (a->has_value)
        result = order->ascending ? compare_values(a, b) : compare_values(b, a);
    return result ? result : a->row < b->row ? -1 : a->row > b->row;
}

static SortKey
sort_key(const HvCellSource *source, guint row)
{
    SortKey key = { .row = row };
    const int from = hv_order_cell_row(source, row);

    if (from < 0)
        return key;
    key.text = hv_table_text(source->table, (guint)from, source->column);
    key.has_value =
        key.text || hv_table_f64(source->table, (guint)from, source->column, &key.number);
    return key;
}

static void
rebuild(HvOrder *order, const HvSnapshot *now)
{
    const HvCellSource source = order->sort ? hv_order_source(order, now, order->sort)
                                            : (HvCellSource){ NULL, -1, NULL };

    g_array_set_size(order->keys, 0);
    g_array_set_size(order->rows, 0);
    order->has_sort_values = FALSE;
    for (guint row = 0; row < order->n_lead_rows; row++) {
        if (*order->filter && !hv_filter_matches(order->filter, order->lead, row))
            continue;
        const SortKey key = sort_key(&source, row);
        order->has_sort_values |= key.has_value;
        g_array_append_val(order->keys, key);
    }
    g_qsort_with_data(order->keys->data, (int)order->keys->len, sizeof(SortKey), compare_keys,
                      order);
    for (guint i = 0; i < order->keys->len; i++)
        g_array_append_val(order->rows, g_array_index(order->keys, SortKey, i).row);
}

void
hv_order_update(HvOrder *order, const HvSnapshot *now, const char *table, const char *sort,
                gboolean ascending, const char *filter)
{
    const HvTable *lead = hv_snapshot_table(now, table);
    const guint n_lead_rows = lead ? hv_table_n_rows(lead) : 0;
    const gboolean same_data = order->lead == lead && order->tick == now->tick &&
                               order->monotonic_ns == now->monotonic_ns &&
                               order->n_lead_rows == n_lead_rows;

    if (same_data && order->filter && order->ascending == ascending &&
        !g_strcmp0(order->sort, sort) && !strcmp(order->filter, filter))
        return;
    if (!same_data)
        order->n_joins = 0;
    order->lead = lead;
    order->tick = now->tick;
    order->monotonic_ns = now->monotonic_ns;
    order->n_lead_rows = n_lead_rows;
    order->ascending = ascending;
    if (g_strcmp0(order->sort, sort)) {
        g_free(order->sort);
        order->sort = g_strdup(sort);
    }
    if (g_strcmp0(order->filter, filter)) {
        g_free(order->filter);
        order->filter = g_strdup(filter);
    }
    rebuild(order, now);
}

const HvTable *
hv_order_lead(const HvOrder *order)
{
    return order->lead;
}

const guint *
hv_order_rows(const HvOrder *order, guint *n_rows)
{
    *n_rows = order->rows->len;
    return (const guint *)(const void *)order->rows->data;
}

gboolean
hv_order_has_sort_values(const HvOrder *order)
{
    return order->has_sort_values;
}
