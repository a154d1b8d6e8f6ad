/* Many numbers of about one size in few bits: Golomb-Rice, its parameter follows the numbers.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "log/varint.h"

/** hv_numbers_put: appends @n @numbers, their count excepted. Allocates only where @out does.
 */
void hv_numbers_put(GByteArray *out, const guint64 *numbers, guint n);
/** hv_numbers_get: the reverse, from anybody's @bytes; they are bad where there are fewer. */
void hv_numbers_get(HvBytes *bytes, guint64 *numbers, guint n);
