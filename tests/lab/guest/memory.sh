#!/bin/bash
# Inside the lab: pages move between nodes and nodes are bound as numastat, the kernel's lists and libvirt tell it;
# undo brings both back; what is a one-way door is refused.
# SPDX-License-Identifier: GPL-2.0-or-later
. ./lib.sh
kind=TCG
MIB=1048576

# domain NAME MIB PART-OF-XML: all of its memory is there from the start
domain() {
    cat >/run/"$1".xml <<X
<domain type='qemu'><name>$1</name><memory unit='MiB'>$2</memory><vcpu>2</vcpu>
<memoryBacking><allocation mode='immediate'/></memoryBacking>
<os><type arch='x86_64' machine='pc'>hvm</type></os>$3
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator><memballoon model='none'/>
<controller type='usb' model='none'/></devices></domain>
X
    virsh -q define /run/"$1".xml && virsh -q start "$1" && find_domain "$1"
}
numastat_of() { numastat -p "$1" | awk -v column=$(($2 + 2)) '/^Total/ {printf "%.0f", $column * 1048576}'; }
mems() { grep -h ^Mems_allowed_list: /proc/"${pid_of[$1]}"/task/*/status | sort -u | awk '{print $2}' | paste -sd' '; }
cpusets() { cat "${group_of[$1]}"/{emulator,vcpu0,vcpu1}/cpuset.mems.effective | sort -u | paste -sd' '; }
knob() { hv get "vm/$1/memory/$2" && awk '{print $3}' $out; }
mostly_on() { # NODE: as numastat counts, with what QEMU itself has
    holds "$(numastat_of "${pid_of[moving]}" "$1") >= 256 * $MIB"
}

domain moving 256 "" || bail "the domain does not start"
domain strict 64 "<numatune><memory mode='strict' nodeset='0'/></numatune>" || bail "the strict domain does not start"
# wherever it began, it is on node 0 now
migratepages "${pid_of[moving]}" 1 0
mems_before=$(mems moving) xml_before=$(virsh dumpxml --inactive moving)
claim "before: the kernel lets it use both nodes" is "$mems_before" 0-1
claim "hvtune reads the same" is "$(knob moving nodes)" 0-1
claim "its pages are on node 0" is "$(knob moving pages)" 0
claim "as numastat counts" mostly_on 0

claim "pages move to node 1" hv set --rate 64M vm/moving/memory/pages=1
claim "by numastat" mostly_on 1
claim "by hvtune" is "$(knob moving pages)" 1
claim "undo moves them back" hv undo
claim "by numastat again" mostly_on 0

claim "pages and then nodes are one plan" hv set vm/moving/memory/pages=1 vm/moving/memory/nodes=1
claim "pages are there by numastat" mostly_on 1
claim "every thread is bound there" is "$(mems moving)" 1
claim "and every group" is "$(cpusets moving)" 1
claim "libvirt says it" is "$(virsh -q numatune moving --live | awk '/numa_mode|numa_nodeset/ {print $3}' | paste -sd' ')" \
    "restrictive 1"
claim "undo takes both back" hv undo
claim "pages by numastat" mostly_on 0
claim "threads as before" is "$(mems moving)" "$mems_before"
claim "groups too" is "$(cpusets moving)" 0-1
claim "the persistent definition was not touched" is "$(virsh dumpxml --inactive moving)" "$xml_before"

claim "with --persist it is" hv set --persist vm/moving/memory/nodes=0
claim "in mode restrictive" grep -q "<memory mode='restrictive' nodeset='0'/>" <(virsh dumpxml --inactive moving)
claim "undo" hv undo
claim "restores the definition exactly" is "$(virsh dumpxml --inactive moving)" "$xml_before"
claim "and the threads" is "$(mems moving)" "$mems_before"

claim "a strict domain is refused with the rule" refused 1 "mode strict" set vm/strict/memory/nodes=0-1
claim "its pages too" refused 1 "on node 0 only" set vm/strict/memory/pages=1
claim "and is as it was" is "$(mems strict)" 0
claim "a node without memory is refused" refused 2 "no memory on node 5" set vm/moving/memory/pages=5
finish
