# Distribution packages: which are missing, how they are installed, and SQLCipher from backports.
# Sourced by setup.sh.

sqlcipher_min=4.5.4

packages_of() { sed -nE "s/^$1 +//p" "$root/packaging/packages.txt" | tr -s ' \n' '\n'; }

# missing NAME...: the names that are not installed. One dpkg call, so that a second run is quick.
missing() {
    local installed
    installed=$(dpkg-query -W -f '${db:Status-Abbrev}|${Package}\n' "$@" 2>/dev/null | sed -n 's/^ii *|//p' || true)
    printf '%s\n' "$@" | sort -u | { grep -vxF "${installed:-/}" || true; }
}

# The update runs at most once, and only when something has to be installed. A broken third-party source
# makes apt report failure although ours were read: the install that follows is the judge.
apt_updated=no
apt_update() {
    [ "$apt_updated" = no ] || return 0
    apt_updated=yes
    need_root
    progress "reading the package lists ..."
    as_root apt-get update "${apt_options[@]}" >>"$setup_log" 2>&1 </dev/null ||
        warn "apt-get update reported a problem (see $setup_log); going on"
    progress_end
}

# Another apt may be at work (unattended upgrades on a desktop), so wait for its lock. No pseudo-terminal for
# dpkg: in a chroot without /dev/pts its output would fail, and package scripts with it.
apt_options=(-o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 -o Dpkg::Use-Pty=0)

# Reads apt's status lines (APT::Status-Fd) among its output: percent to the terminal, the rest to the log.
apt_progress() {
    local line percent
    while IFS= read -r line; do
        case $line in
            dlstatus:* | pmstatus:*)
                percent=${line#*:*:} && percent=${percent%%:*}
                case $line in
                    dlstatus:*) progress "$1: fetching ${percent%.*} %" ;;
                    *) progress "$1: installing ${percent%.*} %" ;;
                esac
                ;;
            *) printf '%s\n' "$line" >>"$setup_log" ;;
        esac
    done
    progress_end
}

# apt_install TEXT ARGUMENT...
apt_install() {
    apt_update
    local text=$1 began=$SECONDS
    shift
    # sudo drops the environment and every descriptor above 2, hence a shell inside it opens the status
    # descriptor (apt closes that one for dpkg, so it can't be 1). Old configuration files stay: nobody is
    # there to answer.
    if ! as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l sh -c 'exec apt-get "$@" 3>&1' sh install -y \
        --no-install-recommends "${apt_options[@]}" -o APT::Status-Fd=3 \
        -o Dpkg::Options::=--force-confold "$@" 2>&1 </dev/null | apt_progress "$text"; then
        grep -E '^(E:|dpkg: error)' "$setup_log" | tail -n 5 >&2 || true
        return 1
    fi
    say "-- $text ($((SECONDS - began)) s)"
}

# install_packages GROUP...
install_packages() {
    local group names=()
    for group in "$@"; do names+=($(packages_of "$group")); done
    [ "$(command -v apt-get)" ] || die "./dev setup knows Debian and Ubuntu only; install by hand: ${names[*]}"
    local wanted=($(missing "${names[@]}"))
    if [ ${#wanted[@]} -eq 0 ]; then
        there "packages: all ${#names[@]} there"
        return
    fi
    apt_update
    # Named here in one sentence; apt would stop at the first.
    local name unknown=()
    for name in "${wanted[@]}"; do
        apt-cache show --no-all-versions "$name" >/dev/null 2>&1 || unknown+=("$name")
    done
    [ ${#unknown[@]} -eq 0 ] || die "this system's apt sources do not offer: ${unknown[*]}" \
        "(Ubuntu: enable 'universe'; supported are Debian 12 and 13 and Ubuntu 24.04)"
    apt_install "packages: ${#wanted[@]} of ${#names[@]} to install" "${wanted[@]}" ||
        die "apt could not install the packages; the whole output is in $setup_log"
}

new_enough() { [ -n "$1" ] && [ "$1" != '(none)' ] && dpkg --compare-versions "$1" ge "$2"; }

# Debian 12 itself ships SQLCipher 3.4.1, another file format on a SQLite of 2016: backports has 4.x.
install_sqlcipher() {
    local package=libsqlcipher-dev version
    version=$(dpkg-query -W -f '${db:Status-Abbrev}|${Version}' $package 2>/dev/null | sed -n 's/^ii *|//p' || true)
    if new_enough "$version" $sqlcipher_min; then
        there "sqlcipher: $version there"
        return
    fi
    apt_update
    version=$(apt-cache policy $package | sed -n 's/^ *Candidate: //p')
    if new_enough "$version" $sqlcipher_min; then
        apt_install "sqlcipher: $version" $package ||
            die "apt could not install $package $version; the whole output is in $setup_log"
        return
    fi
    local suite file
    suite="$(. /etc/os-release && echo "$VERSION_CODENAME")-backports"
    if apt-get indextargets --format '$(RELEASE)|$(CODENAME)' 2>/dev/null | tr '|' '\n' | grep -qx "$suite"; then
        file=
    else
        file="/etc/apt/sources.list.d/$suite.sources"
        add_backports "$suite" "$file"
    fi
    if ! apt_install "sqlcipher: from $suite" -t "$suite" $package; then
        [ -z "$file" ] || as_root rm -f "$file"
        die "SQLCipher $sqlcipher_min or newer is needed and $suite offers none that installs;" \
            "install libsqlcipher-dev >= $sqlcipher_min by hand"
    fi
}

# add_backports SUITE FILE: the same mirror and keys as the machine's own entry for its release, written as
# a file of its own. Only that file is updated: other sources may be broken, and are not ours.
add_backports() {
    local suite=$1 file=$2 codename=${1%-backports} uri signed_by
    local new="$build/log/$suite.sources"
    find_source "$codename" || die "no apt source serves $codename/main, so $suite (for SQLCipher" \
        ">= $sqlcipher_min) can't be found; add $suite to apt's sources by hand"
    write_source "$new" deb "$uri" "$suite" "$signed_by"
    as_root install -m 644 "$new" "$file"
    if ! as_root apt-get update "${apt_options[@]}" -o Dir::Etc::SourceList="$file" -o Dir::Etc::SourceParts=/dev/null \
        -o APT::Get::List-Cleanup=0 -o APT::Update::Error-Mode=any >>"$setup_log" 2>&1 </dev/null; then
        as_root rm -f "$file"
        die "the mirror of this machine has no $suite, which holds SQLCipher >= $sqlcipher_min for $codename;" \
            "install libsqlcipher-dev >= $sqlcipher_min by hand"
    fi
}

# find_source CODENAME: sets uri and signed_by to those of the apt source that serves CODENAME/main.
find_source() {
    local line entry
    line=$(apt-get indextargets --format '$(REPO_URI)|$(CODENAME)|$(RELEASE)|$(COMPONENT)|$(SOURCESENTRY)' 'Created-By: Packages' |
        awk -F'|' -v name="$1" '($2 == name || $3 == name) && $4 == "main" { print; exit }')
    [ -n "$line" ] || return 1
    uri=${line%%|*}
    entry=${line##*|}
    signed_by=$(signed_by_of "${entry%:*}" "${entry##*:}")
}

# signed_by_of FILE NUMBER: the Signed-By of a source. apt names a .list's entry by its line and a
# .sources' one by its stanza; there the value may be a whole key over several lines, which is kept as it is.
signed_by_of() {
    case $1 in
        *.sources)
            awk -v RS= -v number="$2" 'NR == number' "$1" |
                awk '/^[^ \t#]/ { on = 0 } tolower($0) ~ /^signed-by:/ { on = 1; sub(/^[^:]*:[ \t]*/, "") } on && !/^#/'
            ;;
        *) sed -n "${2}p" "$1" | sed -nE 's/.*\[[^]]*signed-by=([^] ]+).*/\1/p' ;;
    esac
}

# write_source FILE TYPE URI SUITE SIGNED_BY
write_source() {
    {
        printf 'Types: %s\nURIs: %s\nSuites: %s\nComponents: main\n' "$2" "$3" "$4"
        [ -z "$5" ] || printf 'Signed-By: %s\n' "$5"
    } >"$1"
}
