/* Playing a log: the snapshot of a time, computed anew from what was recorded. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/player-private.h"

#include "log/schema-text.h"
#include "model/error.h"
#include "model/i18n.h"

#define SPARK_SAMPLES 60 /* what a sparkline shows at most */
#define MOST_AHEAD 120   /* frames: farther on it is cheaper to begin anew */

/* What samples decoded one after the other have in common; snapshots that are out keep it. */
typedef struct {
    gatomicrefcount refs;
    HvHistory *history;
} Era;

/* ---- snapshots ---- */

static Era *
era_new(const HvHistoryColumn *columns)
{
    Era *era = g_new0(Era, 1);

    g_atomic_ref_count_init(&era->refs);
    era->history = hv_history_new(columns);
    return era;
}

static void
era_unref(Era *era)
{
    if (!era || !g_atomic_ref_count_dec(&era->refs))
        return;
    hv_history_free(era->history);
    g_free(era);
}

static void
release(gpointer data)
{
    HvSnapshot *snapshot = data;
    Era *era = snapshot->pool;

    snapshot->release = NULL;
    g_atomic_ref_count_init(&snapshot->refs);
    hv_snapshot_unref(snapshot);
    era_unref(era);
}

static void
bind_to_era(HvPlayer *player, HvSnapshot *snapshot)
{
    Era *era = player->era;

    g_atomic_ref_count_inc(&era->refs);
    snapshot->pool = era;
    snapshot->release = release;
    snapshot->history = era->history;
}

/* ---- opening ---- */

static void
unref_topology(gpointer topology)
{
    hv_topology_unref(topology);
}

static void
free_mark(gpointer mark)
{
    hv_time_mark_free(mark);
}

static gboolean
prepare(HvPlayer *player, sqlite3_stmt **statement, const char *sql, GError **error)
{
    if (sqlite3_prepare_v2(player->db, sql, -1, statement, NULL) == SQLITE_OK)
        return TRUE;
    hv_log_error(error, player->db, player->path, _("cannot be played"));
    return FALSE;
}

static gboolean
prepare_all(HvPlayer *player, GError **error)
{
    return prepare(
               player, &player->at_time,
               "SELECT seq, time_ns FROM frames WHERE time_ns <= ? ORDER BY time_ns DESC, seq "
               "DESC LIMIT 1",
               error) &&
           prepare(
               player, &player->full_before,
               "SELECT seq FROM frames WHERE seq <= ? AND is_full ORDER BY seq DESC LIMIT 1",
               error) &&
           prepare(player, &player->from,
                   "SELECT seq, time_ns, monotonic_ns, tick, interval_ns, topology, data, "
                   "is_full FROM frames "
                   "WHERE seq >= ? AND seq <= ? ORDER BY seq",
                   error) &&
           prepare(
               player, &player->ends,
               "SELECT (SELECT min(time_ns) FROM frames), (SELECT max(time_ns) FROM frames), "
               "(SELECT count(*) FROM notes), (SELECT max(seq) FROM frames)",
               error) &&
           prepare(
               player, &player->later,
               "SELECT time_ns FROM frames WHERE time_ns > ? ORDER BY time_ns LIMIT 1 OFFSET ?",
               error) &&
           prepare(player, &player->earlier,
                   "SELECT time_ns FROM frames WHERE time_ns < ? ORDER BY time_ns DESC LIMIT 1 "
                   "OFFSET ?",
                   error);
}

static void
begin_anew(HvPlayer *player)
{
    hv_player_reader_close(&player->reader);
    hv_player_reader_open(&player->reader, player);
    era_unref(player->era);
    player->era = era_new(player->parts->history);
    player->seq = 0;
    player->tick = 0;
    g_clear_pointer(&player->shown, hv_snapshot_unref);
}

static gboolean
is_input(const HvDerive *derive, const char *table)
{
    for (const char *const *input = derive->inputs; input && *input; input++)
        if (g_str_equal(*input, table))
            return TRUE;
    return FALSE;
}

/* Which derived tables the past needs: those that are kept of it, and what they are made of,
 * which comes before them. */
static gboolean *
find_past(const HvPlayerParts *parts)
{
    gboolean *is_past;
    guint n = 0;

    while (parts->derives[n])
        n++;
    is_past = g_new0(gboolean, n + 1);
    for (guint i = n; i-- > 0;) {
        const char *name = parts->derives[i]->schema->name;

        for (const HvHistoryColumn *column = parts->history; column->table; column++)
            is_past[i] = is_past[i] || g_str_equal(column->table, name);
        for (guint later = i + 1; later < n; later++)
            is_past[i] =
                is_past[i] || (is_past[later] && is_input(parts->derives[later], name));
    }
    return is_past;
}

static HvPlayer *
player_new(sqlite3 *db, const char *path, const HvPlayerParts *parts, GError **error)
{
    HvPlayer *player = g_new0(HvPlayer, 1);

    player->db = db;
    player->path = g_strdup(path);
    player->parts = parts;
    player->topologies =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, unref_topology);
    player->marks = g_ptr_array_new_with_free_func(free_mark);
    player->is_past = find_past(parts);
    player->stored = hv_log_schemas_read(db, path, error);
    if (!player->stored || !prepare_all(player, error)) {
        hv_player_free(player);
        return NULL;
    }
    hv_player_read_meta(player);
    begin_anew(player);
    hv_player_refresh(player);
    return player;
}

HvPlayer *
hv_player_open(const char *path, const HvPlayerParts *parts, GError **error)
{
    HvLogFile *file = hv_log_file_read(path, error);
    HvPlayer *player = file ? player_new(hv_log_file_db(file), path, parts, error) : NULL;

    if (player)
        player->file = file;
    else
        hv_log_file_close(file);
    return player;
}

HvPlayer *
hv_player_open_ring(HvLog *ring, const HvPlayerParts *parts, GError **error)
{
    return player_new(hv_log_db(ring), _("what is remembered"), parts, error);
}

void
hv_player_free(HvPlayer *player)
{
    if (!player)
        return;
    g_clear_pointer(&player->shown, hv_snapshot_unref);
    era_unref(player->era);
    hv_player_reader_close(&player->reader);
    for (guint i = 0; i < G_N_ELEMENTS(player->statements); i++)
        sqlite3_finalize(player->statements[i]);
    g_free(player->is_past);
    g_clear_pointer(&player->stored, g_ptr_array_unref);
    g_hash_table_unref(player->topologies);
    g_ptr_array_unref(player->marks);
    g_clear_pointer(&player->meta, g_hash_table_unref);
    g_clear_pointer(&player->zone, g_time_zone_unref);
    hv_log_file_close(player->file);
    g_free(player->path);
    g_free(player);
}

struct HvLogFile *
hv_player_file(HvPlayer *player)
{
    return player->file;
}

/* ---- where it is ---- */

gboolean
hv_player_refresh(HvPlayer *player)
{
    sqlite3_stmt *ends = player->ends;
    gboolean has_grown = FALSE;

    if (sqlite3_step(ends) == SQLITE_ROW) {
        const gint64 last_seq = sqlite3_column_int64(ends, 3);

        has_grown =
            last_seq != player->last_seq || sqlite3_column_int64(ends, 2) != player->n_notes;
        player->has_frames = sqlite3_column_type(ends, 0) != SQLITE_NULL;
        player->first_ns = sqlite3_column_int64(ends, 0);
        player->last_ns = sqlite3_column_int64(ends, 1);
        player->n_notes = sqlite3_column_int64(ends, 2);
        player->last_seq = last_seq;
    }
    sqlite3_reset(ends);
    player->marks_are_old = player->marks_are_old || has_grown;
    return has_grown;
}

gboolean
hv_player_range(HvPlayer *player, gint64 *first_ns, gint64 *last_ns)
{
    *first_ns = player->first_ns;
    *last_ns = player->last_ns;
    return player->has_frames;
}

/* @seq: of the newest frame not after @time_ns. */
static gboolean
find_frame(HvPlayer *player, gint64 time_ns, gint64 *seq, gint64 *found_ns)
{
    gboolean is_there;

    sqlite3_bind_int64(player->at_time, 1, time_ns);
    is_there = sqlite3_step(player->at_time) == SQLITE_ROW;
    if (is_there) {
        *seq = sqlite3_column_int64(player->at_time, 0);
        *found_ns = sqlite3_column_int64(player->at_time, 1);
    }
    sqlite3_reset(player->at_time);
    return is_there;
}

gint64
hv_player_beside(HvPlayer *player, gint64 time_ns, int n)
{
    sqlite3_stmt *statement = n < 0 ? player->earlier : player->later;
    gint64 seq, at_ns = time_ns, beside_ns;

    if (!find_frame(player, time_ns, &seq, &at_ns))
        at_ns = player->first_ns;
    if (n == 0)
        return at_ns;
    sqlite3_bind_int64(statement, 1, at_ns);
    sqlite3_bind_int64(statement, 2, ABS(n) - 1);
    beside_ns = n < 0 ? player->first_ns : player->last_ns;
    if (sqlite3_step(statement) == SQLITE_ROW)
        beside_ns = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return beside_ns;
}

/* ---- frames ---- */

void
hv_player_append(HvPlayer *player, guint64 tick, HvTable *const *tables, guint n_tables)
{
    if (tick < player->tick) { /* another session wrote on: its past begins here */
        era_unref(player->era);
        player->era = era_new(player->parts->history);
    }
    player->tick = tick;
    hv_history_append(((Era *)player->era)->history, tick, tables, n_tables);
}

void
hv_player_show(HvPlayer *player, gint64 seq, HvSnapshot *take_snapshot)
{
    player->seq = seq;
    hv_player_append(player, take_snapshot->tick, take_snapshot->tables,
                     take_snapshot->n_tables);
    bind_to_era(player, take_snapshot);
    hv_snapshot_unref(player->shown);
    player->shown = take_snapshot;
}

/* Takes the frame of @row. */
static gboolean
take_frame(HvPlayer *player, sqlite3_stmt *row, gint64 seq, GError **error)
{
    g_autoptr(HvSnapshot) snapshot = hv_snapshot_new();
    g_auto(HvPlayerFrame) frame;
    HvFrameUse use;

    hv_player_frame(player, row, &frame);
    use = hv_player_use_of(frame.seq, seq);
    if (!hv_player_reader_take(&player->reader, player, &frame, use, snapshot, error))
        return FALSE;
    if (use == HV_FRAME_BEFORE)
        player->seq = frame.seq;
    else
        hv_player_show(player, frame.seq, g_steal_pointer(&snapshot));
    return TRUE;
}

/* The newest full frame that is not after @seq; 0 without one. */
static gint64
find_full(HvPlayer *player, gint64 seq)
{
    gint64 full = 0;

    sqlite3_bind_int64(player->full_before, 1, seq);
    if (sqlite3_step(player->full_before) == SQLITE_ROW)
        full = sqlite3_column_int64(player->full_before, 0);
    sqlite3_reset(player->full_before);
    return full;
}

HvFrameUse
hv_player_use_of(gint64 frame, gint64 seq)
{
    if (frame == seq)
        return HV_FRAME_SHOWN;
    return frame > seq - SPARK_SAMPLES ? HV_FRAME_PAST : HV_FRAME_BEFORE;
}

/* Goes on from @start to @seq, frame by frame. */
static gboolean
go_on(HvPlayer *player, gint64 start, gint64 seq, GError **error)
{
    gboolean good = TRUE;
    int code = SQLITE_DONE;

    sqlite3_bind_int64(player->from, 1, start);
    sqlite3_bind_int64(player->from, 2, seq);
    while (good && (code = sqlite3_step(player->from)) == SQLITE_ROW)
        good = take_frame(player, player->from, seq, error);
    if (good && code != SQLITE_DONE) {
        hv_log_error(error, player->db, player->path, _("cannot be played"));
        good = FALSE;
    }
    sqlite3_reset(player->from);
    return good;
}

/* Begins anew so far before @seq that it has a past of SPARK_SAMPLES. */
static gboolean
begin_before(HvPlayer *player, gint64 seq, GError **error)
{
    const gint64 first = find_full(player, seq - SPARK_SAMPLES);

    begin_anew(player);
    if (seq - first <= MOST_AHEAD)
        return hv_player_seek(player, first, seq, error);
    return go_on(player, first, seq, error);
}

static gboolean
play_to(HvPlayer *player, gint64 seq, GError **error)
{
    const gboolean is_ahead =
        player->shown && seq >= player->seq && seq <= player->seq + MOST_AHEAD;
    const gboolean good = is_ahead ? go_on(player, player->seq + 1, seq, error)
                                   : begin_before(player, seq, error);

    if (!good)
        begin_anew(player);
    return good;
}

static void
say_outside(HvPlayer *player, GError **error)
{
    g_autofree char *first = hv_player_clock(player, player->first_ns);
    g_autofree char *last = hv_player_clock(player, player->last_ns);

    if (player->has_frames)
        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT,
                    _("outside the recording, which is from %s to %s"), first, last);
    else
        g_set_error_literal(error, HV_ERROR, HV_ERROR_ABSENT, _("nothing is recorded"));
}

HvSnapshot *
hv_player_at(HvPlayer *player, gint64 time_ns, GError **error)
{
    gint64 seq, found_ns;

    hv_player_refresh(player);
    /* behind the last sample it holds for as long as the next would take to come */
    if (!find_frame(player, time_ns, &seq, &found_ns) ||
        time_ns > player->last_ns + HV_LAST_HOLDS_NS) {
        say_outside(player, error);
        return NULL;
    }
    if ((!player->shown || seq != player->seq) && !play_to(player, seq, error))
        return NULL;
    if (!player->shown || player->shown->time_ns != found_ns) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("%s: its samples are not in order"),
                    player->path);
        return NULL;
    }
    return hv_snapshot_ref(player->shown);
}
