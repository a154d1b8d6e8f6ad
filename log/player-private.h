/* What the player's files share. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "log/file.h"
#include "log/player.h"
#include "model/sink.h"

#define HV_LAST_HOLDS_NS                                                                       \
    G_GINT64_CONSTANT(2000000000) /* the last sample is shown so much longer */

struct HvPlayer {
    HvLogFile *file; /* NULL: of a ring */
    sqlite3 *db;     /* borrowed */
    char *path;
    const HvPlayerParts *parts;
    GPtrArray *stored;   /* of HvFrameSchema */
    GPtrArray *deriveds; /* of HvStore, as parts->derives */
    gboolean *is_past;   /* by derived table: what is kept of the past is made of it */
    HvFrameDecoder *decoder;
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
