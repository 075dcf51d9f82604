"""One training line: invented text -> print -> wear -> a strip of HEIGHT x W as the reader is given it.

A batch shares one width and one kind of zone, as strips of one document do. Lines that are not a zone row carry the
empty text: the reader must answer them with silence.
"""

import cv2
import numpy as np

import degrade
import mrzgen
from faces import PITCH, ROW, Faces, thicken
from strips import bend, project, to_strip, turned

cv2.setNumThreads(1)

HEIGHT = 24
SPACING = 1.9  # usual distance of rows in pitches: 1.67 on cards, 2.5 on booklets
EMPTY_SHARE = 0.18
WORDS = (
    "қазақстан республикасы жеке куәлік удостоверение личности фамилия имя отчество дата рождения место выдачи орган мвд рк"
    " договор счет адрес область город улица дом квартира телефон passport date of birth place issue authority name surname"
    " total amount invoice number page заявление приказ справка тегі аты әкесінің туған күні жсн иин берілген мерзімі"
).split()


def phrase(rng):
    parts = []
    for _ in range(int(rng.integers(2, 9))):
        r = rng.random()
        if r < 0.6:
            word = mrzgen.pick(rng, WORDS)
            word = word.upper() if rng.random() < 0.3 else word.capitalize() if rng.random() < 0.4 else word
        elif r < 0.8:
            word = mrzgen.digits(rng, int(rng.integers(1, 7)))
        elif r < 0.9:
            word = "%02d.%02d.%d" % (rng.integers(1, 29), rng.integers(1, 13), rng.integers(1950, 2030))
        else:
            word = mrzgen.pick(rng, ["x << 1;", "if (a >> 2)", "№ 12/4", "_______", ". . . . . .", "- - - -", "=====", "|||", "→ ok;", "{ return 0; }", "a<<b", "<tag>"])
        parts.append(word)
    return " ".join(parts)


def cover_of_zone(rng, faces, lines, at, pitch_ratio):
    """Master coverage (uint8, rows stacked, row `at` in the middle third) and the pitch in master pixels."""
    r = rng.random()
    if r < 0.12 and faces.mono:
        face = faces.mono[int(rng.integers(len(faces.mono)))]
    else:
        face = faces.ocrb[0 if r < 0.88 else int(rng.integers(len(faces.ocrb)))]
    pitch = PITCH * (pitch_ratio if face.is_ocrb else max(face.natural / PITCH * rng.uniform(1.0, 1.1), 0.72))
    spacing = rng.normal(SPACING, 0.3) if rng.random() < 0.5 else mrzgen.pick(rng, [1.67, 2.5, 2.0, 1.9])
    spacing = int(max(1.45, spacing) * PITCH)
    width = int(np.ceil(len(lines[at]) * pitch)) + PITCH
    tall = np.zeros((ROW + 2 * spacing, width), np.uint8)
    for k in (at - 1, at, at + 1):
        if not 0 <= k < len(lines):
            if rng.random() < 0.25:
                row = faces.plain(rng, phrase(rng), width)
            else:
                continue
        else:
            row = face.row(lines[k], pitch)
        y = spacing * (k - at + 1)
        w = min(width, row.shape[1])
        np.maximum(tall[y:y + ROW, :w], row[:, :w], out=tall[y:y + ROW, :w])
    return thicken(tall, int(rng.choice([-2, -1, 0, 1, 2, 3], p=[0.06, 0.12, 0.5, 0.17, 0.1, 0.05]))), pitch


def marks(rng, tall, middle):
    """Underlines, frame edges, pen strokes and card borders drawn over the print."""
    h, w = tall.shape
    if rng.random() < 0.10:
        y = middle + int(rng.choice([-1, 1]) * rng.uniform(18, 30))
        cv2.line(tall, (0, y), (w, y + int(rng.integers(-4, 5))), int(rng.uniform(90, 255)), int(rng.integers(1, 4)))
    if rng.random() < 0.06:
        pts = np.stack([np.linspace(0, w, 12), middle + np.cumsum(rng.normal(0, 12, 12))], 1).astype(np.int32)
        cv2.polylines(tall, [pts], False, int(rng.uniform(60, 200)), int(rng.integers(1, 3)), cv2.LINE_AA)
    return tall


def geometry_of(rng, level, pitch, text_len, width, row_y):
    """Homography master -> strip, with the tolerances the reader is promised."""
    slack = max(2.0, width - text_len * 12.8)
    usable = width - rng.uniform(0, min(slack, 40)) if rng.random() < 0.8 else width
    sx = usable / (text_len * pitch + (PITCH * 0.25))
    stretch = rng.uniform(0.87, 1.15)
    cap = np.clip(sx * PITCH * stretch, 10.5, 19.5)
    sy = cap / PITCH
    span = sx * text_len * pitch
    room = max(0.5, (HEIGHT - cap) / 2 + cap * 0.12)
    dy = rng.normal(0, 1.3 + 0.8 * level)
    dy = float(np.clip(dy, -room, room)) if rng.random() < 0.9 else float(np.clip(dy, -3.2, 3.2))
    limit = min(np.deg2rad(1.5), max(0.0, (room + 1.2 - abs(dy))) / (span / 2))
    tilt = rng.uniform(-1, 1) * limit * (0.3 + 0.7 * level)
    shear = rng.normal(0, 0.03 + 0.05 * level)
    x0 = (width - span) / 2 + rng.uniform(-1, 1) * max(0.0, (width - span) / 2)
    if rng.random() < 0.06:
        x0 += rng.uniform(-0.22, 0.22) * PITCH * sx
    # Master x of the first cell's left edge is PITCH / 2; rows stand at row_y.
    a = np.array([[sx, shear * sy, x0 - sx * PITCH / 2 - shear * sy * row_y], [0, sy, HEIGHT / 2 + dy - sy * row_y], [0, 0, 1]], np.float64)
    keystone = rng.normal(0, 0.00004) * level * 700 / width
    bow = rng.normal(0, 1.0) * level if rng.random() < 0.2 else 0.0
    return turned(a, tilt, keystone, width, HEIGHT), bow


def nothing(rng, faces, zone, width):
    """Master-sized coverage that is not a zone row, and the row's y: (uint8, y)."""
    w = int(width * 2.1)
    kind = str(rng.choice(["text", "texture", "bars", "scribble", "blank", "between", "upside", "rules", "blobs"],
                          p=[0.45, 0.12, 0.08, 0.07, 0.06, 0.08, 0.05, 0.05, 0.04]))
    tall = np.zeros((ROW * 3, w), np.uint8)
    if kind == "text":
        for k in range(3):
            if k == 1 or rng.random() < 0.5:
                tall[k * ROW:(k + 1) * ROW] = faces.plain(rng, phrase(rng) + "  " + phrase(rng), w)
    elif kind == "texture":
        tall = (degrade.guilloche(rng, tall.shape, rng.uniform(4, 60)) * rng.uniform(60, 255)).astype(np.uint8)
    elif kind == "bars":
        x = 0
        while x < w:
            a, b = int(rng.integers(2, 14)), int(rng.integers(2, 14))
            tall[:, x:x + a] = 255
            x += a + b
        if rng.random() < 0.4:
            tall[ROW * 3 // 2:] = 0
    elif kind == "scribble":
        for _ in range(int(rng.integers(1, 5))):
            n = int(rng.integers(8, 60))
            xs = np.sort(rng.uniform(0, w, n)) + rng.normal(0, 14, n)
            ys = ROW * 1.5 + rng.normal(0, 18, n)
            cv2.polylines(tall, [np.stack([xs, ys], 1).astype(np.int32)], False, 255, int(rng.integers(2, 6)), cv2.LINE_AA)
    elif kind == "between":
        face = faces.ocrb[0]
        gap = int(rng.uniform(1.6, 2.0) * PITCH)
        a = face.row(zone[0], PITCH)
        b = face.row(zone[-1], PITCH)
        n = min(w, a.shape[1])
        top = ROW * 3 // 2 - gap // 2 - ROW // 2
        np.maximum(tall[top:top + ROW, :n], a[:, :n], out=tall[top:top + ROW, :n])
        np.maximum(tall[top + gap:top + gap + ROW, :n], b[:, :n], out=tall[top + gap:top + gap + ROW, :n])
    elif kind == "upside":
        a = faces.ocrb[0].row(zone[int(rng.integers(len(zone)))])[::-1, ::-1]
        n = min(w, a.shape[1])
        tall[ROW:2 * ROW, :n] = a[:, :n]
    elif kind == "rules":
        for _ in range(int(rng.integers(1, 6))):
            y = int(rng.integers(ROW, 2 * ROW))
            if rng.random() < 0.6:
                cv2.line(tall, (0, y), (w, y + int(rng.integers(-9, 10))), 255, int(rng.integers(1, 6)))
            else:
                step = int(rng.integers(12, 60))
                for x in range(0, w, step):
                    cv2.line(tall, (x, y), (x + step // 2, y + int(rng.integers(-8, 9))), 255, int(rng.integers(2, 6)))
    elif kind == "blobs":
        field = degrade.smooth(rng, tall.shape, rng.uniform(6, 60))
        tall = (np.clip(field * rng.uniform(0.5, 3), 0, 1) * 255).astype(np.uint8)
    return tall, ROW * 3 // 2


def strip_of(rng, faces, lines, at, width, pitch_ratio, level, empty):
    """(uint8 [HEIGHT, width], text)."""
    text = "" if empty else lines[at]
    n = len(lines[at])
    if empty:
        tall, row_y = nothing(rng, faces, lines, width)
        pitch = (tall.shape[1] - PITCH) / n if rng.random() < 0.3 else PITCH
    else:
        tall, pitch = cover_of_zone(rng, faces, lines, at, pitch_ratio)
        row_y = tall.shape[0] // 2
        tall = marks(rng, tall, row_y)
    geometry, bow = geometry_of(rng, level, pitch, n, width, row_y)
    native = float(np.exp(rng.uniform(np.log(14 - 6.5 * level), np.log(28))))
    scale = native / (width / n)
    cover = project(tall, geometry, scale, width, HEIGHT).astype(np.float32) / 255
    g = degrade.wear(rng, cover, level, native)
    if bow:
        g = bend(g, bow, scale)
    g = to_strip(rng, g, scale, width, HEIGHT)
    if rng.random() < 0.012:
        g = 255 - g
    return np.clip(g, 0, 255).astype(np.uint8), text


def batch(rng, faces, size, level):
    """(uint8 [size, HEIGHT, W], texts); `level` 0..1 is the worst damage allowed."""
    width_of = {"td1": 30, "td2": 36, "td3": 44}
    kind = str(rng.choice(["td1", "td2", "td3"], p=[0.42, 0.2, 0.38]))
    n = width_of[kind]
    members = {"td1": ["td1kaz", "td1"], "td2": ["td2", "mrvb", "fr"], "td3": ["td3kaz", "td3", "td3", "mrva"]}[kind]
    width = int(round((n * rng.uniform(13.4, 18.8) + rng.uniform(0, 40)) / 4)) * 4
    strips, texts = [], []
    while len(texts) < size:
        lines = mrzgen.zone(rng, mrzgen.pick(rng, members))[1]
        if rng.random() < 0.2:
            lines = mrzgen.scrambled(rng, lines)
        for at in range(len(lines)):
            if len(texts) == size:
                break
            strip, text = strip_of(rng, faces, lines, at, width, rng.uniform(0.97, 1.1), level * float(rng.uniform(0.1, 1)), rng.random() < EMPTY_SHARE)
            strips.append(strip)
            texts.append(text)
    return np.stack(strips), texts


if __name__ == "__main__":
    import sys
    import time

    rng, faces = np.random.default_rng(int(sys.argv[2]) if len(sys.argv) > 2 else 1), Faces()
    t = time.time()
    sheets = []
    for _ in range(4):
        strips, texts = batch(rng, faces, 16, float(sys.argv[3]) if len(sys.argv) > 3 else 0.8)
        for s in strips:
            row = np.full((HEIGHT + 2, 850), 128, np.uint8)
            row[:HEIGHT, :min(850, s.shape[1])] = s[:, :850]
            sheets.append(row)
    print("%.2f ms a line" % ((time.time() - t) / 64 * 1000))
    cv2.imwrite(sys.argv[1], np.concatenate(sheets))
