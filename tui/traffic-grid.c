/* The square of nodes on the screen Traffic: cpus of one, memory of another, shaded by heat. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "tui/dialog.h"
#include "tui/heat.h"
#include "tui/node-name.h"
#include "tui/traffic.h"

#define HEAD_ROWS 2
#define NARROW_LABEL 4 /* columns of the rows' names */
#define WIDE_LABEL 13
#define LEAST 6 /* columns of a number with its shade */
#define MOST 10

int
hv_traffic_width(guint n, int columns)
{
    const int wide = WIDE_LABEL + (int)n * MOST, least = NARROW_LABEL + (int)n * LEAST;
    const int comfortable = columns - MAX(HV_TRAFFIC_VM, columns * 2 / 5) - 3;

    if (wide <= comfortable)
        return wide;
    return CLAMP(comfortable, MIN(least, columns - HV_TRAFFIC_VM - 1),
                 MAX(columns - HV_TRAFFIC_VM - 1, NARROW_LABEL + LEAST));
}

/* What of the square is to be seen: rows and columns of one page. */
typedef struct {
    guint first_row, n_rows, first_column, n_columns;
    int label, width; /* columns of a name, of a number */
} Window;

static Window
find_window(const HvFlowGrid *grid, const HvArea *area, HvTrafficPages *pages)
{
    const gboolean is_wide = area->width >= WIDE_LABEL + (int)grid->n * LEAST;
    const int label = is_wide ? WIDE_LABEL : NARROW_LABEL;
    const int room = MAX(area->width - label, LEAST);
    const guint fit_columns = (guint)(room / LEAST);
    const guint fit_rows = (guint)MAX(area->height - HEAD_ROWS - grid->has_rest, 1);
    Window window = { .n_columns = MIN(fit_columns, grid->n),
                      .n_rows = MIN(fit_rows, grid->n),
                      .label = label };
    const guint across = (grid->n + window.n_columns - 1) / MAX(window.n_columns, 1);
    const guint down = (grid->n + window.n_rows - 1) / MAX(window.n_rows, 1);

    pages->n_pages = MAX(across * down, 1);
    pages->page = MIN(pages->page, pages->n_pages - 1);
    window.first_column = pages->page % across * window.n_columns;
    window.first_row = pages->page / across * window.n_rows;
    window.n_columns = MIN(window.n_columns, grid->n - window.first_column);
    window.n_rows = MIN(window.n_rows, grid->n - window.first_row);
    window.width = MIN(room / (int)MAX(MIN(fit_columns, grid->n), 1), MOST);
    return window;
}

static void
name_of(char *out, gsize size, const HvView *view, const HvFlowGrid *grid, guint index)
{
    if (grid->by_socket)
        g_snprintf(out, size, "S%u", grid->names[index]);
    else
        hv_node_name(out, size, view->now->topology, grid->names[index]);
}

static void
draw_row(const HvView *view, HvCanvas *canvas, int x, int y, const HvFlowGrid *grid,
         const Window *window, guint from)
{
    char text[32];

    if (from == grid->n)
        g_strlcpy(text, window->label < WIDE_LABEL ? _("rest") : _("unattributed"),
                  sizeof text);
    else
        name_of(text, sizeof text, view, grid, from);
    hv_canvas_print_in(canvas, x, y, window->label, -1,
                       from == grid->n ? HV_ROLE_DIM : HV_ROLE_TITLE, text);
    for (guint i = 0; i < window->n_columns; i++) {
        const guint to = window->first_column + i;
        const HvFlowCell *cell = hv_flow_cell(grid, from, to);
        const int at = x + window->label + (int)i * window->width;

        hv_flow_text(text, sizeof text, cell, !grid->has_bytes, window->width - 1,
                     canvas->ascii);
        if (hv_mark_has_value(cell->mark))
            hv_heat_draw(canvas, at, y, window->width, hv_heat_ratio(cell->value, grid->most),
                         text);
        else
            hv_canvas_print_in(canvas, at, y, window->width - 1, 1, HV_ROLE_ABSENT, text);
    }
}

static void
draw_head(const HvView *view, HvCanvas *canvas, const HvArea *area, const HvFlowGrid *grid,
          const Window *window)
{
    char text[32];

    g_snprintf(text, sizeof text, "%s", canvas->ascii ? _("cpu v") : _("cpus↓"));
    hv_canvas_fill(canvas, area->x, area->y + 1,
                   window->label + (int)window->n_columns * window->width, 1, HV_ROLE_HEAD,
                   " ");
    hv_canvas_print(canvas, area->x, area->y + 1, HV_ROLE_HEAD, text);
    for (guint i = 0; i < window->n_columns; i++) {
        name_of(text, sizeof text, view, grid, window->first_column + i);
        hv_canvas_print_in(canvas, area->x + window->label + (int)i * window->width,
                           area->y + 1, window->width - 1, 1, HV_ROLE_HEAD, text);
    }
}

static int
say_why(HvCanvas *canvas, const HvArea *area, const char *why)
{
    g_autoptr(GPtrArray) lines = hv_dialog_wrap(_(why), area->width);
    int y = area->y + 1;

    for (guint i = 0; i < lines->len && y < area->y + area->height; i++)
        hv_canvas_print(canvas, area->x, y++, HV_ROLE_ABSENT, g_ptr_array_index(lines, i));
    return y;
}

int
hv_traffic_draw_grid(const HvView *view, HvCanvas *canvas, const HvArea *area,
                     const HvFlowGrid *grid, const char *title, HvTrafficPages *pages)
{
    int y = area->y + HEAD_ROWS;
    Window window;

    hv_canvas_print_in(canvas, area->x, area->y, area->width, -1, HV_ROLE_TITLE, title);
    *pages = (HvTrafficPages){ pages->page, 1 };
    if (!grid->n || (grid->why && !grid->has_rest)) {
        return say_why(canvas, area,
                       grid->why ? grid->why : N_("the topology is not known yet"));
    }
    window = find_window(grid, area, pages);
    draw_head(view, canvas, area, grid, &window);
    for (guint i = 0; i < window.n_rows && y < area->y + area->height; i++)
        draw_row(view, canvas, area->x, y++, grid, &window, window.first_row + i);
    if (grid->has_rest && y < area->y + area->height)
        draw_row(view, canvas, area->x, y++, grid, &window, grid->n);
    if (pages->n_pages > 1 && y < area->y + area->height)
        hv_canvas_printf(canvas, area->x, y++, HV_ROLE_DIM, _("part %u of %u: arrows"),
                         pages->page + 1, pages->n_pages);
    return y;
}
