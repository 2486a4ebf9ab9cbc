#!/usr/bin/env bash
# Builds FFmpeg's H.264 decoder so that it can leave the colours out, which Debian's build cannot, from Debian's own source of
# the installed version: .build/luma-decoder/libavcodec-luma-VERSION.so. Everything else stays Debian's.
#
# Nothing is done where it is there already. Needs the network once (10 MB) and about two minutes.
# Without it snowlined decodes all planes and says so. Ends with 2 where the source cannot be fetched, with 1 where it cannot be built,
# and says why.
source "$(dirname "$0")/common.sh"

# The revision of what is built: raise it with every change to the options below.
revision=3
folder=$root/.build/luma-decoder

version=$(dpkg-query -W -f '${source:Version}' libavcodec-dev 2>/dev/null) || fail 'libavcodec-dev is not installed; run scripts/install-packages.sh build'
library=$folder/libavcodec-luma-${version#*:}.so
if [ -f "$library" ] && [ "$(cat "$folder/revision" 2>/dev/null)" = "$revision" ]; then exit 0; fi

# The compiler of the Swift toolchain, which is there; its code decodes H.264 some 2 % faster than gcc 12's.
compiler=$(dirname "$(readlink -f "$(command -v swift)")")/clang
[ -x "$compiler" ] || compiler=$(command -v clang || command -v gcc) || fail 'no C compiler: install build-essential'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
log=$folder/build.log
mkdir -p "$folder" "$work/parts" "$work/lists/partial" "$work/cache/archives/partial"

# Sources come from where the package came from, and are checked by the same keys; the system's own lists stay as they are.
policy() { LC_ALL=C apt-cache policy libavcodec-dev | awk '/^ \*\*\*/ { found = 1; next } found && !/^        / { exit } found && $2 ~ /:\/\// { print $2, $3 }'; }
if [ -z "$(policy)" ]; then
    say "luma decoder: apt does not know where libavcodec-dev $version came from; run apt-get update, then scripts/luma-decoder.sh" >&2
    exit 2
fi
policy | while read -r address place; do
    printf 'deb-src %s %s %s\n' "$address" "${place%/*}" "${place#*/}"
done | sort -u >"$work/sources.list"
apt=(apt-get -q -o "Dir::Etc::SourceList=$work/sources.list" -o "Dir::Etc::SourceParts=$work/parts" -o "Dir::State::Lists=$work/lists"
    -o "Dir::Cache=$work/cache" -o APT::Get::List-Cleanup=0 -o Acquire::Retries=3 -o APT::Sandbox::User="$(id -un)")

# tried WHAT COMMAND…: runs it into the log; says where it stands if it fails.
tried() {
    local what=$1
    shift
    "$@" >>"$log" 2>&1 </dev/null || { tail -n 15 "$log" >&2; fail "$what failed; the whole log is $log"; }
}

# fetched WHAT COMMAND…: the same for what the network is needed for.
fetched() { (tried "$@") || exit 2; }

say "luma decoder: FFmpeg ${version#*:} from Debian's source"
: >"$log"
cd "$work"
fetched 'apt-get update for the source' "${apt[@]}" update
fetched 'fetching the source of FFmpeg (apt-get upgrade, if Debian has a newer one)' "${apt[@]}" source --download-only "ffmpeg=$version"
tried 'unpacking the source of FFmpeg' dpkg-source -x ./*.dsc source
# Saves 2 % more; without it the same bytes come out.
if patch --dry-run -f -p1 -d source <"$root/scripts/luma-decoder.patch" >>"$log" 2>&1; then
    tried 'changing the source of FFmpeg' patch -f -p1 -d source -i "$root/scripts/luma-decoder.patch"
else
    say "luma decoder: scripts/luma-decoder.patch is not for the source of $version and left out"
fi

# Hardened as Debian's is, but for the guard of every single function (-fstack-protector-all), which costs 2 %.
flags=(-O3 -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fno-strict-overflow)

# built FOLDER FLAG…: the decoder in FOLDER, compiled and linked with FLAGs besides.
built() {
    local place=$work/$1
    shift
    mkdir "$place"
    cd "$place"
    tried 'configuring FFmpeg' ../source/configure --cc="$compiler" --enable-gray --disable-everything \
        --enable-decoder=h264 --enable-parser=h264 --enable-shared --disable-static --disable-autodetect --disable-programs \
        --disable-doc --disable-network --disable-debug --disable-avdevice --disable-avformat --disable-avfilter \
        --disable-swscale --disable-swresample --extra-version="${version#*-}" --extra-cflags="${flags[*]} $*" \
        --extra-ldflags="-Wl,-z,relro -Wl,-z,now $*"
    tried 'building FFmpeg' make -j"$(nproc)" libavcodec/libavcodec.so.59
    cd "$work"
}

# footage NAME OPTION…: ten seconds of a noisy view in which something moves, as a byte stream.
footage() {
    local name=$1
    shift
    tried 'making footage to learn from' ffmpeg -nostdin -v error -f lavfi -i mandelbrot=size=704x576:rate=25:end_scale=0.2 \
        -f lavfi -i testsrc2=size=96x160:rate=25 -filter_complex \
        "[0]trim=end_frame=1,loop=-1:1,setpts=N/25/TB,noise=alls=6:allf=t[view];[view][1]overlay=x='mod(t*90\,704)':y=200,format=yuv420p" \
        -t 10 -c:v libx264 -threads 1 -preset veryfast -tune zerolatency -g 50 -sc_threshold 0 "$@" -f h264 "$work/$name.h264"
}

# Which ways are the usual ones is learnt first: it saves 5 %. The same bytes come out of either build.
profdata=$(dirname "$compiler")/llvm-profdata
learnt=()
if [ -x "$profdata" ] && command -v ffmpeg >/dev/null; then
    footage main -b:v 1M -minrate 1M -maxrate 1M -bufsize 1M
    footage baseline -profile:v baseline -b:v 1M -maxrate 1M -bufsize 1M
    footage quiet -crf 27 -bf 2
    built learning -fprofile-instr-generate
    export LLVM_PROFILE_FILE=$work/profile-%m.raw
    tried 'building the trainer' "$compiler" -fprofile-instr-generate -Isource -Ilearning "$root/scripts/luma_training.c" -o train \
        -Llearning/libavcodec -Llearning/libavutil -l:libavcodec.so.59 -l:libavutil.so.57
    tried 'learning' env LD_LIBRARY_PATH=learning/libavcodec:learning/libavutil ./train main.h264 baseline.h264 quiet.h264
    tried 'learning' "$profdata" merge -o learnt.profdata profile-*.raw
    learnt=("-fprofile-instr-use=$work/learnt.profdata" -Wno-profile-instr-unprofiled -Wno-profile-instr-out-of-date)
fi
built build "${learnt[@]}"
cd build
strip --strip-unneeded -o "$work/library.so" libavcodec/libavcodec.so.59
mv "$work/library.so" "$library.new"
mv "$library.new" "$library"
# Of versions that are installed no more.
find "$folder" -name 'libavcodec-luma-*.so' ! -path "$library" -delete
printf '%s\n' "$revision" >"$folder/revision"
say "luma decoder: $(basename "$library"), $(($(stat -c %s "$library") / 1024)) KiB"
