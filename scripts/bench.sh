#!/usr/bin/env bash
# Every benchmark beside its peers, and a record of it in Benchmarks/Records/<date>-<processor>/ (Benchmarks/README.md).
#
# usage: PARTS="vision masks" scripts/bench.sh [options of Benchmarks/Peers/bench.py]
# Footage is found at SNOWLINE_CORPUS (default ../shared/corpus), the scorers and peers' scripts at SNOWLINE_SCORER_DIR
# (default ../shared/tools). Times are worth keeping from a quiet machine only.
source "$(dirname "$0")/common.sh"

scripts/bench-deps.sh
for product in snowline snowline-bench; do swift build -c release --product "$product"; done
exec /usr/bin/python3 Benchmarks/Peers/bench.py ${PARTS:+--parts "$PARTS"} "$@"
