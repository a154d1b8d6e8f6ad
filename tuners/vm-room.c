/* Whether nodes have room for a VM's memory. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tuners/vm-room.h"

#include "host/node-files.h"
#include "host/numa-stat.h"
#include "host/parse.h"
#include "model/i18n.h"
#include "model/text.h"

#define NODES "sys/devices/system/node"
#define MAX_ZONEINFO_BYTES (4u << 20)
/* Of a node, where the kernel does not tell its watermarks: more than they are by default. */
#define WATERMARK_RATIO 0.01
#define MARGIN_RATIO 0.02
#define KB 1024u

HvSet *
hv_vm_nodes_with_memory(HvHost *host, GError **error)
{
    g_autofree char *text = hv_host_read_text(host, NODES "/has_memory", 4096, error);

    return text ? hv_set_parse(hv_chomp(text), error) : NULL;
}

gboolean
hv_vm_check_nodes(HvHost *host, const HvSet *nodes, const char *path, GError **error)
{
    g_autoptr(HvSet) there = hv_vm_nodes_with_memory(host, error);
    g_autoptr(HvSet) missing = hv_set_copy(nodes);
    g_autofree char *wrong = NULL, *present = NULL;

    if (!there) {
        g_prefix_error(error, "%s: ", path);
        return FALSE;
    }
    hv_set_subtract(missing, there);
    if (hv_set_is_empty(missing) && !hv_set_is_empty(nodes))
        return TRUE;
    wrong = hv_set_to_text(missing);
    present = hv_set_to_text(there);
    g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED,
                _("%s: no memory on node %s: this host has some on %s"), path, wrong, present);
    return FALSE;
}

static guint64
watermark(HvHost *host, guint node, guint64 total)
{
    g_autofree char *text = hv_host_read_text(host, "proc/zoneinfo", MAX_ZONEINFO_BYTES, NULL);
    guint64 bytes = 0;

    return text && hv_zoneinfo_low(text, node, &bytes)
               ? bytes
               : (guint64)((double)total * WATERMARK_RATIO);
}

gboolean
hv_vm_node_free(HvHost *host, guint node, guint64 *bytes, GError **error)
{
    g_autofree char *path = g_strdup_printf(NODES "/node%u/meminfo", node);
    g_autofree char *text = hv_host_read_text(host, path, 0, error);
    HvNodeMemory memory;
    guint64 kept;

    if (!text)
        return FALSE;
    hv_node_meminfo_parse(text, &memory);
    if (!memory.has_free || !memory.has_total) {
        g_set_error(error, HV_ERROR, HV_ERROR_MALFORMED, _("%s: no MemFree"), path);
        return FALSE;
    }
    kept = watermark(host, node, memory.total_bytes);
    *bytes = memory.free_bytes + memory.inactive_file_bytes;
    *bytes -= MIN(*bytes, kept);
    return TRUE;
}

/* ---- what was promised to others ---- */

/* What @guest was given and has not touched, of its ordinary pages: hugetlb ones are kept for
 * it. */
static guint64
untouched_bytes(HvHost *host, const HvGuest *guest)
{
    g_autofree char *path = g_strdup_printf("proc/%d/status", guest->pid);
    g_autofree char *status =
        guest->pid > 0 ? hv_host_read_text(host, path, 64 * KB, NULL) : NULL;
    guint64 anonymous = 0, shared = 0, huge = 0;

    if (!status || !hv_colon_u64(status, "RssAnon", &anonymous, NULL) ||
        !hv_colon_u64(status, "RssShmem", &shared, NULL))
        return 0;                                            /* it has ended */
    (void)hv_colon_u64(status, "HugetlbPages", &huge, NULL); /* a kernel without has none */
    return huge || anonymous + shared >= guest->memory_bytes
               ? 0
               : guest->memory_bytes - anonymous - shared;
}

/* The part of it that will come to @nodes, where each of those that it may use takes its share.
 */
static guint64
promised_to(HvHost *host, const HvGuest *other, const HvSet *nodes)
{
    const guint64 untouched = untouched_bytes(host, other);
    gboolean mixed = FALSE;
    g_autoptr(HvSet) allowed =
        untouched ? hv_vm_mems_allowed(host, other, other->name, &mixed, NULL) : NULL;
    g_autoptr(HvSet) common = allowed ? hv_set_copy(allowed) : NULL;

    if (!common)
        return 0;
    hv_set_intersect(common, nodes);
    return (guint64)((double)untouched * hv_set_count(common) / hv_set_count(allowed));
}

static guint64
promised_bytes(HvHost *host, const HvGuestList *list, const HvGuest *guest, const HvSet *nodes)
{
    guint64 bytes = 0;

    for (guint i = 0; i < list->n_guests; i++)
        if (list->guests[i] != guest)
            bytes += promised_to(host, list->guests[i], nodes);
    return bytes;
}

/* ---- the check ---- */

static gboolean
refuse(GError **error, const char *path, const HvSet *nodes, guint64 needed, guint64 there,
       const char *what)
{
    g_autofree char *list = hv_set_to_text(nodes);
    char needed_text[16], there_text[16];

    hv_text_bytes(needed_text, sizeof needed_text, (double)needed);
    hv_text_bytes(there_text, sizeof there_text, (double)there);
    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED,
                _("%s: no room on node %s: %s needed%s, %s there"), path, list, needed_text,
                what, there_text);
    return FALSE;
}

static gboolean
check_huge(HvHost *host, const HvVmPages *pages, guint64 page_bytes, const HvSet *nodes,
           const char *path, GError **error)
{
    const guint64 needed = hv_vm_pages_outside(pages, nodes, page_bytes);
    g_autofree char *what = NULL;
    char size[16];
    guint64 there = 0;

    HV_SET_FOREACH(node, nodes)
    {
        g_autofree char *file = g_strdup_printf(
            NODES "/node%d/hugepages/hugepages-%" G_GUINT64_FORMAT "kB/free_hugepages", node,
            page_bytes / KB);
        guint64 n_free = 0;

        if (hv_host_read_u64_file(host, file, &n_free, NULL)) /* a node without pool has none */
            there += n_free * page_bytes;
    }
    if (needed <= there)
        return TRUE;
    hv_text_bytes(size, sizeof size, (double)page_bytes);
    what = g_strdup_printf(_(" in huge pages of %s"), size);
    return refuse(error, path, nodes, needed, there, what);
}

static gboolean
check_huge_sizes(HvHost *host, const HvVmPages *pages, const HvSet *nodes, const char *path,
                 GError **error)
{
    static const guint64 sizes[] = { 2u << 20, 1u << 30 };

    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++)
        if (hv_vm_pages_outside(pages, nodes, sizes[i]) > 0 &&
            !check_huge(host, pages, sizes[i], nodes, path, error))
            return FALSE;
    return TRUE;
}

/* Pages of several sizes, as a sample has them, count as small. */
static guint64
small_outside(const HvVmPages *pages, const HvSet *nodes)
{
    return hv_vm_pages_outside(pages, nodes, 0) - hv_vm_pages_outside(pages, nodes, 2u << 20) -
           hv_vm_pages_outside(pages, nodes, 1u << 30);
}

gboolean
hv_vm_check_room(HvHost *host, const HvGuestList *list, const HvGuest *guest,
                 const HvVmPages *pages, const HvSet *nodes, const char *path, GError **error)
{
    const guint64 to_come = small_outside(pages, nodes) + untouched_bytes(host, guest);
    const guint64 needed = (guint64)((double)to_come * (1 + MARGIN_RATIO));
    const guint64 promised = promised_bytes(host, list, guest, nodes);
    guint64 there = 0;

    if (!check_huge_sizes(host, pages, nodes, path, error))
        return FALSE;
    HV_SET_FOREACH(node, nodes)
    {
        guint64 bytes = 0;

        if (!hv_vm_node_free(host, (guint)node, &bytes, error)) {
            g_prefix_error(error, "%s: ", path);
            return FALSE;
        }
        there += bytes;
    }
    there -= MIN(there, promised);
    return needed <= there || to_come == 0 ||
           refuse(error, path, nodes, needed, there,
                  _(" for it and what it has not touched yet"));
}
