/* The foot of the screen Traffic: what the links between sockets and the memory controllers
 * move. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/i18n.h"
#include "model/text.h"
#include "tui/node-name.h"
#include "tui/pick.h"
#include "tui/traffic.h"

#define WARM_USE 0.6
#define HOT_USE 0.8
#define LABEL 9 /* columns before the first piece */
#define FEW 2   /* links that have room for words */

const char *
hv_traffic_source(const char *source)
{
    if (g_strcmp0(source, "mbm") == 0)
        return N_("resctrl MBM");
    return g_strcmp0(source, "estimate") == 0 ? N_("by place") : source;
}

/* A piece that does not fit begins the next row, as long as there is one. */
static void
add_piece(HvRun *run, int last_row, HvRole role, const char *text)
{
    if (hv_run_add(run, role, text) || run->y >= last_row)
        return;
    run->y++;
    run->x = LABEL;
    hv_run_add(run, role, text);
}

static HvRun
begin(HvCanvas *canvas, int y, const char *label)
{
    hv_canvas_print(canvas, 1, y, HV_ROLE_DIM, label);
    return (HvRun){ canvas, LABEL, y, canvas->columns };
}

static void
say_why(HvRun *run, const HvTable *table, const char *otherwise)
{
    const char *why = table ? hv_table_why(table) : NULL;

    hv_canvas_print_in(run->canvas, run->x, run->y, run->end - run->x, -1, HV_ROLE_ABSENT,
                       _(why ? why : otherwise));
}

static void
add_link(HvRun *run, int last_row, const HvTable *links, int row)
{
    const gboolean ascii = run->canvas->ascii;
    const int bytes_column = hv_table_column(links, "bytes_per_s");
    char bytes[32], use[32], other[16] = "";
    guint64 from = 0, to;
    double ratio = 0;
    gboolean has_use = hv_pick_f64(links, row, "use_ratio", &ratio);
    g_autofree char *text = NULL;

    hv_pick_u64(links, row, "from_package", &from);
    if (hv_pick_u64(links, row, "to_package", &to))
        g_snprintf(other, sizeof other, "S%u", (guint)to);
    hv_text_cell(bytes, sizeof bytes, links, (guint)row, bytes_column, ascii);
    hv_text_cell(use, sizeof use, links, (guint)row, hv_table_column(links, "use_ratio"),
                 ascii);
    if (has_use && hv_table_n_rows(links) > FEW)
        text =
            g_strdup_printf("S%u%s%s %s %s", (guint)from, ascii ? ">" : "→", other, bytes, use);
    else if (has_use)
        text = g_strdup_printf(_("S%u%s%s %s, %s of the limit"), (guint)from, ascii ? ">" : "→",
                               other, bytes, use);
    else
        text = g_strdup_printf("S%u%s%s %s", (guint)from, ascii ? ">" : "→", other, bytes);
    add_piece(run, last_row,
              !has_use            ? HV_ROLE_TEXT
              : ratio >= HOT_USE  ? HV_ROLE_HOT
              : ratio >= WARM_USE ? HV_ROLE_WARM
                                  : HV_ROLE_TEXT,
              text);
}

static int
draw_links(const HvTable *links, HvCanvas *canvas, int y, int last_row)
{
    HvRun run = begin(canvas, y, _("links"));

    if (!links || !hv_table_n_rows(links))
        say_why(&run, links, N_("no links between sockets can be counted here"));
    for (int i = 0; links && i < (int)hv_table_n_rows(links); i++)
        add_link(&run, last_row, links, i);
    return run.y + 1;
}

static int
draw_memory(const HvView *view, const HvTable *memory, HvCanvas *canvas, int y, int last_row)
{
    HvRun run = begin(canvas, y, _("memory"));
    char name[16], bytes[32];

    if (!memory || !hv_table_n_rows(memory))
        say_why(&run, memory, N_("no memory controllers can be counted here"));
    for (int i = 0; memory && i < (int)hv_table_n_rows(memory); i++) {
        g_autofree char *text = NULL;
        guint64 node = 0;

        hv_pick_u64(memory, i, "node", &node);
        hv_node_name(name, sizeof name, view->now->topology, (guint)node);
        hv_text_cell(bytes, sizeof bytes, memory, (guint)i,
                     hv_table_column(memory, "bytes_per_s"), canvas->ascii);
        text = g_strdup_printf("%s %s", name, bytes);
        add_piece(&run, last_row, HV_ROLE_TEXT, text);
    }
    return run.y + 1;
}

/* Both from @top on, in at most @max_rows rows; returns the row behind. */
static int
draw_both(const HvView *view, HvCanvas *canvas, int top, int max_rows)
{
    const int y = draw_links(hv_snapshot_table(view->now, "links"), canvas, top,
                             top + MAX(max_rows - 1, 1) * 2 / 3);

    if (y >= top + max_rows)
        return y;
    return draw_memory(view, hv_snapshot_table(view->now, "memory_traffic"), canvas, y,
                       top + max_rows - 1);
}

/* Drawn once to see how many rows they take, and again at the very foot. */
int
hv_traffic_draw_links(const HvView *view, HvCanvas *canvas, int bottom, int max_rows)
{
    const int first = bottom - max_rows;
    const int n_rows = max_rows > 0 ? draw_both(view, canvas, first, max_rows) - first : 0;

    if (n_rows < max_rows && n_rows > 0) {
        hv_canvas_fill(canvas, 0, first, canvas->columns, max_rows, HV_ROLE_TEXT, " ");
        draw_both(view, canvas, bottom - n_rows, n_rows);
    }
    return bottom - n_rows;
}
