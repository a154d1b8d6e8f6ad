#!/bin/bash
# Inside the lab with systemd as PID 1: the cgroups of domains are found below machine.slice, read and changed right.
# SPDX-License-Identifier: GPL-2.0-or-later
. ./lib.sh
kind=TCG
lab-domain web1 1 64 spin && lab-domain db1 1 64 || bail "no domain starts"
find_domain web1
find_domain db1
web1=${tid_of[web1/0]}

claim "the domain lives in a scope of machine.slice" eval '[[ ${group_of[web1]} == */machine.slice/machine-qemu*web1.scope* ]]'
before "$web1" "${group_of[web1]}"
look --interval 2s vms vcpus
after "$web1" "${group_of[web1]}"
claim "both domains are there" is "$(say vms/web1/pid) $(say vms/db1/pid)" "${pid_of[web1]} ${pid_of[db1]}"
for vm in web1 db1; do
    for column in throttled_ratio psi_cpu_some_ratio psi_memory_some_ratio psi_io_some_ratio; do
        claim "$vm: $column is read from its cgroup" number vms/$vm/$column
    done
done
claim "the busy one is busy" near vms/web1/cpu_ratio "${own[$web1/run]}" 0.2

virsh -q schedinfo web1 --set vcpu_quota=20000 >/dev/null
before "$web1" "${group_of[web1]}"
look --interval 3s vms
after "$web1" "${group_of[web1]}"
claim "a quota shows as cpu.stat tells it" near vms/web1/throttled_ratio "${own[$web1/throttled]}" 0.2
claim "which is more than nothing" holds "$(say vms/web1/throttled_ratio) > 0.3"
virsh -q 'schedinfo web1 --set vcpu_quota=-1; vcpupin web1 0 0-7 --live; emulatorpin web1 0-7 --live' >/dev/null
host_state $scratch/state
claim "a vCPU and the emulator are pinned in one plan" hv set vm/web1/vcpu/0/cpus=4-7 vm/web1/emulator/cpus=1
claim "the kernel has both" eval "is_mask $web1 4-7 && is_mask ${pid_of[web1]} 1"
claim "their cgroups have them" eval "is_cpuset web1 vcpu0 4-7 && is_cpuset web1 emulator 1"
claim "virsh has the vCPU's" is "$(pinned web1 0)" 4-7
claim "undo takes back both" hv undo
claim "masks, cpusets and definitions are as before, byte for byte" same_state $scratch/state
finish
