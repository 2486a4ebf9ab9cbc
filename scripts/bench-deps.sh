#!/usr/bin/env bash
# Installs what Snowline is measured against: motion as Debian ships it, and OpenCV in .build/bench/venv
# (Benchmarks/requirements.txt). Nothing is done where everything is there already.
source "$(dirname "$0")/common.sh"

had_motion=$(dpkg-query -W -f '${db:Status-Status}' motion 2>/dev/null || true)
scripts/install-packages.sh build test bench
if [ "$had_motion" != installed ] && [ -d /run/systemd/system ]; then
    # The package starts a daemon that would take a camera and processor time; only the program is wanted.
    if [ "$(id -u)" -eq 0 ]; then systemctl disable --now motion; else sudo systemctl disable --now motion; fi
fi

venv=.build/bench/venv
if ! cmp -s Benchmarks/requirements.txt "$venv/requirements.txt"; then
    say "bench-deps: OpenCV into $venv"
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input -r Benchmarks/requirements.txt
    cp Benchmarks/requirements.txt "$venv/requirements.txt"
fi
"$venv/bin/python" -c 'import cv2; cv2.bgsegm.createBackgroundSubtractorCNT(); print("bench-deps: OpenCV", cv2.__version__)'
say "bench-deps: motion $(dpkg-query -W -f '${Version}' motion)"
