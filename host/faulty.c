/* The faulty wrapper: fails, loses or counts the writes through the door, slows its reads. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/host-private.h"

#include "host/parse.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

/* A specification is words between commas: fail-write:N (the N-th write gets EIO and does not
 * happen), kill-write:N and kill-after-write:N (this process is killed just before, just after
 * it), lost-answer:N (it happens, the caller gets TIMEOUT), slow-read:MS (each read takes that
 * long), count-writes:FILE (how many there were, written at the end). */
enum { FAIL_WRITE, KILL_WRITE, KILL_AFTER_WRITE, LOST_ANSWER, SLOW_READ, N_NUMBERS };

static const char *const number_names[N_NUMBERS] = {
    [FAIL_WRITE] = "fail-write:",
    [KILL_WRITE] = "kill-write:",
    [KILL_AFTER_WRITE] = "kill-after-write:",
    [LOST_ANSWER] = "lost-answer:",
    [SLOW_READ] = "slow-read:",
};
#define COUNT_WRITES "count-writes:"

struct HvFault {
    guint64 numbers[N_NUMBERS]; /* 0: not asked for */
    char *count_file;
    gint n_writes; /* atomic; counted from 1 */
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
    if (g_str_has_prefix(word, COUNT_WRITES) && word[strlen(COUNT_WRITES)]) {
        g_free(fault->count_file);
        fault->count_file = g_strdup(word + strlen(COUNT_WRITES));
        return TRUE;
    }
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, "\"%s\" is not a fault", word);
    return FALSE;
}

HvFault *
hv_fault_new(const char *specification, GError **error)
{
    g_auto(GStrv) words = g_strsplit(specification, ",", -1);
    HvFault *fault = g_new0(HvFault, 1);

    for (guint i = 0; words[i]; i++) {
        if (!read_word(fault, words[i], error)) {
            g_prefix_error(error, "fault %s: ", words[i]);
            g_clear_pointer(&fault->count_file,
                            g_free); /* nothing ran: there is nothing to tell */
            hv_fault_free(fault);
            return NULL;
        }
    }
    return fault;
}

void
hv_fault_free(HvFault *fault)
{
    if (!fault)
        return;
    if (fault->count_file) {
        g_autofree char *text = g_strdup_printf("%d\n", g_atomic_int_get(&fault->n_writes));

        /* a count that cannot be kept shows as a missing file to the test that asked for it */
        (void)g_file_set_contents(fault->count_file, text, -1, NULL);
    }
    g_free(fault->count_file);
    g_free(fault);
}

static void
die_at(const HvFault *fault, guint which)
{
    if (fault->numbers[which] && fault->numbers[which] == this_write)
        (void)kill(getpid(), SIGKILL);
}

gboolean
hv_host_fault_before_write(HvHost *host, GError **error)
{
    HvFault *fault = host->fault;

    if (!fault)
        return TRUE;
    this_write = (guint64)g_atomic_int_add(&fault->n_writes, 1) + 1;
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
