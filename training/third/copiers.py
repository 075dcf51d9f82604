"""From drawings on glass to a scan, a photocopy, a fax. Each gives (picture, how to store it, notes) and puts the documents' regions in pixels into `reg`."""

import cv2
import numpy as np
from PIL import Image, ImageDraw
from art import fractal, noise
from camera import narrowest, smallest
from fonts import font


def sheet(rng, arts, dpi, reg, crop=None):
    """The glass of a scanner with arts on it: [(art, x, y, deg)] in mm of an A4 (or of `crop` w, h)."""
    per_mm = dpi / 25.4
    glass_w, glass_h = crop or (210, 297)
    W, H = int(glass_w * per_mm), int(glass_h * per_mm)
    white = rng.between(238, 255)
    page = np.full((H, W, 3), white, np.float32)
    page += np.array([rng.between(-2, 2), 0, rng.between(-4, 2)], np.float32)
    if rng.chance(0.5):
        page += (fractal(rng, H // 4 + 1, W // 4 + 1, 3, 40, 1)[..., None].repeat(4, 0).repeat(4, 1)[:H, :W]) * 0.8
    for art, x, y, deg in arts:
        skew = deg + rng.gauss(0, 1.2)
        factor = per_mm / art.scale
        im = art.im.resize((max(2, int(art.W * factor)), max(2, int(art.H * factor))), Image.LANCZOS)
        mask = Image.new("L", im.size, 0)
        ImageDraw.Draw(mask).rounded_rectangle([0, 0, im.size[0] - 1, im.size[1] - 1], art.radius * per_mm, fill=255)
        im = im.rotate(-skew, expand=True, resample=Image.BICUBIC)
        mask = mask.rotate(-skew, expand=True, resample=Image.BICUBIC)
        im, mask = np.array(im).astype(np.float32), np.array(mask).astype(np.float32) / 255
        X, Y = int(x * per_mm), int(y * per_mm)
        xa, ya, xb, yb = max(0, X), max(0, Y), min(W, X + im.shape[1]), min(H, Y + im.shape[0])
        if xb <= xa or yb <= ya:
            continue
        if art.w < 200:  # the lamp throws a shadow along two edges
            full = np.zeros((H, W), np.float32)
            full[ya:yb, xa:xb] = mask[ya - Y : yb - Y, xa - X : xb - X]
            offset = max(1, int(per_mm * 0.5))
            shadow = cv2.GaussianBlur(np.roll(full, (offset, rng.choice([0, offset])), (0, 1)), (0, 0), per_mm * 0.4)
            page *= 1 - rng.between(0.1, 0.35) * np.clip(shadow - full, 0, 1)[..., None]
        m = mask[ya - Y : yb - Y, xa - X : xb - X, None]
        page[ya:yb, xa:xb] = page[ya:yb, xa:xb] * (1 - m) + m * im[ya - Y : yb - Y, xa - X : xb - X]
        for (rx, ry, rw, rh), document, subject, mrz in art.docs:
            if abs(skew % 360) < 45 or abs(skew % 360) > 315:
                box = [x * per_mm + rx * per_mm, y * per_mm + ry * per_mm, rw * per_mm, rh * per_mm]
            else:
                box = [xa, ya, xb - xa, yb - ya]
            if (rw, rh) == (art.w, art.h):
                box = [xa, ya, xb - xa, yb - ya]
            box = [max(0, box[0]), max(0, box[1]), box[2], box[3]]
            reg.append(([int(v) for v in (box[0], box[1], min(box[2], W - box[0]), min(box[3], H - box[1]))], document, subject, mrz))
    return page


def scan(rng, arts, reg, crop=None):
    """One pass of a scanner."""
    dpi = rng.choice([150, 150, 200, 200, 200, 300])
    notes = ["%ddpi" % dpi]
    page = sheet(rng, arts, dpi, reg, crop=crop)
    H, W = page.shape[:2]
    page = cv2.GaussianBlur(page, (0, 0), rng.between(0.35, 0.65))
    if rng.chance(0.18):  # lid open: the room is dark
        margins = [int(v) for v in (rng.between(0, 0.06) * W, rng.between(0, 0.06) * H, rng.between(0, 0.12) * W, rng.between(0, 0.1) * H)]
        lid = np.ones((H, W), np.float32)
        lid[: margins[1]] = 0
        lid[:, : margins[0]] = 0
        lid[H - margins[3] :] = 0
        lid[:, W - margins[2] :] = 0
        touches = any(box[0] < margins[0] or box[1] < margins[1] or box[0] + box[2] > W - margins[2] or box[1] + box[3] > H - margins[3] for box, *_ in reg)
        if not touches:
            lid = cv2.GaussianBlur(lid, (0, 0), 3)[..., None]
            page = page * (0.12 + 0.88 * lid)
            notes.append("lid")
    if rng.chance(0.5):
        page = 255 * np.interp(page / 255, [0, 0.1, 0.9, 1], [0, rng.between(0.03, 0.1), rng.between(0.86, 0.95), 1])
    elif rng.chance(0.5):
        page = np.clip((page - rng.between(10, 30)) * 255 / (255 - rng.between(20, 50)), 0, 255)
    page = page + noise(rng, H, W)[..., None] * rng.between(0.8, 2.5)
    for _ in range(rng.randrange(0, 25)):
        cv2.circle(page, (rng.randrange(W), rng.randrange(H)), rng.randrange(1, 3), (rng.between(60, 180),) * 3, -1, cv2.LINE_AA)
    if rng.chance(0.1):
        page[:, rng.randrange(W)] *= 0.8
        notes.append("dust line")
    if rng.chance(0.5):
        page = page + rng.between(0.2, 0.8) * (page - cv2.GaussianBlur(page, (0, 0), 1.2))
    im = Image.fromarray(np.clip(page, 0, 255).astype(np.uint8))
    grey = rng.chance(0.3)
    if grey:
        im = im.convert("L")
        notes.append("grey")
    per_mm = dpi / 25.4
    dw = narrowest(arts)
    options = {
        "fmt": rng.choice(["jpg"] * 7 + ["png", "tif", "pdf"]),
        "q": rng.choice([60, 75, 75, 80, 85, 90]),
        "dpi": dpi if rng.chance(0.7) else None,
        "width": dw * per_mm,
        "cap": per_mm * smallest(arts),
    }
    return im, options, notes


def toner(rng, page, dpi):
    """One pass over a copier: contrast, spread of toner, specks, streaks, shadows of the lid."""
    H, W = page.shape
    page = cv2.GaussianBlur(page, (0, 0), rng.between(0.4, 0.8) * dpi / 200)
    black, white = rng.between(30, 80), rng.between(180, 225)
    page = np.clip((page - black) / (white - black), 0, 1)
    page = page ** rng.between(0.8, 1.4) * 255
    patches = fractal(rng, H // 2 + 1, W // 2 + 1, 2, 300, 1)
    patches = cv2.resize(patches, (W, H))
    dark = np.clip(1 - page / 255, 0, 1)
    page = page + patches * 14 * dark + noise(rng, H, W) * 5 * (dark + 0.1)
    if rng.chance(0.5):
        y = np.arange(H)[:, None]
        x = np.arange(W)[None, :]
        period = rng.between(3, 4.5) * dpi / 200
        page = page + rng.between(8, 22) * np.sin(2 * np.pi * (x + y) / period) * np.sin(2 * np.pi * (x - y) / period) * (4 * dark * (1 - dark))  # halftone
    specks = rng.randrange(10, 260)
    ys, xs = rng.np.randint(0, H, specks), rng.np.randint(0, W, specks)
    for y, x in zip(ys, xs):
        cv2.circle(page, (int(x), int(y)), int(rng.choice([0, 0, 1, 1])), rng.between(0, 110), -1)
    for _ in range(rng.choice([0, 0, 1, 2])):
        x = rng.randrange(W)
        w = rng.randrange(1, 3)
        page[:, x : x + w] = page[:, x : x + w] * 0.6 + rng.between(20, 120) * 0.4
    if rng.chance(0.3):
        x = rng.randrange(W)
        w = int(W * rng.between(0.02, 0.06))
        page[:, x : x + w] = 255 - (255 - page[:, x : x + w]) * rng.between(0.55, 0.8)
    if rng.chance(0.35):
        edge = rng.choice([0, 1, 2, 3])
        shade = np.exp(-np.arange(H if edge < 2 else W) / (rng.between(6, 25) * dpi / 200)) * rng.between(120, 230)
        shade = shade if edge % 2 == 0 else shade[::-1]
        page = page - (shade[:, None] if edge < 2 else shade[None, :])
    return np.clip(page, 0, 255)


def photocopy(rng, arts, reg, crop=None):
    """A scan of a copy of one to three generations, in greys or in one bit."""
    dpi = rng.choice([150, 200, 200, 300])
    page = sheet(rng, arts, dpi, reg, crop=crop)
    H, W = page.shape[:2]
    grey = page @ np.array(rng.choice([(0.3, 0.59, 0.11), (0.2, 0.7, 0.1), (0.33, 0.33, 0.33)]), np.float32)
    generations = rng.choice([1, 1, 1, 2, 2, 3])
    notes = ["%ddpi" % dpi, "gen%d" % generations]
    per_mm = dpi / 25.4
    cap = per_mm * smallest(arts)
    for generation in range(generations):
        grey = toner(rng, grey.astype(np.float32), dpi)
        if generation < generations - 1:
            shift = cv2.getRotationMatrix2D((W / 2, H / 2), rng.gauss(0, 0.5), rng.between(0.97, 1.01))
            shift[:, 2] += [rng.gauss(0, 3), rng.gauss(0, 3)]
            grey = cv2.warpAffine(grey.astype(np.float32), shift, (W, H), borderValue=255, flags=cv2.INTER_CUBIC)
    grey = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 0.4) + noise(rng, H, W) * rng.between(0.3, 2)
    bits = 1 if rng.chance(0.3) and dpi >= 200 else 8
    options = {"width": per_mm * narrowest(arts), "dpi": dpi if rng.chance(0.7) else None, "cap": cap, "q": rng.choice([60, 75, 80, 85, 90])}
    grey = np.clip(grey, 0, 255)
    if bits == 1:
        im = Image.fromarray(((grey > rng.between(110, 175)) * 255).astype(np.uint8)).convert("1")
        options["fmt"] = rng.choice(["tif", "tif", "png", "pdf"])
        notes.append("1bit")
    else:
        im = Image.fromarray(grey.astype(np.uint8))
        options["fmt"] = rng.choice(["jpg"] * 6 + ["png", "pdf", "tif"])
    if bits == 8 and rng.chance(0.3):
        im = im.convert("RGB")
    return im, options, notes


def fax(rng, arts, reg):
    """A fax in fine or standard resolution."""
    fine = rng.chance(0.75)
    found = []
    page = sheet(rng, arts, 204, found)
    grey = page @ np.array((0.3, 0.59, 0.11), np.float32)
    grey = cv2.GaussianBlur(grey, (0, 0), 0.7)
    W = 1728
    H = int(grey.shape[0] * (196 if fine else 98) / 204)
    scale_y = H / grey.shape[0]
    scale_x = W / grey.shape[1]
    grey = cv2.resize(grey, (W, H), interpolation=cv2.INTER_AREA)
    grey = grey + noise(rng, H, W) * 6
    im = Image.fromarray(((grey > rng.between(120, 170)) * 255).astype(np.uint8))
    pen = ImageDraw.Draw(im)
    pen.text(
        (60, 8),
        "%02d/%02d/2023 %02d:%02d  FAX +7 700 000 00 %02d    TOO PRIMER      P.01/01"
        % (rng.randrange(1, 29), rng.randrange(1, 13), rng.randrange(24), rng.randrange(60), rng.randrange(100)),
        font=font("DejaVuSansMono.ttf", 26 if fine else 14),
        fill=0,
    )
    for box, *rest in found:
        reg.append(([int(box[0] * scale_x), int(box[1] * scale_y), int(box[2] * scale_x), int(box[3] * scale_y)], *rest))
    for _ in range(rng.choice([0, 0, 1, 3])):
        rows = np.array(im)
        y = rng.randrange(H)
        rows[y : y + rng.randrange(1, 3)] = rng.choice([0, 255])
        im = Image.fromarray(rows)
    per_mm = 204 / 25.4
    return (
        im.convert("1"),
        {
            "fmt": "tif",
            "g3": True,
            "dpi": (204, 196 if fine else 98),
            "width": per_mm * narrowest(arts),
            "cap": per_mm * smallest(arts),
        },
        ["fax", "fine" if fine else "standard"],
    )
