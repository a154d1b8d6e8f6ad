/* Where the pages of a simulated QEMU are: numa_maps and maps, one mapping for each region of
 * guest RAM and a few small ones of QEMU's own. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/files-private.h"

#define CODE_ADDRESS G_GUINT64_CONSTANT(0x55d4c8a00000)
#define HEAP_ADDRESS G_GUINT64_CONSTANT(0x55d4ca3f1000)
#define STACK_ADDRESS G_GUINT64_CONSTANT(0x7ffd5b1de000)
#define QEMU "/usr/bin/qemu-system-x86_64"

typedef struct {
    guint64 address;
    guint n_pages;
    gboolean is_file;
    const char *what, *path, *permissions;
} OwnMapping;

static const OwnMapping own_mappings[] = {
    { CODE_ADDRESS, HV_SIM_QEMU_FILE_PAGES, TRUE, "file=" QEMU, QEMU, "r-xp" },
    { HEAP_ADDRESS, HV_SIM_QEMU_HEAP_PAGES, FALSE, "heap", "[heap]", "rw-p" },
    { STACK_ADDRESS, HV_SIM_QEMU_STACK_PAGES, FALSE, "stack", "[stack]", "rw-p" },
};

static gboolean
is_hugetlb(const HvSimRegion *region)
{
    return region->kind == HV_SIM_PAGES_HUGE_2M || region->kind == HV_SIM_PAGES_HUGE_1G;
}

static void
put_own(HvSimText *out, const HvSimVm *vm, const OwnMapping *mapping)
{
    hv_sim_printf(out, "%012" G_GINT64_MODIFIER "x default %s %s=%u", mapping->address,
                  mapping->what, mapping->is_file ? "mapped" : "anon", mapping->n_pages);
    if (!mapping->is_file)
        hv_sim_printf(out, " dirty=%u", mapping->n_pages);
    hv_sim_printf(out, " N%u=%u kernelpagesize_kB=4\n", hv_sim_vm_first_node(vm),
                  mapping->n_pages);
}

static void
put_path(HvSimText *out, const HvSimVm *vm, const HvSimRegion *region)
{
    hv_sim_printf(out, "/dev/hugepages%s/libvirt/qemu/%d-%s/ram-node%u",
                  region->kind == HV_SIM_PAGES_HUGE_1G ? "1G" : "", vm->domain_id, vm->name,
                  region->cell);
}

/* Huge pages count as they are, those that khugepaged made as 512 small ones:
 * fs/proc/task_mmu.c, show_numa_map. */
static void
put_region(HvSimText *out, const HvSimWorld *world, const HvSimVm *vm,
           const HvSimRegion *region)
{
    const guint64 unit = is_hugetlb(region) ? 1 : region->page_bytes / HV_SIM_PAGE_BYTES;
    guint64 present = 0;

    for (guint node = 0; node < world->n_nodes; node++)
        present += region->on_node[node] * unit;
    hv_sim_printf(out, "%012" G_GINT64_MODIFIER "x default", region->address);
    if (is_hugetlb(region)) {
        hv_sim_text(out, " file=");
        put_path(out, vm, region);
        hv_sim_text(out, " huge");
    }
    if (present == 0) {
        hv_sim_text(out, "\n");
        return;
    }
    hv_sim_printf(out, " anon=%" G_GUINT64_FORMAT " dirty=%" G_GUINT64_FORMAT, present,
                  present);
    if (!is_hugetlb(region))
        hv_sim_text(out, " active=0");
    for (guint node = 0; node < world->n_nodes; node++)
        if (region->on_node[node])
            hv_sim_printf(out, " N%u=%" G_GUINT64_FORMAT, node, region->on_node[node] * unit);
    hv_sim_printf(out, " kernelpagesize_kB=%" G_GUINT64_FORMAT "\n",
                  (is_hugetlb(region) ? region->page_bytes : HV_SIM_PAGE_BYTES) / 1024);
}

static int
read_numa_maps(gpointer owner, gpointer data, HvSimText *out)
{
    const HvSimVm *vm = data;

    for (guint i = 0; i < 2; i++)
        put_own(out, vm, &own_mappings[i]);
    for (guint i = vm->regions->len; i-- > 0;) /* by rising address */
        put_region(out, owner, vm, &g_array_index(vm->regions, HvSimRegion, i));
    put_own(out, vm, &own_mappings[2]);
    return 0;
}

static void
put_range(HvSimText *out, guint64 address, guint64 bytes, const char *permissions)
{
    hv_sim_printf(out,
                  "%012" G_GINT64_MODIFIER "x-%012" G_GINT64_MODIFIER "x %s 00000000 00:00 0",
                  address, address + bytes, permissions);
}

static void
put_own_range(HvSimText *out, const OwnMapping *mapping)
{
    put_range(out, mapping->address, (guint64)mapping->n_pages * HV_SIM_PAGE_BYTES,
              mapping->permissions);
    hv_sim_printf(out, "                          %s\n", mapping->path);
}

static int
read_maps(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    const HvSimVm *vm = data;

    for (guint i = 0; i < 2; i++)
        put_own_range(out, &own_mappings[i]);
    for (guint i = vm->regions->len; i-- > 0;) {
        const HvSimRegion *region = &g_array_index(vm->regions, HvSimRegion, i);

        put_range(out, region->address, region->page_bytes * region->n_pages, "rw-p");
        if (is_hugetlb(region)) {
            hv_sim_text(out, "                          ");
            put_path(out, vm, region);
        }
        hv_sim_text(out, "\n");
    }
    put_own_range(out, &own_mappings[2]);
    return 0;
}

void
hv_sim_files_maps(HvSimFs *fs, HvSimWorld *world, HvSimVm *vm)
{
    static const HvSimFileClass numa_maps = { .read = read_numa_maps },
                                maps = { .read = read_maps };

    hv_sim_fs_filef(fs, &numa_maps, world, vm, "proc/%d/numa_maps", vm->pid);
    hv_sim_fs_filef(fs, &maps, world, vm, "proc/%d/maps", vm->pid);
}
