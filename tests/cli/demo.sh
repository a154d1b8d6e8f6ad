#!/bin/bash
# The demo from the shell: what is wrong with redis-1, its cure, its undo; equal seeds; what is refused.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/tap.sh"

if ! has jq; then
    skip "the demo from the shell" "no jq"
    finish
    exit 0
fi

run --demo snapshot --json vms vcpus traffic residency llc watches
claim "the demo opens without a name" worked
claim "redis-1 brings 80-86 % of its bytes from the other socket, measured by MBM" \
    json '.tables.traffic[] | select(.vm == "redis-1") | .remote_ratio > 0.80 and .remote_ratio < 0.86 and .source == "mbm" and .quality == "measured"'
claim "its memory is at home on node 1" json '.tables.vms[] | select(.vm == "redis-1") | .home_node == 1'
claim "its vCPUs run on node 0" json '[.tables.vcpus[] | select(.vm == "redis-1") | .node] | length == 8 and all(. == 0)'
claim "residency adds up to nearly all of its memory" \
    json '([.tables.residency[] | select(.vm == "redis-1") | .resident_bytes] | add) as $sum | .tables.vms[] | select(.vm == "redis-1") | $sum > 0.9 * .memory_bytes and $sum < 1.02 * .memory_bytes'
claim "somebody holds the last-level cache" json '[.tables.llc[] | select(.vm == "trainer-a") | .occupancy_bytes] | max > 16777216'
claim "redis_p99_ms is near 12" json '.tables.watches[] | select(.watch == "redis_p99_ms") | .value > 10 and .value < 14'
claim "its clock begins where every demo's does" json '.time_ns == 1772456460000000000'
cp "$out" "$scratch/first"
run --demo snapshot --json vms vcpus traffic residency llc watches
claim "equal seeds give equal numbers" cmp -s "$out" "$scratch/first"
run --demo --seed 2 snapshot --json vms vcpus traffic residency llc watches
claim "another seed gives others" eval '! cmp -s "$out" "$scratch/first"'

# what a person is shown first, cell by cell; make golden rewrites it
golden=$(dirname "$0")/../golden/demo-desk-80x24.txt
run --demo shot desk --size 80x24
[ "${HVTUNE_GOLDEN:-}" != write ] || cp "$out" "$golden"
claim "the Desk is as in tests/golden" diff "$golden" "$out"
claim "its first row is redis-1, with 83 % from S1" eval 'sed -n 8p "$out" | grep -q "redis-1 .*S0 → S1 .* 83 "'
claim "its first finding names it, figure, cause and cost" \
    grep -qE '^ 1 redis-1  83 % of its .* GB/s come from S1, its 8 vCPUs run on S0 .*≈4[0-9] %' "$out"
run --demo shot desk --size 80x24 --format ansi
claim "the bad figure is drawn in another role than a good one" \
    eval '[ -n "$(grep -aE "redis-1" "$out" | grep -aoE "\[[0-9;]*m *83 ")" ] && [ -z "$(grep -aE "web-3 .*S0" "$out" | grep -aoE "\[[0-9;]*m *[12]\.[0-9] ")" ]'

# the cure: its vCPUs to where its memory is; and back
printf '%s\n' "set vm/redis-1/vcpu/*/cpus=52-59,116-123" "snapshot --json --interval 10s watches" "snapshot --json --interval 20s traffic watches" |
    "$HVTUNE" --demo do - 2>/dev/null | sed -n '/^{"hvtune"/,/^}/p' >"$scratch/cured"
claim "with its vCPUs on node 1 the remote share is below 5 %" \
    jq -es 'last.tables.traffic[] | select(.vm == "redis-1") | .remote_ratio < 0.05' "$scratch/cured"
claim "and redis_p99_ms near 3" jq -es 'last.tables.watches[] | select(.watch == "redis_p99_ms") | .value > 2.2 and .value < 4' "$scratch/cured"
printf '%s\n' "set vm/redis-1/vcpu/*/cpus=52-59,116-123" "snapshot --interval 10s watches" undo "snapshot --interval 20s watches" \
    "snapshot --json --interval 20s traffic watches" | "$HVTUNE" --demo do - 2>/dev/null | sed -n '/^{"hvtune"/,/^}/p' >"$scratch/undone"
claim "undo brings it back over 10" jq -es 'last.tables.watches[] | select(.watch == "redis_p99_ms") | .value > 10' "$scratch/undone"

for source in mbm perf estimate; do
    run --demo --source traffic=$source snapshot --json traffic
    claim "--source traffic=$source is what traffic is read from" \
        json ".tables.traffic[] | select(.vm == \"redis-1\") | .source == \"$source\" and .remote_ratio > 0.6"
done
claim "an estimate has no bytes" json '.tables.traffic[] | select(.vm == "redis-1") | .local_bytes_per_s == null and .remote_bytes_per_s == null'
claim "and says so in its quality" json '.tables.traffic[] | select(.vm == "redis-1") | .quality == "estimated"'

for scenario in redis training irq-storm noisy oom; do
    run --demo=$scenario snapshot --json vms watches sources
    claim "$scenario opens, with VMs, a watch and no source that fails" \
        json '(.tables.vms | length) > 3 and (.tables.watches | length) > 0 and ([.tables.sources[] | select(.state == "failed")] | length) == 0'
done
run --demo=redis,amd snapshot --json traffic llc
claim "an AMD host has more caches, and tells the same of redis-1" \
    json '([.tables.llc[].llc] | max) > 3 and (.tables.traffic[] | select(.vm == "redis-1") | .remote_ratio > 0.6)'

run --demo=nonsense snapshot
claim "an unknown scenario is one line that names those there are" refused 2 nonsense redis fleet
run --demo --root "$scratch" snapshot
claim "a demo of a captured tree is refused" refused 2 --demo --root
run --demo --read-only set vm/redis-1/vcpu/0/cpus=40
claim "--read-only changes nothing in a demo either" refused 3 read-only
claim "nothing of it all is left in the state directory" test ! -e "$STATE_DIRECTORY" -a ! -e "$scratch/state/hvtune"
finish
