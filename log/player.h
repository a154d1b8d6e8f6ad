/* Playing a log: the snapshot of a time, computed anew from what was recorded; marks; a log
 * that grows. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "log/log.h"
#include "model/derive.h"
#include "model/timeline.h"

/* What a player needs of the program. Borrowed for its life. */
typedef struct {
    const HvSchema *const *known;   /* every table there is, NULL-terminated */
    const HvDerive *const *derives; /* what is computed anew, in this order */
    const HvHistoryColumn *history; /* what sparklines are drawn from */
} HvPlayerParts;

/* A log at one time. One thread. Opaque. */
typedef struct HvPlayer HvPlayer;

/** hv_player_open: @path: from anybody (log/file.h). hv_player_open_ring: what @ring holds; it
 * may go on. */
HvPlayer *hv_player_open(const char *path, const HvPlayerParts *parts, GError **error);
HvPlayer *hv_player_open_ring(HvLog *ring, const HvPlayerParts *parts, GError **error);
void hv_player_free(HvPlayer *player);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvPlayer, hv_player_free)

/** hv_player_refresh: looks whether the log has grown; TRUE when it has. Cheap: may be called
 * ten times a second. */
gboolean hv_player_refresh(HvPlayer *player);
/** hv_player_range: first and last sample; FALSE: there is none. */
gboolean hv_player_range(HvPlayer *player, gint64 *first_ns, gint64 *last_ns);
/**
 * hv_player_at:
 * Returns: (transfer full): the newest sample that is not after @time_ns, with tables, derived
 * ones, topology and a history of up to 60 samples before it; ABSENT with the range in words
 * outside the log, MALFORMED where its bytes are no frames. Its cost does not grow with the
 * log. Going forth sample by sample decodes each once.
 */
HvSnapshot *hv_player_at(HvPlayer *player, gint64 time_ns, GError **error);
/** hv_player_beside: the time of the sample @n (negative: back) from the one at @time_ns, held
 * at the ends. */
gint64 hv_player_beside(HvPlayer *player, gint64 time_ns, int n);
/** hv_player_time: TIME of the command line: "14:02[:11]" in the recording host's zone, its
 * last such time; RFC 3339;
 * "+4s" from the start, "-5m" from the end (@now_ns when not 0). MALFORMED. */
gboolean hv_player_time(HvPlayer *player, const char *text, gint64 now_ns, gint64 *time_ns,
                        GError **error);
/** hv_player_zone: of the recording host; borrowed. */
GTimeZone *hv_player_zone(HvPlayer *player);
/** hv_player_marks: of HvTimeMark by rising time, borrowed until the next refresh. */
const GPtrArray *hv_player_marks(HvPlayer *player);
/** hv_player_view: the operator's view at @time_ns as given to hv_log_view(), or NULL;
 * (transfer full). */
char *hv_player_view(HvPlayer *player, gint64 time_ns);
/** hv_player_knob_lines: "KNOB = VALUE" of each knob as last read before @time_ns; of char *,
 * and of their ages @read_ns (gint64) where not NULL. (transfer full) */
GPtrArray *hv_player_knob_lines(HvPlayer *player, gint64 time_ns, GArray *read_ns);
/** hv_player_meta: a value of the table `meta` ("hostname", "version", "timezone"), borrowed,
 * or NULL. */
const char *hv_player_meta(HvPlayer *player, const char *key);
/** hv_player_file: the log's rows, for reports and exports; borrowed; NULL of a ring. */
struct HvLogFile *hv_player_file(HvPlayer *player);
