#!/bin/sh
# A pass over a share where nothing changed, against `find` over the same tree in the same run.
#
#   benches/pass.sh FOLDER [FILES]
#
# Makes the tree in FOLDER if it is not there (files of 20 bytes, 91 in a folder), scans it once with a state, and then runs both five
# times in turns. Prints CPU seconds (user + system) of each and the ratio of the medians. Needs a release build.
set -eu
folder=${1:?"give a folder for the tree"}
files=${2:-1000000}
program=$(dirname "$0")/../target/release/iinspect
[ -x "$program" ] || { echo "cargo build --release first" >&2; exit 2; }
mkdir -p "$folder"
if [ ! -d "$folder/tree" ]; then
    python3 - "$folder/tree.part" "$files" <<'PY'
import os, sys
root, files = sys.argv[1], int(sys.argv[2])
made = 0
while made < files:
    i = made // 91
    here = f"{root}/{i % 97}/{i // 97}"
    os.makedirs(here, exist_ok=True)
    for n in range(min(91, files - made)):
        with open(f"{here}/file {n}.txt", "w") as f:
            f.write("nothing to see here\n")
    made += 91
PY
    mv "$folder/tree.part" "$folder/tree"
fi
"$program" scan --state "$folder/state.db" -q "$folder/tree"
cpu() {
    python3 - "$@" <<'PY'
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"{used.ru_utime + used.ru_stime:.3f}")
PY
}
ours=""
theirs=""
for _ in 1 2 3 4 5; do
    theirs="$theirs $(cpu find "$folder/tree" -size +1000000k)"
    ours="$ours $(cpu "$program" scan --state "$folder/state.db" -q --jobs 1 "$folder/tree")"
done
echo "find    $theirs"
echo "iinspect$ours"
python3 - "$theirs" "$ours" <<'PY'
import statistics, sys
find, ours = (statistics.median(map(float, a.split())) for a in sys.argv[1:])
print(f"ratio of medians {ours / find:.2f}")
PY
