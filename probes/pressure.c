/* Pressure stall information and cpu throttling: how long tasks were kept waiting, of the host
 * or of a cgroup. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probes/pressure.h"

#include "host/parse.h"

#define NS_PER_US 1000

gboolean
hv_pressure_parse(char *text, HvPressure *pressure, GError **error)
{
    HvPressure found = { 0 };

    for (char *line; (line = hv_next_line(&text));) {
        const char *scope = hv_next_word(&line);
        guint64 stalled_us;

        if (!scope)
            continue;
        if (!hv_field_u64(line, "total", G_MAXUINT64 / NS_PER_US, &stalled_us, error))
            return FALSE;
        if (g_str_equal(scope, "some")) {
            found.some_ns = stalled_us * NS_PER_US;
            found.has_some = TRUE;
        } else if (g_str_equal(scope, "full")) {
            found.full_ns = stalled_us * NS_PER_US;
            found.has_full = TRUE;
        }
    }
    *pressure = found;
    return TRUE;
}

void
hv_throttle_parse(const char *text, HvThrottle *throttle)
{
    guint64 throttled_us;

    *throttle = (HvThrottle){ 0 };
    hv_key_u64(text, "nr_periods", &throttle->n_periods,
               NULL); /* what is missing stays 0: see the header */
    hv_key_u64(text, "nr_throttled", &throttle->n_throttled, NULL);
    if (!hv_key_u64(text, "throttled_usec", &throttled_us, NULL))
        hv_key_u64(text, "throttled_time", &throttle->throttled_ns, NULL);
    else if (throttled_us <= G_MAXUINT64 / NS_PER_US)
        throttle->throttled_ns = throttled_us * NS_PER_US;
}
