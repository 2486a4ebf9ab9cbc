#!/usr/bin/env bash
# Installs the Debian packages that are missing, and checks the Swift toolchain.
#
# usage: scripts/install-packages.sh [build] [test] [demo] [bench]      (default: build)
# Nothing is done, and no privilege is asked for, when everything is there already.
source "$(dirname "$0")/common.sh"

build_packages=(
    libavformat-dev libavcodec-dev libavutil-dev libswscale-dev
    libsqlite3-dev libnats-dev libmosquitto-dev pkg-config
    dpkg-dev make ffmpeg
)
# What FFmpeg's loops for this processor are written in.
if [ "$(uname -m)" = x86_64 ]; then build_packages+=(nasm); fi
# A camera to talk to, footage to make, and a processor older than this one.
test_packages=(
    ffmpeg curl binutils qemu-user python3-venv mosquitto mosquitto-clients
    python3-gi gir1.2-gst-rtsp-server-1.0
    gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad
)
demo_packages=(
    ffmpeg curl
    python3-gi gir1.2-gst-rtsp-server-1.0
    gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad
)

# What the benchmarks compare with, and what counts instructions.
bench_packages=(motion valgrind)

# missing PACKAGE…: the names that dpkg does not know as installed, one a line.
missing() {
    local package
    for package in "$@"; do
        case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) in
            installed) ;;
            *) say "$package" ;;
        esac
    done
}

# as_root COMMAND…: runs it as root, by sudo where needed.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo env DEBIAN_FRONTEND=noninteractive "$@"
    else
        fail "packages are missing and this is neither root nor a user with sudo;" \
            "run as root: apt-get update && apt-get install --no-install-recommends ${absent[*]}"
    fi
}

# install_packages PACKAGE…: with the package lists as they are, and with fresh ones if that fails.
install_packages() {
    export DEBIAN_FRONTEND=noninteractive
    local options=(-y -q --no-install-recommends -o Dpkg::Use-Pty=0 -o Acquire::Retries=3)
    if ! apt-cache policy "$@" 2>/dev/null | grep -q 'Candidate: [^(]'; then
        as_root apt-get update -q
    fi
    as_root apt-get install "${options[@]}" "$@" </dev/null && return 0
    say 'apt-get install failed with the package lists at hand; fetching fresh lists'
    as_root apt-get update -q
    as_root apt-get install "${options[@]}" "$@" </dev/null
}

check_swift() {
    command -v swift >/dev/null \
        || fail 'swift is not on PATH; install Swift 6.1 or later (https://www.swift.org/install/linux/, Debian 12)'
    local version
    version=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+)\.([0-9]+).*/\1 \2/p' | head -n 1)
    local major=${version% *} minor=${version#* }
    [ -n "$version" ] || fail 'swift --version could not be read; is the toolchain complete?'
    if [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 1 ]; }; then
        fail "Swift $major.$minor is too old; Package.swift needs 6.1 or later (https://www.swift.org/install/linux/)"
    fi
}

command -v dpkg-query >/dev/null \
    || fail 'this is not Debian: dpkg-query is missing; install the packages named in scripts/install-packages.sh by hand'

wanted=()
for set_name in "${@:-build}"; do
    case $set_name in
        build) wanted+=("${build_packages[@]}") ;;
        test) wanted+=("${test_packages[@]}") ;;
        demo) wanted+=("${demo_packages[@]}") ;;
        bench) wanted+=("${bench_packages[@]}") ;;
        *) fail "unknown set \"$set_name\"; use build, test, demo or bench" ;;
    esac
done

mapfile -t absent < <(missing "${wanted[@]}")
if [ ${#absent[@]} -gt 0 ]; then
    say "installing: ${absent[*]}"
    install_packages "${absent[@]}"
    mapfile -t absent < <(missing "${wanted[@]}")
    [ ${#absent[@]} -eq 0 ] || fail "still missing after apt-get install: ${absent[*]}"
fi
check_swift
