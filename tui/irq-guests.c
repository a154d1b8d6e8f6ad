/* VMs by the interrupts that are injected into them: exits by kind, posting, APICv and why. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/irq-guests.h"

#include <math.h>
#include <string.h>

#include "model/i18n.h"
#include "model/text.h"
#include "model/vm-walk.h"
#include "tui/list.h"
#include "tui/pick.h"

#define NAME_WIDTH 14
#define WHY_LEAST 12 /* columns, else it is left out */

/* Numbers, the first ones on any screen. */
static const struct {
    const char *column, *title;
    int width, least_columns; /* of the screen */
} numbers[] = {
    { "injections_per_s", N_("inj/s"), 6, 0 },          { "exits_per_s", N_("exits/s"), 7, 0 },
    { "halt_exits_per_s", N_("halt"), 5, 0 },           { "irq_exits_per_s", N_("host"), 5, 0 },
    { "irq_window_exits_per_s", N_("window"), 6, 100 }, { "io_exits_per_s", N_("io"), 5, 100 },
    { "mmio_exits_per_s", N_("mmio"), 5, 100 },         { "cost_ratio", N_("cost"), 5, 0 },
};

static const struct {
    const char *state;
    HvRole role;
} states[] = {
    { "active", HV_ROLE_GOOD },  { "inhibited", HV_ROLE_HOT }, { "off", HV_ROLE_WARM },
    { "unknown", HV_ROLE_TEXT }, { "likely", HV_ROLE_TEXT },
};

static const HvTable *
table_of(const HvView *view)
{
    return hv_snapshot_table(view->now, "kvm");
}

int
hv_irq_guests_lines(const HvView *view, int most)
{
    const HvTable *table = table_of(view);

    if (!table || most < 2)
        return 0;
    return MIN(most, 1 + MAX(1, (int)hv_table_n_rows(table)));
}

/* ---- order ---- */

/* Without numbers last, by name. */
static gint
compare(gconstpointer a, gconstpointer b, gpointer data)
{
    const HvTable *table = data;
    const guint left = *(const guint *)a, right = *(const guint *)b;
    double x = hv_named_number(table, left, "injections_per_s"),
           y = hv_named_number(table, right, "injections_per_s");

    x = isnan(x) ? -1 : x;
    y = isnan(y) ? -1 : y;
    if (x != y)
        return x > y ? -1 : 1;
    return g_strcmp0(hv_pick_text(table, (int)left, "vm"),
                     hv_pick_text(table, (int)right, "vm"));
}

static guint *
sorted_rows(const HvTable *table)
{
    const guint n = hv_table_n_rows(table);
    guint *rows = g_new(guint, n);

    for (guint i = 0; i < n; i++)
        rows[i] = i;
    g_qsort_with_data(rows, (gint)n, sizeof *rows, compare, (gpointer)(guintptr)table);
    return rows;
}

/* ---- lines ---- */

static void
draw_head(HvCanvas *canvas, int y)
{
    int x = 1;

    hv_canvas_fill(canvas, 0, y, canvas->columns, 1, HV_ROLE_HEAD, " ");
    hv_canvas_print_in(canvas, x, y, NAME_WIDTH, -1, HV_ROLE_HEAD, _("VM"));
    x += NAME_WIDTH + 1;
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++) {
        if (canvas->columns < numbers[i].least_columns)
            continue;
        hv_canvas_print_in(canvas, x, y, numbers[i].width, 1, HV_ROLE_HEAD,
                           _(numbers[i].title));
        x += numbers[i].width + 1;
    }
    hv_canvas_print(canvas, x, y, HV_ROLE_HEAD, _("APICv, and why"));
}

static void
draw_number(const HvView *view, const HvTable *table, guint row, guint index, HvCanvas *canvas,
            int x, int y)
{
    const int column = hv_table_column(table, numbers[index].column);
    const HvMark mark = hv_table_mark(table, row, column);
    char text[64];

    hv_text_cell(text, sizeof text, table, row, column, hv_view_ascii(view));
    hv_canvas_print_in(canvas, x, y, numbers[index].width, 1,
                       hv_mark_has_value(mark) ? HV_ROLE_TEXT : HV_ROLE_ABSENT, text);
}

static HvRole
role_of_state(const char *state)
{
    for (guint i = 0; i < G_N_ELEMENTS(states); i++)
        if (g_str_equal(states[i].state, state))
            return states[i].role;
    return HV_ROLE_TEXT;
}

/* Its state, then the reason in what room there is; without a state why there is none. */
static void
draw_apicv(const HvTable *table, guint row, HvCanvas *canvas, int x, int y)
{
    const char *state = hv_pick_text(table, (int)row, "apicv");
    const char *why = hv_pick_text(table, (int)row, "apicv_why");
    const int end = canvas->columns - 1;

    if (!state) {
        hv_canvas_print_in(canvas, x, y, MAX(end - x, 0), -1, HV_ROLE_ABSENT,
                           hv_table_reason(table, row, hv_table_column(table, "apicv")));
        return;
    }
    x = hv_canvas_print(canvas, x, y, role_of_state(state), state) + 1;
    if (why && end - x >= WHY_LEAST)
        hv_canvas_print_in(canvas, x, y, end - x, -1, HV_ROLE_DIM, why);
}

static void
draw_row(const HvView *view, const HvTable *table, guint row, HvCanvas *canvas, int y)
{
    int x = 1;

    hv_canvas_print_in(canvas, x, y, NAME_WIDTH, -1, HV_ROLE_TEXT,
                       hv_pick_text(table, (int)row, "vm"));
    x += NAME_WIDTH + 1;
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++) {
        if (canvas->columns < numbers[i].least_columns)
            continue;
        draw_number(view, table, row, i, canvas, x, y);
        x += numbers[i].width + 1;
    }
    draw_apicv(table, row, canvas, x, y);
}

void
hv_irq_guests_draw(const HvView *view, HvCanvas *canvas, int y, int bottom)
{
    const HvTable *table = table_of(view);
    const int n = table ? (int)hv_table_n_rows(table) : 0;
    g_autofree guint *rows = n ? sorted_rows(table) : NULL;

    draw_head(canvas, y);
    if (n == 0)
        hv_canvas_printf(canvas, 1, y + 1, HV_ROLE_ABSENT, _("no VMs: %s"),
                         table && hv_table_why(table) ? hv_table_why(table)
                                                      : _("not read yet"));
    for (int i = 0; i < n && y + 1 + i < bottom; i++)
        draw_row(view, table, rows[i], canvas, y + 1 + i);
}
