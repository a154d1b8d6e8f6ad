/* Which key a control sequence stands for. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tui/input.h"

/** hv_key_of_csi: the key of "ESC [ @number ; @modifier @final" (0: not given; modifier as xterm: 2 is Shift), 0: none.
 * Any thread, as below. */
guint hv_key_of_csi(char final, guint number, guint modifier);
/** hv_key_of_ss3: the key of "ESC O @final", the keypad's included. */
guint hv_key_of_ss3(char final, guint modifier);
/** hv_key_of_linux: the key of the Linux console's "ESC [ [ @final". */
guint hv_key_of_linux(char final);
/** hv_key_of_control: the key of a byte below 0x20 or of 0x7f. */
guint hv_key_of_control(guchar byte);
