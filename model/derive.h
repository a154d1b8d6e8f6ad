/* Derived tables: pure functions of the tables of one snapshot. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/sink.h"
#include "model/snapshot.h"

/* One derived table. Registered in Makefile.am (derive_sources), run in that order, so that a later one may use an
 * earlier one. `model/derive/NAME.c` defines hv_derive_NAME. */
typedef struct {
    const char *name;
    const HvSchema *schema;
    const char *const *inputs; /* tables that run() reads, NULL-terminated; NULL: all that are raw */
    /* Reads the snapshot under construction (raw and earlier derived tables, topology), emits rows. */
    void (*run)(const HvSnapshot *snapshot, HvSink *out);
} HvDerive;

extern const HvDerive *const hv_derives[]; /* NULL-terminated; generated */
