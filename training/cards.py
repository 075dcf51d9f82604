"""Whole pictures to tune the search for documents on: copies of invented identity documents, and the rest of a share.

`cards.py DIR COUNT SEED [--only CLASS] [--labels]` writes COUNT files, DIR/truth.jsonl (docs/evaluate.md) for the
default mode and DIR/truth_all.jsonl for `read = "all"`, where papers that carry a personal number have it. With
`--labels` DIR/lines.jsonl tells the true text lines of each picture. Regions and lines are in stored pixels, before any
EXIF turn; of a PDF or DOCX, in the pixels of its one image. Picture k depends on SEED and k only.
"""

import argparse
import json
import os

import cv2
import numpy as np

import cards_docs as docs
import cards_other as other
import cards_people as people
import cards_save
import cards_scene
import cards_screen as screens
import cards_wear as wear
import pages
from cards_draw import SANS, Art, Pen, pick, qr, rgb

cv2.setNumThreads(1)

DOCUMENTS = {"id_front": 0.23, "id_back": 0.11, "id_both": 0.18, "two_people": 0.06, "passport": 0.13, "rest": 0.29}
COPIES = {"scan_crop": 0.13, "scan_a4": 0.14, "photocopy": 0.13, "onebit": 0.09, "fax": 0.05, "photo": 0.25, "thumbnail": 0.09, "screenshot": 0.07, "born_digital": 0.05}
CARDS = {"driving_licence": 0.09, "bank_card": 0.035, "badge": 0.045, "student_card": 0.03, "business_card": 0.03, "military_cover": 0.02, "insurance_card": 0.02, "banknote": 0.02}
PAPERS = {"form_typed": 0.075, "form_hand": 0.05, "letter": 0.11, "invoice": 0.05, "receipt": 0.05, "medical": 0.03, "diploma": 0.03, "handwriting": 0.03, "blank": 0.02, "book": 0.045, "dirty_copy": 0.03, "address_note": 0.025, "resume": 0.025}
SCREENS = {"chat": 0.025, "code": 0.03, "web_form": 0.035, "slide": 0.02, "chart": 0.02, "icon": 0.015, "codes": 0.02, "map": 0.015}
PHOTOS = {"scene": 0.1, "surface": 0.03}
PAPER_COPIES = {"scan_a4": 0.34, "photocopy": 0.2, "onebit": 0.12, "fax": 0.05, "photo": 0.19, "screenshot": 0.04, "born_digital": 0.06}
ORIGINS = {"scan_crop": "paper_scan", "scan_a4": "paper_scan", "photocopy": "photocopy", "fax": "photocopy", "photo": "phone_photo", "screenshot": "screenshot", "born_digital": "born_digital"}
EXIF_TURN = {"upright": 1, "rot90": 8, "rot180": 3, "rot270": 6}  # what a viewer has to do with the stored pixels
NEGATIVE_SHARE = 0.54


def lot(rng, table):
    names = list(table)
    p = np.array([table[n] for n in names], float)
    return names[int(rng.choice(len(names), p=p / p.sum()))]


def sides(rng, name):
    """What is on the picture: (kind, person) for each side."""
    p, q = people.Person(rng), people.Person(rng)
    if name == "id_both":
        return [("id_front", p), ("id_back", p)]
    if name == "two_people":
        r = rng.random()
        if r < 0.5:
            return [("id_front", p), ("id_front", q)]
        if r < 0.65:
            return [("id_back", p), ("id_back", q)]
        if r < 0.85:
            return [("id_front", p), ("id_back", p), ("id_front", q), ("id_back", q)]
        return [("passport", p), ("passport", q)]
    if name == "residence_both":
        return [("residence_front", p), ("residence_back", p)]
    return [(name, p)]


def sizes(arts):
    return [(a.size[0] / a.s, a.size[1] / a.s) for a in arts]


def arranged(rng, mm, room=None):
    """Centres (mm) of things side by side, one under the other, or two by two; and the size of the whole."""
    gap = rng.uniform(3, 14)
    n = len(mm)
    columns = 1 if n < 2 else 2 if n == 4 and rng.random() < 0.7 else n if n == 2 and rng.random() < (0.25 if room is None else 0.12) else 1
    w, h = max(m[0] for m in mm), max(m[1] for m in mm)
    if room and (columns * (w + gap) > room[0] or -(-n // columns) * (h + gap) > room[1]):
        columns = 1 if columns > 1 else min(2, n)
    rows = -(-n // columns)
    at = [((k % columns) * (w + gap) + w / 2, (k // columns) * (h + gap) + h / 2) for k in range(n)]
    return at, (columns * (w + gap) - gap, rows * (h + gap) - gap)


def sheet(rng, arts, dpi):
    """An A4 page with copies of the cards on it."""
    u = dpi / 25.4
    mm = sizes(arts)
    upright = max(m[1] for m in mm) > 200 or (rng.random() < 0.92 and max(m[0] for m in mm) < 200)
    W, H = (210.0, 297.0) if upright else (297.0, 210.0)
    page = Art.blank(W * u, H * u, (int(rng.uniform(244, 255)),) * 3)
    at, (w, h) = arranged(rng, mm, (W, H))
    grow = float(rng.choice([1.0, 1.0, 1.0, 1.0, 1.15, 1.41, 1.7]))
    grow = min(grow, (W - 2) / w, (H - 2) / h)
    if rng.random() < 0.3:
        pen = Pen(page, u)
        face = pick(rng, SANS)[0]
        y = 15.0 if rng.random() < 0.5 else 262.0
        for words in [pick(rng, pages.SENTENCES) for _ in range(int(rng.integers(1, 5)))] + (["КОПИЯ ВЕРНА"] if rng.random() < 0.4 else []):
            if y < H - 4:
                pen.text(15, y, words, face, 2.3, (30, 30, 30))
            y += 6.5
        pen.done()
    room = np.maximum(np.array([W - w * grow, H - h * grow]), 0)
    corner = room * (rng.uniform(0, 1, 2) if rng.random() < 0.6 else np.array([0.5, rng.uniform(0.05, 0.3)]))
    angle = rng.normal(0, 0.6) if rng.random() < 0.8 else rng.uniform(-8, 8)
    c, s = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    outline = rng.random() < 0.35
    for art, (x, y) in zip(arts, at):
        dx, dy = (x - w / 2) * grow, (y - h / 2) * grow
        cx, cy = corner[0] + w * grow / 2 + c * dx - s * dy, corner[1] + h * grow / 2 + s * dx + c * dy
        m = wear.flat(cx * u, cy * u, art, u / art.s * grow, angle + rng.normal(0, 0.25))
        wear.place(page, art, m, 3.2 * art.s if art.size[0] / art.s < 90 else 0, shadow=u * rng.uniform(0, 1.2) if rng.random() < 0.5 else 0)
        if outline:
            q = wear.through(m, art.quad()).round().astype(np.int32)
            cv2.polylines(page.px, [q], True, (int(rng.uniform(60, 170)),) * 3, max(1, int(0.25 * u)), cv2.LINE_AA)
    if rng.random() < 0.12:
        stamp(rng, page, u)
    return page


def stamp(rng, page, u):
    size = int(36 * u)
    seal = pages.stamp(rng, size)[:, :, None].astype(np.float32) / 255 * 0.6
    y, x = int(rng.uniform(0, page.size[1] - size)), int(rng.uniform(0, page.size[0] - size))
    part = page.px[y:y + size, x:x + size]
    part[:] = (part * (1 - seal) + np.array([50, 70, 170]) * seal).astype(np.uint8)


def tight(rng, arts, dpi):
    """Cut close to the cards, on the scanner's lid."""
    u = dpi / 25.4
    at, (w, h) = arranged(rng, sizes(arts))
    edge = rng.uniform(0.3, 7)
    tone = int(rng.choice([250, 252, 235, 200, 120, 30], p=[0.35, 0.25, 0.15, 0.1, 0.08, 0.07]))
    page = Art.blank((w + 2 * edge) * u, (h + 2 * edge) * u, (tone,) * 3)
    angle = rng.normal(0, 0.5) if rng.random() < 0.85 else rng.uniform(-4, 4)
    for art, (x, y) in zip(arts, at):
        m = wear.flat((x + edge) * u, (y + edge) * u, art, u / art.s, angle)
        wear.place(page, art, m, 3.2 * art.s if art.size[0] / art.s < 90 else 0, shadow=u * 0.6 if rng.random() < 0.4 else 0)
    return page


def phone(rng, make, n, paper):
    """Things photographed on a surface, or as a copy on paper. `make(s)` draws them at s pixels a millimetre."""
    probe = make(None)
    mm = probe
    if n > 1 and not paper and rng.random() < 0.5 or (n == 1 and not paper and rng.random() < 0.08):
        size = [(1536, 2048), (1944, 2592), (2048, 1536), (3000, 4000)][int(rng.choice(4, p=[0.45, 0.4, 0.1, 0.05]))]
        arts = make(10.0)
        page = sheet(rng, arts, 220)
        page = wear.copier(rng, page, 220, 0.3) if rng.random() < 0.6 else page
        if page.px.ndim == 2:
            page = page.moved(rgb(page.px), np.eye(3))
        u = 220 / 25.4
        return wear.photo(rng, [(page, (0, 0), u, 0, 0)], page.size[0] / u, page.size[1] / u, size, rng.uniform(0.85, 0.99), tilt=18, skew=8)
    at, (w, h) = arranged(rng, mm)
    size = wear.photo_size(rng, tall=h > w)
    if paper:
        size = (size[1], size[0]) if (size[0] > size[1]) == (h > w) else size
        if max(size) < 1500:
            size = (int(size[0] * 1.25), int(size[1] * 1.25))
    share = rng.uniform(0.85, 0.98) if paper or n > 1 else rng.uniform(0.5, 0.97)
    per_mm = share * min(size[0] / w, size[1] / h)
    if not paper and per_mm * mm[0][0] < 560:
        share = min(0.97, share * 560 / (per_mm * mm[0][0]))
        per_mm = share * min(size[0] / w, size[1] / h)
    arts = make(float(np.clip(per_mm * 1.15, 5.5, 22)))
    laid = [(a, (x - w / 2, y - h / 2), a.s, rng.normal(0, 2.0) if n > 1 else 0.0, 3.2 if m[0] < 90 else 0) for a, (x, y), m in zip(arts, at, mm)]
    return wear.photo(rng, laid, w, h, size, share, tilt=20 if paper else 30, skew=10 if paper else 20)


def cut(rng, art):
    """Only the part with the documents, when there are any."""
    if not art.docs:
        return art
    q = np.concatenate([quad for _, quad in art.docs])
    low, high = q.min(0), q.max(0)
    edge = (high - low) * rng.uniform(0.005, 0.06)
    a, b = np.maximum(low - edge, 0).astype(int), np.minimum(high + edge, art.size).astype(int)
    return art.moved(np.ascontiguousarray(art.px[a[1]:b[1], a[0]:b[0]]), np.array([[1, 0, -a[0]], [0, 1, -a[1]], [0, 0, 1.0]]))


def width_of(quad):
    q = np.asarray(quad)
    across = (np.linalg.norm(q[1] - q[0]) + np.linalg.norm(q[2] - q[3])) / 2
    down = (np.linalg.norm(q[3] - q[0]) + np.linalg.norm(q[2] - q[1])) / 2
    return max(across, down)


def born(rng, arts):
    """As a service draws it: the card as an image, words and a code around it, no wear at all."""
    mm = sizes(arts)
    at, (w, h) = arranged(rng, mm)
    u = arts[0].s
    if rng.random() < 0.35:
        page = Art.blank(w * u, h * u)
        ox = oy = 0.0
    else:
        W, H = max(w + 20, 120), h + 90
        page = Art.blank(W * u, H * u)
        pen = Pen(page, u)
        face, bold = pick(rng, SANS)
        pen.text(W / 2, 14, pick(rng, ("Электронный документ", "Электрондық құжат", "Цифровой документ")), bold, 3, (30, 60, 120), "title", "m")
        pen.text(10, h + 45, "Осы құжат қағаз тасығыштағы құжатпен бірдей", face, 1.8, (60, 60, 60))
        pen.text(10, h + 50, "Данный документ равнозначен документу на бумажном носителе", face, 1.8, (60, 60, 60))
        pen.picture(rgb(qr(rng, 33, max(1, int(0.8 * u)))), 10, h + 55)
        pen.done()
        ox, oy = (W - w) / 2, 25.0
    for art, (x, y), m in zip(arts, at, mm):
        page.paste(art, (ox + x - m[0] / 2) * u, (oy + y - m[1] / 2) * u)
    return page


def copy(rng, channel, make, n, paper=False):
    """(art, spec, origin) of the things that `make(s)` draws, copied by `channel`. `make(None)` gives their sizes in mm."""
    level = float(rng.uniform(0.05, 1))
    spec = {"look": "scan", "bits": 8}
    origin = ORIGINS.get(channel)
    if channel == "thumbnail":
        source = str(rng.choice(["scan_crop", "photocopy", "photo"], p=[0.45, 0.2, 0.35]))
        goal = rng.uniform(600, 800)
        if source == "photo":
            art = cut(rng, phone(rng, make, n, paper))
            if art.docs and max(width_of(q) for _, q in art.docs) < 590:
                source = "scan_crop"
        if source != "photo":
            art = tight(rng, make(12.0), 250)
            art = wear.scan(rng, art, 250, level) if source == "scan_crop" else wear.copier(rng, art, 250, level * 0.7)
        have = max([width_of(q) for _, q in art.docs] or [art.size[0]])
        if have > goal:
            art = art.resized(goal / have)
        spec["look"] = "photo" if source == "photo" or rng.random() < 0.7 else "scan"
        return art, spec, ORIGINS[source]
    if channel == "photo":
        art = phone(rng, make, n, paper)
        spec["look"] = "photo"
        if rng.random() < 0.3:
            spec["exif"] = cards_save.camera_tags(rng)
        return art, spec, origin
    if channel == "screenshot":
        r = rng.random()
        if r < 0.35:
            art = wear.scan(rng, tight(rng, make(10.0), 200), 200, level)
        elif r < 0.6:
            art = cut(rng, phone(rng, make, n, paper))
        elif r < 0.75 and not paper:
            art = wear.scan(rng, sheet(rng, make(9.0), 170), 170, level)
        else:
            art = born(rng, make(9.0))
        if art.px.ndim == 2:
            art = art.moved(rgb(art.px), np.eye(3))
        spec["look"] = "screen"
        out = screens.screen(rng, art)
        if out.docs and max(width_of(q) for _, q in out.docs) < 430:  # nobody reads less: the user zooms in
            out = screens.screen(rng, cut(rng, art))
        return out, spec, origin
    if channel == "born_digital":
        spec["look"] = "screen"
        if rng.random() < 0.3:
            spec.update(container="pdf", look="scan")
        return born(rng, make(float(rng.uniform(7, 12)) if not paper else 5.5)), spec, origin
    crop = channel == "scan_crop" or (channel == "photocopy" and not paper and rng.random() < 0.3)
    dpi = int(rng.choice([150, 200, 300, 600], p=[0.25, 0.3, 0.33, 0.12])) if crop and channel != "photocopy" else int(rng.choice([150, 200, 300], p=[0.3, 0.45, 0.25]))
    if dpi == 600 and (n > 1 or max(max(m) for m in make(None)) > 150):
        dpi = 300
    if channel == "onebit":
        dpi = int(rng.choice([200, 300], p=[0.55, 0.45]))
    if channel == "fax":
        dpi = 204
    u = dpi / 25.4
    arts = make(u if paper else float(np.clip(u * 1.2, 9, 24)))
    if paper:
        page = arts[0]
        if rng.random() < 0.5:
            turned = Art.blank(*page.size)
            page = wear.place(turned, page, wear.flat(page.size[0] / 2, page.size[1] / 2, page, 1.0, rng.normal(0, 0.6)))
    else:
        page = tight(rng, arts, dpi) if crop else sheet(rng, arts, dpi)
    spec["dpi"] = (dpi, dpi) if rng.random() < 0.8 else None
    if channel == "fax":
        art, spec["dpi"] = wear.fax(rng, page, level)
        spec.update(bits=1, look="fax")
        return art, spec, origin
    if channel == "onebit":
        first = rng.random() < 0.6
        origin = "paper_scan" if first else "photocopy"
        page = (wear.scan if first else wear.copier)(rng, page, dpi, level * 0.4)
        art = wear.one_bit(rng, page, level)
        spec.update(bits=1, dpi=(dpi, dpi))
    elif channel == "photocopy":
        art = wear.copier(rng, page, dpi, level)
    else:
        art = wear.scan(rng, page, dpi, level)
        if rng.random() < 0.2:
            art = wear.grey(art)
    r = rng.random()
    spec["container"] = "pdf" if r < 0.17 else "docx" if r < 0.20 and spec["bits"] == 8 else "none"
    return art, spec, origin


def positive(rng, name):
    wanted = sides(rng, name)
    seed = int(rng.integers(1 << 62))

    def make(s):
        arts = [docs.document(np.random.default_rng([seed, k]), kind, s or 6.0, p) for k, (kind, p) in enumerate(wanted)]
        return sizes(arts) if s is None else arts

    channel = lot(rng, COPIES)
    return (name, channel) + copy(rng, channel, make, len(wanted)) + ([],)


def negative(rng, name):
    seed = int(rng.integers(1 << 62))
    found = []
    if name in CARDS:
        maker = getattr(other, name)
        channel = lot(rng, COPIES)
        paper = False
    elif name in PAPERS:
        maker = {"form_typed": other.form, "form_hand": lambda r, s: other.form(r, s, True), "dirty_copy": other.letter}.get(name) or getattr(other, name)
        channel = lot(rng, PAPER_COPIES)
        if name == "dirty_copy":
            channel = "photocopy"
        paper = True
    else:
        return screen_or_scene(rng, name)

    def make(s):
        art, iins = maker(np.random.default_rng([seed, 0]), s or 3.0)
        found[:] = iins
        art.s = s or 3.0
        return sizes([art]) if s is None else [art]

    art, spec, origin = copy(rng, channel, make, 1, paper)
    if name == "dirty_copy":
        art = wear.copier(rng, art, 200, 1.0)
    return name, channel, art, spec, origin, list(found)


def screen_or_scene(rng, name):
    if name == "surface":
        art, iins = Art(wear.surface(rng, *wear.photo_size(rng))), []
    elif name == "scene":
        art, iins = cards_scene.scene(rng)
    else:
        maker = {"icon": screens.icons, "codes": screens.sheet_of_codes, "map": lambda r: other.map_page(r, 0)}.get(name) or getattr(screens, name)
        art, iins = maker(rng)
    if name in ("surface", "scene"):
        art = wear.camera(rng, art, 1000)
        spec = {"look": "photo", "exif": cards_save.camera_tags(rng) if rng.random() < 0.3 else None}
        return name, "photo", art, spec, "phone_photo", iins
    channel, origin = ("born_digital", "born_digital") if name in ("slide", "chart", "icon", "codes", "map") else ("screenshot", "screenshot")
    spec = {"look": "screen" if rng.random() < 0.75 else "photo"}
    return name, channel, art, spec, origin, iins


def expectations(art, origin):
    """One a person and document: both sides of one card are one."""
    w, h = art.size
    groups = {}
    for doc, quad in art.docs:
        groups.setdefault((doc["owner"], doc["type"]), []).append((doc, quad))
    out = []
    for parts in groups.values():
        doc = parts[0][0]
        q = np.concatenate([quad for _, quad in parts])
        low, high = np.clip(q.min(0), 0, (w, h)), np.clip(q.max(0), 0, (w, h))
        where = {d["side"] for d, _ in parts}
        body = {"type": doc["type"], "issuer": doc["issuer"], "origin": origin, "mrz": any(d["mrz"] for d, _ in parts),
                "region": [int(low[0]), int(low[1]), int(round(high[0] - low[0])), int(round(high[1] - low[1]))]}
        side = "both" if where == {"front", "back"} else where.pop()
        if side:
            body["side"] = side
        numbers = sorted({d["iin"] for d, _ in parts if d["iin"]})
        out.append({"kind": "id_document_copy", "count": 1, "document": body, "subjects": numbers})
    return out


def one(rng, only):
    """(class, channel, art, spec, origin, iins)."""
    everything = {**CARDS, **PAPERS, **SCREENS, **PHOTOS}
    if only and only not in everything:
        return positive(rng, only)
    if only or rng.random() < NEGATIVE_SHARE:
        return negative(rng, only or lot(rng, everything))
    name = lot(rng, DOCUMENTS)
    if name == "rest":
        name = pick(rng, docs.KINDS + ("residence_both", "birth_certificate"))
    return positive(rng, name)


def main():
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("dir")
    ask.add_argument("count", type=int)
    ask.add_argument("seed", type=int)
    ask.add_argument("--only", help="one class, such as id_front, driving_licence, letter")
    ask.add_argument("--labels", action="store_true", help="write lines.jsonl")
    ask.add_argument("--start", type=int, default=0, help="first picture")
    args = ask.parse_args()
    os.makedirs(args.dir, exist_ok=True)
    names = ["truth.jsonl", "truth_all.jsonl"] + (["lines.jsonl"] if args.labels else [])
    books = [open(os.path.join(args.dir, n), "a" if args.start else "w", encoding="utf-8") for n in names]
    for k in range(args.start, args.start + args.count):
        rng = np.random.default_rng([args.seed, k])
        name, channel, art, spec, origin, iins = one(rng, args.only)
        turn = "upright" if rng.random() < 0.72 else pick(rng, wear.TURNS[1:])
        if channel in ("screenshot", "born_digital") and rng.random() < 0.8:
            turn = "upright"
        if spec.get("exif") is not None and rng.random() < 0.5 and not turn.startswith("mirror"):
            spec["exif"][0x0112] = EXIF_TURN[turn] if rng.random() < 0.9 else 1
        if turn != "upright":
            art = wear.turned(art, turn)
            if turn.endswith("90") or turn.endswith("270"):
                spec["dpi"] = spec.get("dpi") and spec["dpi"][::-1]
        if spec.get("container") == "pdf" and rng.random() < 0.25:
            before = other.book(rng, 100 / 25.4)[0]
            spec["before"] = cv2.cvtColor(wear.scan(rng, before, 100, 0.4).px, cv2.COLOR_RGB2GRAY)
        file = cards_save.save(rng, args.dir, "%04d_%s_%s" % (k, name, channel), art.px, spec)
        expect = expectations(art, origin)
        container = spec.get("container", "none")
        tags = ["class:" + name, "source:tune", "origin:" + origin, "orient:" + turn, "bits:%d" % spec.get("bits", 8)]
        if "before" in spec:
            tags.append("page:2")
        if art.docs:
            tags.append("width:%d" % max(width_of(q) for _, q in art.docs))
            if any(d.get("wrong") for d, _ in art.docs):
                tags.append("wrong_check:1")
        if iins:
            tags.append("read_all:1")
        row = {"file": file, "channel": channel, "container": container, "expect": expect, "tags": tags}
        books[0].write(json.dumps(row, ensure_ascii=False) + "\n")
        if iins:
            row = dict(row, expect=expect + [{"kind": "iin", "count": len(iins), "subjects": sorted(set(iins))}])
        books[1].write(json.dumps(row, ensure_ascii=False) + "\n")
        if args.labels:
            lines = [{"text": words, "role": role, "quad": np.round(quad, 1).tolist()} for words, quad, role in art.lines]
            books[2].write(json.dumps({"file": file, "size": list(art.size), "lines": lines}, ensure_ascii=False) + "\n")
    for book in books:
        book.close()


if __name__ == "__main__":
    main()
