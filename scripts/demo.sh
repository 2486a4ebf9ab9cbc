#!/usr/bin/env bash
# Real footage through the whole of Snowline: three simulated cameras, one known event, alerts delivered and shown.
#
# usage: scripts/demo.sh            ends with 0 only if the known event was delivered from every camera
# Environment: SNOWLINE_DEMO_BUILD=no takes the release products as they are.
source "$(dirname "$0")/common.sh"

step 'packages'
scripts/install-packages.sh build demo

if [ "${SNOWLINE_DEMO_BUILD:-yes}" != no ]; then
    step 'release build (minutes on a fresh machine)'
    scripts/build.sh
fi

step 'footage'
scripts/footage.sh

step 'cameras, receiver, snowlined'
end_step 'ready to start'
# Debian's own Python: the camera simulator needs its GStreamer bindings. From here on demo/run.py owns every process
# it starts and stops all of them however it ends.
exec /usr/bin/python3 demo/run.py
