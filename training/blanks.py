"""Master drawings (uint8 coverage) of what is not a line of text: the reader must answer them with silence.

`blank(rng, r, h, w)` gives one of KINDS. Lines of text that are turned, mirrored, halved or missed come from textlines.
"""

import cv2
import numpy as np

import degrade


def texture(rng, h, w):
    return degrade.guilloche(rng, (h, w), rng.uniform(4, 70)) * rng.uniform(60, 255)


def bars(rng, h, w):
    """Barcode, fence, keyboard: upright bars of a few widths."""
    out, x = np.zeros((h, w), np.float32), 0
    unit = rng.uniform(2, 16)
    while x < w:
        out[:, int(x):int(x + unit * rng.integers(1, 4))] = 255
        x += unit * rng.integers(2, 8)
    if rng.random() < 0.4:
        y = int(rng.uniform(0.3, 0.7) * h)
        out[y:] = 0
        if rng.random() < 0.5:
            out = out[::-1]
    return out


def modules(rng, h, w):
    """A piece of a two-dimensional code."""
    n = rng.uniform(4, 26)
    cells = (rng.random((int(h / n) + 2, int(w / n) + 2)) < rng.uniform(0.35, 0.65)).astype(np.float32) * 255
    out = cv2.resize(cells, None, fx=n, fy=n, interpolation=cv2.INTER_NEAREST)[:h, :w]
    if rng.random() < 0.5:
        x = int(rng.integers(w))
        out[:, x:] = 0
    return out


def pen(rng, h, w):
    """Signature, scribble, handwriting: loops that wander to the right."""
    out = np.zeros((h, w), np.uint8)
    size = rng.uniform(8, 34)
    for _ in range(int(rng.integers(1, 4))):
        n = int(rng.integers(10, 160))
        t = np.arange(n)
        x = rng.uniform(-0.2, 0.8) * w + np.cumsum(np.abs(rng.normal(0, 1, n))) * size * rng.uniform(0.1, 0.5)
        x = x + np.cos(t * rng.uniform(0.5, 2.2)) * size * rng.uniform(0, 0.8)
        y = h / 2 + rng.normal(0, 6) + np.sin(t * rng.uniform(0.5, 2.2) + rng.uniform(0, 6)) * size * rng.uniform(0.2, 1) + rng.normal(0, size * 0.3, n)
        points = np.stack([x, y], 1)
        if n > 4:
            fine = cv2.resize(points.astype(np.float32), (2, n * 5), interpolation=cv2.INTER_CUBIC)
            cv2.polylines(out, [fine.astype(np.int32)], False, 255, int(rng.integers(1, 7)), cv2.LINE_AA)
    return out


def rules(rng, h, w):
    """Frame lines, table grids, leaders of dots and dashes."""
    out = np.zeros((h, w), np.uint8)
    for _ in range(int(rng.integers(1, 5))):
        y = int(rng.uniform(0.25, 0.75) * h)
        if rng.random() < 0.65:
            cv2.line(out, (0, y), (w, y + int(rng.integers(-9, 10))), 255, int(rng.integers(1, 9)))
        else:
            step = int(rng.integers(24, 90))
            for x in range(0, w, step):
                cv2.line(out, (x, y), (x + step * 2 // 3, y + int(rng.integers(-8, 9))), 255, int(rng.integers(2, 6)))
    for _ in range(int(rng.integers(0, 4))):
        x = int(rng.integers(w))
        cv2.line(out, (x, 0), (x + int(rng.integers(-6, 7)), h), 255, int(rng.integers(1, 9)))
    return out


def blobs(rng, h, w):
    """Skin, cloth, shade: slow fields, sometimes of several sizes at once as in photographs."""
    field = degrade.smooth(rng, (h, w), rng.uniform(8, 120))
    for _ in range(int(rng.integers(0, 4))):
        field = field + degrade.smooth(rng, (h, w), rng.uniform(3, 60)) * rng.uniform(0.2, 0.9)
    return np.clip(field * rng.uniform(0.3, 3) + rng.uniform(0, 0.5), 0, 1) * 255


def leaves(rng, h, w):
    """Foliage, gravel, crowd: many small shapes of several tones."""
    out = np.zeros((h, w), np.uint8)
    size = rng.uniform(3, 30)
    for _ in range(int(min(900, w * h / size / size * rng.uniform(0.3, 1.5)))):
        at = (int(rng.integers(w)), int(rng.integers(h)))
        axes = (int(1 + size * rng.random()), int(1 + size * rng.random() * 0.6))
        cv2.ellipse(out, at, axes, float(rng.uniform(0, 180)), 0, 360, int(rng.integers(256)), -1, cv2.LINE_AA)
    return out


def hair(rng, h, w):
    """Strands that run nearly side by side; grass, fur, wood."""
    out = np.zeros((h, w), np.uint8)
    lean, swing = rng.uniform(-2, 2), rng.uniform(0, 30)
    ys = np.linspace(0, h, 7)
    for _ in range(int(w * rng.uniform(0.02, 0.25))):
        x = rng.uniform(-h, w + h) + (ys - h / 2) * (lean + rng.normal(0, 0.2)) + swing * np.sin(ys / h * 3 + rng.normal(0, 0.3))
        cv2.polylines(out, [np.stack([x, ys], 1).astype(np.int32)], False, int(rng.integers(60, 256)), int(rng.integers(1, 5)), cv2.LINE_AA)
    return out if rng.random() < 0.7 else cv2.resize(np.ascontiguousarray(out.T), (w, h))


def arcs(rng, h, w):
    """Rims of stamps, logos, wheels."""
    out = np.zeros((h, w), np.uint8)
    for _ in range(int(rng.integers(1, 4))):
        centre = (int(rng.uniform(0, w)), int(h / 2 + rng.normal(0, h)))
        radius = int(rng.uniform(20, 260))
        for _ in range(int(rng.integers(1, 4))):
            cv2.circle(out, centre, radius, int(rng.integers(120, 256)), int(rng.integers(1, 9)), cv2.LINE_AA)
            radius += int(rng.integers(5, 30))
        if rng.random() < 0.5:
            for k in range(int(rng.integers(5, 60))):
                t = k * 0.3
                a = (int(centre[0] + radius * np.cos(t)), int(centre[1] + radius * np.sin(t)))
                cv2.line(out, a, (a[0] + int(rng.integers(-14, 15)), a[1] + int(rng.integers(-14, 15))), 255, int(rng.integers(1, 6)))
    return out


def edges(rng, h, w):
    """Furniture, buildings, portrait outlines: a few large polygons of flat tone."""
    out = np.full((h, w), int(rng.integers(256)), np.uint8)
    for _ in range(int(rng.integers(1, 9))):
        points = np.stack([rng.uniform(-0.2, 1.2, 4) * w, rng.uniform(-1, 2, 4) * h], 1).astype(np.int32)
        cv2.fillPoly(out, [points], int(rng.integers(256)), cv2.LINE_AA)
    return out


def specks(rng, h, w):
    """Dirt, screens, coarse noise."""
    field = degrade.noise(rng, (h, w))
    field = cv2.GaussianBlur(field, (0, 0), rng.uniform(1, 9), sigmaY=rng.uniform(1, 9))
    field = field / max(0.02, float(field.std()))
    return np.clip((field - rng.uniform(0, 2)) * rng.uniform(0.5, 4), 0, 1) * 255


def empty(rng, h, w):
    return np.zeros((h, w), np.uint8)


KINDS = [texture, bars, modules, pen, pen, rules, blobs, leaves, hair, arcs, edges, specks, empty]


def blank(rng, r, h, w):
    """uint8 [h, w]"""
    return np.clip(r.choice(KINDS)(rng, h, w), 0, 255).astype(np.uint8)
