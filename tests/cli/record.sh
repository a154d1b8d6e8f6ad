#!/bin/bash
# record, --from, report and export: what was recorded can be read, told and handed on; what cannot is refused in one line.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/tap.sh"

log=$scratch/a.hvlog
run --demo=redis record -o "$log" --duration 2s
claim "record ends by itself" worked
claim "the log is its owner's only" is "$(stat -c %a "$log")" 600
claim "and one file" is "$(ls "$scratch" | grep -c '^a\.hvlog')" 1
run --demo=redis record -o "$log" --duration 1s
claim "a file that is there is not written over" eval '[ "$status" -ne 0 ] && lines "$err" 1'
run --demo=redis record -o "$log" --append --duration 1s
claim "but gone on with where that is wished for" worked
run record
claim "record needs a file" refused 2 "no file given"
run --demo record -o "$scratch/no/where" --duration 1s
claim "a directory that is not there is one line" eval '[ "$status" -ne 0 ] && lines "$err" 1'
run --demo record -o "$scratch/b.hvlog" --tables frobs --duration 1s
claim "a table that there is not is refused" refused 2 "frobs: no such table"
claim "and no file is left" [ ! -e "$scratch/b.hvlog" ]
run --demo --log "$scratch/c.hvlog" snapshot
claim "--log is of the console" refused 2 "--log: records the console"

# the line of the service, as it is installed
unit=$(sed -n 's/^ExecStart=[^ ]* //p' "$(dirname "$0")/../../hvtune.service.in")
claim "the unit has its line" [ -n "$unit" ]
# shellcheck disable=SC2086
STATE_DIRECTORY=$scratch/unit run --demo=redis $(mkdir -p "$scratch/unit"; eval "echo $(printf '%s' "$unit" | sed "s|\${STATE_DIRECTORY}|$scratch/unit|")") --duration 1s
claim "which records" worked
claim "where the console looks for it" [ -s "$scratch/unit/blackbox.hvlog" ]

# killed and ended by signals, after the first sample is on disk
begin() {
    rm -f "$scratch/d.hvlog"
    "$HVTUNE" --demo=redis record -o "$scratch/d.hvlog" --interval 500ms >"$out" 2>"$err" </dev/null &
    pid=$!
    for _ in $(seq 200); do
        "$HVTUNE" --from "$scratch/d.hvlog" snapshot host >/dev/null 2>&1 && return
        read -r -t 0.05 <>"$scratch/never" || :
    done
}
mkfifo "$scratch/never"
for signal in TERM HUP; do # a shell has its background jobs ignore SIGINT, and hvtune leaves what is ignored
    begin
    kill -s $signal $pid
    wait $pid
    status=$?
    claim "SIG$signal ends it cleanly" is "$status" 0
    claim "in one file" is "$(ls "$scratch" | grep -c '^d\.hvlog')" 1
done
begin
room=$(ulimit -n)
claim "it has room for its files from the start: a table that grows beside threads stops them all for long" \
    [ "$(awk '$1 == "FDSize:" { print $2 }' "/proc/$pid/status")" -ge "$((room < 8192 ? room : 8192))" ]
kill -9 $pid
wait $pid 2>/dev/null
run --from "$scratch/d.hvlog" snapshot vms
claim "a log whose recorder was killed opens" worked
claim "and has its VMs" grep -q '^redis-1 ' "$out"

# reading
run --from "$log" --at +61s snapshot --json vms traffic watches
claim "--from has the tables of that time" worked
if has jq; then
    claim "with the derived ones computed anew" json '.tables.traffic[] | select(.vm == "redis-1") | .remote_ratio > 0.8'
    claim "and the watches" json '.tables.watches[] | select(.watch == "redis_p99_ms") | .value > 10'
    claim "its time is the sample's" json '.time_ns >= 1772456460000000000 and .time_ns <= 1772456461100000000'
fi
for at in -1s 13:01 13:01:01 2026-03-02T13:01:00Z; do
    run --from "$log" --at $at snapshot host
    claim "--at $at is a time" worked
done
run --from "$log" --at 2030-01-01T00:00:00Z snapshot host
claim "outside the recording the status is 1, with its range" refused 1 "from 2026-03-02 13:00:00"
run --from "$log" --at yesterday snapshot host
claim "what is no time is refused" refused 2 "not a time"
for command in check journal doctor triage "get vm/redis-1/vcpu/0/cpus" "shot desk" "shot map --size 160x45"; do
    # shellcheck disable=SC2086
    run --from "$log" $command
    claim "--from $command says something" eval '[ "$status" -le 1 ] && [ -s "$out" -o "$command" = journal ] && [ ! -s "$err" ]'
done
run --from "$log" get vm/redis-1/vcpu/0/cpus
claim "knobs are as recorded" grep -qx 'vm/redis-1/vcpu/0/cpus = 24' "$out"
run --from "$log" set vm/redis-1/vcpu/0/cpus=1
claim "nothing can be set in it" refused 2 "can only be read"
for bad in /dev/null /dev/zero "$scratch" "$scratch/none"; do
    run --from "$bad" snapshot
    claim "$(basename "$bad") is no log: one line" eval '[ "$status" -ge 1 ] && lines "$err" 1'
done

# telling and handing on
run report "$log"
claim "a report is Markdown" grep -q '^# Tuning session on hv-demo' "$out"
claim "its plots reach to numbers that people read" eval 'grep -q "up to [0-9.]* %" "$out" && ! grep -qE "[0-9]e[+-][0-9]" "$out"'
claim "it has the findings" grep -q 'redis-1 | 83 %' "$out"
claim "and sparklines" grep -q 'redis_p99_ms .*█' "$out"
run report "$log" -o "$scratch/r.html"
claim "or a page" grep -q '<svg' "$scratch/r.html"
claim "that fetches nothing" eval '! grep -qE "(src|href)=|url\(|@import" "$scratch/r.html"'
run export "$log" vms --format csv
claim "csv has a head" eval 'head -n 1 "$out" | grep -q "^time_ns,vm,uuid,"'
claim "and a line for each VM and sample" eval '[ $(($(wc -l <"$out") % 13)) -eq 1 ]'
run export "$log" --format jsonl --scrub
claim "jsonl has an object for each sample" worked
claim "and no name when scrubbed" eval '! grep -qE "redis-1|hv-demo|7c951db3" "$out"'
if has jq; then
    claim "each of them JSON" jq -es 'length > 60 and all(.tables.vms | length == 13)' "$out"
fi
run export "$log" --format openmetrics
claim "openmetrics ends with its mark" is "$(tail -n 1 "$out")" "# EOF"
claim "in base units, by their whole words" eval '! grep -qE "^hvtune_[a-z0-9_]*_(ns|us|ms|s|bits)(_total)?[ {]" "$out"'
claim "each with its help" is "$(awk '/^# HELP/ { help[$3] = 1 } /^hvtune_/ { sub(/[{ ].*/, ""); if (!($0 in help)) n++ } END { print n + 0 }' "$out")" 0
if has promtool; then
    claim "promtool is content" promtool check metrics <"$out"
else
    skip "promtool is content" "promtool is not installed"
fi
run export "$log" --copy "$scratch/copy.hvlog"
claim "a copy is a log" eval '[ "$status" -eq 0 ] && "$HVTUNE" --from "$scratch/copy.hvlog" snapshot host'
run export "$log"
claim "export needs a format" refused 2 "--format"

finish
