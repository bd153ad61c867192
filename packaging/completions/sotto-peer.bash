# bash completion of sotto-peer. (The tidy test "help_pages" compares it with --help.)
_sotto_peer() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    COMPREPLY=()
    case $prev in
        --profile) compopt -o dirnames ;;
        --passphrase-file) compopt -o default ;;
        --server) ;;
        *)
            mapfile -t COMPREPLY < <(compgen -W \
                "chat --profile --passphrase-file --server --json --version --help" -- "$cur")
            ;;
    esac
}
complete -F _sotto_peer sotto-peer
