/* What the files of a session share: its state, waking each other, answering the UI. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "session/sampler.h"
#include "session/session.h"

#define HV_NS_PER_MS G_GINT64_CONSTANT(1000000)

/* Who runs lines of the command language. */
typedef struct {
    char *(*run)(const char *line, int *status, gpointer data);
    gpointer data;
} CommandHook;

struct HvSession {
    HvSessionParts parts; /* a copy: the console's may change hands */
    HvActOptions options; /* likewise; its progress and stop are asked after ours */
    HvSampler *sampler;
    HvContested *contested;
    HvChanges *changes;
    GHashTable *told; /* ids (guint64) of plans that the meter knows; the actuator's */
    GThread *threads[2];
    gint64 begin_ns;
    int ui_fd;       /* wakes the UI */
    int sampler_fd;  /* wakes the sampler: a tick at once, or the end */
    int actuator_fd; /* wakes the actuator: an intent, or the end */
    int ended_fd;    /* counts threads that have ended */
    gint is_stopping;
    gint is_plan_stopped; /* somebody wants what the actuator is busy with to end */
    gint has_ticked;      /* the list of VMs has been made once */
    GMutex lock;          /* of all below */
    HvSnapshot *mailbox;
    HvSnapshot *latest; /* published last: what recipes are made from */
    GQueue answers;     /* of HvAnswer */
    GQueue intents;     /* of HvIntent */
    char *busy_with;
    CommandHook hook;
};

/** hv_session_wake: makes @fd readable. hv_session_drain: empties it; how often it was woken.
 * Any thread, as below. */
void hv_session_wake(int fd);
guint64 hv_session_drain(int fd);
gboolean hv_session_is_stopping(HvSession *session);
gint64 hv_session_monotonic_ns(const HvSession *session);
/** hv_session_wait_until: until then, or until @fd is woken. */
void hv_session_wait_until(const HvSession *session, gint64 until_ns, int fd);
/** hv_session_answer: hands @take_answer to the UI. */
void hv_session_answer(HvSession *session, HvAnswer *take_answer);
/** hv_session_refresh: reads what is new in the journal, tells the meter of plans that it does
 * not know, ours and others', and notes effects that will not change any more. The actuator's
 * thread. Returns: whether there was something new. */
gboolean hv_session_refresh(HvSession *session);
/** hv_session_run_actuator: the actuator's thread; @data: the session. */
gpointer hv_session_run_actuator(gpointer data);
