/* The simulated libvirt's <numatune>: its rules for a running VM, and the time that the copying
 * takes. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/domain-xml.h"
#include "host/sim/files-private.h"
#include "host/sim/machine-private.h"

static gboolean
refuse(const HvSimVm *vm, const char *why, GError **error)
{
    g_set_error(error, HV_ERROR, HV_ERROR_REFUSED, "%s: Requested operation is not valid: %s",
                vm->name, why);
    return FALSE;
}

/* In libvirt's words (seen with 9.0). */
static gboolean
check_mode(const HvSimVm *vm, const HvGuestRequest *request, GError **error)
{
    const char *mode = vm->numatune_mode;

    if (!mode)
        return TRUE;
    if (request->restrictive && g_strcmp0(mode, "restrictive") != 0)
        return refuse(vm, "can't change numatune mode for running domain", error);
    return g_strcmp0(mode, "restrictive") == 0 ||
           refuse(vm, "change of nodeset for running domain requires restrictive numa mode",
                  error);
}

/* One that is given no mode becomes strict: nothing can be changed from then on. */
static gboolean
set_live(HvSimMachine *machine, HvSimVm *vm, const HvGuestRequest *request, GError **error)
{
    g_autofree char *path = NULL;
    char group[64];
    int result;

    if (!check_mode(vm, request, error))
        return FALSE;
    hv_sim_group_name(vm->threads->pdata[0], group, sizeof group);
    path = g_strdup_printf("sys/fs/cgroup/%s/%s/cpuset.mems", vm->cgroup, group);
    result = hv_sim_fs_write(machine->fs, path, request->nodes);
    if (result < 0) {
        g_set_error(error, HV_ERROR, HV_ERROR_REFUSED, "%s: Unable to write to '/%s': %s",
                    vm->name, path, g_strerror(-result));
        return FALSE;
    }
    if (!vm->numatune_mode)
        vm->numatune_mode = g_strdup(request->restrictive ? "restrictive" : "strict");
    g_free(vm->numatune_nodes);
    vm->numatune_nodes = g_strdup(request->nodes);
    machine->world->change++;
    return TRUE;
}

char *
hv_sim_run_numatune(HvSimMachine *machine, HvSimVm *vm, HvSimXml *definition,
                    const HvGuestRequest *request, GError **error)
{
    if (!request->persistent)
        return set_live(machine, vm, request, error) ? g_strdup("") : NULL;
    hv_sim_domain_numatune(definition, request->restrictive ? "restrictive" : NULL,
                           request->nodes);
    return g_strdup("");
}

char *
hv_sim_read_numatune(const HvSimVm *vm, const HvSimXml *definition,
                     const HvGuestRequest *request)
{
    const HvSimXml *tune, *memory;

    if (!request->persistent)
        return vm->numatune_mode
                   ? g_strdup_printf("%s %s", vm->numatune_mode, vm->numatune_nodes)
                   : g_strdup("");
    tune = hv_sim_xml_child(definition, "numatune", NULL, NULL);
    memory = tune ? hv_sim_xml_child(tune, "memory", NULL, NULL) : NULL;
    return memory ? g_strdup_printf("%s %s", hv_sim_xml_get(memory, "mode"),
                                    hv_sim_xml_get(memory, "nodeset"))
                  : g_strdup("");
}

/* The kernel returns from the write when all is copied; libvirt holds the VM's job for so long.
 */
gboolean
hv_sim_wait_for_mems(HvSimMachine *machine, const char *name, guint deadline_ms, GError **error)
{
    const gint64 until_ns =
        hv_sim_clock_ops.monotonic_ns(machine) + (gint64)deadline_ms * 1000000;

    for (;;) {
        gboolean is_moving;
        const HvSimVm *vm;
        gint64 now_ns;

        g_mutex_lock(&machine->lock);
        vm = hv_world_vm(machine->world, name);
        is_moving = vm && hv_world_follows_mems(machine->world, vm);
        now_ns = hv_sim_machine_now(machine);
        g_mutex_unlock(&machine->lock);
        if (!is_moving)
            return TRUE;
        if (now_ns >= until_ns) {
            g_set_error(error, HV_ERROR, HV_ERROR_TIMEOUT,
                        "libvirt: no answer for %u ms: unknown whether it happened",
                        deadline_ms);
            return FALSE;
        }
        hv_sim_clock_ops.wait_until(machine, now_ns + HV_SIM_STEP_NS, -1);
    }
}
