#!/bin/bash
# Changes as a person makes them on the demo: a VM moved and back, one that reverts, masks edited, dialogs left.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/lib.sh"

start 80x24 "$hvtune" --demo
claim "redis-1 is slow" wait_for 'redis_p99_ms .* 1[0-4]\.[0-9]'
keys v
claim "v: where could it go" wait_for 'where could redis-1 go?'
claim "the best way is chosen already" wait_for '▌ S1: vCPUs to the memory'
claim "with what speaks for it" wait_for 'undo: exact'
keys Enter
claim "Enter: the plan" wait_for 'vm/redis-1/vcpu/0/cpus'
claim "nothing is changed by then" has_not 'outcome'
keys Enter
claim "Enter: each step has its outcome" wait_for 'all [0-9]* steps were made'
wait_for 'Enter close'
keys Enter
claim "the latency falls" wait_for 'redis_p99_ms .* [23]\.[0-9] ' 20
claim "the foot tells of the plan, and how to take it back" has '◆ plan 1 .* u undo'
keys u
claim "u: the plan that takes it back" wait_for 'vm/redis-1/vcpu/0/cpus'
keys Enter
claim "and when it is done" wait_for 'Enter close'
keys Enter
claim "the latency is as it was" wait_for 'redis_p99_ms .* 1[0-4]\.[0-9]' 20

keys Q
wait_for 'ended with 0'

start 80x24 "$hvtune" --demo
wait_for 'redis_p99_ms .* 1[0-4]\.[0-9]'
keys v
wait_for '▌ S1: vCPUs to the memory'
keys Enter
wait_for 'vm/redis-1/vcpu/0/cpus'
keys !
claim "!: it reverts unless confirmed" wait_for 'plan 1 reverts in [0-9]* s'
wait_for 'Enter close'
keys Enter
claim "the countdown stands on every screen" wait_for 'plan 1 reverts in [0-9]* s: K keeps it'
keys 7
claim "the Journal knows" wait_for 'reverts soon'
keys K
claim "K keeps it" wait_for '1 .*confirmed'
claim "and the countdown ends" wait_gone 'K keeps it'
keys 1
keys Q
wait_for 'ended with 0'

start 80x24 "$hvtune" --demo=training
wait_for 'VM .*vcpu'
keys 4
wait_for '11 10  9  8  7'
keys g
keys Down
claim "the default group is under the cursor" wait_for '▌default'
keys Right
claim "an arrow takes a way away, as a wish" wait_for '1 wish, nothing is changed yet'
claim "drawn apart from what is there" has '▌default  *-· \[█'
keys -
claim "- takes bandwidth away" wait_for '90%\*'
keys Enter
claim "Enter: one plan of both" wait_for 'resctrl/default/mb/0'
claim "with the mask" has 'resctrl/default/l3/0  *fff  *7ff'
keys Escape
claim "Escape leaves it" wait_gone 'resctrl/default/l3/0'
claim "the wishes are there still" wait_for '2 wishes'
keys Escape
claim "Escape drops them" wait_gone '2 wishes'
keys c
claim "c: cache and bandwidth of the VM" wait_for 'a share of the L3 for itself'
keys Escape
wait_gone 'a share of the L3'
keys 5
wait_for 'interrupts per second'
keys i
claim "i: what an interrupt lets be done" wait_for 'interrupt [0-9]\|goes nowhere'
keys Escape
keys Q
claim "Q quits" wait_for 'ended with 0'

start 100x30 "$hvtune" --demo --speed 20
wait_for 'redis-1'
keys : "try vm/redis-1/vcpu/0/cpus=52 --rounds 2 --each 5s" Enter
claim "a trial goes on beside the screen, and says what became of it" wait_for 'taken back\|kept: plan'
keys Escape
keys Q
wait_for 'ended with 0'
done_testing
