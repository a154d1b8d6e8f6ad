/* The host's disks and network cards: the worst latency, the packets dropped. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host.h"

/* Of one line of /proc/diskstats. */
typedef struct {
    const char *name; /* within the line */
    guint64 n_ios;    /* reads and writes completed */
    guint64 busy_ms;  /* time that all of them took together */
} HvDiskLine;

/** hv_disk_line_parse: cuts up @line in place; FALSE when it is none. Any thread.
 * Source: kernel Documentation/admin-guide/iostats.rst. */
gboolean hv_disk_line_parse(char *line, HvDiskLine *disk);

/* Of one line of /proc/net/dev. */
typedef struct {
    const char *name; /* within the line */
    guint64 n_drops;  /* received and sent; missed ones included */
} HvNicLine;

/** hv_nic_line_parse: cuts up @line in place; FALSE for the two header lines and what else is
 * none. Any thread. Source: kernel net/core/net-procfs.c. */
gboolean hv_nic_line_parse(char *line, HvNicLine *nic);

/* Which names are whole disks and real cards, and what they said last. One thread. Opaque. */
typedef struct HvHostIo HvHostIo;

/** hv_host_io_new, _free. */
HvHostIo *hv_host_io_new(HvHost *host);
void hv_host_io_free(HvHostIo *io);
/**
 * hv_host_io_disks:
 * @text: /proc/diskstats, cut up in place
 * @latency_ms: mean time of an I/O since the last call, of the disk where it is longest
 *
 * Partitions, loop and RAM disks do not count.
 * Returns: the name of that disk, good until the next call; NULL with no I/O since, or at the
 * first call.
 */
const char *hv_host_io_disks(HvHostIo *io, char *text, double *latency_ms);
/** hv_host_io_is_first: TRUE until disks have been looked at once. */
gboolean hv_host_io_is_first(const HvHostIo *io);
/** hv_host_io_nics: drops of all cards that are devices; FALSE when there is none. @text:
 * /proc/net/dev, cut up. */
gboolean hv_host_io_nics(HvHostIo *io, char *text, guint64 *n_drops);
