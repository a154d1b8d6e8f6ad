/* The configuration files: what stands there is as if it stood on the command line, where that
 * does not say otherwise. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "app/options.h"

/** hv_settings_apply: reads /etc/hvtune.conf, then $XDG_CONFIG_HOME/hvtune/hvtune.conf (group
 * [hvtune]: connect, interval, theme, ascii; group [watch]: NAME = COMMAND) into @options where
 * the command line was silent. A file that is unsafe or wrong is ignored with a line in @notes. */
void hv_settings_apply(HvOptions *options, GString *notes);
/** hv_settings_apply_file: one of them; a missing file is nothing. */
void hv_settings_apply_file(HvOptions *options, const char *path, GString *notes);
/** hv_settings_apply_text: its text. FALSE with @error at the first thing that is wrong; what stands before it counts. */
gboolean hv_settings_apply_text(HvOptions *options, const char *text, gsize size, GError **error);
