#!/bin/bash
# A session as a person has it (look, move redis-1, a note, undo), recorded and walked through again: every screen of it,
# character and colour, is the one that was seen.
# SPDX-License-Identifier: GPL-2.0-or-later
here=$(cd "$(dirname "$0")/../term" && pwd)
. "$here/lib.sh"

hvtune=$(readlink -f "$hvtune")
cd "$dir" || exit 1 # where R makes its files
file=$dir/session.hvlog
seen=()
clock_now() { screen | head -n 1 | grep -oE '[0-9]{2}:[0-9]{2}:[0-9]{2} *$' | tr -d ' '; }
clock_is_past() { [[ $(clock_now) > $held ]]; }
clock_moves() { [ "$(clock_now)" != "$clock" ]; }
next_second() {
    clock=$(clock_now)
    wait_until clock_moves
}
# saw NAME: what a sample shows, just after it came and with no key in its second
saw() {
    next_second && cells >"$dir/live.$1" && seen+=("$1:$(clock_now)") && screen >"$dir/text.$1" && next_second
    grep -q "${seen[-1]#*:}" "$dir/text.$1"
}
cells() { colours | head -n 24 | perl "$here/cells.pl"; }
# The timeline takes the two rows that this terminal has more; a picture takes a moment to come.
picture_is() { cells | cmp -s - "$dir/live.$1"; }
plays_as_seen() { # NAME TIME
    start 80x26 "$hvtune" replay "$file" --at "$2"
    wait_until "picture_is_$1" 10 || { cells | diff - "$dir/live.$1" | sed 's/^/# /'; false; }
}
for name in desk dialog plan done note journal cache back again; do eval "picture_is_$name() { picture_is $name; }"; done

start 80x24 "$hvtune" --demo --log "$file"
claim "the demo opens and is recorded" wait_for 'REC'
claim "redis-1 is the worst" wait_for '1 redis-1  8[0-9] %'
claim "its minute of history is over" wait_for '13:01:0[3-9]'
claim "the desk is looked at" saw desk
keys v
claim "where could it go" wait_for 'where could redis-1 go'
claim "that too" saw dialog
keys Enter
claim "its plan" wait_for 'Enter apply'
claim "that too" saw plan
keys Enter
claim "is applied" wait_for 'steps were made'
claim "and seen" saw done
keys Escape
claim "back at the desk" wait_gone 'steps were made'
keys m
claim "a note is asked for" wait_for 'a mark at this moment'
keys -l 'memory follows <now> & | `x`'
keys Enter
claim "its latency is what it can be" wait_for 'redis_p99_ms .* [23]\.[0-9] ' 20
claim "what was said of the note has gone" wait_gone 'noted:'
claim "and seen" saw note
keys 7
claim "the journal has it" wait_for 'move redis-1 to node 1'
claim "and seen" saw journal
keys 4
claim "the cache's ways" wait_for '11 10  9  8  7'
claim "and seen" saw cache
keys 1
keys u
claim "undo shows its plan" wait_for 'undo 1'
keys Enter
claim "is applied" wait_for 'steps were made'
keys Escape
claim "and is as before" wait_for 'redis_p99_ms .* 1[0-4]\.[0-9] ' 20
claim "and seen" saw back
keys q
claim "the recording ends with the session" wait_for 'ended with 0'

for one in "${seen[@]}"; do
    claim "another process, at ${one#*:}: the ${one%%:*} is cell by cell what was seen" plays_as_seen "${one%%:*}" "${one#*:}"
done

# ---- walked through ----
start 80x26 "$hvtune" replay "$file" --at +0s
claim "from its start" wait_for '1x  1[0-9]:'
# shellcheck disable=SC2154
walk() { # TEXT: forward from mark to mark until the line below says so
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
        wait_for "$1" 1 && return 0
        keys ']'
    done
    return 1
}
claim "] leads to the change" walk '◆ .*move redis-1 to node 1'
claim "then to the note" walk '● .*memory follows <now>'
claim "then to the undo" walk '◆ .*undo 1'
keys '['
claim "[ leads back" wait_for '● .*memory follows <now>'
keys u
claim "nothing can be turned" wait_for 'recording'
keys Escape
keys q
claim "leaves" wait_for 'ended with 0'

# ---- told to others ----
"$hvtune" report "$file" >"$dir/report.md"
claim "the report has the move, step by step" [ "$(grep -c '^| 1 | .*move redis-1 to node 1 | vm/redis-1/vcpu/[0-7]/cpus | .*undone by 2' "$dir/report.md")" = 8 ]
claim "and its undo" [ "$(grep -c '^| 2 | .*undo 1: move redis-1' "$dir/report.md")" -ge 8 ]
claim "the note, of its VM" grep -q '| redis-1 | memory follows .*now' "$dir/report.md"
claim "with nothing that a page would take for markup" eval '! grep -q "<now>" "$dir/report.md"'
fell() { # the plot of the latency: high, low, high
    grep -q 'redis_p99_ms .*[█▇▆]\{8,\}.*[▁▂▃]\{2,\}.*[█▇▆]' "$dir/report.md"
}
claim "the plot of the latency falls at the change and rises at the undo" fell
"$hvtune" report "$file" -o "$dir/report.html" >"$dir/out"
claim "the page has plots and fetches nothing" eval 'grep -q "<svg" "$dir/report.html" && ! grep -qE "(src|href)=.?https?:" "$dir/report.html"'
claim "and no byte of the note as markup" eval '! grep -q "<now>" "$dir/report.html" && grep -q "&lt;now&gt;" "$dir/report.html"'

# ---- what is being written is followed, from a second login ----
start 80x24 "$hvtune" --demo --log "$dir/growing.hvlog"
claim "one records" wait_for REC
recorder=$socket
socket=$dir/second
tmux_ new-session -d -x 80 -y 26 "env TERM=tmux-256color LANG=C.UTF-8 '$hvtune' replay '$dir/growing.hvlog'" >/dev/null 2>&1
claim "a second login opens what is being written" wait_for '[0-9]+  at '
keys b
keys Enter
claim "goes to its end" wait_for '13:01:'
before=$(clock_now)
goes_on() { [ -n "$(clock_now)" ] && [[ $(clock_now) > $before ]]; }
claim "and goes on with it" wait_until goes_on 15
tmux_ kill-server
socket=$recorder

# ---- looking back while it goes on ----
keys T
claim "T looks back in the live console" wait_for 'at [0-9][0-9]:'
held=$(clock_now)
next=$(screen | head -n 1 | grep -c "$held")
claim "which stands still" [ "$next" = 1 ]
keys b
claim "b asks for a time" wait_for 'Go to a time'
keys Enter
claim "and without one leads back to now" wait_gone ' at [0-9][0-9]:'
claim "where time went on" wait_until "clock_is_past"
keys R
claim "R ends the recording" wait_gone ' REC '
next_second
next_second
keys R
claim "and begins another" wait_for ' REC '
claim "what was said of it has gone" wait_gone 'hvlog'
seen=()
claim "which is looked at" saw again
keys q
claim "and all ends well" wait_for 'ended with 0'

file=$(find "$dir" -name 'hv-demo-*.hvlog' | head -n 1)
claim "has a file of its own" [ -n "$file" ]
claim "which knows what came before it: its sparklines are those that were seen" plays_as_seen again "${seen[0]#*:}"
keys q
claim "and is left" wait_for 'ended with 0'

# ---- a plan that is cut off by the end of the line is told of too ----
start 80x24 "$hvtune" --demo --log "$dir/cut.hvlog"
claim "one more" wait_for '1 redis-1'
keys / batch Enter
claim "a VM that is large" wait_for '▌batch-7'
keys v
claim "where to" wait_for 'where could batch-7 go'
claim "and what it would cost" wait_for 'remote then'
keys Enter
claim "its plan" wait_for 'Enter apply'
keys Enter
begun() { "$hvtune" --from "$dir/cut.hvlog" journal 2>/dev/null | grep -q 'vm/batch-7/memory/pages'; }
claim "a slow plan is in the recording before it ends" wait_until begun
tmux_ kill-server
told() { "$hvtune" report "$dir/cut.hvlog" 2>/dev/null | grep -q '| vm/batch-7/memory/pages '; }
claim "and in the report" wait_until told
done_testing
