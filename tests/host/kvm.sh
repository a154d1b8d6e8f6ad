#!/bin/bash
# What KVM counts of a VM comes from debugfs, or says why not and comes from libvirt; whether a VM runs is told.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/lib.sh"
. "$here/../term/lib.sh"
trap_finish() { tmux_ kill-server 2>/dev/null; cleanup; }
trap trap_finish EXIT

domain web1 2 || { echo "Bail out! no domain starts"; exit 1; }
claim "a VM's state is told" is "$("$HVTUNE" get vm/web1/state)" "vm/web1/state = running"
claim "set is told to take the recipe" sh -c "'$HVTUNE' set vm/web1/state=saved 2>&1 | grep -q 'recipe apicv'"
claim "and the VM runs on" is "$(virsh domstate web1 | head -1)" running
"$HVTUNE" snapshot --json --interval 0 kvm >"$scratch/kvm" 2>/dev/null
directory=$(find /sys/kernel/debug/kvm -maxdepth 1 -name "$(qemu_pid web1)-*" 2>/dev/null)
if [ -n "$directory" ] && cat "$directory/exits" >/dev/null 2>&1; then
    claim "its counts come from debugfs" jq -e '.tables.kvm[] | select(.vm == "web1") | .source == "debugfs"' "$scratch/kvm"
else
    claim "where debugfs tells nothing, the reason is said, and who tells instead" \
        jq -e '.reasons[] | select(.table == "kvm" and .key == "web1" and .column == "source") | .why | contains("libvirt tells")' "$scratch/kvm"
fi
module=$(ls -d /sys/module/kvm_intel /sys/module/kvm_amd 2>/dev/null | head -1)
if [ -z "$module" ]; then
    claim "without kvm_intel and kvm_amd nothing is said of APICv, with the reason" \
        jq -e '.reasons[] | select(.table == "kvm" and .key == "web1" and .column == "apicv") | .why | contains("neither kvm_intel nor kvm_amd")' "$scratch/kvm"
    claim "nor does the recipe try" sh -c "! '$HVTUNE' recipe apicv on --dry-run 2>'$scratch/err' && grep -q 'neither kvm_intel nor kvm_amd' '$scratch/err'"
else
    claim "of APICv something is said" jq -e '.tables.kvm[] | select(.vm == "web1") | .apicv | length > 0' "$scratch/kvm"
fi

# libvirt is asked for statistics 30 s after the start at the earliest, and for one VM in 3 s
start 120x30 "$HVTUNE"
keys 5
claim "Interrupts has the VM" wait_for '^ web1 ' 10
claim "with exits per second in the end, from whoever tells" wait_for '^ web1  *[^ ]*  *[0-9][0-9.k]* ' 90
keys q
claim "quit" wait_for 'ended with 0'
echo "1..$n_tests"
