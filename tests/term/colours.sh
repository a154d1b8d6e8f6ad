#!/bin/bash
# Colours as the terminal has them; none where NO_COLOR or the theme says so; ASCII where asked for.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/lib.sh"

start 80x24 "$hvtune"
wait_for '1 Desk'
claim "a 256-colour terminal gets colours" sh -c "$(declare -f colours tmux_); socket=$socket; colours | grep -q '38;[25];'"
keys x
plain() { for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    colours | grep -q '\[[0-9;]*[34]8;[25];' || return 0; read -r -t 0.05 <>"$dir/never" || :; done; return 1; }
claim "x takes the colours away" plain
keys q
wait_for 'ended with'
start 80x24 env NO_COLOR=1 "$hvtune"
claim "opens with NO_COLOR" wait_for '1 Desk'
claim "NO_COLOR has no colours" plain
keys q
wait_for 'ended with'
start 80x24 "$hvtune" --ascii
claim "opens with --ascii" wait_for '1 Desk'
only_ascii() { ! screen | LC_ALL=C grep -q '[^ -~]'; }
claim "--ascii draws ASCII only" only_ascii
keys 2
wait_for 'zoom'
claim "the Map too" only_ascii
keys q
wait_for 'ended with'
TERM_IN=dumb
start 80x24 "$hvtune"
claim "TERM=dumb is refused in one line" wait_for 'hvtune: .*dumb'
claim "with status 2 or 3" wait_for 'ended with [23]'
done_testing
