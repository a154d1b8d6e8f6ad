#!/bin/bash
# What a change did, from the shell: a cure, its undo, a change that changes nothing, a trial.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/tap.sh"

run --demo --ascii set 'vm/redis-1/vcpu/*/cpus=32-63' --effect
claim "set --effect says that redis_p99_ms falls from about 12 to about 3, for sure" \
    grep -qE '^redis_p99_ms 1[12]\.[0-9] -> 3\.[0-9] \(-7[0-9] %, sure\)$' "$out"
run --demo set 'vm/ci-5/vcpu/0/cpus=105' --effect
claim "a change beside the point is no visible change of redis_p99_ms" \
    grep -qE '^redis_p99_ms .*no visible change' "$out"
run --demo try 'vm/redis-1/vcpu/*/cpus=32-63' --rounds 3
claim "try keeps what is better for sure" grep -q '^kept: plan ' "$out"
run --demo try vm/ci-5/vcpu/0/cpus=105 --rounds 3
claim "try takes back what is not" grep -q '^taken back' "$out"
finish
