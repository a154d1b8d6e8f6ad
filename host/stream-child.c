/* Commands of the real machine that go on: a child, its output, its complaints, its end. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/child.h"
#include "host/leash.h"
#include "host/real.h"

#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>

/* So much may lie between two pick-ups before the child has to wait. */
#define PIPE_BYTES (512 * 1024)
/* So much of its complaints is looked at in one pick-up. */
#define MAX_COMPLAINT_READS 16
#define COMPLAINT_BYTES 120

typedef struct {
    HvChild child;
    pid_t group;
    gboolean is_new_line;            /* the next complaint takes the place of the last */
    char complaint[COMPLAINT_BYTES]; /* the last line, cut */
} Running;

static gpointer
start(gpointer data G_GNUC_UNUSED, const char *const *argv, GError **error)
{
    Running *running = g_new0(Running, 1);

    running->child = (HvChild)HV_CHILD_NONE;
    running->is_new_line = TRUE;
    if (!hv_child_start(&running->child, argv, error)) {
        hv_child_close(&running->child);
        g_free(running);
        return NULL;
    }
    running->group = running->child.pid;
    /* where that is refused, the usual 64 KiB have to do */
    (void)fcntl(running->child.streams[HV_CHILD_OUTPUT], F_SETPIPE_SZ, PIPE_BYTES);
    hv_leash_hold(running->group);
    return running;
}

static void
add_complaint(Running *running, const char *bytes, gsize n)
{
    gsize length = strlen(running->complaint);

    for (gsize i = 0; i < n; i++) {
        if (bytes[i] == '\n' || bytes[i] == '\0') {
            running->is_new_line = TRUE;
            continue;
        }
        if (running->is_new_line)
            length = 0;
        running->is_new_line = FALSE;
        if (length + 1 < sizeof running->complaint)
            running->complaint[length++] = bytes[i];
        running->complaint[length] = '\0';
    }
}

static const char *
complaint(gpointer data)
{
    Running *running = data;
    char buffer[4096];

    for (guint i = 0; i < MAX_COMPLAINT_READS; i++) {
        const gsize n =
            hv_child_read(&running->child, HV_CHILD_COMPLAINTS, buffer, sizeof buffer);

        if (n == 0)
            break;
        add_complaint(running, buffer, n);
    }
    return running->complaint;
}

static gsize
read_output(gpointer data, char *buffer, gsize size)
{
    Running *running = data;

    return hv_child_read(&running->child, HV_CHILD_OUTPUT, buffer, size);
}

static void
set_end(Running *running, int wait_status, GError **error)
{
    const char *said = complaint(running);

    if (WIFSIGNALED(wait_status))
        g_set_error(error, HV_ERROR, HV_ERROR_FAILED, "killed by signal %d",
                    WTERMSIG(wait_status));
    else if (WEXITSTATUS(wait_status) != 0)
        g_set_error(error, HV_ERROR, HV_ERROR_FAILED, "exit status %d%s%s",
                    WEXITSTATUS(wait_status), *said ? ": " : "", said);
}

static gboolean
has_ended(gpointer data, GError **error)
{
    Running *running = data;
    int wait_status = 0;

    (void)complaint(running); /* one that complains much is not to wait for us */
    if (!running->child.pid || !hv_child_has_ended_with_group(&running->child, &wait_status))
        return !running->child.pid;
    hv_leash_release(running->group);
    set_end(running, wait_status, error);
    return TRUE;
}

static void
kill_running(gpointer data)
{
    const Running *running = data;

    if (running->child.pid)
        hv_child_kill(&running->child);
}

/* One that does not die stays on the leash. */
static void
free_running(gpointer data)
{
    Running *running = data;

    if (running->child.pid) {
        hv_child_kill_and_wait(&running->child);
        if (!running->child.pid)
            hv_leash_release(running->group);
    }
    hv_child_close(&running->child);
    g_free(running);
}

const HvStreamOps hv_real_streams = {
    .start = start,
    .read = read_output,
    .complaint = complaint,
    .has_ended = has_ended,
    .kill = kill_running,
    .free = free_running,
};
