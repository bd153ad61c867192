#compdef sotto-rendezvous
# (The tidy test "help_pages" compares it with --help.)

_sotto_rendezvous() {
    local curcontext=$curcontext state line
    typeset -A opt_args
    local -a dir json
    dir=({--dir,--data}'[the server'\''s folder]:folder:_directories' '(- *)--help[explain the command]')
    json=('--json[print JSON]')

    _arguments -C '(- *)--help[print a summary]' '(- *)--version[print the version]' \
        '1:command:->command' '*::argument:->argument' && return

    case $state in
        command)
            local -a commands
            commands=(
                'init:make a new server: configuration and key'
                'run:serve until SIGTERM or SIGINT'
                'doctor:look for what would go wrong, and say what to do'
                'link:print the server'\''s link'
                'stats:numbers of members, mail, connections, refusals'
                'invite:invitations to register'
                'user:members'
                'backup:copy database, key and configuration into a file'
                'restore:make the server from a backup'
                'check:check the database, or a backup, for damage'
            )
            _describe command commands
            ;;
        argument)
            case $words[1] in
                init)
                    _arguments $dir '--listen[where to listen]:HOST\:PORT:' \
                        '--community[who may register]:who:(invite open)' '--open[short for --community open]' \
                        '--no-invite[make no invite for the first member]' \
                        '--public-host[name or address in the link]:host:_hosts' \
                        '--metrics[serve Prometheus metrics here]:HOST\:PORT:'
                    ;;
                run) _arguments $dir '--listen[where to listen]:HOST\:PORT:' ;;
                doctor | stats) _arguments $dir $json ;;
                link) _arguments $dir ;;
                backup) _arguments $dir '--without-key[leave the secret key out]' ':new file:_files' ;;
                restore) _arguments $dir '--replace[put it in the place of the database there]' ':backup:_files' ;;
                check) _arguments $dir '::backup:_files' ;;
                invite | user) _sotto_rendezvous_$words[1] ;;
            esac
            ;;
    esac
}

_sotto_rendezvous_invite() {
    if ((CURRENT == 2)); then
        local -a commands
        commands=('create:make an invite and print its link' 'list:invites that can still be used'
            'revoke:make an invite void')
        _describe command commands
        return
    fi
    shift words
    ((CURRENT--))
    case $words[1] in
        create)
            _arguments $dir $json '--uses[how many may register with it]:number:' \
                '--expires[how long it is good]:time:(12h 7d 4w)' '--note[for your own list]:text:'
            ;;
        list) _arguments $dir $json ;;
        revoke) _arguments $dir ':id:' ;;
    esac
}

_sotto_rendezvous_user() {
    if ((CURRENT == 2)); then
        local -a commands
        commands=('list:members by name' 'show:what the server knows about a member'
            'disable:end sessions and refuse new ones' 'enable:let a disabled member log in again'
            'remove:delete a member')
        _describe command commands
        return
    fi
    shift words
    ((CURRENT--))
    case $words[1] in
        list)
            _arguments $dir $json '--match[only names that contain this]:text:' \
                '--after[go on after this name]:name:' '--limit[how many at most]:number:'
            ;;
        show) _arguments $dir $json ':name:' ;;
        disable | enable) _arguments $dir ':name:' ;;
        remove) _arguments $dir '--yes[do not ask]' ':name:' ;;
    esac
}

_sotto_rendezvous "$@"
