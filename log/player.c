/* Playing a log: the snapshot of a time, computed anew from what was recorded. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/player-private.h"

#include "log/schema-text.h"
#include "log/topology.h"
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

static HvSnapshot *
snapshot_new(HvPlayer *player)
{
    HvSnapshot *snapshot = hv_snapshot_new();
    Era *era = player->era;

    g_atomic_ref_count_inc(&era->refs);
    snapshot->pool = era;
    snapshot->release = release;
    snapshot->history = era->history;
    return snapshot;
}

/* ---- opening ---- */

static void
free_store(gpointer store)
{
    hv_store_free(store);
}

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
                   "SELECT seq, time_ns, monotonic_ns, tick, interval_ns, topology, data FROM "
                   "frames "
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
    hv_frame_decoder_free(player->decoder);
    player->decoder = hv_frame_decoder_new(player->stored, player->parts->known);
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
find_past(const HvPlayerParts *parts, guint n)
{
    gboolean *is_past = g_new0(gboolean, n + 1);

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
    player->deriveds = g_ptr_array_new_with_free_func(free_store);
    player->topologies =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, unref_topology);
    player->marks = g_ptr_array_new_with_free_func(free_mark);
    for (const HvDerive *const *derive = parts->derives; *derive; derive++)
        g_ptr_array_add(player->deriveds, hv_store_new((*derive)->schema));
    player->is_past = find_past(parts, player->deriveds->len);
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
    hv_frame_decoder_free(player->decoder);
    for (guint i = 0; i < G_N_ELEMENTS(player->statements); i++)
        sqlite3_finalize(player->statements[i]);
    g_ptr_array_unref(player->deriveds);
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

static HvTopology *
topology_of(HvPlayer *player, gint64 id)
{
    HvTopology *topology = g_hash_table_lookup(player->topologies, &id);
    gint64 *key;

    if (topology)
        return hv_topology_ref(topology);
    topology = hv_topology_rows_read(player->db, id, NULL); /* without one, screens say so */
    if (!topology)
        return NULL;
    key = g_new(gint64, 1);
    *key = id;
    g_hash_table_insert(player->topologies, key, hv_topology_ref(topology));
    return topology;
}

/* @is_past: only what is kept of it */
static void
derive(HvPlayer *player, HvSnapshot *snapshot, gboolean is_past)
{
    for (guint i = 0; i < player->deriveds->len; i++) {
        HvStore *store = player->deriveds->pdata[i];
        HvSink *sink;

        if (is_past && !player->is_past[i])
            continue;
        sink = hv_sink_begin(&store, 1, snapshot->monotonic_ns);
        player->parts->derives[i]->run(snapshot, sink);
        hv_sink_end(sink, TRUE);
        hv_snapshot_add(snapshot, hv_store_table(store));
    }
}

/* Tables of a row that comes from anybody: how far they go is the decoder's to check. */
static gboolean
decode(HvPlayer *player, sqlite3_stmt *row, HvSnapshot *snapshot, GError **error)
{
    g_autoptr(GByteArray) frame = g_byte_array_new();
    const gsize n_bytes = (gsize)MAX(sqlite3_column_bytes(row, 6), 0);

    return hv_log_unpack(sqlite3_column_blob(row, 6), n_bytes, HV_FRAME_MAX_BYTES, frame,
                         error) &&
           hv_frame_decode(player->decoder, frame->data, frame->len, snapshot, error);
}

/* What is to be made of a frame. */
typedef enum {
    FRAME_BEFORE, /* nothing: those after it need it */
    FRAME_PAST,   /* what is kept of the past */
    FRAME_SHOWN,  /* all that is computed */
} FrameUse;

/* Takes the frame of @row. */
static gboolean
take_frame(HvPlayer *player, sqlite3_stmt *row, FrameUse use, GError **error)
{
    g_autoptr(HvSnapshot) snapshot = snapshot_new(player);
    const guint64 tick = (guint64)MAX(sqlite3_column_int64(row, 3), 1);

    snapshot->time_ns = sqlite3_column_int64(row, 1);
    snapshot->monotonic_ns = sqlite3_column_int64(row, 2);
    snapshot->tick = tick;
    snapshot->interval_ns = sqlite3_column_int64(row, 4);
    if (!decode(player, row, snapshot, error))
        return FALSE;
    player->seq = sqlite3_column_int64(row, 0);
    if (use == FRAME_BEFORE)
        return TRUE;
    if (sqlite3_column_type(row, 5) != SQLITE_NULL)
        snapshot->topology = topology_of(player, sqlite3_column_int64(row, 5));
    derive(player, snapshot, use == FRAME_PAST);
    if (tick < player->tick) { /* another session wrote on: its past begins here */
        Era *era = era_new(player->parts->history);

        era_unref(player->era);
        player->era = era;
        era_unref(snapshot->pool);
        g_atomic_ref_count_inc(&era->refs);
        snapshot->pool = era;
        snapshot->history = era->history;
    }
    player->tick = tick;
    hv_history_append(snapshot->history, tick, snapshot->tables, snapshot->n_tables);
    hv_snapshot_unref(player->shown);
    player->shown = g_steal_pointer(&snapshot);
    return TRUE;
}

/* A full frame from which on @seq has a past of SPARK_SAMPLES. */
static gint64
find_start(HvPlayer *player, gint64 seq)
{
    gint64 start = 0;

    sqlite3_bind_int64(player->full_before, 1, seq - SPARK_SAMPLES);
    if (sqlite3_step(player->full_before) == SQLITE_ROW)
        start = sqlite3_column_int64(player->full_before, 0);
    sqlite3_reset(player->full_before);
    return start;
}

static FrameUse
use_of(gint64 frame, gint64 seq)
{
    if (frame == seq)
        return FRAME_SHOWN;
    return frame > seq - SPARK_SAMPLES ? FRAME_PAST : FRAME_BEFORE;
}

static gboolean
play_to(HvPlayer *player, gint64 seq, GError **error)
{
    gboolean good = TRUE;
    int code;

    if (seq < player->seq || seq > player->seq + MOST_AHEAD || !player->shown)
        begin_anew(player);
    sqlite3_bind_int64(player->from, 1,
                       player->shown ? player->seq + 1 : find_start(player, seq));
    sqlite3_bind_int64(player->from, 2, seq);
    while (good && (code = sqlite3_step(player->from)) == SQLITE_ROW)
        good = take_frame(player, player->from,
                          use_of(sqlite3_column_int64(player->from, 0), seq), error);
    if (good && code != SQLITE_DONE) {
        hv_log_error(error, player->db, player->path, _("cannot be played"));
        good = FALSE;
    }
    sqlite3_reset(player->from);
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
