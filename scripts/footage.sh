#!/usr/bin/env bash
# Puts the demo's footage at demo/footage/pedestrians-25fps.mp4: real pedestrians, as an IP camera would send them.
#
# The clip is vtest.avi of Debian's package opencv-doc (PETS 2009 S2.L1, view 1: 768x576, 10 pictures a second, 79.5 s).
# It is unpacked from the downloaded package, not installed: slim images drop documentation on installation. It plays at
# its real speed, each picture shown two or three times, 25 a second, H.264, a keyframe every 50, no B-frames, one slice
# a picture (sliced, the first picture of a session arrives in halves: FFmpeg's RTSP reader splits it at the first report).
source "$(dirname "$0")/common.sh"

folder=demo/footage
clip=$folder/pedestrians-25fps.mp4
member=./usr/share/doc/opencv-doc/examples/data/vtest.avi

[ ! -s "$clip" ] || { say "footage: $clip is there already"; exit 0; }
mkdir -p "$folder"

# fetch_package: leaves opencv-doc_*.deb in the folder. apt drops to the user _apt, who may not write here: a temporary
# folder that he may write saves its warning.
fetch_package() {
    local download
    download=$(mktemp -d)
    chmod 755 "$download"
    if [ "$(id -u)" -eq 0 ] && id _apt >/dev/null 2>&1; then chown _apt "$download"; fi
    if ! (cd "$download" && apt-get download -q opencv-doc </dev/null); then
        say 'apt-get download failed with the package lists at hand; fetching fresh lists'
        if [ "$(id -u)" -eq 0 ]; then apt-get update -q; else sudo apt-get update -q; fi
        (cd "$download" && apt-get download -q opencv-doc </dev/null) \
            || fail 'apt-get download opencv-doc failed; put a clip at '"$clip"' by hand or mend /etc/apt/sources.list'
    fi
    mv "$download"/opencv-doc_*.deb "$folder/opencv-doc.deb"
    rm -r "$download"
}

if [ ! -s "$folder/vtest.avi" ]; then
    [ -s "$folder/opencv-doc.deb" ] || fetch_package
    dpkg-deb --fsys-tarfile "$folder/opencv-doc.deb" | tar -x -O "$member" >"$folder/vtest.avi.part" \
        || { rm -f "$folder/opencv-doc.deb"; fail "opencv-doc holds no $member"; }
    mv "$folder/vtest.avi.part" "$folder/vtest.avi"
    rm "$folder/opencv-doc.deb"
fi

ffmpeg -v error -nostdin -y -i "$folder/vtest.avi" -an -vf 'fps=25,format=yuv420p' \
    -c:v libx264 -preset veryfast -tune zerolatency -x264-params sliced-threads=0 -crf 23 -g 50 -keyint_min 50 -sc_threshold 0 -bf 0 \
    "$clip.part.mp4"
mv "$clip.part.mp4" "$clip"
say "footage: $clip ($(stat -c %s "$clip") bytes)"
