/* Puts VMs, their threads and their pages on the simulated machine, as a scenario describes
 * them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/physics-private.h"
#include "host/sim/scenario-private.h"

#define FIRST_PID 4000
#define PIDS_APART 97
#define TICKS_PER_S 100
#define AGE_S 400000 /* of the oldest VM; each one after it is younger */

static guint64
page_size(HvSimPageKind kind)
{
    switch (kind) {
    case HV_SIM_PAGES_4K:
        return 4096;
    case HV_SIM_PAGES_THP:
    case HV_SIM_PAGES_HUGE_2M:
        return 2 * HV_SIM_MIB;
    case HV_SIM_PAGES_HUGE_1G:
        return HV_SIM_GIB;
    }
    g_return_val_if_reached(4096);
}

/* The same for a name in every run. */
static char *
uuid_of(const char *name)
{
    guint a = g_str_hash(name), b = a * 2654435761u + 1, c = b * 2654435761u + 3;

    return g_strdup_printf("%08x-%04x-4%03x-8%03x-%08x%04x", a, b >> 16, b & 0xfff, c >> 20,
                           c * 40503u, a >> 16);
}

static HvSimThread *
add_thread(HvSimWorld *world, HvSimVm *vm, GPtrArray *list, int tid, HvThreadRole role,
           guint index, const char *comm)
{
    HvSimThread *thread = g_new0(HvSimThread, 1);

    thread->tid = tid;
    thread->vm = vm;
    thread->role = role;
    thread->index = index;
    thread->start_ticks = vm ? vm->start_ticks : (guint)tid;
    g_strlcpy(thread->comm, comm, sizeof thread->comm);
    thread->cpus_wanted = hv_set_new();
    thread->cpus_cgroup = hv_set_new();
    thread->cpus_allowed = hv_set_new();
    thread->arrived_ns = world->now_ns;
    thread->speed = 1;
    g_ptr_array_add(list, thread);
    g_hash_table_insert(world->by_tid, GINT_TO_POINTER(tid), thread);
    return thread;
}

static HvSet *
cpus_of(const char *list)
{
    HvSet *set = hv_set_parse(list, NULL);

    g_assert(set && !hv_set_is_empty(set));
    return set;
}

static void
want(HvSimWorld *world, HvSimThread *thread, const HvSet *cpus)
{
    hv_set_assign(thread->cpus_wanted, cpus);
    thread->cpu = (guint)hv_set_next(cpus, -1);
    hv_world_place(world, thread);
}

/* vCPU @index of its cell's @n begins on the cpu of its order and stays there, or may go to all
 * of them. */
static void
place_vcpu(HvSimWorld *world, HvSimThread *thread, const HvSimVmSpec *spec, const HvSet *cpus,
           guint order)
{
    g_autoptr(HvSet) one = hv_set_new();
    guint n_cpus = hv_set_count(cpus);
    guint skip = order % n_cpus;

    HV_SET_FOREACH(cpu, cpus)
    if (skip-- == 0) {
        hv_set_add(one, (guint)cpu);
        break;
    }
    want(world, thread, one);
    if (spec->one_to_one)
        return;
    if (spec->unpinned)
        hv_set_add_range(thread->cpus_wanted, 0, world->n_cpus - 1);
    else
        hv_set_assign(thread->cpus_wanted, cpus);
    hv_world_place(world, thread);
}

static void
add_vcpus(HvSimWorld *world, HvSimVm *vm, const HvSimVmSpec *spec)
{
    GPtrArray *pins = g_ptr_array_new();
    guint per_cell = spec->n_vcpus / vm->n_cells;

    for (guint i = 0; i < spec->n_vcpus; i++) {
        guint cell = MIN(i / per_cell, vm->n_cells - 1);
        g_autoptr(HvSet) cpus = cpus_of(spec->cells[cell].cpus);
        char comm[16];
        HvSimThread *thread;

        g_snprintf(comm, sizeof comm, "CPU %u/%s", i, vm->tcg ? "TCG" : "KVM");
        thread =
            add_thread(world, vm, vm->threads, vm->pid + 3 + (int)i, HV_THREAD_VCPU, i, comm);
        thread->cell = cell;
        place_vcpu(world, thread, spec, cpus, i - cell * per_cell);
        g_ptr_array_add(pins,
                        spec->unpinned ? g_strdup("") : hv_set_to_text(thread->cpus_wanted));
    }
    g_ptr_array_add(pins, NULL);
    vm->vcpu_pins = (char **)g_ptr_array_free(pins, FALSE);
}

/* Emulator, iothreads and vhost workers: beside the vCPUs unless said otherwise. */
static void
add_other_threads(HvSimWorld *world, HvSimVm *vm, const HvSimVmSpec *spec)
{
    g_autoptr(HvSet) cpus = hv_set_new();
    int tid = vm->pid + 3 + (int)spec->n_vcpus;
    char comm[16];

    if (spec->emulator_cpus) {
        g_autoptr(HvSet) given = cpus_of(spec->emulator_cpus);

        hv_set_union(cpus, given);
        vm->emulator_pin = hv_set_to_text(cpus);
    } else if (spec->unpinned) {
        hv_set_add_range(cpus, 0, world->n_cpus - 1);
    } else {
        for (guint i = 0; i < spec->n_vcpus; i++)
            hv_set_union(cpus, ((HvSimThread *)vm->threads->pdata[i])->cpus_wanted);
    }
    want(world,
         add_thread(world, vm, vm->threads, vm->pid, HV_THREAD_EMULATOR, 0, "qemu-system-x86"),
         cpus);
    for (guint i = 0; i < spec->n_iothreads; i++, tid++) {
        g_snprintf(comm, sizeof comm, "IO iothread%u", i + 1);
        want(world, add_thread(world, vm, vm->threads, tid, HV_THREAD_IOTHREAD, i + 1, comm),
             cpus);
    }
    for (guint i = 0; i < spec->n_vhosts; i++, tid++) {
        g_snprintf(comm, sizeof comm, "vhost-%d", vm->pid);
        want(world, add_thread(world, vm, vm->threads, tid, HV_THREAD_VHOST, i, comm), cpus);
    }
}

/* Of the pages of a class, the next one's node, so that the shares come out evenly spread. */
static guint
next_node(const HvSimWorld *world, const double *share, double *credit)
{
    guint best = HV_SIM_NO_NODE;
    double most = 0.5;

    for (guint k = 0; k < world->n_nodes; k++) {
        credit[k] += share[k];
        if (credit[k] >= most) {
            most = credit[k];
            best = k;
        }
    }
    if (best != HV_SIM_NO_NODE)
        credit[best] -= 1;
    return best;
}

#define FIRST_ADDRESS G_GUINT64_CONSTANT(0x7e0000000000) /* of the last cell */
#define HOT_OF_100 15                                    /* pages, model */
#define BUSY_OF_100 1

static void
add_region(HvSimWorld *world, HvSimVm *vm, const HvSimVmSpec *spec, guint cell)
{
    double credit[2][HV_SIM_MAX_NODES] = { { 0 } };
    guint64 page_bytes = page_size(spec->pages);
    HvSimRegion *region;

    g_array_set_size(vm->regions, cell + 1);
    region = &g_array_index(vm->regions, HvSimRegion, cell);
    region->cell = cell;
    region->kind = spec->pages;
    region->page_bytes = page_bytes;
    region->address = FIRST_ADDRESS + (vm->number % 16) * 16 * HV_SIM_GIB +
                      (vm->n_cells - 1 - cell) * (vm->memory_bytes + HV_SIM_GIB);
    region->n_pages = (guint)(vm->memory_bytes / vm->n_cells / page_bytes);
    region->node_of = g_malloc(region->n_pages);
    region->flags = g_malloc0(region->n_pages);
    memset(region->node_of, HV_SIM_NO_NODE, region->n_pages);
    for (guint i = 0; i < region->n_pages; i++) {
        guint scattered = i * 2654435761u >> 8;
        gboolean hot = scattered % 100 < HOT_OF_100;
        guint node;

        if (hot)
            region->flags[i] |= HV_SIM_PAGE_HOT;
        if (scattered / 100 % 100 < BUSY_OF_100)
            region->flags[i] |= HV_SIM_PAGE_BUSY;
        region->n_hot += hot ? 1 : 0;
        node =
            next_node(world, hot ? spec->cells[cell].hot : spec->cells[cell].cold, credit[hot]);
        hv_sim_page_put(world, region, i, node);
    }
}

/* systemd's name of the machine's scope: '-' is written \x2d. */
char *
hv_sim_scope_of(int id, const char *name)
{
    g_auto(GStrv) parts = g_strsplit(name, "-", -1);
    g_autofree char *escaped = g_strjoinv("\\x2d", parts);

    return g_strdup_printf("machine.slice/machine-qemu\\x2d%d\\x2d%s.scope", id, escaped);
}

static void
name_vm(HvSimWorld *world, HvSimVm *vm, const HvSimVmSpec *spec)
{
    guint n = vm->number;
    gint64 age_s = MAX(600, AGE_S / (gint64)(n + 1));

    vm->pid = FIRST_PID + PIDS_APART * (int)n;
    vm->in_libvirt = !spec->not_in_libvirt;
    if (!vm->in_libvirt)
        vm->pid = 4711; /* which is its name too; no other pid lies near */
    vm->name = g_strdup(spec->name);
    vm->uuid = uuid_of(spec->name);
    vm->domain_id = vm->in_libvirt ? (int)n + 1 : -1;
    vm->start_ticks = (guint64)(world->now_ns / 1000000000 - age_s) * TICKS_PER_S;
    vm->started_ns = world->epoch_ns + world->now_ns - age_s * 1000000000;
    vm->persistent = vm->in_libvirt && !spec->transient;
    vm->owner = g_strdup(spec->owner ? spec->owner : "");
    vm->cgroup = vm->in_libvirt ? hv_sim_scope_of(vm->domain_id, vm->name)
                                : g_strdup_printf("system.slice/vm-%d.service", vm->pid);
}

static void
limit_vm(HvSimVm *vm, const HvSimVmSpec *spec)
{
    const char *passthrough[] = { spec->passthrough, NULL };
    char *taps[] = { NULL, NULL };

    vm->memory_bytes = spec->memory_bytes;
    vm->state = spec->state;
    vm->pinned_pages = spec->pinned_pages || spec->passthrough;
    vm->launch_security = g_strdup(spec->launch_security ? spec->launch_security : "");
    vm->passthrough = g_strdupv((char **)(gpointer)passthrough);
    if (spec->n_vhosts)
        taps[0] = g_strdup_printf("vnet%u", vm->number);
    vm->tap_names = g_strdupv(taps);
    g_free(taps[0]);
    vm->mems = hv_set_new();
    vm->hard_limit_bytes = spec->hard_limit_bytes ? spec->hard_limit_bytes : G_MAXUINT64;
    vm->soft_limit_bytes = G_MAXUINT64;
    vm->swap_limit_bytes = spec->swap_limit_bytes ? spec->swap_limit_bytes : G_MAXUINT64;
    vm->balloon_bytes = spec->balloon_bytes ? spec->balloon_bytes : spec->memory_bytes;
    vm->cpu_weight = spec->cpu_weight ? spec->cpu_weight : 100;
    vm->quota_us = spec->quota_us ? spec->quota_us : -1;
    vm->period_us = 100000;
    vm->apic = HV_APIC_KNOWN | HV_APIC_PIT_DISCARD;
    if (spec->apicv_inhibited)
        vm->apic |= HV_APIC_SYNIC;
    vm->load = spec->load;
}

HvSimVm *
hv_sim_add_vm(HvSimWorld *world, const HvSimVmSpec *spec)
{
    HvSimVm *vm = hv_sim_vm_alloc();

    vm->number = world->vms->len;
    name_vm(world, vm, spec);
    limit_vm(vm, spec);
    vm->n_vcpus = spec->n_vcpus;
    vm->n_cells = spec->cells[1].cpus ? 2 : 1;
    g_ptr_array_add(world->vms, vm);
    add_vcpus(world, vm, spec);
    add_other_threads(world, vm, spec);
    for (guint cell = 0; cell < vm->n_cells; cell++)
        add_region(world, vm, spec, cell);
    return vm;
}

static const struct {
    int tid;
    const char *comm;
    double demand;
} host_threads[] = {
    { 1, "systemd", 0.004 },      { 2, "kthreadd", 0.0001 },       { 14, "ksoftirqd/0", 0.002 },
    { 15, "rcu_preempt", 0.006 }, { 391, "kswapd0", 0.0005 },      { 392, "kswapd1", 0.0005 },
    { 902, "irqbalance", 0.002 }, { 940, "libvirtd", 0.03 },       { 951, "sshd", 0.0005 },
    { 977, "dockerd", 0.01 },     { 1003, "node_exporter", 0.02 },
};

void
hv_sim_add_host_threads(HvSimWorld *world)
{
    g_autoptr(HvSet) all = hv_set_new();

    hv_set_add_range(all, 0, world->n_cpus - 1);
    for (guint i = 0; i < G_N_ELEMENTS(host_threads); i++) {
        HvSimThread *thread = add_thread(world, NULL, world->host_threads, host_threads[i].tid,
                                         HV_THREAD_WORKER, i, host_threads[i].comm);

        want(world, thread, all);
        thread->demand = host_threads[i].demand;
    }
}

HvSimDevice *
hv_sim_add_device(HvSimWorld *world, const char *pci, guint pci_class, const char *os_name,
                  int node, double dma_bytes_per_s, HvSimVm *vm)
{
    HvSimDevice *device = g_new0(HvSimDevice, 1);

    device->pci = g_strdup(pci);
    device->class_name = g_strdup(pci_class >> 16 == 2 ? "net" : "block");
    device->os_name = g_strdup(os_name);
    device->pci_class = pci_class;
    device->node = node;
    device->dma_bytes_per_s = dma_bytes_per_s;
    device->vm = vm;
    g_ptr_array_add(world->devices, device);
    return device;
}

#define FIRST_IRQ 24

/* As its driver calls it: "nvme0q3", "vfio-msix[3](0000:b1:00.0)", "eth0-TxRx-3". */
static char *
irq_name(const HvSimDevice *device, const char *name, guint i)
{
    if (g_str_has_prefix(name, "vfio"))
        return g_strdup_printf("%s[%u](%s)", name, i, device->pci);
    if (g_str_has_prefix(name, "nvme")) /* queue 0 is for administration and not managed */
        return g_strdup_printf("%s%u", name, i + 1);
    return g_strdup_printf("%s-%u", name, i);
}

void
hv_sim_add_irqs(HvSimWorld *world, const HvSimDevice *device, const char *name, guint n,
                const char *cpus, gboolean managed, double per_s, HvSimVm *vm)
{
    g_autoptr(HvSet) set = cpus_of(cpus);
    int cpu = -1;

    for (guint i = 0; i < n; i++) {
        HvSimIrq *irq = g_new0(HvSimIrq, 1);

        cpu = hv_set_next(set, cpu);
        if (cpu < 0)
            cpu = hv_set_next(set, -1);
        irq->irq = FIRST_IRQ + world->irqs->len;
        irq->name = irq_name(device, name, i);
        irq->chip = g_strdup_printf("PCI-MSIX-%s   %u-edge", device->pci, i);
        irq->cpus = hv_set_new();
        hv_set_add(irq->cpus, (guint)cpu);
        irq->cpu = irq->balanced = (guint)cpu;
        irq->managed = managed;
        irq->node = device->node;
        irq->per_s = per_s / n;
        irq->vm = vm;
        irq->counts = g_new0(double, world->n_cpus);
        g_ptr_array_add(world->irqs, irq);
    }
}

void
hv_sim_add_usual(HvSimWorld *world, const char *nic_cpus, double nic_irqs_per_s)
{
    static const char *const disks[] = { "0000:65:00.0", "0000:ca:00.0" };
    const HvSimDevice *device =
        hv_sim_add_device(world, "0000:17:00.0", 0x020000, "eth0", 0, 6e8, NULL);

    hv_sim_add_host_threads(world);
    hv_sim_add_irqs(world, device, "eth0-TxRx", 16, nic_cpus, FALSE, nic_irqs_per_s, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(disks); i++) {
        guint n = MIN(32, world->geometry.cores_per_package),
              first = i * world->geometry.cores_per_package;
        g_autofree char *cpus = g_strdup_printf("%u-%u", first, first + n - 1);
        g_autofree char *name = g_strdup_printf("nvme%un1", i);
        g_autofree char *queues = g_strdup_printf("nvme%uq", i);

        device = hv_sim_add_device(world, disks[i], 0x010802, name, (int)i, 4e8, NULL);
        hv_sim_add_irqs(world, device, queues, n, cpus, TRUE, 10000, NULL);
    }
}

void
hv_sim_add_watch(HvSimWorld *world, const char *name, const char *vm,
                 double (*value)(const HvSimWorld *world, const HvSimVm *vm))
{
    HvSimWatch *watch = g_new0(HvSimWatch, 1);

    watch->name = g_strdup(name);
    watch->value = value;
    watch->vm = hv_world_vm(world, vm);
    g_assert(watch->vm);
    g_ptr_array_add(world->watches, watch);
}

double
hv_sim_watch_p99(const HvSimWorld *world G_GNUC_UNUSED, const HvSimVm *vm)
{
    return vm->p99_ms;
}

double
hv_sim_watch_work(const HvSimWorld *world G_GNUC_UNUSED, const HvSimVm *vm)
{
    return vm->work_per_s;
}
