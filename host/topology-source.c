/* The small files a topology is read from: numbers, lists and masks. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/topology-private.h"

#include "host/parse.h"

#include <errno.h>
#include <string.h>

/* Most lists are a few bytes; every second cpu of HV_SET_MAX makes the longest. */
#define LIST_BYTES 4096
#define MAX_LIST_BYTES (8u << 20)
#define SYSFS_READ_BYTES 4096

gssize
hv_source_read(const HvTopologySource *source, const char *path, char *buffer, gsize size)
{
    int handle = source->files->open(source->data, path, NULL); /* why not is no matter here */
    gsize used = 0;

    if (handle < 0)
        return -1;
    while (used < size - 1) {
        gssize n =
            source->files->pread(source->data, handle, buffer + used, size - 1 - used, used);

        if (n == -EINTR)
            continue;
        if (n <= 0)
            break;
        used += (gsize)n;
        if (used < size - 1 && n < SYSFS_READ_BYTES)
            break; /* a short read of these files has got all: sysfs gives a page at a time */
    }
    source->files->close(source->data, handle);
    buffer[used] = '\0';
    return (gssize)strlen(hv_chomp(buffer));
}

/* A text of any length that a list may have: on the stack where it fits. */
static HvSet *
read_list(const HvTopologySource *source, const char *path,
          HvSet *(*parse)(const char *, GError **))
{
    char text[LIST_BYTES];
    gssize n = hv_source_read(source, path, text, sizeof text);
    g_autofree char *long_text = NULL;
    gsize length;

    if (n < 0)
        return NULL;
    if (n < LIST_BYTES - 1)
        return parse(text, NULL);
    long_text = hv_source_read_text(source, path, MAX_LIST_BYTES, &length, NULL);
    return long_text ? parse(long_text, NULL) : NULL;
}

HvSet *
hv_source_read_set(const HvTopologySource *source, const char *path)
{
    return read_list(source, path, hv_set_parse);
}

HvSet *
hv_source_read_mask(const HvTopologySource *source, const char *path)
{
    return read_list(source, path, hv_set_parse_mask);
}

gboolean
hv_source_read_number(const HvTopologySource *source, const char *path, gint64 min, gint64 max,
                      gint64 *number)
{
    char text[64];

    return hv_source_read(source, path, text, sizeof text) > 0 &&
           hv_parse_int(text, min, max, number, NULL);
}

char *
hv_source_read_text(const HvTopologySource *source, const char *path, gsize max, gsize *length,
                    GError **error)
{
    int handle = source->files->open(source->data, path, error);
    gsize capacity = 65536, used = 0;
    g_autofree char *text = g_malloc(capacity);
    gssize n = 0;

    if (handle < 0)
        return NULL;
    while (used <= max && (n = source->files->pread(source->data, handle, text + used,
                                                    capacity - used - 1, used)) > 0) {
        used += (gsize)n;
        if (capacity - used < capacity / 4)
            text = g_realloc(text, capacity *= 2);
    }
    source->files->close(source->data, handle);
    if (n < 0) {
        hv_error_set_errno(error, (int)-n, path);
        return NULL;
    }
    if (used > max) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    "%s: longer than %" G_GSIZE_FORMAT " bytes", path, max);
        return NULL;
    }
    text[used] = '\0';
    *length = used;
    return g_steal_pointer(&text);
}
