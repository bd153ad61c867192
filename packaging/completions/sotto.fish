# fish completion of sotto. (The tidy test "help_pages" compares it with --help.)
complete -c sotto -f
complete -c sotto -l profile -x -a "(__fish_complete_directories)" -d "Folder of the profile"
complete -c sotto -l server -x -d "Server link for a new profile"
complete -c sotto -l passphrase-file -r -F -d "Unlock with the first line of this file"
complete -c sotto -l open-with -x -d "Show the conversation with this contact"
complete -c sotto -l geometry -x -d "Size and place of the window"
complete -c sotto -l version -d "Print the version"
complete -c sotto -l help -d "Print a summary"
