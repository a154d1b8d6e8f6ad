/* Reading through the door: one file, several kept open, a text at once. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/host-private.h"

#include "host/parse.h"

#include <errno.h>
#include <string.h>

#define FIRST_BUFFER_BYTES 4096u
#define MAX_BUFFER_BYTES (64u << 20)
#define DEFAULT_TEXT_BYTES (1u << 20)

struct HvFile {
    HvHost *host;
    int handle;
    gboolean one_record;
    char path[];
};

/* Files that the kernel renders as one record (proc_single_show in fs/proc/base.c, single_open
 * in fs/proc, kernfs_seq_show in fs/kernfs/file.c for attributes of devices): a read that got
 * less than it asked for has got all, and the second read that would say so is saved. Binary
 * attributes (cpulist) give at most a page at a time. */
#define PAGE_BYTES 4096
static gboolean
is_one_record(const char *path)
{
    static const char *const in_process[] = { "cgroup", "comm",   "schedstat", "stat",
                                              "statm",  "status", NULL };
    static const char *const in_cgroup[] = { "cpu.stat",         "cpu.pressure",
                                             "memory.stat",      "memory.pressure",
                                             "io.pressure",      "memory.current",
                                             "memory.numa_stat", NULL };
    static const char *const whole[] = { "proc/stat",         "proc/meminfo",
                                         "proc/uptime",       "proc/loadavg",
                                         "proc/pressure/cpu", "proc/pressure/memory",
                                         "proc/pressure/io",  NULL };
    const char *name = strrchr(path, '/');

    if (!name)
        return FALSE;
    if (g_str_has_prefix(path, "proc/") && g_ascii_isdigit(path[5]))
        return g_strv_contains(in_process, name + 1);
    if (g_str_has_prefix(path, "sys/fs/cgroup/"))
        return g_strv_contains(in_cgroup, name + 1);
    return g_str_has_prefix(path, "sys/devices/") || g_strv_contains(whole, path);
}

HvFile *
hv_file_open(HvHost *host, const char *path, GError **error)
{
    int handle = host->machine->files->open(host->data, path, error);
    gsize length = strlen(path);
    HvFile *file;

    if (handle < 0)
        return NULL;
    file = g_malloc(sizeof *file + length + 1);
    file->host = host;
    file->handle = handle;
    file->one_record = is_one_record(path);
    memcpy(file->path, path, length + 1);
    return file;
}

void
hv_file_close(HvFile *file)
{
    if (!file)
        return;
    file->host->machine->files->close(file->host->data, file->handle);
    g_free(file);
}

/* Reads on from @offset until @size bytes or the end. Returns: bytes, or -errno. */
static gssize
read_on(const HvFile *file, char *buffer, gsize size, gsize offset, gboolean *ended)
{
    const HvHost *host = file->host;
    gsize used = 0;

    *ended = FALSE;
    while (used < size && !*ended) {
        gssize n = host->machine->files->pread(host->data, file->handle, buffer + used,
                                               size - used, offset + used);

        if (n == -EINTR)
            continue;
        /* dev/kmsg gives a record a read, EAGAIN at the end, EINVAL for one that does not fit
         */
        if (n == -EAGAIN || (n == -EINVAL && used > 0))
            n = 0;
        if (n < 0)
            return n;
        *ended = n == 0 || (file->one_record && n % PAGE_BYTES != 0 && used + (gsize)n < size);
        used += (gsize)n;
    }
    return (gssize)used;
}

gssize
hv_file_read(HvFile *file, char *buffer, gsize size, GError **error)
{
    gboolean ended;
    gssize n;

    hv_host_fault_before_read(file->host);
    n = read_on(file, buffer, size - 1, 0, &ended);
    if (n < 0) {
        hv_error_set_errno(error, (int)-n, file->path);
        return -1;
    }
    buffer[n] = '\0';
    return n;
}

/* The whole file into *@buffer, which grows up to @max bytes of text. Returns: bytes, or -1
 * with @error. */
static gssize
read_whole(const HvFile *file, char **buffer, gsize *capacity, gsize max, GError **error)
{
    gsize used = 0;
    gboolean ended = FALSE;

    hv_host_fault_before_read(file->host);
    for (;;) {
        gssize n = read_on(file, *buffer + used, *capacity - used - 1, used, &ended);

        if (n < 0) {
            hv_error_set_errno(error, (int)-n, file->path);
            return -1;
        }
        used += (gsize)n;
        if (ended && used <= max)
            break;
        if (used > max) {
            g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                        "%s: longer than %" G_GSIZE_FORMAT " bytes", file->path, max);
            return -1;
        }
        *capacity =
            MIN(*capacity * 2, max + 2); /* room for one byte too many, and for the NUL */
        *buffer = g_realloc(*buffer, *capacity);
    }
    (*buffer)[used] = '\0';
    return (gssize)used;
}

/* ---- several ---- */

typedef struct {
    HvFile *file; /* or NULL */
    GError *why;  /* then why not */
} Slot;

struct HvFiles {
    HvHost *host;
    GArray *slots;
    char *buffer;
    gsize capacity;
};

static void
clear_slot(gpointer data)
{
    Slot *slot = data;

    hv_file_close(slot->file);
    g_clear_error(&slot->why);
}

void
hv_files_close(gpointer data)
{
    HvFiles *files = data;

    if (!files)
        return;
    g_array_unref(files->slots);
    g_free(files->buffer);
    g_free(files);
}

guint
hv_files_add(HvFiles *files, const char *path)
{
    Slot slot = { 0 };

    slot.file = hv_file_open(files->host, path, &slot.why);
    g_array_append_val(files->slots, slot);
    return files->slots->len - 1;
}

static char *
fill_in(const char *pattern, const char *name)
{
    const char *hole = strstr(pattern, "%s");

    if (!hole)
        return g_strdup(pattern);
    return g_strdup_printf("%.*s%s%s", (int)(hole - pattern), pattern, name, hole + 2);
}

HvFiles *
hv_files_open(HvHost *host, const char *pattern, const char *const *names, guint n,
              GError **error)
{
    g_autoptr(HvFiles) files = g_new0(HvFiles, 1);
    guint n_open = 0;

    files->host = host;
    files->slots = g_array_sized_new(FALSE, TRUE, sizeof(Slot), n);
    g_array_set_clear_func(files->slots, clear_slot);
    files->capacity = FIRST_BUFFER_BYTES;
    files->buffer = g_malloc(files->capacity);
    for (guint i = 0; i < n; i++) {
        g_autofree char *path = fill_in(pattern, names[i]);

        n_open += g_array_index(files->slots, Slot, hv_files_add(files, path)).file != NULL;
    }
    if (n > 0 && n_open == 0) {
        g_propagate_error(error, g_error_copy(g_array_index(files->slots, Slot, 0).why));
        return NULL;
    }
    return g_steal_pointer(&files);
}

char *
hv_files_read(HvFiles *files, guint index, GError **error)
{
    const Slot *slot = &g_array_index(files->slots, Slot, index);

    if (!slot->file) {
        g_propagate_error(error, g_error_copy(slot->why));
        return NULL;
    }
    if (read_whole(slot->file, &files->buffer, &files->capacity, MAX_BUFFER_BYTES, error) < 0)
        return NULL;
    return files->buffer;
}

/* ---- at once ---- */

char *
hv_host_read_text(HvHost *host, const char *path, gsize max, GError **error)
{
    g_autoptr(HvFile) file = hv_file_open(host, path, error);
    gsize capacity = FIRST_BUFFER_BYTES;
    g_autofree char *text = NULL;

    if (!file)
        return NULL;
    text = g_malloc(capacity);
    if (read_whole(file, &text, &capacity, max ? max : DEFAULT_TEXT_BYTES, error) < 0)
        return NULL;
    return g_steal_pointer(&text);
}

gboolean
hv_host_read_u64_file(HvHost *host, const char *path, guint64 *value, GError **error)
{
    g_autoptr(HvFile) file = hv_file_open(host, path, error);
    char text[64];

    if (!file || hv_file_read(file, text, sizeof text, error) < 0)
        return FALSE;
    if (hv_parse_u64(hv_chomp(text), G_MAXUINT64, value, error))
        return TRUE;
    g_prefix_error(error, "%s: ", path);
    return FALSE;
}
