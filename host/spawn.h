/* A process that outlives this one: what its test calls beside the door. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

/** hv_spawn_unit_command: the words that start @argv as transient service @unit of the system's
 * or this user's manager; NULL-terminated, (transfer full). Any thread. */
char **hv_spawn_unit_command(const char *unit, gboolean is_user, const char *const *argv,
                             const char *const *environment);
