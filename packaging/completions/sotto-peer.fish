# fish completion of sotto-peer. (The tidy test "help_pages" compares it with --help.)
complete -c sotto-peer -f
complete -c sotto-peer -n "not __fish_seen_subcommand_from chat" -a chat -d "Chat in the terminal"
complete -c sotto-peer -l profile -x -a "(__fish_complete_directories)" -d "Folder of the profile"
complete -c sotto-peer -l passphrase-file -r -F -d "Unlock with the first line of this file"
complete -c sotto-peer -l server -x -d "Server link for a new profile"
complete -c sotto-peer -n "not __fish_seen_subcommand_from chat" -l json -d "One JSON object per line"
complete -c sotto-peer -l version -d "Print the version"
complete -c sotto-peer -l help -d "Print a summary"
