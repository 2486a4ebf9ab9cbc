#!/usr/bin/env bash
# snowlined, its receivers and the leader of its NATS stream killed while alerts are raised: what is lost, what is left twice.
#
# usage: [QUICK=1] scripts/chaos.sh [Tests/Chaos/chaos.py options…]
# The last line is LOST=… DUPLICATED=… …; ends with 0 only when nothing is lost, left twice, out of order or changed.
# Environment: SNOWLINE_CHAOS_BUILD=no takes the release product as it is.
source "$(dirname "$0")/common.sh"

scripts/install-packages.sh build test
scripts/python.sh
if [ "${SNOWLINE_CHAOS_BUILD:-yes}" != no ]; then
    swift build -c release --product snowlined
fi
python=.venv/bin/python

"$python" Tests/Chaos/test_chaos.py </dev/null

# A judgement that cannot fail is worth nothing: a receiver that acknowledges and does not keep must be found out.
forgetful=.build/chaos-forgetful
mkdir -p .build
if "$python" Tests/Chaos/chaos.py --alerts 100 --kills 0 --quick --no-mqtt --fault forget --out "$forgetful" \
    </dev/null >"$forgetful.log" 2>&1; then
    fail "a receiver that forgets what it acknowledges was not found out; see $forgetful.log"
fi
tail -n 1 "$forgetful.log" | grep -qE '^LOST=[1-9]' || fail "the forgetful receiver made no loss; see $forgetful.log"
[ "$(grep -c '^chaos: ' "$forgetful.log")" -eq 1 ] && grep -q '^chaos: webhook: lost: ' "$forgetful.log" \
    || fail "more went wrong than a forgetful receiver; see $forgetful.log"
say "a receiver that acknowledges and forgets is found out: $(tail -n 1 "$forgetful.log")"

options=("$@")
if [ -n "${QUICK:-}" ]; then options+=(--quick); fi
exec "$python" Tests/Chaos/chaos.py ${options[@]+"${options[@]}"} </dev/null
