/* What libvirt last said of its active domains, shared between the director's and the sampler's
 * thread. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/guests-private.h"
#include "host/libvirt-private.h"

typedef struct {
    GMutex lock; /* guards all but @generation */
    GCond changed;
    guint generation;    /* atomic: grows with each change */
    GHashTable *domains; /* uuid -> HvDomain */
    gboolean connected, remote;
    gboolean answered; /* once: listed, refused, or failed */
    char *why;         /* or NULL */
    gint64 silent_since_ns;
    gint64 first_choice_ns; /* director's thread only: monotonic, when statistics were first
                               thought of */
} HvDomains;

void hv_domains_init(HvDomains *domains, gboolean remote, const char *why);
void hv_domains_clear(HvDomains *domains);
/** hv_domains_changed: the sampler merges anew. */
void hv_domains_changed(HvDomains *domains);
/** hv_domains_apply_list: those of @answer are all there are. @stale gains the uuids whose XML
 * must be read. */
void hv_domains_apply_list(HvDomains *domains, const HvVirAnswer *answer, GHashTable *stale);
/** hv_domains_apply_details: state and XML of some; those that have gone are dropped. */
void hv_domains_apply_details(HvDomains *domains, const HvVirAnswer *answer);
/** hv_domains_apply_control: who answers. @now_ns: monotonic. */
void hv_domains_apply_control(HvDomains *domains, const HvVirAnswer *answer, gint64 now_ns);
void hv_domains_apply_stats(HvDomains *domains, const HvVirAnswer *answer, gint64 now_ns);
/** hv_domains_remove: it has stopped. */
void hv_domains_remove(HvDomains *domains, const char *uuid);
/** hv_domains_set_connection: the state of the connection; @why NULL: it is well. */
void hv_domains_set_connection(HvDomains *domains, gboolean connected, const char *why,
                               gint64 silent_since_ns);

/** hv_domains_suspects: uuids of all that did not answer, and of one more, @turn by @turn.
 * (transfer full) */
char **hv_domains_suspects(HvDomains *domains, guint turn);
/** hv_domains_nth: the uuid whose turn it is, or NULL. (transfer full) */
char *hv_domains_nth(HvDomains *domains, guint turn);
/** hv_domains_choose: the uuid of a running domain to ask for statistics, or NULL; every second
 * turn is that of one with a job or of the one named @prefer. Local ones must have had their
 * process seen, and it must be older than ten seconds: QEMU keeps its monitor waiting at its
 * start. @realtime_ns: now. @emulated: it has no KVM; @preferred: it is that one.
 * (transfer full) */
char *hv_domains_choose(HvDomains *domains, guint turn, const char *prefer, gint64 now_ns,
                        gint64 realtime_ns, gboolean *emulated, gboolean *preferred);
/** hv_domains_rest: it failed to give statistics: not asked before @until_ns; @since_ns: it
 * hangs since then, or 0. */
void hv_domains_rest(HvDomains *domains, const char *uuid, gint64 until_ns, gint64 since_ns);
