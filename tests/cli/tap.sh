# What the tests of the command line share: TAP, a private environment, a small captured host.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A test sources this, calls hvtune with `run` and makes claims; `finish` ends it.
set -u
HVTUNE=${HVTUNE:-$(cd "$(dirname "$0")/../.." && pwd)/hvtune}
tap_n=0 tap_failed=0
status=0 # of the last run
scratch=$(mktemp -d "${TMPDIR:-/tmp}/hvtune-cli-XXXXXX") || exit 99
trap 'rm -rf "$scratch"' EXIT
out=$scratch/out err=$scratch/err # of the last run

# Nothing of the person who runs the tests gets in, nothing of the tests gets out.
export HOME=$scratch/home XDG_CONFIG_HOME=$scratch/config XDG_STATE_HOME=$scratch/state STATE_DIRECTORY=$scratch/journal
export LC_ALL=C.UTF-8 TERM=dumb TMPDIR=$scratch
unset NO_COLOR COLORTERM SUDO_UID SUDO_USER DOAS_USER
mkdir -p "$HOME"

# run ARGUMENT…: hvtune with these, no input; then $status, $out and $err
run() {
    "$HVTUNE" "$@" >"$out" 2>"$err" </dev/null
    status=$?
}

# claim TEXT COMMAND…: holds when the command succeeds
claim() {
    local text=$1
    shift
    tap_n=$((tap_n + 1))
    if "$@" >"$scratch/claim" 2>&1; then
        echo "ok $tap_n - $text"
        return
    fi
    echo "not ok $tap_n - $text"
    echo "# failed: $* (status $status)"
    sed 's/^/# claim: /' "$scratch/claim"
    head -n 20 "$err" 2>/dev/null | cut -c1-200 | sed 's/^/# stderr: /'
    head -n 20 "$out" 2>/dev/null | cut -c1-200 | sed 's/^/# stdout: /'
    tap_failed=1
}

skip() { # TEXT REASON
    tap_n=$((tap_n + 1))
    echo "ok $tap_n - $1 # SKIP $2"
}

finish() {
    echo "1..$tap_n"
    exit $tap_failed
}

has() { command -v "$1" >/dev/null; }
is() { [ "$1" = "$2" ] || { echo "\"$1\" is not \"$2\""; return 1; }; }
lines() { [ "$(wc -l <"$1")" -eq "$2" ]; } # FILE NUMBER
# The last run ended with this status and said one line on stderr that holds these words.
refused() { # STATUS WORD…
    [ "$status" -eq "$1" ] && lines "$err" 1 || return 1
    shift
    while [ $# -gt 0 ]; do
        grep -qF -- "$1" "$err" || return 1
        shift
    done
}
worked() { [ "$status" -eq 0 ] && [ ! -s "$err" ]; }
json() { jq -e "$@" "$out" >/dev/null; } # [OPTION…] FILTER: what it gives of the last output is true

put() { # FILE TEXT: below $tree; \n and \0 are understood
    mkdir -p "$tree/$(dirname "$1")"
    printf '%b' "$2" >"$tree/$1"
}

# put_stat PATH ID COMM CPU: field 22, the start time, is 5000
put_stat() {
    put "$1" "$2 ($3) S 1 $2 $2 0 -1 4194304 100 0 7 0 40 9 0 0 20 0 4 0 5000 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 17 $4 0 0 0 3 0 0 0 0 0 0 0 0 0\n"
}

# put_vm PID NAME N_VCPUS
put_vm() {
    local pid=$1 tid vcpu comm
    put "proc/$pid/comm" 'qemu-system-x86\n'
    put "proc/$pid/cmdline" "qemu-system-x86_64\0-name\0guest=$2,debug-threads=on\0-uuid\00000000-0000-4000-8000-00000000$pid\0"
    put_stat "proc/$pid/stat" "$pid" qemu-system-x86 0
    put "proc/$pid/status" 'Name:\tqemu-system-x86\nVmSwap:\t0 kB\nRssAnon:\t65536 kB\nCpus_allowed_list:\t0-7\n'
    for vcpu in main $(seq 0 $(($3 - 1))); do
        tid=$pid comm=qemu-system-x86
        [ "$vcpu" = main ] || { tid=$((pid + 1 + vcpu)) comm="CPU $vcpu/KVM"; }
        put "proc/$pid/task/$tid/comm" "$comm\n"
        put_stat "proc/$pid/task/$tid/stat" "$tid" "$comm" $((tid % 8))
        put "proc/$pid/task/$tid/status" "Name:\t$comm\nState:\tS (sleeping)\nCpus_allowed_list:\t0-3\n"
        put "proc/$pid/task/$tid/schedstat" '123456789 98765432 4242\n'
    done
}

# make_host DIR: two packages of a node and four cpus each; cpu 7 is offline; node 1 has no free memory left; VMs web1 and $(reboot)
make_host() {
    local cpu node
    tree=$1
    put proc/sys/kernel/hostname 'small\n'
    put proc/sys/kernel/osrelease '6.1.0-test\n'
    put proc/uptime '1000.00 2000.00\n'
    put proc/meminfo 'MemTotal: 2097152 kB\nMemFree: 1048576 kB\nMemAvailable: 1048576 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n'
    put proc/stat 'cpu  7 0 7 700 0 0 0 0 0 0\n'
    for cpu in 0 1 2 3 4 5 6 7; do
        put "sys/devices/system/cpu/cpu$cpu/topology/physical_package_id" "$((cpu / 4))\n"
        put "sys/devices/system/cpu/cpu$cpu/topology/core_id" "$((cpu % 4))\n"
        put "sys/devices/system/cpu/cpu$cpu/topology/thread_siblings_list" "$cpu\n"
        [ $cpu = 7 ] || printf 'cpu%d 1 0 1 100 0 0 0 0 0 0\n' $cpu >>"$tree/proc/stat"
    done
    printf 'intr 20 0\nctxt 1\nbtime 1700000000\n' >>"$tree/proc/stat"
    put sys/devices/system/cpu/online '0-6\n'
    put sys/devices/system/cpu/present '0-7\n'
    put sys/devices/system/cpu/possible '0-7\n'
    put sys/devices/system/node/online '0-1\n'
    for node in 0 1; do
        put "sys/devices/system/node/node$node/cpulist" "$((node * 4))-$((node * 3 + 3))\n"
        put "sys/devices/system/node/node$node/distance" "$([ $node = 0 ] && echo 10 21 || echo 21 10)\n"
        put "sys/devices/system/node/node$node/meminfo" \
            "Node $node MemTotal: 1048576 kB\nNode $node MemFree: $((1048576 * (1 - node))) kB\n"
    done
    put proc/interrupts '            CPU0       CPU1       CPU2       CPU3       CPU4       CPU5       CPU6\n  24:          1          2          3          0          5          0          7   PCI-MSI 65536-edge      eth0\n NMI:          0          0          0          0          0          0          2   Non-maskable interrupts\n'
    put_vm 4711 web1 2
    put_vm 4800 '$(reboot)' 1
}
