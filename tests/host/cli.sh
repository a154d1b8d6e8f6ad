#!/bin/bash
# The command line with real VMs: knobs, plans of several steps, signals in mid-plan, several undos, what a ticket needs.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/lib.sh"

domain web1 3 && domain web2 1 || { echo "Bail out! no domain starts"; exit 1; }
before=$(host_state)
masks() { for n in 0 1 2; do mask "$(vcpu_tid "$(qemu_pid web1)" $n)"; done | paste -sd' '; }
all=$(masks)

claim "get --json says that the knobs can be set" \
    sh -c "'$HVTUNE' get --json 'vm/web1/vcpu/*/cpus' | jq -e '[.tables.knobs[] | .writable and .type == \"cpus\"] == [true, true, true]'"
claim "with --read-only it says that they cannot" \
    sh -c "'$HVTUNE' get --read-only --json 'vm/web1/**' | jq -e '[.tables.knobs[].writable] | any | not'"
claim "a dry run works with --read-only" hv --read-only set --dry-run vm/web1/vcpu/0/cpus=1
claim "what is so already is nothing to change" sh -c "'$HVTUNE' set vm/web1/vcpu/0/cpus=0-1 | grep -q 'nothing to change'"
claim "and makes no entry" is "$(hv journal)" ""

hv set vm/web1/vcpu/0/cpus=1 >/dev/null
hv set vm/web1/vcpu/1/cpus=0 vm/web1/vcpu/2/cpus=1 >"$scratch/out"
claim "the last line says how to take it back" \
    is "$(tail -n 1 "$scratch/out")" "plan 2 applied; hvtune undo 2 takes it back"
claim "each step has its line" is "$(grep -c '^vm/web1/vcpu/[12]/cpus: .* → [01]  done$' "$scratch/out")" 2
claim "both plans hold" is "$(masks)" "1 0 1"
claim "the journal has a row for each step" \
    sh -c "'$HVTUNE' journal --json | jq -e '[.tables.changes[] | [.change, .knob, .after]] | sort == [[1, \"vm/web1/vcpu/0/cpus\", \"1\"], [2, \"vm/web1/vcpu/1/cpus\", \"0\"], [2, \"vm/web1/vcpu/2/cpus\", \"1\"]]'"
claim "undo --all takes back both" hv undo --all
claim "so that all is as before" is "$(host_state)" "$before"
claim "and nothing is left" refused 1 "nothing to undo" undo --all

printf 'set vm/web1/vcpu/0/cpus=1\n-set vm/nope/vcpu/0/cpus=1\nundo\n' >"$scratch/lines"
claim "do: a change and its undo in one process" hv do "$scratch/lines"
claim "leave all as before" is "$(host_state)" "$before"

# Slow reads give the time to interrupt a plan between two of its steps.
interrupted() { # SIGNAL
    local pid status
    env --default-signal "$HVTUNE" set --fault slow-read:60 vm/web1/vcpu/0/cpus=1 vm/web1/vcpu/1/cpus=0 \
        vm/web1/vcpu/2/cpus=1 >"$scratch/out" 2>"$scratch/err" &
    pid=$!
    until [ "$(mask "$first")" = 1 ] || ! kill -0 $pid; do :; done
    kill -"$1" $pid
    wait $pid
    status=$?
    echo "status $status"
    [ $status -eq 1 ] && [ "$(wc -l <"$scratch/err")" -eq 1 ] && grep -q 'undo [0-9]* takes' "$scratch/err"
}
first=$(vcpu_tid "$(qemu_pid web1)" 0)
for signal in TERM INT HUP; do
    claim "SIG$signal in mid-plan ends the running step and says how to go on" interrupted $signal
    claim "what was not begun is not done" [ "$(masks)" != "1 0 1" ]
    hv undo >/dev/null
    claim "undo takes back what was done" is "$(host_state)" "$before"
done

began=$(now_ms)
claim "triage tells of both VMs" sh -c "'$HVTUNE' triage >$scratch/out && grep -q web1 $scratch/out && grep -q web2 $scratch/out"
took=$(($(now_ms) - began))
claim "within 3 s ($took ms)" [ "$took" -lt 3000 ]
claim "doctor finds libvirt" sh -c "'$HVTUNE' doctor | grep -qE '^  libvirt +ok'"
finish
