/* Numbers and sets of cpus as the kernel reads them from a write. Only for host/sim/. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/set.h"

/** hv_kernel_u64: a whole number at most @max, an optional plus, one optional newline behind
 * it, no blanks. @base: 10, 16 (0x allowed) or 0 (0x: hex, 0: octal). Returns: 0, -EINVAL or
 * -ERANGE. Source: lib/kstrtox.c. */
int hv_kernel_u64(const char *text, guint base, guint64 max, guint64 *value);
/** hv_kernel_int: the same, 32 bits with a sign. */
int hv_kernel_int(const char *text, guint base, int *value);

/** hv_kernel_parse_list: a list of @n_bits bits ("0-3,8", "N" the last, "all", "0-7:1/2") into
 * @set. Returns: 0, -EINVAL, -ERANGE (over @n_bits) or -EOVERFLOW; @set is undefined then.
 * Source: lib/bitmap-str.c. */
int hv_kernel_parse_list(const char *text, guint n_bits, HvSet *set);
/** hv_kernel_parse_mask: a hex mask ("ff,00000003"). Returns: 0, -EINVAL or -EOVERFLOW. */
int hv_kernel_parse_mask(const char *text, guint n_bits, HvSet *set);
