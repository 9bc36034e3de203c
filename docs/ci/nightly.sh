#!/bin/sh
# One night: run what changed, and write the page. For cron and systemd; CI systems have recipes of their own.
#
#   17 3 * * *  /opt/crossload/docs/ci/nightly.sh
#
# The status is crossload's: 0 the gate holds, 1 it failed, 2 wrong usage, 3 infrastructure. cron mails what is printed:
# a night that is as it should be prints nothing.
set -eu

: "${CROSSLOAD:=crossload}"                     # the command
: "${MATRIX:=/etc/crossload/matrix.yaml}"       # what is run
: "${SELECT:=nightly}"                          # which environments
: "${STATE:=/var/lib/crossload}"                # what is kept from night to night
: "${SITE:=/var/www/crossload}"                 # what is published

umask 022
log=$STATE/nightly.log
mkdir -p "$STATE"

code=0
"$CROSSLOAD" run --matrix "$MATRIX" --select "$SELECT" --state "$STATE" --site "$SITE" >"$log" 2>&1 || code=$?
[ "$code" -eq 0 ] || tail -n 60 "$log"
exit "$code"
