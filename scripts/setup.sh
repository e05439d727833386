#!/usr/bin/env bash
# Makes .venv with the locked libraries and this project, and installs the system parts they need where it may.
# Usage: scripts/setup.sh demo|dev|test|benchmark. A second run with nothing changed ends at once.
set -euo pipefail
cd "$(dirname "$0")/.."

purpose=${1:?usage: scripts/setup.sh demo|dev|test|benchmark}
venv=.venv
stamp=$venv/.ready-$purpose

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

# What the stamp holds: when any of it changes, the environment is brought up to date.
fingerprint() { cat pyproject.toml requirements.lock "$0" | cksum; }

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
        # Run it rather than trust its name: version managers leave shims for versions that are not active.
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    fail "Python 3.11 or newer is needed and none was found (Debian: apt install python3 python3-venv;" \
        "macOS: brew install python@3.13). Set PYTHON=/path/to/python if it lives elsewhere."
}

# --- system parts ---------------------------------------------------------------------------------------------------

debian_parts() {
    # PortAudio for sound; libGL and GLib for OpenCV's windows. No compiler: every library comes as a wheel.
    echo python3-venv libportaudio2 libgl1 libglib2.0-0
    if [ "$purpose" = test ] || [ "$purpose" = benchmark ]; then
        echo xvfb openbox xdotool x11-utils pulseaudio pulseaudio-utils libasound2-plugins tmux espeak-ng sox \
            nftables iptables iproute2 imagemagick gcc libc6-dev
    fi
    if [ "$purpose" = benchmark ]; then
        echo chromium
    fi
}

install_on_debian() {
    local part installed missing=() rights=()
    # Newer releases carry some libraries under a name with a suffix (64-bit time), which still provides the old name.
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n${db:Status-Status} ${Provides}\n')
    for part in $(debian_parts); do
        grep -Eq "^installed (.*[ ,])?$part( |,|\$)" <<<"$installed" || missing+=("$part")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" != 0 ]; then
        rights=(sudo)
        if ! sudo -n true 2>/dev/null; then
            without_rights "sudo apt-get install ${missing[*]}"
            return 0
        fi
    fi
    say "installing ${missing[*]}"
    "${rights[@]}" apt-get update -qq || say "the package lists could not be refreshed; trying with those at hand"
    "${rights[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
        without_rights "sudo apt-get install ${missing[*]}"
}

install_on_macos() {
    local missing=() part
    for part in portaudio $([ "$purpose" = test ] && echo tmux espeak-ng sox); do
        brew list --versions "$part" >/dev/null 2>&1 || missing+=("$part")
    done
    [ ${#missing[@]} -eq 0 ] || brew install --quiet "${missing[@]}" || without_rights "brew install ${missing[*]}"
}

without_rights() {
    say "some parts of the system are missing; install them with: $*"
    if [ "$purpose" = test ] && [ "${CI:-}" = true ]; then
        fail "with CI=true the tests need all of them"
    fi
    say "going on without them"
}

install_system_parts() {
    if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
        install_on_debian
    elif [ "$(uname)" = Darwin ] && command -v brew >/dev/null; then
        install_on_macos
    else
        say "this system is not known here; sound needs PortAudio, windows need libGL and a display"
    fi
}

# --- the environment ------------------------------------------------------------------------------------------------

make_venv() {
    local python
    python=$(find_python)
    if [ ! -x $venv/bin/python ] || ! $venv/bin/python -c 'import pip' 2>/dev/null; then
        say "making $venv with $("$python" --version)"
        rm -rf $venv
        "$python" -m venv $venv || fail "$python cannot make environments (Debian: apt install python3-venv)"
    fi
    local wanted=.
    [ "$purpose" = demo ] || wanted='.[dev]'
    [ "$purpose" != benchmark ] || wanted='.[dev,benchmark]'
    say "installing the libraries (a minute at the first time)"
    $venv/bin/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable "$wanted"
}

[ "$(cat "$stamp" 2>/dev/null)" = "$(fingerprint)" ] && exit 0
[ "$purpose" = dev ] || install_system_parts
make_venv
fingerprint >"$stamp"
