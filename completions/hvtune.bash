# Completion of hvtune's sub-commands, options, tables, screens and knobs for bash.
# SPDX-License-Identifier: GPL-2.0-or-later

# Words of the first column below the headings of `hvtune [SUB-COMMAND] --help`.
_hvtune_words() {
    hvtune "$@" --help 2>/dev/null | awk '/^  [a-z-]/ { print $1 }'
}

# Words of the lines below one heading of `hvtune SUB-COMMAND --help`.
_hvtune_below() { # HEADING SUB-COMMAND
    hvtune "$2" --help 2>/dev/null | awk -v heading="$1" '
        /^[^ ]/ { below = $0 == heading }
        below && /^  [a-z]/'
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
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command='' commands='' word words=''
    commands=" $(_hvtune_words | grep -v -e ^-- | tr '\n' ' ')"
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case $commands in *" $word "*) command=$word ;; esac
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
    --theme) words=$(_hvtune_below themes shot) ;;
    *)
        case $command:$current in
        :-*) words=$(_hvtune_words | grep -e ^--) ;;
        *:-*) words=$(_hvtune_words "$command" | grep -e ^--) ;;
        :*) words=$commands ;;
        snapshot:*) words="$(_hvtune_below tables snapshot) $(_hvtune_below 'raw tables' snapshot)" ;;
        shot:*) words=$(_hvtune_below screens shot | awk '{ print $1 }') ;;
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
