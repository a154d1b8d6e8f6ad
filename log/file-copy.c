/* A private copy of a log and its -wal, where the -wal is not ours to replay in place. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log/file-private.h"
#include "model/error.h"
#include "model/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_BYTES (8ull << 30) /* of both: no recording of ours is kept that long */
#define CHUNK_BYTES (256u << 10)
#define WAL_HEADER_BYTES 32
#define N_TRIES 3
#define NAME "log"

static gboolean
write_all(int fd, const guint8 *bytes, gsize n_bytes)
{
    while (n_bytes > 0) {
        const gssize written = write(fd, bytes, n_bytes);

        if (written < 0 && errno != EINTR)
            return FALSE;
        bytes += MAX(written, 0);
        n_bytes -= (gsize)MAX(written, 0);
    }
    return TRUE;
}

static gboolean
pour(int from, int to, const char *path, GError **error)
{
    g_autofree guint8 *chunk = g_malloc(CHUNK_BYTES);
    guint64 total = 0;

    for (;;) {
        const gssize n = read(from, chunk, CHUNK_BYTES);

        if (n == 0)
            return TRUE;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || !write_all(to, chunk, (gsize)n))
            return hv_error_set_errno(error, errno, path);
        total += (guint64)n;
        if (total > MAX_BYTES) {
            g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                        _("%s: is too large for a private copy: have its owner export one"),
                        path);
            return FALSE;
        }
    }
}

/* Only regular files: opening another kind may wait for ever. */
static int
open_regular(const char *path, GError **error)
{
    const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    struct stat status;

    if (fd < 0) {
        hv_error_set_errno(error, errno, path);
        return -1;
    }
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
        return fd;
    close(fd);
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("%s: is no file"), path);
    return -1;
}

static gboolean
copy_file(const char *path, const char *copy, GError **error)
{
    const int from = open_regular(path, error);
    int to;
    gboolean good;

    if (from < 0)
        return FALSE;
    to = open(copy, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    good = to >= 0 ? pour(from, to, path, error) : hv_error_set_errno(error, errno, copy);
    close(from);
    if (to >= 0)
        close(to);
    return good;
}

/* Its salts: they differ once the -wal was begun anew. */
static gboolean
read_header(const char *wal, guint8 header[WAL_HEADER_BYTES])
{
    const int fd = open_regular(wal, NULL);
    gboolean good;

    memset(header, 0, WAL_HEADER_BYTES);
    if (fd < 0)
        return FALSE;
    good = read(fd, header, WAL_HEADER_BYTES) == WAL_HEADER_BYTES;
    close(fd);
    return good;
}

/* While the -wal is not begun anew, every page that was being written into the file meanwhile
 * is in it too. */
static gboolean
copy_both(const char *path, const char *copy, gboolean *is_still, GError **error)
{
    g_autofree char *wal = g_strconcat(path, "-wal", NULL);
    g_autofree char *wal_copy = g_strconcat(copy, "-wal", NULL);
    guint8 before[WAL_HEADER_BYTES];
    guint8 after[WAL_HEADER_BYTES];

    read_header(wal, before);
    if (!copy_file(path, copy, error) ||
        (g_file_test(wal, G_FILE_TEST_EXISTS) && !copy_file(wal, wal_copy, error)))
        return FALSE;
    read_header(wal, after);
    *is_still = memcmp(before, after, sizeof before) == 0;
    return TRUE;
}

char *
hv_log_copy_new(const char *path, char **copy, GError **error)
{
    g_autofree char *directory = g_dir_make_tmp("hvtune-log-XXXXXX", NULL);
    gboolean is_still = FALSE;

    if (!directory) {
        hv_error_set_errno(error, errno, g_get_tmp_dir());
        return NULL;
    }
    *copy = g_build_filename(directory, NAME, NULL);
    for (guint i = 0; i < N_TRIES && !is_still; i++) {
        if (!copy_both(path, *copy, &is_still, error))
            break;
        if (!is_still && i + 1 == N_TRIES)
            g_set_error(error, HV_ERROR, HV_ERROR_CONFLICT,
                        _("%s: is written faster than it can be copied: try again"), path);
    }
    if (is_still)
        return g_steal_pointer(&directory);
    hv_log_copy_free(g_steal_pointer(&directory));
    g_clear_pointer(copy, g_free);
    return NULL;
}

void
hv_log_copy_free(char *take_directory)
{
    static const char *const names[] = { NAME, NAME "-wal", NAME "-shm", NAME "-journal" };
    g_autofree char *directory = take_directory;

    for (guint i = 0; directory && i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(directory, names[i], NULL);

        g_unlink(path); /* most are not there */
    }
    if (directory)
        g_rmdir(directory);
}
