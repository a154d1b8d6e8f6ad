/* A small kernel of knobs for tests, in files: what a killed process wrote is still there. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "session/session.h"

/* What goes wrong, at which of the writes (1: the first); 0: nothing. Persistent writes count
 * too. */
typedef enum {
    FAKE_REFUSES,    /* says no, writes nothing */
    FAKE_BREAKS,     /* ... from then on */
    FAKE_SPOILS,     /* writes something else and says no, and no from then on */
    FAKE_FALLS_DUMB, /* says no, and gives no answer from then on */
    FAKE_MANGLES,    /* writes something else */
    FAKE_LOSES,      /* no answer, nothing written */
    FAKE_LATE,       /* written, but the answer was lost */
    FAKE_DIES,       /* the process ends before the write */
    FAKE_DIES_LATE,  /* ... after it */
} FakeFault;

typedef struct {
    char *directory;
    FakeFault fault;
    guint fault_at;
    guint n_writes;
    guint64 start_ticks; /* of the guests */
    gboolean no_guests;  /* none runs */
    gint64 now_ns;
    gboolean busy; /* a late write may still come */
} Fake;

extern Fake fake;
extern const HvTuner *const fake_tuners[];

/** fake_start: two guests, web1 with vCPUs 0-1 on cpus 0-3 and a vhost thread, web2 alike; two
 * knobs of the host. */
void fake_start(void);
void fake_stop(void);
/** fake_get, fake_set: what the kernel has behind @path, behind hvtune's back. (transfer full)
 */
char *fake_get(const char *path);
void fake_set(const char *path, const char *value);
/** fake_digest: all of it, persistent forms included, as one text. (transfer full) */
char *fake_digest(void);
/** fake_fault: the @at-th write from now on goes wrong. */
void fake_fault(FakeFault fault, guint at);
/** fake_parts: the parts of a session around it. */
HvSessionParts fake_parts(HvJournal *journal);
/** fake_options: as root on machine "m", boot "b". */
HvActOptions fake_options(void);
/** fake_wishes: of KNOB=VALUE texts. (transfer full) */
GPtrArray *fake_wishes(const char *first, ...) G_GNUC_NULL_TERMINATED;

#define fake_assert(path, wanted)                                                              \
    do {                                                                                       \
        g_autofree char *fake_found = fake_get(path);                                          \
        g_assert_cmpstr(fake_found, ==, (wanted));                                             \
    } while (0)
