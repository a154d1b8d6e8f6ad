/* What an effect is called, in lines for the journal: untranslated, as all that stands there.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "advice/effect-change.h"

static const char *const verdict_names[] = {
    [HV_VERDICT_TOO_EARLY] = "too early to say",
    [HV_VERDICT_BETTER] = "better",
    [HV_VERDICT_WORSE] = "worse",
    [HV_VERDICT_NO_CHANGE] = "no visible change",
    [HV_VERDICT_LOAD] = "the load changed",
    [HV_VERDICT_MIXED] = "mixed",
    [HV_VERDICT_WEAK] = "weak",
};

const char *
hv_verdict_name(HvVerdict verdict)
{
    return verdict_names[verdict];
}

/* Three digits at most. */
static void
append_value(GString *out, const HvEffectNumber *number, double value)
{
    static const struct {
        double from;
        const char *unit;
    } units[] = { { 1e9, " GB" }, { 1e6, " MB" }, { 1e3, " kB" }, { 0, " B" } };
    const char *unit = "";
    guint i = 0;

    if (g_str_has_suffix(number->name, "_ratio")) {
        value *= 100;
        unit = " %";
    } else if (!number->is_watch) { /* bytes */
        while (value < units[i].from)
            i++;
        value /= MAX(units[i].from, 1);
        unit = units[i].unit;
    }
    if (fabs(value) >= 99.95)
        g_string_append_printf(out, "%.0f%s", value, unit);
    else if (fabs(value) >= 0.95 || !(fabs(value) > 0))
        g_string_append_printf(out, "%.*f%s", fabs(value) > 0 ? 1 : 0, value, unit);
    else
        g_string_append_printf(out, "%.2g%s", value, unit);
}

static void
append_percent(GString *out, double ratio)
{
    const double percent = round(ratio * 100);

    if (isnan(percent))
        return;
    g_string_append_printf(out, "%s%.0f %%, ",
                           percent < 0   ? "−"
                           : percent > 0 ? "+"
                                         : "±",
                           fabs(percent));
}

static void
append_weak(GString *out, const HvEffectChange *change, const HvEffectNumber *number)
{
    if (!number->measure.is_clear)
        g_string_append(out, "no visible change, ");
    g_string_append_printf(out, "weak: %.0f s of past to judge by, 600 are needed",
                           change->past_s);
}

/* A change below the number's floor may be a large part of nothing. */
static void
append_no_change(GString *out, const HvEffectNumber *number)
{
    const HvEffectMeasure *measure = &number->measure;

    g_string_append(out, "no visible change: ");
    if (MAX(measure->before, measure->after) < number->floor)
        g_string_append(out, "too little to matter");
    else
        g_string_append_printf(out, "less than %.0f %% comes by itself",
                               ceil(measure->least_ratio * 100));
}

static void
append_verdict(GString *out, const HvEffectChange *change, const HvEffectNumber *number)
{
    switch (number->verdict) {
    case HV_VERDICT_BETTER:
        g_string_append(out, change->is_final ? "sure" : "so far");
        break;
    case HV_VERDICT_WORSE:
        g_string_append(out, change->is_final ? "sure: worse" : "so far: worse");
        break;
    case HV_VERDICT_NO_CHANGE:
        append_no_change(out, number);
        break;
    case HV_VERDICT_LOAD:
        g_string_append(out, "the load changed: the neighbours' by ");
        append_percent(out, change->load_ratio);
        g_string_append(out, "too");
        break;
    case HV_VERDICT_MIXED:
        g_string_append_printf(out, "mixed with plan %" G_GUINT64_FORMAT, change->mixed_with);
        break;
    case HV_VERDICT_WEAK:
        append_weak(out, change, number);
        break;
    case HV_VERDICT_TOO_EARLY:
        g_string_append(out, verdict_names[HV_VERDICT_TOO_EARLY]);
        break;
    }
}

char *
hv_effect_line(const HvEffectChange *change, const HvEffectNumber *number)
{
    g_autoptr(GString) line = g_string_new(number->name);

    if (!number->is_measured) {
        g_string_append_printf(line, " (%s%s)", verdict_names[HV_VERDICT_TOO_EARLY],
                               !change->is_final ? ""
                               : change->is_lost ? ": caches or pages still moved"
                                                 : ": too few samples");
        return g_string_free(g_steal_pointer(&line), FALSE);
    }
    g_string_append_c(line, ' ');
    append_value(line, number, number->measure.before);
    g_string_append(line, " → ");
    append_value(line, number, number->measure.after);
    g_string_append(line, " (");
    append_percent(line, number->measure.change_ratio);
    append_verdict(line, change, number);
    g_string_append_c(line, ')');
    return g_string_free(g_steal_pointer(&line), FALSE);
}
