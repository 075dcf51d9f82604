"""Golden vectors for the reader in Rust: a few strips of a line set as PGM, and the text the model must give.

`golden.py MODEL.onnx FILE.npz ../fixtures/reader`: of each channel below the first strip that the model reads exactly
as printed, so that a retrained model is expected to pass too. The strips are stored as they are fed: height 24,
grey 0..255, still to be normalised. golden.jsonl: {"file", "text", "channel"}.
"""

import json
import os
import sys

import numpy as np
import onnxruntime

from evaluate import read

WANTED = [("scan_150", 30), ("copy_3", 44), ("fax_std", 36), ("geometry", 44), ("none_letter", 0), ("none_barcodes", 0)]


def main():
    session = onnxruntime.InferenceSession(sys.argv[1])
    data, where = np.load(sys.argv[2]), sys.argv[3]
    os.makedirs(where, exist_ok=True)
    pixels, widths, texts, channels = (data[k] for k in ("pixels", "widths", "texts", "channels"))
    ends = np.cumsum(widths * 24)
    with open(os.path.join(where, "golden.jsonl"), "w") as truth:
        for channel, size in WANTED:
            for end, width, text, name in zip(ends, widths, texts, channels):
                if name != channel or len(text) != size:
                    continue
                strip = pixels[end - 24 * width:end].reshape(24, width)
                if read(session, strip) != text or strip.std() < 12:
                    continue
                file = channel + ".pgm"
                with open(os.path.join(where, file), "wb") as out:
                    out.write(b"P5\n%d 24\n255\n" % width + strip.tobytes())
                truth.write(json.dumps({"file": file, "text": str(text), "channel": channel}) + "\n")
                break


if __name__ == "__main__":
    main()
