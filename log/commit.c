/* Commits what waits, ends a recording, and keeps what could not be committed. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/file-private.h"
#include "log/keep.h"
#include "log/topology.h"
#include "log/writer-private.h"
#include "model/error.h"
#include "model/i18n.h"

#include <sys/stat.h>

#define MAX_WAITING_BYTES (8u << 20)        /* of rows that could not be committed */
#define CHECKPOINT_US (30 * G_USEC_PER_SEC) /* so much a host that loses power may lose */

/* Gaps that the recording before left: they end with @frame. One that is no longer than between
 * two samples, after a clean end, is none. */
static gboolean
close_former(HvLogWriter *writer, const HvLogRow *frame, GError **error)
{
    const gint64 least_ns = HV_LOG_MISSED_INTERVALS * frame->values[FRAME_INTERVAL_NS].number;
    g_autofree char *sql = NULL;

    if (writer->open_gap_ns == 0)
        return TRUE;
    sql = g_strdup_printf(
        "UPDATE gaps SET to_ns = %" G_GINT64_FORMAT
        " WHERE from_ns = to_ns AND from_ns <= %" G_GINT64_FORMAT
        "; DELETE FROM gaps WHERE kind = 'stopped' AND from_ns = %" G_GINT64_FORMAT
        " AND to_ns - from_ns <= %" G_GINT64_FORMAT,
        frame->time_ns, writer->open_gap_ns, writer->open_gap_ns, least_ns);
    return hv_log_exec(writer->db, sql, writer->path, _("cannot be written"), error);
}

gboolean
hv_log_writer_has_rows(const HvLogWriter *writer)
{
    return writer->rows->len > 0;
}

/* What one row itself is at fault for must not hold up the others. */
static gboolean
is_of_row(int code)
{
    return (code & 0xff) == SQLITE_CONSTRAINT || (code & 0xff) == SQLITE_TOOBIG ||
           (code & 0xff) == SQLITE_MISMATCH;
}

static gboolean
put_row(HvLogWriter *writer, const HvLogRow *row, GError **error)
{
    int code;

    if (row->kind == HV_LOG_ROW_TOPOLOGY)
        return hv_topology_rows_put(writer->db, row->values[0].number, row->time_ns,
                                    row->topology, error);
    code = hv_log_row_put(row, writer->statements[row->kind]);
    if (code == SQLITE_OK || is_of_row(code))
        return TRUE;
    hv_log_error(error, writer->db, writer->path, _("cannot be written"));
    return FALSE;
}

static gboolean
do_step(const HvLogWriter *writer, sqlite3_stmt *statement, GError **error)
{
    const int code = sqlite3_step(statement);

    if (sqlite3_reset(statement) == SQLITE_OK && code == SQLITE_DONE)
        return TRUE;
    hv_log_error(error, writer->db, writer->path, _("cannot be written"));
    return FALSE;
}

static gint64
ask(sqlite3_stmt *statement)
{
    const gint64 number =
        sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;

    sqlite3_reset(statement);
    return number;
}

/* What it holds is asked for within the transaction: there it costs no locks. @is_shorter: its
 * first sample may be another one now. */
static gboolean
end_transaction(HvLogWriter *writer, gboolean is_shorter, GError **error)
{
    const gint64 first_ns =
        is_shorter || writer->state.first_ns == 0
            ? hv_log_number(writer->db, "SELECT time_ns FROM frames ORDER BY seq LIMIT 1")
            : writer->state.first_ns;
    const guint64 n_bytes =
        (guint64)((ask(writer->n_pages) - ask(writer->n_free_pages)) * writer->page_bytes);

    if (!do_step(writer, writer->commit, error))
        return FALSE;
    writer->state.first_ns = first_ns;
    writer->state.n_bytes = n_bytes;
    return TRUE;
}

static gboolean
put_rows(HvLogWriter *writer, GError **error)
{
    gboolean has_full = FALSE;
    gint64 newest_ns = 0;

    if (!do_step(writer, writer->begin, error))
        return FALSE;
    for (guint i = 0; i < writer->rows->len; i++) {
        const HvLogRow *row = writer->rows->pdata[i];

        if (!put_row(writer, row, error))
            return FALSE;
        if (row->kind == HV_LOG_ROW_FRAME) {
            newest_ns = row->time_ns;
            has_full = has_full || row->values[FRAME_IS_FULL].number;
            if (!close_former(writer, row, error))
                return FALSE;
        }
    }
    if (has_full &&
        hv_log_keep(writer->db, newest_ns, writer->keep_ns, writer->keep_bytes) != SQLITE_OK) {
        hv_log_error(error, writer->db, writer->path, _("cannot be written"));
        return FALSE;
    }
    return end_transaction(writer, has_full, error);
}

/* The samples of what waits are given up where it has become too much, and the sums; other rows
 * are few, and stay until the disk takes them. */
static void
make_room(HvLogWriter *writer)
{
    g_autoptr(GPtrArray) rows = writer->rows;

    if (writer->n_waiting_bytes <= MAX_WAITING_BYTES) {
        g_steal_pointer(&rows);
        return;
    }
    writer->rows = g_ptr_array_new_with_free_func((GDestroyNotify)hv_log_row_free);
    writer->n_waiting_bytes = 0;
    for (guint i = 0; i < rows->len; i++) {
        HvLogRow *row = rows->pdata[i];

        if (row->kind == HV_LOG_ROW_FRAME) {
            hv_log_writer_give_up(writer, row->time_ns);
        } else if (row->kind != HV_LOG_ROW_SUM) {
            rows->pdata[i] = NULL;
            hv_log_writer_add(writer, row);
        }
    }
    if (writer->n_waiting_bytes > MAX_WAITING_BYTES) {
        g_ptr_array_set_size(writer->rows, 0);
        writer->n_waiting_bytes = 0;
    }
}

static void
count(HvLogWriter *writer)
{
    for (guint i = 0; i < writer->rows->len; i++) {
        const HvLogRow *row = writer->rows->pdata[i];

        if (row->kind != HV_LOG_ROW_FRAME)
            continue;
        writer->open_gap_ns = 0;
        writer->state.n_frames++;
        writer->state.last_ns = row->time_ns;
    }
}

/* Whoever moves a file away or cleans up does not know that it is still written. */
static gboolean
check_there(HvLogWriter *writer, GError **error)
{
    struct stat status;

    if (writer->lock_fd < 0 || fstat(writer->lock_fd, &status) != 0 || status.st_nlink > 0)
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_CONFLICT,
                _("%s: was removed while it was recorded: begin a new one"), writer->path);
    return FALSE;
}

/* Brings to the disk itself what a host that loses power would lose. */
static void
checkpoint(HvLogWriter *writer)
{
    const gint64 now_us = g_get_monotonic_time();

    if (writer->lock_fd < 0 || now_us - writer->checkpoint_us < CHECKPOINT_US)
        return;
    writer->checkpoint_us = now_us;
    sqlite3_wal_checkpoint_v2(writer->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL,
                              NULL); /* what fails now is tried again with the next one */
}

gboolean
hv_log_writer_commit(HvLogWriter *writer, GError **error)
{
    if (!writer->rows->len)
        return TRUE;
    if (check_there(writer, error) && put_rows(writer, error)) {
        count(writer);
        g_ptr_array_set_size(writer->rows, 0);
        writer->n_waiting_bytes = 0;
        checkpoint(writer);
        return TRUE;
    }
    if (!sqlite3_get_autocommit(writer->db))
        sqlite3_exec(writer->db, "ROLLBACK", NULL, NULL, NULL); /* else it did that itself */
    make_room(writer);
    return FALSE;
}

gboolean
hv_log_writer_end(HvLogWriter *writer, GError **error)
{
    g_autofree char *now = g_strdup_printf("%" G_GINT64_FORMAT, writer->state.last_ns);
    const guint from = writer->rows->len;

    if (writer->sums)
        hv_log_sums_end(writer->sums, writer->rows);
    hv_log_writer_meta(writer, "ended_ns", now);
    hv_log_writer_weigh(writer, from);
    if (!hv_log_writer_commit(writer, error))
        return FALSE;
    if (!hv_log_exec(writer->db, "PRAGMA wal_checkpoint(TRUNCATE)", writer->path,
                     _("cannot be ended"), error))
        return FALSE;
    for (guint i = 0; i < HV_LOG_N_ROW_KINDS; i++)
        sqlite3_finalize(g_steal_pointer(&writer->statements[i]));
    sqlite3_finalize(g_steal_pointer(&writer->n_pages));
    sqlite3_finalize(g_steal_pointer(&writer->n_free_pages));
    sqlite3_exec(writer->db, "PRAGMA journal_mode = DELETE", NULL, NULL,
                 NULL); /* not while somebody reads it: then its -wal stays, empty */
    return TRUE;
}

void
hv_log_writer_state(HvLogWriter *writer, HvLogState *state)
{
    state->n_frames = writer->state.n_frames;
    state->n_given_up = writer->state.n_given_up;
    state->n_bytes = writer->state.n_bytes;
    state->first_ns = writer->state.first_ns;
    state->last_ns = writer->state.last_ns;
}
