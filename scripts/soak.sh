#!/usr/bin/env bash
# Many simulated cameras against one snowlined for minutes: CPU and memory per camera, and whether memory grows.
#
# usage: CAMERAS=16 MINUTES=10 scripts/soak.sh [scripts/soak.py options…]
# Environment: SNOWLINE_SOAK_BUILD=no takes the release products as they are.
source "$(dirname "$0")/common.sh"

scripts/install-packages.sh build demo
if [ "${SNOWLINE_SOAK_BUILD:-yes}" != no ]; then scripts/build.sh; fi
scripts/footage.sh

clip=demo/footage/soak-704x576-25fps.mp4
if [ ! -s "$clip" ]; then
    ffmpeg -v error -nostdin -y -i demo/footage/vtest.avi -an -vf 'scale=704:576,fps=25,format=yuv420p' \
        -c:v libx264 -preset veryfast -tune zerolatency -x264-params sliced-threads=0 -crf 23 -g 50 -keyint_min 50 -sc_threshold 0 -bf 0 "$clip.part.mp4"
    mv "$clip.part.mp4" "$clip"
fi
exec /usr/bin/python3 scripts/soak.py --cameras "${CAMERAS:-16}" --minutes "${MINUTES:-10}" --clip "$clip" "$@"
