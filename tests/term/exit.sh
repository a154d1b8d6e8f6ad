#!/bin/bash
# However hvtune ends, the terminal is left as it was.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/lib.sh"

left_as_it_was() {
    wait_for 'ended with' && alternate_screen 0 && mouse_is 0 && cursor_is 1 || return 1
    keys 'stty -a | tr " " "\\n" | grep -cxE "icanon;?|echo;?|isig;?"' Enter
    wait_for '^3$'
}

for way in q Q C-c F10; do
    start 80x24 "$hvtune"
    claim "the console opens (then $way)" wait_for '1 Desk'
    keys "$way"
    claim "$way leaves the terminal as it was" left_as_it_was
    claim "$way ends with status 0" has 'ended with 0'
done
# The thread sanitizer takes a fatal signal from outside for one of the program's own making, and lets the handler run in
# the midst of what itself was doing: seldom, that dies.
signals="TERM HUP INT SEGV ABRT"
grep -q __tsan_init "$hvtune" && signals="TERM HUP INT" && skip "SIGSEGV and SIGABRT leave the terminal as it was" \
    "the thread sanitizer's own handling of them is not safe"
for signal in $signals; do
    start 80x24 "$hvtune"
    wait_for '1 Desk'
    pid=$(program_pid)
    kill -s "$signal" "$pid"
    claim "SIG$signal leaves the terminal as it was" left_as_it_was
done
done_testing
