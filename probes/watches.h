/* Reading what a watch prints. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

/** hv_watch_number: a line that is one finite decimal number ("12", "-1.5", "3e-4"), blanks
 * around it allowed. FALSE for anything else. Any thread. */
gboolean hv_watch_number(const char *line, double *value);
