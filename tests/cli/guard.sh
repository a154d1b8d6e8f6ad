#!/bin/bash
# --confirm and confirm in a demo, where the process itself is the guard and time is simulated.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/tap.sh"

knob=vm/redis-1/vcpu/0/cpus
# demo TEXT: runs its lines
demo() {
    printf '%b' "$1" >"$scratch/lines"
    run --demo do "$scratch/lines"
}

demo "set $knob=5 --confirm 5\nsnapshot --interval 10s nodes\nget $knob\njournal\n"
claim "a plan says when it reverts, and how it stays" grep -q '^plan 1 applied; it reverts at ..:..:.. unless confirmed: hvtune confirm 1$' "$out"
claim "that the guard is this process is said" grep -q 'the guard is a part of this process' "$out"
claim "it is taken back when the time has passed" grep -q 'plan 1 was not confirmed in time: taken back by plan 2' "$err"
claim "the knob is as before" grep -qx "$knob = 24" "$out"
claim "the journal calls it reverted" grep -q 'undone by 2  reverted' "$out"

demo "set $knob=5 --confirm 5\nconfirm\nsnapshot --interval 10s nodes\nget $knob\n"
claim "what is confirmed stays" grep -qx "$knob = 5" "$out"
claim "and that is said" grep -qx 'plan 1 stays; hvtune undo 1 takes it back' "$out"

demo "set $knob=5\nundo --confirm 5\nsnapshot --interval 10s nodes\nget $knob\n"
claim "an undo that is not confirmed is reversed" grep -qx "$knob = 5" "$out"

demo "set $knob=5 --confirm 5 --dry-run\nget $knob\n"
claim "a dry run says that it would revert" grep -qx 'note: reverts 5 s after its last step unless confirmed' "$out"
claim "and changes nothing" grep -qx "$knob = 24" "$out"

run --demo confirm
claim "where nothing waits status is 1" is "$status" 1
claim "and one line says so" grep -qx 'hvtune: nothing to confirm: no plan waits for it' "$err"
run --demo confirm x
claim "what is no ID is status 2" is "$status" 2
run --demo set host/ksm=unmerged --confirm 5
claim "what goes one way is refused" eval 'is "$status" 1 && grep -q "cannot be taken back by a timer" "$err"'
run --help
claim "the guard itself is not offered" eval '! grep -qw "^  guard" "$out"'
finish
