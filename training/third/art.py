"""Drawing on paper measured in millimetres: text, security print, portraits, zones, codes, stamps."""

import math

import cv2
import numpy as np
from PIL import Image, ImageDraw
from fonts import font


def fractal(rng, h, w, octaves=5, base=3, fall=0.55):
    """Smooth noise of mean 0, about +-1."""
    out = np.zeros((h, w), np.float32)
    a = 1.0
    n = base
    t = 0
    for _ in range(octaves):
        g = rng.np.randn(min(h, n) + 3, min(w, max(2, int(n * w / max(1, h)))) + 3).astype(np.float32)
        out += a * cv2.resize(g, (w, h), interpolation=cv2.INTER_CUBIC)
        t += a * a
        a *= fall
        n *= 2
    return out / math.sqrt(t)


def noise(rng, *shape):
    """White noise of mean 0 and deviation 1."""
    # a tile of noise rolled about: quicker than fresh numbers for every pixel
    n = int(np.prod(shape))
    m = min(n, 700001)
    a = rng.np.standard_normal(m).astype(np.float32)
    return (np.resize(a, n) if n > m else a).reshape(shape)


def disc(rad):
    """Kernel of a lens out of focus."""
    n = int(math.ceil(rad)) * 2 + 1
    c = n // 2
    y, x = np.mgrid[-c : c + 1, -c : c + 1]
    k = np.clip(rad + 0.5 - np.hypot(x, y), 0, 1).astype(np.float32)
    return k / k.sum()


def hue(rng, s=(0.1, 0.5), v=(0.6, 1)):
    """A colour with saturation and value from these ranges."""
    import colorsys

    return tuple(int(255 * c) for c in colorsys.hsv_to_rgb(rng.random(), rng.between(*s), rng.between(*v)))


def mix(a, b, t):
    """Between two colours."""
    return tuple(int(x + (y - x) * t) for x, y in zip(a, b))


class Art:
    """A sheet or card drawn at `scale` pixels a millimetre: w, h in mm, W, H in pixels.

    `docs` are the documents on it: (rectangle in mm, document, subject, lines of the zone).
    """

    def __init__(self, w, h, scale, bg=(255, 255, 255)):
        self.w, self.h, self.scale = w, h, scale
        self.W, self.H = int(round(w * scale)), int(round(h * scale))
        self.im = Image.new("RGB", (self.W, self.H), bg)
        self.pen = ImageDraw.Draw(self.im)
        self.docs = []
        self.radius = 0  # of the corners, mm
        self.keep = []  # rectangles that no glare may cover
        self.cap = None  # height of the capitals of the zone, mm
        self.iin_cap = None  # of the digits of the IIN
        self.gloss = False
        self.bend = False  # a page of a booklet: bulges
        self.number = None  # of the document, where it has no IIN
        self.mrz_print = ""  # face and wear of the zone
        self.wh = None  # width of the document itself, where other than of the drawing

    def arr(self):
        return np.array(self.im)

    def put(self, a):
        self.im = Image.fromarray(np.clip(a, 0, 255).astype(np.uint8))
        self.pen = ImageDraw.Draw(self.im)

    def text(self, x, y, t, f, size, fill=(0, 0, 0), anchor="ls", spacing=0):
        """size: em in mm; y: base line. Gives the width in mm (with `spacing`, where it ends)."""
        fo = font(f, round(size * self.scale))
        if spacing:
            for c in t:
                self.pen.text((x * self.scale, y * self.scale), c, font=fo, fill=fill, anchor="ls")
                x += fo.getlength(c) / self.scale + spacing
            return x
        self.pen.text((x * self.scale, y * self.scale), t, font=fo, fill=fill, anchor=anchor)
        return fo.getlength(t) / self.scale

    def fit(self, x, y, t, f, size, room, fill=(0, 0, 0), anchor="ls"):
        w = font(f, round(size * self.scale)).getlength(t) / self.scale
        return self.text(x, y, t, f, size * min(1, room / max(w, 0.01)), fill, anchor)

    def rect(self, x, y, w, h, fill=None, outline=None, width=0.2, rad=0):
        b = [x * self.scale, y * self.scale, (x + w) * self.scale, (y + h) * self.scale]
        lw = max(1, int(round(width * self.scale)))
        if rad:
            self.pen.rounded_rectangle(b, rad * self.scale, fill=fill, outline=outline, width=lw)
        else:
            self.pen.rectangle(b, fill=fill, outline=outline, width=lw)

    def line(self, x0, y0, x1, y1, fill=(0, 0, 0), width=0.2):
        self.pen.line([x0 * self.scale, y0 * self.scale, x1 * self.scale, y1 * self.scale], fill=fill, width=max(1, int(round(width * self.scale))))

    def paste(self, other, x, y, deg=0):
        """Another art onto this one at x, y (mm of its left top), with its documents."""
        k = self.scale / other.scale
        im = other.im if abs(k - 1) < 1e-3 else other.im.resize((max(1, int(other.W * k)), max(1, int(other.H * k))), Image.LANCZOS)
        m = Image.new("L", im.size, 0)
        ImageDraw.Draw(m).rounded_rectangle([0, 0, im.size[0] - 1, im.size[1] - 1], other.radius * self.scale, fill=255)
        if deg % 360:
            im = im.rotate(-deg, expand=True, resample=Image.BICUBIC)
            m = m.rotate(-deg, expand=True, resample=Image.BICUBIC)
        self.im.paste(im, (int(x * self.scale), int(y * self.scale)), m)
        self.pen = ImageDraw.Draw(self.im)
        w, h = (other.w, other.h) if deg % 180 == 0 else (other.h, other.w)
        for rc, doc, sub, mr in other.docs:
            self.docs.append(((x, y, w, h), doc, sub, mr))
        if other.cap:
            self.cap = min(self.cap or 99, other.cap)
        self.wh = other.wh or other.w


def guilloche(rng, art, box, n=3, alpha=0.5, cols=None, lw=None):
    """Families of waves and rosettes, as security print has them, over box (mm)."""
    a = art.arr()
    x0, y0, w, h = [int(v * art.scale) for v in box]
    sub = a[y0 : y0 + h, x0 : x0 + w].astype(np.float32)
    hh, ww = sub.shape[:2]
    if hh < 4 or ww < 4:
        return
    lay = sub.copy()
    for _ in range(n):
        c = (cols and rng.choice(cols)) or hue(rng, (0.3, 0.8), (0.45, 0.8))
        kind = rng.random()
        t = np.linspace(0, 1, 160)
        wd = lw or max(1, int(round(art.scale * rng.between(0.06, 0.16))))
        if kind < 0.55:
            m = rng.randrange(8, 26)
            A = hh * rng.between(0.05, 0.25)
            f = rng.between(1, 5)
            ph = rng.between(0, 6)
            f2 = rng.between(4, 14)
            a2 = hh * rng.between(0.01, 0.06)
            for i in range(m):
                y = (
                    hh * (i + 0.5) / m * 1.2
                    - hh * 0.1
                    + A * np.sin(2 * np.pi * f * t + ph + i * rng.between(0.02, 0.05) * 3)
                    + a2 * np.sin(2 * np.pi * f2 * t + i * 0.35)
                )
                cv2.polylines(lay, [np.int32(np.c_[t * ww, y] * 8)], False, c, wd, cv2.LINE_AA, 3)
        else:
            cx, cy = rng.between(0, ww), rng.between(0, hh)
            R = min(hh, ww) * rng.between(0.15, 0.6)
            k = rng.randrange(5, 19)
            th = np.linspace(0, 2 * np.pi, 420)
            for i in range(rng.randrange(4, 11)):
                rr = R * (0.35 + 0.65 * i / 8) * (1 + 0.28 * np.sin(k * th + i * 0.5))
                cv2.polylines(lay, [np.int32(np.c_[cx + rr * np.cos(th), cy + rr * np.sin(th)] * 8)], True, c, wd, cv2.LINE_AA, 3)
    a[y0 : y0 + h, x0 : x0 + w] = np.clip(sub * (1 - alpha) + lay * alpha, 0, 255).astype(np.uint8)
    art.put(a)


def tint(rng, art, cols, vertical=None):
    """Several colours running into one another."""
    h, w = 24, 36
    g = np.zeros((h, w, 3), np.float32)
    t = np.linspace(0, len(cols) - 1, w if not vertical else h)
    for ch in range(3):
        v = np.interp(t, range(len(cols)), [c[ch] for c in cols])
        g[..., ch] = v[None, :] if not vertical else v[:, None]
    g += fractal(rng, h, w, 3)[..., None] * 5
    art.put(cv2.resize(g, (art.W, art.H), interpolation=cv2.INTER_CUBIC))


def portrait(rng, w, h, sex="M", grey=False):
    """An invented face: shaded ellipsoids, no one's."""
    S = 260
    H = int(S * h / w)
    y, x = np.mgrid[0:H, 0:S].astype(np.float32)
    im = np.zeros((H, S, 3), np.float32)
    bg = np.array(rng.choice([(235, 238, 242), (205, 220, 235), (245, 245, 245), (190, 200, 205)]), np.float32)
    im[:] = bg * (1 - 0.12 * (x / S)[..., None])
    cx, cy = S * rng.between(0.47, 0.53), H * rng.between(0.42, 0.48)
    fw, fh = S * rng.between(0.215, 0.26), H * rng.between(0.25, 0.29)
    skin = np.array(rng.choice([(224, 186, 160), (205, 165, 135), (235, 200, 178), (180, 138, 108)]), np.float32)
    hair = np.array(rng.choice([(30, 25, 25), (60, 42, 30), (95, 70, 45), (150, 145, 140)]), np.float32)
    cl = np.array(hue(rng, (0.1, 0.7), (0.15, 0.8)), np.float32)

    def soft(m, k=2.0):
        return cv2.GaussianBlur(np.clip(m, 0, 1).astype(np.float32), (0, 0), k)[..., None]

    def ell(a, b, c, d):
        return ((x - a) / c) ** 2 + ((y - b) / d) ** 2

    sh = soft((ell(cx, H * 1.12, S * 0.5, H * 0.36) < 1).astype(np.float32), 3)
    im = im * (1 - sh) + sh * cl * (1 - 0.3 * (x / S - 0.5)[..., None])
    if sex == "F" and rng.chance(0.8):
        m = soft((ell(cx, cy + fh * 0.35, fw * 1.4, fh * rng.between(1.3, 1.7)) < 1).astype(np.float32), 3)
        im = im * (1 - m) + m * hair
    m = soft(((abs(x - cx) < fw * 0.48) & (y > cy) & (y < cy + fh * 1.45)).astype(np.float32), 4)
    im = im * (1 - m) + m * skin * 0.86
    m = soft((ell(cx, cy - fh * 0.22, fw * 1.1, fh * 0.95) < 1).astype(np.float32), 2)
    im = im * (1 - m) + m * hair
    face = ell(cx, cy, fw, fh)
    m = soft((face < 1).astype(np.float32), 1.5)
    lx = rng.between(-0.4, 0.4)
    shade = (1 - 0.28 * np.clip(face, 0, 1) ** 1.5 + 0.12 * lx * (x - cx) / fw)[..., None]
    im = im * (1 - m) + m * skin * shade
    m = soft(((face < 1) & (y < cy - fh * rng.between(0.45, 0.62) + 8 * np.sin((x - cx) / fw * 3))).astype(np.float32), 2)
    im = im * (1 - m) + m * hair
    for sgn in (-1, 1):
        ex, ey = cx + sgn * fw * 0.42, cy - fh * 0.1
        for a, b, c, col, k in ((0, fw * 0.2, fh * 0.075, (240, 238, 235), 0.8), (0, fw * 0.085, fh * 0.075, (45, 35, 30), 0.8)):
            m = soft((ell(ex, ey, b, c) < 1).astype(np.float32), k)
            im = im * (1 - m) + m * np.array(col, np.float32)
        m = soft(((ell(ex, ey - fh * 0.15, fw * 0.27, fh * 0.045) < 1)).astype(np.float32), 1.2)
        im = im * (1 - m) + m * hair * 1.05
    m = soft((ell(cx + fw * 0.05, cy + fh * 0.22, fw * 0.13, fh * 0.17) < 1).astype(np.float32), 4)
    im = im * (1 - 0.25 * m)
    m = soft((ell(cx, cy + fh * 0.52, fw * 0.34, fh * 0.05) < 1).astype(np.float32), 1.5)
    im = im * (1 - m * 0.8) + m * 0.8 * np.array((165, 85, 85), np.float32)
    im += fractal(rng, H, S, 6, 6, 0.75)[..., None] * 5
    if grey or rng.chance(0.25):
        im[:] = im.mean(2, keepdims=True) * np.array([1, 0.99, 0.97], np.float32)
    return Image.fromarray(np.clip(im, 0, 255).astype(np.uint8))


def put_portrait(rng, art, x, y, w, h, sex="M", alpha=1.0, grey=False):
    """A portrait on the drawing, or its ghost (alpha)."""
    p = portrait(rng, w, h, sex, grey).resize((max(2, int(w * art.scale)), max(2, int(h * art.scale))), Image.LANCZOS)
    b = [int(x * art.scale), int(y * art.scale)]
    if alpha < 1:
        bg = art.im.crop((b[0], b[1], b[0] + p.size[0], b[1] + p.size[1]))
        p = Image.blend(bg, p, alpha)
    art.im.paste(p, tuple(b))
    art.pen = ImageDraw.Draw(art.im)


def signature(rng, art, x, y, w, h, col=(20, 20, 60)):
    """A flourish."""
    n = rng.randrange(5, 10)
    px = np.linspace(x, x + w, n) + rng.np.uniform(-w * 0.08, w * 0.08, n)
    py = y + h * 0.5 + rng.np.uniform(-h * 0.5, h * 0.5, n)
    t = np.linspace(0, n - 1, 90)
    k = np.ones(9) / 9
    a = np.c_[np.convolve(np.pad(np.interp(t, range(n), px), 4, "edge"), k, "valid"), np.convolve(np.pad(np.interp(t, range(n), py), 4, "edge"), k, "valid")]
    art.pen.line([tuple(q) for q in a * art.scale], fill=col, width=max(1, int(art.scale * rng.between(0.2, 0.45))), joint="curve")


def emblem(rng, art, cx, cy, rad, col):
    """A sun in rings, no state's arms."""
    s = art.scale
    for i in range(24):
        a = i * math.pi / 12
        art.pen.line(
            [(cx + rad * 0.55 * math.cos(a)) * s, (cy + rad * 0.55 * math.sin(a)) * s, (cx + rad * math.cos(a)) * s, (cy + rad * math.sin(a)) * s],
            fill=col,
            width=max(1, int(s * rad * 0.05)),
        )
    for q in (1, 0.55, 0.3):
        art.pen.ellipse([(cx - rad * q) * s, (cy - rad * q) * s, (cx + rad * q) * s, (cy + rad * q) * s], outline=col, width=max(1, int(s * 0.2)))


def stamp(rng, art, cx, cy, rad, colour=None):
    """A round stamp, its ink uneven."""
    colour = colour or rng.choice([(60, 60, 160), (40, 80, 150), (110, 60, 150)])
    layer = Image.new("L", (int(2 * rad * art.scale) + 8,) * 2, 0)
    pen = ImageDraw.Draw(layer)
    scale = art.scale
    centre = rad * scale + 4
    for share in (1, 0.72):
        pen.ellipse(
            [centre - rad * share * scale, centre - rad * share * scale, centre + rad * share * scale, centre + rad * share * scale],
            outline=255,
            width=max(1, int(0.35 * scale)),
        )
    face = font("LiberationSans-Regular.ttf", rad * 0.24 * scale)
    words = rng.choice(["ҚАЗАҚСТАН РЕСПУБЛИКАСЫ * ӘДІЛЕТ МИНИСТРЛІГІ * ", "РЕСПУБЛИКА КАЗАХСТАН * ТОО ПРИМЕР * "])
    for i, letter in enumerate(words):
        angle = 2 * math.pi * i / len(words)
        glyph = Image.new("L", (int(rad * 0.4 * scale) + 2,) * 2, 0)
        ImageDraw.Draw(glyph).text((glyph.size[0] / 2, glyph.size[1] / 2), letter, font=face, fill=255, anchor="mm")
        glyph = glyph.rotate(-math.degrees(angle) - 90)
        place = (int(centre + 0.86 * rad * scale * math.cos(angle) - glyph.size[0] / 2), int(centre + 0.86 * rad * scale * math.sin(angle) - glyph.size[1] / 2))
        layer.paste(255, place, glyph)
    ink = np.array(layer).astype(np.float32) * np.clip(0.6 + 0.5 * fractal(rng, layer.size[1], layer.size[0], 4, 6), 0.1, 0.95)
    layer = Image.fromarray(ink.astype(np.uint8)).rotate(rng.between(-40, 40))
    art.im.paste(Image.new("RGB", layer.size, colour), (int(cx * scale - centre), int(cy * scale - centre)), layer)
    art.pen = ImageDraw.Draw(art.im)


ZONE_FACES = ["ocrb10.otf"] * 4 + ["OCRB.otf"] * 4 + ["ocrb9.otf", "ocrb8.otf"]
OTHER_ZONE_FACES = [
    "IBMPlexMono-Medium.ttf",
    "B612Mono-Regular.otf",
    "Courier Prime Code.otf",
    "LiberationMono-Regular.ttf",
    "Go-Mono.ttf",
    "DejaVuSansMono.ttf",
]


def print_mrz(rng, art, lines, x, y, pitch=2.54, lead=None, cap=2.5, ink=None, fnt=None):
    """Lines of a zone, letter by letter at a fixed pitch; y is the first base line. Cap is the height of letters in mm."""
    fnt = fnt or (rng.choice(ZONE_FACES) if rng.chance(0.9) else rng.choice(OTHER_ZONE_FACES))
    s = art.scale
    lead = lead or pitch * 5 / 3
    fo = font(fnt, 200)
    hh = -fo.getbbox("H", anchor="ls")[1]
    size = 200 * cap / hh
    wide = fo.getlength("H") / 200 * size
    if wide > pitch:
        size *= pitch / wide
    fo = font(fnt, round(size * s))
    ink = ink or rng.choice([(15, 15, 18), (30, 30, 40), (50, 50, 55)])
    lay = Image.new("L", (art.W, art.H), 0)
    d = ImageDraw.Draw(lay)
    jit = rng.choice([0, 0, 0.02, 0.05])
    for i, l in enumerate(lines):
        for j, c in enumerate(l):
            d.text(((x + (j + 0.5) * pitch + rng.between(-jit, jit)) * s, (y + i * lead + rng.between(-jit, jit)) * s), c, font=fo, fill=255, anchor="ms")
    m = np.array(lay)
    k = rng.random()
    style = "plain"
    if k < 0.15:
        m = cv2.dilate(m, np.ones((2, 2), np.uint8))
        style = "fat"
    elif k < 0.25:
        m = cv2.erode(m, np.ones((2, 2), np.uint8))
        m = np.clip(m * 1.1, 0, 255).astype(np.uint8)
        style = "thin"
    elif k < 0.40:  # ink that did not take everywhere
        g = fractal(rng, art.H, art.W, 3, 90, 0.9)
        m = (m * np.clip(0.85 + 0.35 * g, 0.35, 1)).astype(np.uint8)
        style = "patchy"
    elif k < 0.5:
        m = cv2.GaussianBlur(m, (0, 0), 0.8)
        style = "soft"
    a = art.arr().astype(np.float32)
    q = m[..., None].astype(np.float32) / 255
    art.put(a * (1 - q) + q * np.array(ink, np.float32))
    art.cap = min(art.cap or 99, cap)
    art.keep.append((x, y - cap * 1.3, len(lines[0]) * pitch, lead * (len(lines) - 1) + cap * 1.6))
    return fnt, style


def barcode(rng, art, x, y, w, h, col=(0, 0, 0)):
    """Bars that say nothing."""
    t = x
    while t < x + w:
        b = rng.choice([0.25, 0.25, 0.5, 0.75]) * 0.8
        art.rect(t, y, b * 0.9, h, fill=col)
        t += b + rng.choice([0.25, 0.5, 0.75]) * 0.8


def pdf417(rng, art, x, y, w, h, col=(0, 0, 0)):
    """Blocks like those of PDF417 that say nothing."""
    n = max(3, int(h / 0.9))
    m = max(10, int(w / 0.35))
    g = rng.np.rand(n, m) > 0.5
    g[:, :4] = [1, 1, 1, 0]
    g[:, -4:] = [1, 0, 1, 1]
    b = Image.fromarray((g * 255).astype(np.uint8)).resize((int(w * art.scale), int(h * art.scale)), Image.NEAREST)
    art.im.paste(Image.new("RGB", b.size, col), (int(x * art.scale), int(y * art.scale)), b)
    art.pen = ImageDraw.Draw(art.im)


def qr(rng, art, x, y, w, txt=None):
    """A QR code with an invented address."""
    e = cv2.QRCodeEncoder_create()
    q = e.encode(txt or "https://example.kz/v/%d" % rng.randrange(10**12))
    b = Image.fromarray(q).convert("RGB").resize((int(w * art.scale),) * 2, Image.NEAREST)
    art.im.paste(b, (int(x * art.scale), int(y * art.scale)))
    art.pen = ImageDraw.Draw(art.im)
