"""Pages that lie on shares and are no identity document; each gives (form, drawing)."""

import numpy as np
from art import Art, guilloche, signature, stamp
from fonts import any_kk, bold, font, pool, sans_kk, serif_kk
from people import dmy, kz_person
from scenes import photo

RU_WORDS = (
    "договор стороны обязуются исполнить настоящее условие предмет оплата услуги срок поставка товар заказчик исполнитель "
    "банк счёт сумма тенге порядок ответственность форс-мажор приложение подпись директор компания отчёт проект график "
    "работа сотрудник заявка рассмотрение документ область город улица дом квартира телефон письмо уважаемый коллега "
    "просим направить информация согласно закон статья пункт"
).split()

KK_WORDS = (
    "шарт тараптар міндеттенеді осы төлем қызмет мерзім жеткізу тауар тапсырыс орындаушы банк шот сома теңге тәртіп "
    "жауапкершілік қосымша қол директор компания есеп жоба кесте жұмыс қызметкер өтінім қарау құжат облыс қала көше үй "
    "пәтер телефон хат құрметті әріптес ақпарат сәйкес заң бап тармақ Қазақстан"
).split()

EN_WORDS = (
    "the agreement between parties shall provide service payment invoice delivery report project schedule customer order "
    "bank account amount date signature address total item quantity price office manager review document section policy "
    "data system network analysis result growth market plan"
).split()


def words(rng, count, lang=None):
    """n words of one of the three languages."""
    vocabulary = {"ru": RU_WORDS, "kk": KK_WORDS, "en": EN_WORDS}[lang or rng.choice(["ru", "kk", "en"])]
    text = " ".join(rng.choice(vocabulary) for _ in range(count))
    return text[0].upper() + text[1:]


def para(rng, art, x, y, w, face, size, lines, lang, ink=(20, 20, 20), lead=1.45):
    """A paragraph of random words; gives the next base line."""
    for row in range(lines):
        text = ""
        while font(face, round(size * art.scale)).getlength(text) / art.scale < w * (rng.between(0.3, 0.9) if row == lines - 1 else 0.93):
            text += rng.choice({"ru": RU_WORDS, "kk": KK_WORDS, "en": EN_WORDS}[lang]) + rng.choice([" ", " ", " ", ", "])
        art.fit(x, y, text.strip(), face, size, w, ink)
        y += size * lead
    return y


def bin_number(rng):
    """A number in the form of a firm's BIN."""
    return "%02d%02d40%06d" % (rng.randrange(0, 24), rng.randrange(1, 13), rng.randrange(10**6))


def money(rng):
    """A sum."""
    return "{:,}".format(rng.randrange(100, 9000000)).replace(",", " ") + rng.choice(["", ",00"])


def a4(rng, s=8):
    """An empty A4 page."""
    return Art(210, 297, s, rng.choice([(255, 255, 255), (255, 255, 255), (252, 250, 244)]))


def sentence(rng, art, x, y, w, face, size, text, ink=(20, 20, 20)):
    """A text broken into lines; gives the next base line."""
    line = ""
    for word in text.split():
        if font(face, round(size * art.scale)).getlength(line + " " + word) / art.scale > w:
            art.text(x, y, line, face, size, ink)
            y += size * 1.45
            line = word
        else:
            line = (line + " " + word).strip()
    art.text(x, y, line, face, size, ink)
    return y + size * 1.6


def letter(rng):
    """A firm's letter with signature and stamp."""
    art = a4(rng)
    lang = rng.choice(["ru", "kk", "en"])
    face = any_kk(rng)
    art.text(20, 25, "ТОО «%s»" % rng.choice(["ПРИМЕР", "ҮЛГІ ТРЕЙД", "АЛМА СЕРВИС"]), bold(face), 5)
    art.text(20, 31, "БИН %s, г. Алматы, ул. Примерная, %d" % (bin_number(rng), rng.randrange(1, 200)), face, 3)
    y = 50
    for _ in range(rng.randrange(2, 6)):
        y = para(rng, art, 25, y, 165, face, rng.choice([4, 4.2, 4.4]), rng.randrange(2, 7), lang) + 4
    art.text(25, y + 15, "Директор", face, 4.2)
    signature(rng, art, 80, y + 5, 30, 12)
    art.text(130, y + 15, "А. Пример", face, 4.2)
    if rng.chance(0.6):
        stamp(rng, art, 100, y + 12, 17)
    return "page", art


def contract(rng):
    """A contract that names a person and an identity card."""
    art = a4(rng)
    face = any_kk(rng)
    art.text(105, 25, rng.choice(["ДОГОВОР № %d" % rng.randrange(1, 999), "ШАРТ № %d" % rng.randrange(1, 999), "ТРУДОВОЙ ДОГОВОР"]), bold(face), 5, anchor="ms")
    y = 38
    who = kz_person(rng)
    y = sentence(
        rng,
        art,
        20,
        y,
        170,
        face,
        3.9,
        (
            "ТОО «ПРИМЕР», БИН %s, именуемое в дальнейшем «Заказчик», с одной стороны, и гражданин(ка) %s %s %s, удостоверение "
            "личности № %s выдано МВД РК %s, именуемый «Исполнитель», заключили настоящий договор о нижеследующем:"
        )
        % (bin_number(rng), who.sur.title(), who.giv.title(), who.pat.title(), who.num, dmy(who.issue)),
    )
    for k in range(1, rng.randrange(4, 8)):
        art.text(20, y + 3, "%d. %s" % (k, words(rng, 3, "ru").upper()), bold(face), 3.9)
        y = para(rng, art, 20, y + 9, 170, face, 3.9, rng.randrange(2, 5), rng.choice(["ru", "kk"])) + 2
    art.text(20, y + 6, "Заказчик: ____________", face, 4)
    art.text(115, y + 6, "Исполнитель: ____________", face, 4)
    return "page", art


def form(rng):
    """A job application: boxes, labels of a document, a written-in number; no copy of a document."""
    art = a4(rng)
    face = sans_kk(rng)
    who = kz_person(rng)
    hand_face = rng.choice([bold(face), face])
    ink = rng.choice([(20, 30, 120), (20, 20, 20)])
    art.text(105, 20, rng.choice(["АНКЕТА КАНДИДАТА", "ЗАЯВЛЕНИЕ-АНКЕТА НА ПРИЁМ НА РАБОТУ", "ЖҰМЫСҚА ҚАБЫЛДАУ САУАЛНАМАСЫ"]), bold(face), 5, anchor="ms")
    y = 32
    for label, value in [
        ("Фамилия / Тегі:", who.sur),
        ("Имя / Аты:", who.giv),
        ("Отчество / Әкесінің аты:", who.pat),
        ("Дата рождения / Туған күні:", dmy(who.birth)),
        ("ИИН / ЖСН:", who.iin if rng.chance(0.6) else ""),
        ("Удостоверение личности №:", who.num),
        ("Кем и когда выдано:", "МВД РК " + dmy(who.issue)),
        ("Адрес проживания:", "г. Алматы, ул. Примерная, %d" % rng.randrange(1, 99)),
        ("Телефон:", "+7 70%d 000 %02d %02d" % (rng.randrange(10), rng.randrange(100), rng.randrange(100))),
        ("Образование:", "высшее"),
        ("Желаемая должность:", "бухгалтер"),
        ("Опыт работы:", "%d лет" % rng.randrange(1, 30)),
    ]:
        art.text(18, y, label, face, 3.6)
        if label.startswith("ИИН") and rng.chance(0.7):  # one box a digit
            for i in range(12):
                art.rect(80 + i * 7, y - 5, 6.4, 6.6, outline=(60, 60, 60), width=0.25)
                art.text(83.2 + i * 7, y, value[i] if value else "", hand_face, 4.4, ink, "ms")
        else:
            art.line(78, y + 1, 192, y + 1, width=0.2)
            art.text(80, y, value, hand_face, 4, ink)
        y += rng.between(8.5, 10)
    if rng.chance(0.4):
        art.rect(160, 24, 32, 40, outline=(90, 90, 90))
        art.text(176, 45, "фото 3х4", face, 3, anchor="ms")
    y = sentence(
        rng,
        art,
        18,
        y + 4,
        175,
        face,
        3.4,
        (
            "К заявлению прилагаю: копию удостоверения личности, копию диплома, справку с места жительства. Даю согласие на сбор и "
            "обработку моих персональных данных, в том числе ИИН."
        ),
    )
    art.text(18, y + 10, "Подпись ______________   Дата ____________", face, 3.8)
    signature(rng, art, 40, y + 2, 22, 9)
    return "page", art


def boxes(rng):
    """A form of many boxes."""
    art = a4(rng)
    face = sans_kk(rng)
    art.text(105, 16, rng.choice(["ДЕКЛАРАЦИЯ ПО НАЛОГУ", "Форма 910.00", "ӨТІНІШ", "КАРТОЧКА УЧЁТА"]), bold(face), 5, anchor="ms")
    y = 24
    for _ in range(rng.randrange(12, 26)):
        n = rng.randrange(1, 5)
        w = 180 / n
        for i in range(n):
            art.rect(15 + i * w, y, w, 9, outline=(40, 40, 40))
            art.text(16 + i * w, y + 3, words(rng, rng.randrange(1, 3), rng.choice(["ru", "kk"])), face, 2.3, (70, 70, 70))
            if rng.chance(0.6):
                art.text(17 + i * w, y + 8, rng.choice([money(rng), words(rng, 1), dmy((2024, rng.randrange(1, 13), rng.randrange(1, 28)))]), face, 3.4)
        y += 9
    return "page", art


def law(rng):
    """The law on identity documents: all their words, no document."""
    art = a4(rng)
    face = any_kk(rng)
    art.text(105, 22, "ЗАКОН РЕСПУБЛИКИ КАЗАХСТАН", bold(face), 5, anchor="ms")
    art.text(105, 29, "О документах, удостоверяющих личность", bold(face), 4.6, anchor="ms")
    y = 40
    for t in [
        "Статья 6. Виды документов, удостоверяющих личность",
        (
            "1. Документами, удостоверяющими личность, являются: паспорт гражданина Республики Казахстан; удостоверение личности "
            "гражданина Республики Казахстан; вид на жительство иностранца в Республике Казахстан; удостоверение лица без "
            "гражданства; дипломатический паспорт; служебный паспорт; удостоверение беженца; свидетельство о рождении."
        ),
        (
            "2. Удостоверение личности содержит: фамилию, имя, отчество, дату рождения, пол, индивидуальный идентификационный "
            "номер (ИИН), фотографию, подпись владельца, дату выдачи и срок действия."
        ),
        (
            "Жеке куәлік – Қазақстан Республикасы азаматының жеке басын куәландыратын құжат. Тегі, аты, әкесінің аты, туған күні, "
            "жеке сәйкестендіру нөмірі (ЖСН) көрсетіледі."
        ),
        "Статья 7. Сбор копий документов, удостоверяющих личность, на бумажном носителе запрещается, за исключением случаев, предусмотренных законами.",
    ]:
        y = sentence(rng, art, 22, y, 166, bold(face) if t.startswith("Статья") and rng.chance(0.5) else face, 3.9, t) + 3
    while y < 250:
        y = para(rng, art, 22, y, 166, face, 3.9, 5, rng.choice(["ru", "kk"])) + 3
    return "page", art


def newspaper(rng):
    """Three columns and pictures."""
    art = a4(rng)
    face = serif_kk(rng)
    art.text(105, 24, rng.choice(["ЕГЕМЕН ҮЛГІ", "ВЕЧЕРНИЙ ПРИМЕР", "ЖАС ҮЛГІ"]), bold(face), 14, anchor="ms")
    art.line(12, 29, 198, 29, width=0.6)
    art.text(14, 40, words(rng, 5, "ru"), bold(face), 7)
    for c in range(3):
        y = 50
        x = 13 + c * 62
        if rng.chance(0.6):
            im = photo(rng, 480, 320)[1].resize((int(58 * art.scale), int(38 * art.scale)))
            art.im.paste(im.convert("L").convert("RGB"), (int(x * art.scale), int(y * art.scale)))
            y += 44
        while y < 270:
            y = para(rng, art, x, y, 58, face, 3, rng.randrange(4, 12), rng.choice(["ru", "kk"]), lead=1.25) + 3
    return "page", art


def invoice(rng):
    """An invoice with a table."""
    art = a4(rng)
    face = sans_kk(rng)
    art.text(18, 22, rng.choice(["Счёт на оплату № %d", "СЧЕТ-ФАКТУРА № %d", "Төлем шоты № %d", "INVOICE No. %d"]) % rng.randrange(1, 9999), bold(face), 6)
    y = 32
    for t in [
        "Поставщик: ТОО «ПРИМЕР» БИН " + bin_number(rng),
        "ИИК KZ%018d" % rng.randrange(10**18),
        "БИК CASPKZKA  Кбе 17  КНП 859",
        "Покупатель: ИП Үлгі ИИН/БИН " + bin_number(rng),
    ]:
        art.text(18, y, t, face, 3.5)
        y += 6
    X = [18, 28, 100, 125, 155, 192]
    y += 4
    for i in range(rng.randrange(4, 20)):
        for j in range(5):
            art.rect(X[j], y, X[j + 1] - X[j], 7, outline=(30, 30, 30))
            art.text(X[j] + 1, y + 5, [str(i), words(rng, 3, "ru"), str(rng.randrange(1, 99)), money(rng), money(rng)][j][:34], face, 3.2)
        y += 7
    art.text(130, y + 8, "Итого: " + money(rng), bold(face), 4)
    signature(rng, art, 60, y + 14, 25, 10)
    if rng.chance(0.5):
        stamp(rng, art, 110, y + 22, 16)
    return "page", art


def numbers(rng):
    """Columns of digits, some of twelve."""
    art = a4(rng)
    face = rng.choice(pool("mono"))
    y = 15
    n = rng.randrange(3, 9)
    dg = [rng.randrange(2, 13) for _ in range(n)]
    while y < 285:
        for j in range(n):
            art.text(15 + j * 180 / n, y, "".join(rng.choice("0123456789") for _ in range(dg[j])), face, 3.1 if n > 5 else 3.6)
        y += 5.2
    return "page", art


def handwriting(rng):
    """A page of handwriting."""
    art = a4(rng, 7)
    face = rng.choice(pool("hand"))
    lines = rng.chance(0.6)
    ink = rng.choice([(25, 35, 130), (20, 20, 20)])
    y = 22
    while y < 280:
        if lines:
            art.line(8, y + 2, 202, y + 2, (170, 190, 220), 0.2)
        if rng.chance(0.85):
            if rng.chance(0.5):
                art.fit(18, y, " ".join(rng.choice(EN_WORDS) for _ in range(9)), face, rng.between(6, 8), 180, ink)
            else:
                x = 18
                while x < rng.between(120, 190):
                    w = rng.between(10, 28)
                    t = np.linspace(0, 1, 60)
                    loops = rng.between(4, 9)
                    points = np.c_[
                        (x + w * t + 1.2 * np.sin(2 * np.pi * loops * t)),
                        y
                        - 1
                        + rng.between(1.2, 2.6) * np.cos(2 * np.pi * loops * t + rng.between(0, 3))
                        - np.abs(np.sin(t * rng.between(3, 9))) * rng.between(0, 3),
                    ]
                    art.pen.line([tuple(point) for point in points * art.scale], fill=ink, width=max(1, int(0.45 * art.scale)))
                    x += w + 4
        y += 9
    return "page", art


def diploma(rng):
    """A diploma."""
    art = Art(210, 148, 8, (246, 240, 226))
    guilloche(rng, art, (5, 5, 200, 138), 4, 0.3)
    face = serif_kk(rng)
    art.text(105, 30, rng.choice(["ДИПЛОМ", "СЕРТИФИКАТ", "ГРАМОТА", "АЛҒЫС ХАТ"]), bold(face), 14, (140, 30, 30), "ms")
    who = kz_person(rng)
    art.text(105, 50, who.sur + " " + who.giv + " " + who.pat, face, 6, anchor="ms")
    para(rng, art, 30, 65, 150, face, 4.5, 5, "kk")
    stamp(rng, art, 150, 120, 16)
    signature(rng, art, 50, 112, 30, 10)
    return "page", art


def payslip(rng):
    """A certificate of income with an IIN."""
    art = a4(rng)
    face = sans_kk(rng)
    who = kz_person(rng)
    art.text(20, 20, "СПРАВКА о доходах", bold(face), 5)
    y = sentence(
        rng,
        art,
        20,
        32,
        170,
        face,
        4,
        "Дана %s %s %s, ИИН %s, в том, что он(а) действительно работает в ТОО «ПРИМЕР» в должности менеджера с %s по настоящее время."
        % (who.sur.title(), who.giv.title(), who.pat.title(), who.iin, dmy(who.issue)),
    )
    for i in range(12):
        art.rect(20, y, 80, 7, outline=(40, 40, 40))
        art.text(22, y + 5, "месяц %02d" % (i + 1), face, 3.6)
        art.rect(100, y, 60, 7, outline=(40, 40, 40))
        art.text(102, y + 5, money(rng), face, 3.6)
        y += 7
    stamp(rng, art, 120, y + 22, 17)
    signature(rng, art, 60, y + 12, 30, 10)
    return "page", art


def staff_list(rng):
    """A table of names, IINs and card numbers."""
    art = a4(rng)
    face = sans_kk(rng)
    art.text(105, 18, rng.choice(["Список сотрудников", "ТІЗІМ", "Реестр клиентов"]), bold(face), 5, anchor="ms")
    X = [12, 22, 90, 130, 165, 198]
    y = 26
    for i in range(rng.randrange(8, 30)):
        who = kz_person(rng)
        for j, value in enumerate(
            [
                "№" if i == 0 else str(i),
                "ФИО" if i == 0 else who.sur.title() + " " + who.giv.title(),
                "ИИН/ЖСН" if i == 0 else who.iin,
                "Уд. личности" if i == 0 else who.num,
                "Дата рожд." if i == 0 else dmy(who.birth),
            ]
        ):
            art.rect(X[j], y, X[j + 1] - X[j], 7, outline=(60, 60, 60))
            art.text(X[j] + 1, y + 5, value, face, 3.3)
        y += 7
    return "page", art
