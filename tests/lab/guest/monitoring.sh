#!/bin/bash
# Inside the lab: the groups that hvtune makes in resctrl are shared, leased and removed; others' are read, never touched;
# numbers are those of the files. The lab's counters depend on time and RMID alone here (x-rdt-clock).
# SPDX-License-Identifier: GPL-2.0-or-later
. ./lib.sh
case $1 in
intel) kind=TCG ;;
amd) kind=KVM ;;
esac
R=/sys/fs/resctrl
lab-domain web1 2 64 && lab-domain db1 1 64 || bail "no domain starts"
find_domain web1
find_domain db1
web0=${tid_of[web1/0]} web1=${tid_of[web1/1]} db0=${tid_of[db1/0]}
ours=hvtune-$(virsh -q domuuid web1 | sed '/^$/d') theirs=theirs

# Somebody else's: a control group with one of web1's vCPUs and a process, a monitoring group with db1's.
mkdir $R/gold $R/mon_groups/$theirs
tail -f $scratch/never &
stranger=$!
echo "$stranger" >$R/gold/tasks
echo "$web1" >$R/gold/tasks
echo "$db0" >$R/mon_groups/$theirs/tasks

# All of resctrl but counters, the tasks of the default group and what info says of the last command.
resctrl_state() { # FILE
    (cd $R && find . -path ./info/last_cmd_status -o -path '*/mon_data/*' -o -path ./tasks -o -print | sort |
        while read -r name; do
            echo "$name"
            [ -d "$name" ] || cat "$name"
        done) >"$1"
}
untouched() { resctrl_state $scratch/resctrl.now && diff $scratch/resctrl $scratch/resctrl.now; }
leases() { ls "$STATE_DIRECTORY/monitoring" 2>/dev/null; }
is_there() { [ -d "$R/$1" ] || { ls $R/mon_groups $R/gold/mon_groups; return 1; }; }
is_gone() { [ ! -d "$R/$1" ]; }
tasks() { paste -sd' ' "$R/$1/tasks"; }
counter() { # GROUP L3 EVENT: in $word
    read -r word <"$R/$1/mon_data/mon_L3_0$2/$3"
}
# watch NAME SECONDS: an hvtune that looks for so long, in the background; its pid in $watcher
watch() {
    hvtune --source traffic=mbm snapshot --json --interval "$2s" resctrl resctrl_mon vm_groups footprint traffic llc \
        >$scratch/$1 2>$scratch/$1.err &
    watcher=$!
}
# cell FILE TABLE COLUMN NAME=VALUE…: of the one row whose cells are so
cell() {
    local file=$1 table=$2 column=$3 filter=true pair
    shift 3
    for pair in "$@"; do filter+=" and (.${pair%%=*} | tostring) == \"${pair#*=}\""; done
    jq -r ".tables.$table[] | select($filter) | .$column" "$scratch/$file"
}
near_numbers() { holds "$1 - $2 <= $3 && $2 - $1 <= $3"; }
resctrl_state $scratch/resctrl

# ---- only reading ----

hv snapshot --json --interval 0 resctrl_mon
claim "a single look makes nothing" untouched
hv --read-only --source traffic=mbm snapshot --json --interval 0 resctrl_mon
claim "read-only neither" untouched
hv --footprint none --source traffic=mbm snapshot --json --interval 0 resctrl_mon
claim "nor with --footprint none" untouched
claim "there is no lease" is "$(leases)" ""

# ---- one that looks ----

watch first 12
claim "a group is made for the VM" within 20 is_there "mon_groups/$ours"
claim "and one in each control group that it is in" within 5 is_there "gold/mon_groups/$ours"
claim "each has the vCPU that is in its control group" is "$(tasks "mon_groups/$ours") $(tasks "gold/mon_groups/$ours")" "$web0 $web1"
claim "whoever is in somebody else's group stays there" is "$(tasks mon_groups/$theirs)" "$db0"
claim "and has no other" is_gone "mon_groups/hvtune-$(virsh -q domuuid db1 | sed '/^$/d')"
claim "there is one lease, of this process" is "$(leases)" "$watcher-$(sed 's/.*) //' /proc/$watcher/stat | cut -d' ' -f20)"
pause 2 # a new RMID's first second may not be whole
declare -A by_hand
for group in "mon_groups/$ours" "gold/mon_groups/$ours" mon_groups/$theirs; do
    for event in mbm_total_bytes mbm_local_bytes; do
        for l3 in 0 1; do
            counter "$group" $l3 $event
            by_hand[$group/$l3/$event]=$word by_hand[$group/$l3/$event/at]=${EPOCHREALTIME/./}
        done
    done
done
pause 4
for name in "${!by_hand[@]}"; do
    [[ $name != */at ]] || continue
    event=${name##*/} l3=${name%/*} l3=${l3##*/} group=${name%/*/*}
    counter "$group" "$l3" "$event"
    by_hand[$name/rate]=$(((word - by_hand[$name]) * 1000000 / (${EPOCHREALTIME/./} - by_hand[$name/at])))
    by_hand[$name/later]=$word
done
wait $watcher
claim "it ends well" is $? 0

sum_total=0 sum_local=0
compare() { # GROUP MON PATH VM
    local l3 event name
    for l3 in 0 1; do
        for event in total local; do
            name=$3/$l3/mbm_${event}_bytes
            claim "$3, L3 $l3: the $event rate is what one reads by hand" near_numbers \
                "$(cell first resctrl_mon ${event}_bytes_per_s "group=$1" "mon=$2" "llc=$l3")" "${by_hand[$name/rate]}" "${by_hand[$name/rate]}*0.05"
            claim "$3, L3 $l3: the $event counter has gone on from there" holds \
                "$(cell first resctrl_mon ${event}_bytes "group=$1" "mon=$2" "llc=$l3") >= ${by_hand[$name]}"
        done
        [ "$4" != web1 ] || sum_total=$((sum_total + by_hand[$3/$l3/mbm_total_bytes/rate])) \
            sum_local=$((sum_local + by_hand[$3/$l3/mbm_local_bytes/rate]))
        claim "$3, L3 $l3: it is $4's" is "$(cell first resctrl_mon vm "group=$1" "mon=$2" "llc=$l3")" "$4"
    done
}
compare default "$ours" "mon_groups/$ours" web1
compare gold "$ours" "gold/mon_groups/$ours" web1
compare default $theirs mon_groups/$theirs db1
claim "the VM's traffic is the sum of its groups" near_numbers \
    "$(cell first traffic total_bytes_per_s vm=web1)" $sum_total "$sum_total*0.05"
claim "its local part too" near_numbers "$(cell first traffic local_bytes_per_s vm=web1)" $sum_local "$sum_local*0.05"
claim "by MBM, and measured" is "$(cell first traffic source vm=web1) $(cell first traffic quality vm=web1)" "mbm measured"
claim "what was made was told" is "$(jq '.tables.footprint | length' $scratch/first)" 2
claim "half of the free RMIDs may be used" is "$(cell first resctrl groups_limit)" $(((64 - 3) / 2))
claim "afterwards all is as before, byte for byte" untouched
claim "and there is no lease" is "$(leases)" ""

# ---- two that look, one killed ----

watch long 60
long=$watcher
claim "an hvtune that will be killed has its groups" within 20 is_there "gold/mon_groups/$ours"
watch short 3
wait $watcher
claim "another shares them" is "$(cell short resctrl_mon whole group=default "mon=$ours" llc=0)" true
claim "and leaves them to the first" is_there "mon_groups/$ours"
claim "with their threads" is "$(tasks "mon_groups/$ours") $(tasks "gold/mon_groups/$ours")" "$web0 $web1"
kill -9 $long
wait $long 2>/dev/null
claim "killed, that leaves them behind" is_there "mon_groups/$ours"
hv snapshot --json --interval 0 resctrl_mon
claim "the next start removes them, and all is as before, byte for byte" untouched
claim "also the lease of the dead" is "$(leases)" ""

watch long 60
claim "one that is asked to end" within 20 is_there "gold/mon_groups/$ours"
kill -TERM $watcher
wait $watcher
claim "ends by that signal" is $? 143
claim "and has taken its groups away: all is as before, byte for byte" untouched

# ---- a console ----

tmux -f /dev/null new-session -d -x 80 -y 24 "env TERM=screen STATE_DIRECTORY=$STATE_DIRECTORY PATH=$PATH LD_LIBRARY_PATH=$LD_LIBRARY_PATH hvtune"
claim "a console makes them" within 30 is_there "mon_groups/$ours"
tmux send-keys q
claim "and takes them away when it is left" within 15 is_gone "mon_groups/$ours"
within 5 eval "! tmux has-session 2>/dev/null"
claim "all is as before, byte for byte" untouched
tmux -f /dev/null new-session -d -x 80 -y 24 "env TERM=screen STATE_DIRECTORY=$STATE_DIRECTORY PATH=$PATH LD_LIBRARY_PATH=$LD_LIBRARY_PATH hvtune"
claim "another console makes them" within 30 is_there "mon_groups/$ours"
tmux kill-server
claim "and takes them away when its terminal goes" within 15 is_gone "mon_groups/$ours"
claim "all is as before, byte for byte" within 5 untouched

# ---- a control group of one VM ----

kill $stranger
wait $stranger 2>/dev/null
watch alone 2
wait $watcher
claim "a control group that has one VM alone counts it, without another group" \
    is "$(cell alone resctrl_mon vm group=gold mon=null llc=0) $(jq '.tables.footprint | length' $scratch/alone)" "web1 1"

# ---- pqos; last, since it makes COS1 and more and leaves them ----

rmdir $R/gold $R/mon_groups/$theirs
mask=$(sed 's/^/0x/' $R/info/L3/cbm_mask)
printf 'L3:0=%x\n' $((mask & 0xff)) >$R/schemata
pqos -I -s >$scratch/pqos 2>&1
hv snapshot --json --interval 0 resctrl_groups resctrl_domains
pqos_says() { # by L3, class and resource: what pqos prints
    awk '/definitions for/ {for (i = 1; i <= NF; i++) if ($i ~ /^(Socket|ID)$/) l3 = $(i + 1) + 0}
        /^ *(L3CA|MBA) COS[0-9]+ =>/ {n = $2; sub(/COS/, "", n); value = $NF
            if ($1 == "L3CA") {sub(/0x/, "", value); print l3, n, "L3", value}
            else {value = $4; gsub(/[^0-9]/, "", value); print l3, n, "MB", value}}' $scratch/pqos | sort
}
we_say() {
    jq -r '.tables.resctrl_domains[] | select(.resource == "L3" or .resource == "MB")
        | "\(.domain) \(if .group == "default" then 0 else (.group | ltrimstr("COS")) end) \(.resource) \(.value | sub("^0+(?=.)"; ""))"' $out | sort
}
claim "pqos -I and hvtune agree on every class" diff <(pqos_says) <(we_say)
claim "of which there are some" holds "$(we_say | wc -l) >= 8"
finish
