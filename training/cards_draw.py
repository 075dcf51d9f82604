"""What cards.py draws with: a picture that knows its text lines and documents, faces by capital height, security paper.

An `Art` carries, beside its pixels, the true text lines (words and quadrilateral) and the documents on it, and takes
both along when it is laid on another picture, so that the truth of the last picture needs no second thought.
Faces that the set kept apart draws with (PT, Lato, Play, Open Sans, Cantarell, Vollkorn, Charis, Libertine, Roboto
Slab, Inconsolata, JetBrains Mono) are not used here.
"""

import functools

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

import degrade
import mrzgen
import pages
from faces import find

pick = mrzgen.pick


def pair(plain, bold):
    hits = find(plain, bold)
    return [tuple(hits)] if len(hits) == 2 else []


SANS = [p for a, b in (
    ("Arimo-Regular.ttf", "Arimo-Bold.ttf"), ("Carlito-Regular.ttf", "Carlito-Bold.ttf"), ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    ("DejaVuSansCondensed.ttf", "DejaVuSansCondensed-Bold.ttf"), ("FreeSans.ttf", "FreeSansBold.ttf"), ("NimbusSans-Regular.otf", "NimbusSans-Bold.otf"),
    ("NimbusSansNarrow-Regular.otf", "NimbusSansNarrow-Bold.otf"), ("Roboto-Regular.ttf", "Roboto-Bold.ttf"), ("RobotoCondensed-Regular.ttf", "RobotoCondensed-Bold.ttf"),
    ("URWGothic-Book.otf", "URWGothic-Demi.otf")) for p in pair(a, b)]
SERIF = [p for a, b in (
    ("Tinos-Regular.ttf", "Tinos-Bold.ttf"), ("DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf"), ("FreeSerif.ttf", "FreeSerifBold.ttf"), ("C059-Roman.otf", "C059-Bold.otf"),
    ("NimbusRoman-Regular.otf", "NimbusRoman-Bold.otf"), ("P052-Roman.otf", "P052-Bold.otf"), ("URWBookman-Light.otf", "URWBookman-Demi.otf")) for p in pair(a, b)]
MONO = [p for a, b in (
    ("DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf"), ("Cousine-Regular.ttf", "Cousine-Bold.ttf"), ("FreeMono.ttf", "FreeMonoBold.ttf"), ("Hack-Regular.ttf", "Hack-Bold.ttf"),
    ("NimbusMonoPS-Regular.otf", "NimbusMonoPS-Bold.otf"), ("FiraCode-Regular.ttf", "FiraCode-Bold.ttf"), ("NotoSansMono-Regular.ttf", "NotoSansMono-Bold.ttf")) for p in pair(a, b)]
HAND = find("Z003-MediumItalic.otf")
OCRB = pages.ZONE_FACES[0]


@functools.lru_cache(512)
def font(path, size):
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


@functools.lru_cache(64)
def capital(path):
    """Height of H over the size of the face."""
    box = font(path, 500).getbbox("H", anchor="ls")
    return -box[1] / 500


class Art:
    def __init__(self, px):
        self.px = px
        self.lines = []
        self.docs = []
        self.s = None  # pixels a millimetre, where it shows a thing of known size

    @classmethod
    def blank(cls, w, h, colour=(255, 255, 255)):
        px = np.empty((int(h), int(w), 3), np.uint8)
        px[:] = np.array(colour, np.uint8)
        return cls(px)

    @property
    def size(self):
        return self.px.shape[1], self.px.shape[0]

    def quad(self):
        w, h = self.size
        return np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float64)

    def carry(self, other, m):
        """Takes the lines and documents of `other` through the homography `m`."""
        for words, quad, role in other.lines:
            self.lines.append((words, through(m, quad), role))
        for doc, quad in other.docs:
            self.docs.append((doc, through(m, quad)))

    def moved(self, px, m):
        out = Art(px)
        out.carry(self, m)
        return out

    def resized(self, scale, way=cv2.INTER_AREA):
        px = cv2.resize(self.px, None, fx=scale, fy=scale, interpolation=way)
        return self.moved(px, np.diag([px.shape[1] / self.size[0], px.shape[0] / self.size[1], 1.0]))

    def paste(self, other, x, y):
        """Upright, pixel for pixel; what hangs over is cut off."""
        x, y = int(x), int(y)
        h, w = self.px.shape[:2]
        a, b, c, d = max(0, x), max(0, y), min(w, x + other.size[0]), min(h, y + other.size[1])
        if c > a and d > b:
            self.px[b:d, a:c] = other.px[b - y:d - y, a - x:c - x]
        self.carry(other, np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]]))


def through(m, quad):
    p = np.c_[np.asarray(quad, np.float64), np.ones(len(quad))] @ np.asarray(m).T
    return p[:, :2] / p[:, 2:]


class Pen:
    """Draws on an Art in units of `unit` pixels; `done` puts the result back. Text is placed by baseline and sized by capitals."""

    def __init__(self, art, unit=1.0):
        self.art, self.unit = art, unit
        self.image = Image.fromarray(art.px)
        self.draw = ImageDraw.Draw(self.image)

    def done(self):
        self.art.px = np.array(self.image)
        return self.art

    def face(self, path, cap):
        return font(path, max(5, int(round(cap * self.unit / capital(path)))))

    def width(self, words, path, cap):
        return self.face(path, cap).getlength(words) / self.unit

    def fit(self, words, path, cap, width):
        """The capital height, at most `cap`, at which the words are no wider than `width`."""
        have = self.width(words, path, cap)
        return cap if have <= width else cap * width / have

    def text(self, x, y, words, path, cap, fill=(20, 20, 20), role="text", anchor="l", space=0.0):
        """Gives the x where the words end. `space` is added between letters."""
        if not words:
            return x
        f = self.face(path, cap)
        u = self.unit
        if space:
            total = sum(f.getlength(c) for c in words) + space * u * (len(words) - 1)
        else:
            total = f.getlength(words)
        px, py = x * u, y * u
        if anchor == "m":
            px -= total / 2
        elif anchor == "r":
            px -= total
        if space:
            at = px
            for c in words:
                self.draw.text((at, py), c, font=f, fill=fill, anchor="ls")
                at += f.getlength(c) + space * u
        else:
            self.draw.text((px, py), words, font=f, fill=fill, anchor="ls")
        box = f.getbbox(words, anchor="ls")
        quad = np.array([[px, py + box[1]], [px + total, py + box[1]], [px + total, py + box[3]], [px, py + box[3]]])
        if role:
            self.art.lines.append((words, quad, role))
        return (px + total) / u

    def box(self, x, y, w, h, fill=None, outline=None, width=0.0, radius=0.0):
        u = self.unit
        self.draw.rounded_rectangle((x * u, y * u, (x + w) * u, (y + h) * u), radius=radius * u, fill=fill, outline=outline, width=max(1, int(round(width * u))))

    def line(self, points, fill, width):
        self.draw.line([(x * self.unit, y * self.unit) for x, y in points], fill=fill, width=max(1, int(round(width * self.unit))), joint="curve")

    def oval(self, x, y, w, h, fill=None, outline=None, width=0.0):
        u = self.unit
        self.draw.ellipse((x * u, y * u, (x + w) * u, (y + h) * u), fill=fill, outline=outline, width=max(1, int(round(width * u))))

    def picture(self, px, x, y, mask=None):
        self.image.paste(Image.fromarray(px), (int(x * self.unit), int(y * self.unit)), None if mask is None else Image.fromarray(mask))

    def zone(self, rng, lines, x, y, pitch, spacing, ink=(15, 15, 15), face=OCRB):
        """Rows of a machine readable zone; `y` is the middle of the first row."""
        u = self.unit
        cover = pages.zone_cover(rng, lines, pitch * u, spacing * u, face)
        left, top = int(round((x - pitch) * u)), int(round((y - pitch) * u))
        self.image.paste(Image.new("RGB", (cover.shape[1], cover.shape[0]), tuple(ink)), (left, top), Image.fromarray(cover))
        for k, row in enumerate(lines):
            x0, x1, mid = left + 1.0 * pitch * u, left + (len(row) + 1.0) * pitch * u, top + (pitch + k * spacing) * u
            half = 0.55 * pitch * u
            self.art.lines.append((row, np.array([[x0, mid - half], [x1, mid - half], [x1, mid + half], [x0, mid + half]]), "mrz"))

    def scribble(self, rng, x, y, w, h, ink, thick=0.25):
        """A signature, or a word in handwriting that nobody can read."""
        n = int(rng.integers(7, 16))
        xs = np.linspace(0, 1, n) + rng.normal(0, 0.06, n)
        ys = 0.5 + 0.5 * np.sin(np.arange(n) * rng.uniform(1.6, 2.8)) * rng.uniform(0.2, 1, n)
        xs[0] = 0
        t = np.linspace(0, n - 1, n * 10)
        k = np.clip(t.astype(int), 0, n - 2)
        f = t - k
        f = f * f * (3 - 2 * f)
        px = xs[k] * (1 - f) + xs[k + 1] * f
        py = ys[k] * (1 - f) + ys[k + 1] * f
        px = px + 0.04 * np.sin(t * 2.1)
        self.line([(x + a * w, y + b * h) for a, b in zip(px, py)], ink, thick)


def hand(pen, rng, x, y, words, cap, ink):
    """Words as a hand writes them: chancery letters that dance."""
    at = x
    for c in words:
        size = cap * rng.uniform(0.88, 1.12)
        at = pen.text(at, y + rng.normal(0, cap * 0.06), c, HAND[0], size, ink, role=None) + rng.uniform(-0.03, 0.08) * cap
    u = pen.unit
    pen.art.lines.append((words, np.array([[x, y - cap * 1.2], [at, y - cap * 1.2], [at, y + cap * 0.4], [x, y + cap * 0.4]]) * u, "hand"))
    return at


@functools.lru_cache(64)
def _waves(index):
    rng = np.random.default_rng([71, index])
    return degrade.guilloche(rng, (420, 640), float(rng.uniform(2.2, 10)))


def waves(rng, w, h):
    """A piece of security print, 0..1, stretched as drawn by lot."""
    field = _waves(int(rng.integers(48)))
    cw, ch = int(640 * rng.uniform(0.5, 1)), int(420 * rng.uniform(0.5, 1))
    x, y = int(rng.integers(640 - cw + 1)), int(rng.integers(420 - ch + 1))
    field = field[y:y + ch, x:x + cw]
    if rng.random() < 0.5:
        field = field[:, ::-1]
    return cv2.resize(field, (w, h), interpolation=cv2.INTER_LINEAR)


def tint(rng):
    """Light colours of a document's paper: two ends of a gradient."""
    r = rng.random()
    if r < 0.4:
        a, b = (rng.uniform(165, 225), rng.uniform(210, 240), rng.uniform(225, 250)), (rng.uniform(200, 245), rng.uniform(225, 248), rng.uniform(225, 250))
    elif r < 0.65:
        a, b = (rng.uniform(170, 220), rng.uniform(215, 240), rng.uniform(225, 245)), (rng.uniform(240, 252), rng.uniform(232, 248), rng.uniform(190, 220))
    elif r < 0.8:
        a = b = (rng.uniform(205, 245),) * 3
    else:
        a, b = rng.uniform(195, 250, 3), rng.uniform(195, 250, 3)
    return np.array(a, np.float32), np.array(b, np.float32)


def security(rng, w, h, strength=1.0, colours=None):
    """Tinted, guilloched paper: uint8 RGB [h, w, 3]."""
    a, b = tint(rng) if colours is None else colours
    sw, sh = max(2, w // 8), max(2, h // 8)
    yy, xx = np.mgrid[0:sh, 0:sw].astype(np.float32)
    r = rng.random()
    if r < 0.35:
        t = xx / sw
    elif r < 0.6:
        t = yy / sh
    elif r < 0.8:
        t = (xx / sw + yy / sh) / 2
    else:
        t = np.clip(np.hypot(xx / sw - rng.uniform(0, 1), yy / sh - rng.uniform(0, 1)), 0, 1)
    base = cv2.resize(a + (b - a) * t[:, :, None], (w, h), interpolation=cv2.INTER_LINEAR)
    out = base.astype(np.uint8)
    for _ in range(int(rng.choice([0, 1, 2, 3], p=[0.12, 0.33, 0.35, 0.2]))):
        field = waves(rng, w, h)
        depth = rng.uniform(6, 42) * strength
        ink = (rng.uniform(0.3, 1, 3) * depth).astype(np.float32)
        dark = cv2.merge([cv2.convertScaleAbs(field, alpha=float(v)) for v in ink])
        out = cv2.subtract(out, dark)
    return out


SKIN = np.array([[225, 190, 160], [205, 165, 135], [185, 145, 115], [235, 205, 185], [150, 110, 85]], np.float32)


def portrait(rng, w, h, ghost=False):
    """Head and shoulders out of ellipses, shading and streaks; it resembles nobody. RGB uint8."""
    sw = 120
    sh = max(8, int(sw * h / w))
    yy, xx = np.mgrid[0:sh, 0:sw].astype(np.float32)
    lean = rng.normal(0, 0.02)
    u, v = xx / sw - 0.5 - lean, yy / sh
    grow = rng.uniform(0.9, 1.15)
    g = np.empty((sh, sw, 3), np.float32)
    g[:] = rng.uniform(175, 250) * np.array([1, 1, 1]) * rng.uniform(0.94, 1.0, 3)

    def soft(mask, blur):
        return cv2.GaussianBlur(mask.astype(np.float32), (0, 0), blur)[:, :, None]

    skin = SKIN[int(rng.integers(len(SKIN)))] * rng.uniform(0.9, 1.05)
    hair = rng.uniform(15, 70) * np.array([1, rng.uniform(0.75, 1), rng.uniform(0.5, 1)]) if rng.random() < 0.85 else rng.uniform(120, 190, 3)
    streak = cv2.GaussianBlur(degrade.noise(rng, (sh, sw)), (0, 0), 0.7, sigmaY=4) * 28
    cx, cy = 0.0, rng.uniform(0.40, 0.46)
    hw, hh = 0.19 * grow, 0.235 * grow
    long = rng.random() < 0.45
    back = (np.square(u / (hw * 1.3)) + np.square((v - cy + 0.05) / (hh * 1.22))) < 1
    if long:
        back |= (np.abs(u) < hw * 1.25) & (v > cy) & (v < cy + hh * rng.uniform(1.2, 1.9))
    k = soft(back, 1.5)
    g = g * (1 - k) + (hair + streak[:, :, None]) * k
    cloth = rng.uniform(15, 200, 3) * rng.uniform(0.4, 1)
    body = (np.square(u / rng.uniform(0.42, 0.5)) + np.square((v - 1.1) / rng.uniform(0.33, 0.4))) < 1
    k = soft(body, 1.2)
    g = g * (1 - k) + (cloth + degrade.smooth(rng, (sh, sw), 14)[:, :, None] * 14) * k
    neck = (np.abs(u) < hw * 0.55) & (v > cy) & (v < cy + hh * 1.45)
    k = soft(neck, 2)
    g = g * (1 - k) + skin * 0.85 * k
    if rng.random() < 0.5:
        collar = (np.abs(np.abs(u) - (v - cy - hh * 1.2) * 0.5 - 0.02) < 0.035) & (v > cy + hh * 1.15) & (v < cy + hh * 1.9)
        k = soft(collar, 1)
        g = g * (1 - k) + rng.uniform(180, 250) * k
    e = np.square(u / hw) + np.square((v - cy) / hh)
    k = soft(e < 1, 1.5)
    shade = 1 - 0.18 * np.clip(e, 0, 1.2) + 0.12 * (u / hw) * rng.choice([-1, 1]) + degrade.smooth(rng, (sh, sw), 18) * 0.05
    g = g * (1 - k) + skin * shade[:, :, None] * k

    def dab(du, dv, a, b, depth, blur):
        nonlocal g
        m = (np.square((u - du) / a) + np.square((v - dv) / b)) < 1
        g = g * (1 - soft(m, blur) * depth)

    eye = hw * rng.uniform(0.38, 0.46)
    for s in (-1, 1):
        dab(s * eye, cy - hh * 0.12, hw * 0.17, hh * 0.055, 0.75, 1.1)
        dab(s * eye, cy - hh * 0.30, hw * 0.24, hh * 0.035, 0.6, 1.2)
        dab(s * hw * 0.12, cy + hh * 0.26, hw * 0.06, hh * 0.04, 0.35, 1.2)
    dab(0, cy + hh * 0.52, hw * 0.32, hh * 0.045, 0.45, 1.2)
    fringe = (e < 1.05) & (v < cy - hh * rng.uniform(0.45, 0.75) + 0.12 * u)
    k = soft(fringe, 1.2)
    g = g * (1 - k) + (hair + streak[:, :, None]) * k
    if rng.random() < 0.4 or ghost:
        g = np.repeat(g.mean(2, keepdims=True), 3, 2)
    g = np.clip(g + degrade.noise(rng, (sh, sw))[:, :, None] * 2.5, 0, 255).astype(np.uint8)
    return cv2.resize(g, (int(w), int(h)), interpolation=cv2.INTER_CUBIC)


def emblem(pen, x, y, size, ink):
    """A round badge with rays; not the state's."""
    c = size / 2
    pen.oval(x, y, size, size, outline=ink, width=size * 0.04)
    pen.oval(x + size * 0.3, y + size * 0.3, size * 0.4, size * 0.4, outline=ink, width=size * 0.05)
    for k in range(16):
        t = k * np.pi / 8
        pen.line([(x + c + np.cos(t) * size * 0.24, y + c + np.sin(t) * size * 0.24), (x + c + np.cos(t) * size * 0.44, y + c + np.sin(t) * size * 0.44)], ink, size * 0.03)


def chip(pen, x, y, w=12.5, h=11.0):
    gold = (205, 175, 95)
    pen.box(x, y, w, h, fill=gold, outline=(150, 120, 50), width=0.2, radius=1.6)
    for k in (1, 2):
        pen.line([(x, y + h * k / 3), (x + w * 0.35, y + h * k / 3)], (140, 115, 55), 0.2)
        pen.line([(x + w * 0.65, y + h * k / 3), (x + w, y + h * k / 3)], (140, 115, 55), 0.2)
    pen.box(x + w * 0.35, y + h * 0.2, w * 0.3, h * 0.6, outline=(140, 115, 55), width=0.2, radius=0.8)


def hologram(art, rng, x, y, w, h):
    """An iridescent patch over whatever lies beneath."""
    x0, y0 = int(max(0, x)), int(max(0, y))
    part = art.px[y0:y0 + int(h), x0:x0 + int(w)]
    if part.size == 0:
        return
    ph, pw = part.shape[:2]
    yy, xx = np.mgrid[0:ph, 0:pw].astype(np.float32)
    mask = np.exp(-(np.square((xx - pw / 2) / (pw * 0.42)) + np.square((yy - ph / 2) / (ph * 0.42))) * 1.5)
    hue = (xx * rng.uniform(-1, 1) + yy * rng.uniform(-1, 1)) / max(pw, ph) * 9
    colour = np.stack([0.5 + 0.5 * np.sin(hue + p) for p in (0, 2.1, 4.2)], 2) * 200 + 55
    k = (mask * rng.uniform(0.12, 0.4))[:, :, None]
    part[:] = (part * (1 - k) + colour * k).astype(np.uint8)


def qr(rng, n, cell):
    """A square code of random cells: grey uint8."""
    g = np.where(rng.random((n, n)) < 0.5, 0, 255).astype(np.uint8)
    for y, x in ((0, 0), (0, n - 7), (n - 7, 0)):
        g[y:y + 7, x:x + 7] = 0
        g[y + 1:y + 6, x + 1:x + 6] = 255
        g[y + 2:y + 5, x + 2:x + 5] = 0
    g = np.pad(g, 2, constant_values=255)
    return cv2.resize(g, None, fx=cell, fy=cell, interpolation=cv2.INTER_NEAREST)


def rgb(g):
    return cv2.cvtColor(g, cv2.COLOR_GRAY2RGB)
