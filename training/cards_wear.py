"""How the pictures of cards.py were copied: scanner, photocopier, 1-bit, fax, phone, screen.

Everything works on 8-bit pixels, since these pictures are large; `pages.py` has the float versions. Every step keeps
the true lines and documents of the `Art` in place.
"""

import cv2
import numpy as np

import degrade
from cards_draw import Art, rgb, through

_bank = None


def grain(rng, px, sigma, colour=False, soft=False):
    """Adds noise of deviation `sigma`; `soft` correlates neighbours."""
    global _bank
    if _bank is None:
        base = np.random.default_rng(11).normal(0, 1, (3000, 2048)).astype(np.float32)
        smooth = cv2.GaussianBlur(base, (0, 0), 0.75)
        _bank = [np.clip(128 + 40 * b / b.std(), 0, 255).astype(np.uint8).ravel() for b in (base, smooth)]
    bank = _bank[1 if soft else 0]
    h, w = px.shape[:2]
    deep = px.ndim == 3
    channels = 3 if deep and colour else 1
    step = max(1, (bank.size - 1) // (w * channels * 2))
    for y in range(0, h, step):
        part = px[y:y + step]
        n = part.shape[0] * w * channels
        at = int(rng.integers(bank.size - n))
        field = bank[at:at + n].reshape((part.shape[0], w) + ((3,) if channels == 3 else ()))
        if deep and channels == 1:
            field = cv2.merge([field] * 3)
        a = sigma / 40
        part[:] = cv2.addWeighted(part, 1.0, field, a, -128 * a)
    return px


def curve(px, f):
    """One tone curve, f over 0..1."""
    table = np.clip(255 * f(np.arange(256, dtype=np.float64) / 255), 0, 255).astype(np.uint8)
    return cv2.LUT(px, table)


def shading(rng, shape, depth, cells=3):
    """Slow light, as a byte map where 128 is 1.0."""
    small = 1 + degrade.smooth(rng, (24, 24), 24 / cells) * depth
    return np.clip(cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR) * 128, 0, 255).astype(np.uint8)


def times(px, field):
    """Pixels times a byte map where 128 is 1.0."""
    return cv2.multiply(px, rgb(field) if px.ndim == 3 else field, scale=1 / 128)


def place(base, art, m, radius=0.0, shadow=0.0):
    """Lays `art` on `base` by the homography `m` (art pixels to base pixels), with round corners and a shadow."""
    quad = through(m, art.quad())
    side = np.linalg.norm(quad[1] - quad[0]) / art.size[0]
    px, m0 = art.px, m
    if side < 0.85:
        shrink = side * 1.15 if side < 0.6 else 1.0
        if shrink < 1.0:
            px = cv2.resize(px, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
            m0 = m @ np.diag([art.size[0] / px.shape[1], art.size[1] / px.shape[0], 1.0])
        px = cv2.GaussianBlur(px, (0, 0), 0.35 if shrink < 1 else 0.42 / side)
    W, H = base.size
    grow = 4 + int(shadow)
    x0, y0 = np.floor(np.maximum(quad.min(0) - grow, 0)).astype(int)
    x1, y1 = np.ceil(np.minimum(quad.max(0) + grow, (W, H))).astype(int)
    if x1 > x0 and y1 > y0:
        local = np.array([[1, 0, -x0], [0, 1, -y0], [0, 0, 1.0]]) @ m0
        size = (int(x1 - x0), int(y1 - y0))
        mask = np.full(px.shape[:2], 255, np.uint8)
        if radius:
            r = int(radius * px.shape[1] / art.size[0])
            corner = np.zeros((r, r), np.uint8)
            cv2.circle(corner, (r, r), r, 255, -1)
            mask[:r, :r] = corner
            mask[:r, -r:] = corner[:, ::-1]
            mask[-r:, :r] = corner[::-1]
            mask[-r:, -r:] = corner[::-1, ::-1]
        warp = cv2.warpPerspective(px, local, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        cover = cv2.warpPerspective(mask, local, size, flags=cv2.INTER_LINEAR)
        part = base.px[y0:y1, x0:x1]
        if shadow:
            dark = cv2.GaussianBlur(cover, (0, 0), max(1.0, shadow / 2.5))
            dark = cv2.warpAffine(dark, np.array([[1, 0, shadow * 0.3], [0, 1, shadow * 0.35]]), size)
            part[:] = times(part, cv2.convertScaleAbs(dark, alpha=-0.25, beta=128))
        cv2.copyTo(warp, cv2.compare(cover, 127, cv2.CMP_GT), part)
    base.carry(art, m)
    return base


def flat(cx, cy, art, scale, angle):
    """The homography that centres `art` at (cx, cy), scaled and turned (degrees)."""
    c, s = np.cos(np.deg2rad(angle)) * scale, np.sin(np.deg2rad(angle)) * scale
    w, h = art.size
    return np.array([[c, -s, cx - c * w / 2 + s * h / 2], [s, c, cy - s * w / 2 - c * h / 2], [0, 0, 1.0]])


def scan(rng, art, dpi, level=0.5):
    """Scanner optics, lamp, white clipping, grain."""
    px = cv2.GaussianBlur(art.px, (0, 0), rng.uniform(0.25, 0.35 + 0.35 * level) * max(1.0, dpi / 200))
    if rng.random() < 0.4:
        px = np.ascontiguousarray(px)
        px[:, 1:, 0] = px[:, :-1, 0]  # the three rows of sensors stand a little apart
    if rng.random() < 0.5:
        px = times(px, shading(rng, px.shape, rng.uniform(0.01, 0.05), 2))
    white, gamma = rng.uniform(0.9, 1.05), rng.uniform(0.8, 1.2)
    px = curve(px, lambda v: np.power(np.clip(v / white, 0, 1), gamma) * rng.uniform(0.97, 1.0))
    px = grain(rng, px, rng.uniform(0.6, 1.5 + 4.5 * level), rng.random() < 0.6, rng.random() < 0.5)
    return art.moved(px, np.eye(3))


def grey(art):
    return art if art.px.ndim == 2 else art.moved(cv2.cvtColor(art.px, cv2.COLOR_RGB2GRAY), np.eye(3))


def ground(art):
    """How bright (0..1) the paper behind the darker of the printed lines is: whoever copies turns the exposure until it vanishes."""
    g = grey(art).px
    lines = art.lines[::max(1, len(art.lines) // 40)]
    tones = []
    for _, quad, _ in lines:
        (x0, y0), (x1, y1) = np.maximum(quad.min(0), 0).astype(int), quad.max(0).astype(int)
        part = g[y0:y1, x0:x1:2]
        if part.size > 8:
            tones.append(np.percentile(part, 80))
    return max(0.3, float(np.percentile(tones, 5)) / 255) if tones else 0.95


def copier(rng, art, dpi, level=0.5):
    """A photocopier's page, then a scanner: steep toner, dropouts, specks, streaks, the dark of the lid."""
    g = grey(art).px
    limit = ground(art) * 0.84 if rng.random() < 0.93 else 1.0
    for _ in range(1 if rng.random() < 0.75 else 2):
        g = cv2.GaussianBlur(g, (0, 0), rng.uniform(0.3, 0.55 + 0.3 * level) * max(1.0, dpi / 200))
        gain, mid = rng.uniform(4.5, 6 + 8 * level), min(limit, rng.uniform(0.38, 0.62))
        g = curve(g, lambda v: 1 / (1 + np.exp(-gain * 1.6 * (v - mid))))
        h, w = g.shape
        if rng.random() < 0.7:
            n = int(rng.uniform(10, 60 + 700 * level * level))
            ys, xs = rng.integers(0, h - 3, n), rng.integers(0, w - 3, n)
            size = np.where(rng.random(n) < 0.1, 3, np.where(rng.random(n) < 0.4, 2, 1))
            for y, x, a in zip(ys, xs, size):
                g[y:y + a, x:x + a] = rng.integers(0, 120)
        if rng.random() < 0.5:
            hole = grain(rng, np.full((h // 2, w // 2), 128, np.uint8), 40, soft=True)
            hole = cv2.resize(cv2.compare(hole, int(128 + 40 * rng.uniform(2.4, 3.2)), cv2.CMP_GT), (w, h), interpolation=cv2.INTER_LINEAR)
            g = cv2.add(g, cv2.convertScaleAbs(hole, alpha=rng.uniform(0.2, 0.6)))
        for _ in range(int(rng.integers(0, 3))):
            x = int(rng.integers(0, w - 4))
            g[:, x:x + int(rng.integers(1, 3))] = cv2.convertScaleAbs(g[:, x:x + 2], alpha=rng.uniform(0.4, 0.9))[:, :1]
        if rng.random() < 0.3:
            e = int(rng.uniform(0.01, 0.04) * w)
            side = rng.random() < 0.5
            dark = np.linspace(1, rng.uniform(0, 0.5), e)
            part = g[:, -e:] if side else g[:, :e]
            part[:] = (part * (dark if side else dark[::-1])[None, :]).astype(np.uint8)
    top, low = rng.uniform(225, 255), rng.uniform(0, 50)
    g = curve(g, lambda v: (low + v * (top - low)) / 255)
    g = cv2.GaussianBlur(g, (0, 0), rng.uniform(0.3, 0.6) * max(1.0, dpi / 200))
    g = grain(rng, g, rng.uniform(0.8, 4), soft=rng.random() < 0.5)
    return art.moved(g, np.eye(3))


def one_bit(rng, art, level=0.5):
    """Fixed or local threshold; seldom a dither."""
    g = grey(art).px
    r = rng.random()
    if r < 0.1:
        px = degrade.dither(rng, g.astype(np.float32)).astype(np.uint8)
    elif r < 0.55:
        cut = rng.uniform(118 - 22 * level, 150 + 15 * level)
        if rng.random() < 0.93:
            cut = min(cut, 255 * 0.84 * ground(art))
        px = np.where(g > int(cut), 255, 0).astype(np.uint8)
    else:
        k = int(rng.choice([31, 51, 91]))
        local = cv2.convertScaleAbs(cv2.blur(g, (k, k)), alpha=rng.uniform(0.8, 0.92))
        px = cv2.compare(g, local, cv2.CMP_GT)
    return art.moved(px, np.eye(3))


def fax(rng, art, level=0.5):
    """1728 columns, 204 x 98 or 204 x 196; gives the art and its dpi."""
    g = grey(art)
    w, h = g.size
    fine = rng.random() < 0.6
    tall = int(h * 1728 / w * (196 / 204 if fine else 98 / 204))
    px = cv2.resize(g.px, (1728, tall), interpolation=cv2.INTER_AREA)
    small = g.moved(px, np.diag([1728 / w, tall / h, 1.0]))
    out = one_bit(rng, small, level * 0.7)
    if rng.random() < 0.3:
        y = int(rng.integers(tall // 10, tall - 4))
        out.px[y:y + int(rng.integers(1, 3))] = 255 if rng.random() < 0.7 else 0
    return out, (204, 196 if fine else 98)


def surface(rng, w, h):
    """What lies under a document on a phone photo: RGB uint8."""
    f = 4 if max(w, h) > 2600 else 2
    sw, sh = w // f + 1, h // f + 1
    kind = str(rng.choice(["desk", "wood", "cloth", "keyboard", "stone", "paper"], p=[0.25, 0.25, 0.15, 0.12, 0.13, 0.1]))
    base = rng.uniform(25, 225) * np.array([1.0, rng.uniform(0.8, 1.02), rng.uniform(0.65, 1.05)])
    g = np.empty((sh, sw, 3), np.float32)
    g[:] = base
    if kind == "wood":
        base = np.array([rng.uniform(90, 215), 0, 0])
        base[1:] = base[0] * rng.uniform(0.62, 0.82), base[0] * rng.uniform(0.35, 0.6)
        yy, xx = np.mgrid[0:sh, 0:sw].astype(np.float32)
        bend = degrade.smooth(rng, (sh, sw), sw / 2) * 40
        rings = np.sin((yy + bend) * rng.uniform(0.02, 0.15) + xx * rng.uniform(-0.01, 0.01)) * rng.uniform(3, 16)
        fibre = cv2.resize(degrade.noise(rng, (sh, max(2, sw // 40))), (sw, sh), interpolation=cv2.INTER_LINEAR) * rng.uniform(3, 9)
        g[:] = base
        g += (rings + fibre)[:, :, None]
        if rng.random() < 0.5:
            for y in np.arange(rng.uniform(0, 150), sh, rng.uniform(120, 320)):
                g[int(y):int(y) + 2] *= 0.5
        if rng.random() < 0.5:
            g = np.ascontiguousarray(cv2.resize(np.ascontiguousarray(g.transpose(1, 0, 2)), (sw, sh)))
    elif kind == "cloth":
        t = np.sin(np.arange(sw) * rng.uniform(0.8, 1.9))[None, :] * np.sin(np.arange(sh) * rng.uniform(0.8, 1.9))[:, None]
        g += (t * rng.uniform(4, 18) + degrade.smooth(rng, (sh, sw), sw / 5) * rng.uniform(8, 30) + degrade.noise(rng, (sh, sw)) * 5)[:, :, None]
        if rng.random() < 0.3:
            g[:, (np.arange(sw) // int(rng.uniform(20, 80))) % 2 == 0] *= rng.uniform(0.7, 0.95)
    elif kind == "keyboard":
        g[:] = rng.uniform(15, 60)
        unit = rng.uniform(sw / 16, sw / 9)
        key = rng.uniform(20, 230)
        for j, y in enumerate(np.arange(-unit * rng.random(), sh, unit)):
            for x in np.arange(-unit * rng.random() - (j % 3) * unit * 0.3, sw, unit):
                a, b, c, d = int(x + unit * 0.06), int(y + unit * 0.06), int(x + unit * 0.92), int(y + unit * 0.92)
                cv2.rectangle(g, (a, b), (c, d), (key,) * 3, -1)
                cv2.putText(g, chr(int(rng.integers(65, 91))), (int(a + unit * 0.15), int(b + unit * 0.4)), cv2.FONT_HERSHEY_SIMPLEX, unit / 75, (255 - key,) * 3, 1, cv2.LINE_AA)
    elif kind == "stone":
        for c in (sw / 3, sw / 12, sw / 40):
            g += (degrade.smooth(rng, (sh, sw), c) * rng.uniform(4, 22))[:, :, None]
        g += (degrade.noise(rng, (sh, sw)) * rng.uniform(1, 14))[:, :, None]
    elif kind == "paper":
        g[:] = rng.uniform(200, 245)
        size = max(1, sw // 260)
        for y in range(int(rng.uniform(5, 30)), sh, 9 * size):
            x = sw * 0.05
            while x < sw * 0.95:
                n = rng.uniform(8, 50) * size
                if rng.random() < 0.9:
                    part = g[y:y + 4 * size, int(x):int(x + n)]
                    part *= rng.uniform(0.3, 1, part.shape[:2] + (1,))
                x += n + 5 * size
    else:
        g += (degrade.smooth(rng, (sh, sw), sw / 3) * rng.uniform(3, 25) + degrade.noise(rng, (sh, sw)) * rng.uniform(0, 4))[:, :, None]
    return cv2.resize(np.clip(g, 0, 255).astype(np.uint8), (w, h), interpolation=cv2.INTER_LINEAR)


SIZES = [((1280, 960), 0.27), ((1600, 1200), 0.25), ((1280, 720), 0.06), ((1920, 1080), 0.07), ((2048, 1536), 0.17), ((2592, 1944), 0.10), ((4000, 3000), 0.05), ((4032, 3024), 0.03)]


def photo_size(rng, tall=False):
    (w, h) = SIZES[int(rng.choice(len(SIZES), p=[p for _, p in SIZES]))][0]
    return (h, w) if rng.random() < (0.65 if tall else 0.3) else (w, h)


def hold(rng, w, h, plane_w, plane_h, share, tilt=30.0, skew=20.0):
    """A hand-held camera over a plane of millimetres: the homography from the plane (origin in its middle) to pixels."""
    f = max(w, h) * rng.uniform(0.85, 1.3)
    theta, phi = np.deg2rad(min(tilt, abs(rng.normal(0, tilt * 0.45)))), rng.uniform(0, 2 * np.pi)
    roll = np.deg2rad(np.clip(rng.normal(0, skew * 0.4), -skew, skew))
    axis = np.array([np.cos(phi), np.sin(phi), 0])
    k = np.array([[0, 0, axis[1]], [0, 0, -axis[0]], [-axis[1], axis[0], 0]])
    turn = np.eye(3) + np.sin(theta) * k + (1 - np.cos(theta)) * k @ k
    turn = turn @ np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * np.array([plane_w, plane_h]) / 2
    d = f * max(plane_w / w, plane_h / h) / share
    for _ in range(6):
        m = np.array([[f, 0, 0], [0, f, 0], [0, 0, 1.0]]) @ np.c_[turn[:, :2], [0, 0, d]]
        q = through(m, corners)
        size = q.max(0) - q.min(0)
        d *= max(size[0] / w, size[1] / h) / share
    m = np.array([[f, 0, 0], [0, f, 0], [0, 0, 1.0]]) @ np.c_[turn[:, :2], [0, 0, d]]
    q = through(m, corners)
    low, high = q.min(0), q.max(0)
    room = np.maximum(np.array([w, h]) - (high - low), 0)
    at = room * rng.uniform(0.12, 0.88, 2) - low
    return np.array([[1, 0, at[0]], [0, 1, at[1]], [0, 0, 1.0]]) @ m


def camera(rng, art, focus):
    """Light, glare, lens, sensor and the phone's own sharpening. `focus` is the width of the document in pixels."""
    px = art.px
    h, w = px.shape[:2]
    field = 1 + degrade.smooth(rng, (30, 40), 30) * rng.uniform(0, 0.3)
    field = field * np.linspace(rng.uniform(0.75, 1.1), rng.uniform(0.75, 1.1), 40)[None, :]
    if rng.random() < 0.25:
        t = rng.uniform(0, 2 * np.pi)
        yy, xx = np.mgrid[0:30, 0:40]
        d = (xx - rng.uniform(8, 32)) * np.cos(t) + (yy - rng.uniform(6, 24)) * np.sin(t)
        field = field * (1 - rng.uniform(0.15, 0.5) / (1 + np.exp(-d / rng.uniform(0.2, 3))))
    if rng.random() < 0.5:
        yy, xx = np.mgrid[-1:1:30j, -1:1:40j]
        field = field * (1 - rng.uniform(0.05, 0.3) * (xx * xx + yy * yy) / 2)
    field = field / field.mean() * rng.uniform(0.68, 1.08)
    px = times(px, np.clip(cv2.resize(field.astype(np.float32), (w, h), interpolation=cv2.INTER_CUBIC) * 128, 0, 255).astype(np.uint8))
    if rng.random() < 0.24:
        yy, xx = np.mgrid[0:h // 8, 0:w // 8].astype(np.float32)
        t, a, b = rng.uniform(0, 3.14), rng.uniform(0.02, 0.12) * w / 8, rng.uniform(0.01, 0.07) * w / 8
        dx, dy = xx - rng.uniform(0.15, 0.85) * w / 8, yy - rng.uniform(0.15, 0.85) * h / 8
        e = np.square((dx * np.cos(t) + dy * np.sin(t)) / a) + np.square((dy * np.cos(t) - dx * np.sin(t)) / b)
        spot = np.clip(np.exp(-e) * rng.uniform(60, 260), 0, 255).astype(np.uint8)
        px = cv2.add(px, rgb(cv2.resize(spot, (w, h), interpolation=cv2.INTER_LINEAR)))
    warm = rng.normal(0, 0.06)
    table = [np.clip(np.arange(256) * g, 0, 255).astype(np.uint8) for g in (1 + warm, 1.0, 1 - warm)]
    px = cv2.LUT(px, np.stack(table, 1)[None])
    blur = focus / 1000 * (rng.uniform(0.2, 0.75) if rng.random() < 0.75 else rng.uniform(0.75, 1.35))
    blur = max(blur, 0.45)
    if rng.random() < 0.12:
        n = int(np.ceil(blur * 2)) * 2 + 1
        kernel = np.zeros((n, n), np.float32)
        t, c = rng.uniform(0, 3.1416), n // 2
        cv2.line(kernel, (int(round(c - np.cos(t) * blur * 1.6)), int(round(c - np.sin(t) * blur * 1.6))), (int(round(c + np.cos(t) * blur * 1.6)), int(round(c + np.sin(t) * blur * 1.6))), 1.0, 1)
        px = cv2.filter2D(px, -1, kernel / kernel.sum())
    else:
        px = cv2.GaussianBlur(px, (0, 0), blur)
    px = grain(rng, px, rng.uniform(0.8, 6.5), rng.random() < 0.6, rng.random() < 0.6)
    if rng.random() < 0.45:
        px = cv2.addWeighted(px, 1.7, cv2.GaussianBlur(px, (0, 0), max(0.8, blur)), -0.7, 0)
    return art.moved(px, np.eye(3))


def finger(rng, base, q, focus):
    """A thumb that holds the left or right edge."""
    a, b = (q[0], q[3]) if rng.random() < 0.6 else (q[1], q[2])
    middle = (q[0] + q[2]) / 2
    tip = a + (b - a) * rng.uniform(0.35, 0.6)
    out = (tip - middle) / max(1.0, np.linalg.norm(tip - middle))
    skin = np.array([rng.uniform(140, 225)] * 3) * np.array([1, rng.uniform(0.7, 0.82), rng.uniform(0.55, 0.7)])
    angle = float(np.rad2deg(np.arctan2(out[1], out[0])) + rng.normal(0, 12))
    centre = tip + out * focus * 0.10
    for k in range(6):
        tone = tuple(float(v) for v in skin * (0.78 + 0.05 * k))
        cv2.ellipse(base.px, tuple(int(v) for v in centre), (int(focus * (0.16 - 0.006 * k)), int(focus * (0.055 - 0.006 * k))), angle, 0, 360, tone, -1, cv2.LINE_AA)
    nail = tip + out * focus * 0.0
    cv2.ellipse(base.px, tuple(int(v) for v in nail), (int(focus * 0.03), int(focus * 0.024)), angle, 0, 360, tuple(float(v) for v in np.minimum(skin * 1.12, 255)), -1, cv2.LINE_AA)


def photo(rng, laid, plane_w, plane_h, size, share, tilt=30.0, skew=20.0):
    """A phone picture of things on a plane: `laid` holds (art, centre mm, pixels a mm, degrees, corner mm)."""
    w, h = size
    base = Art(surface(rng, w, h))
    m = hold(rng, w, h, plane_w, plane_h, share, tilt, skew)
    focus = w * share
    for art, (cx, cy), s, angle, corner in laid:
        own = m @ flat(cx, cy, art, 1 / s, angle)
        q = through(own, art.quad())
        focus = np.linalg.norm(q[1] - q[0])
        place(base, art, own, corner * s, shadow=focus * rng.uniform(0.004, 0.03))
    if len(laid) == 1 and rng.random() < 0.12:
        finger(rng, base, q, focus)
    return camera(rng, base, focus)


TURNS = ("upright", "rot90", "rot180", "rot270", "mirror", "mirror90", "mirror180", "mirror270")


def turned(art, turn):
    """One of the eight orientations; `mirror` swaps left and right before the turn."""
    px, m = art.px, np.eye(3)
    if turn.startswith("mirror"):
        px, m = px[:, ::-1], np.array([[-1, 0, px.shape[1]], [0, 1, 0], [0, 0, 1.0]])
    for _ in range({"90": 1, "180": 2, "270": 3}.get(turn.replace("mirror", "").replace("rot", ""), 0)):
        m = np.array([[0, -1, px.shape[0]], [1, 0, 0], [0, 0, 1.0]]) @ m
        px = np.rot90(px, -1)
    return art.moved(np.ascontiguousarray(px), m)
