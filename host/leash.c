/* Process groups that must not outlive us, whatever we die of. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/leash.h"

#include "host/child.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* The guard hears of groups that begin and end. It reads to the end of its input, which comes
 * when the last process that has our end of the socket is gone: that is this one alone. */
static char guard_script[] = "trap '' HUP INT QUIT TERM\n"
                             "held=\n"
                             "while read -r what group; do\n"
                             "    case $what in\n"
                             "    hold) held=\"$held $group\" ;;\n"
                             "    release)\n"
                             "        left=\n"
                             "        for one in $held; do\n"
                             "            [ \"$one\" = \"$group\" ] || left=\"$left $one\"\n"
                             "        done\n"
                             "        held=$left\n"
                             "        ;;\n"
                             "    esac\n"
                             "done\n"
                             "for one in $held; do kill -s KILL -- \"-$one\"; done\n";
static char shell[] = "/bin/sh", run_script[] = "-c", guard_name[] = "hvtune-guard";

static struct {
    GMutex lock;
    GArray *groups; /* of pid_t: what is held now */
    pid_t guard;
    int fd; /* our end of its input; 0: no guard */
} leash;

static void
forget_guard(void)
{
    int wait_status;

    close(leash.fd);
    leash.fd = 0;
    (void)waitpid(leash.guard, &wait_status, WNOHANG);
}

/* What cannot be told now, as to a guard that somebody has killed, is told to the next. */
static void
tell(const char *what, pid_t group)
{
    char line[48];
    const int length = g_snprintf(line, sizeof line, "%s %d\n", what, (int)group);

    if (leash.fd > 0 &&
        send(leash.fd, line, (gsize)length, MSG_NOSIGNAL | MSG_DONTWAIT) != length)
        forget_guard();
}

static gboolean
start_guard(void)
{
    char *const argv[] = { shell, run_script, guard_script, guard_name, NULL };
    int ends[2];
    gboolean started;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return FALSE;
    started = hv_child_spawn(&leash.guard, shell, argv, ends[1], -1, -1) == 0;
    close(ends[1]);
    if (started)
        leash.fd = ends[0];
    else
        close(ends[0]);
    return started;
}

/* Without a guard (there is no shell) an end in order still kills them all. */
void
hv_leash_hold(pid_t group)
{
    g_mutex_lock(&leash.lock);
    if (!leash.groups)
        leash.groups = g_array_new(FALSE, FALSE, sizeof(pid_t));
    if (leash.fd > 0)
        tell("hold", group);
    g_array_append_val(leash.groups, group);
    if (leash.fd == 0 && start_guard()) {
        for (guint i = 0; i < leash.groups->len; i++)
            tell("hold", g_array_index(leash.groups, pid_t, i));
    }
    g_mutex_unlock(&leash.lock);
}

void
hv_leash_release(pid_t group)
{
    g_mutex_lock(&leash.lock);
    for (guint i = 0; leash.groups && i < leash.groups->len; i++) {
        if (g_array_index(leash.groups, pid_t, i) == group) {
            g_array_remove_index_fast(leash.groups, i);
            tell("release", group);
            break;
        }
    }
    g_mutex_unlock(&leash.lock);
}
