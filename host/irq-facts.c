/* What the kernel says of one interrupt, and whether it will move. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/irq-facts.h"

#include "host/parse.h"
#include "model/i18n.h"

#include <string.h>

#define POSTING_TABLE "sys/kernel/debug/iommu/intel/ir_translation_struct"
#define MAX_TABLE_BYTES (8u << 20)
#define MAX_NAMES_BYTES 4096

/* Directories beside the kernel's files: one for each handler. */
static char *
names_in_proc(HvHost *host, guint irq)
{
    static const char *const files[] = { "affinity_hint", "effective_affinity",
                                         "node",          "effective_affinity_list",
                                         "smp_affinity",  "smp_affinity_list",
                                         "spurious",      NULL };
    g_autofree char *path = g_strdup_printf("proc/irq/%u", irq);
    g_auto(GStrv) entries = hv_host_list(host, path, NULL);
    g_autoptr(GString) names = g_string_new(NULL);

    for (char **entry = entries; entry && *entry; entry++)
        if (!g_strv_contains(files, *entry))
            g_string_append_printf(names, "%s%s", names->len ? "," : "", *entry);
    return names->len ? g_strdup(names->str) : NULL;
}

char *
hv_irq_names(HvHost *host, guint irq)
{
    g_autofree char *path = g_strdup_printf("sys/kernel/irq/%u/actions", irq);
    g_autofree char *text = hv_host_read_text(host, path, MAX_NAMES_BYTES, NULL);

    if (!text)
        return names_in_proc(host, irq);
    return *hv_chomp(text) ? g_steal_pointer(&text) : NULL;
}

/* A table begins with "Remapped Interrupt supported on IOMMU: dmar0" or "Posted Interrupt ...";
 * an entry with its index, then the device: " 4     43:00.0 00000010 40c7c880 41 ...". */
HvPosted
hv_irq_posted_parse(char *text, const char *pci)
{
    const char *colon = strchr(pci, ':'), *device = colon ? colon + 1 : pci;
    gboolean in_posted = FALSE;
    HvPosted found = HV_POSTED_UNKNOWN;

    for (char *line; (line = hv_next_line(&text));) {
        const char *first, *second;

        if (strstr(line, "Interrupt supported on IOMMU")) {
            in_posted = g_str_has_prefix(hv_skip_blanks(line), "Posted");
            continue;
        }
        first = hv_next_word(&line);
        second = first && g_ascii_isdigit(*first) ? hv_next_word(&line) : NULL;
        if (!second || strcmp(second, device) != 0)
            continue;
        if (in_posted)
            return HV_POSTED_YES;
        found = HV_POSTED_NO;
    }
    return found;
}

/* Both may be missing: another vendor's modules, or none. */
static gboolean
is_apicv_off(HvHost *host)
{
    static const char *const parameters[] = { "sys/module/kvm_intel/parameters/enable_apicv",
                                              "sys/module/kvm_amd/parameters/avic" };

    for (guint i = 0; i < G_N_ELEMENTS(parameters); i++) {
        g_autofree char *text = hv_host_read_text(host, parameters[i], 16, NULL);

        if (text)
            return *text == 'N' || *text == '0';
    }
    return FALSE;
}

HvPosted
hv_irq_posted(HvHost *host, const char *pci)
{
    g_autofree char *table = NULL;

    if (is_apicv_off(host))
        return HV_POSTED_NO;
    table = pci ? hv_host_read_text(host, POSTING_TABLE, MAX_TABLE_BYTES, NULL) : NULL;
    return table ? hv_irq_posted_parse(table, pci) : HV_POSTED_UNKNOWN;
}

HvIrqHold
hv_irq_hold(HvHost *host, const char *names)
{
    g_autofree char *pci = NULL;

    if (!names || !*names)
        return HV_IRQ_MOVES;
    if (hv_interrupts_managed(names) == HV_MANAGED_LIKELY)
        return HV_IRQ_MANAGED;
    if (!g_str_has_prefix(names, "vfio-"))
        return HV_IRQ_MOVES;
    pci = hv_interrupts_pci(names);
    switch (hv_irq_posted(host, pci)) {
    case HV_POSTED_NO:
        return HV_IRQ_MOVES;
    case HV_POSTED_YES:
        return HV_IRQ_POSTED;
    case HV_POSTED_UNKNOWN:
        break;
    }
    return HV_IRQ_PERHAPS_POSTED;
}

const char *
hv_irq_why_held(HvIrqHold hold)
{
    static const char *const why[] = {
        [HV_IRQ_MANAGED] =
            N_("the kernel manages its affinity itself, as it does for queues of "
               "nvme and virtio disks"),
        [HV_IRQ_POSTED] =
            N_("posted: the IOMMU hands it to the guest, where the host's affinity decides "
               "nothing"),
        [HV_IRQ_PERHAPS_POSTED] =
            N_("it may be posted to the guest, which this host does not tell; then the host's "
               "affinity decides nothing"),
    };

    return why[hold];
}
