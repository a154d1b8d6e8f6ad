#!/bin/bash
# However hvtune ends, nothing is left of the commands that it watched.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/lib.sh"

# until both processes of the watch have told who they are
has_begun() {
    local end=$((SECONDS + 8))
    while [ $SECONDS -le $end ]; do
        [ "$(wc -l 2>/dev/null <"$dir/pids")" = 2 ] && return 0
        read -r -t 0.05 <>"$dir/never" || :
    done
    return 1
}
# a zombie waits for its new parent only
lives() {
    local state
    state=$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) && [[ $state != [ZX]* ]]
}
are_gone() {
    local pid end=$((SECONDS + 8))
    while read -r pid; do
        while lives "$pid"; do
            [ $SECONDS -le $end ] || return 1
            read -r -t 0.05 <>"$dir/never" || :
        done
    done <"$dir/pids"
}

for way in q TERM KILL; do
    rm -f "$dir/pids"
    start 80x24 "$hvtune" --watch "w=tail -f /dev/null & printf '%s\n%s\n' \$\$ \$! >'$dir/pids'; wait"
    claim "the watch runs beside the console (then $way)" has_begun
    wait_for '1 Desk'
    if [ "$way" = q ]; then keys q; else kill -s "$way" "$(program_pid)"; fi
    claim "$way leaves nothing of the watch" are_gone
done
done_testing
