/* What the files of the simulated machine have in common. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/files-private.h"

#include "host/sim/kernel-text.h"

#include <errno.h>
#include <string.h>

void
hv_sim_set(HvSimText *out, const HvSet *set)
{
    int first = set ? hv_set_next(set, -1) : -1;
    gboolean is_begun = FALSE;

    while (first >= 0) {
        int last = first, next;

        while ((next = hv_set_next(set, last)) == last + 1)
            last = next;
        if (is_begun)
            hv_sim_text(out, ",");
        is_begun = TRUE;
        hv_sim_u64(out, (guint64)first);
        if (last > first) {
            hv_sim_text(out, "-");
            hv_sim_u64(out, (guint64)last);
        }
        first = next;
    }
}

void
hv_sim_mask(HvSimText *out, const HvSet *set, guint n_bits)
{
    const guint n_words = MAX((n_bits + 31) / 32, 1);

    for (guint word = n_words; word-- > 0;) {
        const guint n_here =
            MIN(n_bits - word * 32, 32); /* the first word is as short as it can be */
        guint32 bits = 0;

        for (guint bit = 0; bit < 32; bit++)
            if (set && hv_set_has(set, word * 32 + bit))
                bits |= 1u << bit;
        hv_sim_printf(out, "%0*x%s", (int)(n_here + 3) / 4, bits, word ? "," : "");
    }
}

HvSet *
hv_sim_write_set(const char *text, guint n, int *errnum)
{
    HvSet *set = hv_set_new();

    *errnum = -hv_kernel_parse_list(text, n, set);
    if (*errnum)
        g_clear_pointer(&set, hv_set_free);
    return set;
}

guint64
hv_sim_ticks(double ns)
{
    return ns > 0 ? (guint64)(ns / HV_SIM_TICK_NS) : 0;
}

gboolean
hv_sim_kernel_is(const HvSimWorld *world, guint major, guint minor)
{
    char *rest = NULL;
    const guint64 found = g_ascii_strtoull(world->geometry.kernel, &rest, 10);

    return found > major ||
           (found == major && *rest == '.' && g_ascii_strtoull(rest + 1, NULL, 10) >= minor);
}

gboolean
hv_sim_vhost_is_kernel(const HvSimWorld *world)
{
    return !hv_sim_kernel_is(world, 6, 4);
}

void
hv_sim_group_name(const HvSimThread *thread, char *name, gsize size)
{
    *name = '\0';
    if (!thread->vm || !thread->vm->in_libvirt)
        return;
    if (thread->role == HV_THREAD_VCPU)
        (void)g_snprintf(name, size, "libvirt/vcpu%u", thread->index);
    else if (thread->role == HV_THREAD_IOTHREAD)
        (void)g_snprintf(name, size, "libvirt/iothread%u", thread->index);
    else
        (void)g_strlcpy(name, "libvirt/emulator", size);
}

guint64
hv_sim_vm_bytes(const HvSimWorld *world, const HvSimVm *vm, int cell, HvSimPageKind kind)
{
    guint64 bytes = 0;

    for (guint node = 0; node < world->n_nodes; node++)
        bytes += hv_world_resident_bytes(vm, cell, kind, node);
    return bytes;
}

gboolean
hv_sim_irq_is_of(const HvSimIrq *irq, const char *pci)
{
    return irq->chip && strstr(irq->chip, pci) != NULL;
}

guint
hv_sim_vm_first_node(const HvSimVm *vm)
{
    for (guint i = 0; i < vm->regions->len; i++) {
        const HvSimRegion *region = &g_array_index(vm->regions, HvSimRegion, i);

        for (guint node = 0; node < HV_SIM_MAX_NODES; node++)
            if (region->on_node[node])
                return node;
    }
    return 0;
}
