"""Invented identity documents for cards.py, no two drawn alike.

The wording comes from DOMAIN facts and patterns/documents; where things stand, faces, sizes, colours and the order of
languages are drawn by lot, because nobody who made this set has the official artwork. Each maker gives an `Art` at `s`
pixels a millimetre with its documents told in `docs`.
"""

import os
import tomllib

import cv2
import numpy as np

import cards_people as people
import mrzgen
import pages
from cards_draw import MONO, OCRB, SANS, SERIF, Art, Pen, chip, emblem, hologram, pick, portrait, qr, rgb, security

_WHERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "patterns", "documents")
TITLES = {}
for _name in ("kz.toml", "foreign.toml"):
    with open(os.path.join(_WHERE, _name), "rb") as _f:
        for _row in tomllib.load(_f)["document"]:
            TITLES[_row["type"]] = {lang: [t["text"] for t in _row["titles"] if t["lang"] == lang and t["weight"] >= 2] for lang in ("kk", "ru", "en")}

COUNTRY = {"kk": "ҚАЗАҚСТАН РЕСПУБЛИКАСЫ", "ru": "РЕСПУБЛИКА КАЗАХСТАН", "en": "REPUBLIC OF KAZAKHSTAN"}
LABELS = {
    "surname": ("ТЕГІ", "ФАМИЛИЯ", "SURNAME"), "given": ("АТЫ", "ИМЯ", "GIVEN NAMES"), "father": ("ӘКЕСІНІҢ АТЫ", "ОТЧЕСТВО", "PATRONYMIC"),
    "born": ("ТУҒАН КҮНІ", "ДАТА РОЖДЕНИЯ", "DATE OF BIRTH"), "sex": ("ЖЫНЫСЫ", "ПОЛ", "SEX"), "iin": ("ЖСН", "ИИН", "PERSONAL No"),
    "place": ("ТУҒАН ЖЕРІ", "МЕСТО РОЖДЕНИЯ", "PLACE OF BIRTH"), "nation": ("ҰЛТЫ", "НАЦИОНАЛЬНОСТЬ", "ETHNICITY"), "citizen": ("АЗАМАТТЫҒЫ", "ГРАЖДАНСТВО", "NATIONALITY"),
    "issuer": ("БЕРГЕН ОРГАН", "ОРГАН ВЫДАЧИ", "AUTHORITY"), "issued": ("БЕРІЛГЕН КҮНІ", "ДАТА ВЫДАЧИ", "DATE OF ISSUE"), "until": ("ҚОЛДАНЫЛУ МЕРЗІМІ", "СРОК ДЕЙСТВИЯ", "DATE OF EXPIRY"),
    "term": ("БЕРІЛГЕН КҮНІ - ҚОЛДАНЫЛУ МЕРЗІМІ", "ДАТА ВЫДАЧИ - СРОК ДЕЙСТВИЯ", "DATE OF ISSUE - DATE OF EXPIRY"), "number": ("№", "№", "No"),
    "sign": ("ҚОЛЫ", "ПОДПИСЬ", "SIGNATURE"), "type": ("ТҮРІ", "ТИП", "TYPE"), "code": ("МЕМЛЕКЕТ КОДЫ", "КОД ГОСУДАРСТВА", "CODE OF STATE"), "pass": ("ПАСПОРТ №", "ПАСПОРТ №", "PASSPORT No"),
}
STATES = {
    "RUS": ("РОССИЙСКАЯ ФЕДЕРАЦИЯ", "RUSSIAN FEDERATION", "ПАСПОРТ", "PASSPORT"), "UZB": ("O'ZBEKISTON RESPUBLIKASI", "REPUBLIC OF UZBEKISTAN", "PASPORT", "PASSPORT"),
    "KGZ": ("КЫРГЫЗ РЕСПУБЛИКАСЫ", "KYRGYZ REPUBLIC", "ПАСПОРТ", "PASSPORT"), "D<<": ("BUNDESREPUBLIK DEUTSCHLAND", "FEDERAL REPUBLIC OF GERMANY", "REISEPASS", "PASSPORT"),
    "TUR": ("TÜRKİYE CUMHURİYETİ", "REPUBLIC OF TURKEY", "PASAPORT", "PASSPORT"), "FRA": ("RÉPUBLIQUE FRANÇAISE", "FRENCH REPUBLIC", "PASSEPORT", "PASSPORT"),
    "ESP": ("REINO DE ESPAÑA", "KINGDOM OF SPAIN", "PASAPORTE", "PASSPORT"), "IND": ("REPUBLIC OF INDIA", "BHARAT", "PASSPORT", "PASSPORT"),
    "CHN": ("PEOPLE'S REPUBLIC OF CHINA", "ZHONGHUA", "PASSPORT", "HUZHAO"), "UTO": ("UTOPIA", "STATE OF UTOPIA", "PASSPORT", "PASSEPORT"),
    "GBR": ("UNITED KINGDOM OF GREAT BRITAIN", "AND NORTHERN IRELAND", "PASSPORT", "PASSEPORT"), "POL": ("RZECZPOSPOLITA POLSKA", "REPUBLIC OF POLAND", "PASZPORT", "PASSPORT"),
    "TJK": ("ҶУМҲУРИИ ТОҶИКИСТОН", "REPUBLIC OF TAJIKISTAN", "ШИНОСНОМА", "PASSPORT"), "AZE": ("AZƏRBAYCAN RESPUBLİKASI", "REPUBLIC OF AZERBAIJAN", "PASPORT", "PASSPORT"),
}


class Style:
    """The lots of one document: faces, inks, how a label stands to its value."""

    def __init__(self, rng, languages=("kk", "ru")):
        family = pick(rng, SANS) if rng.random() < 0.85 else pick(rng, SERIF)
        self.plain, self.bold = family
        self.label_face = self.bold if rng.random() < 0.2 else self.plain
        self.value_face = self.bold if rng.random() < 0.65 else self.plain
        if rng.random() < 0.15:
            self.value_face = pick(rng, pick(rng, (SANS, MONO)))[1]
        self.title_face = self.bold if rng.random() < 0.85 else pick(rng, SERIF)[1]
        self.number_face = pick(rng, (self.bold, self.bold, self.value_face, OCRB, pick(rng, MONO)[1]))
        dark = rng.random() < 0.4
        self.label_ink = tuple(int(v) for v in (rng.integers(0, 60, 3) if dark else (rng.integers(10, 90), rng.integers(30, 100), rng.integers(70, 150))))
        self.value_ink = tuple(int(v) for v in rng.integers(0, 45, 3))
        self.title_ink = self.label_ink if rng.random() < 0.6 else tuple(int(v) for v in (rng.integers(0, 60), rng.integers(20, 90), rng.integers(70, 140)))
        self.form = str(rng.choice(["above", "stacked", "left", "leftstacked", "split", "below"], p=[0.40, 0.2, 0.13, 0.12, 0.1, 0.05]))
        self.sep = pick(rng, ("/", " / ", " / ", "/ "))
        self.small = rng.random() < 0.18
        self.label_cap = rng.uniform(1.2, 1.8)
        self.value_cap = rng.uniform(2.0, 2.8)
        self.languages = languages

    def words(self, key):
        kk, ru, en = LABELS[key]
        both = [dict(kk=kk, ru=ru, en=en)[lang] for lang in self.languages]
        if both[0] == both[-1]:
            both = both[:1]
        return [w.capitalize() if self.small and key not in ("iin", "number") else w for w in both]


def height(k):
    """Millimetres that one field takes at the style's sizes."""
    if k.form in ("above", "below", "split"):
        return k.label_cap + k.value_cap + 1.0
    if k.form == "stacked":
        return k.label_cap * (1 + 0.8 * (len(k.languages) - 1)) + k.value_cap + 1.4 + 0.3 * len(k.languages)
    if k.form == "left":
        return max(k.label_cap, k.value_cap)
    return max(k.label_cap * 2 + 0.6, k.value_cap)


def field(pen, k, x, y, w, key, value, column):
    """One label and its value, from the top at `y`."""
    words, l, v = k.words(key), k.label_cap, k.value_cap
    joined = k.sep.join(words)
    face, ink = k.label_face, k.label_ink
    if k.form in ("left", "leftstacked") and column > 0:
        if k.form == "left":
            cap = pen.fit(joined, face, l, column - 1)
            pen.text(x, y + max(cap, v), joined, face, cap, ink, "label")
        else:
            for i, part in enumerate(words):
                cap = pen.fit(part, face, l * (1 if i == 0 else 0.9), column - 1)
                pen.text(x, y + l + i * (l + 0.6), part, face, cap, ink, "label")
        pen.text(x + column, y + max(l, v), value, k.value_face, pen.fit(value, k.value_face, v, w - column), k.value_ink, "value")
        return
    if k.form == "below":
        pen.text(x, y + v, value, k.value_face, pen.fit(value, k.value_face, v, w), k.value_ink, "value")
        pen.text(x, y + v + 0.9 + l, joined, face, pen.fit(joined, face, l, w), ink, "label")
        return
    if k.form == "stacked":
        base = y
        for i, part in enumerate(words):
            cap = pen.fit(part, face, l * (1 if i == 0 else 0.8), w)
            base += cap
            pen.text(x, base, part, face, cap, ink, "label")
            base += 0.5
        base += 0.5
    elif k.form == "split" and len(words) > 1:
        end = pen.text(x, y + l, words[0] + k.sep.rstrip(), k.bold, pen.fit(joined, k.bold, l, w), ink, "label")
        pen.text(end + 0.5, y + l, words[1], k.plain, pen.fit(joined, k.bold, l * 0.92, w), ink, "label")
        base = y + l + 0.9
    else:
        cap = pen.fit(joined, face, l, w)
        pen.text(x, y + cap, joined, face, cap, ink, "label")
        base = y + cap + 0.9
    pen.text(x, base + v, value, k.value_face, pen.fit(value, k.value_face, v, w), k.value_ink, "value")


def fields(pen, rng, k, x, y, w, bottom, rows):
    """A column of (key, value) or ((key, value), (key, value)) rows, spread over the room there is."""
    room = bottom - y
    keep = k.label_cap, k.value_cap, k.form

    def need():
        return height(k) * len(rows) + 0.7 * (len(rows) - 1)

    if need() > room * 1.2:
        k.form = "above" if k.form in ("stacked", "below") else "left" if k.form == "leftstacked" else k.form
    if need() > room * 1.45:
        k.form = "left"
    if need() > room:
        f = max(0.62, room / need())
        k.label_cap, k.value_cap = k.label_cap * f, k.value_cap * f
    step = min((room - height(k)) / max(1, len(rows) - 1), height(k) + rng.uniform(1.0, 3.2))
    column = 0.0
    if k.form in ("left", "leftstacked"):
        joined = [k.sep.join(k.words(key)) if k.form == "left" else max(k.words(key), key=len) for row in rows for key, _ in (row if isinstance(row[0], tuple) else (row,))]
        column = min(w * 0.52, max(pen.width(j, k.label_face, k.label_cap) for j in joined) + 1.5)
    for i, row in enumerate(rows):
        if isinstance(row[0], tuple):
            part = w / len(row)
            for j, (key, value) in enumerate(row):
                field(pen, k, x + j * part, y + i * step, part - 1.5, key, value, min(column, part * 0.6))
        else:
            field(pen, k, x, y + i * step, w, row[0], row[1], column)
    end = y + (len(rows) - 1) * step + height(k)
    k.label_cap, k.value_cap, k.form = keep
    return end


def heading(pen, rng, k, w, titles, y=2.2, x=4.0, right=4.0, cap=None):
    """Country and document names on top, in one of several orders; gives where they end."""
    form = str(rng.choice(["line", "stack", "columns", "left"], p=[0.3, 0.18, 0.32, 0.2]))
    cap = cap or rng.uniform(2.0, 2.8)
    ink, face = k.title_ink, k.title_face
    width = w - x - right
    badge = rng.random() < 0.6
    if form == "columns" and all(len(t) == 2 for t in titles):
        size = 8.0 if badge else 2.0
        half = (width - size) / 2
        for row, pair in enumerate(titles):
            c = min(pen.fit(t, face, cap * (1.0 if row == 0 else 1.1), half - 1) for t in pair)
            y += c
            pen.text(x + half / 2, y, pair[0], face, c, ink, "title", "m")
            pen.text(x + half + size + half / 2, y, pair[1], face, c, ink, "title", "m")
            y += 1.1
        if badge:
            emblem(pen, x + half + 0.5, max(1.0, y - 8.5), 7.0, ink)
        return y
    if badge and form != "columns":
        size = rng.uniform(6.5, 10)
        if rng.random() < 0.6:
            emblem(pen, x, y - 0.5, size, ink)
            x, width = x + size + 1.5, width - size - 1.5
        else:
            emblem(pen, w - right - size, y - 0.5, size, ink)
            width = width - size - 1.5
    middle = form == "stack" or (form == "line" and rng.random() < 0.5)
    for row, words in enumerate(titles):
        if form == "line" or (form == "columns" and len(words) == 1):
            words = [pick(rng, (" / ", "/", " • ")).join(words)]
        c0 = cap * (1.0 if row == 0 else rng.uniform(0.95, 1.25))
        for i, part in enumerate(words):
            c = pen.fit(part, face, c0 * (1 if i == 0 else rng.uniform(0.8, 1)), width)
            y += c
            pen.text(x + width / 2 if middle else x, y, part, face, c, ink, "title", "m" if middle else "l")
            y += rng.uniform(0.9, 1.5)
    return y


def paste_face(pen, rng, x, y, w, h, ghost=False):
    px = portrait(rng, w * pen.unit, h * pen.unit, ghost)
    if ghost:
        mask = np.full(px.shape[:2], int(rng.uniform(50, 120)), np.uint8)
        mask[:3], mask[-3:], mask[:, :3], mask[:, -3:] = 0, 0, 0, 0
        pen.picture(px, x, y, cv2.GaussianBlur(mask, (0, 0), 2))
        return
    pen.picture(px, x, y)
    if rng.random() < 0.2:
        pen.box(x, y, w, h, outline=(120, 120, 120), width=0.15)


def told(art, kind, side, p, mrz=False, issuer="KAZ", iin=True):
    art.docs.append(({"type": kind, "issuer": issuer, "side": side, "mrz": mrz, "owner": id(p), "iin": p.iin if iin else None}, art.quad()))
    return art


def iin_block(pen, rng, k, x, y, w, p, anchor="l"):
    """The personal number with its label above, beside or without one."""
    label = pick(rng, ("ЖСН/ИИН", "ЖСН / ИИН", "ЖСН/ИИН", "ИИН/ЖСН"))
    cap = pen.fit(p.iin, k.number_face, rng.uniform(2.5, 3.2), w)
    r = rng.random()
    space = cap * rng.uniform(0.1, 0.25) if rng.random() < 0.2 and pen.width(p.iin, k.number_face, cap) * 1.3 < w else 0.0
    lcap = pen.fit(label, k.label_face, k.label_cap * rng.uniform(1.0, 1.3), w)
    if r < 0.45:
        pen.text(x, y - cap - 0.9, label, k.label_face, lcap, k.label_ink, "label")
        pen.text(x, y, p.iin, k.number_face, cap, k.value_ink, "iin", space=space)
    else:
        end = pen.text(x, y, label, k.label_face, min(lcap, 2.4), k.label_ink, "label")
        cap = pen.fit(p.iin, k.number_face, cap, max(18.0, x + w - end - 1.2))
        pen.text(end + 1.2, y, p.iin, k.number_face, cap, k.value_ink, "iin")


def id_front(rng, p, s, kind="id_card"):
    """Front of a card. The June 2024 issue adds sex (and here sometimes citizenship)."""
    w, h = 85.6, 54.0
    k = Style(rng)
    art = Art(security(rng, int(w * s), int(h * s)))
    newer = rng.random() < 0.45
    t = TITLES[kind]
    pen = Pen(art, s)
    if rng.random() < 0.25:
        band = tuple(int(v) for v in art.px[3, 3] * rng.uniform(0.75, 0.95))
        pen.box(0, 0, w, rng.uniform(8, 13), fill=band)
    if kind == "id_card":
        names = [["ЖЕКЕ КУӘЛІК", "УДОСТОВЕРЕНИЕ ЛИЧНОСТИ"]]
    else:
        names = [[max(t["kk"], key=len) if rng.random() < 0.3 else t["kk"][1], t["ru"][1] if rng.random() < 0.6 else t["ru"][0]]]
        if rng.random() < 0.3:
            names.append([t["en"][0]])
    y = heading(pen, rng, k, w, [[COUNTRY["kk"], COUNTRY["ru"]]] + names, y=rng.uniform(1.8, 3.2), x=rng.uniform(3, 5))
    place = str(rng.choice(["portrait", "right", "inside", "left"], p=[0.4, 0.25, 0.2, 0.15]))
    pw = rng.uniform(20, 27)
    ph = min(pw * rng.uniform(1.25, 1.36), 54 - y - (rng.uniform(8, 10.5) if place in ("portrait", "left") else rng.uniform(2.5, 6)))
    pw = min(pw, ph / 1.15)
    left = rng.random() < 0.86
    px = rng.uniform(2.5, 5) if left else w - pw - rng.uniform(2.5, 5)
    py = y + rng.uniform(0.5, 1.5)
    paste_face(pen, rng, px, py, pw, ph)
    x = px + pw + rng.uniform(2.5, 4) if left else rng.uniform(3, 5)
    right = w - 3 if left else px - 2.5
    rows = [("surname", p.surname), ("given", p.given)]
    if p.father or rng.random() < 0.3:
        rows.append(("father", p.father or "-"))
    born = ("born", p.born)
    sex = ("sex", pick(rng, ("%s/%s" % (p.sex_kk, p.sex_ru), p.sex_ru, p.sex_kk + " / " + p.sex_ru)))
    if newer:
        rows.append((born, sex) if rng.random() < 0.6 else born)
        if not isinstance(rows[-1][0], tuple):
            rows.append(sex)
        if rng.random() < 0.4:
            rows.append(("citizen", "ҚАЗАҚСТАН / КАЗАХСТАН" if kind == "id_card" else pick(rng, ("РОССИЯ", "ӨЗБЕКСТАН", "ТҮРКИЯ"))))
    else:
        rows.append(born)
    bottom = 52.0 if place == "inside" else 45.5
    if place == "inside":
        rows.append(("iin", p.iin))
    top = py + rng.uniform(0, 1)
    if rng.random() < 0.2:
        pen.text(right, top + 2.2, p.number, k.number_face, 2.2, k.value_ink, "value", "r")
        top += 3.4
    fields(pen, rng, k, x, top, right - x, bottom, rows)
    if place == "portrait":
        iin_block(pen, rng, k, px if left else min(px, w - 34.0), rng.uniform(51, 52.6), 48 if left else 30, p)
    elif place == "right":
        iin_block(pen, rng, k, x, 52.0, right - x, p)
    elif place == "left":
        iin_block(pen, rng, k, rng.uniform(3, 5), 52.2, 50, p)
    if rng.random() < 0.6:
        sw = rng.uniform(10, 18)
        pen.scribble(rng, right - sw, bottom - rng.uniform(4, 7), sw, rng.uniform(3, 6), tuple(int(v) for v in rng.integers(0, 90, 3)))
    if rng.random() < 0.3:
        gw = rng.uniform(9, 13)
        paste_face(pen, rng, right - gw, rng.uniform(y + 8, 34), gw, gw * 1.3, True)
    if rng.random() < 0.15:
        chip(pen, right - 13, rng.uniform(18, 26))
    pen.done()
    for _ in range(int(rng.integers(0, 3))):
        hologram(art, rng, rng.uniform(0, 60) * s, rng.uniform(5, 35) * s, rng.uniform(12, 30) * s, rng.uniform(12, 25) * s)
    return told(art, kind, "front", p)


def td1_place(pen, rng, w, h, rows, face=OCRB):
    pitch = 2.54 * rng.uniform(0.97, 1.02)
    pitch = min(pitch, (w - 5) / len(rows[0]))
    spacing = pitch * (rng.uniform(1.6, 1.75) if len(rows) == 3 else rng.uniform(2.0, 2.5))
    x = (w - pitch * len(rows[0])) / 2 + rng.uniform(-0.8, 0.8)
    y = h - rng.uniform(3.2, 5.2) - spacing * (len(rows) - 1)
    ink = tuple(int(v) for v in rng.integers(0, 45, 3))
    if rng.random() < 0.3:
        pen.box(0, y - pitch * 1.2, w, h - y + pitch * 1.2, fill=(int(rng.uniform(222, 250)),) * 3)
    pen.zone(rng, rows, x, y, pitch, spacing, ink, face)
    return y - pitch


def id_back(rng, p, s, kind="id_card", wrong=False):
    """Back of a card: labels, barcode, chip contacts, TD1."""
    w, h = 85.6, 54.0
    k = Style(rng)
    k.label_cap, k.value_cap = rng.uniform(1.2, 1.6), rng.uniform(1.8, 2.4)
    art = Art(security(rng, int(w * s), int(h * s)))
    pen = Pen(art, s)
    nation = "KAZ" if kind == "id_card" else pick(rng, ("RUS", "UZB", "TUR", "CHN", "KGZ"))
    code = "ID" if kind == "id_card" else pick(rng, ("ID", "IR", "AR"))
    top = td1_place(pen, rng, w, h, people.td1(rng, p, code, "KAZ", nation, wrong=wrong)) - 1.0
    x, right, y = rng.uniform(3, 5), w - 4.0, rng.uniform(2.5, 4)
    if rng.random() < 0.35:
        side = rng.random() < 0.5
        chip(pen, x if side else right - 13, rng.uniform(5, 9))
        x, right = (x + 15.5, right) if side else (x, right - 15)
    if rng.random() < 0.7:
        bw, bh = rng.uniform(30, min(50, right - x)), rng.uniform(3.5, 7)
        up = rng.random() < 0.6
        bx = x if rng.random() < 0.5 else right - bw
        by = y if up else top - bh - 0.5
        pen.box(bx - 0.8, by - 0.5, bw + 1.6, bh + 1.0, fill=(250, 250, 250))
        pen.picture(rgb(pages.barcode(rng, int(bw * s), int(bh * s), max(1, int(0.28 * s)))), bx, by)
        y, top = (y + bh + 1.5, top) if up else (y, top - bh - 1.5)
    if rng.random() < 0.6:
        cap = rng.uniform(2.2, 3.2)
        pen.text(right, y + cap, ("№ " if rng.random() < 0.5 else "") + p.number, k.number_face, cap, k.value_ink, "value", "r")
        y += cap + 1.2
    rows = [("place", p.place), ("nation", p.nation if kind == "id_card" else "-")]
    if rng.random() < 0.4:
        rows.append(("citizen", "ҚАЗАҚСТАН" if nation == "KAZ" else nation))
    rows.append(("issuer", pick(rng, ("ҚР ІІМ / МВД РК", "ҚР ІІМ", "МВД РК", "ІІМ/МВД"))))
    rows.append(("term", p.issued + " - " + p.until) if rng.random() < 0.7 else (("issued", p.issued), ("until", p.until)))
    if rng.random() < 0.12:
        rows.append(("iin", p.iin))
    fields(pen, rng, k, x, y, right - x, top - 0.5, rows)
    pen.done()
    if rng.random() < 0.3:
        hologram(art, rng, rng.uniform(0, 60) * s, rng.uniform(5, 25) * s, 18 * s, 16 * s)
    return told(art, kind, "back", p, True)


BOOKLETS = {"passport": ("PN", "P<"), "diplomatic_passport": ("PD",), "service_passport": ("PS", "PO"), "stateless_certificate": ("P<", "PT"), "travel_document": ("P<", "PT", "TD")}


def booklet(rng, p, s, kind="passport", wrong=False):
    """A data page with TD3; sometimes the facing page above it."""
    w, h = 125.0, 88.0
    k = Style(rng, ("kk", "en") if rng.random() < 0.75 else ("kk", "ru", "en"))
    k.label_cap, k.value_cap = rng.uniform(1.2, 1.7), rng.uniform(2.0, 2.7)
    if k.form in ("left", "leftstacked"):
        k.form = "above"
    art = Art(security(rng, int(w * s), int(h * s)))
    pen = Pen(art, s)
    code = pick(rng, BOOKLETS[kind])
    nation = {"stateless_certificate": "XXA", "travel_document": pick(rng, ("RUS", "AFG", "UZB"))}.get(kind, "KAZ")
    prefix = {"diplomatic_passport": "D", "service_passport": "S"}.get(kind, pick(rng, "NN" if kind == "passport" else "ACN"))
    number = prefix + p.passport
    inside = rng.random() < 0.9
    top = td1_place(pen, rng, w, h, people.td3(rng, p, code, "KAZ", nation, number, None if inside else "", wrong)) - 1.0
    t = TITLES[kind]
    name = [t["kk"][0] if kind != "passport" else "ПАСПОРТ", t["en"][0]]
    if name[0] == name[-1] or rng.random() < 0.2:
        name = [pick(rng, t["ru"])] if kind != "passport" else ["ПАСПОРТ", "PASSPORT"]
    y = heading(pen, rng, k, w, [[COUNTRY["kk"], COUNTRY["en"]], name], y=rng.uniform(2.5, 5), cap=rng.uniform(2.2, 3.0))
    pw = rng.uniform(28, 35)
    ph = min(pw * rng.uniform(1.25, 1.33), top - y - 2)
    left = rng.random() < 0.9
    px = rng.uniform(3, 6) if left else w - pw - 5
    paste_face(pen, rng, px, y + 1, pw, ph)
    x = px + pw + rng.uniform(3, 5) if left else 5.0
    right = w - 4 if left else px - 3
    surname, given = people.latin(p.surname), people.latin(p.given)
    form = rng.random()
    rows = [(("type", code.strip("<")), ("code", "KAZ"), ("pass", number)), ("surname", p.surname + " / " + surname if form < 0.5 else surname), ("given", p.given + " / " + given if form < 0.5 else given)]
    rows += [("citizen", "ҚАЗАҚСТАН / KAZAKHSTAN" if nation == "KAZ" else nation), (("born", p.born), ("iin", p.iin)) if rng.random() < 0.8 else ("born", p.born)]
    rows += [(("sex", p.sex_ru + "/" + p.sex), ("place", p.place)), (("issued", p.issued), ("issuer", pick(rng, ("MINISTRY OF INTERNAL AFFAIRS", "MIA OF KAZAKHSTAN", "ҚР ІІМ"))))]
    rows.append(("until", p.until))
    printed_iin = any(isinstance(r[0], tuple) and any(key == "iin" for key, _ in r) for r in rows)
    fields(pen, rng, k, x, y + 1, right - x, top - 0.5, rows)
    if rng.random() < 0.5:
        pen.scribble(rng, right - 28, top - 9, 20, 6, (30, 30, 60))
    if rng.random() < 0.4:
        paste_face(pen, rng, right - 16, y + 12, 13, 17, True)
    pen.done()
    for _ in range(int(rng.integers(0, 3))):
        hologram(art, rng, rng.uniform(0, 90) * s, rng.uniform(5, 55) * s, rng.uniform(20, 45) * s, rng.uniform(18, 35) * s)
    told(art, kind, "data_page", p, True, iin=inside or printed_iin)
    return facing(rng, art, s, k) if rng.random() < 0.3 else art


def facing(rng, page, s, k):
    """The open booklet: a blank or lettered page above the data page."""
    w, h = page.size
    art = Art(np.concatenate([security(rng, w, h), page.px]))
    art.carry(page, np.array([[1, 0, 0], [0, 1, h], [0, 0, 1.0]]))
    pen = Pen(art, s)
    y = 25.0
    for words in ("ҚАЗАҚСТАН РЕСПУБЛИКАСЫ", "REPUBLIC OF KAZAKHSTAN")[:int(rng.integers(0, 3))]:
        pen.text(62, y, words, k.title_face, 3.2, k.title_ink, "title", "m")
        y += 8
    if rng.random() < 0.5:
        emblem(pen, 50, 45, 26, k.title_ink)
    pen.line([(0, 88), (125, 88)], (110, 110, 110), 0.4)
    return pen.done()


def foreign_passport(rng, p, s, wrong=False):
    state = pick(rng, sorted(STATES))
    own, english, word, other = STATES[state]
    w, h = 125.0, 88.0
    k = Style(rng, ("ru", "en") if state in ("RUS", "KGZ", "TJK") else ("en",))
    if k.form in ("left", "leftstacked"):
        k.form = "above"
    art = Art(security(rng, int(w * s), int(h * s)))
    pen = Pen(art, s)
    number = pick(rng, (mrzgen.digits(rng, 9), mrzgen.letters(rng, 2) + mrzgen.digits(rng, 7)))
    top = td1_place(pen, rng, w, h, people.td3(rng, p, pick(rng, ("P<", "P<", "PM", "PO")), state, state, number, pick(rng, ("", mrzgen.digits(rng, 9))), wrong)) - 1
    y = heading(pen, rng, k, w, [[own, english], [word, other]], y=rng.uniform(3, 5), cap=rng.uniform(2.0, 2.8))
    pw = rng.uniform(28, 34)
    ph = min(pw * 1.3, top - y - 2)
    paste_face(pen, rng, 4, y + 1, pw, ph)
    x = pw + 8
    rows = [(("type", "P"), ("code", state.strip("<")), ("pass", number)), ("surname", people.latin(p.surname)), ("given", people.latin(p.given)), (("citizen", english), ("sex", p.sex)),
            (("born", p.born), ("place", people.latin(p.place))), (("issued", p.issued), ("until", p.until)), ("issuer", pick(rng, ("MFA", "MINISTRY OF INTERIOR", "PASSPORT OFFICE 14")))]
    fields(pen, rng, k, x, y + 1, w - x - 4, top - 0.5, rows)
    pen.done()
    if rng.random() < 0.5:
        hologram(art, rng, 20 * s, 20 * s, 40 * s, 35 * s)
    return told(art, "foreign_passport", "data_page", p, True, state.strip("<"), iin=False)


def foreign_id(rng, p, s, wrong=False):
    """A card of another state: TD1 back, TD2, or the old French one."""
    form = pick(rng, ("td1", "td1", "td2", "fr_id"))
    state = "FRA" if form == "fr_id" else pick(rng, [c for c in sorted(STATES) if c not in ("KAZ", "IND", "GBR")])
    own, english, _, _ = STATES[state]
    w, h = (85.6, 54.0) if form == "td1" else (105.0, 74.0)
    k = Style(rng, ("en",))
    art = Art(security(rng, int(w * s), int(h * s)))
    pen = Pen(art, s)
    number = mrzgen.letters(rng, 2) + mrzgen.digits(rng, 7)
    if form == "td1":
        rows = people.td1(rng, p, pick(rng, ("ID", "I<")), state, state, number, "", wrong)
    elif form == "td2":
        rows = people.td2(rng, p, pick(rng, ("ID", "I<")), state, state, number, "", wrong)
    else:
        rows = people.french(rng, p)
    top = td1_place(pen, rng, w, h, rows) - 1
    y, x = 3.0, 4.0
    title = {"D<<": "PERSONALAUSWEIS", "FRA": "CARTE NATIONALE D'IDENTITÉ", "TUR": "KİMLİK KARTI"}.get(state, "IDENTITY CARD")
    lines = [("place", people.latin(p.place)), ("issued", p.issued), ("issuer", english)]
    if form != "td1":
        y = heading(pen, rng, k, w, [[own], [title]], y=3)
        paste_face(pen, rng, 4, y + 1, min(26, (top - y - 2) / 1.25), top - y - 2)
        x = 34.0
        lines = [("surname", people.latin(p.surname)), ("given", people.latin(p.given)), ("born", p.born)] + lines[:2]
    fields(pen, rng, k, x, y + 1, w - x - 4, top - 0.5, lines)
    pen.done()
    return told(art, "foreign_id_card", {"td1": "back", "fr_id": "front"}.get(form), p, True, state.strip("<"), iin=False)


def visa(rng, p, s):
    big = rng.random() < 0.6
    w, h = (120.0, 80.0) if big else (105.0, 74.0)
    state = pick(rng, ["KAZ", "KAZ", "D<<", "FRA", "RUS", "CHN", "TUR"])
    k = Style(rng, ("ru", "en") if state in ("KAZ", "RUS") else ("en",))
    k.form = "above"
    art = Art(security(rng, int(w * s), int(h * s)))
    pen = Pen(art, s)
    number = mrzgen.digits(rng, 8)
    top = td1_place(pen, rng, w, h, people.visa(rng, p, 44 if big else 36, state, pick(rng, ("RUS", "IND", "GBR", "UZB")), number)) - 1
    y = heading(pen, rng, k, w, [[COUNTRY["kk"] if state == "KAZ" else STATES[state][0]], [pick(rng, ("ВИЗА / VISA", "VISA"))]], y=3)
    x = 6.0
    if rng.random() < 0.6:
        paste_face(pen, rng, 5, y + 1, 25, min(32, top - y - 2))
        x = 34.0
    rows = [(("number", number), ("type", pick(rng, ("B1", "C", "M1")))), (("issued", p.issued), ("until", p.until)), ("surname", people.latin(p.surname) + " " + people.latin(p.given)), (("born", p.born), ("sex", p.sex)), ("pass", mrzgen.letters(rng, 2) + mrzgen.digits(rng, 7))]
    fields(pen, rng, k, x, y + 1, w - x - 4, top - 0.5, rows)
    pen.done()
    if rng.random() < 0.6:
        hologram(art, rng, 60 * s, 20 * s, 30 * s, 25 * s)
    return told(art, "visa", None, p, True, state.strip("<"), iin=False)


def certificate(rng, p, s, kind):
    """Paper documents told by their words: refugee, seafarer's, return and birth certificates."""
    if kind == "birth_certificate":
        return birth(rng, p, s)
    w, h = (125.0, 88.0) if rng.random() < 0.6 else (105.0, 148.0)
    k = Style(rng, ("kk", "ru") if kind != "seafarer_document" or rng.random() < 0.4 else ("kk", "en"))
    art = Art(security(rng, int(w * s), int(h * s), 0.7))
    pen = Pen(art, s)
    t = TITLES[kind]
    if h > 100:
        k.label_cap, k.value_cap = rng.uniform(1.7, 2.2), rng.uniform(2.6, 3.4)
    names = [t["kk"][0], t["ru"][0]] + ([t["en"][0]] if rng.random() < 0.5 else [])
    y = heading(pen, rng, k, w, [[COUNTRY["kk"], COUNTRY["ru"]], names], y=rng.uniform(3, 6))
    bottom, mrz = h - 5.0, False
    if kind == "seafarer_document" and rng.random() < 0.5:
        bottom, mrz = td1_place(pen, rng, w, h, people.td1(rng, p, "IS", "KAZ", "KAZ")) - 2, True
    pw = rng.uniform(25, 32)
    ph = min(pw * 1.3, bottom - y - 3)
    paste_face(pen, rng, 5, y + 2, min(pw, ph / 1.15), ph)
    x = 5 + pw + 4
    rows = [("number", mrzgen.letters(rng, 2) + mrzgen.digits(rng, 8)), ("surname", p.surname), ("given", p.given), ("father", p.father or "-"), ("born", p.born), ("place", p.place)]
    printed = rng.random() < 0.6 or mrz
    if printed:
        rows.append(("iin", p.iin))
    rows += [("issued", p.issued), ("until", p.until), ("issuer", "ҚР ІІМ / МВД РК")]
    fields(pen, rng, k, x, y + 2, w - x - 5, bottom, rows)
    pen.scribble(rng, 6, bottom - 6, 20, 5, (30, 30, 70))
    pen.done()
    return told(art, kind, "back" if mrz else None, p, mrz, iin=printed)


def birth(rng, p, s):
    """A form of A5 or A4: labels only, values typed or written."""
    w, h = (148.0, 210.0) if rng.random() < 0.6 else (210.0, 297.0)
    s = s * (0.62 if h < 250 else 0.45)
    k = Style(rng)
    art = Art(security(rng, int(w * s), int(h * s), 0.8))
    pen = Pen(art, s)
    f = h / 210
    ink = k.title_ink
    emblem(pen, w / 2 - 11 * f, 12 * f, 22 * f, ink)
    y = 42 * f
    for words, cap in ((COUNTRY["kk"], 3.0), (COUNTRY["ru"], 2.6), ("ТУУ ТУРАЛЫ КУӘЛІК", 5.2), ("СВИДЕТЕЛЬСТВО О РОЖДЕНИИ", 4.4)):
        pen.text(w / 2, y, words, k.title_face, pen.fit(words, k.title_face, cap * f, w * 0.8), ink, "title", "m")
        y += (cap + 3.2) * f
    printed = rng.random() < 0.8
    rows = [("ТЕГІ / ФАМИЛИЯ", p.surname), ("АТЫ / ИМЯ", p.given), ("ӘКЕСІНІҢ АТЫ / ОТЧЕСТВО", p.father or "-"), ("ТУҒАН КҮНІ / ДАТА РОЖДЕНИЯ", p.born), ("ТУҒАН ЖЕРІ / МЕСТО РОЖДЕНИЯ", p.place)]
    if printed:
        rows.append(("ЖСН / ИИН", p.iin))
    rows += [("АТА-АНАСЫ / РОДИТЕЛИ", ""), ("ӘКЕСІ / ОТЕЦ", people.Person(rng).full), ("АНАСЫ / МАТЬ", people.Person(rng).full), ("ТУУ ТУРАЛЫ АКТ / ЗАПИСЬ АКТА О РОЖДЕНИИ №", mrzgen.digits(rng, 8)), ("АХАТ БӨЛІМІ / ОРГАН ЗАГС", p.place), ("БЕРІЛГЕН КҮНІ / ДАТА ВЫДАЧИ", p.issued)]
    step = min((h - y - 12 * f) / len(rows), 12.5 * f)
    value = pick(rng, SANS + MONO)[0]
    for label, words in rows:
        pen.text(14 * f, y + 2 * f, label, k.label_face, 1.75 * f, k.label_ink, "label")
        pen.text(22 * f, y + 6.8 * f, words, value, pen.fit(words, value, 2.6 * f, w - 40 * f) if words else 1, k.value_ink, "iin" if words == p.iin else "value")
        pen.line([(14 * f, y + 7.8 * f), (w - 14 * f, y + 7.8 * f)], (150, 150, 160), 0.15)
        y += step
    pen.scribble(rng, w * 0.6, h - 16 * f, 30 * f, 9 * f, (20, 20, 80), 0.4)
    if rng.random() < 0.5:
        pen.picture(rgb(qr(rng, 29, max(1, int(0.6 * s * f)))), 12 * f, h - 32 * f)
    pen.done()
    art.s = s
    return told(art, "birth_certificate", None, p, False, iin=printed)


def document(rng, kind, s, p=None):
    """One side of a document by its class name."""
    p = p or people.Person(rng)
    wrong = rng.random() < 0.06
    if kind == "id_front":
        art = id_front(rng, p, s)
    elif kind == "id_back":
        art = id_back(rng, p, s, wrong=wrong)
    elif kind == "residence_front":
        art = id_front(rng, p, s, "residence_permit")
    elif kind == "residence_back":
        art = id_back(rng, p, s, "residence_permit", wrong)
    elif kind in BOOKLETS:
        art = booklet(rng, p, s, kind, wrong)
    elif kind == "foreign_passport":
        art = foreign_passport(rng, p, s, wrong)
    elif kind == "foreign_id_card":
        art = foreign_id(rng, p, s, wrong)
    elif kind == "visa":
        art = visa(rng, p, s)
    else:
        art = certificate(rng, p, s, kind)
    doc = art.docs[-1][0]
    doc["wrong"] = wrong and doc["mrz"] and doc["side"] != "front" and kind not in ("visa", "seafarer_document")
    art.s = art.s or s
    return art


KINDS = ("residence_front", "residence_back", "foreign_passport", "foreign_id_card", "visa", "refugee_certificate", "seafarer_document", "return_certificate", "birth_certificate") + tuple(k for k in BOOKLETS if k != "passport")
