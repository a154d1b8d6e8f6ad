/* A small table of VMs for the tests of lists and filters. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/sink.h"

/* One row of it. */
typedef struct {
    const char *vm, *uuid, *state;
    int home; /* -1: not known */
    const char *nodes;
    double cpu, wait; /* below 0: not known, below -1: the read failed */
    guint64 memory_bytes;
} HvTestVm;

extern const HvSchema hv_test_vms_schema;
/* Four of them; ends with a nameless one. */
extern const HvTestVm hv_test_vms[];

/** hv_test_put_vm: adds @vm to the sink's present table, which has hv_test_vms_schema. */
void hv_test_put_vm(HvSink *sink, const HvTestVm *vm);
