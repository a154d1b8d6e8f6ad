/* Makes rows of samples and commits them; without threads of its own. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/writer.h"

#include "log/file-private.h"
#include "log/file-schema.h"
#include "log/keep.h"
#include "log/schema-text.h"
#include "log/sums.h"
#include "log/table-rows.h"
#include "log/topology.h"
#include "log/view-rows.h"
#include "model/error.h"
#include "model/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define MAX_WAITING_BYTES (8u << 20) /* of rows that could not be committed */
#define MISSED_INTERVALS 3           /* without a sample: a gap */

struct HvLogWriter {
    sqlite3 *db;
    char *path;  /* for messages */
    int lock_fd; /* -1: none; closed after the database: closing drops SQLite's own locks */
    gint64 keep_ns;
    guint64 keep_bytes;
    sqlite3_stmt *statements[HV_LOG_N_ROW_KINDS];
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
    gint64 last_ns, last_monotonic_ns, open_gap_ns;
    HvLogState state; /* counts of what is committed */
};

/* ---- opening and closing ---- */

static gint64
number(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    gint64 result = 0;

    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        result = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return result;
}

void
hv_log_writer_free(HvLogWriter *writer)
{
    if (!writer)
        return;
    for (guint i = 0; i < HV_LOG_N_ROW_KINDS; i++)
        sqlite3_finalize(writer->statements[i]);
    sqlite3_close_v2(writer->db);
    if (writer->lock_fd >= 0)
        close(writer->lock_fd);
    hv_frame_encoder_free(writer->encoder);
    hv_log_sums_free(writer->sums);
    hv_log_tables_free(writer->tables);
    g_clear_pointer(&writer->frame, g_byte_array_unref);
    g_clear_pointer(&writer->packed, g_byte_array_unref);
    g_clear_pointer(&writer->rows, g_ptr_array_unref);
    hv_topology_unref(writer->topology);
    g_free(writer->path);
    g_free(writer);
}

/* One writer at a time; those who read need no lock. */
static gboolean
take_lock(HvLogWriter *writer, GError **error)
{
    writer->lock_fd =
        open(writer->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (writer->lock_fd < 0 || flock(writer->lock_fd, LOCK_EX | LOCK_NB) == 0 ||
        errno != EWOULDBLOCK)
        return TRUE; /* what is wrong with the file shows when it is opened */
    g_set_error(error, HV_ERROR, HV_ERROR_CONFLICT,
                _("%s: another hvtune records into it: choose another name"), writer->path);
    return FALSE;
}

static gboolean
open_file(HvLogWriter *writer, const HvLogOptions *options, GError **error)
{
    const gboolean is_there =
        options->path && options->append && g_file_test(options->path, G_FILE_TEST_EXISTS);

    if (is_there) {
        if (!take_lock(writer, error))
            return FALSE;
        writer->db = hv_log_file_append(options->path, error);
        return writer->db != NULL;
    }
    writer->db = hv_log_file_create(options->path, error);
    return writer->db && (!options->path || take_lock(writer, error));
}

static void
add_meta(HvLogWriter *writer, const char *key, const char *value)
{
    HvLogRow *row = hv_log_row_new(HV_LOG_ROW_META);

    hv_log_row_add_text(row, key);
    hv_log_row_add_text(row, value ? value : "");
    g_ptr_array_add(writer->rows, row);
}

static gboolean
prepare(HvLogWriter *writer, GError **error)
{
    for (guint i = 0; i < HV_LOG_N_ROW_KINDS; i++) {
        const char *sql = hv_log_row_sql((HvLogRowKind)i);

        if (sql && sqlite3_prepare_v3(writer->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                      &writer->statements[i], NULL) != SQLITE_OK) {
            hv_log_error(error, writer->db, writer->path, _("cannot be written"));
            return FALSE;
        }
    }
    return TRUE;
}

static void
read_state(HvLogWriter *writer)
{
    writer->next_seq = number(writer->db, "SELECT max(seq) FROM frames") + 1;
    writer->next_topology_id = number(writer->db, "SELECT max(topology) FROM topologies") + 1;
    writer->tables = hv_log_tables_new(number(writer->db, "SELECT max(id) FROM findings") + 1);
    writer->state.n_frames = (guint64)number(writer->db, "SELECT count(*) FROM frames");
    writer->state.first_ns = number(writer->db, "SELECT min(time_ns) FROM frames");
    writer->state.last_ns = number(writer->db, "SELECT max(time_ns) FROM frames");
    writer->open_gap_ns =
        number(writer->db,
               "SELECT from_ns FROM gaps WHERE to_ns = from_ns ORDER BY from_ns DESC LIMIT 1");
    writer->state.n_bytes = hv_log_used_bytes(writer->db);
}

static void
add_first_rows(HvLogWriter *writer, const HvLogOptions *options)
{
    g_autofree char *interval = g_strdup_printf("%" G_GINT64_FORMAT, options->interval_ns);

    add_meta(writer, "hostname", options->hostname);
    add_meta(writer, "timezone", options->timezone);
    add_meta(writer, "version", options->version);
    add_meta(writer, "interval_ns", interval);
}

HvLogWriter *
hv_log_writer_new(const HvLogOptions *options, GError **error)
{
    g_autoptr(HvLogWriter) writer = g_new0(HvLogWriter, 1);

    writer->lock_fd = -1;
    writer->path = g_strdup(options->path ? options->path : _("memory"));
    writer->keep_ns = options->keep_ns;
    writer->keep_bytes = options->keep_bytes;
    writer->rows = g_ptr_array_new_with_free_func((GDestroyNotify)hv_log_row_free);
    writer->frame = g_byte_array_new();
    writer->packed = g_byte_array_new();
    writer->n_since_full = HV_FRAMES_PER_FULL;
    if (!open_file(writer, options, error) || !prepare(writer, error) ||
        !hv_log_schemas_put(writer->db, writer->path, options->schemas, error))
        return NULL;
    read_state(writer);
    writer->encoder = hv_frame_encoder_new(options->schemas);
    writer->sums = options->sums ? hv_log_sums_new() : NULL;
    add_first_rows(writer, options);
    return hv_log_writer_commit(writer, error) ? g_steal_pointer(&writer) : NULL;
}

sqlite3 *
hv_log_writer_db(HvLogWriter *writer)
{
    return writer->db;
}

/* ---- rows ---- */

/* Counts what came since @from of the rows. */
static void
weigh(HvLogWriter *writer, guint from)
{
    for (guint i = from; i < writer->rows->len; i++)
        writer->n_waiting_bytes += hv_log_row_n_bytes(writer->rows->pdata[i]);
}

static void
add_row(HvLogWriter *writer, HvLogRow *take_row)
{
    g_ptr_array_add(writer->rows, take_row);
    weigh(writer, writer->rows->len - 1);
}

static void
add_gap(HvLogWriter *writer, gint64 from_ns, const char *kind, gint64 to_ns, const char *why)
{
    HvLogRow *row = hv_log_row_new(HV_LOG_ROW_GAP);

    hv_log_row_add_number(row, from_ns);
    hv_log_row_add_text(row, kind);
    hv_log_row_add_number(row, to_ns);
    hv_log_row_add_text(row, why);
    add_row(writer, row);
}

static const char *
words_of_gap(const char *kind)
{
    static const char *const words[][2] = {
        { "busy", "the recorder could not follow" },
        { "paused", "recording was paused" },
        { "disk", "the disk took nothing" },
        { "missed", "nothing was sampled" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
        if (g_str_equal(words[i][0], kind))
            return words[i][1];
    }
    return NULL;
}

void
hv_log_writer_gap(HvLogWriter *writer, gint64 from_ns, const char *kind)
{
    add_gap(writer, from_ns, kind, from_ns, words_of_gap(kind));
}

void
hv_log_writer_view(HvLogWriter *writer, gint64 time_ns, const char *view)
{
    add_row(writer, hv_log_view_row(time_ns, view));
}

void
hv_log_writer_note(HvLogWriter *writer, gint64 time_ns, const char *vm, const char *text)
{
    HvLogRow *row = hv_log_row_new(HV_LOG_ROW_NOTE);

    hv_log_row_add_number(row, time_ns);
    hv_log_row_add_text(row, vm);
    hv_log_row_add_text(row, text);
    add_row(writer, row);
}

void
hv_log_writer_knob(HvLogWriter *writer, gint64 time_ns, const char *knob, const char *value,
                   const char *why)
{
    HvLogRow *row = hv_log_row_new(HV_LOG_ROW_KNOB);

    hv_log_row_add_number(row, time_ns);
    hv_log_row_add_text(row, knob);
    hv_log_row_add_text(row, value);
    hv_log_row_add_text(row, why);
    add_row(writer, row);
}

/* ---- samples ---- */

static void
close_gaps(HvLogWriter *writer, const HvSnapshot *snapshot, gint64 lost_ns, const char *why)
{
    const gint64 passed_ns = snapshot->monotonic_ns - writer->last_monotonic_ns;
    const gboolean has_missed = writer->last_monotonic_ns > 0 && snapshot->interval_ns > 0 &&
                                passed_ns > MISSED_INTERVALS * snapshot->interval_ns;

    if (lost_ns > 0)
        add_gap(writer, lost_ns, why, snapshot->time_ns, words_of_gap(why));
    else if (writer->lost_ns > 0)
        add_gap(writer, writer->lost_ns, "disk", snapshot->time_ns, words_of_gap("disk"));
    else if (has_missed)
        add_gap(writer, writer->last_ns, "missed", snapshot->time_ns, words_of_gap("missed"));
    if (lost_ns > 0 || writer->lost_ns > 0 || has_missed)
        writer->n_since_full = HV_FRAMES_PER_FULL;
    writer->lost_ns = 0;
}

/* A gap that the recording before left: it ends now. */
static void
close_former(HvLogWriter *writer, gint64 time_ns)
{
    g_autofree char *sql = NULL;

    if (writer->open_gap_ns == 0)
        return;
    sql = g_strdup_printf("UPDATE gaps SET to_ns = %" G_GINT64_FORMAT
                          " WHERE from_ns = to_ns AND from_ns = %" G_GINT64_FORMAT,
                          time_ns, writer->open_gap_ns);
    if (sqlite3_exec(writer->db, sql, NULL, NULL, NULL) == SQLITE_OK)
        writer->open_gap_ns = 0;
}

static void
note_topology(HvLogWriter *writer, const HvSnapshot *snapshot)
{
    HvLogRow *row;

    if (!snapshot->topology || snapshot->topology == writer->topology)
        return;
    hv_topology_unref(writer->topology);
    writer->topology = hv_topology_ref(snapshot->topology);
    writer->topology_id = writer->next_topology_id++;
    row = hv_log_row_new(HV_LOG_ROW_TOPOLOGY);
    hv_log_row_add_number(row, writer->topology_id);
    row->time_ns = snapshot->time_ns;
    row->topology = hv_topology_ref(snapshot->topology);
    add_row(writer, row);
}

static HvLogRow *
frame_row(HvLogWriter *writer, const HvSnapshot *snapshot, gboolean is_full)
{
    HvLogRow *row = hv_log_row_new(HV_LOG_ROW_FRAME);

    row->time_ns = snapshot->time_ns;
    hv_log_row_add_number(row, writer->next_seq++);
    hv_log_row_add_number(row, snapshot->time_ns);
    hv_log_row_add_number(row, snapshot->monotonic_ns);
    hv_log_row_add_number(row, (gint64)snapshot->tick);
    hv_log_row_add_number(row, snapshot->interval_ns);
    hv_log_row_add_number(row, is_full);
    if (writer->topology)
        hv_log_row_add_number(row, writer->topology_id);
    else
        hv_log_row_add_text(row, NULL);
    hv_log_row_add_blob(row, writer->packed->data, writer->packed->len);
    return row;
}

static void
give_up(HvLogWriter *writer, gint64 time_ns)
{
    if (writer->lost_ns == 0)
        writer->lost_ns = time_ns;
    writer->n_since_full = HV_FRAMES_PER_FULL;
    writer->state.n_given_up++;
}

void
hv_log_writer_sample(HvLogWriter *writer, const HvSnapshot *snapshot, gint64 lost_ns,
                     const char *why)
{
    gboolean is_full;
    guint from;

    close_gaps(writer, snapshot, lost_ns, why);
    note_topology(writer, snapshot);
    is_full = writer->n_since_full >= HV_FRAMES_PER_FULL;
    hv_frame_encode(writer->encoder, snapshot, is_full, writer->frame);
    if (hv_log_pack(writer->frame, writer->packed, NULL)) {
        add_row(writer, frame_row(writer, snapshot, is_full));
        writer->n_since_full = is_full ? 1 : writer->n_since_full + 1;
    } else { /* a sample of more than 64 MiB */
        give_up(writer, snapshot->time_ns);
    }
    from = writer->rows->len;
    if (writer->sums)
        hv_log_sums_add(writer->sums, snapshot, writer->rows);
    hv_log_tables_add(writer->tables, snapshot, writer->rows);
    weigh(writer, from);
    writer->last_ns = snapshot->time_ns;
    writer->last_monotonic_ns = snapshot->monotonic_ns;
}

/* ---- commits ---- */

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
put_rows(HvLogWriter *writer, GError **error)
{
    gboolean has_full = FALSE;
    gint64 newest_ns = 0;

    if (!hv_log_exec(writer->db, "BEGIN IMMEDIATE", writer->path, _("cannot be written"),
                     error))
        return FALSE;
    for (guint i = 0; i < writer->rows->len; i++) {
        const HvLogRow *row = writer->rows->pdata[i];

        if (!put_row(writer, row, error))
            return FALSE;
        if (row->kind == HV_LOG_ROW_FRAME) {
            newest_ns = row->time_ns;
            has_full = has_full || row->values[5].number;
            close_former(writer, newest_ns);
        }
    }
    if (has_full &&
        hv_log_keep(writer->db, newest_ns, writer->keep_ns, writer->keep_bytes) != SQLITE_OK) {
        hv_log_error(error, writer->db, writer->path, _("cannot be written"));
        return FALSE;
    }
    return hv_log_exec(writer->db, "COMMIT", writer->path, _("cannot be written"), error);
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
            give_up(writer, row->time_ns);
        } else if (row->kind != HV_LOG_ROW_SUM) {
            rows->pdata[i] = NULL;
            add_row(writer, row);
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
        writer->state.n_frames++;
        writer->state.last_ns = row->time_ns;
    }
    writer->state.first_ns =
        number(writer->db, "SELECT time_ns FROM frames ORDER BY seq LIMIT 1");
    writer->state.n_bytes = hv_log_used_bytes(writer->db);
}

gboolean
hv_log_writer_commit(HvLogWriter *writer, GError **error)
{
    if (!writer->rows->len)
        return TRUE;
    if (put_rows(writer, error)) {
        count(writer);
        g_ptr_array_set_size(writer->rows, 0);
        writer->n_waiting_bytes = 0;
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
    add_meta(writer, "ended_ns", now);
    weigh(writer, from);
    if (!hv_log_writer_commit(writer, error))
        return FALSE;
    if (!hv_log_exec(writer->db, "PRAGMA wal_checkpoint(TRUNCATE)", writer->path,
                     _("cannot be ended"), error))
        return FALSE;
    for (guint i = 0; i < HV_LOG_N_ROW_KINDS; i++)
        sqlite3_finalize(g_steal_pointer(&writer->statements[i]));
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
