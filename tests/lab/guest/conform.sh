#!/bin/bash
# Inside the lab: each operation of the script on the real kernel and on the simulated one; their answers are the same.
# SPDX-License-Identifier: GPL-2.0-or-later
. ./lib.sh
case $1 in
intel) demo=lab ;;
amd) demo=lab,amd ;;
esac
mount_with() { umount /sys/fs/resctrl && mount -t resctrl $1 resctrl /sys/fs/resctrl; }
# compare NAME DEMO VM SCRIPT
compare() {
    local real simulated
    conform "$3" "$4" >$scratch/real 2>$err || bail "conform: $(tail -n 1 $err)"
    conform --demo "$2" "$3" "$4" >$scratch/simulated 2>$err || bail "conform --demo: $(tail -n 1 $err)"
    while IFS= read -r real && IFS= read -r simulated <&3; do
        claim "$1${real%% -> *}" is "${simulated#* -> }" "${real#* -> }"
    done <$scratch/real 3<$scratch/simulated
    claim "$1both answered all of it" is "$(wc -l <$scratch/simulated)" "$(wc -l <$scratch/real)"
}

if [ "$demo" = lab ]; then # before a domain's namespace keeps the mount
    mount_with "-o cdp" && compare "cdp: " lab,cdp - script-cdp
    mount_with ""
fi
echo 0 >/proc/sys/kernel/numa_balancing # pages stay where they are put
lab-domain one 2 64 spin || bail "no domain starts"
compare "" $demo one script
finish
