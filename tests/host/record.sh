#!/bin/bash
# Real domains recorded without a terminal, followed live by a second process, and looked at afterwards by others.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/lib.sh"
. "$here/../term/lib.sh"
trap_finish() { tmux_ kill-server 2>/dev/null; [ -z "$recorder" ] || kill "$recorder"; cleanup; }
trap trap_finish EXIT

domain web1 2 || { echo "Bail out! no domain starts"; exit 1; }
domain web2 1
file=$scratch/session.hvlog recorder=
frames() { sqlite3 "file:$file?mode=ro" 'SELECT count(*) FROM frames' 2>/dev/null || echo 0; }
has_frames() { [ "$(frames)" -ge "$1" ]; }
clock_now() { screen | head -n 1 | grep -oE '[0-9]{2}:[0-9]{2}:[0-9]{2} *$' | tr -d ' '; }
clock_moves() { [ "$(clock_now)" != "$clock" ]; }
vms_at() { "$HVTUNE" snapshot --from "$file" --at "$1" --json vms 2>/dev/null | jq -r '.tables.vms[].vm' | sort | tr '\n' ' '; }
busy_at() { "$HVTUNE" snapshot --from "$file" --at "$1" --json vcpus | jq -e '[.tables.vcpus[] | select(.run_ratio != null)] | length >= 3' >/dev/null; }

"$HVTUNE" record -o "$file" >"$scratch/record.out" 2>&1 &
recorder=$!
claim "a recorder writes a sample a second" within 10 has_frames 3
claim "into a file of its owner alone" is "$(stat -c %a "$file")" 600

start 100x30 "$HVTUNE" replay "$file" --at +0s
claim "a second process opens it while it is written" wait_for web1
keys b
claim "b asks for a time" wait_for 'Go to a time'
keys Enter
claim "nothing is the end, where it plays" wait_for '▶'
clock=$(clock_now)
claim "which it follows" wait_until clock_moves 6
domain late1 1
claim "a domain that starts is there" wait_for late1 10
virsh -q destroy web2
claim "one that is destroyed is gone" wait_gone web2 10
claim "a pin is made by a third" hv set vm/web1/vcpu/0/cpus=1
keys 7
claim "and stands in the journal that is followed" wait_for 'vcpu/0' 10
keys q
claim "who follows leaves" wait_for 'ended with 0'
claim "the recorder is not disturbed" kill -0 "$recorder"
claim "undo" hv undo
n=$(frames)
claim "and goes on" within 6 has_frames $((n + 2))

kill -TERM "$recorder" # who runs in the background of a script does not hear SIGINT
wait "$recorder"
claim "a signal ends it cleanly" is $? 0
recorder=
claim "in one file" eval '[ ! -e "$file-wal" ] && [ ! -e "$file-shm" ]'
claim "that SQLite finds whole" is "$(sqlite3 "$file" 'PRAGMA integrity_check')" ok
claim "without a gap" is "$(sqlite3 "$file" "SELECT count(*) FROM gaps WHERE kind != 'stopped'")" 0
claim "at its start both were there" is "$(vms_at +1s)" "web1 web2 "
claim "at its end one of them and the late one" is "$(vms_at -0s)" "late1 web1 "
claim "with their vCPUs' numbers" busy_at +2s
"$HVTUNE" report "$file" >"$scratch/report.md"
claim "the report has the pin" grep -q 'vm/web1/vcpu/0/cpus' "$scratch/report.md"
claim "and its undo" grep -q 'undo 1' "$scratch/report.md"
claim "the export has every sample of web1" is "$(("$("$HVTUNE" export "$file" --format csv vms | grep -c '"\{0,1\}web1')" >= $(frames) - 1))" 1
echo "1..$n_tests"
[ $n_failed = 0 ]
