"""Error rates of a model on a line set, by channel and kind.

`evaluate.py ../patterns/models/mrz.f16 FILE.npz`, the same with text.f16 and glance.f16 on a set of textset.py. Greedy
decoding: no grammar, no lexicon, no check digits. For text a second figure is given with case folded.
"""

import collections
import os
import sys

import numpy as np
import torch

import export
from net import NETS

CLASSES = ["nothing", "text", "iin", "label", "rotated", "mirrored", "flipped"]


def distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        new = [i]
        for j, y in enumerate(b, 1):
            new.append(min(new[-1] + 1, row[j] + 1, row[j - 1] + (x != y)))
        row = new
    return row[-1]


class Model:
    def __init__(self, path):
        torch.set_num_threads(1)
        name = os.path.basename(path).split(".")[0]
        self.net = export.read(name, path)
        _, (self.height, _), self.alphabet = NETS[name]

    def logits(self, strip):
        x = strip.astype(np.float32)
        x = (x - x.mean()) / (x.std() + 12.75)
        with torch.no_grad():
            return self.net(torch.from_numpy(x[None, None]))[0].numpy()

    def read(self, strip):
        best = self.logits(strip).argmax(1)
        return " ".join("".join(self.alphabet[k - 1] for k, last in zip(best, [0, *best[:-1]]) if k and k != last).split())

    def digits(self, strip):
        """The strip read as if the alphabet were digits only."""
        allowed = [0] + [1 + self.alphabet.index(d) for d in "0123456789 "]
        best = self.logits(strip)[:, allowed].argmax(1)
        return "".join("0123456789 "[k - 1] for k, last in zip(best, [0, *best[:-1]]) if k and k != last).replace(" ", "")

    def glance(self, strip):
        """Log-probabilities of the classes of a strip of the text reader."""
        x = strip[:, :256].astype(np.float32)
        if x.shape[1] < 256:
            rim = np.median(np.concatenate([x[0], x[-1], x[:, 0], x[:, -1]]))
            x = np.pad(x, ((0, 0), (0, 256 - x.shape[1])), constant_values=rim)
        return self.logits(x.reshape(16, 2, 128, 2).mean((1, 3)))


def strips(data):
    """(strip, text, channel, kind) of a set."""
    at, height = 0, int(data["height"]) if "height" in data else 24
    kinds = data["kinds"] if "kinds" in data else [""] * len(data["widths"])
    pixels = data["pixels"]
    for width, text, channel, kind in zip(data["widths"], data["texts"], data["channels"], kinds):
        yield pixels[at:at + height * width].reshape(height, width), str(text), str(channel), str(kind)
        at += height * width


def loose(text):
    """Without case, dots told from commas, or spaces."""
    return text.lower().replace(",", ".").replace("–", "-").replace(" ", "")


class Tally:
    def __init__(self):
        self.lines = self.errors = self.size = self.whole = self.long = self.folded = self.folded_errors = 0

    def add(self, text, got):
        self.lines += 1
        self.errors += distance(got, text)
        self.size += len(text)
        self.whole += got == text
        self.long += len(got) >= (10 if not text else 1)
        self.folded += loose(got) == loose(text)
        self.folded_errors += distance(loose(got), loose(text))


def table(title, tallies):
    print("%-16s %6s %8s %8s %10s %10s" % (title, "lines", "CER %", "whole %", "CER* %", "whole* %"))
    total = Tally()
    for name, t in tallies.items():
        if t.size:
            print("%-16s %6d %8.2f %8.1f %10.2f %10.1f" % (name, t.lines, 100 * t.errors / t.size, 100 * t.whole / t.lines, 100 * t.folded_errors / t.size, 100 * t.folded / t.lines))
            for key in vars(total):
                setattr(total, key, getattr(total, key) + getattr(t, key))
    if total.size:
        t = total
        print("%-16s %6d %8.2f %8.1f %10.2f %10.1f\n" % ("all", t.lines, 100 * t.errors / t.size, 100 * t.whole / t.lines, 100 * t.folded_errors / t.size, 100 * t.folded / t.lines))


def reading(model, data):
    channels, kinds, pairs = collections.defaultdict(Tally), collections.defaultdict(Tally), collections.Counter()
    numbers = collections.defaultdict(lambda: [0, 0])
    usual = {"clean", "cap_20px", "cap_14px", "photo", "copy_1", "bilevel", "noisy", "jpeg_25", "blurred"}
    for strip, text, channel, kind in strips(data):
        got = model.read(strip)
        channels[channel].add(text, got)
        if kind and text:
            where = "usual" if channel in usual else "other"
            kinds[kind + " " + where].add(text, got)
            if kind == "iin":
                numbers[where][0] += 1
                numbers[where][1] += "".join(c for c in text if c.isdigit()) in model.digits(strip)
        if text and len(got) == len(text):
            pairs.update((a, b) for a, b in zip(text, got) if a != b)
    table("channel", channels)
    if kinds:
        table("kind", dict(sorted(kinds.items())))
    for where, (n, right) in numbers.items():
        print("12-digit numbers, only digits allowed, %s: %.1f %% of %d right" % (where, 100 * right / n, n))
    print("%-16s %6s %8s %12s" % ("no line there", "lines", "silent %", "10+ chars %"))
    for name, t in channels.items():
        if not t.size:
            print("%-16s %6d %8.1f %12.2f" % (name, t.lines, 100 * t.whole / t.lines, 100 * t.long / t.lines))
    print("\nmost frequent confusions:", ", ".join("%s read as %s: %d" % (a, b, n) for (a, b), n in pairs.most_common(14)))


def glancing(model, data):
    """Answers by what is there; then, of lines that matter, the share that is not thrown away or turned wrongly."""
    seen, by_channel = collections.defaultdict(collections.Counter), collections.defaultdict(lambda: [0, 0, 0])
    sought = []
    for strip, text, channel, kind in strips(data):
        truth = kind if kind in CLASSES else "text"
        answer = model.glance(strip)
        got = CLASSES[int(answer.argmax())]
        if text:
            sought.append((truth, *np.exp(answer[2:4])))
        seen[truth if text or truth != "nothing" else channel][got] += 1
        row = by_channel[channel]
        row[0] += 1
        row[1] += got == truth
        row[2] += got in CLASSES[1:4]
    print("%-16s %6s " % ("there is", "lines") + " ".join("%8s" % c for c in CLASSES))
    for name, row in seen.items():
        n = sum(row.values())
        print("%-16s %6d " % (name, n) + " ".join("%8.1f" % (100 * row[c] / n) for c in CLASSES))
    print("\nof upright lines      iin passed  others passed    label passed  others passed")
    for least in (0.02, 0.05, 0.1, 0.2, 0.3, 0.5):
        row = []
        for k, name in ((1, "iin"), (2, "label")):
            hits = [s[k] >= least for s in sought if s[0] == name]
            misses = [s[k] >= least for s in sought if s[0] != name]
            row += [100 * np.mean(hits), 100 * np.mean(misses)]
        print("probability %.2f  %12.1f %14.1f %15.1f %14.1f" % (least, *row))
    print("\n%-16s %6s %8s %12s" % ("channel", "lines", "right %", "upright %"))
    for name, (n, right, upright) in by_channel.items():
        if not name.startswith("none_"):
            print("%-16s %6d %8.1f %12.1f" % (name, n, 100 * right / n, 100 * upright / n))


def main():
    model, data = Model(sys.argv[1]), np.load(sys.argv[2])
    (glancing if model.height == 16 else reading)(model, data)


if __name__ == "__main__":
    main()
