"""Kazakh documents, drawn flat; how they are copied damages them later."""

from art import Art, barcode, emblem, guilloche, hue, mix, pdf417, print_mrz, put_portrait, signature, stamp, tint
from fonts import any_kk, bold, covers, pool, sans_kk, serif_kk
from people import KZ_MEN, KZ_SURNAMES, KZ_WOMEN, dmy, latin, td1_rows, td2_td3_rows

TURQUOISE = [(196, 226, 236), (205, 232, 228), (226, 238, 222), (214, 230, 242), (232, 238, 214)]
YELLOW = [(250, 238, 190), (246, 240, 210), (240, 232, 196)]


def truth_of(kind, issuer, side, mrz):
    """The document of the truth."""
    document = {"type": kind, "issuer": issuer}
    if side:
        document["side"] = side
    document["mrz"] = mrz
    return document


def single(art, kind, issuer, side, mrz, sub):
    """The whole drawing is one document."""
    art.docs = [((0, 0, art.w, art.h), truth_of(kind, issuer, side, bool(mrz)), sub, mrz)]
    return art


def kz_ground(rng, art, families=4, alpha=None):
    """Ground of Kazakh cards."""
    colours = (
        [rng.choice(TURQUOISE), rng.choice(YELLOW), rng.choice(TURQUOISE)]
        if rng.chance(0.7)
        else [rng.choice(TURQUOISE), rng.choice(TURQUOISE), rng.choice(YELLOW)]
    )
    tint(rng, art, colours, rng.chance(0.3))
    guilloche(
        rng,
        art,
        (0, 0, art.w, art.h),
        families,
        alpha or rng.between(0.25, 0.6),
        [(70, 160, 185), (90, 175, 170), (210, 180, 70), (120, 180, 210), (160, 150, 190)],
    )
    if rng.chance(0.6):  # sun with rays behind the text
        emblem(rng, art, art.w * rng.between(0.5, 0.8), art.h * rng.between(0.4, 0.6), rng.between(8, 15), mix(rng.choice(TURQUOISE), rng.choice(YELLOW), 0.5))


def id_front(rng, who, design):
    """Identity card, front; design 2 has two columns."""
    s = rng.choice([13, 14, 15])
    art = Art(85.6, 54, s)
    art.radius = 3.0
    art.gloss = True
    kz_ground(rng, art)
    face = sans_kk(rng)
    bold_face = bold(face)
    value_face = rng.choice([bold_face, bold_face, face])
    ink = rng.choice([(20, 20, 25), (35, 35, 50), (15, 15, 15)])
    label_ink = rng.choice([(40, 90, 120), (60, 60, 70), (30, 80, 90), (90, 60, 40)])
    title_ink = rng.choice([(20, 80, 120), (30, 30, 40), (10, 90, 100), (130, 40, 40)])
    if rng.chance(0.8):
        emblem(rng, art, rng.choice([6.5, 79.5, 6.5]), 6.5, 4.3, (190, 150, 60) if rng.chance(0.5) else (80, 150, 170))
    if design == 1:  # one title under the state's name
        x = rng.choice([12.5, 13, 24])
        art.text(x, 4.6, "ҚАЗАҚСТАН РЕСПУБЛИКАСЫ", face, 2.6, title_ink)
        art.text(x, 7.6, "РЕСПУБЛИКА КАЗАХСТАН", face, 2.6, title_ink)
        art.fit(x, 12.0, rng.choice(["ЖЕКЕ КУӘЛІК", "ЖЕКЕ КУӘЛІК "]), bold_face, 3.6, 24.3, title_ink)
        art.fit(x + 26, 12.0, "УДОСТОВЕРЕНИЕ ЛИЧНОСТИ", bold_face, 3.6, 84 - x - 34, title_ink)
    else:  # two columns, redesign of 2024
        art.fit(11.5, 5, "ҚАЗАҚСТАН РЕСПУБЛИКАСЫ", bold_face, 2.35, 34, title_ink)
        art.fit(47.5, 5, "РЕСПУБЛИКА КАЗАХСТАН", bold_face, 2.35, 30, title_ink)
        art.text(11.5, 8.8, "ЖЕКЕ КУӘЛІК", bold_face, 2.9, title_ink)
        art.fit(47.5, 8.8, "УДОСТОВЕРЕНИЕ ЛИЧНОСТИ", bold_face, 2.5, 36, title_ink)
    left = rng.chance(0.85)
    photo_w = rng.between(21, 25)
    photo_h = photo_w * 1.3
    photo_x = rng.between(3, 5) if left else 85.6 - photo_w - 4
    photo_y = 14.2
    put_portrait(rng, art, photo_x, photo_y, photo_w, photo_h, who.sex, grey=design == 2 and rng.chance(0.7))
    if rng.chance(0.7):
        put_portrait(rng, art, (66 if left else 45), rng.between(24, 33), 10, 13, who.sex, alpha=0.3, grey=True)
    x0 = photo_x + photo_w + rng.between(2.5, 4.5) if left else 4.5
    label_size = rng.between(1.45, 1.9)
    value_size = rng.between(2.7, 3.3)
    y = 16.2
    rows = [("ТЕГІ/ФАМИЛИЯ", who.sur), ("АТЫ/ИМЯ", who.giv)] + ([("ӘКЕСІНІҢ АТЫ/ОТЧЕСТВО", who.pat)] if who.pat else [])
    room = 84 - x0 if left else 50
    step = rng.between(6.6, 7.5)
    for label, value in rows:
        shown = label if rng.chance(0.6) else label.replace("/", " / ")
        art.text(x0, y, shown, face, label_size, label_ink)
        art.fit(x0, y + value_size * 0.95 + 0.2, value, value_face, value_size, room - 2, ink)
        y += step
    art.text(x0, y, "ТУҒАН КҮНІ/ДАТА РОЖДЕНИЯ", face, label_size, label_ink)
    art.text(x0, y + value_size * 0.95 + 0.2, dmy(who.birth), value_face, value_size, ink)
    if design == 2 or rng.chance(0.2):
        art.text(x0 + 31, y, "ЖЫНЫСЫ/ПОЛ", face, label_size, label_ink)
        art.text(
            x0 + 31,
            y + value_size * 0.95 + 0.2,
            {"M": "М/M", "F": "Ж/F"}[who.sex] if rng.chance(0.5) else {"M": "Е/М", "F": "Ә/Ж"}[who.sex],
            value_face,
            value_size,
            ink,
        )
    y += step
    iin_size = rng.between(3.0, 4.2)
    if rng.chance(0.55) and left:  # number on the bottom line under the portrait
        yb = 51.2
        w = art.text(photo_x, yb, "ЖСН/ИИН", face, label_size * 1.15, label_ink)
        art.text(photo_x + w + 1.5, yb, who.iin, value_face, iin_size, ink, spacing=rng.choice([0, 0, 0.15]))
        ix, iy = photo_x + w + 1, yb
    else:
        if rng.chance(0.5):
            w = art.text(x0, y + 0.6, "ЖСН/ИИН", face, label_size, label_ink)
            art.text(x0, y + iin_size + 0.6, who.iin, value_face, iin_size, ink)
            ix, iy = x0, y + iin_size + 0.6
        else:
            w = art.text(x0, y + 2, "ЖСН/ИИН", face, label_size * 1.2, label_ink)
            art.text(x0 + w + 1.5, y + 2, who.iin, value_face, iin_size, ink)
            ix, iy = x0 + w + 1.5, y + 2
    art.keep.append((ix, iy - iin_size, 32, iin_size * 1.2))
    art.iin_cap = iin_size * 0.7
    if rng.chance(0.8):  # beside the number, seldom over it
        if ix == photo_x + w + 1 or rng.chance(0.07):
            signature(rng, art, 52, 46, 14, 4.5)
        elif left:
            signature(rng, art, 64, 38, 16, 4)
        else:
            signature(rng, art, 38, 49.5, 16, 3)
    return single(art, "id_card", "KAZ", "front", None, who.iin)


def id_back(rng, who, design):
    """Identity card, back, with its zone of three rows."""
    s = rng.choice([13, 14, 15])
    art = Art(85.6, 54, s)
    art.radius = 3.0
    art.gloss = True
    kz_ground(rng, art, 3)
    face = sans_kk(rng)
    bold_face = bold(face)
    ink = (25, 25, 30)
    label_ink = (50, 80, 100)
    label_size = rng.between(1.4, 1.8)
    value_size = rng.between(2.4, 2.9)
    x = rng.between(4, 6)
    art.text(x, 5.5, rng.choice(["№ ", "N ", ""]) + who.num, bold_face, 3.4, (150, 30, 30) if rng.chance(0.4) else ink)
    if rng.chance(0.7):
        barcode(rng, art, 45, 3, 36, 5.5) if rng.chance(0.5) else pdf417(rng, art, 42, 2.5, 38, 8)
    y = rng.between(11.5, 13)
    nationality = {True: "ҚАЗАҚ", False: rng.choice(["РУССКАЯ", "ОРЫС", "ҚАЗАҚ", "ҰЙҒЫР", "НЕМІС"])}[rng.chance(0.6)]
    rows = [("ТУҒАН ЖЕРІ/МЕСТО РОЖДЕНИЯ", who.place), ("ҰЛТЫ/НАЦИОНАЛЬНОСТЬ", nationality)]
    if design == 2:
        rows.append(("АЗАМАТТЫҒЫ/ГРАЖДАНСТВО", "ҚАЗАҚСТАН/КАЗАХСТАН"))
    rows.append(("БЕРГЕН ОРГАН/ОРГАН ВЫДАЧИ", rng.choice(["ҚР ІІМ / МВД РК", "ҚР ІІМ/МВД РК", "ҚАЗАҚСТАН РЕСПУБЛИКАСЫ ІІМ"])))
    rows.append(("БЕРІЛГЕН КҮНІ - ҚОЛДАНЫЛУ МЕРЗІМІ/ДАТА ВЫДАЧИ - СРОК ДЕЙСТВИЯ", dmy(who.issue) + " - " + dmy(who.exp)))
    st = min(6.0, 23 / len(rows) + 0.2)
    for label, value in rows:
        art.fit(x, y, label, face, label_size, 78 - x, label_ink)
        art.text(x, y + value_size * 0.95, value, bold_face if rng.chance(0.9) else face, value_size, ink)
        y += st
    if rng.chance(0.35):
        art.rect(66, 12, 12.5, 11, fill=(205, 175, 95), rad=1.5)
        for k in (1, 2, 3):
            art.line(66, 12 + k * 2.7, 78.5, 12 + k * 2.7, (150, 120, 60), 0.15)
    mrz = td1_rows("ID", "KAZ", who.num, who.iin, who.birth, who.sex, who.exp, "KAZ", "", who.sur, who.giv)
    if rng.chance(0.35):
        art.rect(0, 35.5, 85.6, 18.5, fill=(244, 248, 248) if rng.chance(0.6) else (255, 255, 255))
    print_mrz(rng, art, mrz, (85.6 - 76.2) / 2 + rng.between(-1, 1), rng.between(39.8, 40.8), 2.54, 4.23, rng.between(2.3, 2.8))
    return single(art, "id_card", "KAZ", "back", mrz, who.iin)


def kz_passport(rng, who, kind="passport"):
    """Data page of a passport or of what is bound like one; sometimes with the page above."""
    spread = rng.chance(0.3)
    s = 11
    page_h = 88
    top = page_h if spread else 0
    art = Art(125, page_h + top, s)
    art.gloss = True
    art.radius = 2.5
    art.bend = True
    tint(rng, art, [rng.choice(TURQUOISE), rng.choice(YELLOW), rng.choice(TURQUOISE)], True)
    guilloche(rng, art, (0, 0, art.w, art.h), 5, rng.between(0.25, 0.55), [(80, 160, 190), (215, 185, 80), (130, 170, 200)])
    face = sans_kk(rng)
    bold_face = bold(face)
    label_ink = (60, 90, 120)
    ink = (25, 25, 35)
    base = top
    number = {"passport": "N", "diplomatic_passport": "D", "service_passport": "S", "travel_document": "T", "stateless_certificate": "L"}[
        kind
    ] + "%08d" % rng.randrange(1000000, 99999999)
    titles = {
        "passport": ("ҚАЗАҚСТАН РЕСПУБЛИКАСЫ", "REPUBLIC OF KAZAKHSTAN", "ПАСПОРТ", "PASSPORT"),
        "diplomatic_passport": ("ҚАЗАҚСТАН РЕСПУБЛИКАСЫ", "REPUBLIC OF KAZAKHSTAN", "ДИПЛОМАТИЯЛЫҚ ПАСПОРТ", "DIPLOMATIC PASSPORT"),
        "service_passport": ("ҚАЗАҚСТАН РЕСПУБЛИКАСЫ", "REPUBLIC OF KAZAKHSTAN", "ҚЫЗМЕТТІК ПАСПОРТ", "SERVICE PASSPORT"),
        "travel_document": ("ҚАЗАҚСТАН РЕСПУБЛИКАСЫ", "REPUBLIC OF KAZAKHSTAN", "ЖОЛ ЖҮРУ ҚҰЖАТЫ", "TRAVEL DOCUMENT"),
        "stateless_certificate": ("ҚАЗАҚСТАН РЕСПУБЛИКАСЫ", "РЕСПУБЛИКА КАЗАХСТАН", "АЗАМАТТЫҒЫ ЖОҚ АДАМНЫҢ КУӘЛІГІ", "УДОСТОВЕРЕНИЕ ЛИЦА БЕЗ ГРАЖДАНСТВА"),
    }[kind]
    if spread:
        art.line(0, top, 125, top, (150, 160, 165), 0.4)
        serif = serif_kk(rng)
        if rng.chance(0.5):
            emblem(rng, art, 62, 30, 14, (200, 170, 90))
            art.text(62, 58, titles[0], bold_face, 4, label_ink, "ms")
            art.text(62, 64, titles[1], bold_face, 4, label_ink, "ms")
        else:
            for i in range(rng.randrange(4, 9)):
                art.text(
                    10,
                    14 + i * 6,
                    rng.choice(
                        [
                            "Осы паспорт иесіне шетелге шығуға құқық береді",
                            "This passport contains 36 numbered pages",
                            "Қазақстан Республикасының азаматы",
                            "The bearer is under the protection of the Republic",
                        ]
                    ),
                    serif,
                    2.8,
                    label_ink,
                )
        art.text(112, top - 4, number, bold_face, 3.5, (160, 40, 40), "rs")
    cyrillic = kind == "stateless_certificate"
    art.text(8, base + 6, titles[0], bold_face, 2.5, label_ink)
    art.text(8, base + 9.2, titles[1], bold_face, 2.2, label_ink)
    art.fit(58, base + 6, titles[2], bold_face, 3.2, 62, label_ink)
    art.fit(58, base + 9.6, titles[3], bold_face, 2.8, 62, label_ink)
    put_portrait(rng, art, 7, base + 14, 32, 42, who.sex, grey=rng.chance(0.3))
    label_size = rng.between(1.55, 1.85)
    value_size = rng.between(2.7, 3.1)
    sur, giv = latin(who.sur), latin(who.giv)
    x = 43

    def field(x, y, label, value, w=40):
        art.fit(x, base + y, label, face, label_size, w, label_ink)
        art.fit(x, base + y + value_size, value, bold_face, value_size, w, ink)

    if not cyrillic:
        field(x, 14, "ТҮРІ / TYPE", "P" if kind != "travel_document" else "PT", 12)
        field(x + 15, 14, "МЕМЛЕКЕТ КОДЫ / CODE OF STATE", "KAZ", 30)
        field(x + 50, 14, "ПАСПОРТ № / PASSPORT No.", number, 28)
        field(x, 20.5, "ТЕГІ / SURNAME", sur, 70)
        field(x, 27, "АТЫ / GIVEN NAMES", giv, 70)
        field(x, 33.5, "АЗАМАТТЫҒЫ / NATIONALITY", "ҚАЗАҚСТАН / KAZAKHSTAN", 45)
        field(x, 40, "ТУҒАН КҮНІ / DATE OF BIRTH", dmy(who.birth), 30)
        field(x + 36, 40, "ЖСН / PERSONAL NO. (IIN)" if rng.chance(0.5) else "ЖСН / IIN", who.iin, 38)
        field(x, 46.5, "ЖЫНЫСЫ / SEX", "Ж/F" if who.sex == "F" else "М/M", 20)
        field(x + 24, 46.5, "ТУҒАН ЖЕРІ / PLACE OF BIRTH", who.place, 50)
        field(x, 53, "БЕРІЛГЕН КҮНІ / DATE OF ISSUE", dmy(who.issue), 34)
        field(x + 38, 53, "ҚОЛДАНЫЛУ МЕРЗІМІ / DATE OF EXPIRY", dmy(who.exp), 38)
        art.text(8, base + 60.5, "БЕРГЕН МЕКЕМЕ / AUTHORITY", face, label_size, label_ink)
        art.text(
            46,
            base + 60.5,
            rng.choice(["MINISTRY OF INTERNAL AFFAIRS", "MIA OF KAZAKHSTAN"]) if kind in ("passport", "travel_document") else "MINISTRY OF FOREIGN AFFAIRS",
            bold_face,
            value_size,
            ink,
        )
    else:
        field(x, 14, "ТЕГІ/ФАМИЛИЯ", who.sur, 70)
        field(x, 20.5, "АТЫ/ИМЯ", who.giv, 70)
        field(x, 27, "ӘКЕСІНІҢ АТЫ/ОТЧЕСТВО", who.pat, 70)
        field(x, 33.5, "ТУҒАН КҮНІ/ДАТА РОЖДЕНИЯ", dmy(who.birth), 34)
        field(x + 38, 33.5, "ЖСН/ИИН", who.iin, 36)
        field(x, 40, "ТУҒАН ЖЕРІ/МЕСТО РОЖДЕНИЯ", who.place, 60)
        field(x, 46.5, "БЕРІЛГЕН КҮНІ/ДАТА ВЫДАЧИ", dmy(who.issue), 34)
        field(x + 38, 46.5, "ҚОЛДАНЫЛУ МЕРЗІМІ/СРОК ДЕЙСТВИЯ", dmy(who.exp), 38)
        field(x, 53, "БЕРГЕН ОРГАН/ОРГАН ВЫДАЧИ", "ҚР ІІМ / МВД РК", 60)
    if rng.chance(0.6):
        signature(rng, art, 84, base + 60, 24, 6)
    code = {
        "passport": rng.choice(["P<", "P<", "PN"]),
        "diplomatic_passport": "PD",
        "service_passport": "PS",
        "travel_document": "PT",
        "stateless_certificate": "PS",
    }[kind]
    if kind in ("diplomatic_passport",):
        code = rng.choice(["PD", "P<"])
    if kind == "stateless_certificate":
        code = "P<"
    nationality = "XXA" if kind in ("stateless_certificate",) or (kind == "travel_document") else "KAZ"
    mrz = td2_td3_rows(code, "KAZ", number, nationality, who.birth, who.sex, who.exp, who.iin, who.sur, who.giv, 44)
    if rng.chance(0.5):
        art.rect(0, base + 66, 125, 22, fill=(248, 250, 250) if rng.chance(0.5) else (238, 244, 246))
    print_mrz(rng, art, mrz, (125 - 44 * 2.54) / 2 + rng.between(-1, 1), base + rng.between(74.5, 76), 2.54, rng.between(6, 6.6), rng.between(2.4, 2.9))
    art.docs = [((0, 0, art.w, art.h), truth_of(kind, "KAZ", "data_page", True), who.iin, mrz)]
    art.wh = 125
    return art


def residence(rng, who, side):
    """Permit of residence for a foreigner."""
    s = 14
    art = Art(85.6, 54, s)
    art.radius = 3
    art.gloss = True
    tint(rng, art, [(240, 226, 200), (226, 236, 214), (236, 222, 226)], rng.chance(0.4))
    guilloche(rng, art, (0, 0, art.w, art.h), 4, rng.between(0.3, 0.55), [(180, 120, 90), (110, 160, 120), (190, 160, 90)])
    face = sans_kk(rng)
    bold_face = bold(face)
    label_ink = (110, 60, 50)
    ink = (25, 25, 25)
    label_size = 1.6
    value_size = 2.8
    citizenship = rng.choice(["РОССИЯ", "ӨЗБЕКСТАН/УЗБЕКИСТАН", "КЫРГЫЗСТАН", "КИТАЙ", "ТҮРКИЯ/ТУРЦИЯ"])
    code = rng.choice(["RUS", "UZB", "KGZ", "CHN", "TUR"])
    if side == "front":
        art.text(42.8, 4.4, "ҚАЗАҚСТАН РЕСПУБЛИКАСЫ / РЕСПУБЛИКА КАЗАХСТАН", bold_face, 2.2, label_ink, "ms")
        art.fit(42.8, 8.0, "ШЕТЕЛДІКТІҢ ҚАЗАҚСТАН РЕСПУБЛИКАСЫНДА ТҰРУЫНА ЫҚТИЯРХАТ", bold_face, 2.5, 80, label_ink, "ms")
        art.text(42.8, 11.5, "ВИД НА ЖИТЕЛЬСТВО ИНОСТРАНЦА В РЕСПУБЛИКЕ КАЗАХСТАН"[: 29 if rng.chance(0.5) else 60], bold_face, 2.5, label_ink, "ms")
        put_portrait(rng, art, 4, 14.5, 23, 30, who.sex)
        x = 30
        y = 16.5
        for label, value in [
            ("ТЕГІ/ФАМИЛИЯ", who.sur),
            ("АТЫ/ИМЯ", who.giv),
            ("ӘКЕСІНІҢ АТЫ/ОТЧЕСТВО", who.pat or "-"),
            ("ТУҒАН КҮНІ/ДАТА РОЖДЕНИЯ", dmy(who.birth)),
            ("АЗАМАТТЫҒЫ/ГРАЖДАНСТВО", citizenship),
        ]:
            art.text(x, y, label, face, label_size, label_ink)
            art.fit(x, y + value_size, value, bold_face, value_size, 52, ink)
            y += 6.6
        art.text(4, 50.5, "ЖСН/ИИН", face, 2, label_ink)
        art.text(15, 50.5, who.iin, bold_face, 3.6, ink)
        art.iin_cap = 2.5
        art.keep.append((15, 47, 30, 4))
        mrz = None
    else:
        art.text(5, 6, "№ " + who.num, bold_face, 3.4, ink)
        y = 12
        for label, value in [
            ("ТУҒАН ЖЕРІ/МЕСТО РОЖДЕНИЯ", who.place),
            ("БЕРГЕН ОРГАН/ОРГАН ВЫДАЧИ", "ҚР ІІМ / МВД РК"),
            ("БЕРІЛГЕН КҮНІ - ҚОЛДАНЫЛУ МЕРЗІМІ/ДАТА ВЫДАЧИ - СРОК ДЕЙСТВИЯ", dmy(who.issue) + " - " + dmy(who.exp)),
        ]:
            art.text(5, y, label, face, label_size, label_ink)
            art.text(5, y + value_size, value, bold_face, value_size, ink)
            y += 6.6
        mrz = td1_rows(rng.choice(["IR", "AR", "IR"]), "KAZ", who.num, who.iin, who.birth, who.sex, who.exp, code, "", who.sur, who.giv)
        print_mrz(rng, art, mrz, 4.7, 40.2, 2.54, 4.23, 2.5)
    return single(art, "residence_permit", "KAZ", side, mrz, who.iin)


def refugee(rng, who):
    """A refugee's certificate on half a page."""
    art = Art(148, 105, 9, (246, 244, 236))
    guilloche(rng, art, (4, 4, 140, 97), 4, rng.between(0.2, 0.4), [(150, 170, 200), (190, 170, 150), (160, 190, 160)])
    face = any_kk(rng)
    bold_face = bold(face)
    label_ink = (60, 60, 90)
    ink = (20, 20, 40)
    art.text(74, 10, "ҚАЗАҚСТАН РЕСПУБЛИКАСЫ", bold_face, 4, label_ink, "ms")
    art.text(74, 15, "РЕСПУБЛИКА КАЗАХСТАН", bold_face, 4, label_ink, "ms")
    art.text(74, 23, "БОСҚЫН КУӘЛІГІ", bold_face, 6, label_ink, "ms")
    art.text(74, 30, "УДОСТОВЕРЕНИЕ БЕЖЕНЦА", bold_face, 5.4, label_ink, "ms")
    art.text(74, 36.5, rng.choice(["AB", "KZ", "RB"]) + " %08d" % rng.randrange(10**8), bold_face, 4.4, (170, 40, 40), "ms")
    put_portrait(rng, art, 9, 40, 32, 42, who.sex)
    y = 43
    x = 46
    for label, value in [
        ("Тегі / Фамилия", who.sur),
        ("Аты / Имя", who.giv),
        ("Әкесінің аты / Отчество", who.pat or "-"),
        ("Туған күні / Дата рождения", dmy(who.birth)),
        ("Азаматтығы / Гражданство", rng.choice(["АФГАНИСТАН", "СИРИЯ", "ЭФИОПИЯ"])),
        ("ЖСН / ИИН", who.iin),
        ("Берілген күні / Дата выдачи", dmy(who.issue)),
    ]:
        art.text(x, y, label + ":", face, 3, label_ink)
        art.fit(x + 46, y, value, bold_face, 3.6, 52, ink)
        art.line(x + 46, y + 1, 143, y + 1, (150, 150, 160), 0.15)
        y += 7.6
    art.iin_cap = 2.5
    stamp(rng, art, 25, 88, 13)
    return single(art, "refugee_certificate", "KAZ", None, None, who.iin)


def birth(rng, who):
    """Birth certificate, upright or lying."""
    upright = rng.chance(0.6)
    art = Art(*((148, 210) if upright else (210, 148)), 7.2, rng.choice([(240, 246, 236), (245, 240, 232), (236, 242, 248)]))
    guilloche(rng, art, (5, 5, art.w - 10, art.h - 10), 5, rng.between(0.15, 0.4), [(120, 180, 150), (200, 170, 110), (140, 160, 200)])
    colour = hue(rng, (0.4, 0.7), (0.4, 0.7))
    art.rect(6, 6, art.w - 12, art.h - 12, outline=colour, width=1.2)
    art.rect(8, 8, art.w - 16, art.h - 16, outline=colour, width=0.3)
    face = serif_kk(rng) if rng.chance(0.6) else sans_kk(rng)
    bold_face = bold(face)
    label_ink = (40, 50, 60)
    ink = (20, 20, 50)
    middle = art.w / 2
    emblem(rng, art, middle, 19, 8, (190, 150, 60))
    art.text(middle, 33, "ҚАЗАҚСТАН РЕСПУБЛИКАСЫ", bold_face, 4.4, label_ink, "ms")
    art.text(middle, 41, "ТУУ ТУРАЛЫ КУӘЛІК", bold_face, 7, colour, "ms")
    art.text(middle, 48, "СВИДЕТЕЛЬСТВО О РОЖДЕНИИ", bold_face, 6 if not upright else 5.6, colour, "ms")
    y = 57
    x = 13
    step = 10.4 if upright else 7.4
    w = art.w - 26
    father = rng.choice(KZ_MEN) + " " + rng.choice(KZ_SURNAMES)
    rows = [
        ("Тегі / Фамилия", who.sur),
        ("Аты, әкесінің аты / Имя, отчество", who.giv + " " + who.pat),
        ("ЖСН / ИИН", who.iin),
        ("Туған күні / Дата рождения", dmy(who.birth)),
        ("Туған жері / Место рождения", who.place),
        ("Әкесі / Отец", father),
        ("Анасы / Мать", rng.choice(KZ_WOMEN) + " " + rng.choice(KZ_SURNAMES)),
        ("Тіркеу орны / Место регистрации", "АХАЖ БӨЛІМІ / ОТДЕЛ РАГС"),
        ("Берілген күні / Дата выдачи", dmy(who.issue)),
    ]
    handwritten = rng.chance(0.12)
    for label, value in rows:
        art.text(x, y, label, face, 3.1 if upright else 2.9, label_ink)
        art.fit(
            x + w * 0.46,
            y,
            value,
            rng.choice(pool("hand")) if handwritten and covers(rng.choice(pool("hand")), value) else bold_face,
            4 if upright else 3.5,
            w * 0.53,
            ink,
        )
        art.line(x + w * 0.45, y + 1.2, x + w, y + 1.2, (140, 140, 150), 0.2)
        y += step
    art.text(
        middle,
        min(art.h - 14, y + 5),
        "№ " + "%d-%d-%07d" % (rng.randrange(1, 20), rng.randrange(1, 99), rng.randrange(10**7)),
        bold_face,
        4,
        (170, 40, 40),
        "ms",
    )
    stamp(rng, art, art.w - 32, art.h - 28, 15)
    signature(rng, art, 40, art.h - 24, 28, 9)
    art.iin_cap = 2.6
    art.wh = art.w
    return single(art, "birth_certificate", "KAZ", None, None, who.iin)
