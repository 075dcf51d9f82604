"""The small pictures in fixtures/mrz: one of each channel, none above 60 kB, with truth.jsonl.

`fixture_pages.py ../fixtures/mrz`. Pages come from pages.py (fixed seeds); the first that is small enough is kept.
"""

import io
import json
import os
import sys

import cv2
import numpy as np
from PIL import Image

import mrzgen
import pages

LIMIT = 60_000
# file, channel, kind of zone, how it is stored
WANTED = [
    ("card_a4_150.jpg", "a4_150", "td1kaz", 35), ("passport_a4_150.jpg", "a4_150", "td3kaz", 35), ("card_1bit.png", "a4_1bit", "td1kaz", "1bit"),
    ("passport_1bit.tif", "a4_1bit", "td3", "g4"), ("visa_fax.tif", "fax", "mrva", "g4"), ("card_rot90.jpg", "rot90", "td1kaz", 35),
    ("passport_rot180.jpg", "rot180", "td3kaz", 35), ("card_skew.jpg", "skew", "td1kaz", 35), ("td2_crop.jpg", "crop", "td2", 40),
    ("passport_photo.jpg", "photo", "td3kaz", 40), ("letter.tif", "negative", "letter", "g4"), ("code.png", "negative", "code", "grey"),
]


def encode(image, how):
    out, data = Image.fromarray(image), io.BytesIO()
    if how in ("g4", "1bit"):
        out = out.convert("L").point(lambda v: 255 if v > 127 else 0)
    if how == "g4":
        out.convert("1").save(data, "TIFF", compression="group4", dpi=(200, 200))
    elif how == "1bit":
        out.convert("1").save(data, "PNG", optimize=True, dpi=(200, 200))
    elif how == "grey":
        out.convert("L").save(data, "PNG", optimize=True)
    else:
        out.save(data, "JPEG", quality=how, dpi=(150, 150))
    return data.getvalue()


def main():
    where = sys.argv[1]
    os.makedirs(where, exist_ok=True)
    real_zone = mrzgen.zone
    with open(os.path.join(where, "truth.jsonl"), "w") as truth:
        for k, (name, channel, kind, how) in enumerate(WANTED):
            for seed in range(120):
                rng = np.random.default_rng([77, k, seed])
                if channel == "negative":
                    page, got, dpi = pages.negative(rng)
                    if got != kind:
                        continue
                    image, docs = np.clip(page, 0, 255).astype(np.uint8), []
                else:
                    mrzgen.zone = lambda rng, _=None, kind=kind: real_zone(rng, kind)
                    image, _, docs, _, dpi = pages.picture(rng, channel)
                    mrzgen.zone = real_zone
                if dpi > 204:
                    continue
                if channel == "photo" and image.shape[1] > 1300:
                    continue
                if image.ndim == 3 and isinstance(how, int):
                    image = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
                data = encode(image, how)
                if len(data) <= LIMIT:
                    break
            else:
                sys.exit("no small enough picture for " + name)
            with open(os.path.join(where, name), "wb") as out:
                out.write(data)
            row = {"file": name, "kind": "id_document_copy" if docs else None, "mrz": [line for d in docs for line in d], "documents": docs, "channel": channel, "dpi": dpi}
            truth.write(json.dumps(row) + "\n")
            print(name, len(data), seed)


if __name__ == "__main__":
    main()
