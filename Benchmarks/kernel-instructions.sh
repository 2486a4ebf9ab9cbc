#!/usr/bin/env bash
# kernel-instructions.sh [KERNEL…]: instructions a pixel of every kernel (or of those named), as CSV on standard output
# for `snowline-bench kernels --instructions FILE --check`.
#
# Callgrind runs `snowline-bench kernels --count` twice with different counts; the difference is the kernel alone, exact
# and the same on a busy machine. Valgrind 3.19 does not know AVX-512, so those sets are not counted.
# BENCH names another binary than .build/release/snowline-bench.
set -euo pipefail
cd "$(dirname "$0")/.."

bench=${BENCH:-.build/release/snowline-bench}
pixels_per_grid=$((320 * 192))
low=1
high=4

command -v valgrind >/dev/null || { echo 'error: valgrind is missing; apt-get install valgrind' >&2; exit 1; }
[ -x "$bench" ] || { echo "error: no $bench; swift build -c release --product snowline-bench" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Without symbols valgrind starts in a fraction of the time.
strip -o "$work/bench" "$bench"

# instructions KERNEL SET COUNT
instructions() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$work/bench" kernels \
        --only "$1" --set "$2" --count "$3" </dev/null 2>&1 | awk '/Collected : /{found = 1; print $4} END{exit !found}'
}

# pixels KERNEL: what one pass reads; a downsample by F reads F x F grids.
pixels() {
    local factor=1
    [[ $1 =~ ^boxDownsample([0-9]+)$ ]] && factor=${BASH_REMATCH[1]}
    echo $((pixels_per_grid * factor * factor))
}

if [ $# -gt 0 ]; then kernels=("$@"); else mapfile -t kernels < <("$work/bench" kernels --list); fi
sets=(reference baseline c-baseline)
if [ "$(uname -m)" = x86_64 ] && grep -qw avx2 /proc/cpuinfo; then sets+=(avx2 c-avx2); fi

echo 'kernel,set,instructions_per_pixel'
for kernel in "${kernels[@]}"; do
    for set in "${sets[@]}"; do
        first=$(instructions "$kernel" "$set" "$low")
        second=$(instructions "$kernel" "$set" "$high")
        awk -v kernel="$kernel" -v set="$set" -v many="$((second - first))" -v times="$((high - low))" \
            -v pixels="$(pixels "$kernel")" 'BEGIN{printf "%s,%s,%.4f\n", kernel, set, many / times / pixels}'
    done
done
