/* A file that a person asked for by name. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

/** hv_write_file: @text into @path, which is overwritten as a whole or not at all; 0600 when
 * new. FALSE with @error. */
gboolean hv_write_file(const char *path, const char *text, gsize length, GError **error);
