# libsodium and Dear ImGui as source packages of a newer Debian suite, into build/deps. Sourced by setup.sh.
#
# Debian signs the index and the index names the tarballs' hashes, so apt's own check covers them; deps.lock
# pins them besides. The apt configuration is private: lists, cache and sources lie in the build folder.

deps="$build/deps"
source_suite=forky
tarballs="$deps/tarballs"

# lock NAME: sets version, sha256 and file from deps.lock.
lock() {
    read -r _ version sha256 file <<<"$(grep -E "^$1 " "$root/packaging/deps.lock")"
    [ -n "${file:-}" ] || die "packaging/deps.lock has no line for $1"
}

matches() { [ -f "$1" ] && echo "$2  $1" | sha256sum --check --status; }
series() { sed -E 's/^([0-9]+\.[0-9]+).*/\1/' <<<"$1"; }

# have_tarball NAME: sets tarball (and version) to a checked one, fetching it when needed.
have_tarball() {
    local name=$1 sha256 file
    lock "$name"
    tarball="$tarballs/$file"
    if matches "$tarball" "$sha256"; then return; fi
    mkdir -p "$tarballs"
    if [ -n "${SOTTO_DEPS_DIR:-}" ]; then
        matches "$SOTTO_DEPS_DIR/$file" "$sha256" ||
            die "$SOTTO_DEPS_DIR has no $file with the SHA-256 of packaging/deps.lock"
        cp "$SOTTO_DEPS_DIR/$file" "$tarball"
        return
    fi
    fetch_source "$name"
    if matches "$tarball" "$sha256"; then return; fi
    [ ! -f "$tarball" ] || die "$file differs from packaging/deps.lock although its version is the same: not used"
    use_moved_version "$name"
}

# The suite holds one version at a time. Within the same minor series the API stays, so the newer one is used
# and said; beyond it somebody has to look.
use_moved_version() {
    local name=$1 wanted=$version found
    found=("$tarballs"/fetched/"${name}"_*.orig.tar.?z*)
    [ -f "${found[0]}" ] || die "$source_suite offers no tarball of $name. $(ways_out "$name")"
    version=$(basename "${found[0]}")
    version=${version#*_} version=${version%.orig.tar.*} version=${version%+*}
    [ "$(series "$version")" = "$(series "$wanted")" ] && dpkg --compare-versions "$version" ge "$wanted" ||
        die "Debian $source_suite now has $name $version, but packaging/deps.lock pins $wanted. $(ways_out "$name")"
    warn "Debian $source_suite now has $name $version instead of $wanted: using it (signature checked by apt)"
    tarball="${found[0]}"
}

ways_out() {
    printf 'Ways out: SOTTO_DEPS_DIR=folder with the tarballs of packaging/deps.lock'
    [ "$1" != libsodium ] || printf ", or './dev setup --system-deps' (libsodium 1.0.18, without X-Wing)"
}

# fetch_source NAME: downloads the source package's files and moves the pinned tarball into place.
fetch_source() {
    local name=$1 apt="$deps/apt" began=$SECONDS
    # Mirrors may be frozen at a date. An outdated index is harmless here: it could only offer a version older
    # than deps.lock's, which is refused.
    private_apt=(-o Acquire::Check-Valid-Until=false -o Dir::Etc::SourceList="$apt/sources.sources" -o Dir::Etc::SourceParts=/dev/null
        -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null
        -o Dir::State::Lists="$apt/lists" -o Dir::Cache="$apt/cache"
        -o Acquire::AllowInsecureRepositories=false -o APT::Get::AllowUnauthenticated=false
        -o APT::Sandbox::User=root -o Acquire::Languages=none -o Acquire::Retries=3)
    if [ -z "${private_lists_read:-}" ]; then
        mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
        local uri signed_by
        debian_source || die "no Debian mirror is known on this machine, so $name can't be fetched." \
            "$(ways_out "$name"), or SOTTO_DEBIAN_MIRROR=URI of one"
        write_source "$apt/sources.sources" deb-src "$uri" "$source_suite" "$signed_by"
        progress "reading the source index of $source_suite ..."
        apt-get "${private_apt[@]}" -o APT::Update::Error-Mode=any update >>"$setup_log" 2>&1 </dev/null ||
            die "the Debian mirror of this machine has no readable suite $source_suite (see $setup_log)," \
                "so $name can't be fetched. $(ways_out "$name")"
        private_lists_read=yes
    fi
    rm -rf "$tarballs/fetched" && mkdir -p "$tarballs/fetched"
    progress "$name: fetching the source ..."
    (cd "$tarballs/fetched" && apt-get "${private_apt[@]}" source --download-only "$name") \
        >>"$setup_log" 2>&1 </dev/null ||
        die "$name can't be fetched from $source_suite (see $setup_log). $(ways_out "$name")"
    progress_end
    [ ! -f "$tarballs/fetched/$file" ] || mv "$tarballs/fetched/$file" "$tarball"
    say "-- $name: source fetched, signature good ($((SECONDS - began)) s)"
}

# debian_source: sets uri and signed_by for Debian. On Debian they are the machine's own; elsewhere the
# debootstrap package knows Debian's default mirror, and debian-archive-keyring brings the keys.
debian_source() {
    local keyring=/usr/share/keyrings/debian-archive-keyring.gpg id codename
    id=$(. /etc/os-release && echo "${ID:-}")
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    if [ "$id" = debian ]; then
        find_source "$codename" || return 1
    else
        [ -e "$keyring" ] || apt_install "keys of the Debian archive" debian-archive-keyring || return 1
        signed_by=$keyring
        if [ -z "${SOTTO_DEBIAN_MIRROR:-}" ]; then
            [ -e /usr/sbin/debootstrap ] || apt_install "address of the Debian archive" debootstrap || return 1
            uri=$(sed -nE 's/^DEF_MIRROR="([^"$]+)".*/\1/p' /usr/sbin/debootstrap | head -n 1)
        fi
    fi
    uri=${SOTTO_DEBIAN_MIRROR:-$uri}
    [ -n "$uri" ]
}

# unpack TARBALL FOLDER: replaces FOLDER by the tarball's content, without its top folder.
unpack() {
    rm -rf "$2" && mkdir -p "$2" && tar -xf "$1" -C "$2" --strip-components=1
}

# built NAME FOLDER: was FOLDER made from what deps.lock names now? The stamp is the lock line, so a moved
# version is not fetched again at each run.
built() { [ -f "$2/.made-from" ] && [ "$(cat "$2/.made-from")" = "$(grep -E "^$1 " "$root/packaging/deps.lock")" ]; }
mark_built() { grep -E "^$1 " "$root/packaging/deps.lock" >"$2/.made-from"; }

build_libsodium() {
    local tarball version source="$deps/source/libsodium" cc=gcc
    if built libsodium "$deps/libsodium"; then
        there "libsodium: built"
        return
    fi
    have_tarball libsodium
    unpack "$tarball" "$source"
    command -v ccache >/dev/null && cc="ccache gcc"
    # Static, so that libzmq keeps the system's own beside it; position-independent for our PIE programs.
    # It goes to a fresh folder first: a half-installed one must not look complete.
    rm -rf "$deps/libsodium" "$deps/libsodium.new"
    step "$setup_log" "libsodium: configure $version" in_folder "$source" ./configure --quiet CC="$cc" \
        CFLAGS="-O2 -g -fPIC -fstack-protector-strong -D_FORTIFY_SOURCE=2" --prefix="$deps/libsodium" \
        --disable-shared --enable-static --disable-dependency-tracking
    step "$setup_log" "libsodium: build $version" make -C "$source" -j"$(jobs)" --no-print-directory
    step "$setup_log" "libsodium: install" make -C "$source" --no-print-directory install
    mark_built libsodium "$deps/libsodium"
}

# Only unpacked: CMake builds it with the flags of the preset.
unpack_imgui() {
    local tarball version
    if built imgui "$deps/imgui"; then
        there "imgui: unpacked"
        return
    fi
    have_tarball imgui
    unpack "$tarball" "$deps/imgui"
    mark_built imgui "$deps/imgui"
    say "-- imgui: $version unpacked"
}
