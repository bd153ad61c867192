#!/usr/bin/env bash
# ./dev format [--check] [FILE...]
#
# Formats all sources (or FILE...) in place with clang-format; --check only says which differ.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

mode=(-i)
files=()
while [ $# -gt 0 ]; do
    case $1 in
        --check) mode=(--dry-run -Werror) ;;
        -h | --help) help_of "${BASH_SOURCE[0]}" && exit 0 ;;
        -*) die "unknown option $1; see ./dev format --help" ;;
        *) files+=("$(realpath "$1")") ;;
    esac
    shift
done

command -v clang-format >/dev/null || "$root/packaging/dev/setup.sh" --tools
# Each version lays some lines out in its own way, so one is the measure: Debian 12's.
formatter=clang-format
command -v clang-format-14 >/dev/null && formatter=clang-format-14
version=$($formatter --version | sed -nE 's/.*version ([0-9]+).*/\1/p')
if [ "$version" != 14 ]; then
    warn "the sources are laid out by clang-format 14, and this system has $version: nothing done"
    exit 3
fi
cd "$root"
if [ ${#files[@]} -eq 0 ]; then
    files=($(find crypto rendezvous peer ui tests cmake -name '*.[ch]pp' 2>/dev/null | sort))
fi
$formatter "${mode[@]}" "${files[@]}"
