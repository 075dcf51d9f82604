"""Golden vectors for the readers in Rust: a few strips of a line set as PGM, and the text the model must give.

`golden.py MODEL.f16 FILE.npz ../fixtures/reader` for mrz.f16, `golden.py text.f16 FILE.npz ../fixtures/reader/text` for the text reader; with
glance.f16 as a fourth argument its class is told too. Of each channel below the first strip that the model reads exactly
as printed, so that a retrained model is expected to pass too. The strips are stored as they are fed: grey 0..255, still
to be normalised. golden.jsonl: {"file", "text", "channel"}, for text also "kind" and "glance".
"""

import json
import os
import sys

import numpy as np

from evaluate import CLASSES, Model, strips

# Channel, then how long the text is (zones) or what kind of text it is.
ZONES = [("scan_150", 30), ("copy_3", 44), ("fax_std", 36), ("geometry", 44), ("none_letter", 0), ("none_barcodes", 0)]
LINES = [("clean", "label"), ("cap_8px", "label"), ("photo", "label"), ("copy_1", "name"), ("bilevel", "iin"), ("cap_10px", "iin"), ("fax_fine", "date"), ("jpeg_25", "words"),
         ("noisy", "words"), ("cap_20px", "latin"), ("cap_14px", "sentence"), ("geometry", "number"), ("none_rotated", "rotated"), ("none_mirrored", "mirrored"),
         ("none_signature", "nothing"), ("none_leaves", "nothing"), ("none_gap", "nothing")]


def main():
    model, data, where = Model(sys.argv[1]), np.load(sys.argv[2]), sys.argv[3]
    glance = Model(sys.argv[4]) if len(sys.argv) > 4 else None
    os.makedirs(where, exist_ok=True)
    wanted = LINES if model.height == 32 else ZONES
    with open(os.path.join(where, "golden.jsonl"), "w", encoding="utf-8") as truth:
        for channel, what in wanted:
            for strip, text, name, kind in strips(data):
                if name != channel or (what != (kind or len(text)) and not (what == 0 == len(text))):
                    continue
                if model.read(strip) != text or strip.std() < 12 or (text and len(text) < 4):
                    continue
                row = {"file": channel + ("_" + kind if text and kind else "") + ".pgm", "text": text, "channel": channel}
                if glance:
                    expected = kind if kind in CLASSES else "text"
                    if CLASSES[int(glance.glance(strip).argmax())] != expected:
                        continue
                    row.update(kind=kind, glance=expected)
                with open(os.path.join(where, row["file"]), "wb") as out:
                    out.write(b"P5\n%d %d\n255\n" % (strip.shape[1], strip.shape[0]) + np.ascontiguousarray(strip).tobytes())
                truth.write(json.dumps(row, ensure_ascii=False) + "\n")
                break


if __name__ == "__main__":
    main()
