#!/bin/bash
# The demo as a person meets it: who suffers, why, the cure by hand, and back.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/lib.sh"

first_row() { screen | grep -A1 'VM .*vcpu' | grep -q 'redis-1 .*S0 → S1 .*8[0-9] '; }
first_finding() { screen | grep -q '^ 1 redis-1  8[0-9] % of its .* GB/s come from S1, its 8 vCPUs run on S0 .*≈[34][0-9] %'; }

start 80x24 "$hvtune" --demo
claim "opens with its minute of history" wait_for '1 redis-1  8[0-9] %'
claim "the worst VM is the first row, its memory on the other socket" first_row
claim "the first finding names VM, figure, cause and cost" first_finding
claim "and what mends it" has "a pins its vCPUs to S1: hvtune set 'vm/redis-1/vcpu/\*/cpus="
claim "its bad figure is hot: it is drawn unlike the same figure of a VM that is well" \
    eval 'colours | grep "redis-1 .*S0" | grep -q "\[[0-9;]*m *8[0-9] "'
keys 3
claim "Traffic has the matrix" wait_for 'cpus of, memory of'
keys 4
claim "Cache has the ways" wait_for '11 10  9  8  7'
keys 2
claim "the Map has both packages" wait_for 'Package 1'
keys 8
claim "Sources says what is left on the host: monitoring groups" wait_for 'resctrl'
keys 1 w
claim "w says why it is slow" wait_for 'remote'
keys q a
claim "a opens the cpus of the VM that is selected: the worst" wait_for 'affinity of redis-1'
keys Escape
wait_gone 'affinity of'
keys : "set vm/redis-1/vcpu/*/cpus=52-59,116-123" Enter
claim "the cure is carried out from the command line" wait_for 'plan 1 applied\|virsh vcpupin redis-1' 10
keys Escape
wait_gone 'virsh vcpupin'
claim "the remote share falls: the finding goes" wait_gone '1 redis-1  8[0-9] %' 40
tmux_ resize-window -x 160 -y 45
claim "at 160x45 there is room for pins" wait_for 'pins'
tmux_ resize-window -x 80 -y 24
keys q q
claim "ends with status 0" wait_for 'ended with 0'
start 80x24 "$hvtune" --demo=training --speed 10
claim "another scenario opens" wait_for 'images_per_s\|VM ▼worst'
keys Q
claim "and is left at once" wait_for 'ended with 0'
done_testing
