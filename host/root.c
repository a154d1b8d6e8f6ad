/* A directory that stands for "/": the machine's own, or a captured tree's. Reading only. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/root.h"

#include "host/resolve.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#define SYS_FS "sys/fs/"
#define RESCTRL SYS_FS "resctrl"

/* "sys/fs/resctrl/info" is "resctrl/info" in a tree that has it beside sys. */
static const char *
map_path(const HvRoot *root, const char *path)
{
    gsize length = strlen(RESCTRL);

    while (*path == '/')
        path++;
    if (root->resctrl_beside && strncmp(path, RESCTRL, length) == 0 &&
        (path[length] == '\0' || path[length] == '/'))
        return path + strlen(SYS_FS);
    return *path ? path : ".";
}

int
hv_root_open_fd(const HvRoot *root, const char *path, int flags)
{
    int fd;

    if (root->fd < 0)
        return -ENOENT;
    path = map_path(root, path);
    if (root->confined)
        return hv_resolve_in_root(root->fd, path, flags);
    fd = openat(root->fd, path, flags | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/* Never waits: not for a fifo's writer in a stranger's tree, not at the end of dev/kmsg. */
int
hv_root_open(gpointer data, const char *path, GError **error)
{
    const HvRoot *root = data;
    int fd = hv_root_open_fd(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    struct stat status;

    if (fd < 0) {
        if (error) /* who only tries does not pay for words */
            hv_error_set_errno(error, -fd, path);
        return -1;
    }
    if (root->confined && (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))) {
        close(fd);
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, "%s: not a regular file", path);
        return -1;
    }
    return fd;
}

/* KVM's attributes in debugfs cannot be sought, and give their text once for each opening. */
static ssize_t
read_anew(int handle, char *buffer, gsize size, gsize offset)
{
    char path[32];
    hv_autofd fd = -1;

    if (offset > 0)
        return 0;
    g_snprintf(path, sizeof path, "/proc/self/fd/%d", handle);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    return fd < 0 ? -1 : read(fd, buffer, size);
}

gssize
hv_root_pread(gpointer data G_GNUC_UNUSED, int handle, char *buffer, gsize size, gsize offset)
{
    ssize_t n = pread(handle, buffer, size, (off_t)offset);

    if (n < 0 && errno == ESPIPE)
        n = read_anew(handle, buffer, size, offset);
    return n < 0 ? -errno : n;
}

void
hv_root_close(gpointer data G_GNUC_UNUSED, int handle)
{
    close(handle);
}

GPtrArray *
hv_root_list(gpointer data, const char *path, GError **error)
{
    int fd = hv_root_open_fd(data, path, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
    GPtrArray *names;
    DIR *directory;

    if (fd < 0) {
        hv_error_set_errno(error, -fd, path);
        return NULL;
    }
    directory = fdopendir(fd);
    if (!directory) {
        hv_error_set_errno(error, errno, path);
        close(fd);
        return NULL;
    }
    names = g_ptr_array_new_with_free_func(g_free);
    for (const struct dirent *entry; (entry = readdir(directory));) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            g_ptr_array_add(names, g_strdup(entry->d_name));
    }
    closedir(directory);
    return names;
}

gboolean
hv_root_exists(gpointer data, const char *path)
{
    int fd = hv_root_open_fd(data, path, O_PATH);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

char *
hv_root_readlink(gpointer data, const char *path, GError **error)
{
    hv_autofd fd = hv_root_open_fd(data, path, O_PATH | O_NOFOLLOW);
    char target[PATH_MAX];
    ssize_t length;

    if (fd < 0) {
        hv_error_set_errno(error, -fd, path);
        return NULL;
    }
    length = readlinkat(fd, "", target, sizeof target);
    if (length < 0) {
        /* readlinkat says ENOENT for an empty path on something that is no link */
        hv_error_set_errno(error, errno == ENOENT ? EINVAL : errno, path);
        return NULL;
    }
    return g_strndup(target, (gsize)length);
}
