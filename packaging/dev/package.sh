#!/usr/bin/env bash
# ./dev package [--revision N]
#
# Builds the release programs and two Debian packages of them for this machine's release and architecture
# into build/packages: sotto-rendezvous (the server) and sotto (the desktop and sotto-peer). lintian looks at
# both; an error fails. The same commit gives the same packages.
#   --revision N   the part after the dash of the version (default 1); a higher one upgrades a lower one
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

revision=1
while [ $# -gt 0 ]; do
    case $1 in
        --revision) revision=${2:?--revision needs a number} && shift ;;
        -h | --help) help_of "${BASH_SOURCE[0]}" && exit 0 ;;
        *) die "unknown option $1; see ./dev package --help" ;;
    esac
    shift
done
[[ $revision =~ ^[0-9][0-9a-z.+~]*$ ]] || die "--revision wants a number like 1 or 2~rc1"

# Dates in the packages are the commit's. A source tree without git (an archive) has today's.
SOURCE_DATE_EPOCH=$(git -C "$root" log -1 --format=%ct 2>/dev/null || date +%s)
export SOURCE_DATE_EPOCH
packages="$build/packages"

setup_for release --package
step "$logs/package.log" "configure the packages" in_folder "$root" \
    cmake --preset release -DSOTTO_DEB_REVISION="$revision"
build_preset release programs pages || die "the build failed"
rm -rf "$packages" && mkdir -p "$packages"
step "$logs/package.log" "package" cpack --config "$build/release/CPackConfig.cmake" -B "$packages"
rm -rf "$packages/_CPack_Packages"

if command -v lintian >/dev/null; then
    as_any=()
    [ "$(id -u)" -ne 0 ] || as_any=(--allow-root)
    say "-- lintian"
    # (A changelog that closes no bug is right for a package that never was in Debian.)
    lintian "${as_any[@]}" --fail-on error --suppress-tags initial-upload-closes-no-bugs "$packages"/*.deb || die "lintian found errors"
else
    warn "lintian is not installed: the packages were not checked"
fi
for package in "$packages"/*.deb; do
    say "build/packages/${package##*/}"
done
