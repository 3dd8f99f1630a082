#!/usr/bin/env bash
# Makes .venv from a lock file (`python LOCK`), or sees to the servers that the tests start (`services`).
# What is missing and can't be installed is named in one line, with the command that mends it.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { echo "$*" >&2; exit 1; }

apt_install() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@"; } >.apt.log 2>&1 \
        || { tail -n 5 .apt.log >&2; return 1; }
    rm -f .apt.log
}

find_python() {
    local name
    for name in python3 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    fail "Python 3.11 or newer is missing. Install it with: sudo apt-get install python3 python3-venv"
}

make_venv() {
    local python="$1"
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then
        apt_install python3-venv || fail "python3-venv is missing. Install it with: sudo apt-get install python3-venv"
    fi
    rm -rf .venv
    "$python" -m venv .venv || fail "The environment .venv can't be made. Is this folder writable?"
}

prepare_python() {
    .venv/bin/python -m pip --version >/dev/null 2>&1 || make_venv "$(find_python)"
    echo "Installing from $1 …"
    .venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r "$1" \
        || fail "Some libraries can't be installed (see above). Check the network, then run make again."
    .venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
}

prepare_services() {
    local missing=()
    command -v redis-server >/dev/null || command -v valkey-server >/dev/null || missing+=(redis-server)
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null || missing+=(postgresql)
    command -v chromium >/dev/null || missing+=(chromium)
    [ ${#missing[@]} = 0 ] && return
    echo "Installing ${missing[*]} …"
    apt_install "${missing[@]}" || fail "The tests need ${missing[*]}. Install with: sudo apt-get install ${missing[*]}"
}

case "${1:-}" in
    python) prepare_python "$2" ;;
    services) prepare_services ;;
    *) fail "Say what to prepare: tools/prepare.sh python LOCK, or tools/prepare.sh services" ;;
esac
