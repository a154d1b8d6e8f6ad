/* Logs that were cut, damaged or made to harm: read as far as they are sound, or refused in one
 * line. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/error.h"
#include "tests/log-walk.h"
#include "tests/support.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define N_FRAMES 60
#define PAGE 4096

typedef struct {
    HvTestTree *tree;
    char *path, *wal, *cut, *cut_wal;
    sqlite3 *db;
} Setup;

static void
set_up(Setup *setup, gconstpointer data G_GNUC_UNUSED)
{
    setup->tree = hv_test_tree_new();
    setup->path = g_build_filename(setup->tree->path, "a.hvlog", NULL);
    setup->cut = g_build_filename(setup->tree->path, "b.hvlog", NULL);
    setup->wal = g_strconcat(setup->path, "-wal", NULL);
    setup->cut_wal = g_strconcat(setup->cut, "-wal", NULL);
}

static void
tear_down(Setup *setup, gconstpointer data G_GNUC_UNUSED)
{
    sqlite3_close(setup->db);
    g_free(setup->path);
    g_free(setup->wal);
    g_free(setup->cut);
    g_free(setup->cut_wal);
    hv_test_tree_free(setup->tree);
}

static void
run(sqlite3 *db, const char *sql)
{
    g_assert_cmpint(sqlite3_exec(db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
}

/* One that is being written, with frames that pages cannot hold, each committed by itself. */
static void
write_log(Setup *setup)
{
    g_autoptr(GByteArray) frame = g_byte_array_new();
    g_autoptr(GByteArray) packed = g_byte_array_new();
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    sqlite3_stmt *statement = NULL;

    setup->db = hv_log_file_create(setup->path, NULL);
    g_assert_nonnull(setup->db);
    run(setup->db, "PRAGMA wal_autocheckpoint = 100");
    run(setup->db, "INSERT INTO views(time_ns, screen, rest) VALUES(1, 'desk', 'a=b\n')");
    sqlite3_prepare_v2(setup->db,
                       "INSERT INTO frames VALUES(?1, ?1 * 1000, ?1, ?1, 1, 1, NULL, ?2)", -1,
                       &statement, NULL);
    for (int i = 1; i <= N_FRAMES; i++) {
        g_byte_array_set_size(frame, 6000);
        for (guint k = 0; k < frame->len; k++)
            frame->data[k] = (guint8)g_rand_int(rand);
        g_assert_true(hv_log_pack(frame, packed, NULL));
        sqlite3_bind_int(statement, 1, i);
        sqlite3_bind_blob(statement, 2, packed->data, (int)packed->len, SQLITE_STATIC);
        g_assert_cmpint(sqlite3_step(statement), ==, SQLITE_DONE);
        sqlite3_reset(statement);
    }
    sqlite3_finalize(statement);
}

static void
end_log(Setup *setup)
{
    run(setup->db, "PRAGMA journal_mode = DELETE");
    sqlite3_close(g_steal_pointer(&setup->db));
}

static char *
contents(const char *path, gsize *size)
{
    char *bytes = NULL;

    g_assert_true(g_file_get_contents(path, &bytes, size, NULL));
    return bytes;
}

static void
put(const char *path, const char *bytes, gsize size)
{
    g_assert_true(g_file_set_contents_full(path, bytes, (gssize)size, G_FILE_SET_CONTENTS_NONE,
                                           0600, NULL));
}

static void
cut_at_every_page(Setup *setup, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree char *bytes = NULL;
    gsize size;

    write_log(setup);
    end_log(setup);
    bytes = contents(setup->path, &size);
    for (gsize at = 0; at <= size; at += PAGE) {
        put(setup->cut, bytes, at);
        g_assert_cmpint(hv_log_walk_path(setup->cut), ==, at < size ? -1 : N_FRAMES);
    }
}

/* As a machine that lost power would leave it: the commits of the end are missing. */
static void
a_wal_cut_at_every_page_holds_what_is_before(Setup *setup, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree char *bytes = NULL;
    g_autofree char *wal = NULL;
    gsize size;
    gsize wal_size;
    int before = 0;

    write_log(setup);
    bytes = contents(setup->path, &size);
    wal = contents(setup->wal, &wal_size);
    put(setup->cut, bytes, size);
    for (gsize at = 0; at <= wal_size; at += PAGE) {
        g_autofree char *shm = g_strconcat(setup->cut, "-shm", NULL);
        int n;

        g_unlink(shm);
        put(setup->cut_wal, wal, at);
        n = hv_log_walk_path(setup->cut);
        g_assert_cmpint(n, >=, before);
        before = n;
    }
    put(setup->cut_wal, wal, wal_size);
    g_assert_cmpint(hv_log_walk_path(setup->cut), ==, N_FRAMES);
}

static void
bytes_that_are_others_are_survived(Setup *setup, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree char *bytes = NULL;
    g_autoptr(GRand) rand = g_rand_new_with_seed(2);
    guint n_read = 0;
    gsize size;

    write_log(setup);
    end_log(setup);
    bytes = contents(setup->path, &size);
    for (guint i = 0; i < 300; i++) {
        /* half of them among the headers and the schema */
        const gsize at = (gsize)g_rand_int_range(rand, 0, i % 2 ? 8192 : (gint32)size);
        const char former = bytes[at];

        bytes[at] = (char)g_rand_int(rand);
        put(setup->cut, bytes, size);
        n_read += hv_log_walk_path(setup->cut) >= 0 ? 1 : 0;
        bytes[at] = former;
    }
    g_assert_cmpuint(n_read, >, 100); /* frames are damaged one by one */
}

/* Pages of a table that lead to each other: to count their rows would take for ever. */
static void
a_tree_of_pages_that_repeats_itself_is_given_up(Setup *setup, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *bytes = NULL;
    gsize size;
    guint root;
    guint8 *page;
    HvLogFile *file;

    write_log(setup);
    for (int i = 0; i < 3000; i++)
        run(setup->db, "INSERT INTO notes(time_ns, text) VALUES(1, 'aaaaaaaaaaaaaaaaaaaaa')");
    {
        sqlite3_stmt *statement = NULL;

        sqlite3_prepare_v2(setup->db, "SELECT rootpage FROM sqlite_master WHERE name = 'notes'",
                           -1, &statement, NULL);
        g_assert_cmpint(sqlite3_step(statement), ==, SQLITE_ROW);
        root = (guint)sqlite3_column_int(statement, 0);
        sqlite3_finalize(statement);
    }
    end_log(setup);
    bytes = contents(setup->path, &size);
    page = (guint8 *)bytes + (gsize)(root - 1) * PAGE;
    g_assert_cmpuint(page[0], ==, 5); /* an interior page: all its children become the root */
    for (guint i = 0; i < (guint)(page[3] << 8 | page[4]); i++) {
        const guint cell = (guint)(page[12 + 2 * i] << 8 | page[13 + 2 * i]);

        page[cell + 2] = (guint8)(root >> 8);
        page[cell + 3] = (guint8)root;
    }
    put(setup->cut, bytes, size);
    file = hv_log_file_read(setup->cut, &error);
    g_assert_no_error(error);
    g_assert_cmpint(
        sqlite3_exec(hv_log_file_db(file), "SELECT count(*) FROM notes", NULL, NULL, NULL), !=,
        SQLITE_OK);
    hv_log_file_close(file);
}

static void
a_statement_that_does_not_end_is_given_up(Setup *setup, gconstpointer data G_GNUC_UNUSED)
{
    HvLogFile *file;

    write_log(setup);
    file = hv_log_file_read(setup->path, NULL);
    g_assert_cmpint(sqlite3_exec(hv_log_file_db(file),
                                 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM "
                                 "n) SELECT count(*) FROM n",
                                 NULL, NULL, NULL),
                    ==, SQLITE_INTERRUPT);
    g_assert_cmpint(
        sqlite3_exec(hv_log_file_db(file), "SELECT count(*) FROM frames", NULL, NULL, NULL), ==,
        SQLITE_OK);
    hv_log_file_close(file);
}

/* Each of them would take memory before the first can be looked at. */
static void
a_schema_without_end_is_given_up(Setup *setup, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;
    sqlite3 *db = NULL;

    write_log(setup);
    end_log(setup);
    g_assert_cmpint(sqlite3_open(setup->path, &db), ==, SQLITE_OK);
    run(db,
        "PRAGMA writable_schema = ON; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + "
        "1 FROM n WHERE i < 20000) INSERT INTO sqlite_master SELECT 'table', 'x' || i, 'x' "
        "|| i, 3, 'CREATE TABLE x' || i || '(a, b, c, d, e, f)' FROM n");
    sqlite3_close(db);
    g_assert_null(hv_log_file_read(setup->path, &error));
    g_assert_error(error, HV_ERROR, HV_ERROR_MALFORMED);
    g_assert_nonnull(strstr(error->message, "longer to read"));
}

static void
what_is_no_file_is_refused_at_once(Setup *setup, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree char *pipe = g_build_filename(setup->tree->path, "pipe", NULL);

    g_assert_cmpint(mkfifo(pipe, 0600), ==, 0);
    g_assert_cmpint(hv_log_walk_path(pipe), ==, -1);
    g_assert_cmpint(hv_log_walk_path("/dev/zero"), ==, -1);
    g_assert_cmpint(hv_log_walk_path(setup->tree->path), ==, -1);
    hv_test_tree_symlink(setup->tree, "b.hvlog", "b.hvlog");
    g_assert_cmpint(hv_log_walk_path(setup->cut), ==, -1);
}

static void
a_name_with_a_question_mark_is_no_option(Setup *setup, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree char *odd = g_build_filename(setup->tree->path, "a?mode=rwc&b#%41.hvlog", NULL);
    g_autofree char *bytes = NULL;
    gsize size;

    write_log(setup);
    end_log(setup);
    bytes = contents(setup->path, &size);
    put(odd, bytes, size);
    g_assert_cmpint(hv_log_walk_path(odd), ==, N_FRAMES);
}

static void
add(const char *claim, void (*test)(Setup *, gconstpointer))
{
    g_autofree char *path = g_strconcat("/log/hostile/", claim, NULL);

    g_test_add(path, Setup, NULL, set_up, test, tear_down);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("cut at every page it is refused in one line", cut_at_every_page);
    add("a -wal cut at every page holds what is before it",
        a_wal_cut_at_every_page_holds_what_is_before);
    add("bytes that are others are survived", bytes_that_are_others_are_survived);
    add("a tree of pages that repeats itself is given up",
        a_tree_of_pages_that_repeats_itself_is_given_up);
    add("a statement that does not end is given up", a_statement_that_does_not_end_is_given_up);
    add("a schema without end is given up", a_schema_without_end_is_given_up);
    add("what is no file is refused at once", what_is_no_file_is_refused_at_once);
    add("a name with a question mark is no option", a_name_with_a_question_mark_is_no_option);
    return g_test_run();
}
