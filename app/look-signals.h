/* Signals while a one-shot command looks: it ends in order, and takes away what it made. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/** hv_look_signals_hold: from here on SIGINT, SIGTERM and SIGHUP wait, unless they are ignored.
 * Before threads are started. Returns: a descriptor that is readable when one has come; -1 when
 * there is none to be had. Main thread, as below. */
int hv_look_signals_hold(void);
/** hv_look_signals_release: closes @fd; a signal that has come takes effect now. Accepts -1. */
void hv_look_signals_release(int fd);
