/* Rounds of reading resctrl: what is there, the groups we keep, and all counters. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "probes/resctrl-counted.h"

/* What one round found. Belongs to one thread at a time. */
typedef struct {
    HvResctrlLayout *layout; /* a reference */
    GArray *cells;           /* of HvMonCell: mons × llcs of the layout */
    GArray *n_tasks;         /* of guint64: by control group */
    guint n_held, limit;     /* of our groups; @limit 0: none may be made */
    char *why;               /* why not more of them, or NULL */
    guint64 n_limbo;         /* RMIDs that are not free yet, about */
    gint64 cost_ns;          /* of the round */
} HvResctrlRound;

HvResctrlRound *hv_resctrl_round_new(void);
void hv_resctrl_round_free(HvResctrlRound *round);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvResctrlRound, hv_resctrl_round_free)

/* What lasts from round to round: open files, warming, our groups. Shared by an atomic count:
 * whoever hangs in it keeps it. One round at a time. */
typedef struct HvResctrlReader HvResctrlReader;

HvResctrlReader *hv_resctrl_reader_new(HvHost *host);
HvResctrlReader *hv_resctrl_reader_ref(HvResctrlReader *reader);
void hv_resctrl_reader_unref(HvResctrlReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvResctrlReader, hv_resctrl_reader_unref)
/**
 * hv_resctrl_reader_round:
 * @guests: the list of now
 * @wanted: for each of them, whether somebody looks at it
 * @round: filled; keeps its memory
 *
 * Looks at directories and tasks when the list changed, when other VMs are looked at, and at
 * least every 5 s; reads all counters. FALSE with @error, ABSENT: resctrl is not mounted. May
 * take long.
 */
gboolean hv_resctrl_reader_round(HvResctrlReader *reader, const HvGuestList *guests,
                                 const guint8 *wanted, HvResctrlRound *round, GError **error);
/** hv_resctrl_reader_close: closes all files, and removes the groups that are ours alone. */
void hv_resctrl_reader_close(HvResctrlReader *reader);
