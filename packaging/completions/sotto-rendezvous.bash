# bash completion of sotto-rendezvous. (The tidy test "help_pages" compares it with --help.)
_sotto_rendezvous() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    local commands="init run doctor link stats invite user backup restore check"
    local word verb= sub= options="--dir --data --help"
    COMPREPLY=()

    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case $word in
            init | run | doctor | link | stats | invite | user | backup | restore | check)
                [ -n "$verb" ] || verb=$word
                ;;
            create | list | revoke | show | disable | enable | remove)
                [ -n "$sub" ] || sub=$word
                ;;
        esac
    done

    case $prev in
        --dir | --data)
            compopt -o dirnames
            return
            ;;
        --community)
            mapfile -t COMPREPLY < <(compgen -W "invite open" -- "$cur")
            return
            ;;
        --expires)
            mapfile -t COMPREPLY < <(compgen -W "12h 7d 4w" -- "$cur")
            return
            ;;
        --listen | --public-host | --metrics | --uses | --note | --match | --after | --limit) return ;;
    esac

    case $verb in
        "") options="$commands --version --help" ;;
        init) options+=" --listen --community --open --no-invite --public-host --metrics" ;;
        run) options+=" --listen" ;;
        doctor | stats) options+=" --json" ;;
        backup) options+=" --without-key" ;;
        restore) options+=" --replace" ;;
        invite)
            case $sub in
                "") options="create list revoke --help" ;;
                create) options+=" --uses --expires --note --json" ;;
                list) options+=" --json" ;;
            esac
            ;;
        user)
            case $sub in
                "") options="list show disable enable remove --help" ;;
                list) options+=" --match --after --limit --json" ;;
                show) options+=" --json" ;;
                remove) options+=" --yes" ;;
            esac
            ;;
    esac
    case $verb:$cur in
        backup:[!-]* | restore:[!-]* | check:[!-]* | backup: | restore: | check:) compopt -o default ;;
        *) mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur") ;;
    esac
}
complete -F _sotto_rendezvous sotto-rendezvous
