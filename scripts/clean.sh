#!/usr/bin/env bash
# Removes what the other scripts make. demo/footage (95 MB to fetch again) goes too.
source "$(dirname "$0")/common.sh"
rm -rf .build .build-tsan .build-asan .venv demo/data demo/footage demo/stills demo/index.html demo/*.log
