/* Whether this host has the cpus of a list. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tuners/cpu-list.h"

#include "model/i18n.h"

/* Our rule, for every cpu of the list: the host has it and it is online. */
static gboolean
check_cpus(const HvTopology *topology, const char *path, const HvSet *cpus, GError **error)
{
    g_autoptr(HvSet) present = hv_set_new();
    g_autoptr(HvSet) missing = hv_set_copy(cpus);
    g_autofree char *missing_text = NULL;
    g_autofree char *present_text = NULL;

    for (guint i = 0; i < topology->n_cpus; i++)
        hv_set_add(present, topology->cpus[i].cpu);
    hv_set_subtract(missing, present);
    missing_text = hv_set_to_text(missing);
    present_text = hv_set_to_text(present);
    if (*missing_text) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                    _("%s: no cpu %s: this host has cpus %s"), path, missing_text,
                    present_text);
        return FALSE;
    }
    hv_set_assign(missing, cpus);
    hv_set_subtract(missing, topology->online);
    if (hv_set_is_empty(missing))
        return TRUE;
    g_free(missing_text);
    missing_text = hv_set_to_text(missing);
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("%s: cpu %s is offline"), path,
                missing_text);
    return FALSE;
}

gboolean
hv_cpus_check(HvHost *host, const char *path, const HvValue *value, GError **error)
{
    g_autoptr(HvTopology) topology = NULL;

    if (value->type != HV_TYPE_CPUS || !value->set || hv_set_is_empty(value->set)) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("%s: an empty list of cpus"), path);
        return FALSE;
    }
    topology = hv_host_topology(host, error);
    if (topology)
        return check_cpus(topology, path, value->set, error);
    g_prefix_error(error, "%s: ", path);
    return FALSE;
}
