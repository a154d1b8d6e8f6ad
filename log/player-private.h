/* What the player's files share. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "log/file.h"
#include "log/player.h"
#include "model/sink.h"

#define HV_LAST_HOLDS_NS                                                                       \
    G_GINT64_CONSTANT(2000000000) /* the last sample is shown so much longer */

/* What decodes a run of frames, and computes what is derived of them. One thread's. */
typedef struct {
    HvFrameDecoder *decoder;
    GPtrArray *deriveds; /* of HvStore, as parts->derives */
} HvPlayerReader;

/* What is to be made of a frame. */
typedef enum {
    HV_FRAME_BEFORE, /* nothing: those after it need it */
    HV_FRAME_PAST,   /* what is kept of the past */
    HV_FRAME_SHOWN,  /* all that is computed */
} HvFrameUse;

/* A row of `frames`. */
typedef struct {
    gint64 seq, time_ns, monotonic_ns, interval_ns;
    guint64 tick;
    gboolean is_full;
    HvTopology *topology; /* owned, or NULL */
    const guint8 *bytes;  /* packed; borrowed */
    gsize n_bytes;
} HvPlayerFrame;

struct HvPlayer {
    HvLogFile *file; /* NULL: of a ring */
    sqlite3 *db;     /* borrowed */
    char *path;
    const HvPlayerParts *parts;
    GPtrArray *stored; /* of HvFrameSchema */
    gboolean *is_past; /* by derived table: what is kept of the past is made of it */
    HvPlayerReader reader;
    gpointer era;
    gint64 seq;        /* of the frame decoded last */
    guint64 tick;      /* of the one computed last */
    HvSnapshot *shown; /* that, or NULL */
    GHashTable *topologies;
    GHashTable *meta;
    GTimeZone *zone;
    gboolean has_frames;
    gint64 first_ns, last_ns, last_seq, n_notes;
    GPtrArray *marks; /* of HvTimeMark */
    gboolean marks_are_old;
    union {
        struct {
            sqlite3_stmt *at_time, *full_before, *from, *ends, *later, *earlier;
        };
        sqlite3_stmt *statements[6];
    };
};

/** hv_player_read_meta: the table `meta`, and the zone that it names. */
void hv_player_read_meta(HvPlayer *player);
/** hv_player_clock: "2026-03-02 14:02:11" in the recording host's zone. (transfer full) */
char *hv_player_clock(HvPlayer *player, gint64 time_ns);

/** hv_player_use_of: of the frame @frame where @seq is to be shown. */
HvFrameUse hv_player_use_of(gint64 frame, gint64 seq);
/** hv_player_append: adds what is kept of a sample, tables of a frame and of tick @tick, to the
 * past. */
void hv_player_append(HvPlayer *player, guint64 tick, HvTable *const *tables, guint n_tables);

/** hv_player_show: goes on to a sample, whose tables are whole. Takes @take_snapshot. */
void hv_player_show(HvPlayer *player, gint64 seq, HvSnapshot *take_snapshot);

/* ---- log/player-past.c ---- */

/** hv_player_reader_open, hv_player_reader_close: at a full frame; accepts a zeroed one. */
void hv_player_reader_open(HvPlayerReader *reader, const HvPlayer *player);
void hv_player_reader_close(HvPlayerReader *reader);
/** hv_player_reader_take: the tables of @frame, which follows the one before or is full, into
 * @snapshot. MALFORMED. Any thread, with its own @reader. */
gboolean hv_player_reader_take(HvPlayerReader *reader, const HvPlayer *player,
                               const HvPlayerFrame *frame, HvFrameUse use, HvSnapshot *snapshot,
                               GError **error);
/** hv_player_frame: @row of the statement `from`. hv_player_frame_clear. */
void hv_player_frame(HvPlayer *player, sqlite3_stmt *row, HvPlayerFrame *frame);
void hv_player_frame_clear(HvPlayerFrame *frame);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HvPlayerFrame, hv_player_frame_clear)
/** hv_player_seek: shows the frame @seq behind its past, which is read from the full frame
 * @first on; on several threads, since each full frame begins anew. */
gboolean hv_player_seek(HvPlayer *player, gint64 first, gint64 seq, GError **error);
