/* The order in which people count: web-2 before web-10. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

/** hv_natural_compare: like strcmp(), but runs of digits of any length compare as numbers: "vcpu/2" before "vcpu/10".
 * 0 only for equal texts. Any thread. */
int hv_natural_compare(const char *a, const char *b);
