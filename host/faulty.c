/* The faulty wrapper: fails, loses, holds or counts the writes through the door, slows its
 * reads. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/host-private.h"

#include "host/parse.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

/* A specification is words between commas: fail-write:N (the N-th write gets EIO and does not
 * happen), kill-write:N and kill-after-write:N (this process is killed just before, just after
 * it), lost-answer:N (it happens, the caller gets TIMEOUT), hold-write:N and hold-after-write:N
 * (the thread that writes waits there until until:FILE is there, a minute at most),
 * slow-read:MS (each read takes that long), count-writes:FILE (how many there were, written at
 * the end). */
enum {
    FAIL_WRITE,
    KILL_WRITE,
    KILL_AFTER_WRITE,
    LOST_ANSWER,
    HOLD_WRITE,
    HOLD_AFTER_WRITE,
    SLOW_READ,
    N_NUMBERS
};

static const char *const number_names[N_NUMBERS] = {
    [FAIL_WRITE] = "fail-write:",
    [KILL_WRITE] = "kill-write:",
    [KILL_AFTER_WRITE] = "kill-after-write:",
    [LOST_ANSWER] = "lost-answer:",
    [HOLD_WRITE] = "hold-write:",
    [HOLD_AFTER_WRITE] = "hold-after-write:",
    [SLOW_READ] = "slow-read:",
};

enum { COUNT_WRITES, UNTIL, N_FILES };

static const char *const file_names[N_FILES] = {
    [COUNT_WRITES] = "count-writes:",
    [UNTIL] = "until:",
};
#define LOOK_NS (5 * G_TIME_SPAN_MILLISECOND * 1000)
#define LONGEST_HOLD_NS (60 * G_TIME_SPAN_SECOND * 1000)

struct HvFault {
    guint64 numbers[N_NUMBERS]; /* 0: not asked for */
    char *files[N_FILES];       /* NULL: not asked for */
    gint n_writes;              /* atomic; counted from 1 */
};

/* The number of the write that this thread has begun. */
static _Thread_local guint64 this_write;

static gboolean
read_word(HvFault *fault, const char *word, GError **error)
{
    for (guint i = 0; i < N_NUMBERS; i++) {
        if (g_str_has_prefix(word, number_names[i]))
            return hv_parse_u64(word + strlen(number_names[i]), G_MAXINT, &fault->numbers[i],
                                error);
    }
    for (guint i = 0; i < N_FILES; i++) {
        const gsize length = strlen(file_names[i]);

        if (!g_str_has_prefix(word, file_names[i]) || !word[length])
            continue;
        g_free(fault->files[i]);
        fault->files[i] = g_strdup(word + length);
        return TRUE;
    }
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, "\"%s\" is not a fault", word);
    return FALSE;
}

static gboolean
check_hold(const HvFault *fault, GError **error)
{
    if (fault->files[UNTIL] ||
        !(fault->numbers[HOLD_WRITE] || fault->numbers[HOLD_AFTER_WRITE]))
        return TRUE;
    g_set_error_literal(error, HV_ERROR, HV_ERROR_MALFORMED, "a hold needs until:FILE");
    return FALSE;
}

static void
free_fault(HvFault *fault)
{
    for (guint i = 0; i < N_FILES; i++)
        g_free(fault->files[i]);
    g_free(fault);
}

HvFault *
hv_fault_new(const char *specification, GError **error)
{
    g_auto(GStrv) words = g_strsplit(specification, ",", -1);
    HvFault *fault = g_new0(HvFault, 1);

    for (guint i = 0; words[i]; i++) {
        if (!read_word(fault, words[i], error)) {
            g_prefix_error(error, "fault %s: ", words[i]);
            free_fault(fault); /* nothing ran: there is nothing to tell */
            return NULL;
        }
    }
    if (check_hold(fault, error))
        return fault;
    free_fault(fault);
    return NULL;
}

void
hv_fault_free(HvFault *fault)
{
    if (!fault)
        return;
    if (fault->files[COUNT_WRITES]) {
        g_autofree char *text = g_strdup_printf("%d\n", g_atomic_int_get(&fault->n_writes));

        /* a count that cannot be kept shows as a missing file to the test that asked for it */
        (void)g_file_set_contents(fault->files[COUNT_WRITES], text, -1, NULL);
    }
    free_fault(fault);
}

static void
die_at(const HvFault *fault, guint which)
{
    if (fault->numbers[which] && fault->numbers[which] == this_write)
        (void)kill(getpid(), SIGKILL);
}

static void
hold_at(HvHost *host, guint which)
{
    const HvFault *fault = host->fault;
    const gint64 end_ns = hv_host_monotonic_ns(host) + LONGEST_HOLD_NS;

    if (!fault->numbers[which] || fault->numbers[which] != this_write)
        return;
    for (gint64 now_ns = 0; now_ns < end_ns && access(fault->files[UNTIL], F_OK) != 0;) {
        now_ns = hv_host_monotonic_ns(host);
        (void)hv_host_wait_until(host, now_ns + LOOK_NS, -1);
    }
}

gboolean
hv_host_fault_before_write(HvHost *host, GError **error)
{
    HvFault *fault = host->fault;

    if (!fault)
        return TRUE;
    this_write = (guint64)g_atomic_int_add(&fault->n_writes, 1) + 1;
    hold_at(host, HOLD_WRITE);
    die_at(fault, KILL_WRITE);
    if (fault->numbers[FAIL_WRITE] == this_write)
        return hv_error_set_errno(error, EIO, "fault injected");
    return TRUE;
}

gboolean
hv_host_fault_after_write(HvHost *host, GError **error)
{
    const HvFault *fault = host->fault;

    if (!fault)
        return TRUE;
    hold_at(host, HOLD_AFTER_WRITE);
    die_at(fault, KILL_AFTER_WRITE);
    if (fault->numbers[LOST_ANSWER] == this_write) {
        g_set_error(error, HV_ERROR, HV_ERROR_TIMEOUT, "no answer (fault injected)");
        return FALSE;
    }
    return TRUE;
}

void
hv_host_fault_before_read(HvHost *host)
{
    if (host->fault && host->fault->numbers[SLOW_READ]) {
        gint64 pause_ns = (gint64)host->fault->numbers[SLOW_READ] * 1000000;

        (void)hv_host_wait_until(host, hv_host_monotonic_ns(host) + pause_ns, -1);
    }
}
