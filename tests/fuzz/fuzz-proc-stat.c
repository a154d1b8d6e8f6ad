/* Fuzzes /proc/stat: times never exceed what the line says, cpus stay in range. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>

#include "host/parse.h"
#include "probes/proc-stat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    char *at = text;

    for (char *line; (line = hv_next_line(&at));) {
        HvCpuTimes times;
        int cpu;

        if (!hv_cpu_times_parse(line, &cpu, &times))
            continue;
        g_assert_cmpint(cpu, >=, HV_ALL_CPUS);
        g_assert_cmpint(cpu, <=, HV_SET_MAX);
    }
    return 0;
}
