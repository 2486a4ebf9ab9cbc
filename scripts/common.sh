# Sourced by the other scripts: where the tree is, how a step is announced and timed.
# shellcheck shell=bash

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

if [ -t 1 ]; then bold=$'\e[1m' red=$'\e[31m' plain=$'\e[0m'; else bold='' red='' plain=''; fi

step_name=''
step_started=0
step_report=''
run_started=$SECONDS

# say TEXT: one plain line on standard output.
say() { printf '%s\n' "$*"; }

# fail TEXT: says what is wrong and what to do, and ends the script.
fail() {
    printf '%s\n' "${red}error:${plain} $*" >&2
    exit 1
}

# step NAME: ends the running step and begins the next with a header.
step() {
    end_step
    step_name=$1
    step_started=$SECONDS
    printf '\n%s\n' "${bold}== $step_name${plain}"
}

# end_step [NOTE]: prints the step's seconds and keeps them for the summary.
end_step() {
    [ -n "$step_name" ] || return 0
    local seconds=$((SECONDS - step_started))
    say "-- $step_name: ${seconds} s${1:+ ($1)}"
    step_report+=$(printf '  %4d s  %s%s' "$seconds" "$step_name" "${1:+ — $1}")$'\n'
    step_name=''
}

# skip NAME REASON: counts a step that cannot run here.
skip() {
    end_step
    printf '\n%s\n' "${bold}== $1${plain}"
    say "-- skipped: $2"
    step_report+=$(printf '  %6s  %s — %s' skipped "$1" "$2")$'\n'
}

# summary: every step with its seconds, and the whole.
summary() {
    end_step
    printf '\n%s\n%s' "${bold}== summary${plain}" "$step_report"
    say "$(printf '  %4d s  in all' $((SECONDS - run_started)))"
}
