#!/bin/bash
# Confirm or revert on a real libvirt: killed with its whole session, confirmed, its guard killed, restarted, two hvtunes.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/lib.sh"

domain web1 2 || { echo "Bail out! no domain starts"; exit 1; }
tid=$(vcpu_tid "$pid" 0)
knob=vm/web1/vcpu/0/cpus
before=$(mask "$tid")
state() { hv journal --json | jq -r "[.tables.changes[] | select(.change == $1)][0].confirm"; }
guard_of() { pgrep -f "^$HVTUNE guard $1\$"; }
masks() { [ "$(mask "$tid")" = "$1" ]; }
at_end() { for id in 1 2 3 4 5 6 7 8 9; do for each in $(guard_of $id); do kill "$each"; done; done; }

# ---- killed, with all its session ----
start_ms=$(now_ms)
setsid bash -c '"$0" set "$1" --confirm 5 >"$2/out" 2>"$2/err"; echo done >"$2/done"; read -r -t 60 <>"$2/never"' \
    "$HVTUNE" "$knob=1" "$scratch" &
shell=$!
claim "set --confirm returns with ID and deadline" within 8 grep -q 'plan 1 applied; it reverts at ..:..:.. unless confirmed: hvtune confirm 1' "$scratch/out"
claim "it returns before the deadline" [ $(($(now_ms) - start_ms)) -lt 5000 ]
claim "the plan is made" masks 1
claim "its guard is alive, in a session of its own" within 2 guard_of 1
for each in $(ps -o pid= -s "$shell"); do kill -9 "$each" 2>/dev/null; done
pause 2
claim "nothing is taken back before the deadline" masks 1
claim "killed with its session, it is taken back at the deadline" within 6 masks "$before"
claim "not before five seconds had passed" [ $(($(now_ms) - start_ms)) -ge 5000 ]
claim "the journal says so" within 3 is "$(state 1)" reverted
claim "its guard has gone" within 3 eval '! guard_of 1'

# ---- confirmed ----
claim "what is confirmed is confirmed once" eval \
    'hv set "$knob=1" --confirm 2 >/dev/null && hv confirm >"$scratch/said" && grep -q "stays" "$scratch/said"'
claim "nothing waits any more" refused 1 "nothing to confirm" confirm
pause 3
claim "it stays" masks 1
claim "the journal says confirmed" is "$(state 3)" confirmed
hv undo >/dev/null

# ---- killed in the middle of the plan ----
"$HVTUNE" set "$knob=1" vm/web1/vcpu/1/cpus=0 --confirm 2 --fault kill-after-write:1 >"$scratch/out" 2>"$scratch/err"
claim "killed in mid-plan, what it made is taken back" within 10 masks "$before"
claim "the journal says that too" within 3 is "$(state 5)" reverted

# ---- its guard killed ----
hv set "$knob=1" --confirm 2 >/dev/null
last=$(hv journal --json | jq '[.tables.changes[].change] | max')
kill -9 $(guard_of "$last")
claim "the next start says that the guard is gone" eval \
    'hv journal >/dev/null; grep -q "plan $last is to be reverted at ..:..:.. and its guard is gone: hvtune undo $last | hvtune confirm $last" "$scratch/err"'
pause 2
claim "and after the deadline that it was to be reverted" eval \
    'hv get "$knob" >/dev/null; hv triage >/dev/null; grep -q "plan $last was to be reverted at" "$scratch/err"'
claim "it can be confirmed all the same" eval 'hv confirm "$last" >/dev/null && is "$(state "$last")" confirmed'
hv undo "$last" >/dev/null

# ---- another boot ----
hv set "$knob=1" --confirm 600 >/dev/null
last=$(hv journal --json | jq '[.tables.changes[].change] | max')
kill -9 $(guard_of "$last")
python3 - "$STATE_DIRECTORY/journal.db" "$last" <<'P'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("UPDATE plans SET boot_id = 'another', guard_boot_id = 'another' WHERE id = ?", (sys.argv[2],))
db.commit()
P
claim "after a restart the next start says that nothing of it stands" eval \
    'hv journal >/dev/null; grep -q "plan $last .*was not confirmed before the host was started anew: nothing of it stands" "$scratch/err"'
claim "once" eval 'hv journal >/dev/null; ! grep -q "started anew" "$scratch/err"'
virsh -q vcpupin web1 0 "$before"

# ---- somebody else, and two hvtunes ----
hv set "$knob=1" >/dev/null
virsh -q vcpupin web1 0 0
claim "what virsh changed is contested" eval \
    'hv snapshot --json --interval 0 contested | jq -e ".tables.contested[0] | .knob == \"$knob\" and .expected == \"1\" and .present == \"0\""'
claim "the journal shows it" eval 'hv journal | grep -q "^contested: $knob: 0 since"'
claim "it is a finding" eval 'hv check --json --interval 200ms | jq -e "[.tables.findings[].finding] | index(\"contested\")"'
hv set "$knob=0-1" >/dev/null
claim "another plan of hvtune's is not" eval 'hv snapshot --json --interval 0 contested | jq -e ".tables.contested == []"'

# ---- the VM goes meanwhile ----
hv set "$knob=1" --confirm 2 >/dev/null
last=$(hv journal --json | jq '[.tables.changes[].change] | max')
virsh -q destroy web1
claim "a VM that is gone by then leaves nothing half known" within 8 eval '[ "$(state "$last")" = kept ]'
claim "and the journal says why" eval 'hv journal | grep -q "not taken back: .*web1"'
finish
