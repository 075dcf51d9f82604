"""Identity documents in HTML, drawn from the public descriptions by another hand than the one that draws for training.

Every maker gives a `Doc`: fragment, size in mm, which edges may be covered without hiding what a reader needs, and
what is true of it.
"""

from dataclasses import dataclass, field

import held_art as art
import held_people as people
import mrzgen
from held_people import Person
from mrzgen import pick

SANS = ["PT Sans", "PT Sans", "Lato", "Play", "Open Sans", "Cantarell", "PT Sans Caption", "PT Sans Narrow"]
SERIF = ["PT Serif", "Vollkorn", "Charis SIL", "Linux Libertine O", "Roboto Slab"]
CARD_W, CARD_H = 85.6, 53.98
PASS_W, PASS_H = 125.0, 88.0


@dataclass
class Doc:
    html: str
    w: float
    h: float
    kind: str = ""
    issuer: str = "KAZ"
    side: str = ""
    mrz: bool = False
    subjects: list = field(default_factory=list)
    free: str = ""  # edges that may be covered: letters of l r t b
    round: float = 3.2


def card(body, w=CARD_W, h=CARD_H, css="", radius=3.2):
    return '<div style="position:relative;overflow:hidden;width:%gmm;height:%gmm;border-radius:%gmm;background:#e9f1f4;%s">%s</div>' % (w, h, radius, css, body)


def at(x, y, body, css="", w=None):
    return '<div style="position:absolute;left:%gmm;top:%gmm;%s%s">%s</div>' % (x, y, "" if w is None else "width:%gmm;" % w, css, body)


def label(rng, kk, ru, style):
    """A bilingual caption in one of the ways a designer would set it."""
    if style["case"] == "title":
        kk, ru = kk.capitalize(), ru.capitalize()
    if style["case"] == "abbr" and len(kk) < 5:
        ru = ru.capitalize() if len(ru) > 4 else ru
    return kk + style["join"] + ru


def caption_style(rng):
    return {"case": pick(rng, ["upper", "upper", "upper", "title"]), "join": pick(rng, ["/", "/", " / ", "/ "])}


def keep(text, style):
    """Abbreviations stay in capitals whatever the case of captions."""
    for low, high in (("Жсн", "ЖСН"), ("Иин", "ИИН"), ("Қр", "ҚР"), ("Рк", "РК")):
        text = text.replace(low, high)
    return text


def field_html(cap, value, cap_css, val_css):
    return '<div style="%s">%s</div><div style="%s">%s</div>' % (cap_css, cap, val_css, value)


def lettering(rng, grow=1.0):
    """Sizes and inks of captions and values, in mm."""
    sans = pick(rng, SANS)
    ink, faint = art.rgb(rng, 5, 45), art.rgb(rng, 30, 95)
    if rng.random() < 0.35:
        faint = art.hsl(int(rng.integers(195, 230)), 60, int(rng.integers(22, 38)))
    cap, val = rng.uniform(1.45, 1.8) * grow, rng.uniform(2.55, 3.2 if grow == 1 else 2.95)
    value_face = sans if rng.random() < 0.7 else pick(rng, ["PT Sans", "PT Mono", "Open Sans", "PT Sans Narrow", "Lato"])
    if value_face == "PT Mono":
        val = min(val, 2.6)
    return {"face": sans, "ink": ink, "faint": faint,
            "cap": "font:%s %.2fmm '%s';color:%s;line-height:1.15;white-space:nowrap" % (pick(rng, ["400", "400", "700"]), cap, sans, faint),
            "val": "font:%s %.2fmm '%s';color:%s;line-height:1.2;white-space:nowrap" % (pick(rng, ["700", "700", "400"]), val, value_face, ink), "v": val}


STATE = [("ҚАЗАҚСТАН РЕСПУБЛИКАСЫ", "РЕСПУБЛИКА КАЗАХСТАН")]
TITLE = ("ЖЕКЕ КУӘЛІК", "УДОСТОВЕРЕНИЕ ЛИЧНОСТИ")


def id_front(rng, who=None):
    who = who or Person(rng)
    design = pick(rng, "abcdef")
    s, t = caption_style(rng), lettering(rng)
    L = lambda kk, ru: keep(label(rng, kk, ru, s), s)
    ph = art.portrait(who.face, *((23, 30) if design in "abf" else (21.5, 28)), grey=rng.random() < 0.35, style="opacity:%.2f;border-radius:%gmm" % (rng.uniform(0.85, 1), pick(rng, [0, 0, 1, 2])), paper="transparent" if rng.random() < 0.3 else None)
    fields = [(L("ТЕГІ", "ФАМИЛИЯ"), who.surname), (L("АТЫ", "ИМЯ"), who.given)]
    if who.patronymic or rng.random() < 0.5:
        fields.append((L("ӘКЕСІНІҢ АТЫ", "ОТЧЕСТВО"), who.patronymic or "&nbsp;"))
    birth = (L("ТУҒАН КҮНІ", "ДАТА РОЖДЕНИЯ"), who.born)
    sex = (L("ЖЫНЫСЫ", "ПОЛ"), pick(rng, ["ЕР / МУЖ", "Е/М", "ЕР/М"]) if who.man else pick(rng, ["ӘЙЕЛ / ЖЕН", "Ә/Ж", "ӘЙ/Ж"]))
    iin_cap = keep(label(rng, "ЖСН", "ИИН", {"case": "upper", "join": s["join"]}), s)
    if rng.random() < 0.08 and design in "acd":
        iin_cap = "ЖЕКЕ СӘЙКЕСТЕНДІРУ НӨМІРІ / ИНДИВИДУАЛЬНЫЙ ИДЕНТИФИКАЦИОННЫЙ НОМЕР"
    iin_size = max(t["v"], rng.uniform(2.8, 3.8))
    iin_css = "font:700 %.2fmm '%s';color:%s;letter-spacing:%.2fmm;white-space:nowrap;line-height:1.15" % (iin_size, pick(rng, [t["face"], t["face"], "PT Mono", "JetBrains Mono", "Inconsolata"]), t["ink"], pick(rng, [0, 0, 0.15, 0.35]))
    sign = art.signature(rng, rng.uniform(14, 22), rng.uniform(6, 9), pick(rng, ["#222", "#1b2a6b", "#333"]))
    kk, ru = STATE[0]
    head_css = "font-family:'%s';color:%s;white-space:nowrap;" % (t["face"], t["ink"] if rng.random() < 0.5 else art.hsl(int(rng.integers(200, 220)), 70, 25))
    block = lambda gap: "".join('<div style="margin-bottom:%gmm">%s</div>' % (gap, field_html(c, v, t["cap"], t["val"])) for c, v in fields + [birth])
    em = art.emblem(rng, rng.uniform(8, 11), art.hsl(int(rng.choice([48, 200, 205, 40])), 70, int(rng.integers(35, 60)), 0.85))
    parts = [art.ground(rng, CARD_W, CARD_H)]
    if design == "a":  # two lines of heading over the whole width, the number under the portrait
        parts.append(at(0, 2.2, "<div style='font-weight:700;font-size:2.5mm'>%s</div><div style='font-weight:700;font-size:2.5mm'>%s</div>" % (kk + " &nbsp; " + TITLE[0], ru + " &nbsp; " + TITLE[1]), head_css + "text-align:center", CARD_W))
        parts += [at(4, 10.5, ph), at(30, 11, block(0.7)), at(4, 43.2, field_html(iin_cap, who.iin, t["cap"], iin_css)), at(58, 43, sign), at(74, 10, em)]
    elif design == "b":  # 2024: emblem before the heading, sex beside the birth date
        parts.append(at(4, 2.5, em))
        parts.append(at(15, 2.6, "<div style='font-size:2.1mm'>%s / %s</div><div style='font-weight:700;font-size:3.1mm;margin-top:.4mm'>%s<span style='font-size:2.5mm'> / %s</span></div>" % (kk, ru, *TITLE), head_css))
        parts += [at(4, 13.2, ph), at(30, 13, "".join('<div style="margin-bottom:.55mm">%s</div>' % field_html(c, v, t["cap"], t["val"]) for c, v in fields))]
        parts += [at(30, 34.2, field_html(*birth, t["cap"], t["val"])), at(60, 34.2, field_html(*sex, t["cap"], t["val"]))]
        parts += [at(4, 44.6, '<span style="%s">%s</span>&nbsp; <span style="%s">%s</span>' % (t["cap"], iin_cap, iin_css, who.iin)), at(60, 41.5, sign)]
        if rng.random() < 0.6:
            parts.append(at(71, 15, art.portrait(who.face, 10, 13, True, "opacity:.3", "transparent")))
    elif design == "c":  # heading in two columns, captions before values
        parts.append(at(4, 2.2, "<b>%s<br>%s</b>" % (kk, TITLE[0]), head_css + "font-size:2.35mm;line-height:1.25"))
        parts.append(at(46, 2.2, "<b>%s<br>%s</b>" % (ru, TITLE[1]), head_css + "font-size:2.35mm;line-height:1.25", 36))
        parts.append('<div style="position:absolute;left:3mm;right:3mm;top:9.3mm;border-top:.25mm solid %s"></div>' % art.hsl(200, 60, 45))
        parts += [at(4, 11, ph), at(28.5, 11, block(0.6)), at(4, 41.3, iin_cap, t["cap"]), at(4, 43.4, who.iin, iin_css), at(52, 42, sign)]
    elif design == "d":  # a darker band above, a white foot with the number
        band = art.hsl(int(rng.integers(190, 225)), int(rng.integers(40, 75)), int(rng.integers(24, 40)))
        parts.append('<div style="position:absolute;left:0;top:0;width:100%%;height:9.4mm;background:%s"></div>' % band)
        parts.append(at(3, 1.4, "<div style='font-size:2.15mm'>%s &nbsp;·&nbsp; %s</div><div style='font-weight:700;font-size:2.75mm;margin-top:.3mm'>%s &nbsp;·&nbsp; %s</div>" % (kk, ru, *TITLE), "font-family:'%s';color:#fff;white-space:nowrap" % t["face"]))
        parts += [at(4, 11.5, ph), at(28.5, 11.6, block(0.5)), at(4, 42.2, field_html(iin_cap, who.iin, t["cap"], iin_css)), at(55, 43, sign)]
    elif design == "e":  # centred title, captions left of values in a table
        parts.append(at(0, 1.9, "<div style='font-size:2.05mm;letter-spacing:.2mm'>%s</div><div style='font-weight:700;font-size:2.9mm'>%s</div><div style='font-weight:700;font-size:2.6mm'>%s</div>" % (kk + " · " + ru, TITLE[0], TITLE[1]), head_css + "text-align:center;line-height:1.2", CARD_W))
        rows = "".join('<tr><td style="%s;padding:0 1.5mm .9mm 0;white-space:normal;width:20mm">%s</td><td style="%s">%s</td></tr>' % (t["cap"], c.replace("/", "/<wbr>"), t["val"], v) for c, v in fields + [birth] + ([sex] if rng.random() < 0.5 else []))
        parts += [at(4, 12.2, ph), at(28, 12.2, "<table style='border-spacing:0'>%s</table>" % rows), at(4, 43.5, "<span style=\"%s\">%s</span> <span style=\"%s\">%s</span>" % (t["cap"], iin_cap, iin_css, who.iin)), at(60, 42, sign)]
    else:  # Kazakh and Russian captions on lines of their own, two columns below
        parts.append(at(14, 2.2, "<div style='font-weight:700;font-size:2.3mm'>%s · %s</div><div style='font-weight:700;font-size:2.9mm;margin-top:.2mm'>%s<br>%s</div>" % (kk, ru, *TITLE), head_css + "line-height:1.15"))
        parts += [at(3.4, 2, em), at(58.5, 13.5, ph), at(4, 13, block(0.45)), at(4, 43.6, field_html(iin_cap, who.iin, t["cap"], iin_css)), at(36, 43, sign)]
    free = "r"
    return Doc(card("".join(parts), css="box-shadow:inset 0 0 0 .15mm rgba(0,0,0,.12);"), CARD_W, CARD_H, "id_card", "KAZ", "front", False, [who.iin], free)


def zone(rng, rows, size, colour="#151515", x=0.0, spacing=4.23):
    """Rows in the sharp cut of OCR-B; its letters advance 0.723 em, the standard's pitch is 2.54 mm."""
    em = 2.54 / 0.723 * size
    return "".join('<div style="position:absolute;left:%gmm;top:%gmm;font:%.3fmm \'OCR B S\',\'OCR B\';white-space:pre;color:%s;line-height:1">%s</div>' % (x, k * spacing, em, colour, row.replace("<", "&lt;")) for k, row in enumerate(rows))


def id_back(rng, who=None, wrong=False):
    who = who or Person(rng)
    s, t = caption_style(rng), lettering(rng)
    L = lambda kk, ru: keep(label(rng, kk, ru, s), s)
    fields = [(L("ТУҒАН ЖЕРІ", "МЕСТО РОЖДЕНИЯ"), who.region if rng.random() < 0.5 else who.city), (L("ҰЛТЫ", "НАЦИОНАЛЬНОСТЬ"), who.nation)]
    if rng.random() < 0.35:
        fields.append((L("АЗАМАТТЫҒЫ", "ГРАЖДАНСТВО"), "ҚАЗАҚСТАН / КАЗАХСТАН"))
    fields.append((L("БЕРГЕН ОРГАН", "ОРГАН ВЫДАЧИ"), pick(rng, ["ҚР ІІМ / МВД РК", "ҚАЗАҚСТАН РЕСПУБЛИКАСЫНЫҢ ІІМ / МВД РК"])))
    fields.append((L("БЕРІЛГЕН КҮНІ - ҚОЛДАНЫЛУ МЕРЗІМІ", "ДАТА ВЫДАЧИ - СРОК ДЕЙСТВИЯ"), "%s - %s" % (who.issued, who.expires)))
    vcss = t["val"].replace("%.2fmm" % t["v"], "%.2fmm" % rng.uniform(2.1, 2.5))
    ccss = t["cap"] + ";font-size:1.4mm"
    block = "".join('<div style="margin-bottom:.3mm">%s</div>' % field_html(c, v, ccss, vcss) for c, v in fields)
    number = "№ " + who.number if rng.random() < 0.5 else who.number
    ncss = "font:700 %.1fmm '%s';color:%s;letter-spacing:.2mm;white-space:nowrap" % (rng.uniform(3, 3.8), pick(rng, ["PT Sans", "PT Mono", "Play"]), pick(rng, [t["ink"], "#a02020"]))
    parts = [art.ground(rng, CARD_W, CARD_H, soft=0.8)]
    design = pick(rng, "abcd")
    if design == "a":  # chip left, text right
        parts += [at(5, 6, art.chip()), at(23, 3, block), at(4, 30.5, number, ncss), at(63, 28, art.bars(rng, 19, 5))]
    elif design == "b":  # text left, stacked code right
        parts += [at(4, 2.6, block), at(60, 3, art.stacked(rng, 22, 8)), at(57, 12.3, number, ncss), at(66, 18.5, art.chip(12, 9.5))]
    elif design == "c":  # bars along the top
        parts += [at(4, 2.4, art.bars(rng, 46, 4.6)), at(54, 2.4, number, ncss), at(26, 8.4, block), at(6, 13, art.chip())]
    else:
        parts += [at(5, 3, block), at(58, 3, number, ncss), at(58, 9.5, art.bars(rng, 24, 6)), at(66, 18, art.chip(13, 10))]
    size = rng.uniform(0.97, 1.01)
    if rng.random() < 0.5:
        parts.append('<div style="position:absolute;left:0;right:0;bottom:0;height:17.6mm;background:rgba(255,255,255,%.2f)"></div>' % rng.uniform(0.3, 0.9))
    parts.append(at(4.7 + rng.uniform(-0.5, 0.5), 37.6 + rng.uniform(-0.6, 0.4), zone(rng, people.td1(rng, who, wrong=wrong), size)))
    return Doc(card("".join(parts)), CARD_W, CARD_H, "id_card", "KAZ", "back", not wrong, [who.iin], "t")


BOOKS = {
    "passport": ("ПАСПОРТ", "PASSPORT", "P<", "KAZ", "N", (195, 205, 210)),
    "diplomatic_passport": ("ДИПЛОМАТИЯЛЫҚ ПАСПОРТ", "DIPLOMATIC PASSPORT", "PD", "KAZ", "D", (110, 140, 160)),
    "service_passport": ("ҚЫЗМЕТТІК ПАСПОРТ", "SERVICE PASSPORT", "PS", "KAZ", "S", (95, 130, 45)),
    "stateless_certificate": ("АЗАМАТТЫҒЫ ЖОҚ АДАМНЫҢ КУӘЛІГІ", "STATELESS PERSON'S CERTIFICATE", "P<", "XXA", "L", (25, 40, 350)),
    "travel_document": ("ЖОЛ ЖҮРУ ҚҰЖАТЫ", "TRAVEL DOCUMENT", "PT", "UZB KGZ TJK AFG".split(), "T", (215, 230, 260)),
}
RUSSIAN = {"stateless_certificate": "УДОСТОВЕРЕНИЕ ЛИЦА БЕЗ ГРАЖДАНСТВА", "travel_document": "ПРОЕЗДНОЙ ДОКУМЕНТ", "diplomatic_passport": "ДИПЛОМАТИЧЕСКИЙ ПАСПОРТ", "service_passport": "СЛУЖЕБНЫЙ ПАСПОРТ", "passport": "ПАСПОРТ"}


def booklet(rng, kind="passport", who=None, wrong=False):
    """A data page with its two rows; now and then the page above it too."""
    who = who or Person(rng)
    kk, en, code, nat, letter, hues = BOOKS[kind]
    nat = nat if isinstance(nat, str) else pick(rng, nat)
    number = letter + mrzgen.digits(rng, 8)
    rows = people.td3(rng, who, code, nat, number, wrong)
    t = lettering(rng, 1.12)
    if t["face"] in ("Play", "Open Sans", "PT Sans Caption"):
        t["val"] = t["val"].replace("%.2fmm" % t["v"], "2.55mm")
    join = pick(rng, [" / ", "/", " / "])
    third = rng.random() < 0.3
    up = rng.random() < 0.5
    def L(a, b, c=None):
        words = [a, b, c] if third and c else [a, b]
        return join.join(w if up else keep(w.capitalize(), None) for w in words)
    sur, giv = (who.surname, who.given)
    two = rng.random() < 0.5
    lat = lambda x: "%s<br>%s" % (x, people.latin(x)) if two else people.latin(x)
    nation = {"KAZ": pick(rng, ["ҚАЗАҚСТАН / KAZAKHSTAN", "KAZAKHSTAN", "ҚАЗАҚСТАН"]), "XXA": "АЗАМАТТЫҒЫ ЖОҚ / STATELESS"}.get(nat, nat)
    sexes = "М/M" if who.man else "Ж/F"
    cap, val = t["cap"], t["val"]
    F = lambda c, v: '<div style="margin-bottom:.6mm">%s</div>' % field_html(c, v, cap, val)
    head = [F(L("ТҮРІ", "TYPE", "ТИП"), code.replace("<", "")), F(L("МЕМЛЕКЕТ КОДЫ", "CODE OF STATE", "КОД ГОСУДАРСТВА"), "KAZ"), F(L("ПАСПОРТ №" if "passport" in kind else "ҚҰЖАТ №", "PASSPORT No." if "passport" in kind else "DOCUMENT No."), number)]
    left = [F(L("ТЕГІ", "SURNAME", "ФАМИЛИЯ"), lat(sur)), F(L("АТЫ", "GIVEN NAMES", "ИМЯ"), lat(giv)), F(L("АЗАМАТТЫҒЫ", "NATIONALITY", "ГРАЖДАНСТВО"), nation), F(L("ТУҒАН КҮНІ", "DATE OF BIRTH", "ДАТА РОЖДЕНИЯ"), who.born)]
    right = [F(L("ЖЫНЫСЫ", "SEX", "ПОЛ"), sexes), F(L("ТУҒАН ЖЕРІ", "PLACE OF BIRTH"), who.city), F(L("БЕРІЛГЕН КҮНІ", "DATE OF ISSUE"), who.issued), F(L("ҚОЛДАНЫЛУ МЕРЗІМІ", "DATE OF EXPIRY"), who.expires)]
    iin = F(L("ЖСН", pick(rng, ["IIN", "PERSONAL No.", "INDIVIDUAL IDENTIFICATION NUMBER"])) if up else "ЖСН / IIN", who.iin)
    issuer = F(L("БЕРГЕН ОРГАН", "AUTHORITY"), pick(rng, ["MINISTRY OF INTERNAL AFFAIRS", "MIA OF KAZAKHSTAN", "ҚР ІІМ / MIA"]) if "diplom" not in kind and "service" not in kind else "MINISTRY OF FOREIGN AFFAIRS")
    hue = int(pick(rng, hues))
    title = kk + (join + en if rng.random() < 0.75 or kind == "passport" else join + RUSSIAN[kind])
    state = "ҚАЗАҚСТАН РЕСПУБЛИКАСЫ / REPUBLIC OF KAZAKHSTAN"
    if kind == "passport" and rng.random() < 0.2:
        title = pick(rng, ["ҚАЗАҚСТАН РЕСПУБЛИКАСЫ АЗАМАТЫНЫҢ ПАСПОРТЫ / PASSPORT", "ПАСПОРТ ГРАЖДАНИНА РЕСПУБЛИКИ КАЗАХСТАН / PASSPORT"])
    photo = art.portrait(who.face, *pick(rng, [(32, 41), (30, 38), (33, 40)]), grey=rng.random() < 0.3)
    design = pick(rng, "abcd")
    tcss = "font:700 %.1fmm '%s';color:%s;white-space:nowrap" % (rng.uniform(3.0, 3.7) if len(title) < 34 else 2.7 if len(title) < 48 else 2.2, t["face"] if rng.random() < 0.6 else pick(rng, SERIF), art.hsl(hue + 200 if rng.random() < 0.2 else hue, 60, 24))
    scss = "font:700 2.5mm '%s';color:%s;white-space:nowrap" % (t["face"], t["faint"])
    parts = [art.ground(rng, PASS_W, PASS_H, hue)]
    columns = lambda x, y, a, b, gap=34: at(x, y, "".join(a)) + at(x + gap, y, "".join(b))
    if design == "a":
        parts += [at(5, 3, state, scss), at(5, 6.6, title, tcss), at(5, 14, photo), at(41, 12, '<div style="display:flex;gap:3.5mm">%s</div>' % "".join(head)), columns(41, 18.5, left + [iin], right + [issuer], 41)]
    elif design == "b":
        parts += [at(0, 2.6, state, scss + ";text-align:center", PASS_W), at(0, 6, title, tcss + ";text-align:center", PASS_W), at(5, 13, photo), at(41, 13, "".join(left[:2] + [iin] + left[2:])), at(86, 13, "".join(head[2:] + right + [issuer]))]
    elif design == "c":
        parts += [at(41, 3, title, tcss), at(41, 7.6, state, scss), at(4, 5, photo), at(4, 49, head[2]), at(4, 55.5, art.signature(rng, 26, 7)), columns(41, 12.5, left + [iin], right + [issuer], 44)]
    else:
        parts += [at(5, 3, title, tcss), at(5, 8, state, scss), at(88, 13, photo), columns(5, 13.5, left + [iin], head[2:] + right + [issuer], 42)]
        if rng.random() < 0.5:
            parts.append(at(74, 46, art.portrait(who.face, 9, 12, True, "opacity:.35", "transparent")))
    if rng.random() < 0.5:
        parts.append(at(100, 56, art.signature(rng, 18, 6, "#222")) if design != "c" else "")
    if rng.random() < 0.5:
        parts.append('<div style="position:absolute;left:0;right:0;bottom:0;height:22mm;background:rgba(255,255,255,%.2f)"></div>' % rng.uniform(0.2, 0.85))
    parts.append(at(5.6 + rng.uniform(-0.6, 0.6), 68.3 + rng.uniform(-1, 1), zone(rng, rows, rng.uniform(0.975, 1.005), spacing=6.35)))
    page = card("".join(parts), PASS_W, PASS_H, radius=2.5)
    h = PASS_H
    if rng.random() < 0.25:  # an open book: the page above the data page
        upper = [art.ground(rng, PASS_W, PASS_H, hue, 0.7), at(0, 30, art.emblem(rng, 22, art.hsl(hue, 50, 55, 0.5)), "display:flex;justify-content:center", PASS_W)]
        if rng.random() < 0.6:
            upper.append(at(8, 8, pick(rng, ["ҚОЛЫ / SIGNATURE OF BEARER", "ЕСКЕРТПЕЛЕР / OBSERVATIONS", "2"]), cap + ";font-size:2mm"))
        page = '<div style="width:%gmm">%s%s</div>' % (PASS_W, card("".join(upper), PASS_W, PASS_H, "border-bottom:.3mm solid rgba(0,0,0,.25);", 2.5), page)
        h = 2 * PASS_H
    return Doc(page, PASS_W, h, kind, "KAZ", "data_page", not wrong, [who.iin], "t" if h > PASS_H else "", 2.5)


def residence(rng, back=None):
    """The permit of a foreigner who lives here: a chip card as the ID card is."""
    who = Person(rng)
    t, s = lettering(rng), caption_style(rng)
    L = lambda kk, ru: keep(label(rng, kk, ru, s), s)
    nat = pick(rng, "RUS UZB KGZ CHN TUR TJK AZE GEO".split())
    back = rng.random() < 0.5 if back is None else back
    hue = int(rng.choice([330, 20, 280, 120]))
    parts = [art.ground(rng, CARD_W, CARD_H, hue)]
    if back:
        fields = [(L("ТУҒАН ЖЕРІ", "МЕСТО РОЖДЕНИЯ"), nat), (L("БЕРГЕН ОРГАН", "ОРГАН ВЫДАЧИ"), "ҚР ІІМ / МВД РК"), (L("БЕРІЛГЕН КҮНІ", "ДАТА ВЫДАЧИ"), who.issued), (L("ҚОЛДАНЫЛУ МЕРЗІМІ", "СРОК ДЕЙСТВИЯ"), who.expires)]
        parts += [at(5, 4, "".join('<div style="margin-bottom:.5mm">%s</div>' % field_html(c, v, t["cap"], t["val"]) for c, v in fields)), at(66, 6, art.chip()), at(55, 22, art.bars(rng, 26, 6))]
        parts.append(at(4.7, 37.5, zone(rng, people.td1(rng, who, "IR", nat), 0.99)))
        return Doc(card("".join(parts)), CARD_W, CARD_H, "residence_permit", "KAZ", "back", True, [who.iin], "t")
    fields = [(L("ТЕГІ", "ФАМИЛИЯ"), who.surname), (L("АТЫ", "ИМЯ"), who.given), (L("АЗАМАТТЫҒЫ", "ГРАЖДАНСТВО"), nat), (L("ТУҒАН КҮНІ", "ДАТА РОЖДЕНИЯ"), who.born), ("№", who.number)]
    parts.append(at(0, 2, "<div style='font-size:1.9mm'>ҚАЗАҚСТАН РЕСПУБЛИКАСЫ · РЕСПУБЛИКА КАЗАХСТАН</div><div style='font-weight:700;font-size:2.05mm'>ШЕТЕЛДІКТІҢ ҚАЗАҚСТАН РЕСПУБЛИКАСЫНДА ТҰРУЫНА ЫҚТИЯРХАТ</div><div style='font-weight:700;font-size:2.3mm'>ВИД НА ЖИТЕЛЬСТВО ИНОСТРАНЦА</div>", "font-family:'%s';color:%s;text-align:center;white-space:nowrap;line-height:1.25" % (t["face"], t["ink"]), CARD_W))
    parts += [at(4, 12, art.portrait(who.face, 22, 28)), at(29, 12, "".join('<div style="margin-bottom:.5mm">%s</div>' % field_html(c, v, t["cap"], t["val"]) for c, v in fields)), at(4, 44, '<span style="%s">ЖСН/ИИН</span> <span style="font:700 3.2mm \'%s\'">%s</span>' % (t["cap"], t["face"], who.iin)), at(60, 43, art.signature(rng, 18, 7))]
    return Doc(card("".join(parts)), CARD_W, CARD_H, "residence_permit", "KAZ", "front", False, [who.iin], "r")


def refugee(rng):
    """Paper, two letters and eight digits, no zone."""
    who = Person(rng)
    w, h = pick(rng, [(148, 105), (125, 88), (105, 148)])
    serif = pick(rng, SERIF)
    number = "%s № %s" % (pick(rng, ["РК", "БК", "АА"]), mrzgen.digits(rng, 8))
    rows = [("Тегі / Фамилия", who.surname), ("Аты / Имя", who.given), ("Әкесінің аты / Отчество", who.patronymic), ("Туған күні / Дата рождения", who.born), ("Азаматтығы / Гражданство", pick(rng, ["АУҒАНСТАН / АФГАНИСТАН", "СИРИЯ", "ЙЕМЕН"])), ("ЖСН / ИИН", who.iin), ("Берілген күні / Дата выдачи", who.issued), ("Жарамды / Действительно до", dmy_year(who))]
    body = "".join("<div style='margin-bottom:1.1mm'><span style='font-size:2.1mm;color:#444'>%s:</span> <b style='font-size:2.9mm'>%s</b></div>" % r for r in rows if r[1])
    tall = h > w
    parts = [art.ground(rng, w, h, int(rng.choice([45, 90, 200])), 0.7)]
    parts.append(at(0, 5, "<div style='font-size:2.6mm'>ҚАЗАҚСТАН РЕСПУБЛИКАСЫ / РЕСПУБЛИКА КАЗАХСТАН</div><div style='font-weight:700;font-size:4.4mm'>БОСҚЫН КУӘЛІГІ</div><div style='font-weight:700;font-size:4mm'>УДОСТОВЕРЕНИЕ БЕЖЕНЦА</div><div style='font-size:3.4mm;color:#a11'>%s</div>" % number, "font-family:'%s';text-align:center;line-height:1.25" % serif, w))
    parts.append(at(8 if not tall else w / 2 - 15, 28, art.portrait(who.face, 28, 36)))
    parts.append(at(42 if not tall else 10, 28 if not tall else 70, body, "font-family:'%s'" % serif))
    parts.append(at(w - 38, h - 36, art.stamp(rng, 28, "ХАЛЫҚТЫ ӘЛЕУМЕТТІК ҚОРҒАУ ● КӨШІ-ҚОН ")))
    return Doc(card("".join(parts), w, h, radius=1), w, h, "refugee_certificate", "KAZ", pick(rng, ["front"]), False, [who.iin], "", 1)


def dmy_year(who):
    return people.dmy("%02d" % (int(who.issue[:2]) + 1) + who.issue[2:], "20")


def birth(rng):
    """A sheet with a frame and two languages; a child of 18xx as everybody here."""
    who = Person(rng)
    serif = pick(rng, SERIF)
    w, h = pick(rng, [(148, 210), (210, 297), (210, 148), (148, 210)])
    wide = w > h
    k = 1.3 if w == 210 and h == 297 else 1.0
    parent = Person(rng)
    rows = [("Тегі / Фамилия", who.surname), ("Аты / Имя", who.given), ("Әкесінің аты / Отчество", who.patronymic), ("Туған күні / Дата рождения", who.born), ("Туған жері / Место рождения", who.city), ("ЖСН / ИИН", who.iin), ("Әкесі / Отец", parent.surname + " " + parent.given), ("Анасы / Мать", pick(rng, people.WOMEN)), ("Тіркеу орны / Место регистрации", pick(rng, ["ТІРКЕУШІ ОРГАН / РЕГИСТРИРУЮЩИЙ ОРГАН", "АХАТ БӨЛІМІ / ОТДЕЛ ЗАГС", "ӘДІЛЕТ ДЕПАРТАМЕНТІ"])), ("Акт жазбасының № / № актовой записи", mrzgen.digits(rng, 10)), ("Берілген күні / Дата выдачи", who.issued)]
    style = pick(rng, ["line", "table", "plain"])
    if style == "table":
        body = "<table style='border-collapse:collapse;width:100%%'>%s</table>" % "".join("<tr><td style='border-bottom:.2mm solid #999;padding:1mm;font-size:%.1fmm'>%s</td><td style='border-bottom:.2mm solid #999;padding:1mm;font-weight:700;font-size:%.1fmm'>%s</td></tr>" % (2.5 * k, a, 3.3 * k, b) for a, b in rows if b)
    else:
        rule = "border-bottom:.2mm solid #888;" if style == "line" else ""
        body = "".join("<div style='margin-bottom:%.1fmm;%s'><span style='font-size:%.1fmm;color:#333'>%s</span>&nbsp; <b style='font-size:%.1fmm'>%s</b></div>" % ((1.2 if wide else 2.4) * k, rule, 2.5 * k, a, 3.4 * k, b) for a, b in rows if b)
    hue = int(rng.choice([190, 50, 140, 20, 210]))
    title = "<div style='font-size:%.1fmm'>ҚАЗАҚСТАН РЕСПУБЛИКАСЫ<br>РЕСПУБЛИКА КАЗАХСТАН</div><div style='font-weight:700;font-size:%.1fmm;margin-top:2mm'>ТУУ ТУРАЛЫ КУӘЛІК</div><div style='font-weight:700;font-size:%.1fmm'>СВИДЕТЕЛЬСТВО О РОЖДЕНИИ</div>" % (2.9 * k, 6 * k, 5.2 * k)
    top = 8 if wide else 34 * k
    parts = [art.ground(rng, w, h, hue, 0.8), '<div style="position:absolute;inset:%gmm;border:%.1fmm %s %s"></div>' % (4, rng.uniform(0.8, 2), pick(rng, ["double", "solid", "ridge"]), art.hsl(hue, 45, 50))]
    parts.append(at(0, 9, title, "text-align:center;font-family:'%s';line-height:1.2;color:%s" % (serif, art.hsl(hue, 50, 22)), w))
    if not wide:
        parts.append(at(w / 2 - 8, top + 3, art.emblem(rng, 16, art.hsl(45, 60, 50))))
    parts.append(at(12, top + (26 if wide else 24), body, "font-family:'%s'" % serif, w - 24))
    parts.append(at(w - 50, h - 46, art.stamp(rng, 34, "ӘДІЛЕТ МИНИСТРЛІГІ ● МИНИСТЕРСТВО ЮСТИЦИИ ")))
    if rng.random() < 0.5:
        parts.append(at(14, h - 16, "%s № %s" % (pick(rng, ["ТТ", "АА", "I-ЖБ"]), mrzgen.digits(rng, 7)), "font:700 %.1fmm '%s';color:#a22" % (3.6 * k, serif)))
    return Doc(card("".join(parts), w, h, radius=0), w, h, "birth_certificate", "KAZ", "front", False, [who.iin], "", 0)


WORDS = {
    "FRA": ("RÉPUBLIQUE FRANÇAISE", "PASSEPORT", "CARTE NATIONALE D'IDENTITÉ", "Nom", "Prénoms", "Nationalité", "Date de naissance", "Sexe", "Date d'expiration"),
    "D": ("BUNDESREPUBLIK DEUTSCHLAND", "REISEPASS", "PERSONALAUSWEIS", "Name", "Vornamen", "Staatsangehörigkeit", "Geburtstag", "Geschlecht", "Gültig bis"),
    "RUS": ("РОССИЙСКАЯ ФЕДЕРАЦИЯ", "ПАСПОРТ", "ВИД НА ЖИТЕЛЬСТВО", "Фамилия", "Имя", "Гражданство", "Дата рождения", "Пол", "Действителен до"),
    "TUR": ("TÜRKİYE CUMHURİYETİ", "PASAPORT", "KİMLİK KARTI", "Soyadı", "Adı", "Uyruğu", "Doğum tarihi", "Cinsiyeti", "Son geçerlilik"),
    "UZB": ("O'ZBEKISTON RESPUBLIKASI", "PASPORT", "SHAXS GUVOHNOMASI", "Familiyasi", "Ismi", "Fuqaroligi", "Tug'ilgan sanasi", "Jinsi", "Amal qilish muddati"),
}
PLAIN = ("STATE OF %s", "PASSPORT", "IDENTITY CARD", "Surname", "Given names", "Nationality", "Date of birth", "Sex", "Date of expiry")


def abroad(rng, kind=None):
    """Passports, cards and visas of other states: their own words, the same rows."""
    kind = kind or pick(rng, ["td3", "td3", "td3", "td1", "td1", "td2", "mrva", "mrvb", "fr"])
    state, rows, f = people.foreign(rng, kind)
    words = WORDS.get(state) or tuple(x % state if "%s" in x else x for x in PLAIN)
    english = PLAIN[3:]
    caps = [a if a == b or rng.random() < 0.3 else a + pick(rng, [" / ", "/"]) + b for a, b in zip(words[3:], english)]
    t = lettering(rng)
    if rng.random() < 0.5:
        t["face"] = pick(rng, SANS + SERIF)
    year = lambda d: people.dmy(d, "19" if d[:2] > "30" else "20", pick(rng, [".", " ", "/", "-"])) if d else ""
    values = [f["surname"], f["given"], f["nat"], year(f["birth"]), f["sex"], year(f["expiry"])]
    w, h = {"td3": (125, 88), "td1": (85.6, 53.98), "td2": (105, 74), "fr": (105, 74), "mrva": (120, 80), "mrvb": (105, 74)}[kind]
    hue = int(rng.integers(0, 360))
    face = art.portrait(int(rng.integers(1 << 30)), *{"td3": (32, 40), "td1": (20, 24), "td2": (26, 32), "fr": (26, 32), "mrva": (26, 32), "mrvb": (24, 30)}[kind], grey=rng.random() < 0.3)
    title = "VISA" if kind.startswith("mrv") else words[1] if kind == "td3" else words[2]
    pw = {"td3": 33, "td1": 21}.get(kind, 27)
    F = [field_html(c, v, t["cap"], t["val"]) for c, v in zip(caps, values) if v]
    number = field_html("No.", f["number"], t["cap"], t["val"])
    parts = [art.ground(rng, w, h, hue)]
    tcss = "font:700 %.1fmm '%s';color:%s;white-space:nowrap" % (2.7 if kind == "td1" else 3.6, t["face"], art.hsl(hue, 60, 22))
    x = pw + 9
    if kind == "td1":
        small = ";font-size:2.3mm"
        F = [field_html(c, v, t["cap"] + ";font-size:1.35mm", t["val"] + small) for c, v in zip(caps, values) if v]
        number = field_html("No.", f["number"], t["cap"] + ";font-size:1.35mm", t["val"] + small)
        parts += [at(4, 2, words[0] + " · " + title, tcss + ";font-size:2.2mm"), at(4, 8, face), at(x - 2, 7.5, "".join("<div style='margin-bottom:.3mm'>%s</div>" % p for p in F[:4])), at(x + 29, 7.5, "".join("<div style='margin-bottom:.3mm'>%s</div>" % p for p in F[4:] + [number]))]
        if rng.random() < 0.5:
            parts.append('<div style="position:absolute;left:0;right:0;bottom:0;height:18mm;background:rgba(255,255,255,.55)"></div>')
        zy, spacing, zx = 37.5, 4.23, 4.8
    else:
        gap = (w - x) * 0.52
        parts += [at(5, 3, words[0], tcss + ";font-size:2.6mm"), at(5, 6.6, title, tcss), at(5, 13, face), at(x, 12.5, "".join("<div style='margin-bottom:%gmm'>%s</div>" % (1 if kind == "td3" else 0.4, p) for p in F[:4])), at(x + gap, 12.5, "".join("<div style='margin-bottom:%gmm'>%s</div>" % (1 if kind == "td3" else 0.4, p) for p in F[4:] + [number]))]
        zy, spacing, zx = h - 19.7, 6.35, (5.8 if kind == "td3" else 4.6)
        if kind == "mrva":
            zx = 3.8
    parts.append(at(zx, zy, zone(rng, rows, rng.uniform(0.975, 1.0), spacing=spacing)))
    doc = {"td3": "foreign_passport", "mrva": "visa", "mrvb": "visa"}.get(kind, "foreign_id_card")
    side = {"td3": "data_page", "td1": "back", "fr": "front"}.get(kind, None)
    return Doc(card("".join(parts), w, h, radius=2.5), w, h, doc, state, side, True, [], "", 2.5)
