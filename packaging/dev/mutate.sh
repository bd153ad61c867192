#!/usr/bin/env bash
# ./dev mutate [--check] [NAME...]
#
# Breaks one check of the code after the other (all of tests/mutations, or NAME...) in a copy of the tree in
# build/mutate, and demands that the test named beside it turns red. Ends with: N red as they must be, N wrong
#   --check   only see that each mutation still finds its place in the sources; builds nothing
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

only_check=no
names=()
while [ $# -gt 0 ]; do
    case $1 in
        --check) only_check=yes ;;
        -h | --help) help_of "${BASH_SOURCE[0]}" && exit 0 ;;
        -*) die "unknown option $1; see ./dev mutate --help" ;;
        *) names+=("${1%.mutation}") ;;
    esac
    shift
done
folder="$root/tests/mutations"
[ ${#names[@]} -gt 0 ] || names=($(cd "$folder" && printf '%s\n' *.mutation | sed 's/\.mutation$//'))
for name in "${names[@]}"; do
    [ -f "$folder/$name.mutation" ] || die "there is no mutation '$name' in tests/mutations"
done

field() { sed -nE "s/^$2 +//p" "$folder/$1.mutation" | head -n 1; }

# mutated NAME SOURCE: SOURCE with the old text replaced by the new one. Fails unless the old one stands there
# exactly once: a mutation that lost its place proves nothing.
mutated() {
    perl -0777 -e '
        my ($recipe, $source) = map { open(my $f, "<", $_) or die "$_: $!\n"; <$f> } @ARGV;
        $recipe =~ /^---- old\n(.+?)\n---- new\n(?:(.*?)\n)?---- end\n\z/ms or die "not a mutation\n";
        my ($old, $new) = ($1, $2 // "");
        my $count = () = $source =~ /\Q$old\E/g;
        $count == 1 or die "its text stands $count times in the file, not once: adapt it to the code\n";
        $source =~ s/\Q$old\E/$new/;
        print $source' "$folder/$1.mutation" "$2"
}

lost=0
for name in "${names[@]}"; do
    for word in check file program red; do
        [ -n "$(field "$name" "$word")" ] || die "tests/mutations/$name.mutation does not name its $word"
    done
    reason=$(mutated "$name" "$root/$(field "$name" file)" 2>&1 >/dev/null) || {
        warn "$name: $reason"
        lost=$((lost + 1))
    }
done
[ "$lost" -eq 0 ] || die "$lost of ${#names[@]} mutations do not fit the sources any more"
if [ "$only_check" = yes ]; then
    say "-- all ${#names[@]} mutations find their place"
    exit 0
fi

setup_for dev
mkdir -p "$logs" "$build/mutate"
exec 9>"$logs/mutate.lock"
flock --nonblock 9 || die "another ./dev mutate is at work"
tree="$build/mutate"
log="$logs/mutate.log"
: >"$log"
# Modification times are kept, so that the copy's build is as incremental as any other.
find "$tree" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
tar -C "$root" --exclude=./build --exclude=./.git -cf - . | tar -C "$tree" -xf -
mkdir -p "$tree/build"
ln -sfn "$build/deps" "$tree/build/deps"
# An earlier run may have been stopped with one of these files changed.
for name in "${names[@]}"; do touch "$tree/$(field "$name" file)"; done
export CCACHE_BASEDIR=$tree CCACHE_NOHASHDIR=1
# A variable that nobody uses any more must not be what stops the mutated code.
step "$log" "configure the copy" in_folder "$tree" cmake --preset dev -DSOTTO_WERROR=OFF

# build_copy PROGRAM...
build_copy() {
    local programs=("${@##*/}")
    cmake --build "$tree/build/dev" -j "$(jobs)" --target "${programs[@]}" >>"$log" 2>&1 </dev/null
}
# run_test NAME: true if the named cases ran and passed. A crash or a hang is red too.
run_test() {
    local program output="$tree/build/output"
    program="$tree/build/dev/$(field "$1" program)"
    # (In a shell of its own, whose remark that the program aborted goes nowhere.)
    (timeout 300 "$program" --gtest_filter="$(field "$1" red)" >"$output" 2>&1 </dev/null; exit $?) 2>/dev/null || {
        cat "$output" >>"$log"
        return 1
    }
    grep -q '^\[  PASSED  \] [1-9]' "$output"
}

programs=($(for name in "${names[@]}"; do field "$name" program; done | sort -u))
progress "building the copy ..."
build_copy "${programs[@]}" || die "the copy does not build; see $log"
progress_end
for name in "${names[@]}"; do
    run_test "$name" || die "$name: its test $(field "$name" red) is not green before the mutation; see $log"
done

red=0 wrong=0
for name in "${names[@]}"; do
    file=$(field "$name" file) test=$(field "$name" red)
    printf '\n## %s\n' "$name" >>"$log"
    progress "$name ..."
    mutated "$name" "$root/$file" >"$tree/$file"
    if ! build_copy "$(field "$name" program)"; then
        verdict="WRONG, the mutated code does not compile; see $log"
    elif run_test "$name"; then
        verdict="WRONG, stayed green ($test): nothing tests that $(field "$name" check)"
    else
        verdict=
    fi
    progress_end
    if [ -z "$verdict" ]; then
        say "$name: red as it must be ($test)"
        red=$((red + 1))
    else
        say "$name: $verdict"
        wrong=$((wrong + 1))
    fi
    cp "$root/$file" "$tree/$file" # now newer than what was made of the mutation
done
say "$red red as they must be, $wrong wrong"
[ "$wrong" -eq 0 ]
