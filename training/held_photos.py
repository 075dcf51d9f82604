"""Photographs of nothing: textures, landscapes, rooms, groups of face-like blobs, by formula."""

import cv2
import held_art as art
import held_wear as wear
import numpy as np
from mrzgen import pick


def texture(rng, w, h):
    table = wear.desk(rng, 900)
    return cv2.resize(table[:900 * min(1, h / max(w, h)).__ceil__()], (w, h), interpolation=cv2.INTER_CUBIC)


def landscape(rng, w, h):
    img = np.zeros((h, w, 3), np.float32)
    t = np.linspace(0, 1, h, dtype=np.float32)[:, None, None]
    sky = np.array([rng.uniform(90, 220), rng.uniform(140, 220), rng.uniform(190, 250)], np.float32)
    img += sky * (0.75 + 0.35 * t)
    cloud = wear.fbm(rng, h, w, w / 5, 5)
    img += np.clip(cloud, 0, 3)[..., None] * 35
    for layer in range(int(rng.integers(2, 5))):
        base = h * (0.4 + 0.14 * layer)
        ridge = base + wear.fbm(rng, 2, w, w / (3 + 3 * layer), 6)[0] * h * 0.07
        mask = np.arange(h)[:, None] > ridge[None]
        shade = np.array([60, 95, 70], np.float32) * rng.uniform(0.5, 1.4, 3).astype(np.float32)
        img[mask] = shade + 14 * wear.fbm(rng, h, w, 8, 3)[mask][:, None]
    if rng.random() < 0.4:
        for _ in range(int(rng.integers(3, 12))):
            bx, bw, bh = int(rng.integers(w)), int(rng.integers(20, w // 6)), int(rng.integers(h // 8, h // 2))
            cv2.rectangle(img, (bx, h - bh), (bx + bw, h), tuple(rng.uniform(60, 200, 3)), -1)
            for wy in range(h - bh + 8, h - 8, 22):
                for wx in range(bx + 6, bx + bw - 8, 18):
                    cv2.rectangle(img, (wx, wy), (wx + 8, wy + 11), tuple(rng.uniform(30, 240, 3)), -1)
    return np.clip(img, 0, 255)


def people_html(rng, w, h):
    """Head-like blobs in a room, as on a group photograph."""
    n = int(rng.integers(1, 9))
    size = 0.9 * w / max(n, 3)
    heads = "".join("<div style='position:absolute;left:%.0fpx;bottom:%.0fpx'>%s</div>" % ((k + 0.5) * w / n - size / 2 + rng.normal(0, 8), rng.uniform(-0.1, 0.12) * h - 5, art.portrait(int(rng.integers(1 << 30)), size / 3.78, size * 1.3 / 3.78, paper="transparent")) for k in range(n))
    wall = art.hsl(int(rng.integers(360)), int(rng.integers(5, 40)), int(rng.integers(40, 90)))
    return "<div style='position:relative;overflow:hidden;width:%dpx;height:%dpx;background:linear-gradient(%ddeg,%s,%s)'>%s<div style='position:absolute;right:6%%;top:8%%;width:22%%;height:26%%;background:%s;border:6px solid #764'></div>%s</div>" % (w, h, rng.integers(360), wall, art.hsl(int(rng.integers(360)), 20, 60), art.ground(rng, 100, 70, int(rng.integers(360)), 0.5) if rng.random() < 0.2 else "", art.hsl(int(rng.integers(360)), 40, 60), heads)


def objects(rng, w, h):
    """Boxes, balls and sticks in a heap on a table."""
    img = cv2.resize(wear.clutter(rng, wear.desk(rng, 1000)), (w, h), interpolation=cv2.INTER_LINEAR)
    for _ in range(int(rng.integers(5, 30))):
        c, r = (int(rng.integers(w)), int(rng.integers(h))), rng.uniform(0.02, 0.14) * w
        colour = tuple(rng.uniform(10, 245, 3))
        k = pick(rng, "brl")
        if k == "b":
            cv2.circle(img, c, int(r), colour, -1, cv2.LINE_AA)
            cv2.circle(img, (int(c[0] - r / 3), int(c[1] - r / 3)), int(r / 4), tuple(min(255, v + 60) for v in colour), -1, cv2.LINE_AA)
        elif k == "r":
            cv2.fillPoly(img, [cv2.boxPoints(((c), (r * 2, r * rng.uniform(0.5, 2)), rng.uniform(0, 90))).astype(np.int32)], colour, cv2.LINE_AA)
        else:
            cv2.line(img, c, (int(rng.integers(w)), int(rng.integers(h))), colour, int(rng.integers(2, 14)), cv2.LINE_AA)
    return img


def photo(rng, browser):
    """(RGB float picture, class)"""
    w, h = wear.SIZES[int(rng.choice(len(wear.SIZES), p=wear.SIZE_ODDS))]
    if rng.random() < 0.4:
        w, h = h, w
    kind = pick(rng, ["texture", "landscape", "landscape", "faces", "faces", "objects", "desk"])
    if kind == "faces":
        k = 2 if w * h > 2e6 else 1
        img = browser.pixels(people_html(rng, w // k, h // k), w // k, h // k)[..., :3].astype(np.float32)
        img = cv2.resize(img, (w, h), interpolation=cv2.INTER_CUBIC) if k > 1 else img
    elif kind == "desk":
        return wear.phone(rng, [], (w, h)), kind
    else:
        img = {"texture": texture, "landscape": landscape, "objects": objects}[kind](rng, w, h)
    shot = wear.Shot(np.ascontiguousarray(img), [], 8.0, "phone_photo", "phone")
    wear.light(rng, shot)
    wear.sensor(rng, shot)
    shot.exif = rng.random() < 0.3
    return shot, kind
