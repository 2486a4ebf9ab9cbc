#!/usr/bin/env bash
# Runs the benchmarks that verify their result before they report a time; arguments go to each of them.
source "$(dirname "$0")/common.sh"

scripts/install-packages.sh build
swift build -c release --product snowline-bench
bench=.build/release/snowline-bench
if command -v valgrind >/dev/null; then
    step 'kernels: instructions a pixel, against twins and plain C'
    Benchmarks/kernel-instructions.sh >.build/kernel-instructions.csv
    "$bench" kernels --instructions .build/kernel-instructions.csv --check
else
    skip 'kernels: instructions a pixel' 'valgrind is not installed (apt-get install valgrind)'
fi
for part in selftest kernels; do
    step "snowline-bench $part"
    "$bench" "$part" "$@"
done
corpus=${SNOWLINE_CORPUS:-../shared/corpus}
if [ -d "$corpus" ]; then
    step 'scene health on changed footage'
    swift build -c release --product snowline
    python3 scripts/health_check.py "$corpus" .build/health-check
else
    skip 'scene health on changed footage' "no footage at $corpus (SNOWLINE_CORPUS)"
fi
summary
