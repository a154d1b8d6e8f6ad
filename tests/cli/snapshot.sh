#!/bin/bash
# snapshot, get, doctor, triage and journal on a captured host.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/tap.sh"
make_host "$scratch/small"

run --root "$scratch/small" snapshot
claim "snapshot as text succeeds" worked
claim "snapshot as text heads each table with its name" grep -qx vcpus "$out"
claim "raw tables are printed only when named" is "$(grep -cx vm_counters "$out")" 0

if has jq; then
    run --root "$scratch/small" snapshot --json
    claim "snapshot --json succeeds" worked
    claim "it is one object with these four members" json '(keys | sort) == ["hvtune", "reasons", "tables", "time_ns"]'
    claim "every table that this version makes is there" \
        json '.tables | has("host") and has("nodes") and has("cpus") and has("vms") and has("vcpus") and has("interrupts")
              and has("devices") and has("events") and has("sources") and has("changes")'
    claim "the host's counts are numbers" json '.tables.host[0] | .n_packages == 2 and .n_nodes == 2 and .n_cpus_online == 7 and .n_cpus == 8'
    claim "an offline cpu is there, and its use is null" json '.tables.cpus[] | select(.cpu == 7) | .online == false and .use_ratio == null'
    claim "a rate of one sample is null, never 0" json '[.tables.cpus[].use_ratio] | all(. == null)'
    claim "each rate that is null has its reason" \
        json '[.reasons[] | select(.table == "cpus" and .column == "use_ratio")] | length == 8'
    claim "the reason of a rate says so" json '[.reasons[] | select(.table == "cpus" and .column == "use_ratio" and .key == "0") | .why] == ["one sample: no rate"]'
    claim "every null has a reason" json '. as $all | [.reasons[] | select(.column != null) | .table] | group_by(.) | map({(.[0]): length}) | add as $told
        | [$all.tables | to_entries[] | {key: .key, value: ([.value[][] | select(. == null)] | length)} | select(.value > 0)]
        | all(.value == $told[.key])'
    claim "node 1's free memory is 0 because it is, not because it is unknown" json '.tables.nodes[] | select(.node == 1) | .memory_free_bytes == 0'
    claim "VMs are named as QEMU is told" json '[.tables.vms[].vm] | sort == ["$(reboot)", "web1"]'
    claim "vCPUs are rows of numbers" json '[.tables.vcpus[] | select(.vm == "web1") | .vcpu] == [0, 1]'
    claim "an interrupt's counts add up to its line" json '[.tables.interrupts[] | select(.irq == "24") | .count] | add == 18'
    run snapshot --json vms --root "$scratch/small"
    claim "named tables are the only ones" json '(.tables | keys) == ["vms"]'
    run snapshot --json node_memory --root "$scratch/small"
    claim "a raw table comes when named" json '.tables.node_memory | length == 2'
    run snapshot --json --interval 5s --root "$scratch/small" host
    claim "a captured tree is looked at once, without waiting" worked
    run doctor --json --root "$scratch/small"
    claim "doctor --json holds checks and sources" json '(.tables.checks | length > 0) and (.tables.sources | length > 0)'
    run get --json --root "$scratch/small"
    claim "get --json is a table of knobs, none of them writable in a captured tree" \
        json '[.tables.knobs[] | .writable] | all(. == false)'
else
    skip "snapshot --json is what the design says" "jq is not installed"
fi

run snapshot --root "$scratch/small" nonsense
claim "an unknown table is one line that names those there are" refused 2 "nonsense: no such table" vcpus
run snapshot --root "$scratch/small" limits
claim "a table of a later version says so" refused 2 "limits: not in this version"
run snapshot --root "$scratch/nowhere"
claim "a root that is not there is one line, status 2" refused 2 nowhere

run get --root "$scratch/small" 'vm/nope/**'
claim "get that matches nothing is status 1" refused 1 "vm/nope/**"
run get --root "$scratch/small" vm/nope/vcpu/0/cpus
claim "a named knob that cannot be read is one line, status 3" refused 3 "vm/nope"
run get --root "$scratch/small" no/such/knob
claim "what is no knob at all is one line, status 2" refused 2 "no/such/knob"
run set --root "$scratch/small" vm/web1/vcpu/0/cpus=1
claim "nothing can be set in a captured tree: status 3" refused 3
run undo --root "$scratch/small"
claim "nothing can be undone in a captured tree" refused 3
run set --read-only vm/web1/vcpu/0/cpus=1
claim "--read-only sets nothing" is "$([ $status -ge 1 ] && wc -l <"$err")" 1
run journal
claim "an empty journal is no error" worked
claim "an empty journal prints nothing" is "$(wc -c <"$out")" 0
run undo
claim "with an empty journal there is nothing to undo: status 1" refused 1 "nothing to undo"
run undo 99
claim "undo of an ID that is not there is one line, status 2" refused 2 99
claim "looking made no journal" test ! -e "$STATE_DIRECTORY/journal.db"

run triage --root "$scratch/small"
claim "triage succeeds" worked
claim "triage names host and VMs" grep -q '^  *web1\|^web1' "$out"
run doctor --root "$scratch/small"
claim "doctor succeeds" worked
claim "no line for people holds a control character" is "$(LC_ALL=C grep -c '[[:cntrl:]]' "$out")" 0
"$HVTUNE" snapshot --root "$scratch/small" >/dev/full 2>"$err" </dev/null
status=$?
claim "a full disk below stdout is one line, status 3" refused 3 "No space left"
finish
