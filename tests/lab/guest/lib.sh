# What the scripts inside the lab share: TAP, facts of a snapshot, independent looks at the kernel.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# In the guest a fork costs tens of milliseconds and a program a few times that, so builtins are used where they do.
set -u
cp -r /host/bin /tmp/bin
export PATH=/tmp/bin:$PATH LD_LIBRARY_PATH=/tmp/bin LC_ALL=C.UTF-8 LANG=C.UTF-8 HOME=/root
export STATE_DIRECTORY=/tmp/state
scratch=/tmp/scratch
mkdir -p $scratch
mkfifo $scratch/never
n_tests=0 n_failed=0 status=0
out=$scratch/out err=$scratch/err # of the last hvtune

hvtune --version >/dev/null || { echo "Bail out! hvtune does not run here"; exit 1; }

# claim TEXT COMMAND…: holds when the command succeeds
claim() {
    local text=$1
    shift
    n_tests=$((n_tests + 1))
    if "$@" >$scratch/claim 2>&1; then
        echo "ok $n_tests - $text"
        return
    fi
    n_failed=$((n_failed + 1))
    echo "not ok $n_tests - $text"
    echo "# failed: $* (status of the last hvtune: $status)" | head -n 20 | cut -c1-300 | sed '2,$s/^/#  /'
    head -n 30 $scratch/claim | sed 's/^/#  /'
    head -n 5 $err 2>/dev/null | sed 's/^/# stderr: /'
}
finish() {
    echo "1..$n_tests"
    [ $n_failed = 0 ]
    exit
}
bail() { echo "Bail out! $*"; exit 1; }
is() { [ "$1" = "$2" ] || { printf '"%s" is not "%s"\n' "$1" "$2"; return 1; }; }
holds() { # an expression of awk
    [[ $1 != *missing* && $1 != *null* ]] && awk "BEGIN {exit !($1)}" || { echo "$1"; return 1; }
}
pause() { read -r -t "$1" <>$scratch/never || :; }
within() { # SECONDS COMMAND…: polls until it succeeds
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $end ] || return 1
        pause 0.2
    done
}

# hv ARGUMENT…: hvtune with these; then $status, $out and $err
hv() {
    hvtune "$@" >$out 2>$err </dev/null
    status=$?
    return $status
}
# refused STATUS WORD ARGUMENT…: hvtune ends so, with one line on stderr that holds the word
refused() {
    local wanted=$1 word=$2 lines
    shift 2
    hv "$@"
    mapfile -t lines <$err
    [ $status = "$wanted" ] && [ ${#lines[@]} = 1 ] && [[ ${lines[0]} == *"$word"* ]] || { echo "status $status"; return 1; }
}

# look ARGUMENT…: a snapshot with these; its cells in ${fact[TABLE/KEY/COLUMN]}, "null" where there is none
declare -A fact
look() {
    local name value
    fact=()
    hv snapshot --json "$@" || { echo "# hvtune snapshot ended with status $status"; head -n 5 $err | sed 's/^/# stderr: /'; }
    while IFS=$'\t' read -r name value; do
        fact[$name]=$value
    done < <(jq -r '{host: ["hostname"], nodes: ["node"], cpus: ["cpu"], vms: ["vm"], vcpus: ["vm", "vcpu"], sources: ["source"]} as $keys
        | .tables | to_entries[] | select($keys[.key]) | .key as $table | .value[] | . as $row
        | ([$keys[$table][] as $key | $row[$key] | tostring] | join("/")) as $key
        | to_entries[] | "\($table)/\($key)/\(.key)\t\(.value)"' $out)
}
say() { echo "${fact[$1]:-missing}"; }
number() { [[ ${fact[$1]:-} =~ ^[0-9.]+(e-?[0-9]+)?$ ]] || { echo "$1 is ${fact[$1]:-missing}"; return 1; }; }
# near FACT VALUE TOLERANCE
near() { number "$1" && holds "${fact[$1]} - $2 <= $3 && $2 - ${fact[$1]} <= $3"; }

# expand 0-2,5: in $list, "0 1 2 5"
expand() {
    local part n
    list=
    [[ $1 =~ ^[0-9,-]+$ ]] || return 0
    for part in ${1//,/ }; do
        for ((n = ${part%-*}; n <= ${part#*-}; n++)); do list+=" $n"; done
    done
    list=${list# }
}

# ---- by the kernel's and libvirt's own words ----

sysfs() { read -r word <"/sys/devices/system/cpu/cpu$1/$2"; } # CPU FILE: in $word
node_of() { # CPU: in $word
    local link=(/sys/devices/system/cpu/cpu"$1"/node*)
    word=${link[0]##*/node}
}
declare -A pid_of tid_of group_of
# find_domain NAME: its process, vCPU threads (NAME/N) and cgroup
find_domain() {
    local task comm cgroup
    read -r "pid_of[$1]" <"/run/libvirt/qemu/$1.pid" || :
    for task in /proc/"${pid_of[$1]}"/task/*; do
        read -r comm <"$task/comm" || continue
        case $comm in "CPU "*/"$kind") comm=${comm#CPU } && tid_of[$1/${comm%/*}]=${task##*/} ;; esac
    done
    IFS=: read -r _ _ cgroup <"/proc/${tid_of[$1/0]}/cgroup"
    group_of[$1]=/sys/fs/cgroup${cgroup%/vcpu0}
}
mask() { # TID: in $word
    local name
    while read -r name word; do
        [ "$name" != Cpus_allowed_list: ] || return 0
    done <"/proc/$1/status"
}
is_mask() { mask "$1" && is "$word" "$2"; }
is_cpuset() { # NAME PART LIST
    local set=
    read -r set <"${group_of[$1]}/$2/cpuset.cpus"
    is "$set" "$3"
}
pinned() { # NAME VCPU: in libvirt's live definition
    virsh -q vcpupin "$1" "$2" --live | awk '{print $2}'
}
# All that a pin may touch: masks of every thread of every domain, cpusets of their cgroups, definitions on disk.
host_state() { # FILE
    local name
    {
        for name in web1 db1; do
            grep -sE '^(Name|Cpus_allowed|Cpus_allowed_list|Mems_allowed_list):' /proc/"${pid_of[$name]}"/task/*/status
        done | awk '/status:Name:/ {skip = /worker/} !skip' # workers come and go
        grep -r '' --include='cpuset.*' "${group_of[web1]}" "${group_of[db1]}" | sort
        cat /etc/libvirt/qemu/*.xml
    } >"$1"
}
same_state() { # FILE
    host_state $scratch/state.now
    diff "$1" $scratch/state.now
}

# before, then after TID CGROUP: what ran, waited, was held back and stalled meanwhile, as ratios in
# ${own[TID/run]}, wait, throttled, some; each pair of calls measures the same threads
declare -A own
before() { meter before "$@"; }
after() { meter after "$@"; }
meter() { # WHEN [TID CGROUP]…
    local when=$1 now run wait key value
    shift
    while [ $# -gt 0 ]; do
        now=${EPOCHREALTIME/./}
        read -r run wait _ <"/proc/$1/schedstat"
        while read -r key value; do
            [ "$key" != throttled_usec ] || tell "$1/throttled" "$value" "$now" 1
        done <"$2/vcpu0/cpu.stat"
        read -r value <"$2/cpu.pressure"
        tell "$1/some" "${value##*total=}" "$now" 1
        tell "$1/run" "$run" "$now" 1000
        tell "$1/wait" "$wait" "$now" 1000
        shift 2
    done
}
# Before: remembers; after: the difference per time, three decimals. UNIT: how many make a microsecond
tell() { # NAME VALUE NOW UNIT
    local milli
    if [ "$when" = before ]; then
        own[$1/then]=$2 own[$1/time]=$3
    else
        milli=$((($2 - own[$1/then]) * 1000 / $4 / ($3 - own[$1/time])))
        printf -v "own[$1]" '%d.%03d' $((milli / 1000)) $((milli % 1000))
    fi
}
