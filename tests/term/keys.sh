#!/bin/bash
# The keys that fingers know, on this host as it is.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/lib.sh"

start 100x30 "$hvtune"
claim "opens on the Desk" wait_for '1 Desk'
keys 2
claim "2 is the Map" wait_for 'zoom'
keys 5
claim "5 is Interrupts" wait_for '[Ii][Rr][Qq]'
keys 8
claim "8 is Sources" wait_for 'interrupts'
keys 7
claim "7 is the Journal" wait_gone 'cost'
keys 3
claim "3 is Traffic" wait_for 'links '
keys 4
claim "4 is Cache" wait_for 'who holds how much of the caches\|ways of'
keys 6
claim "6 is for a later version and says so" wait_for 'not in this version'
keys 1
keys F1
claim "F1 is help" wait_for 'quit'
keys Escape
claim "Escape closes it" wait_gone 'quit from anywhere'
keys Escape
keys Escape
claim "Escape never quits" has '1 Desk'
keys :
keys 'journal' Enter
claim ": runs a sub-command" wait_for '[Jj]ournal\|nothing\|no change'
keys Escape
keys z
claim "z freezes" wait_for 'FROZEN\|frozen'
keys z
claim "z again goes on" wait_gone 'FROZEN\|frozen'
keys 1
wait_for 'psi'
keys Tab
claim "Tab goes to the next screen" wait_for 'zoom'
keys BTab
keys q
claim "q at the top quits" wait_for 'ended with 0'
done_testing
