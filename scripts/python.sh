#!/usr/bin/env bash
# Makes .venv with the Python packages of requirements.txt, unless it is there already.
source "$(dirname "$0")/common.sh"

if ! cmp -s requirements.txt .venv/requirements.txt; then
    rm -rf .venv
    python3 -m venv .venv
    .venv/bin/pip install --quiet --disable-pip-version-check --no-input -r requirements.txt
    cp requirements.txt .venv/requirements.txt
fi
