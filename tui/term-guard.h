/* Puts the terminal back as it was, whatever ends the program. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

/** hv_term_write: @bytes to @fd for at most @timeout_ms; a terminal that does not read is not waited for longer. Returns how
 * many were written, -1 when it hung up. The descriptor is non-blocking only meanwhile: others share its open file.
 * Async-signal-safe. */
gssize hv_term_write(int fd, const char *bytes, gsize n, int timeout_ms);
/** hv_term_guard_enter: keeps the settings of stdin, sets raw mode (signals from the keyboard stay). From here on a fatal
 * signal writes @restore to stdout and sets what was kept, before it takes its usual course. FALSE: stdin refuses, or
 * @restore is too long. One terminal per process. */
gboolean hv_term_guard_enter(const char *restore);
/** hv_term_guard_set_unfinished: a control sequence may have been cut off: it is cancelled first. */
void hv_term_guard_set_unfinished(gboolean unfinished);
/** hv_term_guard_restore: puts the terminal back and disarms. Does nothing when not armed. */
void hv_term_guard_restore(void);
