#!/bin/bash
# irq-storm from the shell: irqbalance undoes a move, unless told or stopped; interrupts home halve the overhead.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/tap.sh"

# storm LINE…: in one process, hence on one machine
storm() {
    rm -rf "$STATE_DIRECTORY"
    printf '%s\n' "$@" >"$scratch/lines"
    run --demo=irq-storm do "$scratch/lines"
}
later='snapshot --json --interval 12s nodes'
irq_24() { grep '^irq/24/cpus = ' "$out" | tail -1; }
# lb-1's, of each snapshot, in whole percent
overhead() {
    grep -o '^{"vm":"lb-1".*"overhead_ratio":[0-9.]*' "$out" | sed 's/.*://' | awk '{printf "%d ", $1 * 100}'
}

storm 'set irq/24/cpus=28' "$later" 'get irq/24/cpus'
claim "a move alone is undone within 12 s" is "$(irq_24)" "irq/24/cpus = 56"
storm 'set irq/24/cpus=28 --dry-run'
claim "which the plan says beforehand, with the knob that prevents it" \
    grep -q 'irqbalance moves it again within 10 s, unless irq/24/balanced=off' "$out"
storm 'set irq/24/balanced=off irq/24/cpus=28' "$later" 'get irq/24/cpus'
claim "with irqbalance told it stays" is "$(irq_24)" "irq/24/cpus = 28"
storm 'set irq/24/balanced=off irq/24/cpus=28' 'undo' "$later" 'get irq/24/*' 'get irq/24/balanced'
claim "undo takes both back" is "$(irq_24) $(grep -c 'balanced = on' "$out")" "irq/24/cpus = 56 1"
storm 'set irq/40/cpus=0'
claim "a disk's queue is refused with the reason" grep -q 'the kernel manages its affinity itself' "$err"

home=$(for irq in $(seq 24 39); do printf ' irq/%s/cpus=28-31' "$irq"; done)
look='snapshot --json --interval 12s'
storm "$look vms" "set host/irqbalance=stopped$home" "$look vms" 'undo' "$look vms" 'get irq/24/cpus host/irqbalance'
claim "the card's interrupts home take a third of the overhead away, undo brings it back" \
    sh -c "set -- $(overhead); echo \"\$@\"; [ \$1 -ge 19 ] && [ \$2 -le 14 ] && [ \$3 -ge 19 ]"
claim "and irqbalance runs again" grep -qx 'host/irqbalance = running' "$out"
finish
