#!/usr/bin/env bash
# Every test under the thread sanitizer, then under the address sanitizer, each in a build folder of its own.
#
# usage: scripts/sanitize.sh [thread] [address] [-- swift-test-arguments…]
source "$(dirname "$0")/common.sh"

kinds=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do kinds+=("$1"); shift; done
[ "${1:-}" != -- ] || shift
[ ${#kinds[@]} -gt 0 ] || kinds=(thread address)

scripts/install-packages.sh build test
for kind in "${kinds[@]}"; do
    case $kind in
        thread) folder=.build-tsan ;;
        address) folder=.build-asan ;;
        *) fail "unknown sanitizer \"$kind\"; use thread or address" ;;
    esac
    step "swift test --sanitize=$kind"
    # FFmpeg, GStreamer and glibc are not instrumented: leaks in them are not ours to judge here.
    ASAN_OPTIONS=detect_leaks=0 TSAN_OPTIONS=halt_on_error=1 \
        swift test --sanitize="$kind" --scratch-path "$folder" --disable-xctest "$@" </dev/null
done
summary
