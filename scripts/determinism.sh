#!/usr/bin/env bash
# The same footage gives the same decisions, byte for byte: twice by the release program, on every instruction set that
# this processor has, and by the debug program.
#
# usage: determinism.sh FOOTAGE [FOLDER]   (FOLDER keeps the site.yaml and the alerts; else a temporary one)
# Environment: SNOWLINE_RELEASE, SNOWLINE_DEBUG: the programs, default .build/release/snowline, .build/debug/snowline.
source "$(dirname "$0")/common.sh"

[ $# -ge 1 ] || fail 'usage: determinism.sh FOOTAGE [FOLDER]'
footage=$1
folder=${2:-}
release=${SNOWLINE_RELEASE:-.build/release/snowline}
debug=${SNOWLINE_DEBUG:-.build/debug/snowline}
[ -f "$footage" ] || fail "no footage at $footage"
[ -x "$release" ] || fail "no program at $release; make build"
[ -x "$debug" ] || fail "no program at $debug; swift build"

if [ -z "$folder" ]; then
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
fi
mkdir -p "$folder"

# A zone over most of the picture and three lines across it: whoever walks through raises something.
cat >"$folder/site.yaml" <<'YAML'
site: { id: "000000", name: determinism }
cameras:
  - id: clip
    url: rtsp://127.0.0.1/clip
    fences:
      - { id: ground, kind: zone, points: [[0.05, 0.3], [0.95, 0.3], [0.95, 1], [0.05, 1]], raise: [enter, leave, occupied] }
      - { id: across, kind: line, points: [[0.05, 0.7], [0.95, 0.7]] }
      - { id: left, kind: line, points: [[0.33, 0.95], [0.33, 0.1]] }
      - { id: right, kind: line, points: [[0.66, 0.95], [0.66, 0.1]], direction: left_to_right }
sinks:
  - { id: record, kind: file, path: alerts.jsonl }
YAML

# replay NAME PROGRAM [SET]: writes FOLDER/NAME.jsonl, by one instruction set if given; fails if this processor lacks it.
replay() {
    SNOWLINE_INSTRUCTION_SET=${3:-} "$2" replay "$footage" --site "$folder/site.yaml" --camera clip \
        --start 2026-11-22T09:31:02Z --alerts "$folder/$1.jsonl" </dev/null >"$folder/$1.log" 2>&1
}

# must_equal NAME WHAT: compares with the first replay.
must_equal() {
    cmp "$folder/first.jsonl" "$folder/$1.jsonl" >&2 || fail "$2 decides otherwise than the first replay on $footage"
    say "  the same bytes: $2"
}

replay first "$release" || { cat "$folder/first.log" >&2; fail "the release replay of $footage failed"; }
[ -s "$folder/first.jsonl" ] || fail "the replay of $footage raised nothing, so it proves nothing"
say "$(wc -l <"$folder/first.jsonl") alert versions of $(grep -o '"id":"[^"]*","kind"' "$folder/first.jsonl" | sort -u | wc -l) alerts from $footage"

replay again "$release" || fail "the second replay failed: $(cat "$folder/again.log")"
must_equal again 'a second time'

for set in baseline avx2 avx512; do
    if replay "$set" "$release" "$set"; then
        must_equal "$set" "instruction set $set"
    elif grep -q 'cannot be used' "$folder/$set.log"; then
        say "  not on this processor: instruction set $set"
    else
        fail "the replay by instruction set $set failed: $(cat "$folder/$set.log")"
    fi
done

if replay nonsense "$release" mmx; then fail 'an unknown instruction set was taken'; fi

replay debug "$debug" || fail "the debug replay failed: $(cat "$folder/debug.log")"
must_equal debug 'the debug build'
