#!/bin/bash
# libvirtd or a QEMU stopped, at the worst moments: keys answer, other VMs' numbers stay fresh, all recovers.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/lib.sh"
. "$here/../term/lib.sh"
trap_finish() {
    [ -z "${daemon:-}" ] || kill -CONT "$daemon" 2>/dev/null
    [ -z "${victim:-}" ] || kill -CONT "$victim" 2>/dev/null
    tmux_ kill-server 2>/dev/null
    cleanup
}
trap trap_finish EXIT

domain web1 1 && domain web2 1 || { echo "Bail out! no domain starts"; exit 1; }
daemon=$("$LIBVIRT_ENV" libvirtd-pid) || { echo "Bail out! no libvirtd of our own"; exit 1; }
victim=$(qemu_pid web2)
tid=$(vcpu_tid "$(qemu_pid web1)" 0)
all=$(mask "$tid")

kill -STOP "$daemon"
began=$(now_ms)
claim "with libvirtd stopped, a snapshot still answers" sh -c "'$HVTUNE' snapshot --json --interval 500ms >$scratch/json"
took=$(($(now_ms) - began))
claim "within interval + 2 s ($took ms)" [ "$took" -lt 2600 ]
claim "with both VMs, by name" sh -c "jq -e '[.tables.vms[].vm] | sort == [\"web1\", \"web2\"]' $scratch/json"
claim "and the reason" sh -c "jq -e '[.reasons[].why] | map(select(test(\"libvirt\"))) | length > 0' $scratch/json"
began=$(now_ms)
"$HVTUNE" set vm/web1/vcpu/0/cpus=1 >"$scratch/out" 2>"$scratch/err"
status=$?
took=$(($(now_ms) - began))
claim "a pin with libvirtd stopped ends by its deadline ($took ms, status $status)" [ "$took" -lt 12000 ]
claim "and says in one line that it is unknown or not done" [ $status != 0 ]
kill -CONT "$daemon"
pause 0.5
claim "afterwards a fresh process settles it" hv journal
hv undo >/dev/null 2>&1
taskset -cp "$all" "$tid" >/dev/null
virsh -q vcpupin web1 0 "$all" --live

# Stopped somewhere inside a pin, and inside an undo: what the journal says afterwards is what the kernel has.
agrees() {
    local said
    hv journal >/dev/null || return 1 # settles
    said=$(hv journal --json | jq -r '[.tables.changes[]] | max_by(.change) | if .outcome == "done" then .after else .before end')
    within 2 is_mask "$said"
}
is_mask() { is "$(mask "$tid")" "$1"; }
for delay in 0.02 0.05 0.08 0.12 0.2; do
    for verb in set undo; do
        words="set vm/web1/vcpu/0/cpus=1"
        [ $verb = set ] || { hv set vm/web1/vcpu/0/cpus=1 >/dev/null 2>&1; words=undo; }
        "$HVTUNE" $words >"$scratch/out" 2>"$scratch/err" &
        running=$!
        pause $delay
        kill -STOP "$daemon"
        wait $running
        kill -CONT "$daemon"
        pause 0.3
        claim "libvirtd stopped $delay s into $verb: the journal tells what the kernel has" agrees
        hv undo >/dev/null 2>&1
        virsh -q vcpupin web1 0 "$all" --live
    done
done

kill -STOP "$daemon"
start 100x30 "$HVTUNE"
claim "the console opens with libvirtd stopped" wait_for web1 2
claim "and names it" wait_for 'not answering\|libvirt' 5
key_ms() { # the slowest of some keys, by the harness of a pty would be finer; tmux adds its own share
    local began worst=0 t
    for key in 2 1 8 1 5 1; do
        began=$(now_ms)
        keys $key
        case $key in 2) wait_for zoom 2 ;; 8) wait_for interrupts 2 ;; 5) wait_for '[Ii][Rr][Qq]' 2 ;; *) wait_for 'web1' 2 ;; esac
        t=$(($(now_ms) - began))
        [ $t -le $worst ] || worst=$t
    done
    echo $worst
}
slowest=$(key_ms)
claim "keys answer while it is stopped (slowest with tmux's polling $slowest ms)" [ "$slowest" -lt 400 ]
kill -CONT "$daemon"
claim "and it recovers by itself" wait_gone 'libvirt.*not answering' 10

kill -STOP "$victim"
for i in 1 2 3 4 5; do (timeout 20 virsh -q domstats --vcpu web2 >/dev/null 2>&1 &); done
claim "a stopped QEMU is shown as not answering" wait_for 'web2.*not answering\|not answering.*' 8
fresh() {
    hv snapshot --json --interval 500ms vcpus | jq -e '.tables.vcpus[] | select(.vm == "web1") | .run_ratio != null'
}
claim "while other VMs' numbers stay fresh" fresh
claim "a pin of it ends, one way or the other" sh -c "timeout 15 '$HVTUNE' set vm/web2/vcpu/0/cpus=1 >/dev/null 2>&1; [ \$? != 124 ]"
kill -CONT "$victim"
claim "when it goes on, so does its row" wait_gone 'web2.*not answering' 10

pid=$(program_pid)
count() { echo "$(ls "/proc/$pid/task" | wc -l) $(ls "/proc/$pid/fd" | wc -l)"; }
read -r threads_before fds_before <<<"$(count)"
for i in $(seq 50); do
    kill -STOP "$daemon"
    pause 0.1
    kill -CONT "$daemon"
    pause 0.1
done
read -r threads fds <<<"$(count)"
claim "threads are bounded after fifty repetitions ($threads_before, then $threads)" [ "$threads" -le $((threads_before + 8)) ]
claim "and descriptors ($fds_before, then $fds)" [ "$fds" -le $((fds_before + 24)) ]

kill -KILL "$daemon"
daemon= # its number may become another's
pause 1
claim "a killed libvirtd is survived" wait_for web1 3
"$LIBVIRT_ENV" start-libvirtd
# events stand below, the newest first; a source that is in trouble stands above them, without a time
is_found() { screen | grep -m1 -E '^ [0-9]+:[0-9:]+ libvirt' | grep -q 'libvirt answers'; }
claim "and the new one is found" wait_until is_found 12
claim "which nothing on the screen denies" wait_gone '^ libvirt' 3
keys q
claim "q leaves" wait_for 'ended with 0' 3
echo "1..$n_tests"
[ $n_failed = 0 ]
