# bash completion of sotto. (The tidy test "help_pages" compares it with --help.)
_sotto() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    COMPREPLY=()
    case $prev in
        --profile) compopt -o dirnames ;;
        --passphrase-file) compopt -o default ;;
        --server | --open-with | --geometry) ;;
        *)
            mapfile -t COMPREPLY < <(compgen -W \
                "--profile --server --passphrase-file --open-with --geometry --version --help" -- "$cur")
            ;;
    esac
}
complete -F _sotto sotto
