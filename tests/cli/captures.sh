#!/bin/bash
# Every captured host gives what it holds, and says why it lacks the rest.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/tap.sh"

shared=${HVTUNE_SHARED:-$(cd "$(dirname "$0")/../../.." && pwd)/shared}
if [ ! -d "$shared/hosts/host" ] || ! has jq; then
    echo "1..0 # SKIP the shared captures, or jq, are not here"
    exit 0
fi

# Packages, nodes and online cpus, as the captures' own page has them.
counts() {
    case $1 in
    ocp-2s-80-isolated) echo 2 2 80 ;;
    rdt-spr-2s-48-mbamb) echo 2 2 48 ;;
    snc-2s-4n-80 | snc2-memcache-2s-4n-80) echo 2 4 80 ;;
    xeon-4s-144) echo 4 4 144 ;;
    opteron-4s-8n-64) echo 4 8 64 ;;
    xeon-4s-40-pci) echo 4 4 40 ;;
    numastat-4n-8) echo 4 4 8 ;;
    esac
}
# The last output: each null of each table has exactly one reason of its own.
told() {
    json '. as $all | ([.reasons[] | select(.column != null) | .table] | group_by(.) | map({(.[0]): length}) | add) as $told
        | [$all.tables | to_entries[] | {key, value: ([.value[][] | select(. == null)] | length)} | select(.value > 0)]
        | all(.value == $told[.key])'
}
# Sums of /proc/interrupts by a program that knows nothing of hvtune: "IRQ TOTAL" lines.
sums() {
    awk 'NR == 1 { n = NF; next }
         { name = $1; sub(/:$/, "", name); sum = 0
           for (i = 2; i <= n + 1 && $i ~ /^[0-9]+$/; i++) sum += $i
           printf "%s %.0f\n", name, sum }' "$1" | sort
}
fits() { # COLUMNS ROWS
    worked && lines "$out" "$2" && [ "$(wc -L <"$out")" -le "$1" ]
}

for path in "$shared"/hosts/host/*/; do
    name=$(basename "$path")
    run --root "$path" snapshot --json
    claim "$name: snapshot succeeds" worked
    claim "$name: each null has its reason" told
    claim "$name: nothing of this machine shows" json --arg kernel "$(uname -r)" '.tables.host | all(.kernel != $kernel)'
    expected=$(counts "$name")
    if [ -n "$expected" ]; then
        claim "$name: packages, nodes, online cpus are $expected" \
            is "$(jq -r '.tables.host[0] | "\(.n_packages) \(.n_nodes) \(.n_cpus_online)"' "$out")" "$expected"
        claim "$name: a row for each online cpu" \
            is "$(jq '[.tables.cpus[] | select(.online)] | length' "$out")" "${expected##* }"
    fi
    if [ -f "$path/proc/interrupts" ]; then
        jq -r '.tables.interrupts | group_by(.irq)[] | "\(.[0].irq) \(map(.count) | add)"' "$out" | sort >"$scratch/ours"
        sums "$path/proc/interrupts" >"$scratch/theirs"
        claim "$name: interrupts add up to the same totals" diff "$scratch/ours" "$scratch/theirs"
    fi
    for size in 80x24 160x50; do
        run --root "$path" shot map --size $size
        claim "$name: the map fits $size" fits "${size%x*}" "${size#*x}"
    done
done
finish
