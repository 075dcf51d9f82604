"""What paper, scanners, fax machines and phones do to a line of print.

All functions take and give float32 arrays of grey (0 black .. 255 white) unless they say otherwise. `wear` draws one
channel and its strength at random; `level` (0..1) scales how bad it may get.
"""

import cv2
import numpy as np

_bank = np.random.default_rng(7).standard_normal(1 << 21).astype(np.float32)


def noise(rng, shape):
    """White noise, mean 0, deviation 1: a random window of a fixed bank, since drawing it anew costs ten times more."""
    n = shape[0] * shape[1]
    if n > _bank.size // 2:
        return rng.standard_normal(shape, np.float32)
    at = int(rng.integers(_bank.size - n))
    field = _bank[at:at + n].reshape(shape)
    return field if rng.random() < 0.5 else field[::-1, ::-1]


def ends(g, low, high):
    """Two percentiles, from every seventh pixel."""
    return np.percentile(g.ravel()[::7], (low, high))


def smooth(rng, shape, cell):
    """Slow random field, about -1..1, that changes over `cell` pixels."""
    h, w = max(2, int(shape[0] / cell) + 2), max(2, int(shape[1] / cell) + 2)
    small = rng.uniform(-1, 1, (h, w)).astype(np.float32)
    return cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)


def guilloche(rng, shape, period):
    """Security print, 0..1: bundles of fine waves, rosettes, line rasters, dot rasters."""
    h, w = shape
    yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
    kind = int(rng.integers(5))
    if kind == 0:
        wave = rng.uniform(1, 5) * np.sin(xx * 6.283 / (period * rng.uniform(3, 12)) + rng.uniform(0, 6))
        field = 0.5 + 0.5 * np.sin((yy + wave) * 6.283 / period)
    elif kind == 1:
        cy, cx = rng.uniform(-h, 2 * h), rng.uniform(0, w)
        r = np.hypot(yy - cy, xx - cx)
        field = 0.5 + 0.5 * np.sin(r * 6.283 / period + rng.uniform(1, 6) * np.arctan2(yy - cy, xx - cx) * 6)
    elif kind == 2:
        t = rng.uniform(0, 3.14)
        field = 0.5 + 0.5 * np.sin((xx * np.cos(t) + yy * np.sin(t)) * 6.283 / period)
    elif kind == 3:
        field = np.zeros(shape, np.float32)
        xs = np.linspace(-5, w + 5, 24)
        for _ in range(int(rng.integers(4, 16))):
            ys = rng.uniform(-4, h + 4) + rng.uniform(2, h / 2) * np.sin(xs * 6.283 / rng.uniform(30, 200) + rng.uniform(0, 6))
            cv2.polylines(field, [np.stack([xs, ys], 1).astype(np.int32)], False, 1.0, 1, cv2.LINE_AA)
    else:
        t = rng.uniform(0, 1.57)
        a = np.sin((xx * np.cos(t) + yy * np.sin(t)) * 6.283 / period)
        b = np.sin((-xx * np.sin(t) + yy * np.cos(t)) * 6.283 / period)
        field = np.clip(0.5 + a * b, 0, 1)
    if rng.random() < 0.5:
        field = (field > rng.uniform(0.3, 0.7)).astype(np.float32)
    return field.astype(np.float32)


def paper(rng, shape, level):
    """Background reflectance, 0..1, of a document: plain, tinted, guilloche, tinted patches."""
    base = np.full(shape, rng.uniform(0.72, 1.0), np.float32)
    if rng.random() < 0.4:
        base += smooth(rng, shape, rng.uniform(20, 200)) * rng.uniform(0, 0.15)
    if rng.random() < 0.5:
        for _ in range(int(rng.integers(1, 3))):
            base -= guilloche(rng, shape, rng.uniform(2.0, 14.0)) * rng.uniform(0.02, 0.10 + 0.28 * level)
    return base


def light(rng, shape, level):
    """Illumination factor, about 0.4..1.2: slope, shadow edge, glare."""
    h, w = shape
    field = np.ones(shape, np.float32)
    if rng.random() < 0.5:
        a, b = 1 + rng.uniform(-0.45, 0.1) * level, 1 + rng.uniform(-0.45, 0.1) * level
        field *= np.linspace(a, b, w, dtype=np.float32)[None, :]
    if rng.random() < 0.25 * level:
        x = rng.uniform(0, w) + np.linspace(-1, 1, h)[:, None] * rng.uniform(-30, 30)
        edge = 1 / (1 + np.exp(-np.clip((np.arange(w)[None, :] - x) / rng.uniform(0.5, 20), -30, 30)))
        field *= 1 - rng.uniform(0.1, 0.5) * (edge if rng.random() < 0.5 else 1 - edge).astype(np.float32)
    return field


def blur(rng, g, px):
    """Defocus or motion with a radius near `px`."""
    if px < 0.15:
        return g
    r = rng.random()
    if r < 0.6:
        return cv2.GaussianBlur(g, (0, 0), px, sigmaY=px * rng.uniform(0.7, 1.3))
    if r < 0.8:
        n = int(np.ceil(px * 2)) * 2 + 1
        yy, xx = np.mgrid[-(n // 2):n // 2 + 1, -(n // 2):n // 2 + 1]
        kernel = np.clip(px * 1.7 + 0.5 - np.hypot(yy, xx), 0, 1).astype(np.float32)
    else:
        n = int(np.ceil(px * 3)) * 2 + 1
        kernel = np.zeros((n, n), np.float32)
        t = rng.uniform(0, 3.1416)
        c = n // 2
        dx, dy = np.cos(t) * px * 1.7, np.sin(t) * px * 1.7
        cv2.line(kernel, (int(round(c - dx)), int(round(c - dy))), (int(round(c + dx)), int(round(c + dy))), 1.0, 1)
        kernel = cv2.GaussianBlur(kernel, (0, 0), 0.4)
    return cv2.filter2D(g, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE)


def jpeg(g, quality):
    done, data = cv2.imencode(".jpg", np.clip(g, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, int(quality)])
    return cv2.imdecode(data, cv2.IMREAD_GRAYSCALE).astype(np.float32)


def sensor(rng, g, level):
    """Grain of paper and sensor: white, signal-dependent, multiplicative; sometimes correlated."""
    strength = level * rng.uniform(0, 1) ** 1.5
    n = noise(rng, g.shape)
    if rng.random() < 0.35:
        n = cv2.GaussianBlur(n, (0, 0), rng.uniform(0.4, 0.9))
        n = n / max(0.05, float(n.std()))
    r = rng.random()
    if r < 0.4:
        return g + n * strength * 50
    if r < 0.7:
        return g + n * np.sqrt(np.clip(g, 0, 255)) * strength * 4.5
    if r < 0.9:
        return g * (1 + n * strength * 0.35)
    hit = noise(rng, g.shape)
    g = np.where(hit > 3 - 1.3 * strength, rng.uniform(180, 255), g)
    return np.where(hit < -3 + 1.3 * strength, rng.uniform(0, 80), g).astype(np.float32)


def cut_bilevel(rng, g, level):
    """1-bit scan. Local or global threshold, well or badly placed; gives 0/255."""
    lo, hi = ends(g, 3, 85)
    off = rng.normal(0, 0.04 + 0.11 * level)
    if rng.random() < 0.3:
        local = cv2.blur(g, (31, 31))
        cut = local - (hi - lo) * (0.18 + off * 0.5)
    else:
        cut = lo + (hi - lo) * np.clip(0.52 + off, 0.15, 0.85)
    return np.where(g > cut, 255, 0).astype(np.float32)


_BAYER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.float32) / 16 + 1 / 32
_CLUSTER = np.array([[12, 5, 6, 13], [4, 0, 1, 7], [11, 3, 2, 8], [15, 10, 9, 14]], np.float32) / 16 + 1 / 32


def dither(rng, g):
    """Ordered, clustered or noise dither to 0/255; ink made solid first, as drivers do."""
    cell = _BAYER if rng.random() < 0.4 else _CLUSTER
    h, w = g.shape
    if rng.random() < 0.3:
        mask = rng.random(g.shape, np.float32) * 0.8 + 0.1
    else:
        mask = np.tile(cell, (h // 4 + 1, w // 4 + 1))[:h, :w]
    lo, hi = ends(g, 2, 90)
    t = np.clip((g - lo) / max(1, hi - lo) * 1.3 - 0.1, 0, 1)
    return np.where(t > mask, 255, 0).astype(np.float32)


def toner(rng, g, level):
    """Photocopier: steep curve, dropouts in strokes, specks on the paper, streaks along the feed."""
    lo, hi = ends(g, 2, 80)
    t = (g - lo) / max(12.0, hi - lo)
    gain = rng.uniform(1.1, 1.5 + 3 * level)
    t = 1 / (1 + np.exp(np.clip(-gain * 4 * (t - np.clip(rng.normal(0.5, 0.13), 0.2, 0.75)), -60, 60)))
    if rng.random() < 0.6:
        grain = cv2.GaussianBlur(noise(rng, g.shape), (0, 0), rng.uniform(0.5, 1.5))
        grain /= max(0.02, float(grain.std()))
        t = np.where(grain > rng.uniform(1.6, 3.2) - 0.4 * level, np.minimum(1, t + rng.uniform(0.3, 0.8)), t)
        t = np.where(grain < -rng.uniform(2.2, 3.6), np.maximum(0, t - rng.uniform(0.3, 1.0)), t)
    if rng.random() < 0.2 * level:
        for _ in range(int(rng.integers(1, 4))):
            if rng.random() < 0.5:
                y = int(rng.integers(g.shape[0]))
                t[y:y + 1 + int(rng.integers(2))] *= rng.uniform(0.3, 1)
            else:
                x = int(rng.integers(g.shape[1]))
                t[:, x:x + 1 + int(rng.integers(3))] *= rng.uniform(0.2, 1)
    return (np.clip(t, 0, 1) * rng.uniform(200, 255)).astype(np.float32)


def fax(rng, g, level):
    """Half the rows are sent (standard resolution), 1 bit, then stretched back."""
    h, w = g.shape
    sy = rng.choice([0.5, 0.5, 1.0])
    small = cv2.resize(g, (w, max(6, int(round(h * sy)))), interpolation=cv2.INTER_AREA)
    small = dither(rng, small) if rng.random() < 0.12 else cut_bilevel(rng, small, level * 0.8)
    if rng.random() < 0.3:
        y = int(rng.integers(small.shape[0]))
        small[y] = np.roll(small[y], int(rng.integers(-3, 4))) if rng.random() < 0.5 else 255
    return cv2.resize(small, (w, h), interpolation=cv2.INTER_NEAREST)


def wear(rng, cover, level, pitch):
    """Ink coverage 0..1 at the resolution of the scan -> grey 0..255. `pitch`: pixels a character there."""
    shape = cover.shape
    back = paper(rng, shape, level)
    ink = rng.uniform(0.0, 0.25 + 0.2 * level)
    ink = min(ink, float(back.mean()) - rng.uniform(0.25, 0.5))
    if rng.random() < 0.3 * level:
        cover = cover * np.clip(1 - (0.5 + 0.5 * smooth(rng, shape, pitch * rng.uniform(0.3, 4))) * rng.uniform(0.1, 0.7), 0, 1)
    g = back * (1 - cover) + max(0.0, ink) * cover
    g = g * light(rng, shape, level)
    if rng.random() < 0.08 * level:
        spot = np.clip(smooth(rng, shape, pitch * rng.uniform(2, 6)) * 1.5 - 0.6, 0, 1)
        g = g + (1.1 - g) * spot * rng.uniform(0.3, 0.9)
    g = (g * rng.uniform(200, 255)).astype(np.float32)
    if rng.random() < 0.3:
        g = 255 * np.power(np.clip(g / 255, 0.001, 1), np.float32(rng.uniform(0.6, 1.7)))
    channel = str(rng.choice(["scan", "photo", "copy", "bilevel", "fax", "dither"], p=[0.36, 0.2, 0.16, 0.14, 0.08, 0.06]))
    # Blur is drawn against the pitch: past a fifth of it nobody can read the line.
    g = blur(rng, g, pitch * rng.uniform(0, 0.03 + 0.14 * level) * (1.0 if channel in ("scan", "photo") else 0.6))
    if channel == "copy":
        for _ in range(int(rng.integers(1, 4))):
            g = toner(rng, g, level)
            g = blur(rng, g, pitch * rng.uniform(0.01, 0.05))
        g = sensor(rng, g, level * 0.7)
    elif channel == "fax":
        g = fax(rng, sensor(rng, g, level * 0.4), level)
    elif channel == "dither":
        g = dither(rng, g)
        if rng.random() < 0.6:
            g = blur(rng, g, rng.uniform(0.3, 0.9))
    elif channel == "bilevel":
        g = cut_bilevel(rng, sensor(rng, g, level * 0.5), level)
    else:
        g = sensor(rng, g, level * (1.0 if channel == "photo" else 0.8))
    g = np.clip(g, 0, 255)
    if channel in ("scan", "photo", "copy") and rng.random() < 0.65 or rng.random() < 0.15:
        g = jpeg(g, rng.uniform(max(15, 75 - 60 * level), 97))
    if rng.random() < 0.12:
        soft = cv2.GaussianBlur(g, (0, 0), pitch * 0.08)
        g = np.clip(g + (g - soft) * rng.uniform(0.3, 1.5), 0, 255)
    return g.astype(np.float32)
