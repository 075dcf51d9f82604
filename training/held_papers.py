"""What lies on a share and is no identity document: cards of other kinds, forms, letters, receipts, slides, screens.

Every maker gives a `Paper`: fragment, size in mm, the invented IINs that stand in it, and how it may be copied.
"""

from dataclasses import dataclass, field

import held_art as art
import mrzgen
from held_docs import CARD_H, CARD_W, SANS, SERIF, at, card, field_html, zone
from held_people import PLACES, Person, latin
from mrzgen import digits, pick

MONO = ["JetBrains Mono", "Inconsolata", "PT Mono"]


@dataclass
class Paper:
    html: str
    w: float
    h: float
    what: str
    iins: list = field(default_factory=list)
    style: str = "page"  # page, card, screen
    back: str = "#fff"


RU = """договор сторона обязуется исполнитель заказчик услуга срок оплата порядок настоящий приложение акт сумма тенге банк счёт день месяц
года работа объект материал поставка товар качество гарантия ответственность нарушение условие уведомление адрес телефон директор бухгалтер отдел
проект отчёт план решение совещание вопрос документ копия оригинал подпись печать архив хранение передача получение заявление основание согласно
в на по с от до для при без над о об и или а также не более менее чем который если после перед между включая кроме""".split()
KK = """шарт тарап міндетті орындаушы тапсырыс беруші қызмет мерзім төлем тәртібі осы қосымша акт сома теңге банк шот күн ай жыл жұмыс нысан
материал жеткізу тауар сапа кепілдік жауапкершілік талап хабарлама мекенжай телефон директор есепші бөлім жоба есеп жоспар шешім мәселе құжат көшірме
қол мөр мұрағат сақтау өтініш негізінде сәйкес және немесе үшін бойынша туралы кейін дейін арасында""".split()
EN = """agreement party shall service term payment order annex amount bank account day month year work object material delivery goods quality
warranty liability breach condition notice address phone director project report plan decision meeting question document copy original archive storage
transfer in on by from to for with without and or also not more less than which if after before between including""".split()


def sentence(rng, n=None, words=None):
    words = words or (RU if rng.random() < 0.7 else KK)
    text = " ".join(pick(rng, words) for _ in range(n or int(rng.integers(6, 19))))
    return text[0].upper() + text[1:] + pick(rng, [".", ".", ".", ";", ", %s." % digits(rng, 2)])


def para(rng, n=None, words=None):
    words = words or (RU if rng.random() < 0.75 else KK)
    return " ".join(sentence(rng, None, words) for _ in range(n or int(rng.integers(2, 7))))


def money(rng):
    return "{:,}".format(int(rng.integers(200, 900000))).replace(",", " ")


def fio(p, rng):
    name = "%s %s %s" % (p.surname, p.given, p.patronymic)
    return name.strip() if rng.random() < 0.3 else name.strip().title()


def firm(rng):
    return pick(rng, ["ТОО", "ЖШС", "АО", "ИП"]) + " «" + pick(rng, "Алтын Дала|Сапа Құрылыс|Темір Жол Сервис|Жаңа Нан|Көктем|ТехноСнаб|Арман Логистик|Нұр Мед|Байтерек Строй|Sky Office".split("|")) + "»"


def a4(body, rng, family=None, css="", size=None):
    family = family or pick(rng, SERIF + SANS)
    m = rng.uniform(14, 24)
    return '<div style="width:210mm;height:297mm;background:#fff;overflow:hidden;padding:%.0fmm %.0fmm;font:%.1fpt \'%s\';line-height:%.2f;color:#111;position:relative;%s">%s</div>' % (m, m, size or rng.uniform(9.5, 12.5), family, rng.uniform(1.15, 1.6), css, body)


# ------------------------------------------------------------------ cards


def licence(rng, back=None):
    p = Person(rng)
    face = pick(rng, SANS)
    back = rng.random() < 0.35 if back is None else back
    parts = [art.ground(rng, CARD_W, CARD_H, int(rng.choice([340, 350, 20, 190, 280])))]
    if back:
        cats = "A1 A B1 B C1 C D1 D BE CE DE Tm".split()
        rows = "".join("<tr><td>%s</td><td>%s</td><td>%s</td><td></td></tr>" % (c, p.issued if rng.random() < 0.4 else "", p.expires if rng.random() < 0.3 else "") for c in cats)
        parts.append(at(24, 2, "<style>.l td{line-height:1;border:.15mm solid #777;padding:0 1.2mm;height:%.1fmm;min-width:10mm}</style><table class=l style='border-collapse:collapse;font:1.9mm \"%s\"'>%s</table>" % (rng.uniform(2.5, 3.0), face, rows)))
        parts.append(at(5, 4, art.bars(rng, 12, 20)))
        if rng.random() < 0.5:  # the one row of ISO 18013
            body = "D1KAZ" + digits(rng, 9) + "<" + mrzgen.letters(rng, 3) + digits(rng, 11)
            parts.append(at(4, 46, zone(rng, [mrzgen.fill(body, 29) + mrzgen.check(body)], 0.98)))
        return Paper(card("".join(parts)), CARD_W, CARD_H, "driving_licence", [], "card")
    numbered = [("1.", p.surname), ("2.", p.given + " " + p.patronymic), ("3.", p.born + " " + p.city), ("4a.", p.issued), ("4b.", p.expires), ("4c.", pick(rng, ["ПП", "СЦОН", "ХҚКО"]) + " " + p.city), ("4d.", p.iin), ("5.", pick(rng, ["AB", "CD", "KZ"]) + " " + digits(rng, 6))]
    if rng.random() < 0.5:
        numbered[6] = ("4d. ЖСН/ИИН", p.iin)
    body = "".join("<div style='white-space:nowrap'><span style='font-size:1.8mm;color:#444'>%s</span> <b style='font-size:%.1fmm'>%s</b></div>" % (a, 2.6, b) for a, b in numbered)
    head = pick(rng, ["ЖҮРГІЗУШІ КУӘЛІГІ<br>ВОДИТЕЛЬСКОЕ УДОСТОВЕРЕНИЕ", "ЖҮРГІЗУШІ КУӘЛІГІ / ВОДИТЕЛЬСКОЕ УДОСТОВЕРЕНИЕ<br>DRIVING LICENCE", "ВОДИТЕЛЬСКОЕ УДОСТОВЕРЕНИЕ<br>DRIVING LICENCE · ЖҮРГІЗУШІ КУӘЛІГІ"])
    parts.append(at(18, 2, ("<div style='font-size:2mm'>ҚАЗАҚСТАН РЕСПУБЛИКАСЫ / РЕСПУБЛИКА КАЗАХСТАН</div>" if rng.random() < 0.7 else "") + "<b>%s</b>" % head, "font:2.6mm '%s';line-height:1.2;color:%s;white-space:nowrap" % (face, art.hsl(int(rng.integers(330, 370)), 60, 25))))
    parts.append(at(4, 3, "<div style='width:11mm;height:7mm;background:#2a4aa8;color:#fff;font:700 4mm PT Sans;text-align:center;line-height:7mm;border-radius:.6mm'>KZ</div>"))
    parts += [at(4, 13.5, art.portrait(p.face, 22, 28, rng.random() < 0.3)), at(29, 13, body, "font:2.6mm '%s';line-height:1.32" % face), at(4, 43, art.signature(rng, 20, 7)), at(60, 45, "<b>9. %s</b>" % pick(rng, ["B", "B, B1", "A, B, C", "B, C, BE"]), "font:2.8mm '%s'" % face)]
    return Paper(card("".join(parts)), CARD_W, CARD_H, "driving_licence", [p.iin], "card")


def bank_card(rng):
    p = Person(rng)
    hue, dark = int(rng.integers(0, 360)), rng.random() < 0.6
    ink = "#f4f4f4" if dark else "#222"
    number = " ".join(digits(rng, 4) for _ in range(4))
    face = pick(rng, ["OCR B S", "PT Mono", "Play", "JetBrains Mono", "PT Sans Caption"])
    bg = "background:linear-gradient(%ddeg,%s,%s)" % (rng.integers(0, 360), art.hsl(hue, 55, 22 if dark else 85), art.hsl(hue + 40, 60, 38 if dark else 75))
    parts = [art.svg(CARD_W, CARD_H, art.wave(rng, CARD_W, CARD_H, art.hsl(hue, 50, 60, 0.25)), "position:absolute;left:0;top:0"), at(7, 6, pick(rng, ["ALATAU BANK", "DALA BANK", "Qazyna", "STEPPE PAY", "Altyn Bank Card"]), "font:700 5mm '%s';color:%s" % (pick(rng, SANS), ink))]
    if rng.random() < 0.85:
        parts += [at(9, 18, art.chip(12, 9.5)), at(7, 30.5, number, "font:%.1fmm '%s';color:%s;white-space:nowrap;letter-spacing:.1mm" % (5.2 if face != "OCR B S" else 4.4, face, ink)), at(30, 38.5, "VALID THRU %02d/%02d" % (rng.integers(1, 13), rng.integers(24, 32)), "font:2.4mm '%s';color:%s" % (face, ink)), at(7, 44, latin(p.given + " " + p.surname), "font:3.4mm '%s';color:%s" % (face, ink)), at(66, 41, "<div style='width:9mm;height:9mm;border-radius:9mm;background:#e0452c;float:left'></div><div style='width:9mm;height:9mm;border-radius:9mm;background:#f0a32caa;margin-left:-3.4mm;float:left'></div>")]
    else:  # the back: stripe, signature panel
        parts = ['<div style="position:absolute;left:0;right:0;top:5mm;height:11mm;background:#181818"></div>', at(5, 20, "<div style='background:#eee;width:50mm;height:8mm;font:italic 3mm \"PT Serif\"'>%s</div>" % art.signature(rng, 40, 7)), at(58, 22, digits(rng, 3), "font:italic 700 4mm 'PT Sans';background:#fff;padding:.4mm 2mm"), at(5, 32, sentence(rng, 14, EN) + "<br>" + number, "font:2mm '%s';color:%s" % (pick(rng, SANS), ink), 70)]
    return Paper(card("".join(parts), css=bg), CARD_W, CARD_H, "bank_card", [], "card")


def badge(rng):
    p = Person(rng)
    w, h = pick(rng, [(85.6, 54), (54, 85.6), (90, 120), (70, 100)])
    face, hue = pick(rng, SANS), int(rng.integers(0, 360))
    title = pick(rng, ["ПРОПУСК", "УДОСТОВЕРЕНИЕ СОТРУДНИКА", "СЛУЖЕБНОЕ УДОСТОВЕРЕНИЕ", "STAFF", "СТУДЕНЧЕСКИЙ БИЛЕТ", "РҰҚСАТ ҚАҒАЗЫ", "ПРОПУСК № " + digits(rng, 5), "ВИЗИТЁР"])
    job = pick(rng, ["Инженер", "Бухгалтер", "Менеджер отдела продаж", "Маман", "Жүргізуші", "Студент 2 курса", "Аналитик"])
    ph = art.portrait(p.face, *((24, 30) if w > h else (30, 38)))
    wide = w > h
    parts = ['<div style="position:absolute;left:0;right:0;top:0;height:%gmm;background:%s"></div>' % (11 if wide else 16, art.hsl(hue, 60, 38)), at(0, 2 if wide else 3, "<b>%s</b>" % firm(rng), "color:#fff;font:%gmm '%s';text-align:center" % (4 if wide else 4.4, face), w)]
    words = "<div style='font:700 4.2mm \"%s\"'>%s</div><div style='font:700 3.9mm \"%s\"'>%s</div><div style='font:3.1mm \"%s\";color:#444;margin-top:1mm'>%s</div><div style='font:700 3.4mm \"%s\";color:%s;margin-top:2mm'>%s</div>" % (face, p.surname, face, p.given, face, job, face, art.hsl(hue, 70, 35), title)
    parts += ([at(4, 14, ph), at(32, 15, words)] if wide else [at(w / 2 - 15, 20, ph), at(0, 61, words, "text-align:center", w)])
    if rng.random() < 0.5:
        parts.append(at(w - 26, h - 10 if wide else h - 9, art.bars(rng, 22, 5)))
    return Paper(card("".join(parts), w, h, "background:#fff"), w, h, "badge", [], "card")


def business(rng):
    p = Person(rng)
    w, h = 90.0, 50.0
    face, hue = pick(rng, SANS + SERIF), int(rng.integers(0, 360))
    mail = latin(p.given).lower() + "@" + pick(rng, ["example.kz", "example.com", "firma.example"])
    body = "<div style='font:700 4.4mm \"%s\"'>%s %s</div><div style='font:2.7mm \"%s\";color:#666'>%s</div>" % (face, p.given.title(), p.surname.title(), face, pick(rng, ["Генеральный директор", "Коммерческий директор", "Бас маман", "Юрист", "Sales Manager"]))
    lines = "<div style='font:2.5mm \"%s\";line-height:1.5'>+7 7%s %s %s<br>%s<br>%s, %s к-сі, %d<br>www.example.kz</div>" % (face, digits(rng, 2), digits(rng, 3), digits(rng, 4), mail, pick(rng, PLACES).title(), pick(rng, ["Абай", "Достық", "Сәтбаев", "Желтоқсан"]), rng.integers(1, 200))
    parts = ['<div style="position:absolute;%s;background:%s"></div>' % (pick(rng, ["left:0;top:0;bottom:0;width:6mm", "left:0;right:0;bottom:0;height:5mm", "right:0;top:0;width:22mm;height:100%"]), art.hsl(hue, 60, 45)), at(12, 8, body), at(12, 24, lines), at(62, 6, art.emblem(rng, 14, art.hsl(hue, 60, 35)))]
    if rng.random() < 0.3:
        parts.append(at(66, 28, art.matrix(rng, 14)))
    return Paper(card("".join(parts), w, h, "background:%s" % pick(rng, ["#fff", "#fff", "#fbf7ee", "#f2f5f8"]), 0.5), w, h, "business_card", [], "card")


def insurance(rng):
    p = Person(rng)
    face, hue = pick(rng, SANS), int(rng.integers(0, 360))
    rows = [("Сақтандырылушы / Застрахованный", fio(p, rng)), ("Полис №", digits(rng, 10)), ("Туған күні / Дата рождения", p.born), ("Действует до", p.expires)]
    iins = []
    if rng.random() < 0.6:
        rows.insert(2, ("ЖСН / ИИН", p.iin))
        iins = [p.iin]
    body = "".join(field_html(a, b, "font:1.9mm '%s';color:#456" % face, "font:700 2.9mm '%s';margin-bottom:.8mm" % face) for a, b in rows)
    parts = [art.svg(CARD_W, CARD_H, art.wave(rng, CARD_W, CARD_H, art.hsl(hue, 50, 70, 0.3)), "position:absolute;left:0;top:0"), at(5, 4, pick(rng, ["МЕДИЦИНСКАЯ СТРАХОВАЯ КАРТА", "МЕДИЦИНАЛЫҚ САҚТАНДЫРУ", "ПОЛИС ДМС", "КАРТА ПАЦИЕНТА", "КАРТА КЛИЕНТА"]), "font:700 3.6mm '%s';color:%s" % (face, art.hsl(hue, 70, 28))), at(5, 11, body), at(62, 30, art.matrix(rng, 18)), at(66, 5, art.emblem(rng, 13, art.hsl(hue, 60, 45)))]
    return Paper(card("".join(parts), css="background:%s" % art.hsl(hue, 40, 93)), CARD_W, CARD_H, "insurance_card", iins, "card")


# ------------------------------------------------------------------ sheets


def questionnaire(rng):
    p = Person(rng)
    q = [("Фамилия / Тегі", p.surname), ("Имя / Аты", p.given), ("Отчество / Әкесінің аты", p.patronymic), ("Дата рождения / Туған күні", p.born), ("ИИН / ЖСН", p.iin), ("Пол / Жынысы", "мужской" if p.man else "женский"), ("Гражданство", "Республика Казахстан"), ("Документ, удостоверяющий личность", "уд. личности № %s от %s, выдано %s" % (p.number, p.issued, pick(rng, ["МВД РК", "МЮ РК"]))), ("Адрес проживания", "г. %s, ул. %s, %d" % (p.city.title(), pick(rng, ["Абая", "Сейфуллина", "Толе би"]), rng.integers(1, 150))), ("Телефон", "+7 7%s %s" % (digits(rng, 2), digits(rng, 7))), ("Семейное положение", pick(rng, ["холост", "замужем", "женат"])), ("Образование", pick(rng, ["высшее", "среднее", "среднее специальное"])), ("Место работы", firm(rng))]
    if rng.random() < 0.5:
        q = [(a.split(" / ")[0], b) for a, b in q]
    hand = rng.random() < 0.4
    ans = "font:italic %.1fpt '%s';color:#1b2f8f" % (rng.uniform(12, 15), pick(rng, ["PT Serif", "Charis SIL", "Vollkorn"])) if hand else "font-weight:700"
    title = pick(rng, ["АНКЕТА КЛИЕНТА", "АНКЕТА ПРИ ПРИЁМЕ НА РАБОТУ", "ЛИЧНЫЙ ЛИСТОК ПО УЧЁТУ КАДРОВ", "РЕГИСТРАЦИОННАЯ КАРТА ГОСТЯ", "САУАЛНАМА", "ЗАЯВЛЕНИЕ-АНКЕТА НА ПОЛУЧЕНИЕ КРЕДИТА", "АНКЕТА АБИТУРИЕНТА"])
    shape = pick(rng, ["table", "lines", "boxes"])
    if shape == "table":
        body = "<table style='border-collapse:collapse;width:100%%'>%s</table>" % "".join("<tr><td style='border:1px solid #444;padding:1.6mm;width:42%%'>%s</td><td style='border:1px solid #444;padding:1.6mm;%s'>%s</td></tr>" % (a, ans, b) for a, b in q)
    elif shape == "lines":
        body = "".join("<div style='margin:2.4mm 0;border-bottom:1px solid #555'>%s: <span style=\"%s\">%s</span></div>" % (a, ans, b) for a, b in q)
    else:
        cells = lambda text: "".join("<span style='display:inline-block;width:6mm;height:7.5mm;border:1px solid #666;text-align:center;font-weight:700;line-height:7.5mm'>%s</span>" % c for c in text)
        body = "".join("<div style='margin:1.8mm 0'><div style='font-size:80%%'>%s</div>%s</div>" % (a, cells(b) if len(b) < 24 else "<span style=\"%s\">%s</span>" % (ans, b)) for a, b in q)
    extra = "<div style='position:absolute;right:16mm;top:16mm;width:30mm;height:40mm;border:1px solid #777;font-size:8pt;text-align:center;padding-top:14mm'>место<br>для фото</div>" if rng.random() < 0.25 else ""
    return Paper(a4("<h2 style='text-align:center;font-size:15pt;margin-bottom:6mm'>%s</h2>%s%s<p style='margin-top:6mm'>%s</p><p style='margin-top:4mm'>Дата %s &nbsp; Подпись</p>%s" % (title, extra, body, para(rng, 2, RU), p.issued, art.signature(rng, 30, 10)), rng), 210, 297, "questionnaire", [p.iin])


def contract(rng):
    p = Person(rng)
    iins = []
    phrase = pick(rng, ["удостоверение личности № %s, выдано МВД РК %s, ИИН %s", "уд. личности №%s от %s г., ИИН %s", "жеке куәлік № %s, берілген күні %s, ЖСН %s", "документ, удостоверяющий личность: № %s от %s, ИИН: %s", "паспорт гражданина Республики Казахстан № N%s, выдан %s, ИИН %s"]) % (p.number, p.issued, p.iin)
    iins.append(p.iin)
    what = pick(rng, ["ДОГОВОР ВОЗМЕЗДНОГО ОКАЗАНИЯ УСЛУГ", "ТРУДОВОЙ ДОГОВОР", "ДОГОВОР ЗАЙМА", "ЕҢБЕК ШАРТЫ", "ДОГОВОР КУПЛИ-ПРОДАЖИ", "ДОВЕРЕННОСТЬ", "ЗАЯВЛЕНИЕ", "СПРАВКА С МЕСТА РАБОТЫ", "РАСПИСКА", "АКТ ПРИЁМА-ПЕРЕДАЧИ"])
    head = "<h2 style='text-align:center;font-size:14pt'>%s № %s</h2><div style='display:flex;justify-content:space-between;margin:4mm 0'><span>г. %s</span><span>%s</span></div>" % (what, digits(rng, 4), p.city.title(), p.issued)
    first = "<p style='text-align:justify;text-indent:8mm'>%s, с одной стороны, и %s, %s, именуемый в дальнейшем «%s», с другой стороны, %s</p>" % (firm(rng), "гр. " + fio(p, rng), phrase, pick(rng, ["Исполнитель", "Работник", "Заёмщик", "Доверитель"]), sentence(rng))
    body = "".join("<p style='text-align:justify;margin-top:2mm'>%d.%d. %s</p>" % (k // 4 + 1, k % 4 + 1, para(rng, None, KK if what.startswith("ЕҢБЕК") else RU)) for k in range(int(rng.integers(4, 12))))
    foot = ""
    if rng.random() < 0.6:
        foot = "<div style='display:flex;margin-top:7mm;gap:10mm'><div style='flex:1'><b>Заказчик</b><br>%s<br>БИН %s<br>ИИК KZ%s<br>%s</div><div style='flex:1'><b>Исполнитель</b><br>%s<br>ИИН %s<br>уд. № %s<br>%s</div></div>" % (firm(rng), "%02d%02d40" % (rng.integers(5, 24), rng.integers(1, 13)) + digits(rng, 6), digits(rng, 18), art.signature(rng, 28, 9), fio(p, rng), p.iin, p.number, art.signature(rng, 28, 9))
    if rng.random() < 0.4:
        foot += at(30, 235, art.stamp(rng, 38, "ЖАУАПКЕРШІЛІГІ ШЕКТЕУЛІ СЕРІКТЕСТІК ● "))
    return Paper(a4(head + first + body + foot, rng), 210, 297, "contract", iins)


def letter(rng):
    p = Person(rng)
    iins = [p.iin] if rng.random() < 0.5 else []
    line = "Прошу рассмотреть обращение гражданина %s%s. " % (fio(p, rng), " (ИИН %s, удостоверение личности № %s)" % (p.iin, p.number) if iins else "")
    head = "<div style='display:flex;justify-content:space-between;border-bottom:2px solid #336;padding-bottom:4mm;margin-bottom:8mm'><div style='width:40%%;text-align:center;font-size:85%%'>ҚАЗАҚСТАН РЕСПУБЛИКАСЫ<br>%s</div>%s<div style='width:40%%;text-align:center;font-size:85%%'>РЕСПУБЛИКА КАЗАХСТАН<br>%s</div></div>" % (firm(rng), art.emblem(rng, 18, art.hsl(200, 60, 40)), firm(rng)) if rng.random() < 0.5 else "<div style='text-align:right;margin-bottom:10mm'>Директору %s<br>%s</div>" % (firm(rng), fio(Person(rng), rng))
    words = pick(rng, [RU, RU, KK, EN])
    body = "<p style='text-indent:9mm;text-align:justify'>%s</p>" % line + "".join("<p style='text-indent:9mm;text-align:justify;margin-top:2mm'>%s</p>" % para(rng, None, words) for _ in range(int(rng.integers(2, 7))))
    return Paper(a4("<p>№ %s от %s</p>" % (digits(rng, 4), p.issued) + head + body + "<p style='margin-top:12mm'>С уважением, %s</p>%s" % (fio(p, rng), art.signature(rng, 34, 12)), rng), 210, 297, "letter", iins)


def invoice(rng):
    rows = "".join("<tr>%s</tr>" % "".join("<td style='border:1px solid #555;padding:1mm 2mm;text-align:%s'>%s</td>" % (a, v) for a, v in (("left", k + 1), ("left", sentence(rng, 3, RU)), ("right", rng.integers(1, 90)), ("right", money(rng)), ("right", money(rng)))) for k in range(int(rng.integers(3, 16))))
    bin_ = "%02d%02d40" % (rng.integers(5, 24), rng.integers(1, 13)) + digits(rng, 6)
    head = "<h2 style='font-size:15pt'>%s № %s от %s</h2><p style='margin:4mm 0'>Поставщик: БИН/ИИН %s, %s, г. %s</p><p>Покупатель: БИН/ИИН %s, %s</p><p style='margin-bottom:5mm'>ИИК KZ%s БИК %s КБе 17 КНП 859</p>" % (pick(rng, ["Счёт на оплату", "Счёт-фактура", "Накладная", "Акт выполненных работ"]), digits(rng, 5), Person(rng).issued, bin_, firm(rng), pick(rng, PLACES).title(), bin_[::-1], firm(rng), digits(rng, 18), mrzgen.letters(rng, 8))
    return Paper(a4(head + "<table style='border-collapse:collapse;width:100%%'>%s</table><p style='text-align:right;margin-top:4mm'><b>Итого: %s тенге</b></p>%s" % (rows, money(rng), at(40, 200, art.stamp(rng, 36, "ДЛЯ СЧЕТОВ И НАКЛАДНЫХ ● %s ● " % digits(rng, 6))) if rng.random() < 0.5 else ""), rng, pick(rng, SANS)), 210, 297, "invoice")


def receipt(rng):
    w = pick(rng, [58.0, 80.0])
    face = pick(rng, MONO[1:] + ["PT Mono", "PT Sans Narrow"])
    goods = "".join("<div style='display:flex;justify-content:space-between'><span>%s</span><span>%s</span></div>" % (sentence(rng, 2, RU)[:18], money(rng)) for _ in range(int(rng.integers(3, 22))))
    html = "<div style='text-align:center'>%s<br>%s<br>БИН %s<br>г. %s</div><div>%s</div><div>Чек №%s &nbsp; Смена %d</div><div>%s %02d:%02d:%02d</div><hr>%s<hr><div style='display:flex;justify-content:space-between;font-size:130%%'><b>ИТОГО</b><b>%s</b></div><div>НДС 12%%: %s</div><div>ФИСКАЛЬНЫЙ ПРИЗНАК: %s<br>РНМ: %s<br>ЗНМ: SWK%s</div><div style='display:flex;justify-content:center;margin:3mm'>%s</div><div style='text-align:center'>%s</div>" % (
        firm(rng), pick(rng, ["ФИСКАЛЬНЫЙ ЧЕК", "ПРОДАЖА", "ЧЕК"]), "%02d%02d40%s" % (rng.integers(5, 24), rng.integers(1, 13), digits(rng, 6)), pick(rng, PLACES).title(), "*" * 24, digits(rng, 4), rng.integers(1, 400), Person(rng).issued, rng.integers(8, 22), rng.integers(60), rng.integers(60), goods, money(rng), money(rng), digits(rng, 12), digits(rng, 12), digits(rng, 8), art.matrix(rng, 24), pick(rng, ["СПАСИБО ЗА ПОКУПКУ", "РАҚМЕТ!", "www.example.kz"]))
    h = 95 + 4.2 * goods.count("<div")
    return Paper("<div style='width:%gmm;height:%gmm;background:#fdfdfb;padding:4mm;font:%.1fmm \"%s\";line-height:1.3;color:#222;overflow:hidden'>%s</div>" % (w, h, 2.7 if w < 70 else 3.1, face, html), w, h, "receipt")


def slide(rng):
    hue = int(rng.integers(0, 360))
    w, h = 254.0, 143.0
    kind = pick(rng, ["bullets", "photo", "two", "title"])
    face = pick(rng, SANS)
    title = sentence(rng, 4)[:-1]
    if kind == "title":
        body = "<div style='display:flex;height:100%%;flex-direction:column;justify-content:center;align-items:center'><div style='font:700 15mm \"%s\"'>%s</div><div style='font:7mm \"%s\";margin-top:8mm'>%s</div></div>" % (face, title, face, fio(Person(rng), rng))
    else:
        items = "".join("<li style='margin:3mm 0'>%s</li>" % sentence(rng, 7) for _ in range(int(rng.integers(3, 7))))
        right = chart_svg(rng, 100, 80) if kind == "two" else art.portrait(int(rng.integers(1 << 30)), 60, 76) if kind == "photo" else ""
        body = "<div style='font:700 9mm \"%s\";color:%s;margin-bottom:7mm'>%s</div><div style='display:flex;gap:8mm'><ul style='font:5.6mm \"%s\";padding-left:8mm;flex:1'>%s</ul>%s</div>" % (face, art.hsl(hue, 70, 35), title, face, items, right)
    dark = rng.random() < 0.25
    return Paper("<div style='width:%gmm;height:%gmm;background:%s;color:%s;padding:12mm;overflow:hidden;border-left:6mm solid %s'>%s</div>" % (w, h, "#1c2330" if dark else "#fff", "#eee" if dark else "#222", art.hsl(hue, 60, 45), body), w, h, "slide", [], "screen")


def chart_svg(rng, w, h):
    n, hue = int(rng.integers(4, 12)), int(rng.integers(0, 360))
    kind = pick(rng, ["bar", "line", "pie", "scatter", "bar2"])
    out = ["<rect width='%g' height='%g' fill='#fff'/>" % (w, h)]
    if kind == "pie":
        a, r = 0.0, min(w, h) * 0.38
        import math
        for k in range(n):
            b = a + 6.283 / n * rng.uniform(0.5, 1.5) if k < n - 1 else 6.283
            out.append("<path d='M%g %gL%g %gA%g %g 0 %d 1 %g %gZ' fill='%s'/>" % (w / 2, h / 2, w / 2 + r * math.cos(a), h / 2 + r * math.sin(a), r, r, b - a > 3.14, w / 2 + r * math.cos(b), h / 2 + r * math.sin(b), art.hsl(hue + 40 * k, 60, 55)))
            a = b
    else:
        for k in range(6):
            y = h * (0.1 + 0.16 * k)
            out.append("<path d='M%g %gH%g' stroke='#ccc' stroke-width='.3'/><text x='1' y='%g' font-size='3' font-family='PT Sans'>%d</text>" % (w * 0.1, y, w * 0.97, y + 1, 100 - 20 * k))
        xs = [w * (0.12 + 0.84 * k / n) for k in range(n)]
        if kind.startswith("bar"):
            for k, x in enumerate(xs):
                v = rng.uniform(0.1, 0.75) * h
                out.append("<rect x='%g' y='%g' width='%g' height='%g' fill='%s'/><text x='%g' y='%g' font-size='3' font-family='PT Sans'>%s</text>" % (x, h * 0.9 - v, w * 0.5 / n, v, art.hsl(hue + (50 if kind == "bar2" and k % 2 else 0), 60, 50), x, h * 0.95, pick(rng, ["янв", "фев", "мар", "Q1", "Q2", "2024", "2025", "Алматы"])))
        elif kind == "line":
            for s in range(int(rng.integers(1, 4))):
                out.append("<path d='M%s' fill='none' stroke='%s' stroke-width='.9'/>" % ("L".join("%g %g" % (x, h * rng.uniform(0.15, 0.85)) for x in xs), art.hsl(hue + 80 * s, 65, 45)))
        else:
            out += ["<circle cx='%g' cy='%g' r='1.1' fill='%s'/>" % (rng.uniform(0.12, 0.95) * w, rng.uniform(0.1, 0.9) * h, art.hsl(hue, 60, 50, 0.7)) for _ in range(80)]
    return art.svg(w, h, "".join(out))


def chart(rng):
    w, h = pick(rng, [(160.0, 100.0), (200.0, 120.0), (120.0, 120.0)])
    n = int(rng.integers(1, 3))
    return Paper("<div style='width:%gmm;height:%gmm;background:#fff;padding:5mm'><div style='font:700 5mm \"%s\"'>%s</div><div style='display:flex;gap:4mm'>%s</div></div>" % (w, h, pick(rng, SANS), sentence(rng, 4)[:-1], "".join(chart_svg(rng, (w - 14) / n, h - 22) for _ in range(n))), w, h, "chart", [], "screen")


def diploma(rng):
    p = Person(rng)
    hue, serif = int(rng.choice([10, 45, 200, 340, 120])), pick(rng, SERIF)
    w, h = pick(rng, [(297.0, 210.0), (210.0, 297.0)])
    title = pick(rng, ["ДИПЛОМ", "СЕРТИФИКАТ", "ГРАМОТА", "АТТЕСТАТ", "АЛҒЫС ХАТ", "СВИДЕТЕЛЬСТВО О ПОВЫШЕНИИ КВАЛИФИКАЦИИ", "СЕРТИФИКАТ / CERTIFICATE", "КУӘЛІК"])
    body = "<div style='font-size:6mm;margin-top:14mm'>%s</div><div style='font:700 %dmm \"%s\";color:%s;margin:8mm 0'>%s</div><div style='font-size:5.4mm'>настоящим подтверждается, что</div><div style='font-size:9mm;font-style:italic;margin:6mm'>%s</div><div style='font-size:5mm;padding:0 30mm'>%s</div><div style='font-size:4.6mm;margin-top:10mm'>№ %s &nbsp;&nbsp; %s</div>" % (firm(rng), 14 if len(title) < 14 else 8, serif, art.hsl(hue, 70, 35), title, fio(p, rng), para(rng, 2, RU), digits(rng, 7), p.issued)
    parts = [art.ground(rng, w, h, hue, 0.7), '<div style="position:absolute;inset:8mm;border:2mm %s %s"></div>' % (pick(rng, ["double", "ridge", "solid"]), art.hsl(hue, 50, 45)), at(0, 6, body, "text-align:center;font-family:'%s'" % serif, w), at(w * 0.65, h - 62, art.stamp(rng, 40, "УЧЕБНЫЙ ЦЕНТР ● ОҚУ ОРТАЛЫҒЫ ● "))]
    return Paper(card("".join(parts), w, h, "background:#fffdf5", 0), w, h, "diploma")


def maps(rng):
    w, h = 180.0, 130.0
    parts = ["<rect width='180' height='130' fill='%s'/>" % pick(rng, ["#eef0e6", "#f3efe6", "#e8eef2"])]
    for _ in range(int(rng.integers(3, 7))):
        parts.append("<path d='M%g %gq%g %g %g %gt%g %gz' fill='%s'/>" % (*rng.uniform(0, 150, 2), *rng.uniform(-40, 60, 6), art.hsl(int(rng.choice([100, 200, 130])), 40, 78)))
    for _ in range(int(rng.integers(10, 30))):
        parts.append("<path d='M%g %gL%g %g' stroke='%s' stroke-width='%.1f' fill='none'/>" % (*rng.uniform(-10, 190, 4), pick(rng, ["#fff", "#f6d27a", "#ccc", "#fff"]), rng.uniform(0.6, 2.6)))
    for _ in range(int(rng.integers(8, 25))):
        parts.append("<text x='%g' y='%g' font-size='%.1f' font-family='PT Sans' fill='#555' transform='rotate(%d %g %g)'>%s</text>" % (x := rng.uniform(0, 150), y := rng.uniform(5, 125), rng.uniform(2.2, 5), rng.choice([0, 0, 0, -30, 45]), x, y, pick(rng, PLACES).title() if rng.random() < 0.5 else "ул. " + pick(rng, ["Абая", "Мира", "Гоголя", "Достық"])))
    return Paper(art.svg(w, h, "".join(parts)), w, h, "map", [], "screen")


def barcode(rng):
    w, h = 100.0, 60.0
    kind = pick(rng, ["bars", "matrix", "stacked", "label"])
    code = digits(rng, 13)
    body = {"bars": lambda: art.bars(rng, 80, 35) + "<div style='font:5mm PT Mono;letter-spacing:2mm'>%s</div>" % code, "matrix": lambda: art.matrix(rng, 48, int(rng.choice([25, 33, 45]))), "stacked": lambda: art.stacked(rng, 84, 40), "label": lambda: "<div style='font:4mm PT Sans'>%s<br>%s<br>%s</div>%s<div style='font:4mm PT Mono'>%s</div>" % (firm(rng), sentence(rng, 3), pick(rng, PLACES), art.bars(rng, 60, 18), digits(rng, 12))}[kind]()
    return Paper("<div style='width:%gmm;height:%gmm;background:#fff;padding:5mm'>%s</div>" % (w, h, body), w, h, "barcode")


def handwriting(rng):
    w, h = pick(rng, [(148.0, 210.0), (210.0, 297.0), (90.0, 90.0)])
    lines, y = [], 18.0
    ruled = pick(rng, ["rule", "grid", "none"])
    if ruled != "none":
        step = 8 if ruled == "rule" else 5
        lines.append("<path d='%s' stroke='#9bc' stroke-width='.2' fill='none'/>" % ("".join("M0 %gh%g" % (k * step, w) for k in range(1, int(h / step))) + ("".join("M%g 0v%g" % (k * step, h) for k in range(1, int(w / step))) if ruled == "grid" else "")))
    ink = pick(rng, ["#1a2f8a", "#222", "#3a2a7a"])
    while y < h - 12:
        x = rng.uniform(10, 22)
        stop = w - rng.uniform(8, 60)
        while x < stop:
            n = int(rng.integers(3, 10))
            path = "M%g %g" % (x, y)
            for _ in range(n):
                up = rng.choice([1.8, 2.2, 2.2, 4.8, -3.4]) * rng.uniform(0.8, 1.2)
                path += "q%g %g %g %gt%g %g" % (rng.uniform(0.1, 1), -up, rng.uniform(0.9, 1.7), -up * 0.25, rng.uniform(0.6, 1.2), up * 0.25)
                x += 2.3
            lines.append("<path d='%s' fill='none' stroke='%s' stroke-width='.45' stroke-linecap='round'/>" % (path, ink))
            x += rng.uniform(3, 5)
        y += 8 if ruled == "rule" else 10
    return Paper(art.svg(w, h, "<rect width='%g' height='%g' fill='#fdfcf7'/>" % (w, h) + "".join(lines)), w, h, "handwriting")


def table(rng):
    """A staff list with names and numbers, printed."""
    people = [Person(rng) for _ in range(int(rng.integers(8, 26)))]
    full = rng.random() < 0.35
    rows = "".join("<tr>%s</tr>" % "".join("<td style='border:1px solid #666;padding:.8mm 1.5mm'>%s</td>" % v for v in (k + 1, fio(p, rng), p.iin if full else "%02d.%02d" % (rng.integers(1, 29), rng.integers(1, 13)), money(rng), pick(rng, ["", "да", "нет", "+"]))) for k, p in enumerate(people))
    return Paper(a4("<h3 style='margin-bottom:4mm'>%s</h3><table style='border-collapse:collapse;width:100%%'><tr style='font-weight:700'>%s</tr>%s</table>" % (pick(rng, ["Ведомость", "Список сотрудников", "Қызметкерлер тізімі", "Табель учёта"]), "".join("<td style='border:1px solid #666'>%s</td>" % c for c in ("№", "ФИО", "ИИН" if full else "Дата", "Сумма", "Прим.")), rows), rng, pick(rng, SANS), size=9.5), 210, 297, "table", [p.iin for p in people] if full else [])


def ticket(rng):
    p = Person(rng)
    w, h = 200.0, 80.0
    face = pick(rng, SANS + MONO[:1])
    body = "<div style='font:700 6mm \"%s\"'>%s</div><div style='display:flex;gap:12mm;font:4mm \"%s\";margin-top:4mm'><div>PASSENGER NAME<br><b>%s/%s</b><br><br>FLIGHT<br><b>%s%s</b></div><div>FROM<br><b>%s</b><br><br>TO<br><b>%s</b></div><div>DATE<br><b>%s</b><br><br>SEAT<br><b>%d%s</b></div>%s</div><div style='font:3.4mm PT Mono;margin-top:5mm'>ETKT %s %s</div>" % (face, pick(rng, ["BOARDING PASS", "ПОСАДОЧНЫЙ ТАЛОН", "ЭЛЕКТРОННЫЙ БИЛЕТ"]), face, latin(p.surname), latin(p.given), pick(rng, ["KC", "DV", "FS"]), digits(rng, 3), latin(pick(rng, PLACES)), latin(pick(rng, PLACES)), p.issued, rng.integers(1, 35), pick(rng, "ABCDEF"), art.stacked(rng, 40, 22), digits(rng, 13), "<" * int(rng.integers(0, 4)))
    return Paper("<div style='width:%gmm;height:%gmm;background:#fff;padding:5mm;border-top:6mm solid %s;overflow:hidden'>%s</div>" % (w, h, art.hsl(int(rng.integers(360)), 60, 40), body), w, h, "ticket")


def notice(rng):
    """Words about documents: what to bring, how a card is filled in. No document is on it."""
    title = pick(rng, ["О ПОРЯДКЕ ВЫДАЧИ УДОСТОВЕРЕНИЙ ЛИЧНОСТИ", "ПЕРЕЧЕНЬ ДОКУМЕНТОВ", "ҚАЖЕТТІ ҚҰЖАТТАР ТІЗІМІ", "ПАМЯТКА ДЛЯ ПОСТУПАЮЩИХ", "ЖЕКЕ КУӘЛІК АЛУ ТӘРТІБІ", "ПРАВИЛА ЗАСЕЛЕНИЯ"])
    items = ["копия удостоверения личности (обе стороны)", "жеке куәліктің көшірмесі", "паспорт гражданина Республики Казахстан", "свидетельство о рождении ребёнка", "справка с указанием ИИН", "туу туралы куәлік", "вид на жительство иностранца", "фотография 3х4, 2 штуки", "адресная справка", "ЖСН туралы мәлімет", "водительское удостоверение", "заявление установленной формы"]
    rng.shuffle(items)
    extra = ""
    if rng.random() < 0.5:
        extra = "<table style='border-collapse:collapse;margin-top:6mm'>%s</table>" % "".join("<tr><td style='border:1px solid #555;padding:1.5mm'>%s</td><td style='border:1px solid #555;padding:1.5mm'>%s</td></tr>" % (a, sentence(rng, 5)) for a in ("Тегі / Фамилия", "Аты / Имя", "Әкесінің аты / Отчество", "Туған күні / Дата рождения", "ЖСН / ИИН"))
    return Paper(a4("<h2 style='text-align:center;font-size:16pt;margin-bottom:6mm'>%s</h2><p>%s</p><ol style='padding-left:10mm;margin:5mm 0'>%s</ol><p>%s</p>%s" % (title, para(rng, 2, RU), "".join("<li>%s;</li>" % i for i in items[:int(rng.integers(4, 11))]), para(rng, 3, RU), extra), rng), 210, 297, "notice")


def blank(rng):
    return Paper("<div style='width:210mm;height:297mm;background:#fff'>%s</div>" % (at(20, 140, sentence(rng, 3), "font:4mm PT Serif") if rng.random() < 0.3 else ""), 210, 297, "blank")


# ------------------------------------------------------------------ screens (mm at 96 dpi; the shot is taken in px)

PX = 25.4 / 96
SCREENS = [(1366, 768), (1920, 1080), (1280, 720), (1440, 900), (1536, 864)]
PHONES = [(540, 1170), (412, 915), (720, 1480)]


def screen_paper(html, w, h, what, iins=()):
    return Paper("<div style='width:%dpx;height:%dpx;overflow:hidden;position:relative'>%s</div>" % (w, h, html), w * PX, h * PX, what, list(iins), "screen")


def code(rng):
    w, h = pick(rng, SCREENS)
    dark = rng.random() < 0.7
    face = pick(rng, MONO)
    fg, bg = ("#d4d4d4", "#1e1e1e") if dark else ("#222", "#fff")
    key = ["#569cd6", "#c586c0"] if dark else ["#00f", "#a0a"]
    words = "self user iin document parse value index total buffer request response token payload number card status result field".split()
    kind = pick(rng, ["code", "log", "json", "sql"])
    out = []
    for k in range(h // 19):
        if kind == "code":
            ind = "&nbsp;" * (4 * int(rng.integers(0, 4)))
            out.append("%s<span style='color:%s'>%s</span> %s_%s = %s(%s, <span style='color:#ce9178'>\"%s\"</span>)" % (ind, pick(rng, key), pick(rng, ["let", "if", "return", "for", "fn", "def", "while", "match"]), pick(rng, words), pick(rng, words), pick(rng, words), digits(rng, 2), pick(rng, words)))
        elif kind == "log":
            out.append("2026-11-%02d %02d:%02d:%02d.%s <span style='color:%s'>%s</span> [%s] %s id=%s ts=%s" % (rng.integers(1, 29), rng.integers(24), rng.integers(60), rng.integers(60), digits(rng, 3), pick(rng, key), pick(rng, ["INFO", "WARN", "ERROR", "DEBUG"]), pick(rng, words), pick(rng, words), digits(rng, 12), digits(rng, 13)))
        elif kind == "json":
            out.append("%s<span style='color:#9cdcfe'>\"%s\"</span>: %s," % ("&nbsp;" * (2 * int(rng.integers(1, 5))), pick(rng, words), pick(rng, [digits(rng, 12), '"%s"' % pick(rng, words), "true", "null", "{"])))
        else:
            out.append("<span style='color:%s'>%s</span> %s.%s <span style='color:%s'>FROM</span> %s WHERE %s = '%s';" % (pick(rng, key), pick(rng, ["SELECT", "UPDATE", "DELETE"]), pick(rng, words), pick(rng, words), pick(rng, key), pick(rng, words), pick(rng, words), digits(rng, 10)))
    lines = "".join("<div><span style='color:#888;display:inline-block;width:44px;text-align:right;margin-right:16px'>%d</span>%s</div>" % (k + 1, t) for k, t in enumerate(out))
    return screen_paper("<div style='background:%s;color:%s;font:%dpx/19px \"%s\";height:100%%;padding-top:34px'><div style='position:absolute;top:0;left:0;right:0;height:30px;background:#333;color:#ccc;font:13px/30px \"Open Sans\"'>&nbsp; main.rs &nbsp; &nbsp; lib.py &nbsp; × </div>%s</div>" % (bg, fg, rng.integers(13, 16), face, lines), w, h, "code")


def chat(rng):
    w, h = pick(rng, PHONES + SCREENS[:2])
    iins, out = [], []
    for _ in range(int(rng.integers(6, 16))):
        mine = rng.random() < 0.5
        r = rng.random()
        if r < 0.12:
            p = Person(rng)
            iins.append(p.iin)
            text = pick(rng, ["мой ИИН %s", "ИИН: %s", "жсн %s", "вот данные: %s, уд. личности"]) % p.iin
        elif r < 0.25:
            text = art.portrait(int(rng.integers(1 << 30)), 40, 50)
        else:
            text = sentence(rng, int(rng.integers(2, 14)))
        out.append("<div style='display:flex;justify-content:%s;margin:7px 12px'><div style='max-width:72%%;background:%s;border-radius:12px;padding:8px 12px;font:15px \"Open Sans\"'>%s<div style='font-size:11px;color:#888;text-align:right'>%02d:%02d</div></div></div>" % ("flex-end" if mine else "flex-start", "#dcf8c6" if mine else "#fff", text, rng.integers(24), rng.integers(60)))
    return screen_paper("<div style='background:%s;height:100%%'><div style='background:%s;color:#fff;padding:14px;font:700 17px \"Open Sans\"'>← %s</div>%s</div>" % (pick(rng, ["#e5ddd5", "#dfe8ef", "#f0f0f0"]), art.hsl(int(rng.integers(140, 260)), 45, 35), Person(rng).given.title(), "".join(out)), w, h, "chat", iins)


def web(rng):
    w, h = pick(rng, SCREENS + PHONES[:1])
    hue = int(rng.integers(0, 360))
    cards = "".join("<div style='width:30%%;background:#fff;border:1px solid #ddd;border-radius:8px;padding:12px'><div style='height:90px;background:linear-gradient(%ddeg,%s,%s)'></div><h4 style='margin:8px 0'>%s</h4><p style='font-size:14px;color:#555'>%s</p></div>" % (rng.integers(360), art.hsl(int(rng.integers(360)), 50, 70), art.hsl(int(rng.integers(360)), 50, 50), sentence(rng, 4) if rng.random() < 0.8 else pick(rng, ["Получение удостоверения личности", "Жеке куәлікті ауыстыру", "Проверка ИИН", "Паспорт за 1 день"]), sentence(rng, 16)) for _ in range(6))
    return screen_paper("%s<div style='background:%s;color:#fff;padding:16px 40px;font:700 22px \"Lato\"'>%s <span style='float:right;font:15px Lato'>Главная &nbsp; Услуги &nbsp; Контакты &nbsp; Қаз | Рус</span></div><div style='padding:24px 40px;font-family:\"%s\"'><h1>%s</h1><p style='margin:12px 0'>%s</p><div style='display:flex;flex-wrap:wrap;gap:16px'>%s</div></div>" % (browser_bar(rng), art.hsl(hue, 55, 40), firm(rng), pick(rng, SANS), sentence(rng, 5)[:-1], para(rng, 3), cards), w, h, "web")


def browser_bar(rng):
    return "<div style='background:#dee1e6;height:72px;font:13px \"Open Sans\";color:#333'><div style='padding:9px 20px'>%s &nbsp; ✕ &nbsp;&nbsp; + <span style='float:right'>—  ▢  ✕</span></div><div style='background:#fff;padding:7px 16px;height:36px'>← → ⟳ &nbsp; <span style='background:#eef0f3;border-radius:14px;padding:4px 16px'>https://www.example.kz/%s</span></div></div>" % (sentence(rng, 2)[:-1], pick(rng, ["", "forms/client", "ru/services", "admin/users?id=" + digits(rng, 5)]))


def webform(rng):
    p = Person(rng)
    w, h = pick(rng, SCREENS)
    items = [("Фамилия", p.surname.title()), ("Имя", p.given.title()), ("Отчество", p.patronymic.title()), ("ИИН", p.iin), ("Дата рождения", p.born), ("Номер удостоверения личности", p.number), ("Телефон", "+7 7" + digits(rng, 9)), ("E-mail", "user%s@example.kz" % digits(rng, 3)), ("Город", p.city.title())]
    filled = rng.random() < 0.75
    form = "".join("<div style='width:46%%'><div style='font-size:15px;color:#555;margin:10px 0 4px'>%s%s</div><div style='border:1px solid #bbb;border-radius:5px;padding:8px;background:#fff;height:42px;font-size:17px'>%s</div></div>" % (a, " *" if rng.random() < 0.4 else "", b if filled else "<span style='color:#aaa'>введите</span>") for a, b in items)
    return screen_paper("%s<div style='background:#f4f6f8;height:100%%;padding:26px 90px;font-family:\"%s\"'><h2>%s</h2><div style='display:flex;flex-wrap:wrap;gap:6px 4%%;margin-top:10px'>%s</div><div style='margin-top:20px;background:%s;color:#fff;display:inline-block;padding:10px 30px;border-radius:5px'>%s</div></div>" % (browser_bar(rng), pick(rng, SANS), pick(rng, ["Регистрация клиента", "Личный кабинет", "Заявка на кредит", "Деректерді енгізу", "Карточка сотрудника"]), form, art.hsl(int(rng.integers(360)), 60, 42), pick(rng, ["Сохранить", "Отправить", "Далее"])), w, h, "web_form", [p.iin] if filled else [])


def viewer(rng, uri, w, h, image_w, image_h):
    """A picture open in some program: (html, box of the picture in px)."""
    kind = pick(rng, ["photos", "pdf", "browser", "chat", "mail"])
    head = {"photos": 44, "pdf": 84, "browser": 72, "chat": 58, "mail": 130}[kind]
    side = {"photos": 0, "pdf": int(rng.choice([0, 160])), "browser": 0, "chat": 0 if w < 800 else 300, "mail": 0 if w < 800 else 240}[kind]
    dark = kind == "photos" and rng.random() < 0.7
    room_w, room_h = w - side - 24, h - head - (60 if kind in ("photos", "chat") else 24)
    f = min(room_w / image_w, room_h / image_h) * (1.0 if kind != "chat" else rng.uniform(0.85, 1.0))
    iw, ih = image_w * f, image_h * f
    x, y = side + 12 + (room_w - iw) / 2 * (1 if kind != "chat" else 0.3), head + 8 + (room_h - ih) / 2
    bg = "#202020" if dark else {"pdf": "#525659", "browser": "#0e0e0e", "chat": "#dfe6ea", "mail": "#fff", "photos": "#f3f3f3"}[kind]
    bar = {"photos": "<div style='height:44px;background:%s;color:%s;font:14px/44px \"Open Sans\"'>&nbsp; IMG_%s.jpg <span style='float:right'>— ▢ ✕ &nbsp;</span><span style='margin-left:30%%'>⟲ ⟳ ✎ ⌫ ⤢</span></div>" % ("#2b2b2b" if dark else "#fff", "#ddd" if dark else "#222", digits(rng, 4)),
           "pdf": "<div style='height:84px;background:#f9f9fa;font:14px \"Open Sans\"'><div style='padding:10px'>Файл &nbsp; Правка &nbsp; Вид &nbsp; Окно &nbsp; Справка</div><div style='padding:4px 12px;border-top:1px solid #ccc'>scan_%s.pdf &nbsp; &nbsp; − 100%% + &nbsp; &nbsp; 1 / 2</div></div>" % digits(rng, 5),
           "browser": browser_bar(rng),
           "chat": "<div style='height:58px;background:#3b6ea5;color:#fff;font:700 17px/58px \"Open Sans\"'>&nbsp; ← %s <span style='font-weight:400;font-size:12px'>был(а) недавно</span></div>" % Person(rng).given.title(),
           "mail": "<div style='height:130px;border-bottom:1px solid #ccc;font:15px \"Open Sans\";padding:14px'><b style='font-size:19px'>%s</b><br><br>От: %s &lt;mail@example.kz&gt;<br>Вложение: doc%s.jpg</div>" % (sentence(rng, 3)[:-1], Person(rng).given.title(), digits(rng, 3))}[kind]
    rail = ""
    if side:
        rail = "<div style='position:absolute;left:0;top:%dpx;bottom:0;width:%dpx;background:#eceff1;font:14px \"Open Sans\";padding:10px'>%s</div>" % (head, side, "".join("<div style='margin:12px 0;color:#345'>%s</div>" % sentence(rng, 3) for _ in range(9)))
    html = "<div style='width:%dpx;height:%dpx;background:%s;overflow:hidden;position:relative'>%s%s<img src='%s' style='position:absolute;left:%.1fpx;top:%.1fpx;width:%.1fpx;height:%.1fpx'></div>" % (w, h, bg, bar, rail, uri, x, y, iw, ih)
    return html, (x, y, iw, ih)
