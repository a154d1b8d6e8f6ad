/* A child process by argument vector: own process group, no terminal, no input. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <sys/types.h>

enum { HV_CHILD_OUTPUT, HV_CHILD_COMPLAINTS, HV_CHILD_N_STREAMS };

typedef struct {
    pid_t pid; /* also the number of its process group; 0: none, or reaped */
    int pidfd; /* -1 before Linux 5.3 */
    int streams[HV_CHILD_N_STREAMS]; /* our ends, which never wait; -1 when closed */
} HvChild;

#define HV_CHILD_NONE                                                                          \
    {                                                                                          \
        .pidfd = -1, .streams = { -1, -1 }                                                     \
    }

/** hv_child_start: @argv (no shell), found in the system's own PATH, with none of our
 * environment. ABSENT when there is no such command. */
gboolean hv_child_start(HvChild *child, const char *const *argv, GError **error);
/** hv_child_spawn: the same with ends of the caller's, -1: nothing. Returns: 0 or errno. */
int hv_child_spawn(pid_t *pid, const char *program, char *const *argv, int input, int output,
                   int complaints);
/** hv_child_read: what @stream has now, without waiting; 0 when there is nothing. Closes it at
 * its end. */
gsize hv_child_read(HvChild *child, guint stream, char *buffer, gsize size);
/** hv_child_has_ended: TRUE once it is reaped. hv_child_has_ended_with_group: the same, and
 * whatever it leaves behind in its group is killed before that. Never wait. */
gboolean hv_child_has_ended(HvChild *child, int *wait_status);
gboolean hv_child_has_ended_with_group(HvChild *child, int *wait_status);
/** hv_child_kill: with all it has started, without waiting. hv_child_kill_and_wait: half a
 * second at most; one that does not die then (in uninterruptible sleep) is left behind. */
void hv_child_kill(const HvChild *child);
void hv_child_kill_and_wait(HvChild *child);
/** hv_child_close: our ends. */
void hv_child_close(HvChild *child);
