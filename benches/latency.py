#!/usr/bin/env python3
"""From the closing of a file to the delivery of its finding, while files keep coming.

    benches/latency.py FOLDER [FILES_PER_SECOND [SECONDS]]

Runs the service (release build) on FOLDER with debounce_ms = 200 and a sink of JSON lines, writes files with one invented number each, and
prints median, 99th percentile and maximum of the time from close() to the line being in the file of the sink. Then the CPU of ten
idle seconds and the resident memory.
"""
import json, os, subprocess, sys, threading, time

folder = os.path.abspath(sys.argv[1])
rate = float(sys.argv[2]) if len(sys.argv) > 2 else 50.0
seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 30.0
program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../target/release/iinspect")


def iin(n):
    """Invented: born 18xx, with a right control digit."""
    serial = 1000 + n % 8000
    while True:
        digits = [int(c) for c in f"9005{1 + n // 8000 % 28:02d}1{serial:04d}"]
        check = sum(d * w for d, w in zip(digits, range(1, 12))) % 11
        if check == 10:
            check = sum(d * w for d, w in zip(digits, [3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2])) % 11
        if check != 10:
            return "".join(map(str, digits)) + str(check)
        serial = 1000 + (serial + 4001) % 8999


share, out = os.path.join(folder, "share"), os.path.join(folder, "out.jsonl")
os.makedirs(share)
with open(os.path.join(folder, "key"), "wb") as f:
    f.write(os.urandom(32))
os.chmod(os.path.join(folder, "key"), 0o600)
with open(os.path.join(folder, "config.toml"), "w") as f:
    f.write(f"""[privacy]
key_file = "{folder}/key"
[agent]
state = "{folder}/state.db"
debounce_ms = 200
self_check_s = 0
[[agent.roots]]
path = "{share}"
[[agent.sinks]]
type = "jsonl"
path = "{out}"
""")
service = subprocess.Popen([program, "agent", "--config", os.path.join(folder, "config.toml"), "-q"])
delivered = {}


def read():
    while not os.path.exists(out):
        time.sleep(0.01)
    with open(out) as lines:
        rest = ""
        while True:
            rest += lines.read()
            now = time.monotonic()
            *whole, rest = rest.split("\n")
            for line in whole:
                delivered.setdefault(os.path.basename(json.loads(line)["location"]["path"]), now)
            time.sleep(0.005)


threading.Thread(target=read, daemon=True).start()
time.sleep(3)
closed, start = {}, time.monotonic()
total = int(rate * seconds)
for n in range(total):
    time.sleep(max(0.0, start + n / rate - time.monotonic()))
    with open(os.path.join(share, f"{n}.txt"), "w") as f:
        f.write(f"ИИН: {iin(n)}\n")
    closed[f"{n}.txt"] = time.monotonic()
until = time.monotonic() + 60
while len(delivered) < total and time.monotonic() < until:
    time.sleep(0.1)
took = sorted(delivered[name] - at for name, at in closed.items() if name in delivered)
print(f"{total} files, {rate:.0f} a second, {len(took)} delivered")
print(f"median {took[len(took) // 2]:.3f} s, p99 {took[int(len(took) * 0.99)]:.3f} s, longest {took[-1]:.3f} s")


def cpu():
    with open(f"/proc/{service.pid}/stat") as f:
        fields = f.read().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


time.sleep(5)
before = cpu()
time.sleep(60)
print(f"idle: {(cpu() - before) / 60 * 100:.3f} % of a core")
with open(f"/proc/{service.pid}/status") as f:
    print(next(line for line in f if line.startswith("VmRSS")).strip())
service.terminate()
service.wait()
