/* The real machine: its files, and the tables of all that it answers with. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/real.h"

#include "host/root.h"
#include "host/topology-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* One write(2): the kernel's files take a value whole or not at all. */
static gboolean
write_file(gpointer data, const char *path, const char *text, GError **error)
{
    hv_autofd fd = hv_root_open_fd(data, path, O_WRONLY | O_NONBLOCK | O_NOCTTY);
    gsize length = strlen(text);
    ssize_t n;

    if (fd < 0)
        return hv_error_set_errno(error, -fd, path);
    do
        n = write(fd, text, length);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return hv_error_set_errno(error, errno, path);
    if ((gsize)n != length) {
        g_set_error(error, HV_ERROR, HV_ERROR_FAILED, "%s: took %zd of %zu bytes", path, n,
                    length);
        return FALSE;
    }
    return TRUE;
}

static gboolean
make_directory(gpointer data, const char *path, GError **error)
{
    const HvRoot *root = data;

    return mkdirat(root->fd, path, 0755) == 0 || hv_error_set_errno(error, errno, path);
}

static gboolean
remove_directory(gpointer data, const char *path, GError **error)
{
    const HvRoot *root = data;

    return unlinkat(root->fd, path, AT_REMOVEDIR) == 0 ||
           hv_error_set_errno(error, errno, path);
}

/* Without RENAME_NOREPLACE, which kernfs knows not; it replaces nothing anyway. */
static gboolean
rename_directory(gpointer data, const char *from, const char *to, GError **error)
{
    const HvRoot *root = data;

    return renameat(root->fd, from, root->fd, to) == 0 ||
           hv_error_set_errno(error, errno, from);
}

static int
try_lock(gpointer data, const char *path, gboolean exclusive, GError **error)
{
    int fd = hv_root_open_fd(data, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);

    return hv_host_flock(fd, path, exclusive, error);
}

static void
free_root(gpointer data)
{
    HvRoot *root = data;

    hv_asks_settle();
    if (root->fd >= 0)
        close(root->fd);
    g_free(root);
}

const HvFileOps hv_real_files = {
    .open = hv_root_open,
    .pread = hv_root_pread,
    .close = hv_root_close,
    .list = hv_root_list,
    .exists = hv_root_exists,
    .readlink = hv_root_readlink,
    .write = write_file,
    .mkdir = make_directory,
    .rmdir = remove_directory,
    .rename = rename_directory,
    .try_lock = try_lock,
};

static const HvMachine machine = {
    .files = &hv_real_files,
    .threads = &hv_real_threads,
    .counters = &hv_real_counters,
    .topology = &hv_live_topology,
    .commands = &hv_real_commands,
    .sockets = &hv_real_sockets,
    .clock = &hv_real_clock,
    .free = free_root,
};

gboolean
hv_real_open(HvHost *host, GError **error)
{
    hv_autofd fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    HvRoot *root;

    if (fd < 0)
        return hv_error_set_errno(error, errno, "/");
    root = g_new0(HvRoot, 1);
    root->fd = fd;
    fd = -1;
    host->machine = &machine;
    host->data = root;
    host->root_fd = root->fd;
    host->root = g_strdup("/");
    host->live = TRUE;
    return TRUE;
}
