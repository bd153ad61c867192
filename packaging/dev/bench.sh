#!/usr/bin/env bash
# ./dev bench [NAME...] [--quick] [--json FILE]
#
# Builds and runs the benchmarks (all, or NAME...: crypto, peer, rendezvous, history, desktop). Each result
# is one JSON object on one line.
#   --quick       fewer repetitions: a smoke test, under a minute in all
#   --json FILE   also write the results to FILE
# For one NAME, where it knows them (docs/testing.md): --hold SECONDS, --only CASE,..., --clients N,...
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

names=()
options=()
output=/dev/null
while [ $# -gt 0 ]; do
    case $1 in
        --quick) options+=(--quick) ;;
        --json) output=$(realpath "${2:?--json needs a file}") && shift ;;
        --hold | --only | --clients) options+=("$1" "${2:?$1 needs a value}") && shift ;;
        -h | --help) help_of "${BASH_SOURCE[0]}" && exit 0 ;;
        -*) die "unknown option $1; see ./dev bench --help" ;;
        *) names+=("$1") ;;
    esac
    shift
done

setup_for release --bench
build_preset release programs benchmarks || die "the build failed"
if [ ${#names[@]} -eq 0 ]; then
    names=($(cd "$build/release/bench" 2>/dev/null && ls || true))
    [ ${#names[@]} -gt 0 ] || die "there are no benchmarks"
fi
: >"$output"
for name in "${names[@]}"; do
    [ -x "$build/release/bench/$name" ] || die "there is no benchmark '$name'"
    "$build/release/bench/$name" "${options[@]}" </dev/null | tee -a "$output"
done
