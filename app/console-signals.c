/* What a console needs of its process before anything else: a terminal, and its signals. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/console-signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "model/error.h"
#include "model/i18n.h"

gboolean
hv_console_check_start(GError **error)
{
    if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
        return TRUE;
    g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED,
                        _("input or output is no terminal: the console needs one: "
                          "see hvtune snapshot, shot and triage"));
    return FALSE;
}

int
hv_console_open_signals(GError **error)
{
    static const int numbers[] = { SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT };
    sigset_t set;
    int fd;

    sigemptyset(&set);
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++)
        sigaddset(&set, numbers[i]);
    sigprocmask(SIG_BLOCK, &set, NULL);
    fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0)
        hv_error_set_errno(error, errno, "signalfd");
    return fd;
}
