# What the tests with a real libvirtd share: domains, independent looks at the kernel, TAP.
# SPDX-License-Identifier: GPL-2.0-or-later
# A test sources this first; it starts itself again inside a libvirtd of its own (libvirt-env.sh).
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
HVTUNE=${HVTUNE:-$(cd "$here/../.." && pwd)/hvtune}
export HVTUNE

plan_skip() { echo "1..0 # SKIP $*"; exit 0; }
if [ "${HVTUNE_TEST_INSIDE:-}" != 1 ]; then
    [ "$(id -u)" = 0 ] || plan_skip "needs root"
    [ -e /dev/kvm ] || plan_skip "no /dev/kvm here"
    for program in libvirtd virtlogd virsh unshare qemu-system-x86_64 jq; do
        command -v $program >/dev/null 2>&1 || plan_skip "$program is not installed"
    done
    export HVTUNE_TEST_INSIDE=1
    exec "$here/libvirt-env.sh" bash "$0" "$@"
fi

n_tests=0 n_failed=0
scratch=$(mktemp -d "${TMPDIR:-/tmp}/hvtune-host.XXXXXX")
export STATE_DIRECTORY=$scratch/state XDG_CONFIG_HOME=$scratch/config LC_ALL=C.UTF-8 LANG=C.UTF-8
mkfifo "$scratch/never"
cleanup() {
    declare -f at_end >/dev/null && at_end
    for name in $(virsh -q list --name 2>/dev/null); do virsh -q destroy "$name" >/dev/null 2>&1; done
    rm -rf "$scratch"
}
trap cleanup EXIT

# claim TEXT COMMAND…
claim() {
    local text=$1
    shift
    n_tests=$((n_tests + 1))
    if "$@" >"$scratch/claim" 2>&1; then
        echo "ok $n_tests - $text"
        return 0
    fi
    n_failed=$((n_failed + 1))
    echo "not ok $n_tests - $text"
    echo "# failed: $*"
    tail -n 30 "$scratch/claim" | sed 's/^/# /'
    [ ! -s "$scratch/err" ] || sed 's/^/# stderr: /' "$scratch/err"
    return 1
}
skip() { n_tests=$((n_tests + 1)); echo "ok $n_tests - $1 # SKIP $2"; }
finish() {
    echo "1..$n_tests"
    [ $n_failed = 0 ]
    exit
}

# pause SECONDS: without a process. within SECONDS COMMAND…: polls until it succeeds.
pause() { read -r -t "$1" <>"$scratch/never" || :; }
within() {
    local end_ms=$(($(now_ms) + $1 * 1000))
    shift
    while :; do
        "$@" && return 0
        [ "$(now_ms)" -lt "$end_ms" ] || return 1
        pause 0.05
    done
}
now_ms() { local t=${EPOCHREALTIME/./}; echo $((t / 1000)); }

# domain NAME [VCPUS [MIB [KIND]]]: defines and starts a disk-less one; its QEMU's pid is in $pid
domain() {
    local name=$1 vcpus=${2:-2} mib=${3:-64} type=${4:-kvm} xml=$scratch/domain.xml shown
    shown=${name//&/&amp;}
    cat >"$xml" <<X
<domain type='$type'><name>$shown</name><memory unit='MiB'>$mib</memory><vcpu placement='static'>$vcpus</vcpu>
<iothreads>1</iothreads><os><type arch='x86_64'>hvm</type></os><features><acpi/><apic/></features>
<devices><controller type='usb' model='none'/><memballoon model='none'/></devices></domain>
X
    virsh -q define "$xml" >/dev/null && virsh -q start "$name" >/dev/null || return 1
    pid=$(qemu_pid "$name")
}
qemu_pid() { cat "/run/libvirt/qemu/$1.pid"; }
# vcpu_tid PID N, found without hvtune. mask TID: as the kernel has it.
vcpu_tid() {
    local task
    for task in /proc/"$1"/task/*; do
        case $(cat "$task/comm" 2>/dev/null) in "CPU $2/KVM" | "CPU $2/TCG") basename "$task" ;; esac
    done
}
mask() { awk '/^Cpus_allowed_list:/ {print $2}' "/proc/$1/status"; }
is() { [ "$1" = "$2" ] || { echo "\"$1\" is not \"$2\""; return 1; }; }
# Everything that a pin may touch, looked at by hand: masks of all threads, cgroup cpusets, persistent XML.
host_state() {
    local name task file
    for name in $(virsh -q list --name | sort); do
        for task in /proc/"$(qemu_pid "$name")"/task/*; do
            case $(cat "$task/comm") in worker) continue ;; esac
            echo "$name $(cat "$task/comm") $(mask "$(basename "$task")")"
        done
        virsh dumpxml --inactive "$name" | sha256sum
    done
    find /sys/fs/cgroup -path '*qemu*' -name 'cpuset.cpus' 2>/dev/null | sort | while read -r file; do
        echo "$file $(cat "$file")"
    done
}
hv() { "$HVTUNE" "$@" 2>"$scratch/err"; }
# refused STATUS WORD: the last hv, given again, ends so and says one line with that word
refused() {
    local wanted=$1 word=$2 status
    shift 2
    "$HVTUNE" "$@" >"$scratch/out" 2>"$scratch/err"
    status=$?
    [ $status = "$wanted" ] || { echo "status $status"; return 1; }
    [ "$(wc -l <"$scratch/err")" = 1 ] || { echo "not one line"; return 1; }
    grep -qiF -- "$word" "$scratch/err" || { echo "no \"$word\""; return 1; }
    ! LC_ALL=C grep -q '[^ -~]' <(tr -d '\n' <"$scratch/err" | iconv -f UTF-8 -t ASCII//TRANSLIT) || return 1
}
vms_now() { hv snapshot --json --interval 0 vms | jq -r '.tables.vms[].vm' | sort | tr '\n' ' '; }
