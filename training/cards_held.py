"""The held-out set of identity documents and of what gets mistaken for them: `cards_held.py DIR COUNT SEED`.

Another hand than the makers of the training material: HTML laid out by headless Chromium, faces and OCR-B cut that
training never sees, wear by own code. DIR/truth.jsonl is in the evaluator's format. `--only CLASS` makes one class, `--route ROUTE` copies cards in one way,
`--negatives` only what must stay silent, `--jobs N` is for N processes. Needs chromium, imagemagick, img2pdf besides the packages in README.md.

DIR/truth_all.jsonl is the same for `[vision] read = "all"`: numbers that stand in papers are expected there as `iin`.
"""

import argparse
import base64
import contextlib
import io
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor

import cv2
import held_art as art
import held_docs as docs
import held_papers as papers
import held_photos as photos
import held_wear as wear
import img2pdf
import numpy as np
from held_browser import Browser
from held_people import Person
from mrzgen import pick
from PIL import Image

# of 600: what the set is made of
DOCUMENTS = {"id_front": 110, "id_back": 60, "passport": 50, "id_both": 30, "two_people": 12, "other": 30, "foreign": 30, "bad_composite": 8}
PAPERS = {"licence": 25, "bank_card": 16, "badge": 16, "business": 12, "insurance": 10, "questionnaire": 20, "contract": 20, "letter": 12, "invoice": 12, "receipt": 16, "slide": 8, "chart": 9,
          "code": 9, "chat": 9, "web": 8, "webform": 10, "handwriting": 7, "barcode": 6, "diploma": 8, "maps": 6, "table": 4, "ticket": 5, "blank": 6, "notice": 5, "photo": 22}
HARD = {"receipt": 40, "questionnaire": 30, "webform": 24, "photo": 38, "chart": 22, "slide": 14, "code": 26, "chat": 20, "web": 20, "licence": 14, "bank_card": 10, "badge": 12, "table": 8, "contract": 12, "notice": 12}

# how documents are copied
ROUTES = {"scan": 16, "scan_a4": 14, "copy": 8, "copy_a4": 13, "bilevel": 7, "fax": 4, "phone": 25, "thumbnail": 7, "screenshot": 4, "born_digital": 4}
PAGE_ROUTES = {"scan": 34, "copy": 18, "bilevel": 14, "fax": 5, "phone": 21, "thumbnail": 4, "born_digital": 4}

CAMERAS = [("samsung", "SM-A536E"), ("Apple", "iPhone 13"), ("Xiaomi", "M2101K6G"), ("HUAWEI", "ANE-LX1"), ("realme", "RMX3521")]
DEVICES = [("KONICA MINOLTA bizhub C258", None), ("Canon iR-ADV C3520", "Canon"), ("Xerox WorkCentre 5325", None), ("RICOH MP C2004", None), ("CamScanner", "intsig.com pdf producer"), ("", None), ("", None)]


def draw_from(rng, odds):
    names = list(odds)
    p = np.array([odds[n] for n in names], float)
    return names[int(rng.choice(len(names), p=p / p.sum()))]


def share(odds, count):
    """`count` things in the proportions of `odds`, by largest remainder."""
    total = sum(odds.values())
    exact = {k: v * count / total for k, v in odds.items()}
    got = {k: int(v) for k, v in exact.items()}
    for k in sorted(exact, key=lambda k: got[k] - exact[k])[:count - sum(got.values())]:
        got[k] += 1
    return [k for k, n in got.items() for _ in range(n)]


class Maker:
    def __init__(self, folder):
        self.folder, self.browser = folder, Browser()
        os.makedirs(folder, exist_ok=True)

    # ------------------------------------------------------------ the parts of a picture

    def rgba(self, thing, dpi):
        return self.browser.mm(thing.html, thing.w, thing.h, dpi)

    def piece(self, rng, thing, dpi, zoom=1.0, route=""):
        """The drawn document, now and then with a corner gone, a finger on it or a bent page."""
        img = self.rgba(thing, min(dpi * zoom * 1.05, 640)).astype(np.float32)
        hurt = []
        free = getattr(thing, "free", "")
        if rng.random() < 0.05:
            n = int(rng.uniform(0.02, 0.04) * img.shape[1])
            if free in ("r", "t"):
                y, x = np.mgrid[0:n, 0:n]
                part, cut = (np.s_[-n:, -n:], x + y > n) if free == "r" else (np.s_[:n, -n:], x > y)
                img[part][..., 3][cut] = 0
                hurt.append("cut:corner")
        if free and rng.random() < (0.13 if route == "phone" else 0.025):
            img = wear.cover(rng, img, free)
            hurt.append("covered:finger")
        if route == "phone" and thing.w > 100 and rng.random() < 0.4:
            img = wear.bend(rng, img)
            hurt.append("bent:yes")
        return img, hurt

    def note(self, rng, kind):
        """What hands add to a sheet with a copy: a stamp, a signature, a line of text."""
        text = pick(rng, ["КОПИЯ ВЕРНА", "Копия верна", "С подлинным верно", "КӨШІРМЕСІ ДҰРЫС"])
        html = {"stamp": "<div style='border:.6mm solid #33a;color:#33a;font:700 5mm PT Sans;padding:1.5mm;width:50mm;text-align:center'>%s</div>" % text, "sign": "<div style='font:4mm PT Serif'>%s</div>%s" % (text, art.signature(rng, 36, 12)), "round": art.stamp(rng, 36, "КАДРЛАР БӨЛІМІ ● ОТДЕЛ КАДРОВ ● ")}[kind]
        return self.browser.mm(html, 60, 38, 150).astype(np.float32), (60.0, 38.0)

    def on_sheet(self, rng, things, dpi, zoom=1.0):
        """Documents somewhere on A4, as a copier's glass or a scanner gives them."""
        W, H = (210.0, 297.0) if rng.random() < 0.9 else (297.0, 210.0)
        sizes = [(t.w * zoom, t.h * zoom) for t in things]
        tall = sum(s[1] for s in sizes) + 12 * len(sizes)
        across = sum(s[0] for s in sizes) + 12 * len(sizes)
        stacked = len(things) == 1 or tall < H - 10 and (across > W - 10 or rng.random() < 0.8)
        pieces, hurts = [], []
        loose = rng.random() < 0.5
        slack_x = W - (max(s[0] for s in sizes) if stacked else across) - 8
        slack_y = H - (tall if stacked else max(s[1] for s in sizes)) - 8
        x0, y0 = 4 + max(0, slack_x) * rng.choice([rng.uniform(0, 1), 0.5]), 4 + max(0, slack_y) * (rng.uniform(0, 1) if loose else rng.uniform(0, 0.3))
        gap = rng.uniform(3, 12)
        skew = rng.normal(0, 0.8) if rng.random() < 0.8 else rng.uniform(-6, 6)
        for t, s in zip(things, sizes):
            img, hurt = self.piece(rng, t, dpi, zoom)
            hurts += hurt
            jog = rng.uniform(-4, 4) if loose and len(things) > 1 else 0
            cx = np.clip(x0 + s[0] / 2 + jog, s[0] / 2 + 2, W - s[0] / 2 - 2)
            pieces.append((img, s, (cx, y0 + s[1] / 2), skew + rng.normal(0, 0.4)))
            if stacked:
                y0 += s[1] + gap
            else:
                x0 += s[0] + gap
        docs_n = len(pieces)
        if rng.random() < 0.22 and y0 < H - 60 and stacked:
            img, s = self.note(rng, pick(rng, ["stamp", "sign", "round"]))
            pieces.append((img, s, (rng.uniform(40, W - 40), rng.uniform(y0 + 24, H - 22)), rng.uniform(-8, 8)))
        shot = wear.sheet(rng, pieces, W, H, dpi, np.float32(rng.uniform(244, 255)) * np.array([1, 1, rng.uniform(0.97, 1)], np.float32))
        shot.quads = shot.quads[:docs_n]
        shot.tags += hurts
        return shot

    def cropped(self, rng, things, dpi):
        """A scan cut to the document: some border, none, or a little less than nothing."""
        m = pick(rng, [rng.uniform(1.5, 8), rng.uniform(1.5, 8), rng.uniform(0, 1.5), rng.uniform(-0.8, 0)])
        angle = rng.normal(0, 0.7) if m > 0.5 else rng.normal(0, 0.15)
        if rng.random() < 0.12 and m > 3:
            angle = rng.uniform(-5, 5)
        gap = rng.uniform(1, 6)
        W, H = max(t.w for t in things) + 2 * m, sum(t.h for t in things) + gap * (len(things) - 1) + 2 * m
        pieces, hurts, y = [], [], m
        for t in things:
            img, hurt = self.piece(rng, t, dpi)
            hurts += hurt
            pieces.append((img, (t.w, t.h), (W / 2, y + t.h / 2), angle))
            y += t.h + gap
        lid = np.float32(rng.uniform(232, 255)) if rng.random() < 0.93 else np.float32(rng.uniform(20, 90))
        shot = wear.sheet(rng, pieces, W, H, dpi, lid)
        shot.tags += hurts
        return shot

    def on_desk(self, rng, things, size=None):
        """Documents on a table; `size` of the frame in px as (w, h)."""
        size = size or wear.SIZES[int(rng.choice(len(wear.SIZES), p=wear.SIZE_ODDS))]
        if sum(t.h for t in things) > 140 and max(size) < 1600 and max(t.w for t in things) > 100 and rng.random() < 0.8:
            size = pick(rng, [(2048, 1536), (2592, 1944), (1600, 1200), (3264, 2448)])
        tall = sum(t.h for t in things) > 1.15 * max(t.w for t in things)
        if tall == (size[0] > size[1]):
            size = size[::-1]
        pieces, hurts, y = [], [], 0.0
        span = max(max(t.w for t in things), 1)
        dpi = min(600, max(size) * 25.4 / max(span, sum(t.h for t in things)) * 1.0)
        for t in things:
            img, hurt = self.piece(rng, t, dpi, 1.0, "phone")
            hurts += hurt
            pieces.append((img, (t.w, t.h * img.shape[0] / (img.shape[1] * t.h / t.w)), (rng.normal(0, 2) if len(things) > 1 else 0, y + t.h / 2), rng.normal(0, 1.5)))
            y += t.h + rng.uniform(2, 12)
        shot = wear.phone(rng, pieces, size)
        shot.tags += hurts
        return shot

    def plain(self, rng, things, dpi):
        """Drawn, never printed: on a white ground or to its edges."""
        if len(things) == 1 and rng.random() < 0.4 and getattr(things[0], "w", 0) < 150:
            shot = self.clean_edges(things[0], dpi)
        else:
            W, H = max(t.w for t in things) + 20, sum(t.h + 10 for t in things) + 10
            y, pieces = 10.0, []
            for t in things:
                pieces.append((self.rgba(t, dpi).astype(np.float32), (t.w, t.h), (W / 2, y + t.h / 2), 0))
                y += t.h + 10
            shot = wear.sheet(rng, pieces, W, H, dpi, np.float32(255), 0)
        shot.origin, shot.how = "born_digital", "rendered"
        return shot

    def clean_edges(self, thing, dpi):
        img = self.rgba(thing, dpi).astype(np.float32)
        a = img[..., 3:] / 255
        h, w = img.shape[:2]
        return wear.Shot(np.ascontiguousarray(img[..., :3] * a + 255 * (1 - a)), [np.array([[0, 0], [w, 0], [w, h], [0, h]], float)], dpi / 25.4, "born_digital", "rendered")

    def screenshot(self, rng, shot):
        """The picture open in a program."""
        data = cv2.imencode(".jpg", np.clip(shot.img, 0, 255).astype(np.uint8)[..., ::-1] if shot.img.ndim == 3 else shot.img.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 88])[1]
        h, w = shot.img.shape[:2]
        phone = rng.random() < 0.3
        sw, sh = pick(rng, papers.PHONES[:2]) if phone else pick(rng, [(1366, 768), (1920, 1080), (1920, 1080), (1600, 900)])
        scale = 2.0 if phone else 1.0
        html, (x, y, iw, ih) = papers.viewer(rng, "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode(), sw, sh, w, h)
        shot.img = self.browser.pixels(html, sw, sh, 96 * scale)[..., :3].astype(np.float32)
        shot.move(np.array([[iw / w * scale, 0, x * scale], [0, ih / h * scale, y * scale], [0, 0, 1]]))
        shot.origin, shot.how, shot.dpi, shot.exif = "screenshot", "viewer", None, False
        return shot

    # ------------------------------------------------------------ routes

    def copy_of(self, rng, things, route):
        """A Shot of identity documents (or cards like them) by one route."""
        wide = max(t.w for t in things)
        if route in ("scan", "scan_a4"):
            dpi = pick(rng, [150, 150, 200, 200, 300, 300] if route == "scan_a4" else [150, 200, 300, 300, 300, 600] if wide < 100 else [150, 200, 300])
            return wear.scanner(rng, self.on_sheet(rng, things, dpi) if route == "scan_a4" else self.cropped(rng, things, dpi))
        if route in ("copy", "copy_a4", "bilevel", "fax"):
            times = int(rng.choice([1, 2, 3], p=[0.6, 0.28, 0.12]))
            dpi = pick(rng, [150, 200, 200, 300])
            if route == "bilevel":
                dpi, times = pick(rng, [200, 300, 300, 400] if wide < 130 else [200, 300]), min(times, 2)
            most = min(1.8, 190 / wide)
            fits = most >= 1.5 and sum(t.h for t in things) * 1.5 + 20 < 190
            zoom = 1.0
            if route == "fax":
                dpi, times, zoom = 204, 1, (rng.uniform(1.3, most) if fits else 1.0)
            elif route == "copy_a4" and fits and rng.random() < 0.25:
                zoom = rng.uniform(1.2, most)
            if times > 1:
                dpi = max(dpi, 200)
            sheet = route != "copy" and (route != "bilevel" or rng.random() < 0.6)
            shot = self.on_sheet(rng, things, dpi, zoom) if sheet else self.cropped(rng, things, dpi)
            if zoom > 1:
                shot.tags.append("enlarged:yes")
            if route == "bilevel" and rng.random() < 0.4:  # scanned in black and white at once, nothing copied
                shot = wear.bilevel(rng, wear.scanner(rng, shot))
            else:
                shot = wear.copier(rng, shot, times)
                if route == "bilevel":
                    wear.bilevel(rng, shot)
            if route == "fax":
                shot = wear.fax(rng, shot, zoom == 1.0 or rng.random() < 0.5)
            return shot
        if route == "phone":
            return self.on_desk(rng, things)
        if route == "thumbnail":
            base = self.copy_of(rng, things, pick(rng, ["scan", "phone", "scan_a4", "copy", "copy_a4"]))
            px = min(np.linalg.norm(q[1] - q[0]) for q in base.quads)
            return wear.shrink(rng, base, rng.uniform(600, 800), px)
        if route == "screenshot":
            return self.screenshot(rng, self.copy_of(rng, things, pick(rng, ["scan", "phone", "born_digital", "scan"])))
        return self.plain(rng, things, pick(rng, [150, 200, 250, 300]) if wide < 150 else 150)

    def page_copy(self, rng, paper, route):
        """A Shot of a sheet of paper that is no document."""
        if route == "phone":
            return self.on_desk(rng, [paper])
        dpi = {"fax": 204, "bilevel": pick(rng, [200, 300])}.get(route) or pick(rng, [120, 150, 150, 200, 200, 300])
        big = paper.w > 150
        shot = self.cropped(rng, [paper], dpi) if not big else self.clean_edges(paper, dpi)
        if route == "born_digital":
            shot.origin, shot.how = "born_digital", "rendered"
            return shot
        shot.origin = "paper_scan"
        if big and rng.random() < 0.5:
            h, w = shot.img.shape[:2]
            m = wear.similarity(1, rng.normal(0, 0.7), w / 2, h / 2, w / 2, h / 2)
            shot.img = cv2.warpPerspective(shot.img, m, (w, h), borderMode=cv2.BORDER_CONSTANT, borderValue=(248, 248, 247))
            shot.move(m)
        if route in ("scan", "thumbnail"):
            shot = wear.scanner(rng, shot)
            if route == "thumbnail":
                shot = wear.shrink(rng, shot, rng.uniform(600, 900), shot.img.shape[1])
            return shot
        shot = wear.copier(rng, shot, 1 if route == "fax" else int(rng.choice([1, 2])))
        if route == "bilevel":
            wear.bilevel(rng, shot)
        return wear.fax(rng, shot, rng.random() < 0.6) if route == "fax" else shot

    # ------------------------------------------------------------ files

    def still(self, shot):
        img = np.clip(np.rint(shot.img), 0, 255).astype(np.uint8)
        return Image.fromarray(img).convert("1", dither=Image.Dither.NONE) if shot.bits == 1 else Image.fromarray(img)

    def encode(self, img, fmt, quality, dpi=None, exif=None, chroma=2):
        out = io.BytesIO()
        extra = {"dpi": dpi} if dpi else {}
        if fmt == "jpg":
            img = img.convert("L") if img.mode == "1" else img
            img.save(out, "JPEG", quality=quality, subsampling=chroma, **extra, **({"exif": exif} if exif else {}))
        elif fmt == "tif":
            kind = {"1": "group4"}.get(img.mode, "tiff_lzw")
            img.save(out, "TIFF", compression=kind, **extra)
        elif fmt == "g3":
            img.save(out, "TIFF", compression="group3", **extra)
        elif fmt == "webp":
            img.save(out, "WEBP", quality=quality, method=1)
        elif fmt == "bmp":
            img.save(out, "BMP", **extra)
        else:
            img.save(out, "PNG", compress_level=2, **extra)
        return out.getvalue()

    def save(self, rng, name, shot, extra_pages=()):
        """Writes the file; returns (file name, container, page of the shot or None)."""
        img = self.still(shot)
        dpi = shot.dpi if isinstance(shot.dpi, tuple) else (shot.dpi, shot.dpi) if shot.dpi and rng.random() < 0.8 else None
        paper = shot.origin in ("paper_scan", "photocopy") and shot.dpi
        quality = int(rng.integers(60, 93)) if paper else int(rng.integers(35, 93)) if shot.origin == "phone_photo" else int(rng.integers(55, 95))
        fax = shot.how.startswith("fax")
        if fax:
            fmt = pick(rng, ["g3", "tif", "tif", "pdf"])
        elif shot.bits == 1:
            fmt = pick(rng, ["tif", "tif", "pdf", "pdf", "png", "jpg"])
        elif paper:
            fmt = draw_from(rng, {"jpg": 56, "pdf": 22, "tif": 6, "png": 12, "bmp": 2, "webp": 2})
        elif shot.origin == "phone_photo":
            fmt = draw_from(rng, {"jpg": 93, "webp": 3, "png": 2, "pdf": 2})
        elif shot.origin == "born_digital":
            fmt = draw_from(rng, {"png": 55, "pdf": 25, "jpg": 20})
        else:
            fmt = draw_from(rng, {"png": 58, "jpg": 37, "webp": 5})
        exif = None
        if shot.exif and fmt == "jpg":
            make, model = pick(rng, CAMERAS)
            exif = Image.Exif()
            exif[0x010F], exif[0x0110], exif[0x0132] = make, model, "2026:0%d:%02d 1%d:%02d:%02d" % (rng.integers(1, 10), rng.integers(1, 28), rng.integers(10), rng.integers(60), rng.integers(60))
            if rng.random() < 0.3:  # the pixels lie as the sensor saw them, the tag says how to turn them
                tag, quarter = pick(rng, [(6, 1), (8, 3), (3, 2)])
                exif[0x0112] = tag
                shot = wear.turn(shot, quarter, False)
                img = self.still(shot)
                shot.tags.append("exif:%d" % tag)
            exif = exif.tobytes()
        page = None
        if extra_pages and fmt in ("pdf", "tif", "g3"):
            page = int(rng.integers(0, len(extra_pages) + 1))
            images = list(extra_pages)
            images.insert(page, img)
        else:
            images = [img]
        if fmt == "pdf":
            parts = []
            for one in images:
                one_dpi = dpi or (200, 200)
                parts.append(self.encode(one, "tif" if one.mode == "1" else "jpg" if shot.origin != "born_digital" else "png", quality, one_dpi))
            producer, creator = pick(rng, DEVICES)
            with contextlib.redirect_stdout(io.StringIO()):  # it tells of strips
                data, ext = img2pdf.convert(parts, producer=producer or None, creator=creator), "pdf"
        elif len(images) > 1:
            out = io.BytesIO()
            images[0].save(out, "TIFF", save_all=True, append_images=images[1:], compression="group3" if fmt == "g3" else "group4" if img.mode == "1" else "tiff_lzw", **({"dpi": dpi} if dpi else {}))
            data, ext = out.getvalue(), "tif"
        else:
            data, ext = self.encode(img, fmt, quality, dpi, exif, 2 if rng.random() < 0.85 else 0), "tif" if fmt == "g3" else fmt
        with open(os.path.join(self.folder, name + "." + ext), "wb") as file:
            file.write(data)
        return name + "." + ext, "pdf" if ext == "pdf" else "tiff" if ext == "tif" else "none", page

    def filler(self, rng, like):
        """Pages that go before or after in one file: letters and blanks in the same manner."""
        pages = []
        for _ in range(int(rng.integers(1, 4))):
            paper = pick(rng, [papers.letter, papers.invoice, papers.blank])(np.random.default_rng(int(rng.integers(1 << 30))))
            if paper.iins:
                paper = papers.invoice(rng)
            shot = wear.copier(rng, self.clean_edges(paper, 150), 1)
            if like.bits == 1:
                wear.bilevel(rng, shot, "threshold")
            pages.append(self.still(shot))
        return pages

    # ------------------------------------------------------------ one entry

    def documents(self, rng, what):
        """(things on the picture, document of the truth, subjects, count, class)"""
        one = lambda d: {"type": d.kind, "issuer": d.issuer, **({"side": d.side} if d.side else {}), "mrz": d.mrz}
        if what in ("id_front", "id_back", "passport", "foreign"):
            d = {"id_front": docs.id_front, "id_back": docs.id_back, "passport": docs.booklet, "foreign": docs.abroad}[what](rng)
            return [d], one(d), d.subjects, 1, what if what != "foreign" else d.kind
        if what == "bad_composite":
            d = docs.id_back(rng, wrong=True) if rng.random() < 0.6 else docs.booklet(rng, wrong=True)
            return [d], one(d), d.subjects, 1, "bad_composite"
        if what == "id_both":
            who = Person(rng)
            pair = [docs.id_front(rng, who), docs.id_back(rng, who)]
            if rng.random() < 0.15:
                pair.reverse()
            return pair, {"type": "id_card", "issuer": "KAZ", "side": "both", "mrz": True}, [who.iin], 1, "id_both"
        if what == "two_people":
            a, b = Person(rng), Person(rng)
            shape = pick(rng, ["fronts", "backs", "both"])
            things = {"fronts": [docs.id_front(rng, a), docs.id_front(rng, b)], "backs": [docs.id_back(rng, a), docs.id_back(rng, b)],
                      "both": [docs.id_front(rng, a), docs.id_back(rng, a), docs.id_front(rng, b), docs.id_back(rng, b)]}[shape]
            return things, {"type": "id_card", "issuer": "KAZ", "side": {"fronts": "front", "backs": "back", "both": "both"}[shape], "mrz": shape != "fronts"}, [a.iin, b.iin], 2, "two_people"
        kind = pick(rng, ["residence", "residence", "residence", "stateless_certificate", "travel_document", "refugee", "diplomatic_passport", "service_passport", "birth", "birth", "birth"])
        d = {"residence": docs.residence, "refugee": docs.refugee, "birth": docs.birth}.get(kind, lambda r: docs.booklet(r, kind))(rng)
        return [d], one(d), d.subjects, 1, d.kind

    def positive(self, rng, name, what):
        things, document, subjects, count, kind = self.documents(rng, what)
        odds = dict(ROUTES)
        if len(things) > 1:
            odds = {"scan_a4": 30, "copy_a4": 34, "copy": 6, "bilevel": 10, "fax": 3, "phone": 10, "scan": 5, "born_digital": 2}
        if what == "two_people":
            odds = {"scan_a4": 40, "copy_a4": 40, "bilevel": 8, "phone": 8, "scan": 4} if len(things) < 4 else {"scan_a4": 45, "copy_a4": 45, "bilevel": 10}
        if max(t.w for t in things) > 190 or max(t.h for t in things) > 200:
            odds = {"scan": 30, "copy": 20, "bilevel": 14, "phone": 22, "thumbnail": 4, "born_digital": 10}
        route = draw_from(rng, odds)
        tags = ["class:" + kind, "source:held"]
        expect = {"kind": "id_document_copy", "count": count, "document": document, "subjects": subjects}
        if route == "born_digital" and rng.random() < 0.25 and len(things) == 1:  # a PDF that still has its text
            d = things[0]
            with open(os.path.join(self.folder, name + ".pdf"), "wb") as file:
                file.write(self.browser.pdf("<style>@page{size:%gmm %gmm;margin:0}</style><div style='padding:6mm'>%s</div>" % (d.w + 14, d.h + 14, d.html), d.w + 14, d.h + 14))
            document["origin"] = "born_digital"
            both = [expect] + ([{"kind": "iin", "subjects": subjects}] if subjects else [])
            return {"file": name + ".pdf", "channel": "born_digital", "container": "pdf", "expect": both, "tags": tags + ["how:text_pdf", "text_layer:yes"]}
        for _ in range(6):  # what a reader needs must be on the picture: at most 1.3 mm of an edge is lost
            shot = self.copy_of(rng, things, route)
            h, w = shot.img.shape[:2]
            if all(q.min() > -1.3 * shot.per_mm and q[:, 0].max() < w + 1.3 * shot.per_mm and q[:, 1].max() < h + 1.3 * shot.per_mm for q in shot.quads):
                break
        if shot.origin in ("paper_scan", "photocopy", "phone_photo"):
            flips = 0.2 if shot.origin != "phone_photo" else 0.14
            quarter = int(rng.integers(1, 4)) if rng.random() < flips and not shot.how.startswith("fax") else 0
            mirror = rng.random() < 0.03
            wear.turn(shot, quarter, mirror)
            tags += ["rot:%d" % (90 * quarter)] if quarter else []
            tags += ["mirror:yes"] if mirror else []
        channel = {"thumbnail": "thumbnail", "screenshot": "screenshot", "born_digital": "born_digital"}.get(route, shot.origin)
        extra = self.filler(rng, shot) if rng.random() < 0.3 and shot.origin in ("paper_scan", "photocopy") and shot.img.size < 1.3e7 else ()
        file, container, page = self.save(rng, name, shot, extra)
        boxes = [box_of(q, shot.img.shape) for q in shot.quads]
        x0, y0 = min(b[0] for b in boxes), min(b[1] for b in boxes)
        document["origin"] = shot.origin
        document["region"] = [x0, y0, max(b[0] + b[2] for b in boxes) - x0, max(b[1] + b[3] for b in boxes) - y0]
        widths = [np.linalg.norm(q[1] - q[0]) for q in shot.quads]
        tags += ["width:%d" % round(min(widths)), "how:" + shot.how, *shot.tags]
        if page is not None:
            tags.append("page:%d" % (page + 1))
        row = {"file": file, "channel": channel, "container": container, "expect": [expect], "tags": tags}
        if len(boxes) > 1:
            row["note"] = "documents at " + json.dumps(boxes)
        return row

    def negative(self, rng, name, what):
        tags = ["source:held"]
        iins = []
        if what == "photo":
            shot, kind = photos.photo(rng, self.browser)
            kind, channel = "photo_" + kind, "phone_photo"
        else:
            paper = getattr(papers, what)(rng)
            kind, iins = paper.what, paper.iins
            if paper.style == "screen":
                px = what in ("code", "chat", "web", "webform")
                if px and rng.random() < 0.1 or not px and rng.random() < 0.15:
                    shot = self.on_desk(rng, [paper])
                else:
                    shot = self.clean_edges(paper, 96 * (2 if paper.w < paper.h else 1) if px else pick(rng, [96, 120, 150]))
                    shot.origin, shot.how = ("screenshot", "screen") if px else ("born_digital", "rendered")
                channel = shot.origin
            else:
                route = draw_from(rng, ROUTES if paper.style == "card" else PAGE_ROUTES)
                if paper.style == "page" and rng.random() < 0.03:
                    with open(os.path.join(self.folder, name + ".pdf"), "wb") as file:
                        file.write(self.browser.pdf("<style>@page{size:%gmm %gmm;margin:0}</style>%s" % (paper.w, paper.h, paper.html), paper.w, paper.h))
                    expect = [{"kind": "iin", "subjects": sorted(set(iins))}] if iins else []
                    return {"file": name + ".pdf", "channel": "born_digital", "container": "pdf", "expect": expect, "tags": ["class:" + kind, "source:held", "how:text_pdf", "text_layer:yes"]}, []
                shot = self.copy_of(rng, [paper], route) if paper.style == "card" else self.page_copy(rng, paper, route)
                channel = route if route in ("thumbnail", "screenshot") else shot.origin
        if shot.origin in ("paper_scan", "photocopy", "phone_photo") and not shot.how.startswith("fax") and rng.random() < 0.13:
            quarter = int(rng.integers(1, 4))
            wear.turn(shot, quarter, False)
            tags.append("rot:%d" % (90 * quarter))
        file, container, _ = self.save(rng, name, shot)
        tags += ["class:" + kind, "origin:" + shot.origin, "how:" + shot.how, *shot.tags] + (["holds:iin"] if iins else [])
        return {"file": file, "channel": channel, "container": container, "expect": [], "tags": tags}, sorted(set(iins))


def box_of(quad, shape):
    h, w = shape[:2]
    x0, y0 = max(0, int(np.floor(quad[:, 0].min()))), max(0, int(np.floor(quad[:, 1].min())))
    return [x0, y0, min(w, int(np.ceil(quad[:, 0].max()))) - x0, min(h, int(np.ceil(quad[:, 1].max()))) - y0]


def main():
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("dir")
    ask.add_argument("count", type=int)
    ask.add_argument("seed", type=int)
    ask.add_argument("--only", help="one class: " + " ".join([*DOCUMENTS, *PAPERS]))
    ask.add_argument("--route", help="one way of copying cards: " + " ".join(ROUTES))
    ask.add_argument("--negatives", action="store_true", help="hard negatives only")
    ask.add_argument("--jobs", type=int, default=1)
    args = ask.parse_args()
    if "MALLOC_MMAP_MAX_" not in os.environ:  # big arrays are used again instead of being given back: half the time
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "-1", "MALLOC_TOP_PAD_": "134217728"})
    if args.route:
        # The processes are forked, so they have it too.
        for other in set(ROUTES) - {args.route}:
            del ROUTES[other]
    odds = HARD if args.negatives else {**DOCUMENTS, **PAPERS}
    plan = [args.only] * args.count if args.only else share(odds, args.count)
    np.random.default_rng(args.seed).shuffle(plan)
    with ProcessPoolExecutor(args.jobs, initializer=start, initargs=(args.dir,)) as pool:
        rows = list(pool.map(entry, [(args.seed, i, str(what)) for i, what in enumerate(plan)], chunksize=4))
    for name, pick_row in (("truth.jsonl", lambda row, iins: row), ("truth_all.jsonl", lambda row, iins: {**row, "expect": [{"kind": "iin", "subjects": iins}]} if iins else row)):
        with open(os.path.join(args.dir, name), "w", encoding="utf-8") as file:
            file.writelines(json.dumps(pick_row(*row), ensure_ascii=False) + "\n" for row in rows)
    with open(os.path.join(args.dir, "READY"), "w") as ready:
        ready.write("%d files\n" % len(plan))


def start(folder):
    global maker
    cv2.setNumThreads(1)
    maker = Maker(folder)


def entry(order):
    """One picture; everything about it follows from the seed and its place in the set."""
    seed, i, what = order
    rng = np.random.default_rng([seed, i])
    # a plain name, so that nobody can learn the answer from it
    name = "%s_%04d" % (pick(rng, ["scan", "img", "doc", "file", "photo"]), i)
    return (maker.positive(rng, name, what), []) if what in DOCUMENTS else maker.negative(rng, name, what)


if __name__ == "__main__":
    main()
