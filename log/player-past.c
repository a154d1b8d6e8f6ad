/* Frames of a player: decoding them, and, for a seek, many of them at a time. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/player-private.h"

#include "log/topology.h"
#include "model/error.h"
#include "model/i18n.h"

#define LEAST_FRAMES 20        /* of a thread's own */
#define MOST_BYTES (64u << 20) /* packed, of all that are decoded together */

/* ---- rows ---- */

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

void
hv_player_frame(HvPlayer *player, sqlite3_stmt *row, HvPlayerFrame *frame)
{
    const gboolean has_topology = sqlite3_column_type(row, 5) != SQLITE_NULL;

    *frame = (HvPlayerFrame){
        .seq = sqlite3_column_int64(row, 0),
        .time_ns = sqlite3_column_int64(row, 1),
        .monotonic_ns = sqlite3_column_int64(row, 2),
        .tick = (guint64)MAX(sqlite3_column_int64(row, 3), 1),
        .interval_ns = sqlite3_column_int64(row, 4),
        .topology = has_topology ? topology_of(player, sqlite3_column_int64(row, 5)) : NULL,
        .bytes = sqlite3_column_blob(row, 6),
        .n_bytes = (gsize)MAX(sqlite3_column_bytes(row, 6), 0),
        .is_full = sqlite3_column_int64(row, 7) != 0,
    };
}

void
hv_player_frame_clear(HvPlayerFrame *frame)
{
    hv_topology_unref(frame->topology);
}

/* ---- readers ---- */

static void
free_store(gpointer store)
{
    hv_store_free(store);
}

void
hv_player_reader_open(HvPlayerReader *reader, const HvPlayer *player)
{
    reader->decoder = hv_frame_decoder_new(player->stored, player->parts->known);
    reader->deriveds = g_ptr_array_new_with_free_func(free_store);
    for (const HvDerive *const *derive = player->parts->derives; *derive; derive++)
        g_ptr_array_add(reader->deriveds, hv_store_new((*derive)->schema));
}

void
hv_player_reader_close(HvPlayerReader *reader)
{
    hv_frame_decoder_free(g_steal_pointer(&reader->decoder));
    g_clear_pointer(&reader->deriveds, g_ptr_array_unref);
}

/* @is_past: only what is kept of it */
static void
derive(HvPlayerReader *reader, const HvPlayer *player, HvSnapshot *snapshot, gboolean is_past)
{
    for (guint i = 0; i < reader->deriveds->len; i++) {
        HvStore *store = reader->deriveds->pdata[i];
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
gboolean
hv_player_reader_take(HvPlayerReader *reader, const HvPlayer *player,
                      const HvPlayerFrame *frame, HvFrameUse use, HvSnapshot *snapshot,
                      GError **error)
{
    g_autoptr(GByteArray) unpacked = g_byte_array_new();

    snapshot->time_ns = frame->time_ns;
    snapshot->monotonic_ns = frame->monotonic_ns;
    snapshot->tick = frame->tick;
    snapshot->interval_ns = frame->interval_ns;
    if (!hv_log_unpack(frame->bytes, frame->n_bytes, HV_FRAME_MAX_BYTES, unpacked, error) ||
        !hv_frame_decode(reader->decoder, unpacked->data, unpacked->len, snapshot, error))
        return FALSE;
    if (use == HV_FRAME_BEFORE)
        return TRUE;
    snapshot->topology = frame->topology ? hv_topology_ref(frame->topology) : NULL;
    derive(reader, player, snapshot, use == HV_FRAME_PAST);
    return TRUE;
}

/* ---- the past of a seek ---- */

/* Frames from a full one on: nothing before them is needed. */
typedef struct {
    const HvPlayer *player;
    gint64 seq;        /* that is sought */
    GArray *frames;    /* of HvPlayerFrame, whose bytes are in @bytes */
    GPtrArray *bytes;  /* of GBytes */
    GPtrArray *kept;   /* of HvSnapshot: what is kept of those with a past */
    HvSnapshot *shown; /* that which is sought, whole; NULL: it is not among them */
    GError *error;
    GThread *thread;
} Stretch;

static void
clear_frame(gpointer frame)
{
    hv_player_frame_clear(frame);
}

static void
unref_bytes(gpointer bytes)
{
    g_bytes_unref(bytes);
}

static void
unref_snapshot(gpointer snapshot)
{
    hv_snapshot_unref(snapshot);
}

static Stretch *
stretch_new(const HvPlayer *player, gint64 seq)
{
    Stretch *stretch = g_new0(Stretch, 1);

    stretch->player = player;
    stretch->seq = seq;
    stretch->frames = g_array_new(FALSE, FALSE, sizeof(HvPlayerFrame));
    g_array_set_clear_func(stretch->frames, clear_frame);
    stretch->bytes = g_ptr_array_new_with_free_func(unref_bytes);
    stretch->kept = g_ptr_array_new_with_free_func(unref_snapshot);
    return stretch;
}

static void
stretch_free(gpointer data)
{
    Stretch *stretch = data;

    g_array_unref(stretch->frames);
    g_ptr_array_unref(stretch->bytes);
    g_ptr_array_unref(stretch->kept);
    hv_snapshot_unref(stretch->shown);
    g_clear_error(&stretch->error);
    g_free(stretch);
}

static gboolean
is_kept(const HvPlayer *player, const HvTable *table)
{
    for (const HvHistoryColumn *kept = player->parts->history; kept->table; kept++)
        if (g_str_equal(kept->table, hv_table_schema(table)->name))
            return TRUE;
    return FALSE;
}

/* All tables of a minute would be too many at a time. */
static void
keep(Stretch *stretch, const HvSnapshot *whole)
{
    HvSnapshot *kept = hv_snapshot_new();

    kept->tick = whole->tick;
    for (guint i = 0; i < whole->n_tables; i++)
        if (is_kept(stretch->player, whole->tables[i]))
            hv_snapshot_add(kept, whole->tables[i]);
    g_ptr_array_add(stretch->kept, kept);
}

static void
read_stretch(Stretch *stretch, HvPlayerReader *reader)
{
    for (guint i = 0; i < stretch->frames->len && !stretch->error; i++) {
        const HvPlayerFrame *frame = &g_array_index(stretch->frames, HvPlayerFrame, i);
        const HvFrameUse use = hv_player_use_of(frame->seq, stretch->seq);
        g_autoptr(HvSnapshot) snapshot = hv_snapshot_new();

        if (!hv_player_reader_take(reader, stretch->player, frame, use, snapshot,
                                   &stretch->error))
            return;
        if (use == HV_FRAME_PAST)
            keep(stretch, snapshot);
        else if (use == HV_FRAME_SHOWN)
            stretch->shown = g_steal_pointer(&snapshot);
    }
}

static gpointer
run(gpointer data)
{
    HvPlayerReader reader;

    hv_player_reader_open(&reader, ((Stretch *)data)->player);
    read_stretch(data, &reader);
    hv_player_reader_close(&reader);
    return NULL;
}

/* Rows from @first to @seq. NULL with @error. */
static GPtrArray *
gather(HvPlayer *player, gint64 first, gint64 seq, GError **error)
{
    g_autoptr(GPtrArray) stretches = g_ptr_array_new_with_free_func(stretch_free);
    Stretch *last = NULL;
    gsize n_bytes = 0;
    int code;

    sqlite3_bind_int64(player->from, 1, first);
    sqlite3_bind_int64(player->from, 2, seq);
    while ((code = sqlite3_step(player->from)) == SQLITE_ROW && n_bytes <= MOST_BYTES) {
        HvPlayerFrame frame;
        GBytes *bytes;

        hv_player_frame(player, player->from, &frame);
        if (!last || (frame.is_full && last->frames->len >= LEAST_FRAMES)) {
            last = stretch_new(player, seq);
            g_ptr_array_add(stretches, last);
        }
        bytes = g_bytes_new(frame.bytes, frame.n_bytes);
        frame.bytes = g_bytes_get_data(bytes, NULL);
        n_bytes += frame.n_bytes;
        g_ptr_array_add(last->bytes, bytes);
        g_array_append_val(last->frames, frame);
    }
    sqlite3_reset(player->from);
    if (code == SQLITE_DONE)
        return g_steal_pointer(&stretches);
    if (code == SQLITE_ROW)
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("%s: its samples are too large"),
                    player->path);
    else
        hv_log_error(error, player->db, player->path, _("cannot be played"));
    return NULL;
}

/* The last, where the player goes on from afterwards, with its own reader; the others beside
 * it. */
static void
read_all(HvPlayer *player, GPtrArray *stretches)
{
    for (guint i = 0; i + 1 < stretches->len; i++) {
        Stretch *stretch = stretches->pdata[i];

        stretch->thread = g_thread_try_new("hv-seek", run, stretch, NULL);
        if (!stretch->thread) /* no more are allowed */
            run(stretch);
    }
    if (stretches->len)
        read_stretch(stretches->pdata[stretches->len - 1], &player->reader);
    for (guint i = 0; i < stretches->len; i++) {
        Stretch *stretch = stretches->pdata[i];

        if (stretch->thread)
            g_thread_join(stretch->thread);
    }
}

gboolean
hv_player_seek(HvPlayer *player, gint64 first, gint64 seq, GError **error)
{
    g_autoptr(GPtrArray) stretches = gather(player, first, seq, error);

    if (!stretches)
        return FALSE;
    read_all(player, stretches);
    for (guint i = 0; i < stretches->len; i++) {
        Stretch *stretch = stretches->pdata[i];

        if (stretch->error) {
            g_propagate_error(error, g_steal_pointer(&stretch->error));
            return FALSE;
        }
        for (guint k = 0; k < stretch->kept->len; k++) {
            const HvSnapshot *kept = stretch->kept->pdata[k];

            hv_player_append(player, kept->tick, kept->tables, kept->n_tables);
        }
        if (stretch->shown)
            hv_player_show(player, seq, g_steal_pointer(&stretch->shown));
    }
    return TRUE;
}
