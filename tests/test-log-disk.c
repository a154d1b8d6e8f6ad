/* Disks that fill up or turn read-only under a recording, for real: small file systems in
 * memory, in a mount namespace of the test's own. Only for root, in `make check-host`. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/file.h"
#include "tests/log-bench.h"
#include "tests/log-walk.h"
#include "tests/support.h"

#include <glib/gstdio.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define CLOSE_MS 10000
#define SIZE "size=1m"

typedef struct {
    HvTestTree *tree;
    char *path, *filler;
    HvLogBench *bench;
    HvLogOptions options;
} Setup;

static void
set_up(Setup *setup, gconstpointer data G_GNUC_UNUSED)
{
    setup->tree = hv_test_tree_new();
    setup->path = g_build_filename(setup->tree->path, "disk", "a.hvlog", NULL);
    setup->filler = g_build_filename(setup->tree->path, "disk", "filler", NULL);
    setup->bench = hv_log_bench_new(20);
    setup->options = hv_log_bench_options(setup->path);
    hv_test_tree_mkdir(setup->tree, "disk");
}

static void
tear_down(Setup *setup, gconstpointer data G_GNUC_UNUSED)
{
    hv_log_bench_free(setup->bench);
    hv_test_tree_free(setup->tree);
    g_free(setup->path);
    g_free(setup->filler);
}

/* FALSE, and the test is skipped, where file systems cannot be mounted. */
static gboolean
mount_disk(Setup *setup)
{
    g_autofree char *disk = g_path_get_dirname(setup->path);

    if (g_getenv("HVTUNE_MOUNTS") && unshare(CLONE_NEWNS) == 0 &&
        mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
        mount("none", disk, "tmpfs", 0, SIZE) == 0)
        return TRUE;
    g_test_skip("file systems are mounted only by root, with HVTUNE_MOUNTS=1");
    return FALSE;
}

static void
unmount_disk(Setup *setup)
{
    g_autofree char *disk = g_path_get_dirname(setup->path);

    g_assert_cmpint(umount2(disk, MNT_DETACH), ==, 0);
}

static void
remount(Setup *setup, unsigned long flags)
{
    g_autofree char *disk = g_path_get_dirname(setup->path);

    g_assert_cmpint(mount("none", disk, NULL, MS_REMOUNT | flags, SIZE), ==, 0);
}

static HvLogState
state_of(HvLog *log)
{
    HvLogState state;

    hv_log_state(log, &state);
    return state;
}

static void
push(Setup *setup, HvLog *log, guint n)
{
    while (n-- > 0) {
        g_autoptr(HvSnapshot) snapshot = hv_log_bench_next(setup->bench);

        hv_log_push(log, snapshot);
        while (!g_atomic_ref_count_compare(&snapshot->refs, 1))
            g_thread_yield();
    }
}

static void
fill(const char *path)
{
    g_autofree char *zeros = g_malloc0(4096);
    FILE *file = fopen(path, "we");

    while (fwrite(zeros, 1, 4096, file) == 4096 && fflush(file) == 0)
        ;
    fclose(file);
}

static void
a_full_disk_loses_nothing_that_memory_holds(Setup *setup, gconstpointer data G_GNUC_UNUSED)
{
    HvLog *log;

    if (!mount_disk(setup))
        return;
    log = hv_log_open(&setup->options, NULL);
    g_assert_nonnull(log);
    push(setup, log, 3);
    fill(setup->filler);
    push(setup, log, 3);
    while (state_of(log).why[0] == '\0')
        g_poll(NULL, 0, 1);
    g_assert_nonnull(strstr(state_of(log).why, "full"));
    push(setup, log, 3);
    g_assert_cmpint(g_unlink(setup->filler), ==, 0);
    g_assert_true(hv_log_close(log, CLOSE_MS, NULL));
    g_assert_cmpint(hv_log_walk_path(setup->path), ==, 9);
    unmount_disk(setup);
}

static void
a_disk_that_stays_full_leaves_a_log_that_opens(Setup *setup, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;
    HvLog *log;

    if (!mount_disk(setup))
        return;
    log = hv_log_open(&setup->options, NULL);
    push(setup, log, 1);
    while (state_of(log).n_frames == 0)
        g_poll(NULL, 0, 1);
    fill(setup->filler);
    for (guint i = 0; i < 500; i++)
        push(setup, log, 1);
    g_assert_false(hv_log_close(log, CLOSE_MS, &error));
    g_assert_nonnull(strstr(error->message, "full"));
    g_assert_cmpint(hv_log_walk_path(setup->path), >=, 1);
    unmount_disk(setup);
}

static void
a_read_only_disk_is_named(Setup *setup, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GError) refused = NULL;
    g_autofree char *other = g_strconcat(setup->path, "2", NULL);
    HvLogOptions options = hv_log_bench_options(other);

    if (!mount_disk(setup))
        return;
    remount(setup, MS_RDONLY);
    g_assert_null(hv_log_open(&options, &refused));
    g_assert_nonnull(strstr(refused->message, other));
    unmount_disk(setup);
}

static void
copy(const char *from, const char *to)
{
    g_autofree char *bytes = NULL;
    gsize size;

    g_assert_true(g_file_get_contents(from, &bytes, &size, NULL));
    g_assert_true(g_file_set_contents(to, bytes, (gssize)size, NULL));
    g_assert_cmpint(g_chmod(to, 0600), ==, 0);
}

/* As a killed recorder left it, on a medium that takes no -shm. */
static void
a_wal_on_a_read_only_disk_is_read(Setup *setup, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree char *live = g_build_filename(setup->tree->path, "live.hvlog", NULL);
    g_autofree char *live_wal = g_strconcat(live, "-wal", NULL);
    g_autofree char *wal = g_strconcat(setup->path, "-wal", NULL);
    g_autoptr(HvLogFile) file = NULL;
    sqlite3 *db;

    if (!mount_disk(setup))
        return;
    db = hv_log_file_create(live, NULL);
    g_assert_cmpint(
        sqlite3_exec(db, "INSERT INTO notes(time_ns, text) VALUES(1, 'a')", NULL, NULL, NULL),
        ==, SQLITE_OK);
    copy(live, setup->path);
    copy(live_wal, wal);
    sqlite3_close(db);
    remount(setup, MS_RDONLY);
    file = hv_log_file_read(setup->path, NULL);
    g_assert_nonnull(file);
    g_assert_cmpint(hv_log_bench_number(hv_log_file_db(file), "SELECT count(*) FROM notes"), ==,
                    1);
    unmount_disk(setup);
}

static void
add(const char *claim, void (*test)(Setup *, gconstpointer))
{
    g_autofree char *path = g_strconcat("/log/disk/", claim, NULL);

    g_test_add(path, Setup, NULL, set_up, test, tear_down);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("a full disk loses nothing that memory holds",
        a_full_disk_loses_nothing_that_memory_holds);
    add("a disk that stays full leaves a log that opens",
        a_disk_that_stays_full_leaves_a_log_that_opens);
    add("a read-only disk is named", a_read_only_disk_is_named);
    add("a -wal on a read-only disk is read", a_wal_on_a_read_only_disk_is_read);
    return g_test_run();
}
