/* One group's counters: its open files, its last values, and whether it is warm. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probes/resctrl-counted.h"

#include "host/monitoring.h"
#include "model/i18n.h"

#define MANY_FILLS 2 /* of the whole cache, until no old line can be left */

HvCounted *
hv_counted_new(const HvResctrlLayout *layout)
{
    HvCounted *counted = g_new0(HvCounted, 1);

    counted->n_llcs = layout->llcs->len;
    counted->files = g_new0(HvKept, counted->n_llcs * HV_EVENT_N + 1);
    counted->cells = g_new0(HvMonCell, counted->n_llcs + 1);
    counted->filled = g_new0(double, counted->n_llcs + 1);
    counted->is_warm = g_new0(gboolean, counted->n_llcs + 1);
    return counted;
}

void
hv_counted_close(HvKeep *keep, HvCounted *counted)
{
    for (guint i = 0; i < counted->n_llcs * HV_EVENT_N; i++)
        hv_kept_clear(keep, &counted->files[i]);
}

void
hv_counted_free(HvKeep *keep, HvCounted *counted)
{
    hv_counted_close(keep, counted);
    g_free(counted->files);
    g_free(counted->cells);
    g_free(counted->filled);
    g_free(counted->is_warm);
    g_free(counted->group);
    g_free(counted->name);
    g_free(counted->vm);
    g_free(counted);
}

/* What was filled before is taken from the next round's sums. */
static void
cool_down(HvCounted *counted, guint llc)
{
    counted->is_warm[llc] = FALSE;
    counted->filled[llc] = -1;
}

void
hv_counted_begin(HvKeep *keep, HvCounted *counted, const HvResctrlLayout *layout,
                 const char *path, gint64 now_ns)
{
    counted->since_ns = now_ns;
    counted->is_gone = FALSE;
    for (guint i = 0; i < counted->n_llcs; i++) {
        const HvLayoutLlc *llc = &g_array_index(layout->llcs, HvLayoutLlc, i);

        cool_down(counted, i);
        for (guint event = 0; event < HV_EVENT_N; event++)
            hv_kept_set(keep, &counted->files[i * HV_EVENT_N + event],
                        g_strdup_printf(HV_RESCTRL_DIR "/%smon_data/mon_L3_%02u/%s", path,
                                        llc->domain, hv_mon_event_files[event]));
    }
}

void
hv_counted_try_again(HvCounted *counted)
{
    for (guint i = 0; i < counted->n_llcs * HV_EVENT_N; i++)
        hv_kept_again(&counted->files[i]);
}

gint64
hv_counted_read_ns(const HvCounted *counted)
{
    gint64 newest_ns = 0;

    for (guint i = 0; i < counted->n_llcs; i++)
        newest_ns = MAX(newest_ns, counted->cells[i].read_ns);
    return newest_ns;
}

static void
read_event(HvKeep *keep, HvKept *file, HvMonCell *cell, guint event)
{
    char buffer[64];

    if (hv_kept_read(keep, file, buffer, sizeof buffer)) {
        cell->marks[event] =
            hv_mon_value_parse(buffer, &cell->values[event], &cell->why[event]);
    } else if (g_error_matches(file->error, HV_ERROR, HV_ERROR_ABSENT)) {
        cell->marks[event] = HV_MARK_ABSENT;
        cell->why[event] =
            N_("not counted here: the L3 is offline, or the cpu does not count it");
    } else if (g_error_matches(file->error, HV_ERROR, HV_ERROR_DENIED)) {
        cell->marks[event] = HV_MARK_DENIED;
        cell->why[event] = N_("not for this user");
    } else {
        cell->marks[event] = HV_MARK_FAILED;
        cell->why[event] = N_("it could not be read");
    }
}

/* A monitoring group's counter that went back belongs to one that was made anew under the same
 * name; a control group's goes back when it loses a child. */
void
hv_counted_read(HvKeep *keep, HvCounted *counted)
{
    const gboolean is_sum = !counted->name || !*counted->name;

    for (guint i = 0; i < counted->n_llcs && !counted->is_gone; i++) {
        HvMonCell *cell = &counted->cells[i];
        const gboolean had_total = cell->marks[HV_EVENT_TOTAL] == HV_MARK_MEASURED;
        const guint64 former = cell->values[HV_EVENT_TOTAL];

        cell->read_ns = hv_host_monotonic_ns(keep->host);
        for (guint event = 0; event < HV_EVENT_N; event++)
            read_event(keep, &counted->files[i * HV_EVENT_N + event], cell, event);
        if (!is_sum && had_total && cell->marks[HV_EVENT_TOTAL] == HV_MARK_MEASURED &&
            cell->values[HV_EVENT_TOTAL] < former)
            cool_down(counted, i);
    }
}

void
hv_counted_warm_up(HvCounted *counted, guint llc, guint64 size_bytes, double filled)
{
    HvMonCell *cell = &counted->cells[llc];
    const double size = (double)size_bytes;

    if (counted->filled[llc] < 0 || counted->filled[llc] > filled)
        counted->filled[llc] = filled;
    if ((cell->marks[HV_EVENT_TOTAL] == HV_MARK_MEASURED &&
         (double)cell->values[HV_EVENT_TOTAL] >= size) ||
        (filled >= 0 && filled - counted->filled[llc] >= MANY_FILLS * size))
        counted->is_warm[llc] = TRUE;
    cell->is_warming = size_bytes > 0 && !counted->is_warm[llc];
}
