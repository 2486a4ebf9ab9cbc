#!/usr/bin/env bash
# What one more camera costs in memory: see scripts/camera_memory.py, which takes the options.
#
# Environment: SNOWLINE_SOAK_BUILD=no takes the release products as they are.
source "$(dirname "$0")/common.sh"

scripts/install-packages.sh build demo
if [ "${SNOWLINE_SOAK_BUILD:-yes}" != no ]; then scripts/build.sh; fi
scripts/footage.sh
exec /usr/bin/python3 scripts/camera_memory.py "$@"
