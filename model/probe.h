/* What a probe is: it reads one source of the host and fills raw tables. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/sink.h"

typedef struct HvHost HvHost; /* the door; see host/host.h */

/* Registered in Makefile.am (probe_sources). All three functions run on the sampler's thread and must not hang:
 * what can hang is asked through the host's workers. */
typedef struct {
    const char *name;
    const char *source;              /* where the numbers come from: kernel document, man page */
    const char *help;                /* one sentence for people: N_("...") */
    guint period_ms;                 /* wished distance of samples; 0: every tick */
    const HvSchema *const *schemas;  /* NULL-terminated */
    /* Returns the probe's state, or NULL with @error: ABSENT and DENIED say why it does not work here (message) */
    gpointer (*start)(HvHost *host, GError **error);
    /* FALSE with @error when this sample failed; rows already emitted are kept */
    gboolean (*sample)(gpointer state, HvSink *out, GError **error);
    void (*stop)(gpointer state);
    /* optional: the command that would cure an ABSENT or DENIED start, or NULL; static text: N_("...") */
    const char *(*cure)(HvHost *host, const GError *why);
} HvProbe;

extern const HvProbe *const hv_probes[]; /* NULL-terminated; generated */
