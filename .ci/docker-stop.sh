#!/bin/sh
# Ends what .ci/docker.sh started with this FOLDER, and nothing else. The made bases stay for the next time.
set -eu
folder=${1:?usage: .ci/docker-stop.sh FOLDER}
for what in registry dockerd; do
    file="$folder/$what.pid"
    [ -s "$file" ] || continue
    id=$(cat "$file")
    kill "$id" 2>/dev/null || true
    tries=0
    while kill -0 "$id" 2>/dev/null && [ $tries -lt 60 ]; do
        tries=$((tries + 1))
        sleep 0.5
    done
    rm -f "$file"
done
rm -f "$folder/registry.port"
