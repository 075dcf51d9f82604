"""Flat pictures off a screen for cards.py: windows, phones and web pages around a document, and screens without one."""

import cv2
import numpy as np

import cards_people as people
import mrzgen
import pages
from cards_draw import MONO, SANS, Art, Pen, emblem, pick, qr, rgb

WORDS = ("Файл", "Правка", "Вид", "Главная", "Отправить", "Сохранить", "Печать", "Закрыть", "Жүктеу", "Іздеу", "Баптаулар", "Download", "Share", "Settings", "Входящие", "Документы", "Загрузки", "Рабочий стол")
CHAT = ("Здравствуйте! Отправьте, пожалуйста, документы до обеда", "Сәлеметсіз бе, құжаттарды жібердім", "Ок, получила", "Хорошо, спасибо!", "Когда будет готово?", "Завтра до 12:00", "Рахмет!", "Можно перезвонить?", "Нужна копия удостоверения",
        "Скиньте ИИН пожалуйста", "Отправила на почту", "Жиналыс сағат 15-те", "Файл не открывается", "👍", "Договор подписан", "Барлығы дұрыс")
CODE = pages.CODE + ("def read(path, limit=1024):", "    return [row for row in rows if row]", "let mut total = 0u64;", "fn main() -> Result<(), Error> {", "SELECT id, name FROM clients WHERE city = 'Almaty';", "const iin = form.querySelector('#iin').value;",
                     "// проверка контрольной суммы", "assert_eq!(parse(\"12\"), Some(12));", "    if (!iin.match(/^\\d{12}$/)) return false;", "npm run build -- --mode production", "git commit -m \"fix parser\"")


def ink_on(dark):
    return (225, 225, 228) if dark else (35, 35, 40)


def desktop(rng):
    return [(1366, 768), (1920, 1080), (1280, 1024), (1440, 900), (1536, 864)][int(rng.integers(5))]


def phone(rng):
    return [(1080, 2340), (1080, 1920), (720, 1520), (1170, 2532), (750, 1334)][int(rng.integers(5))]


def status_bar(pen, rng, w, u, dark, face):
    pen.text(24 * u, 34 * u, "%02d:%02d" % (rng.integers(24), rng.integers(60)), face, 15 * u, ink_on(dark), role=None)
    pen.text(w - 24 * u, 34 * u, "%d%%" % rng.integers(5, 100), face, 14 * u, ink_on(dark), role=None, anchor="r")


def shown(art, width, height):
    return art.resized(min(width / art.size[0], height / art.size[1]))


def screen(rng, art):
    """The picture shown on a screen."""
    face, bold = pick(rng, SANS[:8])
    dark = rng.random() < 0.4
    kind = str(rng.choice(["viewer", "phone", "web", "chat", "paper"]))
    if kind in ("phone", "chat"):
        w, h = phone(rng)
        u = w / 720
        ground = (12, 12, 14) if dark else (245, 245, 247)
        page = Art.blank(w, h, ground)
        pen = Pen(page)
        status_bar(pen, rng, w, u, dark, face)
        if kind == "phone":
            pen.text(90 * u, 110 * u, pick(rng, ("IMG_2024%04d.jpg" % rng.integers(101, 1231), "Документ", "Галерея", "Фото")), bold, 22 * u, ink_on(dark))
            for k in range(4):
                pen.oval((90 + 160 * k) * u, h - 120 * u, 60 * u, 60 * u, outline=ink_on(dark), width=3)
            pen.done()
            small = shown(art, w, h - 300 * u)
            page.paste(small, (w - small.size[0]) / 2, max(140 * u, (h - small.size[1]) / 2))
            return page
        pen.box(0, 50 * u, w, 100 * u, fill=(30, 90, 160) if not dark else (32, 34, 40))
        pen.text(110 * u, 112 * u, pick(rng, ("Кадры", "Айгүл Т.", "Бухгалтерия", "Отдел продаж")), bold, 22 * u, (240, 240, 240))
        small = shown(art, w * rng.uniform(0.78, 0.92), h * 0.5)
        y = 190 * u
        y = bubble(pen, rng, pick(rng, CHAT), w, y, u, dark, face)
        spot = y + 10 * u
        right = rng.random() < 0.5
        x = w - small.size[0] - 24 * u if right else 24 * u
        pen.box(x - 6 * u, spot - 6 * u, small.size[0] + 12 * u, small.size[1] + 12 * u, fill=(214, 240, 205) if right else (255, 255, 255), radius=14 * u)
        y = spot + small.size[1] + 30 * u
        while y < h - 260 * u:
            y = bubble(pen, rng, pick(rng, CHAT), w, y, u, dark, face)
        pen.box(0, h - 110 * u, w, 110 * u, fill=(40, 40, 46) if dark else (255, 255, 255))
        pen.text(40 * u, h - 45 * u, "Сообщение", face, 18 * u, (140, 140, 145))
        pen.done()
        page.paste(small, x, spot)
        return page
    w, h = desktop(rng)
    ground = (38, 38, 42) if dark else (232, 234, 238)
    page = Art.blank(w, h, ground)
    pen = Pen(page)
    if kind == "web":
        pen.box(0, 0, w, 76, fill=(50, 52, 58) if dark else (222, 225, 230))
        pen.box(120, 40, w - 260, 28, fill=(30, 30, 34) if dark else (255, 255, 255), radius=14)
        pen.text(136, 59, "https://portal.example.kz/files/%d" % rng.integers(1000, 99999), face, 9, ink_on(dark))
        pen.box(0, 76, w, h - 76, fill=(255, 255, 255) if not dark else (24, 25, 28))
        pen.text(60, 130, pick(rng, ("Личный кабинет", "Просмотр вложения", "Құжаттар", "Заявка № %d" % rng.integers(100, 9999))), bold, 18, ink_on(dark))
        for k in range(6):
            pen.text(60, 175 + 34 * k, pick(rng, WORDS), face, 10, (60, 110, 190))
        x, y, ww, hh = 260, 150, w - 320, h - 190
    else:
        pen.box(0, 0, w, 32, fill=(28, 28, 32) if dark else (255, 255, 255))
        pen.text(12, 21, pick(rng, ("IMG_%04d.jpg" % rng.integers(10, 9999), "скан.pdf", "udostoverenie.jpg", "Документ1.docx")) + " - " + pick(rng, ("Фотографии", "Просмотр", "Reader", "Word")), face, 9, ink_on(dark))
        for k, c in enumerate("–□×"):
            pen.text(w - 130 + 45 * k, 22, c, face, 10, ink_on(dark), role=None)
        x = 14
        for word in ("Файл", "Правка", "Вид", "Окно", "Справка")[:int(rng.integers(2, 6))]:
            x = pen.text(x, 52, word, face, 9, ink_on(dark)) + 18
        pen.box(0, h - 40, w, 40, fill=(20, 20, 24) if dark else (210, 220, 235))
        for k in range(9):
            pen.box(10 + 44 * k, h - 34, 28, 28, fill=tuple(int(v) for v in rng.integers(40, 230, 3)), radius=5)
        pen.text(w - 70, h - 15, "%02d:%02d" % (rng.integers(24), rng.integers(60)), face, 9, ink_on(dark), role=None)
        x, y, ww, hh = 30, 66, w - 60, h - 120
        if kind == "paper":
            pen.box(w * 0.2, 66, w * 0.6, h - 106, fill=(255, 255, 255))
            yy = 110
            for _ in range(3):
                pen.text(w * 0.24, yy, pick(rng, pages.SENTENCES)[:70], face, 8.5, (40, 40, 40))
                yy += 22
            x, y, ww, hh = w * 0.24, yy + 4, w * 0.52, h - yy - 60
    pen.done()
    small = shown(art, ww, hh) if rng.random() < 0.8 or art.size[0] > ww or art.size[1] > hh else art
    page.paste(small, x + (ww - small.size[0]) / 2, y + (hh - small.size[1]) / 2)
    return page


def bubble(pen, rng, words, w, y, u, dark, face):
    mine = rng.random() < 0.5
    cap = 15 * u
    lines, line = [], ""
    for word in words.split():
        if pen.width(line + " " + word, face, cap) > w * 0.62:
            lines.append(line)
            line = word
        else:
            line = (line + " " + word).strip()
    lines.append(line)
    bw = max(pen.width(t, face, cap) for t in lines) + 40 * u
    bh = len(lines) * 32 * u + 26 * u
    x = w - bw - 24 * u if mine else 24 * u
    pen.box(x, y, bw, bh, fill=((30, 90, 70) if dark else (214, 240, 205)) if mine else ((44, 46, 52) if dark else (255, 255, 255)), radius=16 * u)
    for k, t in enumerate(lines):
        pen.text(x + 20 * u, y + (34 + 32 * k) * u, t, face, cap, ink_on(dark))
    return y + bh + 18 * u


def chat(rng):
    w, h = phone(rng)
    u = w / 720
    dark = rng.random() < 0.4
    page = Art.blank(w, h, (12, 20, 24) if dark else pick(rng, ((229, 221, 213), (245, 245, 247), (205, 220, 232))))
    pen = Pen(page)
    face, bold = pick(rng, SANS[:8])
    status_bar(pen, rng, w, u, dark, face)
    pen.box(0, 50 * u, w, 100 * u, fill=(32, 34, 40) if dark else (30, 90, 160))
    pen.text(110 * u, 112 * u, pick(rng, ("Кадры", "Айгүл Т.", "Бухгалтерия")), bold, 22 * u, (240, 240, 240))
    y = 190 * u
    iins = []
    while y < h - 260 * u:
        words = pick(rng, CHAT)
        if rng.random() < 0.06 and not iins:
            p = people.Person(rng)
            iins.append(p.iin)
            words = "ИИН " + p.iin
        y = bubble(pen, rng, words, w, y, u, dark, face)
    return pen.done(), iins


def code(rng):
    w, h = desktop(rng)
    dark = rng.random() < 0.65
    page = Art.blank(w, h, (30, 31, 38) if dark else (252, 252, 250))
    pen = Pen(page)
    face = pick(rng, MONO)[0]
    if rng.random() < 0.7:
        pen.box(0, 0, 220, h, fill=(24, 25, 30) if dark else (238, 240, 243))
        for k in range(18):
            pen.text(20 + 14 * (k % 3), 50 + 24 * k, pick(rng, ("main.rs", "lib.rs", "mod.rs", "index.js", "tests", "Cargo.toml", "README.md", "app.py")), SANS[0][0], 9, ink_on(dark))
    cap = rng.uniform(8.5, 12)
    y = 50
    k = int(rng.integers(1, 400))
    while y < h - 20:
        pen.text(270, y, str(k), face, cap, (120, 120, 125), role=None, anchor="r")
        words = pick(rng, CODE) if rng.random() < 0.88 else ""
        pen.text(290 + cap * 3 * int(rng.integers(0, 4)), y, words, face, cap, tuple(int(v) for v in (rng.integers(140, 255, 3) if dark else rng.integers(0, 140, 3))))
        y += cap * 2.3
        k += 1
    return pen.done(), []


def web_form(rng):
    """A portal's form, sometimes filled in."""
    w, h = desktop(rng)
    page = Art.blank(w, h, (246, 248, 251))
    pen = Pen(page)
    face, bold = pick(rng, SANS[:8])
    tone = tuple(int(v) for v in (rng.integers(0, 60), rng.integers(80, 150), rng.integers(130, 210)))
    pen.box(0, 0, w, 64, fill=tone)
    emblem(pen, 40, 12, 40, (250, 250, 250))
    pen.text(100, 40, pick(rng, ("Электронды үкімет порталы", "Портал государственных услуг", "Личный кабинет", "Заявка на услугу")), bold, 14, (255, 255, 255))
    pen.text(120, 120, pick(rng, ("Данные заявителя", "Өтініш беруші туралы мәлімет", "Сведения о сотруднике")), bold, 16, (30, 30, 40))
    p = people.Person(rng)
    filled = rng.random() < 0.7
    rows = [("ИИН / ЖСН", p.iin), ("Фамилия / Тегі", p.surname.capitalize()), ("Имя / Аты", p.given.capitalize()), ("Отчество / Әкесінің аты", p.father.capitalize()), ("Дата рождения", p.born), ("Удостоверение личности №", p.number), ("Кем выдано", "МВД РК"), ("Телефон", "+7 700 000 00 00")]
    cap = rng.uniform(9, 12)
    y = 170
    for label, value in rows:
        if y > h - 70:
            break
        pen.text(120, y, label, face, cap, (70, 75, 85), "label")
        pen.box(120, y + 8, 420, cap * 3.2, fill=(255, 255, 255), outline=(190, 195, 205), radius=5)
        if filled:
            pen.text(132, y + 8 + cap * 2.1, value, face, cap, (20, 20, 25), "value")
        y += cap * 3.2 + 36
    pen.box(120, min(y, h - 60), 160, 40, fill=tone, radius=6)
    pen.text(200, min(y, h - 60) + 26, "Отправить", bold, 11, (255, 255, 255), anchor="m")
    return pen.done(), [p.iin] if filled else []


def icons(rng):
    n = int(rng.choice([64, 128, 256, 512]))
    page = Art.blank(n, n, tuple(int(v) for v in rng.integers(0, 256, 3)))
    for _ in range(int(rng.integers(2, 7))):
        c = tuple(int(v) for v in rng.integers(0, 256, 3))
        a, b = (int(v) for v in rng.integers(0, n, 2))
        if rng.random() < 0.5:
            cv2.circle(page.px, (a, b), int(rng.integers(n // 16, n // 2)), c, -1, cv2.LINE_AA)
        else:
            cv2.rectangle(page.px, (a, b), (a + int(rng.integers(n // 8, n)), b + int(rng.integers(n // 8, n))), c, -1)
    if rng.random() < 0.5:
        pen = Pen(page)
        pen.text(n / 2, n * 0.65, pick(rng, ("A", "Қ", "Ж", "24", "KZ")), pick(rng, SANS)[1], n * 0.3, (255, 255, 255), anchor="m")
        pen.done()
    return page, []


def slide(rng):
    w, h = (1280, 720) if rng.random() < 0.5 else (1600, 1200)
    page = Art.blank(w, h, pick(rng, ((255, 255, 255), (20, 40, 80), (245, 245, 240), (10, 90, 90))))
    dark = int(page.px[0, 0].astype(int).sum()) < 380
    pen = Pen(page)
    face, bold = pick(rng, SANS)
    pen.text(w * 0.07, h * 0.15, pick(rng, ("Итоги квартала", "Қауіпсіздік мәдениеті", "Personal data protection", "Удостоверение личности: что хранить нельзя", "План на 2025 год", "Жеке куәлік көшірмелері")), bold, h * 0.04, ink_on(dark), "title")
    y = h * 0.3
    for _ in range(int(rng.integers(3, 7))):
        pen.text(w * 0.09, y, "• " + pick(rng, pages.SENTENCES)[:int(rng.integers(20, 60))], face, h * 0.022, ink_on(dark))
        y += h * 0.09
    if rng.random() < 0.4:
        for k in range(6):
            v = rng.uniform(0.05, 0.4) * h
            pen.box(w * (0.6 + 0.06 * k), h * 0.85 - v, w * 0.04, v, fill=(80, 140, 220))
    return pen.done(), []


def chart(rng):
    art = Art(np.clip(pages.chart(rng), 0, 255).astype(np.uint8))
    pen = Pen(art)
    face = pick(rng, SANS)[0]
    for k in range(8):
        pen.text(70, 64 + 80 * k, str(int(rng.integers(0, 900)) * 10), face, 9, (80, 80, 80), anchor="r")
    pen.text(550, 36, pick(rng, ("Динамика обращений", "Өсім, %", "Requests per second", "Выручка, млн тенге")), face, 14, (30, 30, 30), "title", "m")
    return pen.done(), []


def sheet_of_codes(rng):
    w, h = 1240, 1754
    page = Art.blank(w, h)
    pen = Pen(page)
    face = pick(rng, MONO)[0]
    for k in range(int(rng.integers(4, 10))):
        x, y = float(rng.uniform(60, 700)), 80 + 165 * k
        if rng.random() < 0.5:
            n = int(rng.choice([21, 25, 33]))
            pen.picture(rgb(qr(rng, n, int(rng.integers(3, 6)))), x, y - 40)
        else:
            pen.picture(rgb(pages.barcode(rng, int(rng.uniform(200, 420)), 90, int(rng.integers(1, 4)))), x, y)
            pen.text(x + 30, y + 112, mrzgen.digits(rng, int(rng.choice([8, 12, 13]))), face, 13, (20, 20, 20))
    return pen.done(), []
