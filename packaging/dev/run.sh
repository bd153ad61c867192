#!/usr/bin/env bash
# ./dev run [--mine] [--terminal]
#
# Sets up and builds what is needed, starts a rendezvous on this machine only and opens two desktop windows:
# Alice and Bob, who know each other and can chat at once. Closing both ends everything and leaves nothing
# behind. Without a display two terminal clients hold a short conversation, and what each sees is printed.
#   --mine       the rendezvous and one window (without a display: a terminal chat) with your own profile;
#                both are kept, in the XDG data folder
#   --terminal   the terminal conversation, although there is a display
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then display=yes mode=windows; else display=no mode=terminal; fi
while [ $# -gt 0 ]; do
    case $1 in
        --mine) mode=mine ;;
        --terminal) mode=terminal ;;
        -h | --help) help_of "${BASH_SOURCE[0]}" && exit 0 ;;
        *) die "unknown option $1; see ./dev run --help" ;;
    esac
    shift
done

setup_for release
build_preset release programs || die "the build failed"
bin="$build/release"

# --- processes: whatever is started ends with this script ---------------------------------------------

scratch=$(mktemp -d "${TMPDIR:-/tmp}/sotto-run.XXXXXX")
chmod 700 "$scratch"
declare -A running # by pid, only while it is ours: a pid that was waited for may be somebody else's by now
stop_all() {
    trap - EXIT
    trap '' INT TERM HUP # a second Ctrl+C must not leave half of it behind
    [ ${#running[@]} -eq 0 ] || kill "${!running[@]}" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$scratch"
}
trap stop_all EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# spawn IN OUT ERR COMMAND...: in the background; even kill -9 of this script ends it. Sets pid.
# The files are opened by the child: opening a FIFO waits for its other end, which is us.
spawn() {
    local files=("$1" "$2" "$3")
    shift 3
    setpriv --pdeathsig TERM -- "$@" <"${files[0]}" >"${files[1]}" 2>"${files[2]}" &
    pid=$!
    running[$pid]=yes
}

# ended PID LOG: waits for it. What a program that failed had to say is shown: the log goes with the scratch.
ended() {
    local status=0
    wait "$1" || status=$?
    unset "running[$1]"
    [ "$status" -eq 0 ] || cat "$2" >&2
    return "$status"
}

# await FD PATTERN SECONDS: reads lines until one matches; sets line.
await() {
    local end=$((SECONDS + $3))
    while IFS= read -r -t $((end > SECONDS ? end - SECONDS : 1)) -u "$1" line; do
        [[ $line != $2 ]] || return 0 # $2 is a pattern, hence unquoted
    done
    return 1
}

# --- the programs' command lines, each in one place ---------------------------------------------------

# start_rendezvous FOLDER: sets server to its link, sotto://...
start_rendezvous() {
    local folder=$1 fd
    [ -e "$folder/rendezvous.toml" ] ||
        "$bin/sotto-rendezvous" init --data "$folder" --listen 127.0.0.1:0 --community open >/dev/null
    mkfifo "$scratch/rendezvous.out"
    spawn /dev/null "$scratch/rendezvous.out" "$scratch/rendezvous.log" \
        "$bin/sotto-rendezvous" run --data "$folder"
    exec {fd}<"$scratch/rendezvous.out"
    await "$fd" 'listening sotto://*' 20 || {
        cat "$scratch/rendezvous.log" >&2
        die "the rendezvous did not start"
    }
    server=${line#listening }
}

# A client is driven by lines of JSON; ${in[NAME]} and ${out[NAME]} are its two ends.
declare -A in out client
start_client() {
    local name=$1 to from
    mkfifo "$scratch/$name.in" "$scratch/$name.out"
    spawn "$scratch/$name.in" "$scratch/$name.out" "$scratch/$name.log" \
        "$bin/sotto-peer" --profile "$scratch/$name" --json
    client[$name]=$pid
    exec {to}>"$scratch/$name.in" {from}<"$scratch/$name.out"
    in[$name]=$to
    out[$name]=$from
}
tell() { printf '%s\n' "$2" >&"${in[$1]}"; }
expect() {
    await "${out[$1]}" "$2" 30 || {
        cat "$scratch/$1.log" >&2
        die "$1 waited in vain for $2"
    }
}
# Returns when the client is gone: the window that follows needs the profile for itself.
stop_client() {
    local to=${in[$1]} from=${out[$1]}
    tell "$1" '{"command":"quit"}'
    ended "${client[$1]}" "$scratch/$1.log" || true
    exec {to}>&- {from}<&-
    rm -f "$scratch/$1.in" "$scratch/$1.out"
}

passphrase=correct-horse-battery
register() {
    start_client "$1"
    tell "$1" '{"command":"register","server":"'"$server"'","username":"'"$1"'","password":"'"$passphrase"'"}'
    expect "$1" '*"event":"registered"*'
}

# Alice and Bob register and become contacts, through the very programs and server that follow.
introduce() {
    register alice
    register bob
    tell alice '{"command":"contact_request","to":"bob","text":"Hello Bob, it is Alice.","direct":true}'
    expect bob '*"event":"contact_request"*'
    tell bob '{"command":"accept","from":"alice","direct":true}'
    expect alice '*"event":"contact"*"state":"accepted"*'
}

# open_window NAME OTHER GEOMETRY: returns at once. The passphrase of a try-out profile comes from a file, as no
# process list shows that.
open_window() {
    (umask 077 && printf '%s' "$passphrase" >"$scratch/passphrase")
    spawn /dev/null /dev/null "$scratch/$1.log" "$bin/sotto" --profile "$scratch/$1" --open-with "$2" \
        --geometry "$3" --passphrase-file "$scratch/passphrase"
    windows[$1]=$pid
}

# --- the three modes ----------------------------------------------------------------------------------

# say_to FROM TO TEXT
say_to() {
    tell "$1" '{"command":"send","to":"'"$2"'","text":"'"$3"'"}'
    expect "$2" '*"event":"message"*"text":"'"${3//[?\*]/?}"'"*'
    printf '%-6s writes: %s\n%-6s reads:  %s\n' "$1" "$3" "$2" "$(sed -E 's/.*"text":"([^"]*)".*/\1/' <<<"$line")"
    expect "$1" '*"event":"message_state"*"state":"delivered"*'
    printf '%-6s sees:   delivered\n' "$1"
}

declare -A windows
failed=no
case $mode in
    windows)
        start_rendezvous "$scratch/rendezvous"
        introduce
        stop_client alice
        stop_client bob
        open_window alice bob 900x680+30+60
        open_window bob alice 900x680+960+60
        say "Alice's and Bob's windows are open (passphrase, if you lock one: $passphrase). Close both to end."
        for name in alice bob; do
            ended "${windows[$name]}" "$scratch/$name.log" || failed=yes
        done
        ;;
    mine)
        data="${XDG_DATA_HOME:-$HOME/.local/share}"
        mkdir -p "$data/sotto-rendezvous"
        start_rendezvous "$data/sotto-rendezvous"
        say "The rendezvous is at $server; your profile is in $data/sotto."
        if [ "$display" = yes ]; then
            say "Close the window to end."
            spawn /dev/null /dev/null "$scratch/mine.log" "$bin/sotto" --server "$server"
            ended "$pid" "$scratch/mine.log" || failed=yes
        else
            # In the foreground: it needs the terminal.
            "$bin/sotto-peer" chat --server "$server" || failed=yes
        fi
        ;;
    terminal)
        start_rendezvous "$scratch/rendezvous"
        introduce
        say "No window: two terminal clients talk through their own rendezvous."
        say_to alice bob "Hi Bob, can you read this?"
        say_to bob alice "Yes, loud and clear."
        say_to alice bob "Then nobody else can."
        say "-- the conversation worked"
        ;;
esac
[ "$failed" = no ]
