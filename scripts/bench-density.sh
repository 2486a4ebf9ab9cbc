#!/usr/bin/env bash
# What a camera costs beside the peers, events found, latency and the curve of cameras; with a record in Benchmarks/Records/.
#
# usage: scripts/bench-density.sh [options of snowline-bench density]      --quick: at most five minutes, no record
# Footage is found at SNOWLINE_CORPUS (default ../shared/corpus).
source "$(dirname "$0")/common.sh"

scripts/bench-deps.sh >&2
scripts/luma-decoder.sh >&2
for product in snowline snowlined snowline-bench; do swift build -c release --product "$product" >&2; done
exec .build/release/snowline-bench density "$@"
