/* What a script of operations on a kernel knows, and how one line of it is run. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host.h"

#define CONFORM_RESCTRL "sys/fs/resctrl"

typedef struct {
    HvHost *host;
    HvGuestList *guests;
    const HvGuest *vm;
    GHashTable *values; /* "$name" → text */
    GString *answer;    /* to the last line */
} Conform;

/** conform_run_line: one operation; its answer is in @self then. FALSE: no such operation. */
gboolean conform_run_line(Conform *self, const char *line);
