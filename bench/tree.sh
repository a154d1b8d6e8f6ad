#!/bin/sh
# Makes a synthetic captured tree: N QEMU processes of M vCPUs on a two-socket, 128-cpu host, for bench/tick.
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: tree.sh DIR N_VMS N_VCPUS
set -eu
dir=$1 n_vms=$2 n_vcpus=$3
mkdir -p "$dir"
exec awk -v dir="$dir" -v n_vms="$n_vms" -v n_vcpus="$n_vcpus" '
function put(path, text,    name) {
    name = dir "/" path
    printf "%s", text >name
    close(name)
}
function folder(path) {
    folders = folders " " dir "/" path
    if (length(folders) > 60000) make_folders()
}
function make_folders() {
    if (folders != "") system("mkdir -p" folders)
    folders = ""
}
function stat_line(pid, comm, cpu,    i, line) {
    line = pid " (" comm ") S 1 " pid " " pid " 0 -1 4194304 100 0 7 0 4000 900 0 0 20 0 4 0 " 100000 + pid
    for (i = 23; i <= 52; i++)
        line = line " " (i == 39 ? cpu : i == 43 ? 3500 : 0)
    return line "\n"
}
BEGIN {
    n_cpus = 128
    folder("proc/sys/kernel"); folder("etc")
    for (cpu = 0; cpu < n_cpus; cpu++) {
        folder("sys/devices/system/cpu/cpu" cpu "/topology")
        folder("sys/devices/system/cpu/cpu" cpu "/cache/index3")
    }
    folder("sys/devices/system/node/node0"); folder("sys/devices/system/node/node1")
    for (vm = 1; vm <= n_vms; vm++)
        for (thread = 0; thread <= n_vcpus; thread++)
            folder("proc/" (10000 + vm * 100) "/task/" (10000 + vm * 100 + thread))
    make_folders()
    put("proc/sys/kernel/hostname", "synthetic\n")
    put("sys/devices/system/cpu/online", "0-127\n")
    put("sys/devices/system/cpu/present", "0-127\n")
    put("sys/devices/system/cpu/possible", "0-127\n")
    put("sys/devices/system/node/online", "0-1\n")
    stat = "cpu  1 1 1 1 1 1 1 1 1 1\n"
    for (cpu = 0; cpu < n_cpus; cpu++) {
        core = cpu % 64; package = core < 32 ? 0 : 1
        t = "sys/devices/system/cpu/cpu" cpu "/"
        put(t "topology/physical_package_id", package "\n")
        put(t "topology/core_id", core % 32 "\n")
        put(t "topology/thread_siblings_list", core "," core + 64 "\n")
        put(t "cache/index3/level", "3\n"); put(t "cache/index3/type", "Unified\n")
        put(t "cache/index3/id", package "\n"); put(t "cache/index3/size", "42M\n")
        put(t "cache/index3/shared_cpu_list", package ? "32-63,96-127\n" : "0-31,64-95\n")
        stat = stat "cpu" cpu " 1000 0 500 90000 10 5 3 2 700 0\n"
    }
    put("proc/stat", stat "intr 123456 0\nctxt 1\nbtime 1700000000\n")
    for (node = 0; node < 2; node++) {
        t = "sys/devices/system/node/node" node "/"
        put(t "cpulist", node ? "32-63,96-127\n" : "0-31,64-95\n")
        put(t "distance", node ? "21 10\n" : "10 21\n")
        put(t "meminfo", "Node " node " MemTotal: 268435456 kB\nNode " node " MemFree: 134217728 kB\n")
        put(t "numastat", "numa_hit 5\nnuma_miss 0\nnuma_foreign 0\ninterleave_hit 0\nlocal_node 4\nother_node 1\n")
    }
    for (vm = 1; vm <= n_vms; vm++) {
        pid = 10000 + vm * 100; t = "proc/" pid "/"
        put(t "comm", "qemu-system-x86\n")
        put(t "cmdline", "qemu-system-x86_64\0-name\0guest=vm-" vm ",debug-threads=on\0-uuid\0" \
            sprintf("00000000-0000-4000-8000-%012d", vm) "\0")
        put(t "stat", stat_line(pid, "qemu-system-x86", 0))
        put(t "status", "Name:\tqemu-system-x86\nVmSwap:\t0 kB\nRssAnon:\t65536 kB\nCpus_allowed_list:\t0-127\n")
        put(t "cgroup", "0::/machine.slice/machine-qemu-" vm ".scope/libvirt/emulator\n")
        for (thread = 0; thread <= n_vcpus; thread++) {
            tid = pid + thread; u = t "task/" tid "/"
            comm = thread ? "CPU " thread - 1 "/KVM" : "qemu-system-x86"
            put(u "comm", comm "\n")
            put(u "stat", stat_line(tid, comm, (vm * n_vcpus + thread) % n_cpus))
            put(u "status", "Name:\t" comm "\nState:\tS (sleeping)\nCpus_allowed_list:\t0-127\n" \
                "voluntary_ctxt_switches:\t1000\nnonvoluntary_ctxt_switches:\t10\n")
            put(u "schedstat", "123456789000 98765432 4242\n")
            put(u "cgroup", "0::/machine.slice/machine-qemu-" vm ".scope/libvirt/vcpu" thread - 1 "\n")
        }
    }
}'
