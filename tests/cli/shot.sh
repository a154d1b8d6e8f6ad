#!/bin/bash
# shot: the size that was asked for, nothing on stderr, three formats.
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/tap.sh"
make_host "$scratch/small"

fits() { # COLUMNS ROWS
    worked && lines "$out" "$2" && [ "$(wc -L <"$out")" -le "$1" ]
}

for screen in desk map interrupts journal sources vm why; do
    for size in 80x24 120x36 200x60 20x5; do
        run --root "$scratch/small" shot $screen --size $size
        claim "$screen at $size is exactly as large, without a word on stderr" fits "${size%x*}" "${size#*x}"
    done
done
run --root "$scratch/small" shot desk
claim "the default size is 120x36" lines "$out" 36
claim "the desk names the VM" grep -q web1 "$out"
claim "a VM's name is not run" grep -qF '$(reboot)' "$out"
run --root "$scratch/small" shot map --ascii --size 80x24
claim "with --ascii every byte is ASCII" is "$(LC_ALL=C grep -c '[^ -~]' "$out")" 0
run --root "$scratch/small" shot desk --size 80x24 --format ansi
claim "ansi has a line per row" lines "$out" 24
claim "ansi has colours" grep -q "$(printf '\033\\[[0-9;]*m')" "$out"
NO_COLOR=1 run --root "$scratch/small" shot desk --size 80x24 --format ansi
claim "ansi under NO_COLOR has no colour" is "$(grep -cE "$(printf '\033')\\[[0-9;]*(3[0-9]|4[0-9]|38|48)[;m]" "$out")" 0
run --root "$scratch/small" shot desk --format svg
claim "svg succeeds" worked
if has xmllint; then
    claim "svg is well-formed" xmllint --noout "$out"
else
    skip "svg is well-formed" "xmllint is not installed"
fi
claim "svg refers to nothing outside" is "$(grep -v xmlns "$out" | grep -cE 'href|url\(|@import')" 0
run --root "$scratch/small" shot vm --vm web1
claim "--vm selects a VM" grep -q web1 "$out"
run --root "$scratch/small" shot vm --vm nope
claim "a VM that is not there is one line, status 2" refused 2 nope
run --root "$scratch/small" shot nonsense
claim "an unknown screen is one line that names those there are" refused 2 nonsense desk map
mkdir -p -m 755 "$XDG_CONFIG_HOME/hvtune/themes" # a program that is built away from its sources has none beside it
install -m 644 "$(dirname "$0")"/../../themes/*.theme "$XDG_CONFIG_HOME/hvtune/themes"
run shot --help
claim "its help lists every screen and theme" \
    is "$(grep -cxE '  (desk|map|traffic|cache|interrupts|journal|sources|vm|why|colour-blind default light mono)' "$out")" 10
run --root "$scratch/small" shot limits
claim "a screen of a later version says so" refused 2 "limits: not in this version"
run --root "$scratch/small" shot desk --theme nonsense
claim "an unknown theme is one line" is "$([ $status -ge 2 ] && wc -l <"$err")" 1
finish
