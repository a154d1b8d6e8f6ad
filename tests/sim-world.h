/* A simulated world, moved and changed as a test wants, and what it shows then. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/sim/world.h"

#define HV_TEST_SEED 7

/** hv_test_world: of a scenario; it has run for 5 s. */
HvSimWorld *hv_test_world(const char *scenario, const char *variant);
/** hv_test_pass: lets @seconds go by. */
void hv_test_pass(HvSimWorld *world, double seconds);
/** hv_test_watch: the mean of a watch over the next @seconds. */
double hv_test_watch(HvSimWorld *world, const char *name, double seconds);
/** hv_test_pin: vCPUs from @first to @last of @vm to a kernel list; hv_test_pin_all: all of
 * them. */
void hv_test_pin(HvSimWorld *world, const char *vm, guint first, guint last, const char *cpus);
void hv_test_pin_all(HvSimWorld *world, const char *vm, const char *cpus);
/** hv_test_move: @ratio of the pages of @vm that are elsewhere to @node, 1 GB each second.
 * Returns: how many pages did not go. */
guint hv_test_move(HvSimWorld *world, const char *vm, guint node, double ratio);
/** hv_test_group: all vCPUs of @vm under this class and RMID. */
void hv_test_group(HvSimWorld *world, const char *vm, guint closid, guint rmid);
/** hv_test_ways, hv_test_mb: of a class, in every L3. */
void hv_test_ways(HvSimWorld *world, guint closid, guint32 mask);
void hv_test_mb(HvSimWorld *world, guint closid, guint value);

/* What a VM's vCPUs did over some time. */
typedef struct {
    double run, wait; /* cpus */
    double local_bytes_per_s, remote_bytes_per_s,
        remote_ratio; /* read, without what is written back */
    double instructions_per_s;
    double system_ratio; /* of the time that they ran */
} HvTestVm;

/** hv_test_vm: over the next @seconds. */
HvTestVm hv_test_vm(HvSimWorld *world, const char *vm, double seconds);
