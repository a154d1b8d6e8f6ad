/* A simulated machine that is sampled, for the tests of what is recorded of it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host.h"
#include "host/sim/sim.h"
#include "log/player.h"
#include "session/session.h"

#define HV_DEMO_S G_GINT64_CONSTANT(1000000000)

/* What is kept of its past. */
extern const HvHistoryColumn hv_log_demo_history[];

/* A machine and its sampler. Zeroed: closed. */
typedef struct {
    HvHost *host;
    HvSessionParts parts;
    HvSampler *sampler;
    GPtrArray
        *recorded; /* of const HvSchema, NULL-terminated: the tables that are not derived */
} HvLogDemo;

/** hv_log_demo_open: "SCENARIO" or "SCENARIO,VARIANT", watched by every source, a second a sample. */
void hv_log_demo_open(HvLogDemo *demo, const char *scenario);
void hv_log_demo_clear(HvLogDemo *demo);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HvLogDemo, hv_log_demo_clear)
/** hv_log_demo_next: a sample, a second after the one before. (transfer full) */
HvSnapshot *hv_log_demo_next(HvLogDemo *demo);
/** hv_log_demo_schemas: those that are recorded. hv_log_demo_known: all that there are;
 * NULL-terminated, (transfer container). */
const HvSchema *const *hv_log_demo_schemas(const HvLogDemo *demo);
const HvSchema **hv_log_demo_known(const HvLogDemo *demo);

/** hv_log_same_table: fails the test unless @b has the rows, cells, marks and reasons of @a. */
void hv_log_same_table(const HvTable *a, const HvTable *b);
/** hv_log_same_snapshot: the same of every table of @live; @decoded may have others too. */
void hv_log_same_snapshot(const HvSnapshot *live, const HvSnapshot *decoded);
