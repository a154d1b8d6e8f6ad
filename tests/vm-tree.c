/* VMs in a private tree: the process, threads and cgroups of QEMU as procfs would show them. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/vm-tree.h"

#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define START_TICKS 4242

void
hv_test_rewrite(const HvTestTree *tree, const char *path, const char *text)
{
    g_autofree char *full = g_build_filename(tree->path, path, NULL);
    g_autofree char *directory = g_path_get_dirname(full);
    FILE *file;

    g_assert_cmpint(g_mkdir_with_parents(directory, 0755), ==, 0);
    file = g_fopen(full, "w");
    g_assert_nonnull(file);
    g_assert_cmpint(fputs(text, file), >=, 0);
    g_assert_cmpint(fclose(file), ==, 0);
}

void
hv_test_rewrite_printf(const HvTestTree *tree, const char *path, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    hv_test_rewrite(tree, path, text);
}

static void
write_stat(const HvTestTree *tree, const char *directory, int id, const char *comm,
           const HvTestVcpu *vcpu)
{
    g_autofree char *path = g_strdup_printf("%s/stat", directory);

    hv_test_rewrite_printf(
        tree, path,
        "%d (%s) %c 1 1 1 0 -1 4194560 10 0 7 0 %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
        " 0 0 20 0 9 0 %d 1000000 500 18446744073709551615 1 1 0 0 0 0 0 0 0 0 "
        "0 0 17 %u 0 0 0 %" G_GUINT64_FORMAT " 0 0 0 0 0 0 0 0 0\n",
        id, comm, vcpu->state ? vcpu->state : 'S', vcpu->user_ticks, vcpu->system_ticks,
        START_TICKS, vcpu->cpu, vcpu->guest_ticks);
}

static void
write_status(const HvTestTree *tree, const char *directory, const char *comm, int pid, int id,
             const HvTestVcpu *vcpu)
{
    g_autofree char *path = g_strdup_printf("%s/status", directory);

    hv_test_rewrite_printf(
        tree, path,
        "Name:\t%s\nTgid:\t%d\nPid:\t%d\nPPid:\t1\nVmRSS:\t  204800 kB\nHugetlbPages:\t  2048 "
        "kB\n"
        "VmSwap:\t  1024 "
        "kB\nCpus_allowed_list:\t%s\nvoluntary_ctxt_switches:\t%" G_GUINT64_FORMAT
        "\nnonvoluntary_ctxt_switches:\t0\n",
        comm, pid, id, vcpu->allowed ? vcpu->allowed : "0-3", vcpu->switches);
}

static void
write_thread(const HvTestTree *tree, int pid, int tid, const char *comm, const HvTestVcpu *vcpu)
{
    g_autofree char *directory = g_strdup_printf("proc/%d/task/%d", pid, tid);
    g_autofree char *comm_path = g_strdup_printf("%s/comm", directory);
    g_autofree char *schedstat_path = g_strdup_printf("%s/schedstat", directory);

    hv_test_rewrite_printf(tree, comm_path, "%s\n", comm);
    hv_test_rewrite_printf(tree, schedstat_path,
                           "%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " 5\n", vcpu->run_ns,
                           vcpu->wait_ns);
    write_stat(tree, directory, tid, comm, vcpu);
    write_status(tree, directory, comm, pid, tid, vcpu);
}

void
hv_test_vm_set_vcpu(const HvTestTree *tree, int pid, guint index, const HvTestVcpu *vcpu)
{
    g_autofree char *comm = g_strdup_printf("CPU %u/KVM", index);

    write_thread(tree, pid, pid + 1 + (int)index, comm, vcpu);
}

void
hv_test_vm_remove_vcpu(const HvTestTree *tree, int pid, guint index)
{
    static const char *const names[] = { "comm", "schedstat", "stat", "status", "" };

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path =
            g_strdup_printf("proc/%d/task/%d/%s", pid, pid + 1 + (int)index, names[i]);

        hv_test_tree_remove(tree, path);
    }
}

static void
write_command_line(const HvTestTree *tree, int pid, const char *name)
{
    g_autofree char *path = g_strdup_printf("%s/proc/%d/cmdline", tree->path, pid);
    g_autofree char *line =
        g_strdup_printf("qemu-system-x86_64|-name|guest=%s,debug-threads=on|-uuid|"
                        "00000000-0000-4000-8000-%012d|-accel|kvm|",
                        name, pid);
    const gsize length = strlen(line);
    g_autoptr(GError) error = NULL;

    g_strdelimit(line, "|", '\0');
    g_file_set_contents(path, line, (gssize)length, &error);
    g_assert_no_error(error);
}

void
hv_test_vm_add(const HvTestTree *tree, int pid, const char *name, guint n_vcpus)
{
    static const HvTestVcpu idle;
    g_autofree char *directory = g_strdup_printf("proc/%d", pid);
    g_autofree char *comm_path = g_strdup_printf("proc/%d/comm", pid);
    g_autofree char *cgroup_path = g_strdup_printf("proc/%d/cgroup", pid);

    write_thread(tree, pid, pid, "qemu-system-x86", &idle);
    for (guint i = 0; i < n_vcpus; i++)
        hv_test_vm_set_vcpu(tree, pid, i, &idle);
    hv_test_rewrite(tree, comm_path, "qemu-system-x86\n");
    hv_test_rewrite_printf(tree, cgroup_path,
                           "0::/machine.slice/machine-%s.scope/libvirt/emulator\n", name);
    write_stat(tree, directory, pid, "qemu-system-x86", &idle);
    write_status(tree, directory, "qemu-system-x86", pid, pid, &idle);
    write_command_line(tree, pid, name);
}

static void
add_cpu(const HvTestTree *tree, guint cpu, guint node, GString *stat)
{
    g_autofree char *directory = g_strdup_printf("sys/devices/system/cpu/cpu%u", cpu);
    g_autofree char *core = g_strdup_printf("%s/topology/core_id", directory);
    g_autofree char *package = g_strdup_printf("%s/topology/physical_package_id", directory);
    g_autofree char *siblings = g_strdup_printf("%s/topology/thread_siblings_list", directory);
    g_autofree char *link = g_strdup_printf("%s/node%u", directory, node);

    hv_test_rewrite_printf(tree, core, "%u\n", cpu);
    hv_test_rewrite(tree, package, "0\n");
    hv_test_rewrite_printf(tree, siblings, "%u\n", cpu);
    hv_test_tree_mkdir(tree, link);
    g_string_append_printf(stat, "cpu%u 10 0 10 1000 0 0 0 0 0 0\n", cpu);
}

void
hv_test_host_add(const HvTestTree *tree, guint n_nodes, guint n_cpus)
{
    const guint per_node = n_cpus / n_nodes;
    g_autoptr(GString) stat = g_string_new("cpu  10 0 10 1000 0 0 0 0 0 0\n");

    for (guint cpu = 0; cpu < n_cpus; cpu++)
        add_cpu(tree, cpu, cpu / per_node, stat);
    for (guint node = 0; node < n_nodes; node++) {
        g_autofree char *cpus = g_strdup_printf("sys/devices/system/node/node%u/cpulist", node);
        g_autofree char *memory =
            g_strdup_printf("sys/devices/system/node/node%u/meminfo", node);
        g_autofree char *numastat =
            g_strdup_printf("sys/devices/system/node/node%u/numastat", node);

        hv_test_rewrite_printf(tree, cpus, "%u-%u\n", node * per_node,
                               (node + 1) * per_node - 1);
        hv_test_rewrite_printf(
            tree, memory,
            "Node %u MemTotal:       4194304 kB\nNode %u MemFree:        1048576 kB\n", node,
            node);
        hv_test_rewrite(tree, numastat, "numa_hit 9\nlocal_node 8\nother_node 1\n");
    }
    hv_test_rewrite_printf(tree, "sys/devices/system/node/online", "0-%u\n", n_nodes - 1);
    hv_test_rewrite_printf(tree, "sys/devices/system/cpu/online", "0-%u\n", n_cpus - 1);
    hv_test_rewrite_printf(tree, "sys/devices/system/cpu/present", "0-%u\n", n_cpus - 1);
    g_string_append(stat, "intr 1234 1 2 3\nctxt 5\n");
    hv_test_rewrite(tree, "proc/stat", stat->str);
    hv_test_rewrite(tree, "proc/sys/kernel/hostname", "testhost\n");
}

void
hv_test_assert_near_at(const char *where, const char *what, double found, double expected)
{
    if (fabs(found - expected) > 1e-9 * MAX(1.0, fabs(expected)))
        g_error("%s: %s is %.12g, not %.12g", where, what, found, expected);
}
