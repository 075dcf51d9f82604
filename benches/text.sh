#!/usr/bin/env bash
# How much CPU a scan of plain text takes, against `cat` over the same files. See docs/benchmarks.md.
#
#   benches/text.sh [--hard] [MEGABYTES]     or     benches/text.sh DIR
#
# Without DIR about MEGABYTES (1000 unless told) are gathered: two thirds of ordinary logs and tables made
# by examples/generate, one third of Rust source from the crates that cargo has on this machine.
# --hard: instead the files that are made to be mistaken, every line full of long numbers.
# Prints CPU seconds (user + system) of each of three runs of both commands, the least of each, their
# ratio, and the peak of resident memory.
set -euo pipefail
cd "$(dirname "$0")/.."

dir=
hard=
megabytes=1000
for argument in "$@"; do
    case $argument in
    --hard) hard=yes ;;
    *[!0-9]*) dir=$argument ;;
    *) megabytes=$argument ;;
    esac
done
runs=3

cargo build --release --quiet --bin iinspect
cargo build --quiet --example generate # as `cargo test` builds it
binary=$PWD/target/release/iinspect
generate=$PWD/target/debug/examples/generate

megabytes_of() { du -sm "$1" | cut -f1; }

if [ -z "$dir" ]; then
    dir=$(mktemp -d)
    trap 'rm -rf "$dir"' EXIT
    seed=1
    if [ -n "$hard" ]; then
        while [ "$(megabytes_of "$dir")" -lt "$megabytes" ]; do
            "$generate" "$dir/set-$seed" --seed "$seed" >/dev/null
            seed=$((seed + 1))
        done
    else
        while [ "$(megabytes_of "$dir")" -lt $((megabytes * 2 / 3)) ]; do
            "$generate" "$dir/set-$seed" --usual --seed "$seed" >/dev/null
            seed=$((seed + 1))
        done
        # Source: what the build of this program has downloaded, as often as it takes.
        mkdir "$dir/source"
        while [ "$(megabytes_of "$dir")" -lt "$megabytes" ]; do
            find "${CARGO_HOME:-$HOME/.cargo}/registry/src" -name '*.rs' -size -1000k -print0 |
                xargs -0 cat | head -c 100000000 >"$dir/source/$seed.rs" || true
            [ -s "$dir/source/$seed.rs" ] || break
            seed=$((seed + 1))
        done
    fi
fi

bytes=$(find "$dir" -type f -printf '%s\n' | awk '{s += $1} END {print s}')
files=$(find "$dir" -type f | wc -l)

# CPU seconds of a command, its output thrown away: user and system time of all its threads.
cpu() {
    local TIMEFORMAT='%U %S'
    { time "$@" >/dev/null 2>&1; } 2>&1 | awk '{printf "%.3f\n", $1 + $2}'
}

least() { sort -n | head -n 1; }

cat_all() { find "$dir" -type f -print0 | xargs -0 cat; }
scan_all() { "$binary" scan "$dir" --format jsonl --no-progress; }

cat_all >/dev/null # fills the page cache, as for both
echo "machine: $(nproc) x $(awk -F': ' '/model name/ {print $2; exit}' /proc/cpuinfo), Linux $(uname -r)"
echo "input: $files files, $bytes bytes"
cats=$(for _ in $(seq $runs); do cpu cat_all; done)
scans=$(for _ in $(seq $runs); do cpu scan_all; done)
echo "cat, CPU s:  $(echo $cats)"
echo "scan, CPU s: $(echo $scans)"
awk -v c="$(echo "$cats" | least)" -v s="$(echo "$scans" | least)" -v b="$bytes" 'BEGIN {
    printf "least: cat %.3f, scan %.3f, ratio %.2f, scan %.2f GB per CPU second\n", c, s, s / c, b / s / 1e9
}'
if [ -x /usr/bin/time ]; then
    /usr/bin/time -f 'peak resident memory of scan: %M kB' "$binary" scan "$dir" --format jsonl --no-progress 2>&1 >/dev/null | tail -n 1
fi
