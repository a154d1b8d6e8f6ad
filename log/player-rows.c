/* What a player knows beside the samples: times, marks, the operator's view, knobs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "log/player-private.h"
#include "log/view-rows.h"
#include "model/error.h"
#include "model/i18n.h"
#include "model/text.h"

#define NS_PER_S G_GINT64_CONSTANT(1000000000)
#define MOST_META 256
#define MOST_MARKS 20000
#define MOST_KNOBS 100000
#define LONGEST 400 /* characters of a mark */

/* ---- meta and clock ---- */

void
hv_player_read_meta(HvPlayer *player)
{
    sqlite3_stmt *statement = NULL;
    const char *zone;

    player->meta = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    if (sqlite3_prepare_v2(player->db, "SELECT key, value FROM meta LIMIT ?", -1, &statement,
                           NULL) == SQLITE_OK) {
        sqlite3_bind_int(statement, 1, MOST_META);
        while (sqlite3_step(statement) == SQLITE_ROW) {
            const char *key = (const char *)sqlite3_column_text(statement, 0);
            const char *value = (const char *)sqlite3_column_text(statement, 1);

            if (key && value)
                g_hash_table_replace(player->meta, g_strdup(key), g_strdup(value));
        }
    }
    sqlite3_finalize(statement);
    zone = hv_player_meta(player, "timezone");
    /* POSIX, and so GLib, counts hours behind a name to the west */
    if (zone && g_str_has_prefix(zone, "UTC") && strchr("+-", zone[3]) && zone[3])
        zone += strlen("UTC");
    /* a name could be a path: only those of the zone database and offsets are taken */
    if (zone && *zone != '/' && *zone != ':' && !strstr(zone, ".."))
        player->zone = g_time_zone_new_identifier(zone);
    if (!player->zone)
        player->zone = g_time_zone_new_utc();
}

const char *
hv_player_meta(HvPlayer *player, const char *key)
{
    return g_hash_table_lookup(player->meta, key);
}

GTimeZone *
hv_player_zone(HvPlayer *player)
{
    return player->zone;
}

static GDateTime *
date_of(HvPlayer *player, gint64 time_ns)
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(time_ns / NS_PER_S);

    return utc ? g_date_time_to_timezone(utc, player->zone) : NULL;
}

char *
hv_player_clock(HvPlayer *player, gint64 time_ns)
{
    g_autoptr(GDateTime) date = date_of(player, time_ns);

    return date ? g_date_time_format(date, "%F %T") : g_strdup("–");
}

/* ---- TIME ---- */

static gboolean
parse_number(const char **at, guint digits, int most, int *number)
{
    int value = 0;

    for (guint i = 0; i < digits; i++, (*at)++) {
        if (!g_ascii_isdigit(**at))
            return FALSE;
        value = value * 10 + (**at - '0');
    }
    *number = value;
    return value <= most;
}

/* The decimals of a second, ".5"; without any the second's end: a screen whose clock said
 * 14:02:11 showed the last sample of that second. */
static gboolean
parse_decimals(const char *text, gint64 *ns)
{
    gint64 unit = NS_PER_S / 10;

    *ns = *text ? 0 : NS_PER_S - 1;
    if (*text && (*text++ != '.' || !*text))
        return FALSE;
    for (; g_ascii_isdigit(*text); text++, unit /= 10)
        *ns += (*text - '0') * unit;
    return !*text;
}

/* "14:02", "14:02:11" or "14:02:11.25" */
static gboolean
parse_clock(const char *text, int *hour, int *minute, int *second, gint64 *ns)
{
    *second = 0;
    *ns = NS_PER_S - 1;
    if (!parse_number(&text, 2, 23, hour) || *text++ != ':' ||
        !parse_number(&text, 2, 59, minute))
        return FALSE;
    if (!*text)
        return TRUE;
    return *text++ == ':' && parse_number(&text, 2, 60, second) && parse_decimals(text, ns);
}

/* The last such time that is not after the log's end. */
static gint64
last_such_time(HvPlayer *player, int hour, int minute, int second)
{
    g_autoptr(GDateTime) end = date_of(player, player->last_ns);
    g_autoptr(GDateTime) day = NULL, before = NULL;

    if (!end)
        return player->last_ns;
    day = g_date_time_new(player->zone, g_date_time_get_year(end), g_date_time_get_month(end),
                          g_date_time_get_day_of_month(end), hour, minute, MIN(second, 59));
    if (day && g_date_time_to_unix(day) * NS_PER_S > player->last_ns)
        before = g_date_time_add_days(day, -1);
    else if (day)
        before = g_date_time_ref(day);
    return before ? g_date_time_to_unix(before) * NS_PER_S : player->last_ns;
}

/* "5m", "1.5s", "300ms": a number with its unit. */
static gboolean
parse_span(const char *text, gint64 *span_ns)
{
    static const struct {
        const char *unit;
        double ns;
    } units[] = { { "", 1e9 },   { "ms", 1e6 },   { "s", 1e9 },
                  { "m", 60e9 }, { "h", 3600e9 }, { "d", 86400e9 } };
    char *end = NULL;
    const double number = g_ascii_strtod(text, &end);

    for (guint i = 0; i < G_N_ELEMENTS(units); i++)
        if (end != text && g_ascii_isdigit(*text) && g_str_equal(end, units[i].unit) &&
            number * units[i].ns < 1e18) {
            *span_ns = (gint64)(number * units[i].ns);
            return TRUE;
        }
    return FALSE;
}

gboolean
hv_player_time(HvPlayer *player, const char *text, gint64 now_ns, gint64 *time_ns,
               GError **error)
{
    int hour, minute, second;
    gint64 span_ns, ns;

    if ((*text == '+' || *text == '-') && parse_span(text + 1, &span_ns)) {
        *time_ns = *text == '+' ? player->first_ns + span_ns
                                : (now_ns ? now_ns : player->last_ns) - span_ns;
        return TRUE;
    }
    if (parse_clock(text, &hour, &minute, &second, &ns)) {
        *time_ns = last_such_time(player, hour, minute, second) + ns;
        return TRUE;
    }
    g_autoptr(GDateTime) date = g_date_time_new_from_iso8601(text, player->zone);

    if (date && strchr(text, 'T')) {
        *time_ns = g_date_time_to_unix(date) * NS_PER_S +
                   (strchr(text, '.') || strchr(text, ',')
                        ? g_date_time_get_microsecond(date) * G_GINT64_CONSTANT(1000)
                        : NS_PER_S - 1);
        return TRUE;
    }
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                _("not a time: 14:02:11, 2026-03-02T14:02:11Z, +4s from the start or -5m from "
                  "the end"));
    return FALSE;
}

/* ---- marks ---- */

static const char *
text_at(sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);

    return text ? text : "";
}

static void
add_mark(HvPlayer *player, HvTimeMarkKind kind, sqlite3_stmt *row)
{
    const gint64 from_ns = sqlite3_column_int64(row, 0);
    const gint64 until_ns = MAX(sqlite3_column_int64(row, 1), from_ns);
    const guint64 id = (guint64)MAX(sqlite3_column_int64(row, 2), 0);
    g_autofree char *vm = hv_text_printable(text_at(row, 3), LONGEST);
    g_autofree char *text = hv_text_printable(text_at(row, 4), LONGEST);

    g_ptr_array_add(player->marks,
                    hv_time_mark_new(kind, from_ns, until_ns, id, *vm ? vm : NULL, text));
}

static void
add_marks(HvPlayer *player, HvTimeMarkKind kind, const char *sql)
{
    sqlite3_stmt *statement = NULL;

    if (sqlite3_prepare_v2(player->db, sql, -1, &statement, NULL) == SQLITE_OK)
        while (player->marks->len < MOST_MARKS && sqlite3_step(statement) == SQLITE_ROW)
            add_mark(player, kind, statement);
    sqlite3_finalize(statement);
}

static int
compare_marks(gconstpointer a, gconstpointer b)
{
    const HvTimeMark *const *left = a, *const *right = b;

    return ((*left)->time_ns > (*right)->time_ns) - ((*left)->time_ns < (*right)->time_ns);
}

const GPtrArray *
hv_player_marks(HvPlayer *player)
{
    if (!player->marks_are_old)
        return player->marks;
    g_ptr_array_set_size(player->marks, 0);
    add_marks(
        player, HV_TIME_MARK_CHANGE,
        "SELECT min(time_ns), min(time_ns), change, '', "
        "title || ' (plan ' || change || ')' || coalesce((SELECT ': ' || text FROM effects e "
        "WHERE e.change = c.change ORDER BY is_main DESC LIMIT 1), "
        "': ' || coalesce(state, outcome, '')) "
        "FROM changes c WHERE time_ns BETWEEN (SELECT min(time_ns) FROM frames) AND "
        "(SELECT max(time_ns) FROM frames) + 2000000000 GROUP BY change ORDER BY change");
    add_marks(player, HV_TIME_MARK_NOTE,
              "SELECT time_ns, time_ns, 0, coalesce(vm, ''), text FROM notes ORDER BY time_ns");
    add_marks(player, HV_TIME_MARK_FINDING,
              "SELECT begun_ns, coalesce(ended_ns, begun_ns), 0, coalesce(vm, ''), "
              "coalesce(severity, '') || ': ' || coalesce(what, kind) || ': ' || "
              "coalesce(evidence, '') "
              "FROM findings ORDER BY begun_ns");
    add_marks(player, HV_TIME_MARK_GAP,
              "SELECT from_ns, to_ns, 0, '', coalesce(why, kind) FROM gaps ORDER BY from_ns");
    g_ptr_array_sort(player->marks, compare_marks);
    player->marks_are_old = FALSE;
    return player->marks;
}

/* ---- view and knobs ---- */

char *
hv_player_view(HvPlayer *player, gint64 time_ns)
{
    sqlite3_stmt *statement = NULL;
    char *view = NULL;

    if (sqlite3_prepare_v2(
            player->db,
            "SELECT * FROM views WHERE time_ns <= ? ORDER BY time_ns DESC, id DESC LIMIT 1", -1,
            &statement, NULL) == SQLITE_OK) {
        sqlite3_bind_int64(statement, 1, time_ns);
        if (sqlite3_step(statement) == SQLITE_ROW)
            view = hv_log_view_lines(statement, 2);
    }
    sqlite3_finalize(statement);
    return view;
}

GPtrArray *
hv_player_knob_lines(HvPlayer *player, gint64 time_ns, GArray *read_ns)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    sqlite3_stmt *statement = NULL;

    if (sqlite3_prepare_v2(
            player->db,
            "SELECT knob, value, max(time_ns) FROM knobs WHERE time_ns <= ? GROUP BY knob "
            "ORDER BY knob LIMIT ?",
            -1, &statement, NULL) == SQLITE_OK) {
        sqlite3_bind_int64(statement, 1, time_ns);
        sqlite3_bind_int(statement, 2, MOST_KNOBS);
        while (sqlite3_step(statement) == SQLITE_ROW) {
            const gint64 at_ns = sqlite3_column_int64(statement, 2);
            g_autofree char *knob = hv_text_printable(text_at(statement, 0), LONGEST);
            g_autofree char *value = hv_text_printable(text_at(statement, 1), LONGEST * 10);

            if (sqlite3_column_type(statement, 1) == SQLITE_NULL)
                continue;
            g_ptr_array_add(lines, g_strdup_printf("%s = %s", knob, value));
            if (read_ns)
                g_array_append_val(read_ns, at_ns);
        }
    }
    sqlite3_finalize(statement);
    return lines;
}
