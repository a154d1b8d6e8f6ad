#!/bin/bash
# Real interrupts and the host's own knobs: moved, refused, undone; each write failed; a real irqbalance, told.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/lib.sh"

list() { cat "/proc/irq/$1/smp_affinity_list"; }
# All that this test may touch, read by itself.
state() {
    local file
    for file in /proc/irq/*/smp_affinity_list /sys/module/kvm/parameters/halt_poll_ns \
        /proc/sys/kernel/numa_balancing /sys/kernel/mm/ksm/run; do
        [ ! -r "$file" ] || echo "$file $(cat "$file")"
    done
}
# takes IRQ CPUS: the kernel takes that list now; what it was comes back
takes() {
    local before status
    before=$(list "$1")
    { echo "$2" >"/proc/irq/$1/smp_affinity_list"; } 2>/dev/null
    status=$?
    { echo "$before" >"/proc/irq/$1/smp_affinity_list"; } 2>/dev/null
    return $status
}

before=$(state)
moving=() managed=
for directory in /proc/irq/[0-9]*; do
    irq=${directory##*/}
    [ "$(cat "/sys/kernel/irq/$irq/actions" 2>/dev/null)" ] || continue
    [ "$(list "$irq")" != 0 ] || continue
    case $(cat "/sys/kernel/irq/$irq/actions") in
    virtio*-req.* | nvme*q[1-9]*) takes "$irq" 0 || managed=$irq ;;
    *) takes "$irq" 0 && moving+=("$irq") ;;
    esac
done

if [ "$(nproc --all)" -lt 2 ] || [ ${#moving[@]} -lt 2 ]; then
    skip "interrupts move" "no two interrupts of this host can be moved"
else
    a=${moving[0]} b=${moving[1]}
    wishes="irq/$a/cpus=0 irq/$b/cpus=0"
    was=$(list "$a")
    claim "get prints the kernel's list" is "$(hv get "irq/$a/cpus")" "irq/$a/cpus = $was"
    claim "a dry run prints the shell line" \
        sh -c "'$HVTUNE' set irq/$a/cpus=0 --dry-run | grep -qxF '    echo 0 >/proc/irq/$a/smp_affinity_list'"
    claim "and changes nothing" is "$(state)" "$before"
    claim "two are moved in one plan" hv set $wishes
    claim "the kernel has it" is "$(list "$a") $(list "$b")" "0 0"
    claim "undo takes both back" hv undo
    claim "to what they were" is "$(state)" "$before"
    claim "a cpu that is not there is refused" refused 2 "no cpu 4000" set "irq/$a/cpus=4000"
    for n in 1 2; do
        claim "write $n fails: the plan is taken back" refused 1 "fault" set $wishes --fault "fail-write:$n"
        claim "and nothing is left" is "$(state)" "$before"
        "$HVTUNE" set $wishes --fault "kill-after-write:$n" >/dev/null 2>&1
        claim "killed after write $n: undo settles it" hv undo
        claim "and all is as before" is "$(state)" "$before"
    done
fi
if [ -z "$managed" ]; then
    skip "a managed interrupt is refused" "this host has none that the kernel keeps to itself"
else
    claim "a managed interrupt is refused beforehand" refused 1 "manages its affinity" set "irq/$managed/cpus=0"
    claim "with --force the kernel refuses it" refused 1 "keeps the affinity" set "irq/$managed/cpus=0" --force
    claim "and has it as before" is "$(state)" "$before"
fi
claim "what belongs to the cpus themselves has no knob" refused 2 "each cpu" set irq/LOC/cpus=0

# knob PATH VALUE FILE TEXT: set, read by hand, undone
knob() {
    case $(stat -c %A "$3" 2>/dev/null) in ??w*) ;; *) false ;; esac || {
        skip "$1 is written" "no $3 here that can be written"
        return
    }
    claim "$1 is written" hv set "$1=$2"
    claim "$1: the kernel has it" is "$(cat "$3")" "$4"
    claim "$1 is undone" hv undo
    claim "$1: the kernel has what it had" is "$(state)" "$before"
    claim "$1: a write that fails leaves it" refused 1 "fault" set "$1=$2" --fault fail-write:1
    claim "$1: as it was" is "$(state)" "$before"
}
poll=/sys/module/kvm/parameters/halt_poll_ns
other=123000
[ "$(cat $poll 2>/dev/null)" != $other ] || other=124000
knob kvm/halt_poll_ns $other $poll $other
if [ "$(cat /proc/sys/kernel/numa_balancing 2>/dev/null)" = 0 ]; then
    knob host/numa_balancing on /proc/sys/kernel/numa_balancing 1
else
    knob host/numa_balancing off /proc/sys/kernel/numa_balancing 0
fi
if [ "$(cat /sys/kernel/mm/ksm/run 2>/dev/null)" = 0 ]; then
    knob host/ksm on /sys/kernel/mm/ksm/run 1
else
    knob host/ksm off /sys/kernel/mm/ksm/run 0
fi

# An irqbalance of the test's own: its socket in a tmpfs, and /proc/irq read-only for it, so that it moves nothing.
made=
at_end() {
    [ -z "${balancer:-}" ] || kill "$balancer" 2>/dev/null
    umount /run/irqbalance 2>/dev/null
    [ -z "$made" ] || rmdir /run/irqbalance 2>/dev/null
}
listens() { socket=$(echo /run/irqbalance/irqbalance*.sock) && [ -S "$socket" ]; }
answers() { [ "$(banned)" = "$b" ]; }
# What it says that it was told, asked without hvtune.
banned() {
    python3 - "$socket" <<'P'
import socket, sys
asked = socket.socket(socket.AF_UNIX)
asked.connect(sys.argv[1])
asked.send(b"setup")
words = b"".join(iter(lambda: asked.recv(4096), b"")).split()
print(*sorted(int(words[i + 1]) for i, word in enumerate(words) if word == b"IRQ"))
P
}
if ! command -v irqbalance >/dev/null || ! command -v python3 >/dev/null; then
    skip "irqbalance is told" "irqbalance or python3 is not installed"
elif pgrep -x irqbalance >/dev/null; then
    skip "irqbalance is told" "one runs here already"
elif [ ${#moving[@]} -lt 2 ]; then
    skip "irqbalance is told" "no two interrupts of this host can be moved"
else
    [ -d /run/irqbalance ] || { mkdir /run/irqbalance && made=1; }
    mount -t tmpfs none /run/irqbalance
    unshare -m sh -c "mount --bind /proc/irq /proc/irq && mount -o remount,bind,ro /proc/irq &&
        exec irqbalance --foreground --interval=1 --banirq=$b" >"$scratch/irqbalance" 2>&1 &
    balancer=$!
    claim "irqbalance runs" within 10 listens
    claim "hvtune sees it" is "$(hv get host/irqbalance)" "host/irqbalance = running"
    claim "one interrupt is banned" hv set "irq/$a/balanced=off"
    claim "beside the one of its command line" is "$(banned)" "$(printf '%s\n' "$a" "$b" | sort -n | xargs)"
    claim "a move says nothing of irqbalance then" \
        sh -c "! '$HVTUNE' set irq/$a/cpus=0 --dry-run | grep -q irqbalance"
    claim "get says so" is "$(hv get "irq/$a/balanced")" "irq/$a/balanced = off"
    claim "undo lifts that ban alone" hv undo
    claim "so it says itself" is "$(banned)" "$b"
    claim "a move is warned of" sh -c "'$HVTUNE' set irq/$a/cpus=0 --dry-run | grep -q 'irqbalance moves it again'"
    claim "a ban that fails is refused" refused 1 "fault" set "irq/$a/balanced=off" --fault fail-write:1
    claim "and not made" is "$(banned)" "$b"
    claim "the table says who is banned" sh -c \
        "'$HVTUNE' snapshot --json --interval 0 interrupts | jq -e '[.tables.interrupts[] | select(.banned) | .irq] | unique == [\"$b\"]'"
    claim "one that systemd did not start is left to whoever did" refused 1 "kill" set host/irqbalance=stopped
    kill -STOP "$balancer"
    claim "while it hangs it is said that it does not answer" refused 3 "irqbalance" get "irq/$a/balanced"
    kill -CONT "$balancer"
    claim "and it has answered, to who kept the socket" within 5 answers
    kill "$balancer"
    wait "$balancer" 2>/dev/null
    balancer=
fi
claim "in the end the host is as it was" is "$(state)" "$before"
finish
