/* The file of a log: made for its owner alone, read with suspicion. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/file-schema.h"
#include "log/file.h"
#include "model/error.h"
#include "tests/support.h"

#include <glib/gstdio.h>
#include <string.h>

static char *
path_in(const HvTestTree *tree, const char *name)
{
    return g_build_filename(tree->path, name, NULL);
}

static void
run(sqlite3 *db, const char *sql)
{
    char *why = NULL;

    sqlite3_exec(db, sql, NULL, NULL, &why);
    g_assert_cmpstr(why, ==, NULL);
}

static gint64
number(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    gint64 result;

    g_assert_cmpint(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_step(statement), ==, SQLITE_ROW);
    result = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return result;
}

/* A log with one frame, ended cleanly. */
static char *
make_log(const HvTestTree *tree)
{
    char *path = path_in(tree, "a.hvlog");
    g_autoptr(GError) error = NULL;
    sqlite3 *db = hv_log_file_create(path, &error);

    g_assert_no_error(error);
    run(db, "INSERT INTO frames VALUES(1, 1000, 10, 1, 1, 1, NULL, x'00')");
    run(db, "PRAGMA journal_mode = DELETE");
    sqlite3_close(db);
    return path;
}

/* Raw SQL on a file, as somebody with a grudge would. */
static void
tamper(const char *path, const char *sql)
{
    sqlite3 *db = NULL;

    g_assert_cmpint(sqlite3_open(path, &db), ==, SQLITE_OK);
    run(db, sql);
    sqlite3_close(db);
}

static void
assert_refused(const char *path, const char *words)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(hv_log_file_read(path, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
    g_assert_nonnull(strstr(error->message, words));
    g_assert_null(strchr(error->message, '\n'));
}

static void
made_for_its_owner_alone_and_never_over_another(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autofree char *path = make_log(tree);
    g_autofree char *link = path_in(tree, "link.hvlog");
    g_autoptr(GError) exists = NULL;
    g_autoptr(GError) linked = NULL;
    GStatBuf status;

    g_assert_cmpint(g_stat(path, &status), ==, 0);
    g_assert_cmpuint(status.st_mode & 0777, ==, 0600);
    g_assert_null(hv_log_file_create(path, &exists));
    g_assert_error(exists, HV_ERROR, HV_ERROR_CONFLICT);
    hv_test_tree_symlink(tree, "link.hvlog", "elsewhere");
    g_assert_null(hv_log_file_create(link, &linked));
    g_assert_error(linked, HV_ERROR, HV_ERROR_CONFLICT);
}

static void
read_back_and_never_written_by_a_reader(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autofree char *path = make_log(tree);
    g_autoptr(GError) error = NULL;
    g_autoptr(HvLogFile) file = hv_log_file_read(path, &error);

    g_assert_no_error(error);
    g_assert_cmpint(number(hv_log_file_db(file), "SELECT count(*) FROM frames"), ==, 1);
    g_assert_cmpint(sqlite3_exec(hv_log_file_db(file), "DELETE FROM frames", NULL, NULL, NULL),
                    ==, SQLITE_READONLY);
}

static void
followed_while_it_is_written(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autofree char *path = path_in(tree, "b.hvlog");
    sqlite3 *db = hv_log_file_create(path, NULL);
    g_autoptr(HvLogFile) file = NULL;

    g_assert_nonnull(db);
    run(db, "INSERT INTO notes(time_ns, text) VALUES(1, 'a')");
    file = hv_log_file_read(path, NULL);
    g_assert_nonnull(file);
    run(db, "INSERT INTO notes(time_ns, text) VALUES(2, 'b')");
    g_assert_cmpint(number(hv_log_file_db(file), "SELECT count(*) FROM notes"), ==, 2);
    sqlite3_close(db);
}

static void
a_wal_of_others_is_replayed_on_a_private_copy(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autofree char *path = path_in(tree, "b.hvlog");
    sqlite3 *db = hv_log_file_create(path, NULL);
    g_autoptr(HvLogFile) file = NULL;

    run(db, "INSERT INTO notes(time_ns, text) VALUES(1, 'a')");
    g_assert_cmpint(g_chmod(path, 0666), ==, 0); /* as suspicious as another owner */
    file = hv_log_file_read(path, NULL);
    g_assert_nonnull(file);
    g_assert_null(strstr(sqlite3_db_filename(hv_log_file_db(file), "main"), tree->path));
    g_assert_cmpint(number(hv_log_file_db(file), "SELECT count(*) FROM notes"), ==, 1);
    sqlite3_close(db);
}

static void
gone_on_with_after_a_gap(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autofree char *path = make_log(tree);
    g_autoptr(GError) error = NULL;
    sqlite3 *db;

    tamper(path, "INSERT INTO findings(begun_ns, kind) VALUES(7, 'x')");
    db = hv_log_file_append(path, &error);
    g_assert_no_error(error);
    g_assert_cmpint(number(db, "SELECT from_ns FROM gaps WHERE kind = 'killed'"), ==, 1000);
    g_assert_cmpint(number(db, "SELECT ended_ns FROM findings"), ==, 1000);
    sqlite3_close(db);
    g_assert_cmpint(g_chmod(path, 0622), ==, 0);
    g_assert_null(hv_log_file_append(path, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_DENIED);
}

static void
what_is_no_log_is_refused_in_one_line(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autofree char *text = path_in(tree, "text");
    g_autofree char *empty = path_in(tree, "empty");
    g_autofree char *other = path_in(tree, "other.db");
    g_autoptr(GError) absent = NULL;

    hv_test_tree_write(tree, "text", "this is a letter, and no log at all: hello there");
    hv_test_tree_write(tree, "empty", "");
    tamper(other, "CREATE TABLE frames(a)");
    assert_refused(text, "no log of hvtune");
    assert_refused(empty, "no log of hvtune");
    assert_refused(tree->path, "no log of hvtune");
    assert_refused(other, "no log of hvtune");
    g_assert_null(hv_log_file_read("/nowhere/at/all", &absent));
    g_assert_error(absent, HV_ERROR, HV_ERROR_ABSENT);
}

static void
a_newer_version_asks_for_an_update(void)
{
    g_autoptr(HvTestTree) tree = hv_test_tree_new();
    g_autofree char *path = make_log(tree);

    tamper(path, "CREATE TABLE future(a); PRAGMA user_version = 2");
    assert_refused(path, "newer hvtune (log version 2");
}

static void
tables_that_do_not_belong_are_refused(void)
{
    static const char *const grudges[] = {
        "CREATE TABLE extra(a)",
        "CREATE VIEW extra AS SELECT randomblob(1000000000)",
        "CREATE TRIGGER extra AFTER INSERT ON notes BEGIN DELETE FROM frames; END",
        "DROP TABLE notes; CREATE VIEW notes AS SELECT 1 AS id, 2 AS time_ns, 'x' AS vm, "
        "hex(zeroblob(100000000)) AS text",
        "CREATE INDEX extra ON frames(hex(zeroblob(10)))",
        "ALTER TABLE notes ADD COLUMN more TEXT DEFAULT 'x'",
        "DROP TABLE knobs",
    };

    for (guint i = 0; i < G_N_ELEMENTS(grudges); i++) {
        g_autoptr(HvTestTree) tree = hv_test_tree_new();
        g_autofree char *path = make_log(tree);

        tamper(path, grudges[i]);
        assert_refused(path, "tables");
    }
}

static gboolean
is_equal(const GByteArray *a, const GByteArray *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

static void
packed_frames_come_back(void)
{
    g_autoptr(GByteArray) frame = g_byte_array_new();
    g_autoptr(GByteArray) packed = g_byte_array_new();
    g_autoptr(GByteArray) back = g_byte_array_new();
    g_autoptr(GError) error = NULL;

    for (guint n = 0; n < 3; n++) {
        g_assert_true(hv_log_pack(frame, packed, &error));
        g_assert_no_error(error);
        g_assert_true(hv_log_unpack(packed->data, packed->len, frame->len, back, &error));
        g_assert_no_error(error);
        g_assert_true(is_equal(back, frame));
        g_byte_array_set_size(frame, (n + 1) * 1000);
        memset(frame->data, (int)n, frame->len);
    }
}

static void
what_would_unpack_to_too_much_is_refused(void)
{
    g_autoptr(GByteArray) frame = g_byte_array_new();
    g_autoptr(GByteArray) packed = g_byte_array_new();
    g_autoptr(GByteArray) back = g_byte_array_new();
    g_autoptr(GError) error = NULL;

    g_byte_array_set_size(frame, 1u << 20);
    memset(frame->data, 0, frame->len);
    g_assert_true(hv_log_pack(frame, packed, NULL));
    g_assert_cmpuint(packed->len, <, 200);
    g_assert_false(hv_log_unpack(packed->data, packed->len, (1u << 20) - 1, back, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
    g_assert_cmpuint(back->len, ==, 0);
}

static void
every_flipped_bit_of_a_packed_frame_is_found(void)
{
    g_autoptr(GByteArray) frame = g_byte_array_new();
    g_autoptr(GByteArray) packed = g_byte_array_new();
    g_autoptr(GByteArray) back = g_byte_array_new();

    for (guint i = 0; i < 100; i++) {
        const guint8 byte = (guint8)(i * i);

        g_byte_array_append(frame, &byte, 1);
    }
    g_assert_true(hv_log_pack(frame, packed, NULL));
    for (guint i = 0; i < packed->len * 8; i++) {
        packed->data[i / 8] ^= (guint8)(1u << i % 8);
        if (hv_log_unpack(packed->data, packed->len, 1000, back, NULL))
            g_assert_true(is_equal(back, frame));
        packed->data[i / 8] ^= (guint8)(1u << i % 8);
    }
    g_assert_false(hv_log_unpack(packed->data, packed->len - 1, 1000, back, NULL));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/log/file/made for its owner alone, and never over another",
                    made_for_its_owner_alone_and_never_over_another);
    g_test_add_func("/log/file/read back, and never written by a reader",
                    read_back_and_never_written_by_a_reader);
    g_test_add_func("/log/file/followed while it is written", followed_while_it_is_written);
    g_test_add_func("/log/file/a -wal of others is replayed on a private copy",
                    a_wal_of_others_is_replayed_on_a_private_copy);
    g_test_add_func("/log/file/gone on with after a gap", gone_on_with_after_a_gap);
    g_test_add_func("/log/file/what is no log is refused in one line",
                    what_is_no_log_is_refused_in_one_line);
    g_test_add_func("/log/file/a newer version asks for an update",
                    a_newer_version_asks_for_an_update);
    g_test_add_func("/log/file/tables that do not belong are refused",
                    tables_that_do_not_belong_are_refused);
    g_test_add_func("/log/file/packed frames come back", packed_frames_come_back);
    g_test_add_func("/log/file/what would unpack to too much is refused",
                    what_would_unpack_to_too_much_is_refused);
    g_test_add_func("/log/file/every flipped bit of a packed frame is found",
                    every_flipped_bit_of_a_packed_frame_is_found);
    return g_test_run();
}
