/* When a recording looks four times a second: pressure, or a watch, crosses its line. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/burst.h"

#include <string.h>

#include "model/error.h"
#include "model/i18n.h"

#define FAST_NS G_GINT64_CONSTANT(250000000)
#define LASTS_NS (120 * G_GINT64_CONSTANT(1000000000))

/* A number of a watch that is too high. */
typedef struct {
    char *watch;
    double above;
} Line;

struct HvBurst {
    GArray *lines;   /* of Line */
    gint64 until_ns; /* monotonic */
};

static void
clear_line(gpointer data)
{
    g_free(((Line *)data)->watch);
}

static gboolean
add_line(HvBurst *burst, const char *text, GError **error)
{
    const char *above = strchr(text, '>');
    char *end = NULL;
    Line line = { 0 };

    if (above)
        line.above = g_ascii_strtod(above + 1, &end);
    if (!above || above == text || end == above + 1 || *end) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("--burst: %s: not a line: WATCH>NUMBER, as p99_ms>10"), text);
        return FALSE;
    }
    line.watch = g_strndup(text, (gsize)(above - text));
    g_array_append_val(burst->lines, line);
    return TRUE;
}

HvBurst *
hv_burst_new(const char *lines, GError **error)
{
    g_auto(GStrv) texts = g_strsplit(lines ? lines : "", ",", -1);
    g_autoptr(HvBurst) burst = g_new0(HvBurst, 1);

    burst->lines = g_array_new(FALSE, FALSE, sizeof(Line));
    g_array_set_clear_func(burst->lines, clear_line);
    for (char **text = texts; *text; text++)
        if (!add_line(burst, *text, error))
            return NULL;
    return g_steal_pointer(&burst);
}

void
hv_burst_free(HvBurst *burst)
{
    if (!burst)
        return;
    g_array_unref(burst->lines);
    g_free(burst);
}

/* Shares of time in which somebody waited: well above what a busy, healthy host shows. */
static gboolean
is_under_pressure(const HvTable *host)
{
    static const struct {
        const char *column;
        double above;
    } lines[] = { { "psi_cpu_some_ratio", 0.25 },
                  { "psi_memory_some_ratio", 0.10 },
                  { "psi_io_some_ratio", 0.20 } };
    double ratio;

    for (guint i = 0; i < G_N_ELEMENTS(lines) && hv_table_n_rows(host) > 0; i++)
        if (hv_table_f64(host, 0, hv_table_column(host, lines[i].column), &ratio) &&
            ratio > lines[i].above)
            return TRUE;
    return FALSE;
}

static gboolean
is_watch_above(const HvTable *watches, const Line *line)
{
    const int row = hv_table_find(watches, line->watch);
    double value;

    return row >= 0 &&
           hv_table_f64(watches, (guint)row, hv_table_column(watches, "value"), &value) &&
           value > line->above;
}

static gboolean
is_crossed(const HvBurst *burst, const HvSnapshot *snapshot)
{
    const HvTable *host = hv_snapshot_table(snapshot, "host");
    const HvTable *watches = hv_snapshot_table(snapshot, "watches");

    for (guint i = 0; watches && i < burst->lines->len; i++)
        if (is_watch_above(watches, &g_array_index(burst->lines, Line, i)))
            return TRUE;
    return host && is_under_pressure(host);
}

gint64
hv_burst_interval_ns(HvBurst *burst, const HvSnapshot *snapshot, gint64 interval_ns)
{
    if (is_crossed(burst, snapshot))
        burst->until_ns = snapshot->monotonic_ns + LASTS_NS;
    return snapshot->monotonic_ns < burst->until_ns ? MIN(interval_ns, FAST_NS) : interval_ns;
}
