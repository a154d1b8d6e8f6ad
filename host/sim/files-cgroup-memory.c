/* The simulated VMs' control groups: memory and where it is, huge pages, pressure, I/O. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/cgroup-private.h"

#include <errno.h>
#include <string.h>

#define NS_PER_US 1000u
/* One table entry of 8 bytes maps 4 KiB. */
#define TABLE_RATIO 512u

/* ---- how much, by node ---- */

static guint64
own_bytes(const HvSimVm *vm, guint node, guint n_pages)
{
    return node == hv_sim_vm_first_node(vm) ? (guint64)n_pages * HV_SIM_PAGE_BYTES : 0;
}

static guint64
anon_bytes(const HvSimVm *vm, guint node)
{
    return hv_world_resident_bytes(vm, -1, HV_SIM_PAGES_4K, node) +
           hv_world_resident_bytes(vm, -1, HV_SIM_PAGES_THP, node) +
           own_bytes(vm, node, HV_SIM_QEMU_HEAP_PAGES + HV_SIM_QEMU_STACK_PAGES);
}

static guint64
file_bytes(const HvSimVm *vm, guint node)
{
    return own_bytes(vm, node, HV_SIM_QEMU_FILE_PAGES);
}

static guint64
thp_bytes(const HvSimVm *vm, guint node)
{
    return hv_world_resident_bytes(vm, -1, HV_SIM_PAGES_THP, node);
}

static guint64
table_bytes(const HvSimVm *vm, guint node)
{
    return hv_world_resident_bytes(vm, -1, HV_SIM_PAGES_4K, node) / TABLE_RATIO;
}

static guint64
no_bytes(const HvSimVm *vm G_GNUC_UNUSED, guint node G_GNUC_UNUSED)
{
    return 0;
}

typedef struct {
    const char *name;
    guint64 (*bytes)(const HvSimVm *vm, guint node);
} Part;

static const Part parts[] = {
    { "anon", anon_bytes },         { "file", file_bytes },
    { "kernel_stack", no_bytes },   { "pagetables", table_bytes },
    { "sec_pagetables", no_bytes }, { "shmem", no_bytes },
    { "file_mapped", file_bytes },  { "file_dirty", no_bytes },
    { "file_writeback", no_bytes }, { "swapcached", no_bytes },
    { "anon_thp", thp_bytes },      { "file_thp", no_bytes },
    { "shmem_thp", no_bytes },      { "inactive_anon", no_bytes },
    { "active_anon", anon_bytes },  { "inactive_file", no_bytes },
    { "active_file", file_bytes },  { "unevictable", no_bytes },
};

static guint64
sum_part(const HvSimGroup *group, const Part *part)
{
    guint64 sum = 0;

    for (guint node = 0; node < group->world->n_nodes; node++)
        sum += part->bytes(group->vm, node);
    return sum;
}

static int
read_stat(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    const HvSimGroup *group = data;

    for (guint i = 0; i < G_N_ELEMENTS(parts); i++)
        hv_sim_printf(out, "%s %" G_GUINT64_FORMAT "\n", parts[i].name,
                      sum_part(group, &parts[i]));
    hv_sim_printf(out, "pgmajfault %.0f\n", group->vm->major_faults);
    return 0;
}

static int
read_numa_stat(gpointer owner, gpointer data, HvSimText *out)
{
    const HvSimWorld *world = owner;
    const HvSimGroup *group = data;

    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        hv_sim_text(out, parts[i].name);
        for (guint node = 0; node < world->n_nodes; node++)
            hv_sim_printf(out, " N%u=%" G_GUINT64_FORMAT, node,
                          parts[i].bytes(group->vm, node));
        hv_sim_text(out, "\n");
    }
    return 0;
}

static int
read_current(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    const HvSimGroup *group = data;
    guint64 sum = 0;

    for (guint node = 0; node < group->world->n_nodes; node++)
        sum += anon_bytes(group->vm, node) + file_bytes(group->vm, node) +
               table_bytes(group->vm, node);
    hv_sim_u64(out, sum);
    hv_sim_text(out, "\n");
    return 0;
}

static int
read_swap(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    hv_sim_u64(out, ((const HvSimGroup *)data)->vm->swap_bytes);
    hv_sim_text(out, "\n");
    return 0;
}

static int
read_events(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    const double n = ((const HvSimGroup *)data)->vm->oom_kills;

    hv_sim_printf(out, "low 0\nhigh 0\nmax 0\noom %.0f\noom_kill %.0f\noom_group_kill 0\n", n,
                  n);
    return 0;
}

/* ---- limits ---- */

static int
read_limit(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    const guint64 *limit = data;

    if (*limit == G_MAXUINT64)
        hv_sim_text(out, "max");
    else
        hv_sim_u64(out, *limit);
    hv_sim_text(out, "\n");
    return 0;
}

/* Bytes, with K, M, G or T behind them, in whole pages; or max. Below what is used it is taken
 * all the same: the kernel reclaims (page_counter_memparse, memory_max_write). */
static int
write_limit(gpointer owner, gpointer data, const char *text, gsize length)
{
    static const char units[] = "KMGT";
    g_autofree char *word = g_strstrip(g_strndup(text, length));
    char *end = NULL;
    guint64 bytes;
    const char *unit;

    if (g_str_equal(word, "max")) {
        *(guint64 *)data = G_MAXUINT64;
        ((HvSimWorld *)owner)->change++;
        return 0;
    }
    if (!g_ascii_isdigit(*word))
        return -EINVAL;
    bytes = g_ascii_strtoull(word, &end, 10);
    unit = *end ? strchr(units, g_ascii_toupper(*end)) : NULL;
    for (gssize i = 0; unit && i <= unit - units && bytes < G_MAXUINT64 >> 10; i++)
        bytes <<= 10;
    if (*end && (!unit || end[1]))
        return -EINVAL;
    *(guint64 *)data = bytes / HV_SIM_PAGE_BYTES * HV_SIM_PAGE_BYTES;
    ((HvSimWorld *)owner)->change++;
    return 0;
}

/* ---- huge pages ---- */

static int
read_huge(gpointer owner, gpointer data, HvSimText *out)
{
    const HvSimGroup *group = owner;

    hv_sim_u64(out, hv_sim_vm_bytes(group->world, group->vm, -1,
                                    (HvSimPageKind)GPOINTER_TO_UINT(data)));
    hv_sim_text(out, "\n");
    return 0;
}

/* Source: mm/hugetlb_cgroup.c, hugetlb_cgroup_read_numa_stat. */
static int
read_huge_numa(gpointer owner, gpointer data, HvSimText *out)
{
    const HvSimPageKind kind = (HvSimPageKind)GPOINTER_TO_UINT(data);
    const HvSimGroup *group = owner;

    hv_sim_printf(out, "total=%" G_GUINT64_FORMAT,
                  hv_sim_vm_bytes(group->world, group->vm, -1, kind));
    for (guint node = 0; node < group->world->n_nodes; node++)
        hv_sim_printf(out, " N%u=%" G_GUINT64_FORMAT, node,
                      hv_world_resident_bytes(group->vm, -1, kind, node));
    hv_sim_text(out, "\n");
    return 0;
}

static void
add_huge(HvSimFs *fs, HvSimGroup *group)
{
    static const HvSimFileClass current = { .read = read_huge },
                                numa = { .read = read_huge_numa };
    static const struct {
        const char *name;
        HvSimPageKind kind;
    } sizes[] = { { "2MB", HV_SIM_PAGES_HUGE_2M }, { "1GB", HV_SIM_PAGES_HUGE_1G } };

    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
        gpointer kind = GUINT_TO_POINTER(sizes[i].kind);

        hv_sim_fs_filef(fs, &current, group, kind, "%s/hugetlb.%s.current", group->path,
                        sizes[i].name);
        hv_sim_fs_filef(fs, &numa, group, kind, "%s/hugetlb.%s.numa_stat", group->path,
                        sizes[i].name);
        hv_sim_fs_textf(fs, "max\n", "%s/hugetlb.%s.max", group->path, sizes[i].name);
    }
}

/* ---- pressure ---- */

static int
read_pressure(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    const double *some_ns = data;

    hv_sim_printf(out, "some avg10=0.00 avg60=0.00 avg300=0.00 total=%.0f\n",
                  *some_ns / NS_PER_US);
    hv_sim_text(out, "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n");
    return 0;
}

void
hv_sim_files_cgroup_memory(HvSimFs *fs, HvSimGroup *group)
{
    static const HvSimFileClass stat = { .read = read_stat }, numa = { .read = read_numa_stat },
                                current = { .read = read_current },
                                swap = { .read = read_swap }, events = { .read = read_events },
                                limit = { .read = read_limit, .write = write_limit },
                                pressure = { .read = read_pressure };
    HvSimVm *vm = group->vm;
    const struct {
        const char *name;
        const HvSimFileClass *file_class;
        gpointer data;
    } files[] = {
        { "memory.stat", &stat, group },
        { "memory.numa_stat", &numa, group },
        { "memory.current", &current, group },
        { "memory.swap.current", &swap, group },
        { "memory.events", &events, group },
        { "memory.max", &limit, &vm->hard_limit_bytes },
        { "memory.high", &limit, &vm->soft_limit_bytes },
        { "memory.swap.max", &limit, &vm->swap_limit_bytes },
        { "cpu.pressure", &pressure, &vm->psi_cpu_ns },
        { "memory.pressure", &pressure, &vm->psi_memory_ns },
        { "io.pressure", &pressure, &vm->psi_io_ns },
    };

    for (guint i = 0; i < G_N_ELEMENTS(files); i++)
        hv_sim_fs_filef(fs, files[i].file_class, group->world, files[i].data, "%s/%s",
                        group->path, files[i].name);
    hv_sim_fs_textf(fs, "default 100\n", "%s/io.weight", group->path);
    add_huge(fs, group);
}
