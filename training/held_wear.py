"""How a document becomes a copy: scanner, copier, fax, phone, shrinking. Own code on numpy, OpenCV and ImageMagick.

Pictures are float32 RGB in 0..255. A `Shot` carries the quadrilaterals of the documents through every step, so that the
truth can tell where they ended up.
"""

import subprocess

import cv2
import numpy as np
from mrzgen import pick


class Shot:
    def __init__(self, img, quads, per_mm, origin, how):
        self.img, self.quads, self.per_mm, self.origin, self.how = img, quads, per_mm, origin, how
        self.dpi, self.bits, self.exif, self.tags = None, 8, False, []

    def move(self, matrix):
        self.quads = [cv2.perspectiveTransform(q[None].astype(np.float64), matrix)[0] for q in self.quads]


def fbm(rng, h, w, cell, octaves=3):
    """Smooth noise of mean 0 and about unit spread."""
    out = np.zeros((h, w), np.float32)
    total = 0.0
    for k in range(octaves):
        c = max(1.0, cell / 2**k)
        small = rng.standard_normal((int(h / c) + 3, int(w / c) + 3)).astype(np.float32)
        out += cv2.resize(small, (w, h), interpolation=cv2.INTER_CUBIC) * 0.6**k
        total += 0.6 ** (2 * k)
    return out / np.sqrt(total)


def grain(rng, h, w):
    """White noise; one tile is laid many times on big pictures, shifted, to save time."""
    if h * w < 1 << 20:
        return rng.standard_normal((h, w), dtype=np.float32)
    tile = rng.standard_normal((769, 1021), dtype=np.float32)
    return np.tile(tile, (h // 769 + 1, w // 1021 + 1))[:h, :w]


def clip(img, low=0.0, high=255.0):
    return np.minimum(np.maximum(img, np.float32(low)), np.float32(high))


def grey(img):
    return cv2.cvtColor(img, cv2.COLOR_RGB2GRAY) if img.ndim == 3 else img


def jpeg(img, quality, chroma=True):
    flags = [cv2.IMWRITE_JPEG_QUALITY, int(quality)]
    if not chroma:
        flags += [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    src = clip(img, 0, 255).astype(np.uint8)
    src = src[..., ::-1] if src.ndim == 3 else src
    data = cv2.imencode(".jpg", src, flags)[1]
    got = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    return (got[..., ::-1] if got.ndim == 3 else got).astype(np.float32)


def magick(img, *args):
    """One pass of ImageMagick over a picture."""
    src = clip(img, 0, 255).astype(np.uint8)
    data = cv2.imencode(".png", src[..., ::-1] if src.ndim == 3 else src, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1]
    got = subprocess.run(["convert-im6.q16", "-limit", "thread", "1", "png:-", *args, "-depth", "8", "png:-"], input=data.tobytes(), stdout=subprocess.PIPE, check=True).stdout
    out = cv2.imdecode(np.frombuffer(got, np.uint8), cv2.IMREAD_UNCHANGED)
    if out.ndim == 3:
        out = out[..., 2::-1]
    return np.ascontiguousarray(out).astype(np.float32)


def lay(canvas, rgba, matrix, shadow=0.0, offset=(2, 3), soft=5):
    """`rgba` onto `canvas` through `matrix` (its px to canvas px); returns where its corners went."""
    h, w = rgba.shape[:2]
    corners = cv2.perspectiveTransform(np.array([[[0, 0], [w, 0], [w, h], [0, h]]], np.float64), matrix)[0]
    H, W = canvas.shape[:2]
    pad = int(soft * 3 + max(map(abs, offset)) + 3)
    x0, y0 = np.maximum(np.floor(corners.min(0)).astype(int) - pad, 0)
    x1, y1 = np.minimum(np.ceil(corners.max(0)).astype(int) + pad, [W, H])
    if x1 <= x0 or y1 <= y0:
        return corners
    shift = np.array([[1, 0, -x0], [0, 1, -y0], [0, 0, 1]], float)
    pre = rgba.astype(np.float32)
    pre[..., :3] *= pre[..., 3:] / 255
    scale = np.sqrt(cv2.contourArea(corners.astype(np.float32)) / (h * w))
    if scale < 0.75:
        pre = cv2.GaussianBlur(pre, (0, 0), 0.42 / scale)
    part = cv2.warpPerspective(pre, shift @ matrix, (int(x1 - x0), int(y1 - y0)), flags=cv2.INTER_LINEAR)
    alpha = part[..., 3:] / 255
    under = canvas[y0:y1, x0:x1]
    if shadow:
        dark = cv2.warpAffine(alpha[..., 0], np.float32([[1, 0, offset[0]], [0, 1, offset[1]]]), (under.shape[1], under.shape[0]))
        under *= 1 - shadow * cv2.GaussianBlur(dark, (0, 0), soft)[..., None]
    under *= 1 - alpha
    under += part[..., :3]
    return corners


def similarity(scale, angle, cx, cy, tx, ty):
    """Turn about (cx, cy) of the source by `angle` degrees, scale, put that point at (tx, ty)."""
    a = np.deg2rad(angle)
    c, s = scale * np.cos(a), scale * np.sin(a)
    return np.array([[c, -s, tx - c * cx + s * cy], [s, c, ty - s * cx - c * cy], [0, 0, 1]])


def sheet(rng, pieces, w, h, dpi, white, shadow=0.25):
    """Pieces [(rgba, mm size, centre mm, angle)] on a sheet of `w` x `h` mm."""
    k = dpi / 25.4
    canvas = np.empty((round(h * k), round(w * k), 3), np.float32)
    canvas[:] = white
    quads = []
    for rgba, size, (x, y), angle in pieces:
        m = similarity(size[0] * k / rgba.shape[1], angle, rgba.shape[1] / 2, rgba.shape[0] / 2, x * k, y * k)
        quads.append(lay(canvas, rgba, m, shadow * rng.uniform(0.3, 1), (rng.uniform(-0.3, 0.3) * k, rng.uniform(0.05, 0.4) * k), 0.25 * k))
    return Shot(canvas, quads, k, "paper_scan", "scan")


def dust(rng, img, k, amount=1.0):
    h, w = img.shape[:2]
    for _ in range(int(rng.poisson(amount * h * w / 4e5))):
        x, y, c = rng.uniform(0, w), rng.uniform(0, h), rng.uniform(40, 200) if rng.random() < 0.75 else 250.0
        if rng.random() < 0.8:
            cv2.circle(img, (int(x), int(y)), max(1, int(k * rng.uniform(0.02, 0.1))), (c,) * (img.shape[2] if img.ndim == 3 else 1), -1, cv2.LINE_AA)
        else:
            t = np.linspace(0, 1, 12)
            pts = np.stack([x + k * (rng.normal(0, 2) * t + rng.normal(0, 3) * t * t), y + k * (rng.normal(0, 2) * t + rng.normal(0, 3) * t * t)], 1)
            cv2.polylines(img, [pts.astype(np.int32)], False, (c,) * (img.shape[2] if img.ndim == 3 else 1), 1, cv2.LINE_AA)


def scanner(rng, shot):
    """A flatbed or feeder: lamp, optics, streaks, a little noise."""
    img, k = shot.img, shot.per_mm
    h, w = img.shape[:2]
    img = cv2.GaussianBlur(img, (0, 0), rng.uniform(0.3, 0.6) * max(1.0, k / 11))
    ramp = np.linspace(rng.uniform(-1, 1), rng.uniform(-1, 1), h if rng.random() < 0.5 else w, dtype=np.float32) * rng.uniform(0, 7)
    img += (ramp[:, None] if len(ramp) == h else ramp[None, :])[..., None]
    if rng.random() < 0.5:  # the three lines of the sensor do not meet
        for c, d in ((0, rng.uniform(-0.5, 0.5)), (2, rng.uniform(-0.5, 0.5))):
            img[..., c] = cv2.warpAffine(img[..., c], np.float32([[1, 0, 0], [0, 1, d]]), (w, h), borderMode=cv2.BORDER_REPLICATE)
    gamma, gain = rng.uniform(0.85, 1.2), rng.uniform(0.95, 1.05)
    img = 255 * (clip(img * gain, 0, 255) / 255) ** gamma
    if rng.random() < 0.35:
        img = cv2.addWeighted(img, 1 + (a := rng.uniform(0.2, 0.9)), cv2.GaussianBlur(img, (0, 0), 1.2), -a, 0)
    if rng.random() < 0.4:
        dust(rng, img, k, rng.uniform(0.2, 2))
    if rng.random() < 0.15:
        x = int(rng.integers(w))
        img[:, x:x + int(rng.integers(1, 3))] *= rng.uniform(0.75, 0.95)
    img += grain(rng, h, w)[..., None] * rng.uniform(0.4, 2.6) + (grain(rng, h, 1) * rng.uniform(0, 0.8))[..., None]
    shot.img = clip(img, 0, 255)
    shot.dpi = round(shot.per_mm * 25.4)
    if rng.random() < 0.18:
        shot.img, shot.how = grey(shot.img), "scan_grey"
    return shot


def screen(rng, g, k):
    """Toner dots under 45 degrees where the tone is neither paper nor ink."""
    h, w = g.shape
    period = k * 25.4 / rng.uniform(65, 106)
    f = np.float32(np.sqrt(2) * np.pi / period)
    dots = 127.5 + 90 * np.cos(np.arange(h, dtype=np.float32) * f)[:, None] * np.cos(np.arange(w, dtype=np.float32) * f)[None]
    strength = clip((g - 50) / 50, 0, 1) * clip((235 - g) / 40, 0, 1)
    hard = 255 / (1 + np.exp(-(g - dots) / rng.uniform(10, 30)))
    return g + (hard - g) * strength * rng.uniform(0.4, 0.9)


def copier(rng, shot, times=1):
    """A copier, once or more, then a grey scan of the sheet that came out."""
    g = grey(shot.img)
    k = shot.per_mm
    h, w = g.shape
    for turn in range(times):
        g = cv2.GaussianBlur(g, (0, 0), rng.uniform(0.035, 0.075) * k)
        if turn or rng.random() < 0.5:
            m = similarity(rng.uniform(0.985, 1.015), rng.normal(0, 0.5), w / 2, h / 2, w / 2 + rng.normal(0, 1) * k * 0.6, h / 2 + rng.normal(0, 1) * k * 0.6)
            g = cv2.warpPerspective(g, m, (w, h), borderMode=cv2.BORDER_CONSTANT, borderValue=250)
            shot.move(m)
        bend, mid = rng.uniform(3.5, 10), rng.uniform(0.4, 0.55)
        curve = 1 / (1 + np.exp(-bend * (g / 255 - mid)))
        low, high = 1 / (1 + np.exp(bend * mid)), 1 / (1 + np.exp(-bend * (1 - mid)))
        g = 255 * (curve - low) / (high - low)
        g = clip(g * rng.uniform(1.0, 1.08) + rng.uniform(0, 10), 0, 255)
        if rng.random() < 0.45 and k > 5.8:
            g = screen(rng, g, k)
        ink = 255 - g
        ink *= 1 - clip(rng.uniform(0.03, 0.14) * fbm(rng, h, w, k * 1.2, 2) + 0.04, 0, 0.5)  # toner lies unevenly
        rough = grain(rng, h, w) * rng.uniform(4, 14) * clip(ink / 90, 0, 1)
        g = clip(255 - ink + rough, 0, 255)
        specks = rng.random((h, w), dtype=np.float32) < rng.uniform(0.00002, 0.0003) * times
        specks = cv2.dilate(specks.astype(np.uint8), np.ones((2, 2), np.uint8)) > 0
        g[specks] = rng.uniform(20, 120)
        if rng.random() < 0.3:
            x = int(rng.integers(w))
            g[:, x:x + max(1, int(0.12 * k))] *= rng.uniform(0.4, 0.9)
    if rng.random() < 0.3:  # the lid was open
        edge = int(k * rng.uniform(1, 5))
        side = pick(rng, "lrtb")
        part = {"l": np.s_[:, :edge], "r": np.s_[:, w - edge:], "t": np.s_[:edge], "b": np.s_[h - edge:]}[side]
        if not any(q[:, 0].min() < edge and side == "l" or q[:, 0].max() > w - edge and side == "r" or q[:, 1].min() < edge and side == "t" or q[:, 1].max() > h - edge and side == "b" for q in shot.quads):
            g[part] = rng.uniform(15, 70) + 12 * grain(rng, *g[part].shape)
    g = cv2.GaussianBlur(g, (0, 0), rng.uniform(0.35, 0.6))
    paper = rng.uniform(232, 255)
    g = g * paper / 255 + grain(rng, h, w) * rng.uniform(0.5, 3)
    if rng.random() < 0.4:
        g += fbm(rng, h, w, max(h, w) / 3, 1) * rng.uniform(1, 5)
    shot.img = clip(g, 0, 255)
    if rng.random() < 0.2:  # the second scan was set to colour
        tint = np.array([rng.uniform(0.97, 1), rng.uniform(0.97, 1), rng.uniform(0.93, 1)], np.float32)
        shot.img = clip(shot.img[..., None] * tint + grain(rng, h, w)[..., None] * 0.8, 0, 255)
    shot.origin, shot.how, shot.dpi = "photocopy", "copy_x%d" % times, round(k * 25.4)
    return shot


def bilevel(rng, shot, how=None):
    """Black and white only, by threshold or by dots."""
    g = grey(shot.img)
    how = how or pick(rng, ["threshold", "threshold", "local", "diffuse", "ordered", "halftone"])
    if how == "threshold":
        level = cv2.threshold(g.astype(np.uint8), 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[0]
        paper = float(np.percentile(g, 60))
        out = g > min(max(level, 0.45 * paper), 0.66 * paper) + rng.uniform(-8, 8)
    elif how == "local":
        size = int(shot.per_mm * rng.uniform(5, 9)) | 1
        out = g + grain(rng, *g.shape) * 1.5 > cv2.blur(g, (size, size)) * 0.93 - rng.uniform(4, 12)
    elif how == "diffuse":
        g = clip((g - 128) * rng.uniform(1.2, 1.7) + 140, 0, 255)
        out = magick(g, "-dither", pick(rng, ["FloydSteinberg", "Riemersma"]), "-monochrome") > 127
    else:
        g = clip((g - 128) * rng.uniform(1.3, 2.0) + 138, 0, 255)
        out = magick(g, "-ordered-dither", pick(rng, ["o4x4", "o8x8"] if how == "ordered" else ["h4x4a", "h6x6a"])) > 127
    out = grey(out.astype(np.float32)) > 0.5 if out.ndim == 3 else out
    shot.img, shot.bits, shot.dpi = out.astype(np.float32) * 255, 1, round(shot.per_mm * 25.4)
    shot.how = "bilevel_" + how
    shot.tags.append("bits:1")
    return shot


def fax(rng, shot, fine):
    """1728 points a row, 98 or 196 rows an inch, black and white, a few rows hurt on the line."""
    h, w = shot.img.shape[:2]
    lines = 196 if fine else 98
    m = np.diag([1728 / w, h * (lines / 25.4) / shot.per_mm / h, 1.0])
    g = cv2.resize(grey(shot.img), (1728, round(h * m[1, 1])), interpolation=cv2.INTER_AREA)
    shot.move(m)
    shot.per_mm *= 1728 / w
    shot.img = g
    how = pick(rng, ["threshold", "local", "diffuse"] if fine else ["threshold", "local"])
    bilevel(rng, shot, how)
    for _ in range(int(rng.poisson(2))):
        y, n = int(rng.integers(shot.img.shape[0] - 4)), int(rng.integers(1, 3))
        clear = all(y + n < q[:, 1].min() or y > q[:, 1].max() for q in shot.quads)
        if clear:
            shot.img[y:y + n] = np.where(rng.random((n, 1728)) < 0.3, 0, 255)
        else:
            shot.img[y] = shot.img[y + 1]
    shot.how, shot.dpi, shot.origin = "fax_204x%d" % lines, (204, lines), "photocopy"
    return shot


# ---------------------------------------------------------------- a phone in a hand


def desk(rng, size):
    """A surface of 480 x 480 mm at `size` px, float RGB."""
    kind = pick(rng, ["wood", "wood", "cloth", "stone", "paper", "dark", "tiles", "stripes", "knee"])
    n = size
    base = {"wood": (rng.uniform(95, 200), rng.uniform(60, 140), rng.uniform(30, 90)), "cloth": rng.uniform(40, 215, 3), "stone": [rng.uniform(120, 215)] * 3, "paper": (236, 234, 228),
            "dark": rng.uniform(18, 60, 3), "tiles": rng.uniform(110, 220, 3), "stripes": rng.uniform(60, 220, 3), "knee": (rng.uniform(30, 60), rng.uniform(40, 70), rng.uniform(70, 120))}[kind]
    img = np.empty((n, n, 3), np.float32)
    img[:] = np.asarray(base, np.float32)
    if kind == "wood":
        warp = fbm(rng, n, n, n / 3, 2) * n / 40
        rows = np.arange(n, dtype=np.float32)[:, None] + warp
        grainy = np.sin(rows / rng.uniform(3, 12)) * 0.5 + np.sin(rows / rng.uniform(15, 40) + 1) + cv2.resize(rng.standard_normal((n, max(2, n // 60))).astype(np.float32), (n, n)) * 0.8
        img *= (1 + 0.07 * grainy)[..., None]
        if rng.random() < 0.5:
            step = int(n / rng.integers(2, 6))
            img[::step][:] *= 0.5
            img[1::step][:] *= 0.7
    elif kind in ("cloth", "knee"):
        y, x = np.mgrid[0:n, 0:n].astype(np.float32)
        f = rng.uniform(0.9, 1.8)
        img *= (1 + 0.08 * np.sin(x * f) * np.sin(y * f) + 0.10 * fbm(rng, n, n, n / 4, 3))[..., None]
    elif kind == "stone":
        v = fbm(rng, n, n, n / 10, 5)
        img += (v * 14 - 40 * np.exp(-(fbm(rng, n, n, n / 5, 4) / 0.08) ** 2))[..., None]
    elif kind == "tiles":
        step = int(n / rng.integers(3, 8))
        img[::step] *= 0.6
        img[:, ::step] *= 0.6
    elif kind == "stripes":
        y, x = np.mgrid[0:n, 0:n].astype(np.float32)
        img += (40 * np.sign(np.sin((x + rng.uniform(-0.3, 0.3) * y) / rng.uniform(8, 40))))[..., None] * rng.uniform(0.2, 1, 3).astype(np.float32)
    img += (fbm(rng, n, n, 3, 2) * rng.uniform(1, 6))[..., None]
    return clip(img, 4, 252)


def clutter(rng, img):
    """Pen, sheets with grey lines, a cup's round: what lies about."""
    n = img.shape[0]
    for _ in range(int(rng.integers(0, 4))):
        what = pick(rng, ["sheet", "pen", "cup", "sheet", "book"])
        x, y, a = rng.uniform(0, n), rng.uniform(0, n), rng.uniform(0, 180)
        if what == "pen":
            dx, dy = np.cos(np.deg2rad(a)) * n * 0.15, np.sin(np.deg2rad(a)) * n * 0.15
            cv2.line(img, (int(x - dx), int(y - dy)), (int(x + dx), int(y + dy)), tuple(rng.uniform(0, 200, 3)), int(n * 0.018), cv2.LINE_AA)
        elif what == "cup":
            cv2.circle(img, (int(x), int(y)), int(n * 0.09), tuple(rng.uniform(60, 250, 3)), -1, cv2.LINE_AA)
            cv2.circle(img, (int(x), int(y)), int(n * 0.075), tuple(rng.uniform(20, 90, 3)), -1, cv2.LINE_AA)
        else:
            w, h = (n * 0.44, n * 0.6) if what == "sheet" else (n * 0.3, n * 0.42)
            box = cv2.boxPoints(((x, y), (w, h), a))
            colour = (rng.uniform(215, 250),) * 3 if what == "sheet" else tuple(rng.uniform(20, 220, 3))
            cv2.fillPoly(img, [box.astype(np.int32)], colour, cv2.LINE_AA)
            if what == "sheet":
                for t in np.linspace(0.08, 0.92, 34):
                    p, q = box[0] * (1 - t) + box[1] * t, box[3] * (1 - t) + box[2] * t
                    end = rng.uniform(0.5, 0.92)
                    cv2.line(img, tuple((p + (q - p) * 0.08).astype(int)), tuple((p + (q - p) * end).astype(int)), (rng.uniform(110, 190),) * 3, max(1, n // 500), cv2.LINE_AA)
    return img


SIZES = [(1280, 960), (1280, 960), (1280, 720), (1600, 1200), (1280, 1280), (1024, 768), (2048, 1536), (2592, 1944), (3264, 2448), (4000, 3000)]
SIZE_ODDS = np.array([20, 10, 14, 14, 3, 6, 14, 9, 6, 4]) / 100


def camera(rng, W, H, tilt):
    """mm on the desk to px: a pinhole above it, leaning by up to `tilt` degrees."""
    ax, ay = np.deg2rad(rng.uniform(-tilt, tilt, 2))
    az = np.deg2rad(rng.normal(0, 5) if rng.random() < 0.8 else rng.uniform(-25, 25))
    cx, sx, cy, sy, cz, sz = np.cos(ax), np.sin(ax), np.cos(ay), np.sin(ay), np.cos(az), np.sin(az)
    R = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]]) @ np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]]) @ np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    focal = rng.uniform(0.85, 1.2) * max(W, H)
    return R, focal


def phone(rng, pieces, size=None, tilt=None, shrink=None):
    """Pieces [(rgba, mm size, centre mm, angle)] on a desk, seen by a phone. Without pieces: the desk."""
    W, H = size or SIZES[int(rng.choice(len(SIZES), p=SIZE_ODDS))]
    if rng.random() < 0.3 and not size:
        W, H = H, W
    tilt = tilt if tilt is not None else abs(rng.normal(0, 13))
    tilt = min(tilt, 28)
    R, focal = camera(rng, W, H, tilt)
    if pieces:
        corners = np.concatenate([np.array([[x + dx * s[0] / 2, y + dy * s[1] / 2] for dx in (-1, 1) for dy in (-1, 1)]) for _, s, (x, y), _ in pieces])
        middle = (corners.min(0) + corners.max(0)) / 2
        span = corners.max(0) - corners.min(0)
    else:
        middle, span = np.zeros(2), np.array([200.0, 150.0])
    fill = rng.uniform(0.62, 0.97) if rng.random() < 0.8 else rng.uniform(0.45, 0.65)
    if pieces:  # no farther than a reader can follow: 5.4 px for a mm of a page, 7 of a card
        need = 7.0 if span[0] < 110 else 5.4 if span[0] < 160 else 4.6
        fill = min(0.97, max(fill, need * max(span[0] / W, span[1] / H)))
    K = np.array([[focal, 0, W / 2], [0, focal, H / 2], [0, 0, 1]])
    away = focal * max(span[0] / W, span[1] / H) / fill
    for _ in range(12):  # move back until everything is in the frame
        M = K @ np.column_stack([R[:, 0], R[:, 1], [0, 0, away]]) @ np.array([[1, 0, -middle[0]], [0, 1, -middle[1]], [0, 0, 1.0]])
        if not pieces:
            break
        seen = cv2.perspectiveTransform(corners[None], M)[0]
        if seen.min() > 4 and seen[:, 0].max() < W - 4 and seen[:, 1].max() < H - 4:
            break
        away *= 1.05
    n = 1200
    table = clutter(rng, desk(rng, n))
    back = similarity(480 / n, rng.uniform(0, 360), n / 2, n / 2, middle[0], middle[1])
    step = 2 if W * H > 3e6 else 1
    small = np.diag([1 / step, 1 / step, 1.0])
    img = cv2.warpPerspective(table, small @ M @ back, (W // step, H // step), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    if step > 1:
        img = cv2.resize(img, (W, H), interpolation=cv2.INTER_LINEAR)
    quads, per_mm = [], W / max(span[0], 1)
    for rgba, s, (x, y), angle in pieces:
        m = M @ similarity(s[0] / rgba.shape[1], angle, rgba.shape[1] / 2, rgba.shape[0] / 2, x, y)
        k = np.sqrt(abs(np.linalg.det(np.array(cv2.perspectiveTransform(np.array([[[x, y], [x + 1, y], [x, y + 1]]], np.float64), M)[0][1:] - cv2.perspectiveTransform(np.array([[[x, y]]], np.float64), M)[0]))))
        per_mm = min(per_mm, k)
        quads.append(lay(img, rgba, m, rng.uniform(0.15, 0.6), (rng.uniform(-1.2, 1.2) * k, rng.uniform(0.2, 1.5) * k), rng.uniform(0.4, 1.6) * k))
    shot = Shot(img, quads, per_mm, "phone_photo", "phone")
    light(rng, shot)
    sensor(rng, shot)
    if rng.random() < 0.3:  # a messenger packed it once before
        shot.img = jpeg(shot.img, rng.uniform(45, 85))
    shot.exif = rng.random() < 0.3
    return shot


def light(rng, shot):
    img = shot.img
    h, w = img.shape[:2]
    gh, gw = 48, max(8, 48 * w // h)
    y, x = np.mgrid[0:gh, 0:gw].astype(np.float32)
    y, x = y / gh - 0.5, x / gw - 0.5
    a = rng.uniform(0, 6.28)
    field = 1 + rng.uniform(0, 0.45) * (np.cos(a) * x + np.sin(a) * y)
    field *= 1 - rng.uniform(0, 0.5) * (x * x + y * y)
    if rng.random() < 0.45:  # the shadow of a hand, a head or the phone
        blob = np.zeros((gh, gw), np.float32)
        pts = np.array([[rng.uniform(-0.2, 1.2) * gw, rng.uniform(-0.2, 1.2) * gh] for _ in range(int(rng.integers(3, 6)))])
        cv2.fillPoly(blob, [cv2.convexHull(pts.astype(np.int32))], 1.0)
        field *= 1 - rng.uniform(0.15, 0.5) * cv2.GaussianBlur(blob, (0, 0), rng.uniform(0.8, 6))
    field = cv2.resize(clip(field, 0.25, 2), (w, h), interpolation=cv2.INTER_CUBIC)
    warm = rng.normal(0, 0.06)
    tint = np.array([1 + warm, 1 + rng.normal(0, 0.015), 1 - warm], np.float32)
    img *= field[..., None]
    img *= tint * np.float32(rng.uniform(0.7, 1.12))
    if shot.quads and rng.random() < 0.35:  # a lamp mirrored in the laminate: weak over the words, strong beside
        q = shot.quads[0]
        u, v, power = (rng.uniform(0.75, 1.0), rng.uniform(0, 1), rng.uniform(60, 190)) if rng.random() < 0.5 else (rng.uniform(0, 1), rng.uniform(0, 1), rng.uniform(25, 70))
        c = (q[0] * (1 - u) + q[1] * u) * (1 - v) + (q[3] * (1 - u) + q[2] * u) * v
        size = np.linalg.norm(q[1] - q[0])
        spot = np.zeros((h // 8 + 1, w // 8 + 1), np.float32)
        cv2.ellipse(spot, ((c[0] / 8, c[1] / 8), (size / 8 * rng.uniform(0.08, 0.22), size / 8 * rng.uniform(0.05, 0.5)), rng.uniform(0, 180)), 1.0, -1)
        spot = cv2.GaussianBlur(spot, (0, 0), size / 8 * rng.uniform(0.02, 0.07) + 0.5)
        img += (cv2.resize(spot, (w, h)) * power)[..., None]
        shot.tags.append("glare:yes")
    shot.img = clip(img, 0, 255)


def sensor(rng, shot):
    """Focus, shake, noise by ISO, the phone's own smoothing and sharpening."""
    img, k = shot.img, shot.per_mm
    h, w = img.shape[:2]
    r = rng.random()
    if r < 0.55:
        img = cv2.GaussianBlur(img, (0, 0), max(0.35, k * rng.uniform(0.02, 0.11)))
    elif r < 0.75:  # out of focus: a disc
        d = max(1, int(round(k * rng.uniform(0.1, 0.3)))) * 2 + 1
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (d, d)).astype(np.float32)
        img = cv2.filter2D(img, -1, disc / disc.sum())
        shot.tags.append("blur:defocus")
    elif r < 0.92:  # shaken
        length, a = max(2.0, k * rng.uniform(0.12, 0.38)), rng.uniform(0, np.pi)
        n = int(length) | 1
        n = max(3, n + 2)
        kernel = np.zeros((n, n), np.float32)
        c = n // 2
        cv2.line(kernel, (int(round(c - length / 2 * np.cos(a))), int(round(c - length / 2 * np.sin(a)))), (int(round(c + length / 2 * np.cos(a))), int(round(c + length / 2 * np.sin(a)))), 1.0, 1, cv2.LINE_AA)
        img = cv2.filter2D(img, -1, kernel / kernel.sum())
        shot.tags.append("blur:motion")
    iso = float(np.exp(rng.uniform(np.log(0.6), np.log(7))))
    noise = grain(rng, h, w) * iso
    img += noise[..., None] * (0.35 + 0.65 * np.sqrt(clip(img, 0, 255) / 128))
    if iso > 2:
        for c in (0, 2):
            small = rng.standard_normal((h // 4 + 1, w // 4 + 1)).astype(np.float32) * iso * 0.9
            img[..., c] += cv2.resize(small, (w, h))
    if iso > 3 and rng.random() < 0.5 and h * w < 3e6:
        img = cv2.bilateralFilter(clip(img, 0, 255), 5, iso * 4, 2)
    if rng.random() < 0.45:
        a = rng.uniform(0.3, 1.2)
        img = cv2.addWeighted(img, 1 + a, cv2.GaussianBlur(img, (0, 0), rng.uniform(0.8, 1.8)), -a, 0)
    contrast = rng.uniform(0.85, 1.15)
    shot.img = clip((img - 128) * contrast + 128 + rng.uniform(-8, 12), 0, 255)


def cover(rng, rgba, free):
    """A finger or the corner of a sheet over an edge on which nothing essential stands."""
    out = rgba.astype(np.float32)
    h, w = out.shape[:2]
    side = pick(rng, free)
    depth = rng.uniform(0.05, 0.11)
    if side in "lr":
        c = (0 if side == "l" else w, rng.uniform(0.25, 0.75) * h)
        axes, angle = (depth * w, 0.085 * w), rng.uniform(-15, 15)
    else:
        c = (rng.uniform(0.3, 0.7) * w, 0 if side == "t" else h)
        axes, angle = (0.07 * w, depth * h * 0.5), 0
    mask = np.zeros((h, w), np.float32)
    cv2.ellipse(mask, ((c[0], c[1]), (axes[0] * 2, axes[1] * 2), angle), 1.0, -1, cv2.LINE_AA)
    skin = np.array([rng.uniform(170, 225), rng.uniform(120, 165), rng.uniform(90, 130)], np.float32)
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    round_ = clip(1.1 - 0.5 * (((x - c[0]) / (axes[0] * 1.1)) ** 2 + ((y - c[1]) / (axes[1] * 1.1)) ** 2), 0.4, 1.1)
    out[..., :3] = out[..., :3] * (1 - mask[..., None]) + mask[..., None] * skin * round_[..., None]
    out[..., 3] = np.maximum(out[..., 3], mask * 255)
    return out


def bend(rng, rgba):
    """A page that does not lie flat: rows rise and fall along it."""
    h, w = rgba.shape[:2]
    x = np.arange(w, dtype=np.float32)[None]
    lift = rng.uniform(0.004, 0.02) * w * np.sin(np.pi * x / w * rng.uniform(0.5, 1.2) + rng.uniform(0, 3))
    pad = int(0.03 * w)
    src = cv2.copyMakeBorder(rgba, pad, pad, 0, 0, cv2.BORDER_CONSTANT)
    H = src.shape[0]
    y, x = np.mgrid[0:H, 0:w].astype(np.float32)
    out = cv2.remap(src, x, y + lift, cv2.INTER_LINEAR)
    return out[pad // 2:H - pad // 2]


def shrink(rng, shot, width, doc_px):
    """The whole picture made smaller, so that the document is `width` px wide."""
    f = width / doc_px
    if f < 1:
        shot.img = cv2.resize(shot.img, None, fx=f, fy=f, interpolation=pick(rng, [cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_AREA]))
        shot.move(np.diag([f, f, 1.0]))
        shot.per_mm *= f
    shot.dpi, shot.exif = None, False
    return shot


def turn(shot, quarter, mirror):
    """Quarter turns against the clock, then left for right."""
    for _ in range(quarter):
        w = shot.img.shape[1]
        shot.img = np.rot90(shot.img)
        shot.move(np.array([[0, 1, 0], [-1, 0, w], [0, 0, 1.0]]))
    if mirror:
        w = shot.img.shape[1]
        shot.img = shot.img[:, ::-1]
        shot.move(np.array([[-1, 0, w], [0, 1, 0], [0, 0, 1.0]]))
    shot.img = np.ascontiguousarray(shot.img)
    return shot
