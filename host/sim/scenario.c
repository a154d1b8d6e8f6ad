/* The scenarios, by name. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/scenario-private.h"

#include "model/i18n.h"

static const HvSimScenarioClass *const classes[] = {
    &hv_sim_class_redis, &hv_sim_class_training, &hv_sim_class_irq_storm, &hv_sim_class_noisy,
    &hv_sim_class_oom,   &hv_sim_class_fleet,    &hv_sim_class_lab,
};

const HvSimScenario hv_sim_scenarios[] = {
    { "redis", N_("a server whose memory is on the other socket") },
    { "training", N_("parameter servers and workers thrash one cache") },
    { "irq-storm", N_("APICv is off, and a card's interrupts go to the far socket") },
    { "noisy", N_("one VM takes the memory bandwidth") },
    { "oom", N_("a balloon too small, a limit near, swap growing") },
    { "fleet", N_("8 sockets, 512 cpus, 1,000 VMs") },
    { 0 },
};

const HvSimScenarioClass *
hv_sim_scenario_class(const char *name, GError **error)
{
    g_autoptr(GString) names = NULL;

    if (!name || !*name)
        return classes[0];
    for (guint i = 0; i < G_N_ELEMENTS(classes); i++)
        if (g_str_equal(classes[i]->name, name))
            return classes[i];
    names = g_string_new(NULL);
    for (const HvSimScenario *known = hv_sim_scenarios; known->name; known++)
        g_string_append_printf(names, "%s%s", names->len ? ", " : "", known->name);
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, "--demo=%s: no such scenario: %s", name,
                names->str);
    return NULL;
}

/* Of the lab's build: not offered, but found, for the test that compares both. */
static const HvSimScenario hidden = { "lab", N_("the build of the shared lab") };

const HvSimScenario *
hv_sim_find(const char *name)
{
    if (g_strcmp0(name, hidden.name) == 0)
        return &hidden;
    for (guint i = 0; hv_sim_scenarios[i].name; i++)
        if (g_str_equal(hv_sim_scenarios[i].name, name))
            return &hv_sim_scenarios[i];
    return NULL;
}
