/* What of a domain's XML decides whether APICv or AVIC can serve it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/guest-xml.h"

#include <string.h>

static gboolean
has(const char **names, const char **values, const char *wanted, const char *value)
{
    for (guint i = 0; names[i]; i++)
        if (strcmp(names[i], wanted) == 0)
            return strcmp(values[i], value) == 0;
    return FALSE;
}

static guint
facts_of_pit(const char **names, const char **values)
{
    guint facts = 0;

    if (!has(names, values, "name", "pit"))
        return 0;
    if (has(names, values, "tickpolicy", "discard"))
        facts |= HV_APIC_PIT_DISCARD;
    if (has(names, values, "present", "no"))
        facts |= HV_APIC_NO_PIT;
    return facts;
}

static guint
facts_of_feature(const char **names, const char **values)
{
    const gboolean is_out =
        has(names, values, "policy", "disable") || has(names, values, "policy", "forbid");

    if (has(names, values, "name", "x2apic"))
        return is_out ? HV_APIC_NO_X2APIC : HV_APIC_X2APIC;
    return has(names, values, "name", "svm") && !is_out ? HV_APIC_SVM : 0;
}

guint
hv_guest_apic_facts(const char *path, const char **names, const char **values)
{
    if (strcmp(path, "features/hyperv/synic") == 0)
        return has(names, values, "state", "on") ? HV_APIC_SYNIC : 0;
    if (strcmp(path, "features/hyperv/avic") == 0)
        return has(names, values, "state", "on") ? HV_APIC_HV_AVIC : 0;
    if (strcmp(path, "features/ioapic") == 0)
        return has(names, values, "driver", "qemu") ? HV_APIC_SPLIT : 0;
    if (strcmp(path, "clock/timer") == 0)
        return facts_of_pit(names, values);
    return strcmp(path, "cpu/feature") == 0 ? facts_of_feature(names, values) : 0;
}
