#!/bin/bash
# Pins of real KVM domains: made, read back by hand, journalled, undone, redone; live and persistent.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/lib.sh"

domain web1 2 && domain web2 1 && domain web3 1 || { echo "Bail out! no domain starts"; exit 1; }
pid=$(qemu_pid web1)
tid=$(vcpu_tid "$pid" 0)
all=$(mask "$tid")
before=$(host_state)

claim "all three domains are seen" is "$(vms_now)" "web1 web2 web3 "
claim "a vCPU's thread is the one the kernel has" is \
    "$(hv snapshot --json --interval 0 vcpus | jq -r '.tables.vcpus[] | select(.vm == "web1" and .vcpu == 0) | .tid')" "$tid"
claim "get prints the kernel's mask" is "$(hv get vm/web1/vcpu/0/cpus)" "vm/web1/vcpu/0/cpus = $all"
claim "a glob prints vCPUs, emulator and iothread" is "$(hv get 'vm/web1/**' | grep -c '/cpus = ')" 4
claim "a dry run prints before, after and the shell line" \
    sh -c "'$HVTUNE' set vm/web1/vcpu/0/cpus=1 --dry-run | tee /dev/stderr | head -1 | grep -qx 'vm/web1/vcpu/0/cpus: $all → 1'"
claim "and changes nothing" is "$(host_state)" "$before"
claim "set pins" hv set vm/web1/vcpu/0/cpus=1
claim "the kernel has it" is "$(mask "$tid")" 1
claim "virsh agrees" sh -c "virsh -q vcpupin web1 | awk '\$1 == 0 {print \$2}' | grep -qx 1"
claim "get agrees" is "$(hv get vm/web1/vcpu/0/cpus)" "vm/web1/vcpu/0/cpus = 1"
claim "only that thread moved" is "$(mask "$(vcpu_tid "$pid" 1)")" "$all"
claim "the journal names it" sh -c "'$HVTUNE' journal | grep -q vm/web1/vcpu/0/cpus"
claim "undo takes it back" hv undo
claim "the kernel has what it had" is "$(host_state)" "$before"
claim "redo pins again" hv redo 2
claim "the kernel has it again" is "$(mask "$tid")" 1
claim "undo takes the redo back" hv undo
claim "and there is nothing left to undo" refused 1 undo undo
claim "the shell line does the same" sh -c "$("$HVTUNE" set vm/web1/vcpu/0/cpus=1 --dry-run | sed -n '2s/^ *//p')"
claim "by the kernel's word" is "$(mask "$tid")" 1
virsh -q vcpupin web1 0 "$all" --live

claim "emulator and iothread move too" hv set vm/web1/emulator/cpus=0 vm/web1/iothread/1/cpus=1
claim "the main thread is where it was put" is "$(mask "$pid")" 0
claim "both in one plan, undone whole" hv undo
claim "to what they were" is "$(host_state)" "$before"

claim "a glob pins every vCPU" hv set 'vm/*/vcpu/*/cpus=0'
claim "of every VM" sh -c "'$HVTUNE' get 'vm/*/vcpu/*/cpus' | grep -vc ' = 0\$' | grep -qx 0"
hv undo >/dev/null
claim "and back" is "$(host_state)" "$before"

xml=$(virsh dumpxml --inactive web1)
claim "--persist pins live and for the next start" hv set vm/web1/vcpu/1/cpus=1 --persist
claim "in the persistent definition" sh -c "virsh dumpxml --inactive web1 | grep -q \"vcpupin vcpu='1' cpuset='1'\""
claim "its undo restores the definition exactly" sh -c "'$HVTUNE' undo >/dev/null && [ \"\$(virsh dumpxml --inactive web1)\" = '${xml//\'/\'\\\'\'}' ]"
claim "and the live pin" is "$(host_state)" "$before"
claim "vhost has no persistent form" refused 2 vm set vm/web1/vhost/cpus=0 --persist

hv set vm/web1/vcpu/0/cpus=1 >/dev/null
virsh -q vcpupin web1 0 0 --live
claim "undo is refused when somebody else changed it since" refused 1 force undo
claim "and leaves their value" is "$(mask "$tid")" 0
claim "--force takes it back all the same" hv undo --force
claim "to what it was before us" is "$(mask "$tid")" "$all"

hv set vm/web1/vcpu/0/cpus=1 >/dev/null
virsh -q destroy web1 && virsh -q start web1
claim "undo is refused for a guest started anew" refused 1 web1 undo
pid=$(qemu_pid web1)
claim "and leaves it alone" is "$(mask "$(vcpu_tid "$pid" 0)")" "$all"
finish
