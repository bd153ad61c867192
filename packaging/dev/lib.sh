# What every verb of ./dev shares: where things are, how progress is shown, how root is asked.
# Sourced, never run. Nothing here may need /proc (a fresh chroot may lack it), so no <( ) either.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build="$root/build"
logs="$build/log"
# Messages of apt and compilers are parsed below; a fresh system may have no other locale anyway.
export LC_ALL=C.UTF-8

if [ -t 1 ]; then terminal=yes; else terminal=no; fi

say() { printf '%s\n' "$*"; }
warn() { printf 'warning: %s\n' "$*" >&2; }
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# progress TEXT: overwrites one line on a terminal; silent in a log, where only results matter.
progress() {
    [ "$terminal" = no ] || printf '\r\033[K   %s' "$*"
}
progress_end() {
    [ "$terminal" = no ] || printf '\r\033[K'
}

# step LOG TEXT COMMAND...: runs the command into LOG and prints one line with its time.
step() {
    local log=$1 text=$2 began=$SECONDS
    shift 2
    mkdir -p "$(dirname "$log")"
    progress "$text ..."
    printf '\n## %s\n' "$text" >>"$log"
    if "$@" >>"$log" 2>&1 </dev/null; then
        progress_end
        say "-- $text ($((SECONDS - began)) s)"
    else
        progress_end
        tail -n 15 "$log" >&2
        die "$text failed; the whole output is in $log"
    fi
}

# need_root: asks for the password where sudo wants one, before output goes to a log.
need_root() {
    [ "$(id -u)" -ne 0 ] || return 0
    command -v sudo >/dev/null ||
        die "packages are missing and there is neither root nor sudo: run './dev setup' once as root"
    sudo -n true 2>/dev/null || sudo -v ||
        die "packages are missing and sudo refuses: run './dev setup' once as somebody who may install them"
}
as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# The linker and the heavier translation units take up to 1.5 GB each, so memory caps the jobs too.
# SOTTO_JOBS overrides, for machines shared with other work.
jobs() {
    if [ -n "${SOTTO_JOBS:-}" ]; then
        echo "$SOTTO_JOBS"
        return
    fi
    local cores memory
    cores=$(nproc 2>/dev/null || echo 2)
    memory=$(($(getconf _PHYS_PAGES) / 1024 * $(getconf PAGESIZE) / 1024 / 1536))
    [ "$memory" -ge 1 ] || memory=1
    [ "$cores" -le "$memory" ] && echo "$cores" || echo "$memory"
}

# setup_for PRESET [OPTION...]: ./dev setup, with clang where the preset is built with it.
setup_for() {
    local preset=$1
    shift
    case $preset in *clang* | fuzz) set -- "$@" --tools ;; esac
    "$root/packaging/dev/setup.sh" --quiet "$@"
}

# configured PRESET: is its build folder newer than the presets and what setup put into build/deps?
configured() {
    local ninja="$build/$1/build.ninja" input
    [ -f "$ninja" ] || return 1
    for input in "$root/CMakePresets.json" "$build"/deps/{libsodium,imgui}/.made-from "$build/deps/system-libsodium"; do
        [ ! "$input" -nt "$ninja" ] || return 1
    done
}

# build_preset PRESET TARGET...: configures when needed and builds. Compiler messages are shown as they
# come, progress on one line (in a log: every 30 seconds, as a sign of life). Returns non-zero on failure.
# Two at once would write the same files, so the second waits.
build_preset() {
    mkdir -p "$logs"
    build_alone "$@" 9>"$logs/$1.lock"
}
build_alone() (
    preset=$1 began=$SECONDS
    shift
    flock --nonblock 9 || { say "-- waiting for another build of $preset" && flock 9; }
    configured "$preset" || step "$logs/$preset.log" "configure $preset" in_folder "$root" cmake --preset "$preset"
    cmake --build "$build/$preset" -j "$(jobs)" --target "$@" 2>&1 </dev/null | build_progress "$preset" || exit 1
    say "-- build $preset ($((SECONDS - began)) s)"
)
build_progress() {
    local line shown=$SECONDS
    : >"$logs/$1.log"
    while IFS= read -r line; do
        printf '%s\n' "$line" >>"$logs/$1.log"
        case $line in
            "["[0-9]*/[0-9]*"] "*)
                progress "${line:0:$((${COLUMNS:-100} - 4))}"
                if [ "$terminal" = no ] && [ $((SECONDS - shown)) -ge 30 ]; then
                    shown=$SECONDS
                    say "   ${line%%]*}]"
                fi
                ;;
            "-- "* | "ninja: no work to do."*) ;; # CMake running again
            *) progress_end && say "$line" ;;
        esac
    done
    progress_end
}

in_folder() (
    cd "$1" && shift && "$@"
)

# help_of FILE: a verb's help is the comment block that follows its first line.
help_of() { sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$1"; }
