/* A probe at work behind a door on a tree, with a clock of the test's own; cells of its table.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host.h"
#include "model/probe.h"

/* A zeroed one is closed. */
typedef struct {
    HvHost *host;
    const HvProbe *probe;
    gpointer state; /* NULL: the probe would not start */
    HvStore *store; /* of its first table */
    gint64 now_ns;
    GHashTable *interest; /* as for hv_sink_set_interest(): NULL, or owned */
} HvTestRun;

/** hv_test_run_open: opens the door on @root, waits for the topology, starts @probe. The clock
 * is at 1000 s. */
void hv_test_run_open(HvTestRun *run, const HvProbe *probe, const char *root);
/** hv_test_run_close: the reverse; @run is zeroed. Accepts a closed one. */
void hv_test_run_close(HvTestRun *run);
/** hv_test_run_sample: moves the clock on by @after_ns and takes a sample, which must succeed.
 * The table is borrowed until the next. */
HvTable *hv_test_run_sample(HvTestRun *run, gint64 after_ns);

/** hv_test_number: a cell by the row's joined key, NULL for the first row; -1 where there is no
 * number. The row and the column must exist, as for those below. */
double hv_test_number(const HvTable *table, const char *key, const char *column);
/** hv_test_text, hv_test_reason: borrowed from @table, NULL where there is none. */
const char *hv_test_text(const HvTable *table, const char *key, const char *column);
const char *hv_test_reason(const HvTable *table, const char *key, const char *column);
HvMark hv_test_mark(const HvTable *table, const char *key, const char *column);
