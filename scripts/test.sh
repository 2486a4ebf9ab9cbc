#!/usr/bin/env bash
# Everything that must hold before a change is taken, from a fresh clone, without a question. `.ci/run` is this.
#
# Footage with ground truth is found at SNOWLINE_CORPUS (default ../shared/corpus), the independent scorer at
# SNOWLINE_SCORER_DIR (default ../shared/tools); what needs them is skipped, counted and said when they are absent.
source "$(dirname "$0")/common.sh"

export SNOWLINE_CORPUS=${SNOWLINE_CORPUS:-$root/../shared/corpus}
scorer_folder=${SNOWLINE_SCORER_DIR:-$root/../shared/tools}
results=.build/test-results
products=(snowlined snowline snowline-bench)
import_check=(--explicit-target-dependency-import-check error)

# own_warnings LOG: warnings for files of this tree and for this package as a whole, not for other packages.
own_warnings() {
    local package
    package=$(basename "$root" | tr '[:upper:]' '[:lower:]')
    grep -E "^($root/)?(Sources|Tests|Benchmarks|Package\.swift)[^:]*(:[0-9]+)*: warning:|warning: '$package': " "$1" \
        | sort -u || true
}

# build LOG ARGUMENT…: builds, shows the log as it grows, and fails on any warning from our own files.
build() {
    local log=$1 warnings
    shift
    if ! swift build "$@" </dev/null 2>&1 | tee "$log" | grep --line-buffered -E 'error:|warning:|^(Build|Compiling|\[[0-9]+/[0-9]+\] (Linking|Write))'; then
        [ "${PIPESTATUS[0]}" -eq 0 ] || { tail -n 40 "$log" >&2; fail "swift build $* failed; the whole log is $log"; }
    fi
    warnings=$(own_warnings "$log")
    [ -z "$warnings" ] || fail "$(wc -l <<<"$warnings") warning(s) in our own files; none are allowed:"$'\n'"$warnings"
}

# suites_of_the_clock ROOM: the suites of a room that play cameras, which go on whether anybody has time for them or not.
suites_of_the_clock() {
    { grep -l 'SimulatedCamera\.isAvailable' "Tests/$1"/*.swift || true; } | xargs -r -n 1 basename -s .swift | paste -s -d '|'
}

# swift_test LOG ARGUMENT…: some of the tests; the log is added to LOG, the failures are shown and listed in LOG.failed.
swift_test() {
    local log=$1 code=0
    shift
    rm -f "$log.xml"
    swift test --skip-build --disable-xctest --xunit-output "$log.xml" "$@" </dev/null >"$log.room" 2>&1 || code=$?
    grep -E -A 2 'recorded an issue|Fatal error|error: ' "$log.room" | head -n 80 || true
    cat "$log.room" >>"$log"
    : >"$log.failed"
    [ "$code" -eq 0 ] || python3 scripts/failed_tests.py "$log.xml" >"$log.failed" || true
    return "$code"
}

# again LOG: what has just failed, once more and alone, where it is little and plays cameras: a machine that was busy with
# something else for seconds breaks such a test. What fails again has failed.
again() {
    local log=$1 name suite
    [ "$(wc -l <"$log.failed")" -le 3 ] && [ -s "$log.failed" ] || return 1
    while read -r name; do
        suite=${name%%/*}
        [ "${suite%%.*}" = ProgramTests ] || [[ "|$(suites_of_the_clock "${suite%%.*}")|" == *"|${suite#*.}|"* ]] || return 1
    done <"$log.failed"
    for name in $(<"$log.failed"); do
        say "once more, alone: $name"
        swift_test "$log" --filter "^${name/./\\.}\\b" --no-parallel || return 1
        repeated+=("$name")
    done
}

# run_tests LOG: all tests of the debug build, one room after the other, and in a room those that play cameras after the
# others: the tests of a process share a thread for each processor, and one that reckons for a minute would let those wait.
# Says how many passed, failed and were skipped, and which passed only when they were alone.
run_tests() {
    local log=$1 room clock pass code failing=() repeated=() passed skipped failed
    : >"$log"
    for room in Tests/*Tests; do
        room=${room#Tests/}
        clock=$(suites_of_the_clock "$room")
        for pass in others clock; do
            set -- --filter "^$room\\."
            if [ "$pass" = clock ]; then
                [ -n "$clock" ] || continue
                set -- --filter "^$room\\.($clock)/"
            elif [ -n "$clock" ]; then
                set -- "$@" --skip "^$room\\.($clock)/"
            fi
            code=0
            swift_test "$log" "$@" || code=$?
            grep -qE '^✔ Test ' "$log.room" || fail "no test of $room passed; the log is $log.room"
            say "$room: $(grep -E '^[^ ]+ Test run with' "$log.room" | tail -n 1 | cut -d ' ' -f 2-)"
            if [ "$code" -ne 0 ] && ! again "$log"; then failing+=("$room"); fi
        done
    done
    passed=$(grep -E '^✔ Test ' "$log" | grep -cvE '^✔ Test (run|case) ' || true)
    failed=$(grep -E '^✘ Test .* failed after' "$log" | grep -cvE '^✘ Test (run|case) ' || true)
    skipped=$(grep -cE '^[^ ]+ Test .* skipped' "$log" || true)
    say "tests: $passed passed, $((failed - ${#repeated[@]})) failed, $skipped skipped"
    [ "${#repeated[@]}" -eq 0 ] || say "passed only alone: ${repeated[*]}"
    grep -E '^[^ ]+ Test .* skipped' "$log" | sed -E 's/^[^ ]+ Test /  skipped: /' || true
    [ "${#failing[@]}" -eq 0 ] || fail "tests of ${failing[*]} failed; the whole log is $log"
    test_note="$passed passed, $skipped skipped"
}

# check_weak_symbols: a weak function compiled with AVX must not stand in for the same function elsewhere: the linker
# takes any one of them, and the program would die on an older processor. A name that is mangled with the kernel module
# itself (its lazy initialisers) has no double anywhere and is harmless.
check_weak_symbols() {
    local module folder weak
    for module in KernelsAVX2 KernelsAVX512; do
        folder=$(readlink -f .build/release)/$module.build
        [ -n "$(find "$folder" -name '*.o' -print -quit)" ] || fail "no object files in $folder; did the release build run?"
        weak=$(find "$folder" -name '*.o' -exec nm --defined-only {} + \
            | awk -v own="\$s${#module}$module" '$2 == "W" && index($3, own) != 1')
        [ -z "$weak" ] || fail "weak functions in $module; use CVec primitives and &+ &- &* only:"$'\n'"$weak"
    done
    say 'weak symbols: none that the linker could mix up in the AVX2 and AVX-512 kernels'
}

# instructions MODULE PATTERN: how many instructions of the module's objects use the registers of PATTERN.
instructions() {
    find "$(readlink -f .build/release)/$1.build" -name '*.o' -exec objdump -d --no-show-raw-insn {} + \
        | grep -cE "$2" || true
}

# check_instruction_sets: the three builds of the kernels really are three, and none reaches above its level.
check_instruction_sets() {
    local wide='%ymm|%zmm|%k[0-7]' widest='%zmm|%k[0-7]' baseline avx2 above avx512
    baseline=$(instructions KernelsBaseline "$wide")
    avx2=$(instructions KernelsAVX2 '%ymm')
    above=$(instructions KernelsAVX2 "$widest")
    avx512=$(instructions KernelsAVX512 "$widest")
    [ "$baseline" -eq 0 ] || fail "KernelsBaseline has $baseline AVX instructions; look at its flags in Package.swift"
    [ "$above" -eq 0 ] || fail "KernelsAVX2 has $above AVX-512 instructions; look at its flags in Package.swift"
    [ "$avx2" -gt 0 ] || fail 'KernelsAVX2 has no AVX2 instruction; look at its flags in Package.swift'
    [ "$avx512" -gt 0 ] || fail 'KernelsAVX512 has no AVX-512 instruction; look at its flags in Package.swift'
    say "instruction sets: $avx2 instructions on 256 bits in KernelsAVX2, $avx512 of AVX-512 in KernelsAVX512"
}

mkdir -p "$results"

step 'packages'
scripts/install-packages.sh build test
scripts/python.sh

step "FFmpeg's decoder without colours"
code=0
scripts/luma-decoder.sh </dev/null || code=$?
case $code in
    0) ;;
    2) skip "FFmpeg's decoder without colours" 'its source cannot be fetched here; the tests that need it are skipped' ;;
    *) fail "scripts/luma-decoder.sh ended with $code" ;;
esac

step 'lint'
scripts/lint.sh

step "the demo's receiver, table and page"
/usr/bin/python3 demo/test_demo.py </dev/null

step "the benchmarks' judgement and records"
/usr/bin/python3 Benchmarks/Peers/test_bench.py </dev/null
/usr/bin/python3 Benchmarks/Density/test_density.py </dev/null

step 'message formats'
.venv/bin/python scripts/schema_check.py schemas </dev/null

step 'debug build with all tests'
build "$results/build-debug.log" --build-tests "${import_check[@]}"

step 'tests'
[ -d "$SNOWLINE_CORPUS" ] || say "no footage at $SNOWLINE_CORPUS (SNOWLINE_CORPUS): the tests that need it are skipped"
run_tests "$results/tests.log"
end_step "$test_note"

step 'release build of the products'
for product in "${products[@]}"; do
    build "$results/build-$product.log" -c release --product "$product" "${import_check[@]}"
done

step 'nothing is lost while snowlined, receivers and broker are killed'
QUICK=1 SNOWLINE_CHAOS_BUILD=no scripts/chaos.sh

if [ "$(uname -m)" = x86_64 ]; then
    step 'weak symbols'
    check_weak_symbols
    check_instruction_sets
fi

step 'shipped configurations'
for site in demo/site.yaml packaging/site.yaml; do
    SNOWLINE_DISPATCH_SECRET=whsec_$(printf 'only for this check, thirty-two b' | base64) \
        .build/release/snowline check "$site" </dev/null || fail "$site is not valid"
done

step 'kernel self-test on this processor'
.build/release/snowline-bench selftest </dev/null

step 'the analysis observes the same in every round and on every instruction set'
.build/release/snowline-bench vision --size 352x288 --pictures 150 --rounds 2 </dev/null
for fault in kernel round tracks; do
    if .build/release/snowline-bench vision --size 352x288 --pictures 150 --rounds 2 --fault "$fault" </dev/null >/dev/null 2>&1; then
        fail "snowline-bench vision does not notice an analyser with a broken $fault"
    elif [ $? -ne 1 ]; then
        fail "snowline-bench vision --fault $fault ended in another way than with 1"
    fi
done

if [ "$(uname -m)" = x86_64 ]; then
    for processor in Nehalem Haswell; do
        step "kernel self-test on an emulated $processor"
        qemu-x86_64 -cpu "$processor" .build/release/snowline-bench selftest --rounds 2 </dev/null
    done
else
    skip 'kernel self-test on older processors' "this is $(uname -m); only x86_64 has several instruction sets"
fi

step 'no allocation in the analysis of a picture'
busy=()
for name in cdnet_highway pets2009_S2L1 street_pedestrians sbi_HighwayII; do
    if [ -f "$SNOWLINE_CORPUS/$name/input.mp4" ]; then busy+=("$SNOWLINE_CORPUS/$name/input.mp4"); fi
done
.build/release/snowline-bench allocations "${busy[@]}" </dev/null

clip=$SNOWLINE_CORPUS/sbi_CAVIAR1/input.mp4
if [ -f "$clip" ]; then
    step 'the same replay gives the same bytes'
    scripts/determinism.sh "$clip" "$results/determinism"
else
    skip 'the same replay gives the same bytes' "no footage at $clip (SNOWLINE_CORPUS)"
fi

if [ -f "$SNOWLINE_CORPUS/sbi_CAVIAR1/input.mp4" ]; then
    step 'clips of alerts, played in a browser'
    python3 scripts/clip_check.py .build/release/snowline "$SNOWLINE_CORPUS/sbi_CAVIAR1/input.mp4" "$results/clips"
else
    skip 'clips of alerts, played in a browser' "no sbi_CAVIAR1 in $SNOWLINE_CORPUS (SNOWLINE_CORPUS)"
fi

if [ -f "$SNOWLINE_CORPUS/cdnet_office/meta.json" ]; then
    step 'scene health on changed footage'
    python3 scripts/health_check.py --only untouched,box,turn,lighter --clips cdnet_office "$SNOWLINE_CORPUS" "$results/health"
else
    skip 'scene health on changed footage' "no cdnet_office in $SNOWLINE_CORPUS (SNOWLINE_CORPUS)"
fi

if [ -d "$SNOWLINE_CORPUS" ]; then
    step 'rules on real footage'
    python3 scripts/replay_check.py .build/release/snowline "$SNOWLINE_CORPUS" "$results/replay"
else
    skip 'rules on real footage' "no footage at $SNOWLINE_CORPUS (SNOWLINE_CORPUS)"
fi

if [ ! -d "$SNOWLINE_CORPUS" ]; then
    skip 'evaluation on annotated footage' "no footage at $SNOWLINE_CORPUS (SNOWLINE_CORPUS)"
elif [ ! -f "$scorer_folder/score_events.py" ]; then
    skip 'evaluation on annotated footage' "no score_events.py in $scorer_folder (SNOWLINE_SCORER_DIR)"
else
    step 'evaluation on annotated footage'
    python3 scripts/evaluate_check.py .build/release/snowline "$SNOWLINE_CORPUS" "$scorer_folder/score_events.py" "$results"
fi

summary
say 'make test: all passed'
