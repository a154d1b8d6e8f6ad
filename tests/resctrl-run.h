/* The probe of resctrl at work on a simulated machine or a tree, with all its tables. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host.h"
#include "model/probe.h"

#define HV_TEST_RESCTRL_TABLES 6

/* Zeroed: closed. */
typedef struct {
    HvHost *host;
    gpointer state; /* NULL: it would not start */
    GError *error;  /* why */
    HvStore *stores[HV_TEST_RESCTRL_TABLES];
    GHashTable *interest; /* as for hv_sink_set_interest(): NULL, or owned */
} HvTestResctrl;

/** hv_test_resctrl_demo: redis as @variant, monitoring as allowed, with leases in @state_dir
 * (or NULL). hv_test_resctrl_tree: a tree. Both start the probe. */
void hv_test_resctrl_demo(HvTestResctrl *run, const char *variant, gboolean may_monitor,
                          const char *state_dir);
void hv_test_resctrl_tree(HvTestResctrl *run, const char *root);
/** hv_test_resctrl_sample: lets @seconds go by in a demo, taking a sample after each; one where
 * it is 0. */
void hv_test_resctrl_sample(HvTestResctrl *run, guint seconds);
/** hv_test_resctrl_table: borrowed until the next sample. */
HvTable *hv_test_resctrl_table(const HvTestResctrl *run, const char *name);
/** hv_test_resctrl_stop: stops the probe, keeps the host. _close: all; accepts a closed one. */
void hv_test_resctrl_stop(HvTestResctrl *run);
void hv_test_resctrl_close(HvTestResctrl *run);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HvTestResctrl, hv_test_resctrl_close)

/** hv_test_resctrl_text: everything that resctrl's files say but for counters, info and the
 * default group's tasks: equal texts, equal groups. (transfer full) */
char *hv_test_resctrl_text(HvHost *host);
/** hv_test_resctrl_tid: of a vCPU. hv_test_resctrl_join: moves a thread, as another program
 * would; @group as "mon_groups/web". */
int hv_test_resctrl_tid(HvHost *host, const char *vm, guint vcpu);
void hv_test_resctrl_make(HvHost *host, const char *group);
void hv_test_resctrl_join(HvHost *host, const char *group, int tid);
