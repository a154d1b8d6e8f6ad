/* What one reading of a resctrl counter costs, beside one of a file of /proc in the same run. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <time.h>

#include "host/host.h"

#define N_ROUNDS 200
#define MON_DATA "sys/fs/resctrl/mon_data"

static double
now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* µs for one reading of @path, which stays open; below 0: it cannot be read. */
static double
cost_us(HvHost *host, const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HvFile) file = hv_file_open(host, path, &error);
    char text[4096];
    double begin_us;

    if (!file || hv_file_read(file, text, sizeof text, &error) < 0) {
        printf("%s: skipped: %s\n", path, error->message);
        return -1;
    }
    begin_us = now_us();
    for (guint i = 0; i < N_ROUNDS; i++)
        if (hv_file_read(file, text, sizeof text, NULL) < 0)
            return -1;
    return (now_us() - begin_us) / N_ROUNDS;
}

static void
print_domain(HvHost *host, const char *domain, double plain_us)
{
    static const char *const counters[] = { "llc_occupancy", "mbm_total_bytes",
                                            "mbm_local_bytes" };

    for (guint i = 0; i < G_N_ELEMENTS(counters); i++) {
        g_autofree char *path = g_strdup_printf(MON_DATA "/%s/%s", domain, counters[i]);
        const double us = cost_us(host, path);

        if (us >= 0)
            printf("%s/%s: %.1f us a read, %.1f times that of proc/self/stat (%.1f us)\n", domain,
                   counters[i], us, us / plain_us, plain_us);
    }
}

int
main(void)
{
    static const HvHostOptions options = { .read_only = TRUE };
    g_autoptr(GError) error = NULL;
    g_autoptr(HvHost) host = hv_host_new(&options, &error);
    g_auto(GStrv) domains = host ? hv_host_list(host, MON_DATA, &error) : NULL;
    double plain_us;

    if (!domains) {
        printf("resctrl: skipped: %s\n", error->message);
        return 0;
    }
    plain_us = cost_us(host, "proc/self/stat");
    for (char **domain = domains; *domain && plain_us > 0; domain++)
        print_domain(host, *domain, plain_us);
    return 0;
}
