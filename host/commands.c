/* Commands by argument vector: no shell, no input, a deadline, a bound on what they may say. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/real.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define MAX_OUTPUT_BYTES (1u << 20)
/* How often a child is asked after, where there are no pidfds. */
#define ASK_MS 20
/* How long a killed child may take to die before it is left behind. */
#define DEATH_MS 500
#define SYSTEM_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* The caller's PATH and locale play no part: for root they may be somebody else's. */
static char path_variable[] = "PATH=" SYSTEM_PATH, locale_variable[] = "LC_ALL=C";
static char *const environment[] = { path_variable, locale_variable, NULL };

enum { OUTPUT, COMPLAINTS, N_STREAMS };

typedef struct {
    pid_t pid; /* also the number of its process group; 0: none, or reaped */
    int pidfd;
    int streams[N_STREAMS]; /* our ends, -1 when closed */
    GString *texts[N_STREAMS];
} Child;

static void
close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void
clear_child(Child *child)
{
    close_fd(&child->pidfd);
    for (guint i = 0; i < N_STREAMS; i++) {
        close_fd(&child->streams[i]);
        g_string_free(child->texts[i], TRUE);
    }
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Child, clear_child)

static char *
find_program(const char *name)
{
    g_auto(GStrv) directories = NULL;

    if (strchr(name, '/'))
        return g_strdup(name);
    directories = g_strsplit(SYSTEM_PATH, ":", -1);
    for (guint i = 0; directories[i]; i++) {
        g_autofree char *path = g_build_filename(directories[i], name, NULL);

        if (access(path, X_OK) == 0)
            return g_steal_pointer(&path);
    }
    return NULL;
}

/* A group of its own, and none of our signal settings. */
static int
spawn_with(Child *child, const char *program, char *const *argv, const int *ends)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    int failed;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[OUTPUT], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[COMPLAINTS], STDERR_FILENO);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                              POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    failed = posix_spawn(&child->pid, program, &actions, &attributes, argv, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

static gboolean
start_child(Child *child, const char *const *argv, GError **error)
{
    g_autofree char *program = find_program(argv[0]);
    g_autoptr(GPtrArray) arguments =
        g_ptr_array_new_with_free_func(g_free); /* argv without its const */
    int ends[N_STREAMS] = { -1, -1 }, failed = 0;

    if (!program) {
        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT, "%s: no such command", argv[0]);
        return FALSE;
    }
    for (guint i = 0; argv[i]; i++)
        g_ptr_array_add(arguments, g_strdup(argv[i]));
    g_ptr_array_add(arguments, NULL);
    for (guint i = 0; i < N_STREAMS && !failed; i++) {
        int pipe_fds[2];

        if (pipe2(pipe_fds, O_CLOEXEC) != 0) {
            failed = errno;
            break;
        }
        child->streams[i] = pipe_fds[0];
        ends[i] = pipe_fds[1];
        if (fcntl(pipe_fds[0], F_SETFL, O_NONBLOCK) != 0)
            failed = errno;
    }
    if (!failed)
        failed = spawn_with(child, program, (char *const *)arguments->pdata, ends);
    for (guint i = 0; i < N_STREAMS; i++)
        close_fd(&ends[i]);
    if (failed) {
        child->pid = 0;
        return hv_error_set_errno(error, failed, argv[0]);
    }
    child->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0); /* -1 before Linux 5.3 */
    return TRUE;
}

/* What one stream holds now. Returns: FALSE when it would be too much. */
static gboolean
drain(Child *child, guint stream)
{
    char buffer[8192];

    while (child->streams[stream] >= 0) {
        ssize_t n = read(child->streams[stream], buffer, sizeof buffer);

        if (n > 0) {
            if (child->texts[stream]->len + (gsize)n > MAX_OUTPUT_BYTES)
                return FALSE;
            g_string_append_len(child->texts[stream], buffer, n);
        } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
            close_fd(&child->streams[stream]);
        } else if (errno == EAGAIN) {
            break;
        }
    }
    return TRUE;
}

static gboolean
drain_all(Child *child, const char *name, GError **error)
{
    for (guint i = 0; i < N_STREAMS; i++) {
        if (!drain(child, i)) {
            g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, "%s: more than %u bytes of output",
                        name, MAX_OUTPUT_BYTES);
            return FALSE;
        }
    }
    return TRUE;
}

static void
wait_for_news(const Child *child, gint64 wait_ms)
{
    struct pollfd news[] = {
        { .fd = child->pidfd, .events = POLLIN },
        { .fd = child->streams[OUTPUT], .events = POLLIN },
        { .fd = child->streams[COMPLAINTS], .events = POLLIN },
    };

    if (child->pidfd < 0)
        wait_ms = MIN(wait_ms, ASK_MS);
    (void)poll(news, G_N_ELEMENTS(news), (int)MIN(wait_ms, G_MAXINT));
}

static gboolean
has_ended(Child *child, int *wait_status)
{
    pid_t pid = waitpid(child->pid, wait_status, WNOHANG);

    if (pid == 0 || (pid < 0 && errno == EINTR))
        return FALSE;
    if (pid < 0)
        *wait_status = 0; /* somebody else has reaped it: its status is not to be had */
    child->pid = 0;
    return TRUE;
}

/* With all it has started; one that does not die (in uninterruptible sleep) is left behind. */
static void
kill_group(Child *child)
{
    int wait_status;

    (void)kill(-child->pid, SIGKILL);
    for (gint64 waited_ms = 0; waited_ms < DEATH_MS && !has_ended(child, &wait_status);
         waited_ms += ASK_MS) {
        struct pollfd death = { .fd = child->pidfd, .events = POLLIN };

        (void)poll(&death, 1, ASK_MS);
    }
}

static gboolean
watch_child(Child *child, const char *name, guint deadline_ms, int *wait_status, GError **error)
{
    gint64 deadline_us = g_get_monotonic_time() + (gint64)deadline_ms * 1000;

    for (;;) {
        gint64 left_us = deadline_us - g_get_monotonic_time();
        gboolean ended = has_ended(child, wait_status);

        if (!drain_all(child, name, error))
            return FALSE;
        if (ended)
            return TRUE;
        if (left_us <= 0) {
            g_set_error(error, HV_ERROR, HV_ERROR_TIMEOUT, "%s: still running after %u ms",
                        name, deadline_ms);
            return FALSE;
        }
        wait_for_news(child, left_us / 1000 + 1);
    }
}

/* A command that failed without output is known by its complaint. */
static gboolean
run(gpointer data G_GNUC_UNUSED, const char *const *argv, guint deadline_ms, char **output,
    int *status, GError **error)
{
    g_auto(Child) child = { .pidfd = -1,
                            .streams = { -1, -1 },
                            .texts = { g_string_new(NULL), g_string_new(NULL) } };
    int wait_status = 0;
    guint told;

    if (!start_child(&child, argv, error))
        return FALSE;
    if (!watch_child(&child, argv[0], deadline_ms, &wait_status, error)) {
        if (child.pid)
            kill_group(&child);
        return FALSE;
    }
    if (WIFSIGNALED(wait_status)) {
        g_set_error(error, HV_ERROR, HV_ERROR_FAILED, "%s: killed by signal %d", argv[0],
                    WTERMSIG(wait_status));
        return FALSE;
    }
    *status = WEXITSTATUS(wait_status);
    told = *status != 0 && child.texts[OUTPUT]->len == 0 ? COMPLAINTS : OUTPUT;
    *output = g_strndup(child.texts[told]->str, child.texts[told]->len);
    return TRUE;
}

const HvCommandOps hv_real_commands = { .run = run };

gboolean
hv_host_run(HvHost *host, const char *const *argv, guint deadline_ms, char **output,
            int *status, GError **error)
{
    if (host->machine->commands)
        return host->machine->commands->run(host->data, argv, deadline_ms, output, status,
                                            error);
    g_set_error(error, HV_ERROR, HV_ERROR_ABSENT, "%s: no commands behind a captured tree",
                argv[0]);
    return FALSE;
}
