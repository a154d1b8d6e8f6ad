# Completion of hvtune's sub-commands, options, tables, screens and knobs for bash.
# SPDX-License-Identifier: GPL-2.0-or-later

# Words of the first column below the headings of `hvtune [SUB-COMMAND] --help`.
_hvtune_words() {
    hvtune "$@" --help 2>/dev/null | awk '/^  [a-z-]/ { print $1 }'
}

# Knobs up to the end of the segment that is being typed.
_hvtune_knobs() {
    hvtune get "$1**" 2>/dev/null | awk -v prefix="$1" '{
        rest = substr($1, length(prefix) + 1)
        slash = index(rest, "/")
        print prefix (slash ? substr(rest, 1, slash) : rest)
    }' | sort -u
}

# Words that recipes take: their names, or VMs, then nodes.
_hvtune_recipe() {
    case $1 in
    recipe) _hvtune_words recipe | grep -v -e ^-- ;;
    *)
        hvtune get 'vm/*/vcpu/0/cpus' 2>/dev/null | cut -d / -f 2
        hvtune snapshot --interval 0 nodes 2>/dev/null | awk '$1 ~ /^[0-9]+$/ { print $1 }'
        ;;
    esac
}

_hvtune() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command='' word words=''
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case $word in snapshot | get | set | recipe | confirm | undo | redo | journal | doctor | triage | check | shot | try | do) command=$word ;; esac
    done
    COMPREPLY=()
    # "=" is a word of its own to bash: --demo=redis comes as three
    [ "$current" != = ] || current=''
    [ "$previous" != = ] || previous=${COMP_WORDS[COMP_CWORD - 2]}
    case $previous in
    --root) mapfile -t COMPREPLY < <(compgen -f -- "$current") && return ;;
    --demo) words='redis training irq-storm noisy oom fleet' ;;
    --footprint) words='none perf resctrl' ;;
    --format) words='text ansi svg' ;;
    --theme) words='default mono light colour-blind' ;;
    *)
        case $command:$current in
        :-*) words=$(_hvtune_words | grep -e ^--) ;;
        *:-*) words=$(_hvtune_words "$command" | grep -e ^--) ;;
        :*) words=$(_hvtune_words | grep -v -e ^--) ;;
        snapshot:*) words='host nodes cpus vms vcpus residency traffic matrix links llc interrupts devices watches findings events sources changes' ;;
        shot:*) words='desk map traffic cache interrupts journal sources vm why' ;;
        recipe:*) words=$(_hvtune_recipe "$previous") ;;
        get:* | set:*) words=$(_hvtune_knobs "$current") ;;
        do:*) mapfile -t COMPREPLY < <(compgen -f -- "$current") && return ;;
        esac
        ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
    case ${COMPREPLY[0]-} in */) compopt -o nospace ;; esac
    [ "$command" != set ] || compopt -o nospace
}
complete -F _hvtune hvtune
