"""Faces: cached glyph masks on a pitch grid, and lines of ordinary text.

A glyph mask is drawn once per face at PITCH master pixels per character and then only copied. OCR-B keeps its own
proportion (capitals 0.94 of the pitch); monospaced faces, which home-made documents use, are spread a little.
"""

import glob
import os

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from mrzgen import ALPHABET

PITCH = 32
ROW = 64  # master height of one row; capitals stand in its middle

OCRB = "/usr/share/fonts/opentype/ocr-b/"
TRAIN_OCRB = [OCRB + "OCRB.otf", OCRB + "OCRBL.otf"]


def find(*patterns):
    hits = []
    for p in patterns:
        found = sorted(glob.glob("/usr/share/fonts/**/" + p, recursive=True))
        hits += [f for f in found if f.endswith((".ttf", ".otf"))][:1]
    return hits


MONO = find("DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf", "FreeMono.*", "FreeMonoBold.*", "NimbusMonoPS-Regular.*", "Hack-Regular.ttf",
            "Cousine-Regular.ttf", "NotoMono-Regular.ttf", "FiraCode-Regular.*", "Inconsolata*.*tf", "JetBrainsMono-Regular.*", "LiberationMono-Regular.ttf")
TEXT = find("DejaVuSans.ttf", "DejaVuSerif.ttf", "DejaVuSans-Bold.ttf", "DejaVuSansMono.ttf", "Carlito-Regular.ttf", "Carlito-Bold.ttf", "FreeSans.*",
            "FreeSerif.*", "Tinos-Regular.ttf", "Arimo-Regular.ttf", "Arimo-Bold.ttf", "Roboto-Regular.ttf", "OpenSans-Regular.ttf", "Lato-Regular.ttf",
            "Cousine-Regular.ttf", "Hack-Regular.ttf", "C059-Roman.*", "NimbusMonoPS-Regular.*", "FiraCode-Regular.*", "LinLibertine_R.*", "Play-Regular.ttf",
            "FreeMono.*", "NotoMono-Regular.ttf")


class Face:
    """Masks of the 37 characters of one font file, spread on the pitch grid."""

    def __init__(self, path):
        self.path = path
        self.is_ocrb = "ocr-b" in path
        probe = ImageFont.truetype(path, 1000)
        box = probe.getbbox("H")
        cap, advance = box[3] - box[1], probe.getlength("0")
        self.size = int(round(1000 * PITCH / advance)) if self.is_ocrb else int(round(1000 * PITCH * 0.97 / cap * 0.98))
        font = ImageFont.truetype(path, self.size)
        box = font.getbbox("H")
        self.cap = box[3] - box[1]
        self.natural = font.getlength("0")
        self.masks = {}
        top = ROW // 2 - (box[1] + box[3]) / 2
        for ch in ALPHABET:
            image = Image.new("L", (2 * PITCH, ROW), 0)
            x = PITCH - font.getlength(ch) / 2
            ImageDraw.Draw(image).text((x, top), ch, fill=255, font=font)
            self.masks[ch] = np.asarray(image)

    def row(self, text, pitch=PITCH):
        """uint8 [ROW, len*pitch + PITCH]: text with half a pitch of margin at either end."""
        width = int(np.ceil(len(text) * pitch)) + PITCH
        out = np.zeros((ROW, width), np.uint8)
        for i, ch in enumerate(text):
            centre = PITCH / 2 + (i + 0.5) * pitch
            x = int(round(centre)) - PITCH
            a, b = max(0, x), min(width, x + 2 * PITCH)
            part = out[:, a:b]
            np.maximum(part, self.masks[ch][:, a - x:b - x], out=part)
        return out


class Faces:
    def __init__(self, ocrb=None, mono=None, text=None):
        self.ocrb = [Face(p) for p in (ocrb or TRAIN_OCRB)]
        self.mono = [Face(p) for p in (MONO if mono is None else mono) if os.path.exists(p)]
        self.text_paths = TEXT if text is None else text
        self.fonts = {}
        self.rows = []

    def font(self, path, size):
        key = (path, size)
        if key not in self.fonts:
            self.fonts[key] = ImageFont.truetype(path, size)
        return self.fonts[key]

    def plain(self, rng, text, width):
        """uint8 [ROW, width]: ordinary text, capitals about as tall as those of a zone.

        Drawing is slow, so nine in ten rows are pieces of rows drawn before.
        """
        if len(self.rows) < 200 or rng.random() < 0.1:
            path = self.text_paths[int(rng.integers(len(self.text_paths)))]
            font = self.font(path, int(rng.integers(24, 60)))
            image = Image.new("L", (1800, ROW), 0)
            box = font.getbbox("H")
            ImageDraw.Draw(image).text((float(rng.uniform(-30, 60)), ROW / 2 - (box[1] + box[3]) / 2), text, fill=255, font=font)
            self.rows.append(np.asarray(image))
            self.rows[:] = self.rows[-400:]
            row = self.rows[-1]
        else:
            row = self.rows[int(rng.integers(len(self.rows)))]
        x = int(rng.integers(max(1, row.shape[1] - width)))
        return row[:, x:x + width] if row.shape[1] >= width else np.pad(row, ((0, 0), (0, width - row.shape[1])))


def thicken(mask, px):
    """Bolder (px > 0) or thinner strokes, in master pixels."""
    if px == 0:
        return mask
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (abs(px) + 1, abs(px) + 1))
    return cv2.dilate(mask, kernel) if px > 0 else cv2.erode(mask, kernel)
