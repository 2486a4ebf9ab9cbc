#!/usr/bin/env bash
# Many cameras in dense mode that die, stall and come back, against one snowlined: memory, threads, every event accounted for.
#
# usage: CAMERAS=96 MINUTES=30 scripts/soak-dense.sh [Benchmarks/Density/soak_dense.py options…]
# Environment: SNOWLINE_SOAK_BUILD=no takes the release products as they are.
source "$(dirname "$0")/common.sh"

scripts/bench-deps.sh
if [ "${SNOWLINE_SOAK_BUILD:-yes}" != no ]; then scripts/build.sh; fi
exec .build/bench/venv/bin/python Benchmarks/Density/soak_dense.py --cameras "${CAMERAS:-96}" --minutes "${MINUTES:-30}" "$@"
