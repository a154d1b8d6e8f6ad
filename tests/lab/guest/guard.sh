# Inside the lab with systemd as PID 1: a guard is a unit of systemd's, and what it guards reverts when all else is killed.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
. ./lib.sh

knob=kvm/halt_poll_ns path=/sys/module/kvm/parameters/halt_poll_ns
modprobe kvm
[ -e $path ] || bail "no kvm module here"
systemctl set-environment LD_LIBRARY_PATH=$LD_LIBRARY_PATH # of the lab's copy of hvtune
read -r before <$path
value_is() { local now; read -r now <$path; [ "$now" = "$1" ]; }
guards() { systemctl list-units --plain --no-legend 'hvtune-guard-*' | awk '{print $1}'; }

setsid bash -c 'hvtune set "$0=12345" --confirm 15 >"$1/said" 2>&1; read -r -t 300 <>"$1/never"' $knob $scratch &
shell=$!
claim "the plan is made" within 60 grep -q 'it reverts at' $scratch/said
claim "nothing is doubtful about its guard" eval '! grep -q "no unit" $scratch/said'
claim "its guard is a transient unit" eval '[[ $(guards) == hvtune-guard-1-*.service ]]'
for each in $(ps -o pid= -s $shell); do kill -9 "$each"; done
claim "what was set is set" value_is 12345
claim "killed with its session, it is taken back" within 60 value_is "$before"
claim "the unit has gone" within 20 eval '[ -z "$(guards)" ]'
claim "the journal says so" eval 'hvtune journal | grep -q reverted'
finish
