/* Opening paths below a directory that no link may lead out of. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/resolve.h"

#include "host/host-private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* As many as the kernel follows (path_resolution(7)). */
#define MAX_LINKS 40

/* Where a walk stands: the directories from the root down, and what is left of the path. */
typedef struct {
    int root_fd;
    GArray *below; /* descriptors; the last is where we are */
    char *rest;
    guint n_links;
} Walk;

static void
close_below(Walk *walk, guint keep)
{
    while (walk->below->len > keep) {
        close(g_array_index(walk->below, int, walk->below->len - 1));
        g_array_set_size(walk->below, walk->below->len - 1);
    }
}

static void
clear_walk(Walk *walk)
{
    close_below(walk, 0);
    g_array_unref(walk->below);
    g_free(walk->rest);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Walk, clear_walk)

static int
here(const Walk *walk)
{
    guint n = walk->below->len;

    return n > 0 ? g_array_index(walk->below, int, n - 1) : walk->root_fd;
}

/* Puts a link's target, @length bytes, before the rest of the path. */
static int
follow_to(Walk *walk, char *target, ssize_t length, const char *rest)
{
    char *path;

    if (length <= 0)
        return length < 0 ? -errno : -ENOENT;
    if (++walk->n_links > MAX_LINKS)
        return -ELOOP;
    target[length] = '\0';
    if (target[0] == '/')
        close_below(walk, 0);
    if (strlen(rest) + (gsize)length + 1 >= PATH_MAX)
        return -ENAMETOOLONG;
    path = g_strconcat(target, "/", rest, NULL);
    g_free(walk->rest);
    walk->rest = path;
    return 0;
}

static int
follow(Walk *walk, int link_fd, const char *rest)
{
    char target[PATH_MAX];
    const ssize_t length = readlinkat(link_fd, "", target, sizeof target - 1);

    return follow_to(walk, target, length, rest);
}

/* Where links could not be stored (git's core.symlinks, archives), a captured tree holds their
 * targets as text: a file in the place of a directory that says "../…". */
static int
follow_text(Walk *walk, const char *name, const char *rest)
{
    hv_autofd fd = openat(here(walk), name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    char target[PATH_MAX];
    ssize_t length = fd < 0 ? -1 : read(fd, target, sizeof target - 1);

    if (length < 4 || strncmp(target, "../", 3) != 0)
        return -ENOTDIR;
    while (target[length - 1] == '\n')
        length--;
    return memchr(target, '\0', (gsize)length) ? -ENOTDIR
                                               : follow_to(walk, target, length, rest);
}

/* One component that is neither "." nor "..". Returns: 0 to go on, else -errno. */
static int
enter(Walk *walk, const char *name, const char *rest)
{
    hv_autofd fd = openat(here(walk), name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    struct stat status;

    if (fd < 0 || fstat(fd, &status) != 0)
        return -errno;
    if (S_ISLNK(status.st_mode))
        return follow(walk, fd, rest);
    if (S_ISREG(status.st_mode))
        return follow_text(walk, name, rest);
    if (!S_ISDIR(status.st_mode))
        return -ENOTDIR;
    int kept = fd;
    g_array_append_val(walk->below, kept);
    fd = -1;
    return 0;
}

/* The last component: opened itself unless it is a link that is to be followed (then 0 with
 * *@opened -1). */
static int
open_last(Walk *walk, const char *name, int flags, int *opened)
{
    hv_autofd fd = openat(here(walk), name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    struct stat status;

    *opened = -1;
    if (fd < 0 || fstat(fd, &status) != 0)
        return -errno;
    if (S_ISLNK(status.st_mode) && !(flags & O_NOFOLLOW))
        return follow(walk, fd, "");
    *opened = openat(here(walk), name, flags | O_NOFOLLOW | O_CLOEXEC);
    return *opened < 0 ? -errno : 0;
}

/* Cuts the next component off the rest; NULL at the end. */
static char *
cut_component(Walk *walk, const char **rest)
{
    const char *begin = walk->rest + strspn(walk->rest, "/");
    gsize length = strcspn(begin, "/");

    *rest = begin + length + strspn(begin + length, "/");
    return length > 0 ? g_strndup(begin, length) : NULL;
}

static void
keep_rest(Walk *walk, const char *rest)
{
    memmove(walk->rest, rest, strlen(rest) + 1);
}

int
hv_resolve_by_steps(int root_fd, const char *path, int flags)
{
    g_auto(Walk) walk = { root_fd, g_array_new(FALSE, FALSE, sizeof(int)), g_strdup(path), 0 };
    const char *rest;

    for (;;) {
        g_autofree char *name = cut_component(&walk, &rest);
        int failed, opened;

        if (!name)
            break;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
            if (name[1] == '.' && walk.below->len > 0)
                close_below(&walk, walk.below->len - 1);
            keep_rest(&walk, rest);
            continue;
        }
        guint links_before = walk.n_links;
        gboolean last = !*rest;

        failed = last ? open_last(&walk, name, flags, &opened) : enter(&walk, name, rest);
        if (failed)
            return failed;
        if (last && opened >= 0)
            return opened;
        if (walk.n_links == links_before) /* follow() has set the rest itself */
            keep_rest(&walk, rest);
    }
    int fd = openat(here(&walk), ".", flags | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int
hv_resolve_in_root(int root_fd, const char *path, int flags)
{
    struct open_how how = {
        .flags = (guint)(flags | O_CLOEXEC),
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
    };
    long fd;
    guint tries = 0;

    do /* EAGAIN: something was renamed while ".." was walked */
        fd = syscall(SYS_openat2, root_fd, *path ? path : ".", &how, sizeof how);
    while (fd < 0 && errno == EAGAIN && ++tries < 16);
    /* sandboxes answer EPERM; ENOTDIR may be a link that is stored as text */
    if (fd < 0 && (errno == ENOSYS || errno == EPERM || errno == ENOTDIR))
        return hv_resolve_by_steps(root_fd, path, flags);
    return fd < 0 ? -errno : (int)fd;
}
