/* Knobs that somebody else changed since hvtune set them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "model/i18n.h"
#include "model/rule.h"

/* cost: none that could be told. What was set on purpose no longer holds, and whatever changed
 * it once will do so again. */
static void
run(const HvSnapshot *snapshot, HvRuleOut *out)
{
    const HvTable *contested = hv_snapshot_table(snapshot, "contested");
    const int knob = hv_table_column(contested, "knob");
    const int expected = hv_table_column(contested, "expected");
    const int present = hv_table_column(contested, "present");
    const int by = hv_table_column(contested, "by");
    const guint n_rows = contested ? hv_table_n_rows(contested) : 0;
    char evidence[512], remedy[512];
    const char *who;

    if (n_rows == 0)
        return;
    who = hv_table_text(contested, 0, by);
    g_snprintf(evidence, sizeof evidence,
               _("%s is %.100s, no longer the %.100s that hvtune "
                 "left: %s changed it; knobs changed so: %u"),
               hv_table_text(contested, 0, knob), hv_table_text(contested, 0, present),
               hv_table_text(contested, 0, expected), who ? who : _("somebody else"), n_rows);
    g_snprintf(remedy, sizeof remedy,
               _("hvtune set %s=%.100s, once it is known who changes it"),
               hv_table_text(contested, 0, knob), hv_table_text(contested, 0, expected));
    hv_rule_say(out, &(HvRuleFinding){ .cost_ratio = (double)NAN,
                                       .quality = HV_MARK_MEASURED,
                                       .evidence = evidence,
                                       .remedy = remedy,
                                       .note = TRUE });
}

const HvRule hv_rule_contested = {
    .name = "contested",
    .help = N_("somebody else changed what hvtune had set"),
    .inputs = (const char *const[]){ "contested", NULL },
    .run = run,
};
