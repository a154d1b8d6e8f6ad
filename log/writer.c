/* Makes rows of samples and commits them; without threads of its own. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/writer-private.h"

#include "log/file-private.h"
#include "log/keep.h"
#include "log/schema-text.h"
#include "log/view-rows.h"
#include "model/error.h"
#include "model/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

/* ---- opening and closing ---- */

gint64
hv_log_number(sqlite3 *db, const char *sql)
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
    sqlite3_finalize(writer->begin);
    sqlite3_finalize(writer->commit);
    sqlite3_finalize(writer->n_pages);
    sqlite3_finalize(writer->n_free_pages);
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

void
hv_log_writer_meta(HvLogWriter *writer, const char *key, const char *value)
{
    HvLogRow *row = hv_log_row_new(HV_LOG_ROW_META);

    hv_log_row_add_text(row, key);
    hv_log_row_add_text(row, value ? value : "");
    g_ptr_array_add(writer->rows, row);
}

static gboolean
prepare(HvLogWriter *writer, const char *sql, sqlite3_stmt **statement, GError **error)
{
    if (sqlite3_prepare_v3(writer->db, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL) ==
        SQLITE_OK)
        return TRUE;
    hv_log_error(error, writer->db, writer->path, _("cannot be written"));
    return FALSE;
}

static gboolean
prepare_all(HvLogWriter *writer, GError **error)
{
    for (guint i = 0; i < HV_LOG_N_ROW_KINDS; i++) {
        const char *sql = hv_log_row_sql((HvLogRowKind)i);

        if (sql && !prepare(writer, sql, &writer->statements[i], error))
            return FALSE;
    }
    writer->page_bytes = hv_log_number(writer->db, "PRAGMA page_size");
    return prepare(writer, "BEGIN IMMEDIATE", &writer->begin, error) &&
           prepare(writer, "COMMIT", &writer->commit, error) &&
           prepare(writer, "PRAGMA page_count", &writer->n_pages, error) &&
           prepare(writer, "PRAGMA freelist_count", &writer->n_free_pages, error);
}

static void
read_state(HvLogWriter *writer)
{
    writer->next_seq = hv_log_number(writer->db, "SELECT max(seq) FROM frames") + 1;
    writer->next_topology_id =
        hv_log_number(writer->db, "SELECT max(topology) FROM topologies") + 1;
    writer->tables =
        hv_log_tables_new(hv_log_number(writer->db, "SELECT max(id) FROM findings") + 1);
    writer->state.n_frames = (guint64)hv_log_number(writer->db, "SELECT count(*) FROM frames");
    writer->state.first_ns = hv_log_number(writer->db, "SELECT min(time_ns) FROM frames");
    writer->state.last_ns = hv_log_number(writer->db, "SELECT max(time_ns) FROM frames");
    writer->open_gap_ns = hv_log_number(
        writer->db,
        "SELECT from_ns FROM gaps WHERE to_ns = from_ns ORDER BY from_ns DESC LIMIT 1");
    writer->state.n_bytes = hv_log_used_bytes(writer->db);
}

static void
add_first_rows(HvLogWriter *writer, const HvLogOptions *options)
{
    g_autofree char *interval = g_strdup_printf("%" G_GINT64_FORMAT, options->interval_ns);

    hv_log_writer_meta(writer, "hostname", options->hostname);
    hv_log_writer_meta(writer, "timezone", options->timezone);
    hv_log_writer_meta(writer, "version", options->version);
    hv_log_writer_meta(writer, "interval_ns", interval);
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
    if (!open_file(writer, options, error) || !prepare_all(writer, error) ||
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

void
hv_log_writer_weigh(HvLogWriter *writer, guint from)
{
    for (guint i = from; i < writer->rows->len; i++)
        writer->n_waiting_bytes += hv_log_row_n_bytes(writer->rows->pdata[i]);
}

void
hv_log_writer_add(HvLogWriter *writer, HvLogRow *take_row)
{
    g_ptr_array_add(writer->rows, take_row);
    hv_log_writer_weigh(writer, writer->rows->len - 1);
}

static void
add_gap(HvLogWriter *writer, gint64 from_ns, const char *kind, gint64 to_ns, const char *why)
{
    HvLogRow *row = hv_log_row_new(HV_LOG_ROW_GAP);

    hv_log_row_add_number(row, from_ns);
    hv_log_row_add_text(row, kind);
    hv_log_row_add_number(row, to_ns);
    hv_log_row_add_text(row, why);
    hv_log_writer_add(writer, row);
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
    hv_log_writer_add(writer, hv_log_view_row(time_ns, view));
}

void
hv_log_writer_note(HvLogWriter *writer, gint64 time_ns, const char *vm, const char *text)
{
    HvLogRow *row = hv_log_row_new(HV_LOG_ROW_NOTE);

    hv_log_row_add_number(row, time_ns);
    hv_log_row_add_text(row, vm);
    hv_log_row_add_text(row, text);
    hv_log_writer_add(writer, row);
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
    hv_log_writer_add(writer, row);
}

/* ---- samples ---- */

static void
close_gaps(HvLogWriter *writer, const HvSnapshot *snapshot, gint64 lost_ns, const char *why)
{
    const gint64 passed_ns = snapshot->monotonic_ns - writer->last_monotonic_ns;
    const gboolean has_missed = writer->last_monotonic_ns > 0 && snapshot->interval_ns > 0 &&
                                passed_ns > HV_LOG_MISSED_INTERVALS * snapshot->interval_ns;

    if (writer->lost_ns > 0 && (lost_ns == 0 || writer->lost_ns < lost_ns))
        add_gap(writer, writer->lost_ns, "disk", snapshot->time_ns, words_of_gap("disk"));
    else if (lost_ns > 0)
        add_gap(writer, lost_ns, why, snapshot->time_ns, words_of_gap(why));
    else if (has_missed)
        add_gap(writer, writer->last_ns, "missed", snapshot->time_ns, words_of_gap("missed"));
    if (lost_ns > 0 || writer->lost_ns > 0 || has_missed)
        writer->n_since_full = HV_FRAMES_PER_FULL;
    writer->lost_ns = 0;
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
    hv_log_writer_add(writer, row);
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

void
hv_log_writer_give_up(HvLogWriter *writer, gint64 time_ns)
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
        hv_log_writer_add(writer, frame_row(writer, snapshot, is_full));
        writer->n_since_full = is_full ? 1 : writer->n_since_full + 1;
    } else { /* a sample of more than 64 MiB */
        hv_log_writer_give_up(writer, snapshot->time_ns);
    }
    from = writer->rows->len;
    if (writer->sums)
        hv_log_sums_add(writer->sums, snapshot, writer->rows);
    hv_log_tables_add(writer->tables, snapshot, writer->rows);
    hv_log_writer_weigh(writer, from);
    writer->last_ns = snapshot->time_ns;
    writer->last_monotonic_ns = snapshot->monotonic_ns;
}
