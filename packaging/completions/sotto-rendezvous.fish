# fish completion of sotto-rendezvous. (The tidy test "help_pages" compares it with --help.)
set -l commands init run doctor link stats invite user backup restore check
set -l invites create list revoke
set -l users list show disable enable remove
set -l c complete -c sotto-rendezvous

$c -f
$c -n "not __fish_seen_subcommand_from $commands" -l version -d "Print the version"
$c -l help -d "Explain the command"
$c -n "__fish_seen_subcommand_from $commands" -l dir -l data -x -a "(__fish_complete_directories)" -d "The server's folder"

set -l none "not __fish_seen_subcommand_from $commands"
$c -n $none -a init -d "Make a new server: configuration and key"
$c -n $none -a run -d "Serve until SIGTERM or SIGINT"
$c -n $none -a doctor -d "Look for what would go wrong, and say what to do"
$c -n $none -a link -d "Print the server's link"
$c -n $none -a stats -d "Numbers of members, mail, connections, refusals"
$c -n $none -a invite -d "Invitations to register"
$c -n $none -a user -d "Members"
$c -n $none -a backup -d "Copy database, key and configuration into a file"
$c -n $none -a restore -d "Make the server from a backup"
$c -n $none -a check -d "Check the database, or a backup, for damage"

$c -n "__fish_seen_subcommand_from init run" -l listen -x -d "Where to listen"
$c -n "__fish_seen_subcommand_from init" -l community -x -a "invite open" -d "Who may register"
$c -n "__fish_seen_subcommand_from init" -l open -d "Short for --community open"
$c -n "__fish_seen_subcommand_from init" -l no-invite -d "Make no invite for the first member"
$c -n "__fish_seen_subcommand_from init" -l public-host -x -d "Name or address in the link"
$c -n "__fish_seen_subcommand_from init" -l metrics -x -d "Serve Prometheus metrics here"
$c -n "__fish_seen_subcommand_from doctor stats" -l json -d "Print JSON"
$c -n "__fish_seen_subcommand_from backup" -F -l without-key -d "Leave the secret key out"
$c -n "__fish_seen_subcommand_from restore" -F -l replace -d "Put it in the place of the database there"
$c -n "__fish_seen_subcommand_from check" -F

set -l invite "__fish_seen_subcommand_from invite"
set -l which "$invite; and not __fish_seen_subcommand_from $invites"
$c -n $which -a create -d "Make an invite and print its link"
$c -n $which -a list -d "Invites that can still be used"
$c -n $which -a revoke -d "Make an invite void"
$c -n "$invite; and __fish_seen_subcommand_from create" -l uses -x -d "How many may register with it"
$c -n "$invite; and __fish_seen_subcommand_from create" -l expires -x -a "12h 7d 4w" -d "How long it is good"
$c -n "$invite; and __fish_seen_subcommand_from create" -l note -x -d "For your own list"
$c -n "$invite; and __fish_seen_subcommand_from create list" -l json -d "Print JSON"

set -l user "__fish_seen_subcommand_from user"
set -l which "$user; and not __fish_seen_subcommand_from $users"
$c -n $which -a list -d "Members by name"
$c -n $which -a show -d "What the server knows about a member"
$c -n $which -a disable -d "End sessions and refuse new ones"
$c -n $which -a enable -d "Let a disabled member log in again"
$c -n $which -a remove -d "Delete a member"
$c -n "$user; and __fish_seen_subcommand_from list" -l match -x -d "Only names that contain this"
$c -n "$user; and __fish_seen_subcommand_from list" -l after -x -d "Go on after this name"
$c -n "$user; and __fish_seen_subcommand_from list" -l limit -x -d "How many at most"
$c -n "$user; and __fish_seen_subcommand_from list show" -l json -d "Print JSON"
$c -n "$user; and __fish_seen_subcommand_from remove" -l yes -d "Do not ask"
