#!/usr/bin/env bash
# ./dev fuzz [NAME...] [SECONDS]
#
# Runs the fuzz targets (all, or NAME...) with libFuzzer for SECONDS each (default 60). New inputs are
# kept in build/fuzz/corpus/NAME beside those of tests/fuzz/corpus/NAME; a finding is written to
# build/fuzz/findings and stops the run.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

names=()
seconds=60
while [ $# -gt 0 ]; do
    case $1 in
        --seconds) seconds=${2:?--seconds needs a number} && shift ;;
        [1-9]*) seconds=$1 ;;
        -h | --help) help_of "${BASH_SOURCE[0]}" && exit 0 ;;
        -*) die "unknown option $1; see ./dev fuzz --help" ;;
        *) names+=("$1") ;;
    esac
    shift
done

setup_for fuzz
build_preset fuzz fuzzers || die "the build failed"
if [ ${#names[@]} -eq 0 ]; then
    names=($(cd "$build/fuzz/fuzzers" 2>/dev/null && ls || true))
    [ ${#names[@]} -gt 0 ] || die "there are no fuzz targets"
fi
mkdir -p "$build/fuzz/findings"
for name in "${names[@]}"; do
    corpus="$build/fuzz/corpus/$name"
    seeds="$root/tests/fuzz/corpus/$name"
    mkdir -p "$corpus"
    [ -d "$seeds" ] || seeds=
    say "== $name, $seconds s"
    "$build/fuzz/fuzzers/$name" -max_total_time="$seconds" -print_final_stats=1 -verbosity=0 \
        -artifact_prefix="$build/fuzz/findings/$name-" "$corpus" $seeds ||
        die "$name found something; the input is in build/fuzz/findings"
done
