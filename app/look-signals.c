/* Signals while a one-shot command looks: it ends in order, and takes away what it made. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/look-signals.h"

#include <glib.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Those of the three that nobody ignores: nohup means it. */
static void
fill(sigset_t *set)
{
    static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };

    sigemptyset(set);
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++) {
        struct sigaction action;

        if (sigaction(numbers[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            sigaddset(set, numbers[i]);
    }
}

int
hv_look_signals_hold(void)
{
    sigset_t set;
    int fd;

    fill(&set);
    fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd >= 0)
        sigprocmask(SIG_BLOCK, &set, NULL);
    return fd;
}

void
hv_look_signals_release(int fd)
{
    sigset_t set;

    if (fd < 0)
        return;
    close(fd);
    fill(&set);
    sigprocmask(SIG_UNBLOCK, &set, NULL); /* what waits is delivered here */
}
