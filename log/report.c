/* What happened, for somebody who was not there: a page made from a log. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/report.h"

#include "log/page.h"
#include "log/player-private.h"
#include "log/report-plots.h"
#include "model/error.h"
#include "model/i18n.h"
#include "model/text.h"

#define MOST_ROWS 500 /* of any list on the page */
#define MOST_CELLS 8
#define WORST_VMS 12

/* ---- rows as tables ---- */

/* How the cells of a query are shown. */
typedef enum { AS_TEXT, AS_TIME, AS_RATIO, AS_END } CellForm;

static char *
cell_text(HvPlayer *player, sqlite3_stmt *row, int column, CellForm form)
{
    if (sqlite3_column_type(row, column) == SQLITE_NULL)
        return g_strdup("–");
    if (form == AS_TIME)
        return hv_player_clock(player, sqlite3_column_int64(row, column));
    if (form == AS_RATIO)
        return g_strdup_printf("%.1f %%", sqlite3_column_double(row, column) * 100);
    return g_strdup((const char *)sqlite3_column_text(row, column));
}

static void
put_row(HvPlayer *player, HvPage *page, sqlite3_stmt *row, const CellForm *forms)
{
    g_auto(GStrv) cells = g_new0(char *, MOST_CELLS + 1);
    guint n = 0;

    for (; forms[n] != AS_END && n < MOST_CELLS; n++)
        cells[n] = cell_text(player, row, (int)n, forms[n]);
    hv_page_row(page, FALSE, (const char *const *)cells, n);
}

/* @heads: NULL-terminated, one per column of @sql, whose first parameter is the most rows there
 * may be. @nothing: said instead where there is none. Returns how many. */
static guint
put_table(HvPlayer *player, HvPage *page, const char *sql, const char *const *heads,
          const CellForm *forms, const char *nothing)
{
    sqlite3_stmt *statement = NULL;
    guint n_heads = 0, n = 0;

    while (heads[n_heads])
        n_heads++;
    if (sqlite3_prepare_v2(player->db, sql, -1, &statement, NULL) == SQLITE_OK) {
        sqlite3_bind_int(statement, 1, MOST_ROWS);
        for (; sqlite3_step(statement) == SQLITE_ROW; n++) {
            if (n == 0)
                hv_page_row(page, TRUE, heads, n_heads);
            put_row(player, page, statement, forms);
        }
    }
    sqlite3_finalize(statement);
    if (n)
        hv_page_end_table(page);
    else if (nothing)
        hv_page_text(page, nothing);
    return n;
}

/* ---- parts of the page ---- */

static void
put_host(HvPlayer *player, HvPage *page)
{
    static const char *const heads[] = { N_("cpu"),   N_("packages"), N_("nodes"), N_("L3"),
                                         N_("cores"), N_("cpus"),     NULL };
    static const CellForm forms[] = { AS_TEXT, AS_TEXT, AS_TEXT, AS_TEXT,
                                      AS_TEXT, AS_TEXT, AS_END };
    g_autofree char *first = hv_player_clock(player, player->first_ns);
    g_autofree char *last = hv_player_clock(player, player->last_ns);
    const char *zone = g_time_zone_get_identifier(player->zone);
    const char *version = hv_player_meta(player, "version");
    char length[32];
    g_autofree char *when = NULL;

    hv_text_duration(length, sizeof length, player->last_ns - player->first_ns);
    when = g_strdup_printf(_("Recorded from %s to %s (%s, %s), by hvtune %s."), first, last,
                           length, zone, version ? version : "?");
    hv_page_text(page, when);
    put_table(player, page,
              "SELECT t.cpu_model, (SELECT count(*) FROM topo_packages p WHERE p.topology = "
              "t.topology), "
              "(SELECT count(*) FROM topo_nodes n WHERE n.topology = t.topology), "
              "(SELECT count(*) FROM topo_llcs l WHERE l.topology = t.topology), "
              "(SELECT count(*) FROM topo_cores c WHERE c.topology = t.topology), "
              "(SELECT count(*) FROM topo_cpus c WHERE c.topology = t.topology AND c.online) "
              "FROM topologies t ORDER BY t.topology DESC LIMIT min(1, ?)",
              heads, forms, _("The topology was not known yet."));
}

static void
put_gaps(HvPlayer *player, HvPage *page)
{
    static const char *const heads[] = { N_("from"), N_("to"), N_("why"), NULL };
    static const CellForm forms[] = { AS_TIME, AS_TIME, AS_TEXT, AS_END };
    sqlite3_stmt *statement = NULL;
    gint64 n = 0;

    if (sqlite3_prepare_v2(player->db, "SELECT count(*) FROM gaps", -1, &statement, NULL) ==
            SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        n = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    if (n == 0)
        return;
    hv_page_heading(page, 2, _("Where nothing was recorded"));
    put_table(player, page,
              "SELECT from_ns, to_ns, coalesce(why, kind) FROM gaps ORDER BY from_ns LIMIT ?",
              heads, forms, NULL);
}

static void
put_vms(HvPlayer *player, HvPage *page)
{
    static const char *const heads[] = { N_("VM"),        N_("worst wait"),
                                         N_("mean wait"), N_("remote memory"),
                                         N_("throttled"), N_("overhead"),
                                         N_("cpu"),       NULL };
    static const CellForm forms[] = { AS_TEXT,  AS_RATIO, AS_RATIO, AS_RATIO,
                                      AS_RATIO, AS_RATIO, AS_RATIO, AS_END };
    g_autofree char *sql = g_strdup_printf(
        "SELECT vm, max(wait_max_ratio), sum(wait_mean_ratio * n_samples) / sum(n_samples), "
        "sum(remote_ratio * n_samples) / sum(n_samples), max(throttled_ratio), "
        "sum(overhead_ratio * n_samples) / sum(n_samples), sum(cpu_ratio * n_samples) / "
        "sum(n_samples) "
        "FROM vm_sums GROUP BY vm ORDER BY coalesce(max(wait_max_ratio), 0) + "
        "coalesce(avg(remote_ratio), 0) DESC LIMIT min(%d, ?)",
        WORST_VMS);

    hv_page_heading(page, 2, _("VMs, the worst first"));
    put_table(player, page, sql, heads, forms,
              _("Less than ten seconds were recorded: no sums yet."));
}

static void
put_findings(HvPlayer *player, HvPage *page)
{
    static const char *const heads[] = { N_("since"), N_("until"),    N_("severity"),
                                         N_("VM"),    N_("evidence"), N_("remedy"),
                                         NULL };
    static const CellForm forms[] = { AS_TIME, AS_TIME, AS_TEXT, AS_TEXT,
                                      AS_TEXT, AS_TEXT, AS_END };

    hv_page_heading(page, 2, _("What was found"));
    put_table(player, page,
              "SELECT begun_ns, ended_ns, severity, vm, evidence, remedy FROM findings "
              "ORDER BY coalesce(cost_ratio, 0) DESC, begun_ns LIMIT ?",
              heads, forms, _("Nothing."));
}

static void
put_steps(HvPlayer *player, HvPage *page)
{
    static const char *const heads[] = { N_("plan"),    N_("time"),   N_("what"),
                                         N_("knob"),    N_("before"), N_("after"),
                                         N_("outcome"), N_("undo"),   NULL };
    static const CellForm forms[] = { AS_TEXT, AS_TIME, AS_TEXT, AS_TEXT, AS_TEXT,
                                      AS_TEXT, AS_TEXT, AS_TEXT, AS_END };

    hv_page_heading(page, 2, _("What was changed"));
    if (!put_table(
            player, page,
            "SELECT change, time_ns, title, knob, before, after, coalesce(outcome, state) || "
            "coalesce(': ' || error, '') || coalesce(', undone by ' || undone_by, ''), undo "
            "FROM changes WHERE time_ns >= (SELECT min(time_ns) FROM frames) "
            "ORDER BY change, step LIMIT ?",
            heads, forms, _("Nothing.")))
        return;
}

static void
put_effects(HvPlayer *player, HvPage *page)
{
    static const char *const heads[] = { N_("plan"), N_("VM"), N_("effect"), N_("verdict"),
                                         NULL };
    static const CellForm forms[] = { AS_TEXT, AS_TEXT, AS_TEXT, AS_TEXT, AS_END };

    hv_page_heading(page, 3, _("What it did"));
    put_table(player, page,
              "SELECT change, vm, text, verdict FROM effects ORDER BY change, is_main DESC, "
              "metric LIMIT ?",
              heads, forms, _("No effect was measured."));
}

static void
put_undo(HvPlayer *player, HvPage *page)
{
    sqlite3_stmt *statement = NULL;
    g_autoptr(GString) lines = g_string_new(NULL);

    if (sqlite3_prepare_v2(
            player->db,
            "SELECT change, min(title) FROM changes WHERE undone_by IS NULL AND outcome = "
            "'done' AND "
            "coalesce(kind, '') <> 'undo' AND time_ns >= (SELECT min(time_ns) FROM frames) "
            "GROUP BY change ORDER BY change DESC LIMIT ?",
            -1, &statement, NULL) == SQLITE_OK) {
        sqlite3_bind_int(statement, 1, MOST_ROWS);
        while (sqlite3_step(statement) == SQLITE_ROW)
            g_string_append_printf(lines, "hvtune undo %" G_GINT64_FORMAT "  # %s\n",
                                   (gint64)sqlite3_column_int64(statement, 0),
                                   (const char *)sqlite3_column_text(statement, 1));
    }
    sqlite3_finalize(statement);
    if (!lines->len)
        return;
    hv_page_heading(page, 3, _("To take it back, the newest first"));
    hv_page_code(page, lines->str);
}

static void
put_notes(HvPlayer *player, HvPage *page)
{
    static const char *const heads[] = { N_("time"), N_("VM"), N_("note"), NULL };
    static const CellForm forms[] = { AS_TIME, AS_TEXT, AS_TEXT, AS_END };

    hv_page_heading(page, 2, _("Notes"));
    put_table(player, page, "SELECT time_ns, vm, text FROM notes ORDER BY time_ns LIMIT ?",
              heads, forms, _("None."));
}

char *
hv_log_report(HvPlayer *player, gboolean is_html, GError **error)
{
    g_autoptr(GString) out = g_string_new(NULL);
    HvPage page = { .out = out, .is_html = is_html };
    const char *hostname = hv_player_meta(player, "hostname");
    g_autofree char *title =
        g_strdup_printf(_("Tuning session on %s"), hostname ? hostname : "?");

    if (!player->has_frames) {
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED, _("%s: nothing is recorded in it"),
                    player->path);
        return NULL;
    }
    hv_page_begin(&page, title);
    put_host(player, &page);
    put_gaps(player, &page);
    put_findings(player, &page);
    put_steps(player, &page);
    put_effects(player, &page);
    put_undo(player, &page);
    put_notes(player, &page);
    hv_page_heading(&page, 2, _("How it went"));
    if (!hv_report_plots(player, &page, error))
        return NULL;
    put_vms(player, &page);
    hv_page_end(&page);
    return g_string_free(g_steal_pointer(&out), FALSE);
}
