/* A process that outlives this one: as a transient unit of systemd, or in a session of its own.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/spawn.h"

#include "host/host-private.h"
#include "model/error.h"
#include "model/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYSTEMD_RUN_MS 8000
#define FIRST_FD_TO_CLOSE 3
#define LAST_FD_TO_CLOSE 1024 /* where the kernel has no close_range() */

/* ---- which of the two ---- */

/* TRUE also where it cannot be told: an unprivileged process may not ask for pid 1's. */
static gboolean
shares_mounts_with_init(void)
{
    struct stat ours;
    struct stat inits;

    return stat("/proc/self/ns/mnt", &ours) != 0 || stat("/proc/1/ns/mnt", &inits) != 0 ||
           (ours.st_ino == inits.st_ino && ours.st_dev == inits.st_dev);
}

/* A user's own manager, where this is not root. */
static gboolean
has_manager(void)
{
    const char *runtime = g_getenv("XDG_RUNTIME_DIR");
    g_autofree char *path = geteuid() == 0 ? g_strdup("/run/systemd/system") /* sd_booted(3) */
                            : runtime      ? g_build_filename(runtime, "systemd", NULL)
                                           : NULL;

    return path && access(path, F_OK) == 0;
}

/* Why it can be no unit, or NULL. */
static const char *
why_no_unit(void)
{
    if (!has_manager())
        return geteuid() == 0 ? N_("there is no systemd")
                              : N_("there is no systemd of this user");
    return shares_mounts_with_init() ? NULL : N_("hvtune runs in a mount namespace of its own");
}

/* ---- as a unit ---- */

char **
hv_spawn_unit_command(const char *unit, gboolean is_user, const char *const *argv,
                      const char *const *environment)
{
    GPtrArray *command = g_ptr_array_new();

    g_ptr_array_add(command, g_strdup("systemd-run"));
    if (is_user)
        g_ptr_array_add(command, g_strdup("--user"));
    g_ptr_array_add(command, g_strdup("--quiet"));
    g_ptr_array_add(command, g_strdup("--no-ask-password"));
    g_ptr_array_add(command, g_strdup("--collect"));
    g_ptr_array_add(command, g_strdup("--service-type=exec"));
    g_ptr_array_add(command, g_strdup_printf("--unit=%s", unit));
    for (guint i = 0; environment[i]; i++)
        g_ptr_array_add(command, g_strdup_printf("--setenv=%s", environment[i]));
    g_ptr_array_add(command, g_strdup("--"));
    for (guint i = 0; argv[i]; i++)
        g_ptr_array_add(command, g_strdup(argv[i]));
    g_ptr_array_add(command, NULL);
    return (char **)g_ptr_array_free(command, FALSE);
}

static gboolean
spawn_unit(HvHost *host, const char *unit, const char *const *argv,
           const char *const *environment, GError **error)
{
    g_auto(GStrv) command = hv_spawn_unit_command(unit, geteuid() != 0, argv, environment);
    g_autofree char *output = NULL;
    int status = 0;

    if (!hv_host_run(host, (const char *const *)command, SYSTEMD_RUN_MS, &output, &status,
                     error))
        return FALSE;
    if (status == 0)
        return TRUE;
    g_strdelimit(g_strstrip(output), "\n", ' ');
    g_set_error(error, HV_ERROR, HV_ERROR_FAILED, "systemd-run: %s", output);
    return FALSE;
}

/* ---- as a process ---- */

/* All between here and the end of the child is safe behind a fork of a process with threads. */
static void
leave_files(void)
{
    const int nothing = open("/dev/null", O_RDWR);

    for (int fd = 0; fd < FIRST_FD_TO_CLOSE; fd++)
        dup2(nothing, fd);
    if (syscall(SYS_close_range, FIRST_FD_TO_CLOSE, ~0U, 0) == 0)
        return;
    for (int fd = FIRST_FD_TO_CLOSE; fd < LAST_FD_TO_CLOSE; fd++)
        close(fd);
}

static void
reset_signals(void)
{
    const struct sigaction standard = { .sa_handler = SIG_DFL };
    sigset_t none;

    for (int number = 1; number < SIGRTMIN; number++)
        sigaction(number, &standard, NULL); /* refused for some, which have no other */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Its parent is gone at once, so that init reaps it, and it leads no session, so that it never
 * gets a terminal. */
static G_GNUC_NORETURN void
run_child(const char *program, char *const *argv, char *const *environment)
{
    if (setsid() < 0)
        _exit(1);
    switch (fork()) {
    case -1:
        _exit(1);
    case 0:
        break;
    default:
        _exit(0);
    }
    leave_files();
    reset_signals();
    if (chdir("/") == 0)
        execve(program, argv, environment);
    _exit(1);
}

static char **
copy_strings(const char *const *strings)
{
    return g_strdupv((char **)(gsize)strings); /* only read */
}

static gboolean
spawn_process(const char *const *argv, const char *const *environment, GError **error)
{
    g_auto(GStrv) words = copy_strings(argv); /* made before the fork: no memory is asked for */
    g_auto(GStrv) variables = copy_strings(environment);
    const pid_t pid = fork();
    int status = 0;

    if (pid == 0)
        run_child(words[0], words, variables);
    if (pid < 0)
        return hv_error_set_errno(error, errno, "fork");
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return TRUE;
    g_set_error(error, HV_ERROR, HV_ERROR_FAILED, _("%s: could not be started apart"), argv[0]);
    return FALSE;
}

gboolean
hv_host_spawn_detached(HvHost *host, const char *unit, const char *const *argv,
                       const char *const *environment, const char **why_process, GError **error)
{
    *why_process = NULL;
    if (!hv_host_may_write(host, error))
        return FALSE;
    if (!hv_host_is_live(host)) {
        g_set_error(error, HV_ERROR, HV_ERROR_ABSENT, _("%s: no processes on this machine"),
                    argv[0]);
        return FALSE;
    }
    *why_process = why_no_unit();
    return *why_process ? spawn_process(argv, environment, error)
                        : spawn_unit(host, unit, argv, environment, error);
}
