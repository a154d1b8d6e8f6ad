/* Who uses what hvtune made on the host: a file for each living hvtune. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/error.h"

/* This process's lease and those of the others. One thread. Opaque. */
typedef struct HvLeases HvLeases;

/** hv_leases_new: in the directory "monitoring" of @state_dir, which is made when first
 * written; NULL: nothing is kept. Processes are those of this machine, also where the door
 * shows another. */
HvLeases *hv_leases_new(const char *state_dir);
void hv_leases_free(HvLeases *leases);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvLeases, hv_leases_free)

/** hv_leases_check: FALSE with DENIED when the directory is not ours alone: somebody else could
 * make us remove what is in use. */
gboolean hv_leases_check(HvLeases *leases, GError **error);
/** hv_leases_write: what this process uses from now on: @names is a set of char *, without
 * newlines. An empty set takes the file away. */
gboolean hv_leases_write(HvLeases *leases, GHashTable *names, GError **error);
/** hv_leases_others: adds to @names (char *, owned by it) what other living processes use;
 * files of dead ones are removed. FALSE with @error when that cannot be told. */
gboolean hv_leases_others(HvLeases *leases, GHashTable *names, GError **error);
