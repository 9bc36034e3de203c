#!/bin/sh
# Installs the Debian packages named that are missing, as root: .ci/install.sh PACKAGE ...
set -eu
missing=
for package in "$@"; do
    dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
echo "installing$missing" >&2
apt-get update -q >&2
# RUNLEVEL=1: packages must not start services of their own.
# shellcheck disable=SC2086
RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing >&2
