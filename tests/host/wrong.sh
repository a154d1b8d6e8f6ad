#!/bin/bash
# Wrong input and a wrong host: one clear line, and nothing is changed.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/lib.sh"
at_end() { umount "$scratch/full" 2>/dev/null; umount /run/hvtune 2>/dev/null; }

domain web1 2 && domain '$(reboot)' 1 || { echo "Bail out! no domain starts"; exit 1; }
before=$(host_state)
unchanged() { is "$(host_state)" "$before"; }

claim "no such VM" refused 2 web9 set vm/web9/vcpu/0/cpus=0
claim "no such vCPU" refused 2 99 set vm/web1/vcpu/99/cpus=0
claim "no such iothread" refused 2 7 set vm/web1/iothread/7/cpus=0
claim "an empty list" refused 2 empty set vm/web1/vcpu/0/cpus=
claim "a cpu that the host lacks" refused 2 4095 set vm/web1/vcpu/0/cpus=4095
claim "a cpu far beyond any host" refused 2 cpus set vm/web1/vcpu/0/cpus=99999999999
claim "not a list" refused 2 cpus set vm/web1/vcpu/0/cpus=first
claim "no value" refused 2 = set vm/web1/vcpu/0/cpus
claim "no such knob" refused 2 turbo set vm/web1/turbo=1
claim "a control character in a name" refused 2 vm "set" "$(printf 'vm/we\033[31mb1/vcpu/0/cpus=0')"
claim "one bad wish refuses the good one beside it" refused 2 web9 set vm/web1/vcpu/0/cpus=0 vm/web9/vcpu/0/cpus=0
claim "an unknown option" refused 2 frobnicate set --frobnicate vm/web1/vcpu/0/cpus=0
claim "nothing has changed" unchanged

name=$(hv get 'vm/*/vcpu/0/cpus' | sed -n 's/ = .*//p' | grep reboot)
claim "a VM called \$(reboot) has an escaped path" is "$name" 'vm/%24%28reboot%29/vcpu/0/cpus'
line=$(hv set "$name=0" --dry-run | sed -n '2s/^ *//p')
claim "its shell line is quoted" sh -c "printf '%s\n' \"\$1\" | grep -qF \"'\\\$(reboot)'\"" - "$line"
claim "and does what it says" sh -c "$line"
tid=$(vcpu_tid "$(qemu_pid '$(reboot)')" 0)
claim "by the kernel's word" is "$(mask "$tid")" 0
virsh -q vcpupin '$(reboot)' 0 "$(echo "$before" | awk '/web1 CPU 0/ {print $NF}')" --live

mkdir -p "$scratch/full"
mount -t tmpfs -o size=64k,mode=700 tmpfs "$scratch/full"
head -c 200000 /dev/zero >"$scratch/full/ballast" 2>/dev/null
claim "a full disk under the journal" env STATE_DIRECTORY="$scratch/full" bash -c '. "$0"; refused 3 journal set vm/web1/vcpu/0/cpus=0' <(declare -f refused; echo "scratch=$scratch HVTUNE=$HVTUNE")
mkdir -p /run/hvtune
mount -t tmpfs -o size=64k,mode=700 tmpfs /run/hvtune
head -c 200000 /dev/zero >/run/hvtune/ballast 2>/dev/null
claim "nothing has changed" unchanged
chmod 500 "$scratch/full"
claim "--read-only changes nothing" refused 3 read-only set --read-only vm/web1/vcpu/0/cpus=0
claim "no privilege is said in one line" sh -c "! setpriv --reuid=65534 --regid=65534 --clear-groups env STATE_DIRECTORY=$scratch/nobody '$HVTUNE' set vm/web1/vcpu/0/cpus=0 >$scratch/out 2>$scratch/err && [ \$(wc -l <$scratch/err) = 1 ]"
claim "nothing has changed after all that" unchanged
finish
