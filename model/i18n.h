/* Texts for people go through gettext: _() where shown, N_() where defined in a table. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <libintl.h>

#define _(text) gettext(text)
#define N_(text) text
