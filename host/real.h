/* The real machine's tables of functions. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host-private.h"

extern const HvFileOps hv_real_files;       /* host/real.c; its data is a HvRoot */
extern const HvThreadOps hv_real_threads;   /* host/threads.c */
extern const HvCounterOps hv_real_counters; /* host/counters.c */
extern const HvCommandOps hv_real_commands; /* host/commands.c */
extern const HvStreamOps hv_real_streams;   /* host/stream-child.c */
extern const HvSocketOps hv_real_sockets;   /* host/ask.c */
extern const HvClockOps hv_real_clock;      /* host/clock.c; behind a captured tree too */

/** hv_asks_settle: for daemons that were asked and have not answered yet: waits half a second,
 * then leaves their sockets to a child process that ends when they have, or after ten minutes. */
void hv_asks_settle(void);
/** hv_real_unmark_pages: see hv_host_unmark_pages(). */
guint hv_real_unmark_pages(gpointer data, int pid, gulong n, void **pages, const int *status);
