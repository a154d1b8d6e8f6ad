/* Fuzzes stat, schedstat and status of a thread. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>

#include "probes/task.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size), *copy = g_strdup(text);
    g_autoptr(GError) stat_error = NULL, schedstat_error = NULL;
    HvSchedstat schedstat;
    HvTaskStatus status;
    HvTaskStat stat;

    if (hv_task_stat_parse(text, &stat, &stat_error))
        g_assert_true(g_ascii_isalpha(stat.state));
    else
        g_assert_nonnull(stat_error);
    if (!hv_schedstat_parse(text, &schedstat, &schedstat_error))
        g_assert_nonnull(schedstat_error);
    hv_task_status_parse(copy, &status);
    if (status.cpus_allowed)
        g_assert_true(status.cpus_allowed >= copy && status.cpus_allowed <= copy + size);
    return 0;
}
