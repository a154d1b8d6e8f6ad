/* This machine's topology as hwloc found it last, kept as XML between runs. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/topology-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_NAME "topology.xml"
#define KEY_NAME "HvtuneKey"
#define MAX_BYTES (64u << 20)

/* Ours, and nobody else may have written to it. */
static gboolean
is_safe(int fd, mode_t kind)
{
    struct stat status;

    return fstat(fd, &status) == 0 && (status.st_mode & S_IFMT) == kind &&
           status.st_uid == geteuid() && !(status.st_mode & (S_IWGRP | S_IWOTH)) &&
           status.st_size <= MAX_BYTES;
}

static int
open_directory(const char *directory)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd >= 0 && !is_safe(fd, S_IFDIR)) {
        close(fd);
        return -1;
    }
    return fd;
}

static char *
read_all(int fd, gsize *length)
{
    g_autoptr(GString) text = g_string_sized_new(1u << 16);
    char buffer[1u << 14];
    ssize_t n;

    while ((n = read(fd, buffer, sizeof buffer)) > 0 && text->len <= MAX_BYTES)
        g_string_append_len(text, buffer, n);
    if (n != 0)
        return NULL;
    *length = text->len;
    return g_string_free(g_steal_pointer(&text), FALSE);
}

hwloc_topology_t
hv_topology_stored(const char *directory, const char *key)
{
    hv_autofd directory_fd = open_directory(directory);
    hv_autofd fd = directory_fd < 0 ? -1
                                    : openat(directory_fd, FILE_NAME,
                                             O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    g_autofree char *xml = NULL;
    hwloc_topology_t loaded;
    const char *found;
    gsize length;

    if (fd < 0 || !is_safe(fd, S_IFREG))
        return NULL;
    xml = read_all(fd, &length);
    loaded = xml ? hv_topology_load_xml(xml, length, FILE_NAME, NULL)
                 : NULL; /* a bad one is made anew */
    if (!loaded)
        return NULL;
    found = hwloc_obj_get_info_by_name(hwloc_get_root_obj(loaded), KEY_NAME);
    if (found && strcmp(found, key) == 0)
        return loaded;
    hwloc_topology_destroy(loaded);
    return NULL;
}

static gboolean
write_all(int fd, const char *text, gsize length)
{
    while (length > 0) {
        ssize_t n = write(fd, text, length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return FALSE;
        text += n;
        length -= (gsize)n;
    }
    return TRUE;
}

/* Whole or not at all: written aside, then renamed. */
static void
replace_file(int directory_fd, const char *text, gsize length)
{
    g_autofree char *aside = g_strdup_printf(FILE_NAME ".%d", (int)getpid());
    hv_autofd fd =
        openat(directory_fd, aside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0)
        return;
    if (!write_all(fd, text, length) ||
        renameat(directory_fd, aside, directory_fd, FILE_NAME) != 0)
        (void)unlinkat(directory_fd, aside, 0);
}

void
hv_topology_store(const char *directory, const char *key, hwloc_topology_t loaded)
{
    hv_autofd directory_fd = -1;
    char *xml;
    int length;

    if (mkdir(directory, 0700) != 0 && errno != EEXIST)
        return;
    directory_fd = open_directory(directory);
    if (directory_fd < 0 ||
        hwloc_obj_add_info(hwloc_get_root_obj(loaded), KEY_NAME, key) != 0 ||
        hwloc_topology_export_xmlbuffer(loaded, &xml, &length, 0) != 0)
        return;
    replace_file(directory_fd, xml, strlen(xml));
    hwloc_free_xmlbuffer(loaded, xml);
}
