/* The scenarios, by name. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/scenario-private.h"

#include "model/i18n.h"

static const HvSimScenarioClass *const classes[] = { &hv_sim_class_redis };

const HvSimScenario hv_sim_scenarios[] = {
    { "redis", N_("a Redis VM whose memory is on the other socket") },
    { 0 },
};

const HvSimScenarioClass *
hv_sim_scenario_class(const char *name, GError **error)
{
    if (!name || !*name)
        return classes[0];
    for (guint i = 0; i < G_N_ELEMENTS(classes); i++)
        if (g_str_equal(classes[i]->name, name))
            return classes[i];
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, "there is no demo scenario '%s'", name);
    return NULL;
}

const HvSimScenario *
hv_sim_find(const char *name)
{
    for (guint i = 0; hv_sim_scenarios[i].name; i++)
        if (g_str_equal(hv_sim_scenarios[i].name, name))
            return &hv_sim_scenarios[i];
    return NULL;
}
