"""Whole pictures for trying the zone finder: copies of invented documents as file shares hold them, and look-alikes.

`pages.py DIR COUNT SEED [tune|held]` writes COUNT pictures and DIR/truth.jsonl, one line a picture:
{"file", "kind": "id_document_copy" or null, "mrz": [rows of all documents, in reading order], "documents": [[rows], ..],
 "channel", "dpi"}. `tune` is drawn here with Pillow; `held` comes from pages_held.py, which shares the invented
content and the truth format but neither faces, backgrounds nor noise.
"""

import json
import os
import sys

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

import degrade
import mrzgen
from faces import OCRB, find

cv2.setNumThreads(1)

MM = 600 / 25.4  # documents are drawn at 600 dpi, then laid on the page
SIZES = {"td1": (85.6, 54.0), "td2": (105.0, 74.0), "td3": (125.0, 88.0), "mrva": (120.0, 80.0), "mrvb": (105.0, 74.0), "fr_id": (105.0, 74.0)}
TITLES = {
    "td1": ["ҚАЗАҚСТАН РЕСПУБЛИКАСЫ / РЕСПУБЛИКА КАЗАХСТАН", "ЖЕКЕ КУӘЛІК / УДОСТОВЕРЕНИЕ ЛИЧНОСТИ"],
    "td3": ["ҚАЗАҚСТАН РЕСПУБЛИКАСЫ / REPUBLIC OF KAZAKHSTAN", "ПАСПОРТ / PASSPORT"],
    "td2": ["IDENTITY CARD / PERSONALAUSWEIS"],
    "fr_id": ["CARTE NATIONALE D'IDENTITE"],
    "mrva": ["VISA / ВИЗА / ВИЗАСЫ"],
    "mrvb": ["VISA / ВИЗА"],
}
LABELS = [
    ("ТУҒАН ЖЕРІ / МЕСТО РОЖДЕНИЯ", "АЛМАТЫ ОБЛЫСЫ"), ("ҰЛТЫ / НАЦИОНАЛЬНОСТЬ", "ҚАЗАҚ"), ("БЕРГЕН ОРГАН / ОРГАН ВЫДАЧИ", "ҚР ІІМ / МВД РК"),
    ("БЕРІЛГЕН КҮНІ / ДАТА ВЫДАЧИ", "12.05.2019 - 11.05.2029"), ("ТЕГІ / SURNAME", "ТЕСТОВА"), ("АТЫ / GIVEN NAMES", "АЙГҮЛ"),
    ("ТУҒАН КҮНІ / DATE OF BIRTH", "31.12.1885"), ("ЖЫНЫСЫ / SEX", "Ж / F"), ("ЖСН / ИИН", "851231200019"),
]
SENTENCES = (
    "Настоящим подтверждаю, что представленные мною сведения верны и даны добровольно.",
    "Осы өтінішке жеке куәліктің көшірмесі қоса беріледі.",
    "Прошу рассмотреть заявление и сообщить о решении по указанному адресу.",
    "The parties agree that the services are rendered in full and on time.",
    "Жалпы сомасы 148 500 теңге, төлем мерзімі 30 күн.",
    "Согласовано. Директор департамента, печать и подпись прилагаются.",
    "Order No. 2291 dated 14.03.2024, warehouse 7, shelf B-12, quantity 40 pcs.",
    "В соответствии с пунктом 4.2 договора стороны несут ответственность.",
    "Қызметкердің жұмыс уақыты сағат 9.00-ден 18.00-ге дейін белгіленеді.",
    "Адрес: г. Алматы, ул. Абая 150, офис 12, тел. +7 (727) 000-00-00",
)
CODE = (
    "for (int i = 0; i < n; i++) { mask |= 1u << i; }", "std::cout << \"total: \" << sum << std::endl;", "cat <<EOF > /etc/motd",
    "if (x << 3 != y >> 2 && !done) return <T>;", "<<<<<<< HEAD", "=======", ">>>>>>> feature/import", "#define FLAG_A (1<<4)",
    "    print(f\"{value:<12}{name:>20}\")", "template <class T, class U> struct Pair<T<U>> {};", "INSERT INTO T VALUES ('A1<<B2', 77);",
)

FACES = find("DejaVuSans.ttf", "Carlito-Regular.ttf", "Arimo-Regular.ttf", "Tinos-Regular.ttf", "FreeSans.*", "DejaVuSerif.ttf")
BOLD = find("DejaVuSans-Bold.ttf", "Carlito-Bold.ttf", "Arimo-Bold.ttf")
CODE_FACES = find("DejaVuSansMono.ttf", "Cousine-Regular.ttf", "FreeMono.*", "Hack-Regular.ttf")
ZONE_FACES = [OCRB + "OCRB.otf"]

_fonts = {}


def font(path, size):
    key = (path, int(size))
    if key not in _fonts:
        _fonts[key] = ImageFont.truetype(path, int(size))
    return _fonts[key]


def write(draw, at, text, path, size, fill=30):
    draw.text(at, text, font=font(path, max(5, size)), fill=fill)


def portrait(rng, w, h):
    """A grey head-and-shoulders blob out of smooth noise; it resembles nobody."""
    yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
    u, v = (xx / w - 0.5), (yy / h)
    g = np.full((h, w), rng.uniform(170, 235), np.float32)
    body = (np.square(u / 0.46) + np.square((v - 1.08) / 0.36)) < 1
    head = (np.square(u / 0.23) + np.square((v - 0.42) / 0.28)) < 1
    hair = (np.square(u / 0.27) + np.square((v - 0.33) / 0.28)) < 1
    g[hair], g[body], g[head] = rng.uniform(20, 120), rng.uniform(30, 140), rng.uniform(120, 200)
    g = cv2.GaussianBlur(g, (0, 0), w * 0.03) + degrade.smooth(rng, (h, w), w / 6) * 18
    return np.clip(g, 0, 255)


def stamp(rng, size):
    """Coverage of a round seal."""
    g = np.zeros((size, size), np.uint8)
    c = size // 2
    for r, t in ((0.47, 3), (0.42, 1), (0.27, 1)):
        cv2.circle(g, (c, c), int(size * r), 255, max(1, int(t * size / 300)), cv2.LINE_AA)
    image = Image.fromarray(g)
    draw = ImageDraw.Draw(image)
    write(draw, (size * 0.28, size * 0.42), "КӨШІРМЕ ДҰРЫС", BOLD[0], size * 0.06, 255)
    write(draw, (size * 0.3, size * 0.52), "КОПИЯ ВЕРНА", BOLD[0], size * 0.065, 255)
    g = np.asarray(image)
    m = cv2.getRotationMatrix2D((c, c), float(rng.uniform(-40, 40)), 1)
    return cv2.warpAffine(g, m, (size, size))


def barcode(rng, w, h, unit):
    """Black bars or a PDF417-like stack, grey 0/255."""
    g = np.full((h, w), 255, np.uint8)
    rows = 1 if rng.random() < 0.6 else max(3, h // (unit * 3))
    for k in range(rows):
        x = 0
        while x < w:
            a = unit * int(rng.integers(1, 5))
            g[h * k // rows:h * (k + 1) // rows, x:x + a] = 0
            x += a + unit * int(rng.integers(1, 5))
    return g


def background(rng, w, h):
    """Tinted security paper, RGB float32 [h, w, 3]."""
    tint = np.array([rng.uniform(190, 245), rng.uniform(205, 250), rng.uniform(205, 250)], np.float32)
    if rng.random() < 0.3:
        tint = tint[::-1].copy()
    art = np.ones((h, w, 3), np.float32) * tint
    for _ in range(int(rng.integers(1, 4))):
        field = degrade.guilloche(rng, (h // 2, w // 2), rng.uniform(6, 40))
        field = cv2.GaussianBlur(cv2.resize(field, (w, h)), (0, 0), 1.0)
        art -= field[:, :, None] * (rng.uniform(0, 45, 3)).astype(np.float32)
    return art


def zone_cover(rng, lines, pitch, spacing, face):
    """Coverage of a printed zone, pitch and row spacing in pixels: uint8, rows' first glyph cell starts at x = pitch."""
    h, w = int(spacing * (len(lines) - 1) + pitch * 2), int(pitch * (len(lines[0]) + 2))
    image = Image.new("L", (w, h), 0)
    draw = ImageDraw.Draw(image)
    probe = font(face, 200)
    size = 200 * pitch / probe.getlength("0") * (0.96 if "ocr-b" in face.lower() else 0.97)
    f = font(face, size)
    box = f.getbbox("H")
    for k, line in enumerate(lines):
        y = pitch + k * spacing - (box[1] + box[3]) / 2
        for i, ch in enumerate(line):
            draw.text((pitch * (i + 1.5) - f.getlength(ch) / 2, y), ch, font=f, fill=255)
    return np.asarray(image)


def document(rng, kind=None):
    """(RGB float32 art at 600 dpi, rows of its zone, format)."""
    fmt, lines = mrzgen.zone(rng, kind)
    w, h = (int(v * MM) for v in SIZES[fmt])
    art = background(rng, w, h)
    image = Image.fromarray(np.clip(art, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    bold, plain = BOLD[int(rng.integers(len(BOLD)))], FACES[int(rng.integers(len(FACES)))]
    ink = tuple(int(v) for v in rng.integers(10, 70, 3))
    zone_top = h - (19 if fmt == "td1" else 23) * MM
    y = 2.5 * MM
    for title in TITLES[fmt]:
        write(draw, (4 * MM, y), title, bold, 2.6 * MM, ink)
        y += 3.6 * MM
    picture = fmt != "td1" or rng.random() < 0.3
    x = 4 * MM
    if picture:
        pw, ph = int(rng.uniform(24, 32) * MM), 0
        ph = int(min(pw * 1.28, zone_top - y - 3 * MM))
        if ph > 40:
            px = int(3 * MM) if rng.random() < 0.8 else int(w - pw - 3 * MM)
            face = portrait(rng, pw, ph)
            image.paste(Image.fromarray(face.astype(np.uint8)).convert("RGB"), (px, int(y + MM)))
            if px < w / 2:
                x = px + pw + 4 * MM
    order = rng.permutation(len(LABELS))[:int(rng.integers(3, 8))]
    for k in order:
        if y > zone_top - 5 * MM:
            break
        write(draw, (x, y), LABELS[k][0], plain, 1.7 * MM, ink)
        write(draw, (x, y + 2.0 * MM), LABELS[k][1], bold, 2.6 * MM, (15, 15, 15))
        y += rng.uniform(5.2, 7) * MM
    if fmt == "td1" and rng.random() < 0.5:
        bw, bh = int(rng.uniform(30, 45) * MM), int(rng.uniform(4, 9) * MM)
        image.paste(Image.fromarray(barcode(rng, bw, bh, int(0.3 * MM))), (int(w - bw - 4 * MM), int(3 * MM)))
    art = np.asarray(image).astype(np.float32)
    pitch = 2.54 * MM * rng.uniform(0.97, 1.02)
    if pitch * len(lines[0]) > w - 4 * MM:
        pitch = (w - 4.5 * MM) / len(lines[0])
    spacing = pitch * (rng.uniform(1.6, 1.75) if fmt == "td1" else rng.uniform(2.0, 2.55))
    cover = zone_cover(rng, lines, pitch, spacing, ZONE_FACES[0])
    x0 = int((w - pitch * len(lines[0])) / 2 - pitch + rng.uniform(-0.8, 0.8) * MM)
    bottom = rng.uniform(2.0, 4.5) * MM
    y0 = int(h - bottom - cover.shape[0])
    white = rng.random()
    if white < 0.35:
        art[max(0, y0 - int(2 * MM)):] = np.maximum(art[max(0, y0 - int(2 * MM)):], rng.uniform(215, 245))
    ys, xs = slice(max(0, y0), min(h, y0 + cover.shape[0])), slice(max(0, x0), min(w, x0 + cover.shape[1]))
    c = cover[ys.start - y0:ys.stop - y0, xs.start - x0:xs.stop - x0].astype(np.float32)[:, :, None] / 255
    art[ys, xs] = art[ys, xs] * (1 - c) + rng.uniform(5, 60) * c
    return art, lines, fmt


def front(rng):
    """Front of a card: portrait and labels, no zone."""
    w, h = int(85.6 * MM), int(54 * MM)
    image = Image.fromarray(np.clip(background(rng, w, h), 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for k, title in enumerate(TITLES["td1"]):
        write(draw, (4 * MM, (2 + 4 * k) * MM), title, BOLD[0], 2.6 * MM, (20, 30, 60))
    image.paste(Image.fromarray(portrait(rng, int(25 * MM), int(32 * MM)).astype(np.uint8)).convert("RGB"), (int(4 * MM), int(13 * MM)))
    for k, (label, value) in enumerate(LABELS[4:9]):
        write(draw, (33 * MM, (12 + 7 * k) * MM), label, FACES[0], 1.7 * MM, (40, 40, 80))
        write(draw, (33 * MM, (14 + 7 * k) * MM), value, BOLD[0], 2.8 * MM, (10, 10, 10))
    return np.asarray(image).astype(np.float32)


def lay(page, art, at, scale, angle, stretch=1.0):
    """Puts `art` on the page: centre `at` in page pixels, `scale` page pixels per art pixel, angle in degrees."""
    h, w = art.shape[:2]
    c, s = np.cos(np.deg2rad(angle)) * scale, np.sin(np.deg2rad(angle)) * scale
    m = np.array([[c, -s * stretch, 0], [s, c * stretch, 0]], np.float64)
    m[:, 2] = np.array(at) - m[:, :2] @ np.array([w / 2, h / 2])
    soft = cv2.GaussianBlur(art, (0, 0), 0.42 / scale) if scale < 0.8 else art
    size = (page.shape[1], page.shape[0])
    cv2.warpAffine(soft, m, size, dst=page, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT)
    return page


def print_text(rng, page, dpi, boxes=1, code=False, top=0.06, bottom=0.95):
    """Paragraphs of ordinary text straight onto a page."""
    image = Image.fromarray(np.clip(page, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    h, w = page.shape[:2]
    path = CODE_FACES[int(rng.integers(len(CODE_FACES)))] if code else FACES[int(rng.integers(len(FACES)))]
    size = rng.uniform(9, 13) * dpi / 72
    y = h * top
    while y < h * bottom:
        source = CODE if code else SENTENCES
        text = " ".join(source[int(rng.integers(len(source)))] for _ in range(1 if code else 2))
        if rng.random() < 0.12:
            y += size * 1.5
        write(draw, (w * 0.09 + (size * rng.integers(0, 4) if code else 0), y), text[:int(w * 0.83 / (size * 0.5))], path, size, (30, 30, 30))
        y += size * 1.35
    return np.asarray(image).astype(np.float32)


def sheet(dpi):
    return np.full((int(11.69 * dpi), int(8.27 * dpi), 3), 252, np.float32)


def scan_wear(rng, page, dpi, level):
    """Scanner: slight blur, light fall-off, grain."""
    page = cv2.GaussianBlur(page, (0, 0), rng.uniform(0.3, 0.5 + 0.35 * level) * dpi / 200)
    grain = degrade.noise(rng, (page.shape[0], page.shape[1]))
    page = page * rng.uniform(0.88, 1.0) + grain[:, :, None] * rng.uniform(0.5, 2 + 8 * level)
    if rng.random() < 0.3:
        page = page * np.linspace(rng.uniform(0.85, 1), rng.uniform(0.85, 1), page.shape[1], dtype=np.float32)[None, :, None]
    return np.clip(page, 0, 255)


def grey(page):
    return cv2.cvtColor(np.clip(page, 0, 255).astype(np.uint8), cv2.COLOR_RGB2GRAY).astype(np.float32)


def page_bilevel(rng, g, dpi, level):
    """1-bit page: a fixed threshold, or one against the surroundings as document modes of scanners have."""
    if rng.random() < 0.5:
        return np.where(g > rng.uniform(120 - 25 * level, 135 + 25 * level), 255, 0).astype(np.float32)
    around = cv2.blur(g, (int(dpi / 4) | 1, int(dpi / 4) | 1))
    return np.where(g > around * rng.uniform(0.88 - 0.18 * level, 0.9) - 4, 255, 0).astype(np.float32)


def page_toner(rng, g, level):
    """Photocopier on a whole page: fixed exposure, steep curve, dropouts and specks."""
    t = (g - rng.uniform(10, 60)) / rng.uniform(120, 190)
    t = 1 / (1 + np.exp(-rng.uniform(4.5, 7 + 10 * level) * (t - rng.uniform(0.38, 0.6))))
    grain = cv2.GaussianBlur(degrade.noise(rng, g.shape), (0, 0), rng.uniform(0.6, 1.4))
    grain /= float(grain.std())
    t = np.where(grain > rng.uniform(2.2, 3.5), np.minimum(1, t + 0.5), t)
    t = np.where(grain < -rng.uniform(3.0, 4.2), np.maximum(0, t - 0.7), t)
    if rng.random() < 0.3:
        x = int(rng.integers(g.shape[1] - 3))
        t[:, x:x + int(rng.integers(1, 4))] *= rng.uniform(0.3, 0.9)
    return (np.clip(t, 0, 1) * rng.uniform(225, 255)).astype(np.float32)


def document_sheet(rng, dpi, angle=None, level=0.5, kinds=None, text=None):
    """A4 with one or two documents anywhere on it: (page, [rows of each document])."""
    page = sheet(dpi)
    r = rng.random()
    if text or (text is None and r < 0.45):
        page = print_text(rng, page, dpi, top=rng.uniform(0.05, 0.5), bottom=rng.uniform(0.6, 0.95))
    scale = dpi / 600
    angle = rng.normal(0, 0.7) if angle is None else angle
    documents = []
    h, w = page.shape[:2]
    two = rng.random() < 0.3
    kind = None if kinds is None else mrzgen.pick(rng, kinds)
    art, lines, fmt = document(rng, kind)
    grow = float(rng.choice([1.0, 1.0, 1.0, 1.15, 1.3])) if fmt == "td1" else 1.0

    def put(art, cx, cy, angle):
        hw = (abs(art.shape[1] * np.cos(np.deg2rad(angle))) + abs(art.shape[0] * np.sin(np.deg2rad(angle)))) * scale * grow / 2 + 3
        hh = (abs(art.shape[1] * np.sin(np.deg2rad(angle))) + abs(art.shape[0] * np.cos(np.deg2rad(angle)))) * scale * grow / 2 + 3
        cx, cy = np.clip(cx, min(hw, w / 2), max(w - hw, w / 2)), np.clip(cy, min(hh, h / 2), max(h - hh, h / 2))
        lay(page, art, (cx, cy), scale * grow, angle)
        x0, y0, x1, y1 = int(cx - hw), int(cy - hh), int(cx + hw), int(cy + hh)
        if rng.random() < 0.3 and abs(angle) < 2:
            cv2.rectangle(page, (x0 + 3, y0 + 3), (x1 - 3, y1 - 3), (70, 70, 70), max(1, dpi // 150), cv2.LINE_AA)

    cx, cy = rng.uniform(0.25, 0.75) * w, rng.uniform(0.12, 0.42 if two else 0.88) * h
    if two and fmt == "td1":
        put(front(rng), cx, cy, angle)
        put(art, cx + rng.uniform(-0.05, 0.05) * w, cy + rng.uniform(0.24, 0.4) * h, angle + rng.normal(0, 0.4))
        documents.append(lines)
    else:
        put(art, cx, cy, angle)
        documents.append(lines)
        if two:
            other, lines2, _ = document(rng, kind)
            put(other, cx, rng.uniform(0.68, 0.85) * h, angle + rng.normal(0, 0.4))
            documents.append(lines2)
    if rng.random() < 0.25:
        size = int(1.5 * dpi)
        seal = stamp(rng, size).astype(np.float32)[:, :, None] / 255
        y, x = int(rng.uniform(0, h - size)), int(rng.uniform(0, w - size))
        color = np.array([60, 70, 170], np.float32)
        part = page[y:y + size, x:x + size]
        page[y:y + size, x:x + size] = part * (1 - 0.6 * seal) + color * 0.6 * seal
    return page, documents


def photo(rng, art, width, least=0.5):
    """A hand-held phone picture of `art` on a table: RGB float32."""
    height = int(width * rng.choice([0.75, 1.333, 0.5625]))
    base = rng.uniform(40, 200, 3).astype(np.float32)
    table = np.ones((height, width, 3), np.float32) * base
    table += (degrade.smooth(rng, (height, width), rng.uniform(30, 400)) * rng.uniform(5, 40))[:, :, None]
    streak = cv2.GaussianBlur(degrade.noise(rng, (height // 2, width // 2)), (0, 0), 30, sigmaY=0.8) if height * width // 4 < 1 << 20 else None
    if streak is not None:
        table += cv2.resize(streak / max(0.001, float(streak.std())), (width, height))[:, :, None] * rng.uniform(0, 10)
    h, w = art.shape[:2]
    share = rng.uniform(least, 0.95)
    s = min(width * share / w, height * share / h)
    corners = np.array([[-w, -h], [w, -h], [w, h], [-w, h]], np.float64) * s / 2
    t = np.deg2rad(rng.normal(0, 4))
    corners = corners @ np.array([[np.cos(t), np.sin(t)], [-np.sin(t), np.cos(t)]])
    corners *= 1 + rng.normal(0, 0.035, (4, 2))
    slack = max(0, (1 - share) / 2)
    corners += np.array([width / 2 + rng.uniform(-slack, slack) * width * 0.8, height / 2 + rng.uniform(-slack, slack) * height * 0.8])
    m = cv2.getPerspectiveTransform(np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32), corners.astype(np.float32))
    soft = cv2.GaussianBlur(art, (0, 0), 0.42 / s) if s < 0.8 else art
    cv2.warpPerspective(soft, m, (width, height), dst=table, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT)
    shade = degrade.light(rng, (height, width), 0.9)
    if rng.random() < 0.3:
        yy, xx = np.mgrid[0:height, 0:width].astype(np.float32)
        d = (np.square((xx - rng.uniform(0, width)) / width) + np.square((yy - rng.uniform(0, height)) / height)) / rng.uniform(0.002, 0.03)
        table += (np.exp(-d) * rng.uniform(60, 220))[:, :, None]
    table = table * shade[:, :, None] * rng.uniform(0.7, 1.0)
    table = cv2.GaussianBlur(table, (0, 0), rng.uniform(0.4, 0.4 + width / 2200))
    n = degrade.noise(rng, table.shape[:2])
    return np.clip(table + n[:, :, None] * rng.uniform(1, 9), 0, 255)


def receipt(rng):
    w, h = int(rng.integers(420, 640)), int(rng.integers(900, 1600))
    page = np.full((h, w, 3), 250, np.float32)
    image = Image.fromarray(page.astype(np.uint8))
    draw = ImageDraw.Draw(image)
    y, face, size = 30, CODE_FACES[1], w / 24
    while y < h - 40:
        r = rng.random()
        text = "<" * 20 if r < 0.03 else "=" * 36 if r < 0.1 else "%-22s%9.2f" % (mrzgen.pick(rng, ["НАН БОРОДИНСКИЙ", "МОЛОКО 2.5%", "ШАЙ АССАМ", "ITOGO", "KASPI QR", "ИИН/БИН 940140000385", "NDS 12%"]), rng.uniform(50, 9000))
        write(draw, (12, y), text, face, size, (40, 40, 40))
        y += size * 1.25
    return np.asarray(image).astype(np.float32)


def table_page(rng, dpi):
    page = sheet(dpi)
    image = Image.fromarray(page.astype(np.uint8))
    draw = ImageDraw.Draw(image)
    h, w = page.shape[:2]
    rows, columns = int(rng.integers(15, 45)), int(rng.integers(3, 9))
    rh, cw = h * 0.85 / rows, w * 0.86 / columns
    upper = rng.random() < 0.3
    face = CODE_FACES[0] if upper else FACES[1]
    for r in range(rows + 1):
        draw.line((w * 0.07, h * 0.07 + r * rh, w * 0.93, h * 0.07 + r * rh), fill=(90, 90, 90))
        for c in range(columns):
            if r < rows:
                text = mrzgen.letters(rng, 3) + mrzgen.digits(rng, 7) if upper else mrzgen.digits(rng, int(rng.integers(2, 12)))
                write(draw, (w * 0.07 + c * cw + 4, h * 0.07 + r * rh + 3), text, face, min(rh * 0.6, cw / 8), (20, 20, 20))
    for c in range(columns + 1):
        draw.line((w * 0.07 + c * cw, h * 0.07, w * 0.07 + c * cw, h * 0.92), fill=(90, 90, 90))
    return np.asarray(image).astype(np.float32)


def chart(rng):
    w, h = 1100, 700
    g = np.full((h, w, 3), 255, np.uint8)
    for k in range(8):
        cv2.line(g, (80, 60 + 80 * k), (1050, 60 + 80 * k), (225, 225, 225), 1)
    for _ in range(int(rng.integers(1, 5))):
        ys = np.clip(350 + np.cumsum(rng.normal(0, 25, 60)), 60, 640)
        pts = np.stack([np.linspace(80, 1050, 60), ys], 1).astype(np.int32)
        cv2.polylines(g, [pts], False, tuple(int(v) for v in rng.integers(0, 200, 3)), 2, cv2.LINE_AA)
    if rng.random() < 0.5:
        for k in range(24):
            cv2.rectangle(g, (90 + 40 * k, int(rng.uniform(200, 630))), (115 + 40 * k, 640), (120, 150, 220), -1)
    return g.astype(np.float32)


def negative(rng):
    """(picture RGB float32, name, dpi) without any zone."""
    kind = str(rng.choice(["letter", "form", "table", "receipt", "code", "chart", "texture", "barcodes", "front", "photo"]))
    dpi = int(rng.choice([100, 150, 200]))
    if kind == "letter":
        return scan_wear(rng, print_text(rng, sheet(dpi), dpi), dpi, 0.5), kind, dpi
    if kind == "form":
        page = print_text(rng, sheet(dpi), dpi, top=0.05, bottom=0.4)
        h, w = page.shape[:2]
        for k in range(14):
            y = int(h * (0.45 + 0.03 * k))
            if k % 3 == 0:
                for c in range(24):
                    cv2.rectangle(page, (int(w * (0.1 + 0.033 * c)), y), (int(w * (0.127 + 0.033 * c)), y + int(h * 0.02)), (80, 80, 80), 1)
            else:
                cv2.line(page, (int(w * 0.1), y), (int(w * 0.9), y), (80, 80, 80), 1)
        return scan_wear(rng, page, dpi, 0.5), kind, dpi
    if kind == "table":
        return scan_wear(rng, table_page(rng, dpi), dpi, 0.4), kind, dpi
    if kind == "receipt":
        page = receipt(rng)
        return (photo(rng, page, 1400) if rng.random() < 0.5 else page), kind, 150
    if kind == "code":
        page = print_text(rng, np.full((900, 1500, 3), 255, np.float32), 110, code=True)
        return (255 - page if rng.random() < 0.5 else page), kind, 96
    if kind == "chart":
        return chart(rng), kind, 96
    if kind == "texture":
        return background(rng, 1400, 1000) - rng.uniform(0, 60) * degrade.guilloche(rng, (1000, 1400), rng.uniform(3, 30))[:, :, None], kind, 150
    if kind == "barcodes":
        page = sheet(dpi)
        for k in range(8):
            bw, bh = int(dpi * rng.uniform(1.5, 3)), int(dpi * rng.uniform(0.3, 0.8))
            y, x = int((0.4 + 1.3 * k) * dpi), int(rng.uniform(0.3, 4.5) * dpi)
            page[y:y + bh, x:x + bw] = barcode(rng, bw, bh, max(1, dpi // 75))[:, :, None]
        return scan_wear(rng, page, dpi, 0.5), kind, dpi
    if kind == "front":
        return cv2.resize(front(rng), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), kind, 300
    field = sum(degrade.smooth(rng, (960, 1280), c)[:, :, None] * rng.uniform(10, 50, 3).astype(np.float32) for c in (400, 120, 40, 12, 4))
    return np.clip(130 + field, 0, 255), kind, 72


CHANNELS = ["a4_150", "a4_200", "a4_300", "a4_1bit", "photocopy", "fax", "rot90", "rot180", "rot270", "skew", "crop", "photo", "negative"]
SHARES = [0.12, 0.09, 0.05, 0.08, 0.09, 0.05, 0.06, 0.05, 0.05, 0.1, 0.07, 0.09, 0.10]


def picture(rng, channel):
    """(uint8 grey or RGB, bits 1 or 8, documents, channel, dpi)."""
    level = float(rng.uniform(0.1, 1))
    if channel.startswith("negative"):
        page, kind, dpi = negative(rng)
        return np.clip(page, 0, 255).astype(np.uint8), 8, [], "negative_" + kind, dpi
    if channel == "photo":
        art, lines, _ = document(rng)
        if rng.random() < 0.25:
            page, docs = document_sheet(rng, 300)
            return photo(rng, page, 3200, 0.85).astype(np.uint8), 8, docs, channel, 0
        return photo(rng, art, int(rng.choice([1280, 1600, 2200]))).astype(np.uint8), 8, [lines], channel, 0
    if channel == "crop":
        art, lines, fmt = document(rng)
        dpi = int(rng.choice([150, 200, 300]))
        page = np.full((int(art.shape[0] * dpi / 600 * 1.06), int(art.shape[1] * dpi / 600 * 1.06), 3), rng.uniform(180, 255), np.float32)
        page = lay(page, art, (page.shape[1] / 2, page.shape[0] / 2), dpi / 600, rng.normal(0, 0.5))
        return scan_wear(rng, page, dpi, level).astype(np.uint8), 8, [lines], channel, dpi
    dpi = {"a4_150": 150, "a4_200": 200, "a4_300": 300, "fax": 204}.get(channel) or int(rng.choice([150, 200, 200, 300] if channel != "photocopy" else [200, 200, 300]))
    if channel == "a4_1bit":
        dpi = int(rng.choice([200, 300]))
    angle = None
    if channel == "skew":
        angle = float(rng.uniform(1.5, 10) * rng.choice([-1, 1]))
    page, docs = document_sheet(rng, dpi, angle, level)
    if channel == "a4_1bit":
        g = grey(scan_wear(rng, page, dpi, level * 0.5))
        g = degrade.dither(rng, g) if rng.random() < 0.15 else page_bilevel(rng, g, dpi, level)
        return g.astype(np.uint8), 1, docs, channel, dpi
    if channel == "photocopy":
        g = grey(scan_wear(rng, page, dpi, 0.3))
        for _ in range(int(rng.integers(1, 3))):
            g = cv2.GaussianBlur(page_toner(rng, g, level), (0, 0), 0.5 * dpi / 200)
        g = np.clip(g + degrade.noise(rng, g.shape) * 4, 0, 255)
        return g.astype(np.uint8), 8, docs, channel, dpi
    if channel == "fax":
        g = grey(page)
        g = cv2.resize(g, (1728, int(g.shape[0] * 1728 / g.shape[1] * rng.choice([1.0, 0.5]))), interpolation=cv2.INTER_AREA)
        g = page_bilevel(rng, g, 204, level)
        if g.shape[0] < 1700:
            g = np.repeat(g, 2, 0)
        return g.astype(np.uint8), 1, docs, channel, 204
    page = scan_wear(rng, page, dpi, level)
    if channel.startswith("rot"):
        page = np.rot90(page, {"rot90": 3, "rot180": 2, "rot270": 1}[channel])
    page = np.ascontiguousarray(page)
    if rng.random() < 0.5:
        return grey(page).astype(np.uint8), 8, docs, channel, dpi
    return page.astype(np.uint8), 8, docs, channel, dpi


def save(rng, where, name, image, bits, dpi):
    """Writes PNG, JPEG, TIFF (deflate, LZW, G4, raw) or BMP; gives the file name."""
    out = Image.fromarray(image)
    tag = (dpi, dpi) if dpi else (72, 72)
    if bits == 1:
        out = out.point(lambda v: 255 if v > 127 else 0).convert("1")
        if rng.random() < 0.5:
            out.save(os.path.join(where, name + ".tif"), compression="group4", dpi=tag)
            return name + ".tif"
        out.save(os.path.join(where, name + ".png"), dpi=tag)
        return name + ".png"
    r = rng.random()
    if r < 0.65:
        out.save(os.path.join(where, name + ".jpg"), quality=int(rng.choice([40, 60, 75, 75, 85, 92])), dpi=tag)
        return name + ".jpg"
    if r < 0.85:
        out.save(os.path.join(where, name + ".png"), dpi=tag, compress_level=4)
        return name + ".png"
    if r < 0.95:
        out.save(os.path.join(where, name + ".tif"), compression=str(rng.choice(["tiff_lzw", "tiff_deflate", "raw"])), dpi=tag)
        return name + ".tif"
    out.save(os.path.join(where, name + ".bmp"))
    return name + ".bmp"


def main():
    where, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    style = sys.argv[4] if len(sys.argv) > 4 else "tune"
    make = picture
    if style == "held":
        import pages_held

        make = pages_held.picture
    os.makedirs(where, exist_ok=True)
    with open(os.path.join(where, "truth.jsonl"), "a") as truth:
        for k in range(count):
            rng = np.random.default_rng([seed, k])
            channel = str(rng.choice(CHANNELS, p=SHARES))
            image, bits, docs, channel, dpi = make(rng, channel)
            name = save(rng, where, "%s%d_%03d_%s" % (style, seed, k, channel), image, bits, dpi)
            row = {"file": name, "kind": "id_document_copy" if docs or channel == "negative_front" else None, "mrz": [line for d in docs for line in d], "documents": docs, "channel": channel, "dpi": dpi}
            truth.write(json.dumps(row) + "\n")
            truth.flush()


if __name__ == "__main__":
    main()
