#!/usr/bin/env bash
# How much CPU the service's walk takes over files that did not change, against `find` over the same
# tree. See docs/watching.md.
#
#   benches/walk.sh DIR [FILES]
#
# Makes a tree of FILES empty files (1,000,000 unless told; 100 a folder) in DIR/walk-FILES where there
# is none yet, and leaves it there. Runs `find -size +1000000k` and the walk of one thread in turn, five
# times, and prints the CPU seconds (user + system) of each, the least of both, and their ratio.
# WALK names the program, where it is built already (examples/walk).
set -euo pipefail
dir=${1:?which folder?}
files=${2:-1000000}
runs=5
root=$dir/walk-$files

if [ ! -d "$root" ]; then
    mkdir -p "$root"
    # 20 folders of folders, so that no folder is unlike those of a share.
    for ((i = 0; i * 100 < files; i++)); do
        echo "$root/$((i % 20))/$((i / 20 % 50))/folder-$i"
    done | xargs mkdir -p
    for folder in "$root"/*/*/folder-*; do
        (cd "$folder" && : | tee document-{0..99}-of-somebody.docx)
    done
fi
if [ -z "${WALK:-}" ]; then
    cd "$(dirname "$0")/.."
    cargo build --release --quiet --example walk
    WALK=$PWD/target/release/examples/walk
fi

# CPU seconds of a command, its output thrown away.
cpu() {
    local TIMEFORMAT='%U %S'
    { time "$@" >/dev/null 2>&1; } 2>&1 | awk '{printf "%.3f\n", $1 + $2}'
}

echo "machine: $(nproc) x $(awk -F': ' '/model name/ {print $2; exit}' /proc/cpuinfo), Linux $(uname -r)"
find "$root" -size +1000000k # fills the kernel's caches, as for both
"$WALK" "$root"
finds=()
walks=()
for ((run = 0; run < runs; run++)); do
    finds+=("$(cpu find "$root" -size +1000000k)")
    walks+=("$(cpu "$WALK" "$root")")
done
echo "find, CPU s: ${finds[*]}"
echo "walk, CPU s: ${walks[*]}"
least() { printf '%s\n' "$@" | sort -n | head -n 1; }
awk -v f="$(least "${finds[@]}")" -v w="$(least "${walks[@]}")" 'BEGIN {
    printf "least: find %.3f, walk %.3f, ratio %.2f\n", f, w, w / f
}'
