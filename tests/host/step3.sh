#!/bin/bash
# What befalls a plan on a real host: its VM or libvirtd gone or stopped in its middle, hvtune killed at each write of a recipe.
# SPDX-License-Identifier: GPL-2.0-or-later
# A plan is held in its middle (--fault hold-…), so that nothing here hangs on a moment; who looks is never hvtune.
. "$(dirname "$0")/lib.sh"
eval "plain_$(declare -f claim)" # without a screen
. "$here/../term/lib.sh"
trap_finish() {
    [ -z "${daemon:-}" ] || kill -CONT "$daemon" 2>/dev/null
    tmux_ kill-server 2>/dev/null
    rm -rf "$dir"
    cleanup
}
trap trap_finish EXIT

# ---- looking by hand ----
masks() { # VM: of its vCPUs
    local n
    for n in 0 1 2; do mask "$(vcpu_tid "$(qemu_pid "$1")" $n)"; done | paste -sd' '
}
# All of it: threads, cgroup files of every controller of cpus and memory, libvirt's live and persistent word.
host_now() {
    local name file
    host_state
    find /sys/fs/cgroup -path '*qemu*' \( -name 'cpuset.mems' -o -name 'cpuset.effective_*' -o -name 'cpuset.*.effective' \) 2>/dev/null |
        sort | while read -r file; do echo "$file $(cat "$file")"; done
    for name in $(virsh -q list --name | sort); do
        grep -h '^Mems_allowed_list' /proc/"$(qemu_pid "$name")"/task/*/status | sort -u
        virsh -q vcpupin "$name" --live
        virsh -q emulatorpin "$name" --live
        virsh -q numatune "$name" --live
    done
}
same() { diff <(echo "$1") <(echo "$(host_now)"); }

# ---- plans that are held ----
go=$scratch/go
# held WHERE KNOB=VALUE…: begins in the background; waits WHERE for let_go
held() {
    rm -f "$go"
    "$HVTUNE" set --fault "$1,until:$go" "${@:2}" >"$scratch/out" 2>"$scratch/err" &
    plan_pid=$!
}
let_go() {
    : >"$go"
    wait "$plan_pid"
    status=$?
}
said_once() { # STATUS WORD: the plan ended so, and said one line with that word
    is "$status" "$1" && is "$(wc -l <"$scratch/err")" 1 && { grep -qi -- "$2" "$scratch/err" || { cat "$scratch/err"; false; }; }
}
# Of the newest plan: "state: outcomes of its steps"
outcome() {
    hv journal --json | jq -r '[.tables.changes[]] | (map(.change) | max) as $newest
        | map(select(.change == $newest)) | "\(.[0].state): \(map(.outcome) | join(" "))"'
}
n_unknown() { hv journal --json | jq '[.tables.changes[] | select(.outcome == "unknown" or .outcome == "begun")] | length'; }
restart_domain() { virsh -q destroy "$1" >/dev/null 2>&1; virsh -q start "$1" >/dev/null; }

domain web1 3 && domain web2 1 || { echo "Bail out! no domain starts"; exit 1; }
daemon=$("$LIBVIRT_ENV" libvirtd-pid) || { echo "Bail out! no libvirtd of our own"; exit 1; }
first_is_made() { is "$(mask "$(vcpu_tid "$(qemu_pid web1)" 0)")" 1 >/dev/null; }
# The kernel has it before libvirt has said so: who waits for that answer waits for it too.
first_is_told() { first_is_made && hv journal --json | jq -e '[.tables.changes[] | select(.outcome == "done")] | length > 0' >/dev/null; }
wishes=(vm/web1/vcpu/0/cpus=1 vm/web1/vcpu/1/cpus=0 vm/web1/vcpu/2/cpus=1)
all=$(mask "$pid")

# ---- what this host lets nobody write ----
poll=/sys/module/kvm/parameters/halt_poll_ns
if [ ! -r $poll ]; then
    skip "halt_poll_ns" "no $poll here"
else
    was=$(cat $poll)
    case $(stat -c %A $poll) in
    *w*) plain_claim "halt_poll_ns is set and taken back" eval 'hv set kvm/halt_poll_ns=123000 >/dev/null && is "$(cat $poll)" 123000 && hv undo >/dev/null' ;;
    *) plain_claim "halt_poll_ns, which this kernel lets nobody write, is refused with the reason" \
        refused 3 "lets this parameter be written" set kvm/halt_poll_ns=123000 ;;
    esac
    plain_claim "and is what it was" is "$(cat $poll)" "$was"
fi

# ---- the VM destroyed in the middle ----
for where in hold-after-write:1 hold-write:2 hold-after-write:2; do
    n=${where##*:} before=$(host_now)
    rm -rf "$STATE_DIRECTORY"
    held $where "${wishes[@]}" vm/web2/vcpu/0/cpus=1
    plain_claim "$where: the plan is in its middle" within 10 first_is_made
    virsh -q destroy web1
    let_go
    plain_claim "$where: a VM destroyed then: status 1 and a line that names it" said_once 1 web1
    plain_claim "$where: each step is known" is "$(n_unknown)" 0
    plain_claim "$where: nothing of it stands" eval 'outcome | grep -q "^refused: " && ! outcome | grep -qw done'
    plain_claim "$where: the other VM is untouched" is "$(mask "$(vcpu_tid "$(qemu_pid web2)" 0)")" "$all"
    plain_claim "$where: nothing is left to undo" refused 1 undo undo
    virsh -q start web1
    plain_claim "$where: and the VM starts as it would have" is "$(masks web1)" "$all $all $all"
done

# the same with another start of it in between
rm -rf "$STATE_DIRECTORY"
held hold-after-write:1 "${wishes[@]}"
within 10 first_is_made
restart_domain web1
before=$(host_now)
let_go
plain_claim "a VM started anew in the middle: status 1, and said" said_once 1 web1
plain_claim "each step is known" is "$(n_unknown)" 0
plain_claim "and the new guest is not touched" same "$before"

# ---- QEMU killed between a plan and its undo ----
for start in no yes; do
    rm -rf "$STATE_DIRECTORY"
    hv set "${wishes[@]}" >/dev/null
    kill -9 "$(qemu_pid web1)"
    is_off() { is "$(virsh domstate web1 | head -1)" "shut off"; }
    within 10 is_off >/dev/null
    [ $start = no ] || virsh -q start web1
    before=$(host_now)
    plain_claim "QEMU killed, started anew: $start: undo is refused, and says why" refused 1 web1 undo --fault "count-writes:$scratch/count"
    plain_claim "started anew: $start: nothing was written" is "$(cat "$scratch/count")" 0
    plain_claim "started anew: $start: nothing changed" same "$before"
    [ $start = yes ] || virsh -q start web1
done

# ---- libvirtd stopped in the middle ----
before=$(host_now)
for end in continued killed; do
    rm -rf "$STATE_DIRECTORY"
    held hold-write:2 "${wishes[@]}"
    within 10 first_is_told
    kill -STOP "$daemon"
    began=$(now_ms)
    let_go
    took=$(($(now_ms) - began))
    plain_claim "libvirtd stopped in the middle, $end: it ends by its deadline ($took ms)" [ $took -lt 12000 ]
    plain_claim "$end: not with success, and says that libvirt did not answer" eval '[ "$status" != 0 ] && said_once "$status" "answer"'
    began=$(now_ms)
    hv journal >/dev/null
    took=$(($(now_ms) - began))
    plain_claim "$end: the next start does not hang on it either ($took ms)" [ $took -lt 12000 ]
    plain_claim "$end: what was made is not denied" eval 'outcome | grep -qE "^[a-z]+: (done|unknown) "'
    if [ $end = continued ]; then
        kill -CONT "$daemon"
    else
        "$LIBVIRT_ENV" kill-libvirtd
        daemon=
        "$LIBVIRT_ENV" start-libvirtd
        daemon=$("$LIBVIRT_ENV" libvirtd-pid)
    fi
    settles() { is "$(n_unknown)" 0; }
    plain_claim "$end: afterwards a start settles every step" within 10 settles
    n_said=$(hv journal --json | jq '[.tables.changes[] | select(.outcome == "done")] | length')
    plain_claim "$end: by what the kernel has" is "$(masks web1 | tr ' ' '\n' | grep -c '^[01]$')" "$n_said"
    plain_claim "$end: undo leads back" eval 'hv undo >/dev/null; same "$before"'
done

rm -rf "$STATE_DIRECTORY"
held hold-write:2 "${wishes[@]}"
within 10 first_is_told
"$LIBVIRT_ENV" kill-libvirtd
daemon=
let_go
plain_claim "libvirtd killed in the middle: the host cannot, in one line" eval 'said_once 3 libvirt && ! grep "went away since" "$scratch/err"'
"$HVTUNE" set "${wishes[2]}" >"$scratch/out" 2>"$scratch/err"
status=$?
plain_claim "with libvirtd dead a pin of a VM that runs: the same" eval 'said_once 3 libvirt && ! grep "went away since" "$scratch/err"'
"$LIBVIRT_ENV" start-libvirtd
daemon=$("$LIBVIRT_ENV" libvirtd-pid)
plain_claim "killed in the middle: the next start settles every step" within 10 settles
plain_claim "killed in the middle: undo, where there is something, leads back" eval 'hv undo >/dev/null; same "$before"'

# ---- the same under the console ----
rm -f "$go"
start 100x30 "$HVTUNE" --fault "hold-write:2,until:$go"
claim "the console is there" wait_for web1
keys : "set ${wishes[*]}" Enter
claim "its plan is in its middle" within 10 first_is_told
kill -STOP "$daemon"
: >"$go"
look_at() { # KEY TEXT: in ms
    local began
    began=$(now_ms)
    keys "$1"
    wait_for "$2" 3 || return 1
    [ $(($(now_ms) - began)) -lt 1000 ]
}
claim "with libvirtd stopped the console goes to another screen" look_at 5 '[Ii][Rr][Qq]'
claim "and back" look_at 1 'web1'
minute() { screen | grep -oE '[0-9][0-9]:[0-9][0-9]:[0-9][0-9]' | head -1; }
now=$(minute)
clock_moved() { [ -n "$now" ] && [ "$(minute)" != "$now" ]; }
claim "its clock goes on" wait_until clock_moved 4
claim "the outcome is told" wait_for 'no answer from libvirt' 15
claim "with that of each step" wait_for 'vm/web1/vcpu/2/cpus: .* skipped'
keys Escape
kill -CONT "$daemon"
keys 8
settled_on_screen() { is "$(STATE_DIRECTORY=$dir/state "$HVTUNE" journal --json --read-only | jq '[.tables.changes[] | select(.outcome == "unknown" or .outcome == "begun")] | length')" 0; }
claim "and settled by itself once libvirt answers" wait_until settled_on_screen 20
keys Q
claim "Q leaves" wait_for 'ended with 0'
export STATE_DIRECTORY=$dir/state
claim "undo leads back here too" eval 'hv undo >/dev/null; same "$before"'
export STATE_DIRECTORY=$scratch/state

# ---- its guard killed: the next start says so first ----
hv set "${wishes[0]}" --confirm 600 >/dev/null
for each in $(pgrep -f "^$HVTUNE guard [0-9]*\$"); do
    tr '\0' '\n' <"/proc/$each/environ" | grep -qx "STATE_DIRECTORY=$STATE_DIRECTORY" && kill -9 "$each"
done
start 100x30 env STATE_DIRECTORY="$STATE_DIRECTORY" "$HVTUNE"
claim "a guard was killed: the console begins by saying so" wait_for 'guard is gone' 5
keys Q
wait_for 'ended with 0'
hv undo >/dev/null 2>&1
claim "a guard was killed: undo leads back" same "$before"

# ---- hvtune killed at each write of a recipe ----
virsh -q destroy web1
domain web3 1
hv set vm/web2/vcpu/0/cpus=0 vm/web3/vcpu/0/cpus=1 >/dev/null
before=$(host_now)
rm -rf "$STATE_DIRECTORY"
hv recipe swap web2 web3 --fault "count-writes:$scratch/count" >/dev/null
n_writes=$(cat "$scratch/count")
plain_claim "a recipe swaps two VMs on one node" is "$(mask "$(vcpu_tid "$(qemu_pid web2)" 0)") $(mask "$(vcpu_tid "$(qemu_pid web3)" 0)")" "1 0"
plain_claim "in two writes at least ($n_writes)" [ "$n_writes" -ge 2 ]
plain_claim "its undo leaves what was" eval 'hv undo >/dev/null && same "$before"'
for fault in kill-write kill-after-write lost-answer fail-write; do
    for n in $(seq "$n_writes"); do
        rm -rf "$STATE_DIRECTORY"
        "$HVTUNE" recipe swap web2 web3 --fault "$fault:$n" >"$scratch/out" 2>"$scratch/err"
        "$HVTUNE" undo >"$scratch/out" 2>"$scratch/err"
        plain_claim "swap, $fault at write $n: a fresh undo leads back" same "$before"
        plain_claim "swap, $fault at write $n: and no step is unknown" is "$(n_unknown)" 0
    done
done
echo "1..$n_tests"
[ $n_failed = 0 ]
