/* Where libvirt binds a domain's memory: <numatune>, of the running domain and of its
 * definition. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/libvirt-private.h"

#include "model/error.h"

static const char *const modes[] = {
    [VIR_DOMAIN_NUMATUNE_MEM_STRICT] = "strict",
    [VIR_DOMAIN_NUMATUNE_MEM_PREFERRED] = "preferred",
    [VIR_DOMAIN_NUMATUNE_MEM_INTERLEAVE] = "interleave",
    [VIR_DOMAIN_NUMATUNE_MEM_RESTRICTIVE] = "restrictive",
};

static guint
flags_of(gboolean persistent)
{
    return persistent ? VIR_DOMAIN_AFFECT_CONFIG : VIR_DOMAIN_AFFECT_LIVE;
}

/* Nothing set reads back as mode strict with an empty list: the list tells. */
static char *
params_to_text(virTypedParameterPtr params, int n)
{
    const char *nodes = NULL;
    int mode = 0;

    if (virTypedParamsGetString(params, n, VIR_DOMAIN_NUMA_NODESET, &nodes) != 1 || !nodes ||
        !*nodes)
        return g_strdup("");
    (void)virTypedParamsGetInt(params, n, VIR_DOMAIN_NUMA_MODE, &mode);
    return g_strdup_printf(
        "%s %s", mode >= 0 && mode < (int)G_N_ELEMENTS(modes) ? modes[mode] : "other", nodes);
}

char *
hv_vir_numatune_read(virDomainPtr domain, const char *vm, gboolean persistent, GError **error)
{
    int n = 0;
    virTypedParameterPtr params;
    char *text = NULL;

    if (virDomainGetNumaParameters(domain, NULL, &n, flags_of(persistent)) != 0) {
        hv_vir_set_error(error, vm);
        return NULL;
    }
    params = g_new0(virTypedParameter, (gsize)MAX(n, 1));
    if (virDomainGetNumaParameters(domain, params, &n, flags_of(persistent)) == 0)
        text = params_to_text(params, n);
    else
        hv_vir_set_error(error, vm);
    virTypedParamsClear(params, n);
    g_free(params);
    return text;
}

gboolean
hv_vir_numatune_write(virDomainPtr domain, const char *nodes, gboolean restrictive,
                      gboolean persistent)
{
    virTypedParameterPtr params = NULL;
    int n = 0, room = 0, status = -1;

    if (virTypedParamsAddString(&params, &n, &room, VIR_DOMAIN_NUMA_NODESET, nodes) == 0 &&
        (!restrictive || virTypedParamsAddInt(&params, &n, &room, VIR_DOMAIN_NUMA_MODE,
                                              VIR_DOMAIN_NUMATUNE_MEM_RESTRICTIVE) == 0))
        status = virDomainSetNumaParameters(domain, params, n, flags_of(persistent));
    virTypedParamsFree(params, n);
    return status == 0;
}
