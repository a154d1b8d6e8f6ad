/* Threads that may be inside of a library (libvirt, hwloc) when the program ends. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

/** hv_thread_start: runs @run(@data) in a thread named @name (at most 15 bytes) that gets no
 * signals but its own faults. FALSE with @error: there is none, and @data is still the
 * caller's. Any thread. */
gboolean hv_thread_start(const char *name, GThreadFunc run, gpointer data, GError **error);
/** hv_threads_end: waits up to @deadline_ms for the threads started so. FALSE: some have not
 * ended, so that exit(3) would take libraries down around them: leave by _exit(2). Main thread,
 * when all is closed. */
gboolean hv_threads_end(guint deadline_ms);
