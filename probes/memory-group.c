/* What the control group of a VM says about where its memory is, and how much of it its process
 * has. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probes/memory-group.h"

#include "host/parse.h"

/* One size of hugetlb pages. */
typedef struct {
    HvKept file;
    guint64 page_bytes;
} Hugetlb;

static void
clear_hugetlb(HvKeep *keep, HvMemoryGroup *group)
{
    for (guint i = 0; i < group->hugetlb->len; i++)
        hv_kept_clear(keep, &g_array_index(group->hugetlb, Hugetlb, i).file);
    g_array_set_size(group->hugetlb, 0);
}

void
hv_memory_group_clear(HvKeep *keep, HvMemoryGroup *group)
{
    if (!group->parts)
        return;
    clear_hugetlb(keep, group);
    hv_kept_clear(keep, &group->memory);
    hv_kept_clear(keep, &group->status);
    g_array_unref(group->hugetlb);
    g_array_unref(group->hugetlb_parts);
    g_array_unref(group->parts);
    *group = (HvMemoryGroup){ 0 };
}

/* Only a version 2 group has these files beside those of memory; an empty list is one too. */
static void
find_hugetlb(HvKeep *keep, HvMemoryGroup *group, const char *directory)
{
    g_auto(GStrv) names = hv_host_list(keep->host, directory, NULL);

    for (char **name = names; name && *name; name++) {
        Hugetlb hugetlb = { .page_bytes = hv_hugetlb_page_bytes(*name) };

        if (!hugetlb.page_bytes)
            continue;
        hv_kept_set(keep, &hugetlb.file, g_strdup_printf("%s/%s", directory, *name));
        g_array_append_val(group->hugetlb, hugetlb);
    }
}

void
hv_memory_group_set(HvKeep *keep, HvMemoryGroup *group, const HvGuest *guest)
{
    const char *directory = guest->cgroup_memory;
    g_autofree char *memory =
        *directory ? g_strdup_printf("%s/memory.numa_stat", directory) : NULL;
    g_autofree char *status = guest->pid ? g_strdup_printf("proc/%d/status", guest->pid) : NULL;

    if (!group->parts) {
        group->hugetlb = g_array_new(FALSE, FALSE, sizeof(Hugetlb));
        group->parts = g_array_new(FALSE, FALSE, sizeof(HvNumaPart));
        group->hugetlb_parts = g_array_new(FALSE, FALSE, sizeof(HvNumaPart));
    }
    group->is_v2 = guest->cgroup_v2;
    if (g_strcmp0(memory, group->memory.path) != 0) {
        hv_kept_set(keep, &group->memory, g_steal_pointer(&memory));
        clear_hugetlb(keep, group);
        if (*directory && group->is_v2)
            find_hugetlb(keep, group, directory);
    }
    if (g_strcmp0(status, group->status.path) != 0)
        hv_kept_set(keep, &group->status, g_steal_pointer(&status));
}

static void
read_hugetlb(HvKeep *keep, HvMemoryGroup *group, char *buffer, gsize size)
{
    for (guint i = 0; i < group->hugetlb->len; i++) {
        Hugetlb *hugetlb = &g_array_index(group->hugetlb, Hugetlb, i);

        if (hv_kept_read(keep, &hugetlb->file, buffer, size))
            (void)hv_hugetlb_stat_parse(buffer, hugetlb->page_bytes, group->hugetlb_parts,
                                        &hugetlb->file.error);
    }
    for (guint i = 0; i < group->hugetlb_parts->len; i++) {
        const HvNumaPart *part = &g_array_index(group->hugetlb_parts, HvNumaPart, i);

        hv_numa_add(group->parts, part->cell, part->node, part->page_bytes, part->bytes);
    }
}

static void
read_process(HvKeep *keep, HvMemoryGroup *group, char *buffer, gsize size)
{
    guint64 anonymous, shared;

    group->pinned_bytes = group->hugetlb_bytes = 0;
    group->has_process = group->status.path &&
                         hv_kept_read(keep, &group->status, buffer, size) &&
                         hv_colon_u64(buffer, "RssAnon", &anonymous, NULL) &&
                         hv_colon_u64(buffer, "RssShmem", &shared, NULL);
    if (!group->has_process)
        return;
    /* a kernel without has none */
    (void)hv_colon_u64(buffer, "HugetlbPages", &group->hugetlb_bytes, NULL);
    (void)hv_colon_u64(buffer, "VmPin", &group->pinned_bytes, NULL);
    group->process_bytes = anonymous + shared + group->hugetlb_bytes;
}

/* Most VMs have no hugetlb pages, and need no files that say so. */
void
hv_memory_group_read(HvKeep *keep, HvMemoryGroup *group, char *buffer, gsize size,
                     gint64 now_ns)
{
    g_array_set_size(group->parts, 0);
    g_array_set_size(group->hugetlb_parts, 0);
    read_process(keep, group, buffer, size);
    group->has_parts =
        group->memory.path && hv_kept_read(keep, &group->memory, buffer, size) &&
        hv_numa_stat_parse(buffer, group->is_v2, group->parts, &group->memory.error);
    if (group->has_parts && !(group->has_process && group->hugetlb_bytes == 0))
        read_hugetlb(keep, group, buffer, size);
    group->read_ns = now_ns;
}

gint64
hv_memory_group_difference(const HvMemoryGroup *group)
{
    if (!group->has_parts || !group->has_process)
        return 0;
    return (gint64)hv_numa_sum(group->parts) - (gint64)MIN(group->process_bytes, G_MAXINT64);
}
