#compdef sotto
# (The tidy test "help_pages" compares it with --help.)
_arguments '--profile[folder of the profile]:folder:_directories' \
    '--server[server link for a new profile]:link:' \
    '--passphrase-file[unlock with the first line of this file]:file:_files' \
    '--open-with[show the conversation with this contact]:name:' \
    '--geometry[size and place of the window]:WxH+X+Y:' \
    '(- *)--version[print the version]' '(- *)--help[print a summary]'
