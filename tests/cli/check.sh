#!/bin/bash
# check: findings as text and JSON, its status, and what it refuses.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/tap.sh"

make_host "$scratch/small"
run --root "$scratch/small" check
claim "a host without findings is fine" worked
claim "it says what the answer rests on" grep -q 'of one sample' "$out"
claim "and that nothing was found" grep -q 'nothing found' "$out"

# vCPUs of both VMs on cpu 2 alone: that needs no time to be seen
for thread in 4711/task/4712 4800/task/4801; do
    put "proc/$thread/status" 'Name:\tCPU 0/KVM\nState:\tS (sleeping)\nCpus_allowed_list:\t2\n'
done
run --root "$scratch/small" check
claim "a warning makes the status 1" is "$status" 1
claim "the finding names the other VM and the cpu" grep -qE '^  warning +web1 .*shares cpus 2 with \$\(reboot\)' "$out"
claim "its remedy is a command" grep -qF "hvtune set 'vm/web1/vcpu/*/cpus=" "$out"
run --root "$scratch/small" triage
claim "triage has it too" grep -q 'warning  web1' "$out"
claim "and exits 0" is "$status" 0
if has jq; then
    run --root "$scratch/small" check --json
    claim "JSON has severity, vm, evidence, remedy" json '.tables.findings | length == 2 and all(.severity == "warning"
        and (.vm | length) > 0 and (.evidence | length) > 0 and (.remedy | length) > 0)'
    claim "and the same status" is "$status" 1
    run --root "$scratch/small" snapshot --json findings
    claim "snapshot knows the table" json '.tables.findings | length == 2'
else
    skip "JSON has severity, vm, evidence, remedy" "no jq"
fi
run --root "$scratch/small" check before.plan
claim "a plan is not compared in this version" refused 2 before.plan "not in this version"
run --root "$scratch/small" check --dry-run
claim "an option of others is refused" refused 2 --dry-run

if has jq; then
    run --demo check --json
    first='.tables.findings[0]'
    claim "the demo's first finding is redis-1's remote memory" json "$first | .finding == \"remote-memory\" and .vm == \"redis-1\""
    claim "it is a warning or serious" json "$first | .severity == \"warning\" or .severity == \"serious\""
    claim "its cost is near 41 %" json "$first | .cost_ratio > 0.34 and .cost_ratio < 0.48"
    claim "its evidence names both sockets" json "$first | .evidence | test(\"come from S1, its 8 vCPUs run on S0\")"
    claim "the demo is bad" is "$status" 1
fi
finish
