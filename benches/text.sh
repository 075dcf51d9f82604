#!/usr/bin/env bash
# How much CPU a scan of plain text takes, against `cat` over the same files. See docs/benchmarks.md.
#
#   benches/text.sh [DIR] [MEGABYTES]
#
# Without DIR a mix of logs, tables and sources is made of the forms of examples/generate, copied
# until it has MEGABYTES (1000 unless told). Prints CPU seconds (user + system) of each of three
# runs of both commands, the least of each, and their ratio; and the peak of resident memory.
set -euo pipefail
cd "$(dirname "$0")/.."

dir=${1:-}
megabytes=${2:-1000}
runs=3

cargo build --release --quiet --bin iinspect --example generate
binary=$PWD/target/release/iinspect

if [ -z "$dir" ]; then
    dir=$(mktemp -d)
    trap 'rm -rf "$dir"' EXIT
    seed=1
    while [ "$(du -sm "$dir" | cut -f1)" -lt "$megabytes" ]; do
        target/release/examples/generate "$dir/set-$seed" --seed "$seed" >/dev/null
        # Big logs are what fills a share: join the clean ones of each set into one.
        find "$dir/set-$seed" -name '*.log' -print0 | sort -z | xargs -0 cat >"$dir/set-$seed/joined.log"
        seed=$((seed + 1))
    done
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
