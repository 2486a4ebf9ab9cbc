#!/usr/bin/env bash
# Runs the benchmarks that verify their result before they report a time; arguments go to each of them.
source "$(dirname "$0")/common.sh"

scripts/install-packages.sh build
swift build -c release --product snowline-bench
bench=.build/release/snowline-bench
for part in selftest kernels density; do
    step "snowline-bench $part"
    "$bench" "$part" "$@"
done
summary
