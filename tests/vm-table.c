/* A small table of VMs for the tests of lists and filters. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/vm-table.h"

enum { VM, UUID, STATE, HOME, NODES, CPU, WAIT, MEMORY, LIBVIRT };
static const HvColumn vm_columns[] = {
    [VM] = { "vm", HV_KIND_KEY, HV_UNIT_NONE, "" },
    [UUID] = { "uuid", HV_KIND_TEXT, HV_UNIT_NONE, "" },
    [STATE] = { "state", HV_KIND_TEXT, HV_UNIT_NONE, "" },
    [HOME] = { "home_node", HV_KIND_U64, HV_UNIT_NONE, "" },
    [NODES] = { "nodes", HV_KIND_SET, HV_UNIT_NONE, "" },
    [CPU] = { "cpu_ratio", HV_KIND_F64, HV_UNIT_RATIO, "" },
    [WAIT] = { "wait_max_ratio", HV_KIND_F64, HV_UNIT_RATIO, "" },
    [MEMORY] = { "memory_bytes", HV_KIND_U64, HV_UNIT_BYTES, "" },
    [LIBVIRT] = { "in_libvirt", HV_KIND_BOOL, HV_UNIT_NONE, "" },
    { 0 },
};
const HvSchema hv_test_vms_schema = { .name = "vms", .columns = vm_columns };

const HvTestVm hv_test_vms[] = {
    { "web-10", "aaaa1111-00db", "running", 0, "0", 0.881, 0.094, G_GUINT64_CONSTANT(1) << 30 },
    { "redis-1", "bbbb2222-00fa", "running", 1, "0-1", 4.12, 0.012,
      G_GUINT64_CONSTANT(8) << 30 },
    { "web-2", "cccc3333-0000", "paused", -1, "1", -1, -1, G_GUINT64_CONSTANT(4) << 30 },
    { "idle-9", "dddd4444-0000", "running", 0, "0", 0.002, 0.012, G_GUINT64_CONSTANT(2) << 30 },
    { NULL },
};

void
hv_test_put_vm(HvSink *sink, const HvTestVm *vm)
{
    hv_row(sink, vm->vm);
    hv_text(sink, UUID, vm->uuid);
    hv_text(sink, STATE, vm->state);
    if (vm->home >= 0)
        hv_u64(sink, HOME, (guint64)vm->home);
    hv_text(sink, NODES, vm->nodes);
    if (vm->cpu >= 0)
        hv_f64(sink, CPU, vm->cpu);
    else if (vm->cpu < -1)
        hv_none(sink, CPU, HV_MARK_FAILED, "no such process");
    if (vm->wait >= 0)
        hv_f64(sink, WAIT, vm->wait);
    hv_u64(sink, MEMORY, vm->memory_bytes);
    hv_bool(sink, LIBVIRT, vm->home != 0);
}
