#!/usr/bin/env bash
# Rewrites the expected decisions of the golden replays; nothing else does. The difference is for a person to judge.
source "$(dirname "$0")/common.sh"

scripts/install-packages.sh build
SNOWLINE_REWRITE_GOLDEN=1 swift test --disable-xctest --filter 'Golden'
git --no-pager diff --stat -- 'Tests/**/Golden' || true
