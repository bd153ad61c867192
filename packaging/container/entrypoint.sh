#!/bin/sh
# Makes the server when /data is new, then becomes it. Environment, for the first start only:
#   SOTTO_PUBLIC_HOST   name or address in the link (needed: a container does not know the host's)
#   SOTTO_COMMUNITY     "invite" (default) or "open"
set -eu

data=/data
if [ ! -e "$data/rendezvous.toml" ]; then
    if [ -z "${SOTTO_PUBLIC_HOST:-}" ]; then
        echo "sotto-entrypoint: set SOTTO_PUBLIC_HOST to the name or address others reach this server by" >&2
        exit 2
    fi
    sotto-rendezvous init --no-invite --dir "$data" --public-host "$SOTTO_PUBLIC_HOST" \
        --community "${SOTTO_COMMUNITY:-invite}"
fi
exec sotto-rendezvous run --dir "$data"
