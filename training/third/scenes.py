"""What lies under papers, and photos of other things."""

import cv2
import numpy as np
from PIL import Image
from art import fractal, hue, noise


def table_top(rng, h, w):
    """What lies under the papers: wood, cloth, laminate, stone, plain."""
    chance = rng.random()
    base = np.array(hue(rng, (0.05, 0.5), (0.25, 0.95)), np.float32)
    if chance < 0.35:
        grain = fractal(rng, h, max(8, w // 40), 6, 12, 0.8)
        grain = cv2.resize(grain, (w, h))
        waves = fractal(rng, h, w, 3, 2)
        rings = np.sin((grain * 2.2 + waves * 3) * 3)
        base = np.array(rng.choice([(150, 105, 65), (190, 150, 105), (95, 65, 45), (215, 190, 155)]), np.float32)
        ground = base + (rings * 13 + grain * 9)[..., None]
        if rng.chance(0.5):
            ground = np.ascontiguousarray(np.rot90(cv2.resize(ground, (h, w))))
    elif chance < 0.5:
        y, x = np.mgrid[0:h, 0:w]
        period = rng.between(3, 9)
        ground = base + ((np.sin(x * 2 * np.pi / period) * np.sin(y * 2 * np.pi / period)) * 12 + noise(rng, h, w) * 6 + fractal(rng, h, w, 4) * 8)[..., None]
    elif chance < 0.65:
        ground = base + (np.clip(noise(rng, h, w) - 1.6, 0, 1) * rng.choice([-70, 70]) + fractal(rng, h, w, 3) * 4)[..., None]
        ground = cv2.GaussianBlur(ground.astype(np.float32), (0, 0), 1.2)
    elif chance < 0.8:
        grain = fractal(rng, h, w, 7, 3, 0.65)
        ground = base + (-np.abs(grain)[..., None] * 40 + 20)
    else:
        ground = base + (fractal(rng, h, w, 3) * 5)[..., None] + np.zeros((h, w, 3))
    ground = ground.astype(np.float32)
    if rng.chance(0.35):  # another sheet of paper below, its edge in view
        x0 = int(rng.between(-0.3, 0.6) * w)
        y0 = int(rng.between(-0.3, 0.6) * h)
        colour = np.array(rng.choice([(235, 236, 238), (245, 240, 225), (120, 140, 170)]), np.float32)
        mask = np.zeros((h, w), np.float32)
        cv2.fillConvexPoly(
            mask,
            np.int32(cv2.boxPoints(((x0 + w * 0.45, y0 + h * 0.4), (w * rng.between(0.5, 0.9), h * rng.between(0.5, 0.9)), rng.between(-30, 30)))),
            1,
            cv2.LINE_AA,
        )
        shadow = cv2.GaussianBlur(np.roll(mask, (6, 6), (0, 1)), (0, 0), 6)
        ground = ground * (1 - 0.35 * shadow[..., None])
        ground = ground * (1 - mask[..., None]) + mask[..., None] * colour
    return np.clip(ground, 0, 255)


def photo(rng, w=None, h=None):
    """Landscape-like: sky, ridges of noise, trees; or a room of boxes; or leaves."""
    w, h = (w, h) if w else rng.choice([(1280, 960), (1600, 1200), (960, 1280), (1600, 900)])
    k = rng.random()
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    if k < 0.45:
        im = np.zeros((h, w, 3), np.float32)
        c1, c2 = np.array(hue(rng, (0.2, 0.6), (0.6, 1)), np.float32), np.array(hue(rng, (0.05, 0.3), (0.8, 1)), np.float32)
        im[:] = c1 * (1 - y / h)[..., None] + c2 * (y / h)[..., None]
        im += np.clip(fractal(rng, h, w, 5), 0, 2)[..., None] * 25
        for i in range(rng.randrange(2, 6)):
            lv = h * (0.4 + 0.13 * i) + cv2.resize(fractal(rng, 1 + 3, w, 6, 4)[:1], (w, 1))[0] * h * 0.05
            m = (y > lv[None, :])[..., None]
            im = np.where(m, np.array(hue(rng, (0.2, 0.7), (0.2, 0.6)), np.float32) + fractal(rng, h, w, 7, 9, 0.8)[..., None] * 14, im)
    elif k < 0.75:
        im = table_top(rng, h, w)
        for _ in range(rng.randrange(6, 30)):
            c = np.array(hue(rng, (0.1, 0.8), (0.2, 1)), np.float32)
            q = cv2.boxPoints(((rng.between(0, w), rng.between(0, h)), (rng.between(30, w * 0.4), rng.between(30, h * 0.4)), rng.between(0, 90)))
            cv2.fillPoly(im, [np.int32(q)], tuple(float(v) for v in c), cv2.LINE_AA)
    else:
        g = fractal(rng, h, w, 8, 20, 0.85)
        im = np.array(hue(rng, (0.4, 0.8), (0.4, 0.7)), np.float32) * (1 + 0.35 * np.sin(g * 5))[..., None]
    im = cv2.GaussianBlur(im.astype(np.float32), (0, 0), rng.between(0.6, 2)) + noise(rng, h, w)[..., None] * rng.between(1, 9)
    return "photo", Image.fromarray(np.clip(im, 0, 255).astype(np.uint8))
