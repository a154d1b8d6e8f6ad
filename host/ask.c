/* Asking a daemon through its socket: one message, its whole answer, a deadline. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/real.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#define MAX_ANSWER_BYTES (1u << 20)
/* Sockets that may be left open to daemons that do not answer; how long their answers are
 * waited for at the end, and then by a process that does nothing else. */
#define MAX_LEFT_OPEN 16u
#define SETTLE_MS 500
#define KEEP_MS 600000

/* A daemon that answers into a closed socket gets SIGPIPE; irqbalance 1.9.2 dies of it. So one
 * that has not answered by its deadline keeps its socket until it has. */
static GMutex left_lock;
static struct pollfd left_open[MAX_LEFT_OPEN];
static guint n_left_open;

/* With the lock held. */
static void
close_answered(int wait_ms)
{
    guint n_kept = 0;

    if (n_left_open == 0 || poll(left_open, n_left_open, wait_ms) <= 0)
        return;
    for (guint i = 0; i < n_left_open; i++) {
        if (left_open[i].revents)
            close(left_open[i].fd);
        else
            left_open[n_kept++] = left_open[i];
    }
    n_left_open = n_kept;
}

static gboolean
may_leave_one(const char *path, GError **error)
{
    gboolean may;

    g_mutex_lock(&left_lock);
    close_answered(0);
    may = n_left_open < MAX_LEFT_OPEN;
    g_mutex_unlock(&left_lock);
    if (!may)
        g_set_error(error, HV_ERROR, HV_ERROR_FAILED,
                    "%s: not asked: %u questions have no answer yet", path, MAX_LEFT_OPEN);
    return may;
}

/* Where others were quicker there is no room for it: then it is closed. */
static void
leave_open(int *fd)
{
    g_mutex_lock(&left_lock);
    if (n_left_open < MAX_LEFT_OPEN) {
        left_open[n_left_open++] = (struct pollfd){ .fd = *fd, .events = POLLIN };
        *fd = -1;
    }
    g_mutex_unlock(&left_lock);
}

static void
wait_for_answers(int wait_ms)
{
    const gint64 deadline_us = g_get_monotonic_time() + (gint64)wait_ms * 1000;

    for (gint64 left_us = wait_ms * (gint64)1000; n_left_open > 0 && left_us > 0;
         left_us = deadline_us - g_get_monotonic_time())
        close_answered((int)(left_us / 1000 + 1));
}

static int
compare_fds(gconstpointer a, gconstpointer b)
{
    return ((const struct pollfd *)a)->fd - ((const struct pollfd *)b)->fd;
}

/* In the child of a process that may have had threads: only calls that are safe there. It holds
 * on to nothing but the sockets, nobody's output either. They are in order, so that none is
 * written over before it has moved down. */
static void
keep_sockets(void)
{
    for (guint i = 0; i < n_left_open; i++) {
        (void)dup2(left_open[i].fd, (int)i);
        left_open[i].fd = (int)i;
    }
    (void)close_range(n_left_open, G_MAXUINT, 0);
    wait_for_answers(KEEP_MS);
    _exit(0);
}

void
hv_asks_settle(void)
{
    g_mutex_lock(&left_lock);
    wait_for_answers(SETTLE_MS);
    if (n_left_open > 0) {
        qsort(left_open, n_left_open, sizeof *left_open, compare_fds);
        if (fork() == 0)
            keep_sockets();
        for (guint i = 0; i < n_left_open; i++)
            close(left_open[i].fd);
        n_left_open = 0;
    }
    g_mutex_unlock(&left_lock);
}

/* Each call that waits does so at most until @deadline_us. FALSE: that is now. */
static gboolean
allow_until(int fd, gint64 deadline_us)
{
    const gint64 left_us = deadline_us - g_get_monotonic_time();
    const struct timeval left = { .tv_sec = left_us / G_USEC_PER_SEC,
                                  .tv_usec = left_us % G_USEC_PER_SEC };

    return left_us > 0 && setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &left, sizeof left) == 0 &&
           setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &left, sizeof left) == 0;
}

/* What a daemon of root's says is believed; a name can be taken by anybody. */
static gboolean
check_peer(int fd, const char *path, GError **error)
{
    struct ucred peer = { 0 };
    socklen_t size = sizeof peer;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return hv_error_set_errno(error, errno, path);
    if (peer.uid == 0)
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_DENIED, "%s: belongs to user %u, not to root", path,
                peer.uid);
    return FALSE;
}

static gboolean
connect_to(int fd, const char *path, GError **error)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/" };
    int result;

    if (g_strlcat(address.sun_path, path, sizeof address.sun_path) >= sizeof address.sun_path)
        return hv_error_set_errno(error, ENAMETOOLONG, path);
    do
        result = connect(fd, (const struct sockaddr *)&address, sizeof address);
    while (result < 0 && errno == EINTR);
    if (result == 0)
        return check_peer(fd, path, error);
    if (errno == ECONNREFUSED) { /* left behind by one that is gone */
        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT, "%s: nobody listens", path);
        return FALSE;
    }
    return hv_error_set_errno(error, errno == EAGAIN ? ETIMEDOUT : errno, path);
}

static gboolean
send_text(int fd, const char *path, const char *text, GError **error)
{
    const gsize length = strlen(text);
    ssize_t n;

    do
        n = send(fd, text, length, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    if (n == (ssize_t)length)
        return TRUE;
    return hv_error_set_errno(error, n < 0 && errno != EAGAIN ? errno : ETIMEDOUT, path);
}

static gboolean
receive(int fd, const char *path, gint64 deadline_us, GString *answer, GError **error)
{
    char buffer[4096];

    for (;;) {
        ssize_t n = allow_until(fd, deadline_us) ? recv(fd, buffer, sizeof buffer, 0) : -1;

        if (n == 0)
            return TRUE;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && (errno == EAGAIN || g_get_monotonic_time() >= deadline_us))
            return hv_error_set_errno(error, ETIMEDOUT, path);
        if (n < 0)
            return hv_error_set_errno(error, errno, path);
        if (answer->len + (gsize)n > MAX_ANSWER_BYTES)
            return hv_error_set_errno(error, EMSGSIZE, path);
        g_string_append_len(answer, buffer, n);
    }
}

static gboolean
ask(gpointer data G_GNUC_UNUSED, const char *path, const char *text, guint deadline_ms,
    char **answer, GError **error)
{
    const gint64 deadline_us = g_get_monotonic_time() + (gint64)deadline_ms * 1000;
    g_autoptr(GString) told = g_string_new(NULL);
    hv_autofd fd = -1;

    if (!may_leave_one(path, error))
        return FALSE;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || !allow_until(fd, deadline_us))
        return hv_error_set_errno(error, errno, path);
    if (!connect_to(fd, path, error) || !send_text(fd, path, text, error))
        return FALSE;
    if (!receive(fd, path, deadline_us, told, error)) {
        leave_open(&fd);
        return FALSE;
    }
    if (answer)
        *answer = g_string_free(g_steal_pointer(&told), FALSE);
    return TRUE;
}

const HvSocketOps hv_real_sockets = { .ask = ask };

static gboolean
ask_machine(HvHost *host, const char *path, const char *text, guint deadline_ms, char **answer,
            GError **error)
{
    if (host->machine->sockets)
        return host->machine->sockets->ask(host->data, path, text, deadline_ms, answer, error);
    g_set_error(error, HV_ERROR, HV_ERROR_ABSENT, "%s: nobody listens behind a captured tree",
                path);
    return FALSE;
}

gboolean
hv_host_ask(HvHost *host, const char *path, const char *text, guint deadline_ms, char **answer,
            GError **error)
{
    hv_host_fault_before_read(host);
    return ask_machine(host, path, text, deadline_ms, answer, error);
}

gboolean
hv_host_tell(HvHost *host, const char *path, const char *text, guint deadline_ms,
             GError **error)
{
    return hv_host_may_write(host, error) && hv_host_fault_before_write(host, error) &&
           ask_machine(host, path, text, deadline_ms, NULL, error) &&
           hv_host_fault_after_write(host, error);
}
