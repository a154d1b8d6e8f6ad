/* Commands by argument vector: no shell, no input, a deadline, a bound on what they may say. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/child.h"
#include "host/real.h"

#include <poll.h>
#include <sys/wait.h>

#define MAX_OUTPUT_BYTES (1u << 20)
/* How often a child is asked after, where there are no pidfds. */
#define ASK_MS 20

typedef struct {
    HvChild child;
    GString *texts[HV_CHILD_N_STREAMS];
} Run;

static void
clear_run(Run *run)
{
    hv_child_close(&run->child);
    for (guint i = 0; i < HV_CHILD_N_STREAMS; i++)
        g_string_free(run->texts[i], TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, clear_run)

/* What one stream holds now. Returns: FALSE when it would be too much. */
static gboolean
drain(Run *run, guint stream)
{
    char buffer[8192];

    for (gsize n; (n = hv_child_read(&run->child, stream, buffer, sizeof buffer));) {
        if (run->texts[stream]->len + n > MAX_OUTPUT_BYTES)
            return FALSE;
        g_string_append_len(run->texts[stream], buffer, (gssize)n);
    }
    return TRUE;
}

static gboolean
drain_all(Run *run, const char *name, GError **error)
{
    for (guint i = 0; i < HV_CHILD_N_STREAMS; i++) {
        if (!drain(run, i)) {
            g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, "%s: more than %u bytes of output",
                        name, MAX_OUTPUT_BYTES);
            return FALSE;
        }
    }
    return TRUE;
}

static void
wait_for_news(const HvChild *child, gint64 wait_ms)
{
    struct pollfd news[] = {
        { .fd = child->pidfd, .events = POLLIN },
        { .fd = child->streams[HV_CHILD_OUTPUT], .events = POLLIN },
        { .fd = child->streams[HV_CHILD_COMPLAINTS], .events = POLLIN },
    };

    if (child->pidfd < 0)
        wait_ms = MIN(wait_ms, ASK_MS);
    (void)poll(news, G_N_ELEMENTS(news), (int)MIN(wait_ms, G_MAXINT));
}

static gboolean
watch_child(Run *run, const char *name, guint deadline_ms, int *wait_status, GError **error)
{
    gint64 deadline_us = g_get_monotonic_time() + (gint64)deadline_ms * 1000;

    for (;;) {
        gint64 left_us = deadline_us - g_get_monotonic_time();
        gboolean ended = hv_child_has_ended(&run->child, wait_status);

        if (!drain_all(run, name, error))
            return FALSE;
        if (ended)
            return TRUE;
        if (left_us <= 0) {
            g_set_error(error, HV_ERROR, HV_ERROR_TIMEOUT, "%s: still running after %u ms",
                        name, deadline_ms);
            return FALSE;
        }
        wait_for_news(&run->child, left_us / 1000 + 1);
    }
}

/* A command that failed without output is known by its complaint. */
static gboolean
run_command(gpointer data G_GNUC_UNUSED, const char *const *argv, guint deadline_ms,
            char **output, int *status, GError **error)
{
    g_auto(Run)
        run = { .child = HV_CHILD_NONE, .texts = { g_string_new(NULL), g_string_new(NULL) } };
    int wait_status = 0;
    guint told;

    if (!hv_child_start(&run.child, argv, error))
        return FALSE;
    if (!watch_child(&run, argv[0], deadline_ms, &wait_status, error)) {
        if (run.child.pid)
            hv_child_kill_and_wait(&run.child);
        return FALSE;
    }
    if (WIFSIGNALED(wait_status)) {
        g_set_error(error, HV_ERROR, HV_ERROR_FAILED, "%s: killed by signal %d", argv[0],
                    WTERMSIG(wait_status));
        return FALSE;
    }
    *status = WEXITSTATUS(wait_status);
    told = *status != 0 && run.texts[HV_CHILD_OUTPUT]->len == 0 ? HV_CHILD_COMPLAINTS
                                                                : HV_CHILD_OUTPUT;
    *output = g_strndup(run.texts[told]->str, run.texts[told]->len);
    return TRUE;
}

const HvCommandOps hv_real_commands = { .run = run_command, .streams = &hv_real_streams };

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

gboolean
hv_host_run_change(HvHost *host, const char *const *argv, guint deadline_ms, char **output,
                   int *status, GError **error)
{
    return hv_host_may_write(host, error) && hv_host_fault_before_write(host, error) &&
           hv_host_run(host, argv, deadline_ms, output, status, error) &&
           hv_host_fault_after_write(host, error);
}
