"""From drawings on a table to a photo by telephone."""

import math

import cv2
import numpy as np
from PIL import Image, ImageDraw
from art import disc, noise
from scenes import table_top


def light_of(a):
    """Light of grey values 0..1."""
    return np.power(np.clip(a, 0, 1), 2.2)


def grey_of(a):
    """Grey values of light."""
    return np.power(np.clip(a, 0, 1), 1 / 2.2)


def rotation(a, b, c):
    """Turning about three axes."""
    ca, sa, cb, sb, cc, sc = math.cos(a), math.sin(a), math.cos(b), math.sin(b), math.cos(c), math.sin(c)
    return (
        np.array([[cc, -sc, 0], [sc, cc, 0], [0, 0, 1]]) @ np.array([[cb, 0, sb], [0, 1, 0], [-sb, 0, cb]]) @ np.array([[1, 0, 0], [0, ca, -sa], [0, sa, ca]])
    )


def smallest(arts):
    """Height in mm of the smallest letters that must be read."""
    return min([a.iin_cap or a.cap or 2.2 for a, *_ in arts])


def narrowest(arts):
    """Width in mm of the smallest document."""
    return min(a.wh or a.w for a, *_ in arts)


def lay_down(rng, place, world, glare_map, corner, world_per_mm, notes):
    """One drawing with its shadow onto the table, and what shines on it onto the map of glare."""
    art, x, y, deg = place
    min_x, min_y = corner
    world_h, world_w = glare_map.shape
    im = art.im.rotate(-deg, expand=True, resample=Image.BICUBIC) if deg else art.im
    mask = Image.new("L", art.im.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle([0, 0, art.W - 1, art.H - 1], art.radius * art.scale, fill=255)
    mask = mask.rotate(-deg, expand=True) if deg else mask
    n = (max(2, int(im.size[0] / art.scale * world_per_mm)), max(2, int(im.size[1] / art.scale * world_per_mm)))
    im = np.array(im.resize(n, Image.LANCZOS if n[0] < im.size[0] else Image.BICUBIC)).astype(np.float32)
    mask = np.array(mask.resize(n)).astype(np.float32) / 255
    X, Y = int((x - min_x) * world_per_mm), int((y - min_y) * world_per_mm)
    xa, ya, xb, yb = max(0, X), max(0, Y), min(world_w, X + n[0]), min(world_h, Y + n[1])
    if xb <= xa or yb <= ya:
        return
    full = np.zeros((world_h, world_w), np.float32)
    full[ya:yb, xa:xb] = mask[ya - Y : yb - Y, xa - X : xb - X]
    offset = max(1, int(world_per_mm * rng.between(0.3, 1.2)))
    shadow = cv2.GaussianBlur(np.roll(full, (offset, offset), (0, 1)), (0, 0), world_per_mm * rng.between(0.5, 1.5))
    world *= 1 - rng.between(0.25, 0.55) * shadow[..., None]
    m = full[ya:yb, xa:xb, None]
    world[ya:yb, xa:xb] = world[ya:yb, xa:xb] * (1 - m) + m * im[ya - Y : yb - Y, xa - X : xb - X]
    if art.gloss and rng.chance(0.32):  # glare
        for _ in range(20):
            gx, gy = x + rng.between(0, art.w), y + rng.between(0, art.h)
            s1, s2 = rng.between(2, 9), rng.between(2, 7)
            strength = rng.between(0.3, 1.2)
            hit = any(deg == 0 and x + kx - s1 < gx < x + kx + kw + s1 and y + ky - s2 < gy < y + ky + kh + s2 for kx, ky, kw, kh in art.keep)
            if not hit:
                break
            if rng.chance(0.25):
                strength = rng.between(0.1, 0.25)
                break
        else:
            strength = 0.15
        grid_x, grid_y = np.meshgrid(np.arange(world_w, dtype=np.float32), np.arange(world_h, dtype=np.float32))
        g = np.exp(-0.5 * (((grid_x / world_per_mm + min_x - gx) / s1) ** 2 + ((grid_y / world_per_mm + min_y - gy) / s2) ** 2))
        glare_map += full * g * strength
        notes.append("glare%.1f" % strength)


def lamp(rng, yy, xx, radius2, notes):
    """How bright each pixel is lit: from one side, less at the corners, sometimes under the shadow of hand and telephone."""
    sensor_h, sensor_w = xx.shape
    yl, xl = (yy / sensor_h)[..., None], (xx / sensor_w)[..., None]
    g = rng.between(0.05, 0.45)
    angle = rng.between(0, 6.28)
    light = 1 - g * (0.5 + 0.5 * (np.cos(angle) * (xl * 2 - 1) + np.sin(angle) * (yl * 2 - 1)))
    light *= 1 - rng.between(0.1, 0.35) * radius2[..., None]
    if rng.chance(0.35):  # the shadow of hand and telephone
        mask = np.zeros((sensor_h // 8 + 1, sensor_w // 8 + 1), np.float32)
        cv2.fillConvexPoly(
            mask,
            np.int32(
                cv2.boxPoints(
                    (
                        (rng.between(0, 1) * sensor_w / 8, rng.between(0, 1) * sensor_h / 8),
                        (sensor_w / 8 * rng.between(0.4, 0.9), sensor_h / 8 * rng.between(0.3, 0.8)),
                        rng.between(0, 90),
                    )
                )
            ),
            1,
        )
        mask = cv2.resize(cv2.GaussianBlur(mask, (0, 0), rng.between(4, 18)), (sensor_w, sensor_h))
        light = light * (1 - rng.between(0.2, 0.55) * mask[..., None])
        notes.append("shadow")
    return light


def shaken(rng, scene, cap, notes):
    """The hand moved along a bow, by a share of the height of the letters."""
    if rng.chance(0.3):
        length = rng.between(0.05, 0.22) * cap
        if length > 1:
            n = int(length) * 2 + 3
            kernel = np.zeros((n, n), np.float32)
            way = rng.between(0, 3.14)
            t = np.linspace(-length / 2, length / 2, 40)
            curve = rng.between(-0.2, 0.2)
            for u in t:
                kernel[int(round(n // 2 + u * math.sin(way) + curve * u * u / length)), int(round(n // 2 + u * math.cos(way)))] += 1
            scene = cv2.filter2D(scene, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT)
            notes.append("shake%.2f" % (length / cap))
    return scene


def developed(rng, scene):
    """What sensor and software make of the light: mosaic, noise, demosaic, denoising, tones, sharpening."""
    h, w = scene.shape[:2]
    iso = rng.choice([0.0006, 0.0015, 0.003, 0.006])
    raw = np.empty((h, w), np.float32)
    raw[0::2, 0::2] = scene[0::2, 0::2, 2]
    raw[0::2, 1::2] = scene[0::2, 1::2, 1]
    raw[1::2, 0::2] = scene[1::2, 0::2, 1]
    raw[1::2, 1::2] = scene[1::2, 1::2, 0]
    raw += noise(rng, h, w) * np.sqrt(iso * raw + iso * iso * 4)
    im = cv2.cvtColor((np.clip(raw, 0, 1) * 65535).astype(np.uint16), cv2.COLOR_BayerRG2RGB).astype(np.float32) / 65535
    im = np.clip(im, 0, 1)
    im = (grey_of(im) * 255).astype(np.uint8)
    if rng.chance(0.75):
        im = cv2.bilateralFilter(im, 5, rng.choice([12, 20, 32]) * (1 if iso < 0.004 else 1.3), 2.2)
    ycc = cv2.cvtColor(im, cv2.COLOR_RGB2YCrCb)
    ycc[..., 1:] = cv2.GaussianBlur(ycc[..., 1:], (0, 0), rng.between(1, 3))
    im = cv2.cvtColor(ycc, cv2.COLOR_YCrCb2RGB).astype(np.float32)
    if rng.chance(0.6):
        im = 255 * np.interp(im / 255, [0, 0.25, 0.5, 0.75, 1], [0, 0.2, 0.5, 0.8, 1])
    im = im + rng.between(0.3, 1.4) * (im - cv2.GaussianBlur(im, (0, 0), rng.between(1, 2)))
    return im


def phone(rng, arts, reg):
    """A photo of [(art, x, y, turned by)], in mm of the table; the documents' regions in pixels go into `reg`."""
    notes = []
    right = max(x + max(art.w, art.h if deg % 180 else 0) for art, x, y, deg in arts)
    bottom = max(y + (art.h if deg % 180 == 0 else art.w) for art, x, y, deg in arts)
    cx, cy = right / 2, bottom / 2
    long_side = rng.choice([1280, 1280, 1600, 1600, 1600, 1024, 2048, 960])
    aspect = rng.choice([4 / 3, 4 / 3, 16 / 9])
    upright = rng.chance(0.5) if right < 1.3 * bottom else rng.chance(0.3)
    out_w, out_h = (int(long_side / aspect), long_side) if upright else (long_side, int(long_side / aspect))
    oversampling = 1.25
    sensor_w, sensor_h = int(out_w * oversampling), int(out_h * oversampling)
    share = rng.between(0.5, 0.96)
    per_mm = share * min(sensor_w / right, sensor_h / bottom)  # sensor px a mm
    doc_w = narrowest(arts)
    low = 450 if doc_w < 100 else 560
    if per_mm * doc_w / oversampling < low:
        per_mm = low * oversampling / doc_w
    per_mm = min(per_mm, 1.0 * min(sensor_w / right, sensor_h / bottom)) if rng.chance(0.93) else min(per_mm, 1.1 * min(sensor_w / right, sensor_h / bottom))
    focal = 1.15 * max(sensor_w, sensor_h)
    angles = (math.radians(rng.gauss(0, 9)), math.radians(rng.gauss(0, 9)), math.radians(max(-15, min(15, rng.gauss(0, 6)))))
    notes.append("tilt%d/%d roll%d" % tuple(round(math.degrees(v)) for v in angles))
    turned = rotation(*angles)
    distance = focal / per_mm
    shift_x, shift_y = rng.gauss(0, 0.03) * right, rng.gauss(0, 0.03) * bottom
    homography = (
        np.array([[focal, 0, sensor_w / 2], [0, focal, sensor_h / 2], [0, 0, 1]])
        @ np.c_[turned[:, 0], turned[:, 1], turned @ np.array([-cx + shift_x, -cy + shift_y, 0]) + np.array([0, 0, distance])]
    )
    distortion = rng.between(-0.06, 0.05)
    centre = np.array([sensor_w / 2, sensor_h / 2])
    radius = math.hypot(sensor_w, sensor_h) / 2
    # world seen
    yy, xx = np.mgrid[0:sensor_h, 0:sensor_w].astype(np.float32)
    ux, uy = (xx - centre[0]) / radius, (yy - centre[1]) / radius
    radius2 = ux * ux + uy * uy
    stretch = 1 + distortion * radius2
    inverse = np.linalg.inv(homography)
    px, py = ux * stretch * radius + centre[0], uy * stretch * radius + centre[1]
    depth = inverse[2, 0] * px + inverse[2, 1] * py + inverse[2, 2]
    world_x = (inverse[0, 0] * px + inverse[0, 1] * py + inverse[0, 2]) / depth
    world_y = (inverse[1, 0] * px + inverse[1, 1] * py + inverse[1, 2]) / depth
    bend = 0
    if any(art.bend for art, *_ in arts) and rng.chance(0.6):
        bend = rng.between(-3.5, 3.5)
        length = right
        world_y = world_y + bend * np.sin(np.clip(world_x / length, -0.2, 1.2) * math.pi * rng.choice([1, 0.5]))
        notes.append("bent%.1f" % bend)
    min_x, max_x, min_y, max_y = float(world_x.min()), float(world_x.max()), float(world_y.min()), float(world_y.max())
    min_x, max_x, min_y, max_y = max(min_x, -4 * right), min(max_x, 5 * right), max(min_y, -4 * bottom), min(max_y, 5 * bottom)
    world_per_mm = min(per_mm * 1.05, 4200 / max(max_x - min_x, max_y - min_y))
    world_w, world_h = int((max_x - min_x) * world_per_mm) + 2, int((max_y - min_y) * world_per_mm) + 2
    t = table_top(rng, max(8, world_h // 2), max(8, world_w // 2))
    world = cv2.resize(t, (world_w, world_h), interpolation=cv2.INTER_LINEAR)
    glare_map = np.zeros((world_h, world_w), np.float32)
    for place in arts:
        lay_down(rng, place, world, glare_map, (min_x, min_y), world_per_mm, notes)
    world = np.dstack([world, glare_map * 255])
    sensor = cv2.remap(
        world,
        ((world_x - min_x) * world_per_mm).astype(np.float32),
        ((world_y - min_y) * world_per_mm).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT,
    )
    light_in = light_of(sensor[..., :3] / 255)
    glare = sensor[..., 3:] / 255
    light = lamp(rng, yy, xx, radius2, notes)
    if bend:
        light = light * (1 - 0.12 * np.sin(np.clip(world_x / right, 0, 1) * math.pi * 2)[..., None])
    colour = np.array(rng.choice([(1, 1, 1), (1.05, 1, 0.9), (1.12, 1, 0.75), (0.93, 1, 1.1), (1.03, 1, 0.95), (0.97, 1.03, 0.95)]), np.float32)
    light_in = light_in * light * colour * rng.between(0.55, 1.05) + glare
    cap = per_mm * smallest(arts)  # sensor px of the letters that matter
    blur = min(rng.between(0.2, 0.55) * oversampling + (abs(rng.gauss(0, 0.07)) * cap if rng.chance(0.5) else 0), 0.17 * cap)
    if blur > 0.5:
        light_in = cv2.filter2D(light_in, -1, disc(blur), borderType=cv2.BORDER_REFLECT)
    notes.append("cap%.0f defocus%.2f" % (cap / oversampling, blur / cap))
    light_in = shaken(rng, light_in, cap, notes)
    if rng.chance(0.12):  # a finger over a corner of the frame
        corner = rng.choice([(0, 0), (sensor_w, 0), (0, sensor_h), (sensor_w, sensor_h)])
        mask = np.zeros((sensor_h, sensor_w), np.float32)
        dx = (sensor_w / 2 - corner[0]) * rng.between(0.1, 0.3)
        dy = (sensor_h / 2 - corner[1]) * rng.between(0.1, 0.3)
        cv2.line(mask, (int(corner[0] - dx), int(corner[1] - dy)), (int(corner[0] + dx * 0.4), int(corner[1] + dy * 0.4)), 1, int(sensor_w * 0.1))
        mask = cv2.GaussianBlur(mask, (0, 0), 5)[..., None]
        light_in = light_in * (1 - mask) + mask * light_of(np.array((215, 165, 140), np.float32) / 255) * light
        notes.append("finger")
    im = developed(rng, np.clip(light_in, 0, 1))
    im = cv2.resize(np.clip(im, 0, 255).astype(np.uint8), (out_w, out_h), interpolation=cv2.INTER_AREA)
    for art, x, y, deg in arts:
        for (rx, ry, rw, rh), document, subject, mrz in art.docs:
            if deg % 360 == 0:
                corners = [(x + rx + u * rw, y + ry + v * rh) for u in (0, 0.5, 1) for v in (0, 0.5, 1)]
            else:
                corners = [(x + u * (art.h if deg % 180 else art.w), y + v * (art.w if deg % 180 else art.h)) for u in (0, 0.5, 1) for v in (0, 0.5, 1)]
            points = []
            for X, Y in corners:
                bent_y = Y - (bend * math.sin(X / right * math.pi) * 0.5 if bend else 0)
                v = homography @ np.array([X, bent_y, 1])
                v = v[:2] / v[2]
                uu = (v - centre) / radius
                points.append((uu * (1 - distortion * (uu @ uu)) * radius + centre) / oversampling)
            points = np.array(points)
            box = [max(0, points[:, 0].min()), max(0, points[:, 1].min()), min(out_w, points[:, 0].max()), min(out_h, points[:, 1].max())]
            reg.append(([int(box[0]), int(box[1]), int(box[2] - box[0]), int(box[3] - box[1])], document, subject, mrz))
    options = {
        "fmt": "jpg",
        "q": rng.choice([70, 72, 75, 75, 78, 80, 85]),
        "exif": rng.chance(0.15),
        "cap": cap / oversampling,
        "width": per_mm / oversampling * doc_w,
    }
    return Image.fromarray(im), options, notes
