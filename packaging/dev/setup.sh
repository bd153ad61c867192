#!/usr/bin/env bash
# ./dev setup [--system-deps] [--tools] [--bench] [--package]
#
# Installs what Sotto is built from, on Debian 12, Debian 13 or Ubuntu 24.04, as root or through sudo.
# A second run only looks and takes a second.
#   --system-deps   use the system's libsodium (1.0.18: without the X-Wing suite) instead of building 1.0.22
#   --tools         also clang, clang-format and clang-tidy (./dev check, format and fuzz ask for it themselves)
#   --bench         also libolm and mosquitto's library, for the side-by-side benchmarks
#   --package       also what ./dev package needs
# Environment:
#   SOTTO_DEPS_DIR        a folder with the tarballs named in packaging/deps.lock, for a machine without network
#   SOTTO_DEBIAN_MIRROR   URI of a Debian mirror, where the machine's own apt sources name none
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$root/packaging/dev/apt.sh"
. "$root/packaging/dev/sources.sh"

groups=(build)
quiet=no
there() { [ "$quiet" = yes ] || say "-- $*"; }
while [ $# -gt 0 ]; do
    case $1 in
        --system-deps) system_deps=yes ;;
        --quiet) quiet=yes ;; # for the other verbs: only what is done, not what is there
        --tools | --bench | --package) groups+=("${1#--}") ;;
        -h | --help) help_of "${BASH_SOURCE[0]}" && exit 0 ;;
        *) die "unknown option $1; see ./dev setup --help" ;;
    esac
    shift
done

setup_log="$logs/setup.log"
mkdir -p "$logs"
: >"$setup_log"

install_packages "${groups[@]}"
install_sqlcipher
# Remembered, so that ./dev test and ./dev run after "./dev setup --system-deps" do not build it after all.
if [ "${system_deps:-no}" = yes ]; then
    mkdir -p "$deps" && touch "$deps/system-libsodium" && rm -rf "$deps/libsodium"
fi
if [ -e "$deps/system-libsodium" ]; then
    there "libsodium: the system's, as --system-deps chose (to undo: remove build/deps/system-libsodium)"
else
    build_libsodium
fi
unpack_imgui
