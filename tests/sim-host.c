/* A simulated machine for tests. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/sim-host.h"

#include "host/parse.h"

HvHost *
hv_test_demo(const char *scenario, guint64 seed, double speed, gboolean read_only,
             const char *fault)
{
    const HvSimOptions demo = { .scenario = scenario, .seed = seed, .speed = speed };
    static const char *const watches[] = { "mine=true", NULL };
    const HvHostOptions options = {
        .demo = &demo,
        .policy = { .may_monitor = TRUE },
        .watches = watches,
        .read_only = read_only,
        .fault = fault,
    };
    g_autoptr(GError) error = NULL;
    HvHost *host = hv_host_new(&options, &error);

    g_assert_no_error(error);
    return host;
}

HvHost *
hv_test_redis(void)
{
    return hv_test_demo("redis", 1, 0, FALSE, NULL);
}

char *
hv_test_read(HvHost *host, const char *path)
{
    g_autoptr(GError) error = NULL;
    char *text = hv_host_read_text(host, path, 0, &error);

    g_assert_no_error(error);
    return hv_chomp(text);
}
