/* The door: opens the machine that is asked for, and passes on what is asked of it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/host-private.h"

#include "host/guests-private.h"
#include "host/parse.h"

#include <errno.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define DEFAULT_CONNECT_URI "qemu:///system"
/* Between two tries for a lock. */
#define LOCK_RETRY_NS G_GINT64_CONSTANT(10000000)

static char **
copy_texts(const char *const *texts)
{
    GStrvBuilder *copy = g_strv_builder_new();
    char **copied;

    for (; *texts; texts++)
        g_strv_builder_add(copy, *texts);
    copied = g_strv_builder_end(copy);
    g_strv_builder_unref(copy);
    return copied;
}

static gboolean
open_machine(HvHost *host, const HvHostOptions *options, GError **error)
{
    if (options->demo)
        return hv_sim_open(host, options->demo, error);
    if (options->no_machine)
        return hv_tree_open(host, NULL, error);
    return options->root ? hv_tree_open(host, options->root, error) : hv_real_open(host, error);
}

HvHost *
hv_host_new(const HvHostOptions *options, GError **error)
{
    g_autoptr(HvHost) host = g_new0(HvHost, 1);

    g_mutex_init(&host->ids_lock);
    host->root_fd = -1;
    host->read_only = options->read_only;
    host->connect_uri =
        g_strdup(options->connect_uri ? options->connect_uri : DEFAULT_CONNECT_URI);
    /* hwloc's complaints about odd machines would be printed over the screen */
    if (g_strcmp0(g_getenv("HWLOC_HIDE_ERRORS"), "2") != 0)
        (void)g_setenv("HWLOC_HIDE_ERRORS", "2", TRUE);
    if (options->fault) {
        host->fault = hv_fault_new(options->fault, error);
        if (!host->fault)
            return NULL;
    }
    host->policy = options->policy;
    host->watches = options->watches ? copy_texts(options->watches) : g_new0(char *, 1);
    if (!open_machine(host, options, error))
        return NULL;
    host->topology = hv_topology_cache_new(host);
    host->guests = hv_guests_new(host);
    return g_steal_pointer(&host);
}

void
hv_host_free(HvHost *host)
{
    if (!host)
        return;
    hv_guests_free(host->guests);
    if (host->is_left_behind)
        return;
    hv_topology_cache_free(host->topology);
    if (host->machine && host->machine->free)
        host->machine->free(host->data);
    hv_fault_free(host->fault);
    g_clear_pointer(&host->footprint, g_ptr_array_unref);
    g_mutex_clear(&host->ids_lock);
    g_free(host->root);
    g_free(host->connect_uri);
    g_strfreev(host->watches);
    g_free(host->machine_id);
    g_free(host->boot_id);
    g_free(host);
}

gboolean
hv_host_is_live(const HvHost *host)
{
    return host->live;
}

gboolean
hv_host_is_simulated(const HvHost *host)
{
    return host->simulated;
}

const HvPolicy *
hv_host_policy(const HvHost *host)
{
    return &host->policy;
}

const char *const *
hv_host_watches(HvHost *host)
{
    return (const char *const *)host->watches;
}

gboolean
hv_host_is_read_only(const HvHost *host)
{
    return host->read_only || host->machine->no_write;
}

gboolean
hv_host_may_write(const HvHost *host, GError **error)
{
    if (!hv_host_is_read_only(host))
        return TRUE;
    g_set_error_literal(error, HV_ERROR, HV_ERROR_DENIED,
                        host->machine->no_write ? host->machine->no_write
                                                : "read-only: nothing is changed");
    return FALSE;
}

/* Read once; a later change of either would be another machine. */
static const char *
read_id(HvHost *host, char **id, const char *path)
{
    g_mutex_lock(&host->ids_lock);
    if (!*id) {
        char *text = hv_host_read_text(host, path, 256, NULL); /* "" stands for unreadable */

        *id = text ? hv_chomp(text) : g_strdup("");
    }
    g_mutex_unlock(&host->ids_lock);
    return *id;
}

const char *
hv_host_machine_id(HvHost *host)
{
    return read_id(host, &host->machine_id, "etc/machine-id");
}

const char *
hv_host_boot_id(HvHost *host)
{
    return read_id(host, &host->boot_id, "proc/sys/kernel/random/boot_id");
}

/* ---- names ---- */

static gboolean
is_number(const char *name)
{
    return *name && strspn(name, "0123456789") == strlen(name);
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
    const char *left = *(const char *const *)a, *right = *(const char *const *)b;
    gboolean left_number = is_number(left), right_number = is_number(right);

    if (left_number != right_number)
        return left_number ? -1 : 1;
    if (left_number && strlen(left) != strlen(right))
        return strlen(left) < strlen(right) ? -1 : 1;
    return strcmp(left, right);
}

char **
hv_host_list(HvHost *host, const char *path, GError **error)
{
    GPtrArray *names = host->machine->files->list(host->data, path, error);

    if (!names)
        return NULL;
    g_ptr_array_sort(names, compare_names);
    g_ptr_array_add(names, NULL);
    g_ptr_array_set_free_func(names, NULL);
    return (char **)g_ptr_array_free(names, FALSE);
}

gboolean
hv_host_exists(HvHost *host, const char *path)
{
    return host->machine->files->exists(host->data, path);
}

char *
hv_host_readlink(HvHost *host, const char *path, GError **error)
{
    return host->machine->files->readlink(host->data, path, error);
}

/* ---- changes ---- */

gboolean
hv_host_write(HvHost *host, const char *path, const char *text, GError **error)
{
    return hv_host_may_write(host, error) && hv_host_fault_before_write(host, error) &&
           host->machine->files->write(host->data, path, text, error) &&
           hv_host_fault_after_write(host, error);
}

gboolean
hv_host_mkdir(HvHost *host, const char *path, GError **error)
{
    return hv_host_may_write(host, error) && hv_host_fault_before_write(host, error) &&
           host->machine->files->mkdir(host->data, path, error) &&
           hv_host_fault_after_write(host, error);
}

gboolean
hv_host_rename(HvHost *host, const char *from, const char *to, GError **error)
{
    return hv_host_may_write(host, error) && hv_host_fault_before_write(host, error) &&
           host->machine->files->rename(host->data, from, to, error) &&
           hv_host_fault_after_write(host, error);
}

gboolean
hv_host_rmdir(HvHost *host, const char *path, GError **error)
{
    return hv_host_may_write(host, error) && hv_host_fault_before_write(host, error) &&
           host->machine->files->rmdir(host->data, path, error) &&
           hv_host_fault_after_write(host, error);
}

int
hv_host_flock(int take_fd, const char *path, gboolean exclusive, GError **error)
{
    int failed;

    if (take_fd < 0) {
        hv_error_set_errno(error, -take_fd, path);
        return -2;
    }
    if (flock(take_fd, (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0)
        return take_fd;
    failed = errno;
    (void)close(take_fd);
    if (failed == EWOULDBLOCK || failed == EINTR)
        return -1;
    hv_error_set_errno(error, failed, path);
    return -2;
}

int
hv_host_lock(HvHost *host, const char *path, gboolean exclusive, guint deadline_ms,
             GError **error)
{
    gint64 deadline_ns = hv_host_monotonic_ns(host) + (gint64)deadline_ms * 1000000;

    if ((exclusive || !host->machine->files->try_lock) && !hv_host_may_write(host, error))
        return -1;
    for (;;) {
        int fd = host->machine->files->try_lock(host->data, path, exclusive, error);
        gint64 now_ns = hv_host_monotonic_ns(host);

        if (fd != -1)
            return MAX(fd, -1);
        if (now_ns >= deadline_ns) {
            g_set_error(error, HV_ERROR, HV_ERROR_TIMEOUT,
                        "%s: locked by another process for %u ms", path, deadline_ms);
            return -1;
        }
        (void)hv_host_wait_until(host, MIN(now_ns + LOCK_RETRY_NS, deadline_ns), -1);
    }
}
