#!/bin/bash
# do: lines of sub-commands, and where they stop.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/tap.sh"
make_host "$scratch/small"

# lines TEXT: runs them
with() {
    printf '%b' "$1" >"$scratch/lines"
    run --root "$scratch/small" do "$scratch/lines"
}

with '# a comment\n\n   \nsnapshot nodes\nsnapshot cpus  # behind it\n'
claim "comments and blank lines say nothing" worked
claim "each line's output follows the one before" is "$(grep -xE 'nodes|cpus' "$out" | paste -sd' ')" "nodes cpus"
with 'snapshot nodes\nsnapshot nonsense\nsnapshot cpus\n'
claim "it stops with the status of the line that failed" is "$status" 2
claim "the line's number is named" grep -q 'line 2' "$err"
claim "what stands behind it is not done" is "$(grep -cx cpus "$out")" 0
with '-snapshot nonsense\n - get vm/nope/**\nsnapshot cpus\n'
claim "a leading - ignores the status" is "$status" 0
claim "and what follows is done" grep -qx cpus "$out"
with "snapshot 'no des'\n"
claim "words are quoted as for a shell" grep -q 'no des: no such table' "$err"
with "snapshot 'nodes\n"
claim "an open quote is status 2" is "$status" 2
with 'snapshot --root /x\n'
claim "options of the door belong on hvtune's own line" grep -q -- '--root: belongs on' "$err"
with "do $scratch/lines\n"
claim "do inside of do is refused" is "$status" 2
with 'snapshot nodes'
claim "a last line without a newline is done" grep -qx nodes "$out"
with 'snapshot nodes\0\n'
claim "a file that is no text is one line, status 2" is "$status" 2
run do "$scratch/nowhere"
claim "a file that is not there is one line, status 2" refused 2 nowhere
printf 'snapshot nodes\n' | "$HVTUNE" --root "$scratch/small" do - >"$out" 2>"$err"
status=$?
claim "- is standard input" grep -qx nodes "$out"
finish
