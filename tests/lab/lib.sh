# What the tests in the emulated two-socket lab share: the share that the guest gets, and the boot.
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A test sources this and calls `in_lab`; the claims are made by guest/NAME.sh, inside, which prints the TAP.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
HVTUNE=${HVTUNE:-$(cd "$here/../.." && pwd)/hvtune}
lab=$(cd "${HVTUNE_SHARED:-$here/../../../shared}/lab" 2>/dev/null && pwd)
cache=${LAB_CACHE:-/var/tmp/hvtune-lab}

plan_skip() { echo "1..0 # SKIP $*"; exit 0; }

# The libraries that PROGRAM needs and the lab's Debian lacks go with it.
carry() { # PROGRAM NAME
    local library
    cp -L "$1" "$share/bin/$2" || return 1
    ldd "$1" | awk '$2 == "=>" && $3 ~ /^\// {print $3}' | while read -r library; do
        [ -e "$cache/rootfs$library" ] || [ -e "$cache/rootfs/usr$library" ] || cp -nL "$library" "$share/bin"/
    done
}

# Programs of the build and files that the guest's script needs besides.
programs=() files=()

# in_lab FLAVOUR SCRIPT [OPTION-OF-RUN…]: runs guest/SCRIPT there and ends with its status
in_lab() {
    local flavour=$1 script=$2 share status program
    shift 2
    [ -n "$lab" ] && [ -x "$lab/run" ] && [ -f "$cache/root-$flavour.img" ] || plan_skip "the lab is not built"
    command -v jq >/dev/null || plan_skip "jq is not installed"
    share=$(mktemp -d "${TMPDIR:-/tmp}/hvtune-lab-share.XXXXXX") || exit 99
    # shellcheck disable=SC2064 # the directory as it is now
    trap "rm -rf '$share'" EXIT
    mkdir "$share/bin" && carry "$HVTUNE" hvtune && carry "$(command -v jq)" jq &&
        cp "$here/guest/lib.sh" "$here/guest/$script" "$share"/ || exit 99
    for program in "${programs[@]}"; do
        carry "$(dirname "$HVTUNE")/$program" "$(basename "$program")" || exit 99
    done
    [ ${#files[@]} = 0 ] || cp "${files[@]}" "$share"/ || exit 99
    LAB_CACHE=$cache "$lab/run" --flavour "$flavour" --timeout 400 --share "$share" "$@" -- bash "$script" "$flavour"
    status=$?
    [ $status -lt 124 ] || echo "Bail out! the lab ended with status $status"
    exit $status
}
