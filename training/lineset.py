"""Lines kept apart from training: drawn by librsvg in the sharp cut of OCR-B, worn by pages_held's code, cut by Pillow.

`lineset.py FILE.npz [LINES_A_CHANNEL] [SEED]` writes uint8 strips of height 24 and three lists: strip, text, channel. Channel
`none_*` holds strips without a zone row; their text is empty. evaluate.py reads a model against it.
"""

import io
import sys

import numpy as np
from PIL import Image, ImageFilter

import mrzgen
import pages_held as held

HEIGHT, CAP = 24, 15.0
# name: (pixels a character in the scan, wear, geometry error)
CHANNELS = {
    "scan_clean": (15.75, "scan", "small"), "scan_150": (15, "scan", "mid"), "scan_200": (20, "scan", "mid"), "scan_300": (30, "scan", "mid"),
    "scan_100": (10, "scan", "mid"), "noisy": (18, "noise", "mid"), "blurred": (18, "blur", "mid"), "jpeg_25": (16, "jpeg", "mid"),
    "photo": (18, "photo", "mid"), "copy_1": (20, "copy1", "mid"), "copy_3": (20, "copy3", "mid"), "bilevel_200": (20, "bit", "mid"),
    "bilevel_300": (30, "bit", "mid"), "fax_fine": (20.4, "bit", "mid"), "fax_std": (20.4, "fax", "mid"), "dither": (30, "dither", "mid"),
    "scan_75": (7.5, "scan", "mid"), "noisy_heavy": (18, "noise2", "mid"), "blur_heavy": (18, "blur2", "mid"), "photo_dark": (11, "photo2", "mid"),
    "geometry": (20, "scan", "large"), "pt_mono": (20, "scan", "mid"),
}
# One deviation of the cropper at a time, on lightly worn scans: (what, how much).
for what, steps in (("cap_px", (11, 13, 17, 19)), ("offset_px", (2, 3, 4)), ("tilt_deg", (0.5, 1.0, 1.5)), ("stretch", (0.85, 1.15))):
    for step in steps:
        CHANNELS["%s %g" % (what, step)] = (20, "scan", (what, step))


def zone_image(rng, lines, pitch_px, family):
    """(grey float, x and baseline-centre y of the rows in px, spacing px): a zone on security print, neighbours included."""
    pitch = 2.54
    spacing = pitch * (rng.uniform(1.62, 1.72) if len(lines) == 3 else rng.uniform(1.95, 2.5))
    w, h = pitch * (len(lines[0]) + 6), spacing * (len(lines) - 1) + pitch * 5
    body = [held.security(rng, w, h, "z")] if rng.random() < 0.75 else []
    advance, share = (0.723, rng.uniform(0.94, 1.02)) if family == "OCR B S" else (0.6, 0.92)
    size = pitch / advance * share
    spread = 'letter-spacing="%.4f"' % (pitch * (1 - share))  # librsvg knows no list of glyph positions
    base = pitch * 2.5 + 0.34 * size
    fill = held.colour(rng, 0, 70)
    for k, line in enumerate(lines):
        body.append(held.text(pitch * 3, base + k * spacing, size, line, family, fill, "normal", spread))
    body.append(held.text(pitch * 3, pitch * 0.9, 2.2, mrzgen.pick(rng, held.LINES), "PT Sans"))
    page = held.draw("".join(body), w, h, pitch_px / pitch * 25.4)
    return held.luma(page), pitch_px * 3, pitch_px * 2.5, spacing / pitch * pitch_px


def wear(rng, g, how):
    if how == "scan":
        return held.luma(held.worn(rng, np.repeat(g[:, :, None], 3, 2), 200, rng.uniform(0, 0.5)))
    if how == "noise2":
        return np.clip(wear(rng, g * 0.7 + 50, "scan") + rng.normal(0, rng.uniform(45, 75), g.shape), 0, 255)
    if how == "blur2":
        return np.clip(held.soften(g, rng.uniform(2.6, 3.8)) + rng.normal(0, 8, g.shape), 0, 255)
    if how == "photo2":
        return wear(rng, wear(rng, g * 0.6, "photo"), "jpeg")
    if how == "noise":
        return np.clip(g * rng.uniform(0.6, 1) + rng.normal(0, rng.uniform(20, 45), g.shape), 0, 255)
    if how == "blur":
        return np.clip(held.soften(g, rng.uniform(1.5, 2.8)) + rng.normal(0, 4, g.shape), 0, 255)
    if how == "jpeg":
        out = Image.fromarray(np.clip(g, 0, 255).astype(np.uint8))
        data = io.BytesIO()
        out.save(data, "JPEG", quality=25)
        return np.asarray(Image.open(data)).astype(np.float32)
    if how == "photo":
        h, w = g.shape
        shade = np.linspace(rng.uniform(0.5, 1), rng.uniform(0.5, 1), w)[None, :] * np.linspace(1, rng.uniform(0.8, 1), h)[:, None]
        glare = np.exp(-np.square((np.arange(w)[None, :] - rng.uniform(0, w)) / rng.uniform(15, 60))) * rng.uniform(0, 90)
        g = held.soften(np.clip(g * shade + glare, 0, 255), rng.uniform(0.7, 1.7))
        return np.clip(g + rng.normal(0, rng.uniform(2, 12), g.shape), 0, 255)
    if how.startswith("copy"):
        g = wear(rng, g, "scan")
        for _ in range(int(how[-1])):
            g = held.copied(rng, g, rng.uniform(0.2, 0.8))
        return np.clip(g + rng.normal(0, 3, g.shape), 0, 255)
    if how == "bit":
        return held.one_bit(rng, wear(rng, g, "scan"), 0.6).astype(np.float32)
    if how == "fax":
        h, w = g.shape
        small = np.asarray(Image.fromarray(np.clip(g, 0, 255).astype(np.uint8)).resize((w, h // 2), Image.BOX)).astype(np.float32)
        cut = np.where(small > rng.uniform(100, 155), 255, 0).astype(np.uint8)
        return np.asarray(Image.fromarray(cut).resize((w, h), Image.NEAREST)).astype(np.float32)
    if how == "dither":
        return np.asarray(Image.fromarray(np.clip(g * 1.1, 0, 255).astype(np.uint8)).convert("1").convert("L")).astype(np.float32)
    raise ValueError(how)


def cut(rng, g, x, y, span, sx, sy, error, height=HEIGHT, cap=CAP):
    """A strip of `height` around row centre `y` that starts at pixel `x` and holds `span` pixels, scaled by sx and sy, with the cropper's error."""
    tall, offset, tilt, stretch = {"small": (0.03, 0.5, 0.1, 0.02), "mid": (0.07, 1.0, 0.35, 0.05), "large": (0.15, 2.3, 0.75, 0.11)}.get(error, (0.02, 0.3, 0.05, 0.02))
    sy *= 1 + rng.uniform(-tall, tall)
    sx *= 1 + rng.uniform(-stretch, stretch)
    t = np.deg2rad(rng.uniform(-tilt, tilt))
    dy = rng.uniform(-offset, offset)
    if isinstance(error, tuple):
        what, step = error
        side = rng.choice([-1, 1])
        sy *= step / cap if what == "cap_px" else 1
        sx *= step if what == "stretch" else 1
        dy += side * step if what == "offset_px" else 0
        t += np.deg2rad(side * step) if what == "tilt_deg" else 0
    width = int(round((span * sx + rng.uniform(4, 24)) / 4)) * 4
    left = (width - span * sx) * rng.uniform(0.2, 0.8)
    # Strip pixel (u, v) -> scan pixel.
    cx, cy = x + span / 2, y
    u0, v0 = left + span * sx / 2, height / 2 + dy
    c, s = np.cos(t), np.sin(t)
    m = (c / sx, -s / sy, cx - c / sx * u0 + s / sy * v0, s / sx, c / sy, cy - s / sx * u0 - c / sy * v0)
    image = Image.fromarray(np.clip(g, 0, 255).astype(np.uint8))
    if sy < 0.85:
        image = image.filter(ImageFilter.GaussianBlur(0.4 / sy))
    return np.asarray(image.transform((width, height), Image.AFFINE, m, Image.BILINEAR, fillcolor=int(np.median(g))))


def nothing(rng):
    """Strips from pictures without a zone: (strip, kind)."""
    page, kind, dpi = held.negative(rng)
    g = held.luma(held.worn(rng, page, dpi, rng.uniform(0, 0.6)))
    if rng.random() < 0.3:
        g = held.one_bit(rng, g, 0.5).astype(np.float32)
    scale = rng.uniform(0.5, 1.9) * 150 / max(dpi, 96)
    if kind == "letter" and rng.random() < 0.3:
        g = np.rot90(g)
    image = Image.fromarray(np.clip(g, 0, 255).astype(np.uint8))
    image = image.resize((max(760, int(g.shape[1] * scale)), max(60, int(g.shape[0] * scale))), Image.BICUBIC)
    out = []
    for _ in range(10):
        width = int(rng.choice([480, 576, 704]))
        x, y = int(rng.integers(image.width - width)), int(rng.integers(image.height - HEIGHT))
        out.append((np.asarray(image.crop((x, y, x + width, y + HEIGHT))), "none_" + kind))
    return out


def save(where, strips, texts, channels, **more):
    pixels = np.concatenate([s.ravel() for s in strips])
    np.savez_compressed(where, pixels=pixels, widths=np.array([s.shape[1] for s in strips]), texts=np.array(texts), channels=np.array(channels), **more)


def main():
    where, per = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 80
    rng = np.random.default_rng(int(sys.argv[3]) if len(sys.argv) > 3 else 20261121)
    strips, texts, channels = [], [], []
    for name, (pitch, how, error) in CHANNELS.items():
        made = 0
        while made < per:
            lines = mrzgen.zone(rng)[1]
            g, x, y, spacing = zone_image(rng, lines, pitch, "PT Mono" if name == "pt_mono" else "OCR B S")
            g = wear(rng, g, how)
            for k, line in enumerate(lines):
                strips.append(cut(rng, g, x, y + k * spacing, len(line) * pitch, CAP / 0.94 / pitch, CAP / pitch, error))
                texts.append(line)
                channels.append(name)
                made += 1
    for _ in range(per):
        for strip, name in nothing(rng):
            strips.append(strip)
            texts.append("")
            channels.append(name)
    save(where, strips, texts, channels)


if __name__ == "__main__":
    main()
