/* The simulated machine's list of VMs, as libvirt and procfs would tell it. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/guests-private.h"
#include "host/sim/files-private.h"

static void
add_threads(HvGuest *guest, const HvSimWorld *world, const HvSimVm *vm)
{
    guest->n_threads = vm->threads->len;
    guest->threads = g_new0(HvThread, vm->threads->len);
    for (guint i = 0; i < vm->threads->len; i++) {
        const HvSimThread *thread = vm->threads->pdata[i];

        guest->threads[i] = (HvThread){ .tid = thread->tid,
                                        .role = thread->role,
                                        .index = thread->index,
                                        .start_ticks = thread->start_ticks,
                                        .kernel = thread->role == HV_THREAD_VHOST &&
                                                  hv_sim_vhost_is_kernel(world) };
    }
}

static const char *
reason_of(const HvSimVm *vm)
{
    if (!vm->in_libvirt)
        return "";
    return vm->state == HV_GUEST_RUNNING  ? "booted"
           : vm->state == HV_GUEST_PAUSED ? "user"
                                          : "";
}

static char **
copy_pins(char **pins)
{
    return pins ? g_strdupv(pins) : NULL;
}

static char **
list_cells(const HvSimVm *vm)
{
    char **cells = vm->in_libvirt && vm->n_cells > 1 ? g_new0(char *, vm->n_cells + 1) : NULL;

    for (guint cell = 0; cells && cell < vm->n_cells; cell++) {
        g_autoptr(HvSet) vcpus = hv_set_new();

        for (guint i = 0; i < vm->threads->len; i++) {
            const HvSimThread *thread = vm->threads->pdata[i];

            if (thread->role == HV_THREAD_VCPU && thread->cell == cell)
                hv_set_add(vcpus, thread->index);
        }
        cells[cell] = hv_set_to_text(vcpus);
    }
    return cells;
}

static HvGuest *
make_guest(const HvSimWorld *world, const HvSimVm *vm)
{
    HvGuest *guest = hv_guest_new();

    guest->name = g_strdup(vm->name);
    guest->uuid = g_strdup(vm->uuid ? vm->uuid : "");
    guest->domain_id = vm->in_libvirt ? vm->domain_id : -1;
    guest->pid = vm->pid;
    guest->start_ticks = vm->start_ticks;
    guest->state = vm->in_libvirt ? vm->state : HV_GUEST_UNKNOWN;
    guest->state_reason = g_strdup(reason_of(vm));
    guest->n_vcpus = vm->n_vcpus;
    guest->memory_bytes = vm->memory_bytes;
    guest->in_libvirt = vm->in_libvirt;
    guest->persistent = vm->persistent;
    guest->tcg = vm->tcg;
    guest->owner = g_strdup(vm->owner ? vm->owner : "");
    guest->launch_security = g_strdup(vm->launch_security ? vm->launch_security : "");
    guest->job = g_strdup("");
    guest->cgroup = vm->cgroup && *vm->cgroup ? g_strconcat("sys/fs/cgroup/", vm->cgroup, NULL)
                                              : g_strdup("");
    guest->cgroup_memory = g_strdup(guest->cgroup);
    guest->cgroup_pressure = g_strdup(guest->cgroup);
    guest->cgroup_v2 = TRUE;
    guest->vcpu_pins = copy_pins(vm->vcpu_pins);
    guest->emulator_pin = g_strdup(vm->emulator_pin);
    guest->iothread_pins = copy_pins(vm->iothread_pins);
    guest->cell_cpus = list_cells(vm);
    guest->passthrough = vm->passthrough ? g_strdupv(vm->passthrough) : g_new0(char *, 1);
    guest->tap_names = vm->tap_names ? g_strdupv(vm->tap_names) : g_new0(char *, 1);
    guest->seen_since_ns = vm->started_ns;
    guest->apic = vm->in_libvirt ? vm->apic : 0;
    add_threads(guest, world, vm);
    return guest;
}

HvGuestList *
hv_sim_guests(const HvSimWorld *world, HvGuestList *old)
{
    const HvGuestList flags = { .libvirt_connected = TRUE };
    GPtrArray *guests = g_ptr_array_sized_new(world->vms->len);

    for (guint i = 0; i < world->vms->len; i++)
        if (!((const HvSimVm *)world->vms->pdata[i])->is_gone)
            g_ptr_array_add(guests, make_guest(world, world->vms->pdata[i]));
    return hv_guest_list_new(guests, &flags, old);
}
