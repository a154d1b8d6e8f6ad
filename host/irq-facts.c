/* What the kernel says of one interrupt, and whether it will move. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/irq-facts.h"

#include "host/parse.h"
#include "model/i18n.h"

#include <string.h>

#define POSTING_TABLE "sys/kernel/debug/iommu/intel/ir_translation_struct"
#define MAX_TABLE_BYTES (8u << 20)
#define MAX_NAMES_BYTES 4096

struct HvIrqPosting {
    gboolean none;       /* this host posts none */
    GHashTable *devices; /* "81:00.0" → HvPosted */
};

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
static void
read_table(HvIrqPosting *posting, char *text)
{
    gboolean in_posted = FALSE;

    for (char *line; (line = hv_next_line(&text));) {
        const char *first, *device;

        if (strstr(line, "Interrupt supported on IOMMU")) {
            in_posted = g_str_has_prefix(hv_skip_blanks(line), "Posted");
            continue;
        }
        first = hv_next_word(&line);
        device = first && g_ascii_isdigit(*first) ? hv_next_word(&line) : NULL;
        if (device && (in_posted || !g_hash_table_contains(posting->devices, device)))
            g_hash_table_insert(posting->devices, g_strdup(device),
                                GUINT_TO_POINTER(in_posted ? HV_POSTED_YES : HV_POSTED_NO));
    }
}

static HvIrqPosting *
new_posting(void)
{
    HvIrqPosting *posting = g_new0(HvIrqPosting, 1);

    posting->devices = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return posting;
}

HvIrqPosting *
hv_irq_posting_parse(char *text)
{
    HvIrqPosting *posting = new_posting();

    read_table(posting, text);
    return posting;
}

void
hv_irq_posting_free(HvIrqPosting *posting)
{
    if (!posting)
        return;
    g_hash_table_unref(posting->devices);
    g_free(posting);
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

HvIrqPosting *
hv_irq_posting_read(HvHost *host)
{
    HvIrqPosting *posting = new_posting();
    g_autofree char *table = NULL;

    posting->none = is_apicv_off(host);
    if (!posting->none)
        table = hv_host_read_text(host, POSTING_TABLE, MAX_TABLE_BYTES, NULL);
    if (table)
        read_table(posting, table);
    return posting;
}

HvPosted
hv_irq_posted(const HvIrqPosting *posting, const char *pci)
{
    const char *colon = pci ? strchr(pci, ':') : NULL;

    if (posting->none)
        return HV_POSTED_NO;
    if (!colon)
        return HV_POSTED_UNKNOWN;
    return GPOINTER_TO_UINT(g_hash_table_lookup(posting->devices, colon + 1));
}

HvIrqHold
hv_irq_hold(const HvIrqPosting *posting, const char *names)
{
    g_autofree char *pci = NULL;

    if (!names || !*names)
        return HV_IRQ_MOVES;
    if (hv_interrupts_managed(names) == HV_MANAGED_LIKELY)
        return HV_IRQ_MANAGED;
    if (!g_str_has_prefix(names, "vfio-"))
        return HV_IRQ_MOVES;
    pci = hv_interrupts_pci(names);
    switch (hv_irq_posted(posting, pci)) {
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
