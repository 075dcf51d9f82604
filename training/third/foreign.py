"""Documents of other states and of none, drawn flat."""

import numpy as np
from art import Art, barcode, emblem, guilloche, hue, print_mrz, put_portrait, signature, tint
from fonts import bold, covers, pool
from kazakh import single
from people import STATES, dmy, foreign_person, latin, old_french, td1_rows, td2_td3_rows, visa_rows

LABELS = [
    (
        "Surname / Nom",
        "Given names / Prénoms",
        "Nationality / Nationalité",
        "Date of birth / Date de naissance",
        "Sex / Sexe",
        "Place of birth / Lieu de naissance",
        "Date of issue / Date de délivrance",
        "Date of expiry / Date d'expiration",
        "Authority / Autorité",
    ),
    ("SURNAME", "GIVEN NAMES", "NATIONALITY", "DATE OF BIRTH", "SEX", "PLACE OF BIRTH", "DATE OF ISSUE", "DATE OF EXPIRY", "AUTHORITY"),
    ("1 Name", "2 Vornamen", "3 Nationality", "4 Date of birth", "5 Sex", "6 Place of birth", "7 Date of issue", "8 Date of expiry", "9 Authority"),
]

MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()


def foreign_date(rng, date):
    """A date in one of three manners."""
    return rng.choice([dmy(date), dmy(date, "/"), "%02d %s %d" % (date[2], MONTHS[date[1] - 1], date[0])])


def foreign_ground(rng, art, box):
    """Ground of foreign documents."""
    chance = rng.random()
    colours = [hue(rng, (0.05, 0.35), (0.75, 1)) for _ in range(3)]
    tint(rng, art, colours, rng.chance(0.5))
    guilloche(rng, art, box, rng.randrange(3, 8), rng.between(0.25, 0.7), [hue(rng, (0.3, 0.8), (0.4, 0.8)) for _ in range(3)])
    if chance < 0.25:  # fine line screen
        art.put(art.arr().astype(np.float32) + (6 * np.sin(np.arange(art.W) * rng.between(0.4, 1.2)))[None, :, None])


def zone_ground(rng, art, x, y, w, h):
    """What lies under the zone: nothing more than the ground, a white band, a band with waves of its own, a dark ground. Gives the ink."""
    chance = rng.random()
    ink = None
    if chance < 0.35:
        art.rect(x, y, w, h, fill=rng.choice([(255, 255, 255), (247, 247, 244), (240, 240, 246)]))
    elif chance < 0.5:
        guilloche(rng, art, (x, y, w, h), 4, rng.between(0.3, 0.6), [hue(rng, (0.2, 0.6), (0.5, 0.8))])
    elif chance < 0.6:
        colour = hue(rng, (0.2, 0.5), (0.5, 0.65))
        art.rect(x, y, w, h, fill=colour)
        ink = (5, 5, 10)
    elif chance < 0.72:
        ink = rng.choice([(90, 90, 110), (110, 95, 95), (80, 100, 120), (105, 105, 105)])  # pale print
    return ink


def td3_page(rng, row):
    """Data page of a foreign passport."""
    who = foreign_person(rng, row)
    spread = rng.chance(0.35)
    s = 11
    top = 88 if spread else 0
    art = Art(125, 88 + top, s)
    art.gloss = True
    art.radius = 2.5
    art.bend = True
    foreign_ground(rng, art, (0, 0, 125, 88 + top))
    face = rng.choice(pool("sans", "ÉŁŞĞŻŅ"))
    bold_face = bold(face)
    label_ink = hue(rng, (0.3, 0.8), (0.25, 0.5))
    ink = (25, 25, 30)
    base = top
    title_face = rng.choice([n for n in pool("sans") if covers(n, row[1].replace(" ", ""))] or ["DejaVuSans.ttf"])
    if spread:
        art.line(0, top, 125, top, (120, 120, 130), 0.4)
        if rng.chance(0.5):
            emblem(rng, art, 62, 34, 15, label_ink)
        for i in range(rng.randrange(2, 8)):
            art.text(
                14,
                50 + i * 5,
                rng.choice(
                    [
                        "The bearer of this passport is a citizen of the State.",
                        "This passport is valid for all countries unless",
                        "otherwise endorsed. It contains 32 pages.",
                        "Observations / Endorsements",
                    ]
                ),
                face,
                2.7,
                label_ink,
            )
    art.fit(6, base + 6.5, row[1], bold(title_face), 3.4, 70, label_ink)
    art.fit(
        80, base + 6.5, row[2], bold(title_face) if covers(bold(title_face), row[2].replace(" ", "").replace("/", "")) else "DejaVuSans.ttf", 3, 42, label_ink
    )
    put_portrait(rng, art, 6, base + 12, 34, 44, who.sex, grey=rng.chance(0.3))
    labels = rng.choice(LABELS)
    x = 44
    y = 13

    def field(x, y, label, value, w):
        art.fit(x, base + y, label, face, 1.8, w, label_ink)
        art.fit(x, base + y + 3.2, value, bold_face if covers(bold_face, value.replace(" ", "")) else "DejaVuSans.ttf", 3, w, ink)

    field(x, y, "Type", "P", 10)
    field(x + 14, y, "Code", row[0], 14)
    field(x + 36, y, "Passport No.", who.num, 34)
    field(x, y + 7, labels[0], who.sur, 72)
    field(x, y + 14, labels[1], who.giv or "-", 72)
    field(x, y + 21, labels[2], row[0], 34)
    field(x + 38, y + 21, labels[3], foreign_date(rng, who.birth), 36)
    field(x, y + 28, labels[4], who.sex, 20)
    field(x + 22, y + 28, labels[5], rng.choice(["SPRINGFIELD", "NEUSTADT", "VILLENEUVE", "NOVOGRAD"]), 48)
    field(x, y + 35, labels[6], foreign_date(rng, who.issue), 34)
    field(x + 38, y + 35, labels[7], foreign_date(rng, who.exp), 36)
    field(x, y + 42, labels[8], "MINISTRY OF INTERIOR", 50)
    if rng.chance(0.6):
        signature(rng, art, 80, base + 53, 30, 8)
    if rng.chance(0.3):
        put_portrait(rng, art, 100, base + 34, 16, 20, who.sex, alpha=0.25, grey=True)
    ink = zone_ground(rng, art, 0, base + 65, 125, 23)
    optional = ""
    if rng.chance(0.4):
        optional = "".join(rng.choice("0123456789") for _ in range(rng.randrange(6, 15)))
    mrz = td2_td3_rows(rng.choice(["P<", "P<", "P<", "PO", "PN"]), row[0], who.num, row[0], who.birth, who.sexm, who.exp, optional, who.sur, who.giv, 44)
    art.mrz_print = print_mrz(
        rng, art, mrz, (125 - 44 * 2.54) / 2 + rng.between(-2, 2), base + rng.between(74, 76), 2.54, rng.between(5.6, 6.6), rng.between(2.3, 2.9), ink
    )
    art.wh = 125
    art.number = who.num
    return single(art, "foreign_passport", row[0], "data_page", mrz, None)


def td1_card(rng, row):
    """Back of a foreign identity card."""
    who = foreign_person(rng, row)
    art = Art(85.6, 54, 14)
    art.radius = 3
    art.gloss = True
    foreign_ground(rng, art, (0, 0, 85.6, 54))
    face = rng.choice(pool("sans", "ÉŁŞĞŻŅ"))
    bold_face = bold(face)
    label_ink = hue(rng, (0.3, 0.8), (0.25, 0.5))
    y = 6
    art.fit(5, 5, row[3] if covers(bold_face, row[3].replace(" ", "").replace("/", "")) else "IDENTITY CARD", bold_face, 2.4, 70, label_ink)
    for label, value in [
        ("Address", "EXAMPLE STREET %d" % rng.randrange(1, 200)),
        ("Authority", "MINISTRY"),
        ("Date of issue", foreign_date(rng, who.issue)),
        ("Height", "%d cm" % rng.randrange(150, 199)),
    ][: rng.randrange(1, 5)]:
        art.text(5, y + 4, label, face, 1.6, label_ink)
        art.text(5, y + 7, value, bold_face, 2.5, (30, 30, 30))
        y += 6.6
    if rng.chance(0.3):
        art.rect(66, 10, 12.5, 11, fill=(205, 175, 95), rad=1.5)
    if rng.chance(0.3):
        barcode(rng, art, 50, 4, 30, 5)
    ink = zone_ground(rng, art, 0, 35, 85.6, 19)
    optional = "".join(rng.choice("0123456789") for _ in range(rng.choice([0, 0, 8, 11, 14])))
    optional2 = "".join(rng.choice("0123456789") for _ in range(rng.choice([0, 0, 6, 11])))
    mrz = td1_rows(rng.choice(["I<", "ID", "ID", "ID", "C<"]), row[0], who.num, optional, who.birth, who.sexm, who.exp, row[0], optional2, who.sur, who.giv)
    art.mrz_print = print_mrz(rng, art, mrz, 4.7 + rng.between(-1, 1), rng.between(39.5, 41), 2.54, rng.between(4.1, 4.5), rng.between(2.2, 2.8), ink)
    art.number = who.num
    return single(art, "foreign_id_card", row[0], "back", mrz, None)


def td2_card(rng, row):
    """A larger identity card, zone of two rows of 36."""
    who = foreign_person(rng, row)
    art = Art(105, 74, 12)
    art.radius = 2
    art.gloss = True
    foreign_ground(rng, art, (0, 0, 105, 74))
    face = rng.choice(pool("sans", "ÉŁŞĞŻŅ"))
    bold_face = bold(face)
    label_ink = hue(rng, (0.3, 0.8), (0.25, 0.5))
    labels = rng.choice(LABELS)
    art.fit(5, 6, row[1] if covers(bold_face, row[1].replace(" ", "").replace("/", "")) else "REPUBLIC", bold_face, 3.2, 95, label_ink)
    art.fit(5, 10, row[3] if covers(bold_face, row[3].replace(" ", "").replace("/", "")) else "IDENTITY CARD", bold_face, 2.6, 95, label_ink)
    put_portrait(rng, art, 5, 13, 27, 35, who.sex)
    y = 16
    for label, value in [
        (labels[0], who.sur),
        (labels[1], who.giv or "-"),
        (labels[3], foreign_date(rng, who.birth)),
        (labels[7], foreign_date(rng, who.exp)),
        ("No.", who.num),
    ]:
        art.text(36, y, label, face, 1.7, label_ink)
        art.fit(36, y + 3, value, bold_face if covers(bold_face, value.replace(" ", "")) else "DejaVuSans.ttf", 2.8, 64, (25, 25, 30))
        y += 7
    ink = zone_ground(rng, art, 0, 53, 105, 21)
    mrz = td2_td3_rows(rng.choice(["I<", "ID", "ID"]), row[0], who.num, row[0], who.birth, who.sexm, who.exp, "", who.sur, who.giv, 36)
    art.mrz_print = print_mrz(
        rng, art, mrz, (105 - 36 * 2.54) / 2 + rng.between(-1, 1), rng.between(60, 62), 2.54, rng.between(5.6, 6.4), rng.between(2.3, 2.8), ink
    )
    art.number = who.num
    return single(art, "foreign_id_card", row[0], None, mrz, None)


def visa(rng, row):
    """A visa sticker, kind A or B."""
    type_b = rng.chance(0.5)
    who = foreign_person(rng, row)
    art = Art(*((105, 74) if type_b else (120, 80)), 11.5)
    foreign_ground(rng, art, (0, 0, art.w, art.h))
    face = rng.choice(pool("sans", "ÉŁŞĞŻŅ"))
    bold_face = bold(face)
    label_ink = hue(rng, (0.3, 0.8), (0.25, 0.5))
    nationality = rng.choice(STATES)[0]
    art.fit(6, 7, row[1] if covers(bold_face, row[1].replace(" ", "").replace("/", "")) else "REPUBLIC", bold_face, 3.4, 60, label_ink)
    art.text(art.w - 8, 8, "VISA", bold_face, 6, label_ink, "rs")
    y = 15
    has_photo = rng.chance(0.6)
    if has_photo:
        put_portrait(rng, art, 5, 12, 26, 34, who.sex)
    x = 35 if has_photo else 8
    for label, value in [
        ("Valid for", row[1][:16] if covers(bold_face, row[1][:16].replace(" ", "")) else "ALL"),
        ("From / until", foreign_date(rng, who.issue) + "   " + foreign_date(rng, who.exp)),
        ("Type of visa / Number of entries", rng.choice(["C  MULT", "B1/B2  M", "D  01"])),
        ("Surname, name", latin(who.sur) + " " + latin(who.giv)),
        ("Passport No.", who.num),
    ]:
        art.text(x, y, label, face, 1.8, label_ink)
        art.fit(x, y + 3.2, value, bold_face, 2.8, art.w - x - 4, (25, 25, 30))
        y += 7.2
    ink = zone_ground(rng, art, 0, art.h - 22, art.w, 22)
    length = 36 if type_b else 44
    mrz = visa_rows(row[0], who.num, nationality, who.birth, who.sexm, who.exp, "", who.sur, who.giv, length, rng.choice(["V<", "VC", "VD", "V<"]))
    art.mrz_print = print_mrz(
        rng, art, mrz, (art.w - length * 2.54) / 2, art.h - rng.between(12.5, 14), 2.54, rng.between(5.6, 6.4), rng.between(2.3, 2.8), ink
    )
    art.number = who.num
    art.wh = art.w
    return single(art, "visa", row[0], None, mrz, None)


def french(rng):
    """The old French identity card."""
    who = foreign_person(rng, STATES[1])
    who.sexm = who.sex
    who.giv = who.giv or "JEAN"
    mrz, number = old_french(rng, who.birth, who.sex, who.sur, who.giv)
    art = Art(105, 74, 12, (222, 232, 240))
    art.radius = 2
    art.gloss = True
    art.number = number
    tint(rng, art, [(205, 222, 238), (230, 232, 236), (238, 220, 220)])
    guilloche(rng, art, (0, 0, 105, 74), 5, rng.between(0.25, 0.5), [(90, 130, 190), (150, 170, 200)])
    face = "LiberationSans-Regular.ttf"
    bold_face = bold(face)
    label_ink = (50, 70, 120)
    art.text(5, 7, "RÉPUBLIQUE FRANÇAISE", bold_face, 3.2, label_ink)
    art.text(5, 12, "CARTE NATIONALE D'IDENTITÉ N° : " + number, face, 2.8, label_ink)
    put_portrait(rng, art, 5, 16, 26, 33, who.sex, grey=True)
    y = 20
    for l, value in [
        ("Nom :", who.sur),
        ("Prénom(s) :", who.giv),
        ("Sexe :", who.sex),
        ("Né(e) le :", dmy(who.birth)),
        ("à :", "VILLENEUVE"),
        ("Taille :", "1,%02d m" % rng.randrange(50, 99)),
    ]:
        art.text(36, y, l, face, 2.3, label_ink)
        art.text(54, y, value, bold_face, 3, (25, 25, 30))
        y += 5.4
    art.mrz_print = print_mrz(rng, art, mrz, (105 - 36 * 2.54) / 2, 61.5, 2.54, 6, 2.6)
    return single(art, "foreign_id_card", "FRA", "front", mrz, None)
