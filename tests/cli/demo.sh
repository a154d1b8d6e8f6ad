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
for screen in traffic cache desk; do
    golden=$(dirname "$0")/../golden/demo-$screen-80x24.txt
    run --demo shot $screen --size 80x24
    [ "${HVTUNE_GOLDEN:-}" != write ] || cp "$out" "$golden"
    claim "the screen $screen is as in tests/golden" diff "$golden" "$out"
done
claim "its first row is redis-1, with 83 % from S1" eval 'sed -n 8p "$out" | grep -q "redis-1 .*S0 → S1 .* 83 "'
claim "its first finding names it, figure, cause and cost" \
    grep -qE '^ 1 redis-1  83 % of its .* GB/s come from S1, its 8 vCPUs run on S0 .*≈4[0-9] %' "$out"
run --demo shot desk --size 80x24 --format ansi
claim "the bad figure is drawn in another role than a good one" \
    eval '[ -n "$(grep -aE "redis-1" "$out" | grep -aoE "\[[0-9;]*m *83 ")" ] && [ -z "$(grep -aE "web-3 .*S0" "$out" | grep -aoE "\[[0-9;]*m *[12]\.[0-9] ")" ]'

run --demo check
claim "check finds the demo bad" is "$status" 1
claim "its first finding is redis-1's, and serious" \
    eval 'sed -n 2p "$out" | grep -qE "^  serious +redis-1 .*8[0-9] % of its .* come from S1"'
claim "the command that mends it comes next" \
    eval "sed -n 3p '$out' | grep -qF 'hvtune recipe move redis-1 1'"

# the cure: its vCPUs to where its memory is; and back
printf '%s\n' "set vm/redis-1/vcpu/*/cpus=52-59,116-123" "snapshot --json --interval 10s watches" "snapshot --json --interval 20s traffic watches" |
    "$HVTUNE" --demo do - 2>/dev/null | sed -n '/^{"hvtune"/,/^}/p' >"$scratch/cured"
claim "with its vCPUs on node 1 the remote share is below 5 %" \
    jq -es 'last.tables.traffic[] | select(.vm == "redis-1") | .remote_ratio < 0.05' "$scratch/cured"
claim "and redis_p99_ms near 3" jq -es 'last.tables.watches[] | select(.watch == "redis_p99_ms") | .value > 2.5 and .value < 3.6' "$scratch/cured"
printf '%s\n' "set vm/redis-1/vcpu/*/cpus=52-59,116-123" "snapshot --interval 10s watches" undo "snapshot --interval 20s watches" \
    "snapshot --json --interval 20s traffic watches" | "$HVTUNE" --demo do - 2>/dev/null | sed -n '/^{"hvtune"/,/^}/p' >"$scratch/undone"
claim "undo brings it back over 10" jq -es 'last.tables.watches[] | select(.watch == "redis_p99_ms") | .value > 10' "$scratch/undone"

for source in mbm perf estimate; do
    run --demo --source traffic=$source snapshot --json traffic
    claim "--source traffic=$source is what traffic is read from" \
        json ".tables.traffic[] | select(.vm == \"redis-1\") | .source == \"$source\" and .remote_ratio > 0.6"
    [ $source != perf ] || claim "perf's figure is counted, and its bytes add up" \
        json '.tables.traffic[] | select(.vm == "redis-1") | (.quality == "measured" or .quality == "scaled")
            and .local_bytes_per_s > 0 and .remote_bytes_per_s > 2 * .local_bytes_per_s
            and .total_bytes_per_s == .local_bytes_per_s + .remote_bytes_per_s'
done
claim "an estimate has no bytes" json '.tables.traffic[] | select(.vm == "redis-1") | .local_bytes_per_s == null and .remote_bytes_per_s == null'
claim "each with its reason" json '[.reasons[] | select(.table == "traffic" and .key == "redis-1") | select(.why | length > 0) | .column] | sort
    == ["local_bytes_per_s", "remote_bytes_per_s", "total_bytes_per_s"]'
claim "and says so in its quality" json '.tables.traffic[] | select(.vm == "redis-1") | .quality == "estimated"'
run --demo --source traffic=estimate snapshot traffic
claim "its share is marked in the text" grep -qE '^redis-1 +≈9[0-9]%' "$out"
run --demo snapshot traffic
claim "a measured one is not" grep -qE '^redis-1 +8[0-9]%' "$out"

# each has the trouble that it is named for
run --demo=training snapshot --json llc findings
claim "training: the two workers hold more than half of the cache that ps-1 lives from" \
    json '[.tables.llc[] | select(.llc == 0 and (.vm == "worker-1" or .vm == "worker-2")) | .of_llc_ratio] | length == 2 and add > 0.5'
claim "and ps-1 is found thrashing" json '.tables.findings[0] | .finding == "cache-thrash" and .vm == "ps-1"'
run --demo=irq-storm snapshot --json interrupts
claim "irq-storm: all interrupts of eth0, a device of node 0, hit node 1" \
    json '[.tables.interrupts[] | select((.name // "" | startswith("eth0")) and .device_node == 0)] as $all
        | ([$all[] | select(.node == 0) | .per_s] | add) == 0 and ([$all[] | select(.node == 1) | .per_s] | add) > 100000'
run --demo=irq-storm snapshot --json kvm
claim "and no VM has APICv, since the module's parameter is off" \
    json '[.tables.kvm[] | select(.apicv == "off" and .apicv_cause == "parameter" and .source == "debugfs")] | length == 6'
claim "which costs the forwarders more than 2 %" json '.tables.kvm[] | select(.vm == "lb-1") | .cost_ratio > 0.02 and .injections_per_s > 50000'
run --demo=irq-storm recipe apicv on
claim "recipe apicv without --outage is refused, and says with what name it is not" \
    eval '[ "$status" != 0 ] && grep -qF -e "--outage=hv-demo" "$err"'
run --demo=irq-storm recipe apicv on --outage=elsewhere
claim "nor with another host's name" eval '[ "$status" != 0 ] && grep -qF "hv-demo, not elsewhere" "$err"'
run --demo=irq-storm set kvm/apicv=on
claim "set is told to take the recipe" eval '[ "$status" != 0 ] && grep -qF "hvtune recipe apicv" "$err"'
run --demo=irq-storm recipe apicv on --outage=hv-demo --confirm 60
claim "there is no auto-revert of it" [ "$status" != 0 ]
printf '%s\n' 'recipe apicv on --outage=hv-demo' 'snapshot --json kvm vms' >"$scratch/apicv.do"
run --demo=irq-storm do "$scratch/apicv.do"
sed -n '/^{/,$p' "$out" >"$scratch/after" && cp "$scratch/after" "$out"
claim "recipe apicv on: every guest is there again, and served" \
    json '([.tables.vms[] | select(.state == "running")] | length) == 6 and ([.tables.kvm[] | select(.apicv == "active" and .injections_per_s == 0)] | length) == 6'
printf '%s\n' 'recipe apicv on --outage=hv-demo' 'undo --outage=hv-demo' 'get kvm/apicv' >"$scratch/apicv.do"
run --demo=irq-storm do "$scratch/apicv.do"
claim "and undo with the name takes it back" eval 'tail -1 "$out" | grep -qx "kvm/apicv = off"'
printf '%s\n' 'recipe apicv on --outage=hv-demo' 'undo' >"$scratch/apicv.do"
run --demo=irq-storm do "$scratch/apicv.do"
claim "in a demo, where nobody's guests stop, also without the name" [ "$status" = 0 ]
run --demo=noisy snapshot --json traffic memory_traffic
claim "noisy: scan-1 moves nine tenths of what node 0 moves" \
    json '(.tables.memory_traffic[] | select(.node == 0) | .bytes_per_s) as $node
        | .tables.traffic[] | select(.vm == "scan-1") | .total_bytes_per_s > 0.9 * $node and .total_bytes_per_s < $node'
run --demo=oom snapshot --json vms
claim "oom: orders-1 waits for memory, and it alone is swapped out" \
    json '[.tables.vms[] | select(.swap_bytes > 0)] | length == 1 and .[0].vm == "orders-1" and .[0].psi_memory_some_ratio > 0.3'

for scenario in redis training irq-storm noisy oom fleet; do
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
claim "and prints no step" test ! -s "$out"
claim "nothing of it all is left in the state directory" test ! -e "$STATE_DIRECTORY" -a ! -e "$scratch/state/hvtune"
finish
