#!/usr/bin/env bash
# Builds the release products snowlined, snowline and snowline-bench at .build/release/.
#
# Each product is named to the build, so that no test target is compiled with optimisation.
source "$(dirname "$0")/common.sh"

scripts/install-packages.sh build
scripts/luma-decoder.sh || say 'going on without: all planes of H.264 are decoded, an eighth more processor time of decoding'
for product in snowlined snowline snowline-bench; do
    swift build -c release --product "$product"
done
say "built: .build/release/{snowlined,snowline,snowline-bench}"
