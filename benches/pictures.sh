#!/usr/bin/env bash
# How much CPU a scan of pictures takes, against Tesseract and PassportEye on the same files. See docs/benchmarks.md.
#
#   benches/pictures.sh DIR [COUNT]
#
# Takes every n-th JPEG and PNG of DIR, COUNT of them (40 unless told). Tesseract reads each page with its Kazakh, Russian and English
# models, or with those of them that are installed; PassportEye's `mrz` looks for a zone in each, where it is installed. Prints CPU seconds
# (user + system) of each program, and how many times that of iinspect they are.
set -euo pipefail
[ $# -ge 1 ] || { echo "usage: benches/pictures.sh DIR [COUNT]" >&2; exit 2; }
root=$(cd "$(dirname "$0")/.." && pwd)
count=${2:-40}
(cd "$root" && cargo build --release --quiet --bin iinspect)

files=$(mktemp)
trap 'rm -f "$files"' EXIT
find "$(cd "$1" && pwd)" -type f \( -name '*.jpg' -o -name '*.jpeg' -o -name '*.png' \) | sort > "$files.all"
total=$(wc -l < "$files.all")
[ "$total" -gt 0 ] || { echo "no JPEG or PNG under $1" >&2; exit 2; }
step=$(((total + count - 1) / count))
awk -v n="$step" 'NR % n == 1 || n == 1' "$files.all" > "$files"
rm -f "$files.all"
echo "$(wc -l < "$files") pictures of $total"

# CPU seconds of a command and its children.
cpu_of() {
    local TIMEFORMAT='%U %S'
    { time "$@" > /dev/null 2>&1 || true; } 2>&1 | awk '{ print $1 + $2 }'
}
each() { while read -r file; do "$@" "$file" || true; done < "$files"; }
tesseract_one() { OMP_THREAD_LIMIT=1 tesseract "$1" stdout -l "$languages" --psm 3; }

ours=$(cpu_of "$root/target/release/iinspect" scan --files-from "$files" --format jsonl --jobs 1)
echo "iinspect     $ours s"
ratio() { awk -v a="$1" -v b="$ours" 'BEGIN { printf "%.1f times\n", a / (b > 0 ? b : 0.01) }'; }
if command -v tesseract > /dev/null; then
    have=$(tesseract --list-langs 2> /dev/null | grep -xE 'kaz|rus|eng' | paste -sd+ || true)
    languages=${have:-eng}
    theirs=$(cpu_of each tesseract_one)
    echo "tesseract    $theirs s ($languages), $(ratio "$theirs")"
else
    echo "tesseract    not installed"
fi
if command -v mrz > /dev/null; then
    theirs=$(cpu_of each mrz)
    echo "PassportEye  $theirs s, $(ratio "$theirs"), the start of Python for each file included"
else
    echo "PassportEye  not installed (pip install passporteye)"
fi
