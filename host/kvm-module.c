/* The vendor's KVM module: which it is, and its parameter for APICv or AVIC. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/kvm-module.h"

#include "host/parse.h"
#include "model/i18n.h"

#include <string.h>

static const struct {
    const char *module, *parameter;
} vendors[] = { { "kvm_intel", "enable_apicv" }, { "kvm_amd", "avic" } };

void
hv_kvm_facts_clear(HvKvmFacts *facts)
{
    g_free(facts->module);
    g_clear_error(&facts->error);
    *facts = (HvKvmFacts){ 0 };
}

/* Both parameters are bool: Y or N; avic was 1 or 0 before Linux 5.18. */
static void
read_parameter(HvHost *host, HvKvmFacts *facts, const char *parameter)
{
    g_autofree char *path =
        g_strdup_printf("sys/module/%s/parameters/%s", facts->module, parameter);
    g_autofree char *text = hv_host_read_text(host, path, 0, &facts->error);

    if (!text)
        return;
    hv_chomp(text);
    if (strcmp(text, "Y") != 0 && strcmp(text, "N") != 0 && strcmp(text, "1") != 0 &&
        strcmp(text, "0") != 0) {
        g_set_error(&facts->error, HV_ERROR, HV_ERROR_MALFORMED, "%s: \"%s\" is no yes or no",
                    path, text);
        return;
    }
    facts->parameter = parameter;
    facts->is_on = *text == 'Y' || *text == '1';
}

/* Some other module that KVM runs on: kvm_pvm. */
static char *
other_vendor(HvHost *host)
{
    g_auto(GStrv) names = hv_host_list(host, "sys/module", NULL);

    for (char **name = names; name && *name; name++)
        if (g_str_has_prefix(*name, "kvm_"))
            return g_strdup(*name);
    return NULL;
}

void
hv_kvm_facts_read(HvHost *host, HvKvmFacts *facts)
{
    hv_kvm_facts_clear(facts);
    for (guint i = 0; i < G_N_ELEMENTS(vendors); i++) {
        g_autofree char *path = g_strdup_printf("sys/module/%s", vendors[i].module);

        if (!hv_host_exists(host, path))
            continue;
        facts->module = g_strdup(vendors[i].module);
        read_parameter(host, facts, vendors[i].parameter);
        return;
    }
    facts->module = other_vendor(host);
    if (facts->module)
        g_set_error(&facts->error, HV_ERROR, HV_ERROR_ABSENT,
                    _("vendor module %s: neither kvm_intel nor kvm_amd is loaded"),
                    facts->module);
    else
        g_set_error_literal(&facts->error, HV_ERROR, HV_ERROR_ABSENT,
                            N_("KVM is not loaded here"));
}
