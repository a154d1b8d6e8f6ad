/* Cells of lists: numbers made short for people, with what they are sorted and coloured by. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/list.h"

#include <math.h>

#include "model/i18n.h"
#include "model/text.h"

#define NS_PER_S 1e9
#define NOW_S 0.1

HvRole
hv_role_of(double value, double warm, double hot)
{
    if (warm > hot)
        return value <= hot ? HV_ROLE_HOT : value <= warm ? HV_ROLE_WARM : HV_ROLE_TEXT;
    if (hot <= 0)
        return HV_ROLE_TEXT;
    return value >= hot ? HV_ROLE_HOT : value >= warm ? HV_ROLE_WARM : HV_ROLE_TEXT;
}

void
hv_cell_absent(HvListCell *cell, const HvView *view)
{
    g_strlcpy(cell->text, hv_view_ascii(view) ? "-" : "–", sizeof cell->text);
    cell->role = HV_ROLE_ABSENT;
    cell->right = TRUE;
    cell->has_sort = FALSE;
}

static void
set_number(HvListCell *cell, double value, double warm, double hot)
{
    cell->right = TRUE;
    cell->has_sort = TRUE;
    cell->sort = value;
    cell->role = hv_role_of(value, warm, hot);
}

/* Bytes for what stands there instead of a value: where "failed" does not fit, "fail" may. */
static gsize
room_for_word(const HvListCell *cell, HvMark mark)
{
    if (hv_mark_has_value(mark) || cell->room <= 0)
        return sizeof cell->text;
    return MIN(sizeof cell->text, (gsize)MAX(cell->room, 3) + 1); /* "–" has 3 bytes */
}

void
hv_cell_value(HvListCell *cell, const HvView *view, const HvTable *table, guint row,
              const char *column, double warm, double hot)
{
    const int at = hv_table_column(table, column);
    double value;

    hv_text_cell(cell->text, room_for_word(cell, hv_table_mark(table, row, at)), table, row, at,
                 hv_view_ascii(view));
    if (!hv_mark_has_value(hv_table_mark(table, row, at))) {
        cell->role = HV_ROLE_ABSENT;
        cell->right = at < 0 || !hv_kind_is_text(hv_table_schema(table)->columns[at].kind);
    } else if (hv_table_f64(table, row, at, &value)) {
        set_number(cell, value, warm, hot);
    }
}

const char *
hv_cell_sign(HvMark mark, gboolean ascii)
{
    if (mark == HV_MARK_ESTIMATED)
        return ascii ? "~" : "≈";
    return mark == HV_MARK_SCALED ? "~" : "";
}

void
hv_cell_percent(HvListCell *cell, const HvView *view, const HvTable *table, guint row,
                const char *column, double warm, double hot)
{
    const int at = hv_table_column(table, column);
    const gboolean ascii = hv_view_ascii(view);
    double ratio;

    if (!hv_table_f64(table, row, at, &ratio)) {
        hv_cell_value(cell, view, table, row, column, warm, hot);
        return;
    }
    set_number(cell, ratio, warm, hot);
    g_snprintf(cell->text, sizeof cell->text, "%s%.*f",
               hv_cell_sign(hv_table_mark(table, row, at), ascii), fabs(ratio) < 0.0995 ? 1 : 0,
               ratio * 100);
}

void
hv_cell_spark(HvListCell *cell, const HvView *view, const char *table, const char *column,
              const char *key, int width)
{
    const guint n = (guint)CLAMP(width, 1, HV_LIST_SPARK);

    if (view->now->history && hv_history_read(view->now->history, table, column, key,
                                              view->now->tick, cell->values, n))
        cell->n_values = n;
}

void
hv_view_age(const HvView *view, double age_s, char *out, gsize size)
{
    const double since_s = (double)(view->now_ns - view->now->monotonic_ns) / NS_PER_S;
    const double now_s = MAX(age_s + since_s, 0);

    if (now_s < NOW_S)
        g_strlcpy(out, _("now"), size);
    else
        hv_text_duration(out, size, (gint64)(now_s * NS_PER_S));
}
