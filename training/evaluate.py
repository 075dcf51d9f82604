"""Character error rate and whole lines by channel, of an ONNX model on a line set (needs numpy and onnxruntime only).

`evaluate.py ../patterns/models/mrz.onnx FILE.npz`. Greedy decoding: no grammar, no check digits.
"""

import collections
import sys

import numpy as np
import onnxruntime

ALPHABET = "<0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        new = [i]
        for j, y in enumerate(b, 1):
            new.append(min(new[-1] + 1, row[j] + 1, row[j - 1] + (x != y)))
        row = new
    return row[-1]


def read(session, strip):
    x = strip.astype(np.float32)
    x = (x - x.mean()) / (x.std() + 12.75)
    best = session.run(None, {"strip": x[None, None]})[0][0].argmax(1)
    return "".join(ALPHABET[k - 1] for k, last in zip(best, [0, *best[:-1]]) if k and k != last)


def main():
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(sys.argv[1], options)
    data = np.load(sys.argv[2])
    at, count, pairs = 0, {}, collections.Counter()
    pixels = data["pixels"]
    for width, text, channel in zip(data["widths"], data["texts"], data["channels"]):
        strip = pixels[at:at + 24 * width].reshape(24, width)
        at += 24 * width
        got = read(session, strip)
        row = count.setdefault(str(channel), [0, 0, 0, 0, 0])
        row[0] += 1
        row[1] += distance(got, str(text))
        row[2] += len(text)
        row[3] += got == text
        row[4] += len(got) >= 10
        if text and len(got) == len(text):
            pairs.update((a, b) for a, b in zip(str(text), got) if a != b)
    print("%-16s %6s %8s %8s" % ("channel", "lines", "CER %", "whole %"))
    for name, (n, errors, size, whole, _) in count.items():
        if size:
            print("%-16s %6d %8.2f %8.1f" % (name, n, 100 * errors / size, 100 * whole / n))
    zone = [r for r in count.values() if r[2]]
    print("%-16s %6d %8.2f %8.1f" % ("all", sum(r[0] for r in zone), 100 * sum(r[1] for r in zone) / sum(r[2] for r in zone), 100 * sum(r[3] for r in zone) / sum(r[0] for r in zone)))
    print("\n%-16s %6s %8s %12s" % ("no zone there", "lines", "silent %", "10+ chars %"))
    for name, (n, _, size, whole, long) in count.items():
        if not size:
            print("%-16s %6d %8.1f %12.2f" % (name, n, 100 * whole / n, 100 * long / n))
    print("\nmost frequent confusions:", ", ".join("%s read as %s: %d" % (a, b, n) for (a, b), n in pairs.most_common(10)))


if __name__ == "__main__":
    main()
