/* The simulated machine's KVM: the modules' parameters, and debugfs with the counts of each VM.
 */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/files-private.h"
#include "host/sim/kernel-text.h"

#include <errno.h>

#define DEBUGFS "sys/kernel/debug/kvm"
/* QEMU's descriptor of the VM, a part of the directory's name. */
#define VM_DESCRIPTOR 13

/* ---- parameters ---- */

static int
read_halt_poll(gpointer owner, gpointer data G_GNUC_UNUSED, HvSimText *out)
{
    hv_sim_u64(out, ((const HvSimWorld *)owner)->halt_poll_ns);
    hv_sim_text(out, "\n");
    return 0;
}

/* An unsigned int of the module's: param_set_uint in kernel/params.c. */
static int
write_halt_poll(gpointer owner, gpointer data G_GNUC_UNUSED, const char *text,
                gsize length G_GNUC_UNUSED)
{
    HvSimWorld *world = owner;
    guint64 value;

    if (hv_kernel_u64(text, 0, G_MAXUINT32, &value) != 0)
        return -EINVAL;
    world->halt_poll_ns = value;
    world->change++;
    return 0;
}

static int
read_apicv(gpointer owner, gpointer data G_GNUC_UNUSED, HvSimText *out)
{
    hv_sim_text(out, ((const HvSimWorld *)owner)->apicv ? "Y\n" : "N\n");
    return 0;
}

static int
read_ksm(gpointer owner, gpointer data G_GNUC_UNUSED, HvSimText *out)
{
    hv_sim_printf(out, "%u\n", ((const HvSimWorld *)owner)->ksm);
    return 0;
}

static int
read_ksm_sharing(gpointer owner, gpointer data G_GNUC_UNUSED, HvSimText *out)
{
    hv_sim_u64(out, ((const HvSimWorld *)owner)->ksm_pages_sharing);
    hv_sim_text(out, "\n");
    return 0;
}

/* Source: kernel Documentation/admin-guide/mm/ksm.rst; 2 unmerges all and stops. */
static int
write_ksm(gpointer owner, gpointer data G_GNUC_UNUSED, const char *text,
          gsize length G_GNUC_UNUSED)
{
    HvSimWorld *world = owner;
    guint64 value;

    if (hv_kernel_u64(text, 10, 2, &value) != 0)
        return -EINVAL;
    world->ksm = (guint)value;
    if (value == 2)
        world->ksm_pages_sharing = 0;
    world->change++;
    return 0;
}

/* ---- debugfs ---- */

static int
read_count(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    const double *count = data;

    hv_sim_u64(out, *count > 0 ? (guint64)*count : 0);
    hv_sim_text(out, "\n");
    return 0;
}

static int
read_tid(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    hv_sim_printf(out, "%d\n", ((const HvSimThread *)data)->tid);
    return 0;
}

/* Polls of other sorts than those that found work are not told apart: they are in the one
 * number. */
void
hv_sim_files_kvm_vm(HvSimFs *fs, HvSimWorld *world, HvSimVm *vm)
{
    static const HvSimFileClass count = { .read = read_count }, tid = { .read = read_tid };

    if (vm->tcg)
        return;
    for (guint i = 0; i < HV_KVM_N_COUNTS; i++)
        hv_sim_fs_filef(fs, &count, world,
                        i == HV_KVM_HALT_POLL_SUCCESS_NS ? &vm->halt_poll_ns : &vm->kvm[i],
                        DEBUGFS "/%d-%d/%s", vm->pid, VM_DESCRIPTOR, hv_kvm_count_name(i));
    for (guint i = 0; i < vm->threads->len; i++) {
        HvSimThread *thread = vm->threads->pdata[i];

        if (thread->role == HV_THREAD_VCPU)
            hv_sim_fs_filef(fs, &tid, world, thread, DEBUGFS "/%d-%d/vcpu%u/pid", vm->pid,
                            VM_DESCRIPTOR, thread->index);
    }
}

void
hv_sim_files_kvm_vm_gone(HvSimFs *fs, const HvSimVm *vm)
{
    g_autofree char *directory = g_strdup_printf(DEBUGFS "/%d-%d", vm->pid, VM_DESCRIPTOR);

    hv_sim_fs_remove(fs, directory);
}

/* ---- the vendor's module ---- */

guint
hv_sim_kvm_users(const HvSimWorld *world)
{
    guint n = 0;

    for (guint i = 0; i < world->vms->len; i++) {
        const HvSimVm *vm = world->vms->pdata[i];

        n += !vm->is_gone && !vm->tcg;
    }
    return n;
}

static int
read_refcnt(gpointer owner, gpointer data G_GNUC_UNUSED, HvSimText *out)
{
    hv_sim_printf(out, "%u\n", hv_sim_kvm_users(owner));
    return 0;
}

/* apicv and avic are 0444: another value needs the module loaded anew. */
void
hv_sim_files_module(HvSimFs *fs, HvSimWorld *world)
{
    static const HvSimFileClass apicv = { .read = read_apicv }, refcnt = { .read = read_refcnt };
    const gboolean is_intel = world->geometry.vendor == HV_SIM_INTEL;
    const char *module = is_intel ? "kvm_intel" : "kvm_amd";

    hv_sim_fs_filef(fs, &apicv, world, NULL, "sys/module/%s/parameters/%s", module,
                    is_intel ? "enable_apicv" : "avic");
    hv_sim_fs_filef(fs, &refcnt, world, NULL, "sys/module/%s/refcnt", module);
    hv_sim_fs_textf(fs, is_intel ? "Y\n" : "1\n", "sys/module/%s/parameters/nested", module);
}

void
hv_sim_files_kvm(HvSimFs *fs, HvSimWorld *world)
{
    static const HvSimFileClass halt_poll = { .read = read_halt_poll,
                                              .write = write_halt_poll },
                                ksm = { .read = read_ksm, .write = write_ksm },
                                sharing = { .read = read_ksm_sharing };

    hv_sim_fs_file(fs, "sys/module/kvm/parameters/halt_poll_ns", &halt_poll, world, NULL);
    hv_sim_files_module(fs, world);
    hv_sim_fs_dir(fs, "etc/modprobe.d", NULL, NULL, NULL);
    hv_sim_fs_file(fs, "sys/kernel/mm/ksm/run", &ksm, world, NULL);
    hv_sim_fs_file(fs, "sys/kernel/mm/ksm/pages_sharing", &sharing, world, NULL);
    hv_sim_fs_text(fs, "sys/kernel/mm/ksm/merge_across_nodes", "1\n");
    hv_sim_fs_text(fs, "sys/kernel/mm/transparent_hugepage/enabled",
                   "[always] madvise never\n");
    hv_sim_fs_text(fs, "sys/kernel/mm/transparent_hugepage/defrag",
                   "always defer defer+madvise [madvise] never\n");
    hv_sim_fs_dir(fs, DEBUGFS, NULL, NULL, NULL);
    for (guint i = 0; i < world->vms->len; i++)
        hv_sim_files_kvm_vm(fs, world, world->vms->pdata[i]);
}
