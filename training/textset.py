"""Lines kept apart from the training of the text reader and the glance net: drawn by librsvg in faces that were never
trained on, worn by pages_held's code, cut by Pillow.

`textset.py FILE.npz [LINES_A_CHANNEL] [SEED]` writes uint8 strips of height 32 and lists: strip, text, channel, kind.
Channels `none_*` hold what is not a line of text; their text is empty. evaluate.py reads a model against it.
"""

import io
import random
import subprocess
import sys

import numpy as np
from PIL import Image

import lineset
import mrzgen
import pages_held as held
import textfaces
import textgen

HEIGHT, CAP = 32, 20.0
CAP_MM = 2.5
KINDS = ["label", "label", "words", "words", "name", "iin", "date", "number", "sentence", "address", "latin"]
# name: (pixels of a capital in the scan, wear, geometry error)
CHANNELS = {
    "clean": (18, "scan", "small"), "cap_30px": (30, "scan", "mid"), "cap_20px": (20, "scan", "mid"), "cap_14px": (14, "scan", "mid"), "cap_10px": (10, "scan", "mid"),
    "cap_8px": (8, "scan", "mid"), "cap_7px": (7, "scan", "mid"), "noisy": (16, "noise", "mid"), "blurred": (18, "blur", "mid"), "jpeg_25": (14, "jpeg", "mid"),
    "photo": (16, "photo", "mid"), "photo_small": (9, "photo", "mid"), "copy_1": (18, "copy1", "mid"), "copy_3": (18, "copy3", "mid"), "copy_small": (11, "copy1", "mid"),
    "bilevel": (20, "bit", "mid"), "bilevel_small": (12, "bit", "mid"), "fax_fine": (16, "bit", "mid"), "fax_std": (16, "fax", "mid"), "dither": (24, "dither", "mid"),
    "faint": (16, "faint", "mid"), "noisy_heavy": (18, "noise2", "mid"), "blur_heavy": (18, "blur2", "mid"), "photo_dark": (11, "photo2", "mid"), "geometry": (18, "scan", "large"),
}
for what, steps in (("cap_px", (15, 17, 23)), ("offset_px", (2, 3, 4)), ("tilt_deg", (0.5, 1.0)), ("stretch", (0.8, 1.25))):
    for step in steps:
        CHANNELS["%s %g" % (what, step)] = (18, "scan", (what, step))


def cuts():
    """[(family, weight, slant, characters)] of the faces kept apart."""
    out = []
    for _, family, style, chars in textfaces.installed(textfaces.HELD):
        if style.split(",")[0] in ("Regular", "Bold", "Italic", "Roman", "Book", "Medium"):
            out.append((family, "bold" if "Bold" in style else "normal", "italic" if "Italic" in style else "normal", chars))
    return out


def content(r, kind):
    if kind == "latin":
        text = " ".join(textgen.word(r, "la") for _ in range(r.choice([1, 2, 3])))
        return textgen.cased(r, text)
    return textgen.line(r, kind)[0]


def page_of(rng, r, faces, cap_px):
    """(grey page, [(text, kind, x0, x1, y of the capitals' middle)] in px): seven lines of one face on security print."""
    while True:
        family, weight, slant, chars = r.choice(faces)
        if slant == "normal" or r.random() < 0.2:
            break
    rows, y = [], 8.0
    for _ in range(7):
        while True:
            kind = r.choice(KINDS)
            words = content(r, kind)
            if all(ord(c) in chars for c in words):
                break
        rows.append((words, kind, y))
        y += CAP_MM * rng.uniform(1.5, 3.2)
    w, h = 190.0, y + 6
    dpi = cap_px / CAP_MM * 25.4
    spacing = 'font-style="%s" letter-spacing="%.2f"' % (slant, rng.uniform(0, 0.6) if rng.random() < 0.2 else 0)
    # The face's own capitals tell its size: drawn once at 10 mm.
    probe = held.luma(held.draw(held.text(5, 30, 10, "Н", family, "#000", weight), 40, 40, 254))
    used = np.flatnonzero((probe < 128).any(1))
    size = CAP_MM * 100 / (used[-1] + 1 - used[0])
    ink = held.colour(rng, 0, 90)
    plain = [held.text(3, y, size, "Н", family, "#000", weight, spacing) + held.text(14, y, size, words, family, "#000", weight, spacing) for words, _, y in rows]
    clean = held.luma(held.draw("".join(plain), w, h, dpi)) < 128
    edge = int(11 / 25.4 * dpi)
    places = []
    for words, kind, y in rows:
        base = y / 25.4 * dpi
        band = clean[max(0, int(base - cap_px * 0.9)):int(base + cap_px * 0.15)]
        tall = np.flatnonzero(clean[max(0, int(base - cap_px * 1.15)):int(base + cap_px * 0.15), :edge].any(1)) + max(0, int(base - cap_px * 1.15))
        across = np.flatnonzero(band[:, edge:].any(0)) + edge
        if tall.size and across.size:
            places.append((words, kind, across[0], across[-1] + 1, (tall[0] + tall[-1] + 1) / 2))
    body = [held.security(rng, w, h, "z")] if rng.random() < 0.7 else []
    body += [held.text(14, y, size, words, family, ink, weight, spacing) for words, _, y in rows]
    return held.luma(held.draw("".join(body), w, h, dpi)), places


def wear(rng, g, how):
    if how == "faint":
        return lineset.wear(rng, 150 + (g - g.min()) * rng.uniform(0.12, 0.3), "scan")
    return lineset.wear(rng, g, how)


def strips_of(rng, r, faces, cap_px, how, error):
    g, places = page_of(rng, r, faces, cap_px)
    g = wear(rng, g, how)
    out = []
    for words, kind, x0, x1, y in places:
        scale = CAP / cap_px
        out.append((lineset.cut(rng, g, x0, y, x1 - x0, scale, scale, error, HEIGHT, CAP), textgen.shapes(words), kind))
    return out, g, places


def magick(rng, *how):
    """A 900 x 200 grey picture by ImageMagick."""
    seed = ["-seed", str(int(rng.integers(1 << 30)))]
    done = subprocess.run(["convert", *seed, *how, "-resize", "900x200!", "-colorspace", "Gray", "-depth", "8", "pgm:-"], stdout=subprocess.PIPE, check=True)
    return np.asarray(Image.open(io.BytesIO(done.stdout))).astype(np.float32)


def art(rng, kind):
    """Pictures without text: (grey, kind)."""
    if kind == "plasma":
        return magick(rng, "-size", "900x200", "plasma:fractal", "-blur", "0x%.1f" % rng.uniform(0, 3), "-auto-level")
    if kind == "grain":
        return magick(rng, "-size", "450x100", "xc:gray60", "+noise", str(rng.choice(["Gaussian", "Random", "Poisson", "Laplacian"])), "-blur", "0x%.1f" % rng.uniform(0, 2), "-auto-level")
    if kind == "pattern":
        name = str(rng.choice(["bricks", "checkerboard", "circles", "fishscales", "hexagons", "leftshingle", "octagons", "smallfishscales", "hs_diagcross", "verticalsaw", "gray30"]))
        return magick(rng, "-size", "%dx%d" % (int(rng.integers(100, 900)), int(rng.integers(24, 200))), "pattern:" + name, "-blur", "0x0.6")
    w, h, body = 120.0, 27.0, []
    if kind == "guilloche":
        body.append(held.security(rng, w, h, "a") + held.security(rng, w, h, "b").replace('rx="', 'opacity="0.4" rx="'))
    elif kind == "signature":
        for _ in range(int(rng.integers(2, 6))):
            x, y, path = rng.uniform(0, w), rng.uniform(0.3, 0.7) * h, ""
            for _ in range(int(rng.integers(3, 14))):
                a = rng.normal(0, 4, 6) + [1.5, 0, 3, 0, 4, 0]
                path += "c%.1f %.1f %.1f %.1f %.1f %.1f" % tuple(a)
            body.append('<path d="M%.1f %.1f%s" fill="none" stroke="%s" stroke-width="%.2f" stroke-linecap="round"/>' % (x, y, path, held.colour(rng, 0, 130), rng.uniform(0.15, 0.7)))
    elif kind == "portrait":
        for _ in range(6):
            x = rng.uniform(0, w)
            body.append('<ellipse cx="%.1f" cy="%.1f" rx="%.1f" ry="%.1f" fill="%s"/>' % (x, h / 2, rng.uniform(3, 12), rng.uniform(4, 16), held.colour(rng, 60, 220)))
            for k in range(40):
                body.append('<path d="M%.1f %.1fq%.1f %.1f %.1f %.1f" fill="none" stroke="%s" stroke-width="0.3"/>' % (x + rng.normal(0, 5), h / 2 - 8, rng.normal(0, 3), 4, rng.normal(0, 4), rng.uniform(2, 14), held.colour(rng, 10, 90)))
    elif kind == "leaves":
        for _ in range(400):
            body.append('<path d="M0 0q%.1f %.1f %.1f 0q%.1f %.1f %.1f 0" fill="%s" transform="translate(%.1f %.1f) rotate(%d)"/>' % (
                1, rng.uniform(0.5, 2), 3, -1, -rng.uniform(0.5, 2), -3, held.colour(rng, 20, 200), rng.uniform(0, w), rng.uniform(0, h), int(rng.integers(360))))
    elif kind == "barcode":
        x, high = 0.0, rng.uniform(3, 27)
        while x < w:
            a, b = rng.uniform(0.2, 0.8) * rng.integers(1, 4), rng.uniform(0.2, 0.8) * rng.integers(1, 4)
            body.append('<rect x="%.2f" y="%.1f" width="%.2f" height="%.1f"/>' % (x, (h - high) / 2, a, high))
            x += a + b
    elif kind == "qr":
        s = rng.uniform(0.5, 2)
        for k in range(int(w * h / s / s)):
            if rng.random() < 0.5:
                n = int(w / s)
                body.append('<rect x="%.2f" y="%.2f" width="%.2f" height="%.2f"/>' % (k % n * s, k // n * s, s, s))
    elif kind == "frames":
        for _ in range(int(rng.integers(2, 12))):
            body.append('<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="%.1f" fill="none" stroke="%s" stroke-width="%.2f" %s/>' % (
                rng.uniform(-20, w), rng.uniform(-9, h), rng.uniform(4, 90), rng.uniform(3, 30), rng.choice([0, 2]), held.colour(rng, 0, 160), rng.uniform(0.1, 0.9),
                'stroke-dasharray="1.2 0.8"' if rng.random() < 0.3 else ""))
    elif kind == "stamp":
        for _ in range(4):
            cx, cy, radius = rng.uniform(0, w), rng.uniform(-10, h + 10), rng.uniform(6, 22)
            for k in range(int(rng.integers(1, 4))):
                body.append('<circle cx="%.1f" cy="%.1f" r="%.1f" fill="none" stroke="%s" stroke-width="%.2f"/>' % (cx, cy, radius - 2 * k, held.colour(rng, 20, 150), rng.uniform(0.2, 1)))
    return held.luma(held.draw("".join(body), w, h, 900 / w * 25.4))


ART = ["plasma", "grain", "pattern", "guilloche", "signature", "portrait", "leaves", "barcode", "qr", "frames", "stamp"]
WEARS = ["scan", "scan", "noise", "blur", "jpeg", "photo", "copy1", "bit", "fax", "dither"]


def nothing(rng, r, kind):
    """Twenty strips of one picture."""
    while True:
        g = wear(rng, art(rng, kind), r.choice(WEARS))
        if g.std() > 10:
            break
    image, out = Image.fromarray(np.clip(g, 0, 255).astype(np.uint8)), []
    for _ in range(20):
        scale = rng.uniform(0.6, 2.0)
        width = int(rng.choice([64, 128, 200, 320, 480]))
        w, h = width / scale, HEIGHT / scale
        x, y = rng.uniform(0, image.width - w), rng.uniform(0, image.height - h)
        out.append(np.asarray(image.transform((width, HEIGHT), Image.AFFINE, (1 / scale, 0, x, 0, 1 / scale, y), Image.BILINEAR)))
    return out


def main():
    where, per = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 80
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 20261121
    rng, r, faces = np.random.default_rng(seed), random.Random(seed), cuts()
    strips, texts, channels, kinds = [], [], [], []

    def add(strip, text, channel, kind):
        strips.append(strip)
        texts.append(text)
        channels.append(channel)
        kinds.append(kind)

    for name, (cap_px, how, error) in CHANNELS.items():
        made = 0
        while made < per:
            for strip, text, kind in strips_of(rng, r, faces, cap_px, how, error)[0]:
                add(strip, text, name, kind)
                made += 1
    for _ in range(max(1, per // 7)):
        cap_px = r.choice([10, 14, 18, 24])
        made, g, places = strips_of(rng, r, faces, cap_px, r.choice(WEARS), "mid")
        for strip, text, _ in made:
            if len(text) >= 4:
                add(strip[::-1, ::-1], "", "none_rotated", "rotated")
                add(strip[:, ::-1], "", "none_mirrored", "mirrored")
                add(strip[::-1], "", "none_flipped", "flipped")
        scale = CAP / cap_px
        for (_, _, x0, x1, y), below in zip(places, places[1:]):
            gap = below[4] - y
            # Between two lines where there is room, else the lower half of one.
            middle = y + gap / 2 if gap * scale < 46 else y + 18 / scale
            add(lineset.cut(rng, g, x0, middle, x1 - x0, scale, scale, "small", HEIGHT, CAP), "", "none_gap", "nothing")
    for _ in range(max(1, per // 20)):
        for kind in ART:
            for strip in nothing(rng, r, kind):
                add(strip, "", "none_" + kind, "nothing")
    lineset.save(where, strips, texts, channels, kinds=np.array(kinds), height=HEIGHT)
    print(len(strips), "strips of", len(faces), "cuts")


if __name__ == "__main__":
    main()
