/* Files of which there are very many: kept open while descriptors last, else opened anew for
 * each reading. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "host/host.h"

/* How many files one probe may keep open. Zeroed but for @host and @limit. One thread. */
typedef struct {
    HvHost *host;
    guint limit;       /* descriptors that this probe may hold */
    guint n_open;      /* that it holds */
    gboolean is_short; /* some file could not be kept */
} HvKeep;

/* One such file. Zeroed: nothing. Owns @path. */
typedef struct {
    char *path;
    HvFile *file;
    GError *error; /* why it cannot be read, until hv_kept_again() */
} HvKept;

/** hv_keep_limit: @percent of what this process may hold open, less a reserve for everybody
 * else. */
guint hv_keep_limit(guint percent);
/** hv_kept_set: @kept, closed first, becomes the file at @take_path (owned from here on);
 * nothing is opened yet. */
void hv_kept_set(HvKeep *keep, HvKept *kept, char *take_path);
/** hv_kept_clear: closes it and frees what it owns. */
void hv_kept_clear(HvKeep *keep, HvKept *kept);
/** hv_kept_again: forgets that it could not be read, so that the next reading tries. */
void hv_kept_again(HvKept *kept);
/**
 * hv_kept_read:
 * @buffer: gets the whole text, at most @size - 1 bytes, NUL-terminated
 *
 * Returns: FALSE when it cannot be read: @kept->error says why. A file that is absent or denied
 * is asked for once, not every time. In the steady state nothing is allocated.
 */
gboolean hv_kept_read(HvKeep *keep, HvKept *kept, char *buffer, gsize size);
/** hv_keep_note: a line for people when descriptors are short, else NULL; static text. */
const char *hv_keep_note(const HvKeep *keep);
