#!/bin/bash
# Where real VMs may have memory, on a host of one node: read from the kernel, libvirt's rules, its own words.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/lib.sh"

mems() { grep -h ^Mems_allowed_list: /proc/"$(qemu_pid "$1")"/task/*/status | sort -u | awk '{print $2}' | paste -sd' '; }
knob() { hv get "vm/$1/memory/$2" | awk '{print $3}'; }
# numatune MODE: a domain that is bound from its start
numatune_domain() {
    cat >"$scratch/$1.xml" <<X
<domain type='kvm'><name>$1</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
<numatune><memory mode='$1' nodeset='0'/></numatune><os><type arch='x86_64'>hvm</type></os>
<devices><controller type='usb' model='none'/><memballoon model='none'/></devices></domain>
X
    virsh -q define "$scratch/$1.xml" && virsh -q start "$1"
}

domain web1 2 || { echo "Bail out! no domain starts"; exit 1; }
present=$(cat /sys/devices/system/node/has_memory)
claim "its nodes are the kernel's" is "$(knob web1 nodes)" "$(mems web1)"
claim "its pages are on one of them" is "$(knob web1 pages)" 0
claim "--json says the type" sh -c "'$HVTUNE' get --json vm/web1/memory/nodes | jq -e '.tables.knobs[0].type == \"nodes\"'"
claim "pages are not listed where nobody named them" \
    sh -c "! '$HVTUNE' get 'vm/web1/**' | grep -q memory/pages"
claim "a node that is not there is refused" refused 2 "no memory on node 9" set vm/web1/memory/nodes=9
claim "for pages too" refused 2 "no memory on node 9" set vm/web1/memory/pages=9
claim "what is so already is nothing to change" sh -c "'$HVTUNE' set vm/web1/memory/nodes=$present | grep -q 'is $present already'"

for mode in strict preferred interleave; do
    numatune_domain $mode >"$scratch/start" 2>&1 || { skip "mode $mode is refused" "does not start here: $(head -n 1 "$scratch/start")"; continue; }
    claim "mode $mode is refused before libvirt is asked" refused 1 "has mode $mode" set --persist vm/$mode/memory/nodes=0
    claim "as libvirt would" sh -c "! virsh numatune $mode --mode restrictive --nodeset 0 --live"
done
if numatune_domain restrictive >"$scratch/start" 2>&1; then
    before=$(virsh dumpxml --inactive restrictive)
    claim "mode restrictive is taken" hv set --persist vm/restrictive/memory/nodes=0
    claim "its definition stays what it is" is "$(virsh dumpxml --inactive restrictive)" "$before"
else
    skip "mode restrictive is taken" "does not start here: $(head -n 1 "$scratch/start")"
fi

before=$(virsh dumpxml --inactive web1)
claim "a first one is written with its mode" hv set --persist vm/web1/memory/nodes="$present"
claim "into the definition" grep -q "<memory mode='restrictive' nodeset='$present'/>" <(virsh dumpxml --inactive web1)
claim "and into the live one" is "$(virsh -q numatune web1 --live | awk '/numa_mode|numa_nodeset/ {print $3}' | paste -sd' ')" \
    "restrictive $present"
claim "undo" hv undo
claim "restores the definition exactly" is "$(virsh dumpxml --inactive web1)" "$before"
claim "and the kernel's lists" is "$(mems web1)" "$present"
finish
