#!/bin/bash
# Killed at every write its door makes, before it and after it, and with the answer lost: a fresh process settles it.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/lib.sh"

domain web1 3 || { echo "Bail out! no domain starts"; exit 1; }
before=$(host_state)
wishes="vm/web1/vcpu/0/cpus=1 vm/web1/vcpu/1/cpus=0 vm/web1/vcpu/2/cpus=1"

hv set --fault "count-writes:$scratch/count" $wishes >/dev/null
n_writes=$(cat "$scratch/count")
hv undo >/dev/null
claim "the writes of a plan of three steps are counted" [ "$n_writes" -ge 3 ]
claim "its undo leaves what was" is "$(host_state)" "$before"

# Whatever was reached, the journal's word and the kernel must agree, and undo must lead back.
settled() {
    local n_stands n_said
    hv journal >/dev/null || return 1
    n_stands=$(for n in 0 1 2; do mask "$(vcpu_tid "$(qemu_pid web1)" $n)"; done | grep -cE '^[01]$')
    n_said=$(hv journal --json | jq '[.tables.changes[]] | group_by(.change) | last | map(select(.outcome == "done")) | length')
    is "$n_stands" "$n_said" || return 1
    [ "$n_stands" = 0 ] || hv undo >/dev/null || return 1
    is "$(host_state)" "$before"
}
for fault in kill-write kill-after-write lost-answer fail-write; do
    for n in $(seq "$n_writes"); do
        rm -rf "$STATE_DIRECTORY"
        "$HVTUNE" set --fault "$fault:$n" $wishes >"$scratch/out" 2>"$scratch/err"
        claim "$fault at write $n is settled and undone" settled
    done
done

rm -rf "$STATE_DIRECTORY"
for n in $(seq "$n_writes"); do
    hv set $wishes >/dev/null
    "$HVTUNE" undo --fault "kill-after-write:$n" >/dev/null 2>&1
    hv journal >/dev/null
    hv undo >/dev/null
    claim "an undo killed after write $n can be finished" is "$(host_state)" "$before"
    [ "$(host_state)" = "$before" ] || virsh -q vcpupin web1 0 0-63 2>/dev/null
    rm -rf "$STATE_DIRECTORY"
done
finish
