/* A child process by argument vector: own process group, no terminal, no input. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/child.h"

#include "model/error.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* How often a dying child is asked after. */
#define ASK_MS 20
/* How long a killed child may take to die before it is left behind. */
#define DEATH_MS 500
#define SYSTEM_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* The caller's PATH and locale play no part: for root they may be somebody else's. */
static char path_variable[] = "PATH=" SYSTEM_PATH, locale_variable[] = "LC_ALL=C";
static char *const environment[] = { path_variable, locale_variable, NULL };

static void
close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void
hv_child_close(HvChild *child)
{
    close_fd(&child->pidfd);
    for (guint i = 0; i < HV_CHILD_N_STREAMS; i++)
        close_fd(&child->streams[i]);
}

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

static void
add_end(posix_spawn_file_actions_t *actions, int end, int as)
{
    if (end < 0)
        posix_spawn_file_actions_addopen(actions, as, "/dev/null", O_RDWR, 0);
    else
        posix_spawn_file_actions_adddup2(actions, end, as);
}

/* A group of its own, and none of our signal settings. */
int
hv_child_spawn(pid_t *pid, const char *program, char *const *argv, int input, int output,
               int complaints)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    int failed;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    add_end(&actions, input, STDIN_FILENO);
    add_end(&actions, output, STDOUT_FILENO);
    add_end(&actions, complaints, STDERR_FILENO);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                              POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    failed = posix_spawn(pid, program, &actions, &attributes, argv, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

/* Our ends into @child, those of its own into @ends. Returns: 0 or errno. */
static int
make_pipes(HvChild *child, int *ends)
{
    for (guint i = 0; i < HV_CHILD_N_STREAMS; i++) {
        int pipe_fds[2];

        if (pipe2(pipe_fds, O_CLOEXEC) != 0)
            return errno;
        child->streams[i] = pipe_fds[0];
        ends[i] = pipe_fds[1];
        if (fcntl(pipe_fds[0], F_SETFL, O_NONBLOCK) != 0)
            return errno;
    }
    return 0;
}

gboolean
hv_child_start(HvChild *child, const char *const *argv, GError **error)
{
    g_autofree char *program = find_program(argv[0]);
    g_autoptr(GPtrArray) arguments =
        g_ptr_array_new_with_free_func(g_free); /* argv without its const */
    int ends[HV_CHILD_N_STREAMS] = { -1, -1 }, failed;

    if (!program) {
        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT, "%s: no such command", argv[0]);
        return FALSE;
    }
    for (guint i = 0; argv[i]; i++)
        g_ptr_array_add(arguments, g_strdup(argv[i]));
    g_ptr_array_add(arguments, NULL);
    failed = make_pipes(child, ends);
    if (!failed)
        failed = hv_child_spawn(&child->pid, program, (char *const *)arguments->pdata, -1,
                                ends[HV_CHILD_OUTPUT], ends[HV_CHILD_COMPLAINTS]);
    for (guint i = 0; i < HV_CHILD_N_STREAMS; i++)
        close_fd(&ends[i]);
    if (failed) {
        child->pid = 0;
        return hv_error_set_errno(error, failed, argv[0]);
    }
    child->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0);
    return TRUE;
}

gsize
hv_child_read(HvChild *child, guint stream, char *buffer, gsize size)
{
    while (child->streams[stream] >= 0) {
        const ssize_t n = read(child->streams[stream], buffer, size);

        if (n > 0)
            return (gsize)n;
        if (n < 0 && errno == EAGAIN)
            return 0;
        if (n == 0 || errno != EINTR)
            close_fd(&child->streams[stream]);
    }
    return 0;
}

gboolean
hv_child_has_ended(HvChild *child, int *wait_status)
{
    const pid_t pid = waitpid(child->pid, wait_status, WNOHANG);

    if (pid == 0 || (pid < 0 && errno == EINTR))
        return FALSE;
    if (pid < 0)
        *wait_status = 0; /* somebody else has reaped it: its status is not to be had */
    child->pid = 0;
    return TRUE;
}

/* As long as it is not reaped, its group's number cannot be anybody else's. */
gboolean
hv_child_has_ended_with_group(HvChild *child, int *wait_status)
{
    siginfo_t info = { 0 };

    if (waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0) {
        if (info.si_pid == 0)
            return FALSE;
        hv_child_kill(child);
    }
    return hv_child_has_ended(child, wait_status);
}

void
hv_child_kill(const HvChild *child)
{
    (void)kill(-child->pid, SIGKILL);
}

void
hv_child_kill_and_wait(HvChild *child)
{
    int wait_status;

    hv_child_kill(child);
    for (gint64 waited_ms = 0; waited_ms < DEATH_MS && !hv_child_has_ended(child, &wait_status);
         waited_ms += ASK_MS) {
        struct pollfd death = { .fd = child->pidfd, .events = POLLIN };

        (void)poll(&death, 1, ASK_MS);
    }
}
