# Drives a program in a private tmux: start 80x24 CMD…, keys KEY…, wait_for TEXT, screen, colours; TAP comes out.
# SPDX-License-Identifier: GPL-2.0-or-later
# Every wait polls and has a limit; nothing sleeps for a fixed time to be safe.

hvtune=${HVTUNE:-./hvtune}
dir=$(mktemp -d "${TMPDIR:-/tmp}/hvtune-term.XXXXXX")
socket=$dir/tmux n_starts=0
n_tests=0 n_failed=0

tmux_() { tmux -S "$socket" -f /dev/null "$@"; }
finish() {
    tmux_ kill-server 2>/dev/null
    rm -rf "$dir"
}
trap finish EXIT
trap 'exit 143' TERM INT HUP

command -v tmux >/dev/null 2>&1 || { echo "1..0 # SKIP tmux is not installed"; exit 0; }
[ -x "$hvtune" ] || { echo "1..0 # SKIP no program at $hvtune"; exit 0; }

# start SIZE COMMAND…: in a shell of its own, so that what the terminal is left like can be looked at.
start() {
    local size=$1
    shift
    tmux_ kill-server 2>/dev/null
    n_starts=$((n_starts + 1))
    socket=$dir/tmux-$n_starts # a server that is about to end takes no new session
    printf 'ulimit -c 0; PS1=; export XDG_STATE_HOME=%q XDG_CONFIG_HOME=%q STATE_DIRECTORY=%q\n' "$dir/state" "$dir/config" "$dir/state" >"$dir/rc"
    { printf '%q ' "$@"; printf '; echo "ended with $?"\n'; } >"$dir/command"
    tmux_ new-session -d -x "${size%x*}" -y "${size#*x}" "env TERM=${TERM_IN:-tmux-256color} LANG=C.UTF-8 bash --rcfile '$dir/rc' -i" \; \
        set -g status off \; set -g escape-time 10 >/dev/null 2>&1
    tmux_ send-keys ". $dir/command" Enter
}
keys() { tmux_ send-keys "$@"; }
screen() { tmux_ capture-pane -p; }
colours() { tmux_ capture-pane -p -e; }
# wait_for TEXT [SECONDS]: until the screen has it (a basic regular expression). wait_gone: until it has not.
wait_for() {
    local end=$((SECONDS + ${2:-8}))
    while [ $SECONDS -le $end ]; do
        screen | grep -q -e "$1" && return 0
        read -r -t 0.05 <>"$dir/never" || :
    done
    return 1
}
wait_gone() {
    local end=$((SECONDS + ${2:-8}))
    while [ $SECONDS -le $end ]; do
        screen | grep -q -e "$1" || return 0
        read -r -t 0.05 <>"$dir/never" || :
    done
    return 1
}
# wait_until FUNCTION [SECONDS]: until it succeeds.
wait_until() {
    local end=$((SECONDS + ${2:-8}))
    while [ $SECONDS -le $end ]; do
        "$1" && return 0
        read -r -t 0.05 <>"$dir/never" || :
    done
    return 1
}
mkfifo "$dir/never"

# skip TEXT WHY: a claim that cannot be made here.
skip() { n_tests=$((n_tests + 1)); echo "ok $n_tests - $1 # SKIP $2"; }
# claim TEXT COMMAND…: one TAP line; what the screen showed goes with a failure.
claim() {
    local text=$1
    shift
    n_tests=$((n_tests + 1))
    if "$@"; then
        echo "ok $n_tests $text"
    else
        n_failed=$((n_failed + 1))
        echo "not ok $n_tests $text"
        screen 2>/dev/null | sed 's/^/# /'
    fi
}
done_testing() {
    echo "1..$n_tests"
    [ $n_failed = 0 ]
}
has() { screen | grep -q -e "$1"; }
has_not() { ! screen | grep -q -e "$1"; }
# The pane's program, whose parent is the shell: for signals.
program_pid() { pgrep -n -P "$(tmux_ display-message -p '#{pane_pid}')" -f "$(basename "$hvtune")"; }
alternate_screen() { [ "$(tmux_ display-message -p '#{alternate_on}')" = "$1" ]; }
mouse_is() { [ "$(tmux_ display-message -p '#{mouse_any_flag}')" = "$1" ]; }
cursor_is() { [ "$(tmux_ display-message -p '#{cursor_flag}')" = "$1" ]; }
