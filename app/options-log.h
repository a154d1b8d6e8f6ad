/* Options of recordings, and of what is made of them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "app/options.h"

/** hv_options_take_log: FALSE with MALFORMED for a bad @value; @is_known: whether @option is
 * one of these. */
gboolean hv_options_take_log(HvOptions *options, HvOption option, const char *value,
                             gboolean *is_known, GError **error);
