/* One probe at work: started when wanted, sampled when due, less often when it costs too much.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "session/session.h"
#include "session/sources.h"

/* Sampler's thread. Opaque. */
typedef struct HvProbeRun HvProbeRun;

/** hv_probe_run_new: starts nothing; @parts is borrowed for life. hv_probe_run_free: stops the
 * probe. */
HvProbeRun *hv_probe_run_new(const HvSessionParts *parts, const HvProbe *probe);
void hv_probe_run_free(HvProbeRun *run);
/** hv_probe_run_want: whether anybody wants its tables. hv_probe_run_fills: whether it fills
 * @table. */
void hv_probe_run_want(HvProbeRun *run, gboolean wanted);
gboolean hv_probe_run_fills(const HvProbeRun *run, const char *table);
/**
 * hv_probe_run_tick:
 * @interest: VMs that are looked at, or NULL: all
 *
 * Starts and samples it, if it is wanted and due. A start that failed is tried again after 5 s.
 * A probe that takes more than 2 % of its period has its period doubled, up to 10 s, and halved
 * again when that has passed.
 */
void hv_probe_run_tick(HvProbeRun *run, GHashTable *interest);
/** hv_probe_run_add_tables: its last tables into @snapshot, if it is wanted. */
void hv_probe_run_add_tables(HvProbeRun *run, HvSnapshot *snapshot);
/** hv_probe_run_describe: its row of "sources"; texts are good until the next tick. */
void hv_probe_run_describe(const HvProbeRun *run, HvSource *source);
