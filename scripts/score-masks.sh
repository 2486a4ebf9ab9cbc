#!/usr/bin/env bash
# Foreground masks of `snowline evaluate --masks` on the annotated footage, scored by the independent scorer.
#
# usage: scripts/score-masks.sh [scorer options, e.g. --only NAME,NAME --json]
# Needs footage at SNOWLINE_CORPUS (default ../shared/corpus) and score_masks.py at SNOWLINE_SCORER_DIR (default
# ../shared/tools); makes .venv for the scorer's Python packages (requirements.txt).
source "$(dirname "$0")/common.sh"

corpus=${SNOWLINE_CORPUS:-$root/../shared/corpus}
scorer=${SNOWLINE_SCORER_DIR:-$root/../shared/tools}/score_masks.py
[ -d "$corpus" ] || fail "no footage at $corpus; say where by SNOWLINE_CORPUS"
[ -f "$scorer" ] || fail "no scorer at $scorer; say where by SNOWLINE_SCORER_DIR"

scripts/install-packages.sh build test
scripts/python.sh

swift build -c release --product snowline
masks=.build/test-results/masks
rm -rf "$masks"
mkdir -p "$masks"
.build/release/snowline evaluate "$corpus" --masks "$masks" --json </dev/null >"$masks/evaluate.json"
.venv/bin/python "$scorer" "$corpus" "$masks" "$@"
