#compdef sotto-peer
# (The tidy test "help_pages" compares it with --help.)
_arguments '--profile[folder of the profile]:folder:_directories' \
    '--passphrase-file[unlock with the first line of this file]:file:_files' \
    '(--json)--server[server link for a new profile]:link:' \
    '(--server 1)--json[one JSON object per line on stdin and stdout]' \
    '(- *)--version[print the version]' '(- *)--help[print a summary]' '::command:(chat)'
