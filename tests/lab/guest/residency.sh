#!/bin/bash
# Inside the lab: what hvtune says of where three domains' memory is (one plain, one of two cells, one in huge pages that
# no control group counts), against numastat and the kernel's own files; and again after migratepages.
# SPDX-License-Identifier: GPL-2.0-or-later
. ./lib.sh
kind=TCG
MIB=1048576
node=/sys/devices/system/node/node

# domain NAME MIB PART-OF-XML: all of its memory is there from the start
domain() {
    cat >/run/"$1".xml <<X
<domain type='qemu'><name>$1</name><memory unit='MiB'>$2</memory><vcpu>2</vcpu>
<memoryBacking>${4:-}<allocation mode='immediate'/></memoryBacking>
<os><type arch='x86_64' machine='pc'>hvm</type></os>$3
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator><memballoon model='none'/>
<controller type='usb' model='none'/></devices></domain>
X
    virsh -q define /run/"$1".xml && virsh -q start "$1" && find_domain "$1"
}
cell() { echo "<cell id='$1' cpus='$1' memory='96' unit='MiB'/>"; }
memnode() { echo "<memnode cellid='$1' mode='strict' nodeset='$2'/>"; }

domain plain 256 "" || bail "the plain domain does not start"
domain cells 192 "<numatune>$(memnode 0 1)$(memnode 1 0)</numatune>
    <cpu mode='custom'><model>qemu64</model><numa>$(cell 0)$(cell 1)</numa></cpu>" ||
    bail "the domain of two cells does not start"
mkdir -p /dev/hugepages
mountpoint -q /dev/hugepages || mount -t hugetlbfs none /dev/hugepages
echo 80 >${node}1/hugepages/hugepages-2048kB/nr_hugepages
has_huge=yes
domain huge 128 "" "<hugepages/>" 2>$scratch/huge || {
    # libvirtd looks for such mounts when it starts
    pkill -x libvirtd
    within 10 eval '! pgrep -x libvirtd >/dev/null'
    libvirtd -d
    within 30 timeout 20 virsh -q list >/dev/null 2>&1
    domain huge 128 "" "<hugepages/>" 2>$scratch/huge || has_huge=no
}

# bytes FILTER: of the rows of residency that fit; 0 without
bytes() { jq -r "[.tables.residency[] | select($1) | .resident_bytes] | add // 0" $out; }
# numastat_of PID NODE: bytes that numastat counts there
numastat_of() { numastat -p "$1" | awk -v column=$(($2 + 2)) '/^Total/ {printf "%.0f", $column * 1048576}'; }
source_of() { jq -r "[.tables.residency[] | select(.vm == \"$1\") | .source] | unique | join(\" \")" $out; }
# agrees VM BYTES: on each node as much as numastat counts, but for these
agrees() {
    local on
    for on in 0 1; do
        holds "$(bytes ".vm == \"$1\" and .node == $on") - $(numastat_of "${pid_of[$1]}" $on) <= $2 &&
            $(numastat_of "${pid_of[$1]}" $on) - $(bytes ".vm == \"$1\" and .node == $on") <= $2" || return 1
    done
}
see() { hv snapshot --json --interval 3s residency vms; }
vm() { jq -r ".tables.vms[] | select(.vm == \"$1\") | .$2" $out; }

see
claim "a plain domain is read from its control group" is "$(source_of plain)" memory.numa_stat
claim "its memory is there" holds "$(bytes '.vm == "plain"') >= 256 * $MIB"
claim "on each node as numastat counts, within 32 MiB" agrees plain $((32 * MIB))
claim "it can be moved" is "$(jq -c '[.tables.residency[] | select(.vm == "plain") | .movable] | unique' $out)" "[true]"
claim "cells are read from numa_maps" is "$(source_of cells)" numa_maps
claim "on each node as numastat counts, within 1 MiB" agrees cells $MIB
claim "the first cell is all on node 1" is "$(bytes '.vm == "cells" and .cell == 0 and .node == 1') $(bytes '.vm == "cells" and .cell == 0 and .node == 0')" \
    "$((96 * MIB)) 0"
claim "the second on node 0" is "$(bytes '.vm == "cells" and .cell == 1 and .node == 0') $(bytes '.vm == "cells" and .cell == 1 and .node == 1')" \
    "$((96 * MIB)) 0"
claim "it has no home" is "$(vm cells home_node) $(vm cells home_nodes)" "null 0-1"
claim "its age is told" holds "$(jq '[.tables.residency[] | select(.vm == "cells") | .age_s] | max' $out) < 4"
if [ $has_huge = yes ]; then
    claim "huge pages that no group counts are read from numa_maps" is "$(source_of huge)" numa_maps
    claim "by their size, on their node" is "$(bytes '.vm == "huge" and .page_bytes == 2097152 and .node == 1')" $((128 * MIB))
    claim "on each node as numastat counts, within 1 MiB" agrees huge $MIB
    claim "that is its home" is "$(vm huge home_node)" 1
else
    echo "# no huge pages here: $(head -n 1 $scratch/huge)"
fi

for target in 1 0; do
    migratepages "${pid_of[plain]}" $((1 - target)) $target
    see
    claim "pages moved to node $target are seen there" holds "$(bytes ".vm == \"plain\" and .node == $target") >= 256 * $MIB"
    claim "as numastat counts, within 32 MiB" agrees plain $((32 * MIB))
    claim "that is the home" is "$(vm plain home_node)" $target
done
migratepages "${pid_of[cells]}" 1 0
see
claim "a cell that was moved is seen at its new node" is "$(bytes '.vm == "cells" and .cell == 0 and .node == 0')" $((96 * MIB))
claim "as numastat counts, within 1 MiB" agrees cells $MIB
claim "that is the home then" is "$(vm cells home_node)" 0
finish
