#!/bin/bash
# The main job with the keyboard: find the VM, re-pin a vCPU, see it, take it back.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/lib.sh"
. "$here/../term/lib.sh"
trap_finish() { tmux_ kill-server 2>/dev/null; cleanup; }
trap trap_finish EXIT

domain web1 2 || { echo "Bail out! no domain starts"; exit 1; }
tid=$(vcpu_tid "$(qemu_pid web1)" 0)
all=$(mask "$tid")
is_mask() { is "$(mask "$tid")" "$1"; }

start 80x24 "$HVTUNE"
claim "the Desk shows it" wait_for web1
keys Enter
claim "Enter is its page" wait_for 'cpu'
keys a
claim "a opens the affinity dialog" wait_for 'affinity\|Affinity\|cpus of'
keys C-u
keys 1 Enter
claim "a list and Enter show the plan" wait_for 'vm/web1/vcpu/0/cpus'
claim "nothing is written yet" is_mask "$all"
keys Enter
claim "Enter applies it" within 3 is_mask 1
claim "and says so" wait_for 'steps\{0,1\} w.* made'
keys Enter # closes the plan: what stands in the way of a letter is gone
wait_gone 'Enter close'
keys u
claim "u shows the plan of the undo" wait_for 'undo 1: '
keys Enter
claim "Enter takes it back" within 3 is_mask "$all"
wait_for 'Enter close'
keys Enter
wait_gone 'Enter close'
keys q
wait_for '^ VM'
keys q
claim "q leaves" wait_for 'ended with 0'
echo "1..$n_tests"
[ $n_failed = 0 ]
