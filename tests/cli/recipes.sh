#!/bin/bash
# Recipes from the shell: help, dry run, refusals, the cure of the demo, and its undo to the last knob.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/tap.sh"

# do_lines LINE…: one process of the demo $demo does these; then $status, $out and $err
demo=redis
do_lines() {
    printf '%s\n' "$@" | "$HVTUNE" --demo=$demo "do" - >"$out" 2>"$err"
    status=$?
}
# knobs N: what `get` printed behind N - 1 plans
knobs() { awk -v wanted="$1" '/^plan [0-9]+ applied/ { n++; next } n == wanted - 1 && / = /' "$out"; }

run recipe --help
claim "recipe --help succeeds" worked
for each in move swap isolate share throttle interrupts-home; do
    claim "recipe --help lists $each with its usage" grep -qE "^  $each VM" "$out"
done
run recipe move --help
claim "recipe move --help is about move alone" eval 'grep -q "^  move VM" "$out" && ! grep -q "^  share " "$out"'

run --demo recipe
claim "no name is wrong usage" refused 2 "no NAME given"
run --demo recipe frobnicate redis-1
claim "an unknown recipe is wrong usage" refused 2 "no recipe frobnicate"
run --demo recipe move
claim "missing arguments are wrong usage, with the right one" refused 2 "needs VM"
run --demo recipe move redis-1 9
claim "a node that is not there is wrong usage" refused 2 "no node of this host"
run --demo recipe move redis-1 --persist
claim "--persist is no option of a recipe" refused 2 "--persist: not an option of recipe"
run --demo recipe move fw-1 1
claim "memory held by VFIO is refused, with the way out" refused 1 "cannot move" "hvtune recipe move fw-1 0"
run --demo recipe move sap-1 0
claim "a guest of two cells is refused, with the way out" refused 1 "2 NUMA cells" "sap-1/cell/0"
run --demo recipe move mail-2 0
claim "a full node is refused, and who fills it" refused 1 "whole cores on node 0" "trainer-a"
run --demo --read-only recipe move redis-1 1
claim "nothing is moved read-only" refused 3 "read-only"

run --demo recipe move redis-1 1 --dry-run
claim "a dry run shows each knob at the start of a line" grep -qE '^vm/redis-1/vcpu/0/cpus: 24 → 52$' "$out"
claim "and the shell line under it" grep -qE '^    virsh vcpupin redis-1 0 52 --live$' "$out"
claim "and what a person must know" grep -qE '^note: .* on node 1 already' "$out"
claim "and succeeds" worked
run --demo recipe move redis-1 --dry-run
claim "without a node it says what it compared" eval 'grep -q "^note: chosen: S1: vCPUs to the memory" "$out" && grep -q "^note: instead: S0" "$out"'

do_lines get "recipe move redis-1 1 --dry-run" get
claim "a dry run changes nothing" is "$(grep -c '^vm/redis-1/vcpu/0/cpus = 24$' "$out")" 2

do_lines get "recipe move redis-1 1" get undo get
claim "move, then undo" worked
knobs 1 >"$scratch/before"
knobs 2 >"$scratch/moved"
knobs 3 >"$scratch/after"
claim "all its threads are on node 1 then" \
    is "$(grep '^vm/redis-1/' "$scratch/moved" | grep -cE ' = (5[2-9]|62-63,126-127)$')" 11
claim "nobody else's knob has moved" \
    is "$(grep -v '^vm/redis-1/' "$scratch/moved" | diff - <(grep -v '^vm/redis-1/' "$scratch/before"))" ""
claim "undo makes every knob what it was" diff "$scratch/before" "$scratch/after"

if has jq; then
    do_lines "recipe move redis-1" "snapshot --json --interval 20s watches traffic"
    sed -n '/^{/,$p' "$out" >"$scratch/json" && cp "$scratch/json" "$out"
    claim "move alone cures redis-1: redis_p99_ms is near 3" \
        json '.tables.watches[] | select(.watch == "redis_p99_ms") | .value < 4'
    claim "and under 5 % of its traffic is remote" \
        json '.tables.traffic[] | select(.vm == "redis-1") | .remote_ratio < 0.05'
else
    skip "move alone cures redis-1" "no jq"
fi

do_lines get "recipe isolate redis-1" undo get
knobs 1 >"$scratch/before"
knobs 3 >"$scratch/after"
claim "isolate, then undo: every knob is what it was" diff "$scratch/before" "$scratch/after"
do_lines get "recipe swap web-3 web-4" undo get
knobs 1 >"$scratch/before"
knobs 3 >"$scratch/after"
claim "swap, then undo: every knob is what it was" diff "$scratch/before" "$scratch/after"

do_lines get "recipe move web-3 1" "get vm/web-3/memory/pages" undo get "get vm/web-3/memory/pages"
knobs 1 >"$scratch/before"
knobs 3 | grep -v /memory/pages >"$scratch/after"
claim "threads and memory go to another node, and come back" \
    is "$(grep '^vm/web-3/memory/pages = ' "$out" | tr '\n' ' ')" "vm/web-3/memory/pages = 1 vm/web-3/memory/pages = 0 "
claim "then every other knob is what it was" diff "$scratch/before" "$scratch/after"

demo=irq-storm
do_lines get "recipe interrupts-home lb-1 --force" undo get
knobs 1 >"$scratch/before"
knobs 3 >"$scratch/after"
claim "interrupts go home, irqbalance told, and back" worked
claim "then every knob is what it was" diff "$scratch/before" "$scratch/after"
finish
