/* Asking a daemon through its socket: its answer, its silence, and whose it is. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "host/host.h"

/* A daemon that answers one question. */
typedef struct {
    char *directory, *path;
    int fd;
    GThread *thread;
    const char *answer;
    char *question;
    gint answers;      /* atomic: it does now, or has */
    gboolean was_left; /* the asker's socket was closed before the answer */
} Daemon;

static gpointer
serve(gpointer data)
{
    Daemon *self = data;
    char buffer[256];
    int fd = accept(self->fd, NULL, NULL);
    ssize_t n = recv(fd, buffer, sizeof buffer, 0);

    self->question = g_strndup(buffer, (gsize)MAX(n, 0));
    g_atomic_int_set(&self->answers, TRUE);
    self->was_left = send(fd, self->answer, strlen(self->answer), MSG_NOSIGNAL) < 0;
    close(fd);
    return NULL;
}

static void
daemon_listen(Daemon *self, const char *answer)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    self->answer = answer;
    self->directory = g_dir_make_tmp("hvtune-ask-XXXXXX", NULL);
    self->path = g_build_filename(self->directory, "socket", NULL);
    g_strlcpy(address.sun_path, self->path, sizeof address.sun_path);
    self->fd = socket(AF_UNIX, SOCK_STREAM, 0);
    g_assert_cmpint(bind(self->fd, (const struct sockaddr *)&address, sizeof address), ==, 0);
    g_assert_cmpint(listen(self->fd, 1), ==, 0);
}

static void
daemon_clear(Daemon *self)
{
    if (self->thread)
        g_thread_join(self->thread);
    close(self->fd);
    g_unlink(self->path);
    g_rmdir(self->directory);
    g_free(self->directory);
    g_free(self->path);
    g_free(self->question);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Daemon, daemon_clear)

static HvHost *
open_host(gboolean read_only, const char *fault)
{
    const HvHostOptions options = { .read_only = read_only, .fault = fault };
    g_autoptr(GError) error = NULL;
    HvHost *host = hv_host_new(&options, &error);

    g_assert_no_error(error);
    return host;
}

static gboolean
skip_unless_root(void)
{
    if (getuid() == 0)
        return FALSE;
    g_test_skip("only root's daemons are asked");
    return TRUE;
}

static void
test_answer(void)
{
    g_auto(Daemon) daemon = { 0 };
    g_autoptr(HvHost) host = open_host(FALSE, NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *answer = NULL;

    if (skip_unless_root()) {
        daemon_listen(&daemon, "");
        return;
    }
    daemon_listen(&daemon, "SLEEP 10");
    daemon.thread = g_thread_new("daemon", serve, &daemon);
    hv_host_ask(host, daemon.path + 1, "setup", 10000, &answer, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(answer, ==, "SLEEP 10");
    g_assert_true(hv_host_is_live(host));
}

/* The socket is closed when the host is, not at the deadline: an answer into a closed one can
 * kill who gives it. */
static void
test_silence(void)
{
    g_auto(Daemon) daemon = { 0 };
    HvHost *host = open_host(FALSE, NULL);
    g_autoptr(GError) error = NULL;

    daemon_listen(&daemon, "late");
    if (!skip_unless_root()) { /* nobody serves yet: the connection waits to be accepted */
        g_assert_false(hv_host_ask(host, daemon.path + 1, "setup", 20, NULL, &error));
        g_assert_error(error, HV_ERROR, HV_ERROR_TIMEOUT);
        daemon.thread = g_thread_new("daemon", serve, &daemon);
    }
    hv_host_free(host); /* waits for the answer */
    if (!daemon.thread)
        return;
    g_assert_true(g_atomic_int_get(&daemon.answers));
    g_thread_join(g_steal_pointer(&daemon.thread));
    g_assert_false(daemon.was_left);
}

static void
test_nobody(void)
{
    g_auto(Daemon) daemon = { 0 };
    g_autoptr(HvHost) host = open_host(FALSE, NULL);
    g_autoptr(GError) absent = NULL;
    g_autoptr(GError) gone = NULL;

    daemon_listen(&daemon, "");
    close(daemon.fd);
    daemon.fd = -1;
    g_assert_false(hv_host_ask(host, "nowhere/irqbalance1.sock", "setup", 1000, NULL, &absent));
    g_assert_error(absent, HV_ERROR, HV_ERROR_ABSENT);
    g_assert_false(hv_host_ask(host, daemon.path + 1, "setup", 1000, NULL, &gone));
    g_assert_error(gone, HV_ERROR, HV_ERROR_ABSENT);
}

static void
test_told(void)
{
    g_auto(Daemon) daemon = { 0 };
    g_autoptr(HvHost) read_only = open_host(TRUE, NULL);
    g_autoptr(HvHost) faulty = open_host(FALSE, "fail-write:1");
    g_autoptr(GError) denied = NULL;
    g_autoptr(GError) failed = NULL;

    daemon_listen(&daemon, "ok");
    g_assert_false(hv_host_tell(read_only, daemon.path + 1, "settings", 1000, &denied));
    g_assert_error(denied, HV_ERROR, HV_ERROR_DENIED);
    g_assert_false(hv_host_tell(faulty, daemon.path + 1, "settings", 1000, &failed));
    g_assert_error(failed, HV_ERROR, HV_ERROR_REFUSED);
    if (skip_unless_root())
        return;
    daemon.thread = g_thread_new("daemon", serve, &daemon);
    g_assert_true(hv_host_tell(faulty, daemon.path + 1, "settings", 10000, NULL));
    g_thread_join(g_steal_pointer(&daemon.thread));
    g_assert_cmpstr(daemon.question, ==, "settings");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ask/the whole answer comes back", test_answer);
    g_test_add_func("/ask/who is silent is not left before its answer", test_silence);
    g_test_add_func("/ask/where nobody listens there is nobody", test_nobody);
    g_test_add_func("/ask/telling is a write", test_told);
    return g_test_run();
}
