"""Cards, slips, screens and photos that are no identity document; each gives (form, drawing), form one of card, page, slip, screen, photo."""

import cv2
import numpy as np
from PIL import Image, ImageDraw
from art import Art, barcode, emblem, guilloche, hue, pdf417, portrait, print_mrz, put_portrait, qr, tint
from fonts import any_kk, bold, font, pool, sans_kk
from papers import bin_number, boxes, contract, diploma, form, handwriting, invoice, law, letter, money, newspaper, numbers, para, payslip, staff_list, words
from people import KZ_MEN, KZ_SURNAMES, check_digit, dmy, kz_person, latin
from scenes import photo


def bars(rng, art, x, y, w, h, ink):
    """Bars, lines or a pie."""
    chance = rng.random()
    count = rng.randrange(4, 12)
    if chance < 0.5:
        for i, value in enumerate(rng.between(0.1, 1) * h for _ in range(count)):
            art.rect(x + i * w / count, y + h - value, w / count * 0.7, value, fill=hue(rng, (0.4, 0.9), (0.4, 0.9)))
    elif chance < 0.8:
        for _ in range(rng.randrange(1, 4)):
            points = [
                ((x + i * w / 20) * art.scale, (y + h * (1 - value)) * art.scale)
                for i, value in enumerate(np.clip(np.cumsum(rng.np.randn(21)) * 0.12 + 0.5, 0, 1))
            ]
            art.pen.line(points, fill=hue(rng, (0.6, 1), (0.4, 0.9)), width=4)
    else:
        start = 0
        for _ in range(5):
            end = start + rng.between(40, 100)
            art.pen.pieslice(
                [x * art.scale, y * art.scale, (x + h) * art.scale, (y + h) * art.scale], start, min(360, end), fill=hue(rng, (0.4, 0.9), (0.5, 1))
            )
            start = end
    art.line(x, y, x, y + h, ink, 0.5)
    art.line(x, y + h, x + w, y + h, ink, 0.5)


def slide(rng):
    """A slide."""
    art = Art(254, 143, 5, rng.choice([(255, 255, 255), (20, 40, 80), (245, 245, 240)]))
    face = sans_kk(rng)
    fg = (20, 20, 30) if sum(art.im.getpixel((2, 2))) > 400 else (245, 245, 250)
    art.fit(16, 24, words(rng, rng.randrange(2, 6)), bold(face), 12, 220, fg)
    for i in range(rng.randrange(2, 6)):
        art.fit(20, 45 + i * 15, "• " + words(rng, rng.randrange(3, 8)), face, 7, 130, fg)
    bars(rng, art, 160, 45, 80, 70, fg)
    return "screen", art.im


def chart(rng):
    """A chart."""
    art = Art(200, 120, 6, (255, 255, 255))
    face = sans_kk(rng)
    art.text(100, 10, words(rng, 4), bold(face), 6, anchor="ms")
    bars(rng, art, 22, 18, 165, 85, (30, 30, 30))
    for i in range(6):
        art.text(20, 20 + i * 16, str(100 - i * 20), face, 4, anchor="rs")
    for i in range(7):
        art.text(30 + i * 26, 110, str(2018 + i), face, 4)
    return "screen", art.im


def source_code(rng):
    """An editor with source text full of angle brackets."""
    W, H = rng.choice([(1280, 720), (1920, 1080), (1100, 1400)])
    dark = rng.chance(0.6)
    im = Image.new("RGB", (W, H), (30, 30, 34) if dark else (255, 255, 255))
    pen = ImageDraw.Draw(im)
    size = rng.choice([14, 16, 18, 22])
    face = font(rng.choice(pool("mono")), size)
    y = 20
    indent = 0
    number = 1
    statements = [
        "if (a < b && c >> 2) {",
        "std::vector<std::map<std::string, int>> x;",
        "for (let i = 0; i < n; i++) {",
        "return Ok(());",
        "fn main() -> Result<(), Error> {",
        'cout << "x" << y << endl;',
        "SELECT id, iin FROM person WHERE id < 100;",
        "// <<<<<<<<<<<<<<<< HEAD",
        "}",
        "let k: Vec<Option<Box<dyn Fn()>>> = vec![];",
        "template<typename T, int N = 44>",
        'P<UTO = "passport";',
        'public static final String KEY = "A1B2C3";',
        "0x00007ffd 48 65 6c 6c 6f 20 77 6f 72 6c 64",
        '<div class="row"><<%= x %>></div>',
    ]
    while y < H - 30:
        pen.text((10, y), "%4d" % number, font=face, fill=(110, 110, 120))
        pen.text(
            (70 + indent * size * 2, y), rng.choice(statements), font=face, fill=hue(rng, (0.1, 0.6), (0.7, 1)) if dark else hue(rng, (0.4, 1), (0.1, 0.6))
        )
        y += int(size * 1.4)
        number += 1
        indent = max(0, min(4, indent + rng.choice([-1, 0, 0, 1])))
    return "screen", im


def console(rng):
    """A terminal with a log, numbers of twelve digits and rows of fillers."""
    W, H = 1400, 900
    im = Image.new("RGB", (W, H), (12, 12, 12))
    d = ImageDraw.Draw(im)
    face = font(rng.choice(pool("mono")), 18)
    for i in range(38):
        d.text(
            (10, 10 + i * 23),
            "2026-0%d-%02d %02d:%02d:%02d.%03d INFO  [worker-%d] order=%012d took %d ms %s"
            % (
                rng.randrange(1, 10),
                rng.randrange(1, 29),
                rng.randrange(24),
                rng.randrange(60),
                rng.randrange(60),
                rng.randrange(1000),
                rng.randrange(9),
                rng.randrange(10**12),
                rng.randrange(900),
                "<" * rng.randrange(0, 20),
            ),
            font=face,
            fill=(200, 220, 200),
        )
    return "screen", im


def spreadsheet(rng):
    """A spreadsheet."""
    W, H = 1600, 900
    im = Image.new("RGB", (W, H), "white")
    d = ImageDraw.Draw(im)
    face = font("LiberationSans-Regular.ttf", 19)
    d.rectangle([0, 0, W, 110], fill=(33, 115, 70))
    X = [0, 60, 330, 520, 700, 900, 1120, 1350, 1600]
    for i in range(30):
        y = 110 + i * 27
        for j in range(8):
            d.rectangle([X[j], y, X[j + 1], y + 27], outline=(210, 210, 210))
            d.text(
                (X[j] + 5, y + 3),
                [
                    str(i),
                    words(rng, 2, "ru"),
                    money(rng),
                    dmy((2024, rng.randrange(1, 13), rng.randrange(1, 28))),
                    bin_number(rng),
                    money(rng),
                    words(rng, 1, "kk"),
                    money(rng),
                ][j][:24],
                font=face,
                fill=(20, 20, 20),
            )
    return "screen", im


def webpage(rng):
    """A page on how to get an identity card."""
    W, H = 1366, rng.choice([768, 1600])
    im = Image.new("RGB", (W, H), "white")
    d = ImageDraw.Draw(im)
    fn = sans_kk(rng)
    d.rectangle([0, 0, W, 90], fill=hue(rng, (0.5, 0.9), (0.3, 0.8)))
    d.text(
        (60, 30),
        rng.choice(["eGov үлгі: Получение удостоверения личности", "Как получить удостоверение личности РК", "Замена паспорта: документы и сроки"]),
        font=font(fn, 30),
        fill="white",
    )
    y = 130
    for t in [
        "Жеке куәлік алу",
        "Удостоверение личности: необходимые документы",
        "Введите ваш ИИН и номер удостоверения личности",
        "1. Заявление. 2. Свидетельство о рождении. 3. Фото.",
        "Срок оказания услуги: 15 рабочих дней",
        "ФИО",
        "ИИН",
        "Дата рождения",
    ]:
        d.text((60, y), t, font=font(fn, rng.choice([20, 24, 30])), fill=(40, 40, 60))
        if len(t) < 15:
            d.rectangle([60, y + 36, 500, y + 80], outline=(160, 160, 170))
            y += 60
        y += 56
    return "screen", im


def street_map(rng):
    """A street map."""
    h, w = 800, 1100
    im = np.full((h, w, 3), (240, 238, 230), np.uint8)
    for _ in range(60):
        cv2.fillPoly(
            im,
            [np.int32(cv2.boxPoints(((rng.between(0, w), rng.between(0, h)), (rng.between(20, 120), rng.between(20, 120)), rng.between(0, 20))))],
            hue(rng, (0.02, 0.2), (0.85, 1)),
        )
    for _ in range(26):
        p = np.int32(np.c_[np.linspace(-20, w + 20, 12), rng.between(0, h) + np.cumsum(rng.np.randn(12) * 40)])
        p = p if rng.chance(0.5) else np.int32(np.c_[rng.between(0, w) + np.cumsum(rng.np.randn(12) * 30), np.linspace(-20, h + 20, 12)])
        k = rng.choice([4, 8, 14])
        cv2.polylines(im, [p], False, (200, 190, 170), k + 2, cv2.LINE_AA)
        cv2.polylines(im, [p], False, (255, 255, 255) if k < 14 else (250, 220, 140), k, cv2.LINE_AA)
    im = Image.fromarray(im)
    fn = sans_kk(rng)
    for _ in range(40):
        g = Image.new("L", (260, 40), 0)
        ImageDraw.Draw(g).text(
            (4, 4),
            rng.choice(["ул. Абая", "Достық даңғылы", "пр. Примерный", "Сайран", "Көктөбе", "А-3", "Парк"]),
            font=font(fn, rng.choice([14, 18, 22])),
            fill=255,
        )
        g = g.rotate(rng.choice([0, 0, rng.between(-60, 60), 90]), expand=True)
        im.paste((70, 70, 90), (rng.randrange(w), rng.randrange(h)), g)
    return "screen", im


def faces(rng):
    """One portrait or several, as applicants send them."""
    n = rng.choice([1, 1, 2, 6])
    im = photo(rng, 1200, 900)[1]
    for i in range(n):
        p = portrait(rng, 35, 45, rng.choice("MF"))
        k = 860 if n == 1 else 400
        p = p.resize((int(k * 0.78), k))
        im.paste(p, (100 + (i % 3) * 360 if n > 1 else 250, 20 + (i // 3) * 430))
    return "photo", im


def logo(rng):
    """A logo."""
    art = Art(100, 60, 9, rng.choice([(255, 255, 255), hue(rng, (0.3, 0.9), (0.2, 0.9))]))
    c = hue(rng, (0.5, 1), (0.4, 1))
    emblem(rng, art, 30, 30, 18, c)
    art.text(52, 34, rng.choice(["ҮЛГІ", "PRIMER", "ПРИМЕР", "KZ"]), bold(any_kk(rng)), 14, c)
    return "screen", art.im


def receipt(rng):
    """A till receipt."""
    art = Art(rng.choice([58, 80]), rng.randrange(110, 200), 9, (252, 252, 250))
    face = rng.choice(pool("mono", "ЖҚ"))
    y = 8
    w = art.w
    s = w / 20
    for t in ["ТОО ПРИМЕР МАРКЕТ", "БИН " + bin_number(rng), "КАССОВЫЙ ЧЕК / ФИСКАЛДЫҚ ЧЕК", "--" * 12]:
        art.fit(w / 2, y, t, face, s, w - 4, anchor="ms")
        y += s * 1.4
    while y < art.h - 40:
        art.fit(2, y, words(rng, 2, "ru")[:18], face, s * 0.9, w * 0.6)
        art.text(w - 2, y, money(rng), face, s * 0.9, anchor="rs")
        y += s * 1.4
    art.text(2, y + 3, "ИТОГО " + money(rng), bold(face), s * 1.4)
    art.fit(2, y + 9, "РНМ %012d ФП %012d" % (rng.randrange(10**12), rng.randrange(10**12)), face, s * 0.8, w - 4)
    qr(rng, art, w / 2 - 11, y + 12, 22)
    return "slip", art


def card(rng):
    """A blank plastic card."""
    art = Art(85.6, 54, 13, hue(rng, (0.0, 0.6), (0.3, 1)))
    art.radius = 3
    art.gloss = True
    k = [hue(rng, (0.05, 0.7), (0.3, 1)) for _ in range(2)]
    tint(rng, art, k, rng.chance(0.5))
    if rng.chance(0.5):
        guilloche(rng, art, (0, 0, 85.6, 54), 3, 0.4)
    return art


def ink_on(art):
    """Dark or light, whichever shows."""
    return (250, 250, 250) if np.array(art.im.resize((8, 8))).mean() < 140 else (20, 20, 30)


def bank_card(rng):
    """A bank card."""
    art = card(rng)
    c = ink_on(art)
    face = sans_kk(rng)
    art.text(6, 10, rng.choice(["ÜLGI BANK", "PRIMER BANK", "Sample Bank"]), bold(face), 5, c)
    art.rect(8, 17, 12, 9, fill=(210, 180, 100), rad=1.5)
    number_face = rng.choice(["OCRA.ttf", "OCRB.otf", "ocrb10.otf", "LiberationMono-Bold.ttf", "Inter-Bold.otf"])
    art.text(7, 36, " ".join("%04d" % rng.randrange(10000) for _ in range(4)), number_face, 5.6, c)
    art.text(40, 43, "%02d/%02d" % (rng.randrange(1, 13), rng.randrange(25, 32)), number_face, 3.6, c)
    who = kz_person(rng)
    art.text(7, 49, latin(who.giv) + " " + latin(who.sur), face, 3.6, c)
    art.text(80, 49, rng.choice(["VISA", "Debit", "Gold"]), bold(face), 5, c, "rs")
    return "card", art


def business_card(rng):
    """A business card."""
    art = Art(90, 50, 13, rng.choice([(255, 255, 255), (250, 248, 240), (25, 30, 45)]))
    c = ink_on(art)
    face = any_kk(rng)
    who = kz_person(rng)
    art.text(8, 14, who.giv.title() + " " + who.sur.title(), bold(face), 5, c)
    art.text(8, 19, rng.choice(["Директор по продажам", "Бас бухгалтер", "Инженер"]), face, 3, c)
    y = 30
    for t in [
        "+7 701 000 %02d %02d" % (rng.randrange(100), rng.randrange(100)),
        "name@example.kz",
        "г. Алматы, пр. Примерный, %d" % rng.randrange(200),
        "www.example.kz",
    ]:
        art.text(8, y, t, face, 2.8, c)
        y += 4.6
    emblem(rng, art, 75, 15, 8, hue(rng, (0.5, 0.9), (0.4, 0.9)))
    return "card", art


def licence(rng):
    """A driving licence, sometimes with the one-row zone of ISO 18013."""
    art = card(rng)
    tint(rng, art, [(244, 214, 220), (236, 232, 240)])
    guilloche(rng, art, (0, 0, 85.6, 54), 3, 0.4)
    who = kz_person(rng)
    face = sans_kk(rng)
    bold_face = bold(face)
    back = rng.chance(0.35)
    if not back:
        art.fit(
            26,
            6,
            rng.choice(["ЖҮРГІЗУШІ КУӘЛІГІ  ВОДИТЕЛЬСКОЕ УДОСТОВЕРЕНИЕ", "DRIVING LICENCE  PERMIS DE CONDUIRE", "ВОДИТЕЛЬСКОЕ УДОСТОВЕРЕНИЕ"]),
            bold_face,
            2.6,
            57,
            (120, 30, 60),
        )
        art.text(5, 7, "KZ", bold_face, 5, (40, 60, 140))
        put_portrait(rng, art, 4, 12, 22, 29, who.sex)
        y = 13
        for i, value in enumerate(
            [
                who.sur,
                who.giv + " " + who.pat,
                dmy(who.birth) + "  " + who.place[:14],
                dmy(who.issue) + "    " + dmy(who.exp),
                "МВД РК / ҚР ІІМ",
                who.iin if rng.chance(0.6) else "KZ %s" % who.num,
                "AB %06d" % rng.randrange(10**6),
            ]
        ):
            art.fit(29, y, ["1.", "2.", "3.", "4a. 4b.", "4c.", "4d.", "5."][i] + " " + value, bold_face, 2.8, 54)
            y += 5
        art.text(29, 51, "9. " + rng.choice(["A B C", "B", "B1 B C1"]), bold_face, 3.6)
    else:
        for i in range(10):
            art.rect(20, 4 + i * 3.8, 50, 3.8, outline=(90, 90, 90), width=0.15)
            art.text(21, 7 + i * 3.8, ["A1", "A", "B1", "B", "C1", "C", "D1", "D", "BE", "CE"][i], bold_face, 2.4)
            if rng.chance(0.4):
                art.text(40, 7 + i * 3.8, dmy(who.issue), face, 2.2)
    if rng.chance(0.4):  # the one-line zone of ISO 18013: D1, ...
        mrz = (
            "D1"
            + rng.choice(["NLD", "FRA", "KAZ"])
            + "1%09d" % rng.randrange(10**9)
            + "".join(rng.choice("ABCDEFGHKLMNPRSTUVWXYZ0123456789") for _ in range(13))
        ).ljust(29, "<")[:29]
        mrz += check_digit(mrz)
        art.rect(0, 46 if back else 49, 85.6, 8, fill=(250, 250, 250))
        print_mrz(rng, art, [mrz], 4.7, 52 if back else 53, 2.54, 4, 2.4)
    return "card", art


def badge(rng):
    """A pass of a firm."""
    art = Art(*rng.choice([(54, 85.6), (85.6, 54)]), 13, (255, 255, 255))
    art.radius = 2.5
    who = kz_person(rng)
    face = sans_kk(rng)
    bold_face = bold(face)
    colour = hue(rng, (0.5, 0.9), (0.3, 0.7))
    art.rect(0, 0, art.w, 11, fill=colour)
    art.fit(art.w / 2, 7.5, rng.choice(["ТОО «ПРИМЕР»", "КАЗТЕЛЕКОМ ҮЛГІ", "SAMPLE ENERGY"]), bold_face, 4, art.w - 6, (255, 255, 255), "ms")
    if art.w < art.h:
        put_portrait(rng, art, 14, 14, 26, 34, who.sex)
        x, y, anchor = art.w / 2, 54, "ms"
    else:
        put_portrait(rng, art, 4, 14, 26, 34, who.sex)
        x, y, anchor = 33, 22, "ls"
    for value, size in [
        (who.sur, 4),
        (who.giv, 4),
        (rng.choice(["Инженер", "Бухгалтер", "Охрана"]), 3),
        (rng.choice(["Служебное удостоверение", "ПРОПУСК", "Қызметтік куәлік"]) + " № %04d" % rng.randrange(9999), 2.8),
        ("Таб. № %06d" % rng.randrange(10**6), 2.8),
    ]:
        art.fit(x, y, value, bold_face if size > 3 else face, size, art.w - (6 if anchor == "ms" else 36), (20, 20, 20), anchor)
        y += size * 1.5
    if rng.chance(0.5):
        barcode(rng, art, 8, art.h - 8, art.w - 40, 5)
    return "card", art


def student_card(rng):
    """A student's card."""
    art = card(rng)
    c = (20, 20, 30)
    tint(rng, art, [(235, 240, 250), (250, 246, 236)])
    who = kz_person(rng)
    face = sans_kk(rng)
    bold_face = bold(face)
    art.fit(5, 7, rng.choice(["ҮЛГІ УНИВЕРСИТЕТІ", "УНИВЕРСИТЕТ ПРИМЕР", "SAMPLE UNIVERSITY"]), bold_face, 4, 76, c)
    art.text(5, 12, rng.choice(["СТУДЕНЧЕСКИЙ БИЛЕТ / СТУДЕНТТІК БИЛЕТ", "STUDENT ID CARD", "СТУДЕНТ КУӘЛІГІ"]), face, 3, c)
    put_portrait(rng, art, 5, 15, 22, 29, who.sex)
    y = 19
    for label, value in [
        ("Тегі / Фамилия", who.sur),
        ("Аты / Имя", who.giv),
        ("Факультет", rng.choice(["ФИЗМАТ", "ЭКОНОМИКА"])),
        ("Действителен до", dmy(who.exp)),
        ("ID", "%08d" % rng.randrange(10**8)),
    ]:
        art.text(30, y, label, face, 1.9, c)
        art.text(30, y + 3, value, bold_face, 3, c)
        y += 6.6
    if rng.chance(0.6):
        barcode(rng, art, 5, 47, 40, 5)
    return "card", art


def transport(rng):
    """A transport or bonus card."""
    art = card(rng)
    c = ink_on(art)
    face = sans_kk(rng)
    art.text(6, 14, rng.choice(["ONAY үлгі", "Көлік картасы", "METRO CARD", "Bonus Club"]), bold(face), 8, c)
    art.text(6, 44, " ".join("%04d" % rng.randrange(10**4) for _ in range(rng.choice([3, 4, 5]))), face, 4.4, c)
    art.text(6, 49, words(rng, 4, "ru"), face, 2.4, c)
    if rng.chance(0.4):
        qr(rng, art, 62, 30, 20)
    return "card", art


def boarding(rng):
    """A boarding pass."""
    art = Art(rng.choice([200, 150]), 80, 8, (255, 255, 255))
    face = rng.choice(pool("mono")) if rng.chance(0.6) else "LiberationSans-Regular.ttf"
    art.rect(0, 0, art.w, 14, fill=hue(rng, (0.5, 0.9), (0.3, 0.7)))
    art.text(6, 10, "BOARDING PASS", "LiberationSans-Bold.ttf", 6, (255, 255, 255))
    y = 24
    for t in [
        "NAME  %s/%s MR" % (latin(rng.choice(KZ_SURNAMES)), latin(rng.choice(KZ_MEN))),
        "FROM ALA  TO NQZ   FLIGHT KC %03d" % rng.randrange(1000),
        "DATE 12MAR  GATE %d  SEAT %d%s" % (rng.randrange(1, 30), rng.randrange(1, 40), rng.choice("ABCDEF")),
        "ETKT %013d" % rng.randrange(10**13),
        "M1%s/%s  E%s ALANQZKC 0%03d 072Y012A0001 100" % (latin(rng.choice(KZ_SURNAMES)), latin(rng.choice(KZ_MEN)), "ABC1D2", rng.randrange(1000)),
    ]:
        art.fit(6, y, t, face, 4, art.w - 50)
        y += 9
    pdf417(rng, art, 8, y, 60, 10)
    if rng.chance(0.5):
        qr(rng, art, art.w - 42, 24, 34)
    return "slip", art


def barcodes(rng):
    """A label with codes."""
    art = Art(rng.choice([100, 150]), 100, 8, (255, 255, 255))
    face = rng.choice(pool("mono"))
    barcode(rng, art, 8, 8, 80, 20)
    art.text(12, 34, "".join(rng.choice("0123456789") for _ in range(13)), face, 5)
    pdf417(rng, art, 8, 40, 60, 18)
    qr(rng, art, 8, 62, 32)
    art.text(45, 70, "KZ POST  RR%09dKZ" % rng.randrange(10**9), face, 4)
    para(rng, art, 45, 76, 45, face, 2.6, 4, "ru")
    return "slip", art


def tech_passport(rng):
    """Registration certificate of a car."""
    art = card(rng)
    tint(rng, art, [(240, 224, 210), (226, 232, 220)])
    face = sans_kk(rng)
    art.fit(4, 6, "КӨЛІК ҚҰРАЛЫН ТІРКЕУ ТУРАЛЫ КУӘЛІК / СВИДЕТЕЛЬСТВО О РЕГИСТРАЦИИ ТС", bold(face), 2.2, 78)
    y = 13
    for label, value in [
        ("Мемлекеттік нөмірі / Гос. номер", "%03d ABC 02" % rng.randrange(1000)),
        ("Маркасы / Марка", "SAMPLE 1.6"),
        ("VIN", "".join(rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ0123456789") for _ in range(17))),
        ("Шыққан жылы / Год выпуска", "2012"),
        ("Түсі / Цвет", "АҚ / БЕЛЫЙ"),
        ("Иесі / Владелец", rng.choice(KZ_SURNAMES)),
    ]:
        art.text(5, y, label, face, 1.9)
        art.text(5, y + 3, value, bold(face), 2.8)
        y += 7
    return "card", art


ALL = dict(
    letter=letter,
    contract=contract,
    form=form,
    form2=form,
    boxes=boxes,
    law=law,
    newspaper=newspaper,
    invoice=invoice,
    numbers=numbers,
    slide=slide,
    chart=chart,
    code=source_code,
    console=console,
    sheet=spreadsheet,
    webpage=webpage,
    map=street_map,
    photo=photo,
    faces=faces,
    receipt=receipt,
    bank_card=bank_card,
    business_card=business_card,
    licence=licence,
    licence2=licence,
    badge=badge,
    student_card=student_card,
    transport=transport,
    boarding=boarding,
    handwriting=handwriting,
    barcodes=barcodes,
    logo=logo,
    diploma=diploma,
    tech_passport=tech_passport,
    payslip=payslip,
    staff_list=staff_list,
)
