/* Fuzzes /proc/diskstats and /proc/net/dev. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>

#include <string.h>

#include "host/parse.h"
#include "probes/host-io.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    char *at = text;

    for (char *line; (line = hv_next_line(&at));) {
        g_autofree char *copy = g_strdup(line);
        HvDiskLine disk;
        HvNicLine nic;

        if (hv_disk_line_parse(line, &disk))
            g_assert_cmpuint(strlen(disk.name), >, 0);
        if (hv_nic_line_parse(copy, &nic))
            g_assert_cmpuint(strlen(nic.name), >, 0);
    }
    return 0;
}
