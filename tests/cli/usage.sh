#!/bin/bash
# The command line's manners: help, version, one line and status 2 for what is wrong.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/tap.sh"

run --version
claim "--version prints name and version" grep -qxE 'hvtune [0-9]+\.[0-9]+\.[0-9]+' "$out"
claim "--version succeeds without a word on stderr" worked

run --help
claim "--help succeeds" worked
claim "--help names every sub-command" \
    is "$(grep -oE '^  (snapshot|get|set|recipe|undo|redo|journal|doctor|triage|check|shot|do)\b' "$out" | wc -l)" 12
claim "--help names nothing of a later version" \
    is "$(grep -cE -- '--fault\b|exporter' "$out")" 0
for each in snapshot get set recipe undo redo journal doctor triage check shot do; do
    run $each --help
    claim "$each --help succeeds" worked
    claim "$each --help begins with its usage" grep -qE "^usage: hvtune $each" "$out"
    run --help $each
    claim "--help $each is the same" grep -qE "^usage: hvtune $each" "$out"
done

for wrong in --listen=x --frob; do
    run $wrong
    claim "$wrong is no option: one line, status 2" refused 2 "${wrong%%=*}: no such option"
done
run frobnicate
claim "an unknown sub-command is one line, status 2" refused 2 "frobnicate: no such sub-command"
run exporter
claim "a sub-command of a later version is one line, status 2" refused 2 "exporter: no such sub-command"
run replay
claim "replay without a file is one line, status 2" refused 2 "replay: needs one FILE"
run snapshot --root
claim "a missing value is one line, status 2" refused 2 "--root: needs a value"
run snapshot --dry-run
claim "an option of another sub-command is one line, status 2" refused 2 "--dry-run: not an option of snapshot"
run snapshot --interval 50ms
claim "an interval under 100ms is refused" refused 2 "--interval: 50ms"
for wrong in p99 =true a/b=true p99= $'\033=true'; do
    run snapshot --watch "$wrong"
    claim "--watch $(printf %q "$wrong") is one line, status 2" refused 2 "--watch: "
done
run set
claim "set without a wish is refused" refused 2 "KNOB=VALUE"
run undo one
claim "undo of what is no ID is refused" refused 2 "one: not an ID"
run undo 1 2
claim "undo takes one ID" refused 2
run redo
claim "redo needs an ID" refused 2
run shot
claim "shot needs a screen" refused 2 "needs one SCREEN"
run do
claim "do needs a file" refused 2
run $'snap\033[2Jshot'
claim "what is not printable in a wrong word does not reach the terminal" \
    is "$(LC_ALL=C grep -c "$(printf '\033')" "$err")" 0

run
claim "the console without a terminal is one line, status 2" refused 2 "terminal"
finish
