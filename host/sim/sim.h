/* The simulated machine: what stands behind the door with --demo. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host.h"

/* What is simulated, and how its time passes. Texts are borrowed for the call. */
struct HvSimOptions {
    const char *scenario; /* "redis"; NULL or "": the default */
    const char *variant;  /* "amd,cdp,rmids=16", see doc/simulation.md; NULL: none */
    guint64 seed;
    double speed;      /* simulated seconds per second; 0: waiting takes no time at all */
    gint64 history_ns; /* so much lies behind "now" when it opens; waiting through it takes no
                          time whatever the speed; 0: the scenario's own (60 s, fleet 5 s) */
};

/* A scenario, for help and completion. */
typedef struct {
    const char *name;
    const char *help; /* N_("...") */
} HvSimScenario;

extern const HvSimScenario hv_sim_scenarios[]; /* ends with a NULL name; the first is the default */

/** hv_sim_find: the scenario of that name, or NULL. */
const HvSimScenario *hv_sim_find(const char *name);
/** hv_host_skips_history: TRUE while a demo's beginning is passed through without waiting. Any thread. */
gboolean hv_host_skips_history(HvHost *host);
