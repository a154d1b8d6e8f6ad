/* Any bytes as a log: it is refused in one line, or read to its end. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib/gstdio.h>
#include <stdint.h>
#include <stdlib.h>

#include "tests/log-walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *path;

static void
remove_file(void)
{
    g_unlink(path);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FILE *file;

    if (!path) {
        const int fd = g_file_open_tmp("hvtune-fuzz-XXXXXX", &path, NULL);

        g_assert_true(g_close(fd, NULL));
        atexit(remove_file);
    }
    file = fopen(path, "we");
    g_assert_cmpuint(fwrite(data, 1, size, file), ==, size);
    g_assert_cmpint(fclose(file), ==, 0);
    hv_log_walk_path(path);
    return 0;
}
