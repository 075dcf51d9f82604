"""Photographs without a document for cards.py, drawn by procedure."""

import cv2
import numpy as np

import degrade
from cards_draw import SANS, Art, Pen, pick, portrait, waves


def scene(rng):
    """Procedural photos: landscapes, leaves, walls, shelves, crowds of blobs, rooms, plates, street signs."""
    w, h = pick(rng, ((1280, 960), (1600, 1200), (1080, 1920), (2048, 1536), (1280, 720), (800, 600)))
    kind = pick(rng, ("landscape", "foliage", "texture", "people", "people", "room", "wall", "house", "shelf", "street", "table"))
    sw, sh = w // 2, h // 2
    g = np.empty((sh, sw, 3), np.float32)
    g[:] = rng.uniform(60, 210) * rng.uniform(0.75, 1.1, 3)
    g += sum(degrade.smooth(rng, (sh, sw), c) * rng.uniform(2, 16) for c in (300, 90, 25))[:, :, None]

    def tone(a=20, b=235, grey=0.6):
        v = rng.uniform(a, b)
        return tuple(float(x) for x in np.clip(v * (grey + (1 - grey) * rng.uniform(0.2, 1.8, 3)), 0, 255))

    if kind == "landscape":
        g[:] = np.linspace(1, 0.5, sh)[:, None, None] * np.array([rng.uniform(120, 200), rng.uniform(150, 215), rng.uniform(190, 250)])
        g += (np.maximum(degrade.smooth(rng, (sh, sw), sw / 6) + degrade.smooth(rng, (sh, sw), sw / 20) * 0.5, 0) * 70)[:, :, None]
        for d in range(4):
            ridge = sh * (0.42 + 0.15 * d) + (degrade.smooth(rng, (2, sw), sw / (3 + 3 * d))[0] + 0.15 * degrade.smooth(rng, (2, sw), 12)[0]) * sh * 0.11
            mask = np.arange(sh)[:, None] > ridge[None, :]
            shade = rng.uniform(40, 150) * np.array([rng.uniform(0.6, 1.1), 1, rng.uniform(0.4, 0.8)]) * (1 - 0.12 * d)
            g[mask] = shade + (degrade.noise(rng, (sh, sw))[mask] * rng.uniform(2, 22))[:, None]
    elif kind == "foliage":
        g *= 0.4
        for _ in range(int(rng.integers(300, 900))):
            x, y = int(rng.integers(sw)), int(rng.integers(sh))
            v = rng.uniform(0.3, 1.2)
            cv2.ellipse(g, (x, y), (int(rng.uniform(4, 34)), int(rng.uniform(2, 10))), float(rng.uniform(0, 180)), 0, 360, (60 * v, 150 * v, 45 * v), -1, cv2.LINE_AA)
    elif kind == "texture":
        g += (waves(rng, sw, sh) * rng.uniform(10, 90) + degrade.noise(rng, (sh, sw)) * rng.uniform(2, 25))[:, :, None]
    elif kind == "people":
        for _ in range(int(rng.integers(1, 9))):
            a = int(rng.uniform(0.12, 0.5) * sw)
            b = int(a * 1.25)
            x, y = int(rng.uniform(-0.1, 0.9) * sw), int(rng.uniform(0, 0.7) * sh)
            face = portrait(rng, a, b)
            x0, y0, x1, y1 = max(0, x), max(0, y), min(sw, x + a), min(sh, y + b)
            if x1 > x0 and y1 > y0:
                yy, xx = np.mgrid[0:b, 0:a].astype(np.float32)
                mask = ((np.square((xx / a - 0.5) / 0.26) + np.square((yy / b - 0.4) / 0.32) < 1) | ((np.square((xx / a - 0.5) / 0.42) + np.square((yy / b - 1.1) / 0.33)) < 1))[y0 - y:y1 - y, x0 - x:x1 - x]
                g[y0:y1, x0:x1][mask] = face[y0 - y:y1 - y, x0 - x:x1 - x][mask]
    elif kind == "wall":
        bw, bh = int(rng.uniform(30, 90)), int(rng.uniform(12, 36))
        for j, y in enumerate(range(0, sh, bh)):
            for x in range(-(j % 2) * bw // 2, sw, bw):
                v = rng.uniform(0.75, 1.15)
                cv2.rectangle(g, (x + 1, y + 1), (x + bw - 2, y + bh - 2), (150 * v, 85 * v, 65 * v) if rng.random() < 0.97 else tone(), -1)
        g += (degrade.noise(rng, (sh, sw)) * 8)[:, :, None]
    elif kind == "house":
        floors, columns = int(rng.integers(4, 14)), int(rng.integers(4, 16))
        for j in range(floors):
            for i in range(columns):
                x, y = int((i + 0.2) * sw / columns), int((j + 0.2) * sh / floors)
                cv2.rectangle(g, (x, y), (int(x + 0.6 * sw / columns), int(y + 0.6 * sh / floors)), tone(20, 120) if rng.random() < 0.8 else (230.0, 210.0, 140.0), -1)
    elif kind == "shelf":
        y = 0
        while y < sh:
            row = int(rng.uniform(60, 150))
            x = 0
            while x < sw:
                a = int(rng.uniform(6, 34))
                cv2.rectangle(g, (x, y + int(rng.uniform(0, row * 0.3))), (x + a - 1, y + row), tone(grey=0.2), -1)
                for k in range(int(rng.integers(0, 5))):
                    cv2.line(g, (x + a // 2, y + row // 2 + 6 * k), (x + a // 2, y + row // 2 + 6 * k + 3), tone(), max(1, a // 5))
                x += a
            cv2.rectangle(g, (0, y + row), (sw, y + row + 10), (90.0, 60.0, 40.0), -1)
            y += row + 10
    elif kind == "table":
        for _ in range(int(rng.integers(2, 6))):
            c = (int(rng.uniform(0, sw)), int(rng.uniform(0, sh)))
            r = int(rng.uniform(0.08, 0.25) * sw)
            cv2.circle(g, c, r, tone(190, 245, 0.9), -1, cv2.LINE_AA)
            cv2.circle(g, c, int(r * 0.75), tone(170, 240, 0.9), 2, cv2.LINE_AA)
            for _ in range(30):
                p = (int(c[0] + rng.normal(0, r * 0.3)), int(c[1] + rng.normal(0, r * 0.3)))
                cv2.circle(g, p, int(rng.uniform(2, r * 0.2 + 3)), tone(grey=0.1), -1, cv2.LINE_AA)
    else:
        for _ in range(int(rng.integers(5, 18))):
            x, y = int(rng.uniform(0, sw)), int(rng.uniform(0, sh))
            a, b = int(rng.uniform(0.05, 0.4) * sw), int(rng.uniform(0.05, 0.4) * sh)
            cv2.rectangle(g, (x, y), (x + a, y + b), tone(), -1)
            if rng.random() < 0.3:
                for i in range(6):
                    cv2.line(g, (x, y + b * i // 6), (x + a, y + b * i // 6), (40.0, 40.0, 40.0), 1)
    art = Art(cv2.resize(np.clip(g, 0, 255).astype(np.uint8), (w, h), interpolation=cv2.INTER_LINEAR))
    if kind == "street":
        pen = Pen(art)
        for _ in range(int(rng.integers(1, 5))):
            words = pick(rng, ("АПТЕКА", "ДҮКЕН", "КАФЕ", "ДӘРІХАНА", "БАНК", "KZ 000 AAA 02", "АБАЙ КӨШЕСІ 12", "СТОП", "МАГАЗИН ПРОДУКТЫ"))
            face = pick(rng, SANS)[1]
            cap = rng.uniform(0.02, 0.07) * w
            x, y = rng.uniform(0, 0.7) * w, rng.uniform(0.1, 0.9) * h
            pen.box(x - cap, y - cap * 1.8, pen.width(words, face, cap) + 2 * cap, cap * 2.6, fill=tuple(int(v) for v in tone(grey=0.2)))
            pen.text(x, y, words, face, cap, (250, 250, 250))
        pen.done()
    return art, []
