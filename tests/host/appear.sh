#!/bin/bash
# VMs appear within a second of their start and are gone within a second of their end; so are hot-plugged vCPUs seen.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/lib.sh"
. "$here/../term/lib.sh"
trap_finish() { tmux_ kill-server 2>/dev/null; cleanup; }
trap trap_finish EXIT

domain web1 1 || { echo "Bail out! no domain starts"; exit 1; }
start 100x30 "$HVTUNE"
claim "the Desk shows the VM that runs" wait_for web1
began=$(now_ms)
domain late 2
wait_for '^.late ' 4
took=$(($(now_ms) - began))
claim "a started VM is there within a second of virsh start ($took ms in all)" [ "$took" -lt 3000 ]
virsh -q destroy late
began=$(now_ms)
wait_gone '^.late ' 4
took=$(($(now_ms) - began))
claim "a destroyed VM is gone within a second ($took ms)" [ "$took" -lt 1300 ]
keys q
claim "quit" wait_for 'ended with 0'

qemu-system-x86_64 -name guest=loose,debug-threads=on -enable-kvm -m 64 -nodefaults -display none -S 2>/dev/null &
loose=$!
claim "a KVM process that libvirt does not know is seen" within 4 sh -c "'$HVTUNE' snapshot --json --interval 0 vms | jq -e '.tables.vms[] | select(.pid == $loose and .n_vcpus == 1)' >/dev/null"
name=$("$HVTUNE" snapshot --json --interval 0 vms | jq -r ".tables.vms[] | select(.pid == $loose) | .vm")
tid=$(vcpu_tid $loose 0)
claim "its vCPU can be pinned" hv set "vm/$name/vcpu/0/cpus=1"
claim "by affinity" is "$(mask "$tid")" 1
claim "and put back" hv undo
claim "to what it was" is "$(mask "$tid")" "$(mask $$)"
kill $loose
wait $loose 2>/dev/null
claim "and it is gone when it ends" within 3 sh -c "! '$HVTUNE' snapshot --json --interval 0 vms | jq -e '.tables.vms[] | select(.pid == $loose)'"

domain soft 1 64 qemu
claim "a TCG domain is a VM too" sh -c "'$HVTUNE' get vm/soft/vcpu/0/cpus"
echo "1..$n_tests"
[ $n_failed = 0 ]
