#!/bin/bash
# What a program that root runs must not be talked into.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/tap.sh"
make_host "$scratch/small"

if [ "$(id -u)" -ne 0 ]; then
    skip "hvtune does not run setuid" "needs root to make a setuid copy"
    skip "what came through sudo is ignored" "needs root"
    finish
fi

# A copy beside the scratch directory, which a nobody may enter.
chmod 755 "$scratch"
cp "$HVTUNE" "$scratch/setuid" && chmod 4755 "$scratch/setuid"
setpriv --reuid=65534 --regid=65534 --clear-groups "$scratch/setuid" --version >"$out" 2>"$err" </dev/null
status=$?
if [ "$(stat -f -c %T "$scratch")" = tmpfs ] && [ $status -eq 0 ]; then
    skip "hvtune does not run setuid" "the temporary directory is mounted nosuid"
else
    claim "hvtune does not run setuid: one line" refused "$status" "setuid"
    claim "and prints nothing else" is "$status:$(wc -c <"$out")" "2:0"
fi

SUDO_UID=1000 XDG_CONFIG_HOME=$scratch/config LIBVIRT_DEFAULT_URI=test:///default HWLOC_XMLFILE=/nonexistent \
    run --root "$scratch/small" snapshot host
claim "what came through sudo is ignored with one line" lines "$err" 1
claim "which names them" grep -q 'HWLOC_XMLFILE.*came through sudo\|LIBVIRT_DEFAULT_URI' "$err"
claim "and all goes on" is "$status" 0
mkdir -p "$XDG_CONFIG_HOME/hvtune"
printf '[hvtune]\ntheme = nonsense\n' >"$XDG_CONFIG_HOME/hvtune/hvtune.conf"
chmod 666 "$XDG_CONFIG_HOME/hvtune/hvtune.conf"
run --root "$scratch/small" snapshot host
claim "a configuration that others can write is ignored with one line" is "$status:$(wc -l <"$err")" "0:1"
claim "which names the file" grep -q 'hvtune\.conf: ignored' "$err"
rm -r "$XDG_CONFIG_HOME"

run journal
umask 000
run set vm/nope/vcpu/0/cpus=0
claim "nothing that hvtune makes can be read by others" \
    is "$(find "$STATE_DIRECTORY" -perm /077 2>/dev/null | wc -l)" 0
mkdir -p "$scratch/open" && chmod 777 "$scratch/open"
STATE_DIRECTORY=$scratch/open run undo
claim "a state directory that others can write is refused" is "$([ $status -ne 0 ] && wc -l <"$err")" 1
finish
