/* The memory that QEMU was told to make for its guest, and which mapping of the process each
 * piece is. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/numa-maps.h"

/* One -object memory-backend-*. Owns its texts. */
typedef struct {
    char *id; /* "ram-node0", "pc.ram" */
    guint64 bytes;
    int cell; /* the guest's cell that it belongs to; -1: not told, or the guest has no cells */
} HvGuestBackend;

/** hv_guest_backends_new: an empty array of HvGuestBackend that frees what they own. Any
 * thread, as all below. */
GArray *hv_guest_backends_new(void);
/**
 * hv_guest_backends_parse:
 * @bytes: all of /proc/PID/cmdline; arguments end with NUL, behind a captured tree maybe with a
 * newline
 * @backends: (of HvGuestBackend) those of -object are appended in their order, both spellings
 * ("a=b,c=d" and JSON), with the cell that -numa or -device gives them
 *
 * What is not understood is left out. Source: qemu(1), -object memory-backend-ram, -numa,
 * -device pc-dimm.
 */
void hv_guest_backends_parse(const char *bytes, gsize size, GArray *backends);
/** hv_guest_backends_cells: how many different cells they belong to. */
guint hv_guest_backends_cells(const GArray *backends);

/* A stretch of the process's addresses that is the guest's memory. */
typedef struct {
    guint64 start, bytes;
    int cell;         /* -1: not known */
    gboolean is_huge; /* its name is one of huge pages */
} HvGuestRange;

/**
 * hv_guest_ranges_find:
 * @maps: all of /proc/PID/maps, NUL-terminated; cut up in place
 * @ranges: (of HvGuestRange) appended to
 *
 * Which mappings are the backends: by the name of their file, else by their size. Anonymous
 * ones of one size are told apart by the order that the kernel gives out addresses in, from the
 * top down, and not at all where it went the other way. Without backends, or when none of them
 * is found: all large writable mappings that are not of a file on a disk. Returns: FALSE with
 * MALFORMED for a line that is none of maps.
 */
gboolean hv_guest_ranges_find(char *maps, const GArray *backends, GArray *ranges,
                              GError **error);
