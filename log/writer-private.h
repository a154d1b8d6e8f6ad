/* What the files of log/writer.h share. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "log/frame.h"
#include "log/sums.h"
#include "log/table-rows.h"
#include "log/writer.h"

#define HV_LOG_MISSED_INTERVALS 3 /* without a sample: a gap */

/* Values of a frame's row. */
enum { FRAME_INTERVAL_NS = 4, FRAME_IS_FULL };

struct HvLogWriter {
    sqlite3 *db;
    char *path;  /* for messages */
    int lock_fd; /* -1: none; closed after the database: closing drops SQLite's own locks */
    gint64 keep_ns;
    guint64 keep_bytes;
    sqlite3_stmt *statements[HV_LOG_N_ROW_KINDS];
    sqlite3_stmt *begin, *commit, *n_pages, *n_free_pages;
    gint64 page_bytes;
    HvFrameEncoder *encoder;
    HvLogSums *sums; /* NULL: none are made */
    HvLogTables *tables;
    GByteArray *frame, *packed;
    GPtrArray *rows; /* of HvLogRow, to be committed */
    gsize n_waiting_bytes;
    gint64 next_seq;
    guint n_since_full; /* samples; HV_FRAMES_PER_FULL or more: the next one is full */
    HvTopology *topology;
    gint64 topology_id, next_topology_id;
    gint64 lost_ns; /* first of the samples given up; 0: none */
    gint64 last_ns, last_monotonic_ns;
    gint64 open_gap_ns;   /* of the recording before; 0: none */
    gint64 checkpoint_us; /* when the last one was */
    HvLogState state;     /* counts of what is committed */
};

/** hv_log_writer_add: @take_row waits for the next commit. hv_log_writer_weigh: counts rows
 * that were added by others, from number @from on. hv_log_writer_meta: a row of `meta`. */
void hv_log_writer_add(HvLogWriter *writer, HvLogRow *take_row);
void hv_log_writer_weigh(HvLogWriter *writer, guint from);
void hv_log_writer_meta(HvLogWriter *writer, const char *key, const char *value);
/** hv_log_writer_give_up: the sample of @time_ns will never be committed. */
void hv_log_writer_give_up(HvLogWriter *writer, gint64 time_ns);
/** hv_log_number: the first cell of the first row, 0 without one. */
gint64 hv_log_number(sqlite3 *db, const char *sql);
