#!/bin/bash
# Inside the lab: what hvtune says of two sockets and of two domains that spin, pins and their undo, a cpu taken
# offline, libvirtd killed; each against the kernel's, libvirt's or hwloc's own word.
# SPDX-License-Identifier: GPL-2.0-or-later
. ./lib.sh
case $1 in
intel) kind=TCG is_tcg=true ;;
amd) kind=KVM is_tcg=false ;;
esac
lab-domain web1 2 64 spin && lab-domain db1 1 64 spin || bail "no domain starts"
find_domain web1
find_domain db1
web1=${tid_of[web1/0]} db1=${tid_of[db1/0]}
threads="$web1 ${group_of[web1]} $db1 ${group_of[db1]}"

# ---- the machine ----

# shellcheck disable=SC2086 # $threads are four words
before $threads
look --interval 2s host nodes cpus vms vcpus
# shellcheck disable=SC2086
after $threads
for node in 0 1; do
    while read -r _ _ name kib _; do
        case $name in MemTotal:) total[node]=$((kib * 1024)) ;; MemFree:) free[node]=$((kib * 1024)) ;; esac
    done </sys/devices/system/node/node$node/meminfo
done

claim "two packages, two nodes, two L3s, four cores, eight cpus, all online" \
    is "$(say host/lab/n_packages) $(say host/lab/n_nodes) $(say host/lab/n_llcs) $(say host/lab/n_cores) $(say host/lab/n_cpus) $(say host/lab/n_cpus_online)" "2 2 2 4 8 8"
claim "lstopo counts the same" is "$(lstopo-no-graphics --of console --no-io |
    awk '{p += /Package L#/; n += /NUMANode L#/; l += /L3 L#/; c += gsub(/Core L#/, ""); u += gsub(/PU L#/, "")} END {print p, n, l, c, u}')" "2 2 2 4 8"

ours='' theirs='' our_cores='' their_cores=''
for cpu in 0 1 2 3 4 5 6 7; do
    ours+="$cpu on node $(say cpus/$cpu/node) package $(say cpus/$cpu/package) L3 $(say cpus/$cpu/llc) online $(say cpus/$cpu/online); "
    node_of $cpu
    theirs+="$cpu on node $word"
    sysfs $cpu topology/physical_package_id
    theirs+=" package $word"
    sysfs $cpu cache/index3/id
    theirs+=" L3 $word online true; "
    sysfs $cpu topology/thread_siblings_list
    expand "${word/-/-}"
    their_cores+="$list; "
    list=
    for other in 0 1 2 3 4 5 6 7; do [ "$(say cpus/$other/core)" != "$(say cpus/$cpu/core)" ] || list+="$other "; done
    our_cores+="${list% }; "
done
claim "each cpu is on the node, package and L3 that sysfs says" is "$ours" "$theirs"
claim "siblings have the same core, others do not" is "$our_cores" "$their_cores"
ours=
for node in 0 1; do
    expand "$(say nodes/$node/cpus)"
    ours+="$list / "
done
claim "numactl -H gives each node the same cpus" is "$ours" "$(numactl -H | sed -n 's/^node [01] cpus: //p' | tr '\n' '/' | sed 's,/, / ,g')"
claim "each node's memory is what sysfs says, to the byte" \
    is "$(say nodes/0/memory_total_bytes) $(say nodes/1/memory_total_bytes)" "${total[0]} ${total[1]}"
for node in 0 1; do
    claim "node $node's free memory is within 5 % of sysfs" near nodes/$node/memory_free_bytes ${free[node]} ${free[node]}*0.05
done
claim "each node is on its own package" is "$(say nodes/0/package) $(say nodes/1/package)" "0 1"

# ---- the domains ----

vms_of() { # the names in the facts, sorted
    local name names=
    for name in "${!fact[@]}"; do
        case $name in vms/*/vm) names+="${fact[$name]}"$'\n' ;; esac
    done
    sort <<<"${names%$'\n'}" | tr '\n' ' '
}
claim "virsh lists the same domains" is "$(vms_of)" "$(virsh -q list --name | sed '/^$/d' | sort | tr '\n' ' ')"
claim "each has libvirt's uuid" is "$(say vms/web1/uuid) $(say vms/db1/uuid)" "$(virsh -q 'domuuid web1; domuuid db1' | sed '/^$/d' | paste -sd' ')"
claim "its QEMU's pid" is "$(say vms/web1/pid) $(say vms/db1/pid)" "${pid_of[web1]} ${pid_of[db1]}"
claim "its number of vCPUs, its memory" is "$(say vms/web1/n_vcpus) $(say vms/db1/n_vcpus) $(say vms/web1/memory_bytes)" "2 1 67108864"
claim "a vCPU's thread is the one the kernel calls CPU n/$kind" \
    is "$(say vcpus/web1/0/tid) $(say vcpus/web1/1/tid) $(say vcpus/db1/0/tid)" "$web1 ${tid_of[web1/1]} $db1"
claim "emulated or not is told" is "$(say vms/web1/tcg) $(say vms/db1/tcg)" "$is_tcg $is_tcg"
claim "both are libvirt's, and run" \
    is "$(say vms/web1/in_libvirt) $(say vms/db1/in_libvirt) $(say vms/web1/state) $(say vms/db1/state)" "true true running running"
placed() { # VM/VCPU: it may run where the kernel says, ran last on one of these, on that cpu's node
    mask "${tid_of[$1]}" && is "$(say "vcpus/$1/cpus_allowed")" "$word" || return 1
    expand "$word"
    [[ " $list " == *" $(say "vcpus/$1/cpu") "* ]] || { echo "cpu $(say "vcpus/$1/cpu") is not among $list"; return 1; }
    node_of "$(say "vcpus/$1/cpu")" && is "$(say "vcpus/$1/node")" "$word"
}
for vcpu in web1/0 web1/1 db1/0; do claim "$vcpu: allowed cpus, last cpu, its node" placed $vcpu; done
read -ra stat <"/proc/${pid_of[web1]}/task/${tid_of[web1/1]}/stat" # its name, CPU 1/TCG, is two words: field 39 is 40th
claim "a vCPU that sleeps is where the kernel saw it last" is "$(say vcpus/web1/1/cpu)" "${stat[39]}"

# ---- their time ----

claim "a busy domain takes its cpu" holds "$(say vms/web1/cpu_ratio) > 0.5 && $(say vms/db1/cpu_ratio) > 0.5"
claim "as much as schedstat says" near vcpus/db1/0/run_ratio "${own[$db1/run]}" 0.15
claim "its idle vCPU does not" holds "$(say vcpus/web1/1/run_ratio) < 0.2"
claim "nothing throttles it" is "$(say vms/db1/throttled_ratio)" 0
if [ $kind = KVM ]; then
    claim "most of it is the guest's" holds "$(say vcpus/db1/0/guest_ratio) > 0.3"
    claim "halt polling is read from KVM's debugfs" number vms/web1/halt_poll_ratio
    claim "and overhead can be told" number vms/web1/overhead_ratio
else
    claim "an emulated domain has no guest time, which is not 0" is "$(say vms/db1/guest_cpu_ratio)" null
fi

host_state $scratch/state.never
hv set --dry-run 'vm/*/vcpu/0/cpus=6'
claim "the plan of a first pin says that it leaves a trace" is "$(grep -c 'leaves a trace' $out)" 2
hv set 'vm/*/vcpu/0/cpus=6'
# shellcheck disable=SC2086
before $threads
look --interval 4s vms vcpus
# shellcheck disable=SC2086
after $threads
claim "two that spin, put on one cpu by a glob, run there" \
    is "$(say vcpus/web1/0/cpu) $(say vcpus/db1/0/cpu) $(say vcpus/web1/0/node) $(say vcpus/db1/0/node)" "6 6 1 1"
for vm in web1 db1; do
    tid=${tid_of[$vm/0]}
    claim "$vm waits for it" holds "$(say vms/$vm/wait_max_ratio) > 0.2"
    claim "$vm waits as long as schedstat says" near vms/$vm/wait_max_ratio "${own[$tid/wait]}" 0.15
    claim "$vm: its first vCPU is the worst" is "$(say vms/$vm/wait_max_vcpu)" 0
    claim "$vm: pressure is that of its cgroup" near vms/$vm/psi_cpu_some_ratio "${own[$tid/some]}" 0.25
    claim "$vm: pressure of memory and io are numbers" eval "number vms/$vm/psi_memory_some_ratio && number vms/$vm/psi_io_some_ratio"
done
hv undo
traces() { # all but the cpusets of what was pinned, which libvirt now names, is as it was; these differ from all cpus in no way
    same_state $scratch/state.never | grep '^[<>]' | grep -vE '^< [^ ]*/vcpu0/cpuset\.cpus:$|^> [^ ]*/vcpu0/cpuset\.cpus:0-7$'
}
claim "after undo that trace is all that is left" is "$(traces)" ""

virsh -q schedinfo db1 --set vcpu_quota=20000 >/dev/null
before "$db1" "${group_of[db1]}"
look --interval 3s vms vcpus
after "$db1" "${group_of[db1]}"
claim "a quota of a fifth throttles a domain that spins" holds "$(say vms/db1/throttled_ratio) > 0.3"
claim "for as long as cpu.stat says" near vms/db1/throttled_ratio "${own[$db1/throttled]}" 0.2
claim "the kernel counts that as waiting" holds "${own[$db1/wait]} > 0.5"
claim "hvtune does not" holds "$(say vms/db1/wait_max_ratio) < 0.2"
claim "the other is not throttled" is "$(say vms/web1/throttled_ratio)" 0
# Two that spin fill the machine below; from here on they need not, until libvirtd is killed.
virsh -q 'schedinfo db1 --set vcpu_quota=-1; suspend web1; suspend db1' >/dev/null

# ---- interrupts ----

interrupts() { # by interrupt and node, as hvtune does; those without a column for each cpu have no node
    awk -v nodes="0 0 0 0 1 1 1 1" 'BEGIN {split(nodes, node, " ")}
        NR == 1 {n = NF; next}
        {sub(/:/, "", $1); alone = NF < n + 1
         for (i = 2; i <= n + 1 && i <= NF; i++) sum[$1 " " (alone ? "null" : node[i - 1])] += $i}
        END {for (each in sum) print each, sum[each]}' /proc/interrupts | sort
}
interrupts >$scratch/irqs.before
hv snapshot --json --interval 0 interrupts
interrupts >$scratch/irqs.after
jq -r '.tables.interrupts[] | "\(.irq) \(.node) \(.count)"' $out | sort >$scratch/irqs.ours
claim "hvtune has the interrupts and nodes of /proc/interrupts" \
    diff <(cut -d' ' -f1,2 $scratch/irqs.before) <(cut -d' ' -f1,2 $scratch/irqs.ours)
claim "each count lies between awk's before and after" awk '
    {key = $1 " " $2}
    FILENAME ~ /before/ {low[key] = $3}
    FILENAME ~ /after/ {high[key] = $3}
    FILENAME ~ /ours/ && ($3 < low[key] || $3 > high[key]) {print; bad = 1}
    FILENAME ~ /ours/ {n++}
    END {exit bad || n < 20}' $scratch/irqs.before $scratch/irqs.after $scratch/irqs.ours

# ---- pins ----

# From here on every thread has an explicit pin, so that undo has nothing to leave behind.
virsh -q 'vcpupin web1 0 0-7 --live; vcpupin web1 1 0-7 --live; emulatorpin web1 0-7 --live'
host_state $scratch/state

claim "a vCPU is pinned to the cpus of node 1" hv set vm/web1/vcpu/0/cpus=4-7
claim "the kernel has it" is_mask "$web1" 4-7
claim "taskset says so" is "$(taskset -cp "$web1" | sed 's/.*: //')" 4-7
claim "its cgroup has it" is_cpuset web1 vcpu0 4-7
claim "virsh vcpupin has it" is "$(pinned web1 0)" 4-7
claim "nothing else moved" eval "! same_state $scratch/state >$scratch/diff; is \"\$(grep '^[<>]' $scratch/diff | grep -cvE '/task/$web1/status|/vcpu0/cpuset')\" 0"
claim "undo takes it back" hv undo
claim "masks, cpusets and definitions are as before, byte for byte" same_state $scratch/state

claim "the emulator is pinned" hv set vm/web1/emulator/cpus=5
claim "its main thread has it" is_mask "${pid_of[web1]}" 5
claim "its cgroup has it" is_cpuset web1 emulator 5
claim "virsh emulatorpin has it" is "$(virsh -q emulatorpin web1 --live | awk '{print $NF}')" 5
claim "undo takes it back" hv undo
claim "to what all was, byte for byte" same_state $scratch/state

claim "--persist pins now and for the next start" hv set vm/web1/vcpu/1/cpus=6 --persist
claim "the thread" is_mask "${tid_of[web1/1]}" 6
claim "and the definition on disk" grep -q "<vcpupin vcpu='1' cpuset='6'/>" /etc/libvirt/qemu/web1.xml
claim "undo takes back both" hv undo
claim "to the definition that was there, byte for byte" same_state $scratch/state

# ---- a cpu taken offline ----

drawn() { local word; for word in "$@"; do grep -qF "$word" $out || { echo "no $word"; cat $out; return 1; }; done; }
hv shot map --size 80x24
claim "the map draws both packages and nodes" drawn "Package 0" "Package 1" "Node 0" "Node 1"
claim "and nothing offline" eval "! grep -i offline $out"
echo 0 >/sys/devices/system/cpu/cpu5/online
host_state $scratch/state.offline
hv shot map --size 80x24
claim "it names a cpu that is offline" eval "grep -iqE 'offline.*\\b5\\b' $out || { cat $out; false; }"
look --interval 0 host cpus nodes
claim "the tables too" is "$(say host/lab/n_cpus) $(say host/lab/n_cpus_online) $(say cpus/5/online) $(say cpus/4/online) $(say nodes/1/cpus)" \
    "8 7 false true 4,6-7"
claim "a pin to it is refused" refused 2 offline set vm/web1/vcpu/0/cpus=5
claim "and changes nothing" same_state $scratch/state.offline
echo 1 >/sys/devices/system/cpu/cpu5/online
claim "online again it can be had" hv set vm/web1/vcpu/0/cpus=5
claim "by the kernel's word" is_mask "$web1" 5
claim "and undone" hv undo
claim "so that all is as before it went" same_state $scratch/state

# ---- libvirtd killed ----

virsh -q 'resume web1; resume db1' >/dev/null
read -r libvirtd < <(pgrep -x libvirtd)
kill -9 "$libvirtd"
within 10 eval "! kill -0 $libvirtd 2>/dev/null"
look vms vcpus sources
claim "with libvirtd killed both domains are there by name" is "$(vms_of)" "db1 web1 "
claim "their vCPUs too" is "$(say vcpus/web1/0/tid) $(say vcpus/web1/1/tid) $(say vcpus/db1/0/tid)" "$web1 ${tid_of[web1/1]} $db1"
claim "and what they do" holds "$(say vms/web1/cpu_ratio) > 0.5 && $(say vms/db1/cpu_ratio) > 0.5"
claim "libvirt is not called well" eval "[ '$(say sources/libvirt/state)' != ok ] && [ '$(say sources/libvirt/why | tr -d "'")' != null ]"
claim "a pin fails: the host cannot" refused 3 libvirt set vm/web1/vcpu/0/cpus=4
claim "and changes nothing" same_state $scratch/state
libvirtd -d
within 30 timeout 20 virsh -q list >/dev/null 2>&1
look --interval 0 vms sources
claim "started again libvirtd is used again" is "$(say sources/libvirt/state) $(say vms/web1/in_libvirt) $(say vms/db1/in_libvirt)" "ok true true"
finish
