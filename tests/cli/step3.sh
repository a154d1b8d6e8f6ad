#!/bin/bash
# Cures of the simulated machine from the shell: whole, in another order, by half, wrongly, and taken back; its traps.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/tap.sh"

if ! has jq; then
    skip "cures of the simulated machine" "no jq"
    finish
    exit 0
fi

# One reading is six samples, the first of them once all has settled.
docs=$scratch/docs
read_tables() { # TABLES: what a reading has
    again="snapshot --json --interval 5s $1"
    reading=("snapshot --json --interval 20s $1" "$again" "$again" "$again" "$again" "$again")
}

# play SCENARIO LINE…: one process does these; then $status, $out and $err, and $docs with its readings
play() {
    local scenario=$1
    shift
    printf '%s\n' "$@" | "$HVTUNE" --demo="$scenario" "do" - >"$out" 2>"$err"
    status=$?
    sed -n '/^{"hvtune"/,/\]}$/p' "$out" | jq -s '[_nwise(6)]' >"$docs"
    grep -vE '^[]{}"]' "$out" >"$scratch/said"
}
# knobs N: what the N-th of several `get` printed; a plan lies between two of them
knobs() { awk -v wanted="$1" '/^plan [0-9]+ applied/ { n++; next } n == wanted - 1 && / = /' "$scratch/said"; }
# between READING LOW HIGH FILTER: the mean of what it gives of the samples of that reading, from 0
between() {
    jq -re --argjson n "$1" --argjson low "$2" --argjson high "$3" \
        '.[$n] | map('"$4"') | (add / length) | "is \(.)", if . > $low and . < $high then empty else halt_error end' "$docs"
}
# than READING LOW HIGH BASE FILTER: its mean as a part of that of the reading BASE
than() {
    jq -re --argjson n "$1" --argjson low "$2" --argjson high "$3" --argjson base "$4" \
        'def mean(n): .[n] | map('"$5"') | add / length;
         (mean($n) / mean($base)) | "is \(.)", if . > $low and . < $high then empty else halt_error end' "$docs"
}
watch='.tables.watches[0].value'
remote='(.tables.traffic[] | select(.vm == "redis-1") | .remote_ratio)'
same_after() { diff <(knobs 1) <(knobs "$1") && [ -n "$(knobs 1)" ]; }
has_knobs() { "$HVTUNE" --demo="$1" get "$2" 2>/dev/null | grep -q .; } # SCENARIO GLOB

# redis: vCPUs to the memory
read_tables "traffic watches"
everything="get vm/redis-1/memory/pages ** irq/*/cpus"
play redis "$everything" "${reading[@]}" "recipe move redis-1 1" "$everything" "${reading[@]}" undo "$everything" "${reading[@]}"
claim "redis: move and undo work" worked
claim "redis: about 12 ms at first" between 0 10.5 13.5 "$watch"
claim "redis: and over 80 % remote" between 0 0.80 0.90 "$remote"
claim "redis: about 3 ms once its vCPUs are where its memory is" between 1 2.6 3.4 "$watch"
claim "redis: and under 5 % remote" between 1 -0.001 0.05 "$remote"
claim "redis: about 12 ms after undo" between 2 10.5 13.5 "$watch"
claim "redis: and over 80 % remote again" between 2 0.80 0.90 "$remote"
claim "redis: every knob is then what it was" same_after 3

# by single knobs, the last vCPU first; the half of it on the way
pin() { for vcpu in "$@"; do echo "set vm/redis-1/vcpu/$vcpu/cpus=$((52 + vcpu))"; done; }
mapfile -t first < <(pin 7 5 3 1)
mapfile -t rest < <(pin 6 4 2 0)
play redis "${first[@]}" "${reading[@]}" "${rest[@]}" "${reading[@]}" undo undo undo undo "${reading[@]}"
claim "redis: half of its vCPUs give something in between" between 0 4 9 "$watch"
claim "redis: and half of the remote share" between 0 0.3 0.55 "$remote"
claim "redis: the rest of them gives the rest, in any order" between 1 2.6 3.4 "$watch"
claim "redis: and no remote share is left" between 1 -0.001 0.05 "$remote"
claim "redis: four undos take half of it back" between 2 4 9 "$watch"

# memory to the vCPUs
play redis get "get vm/redis-1/memory/pages" "set vm/redis-1/memory/pages=0" get "${reading[@]}" undo get "${reading[@]}" "get vm/redis-1/memory/pages"
claim "redis: its pages to its vCPUs cure as well" between 0 2.6 3.4 "$watch"
claim "redis: and nothing is remote" between 0 -0.001 0.05 "$remote"
claim "redis: undo brings the pages back, and the 12 ms" between 1 10.5 14 "$watch"
claim "redis: the knob of its pages too" is \
    "$(grep '^vm/redis-1/memory/pages = ' "$scratch/said" | tr '\n' ' ')" "vm/redis-1/memory/pages = 1 vm/redis-1/memory/pages = 1 "

# what does not help
play redis "${reading[@]}" "set vm/ci-5/vcpu/*/cpus=0-3" "${reading[@]}" undo "set vm/redis-1/vcpu/*/cpus=24-31,88-95" "${reading[@]}" \
    "recipe move redis-1 1" "set vm/redis-1/memory/pages=0" "${reading[@]}"
claim "redis: another VM's move changes nothing for it" than 1 0.9 1.1 0 "$watch"
claim "redis: nor do other cpus of the same node" than 2 0.9 1.4 0 "$watch"
claim "redis: nor do both, memory and vCPUs, each to where the other was" than 3 0.85 2.5 0 "$watch"

# training: both sides of the cache, one side, the wrong side
read_tables watches
share_steps() { # SERVER OTHERS
    printf '%s\n' "set resctrl/acc=present" "set vm/ps-1/group=acc" "set resctrl/acc/l3/0=$1" "set resctrl/default/l3/0=$2"
}
masks() { # SERVER OTHERS: readings before, with these, after undo of all
    local steps
    mapfile -t steps < <(share_steps "$1" "$2")
    play training get "${reading[@]}" "${steps[@]}" "${reading[@]}" "- undo 4" "- undo 3" "- undo 2" "- undo 1" "${reading[@]}" get
}
if has_knobs training 'resctrl/**'; then
    play training get "${reading[@]}" "recipe share ps-1 75%" get "${reading[@]}" undo get "${reading[@]}"
    claim "training: share and undo work" worked
    claim "training: 75 % of the ways on both sides gain about 22 %" than 1 1.19 1.25 0 "$watch"
    claim "training: undo takes the gain back" than 2 0.97 1.03 0 "$watch"
    claim "training: every knob is then what it was" same_after 3
    masks 1ff e00
    claim "training: single knobs, in another order, gain the same" than 1 1.19 1.25 0 "$watch"
    claim "training: undone one by one, nothing is left of it" than 2 0.97 1.03 0 "$watch"
    claim "training: nor a group" eval '[ "$(grep -c "^resctrl/acc" <(grep " = " "$scratch/said"))" -eq 0 ]'
    masks ff f00
    claim "training: one way fewer gains less" than 1 1.08 1.21 0 "$watch"
    masks 1ff fff
    claim "training: with the default group left at 100 % it loses" than 1 0.88 0.99 0 "$watch"
    play training "${reading[@]}" "set resctrl/acc=present" "set vm/worker-*/group=acc" "set resctrl/acc/l3/0=1ff" \
        "set resctrl/default/l3/0=e00" "${reading[@]}"
    claim "training: 75 % to those who stream gain nothing" than 1 0.75 1.02 0 "$watch"
    claim "training: and are accepted" worked
    play training "${reading[@]}" "recipe share web-1 75%" "${reading[@]}"
    claim "training: a share for a VM on the other socket gains nothing" than 1 0.97 1.03 0 "$watch"
else
    skip "training: share of the cache" "no knobs of resctrl in this build"
fi

read_tables "cpus vms watches"
# irq-storm: of the time that cpus were busy, what guests' exits and interrupts took
overhead='(([.tables.cpus[] | .system_ratio + .softirq_ratio + .irq_ratio] | add) - ([.tables.vms[] | .halt_poll_ratio * .n_vcpus] | add | if . == null then 0 else . / 100 end)) / ([.tables.cpus[] | .use_ratio] | add)'
worst='([.tables.vms[] | select(.vm | test("^(lb|gw)-")) | .overhead_ratio] | max)'
play irq-storm get "${reading[@]}" "recipe apicv on --outage=hv-demo" get "${reading[@]}" "recipe interrupts-home lb-1 --force" get "${reading[@]}" \
    undo get "${reading[@]}" undo get "${reading[@]}"
claim "irq-storm: recipe apicv, interrupts-home and their undo work" worked
claim "irq-storm: over 15 % overhead at first" between 0 0.15 0.40 "$worst"
claim "irq-storm: with APICv and interrupts home a few percent" between 2 0 0.04 "$worst"
claim "irq-storm: packets pass more freely then" than 2 1.1 2 0 "$watch"
claim "irq-storm: of busy cpus it took over 15 %" between 0 0.15 0.45 "$overhead"
claim "irq-storm: and takes far less then" than 2 0 0.5 0 "$overhead"
claim "irq-storm: APICv alone is in between" eval 'than 1 0 0.9 0 "$overhead" && than 2 0 0.97 1 "$overhead"'
claim "irq-storm: undo of the interrupts leaves that of APICv" than 3 0.93 1.07 1 "$overhead"
claim "irq-storm: undo of both is where it began" than 4 0.93 1.07 0 "$worst"
claim "irq-storm: every knob is then what it was" same_after 5
claim "irq-storm: and after the first undo what it was before that plan" diff <(knobs 2) <(knobs 4)
play irq-storm "${reading[@]}" "recipe interrupts-home lb-1 --force" "${reading[@]}" undo "${reading[@]}"
claim "irq-storm: interrupts home alone are in between" between 1 0.05 0.15 "$worst"
claim "irq-storm: and after undo it is what it was" than 2 0.93 1.07 0 "$worst"
home() { for irq in $(seq "$1" "$2"); do printf ' irq/%s/cpus=%s' "$irq" $((64 + irq % 4)); done; }
play irq-storm "${reading[@]}" "set host/irqbalance=stopped" "set$(home 32 39)" "${reading[@]}" "set$(home 24 31)" "${reading[@]}"
claim "irq-storm: half of the interrupts home, irqbalance stopped: less than all" \
    eval 'than 1 0.5 0.97 0 "$worst" && than 2 0.4 0.95 1 "$worst"'
play irq-storm "set irq/24/cpus=64" "snapshot --interval 15s contested" "get irq/24/cpus"
claim "irq-storm: irqbalance undoes a move, and is named" grep -qE '^irq/24/cpus +1 +64 +56 .* irqbalance$' "$out"
claim "irq-storm: the interrupt is back" grep -qxF 'irq/24/cpus = 56' "$out"
run --demo=irq-storm set irq/24/cpus=64 --dry-run
claim "irq-storm: the plan says so before" eval 'worked && grep -q "note: irqbalance moves it again" "$out"'

# noisy: a throttle on who takes the bandwidth
read_tables "traffic watches"
rest='([.tables.traffic[] | select(.vm | test("^(report|stock)-")) | .total_bytes_per_s] | add)'
innocent='(.tables.traffic[] | select(.vm == "api-2") | .total_bytes_per_s)'
if has_knobs noisy 'resctrl/**'; then
    play noisy get "${reading[@]}" "recipe throttle scan-1 20%" get "${reading[@]}" undo get "${reading[@]}"
    claim "noisy: throttle and undo work" worked
    claim "noisy: the neighbours' work goes at 1.7 times its rate" than 1 1.5 1.9 0 "$watch"
    claim "noisy: and their bandwidth recovers" than 1 1.3 2.2 0 "$rest"
    claim "noisy: the innocent one on sibling threads pays" than 1 0 0.95 0 "$innocent"
    claim "noisy: the plan has named it" grep -qE '^note: .*api-2' "$scratch/said"
    claim "noisy: undo takes it back" than 2 0.95 1.05 0 "$watch"
    claim "noisy: every knob is then what it was" same_after 3
    play noisy "${reading[@]}" "set resctrl/hog=present" "set resctrl/hog/mb/0=40" "set vm/scan-1/group=hog" "${reading[@]}" \
        "set resctrl/hog/mb/0=20" "${reading[@]}"
    claim "noisy: by single knobs 40 % give something in between" than 1 1.2 1.55 0 "$watch"
    claim "noisy: and 20 % the rest" than 2 1.5 1.9 0 "$watch"
    play noisy "${reading[@]}" "recipe throttle report-1 20%" "${reading[@]}"
    claim "noisy: a throttle on a victim gains nothing" than 1 0.4 1.05 0 "$watch"
else
    skip "noisy: a throttle" "no knobs of resctrl in this build"
fi

# what changed is said
play redis "recipe move redis-1 1 --effect"
if grep -q '^redis_p99_ms .* → ' "$scratch/said"; then
    claim "effect: redis_p99_ms from about 12 to about 3, and sure" \
        grep -qE '^redis_p99_ms 1[0-3]\.[0-9]+( ms)? → (2\.[6-9]|3\.[0-4])[0-9]*( ms)? \(−7[0-9] %, sure\)' "$scratch/said"
    play redis "set vm/redis-1/vcpu/*/cpus=88-95 --effect"
    claim "effect: other threads of the same cores are no visible change" grep -qE '^redis_p99_ms .*no visible change' "$scratch/said"
    play redis "set vm/ci-5/vcpu/*/cpus=0-3 --effect"
    claim "effect: nor is another VM's move for redis-1" eval '! grep -qE "^redis_p99_ms .*sure" "$scratch/said"'
    play redis "set vm/mail-2/emulator/cpus=96-99 --effect"
    claim "effect: a load that swings by itself is not called better" \
        eval '[ "$status" -eq 0 ] && grep -q " → " "$scratch/said" && ! grep -qE "^[a-z].*(sure\)|better)" "$scratch/said"'
else
    skip "effect: what a change did" "--effect says nothing in this build"
fi

# traps and wrong words: SCENARIO STATUS WORD COMMAND…; one line, and nothing is written
refusal() { # SCENARIO STATUS WORD ARGUMENT…: by itself
    local scenario=$1 wanted=$2 word=$3
    shift 3
    run --demo="$scenario" "$@"
    claim "$scenario: $* is refused" refused "$wanted" "$word"
    claim "$scenario: $* prints no step" test ! -s "$out"
}
refusal redis 1 "VFIO" recipe move fw-1 1
refusal redis 1 "passed-through" set vm/fw-1/memory/pages=1
refusal redis 1 "passed-through" set vm/fw-1/memory/nodes=1
refusal redis 1 "sap-1/cell/0" recipe move sap-1 0
refusal redis 1 "sap-1/cell/0" set vm/sap-1/memory/pages=0
refusal redis 1 "sap-1/cell/0" set vm/sap-1/memory/nodes=0
refusal redis 1 "db-1" recipe move db-1 0
refusal redis 1 "no room on node 0" set vm/db-1/memory/pages=0
refusal redis 1 "no room on node 0" set vm/db-1/memory/nodes=0
refusal redis 1 "recipe apicv" set kvm/apicv=on
refusal irq-storm 1 "hv-demo" recipe apicv on
refusal irq-storm 1 "hv-demo" recipe apicv on --outage=other
refusal irq-storm 2 "on|off" recipe apicv
refusal irq-storm 2 "on|off" recipe apicv maybe --outage=hv-demo
refusal redis 2 "no such VM" recipe move nobody 1
refusal redis 2 "no such VM" recipe move "" 1
refusal redis 2 "no node" recipe move redis-1 9
refusal redis 2 "no node" recipe move redis-1 ""
refusal redis 2 "150%" recipe share redis-1 150%
refusal redis 2 "not a part" recipe share redis-1 ""
refusal redis 2 "150%" recipe throttle redis-1 150%
refusal redis 2 "not a limit" recipe throttle redis-1 ""
refusal redis 2 "no recipe frobnicate" recipe frobnicate redis-1
refusal redis 2 "" recipe ""
refusal redis 2 "no such knob" set vm/redis-1/nonsense=1
refusal redis 2 "no such VM" set vm/nobody/vcpu/0/cpus=1
refusal redis 2 "node 9" set vm/redis-1/memory/nodes=9
refusal redis 2 "node 9" set vm/redis-1/memory/pages=9
refusal redis 2 "empty" set vm/redis-1/memory/pages=
refusal redis 2 "empty" set vm/redis-1/vcpu/0/cpus=
refusal redis 2 "no cpu 900" set vm/redis-1/vcpu/0/cpus=900
refusal redis 2 "150%" set host/irqbalance=150%
refusal redis 2 "" set ""
refusal redis 2 "" set =1
if has_knobs redis 'resctrl/**'; then
    refusal redis 2 "150%" set resctrl/default/l3/0=150%
    refusal redis 2 "150%" set resctrl/default/mb/0=150%
    refusal redis 2 "" set resctrl/default/l3/0=
    refusal redis 1 "way" set resctrl/default/l3/0=0
    refusal redis 1 "way" set resctrl/default/l3/0=1001
    refusal redis 1 "way" set resctrl/default/l3/0=f0f
    refusal redis 2 "" set resctrl/default/l3/9=fff
    refusal redis 2 "" set resctrl/nobody/l3/0=fff
    refusal redis 2 "" set vm/redis-1/group=nobody
    refusal redis 2 "" set resctrl/..=present
    refusal redis 2 "" set resctrl/info=present
    refusal redis 1 "default" set resctrl/default=absent
fi
play redis get "- recipe move fw-1 1" "- set vm/fw-1/memory/pages=1" "- recipe move sap-1 0" "- recipe move nobody 1" "- set vm/redis-1/memory/pages=9" \
    "- recipe share redis-1 150%" "- set vm/redis-1/vcpu/*/cpus=52 vm/redis-1/vcpu/0/cpus=900" "set vm/redis-1/vcpu/0/cpus=25" get undo get journal
claim "refused wishes have changed nothing" eval 'diff <(knobs 1) <(knobs 3) && [ "$(grep -c "^plan 1 applied" "$scratch/said")" -eq 1 ]'

# a dry run shows it all and does none of it
dry() { # SCENARIO PATTERN LINE
    play "$1" get "$3 --dry-run" get "set host/ksm=off"
    claim "$1: $3 --dry-run: each knob at the start of a line" grep -qE "$2" "$scratch/said"
    claim "$1: $3 --dry-run: succeeds" worked
    claim "$1: $3 --dry-run: changes nothing" eval 'grep " = " "$scratch/said" >"$scratch/all" && n=$(($(wc -l <"$scratch/all") / 2)) \
        && [ "$n" -gt 50 ] && diff <(head -n "$n" "$scratch/all") <(tail -n "$n" "$scratch/all") && ! grep -qE "(  done$|^plan )" "$scratch/said"'
}
dry redis '^vm/redis-1/vcpu/0/cpus: 24 → 52$' "recipe move redis-1 1"
dry redis '^vm/redis-1/memory/pages: 1 → 0$' "set vm/redis-1/memory/pages=0"
dry irq-storm '^kvm/apicv: off → on$' "recipe apicv on"
dry irq-storm '^irq/24/cpus: 56 → [0-9]+$' "recipe interrupts-home lb-1 --force"
if has_knobs training 'resctrl/**'; then
    dry training '^resctrl/default/l3/0: fff → e00$' "recipe share ps-1 75%"
    dry noisy '^resctrl/[^/]+/mb/0: 100 → 20$' "recipe throttle scan-1 20%"
fi
finish
