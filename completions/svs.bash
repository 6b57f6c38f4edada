_svs() {
    # Bash breaks words at = : and @, svs does not: what nothing stands between is put together again.
    local line=${COMP_LINE:0:COMP_POINT} gap word i
    local -a words=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        gap=${line%%[![:space:]]*}
        line=${line#"$gap"}
        word=${COMP_WORDS[i]}
        if ((i == COMP_CWORD)); then word=$line; fi
        line=${line#"$word"}
        if ((i == 0)) || [[ -n $gap ]]; then
            words+=("$word")
        else
            words[${#words[@]} - 1]+=$word
        fi
    done
    local last=$((${#words[@]} - 1)) IFS=$'\013'
    local before=${words[last]%"$2"}
    COMPREPLY=($(_CLAP_IFS=$IFS _CLAP_COMPLETE_INDEX=$last SVS_COMPLETE=bash svs -- "${words[@]}" 2>/dev/null))
    COMPREPLY=("${COMPREPLY[@]#"$before"}")
    # The value of an option and the rest of a path follow at once.
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=/:] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
complete -o bashdefault -o nosort -F _svs svs 2>/dev/null || complete -o bashdefault -F _svs svs
