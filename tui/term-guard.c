/* Puts the terminal back as it was, whatever ends the program. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/term-guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define MAX_RESTORE 512
#define RESTORE_TIMEOUT_MS 300
#define STACK_BYTES (64 * 1024)
#define CANCEL "\030" /* CAN: ends a control sequence (ECMA-48 8.2.1, VT100) */

static const int fatal_signals[] = { SIGSEGV, SIGABRT, SIGBUS, SIGFPE,
                                     SIGILL,  SIGQUIT, SIGSYS, SIGTRAP };

/* What a signal handler may touch: written before is_armed is set, then only read. */
static struct {
    volatile sig_atomic_t is_armed, is_unfinished;
    pid_t owner; /* a forked child must leave the terminal alone */
    struct termios saved;
    char restore[MAX_RESTORE];
    gsize restore_length;
} guard;

static int
elapsed_ms(const struct timespec *since)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int)((now.tv_sec - since->tv_sec) * 1000 +
                 (now.tv_nsec - since->tv_nsec) / 1000000);
}

static gssize
write_while(int fd, const char *bytes, gsize n, int timeout_ms)
{
    struct timespec start;
    gsize done = 0;

    clock_gettime(CLOCK_MONOTONIC, &start);
    while (done < n) {
        const gssize written = write(fd, bytes + done, n - done);

        if (written > 0)
            done += (gsize)written;
        else if (written < 0 && errno == EAGAIN) {
            struct pollfd writable = { .fd = fd, .events = POLLOUT };
            const int left_ms = timeout_ms - elapsed_ms(&start);

            if (left_ms <= 0 || poll(&writable, 1, left_ms) == 0)
                break;
        } else if (written < 0 && errno != EINTR)
            return -1;
    }
    return (gssize)done;
}

gssize
hv_term_write(int fd, const char *bytes, gsize n, int timeout_ms)
{
    const int flags = fcntl(fd, F_GETFL);

    if (flags < 0)
        return -1;
    fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    const gssize done = write_while(fd, bytes, n, timeout_ms);
    const int saved_errno = errno;
    /* not back to "flags": a handler that interrupts a write finds it non-blocking */
    fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
    errno = saved_errno;
    return done;
}

/* The terminal's other jobs may be in front of us: SIGTTOU would stop us half way. */
void
hv_term_guard_restore(void)
{
    const struct sigaction ignore = { .sa_handler = SIG_IGN };
    struct sigaction former;

    if (!guard.is_armed || guard.owner != getpid())
        return;
    guard.is_armed = 0;
    sigaction(SIGTTOU, &ignore, &former);
    if (guard.is_unfinished)
        hv_term_write(STDOUT_FILENO, CANCEL, strlen(CANCEL), RESTORE_TIMEOUT_MS);
    hv_term_write(STDOUT_FILENO, guard.restore, guard.restore_length, RESTORE_TIMEOUT_MS);
    tcsetattr(STDIN_FILENO, TCSANOW, &guard.saved);
    sigaction(SIGTTOU, &former, NULL);
}

/* SA_RESETHAND has put the default action back: the second time ends the process, with its
 * core. */
static void
on_fatal_signal(int number)
{
    hv_term_guard_restore();
    raise(number);
}

/* Its own stack, because a stack that overflowed is one of the reasons. */
static void
install_handlers(void)
{
    static gboolean is_installed;
    struct sigaction action = { .sa_handler = on_fatal_signal,
                                .sa_flags = (int)(SA_RESETHAND | SA_NODEFER | SA_ONSTACK) };

    if (is_installed)
        return;
    is_installed = TRUE;
    void *memory =
        mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory != MAP_FAILED) {
        const stack_t stack = { .ss_sp = memory, .ss_size = STACK_BYTES };
        sigaltstack(&stack, NULL);
    }
    sigemptyset(&action.sa_mask);
    for (guint i = 0; i < G_N_ELEMENTS(fatal_signals); i++)
        sigaction(fatal_signals[i], &action, NULL);
}

/* No echo, no lines, no translation either way. Signals stay: Ctrl-C and Ctrl-Z work whatever
 * we are doing, and throw no output away. */
static void
make_raw(struct termios *settings)
{
    settings->c_iflag &=
        ~(tcflag_t)(BRKINT | IGNBRK | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
    settings->c_oflag &= ~(tcflag_t)OPOST;
    settings->c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | IEXTEN);
    settings->c_lflag |= ISIG | NOFLSH;
    settings->c_cflag &= ~(tcflag_t)(CSIZE | PARENB);
    settings->c_cflag |= CS8;
    settings->c_cc[VMIN] = 1;
    settings->c_cc[VTIME] = 0;
}

gboolean
hv_term_guard_enter(const char *restore)
{
    const gsize length = strlen(restore);
    struct termios raw;

    if (length > sizeof guard.restore || tcgetattr(STDIN_FILENO, &raw) != 0)
        return FALSE;
    guard.is_armed = 0;
    guard.is_unfinished = 0;
    guard.owner = getpid();
    guard.saved = raw;
    memcpy(guard.restore, restore, length);
    guard.restore_length = length;
    install_handlers();
    guard.is_armed = 1;
    make_raw(&raw);
    return tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

void
hv_term_guard_set_unfinished(gboolean unfinished)
{
    guard.is_unfinished = unfinished;
}
