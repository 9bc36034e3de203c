#!/bin/sh
# Gives the tests a Docker daemon and a local registry with base images, on Debian, as root.
#
#   exports=$(.ci/docker.sh FOLDER [PYTHON ...]) && eval "$exports"
#   .ci/docker-stop.sh FOLDER
#
# PYTHON is 3.11 (made from bookworm) or 3.9 (from bullseye); 3.11 alone when none is named. FOLDER keeps the
# made bases for the next time, the registry's storage, the logs and the ids of the processes started here.
# What runs already is used as it is and is not ended by docker-stop.sh. Messages go to standard error.
set -eu
folder=${1:?usage: .ci/docker.sh FOLDER [PYTHON ...]}
shift
[ $# -gt 0 ] || set -- 3.11
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

say() { echo "docker.sh: $*" >&2; }
die() { say "$@"; exit 1; }

# Waits until "$@" succeeds, a minute at most.
wait_for() {
    tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ $tries -lt 120 ] || return 1
        sleep 0.5
    done
}

start_daemon() {
    if docker info >/dev/null 2>&1; then
        return 0
    fi
    say "starting dockerd"
    # shellcheck disable=SC2086
    setsid dockerd ${DOCKERD_OPTIONS:-} >"$folder/dockerd.log" 2>&1 </dev/null &
    echo $! >"$folder/dockerd.pid"
    wait_for docker info || { tail -n 20 "$folder/dockerd.log" >&2; die "dockerd did not start"; }
}

start_registry() {
    if [ -s "$folder/registry.port" ]; then
        port=$(cat "$folder/registry.port")
        curl -fs --noproxy '*' "http://127.0.0.1:$port/v2/" >/dev/null 2>&1 && return 0
    fi
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    cat >"$folder/registry.yml" <<YAML
version: 0.1
storage:
  filesystem: {rootdirectory: "$folder/registry"}
  delete: {enabled: true}
http: {addr: "127.0.0.1:$port"}
YAML
    setsid docker-registry serve "$folder/registry.yml" >"$folder/registry.log" 2>&1 </dev/null &
    echo $! >"$folder/registry.pid"
    wait_for curl -fs --noproxy '*' "http://127.0.0.1:$port/v2/" ||
        { tail -n 20 "$folder/registry.log" >&2; die "docker-registry did not start"; }
    echo "$port" >"$folder/registry.port"
}

# Makes FOLDER/python-$1.tar from the Debian release that has that Python, from the mirror that apt uses.
make_base() {
    [ -s "$folder/python-$1.tar" ] && return 0
    case $1 in
        3.11) release=bookworm ;;
        3.9) release=bullseye ;;
        *) die "no Debian release is known here for Python $1" ;;
    esac
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Component: main' | grep '/debian/*$' | head -n 1)
    [ -n "$mirror" ] || die "apt has no Debian mirror in its sources"
    say "making the base of Python $1 ($release, about a minute)"
    root=$(mktemp -d)
    debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates "$release" "$root" "$mirror" \
        >"$folder/debootstrap-$1.log" 2>&1 || { tail -n 20 "$folder/debootstrap-$1.log" >&2; die "debootstrap failed"; }
    rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/usr/share/doc "$root"/usr/share/man
    tar -C "$root" --numeric-owner -cf "$folder/python-$1.tar.part" .
    mv "$folder/python-$1.tar.part" "$folder/python-$1.tar"
    rm -rf "$root"
}

push_base() {
    name="127.0.0.1:$port/python:$1-slim"
    curl -fs --noproxy '*' "http://127.0.0.1:$port/v2/python/manifests/$1-slim" >/dev/null 2>&1 && return 0
    docker import --change 'CMD ["python3"]' "$folder/python-$1.tar" "$name" >/dev/null
    docker push -q "$name" >/dev/null
    # Only the registry keeps it, so that the tests pull for real.
    docker rmi "$name" >/dev/null
}

"$(dirname "$0")/install.sh" docker.io iptables debootstrap docker-registry curl
start_daemon
start_registry
for python in "$@"; do
    make_base "$python"
    push_base "$python"
done
say "ready: daemon $(docker version --format '{{.Server.Version}}'), registry 127.0.0.1:$port with python $*"
echo "export CROSSLOAD_TEST_MIRROR=127.0.0.1:$port"
