#!/bin/bash
# Inside the lab: groups, ways, bandwidth and members as hvtune makes them and takes them back, against what the
# kernel's own files say; what is refused before writing, what the kernel refuses, and a kill at each write.
# SPDX-License-Identifier: GPL-2.0-or-later
. ./lib.sh
case $1 in
intel) kind=TCG full=fff eight=ff third=33 made=40 none=100 ;;
amd) kind=KVM full=ffff eight=ff third=160 made=160 none=2048 ;;
esac
R=/sys/fs/resctrl
lab-domain web1 2 64 && lab-domain db1 1 64 || bail "no domain starts"
find_domain web1
find_domain db1
web0=${tid_of[web1/0]} web1=${tid_of[web1/1]}

# Directories, schemata, modes, cpus, and in which group each thread of the domains is. Threads named worker come and go.
resctrl_state() { # FILE
    local group name task tid comm
    {
        for group in $R $R/*/; do
            [ -f "$group/schemata" ] || continue
            for name in schemata size mode cpus_list; do
                echo "${group%/} $name"
                cat "$group/$name"
            done
            ls "$group/mon_groups"
        done
        for group in $R $R/*/; do
            [ -f "$group/tasks" ] || continue
            while read -r tid; do
                for task in "/proc/${pid_of[web1]}/task/$tid" "/proc/${pid_of[db1]}/task/$tid"; do
                    read -r comm 2>/dev/null <"$task/comm" && [ "$comm" != worker ] && echo "${group%/} has $tid $comm"
                done
            done <"$group/tasks"
        done | sort
    } >"$1"
}
same() { resctrl_state $scratch/resctrl.now && diff "${1:-$scratch/resctrl}" $scratch/resctrl.now; }
share() { sed -n "s/^ *$2:.*\b$3= *\([0-9a-f]*\).*/\1/p" "$R/$1/schemata"; } # GROUP RESOURCE DOMAIN
in_group() { grep -qx "$2" "$R/$1/tasks"; }
none_outside() { # GROUP: no thread of web1's process is in another
    local task
    for task in /proc/"${pid_of[web1]}"/task/*; do
        grep -qx "${task##*/}" "$R/$1/tasks" || { echo "${task##*/} is not in $1"; return 1; }
    done
}
resctrl_state $scratch/resctrl

# ---- made and taken back ----

wishes="resctrl/gold=present resctrl/gold/l3/0=8w resctrl/gold/mb/1=$third vm/web1/group=gold"
# shellcheck disable=SC2086 # words
claim "a plan of a group, ways, bandwidth and a VM is made" hv set --fault "count-writes:$scratch/count" $wishes
claim "the ways are those asked for" is "$(share gold L3 0) $(share gold L3 1)" "$(printf '%0*x' ${#full} 0x$eight) $full"
claim "the bandwidth is what the kernel makes of it" is "$(share gold MB 1) $(share gold MB 0)" "$made $none"
claim "no thread of the VM is left behind" none_outside gold
claim "the other VM is where it was" in_group . "${tid_of[db1/0]}"
claim "hvtune reads it back" eval "hv get vm/web1/group vm/web1/vcpu/1/group resctrl/gold/l3/0 && is \"\$(cat $out | tr '\n' ' ')\" 'vm/web1/group = gold vm/web1/vcpu/1/group = gold resctrl/gold/l3/0 = $eight '"
claim "undo succeeds" hv undo
claim "after it all is as before" same
claim "redo makes it again" hv redo "$(hv journal --json && jq '[.tables.changes[].change] | max' $out)"
claim "with all threads" none_outside gold
resctrl_state $scratch/made
claim "a vCPU alone goes elsewhere" hv set vm/web1/vcpu/1/group=default
claim "alone" eval "in_group . $web1 && in_group gold $web0"
claim "which makes the VM's group mixed" eval "hv get vm/web1/group && is \"\$(cat $out)\" 'vm/web1/group = mixed'"
resctrl_state $scratch/mixed
claim "the group is removed, members first" hv set resctrl/gold=absent
claim "and is gone" [ ! -d $R/gold ]
claim "undo brings it back" hv undo
claim "with its ways, bandwidth and members" same $scratch/mixed
claim "the vCPU goes back" hv undo "$(hv journal --json && jq '[.tables.changes[] | select(.knob == "vm/web1/vcpu/1/group") | .change] | min' $out)"
claim "to where it was" same $scratch/made
claim "a group that somebody removed is no error" rmdir $R/gold
claim "undo says what has gone" hv undo --force "$(hv journal --json && jq '[.tables.changes[] | select(.knob == "resctrl/gold/mb/1" and .undone_by == null) | .change] | max' $out)"
claim "and all is as before" same

# ---- refused before anything is written ----

mkdir $R/theirs
resctrl_state $scratch/theirs
claim "too many ways" refused 1 "out of range" set resctrl/theirs/l3/0=1${full}f
claim "an unknown domain" refused 2 "no such domain" set resctrl/theirs/l3/7=f
if [ "$1" = intel ]; then
    claim "a mask with holes" refused 1 "has holes" set resctrl/theirs/l3/0=5
    claim "too little bandwidth" refused 1 "min_bandwidth" set resctrl/theirs/mb/0=5
else
    claim "a mask with holes is AMD's right" hv set resctrl/theirs/l3/0=5
    claim "so is an empty one" hv set resctrl/theirs/l3/0=0
    claim "undone" eval "hv undo && hv undo"
    claim "percent is not AMD's unit" refused 1 "eighths of GB/s" set resctrl/theirs/mb/0=30%
fi
claim "the default group keeps two ways" refused 1 "at least 2" set resctrl/default/l3/0=1
claim "a glob does not catch what is not ours" refused 1 "named in full" set 'resctrl/*/l3/0=3'
claim "a group that is there already is not refused" hv set resctrl/theirs=present
for ((n = 0; n < 20; n++)); do mkdir $R/fill$n 2>/dev/null || break; done
claim "no class is left" refused 1 "CLOSID" set resctrl/one-more=present
rmdir $R/fill*
echo exclusive >$R/theirs/mode 2>/dev/null
claim "all of that wrote nothing" same $scratch/theirs

# ---- refused by the kernel, in its words ----

sleep 30 &
gone=$!
kill $gone
mkdir $R/other
low=$((16#$full >> 4))
printf 'L3:0=%x;1=%x\n' $low $low >$R/schemata
printf 'L3:0=%x;1=%x\n' $low $low >$R/theirs/schemata
if [ "$1" = intel ]; then printf 'L3:0=300;1=300\n' >$R/other/schemata; else printf 'L3:0=f000;1=f000\n' >$R/other/schemata; fi
[ "$1" != intel ] || printf 'L3:0=ff;1=ff\n' >$R/schemata
if echo exclusive >$R/other/mode 2>/dev/null; then
    claim "ways of an exclusive group are refused, and whose they are" refused 1 "other" set resctrl/theirs/l3/0=$full
fi
rmdir $R/other
printf 'L3:0=%s;1=%s\n' $full $full >$R/schemata
printf 'L3:0=%s;1=%s\n' $full $full >$R/theirs/schemata
rmdir $R/theirs
claim "the stage is as it was" same

# ---- killed at each write, and with a write that fails ----

read -r n_writes <$scratch/count
claim "the plan has a write for each step at least" [ "$n_writes" -ge 4 ]
for fault in kill-write kill-after-write fail-write; do
    for ((n = 1; n <= n_writes; n++)); do
        # in the middle of many threads one is as another
        [ $n -le 5 ] || [ $n = "$n_writes" ] || continue
        rm -rf "$STATE_DIRECTORY"
        # shellcheck disable=SC2086
        hv set --fault "$fault:$n" $wishes
        hv undo
        claim "$fault at write $n is undone" same
    done
done
rm -rf "$STATE_DIRECTORY"
for ((n = 1; n <= n_writes; n += 3)); do
    # shellcheck disable=SC2086
    hv set $wishes
    hv undo --fault "kill-after-write:$n"
    hv undo
    claim "an undo killed after write $n can be finished" same
    rm -rf "$STATE_DIRECTORY"
done

# ---- a thread in somebody's monitoring group ----

mkdir $R/mon_groups/watched
echo "$web0" >$R/mon_groups/watched/tasks
claim "leaving it is said, and that undo is near" eval "hv set --dry-run resctrl/gold=present vm/web1/group=gold; grep -q watched $out && grep -q near $out"
rmdir $R/mon_groups/watched
claim "all is as before" same
finish
