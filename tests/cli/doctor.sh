#!/bin/bash
# doctor: on hosts that lack one thing each, that it says so and what would cure it; on the captures.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/tap.sh"

if ! has jq; then
    echo "1..0 # SKIP no jq"
    exit 0
fi

# A host that has everything, of which each test takes something away.
make_all() {
    rm -rf "$scratch/all"
    make_host "$scratch/all"
    put dev/null ''
    put dev/kvm ''
    put proc/self/stat '1\n'
    put proc/self/schedstat '1 2 3\n'
    put proc/pressure/cpu 'some avg10=0.00 avg60=0.00 avg300=0.00 total=1\n'
    put proc/sys/kernel/perf_event_paranoid '-1\n'
    put proc/4711/numa_maps '\n'
    put proc/4800/numa_maps '\n'
    put sys/kernel/security/lockdown '[none] integrity confidentiality\n'
    put sys/kernel/debug/kvm/exits '1\n'
    put sys/kernel/tracing/events/kvm/enable '0\n'
    put sys/bus/event_source/devices/cpu/type '4\n'
    put sys/fs/cgroup/cgroup.controllers 'cpuset cpu io memory pids\n'
}
# row TABLE NAME: its state, why and cure
row() {
    jq -r --arg name "$2" ".tables.$1[] | select(.${1%s} == \$name) | \"\(.state)|\(.why)|\(.cure)\"" "$out"
}
# finds TABLE NAME STATE WHY CURE: words that why and cure hold
finds() {
    local found
    found=$(row "$1" "$2")
    echo "$found"
    case $found in "$3|"*"$4"*"|"*"$5"*) ;; *) return 1 ;; esac
}
# lacks TEXT FILE CHECK STATE WHY CURE: without FILE (or with the text it has now)
lacks() {
    make_all
    rm -rf "${scratch:?}/all/$2"
    look "$1" checks "$3" "$4" "$5" "$6"
}
look() {
    run --root "$scratch/all" doctor --json
    claim "$1" finds "$2" "$3" "$4" "$5" "$6"
}

make_all
run --root "$scratch/all" doctor --json
for each in kernel lockdown kvm schedstat pressure cgroup perf kvm-debugfs tracefs numa-maps; do
    claim "a host that has everything: $each is ok" finds checks $each ok '' null
done

lacks "without KVM: the module or the firmware" dev/kvm kvm absent /dev/kvm firmware
lacks "without schedstat: a kernel option" proc/self/schedstat schedstat absent schedstat CONFIG_SCHED_INFO
lacks "without pressure: psi=1" proc/pressure pressure absent /proc/pressure psi=1
lacks "without a PMU: the firmware, or the VM's XML" sys/bus/event_source/devices/cpu perf absent PMU firmware
lacks "without perf: a kernel option" proc/sys/kernel/perf_event_paranoid perf absent perf CONFIG_PERF_EVENTS
lacks "debugfs that is not mounted: mount" sys/kernel/debug/kvm kvm-debugfs absent 'not mounted' 'mount -t debugfs'
lacks "no tracing: a kernel option" sys/kernel/tracing tracefs absent tracing CONFIG_FTRACE
lacks "tracefs that is not mounted: mount" sys/kernel/tracing/events tracefs absent 'not mounted' 'mount -t tracefs'
lacks "tracefs without KVM: the module" sys/kernel/tracing/events/kvm tracefs absent KVM modprobe
lacks "numa_maps that are not there: a kernel option" proc/4800/numa_maps numa-maps absent numa_maps CONFIG_NUMA
lacks "no cgroup: mount" sys/fs/cgroup cgroup absent cgroup 'mount -t cgroup2'

make_all
put sys/fs/cgroup/cgroup.controllers 'cpuset cpu io pids\n'
look "a cgroup without memory: a boot option" checks cgroup absent 'without memory' cgroup_enable=memory
make_all
rm "$scratch/all/sys/fs/cgroup/cgroup.controllers"
mkdir -p "$scratch/all/sys/fs/cgroup/"{cpu,cpuset,memory}
look "cgroup version 1 does too" checks cgroup ok 'version 1' null
rmdir "$scratch/all/sys/fs/cgroup/cpuset"
look "unless a controller is missing" checks cgroup absent 'without cpuset' cgroup_disable=
make_all
put proc/sys/kernel/perf_event_paranoid '2\n'
look "perf that is closed: root, the setting or a capability" checks perf denied 'is 2' perf_event_paranoid=0
make_all
put sys/kernel/security/lockdown 'none [integrity] confidentiality\n'
look "lockdown: Secure Boot" checks lockdown denied '[integrity]' 'Secure Boot'
claim "it closes KVM's counters in debugfs" finds checks kvm-debugfs denied lockdown libvirt
make_all
mkdir "$scratch/all/sys/kernel/debug/tracing"
rm -r "$scratch/all/sys/kernel/debug/kvm"
look "debugfs without KVM: the module" checks kvm-debugfs absent KVM modprobe
if [ "$(id -u)" -ne 0 ]; then
    make_all
    chmod 0 "$scratch/all/sys/kernel/debug" "$scratch/all/sys/kernel/tracing" "$scratch/all/proc/4800/numa_maps"
    look "debugfs that is closed: root" checks kvm-debugfs denied debug sudo
    claim "tracefs too" finds checks tracefs denied tracing sudo
    claim "numa_maps too" finds checks numa-maps denied numa_maps cap_sys_ptrace
    chmod 0755 "$scratch/all/sys/kernel/debug" "$scratch/all/sys/kernel/tracing"
else
    skip "what is closed to users" "root may read all"
fi

make_all
put proc/filesystems 'nodev\tsysfs\nnodev\tresctrl\n'
look "resctrl that is not mounted: mount" sources resctrl absent 'not mounted' 'mount -t resctrl'
make_all
put proc/cpuinfo 'processor\t: 0\nflags\t\t: fpu rdt_a cat_l3 cqm_llc\n'
put proc/filesystems 'nodev\tsysfs\n'
look "a kernel without resctrl: its option" sources resctrl absent kernel CONFIG_X86_CPU_RESCTRL
put proc/cpuinfo 'processor\t: 0\nflags\t\t: fpu sse2\n'
look "a cpu without RDT: nothing cures that" sources resctrl absent 'this cpu' null

make_all
rm -rf "$scratch/all/dev" "$scratch/all/proc/self" "$scratch/all/sys/bus" "$scratch/all/sys/fs"
run --root "$scratch/all" doctor --json
for each in kvm schedstat perf cgroup; do
    claim "what nobody captured is not said to be missing: $each" finds checks $each absent capture null
done

shared=${HVTUNE_SHARED:-$(cd "$(dirname "$0")/../../.." && pwd)/shared}
if [ -d "$shared/hosts/host" ]; then
    for path in "$shared"/hosts/host/*/; do
        name=$(basename "$path")
        run --root "$path" doctor --json
        claim "$name: doctor succeeds" worked
        case $name in
        rdt-*) claim "$name: resctrl works" finds sources resctrl ok '' null ;;
        *) claim "$name: resctrl is absent" finds sources resctrl absent '' '' ;;
        esac
        claim "$name: no cure is offered for what was not captured" json \
            '.tables.checks | all(.why != "this capture does not tell" or .cure == null)'
    done
else
    skip "the captures" "they are not here"
fi
finish
