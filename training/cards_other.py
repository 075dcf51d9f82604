"""What lies on shares beside identity documents, for cards.py: look-alike cards, papers, pictures.

Each maker gives (Art, iins): the numbers that reading all text would find; none of it is an identity document.
"""

import cv2
import numpy as np

import cards_people as people
import mrzgen
import pages
from cards_docs import Style, fields, heading, paste_face
from cards_draw import HAND, MONO, OCRB, SANS, SERIF, Art, Pen, chip, emblem, hand, pick, portrait, qr, rgb, security

FIRMS = ("ТОО «Пример»", "АО «Үлгі Банк»", "ИП Тестов", "ЖШС «Мысал Логистик»", "Example LLP", "АО «Казтестком»", "КГП «Поликлиника № 0»", "Мысал Университеті", "БЦ «Үлгі»", "ТОО «Образец Строй»")
JOBS = ("Инженер", "Бас маман", "Менеджер", "Бухгалтер", "Директор", "Жүргізуші", "Software engineer", "Заместитель директора", "Кадр бөлімінің бастығы")
VALUE_INK = (25, 25, 30)


def card(rng, s, w=85.6, h=54.0, strength=1.0, colours=None):
    return Art(security(rng, int(w * s), int(h * s), strength, colours))


def driving_licence(rng, s):
    """Numbered fields, portrait, IIN: not an identity document by the law, however like one it looks."""
    p = people.Person(rng)
    w, h = 85.6, 54.0
    art = card(rng, s)
    pen = Pen(art, s)
    k = Style(rng)
    k.form = "left"
    if rng.random() < 0.22:  # the other side: categories
        rows = 9
        for r in range(rows + 1):
            y = 8 + r * 4.2
            pen.line([(4, y), (60, y)], (110, 110, 120), 0.12)
            if r < rows:
                pen.text(5, y + 3, ("A1", "A", "B1", "B", "C1", "C", "D", "BE", "CE")[r], k.bold, 2.0, k.label_ink)
                if rng.random() < 0.4:
                    pen.text(22, y + 3, p.issued, k.plain, 1.7, VALUE_INK)
                    pen.text(42, y + 3, p.until, k.plain, 1.7, VALUE_INK)
        for i, t in enumerate(("9.", "10.", "11.", "12.")):
            pen.text(5 + 16 * i, 6, t, k.plain, 1.8, k.label_ink)
        if rng.random() < 0.5:
            pen.picture(rgb(pages.barcode(rng, int(20 * s), int(16 * s), max(1, int(0.3 * s)))), 62, 10)
        return pen.done(), []
    pen.text(w / 2, 5.2, "ҚАЗАҚСТАН РЕСПУБЛИКАСЫ РЕСПУБЛИКА КАЗАХСТАН"[:int(rng.choice([22, 47]))], k.title_face, 1.9, k.title_ink, "title", "m")
    t = pick(rng, (("ЖҮРГІЗУШІ КУӘЛІГІ", "ВОДИТЕЛЬСКОЕ УДОСТОВЕРЕНИЕ"), ("ЖҮРГІЗУШІ КУӘЛІГІ", "ВОДИТЕЛЬСКОЕ УДОСТОВЕРЕНИЕ", "DRIVING LICENCE")))
    if rng.random() < 0.5:
        line = " / ".join(t[:2])
        pen.text(w / 2, 9, line, k.title_face, pen.fit(line, k.title_face, 2.3, 72), k.title_ink, "title", "m")
        y = 10.5
    else:
        y = 5.5
        for words in t:
            y += 3.2
            pen.text(w / 2, y, words, k.title_face, pen.fit(words, k.title_face, 2.3, 72), k.title_ink, "title", "m")
        y += 1
    pw = rng.uniform(20, 25)
    px = 4.0 if rng.random() < 0.8 else w - pw - 4
    paste_face(pen, rng, px, y + 1, pw, min(pw * 1.28, 46 - y))
    x = px + pw + 3 if px < 10 else 4.0
    right = w - 4 if px < 10 else px - 2
    both = rng.random() < 0.5
    rows = [("1.", p.surname + (" / " + people.latin(p.surname) if both else "")), ("2.", (p.given + " " + p.father).strip()), ("3.", p.born + "  " + p.place), ("4a.", p.issued), ("4b.", p.until), ("4c.", pick(rng, ("ҚР ІІМ / МВД РК", "УАП ДП"))), ("4d.", p.iin), ("5.", mrzgen.letters(rng, 2) + " " + mrzgen.digits(rng, 6)), ("9.", pick(rng, ("B", "B, C1", "A, B, BE")))]
    labels = rng.random() < 0.3
    cap = rng.uniform(1.7, 2.2)
    mrz = rng.random() < 0.18
    step = min(4.2, ((44 if mrz else 51) - y) / len(rows))
    cap = min(cap, step * 0.62)
    for n, value in rows:
        y += step
        end = pen.text(x, y, n, k.plain, cap * 0.85, k.label_ink, "label")
        if labels and n in ("1.", "2.", "4d."):
            end = pen.text(end + 0.6, y, {"1.": "Тегі/Фамилия", "2.": "Аты/Имя", "4d.": "ЖСН/ИИН"}[n], k.plain, cap * 0.7, k.label_ink, "label")
        value_x = max(end + 1, x + 5)
        pen.text(value_x, y, value, k.value_face, pen.fit(value, k.value_face, cap, right - value_x), k.value_ink, "value")
    if mrz:
        row = mrzgen.fill("D1KAZ" + mrzgen.digits(rng, 9) + mrzgen.letters(rng, 2), 29)
        pen.zone(rng, [row + mrzgen.check(row)], 4, 50.8, 2.5, 4)
    elif rng.random() < 0.6:
        pen.scribble(rng, px, 47, 16, 4, (20, 20, 60))
    return pen.done(), [p.iin]


def plastic(rng):
    a = rng.uniform(0, 255, 3).astype(np.float32)
    return a, np.clip(a + rng.uniform(-120, 120, 3), 0, 255).astype(np.float32)


def bank_card(rng, s):
    w, h = 85.6, 54.0
    art = card(rng, s, strength=0.5, colours=plastic(rng))
    dark = art.px.mean() < 130
    ink = (235, 235, 225) if dark else (30, 30, 40)
    pen = Pen(art, s)
    face, bold = pick(rng, SANS)
    pen.text(6, 9, pick(rng, ("ҮЛГІ БАНК", "Example Bank", "ТЕСТ БАНК", "Mysal Pay")), bold, 3.5, ink)
    digits = mrzgen.digits(rng, 16)
    if rng.random() < 0.2:
        pen.box(0, 6, w, 9, fill=(25, 25, 25))
        pen.box(5, 20, 60, 8, fill=(240, 240, 240))
        pen.text(55, 26, digits[:3], face, 2.4, (30, 30, 30))
        return pen.done(), []
    chip(pen, 9, 17)
    cap = rng.uniform(3.0, 3.8)
    pen.text(8, 36, " ".join(digits[i:i + 4] for i in (0, 4, 8, 12)), pick(rng, (OCRB, MONO[0][1], bold)), cap, ink, "value")
    pen.text(45, 42, "%02d/%02d" % (rng.integers(1, 13), rng.integers(24, 32)), face, 2.4, ink)
    p = people.Person(rng)
    pen.text(8, 49, " ".join(p.latin_name), face, 2.6, ink)
    pen.oval(66, 42, 9, 9, fill=(220, 60, 50))
    pen.oval(72, 42, 9, 9, fill=(240, 170, 50))
    return pen.done(), []


def badge(rng, s):
    """Employee's, student's, visitor's."""
    tall = rng.random() < 0.6
    w, h = (54.0, 85.6) if tall else (85.6, 54.0)
    art = card(rng, s, w, h, 0.2, (np.array([250, 250, 250], np.float32), rng.uniform(200, 255, 3).astype(np.float32)))
    pen = Pen(art, s)
    face, bold = pick(rng, SANS)
    p = people.Person(rng)
    tone = tuple(int(v) for v in rng.integers(0, 180, 3))
    pen.box(0, 0, w, 11, fill=tone)
    firm = pick(rng, FIRMS)
    pen.text(w / 2, 7, firm, bold, pen.fit(firm, bold, 3.0, w - 6), (255, 255, 255), "title", "m")
    words = [p.surname.capitalize(), p.given.capitalize(), pick(rng, JOBS), pick(rng, ("Пропуск № %d", "ID %d", "Таб. № %d")) % rng.integers(100, 99999)]
    if tall:
        paste_face(pen, rng, w / 2 - 13, 15, 26, 33)
        y, x, anchor = 55.0, w / 2, "m"
    else:
        paste_face(pen, rng, 4, 15, 25, 32)
        y, x, anchor = 22.0, 34.0, "l"
    if rng.random() < 0.3:
        words.insert(0, pick(rng, ("ҚЫЗМЕТТІК КУӘЛІК", "УДОСТОВЕРЕНИЕ", "ПРОПУСК", "STAFF", "РАБОТНИК")))
    for t in words:
        pen.text(x, y, t, bold if rng.random() < 0.5 else face, pen.fit(t, bold, rng.uniform(2.2, 3.4), w - (6 if tall else 38)), (20, 20, 30), anchor=anchor)
        y += 6.0
    if rng.random() < 0.4:
        pen.picture(rgb(pages.barcode(rng, int(30 * s), int(5 * s), max(1, int(0.3 * s)))), w / 2 - 15, h - 8)
    return pen.done(), []


def student_card(rng, s):
    w, h = 85.6, 54.0
    p = people.Person(rng)
    art = card(rng, s, strength=0.4)
    pen = Pen(art, s)
    k = Style(rng)
    heading(pen, rng, k, w, [["МЫСАЛ УНИВЕРСИТЕТІ"], ["СТУДЕНТТІК БИЛЕТ", "СТУДЕНЧЕСКИЙ БИЛЕТ"]], y=2.5)
    paste_face(pen, rng, 4, 17, 24, 31)
    rows = [("surname", p.surname), ("given", p.given), ("number", mrzgen.digits(rng, 6)), ("until", p.until)]
    fields(pen, rng, k, 32, 17, 50, 48, rows)
    return pen.done(), []


def business_card(rng, s):
    w, h = 90.0, 50.0
    art = card(rng, s, w, h, 0.1, (np.array([252, 252, 250], np.float32),) * 2 if rng.random() < 0.6 else plastic(rng))
    dark = art.px.mean() < 130
    ink = (240, 240, 240) if dark else (25, 25, 30)
    pen = Pen(art, s)
    face, bold = pick(rng, SANS + SERIF)
    p = people.Person(rng)
    pen.text(6, 10, pick(rng, FIRMS), bold, 3.2, ink)
    pen.text(6, 22, p.given.capitalize() + " " + p.surname.capitalize(), bold, 3.2, ink)
    pen.text(6, 27, pick(rng, JOBS), face, 2.2, ink)
    for i, t in enumerate(("+7 (727) 000-00-00", "info@example.kz", "г. Алматы, ул. Примерная, 1", "www.example.kz")):
        pen.text(6, 34 + 3.8 * i, t, face, 1.9, ink)
    if rng.random() < 0.6:
        emblem(pen, 68, 6, 15, ink)
    return pen.done(), []


def military_cover(rng, s):
    w, h = 88.0, 125.0
    art = card(rng, s, w, h, 0.05, (np.array([rng.uniform(100, 170), 30, 35], np.float32),) * 2 if rng.random() < 0.6 else (np.array([40, 70, 50], np.float32),) * 2)
    pen = Pen(art, s)
    gold = (215, 185, 95)
    face = pick(rng, SERIF + SANS)[1]
    pen.text(w / 2, 22, "ҚАЗАҚСТАН РЕСПУБЛИКАСЫ", face, 3.4, gold, "title", "m")
    emblem(pen, w / 2 - 15, 35, 30, gold)
    for i, t in enumerate(pick(rng, (("ӘСКЕРИ БИЛЕТ", "ВОЕННЫЙ БИЛЕТ"), ("ЕҢБЕК КІТАПШАСЫ", "ТРУДОВАЯ КНИЖКА"), ("СЫНАҚ КІТАПШАСЫ", "ЗАЧЕТНАЯ КНИЖКА")))):
        pen.text(w / 2, 85 + 9 * i, t, face, pen.fit(t, face, 4.6, 76), gold, "title", "m")
    return pen.done(), []


def insurance_card(rng, s):
    w, h = 85.6, 54.0
    p = people.Person(rng)
    art = card(rng, s, strength=0.3, colours=plastic(rng))
    dark = art.px.mean() < 130
    ink = (240, 240, 240) if dark else (25, 25, 30)
    pen = Pen(art, s)
    face, bold = pick(rng, SANS)
    pen.text(6, 9, pick(rng, ("Сақтандыру картасы", "Медицинская страховка", "Клубная карта", "Дисконтная карта", "Транспорттық карта")), bold, 3.2, ink, "title")
    pen.text(6, 24, p.surname + " " + p.given, face, 2.6, ink)
    pen.text(6, 31, "№ " + mrzgen.digits(rng, int(rng.choice([8, 10, 12]))), bold, 3.0, ink)
    pen.text(6, 38, p.issued + " - " + p.until, face, 2.2, ink)
    if rng.random() < 0.5:
        pen.picture(rgb(pages.barcode(rng, int(45 * s), int(7 * s), max(1, int(0.3 * s)))), 20, 43)
    return pen.done(), []


def a4(s, tone=252):
    return Art.blank(210 * s, 297 * s, (tone,) * 3)


def body(pen, rng, face, cap, x, y, w, bottom, sentences, gap=2.4):
    """Running text, word-wrapped."""
    line = ""
    for sentence in sentences:
        for word in sentence.split():
            if pen.width(line + " " + word, face, cap) > w:
                if y > bottom:
                    return y
                pen.text(x, y, line, face, cap, VALUE_INK)
                y += cap * gap
                line = word
            else:
                line = (line + " " + word).strip()
        if rng.random() < 0.3:
            pen.text(x, y, line, face, cap, VALUE_INK)
            y += cap * gap * 1.4
            line = ""
    pen.text(x, y, line, face, cap, VALUE_INK)
    return y + cap * gap


def form(rng, s, written=False):
    """A questionnaire with the labels of a card; filled in by machine or by hand."""
    p = people.Person(rng)
    page = a4(s)
    pen = Pen(page, s)
    face, bold = pick(rng, SERIF + SANS)
    pen.text(105, 24, pick(rng, ("АНКЕТА", "ЗАЯВЛЕНИЕ", "ӨТІНІШ", "ЛИЧНЫЙ ЛИСТОК ПО УЧЕТУ КАДРОВ", "АНКЕТА КЛИЕНТА - ФИЗИЧЕСКОГО ЛИЦА", "Согласие на обработку персональных данных")), bold, 3.6, VALUE_INK, "title", "m")
    if rng.random() < 0.25:
        paste_face(pen, rng, 162, 6, 24, 30)
    rows = [("Фамилия / Тегі", p.surname.capitalize()), ("Имя / Аты", p.given.capitalize()), ("Отчество / Әкесінің аты", p.father.capitalize()), ("Дата рождения / Туған күні", p.born), ("ИИН / ЖСН", p.iin), ("Удостоверение личности №", p.number), ("Кем и когда выдано", "МВД РК " + p.issued), ("Гражданство / Азаматтығы", "Республика Казахстан"), ("Национальность / Ұлты", p.nation.capitalize()), ("Место рождения", p.place.capitalize()), ("Адрес проживания", "г. Алматы, ул. Примерная, 1-1"), ("Телефон", "8 700 000 00 00"), ("Место работы", pick(rng, FIRMS))]
    if rng.random() < 0.4:
        rows = [(a.upper(), b) for a, b in rows]
    cap = rng.uniform(2.1, 2.7)
    boxes, table = rng.random() < 0.25, rng.random() < 0.4
    filled = rng.random() < 0.8
    y = 38.0
    step = rng.uniform(10, 15)
    ink = pick(rng, ((30, 40, 140), (20, 20, 30), (60, 60, 160)))
    value_face = pick(rng, SANS + SERIF + MONO)[0]
    for label, value in rows:
        lx = 22.0
        if table:
            pen.box(20, y - step * 0.65, 170, step, outline=(90, 90, 90), width=0.2)
            pen.line([(85, y - step * 0.65), (85, y + step * 0.35)], (90, 90, 90), 0.2)
            end = 86.0
            pen.text(lx, y, label, face, pen.fit(label, face, cap, 61), VALUE_INK, "label")
        else:
            end = pen.text(lx, y, label + ("" if boxes else ":"), face, cap, VALUE_INK, "label") + 3
            if not boxes:
                pen.line([(end, y + 1), (188, y + 1)], (90, 90, 90), 0.18)
        if boxes:
            end = max(end, 80.0)
            n = min(20, int((188 - end) / 5.2))
            for i in range(n):
                pen.box(end + 5.2 * i, y - 4, 5.2, 6, outline=(100, 100, 100), width=0.15)
                if filled and i < len(value):
                    if written:
                        pen.text(end + 5.2 * i + 1, y, value[i].upper(), HAND[0], 3.0 * rng.uniform(0.9, 1.1), ink, role=None)
                    else:
                        pen.text(end + 5.2 * i + 1.2, y, value[i].upper(), value_face, 2.5, VALUE_INK, role=None)
        elif filled:
            if written:
                hand(pen, rng, end + 2, y - 0.3, value, rng.uniform(2.6, 3.4), ink)
            else:
                pen.text(end + 2, y, value, value_face, pen.fit(value, value_face, cap, 186 - end), VALUE_INK, "value")
        y += step
    y = body(pen, rng, face, 2.0, 22, y + 6, 166, 265, [pick(rng, pages.SENTENCES) for _ in range(4)])
    pen.text(22, 280, "Подпись / Қолы", face, 2.2, VALUE_INK)
    pen.scribble(rng, 70, 272, 30, 10, ink, 0.4)
    iin_typed = filled and not written and not boxes
    return pen.done(), [p.iin] if iin_typed else []


def letter(rng, s):
    """A contract, order or certificate whose running text names someone's card and IIN."""
    p = people.Person(rng)
    page = a4(s)
    pen = Pen(page, s)
    face, bold = pick(rng, SERIF + SANS)
    cap = rng.uniform(2.2, 2.9)
    pen.text(105, 26, pick(rng, ("ДОГОВОР № %d", "ПРИКАЗ № %d", "ТРУДОВОЙ ДОГОВОР № %d", "БҰЙРЫҚ № %d", "ДОВЕРЕННОСТЬ № %d", "СПРАВКА № %d", "АКТ № %d")) % rng.integers(1, 999), bold, cap * 1.3, VALUE_INK, "title", "m")
    named = rng.random() < 0.6
    who = p.surname.capitalize() + " " + p.given.capitalize() + " " + p.father.capitalize()
    key = pick(rng, (
        "гр. %s, удостоверение личности № %s, выдано МВД РК %s, ИИН %s, проживающий по адресу: г. Алматы, ул. Примерная, 1, именуемый в дальнейшем «Работник»",
        "%s, жеке куәлік № %s, ҚР ІІМ %s берген, ЖСН %s, бұдан әрі «Қызметкер» деп аталады",
        "На основании заявления %s (удостоверение личности %s от МВД РК %s, ИИН: %s) приказываю:")) % (who, p.number, p.issued, p.iin)
    text = [pick(rng, pages.SENTENCES) for _ in range(int(rng.integers(8, 26)))]
    if named:
        text.insert(int(rng.integers(0, 3)), key)
    y = body(pen, rng, face, cap, 25, 40, 160, 262, text)
    y = min(y + 8, 275)
    pen.text(25, y, pick(rng, ("Директор", "Басшы", "Работник")), face, cap, VALUE_INK)
    pen.scribble(rng, 80, y - 9, 30, 11, (30, 40, 130), 0.4)
    pen.done()
    if rng.random() < 0.5:
        size = int(38 * s)
        seal = pages.stamp(rng, size)[:, :, None].astype(np.float32) / 255 * 0.65
        yy, xx = int(min(y - 20, 255) * s), int(rng.uniform(60, 150) * s)
        part = page.px[yy:yy + size, xx:xx + size]
        part[:] = (part * (1 - seal[:part.shape[0], :part.shape[1]]) + np.array([50, 70, 170]) * seal[:part.shape[0], :part.shape[1]]).astype(np.uint8)
    return page, [p.iin] if named else []


def invoice(rng, s):
    page = a4(s)
    pen = Pen(page, s)
    face, bold = pick(rng, SANS + SERIF)
    pen.text(20, 22, pick(rng, ("СЧЕТ НА ОПЛАТУ № %d", "НАКЛАДНАЯ № %d", "ТӨЛЕМ ШОТЫ № %d", "INVOICE No %d", "Ведомость № %d", "АКТ СВЕРКИ № %d")) % rng.integers(1, 9999), bold, 3.4, VALUE_INK, "title")
    for i, t in enumerate(("Поставщик: " + pick(rng, FIRMS), "БИН 940140000385", "ИИК KZ00000000000000%s" % mrzgen.digits(rng, 6), "Банк: АО «Үлгі Банк»")):
        pen.text(20, 32 + 5 * i, t, face, 2.1, VALUE_INK)
    columns = np.sort(np.r_[20, rng.uniform(32, 180, int(rng.integers(3, 7))), 192])
    n, y0 = int(rng.integers(6, 32)), 58.0
    step = min(9.0, 215 / n)
    for r in range(n + 1):
        pen.line([(20, y0 + r * step), (192, y0 + r * step)], (80, 80, 80), 0.18)
        if r < n:
            for a, b in zip(columns, columns[1:]):
                t = pick(rng, ("Бумага А4", "Қызмет ақысы", "шт", mrzgen.digits(rng, int(rng.integers(1, 8))), "%.2f" % rng.uniform(10, 99999), mrzgen.digits(rng, 12), "KZT", "Услуги связи", "12.05.2024"))
                cap = min(2.1, step * 0.45)
                if b - a > 8:
                    pen.text(a + 1, y0 + r * step + step * 0.7, t, face, pen.fit(t, face, cap, b - a - 2), VALUE_INK)
    for c in columns:
        pen.line([(c, y0), (c, y0 + n * step)], (80, 80, 80), 0.18)
    pen.text(192, y0 + n * step + 8, "Итого: %.2f" % rng.uniform(1000, 999999), bold, 2.6, VALUE_INK, anchor="r")
    return pen.done(), []


def receipt(rng, s):
    """A till's strip, 80 mm wide."""
    n = int(rng.integers(18, 55))
    page = Art.blank(80 * s, (16 + 4.4 * n) * s, (int(rng.uniform(235, 253)),) * 3)
    pen = Pen(page, s)
    face = pick(rng, MONO)[0]
    cap = rng.uniform(1.9, 2.3)
    goods = ("НАН БОРОДИНСКИЙ", "МОЛОКО 2.5%", "ШАЙ АССАМ", "ИТОГО", "KASPI QR", "НДС 12%", "ЖИЫНЫ", "ҚАНТ 1КГ", "СДАЧА", "КАССИР 3")
    y = 8.0
    for k in range(n):
        r = rng.random()
        if r < 0.1:
            words = pick(rng, "=-*") * 32
        elif r < 0.16:
            words = pick(rng, ("ИИН/БИН 940140000385", "ЧЕК N %s" % mrzgen.digits(rng, 6), "ФП: " + mrzgen.digits(rng, 12), "<" * 20, "12.03.2025 14:22:08", pick(rng, FIRMS)))
        else:
            words = "%-20s%10.2f" % (pick(rng, goods), rng.uniform(50, 9000))
        pen.text(3, y, words, face, pen.fit(words, face, cap, 74), (45, 45, 45))
        y += 4.4
    return pen.done(), []


def medical(rng, s):
    p = people.Person(rng)
    page = a4(s)
    pen = Pen(page, s)
    face, bold = pick(rng, SANS + SERIF)
    pen.text(105, 22, pick(rng, ("РЕЗУЛЬТАТЫ АНАЛИЗА КРОВИ", "ВЫПИСКА ИЗ МЕДИЦИНСКОЙ КАРТЫ", "МЕДИЦИНАЛЫҚ АНЫҚТАМА", "НАПРАВЛЕНИЕ")), bold, 3.4, VALUE_INK, "title", "m")
    has = rng.random() < 0.5
    head = [("Пациент:", p.full.title()), ("Дата рождения:", p.born)] + ([("ИИН:", p.iin)] if has else [])
    y = 34.0
    for a, b in head:
        end = pen.text(20, y, a, face, 2.3, VALUE_INK, "label")
        pen.text(end + 3, y, b, bold, 2.3, VALUE_INK, "value")
        y += 6.5
    for t in ("Гемоглобин", "Эритроциты", "Лейкоциты", "СОЭ", "Глюкоза", "Холестерин", "АЛТ", "АСТ", "Билирубин", "Креатинин", "Мочевина"):
        y += 7.5
        pen.text(22, y, t, face, 2.2, VALUE_INK)
        pen.text(90, y, "%.1f" % rng.uniform(0.5, 160), face, 2.2, VALUE_INK)
        pen.text(130, y, pick(rng, ("г/л", "ммоль/л", "мм/ч", "ед/л")), face, 2.2, VALUE_INK)
        pen.line([(20, y + 2), (190, y + 2)], (150, 150, 150), 0.12)
    body(pen, rng, face, 2.1, 20, y + 12, 170, 265, [pick(rng, pages.SENTENCES) for _ in range(4)])
    return pen.done(), [p.iin] if has else []


def diploma(rng, s):
    p = people.Person(rng)
    wide = rng.random() < 0.6
    w, h = (297.0, 210.0) if wide else (210.0, 297.0)
    art = card(rng, s, w, h, 0.5)
    pen = Pen(art, s)
    face, bold = pick(rng, SERIF)
    tone = tuple(int(v) for v in rng.integers(20, 140, 3))
    pen.box(8, 8, w - 16, h - 16, outline=tone, width=1.0)
    pen.box(11, 11, w - 22, h - 22, outline=tone, width=0.3)
    y = h * 0.25
    for t, cap, f in ((pick(rng, ("ДИПЛОМ", "СЕРТИФИКАТ", "ГРАМОТА", "CERTIFICATE", "МАҚТАУ ҚАҒАЗЫ", "БЛАГОДАРСТВЕННОЕ ПИСЬМО", "СВИДЕТЕЛЬСТВО О БРАКЕ")), 9, bold), (pick(rng, FIRMS), 4, face), (p.full.title(), 6, bold), (pick(rng, pages.SENTENCES)[:60], 3.4, face), (p.issued, 3.0, face)):
        pen.text(w / 2, y, t, f, pen.fit(t, f, cap, w - 40), tone if cap > 8 else VALUE_INK, "title" if cap > 8 else "text", "m")
        y += cap * 2 + 6
    emblem(pen, w / 2 - 10, 20, 20, tone)
    pen.scribble(rng, w * 0.6, h - 50, 40, 14, (30, 30, 120), 0.5)
    return pen.done(), []


def handwriting(rng, s):
    page = a4(s, 248)
    pen = Pen(page, s)
    ink = pick(rng, ((30, 40, 140), (25, 25, 30), (50, 30, 120)))
    ruled = rng.random() < 0.6
    y = 25.0
    step = rng.uniform(9, 13)
    while y < 280:
        if ruled:
            pen.line([(5, y + 1.5), (205, y + 1.5)], (160, 180, 220), 0.15)
        x = 18.0
        while x < 180:
            n = rng.uniform(8, 32)
            if rng.random() < 0.3:
                words = pick(rng, pages.SENTENCES).split()
                x = hand(pen, rng, x, y, pick(rng, words), rng.uniform(2.6, 3.6), ink) + 4
                continue
            pen.scribble(rng, x, y - 3.4, n, 4.2, ink, 0.3)
            x += n + 4
        y += step
    return pen.done(), []


def map_page(rng, s):
    w, h = 1500, 1100
    page = Art.blank(w, h, (238, 236, 226))
    for _ in range(5):
        pts = np.stack([np.linspace(-50, w + 50, 30), rng.uniform(0, h) + np.cumsum(rng.normal(0, 35, 30))], 1).astype(np.int32)
        cv2.polylines(page.px, [pts], False, (150, 190, 230) if rng.random() < 0.3 else (250, 210, 120), int(rng.integers(4, 18)), cv2.LINE_AA)
    for _ in range(60):
        x, y = rng.uniform(0, w), rng.uniform(0, h)
        cv2.rectangle(page.px, (int(x), int(y)), (int(x + rng.uniform(20, 120)), int(y + rng.uniform(20, 90))), (218, 214, 205) if rng.random() < 0.8 else (190, 220, 180), -1)
    pen = Pen(page)
    face = pick(rng, SANS)[0]
    for _ in range(30):
        pen.text(rng.uniform(0, w - 100), rng.uniform(20, h), pick(rng, ("Абай көшесі", "ул. Примерная", "Мектеп № 5", "12", "пр. Достык", "Саябақ", "АЗС", "48")), face, rng.uniform(7, 13), (70, 70, 80))
    return pen.done(), []


def banknote(rng, s):
    w, h = 144.0, 72.0
    art = card(rng, s, w, h, 1.8)
    pen = Pen(art, s)
    face = pick(rng, SERIF)[1]
    tone = tuple(int(v) for v in rng.integers(20, 130, 3))
    value = pick(rng, ("1000", "5000", "10000", "200"))
    for x, y in ((6, 12), (118, 68)):
        pen.text(x, y, value, face, 7, tone)
    pen.text(60, 14, pick(rng, ("МЫСАЛ БАНКІ", "ҮЛГІ АҚША", "BANK OF UTOPIA")), face, 3.5, tone)
    pen.text(100, 64, mrzgen.letters(rng, 2) + mrzgen.digits(rng, 7), face, 2.6, tone)
    pen.picture(portrait(rng, 34 * s, 46 * s, True), 20 if rng.random() < 0.5 else 90, 17)
    return pen.done(), []


def blank(rng, s):
    page = a4(s, int(rng.uniform(225, 255)))
    if rng.random() < 0.4:
        pen = Pen(page, s)
        pen.text(105, 285, str(int(rng.integers(1, 99))), SERIF[0][0], 2.5, VALUE_INK)
        pen.done()
    return page, []


def book(rng, s):
    page = a4(s)
    pen = Pen(page, s)
    face, bold = pick(rng, SERIF + SANS)
    cap = rng.uniform(1.9, 2.6)
    columns = int(rng.choice([1, 2, 3]))
    w = (178 - 6 * (columns - 1)) / columns
    if rng.random() < 0.7:
        pen.text(16, 20, pick(rng, ("Глава 3. Хранение документов", "Қауымдастық жаңалықтары", "ИНСТРУКЦИЯ", "О порядке выдачи удостоверений личности")), bold, cap * 1.7, VALUE_INK, "title")
    for c in range(columns):
        body(pen, rng, face, cap, 16 + c * (w + 6), 30, w, 280, [pick(rng, pages.SENTENCES) for _ in range(int(rng.integers(15, 50)))])
    return pen.done(), []


def address_note(rng, s):
    """A notice of a portal about someone: labels and a number as on a card, a code, no portrait."""
    p = people.Person(rng)
    page = a4(s)
    pen = Pen(page, s)
    k = Style(rng)
    k.form = pick(rng, ("left", "left", "above", "split"))
    k.label_cap, k.value_cap = 2.1, 2.4
    emblem(pen, 20, 14, 18, k.title_ink)
    y = heading(pen, rng, k, 210, [["МЕКЕНЖАЙ АНЫҚТАМАСЫ", "АДРЕСНАЯ СПРАВКА"] if rng.random() < 0.6 else ["АНЫҚТАМА", "СПРАВКА"]], y=20, x=44, right=20, cap=3.2)
    rows = [("iin", p.iin), ("surname", p.surname), ("given", p.given), ("father", p.father or "-"), ("born", p.born), ("place", p.place)]
    fields(pen, rng, k, 25, y + 14, 160, y + 80, rows)
    body(pen, rng, k.plain, 2.1, 25, y + 100, 160, 240, ["Данный документ согласно пункту 1 статьи 7 равнозначен документу на бумажном носителе.", pick(rng, pages.SENTENCES), pick(rng, pages.SENTENCES)])
    pen.picture(rgb(qr(rng, 41, max(1, int(0.7 * s)))), 25, 250)
    return pen.done(), [p.iin]


def resume(rng, s):
    """A CV with a portrait."""
    p = people.Person(rng)
    page = a4(s)
    pen = Pen(page, s)
    face, bold = pick(rng, SANS + SERIF)
    if rng.random() < 0.4:
        pen.box(0, 0, 70, 297, fill=tuple(int(v) for v in rng.integers(200, 245, 3)))
    paste_face(pen, rng, 18, 18, 35, 45)
    pen.text(76, 30, p.surname.capitalize() + " " + p.given.capitalize(), bold, 4.2, VALUE_INK, "title")
    pen.text(76, 38, pick(rng, JOBS), face, 2.8, VALUE_INK)
    for i, t in enumerate(("Дата рождения: " + p.born, "Пол: " + ("женский" if p.woman else "мужской"), "Гражданство: Казахстан", "+7 700 000 00 00", "mail@example.kz")):
        pen.text(18, 75 + 7 * i, t, face, pen.fit(t, face, 2.1, 50), VALUE_INK)
    y = 55.0
    for t in ("Опыт работы", "Образование", "Навыки"):
        pen.text(76, y, t, bold, 2.9, VALUE_INK, "title")
        y = body(pen, rng, face, 2.1, 76, y + 7, 118, 270, [pick(rng, pages.SENTENCES) for _ in range(int(rng.integers(3, 7)))]) + 6
    return pen.done(), []
