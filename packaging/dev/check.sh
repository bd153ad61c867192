#!/usr/bin/env bash
# ./dev check [--tidy]
#
# What a change must pass besides ./dev test: formatting, mutations that still find their place, a build
# without warnings and the tests with clang, and the tests under the address and undefined-behaviour sanitizers.
#   --tidy   also clang-tidy, which takes minutes
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

tidy=no
while [ $# -gt 0 ]; do
    case $1 in
        --tidy) tidy=yes ;;
        -h | --help) help_of "${BASH_SOURCE[0]}" && exit 0 ;;
        *) die "unknown option $1; see ./dev check --help" ;;
    esac
    shift
done

verbs="$root/packaging/dev"
failures=()
"$verbs/setup.sh" --tools
"$verbs/format.sh" --check || [ $? -eq 3 ] || failures+=("format (./dev format mends it)")
"$verbs/mutate.sh" --check || failures+=("mutations")
for preset in clang asan-ubsan; do
    say "== $preset"
    "$verbs/test.sh" --preset "$preset" || failures+=("$preset")
done
if [ "$tidy" = yes ]; then
    say "== clang-tidy"
    # Our sources only; the compilation database also has ImGui's.
    find "$root"/{crypto,rendezvous,peer,ui} -name '*.cpp' -print0 2>/dev/null |
        xargs -0 -r -n 4 -P "$(jobs)" clang-tidy --quiet --warnings-as-errors='*' -p "$build/clang" ||
        failures+=("clang-tidy")
fi
[ ${#failures[@]} -eq 0 ] || die "failed: ${failures[*]}"
say "-- all checks passed"
