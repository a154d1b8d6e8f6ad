#!/bin/bash
# The window is resized, also in a storm and to nothing, and the screen fits it.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/lib.sh"

resize() { tmux_ resize-window -x "${1%x*}" -y "${1#*x}"; }

start 80x24 "$hvtune"
claim "opens at 80x24" wait_for '1 Desk'
resize 160x45
claim "fills 160x45" wait_for '1 Desk'
resize 20x5
claim "says what it needs at 20x5" wait_for '[0-9]x[0-9]'
resize 80x24
claim "comes back at 80x24" wait_for '1 Desk'
for i in $(seq 100); do
    resize "$((60 + i % 40))x$((12 + i % 20))"
done
resize 90x30
claim "lives through a hundred resizes" wait_for '1 Desk'
keys 2
claim "and still answers keys" wait_for 'Package\|zoom'
keys q q
claim "ends with status 0" wait_for 'ended with 0'
done_testing
