#!/usr/bin/env bash
# ./dev test [--preset NAME] [--label FOLDER] [PATTERN]
#
# Sets up and builds what is needed and runs the tests, in parallel. The last line is always
#   N passed, N failed, N skipped
# counted by test case; a set-up or build that fails counts as one failed test.
#   PATTERN          only the cases whose name matches this regular expression
#   --label FOLDER   only the cases of one folder of tests/: unit, property, simulation, e2e, ui, tidy
#   --preset NAME    dev (the default), asan-ubsan, tsan, clang, system-sodium, coverage, release
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

preset=dev
select=()
while [ $# -gt 0 ]; do
    case $1 in
        --preset) preset=${2:?--preset needs a name} && shift ;;
        --label) select+=(-L "^${2:?--label needs a folder}\$") && shift ;;
        -h | --help) help_of "${BASH_SOURCE[0]}" && exit 0 ;;
        -*) die "unknown option $1; see ./dev test --help" ;;
        *) select+=(-R "$1") ;;
    esac
    shift
done

summary() {
    say "$1 passed, $2 failed, $3 skipped"
    [ "$2" -eq 0 ] && [ "$1" -gt 0 ]
    exit
}

# ctest's running commentary: the passed go by, whatever else it says is shown, its own summary is not.
test_progress() {
    local line own=no
    while IFS= read -r line; do
        case $line in
            "The following tests FAILED:"* | "The following tests did not run:"* | "Label Time Summary:"*) own=yes ;;
            *" Test "*"#"*" Passed "*) progress "${line:0:$((${COLUMNS:-100} - 4))}" ;;
            *"***Skipped "* | *" Start "*[0-9]": "* | "Internal ctest changing"* | "Test project "* | *"% tests passed, "* | \
                "Total Test time"* | "No tests were found!!!"* | "") ;;
            *) [ "$own" = yes ] || { progress_end && say "$line"; } ;;
        esac
    done
    progress_end
}

# In a subshell, so that whatever stops it, the last line comes.
if ! (setup_for "$preset" && build_preset "$preset" all); then
    summary 0 1 0
fi

# Sanitizers stop at the first finding and say where it is.
export ASAN_OPTIONS=${ASAN_OPTIONS:-strict_string_checks=1:detect_stack_use_after_return=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}
# (libzmq is not built with the thread sanitizer, which would take its locks for none.)
export TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1:second_deadlock_stack=1:ignore_noninstrumented_modules=1}
results="$build/$preset/tests.xml"
rm -f "$results"
began=$SECONDS
ctest --test-dir "$build/$preset" -j "$(jobs)" --output-on-failure --output-junit "$results" \
    "${select[@]}" 2>&1 </dev/null | test_progress || true
if [ ! -f "$results" ]; then
    warn "ctest wrote no results"
    summary 0 1 0
fi

# Skipping must not go unseen: each skipped case with its reason, which GoogleTest puts after "Skipped".
awk '/<testcase /  { name = $0; sub(/.*<testcase name="/, "", name); sub(/".*/, "", name) }
     /<skipped message="SKIP_/ { skipped = 1 }
     skipped && /: Skipped$/ { getline reason; print "   skipped " name ": " reason; skipped = 0 }
     /<\/testcase>/ { if (skipped) print "   skipped " name; skipped = 0 }' "$results"
say "-- tests of $preset ($((SECONDS - began)) s); results: build/$preset/tests.xml"

# A skipped case is one that said so or is DISABLED_; one that could not be started at all has failed.
count() { grep -c "$1" "$results" || true; }
passed=$(count '<testcase .* status="run"')
skipped=$(count '<skipped message="SKIP_\|status="disabled"')
failed=$(($(count '<testcase ') - passed - skipped))
[ $((passed + failed + skipped)) -gt 0 ] || warn "no test case matches"
summary "$passed" "$failed" "$skipped"
