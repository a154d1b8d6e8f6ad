#!/bin/bash
# The demo as a person meets it: who suffers, why, the cure by hand, and back.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/lib.sh"

resize() { tmux_ resize-window -x "${1%x*}" -y "${1#*x}"; }
first_row() { screen | grep -A1 'VM .*vcpu' | grep -q 'redis-1 .*S0 → S1 .*8[0-9] '; }
first_finding() { screen | grep -q '^ 1 redis-1  8[0-9] % of its .* GB/s come from S1, its 8 vCPUs run on S0 .*≈[34][0-9] %'; }
# The figure of redis-1 has a colour of its own, one of a VM that is well has none.
is_hot() {
    colours | grep 'redis-1 .*S0 → S1' | grep -q "$(printf '\033')\[[0-9;]*m *8[0-9]" &&
        ! colours | grep 'web-3 .*S0   S0' | grep -q "$(printf '\033')\[[0-9;]*m *[0-2]\.[0-9]$(printf '\033')"
}
fits() { # COLUMNS: the last row has its hints, none is wider
    screen | tail -n 1 | grep -q 'F1 help' && [ "$(screen | wc -L)" -le "$1" ]
}
left_as_it_was() { wait_for 'ended with' && alternate_screen 0 && mouse_is 0 && cursor_is 1; }

start 80x24 "$hvtune" --demo
claim "opens with its minute of history" wait_for '1 redis-1  8[0-9] %'
claim "the worst VM is the first row, its memory on the other socket" first_row
claim "the first finding names VM, figure, cause and cost" first_finding
claim "and what mends it" has "v moves its vCPUs to S1: hvtune recipe move redis-1 1"
claim "its bad figure is hot: it is drawn unlike the same figure of a VM that is well" is_hot
claim "the watch of the scenario is there" has 'redis_p99_ms .* 1[0-4]\.[0-9]'

# each screen within a second
keys 2
claim "2: the Map has both packages" wait_for 'Package 1' 1
keys 3
claim "3: Traffic has the matrix" wait_for 'cpus of, memory of' 1
keys 4
claim "4: Cache has the ways" wait_for '11 10  9  8  7' 1
keys 5
claim "5: Interrupts has those of each node" wait_for 'interrupts per second  N0 ' 1
keys 7
claim "7: the Journal is empty" wait_for 'no change has been made here yet' 1
keys 8
claim "8: Sources says what is left on the host" wait_for 'left on the host  monitoring group [1-9]' 1
keys 1
claim "1: the Desk is back" wait_for 'VM .*vcpu' 1

keys / fw Enter
claim "a filter leaves the VMs that it names" wait_gone '^.ci-5 '
claim "and those are there" has '^▌fw-1 '
keys Escape
claim "Escape takes it away" wait_for '^.ci-5 '
keys Home
wait_for '^▌redis-1'

resize 40x12
claim "at 40x12 sockets move to the Map" wait_for 'more nodes: Map'
claim "at 40x12 redis-1 and its finding stay" eval "has '^▌redis-1' && has '1 redis-1  8[0-9] % of'"
claim "at 40x12 it fits" fits 40
resize 160x45
claim "at 160x45 there is room for pins" wait_for 'pins .*state'
claim "at 160x45 it fits" fits 160
resize 80x24
wait_gone 'pins .*state'

keys w
claim "w says why it is slow" wait_for 'redis-1  why is it slow'
claim "and that it is remote memory" wait_for 'remote  *8[0-9] % of'
keys q a
claim "a opens the cpus of the VM that is selected: the worst" wait_for 'affinity of redis-1'
keys Escape
wait_gone 'affinity of'
keys : "set vm/redis-1/vcpu/*/cpus=52-59,116-123" Enter
claim "the cure is carried out from the command line" wait_for 'plan 1 applied\|virsh vcpupin redis-1' 10
keys Escape
wait_gone 'virsh vcpupin'
claim "the remote share falls: the finding goes" wait_gone '1 redis-1  8[0-9] %' 40
keys q q
claim "q ends with status 0" wait_for 'ended with 0'
claim "and leaves the terminal as it was" left_as_it_was

start 80x24 "$hvtune" --demo=training --speed 20
claim "another scenario opens with its trouble" wait_for '1 ps-1  .*refills its part of L3 0'
simulated() { screen | sed -n '1s/.*\([0-9][0-9]\):\([0-9][0-9]\):\([0-9][0-9]\).*/\1 \2 \3/p'; }
goes_fast() { # 20 simulated seconds and more in 2 s and a bit
    local h m s from to end=$((SECONDS + 2))
    read -r h m s < <(simulated) && from=$(((10#$h * 60 + 10#$m) * 60 + 10#$s))
    until [ $SECONDS -gt $end ]; do
        read -r h m s < <(simulated) && to=$(((10#$h * 60 + 10#$m) * 60 + 10#$s))
        [ $((to - from)) -lt 20 ] || return 0
        read -r -t 0.05 <>"$dir/never" || :
    done
    return 1
}
wait_for '13:0[1-9]:' # the minute of history goes by at once, whatever the speed
claim "--speed 20: 20 s go by in less than 3" goes_fast
kill -s TERM "$(program_pid)"
claim "SIGTERM leaves the terminal as it was" left_as_it_was
done_testing
