#!/usr/bin/env bash
# ./dev build [--preset NAME] [TARGET...]
#
# Builds the programs into build/release, or TARGET... of another preset into build/NAME.
# SOTTO_JOBS=N limits the parallel jobs. Presets: cmake --list-presets
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

preset=release
targets=()
while [ $# -gt 0 ]; do
    case $1 in
        --preset) preset=${2:?--preset needs a name} && shift ;;
        -h | --help) help_of "${BASH_SOURCE[0]}" && exit 0 ;;
        -*) die "unknown option $1; see ./dev build --help" ;;
        *) targets+=("$1") ;;
    esac
    shift
done
[ ${#targets[@]} -gt 0 ] || targets=(programs)

setup_for "$preset"
build_preset "$preset" "${targets[@]}" || die "the build failed"
