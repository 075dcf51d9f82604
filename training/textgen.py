"""Invented lines of Kazakh, Russian and Latin text, and the alphabet of the text reader.

`line(r)` gives (text, kind); kinds `iin` and `label` matter to the glance net. Most words are put together from syllables
or letters and never come twice, so that the net reads shapes and has no use for a dictionary. All people, numbers and
addresses are invented; every IIN is of a birth in 18xx.
"""

import glob
import os
import tomllib

HERE = os.path.dirname(os.path.abspath(__file__))

# One class a shape: the Latin letter on the right is read as the Cyrillic one on the left.
LIKE = dict(zip("ABEHIKMOPCTXYaeopcxyih", "АВЕНІКМОРСТХҮаеорсхуіһ"))
LIKE.update({"—": "–", "“": '"', "”": '"', "„": '"', "’": "'", "‘": "'", "Ə": "Ә", "ə": "ә"})
ALPHABET = (
    "<0123456789 "
    "DFGJLNQRSUVWZ" "bdfgjklmnqrstuvwz"
    "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ" "ӘҒҚҢӨҰҮҺІ"
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюя" "әғқңөұүһі"
    ".,-–/():;\"'№«»+&%=_?!@#*|\\[]"
)


def shapes(text):
    """`text` as the reader gives it back: look-alikes as one letter, runs of spaces as one."""
    return " ".join("".join(LIKE.get(c, c) for c in text).split())


KK_VOWELS, KK_FRONT, KK_BACK = "аәеиоөуұүыі", "әеөүіи", "аоұыу"
KK_CONS = "бвгғджзйкқлмнңпрстуфхһцчшщ"
RU_ONSET = "б в г д ж з к л м н п р с т ф х ц ч ш щ бр вл гр др кр пл пр ст тр сл зв см шт".split()
RU_VOWELS = "а а а е е и и о о о у ы э ю я ё".split()
RU_CODA = "й н р л с т в к м д з г б п х ц ч ш щ ь ст нь ль нт ъ".split()
LAT_ONSET = "b c d f g h j k l m n p q r s t v w x y z br ch cl dr fr gr pl pr sh st th tr".split()
LAT_VOWELS = "a a a e e e i i o o u y ai ee ou".split()
LAT_CODA = "n r s t l d m k p g b f x z ck nd ng nt rt st".split()
RU_UP, RU_LOW = "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ", "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
KK_UP, KK_LOW = RU_UP + "ӘҒҚҢӨҰҮҺІ" * 2, RU_LOW + "әғқңөұүһі" * 2
LAT_UP, LAT_LOW = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"

COMMON = {
    "ru": ("и в на с по для не от до из о об при или что как если может быть должен заявитель договор сторона согласно срок дата номер лист "
           "приказ акт счет сумма оплата услуги товар организация работник заработная плата город область район улица дом отдел начальник подпись "
           "дана настоящая справка том что он она работает банк клиент карта водительское права категория студенческий пропуск билет"
           ).split(),
    "kk": ("және мен бойынша туралы үшін бар жоқ осы сол бұл оның өз бір екі үш жыл ай күн қала облысы ауданы көшесі үй пәтер келісімшарт тарап "
           "мерзімі нөмірі парақ бұйрық акті шот сомасы төлем қызмет тауар ұйым қызметкер жалақы бөлім бастығы қолы анықтама берілді жұмыс істейді "
           "банкі өтініш құжат күні айы жылғы").split(),
    "la": ("the of and to in for is on that with as by from at this are be or not has total amount invoice page number name address phone date "
           "order price tax item qty company limited bank account card driver licence student school university class report contract party").split(),
}
ENDINGS = {
    "kk": "бек хан бай жан қызы ұлы нұр гүл ай тай мұрат әлі бала шах дәулет".split(),
    "ru": "ов ев ин ова ева ина ский ская енко ович евна овна евич ич ук".split(),
    "la": "ov ev in ova eva bek khan bay zhan kyzy uly son man ova ski".split(),
}
PLACES = {
    "kk": ["{} облысы", "{} ауданы", "{} қаласы", "{} көшесі, {}", "{} ауылы", "{} көш., {} үй, {} пәтер"],
    "ru": ["г. {}", "ул. {}, д. {}", "{} область", "{} район", "с. {}", "пр. {}, {}, кв. {}", "г. {}, ул. {}, {}", "мкр. {}, {}-{}", "обл. {}", "ул. {}, {}/{}"],
    "la": ["{} street {}", "{} {}, KAZ", "{} avenue, {}", "{} region", "{} city"],
}
AUTHORITIES = ["ҚР ІІМ", "МВД РК", "ҚР ІІМ / МВД РК", "МВД РК / ҚР ІІМ", "ҚР ІІМ/МВД РК", "MIA OF KAZAKHSTAN", "МИНИСТЕРСТВО ВНУТРЕННИХ ДЕЛ РК", "ҚР ІШКІ ІСТЕР МИНИСТРЛІГІ",
               "МИНИСТЕРСТВО ВНУТРЕННИХ ДЕЛ", "ІШКІ ІСТЕР МИНИСТРЛІГІ", "МИНИСТЕРСТВО ЮСТИЦИИ РК", "ҚР ӘДІЛЕТ МИНИСТРЛІГІ", "ҚАЗАҚСТАН", "КАЗАХСТАН", "KAZAKHSTAN"]
PAIRS = ["ТЕГІ|ФАМИЛИЯ", "АТЫ|ИМЯ", "ӘКЕСІНІҢ АТЫ|ОТЧЕСТВО", "ТУҒАН КҮНІ|ДАТА РОЖДЕНИЯ", "ЖЫНЫСЫ|ПОЛ", "ЖСН|ИИН", "ТУҒАН ЖЕРІ|МЕСТО РОЖДЕНИЯ", "ҰЛТЫ|НАЦИОНАЛЬНОСТЬ",
         "АЗАМАТТЫҒЫ|ГРАЖДАНСТВО", "БЕРГЕН ОРГАН|ОРГАН ВЫДАЧИ", "БЕРІЛГЕН КҮНІ|ДАТА ВЫДАЧИ", "ҚОЛДАНЫЛУ МЕРЗІМІ|СРОК ДЕЙСТВИЯ", "ЖЕКЕ КУӘЛІК|УДОСТОВЕРЕНИЕ ЛИЧНОСТИ",
         "ҚАЗАҚСТАН РЕСПУБЛИКАСЫ|РЕСПУБЛИКА КАЗАХСТАН", "ТЕГІ|SURNAME", "АТЫ|GIVEN NAMES", "АЗАМАТТЫҒЫ|NATIONALITY", "ТУҒАН КҮНІ|DATE OF BIRTH", "ТУҒАН ЖЕРІ|PLACE OF BIRTH",
         "ЖЫНЫСЫ|SEX", "БЕРІЛГЕН КҮНІ|DATE OF ISSUE", "ҚОЛДАНЫЛУ МЕРЗІМІ|DATE OF EXPIRY", "БЕРГЕН ОРГАН|AUTHORITY", "ТҮРІ|TYPE", "МЕМЛЕКЕТ КОДЫ|CODE OF STATE",
         "ПАСПОРТ №|PASSPORT No", "ҚОЛЫ|ПОДПИСЬ", "ПАСПОРТ|PASSPORT", "НӨМІРІ|НОМЕР", "ФАМИЛИЯ|SURNAME", "ИМЯ|GIVEN NAMES", "ГРАЖДАНСТВО|NATIONALITY", "ҚОЛЫ|SIGNATURE",
         "КУӘЛІК №|УДОСТОВЕРЕНИЕ №", "ТҰРҒЫЛЫҚТЫ ЖЕРІ|МЕСТО ЖИТЕЛЬСТВА", "БЕРІЛГЕН КҮНІ - ҚОЛДАНЫЛУ МЕРЗІМІ|ДАТА ВЫДАЧИ - СРОК ДЕЙСТВИЯ", "ДАТА ВЫДАЧИ|DATE OF ISSUE"]


def documents():
    """Every title and label of patterns/documents."""
    out = set()
    for path in sorted(glob.glob(os.path.join(HERE, "../patterns/documents/*.toml"))):
        with open(path, "rb") as file:
            for d in tomllib.load(file).get("document", []):
                out.update(row["text"] for row in d.get("titles", []) + d.get("labels", []))
    return sorted(out)


LABELS = documents()


def digits(r, n):
    return "".join(r.choice("0123456789") for _ in range(n))


def syllables(r, tongue):
    out = []
    if tongue == "kk":
        vowels = r.choice([KK_FRONT, KK_BACK, KK_VOWELS])
        for _ in range(r.choice([1, 1, 2, 2, 2, 3, 3, 4])):
            out.append((r.choice(KK_CONS) if r.random() < 0.85 else "") + r.choice(vowels) + (r.choice(KK_CONS) if r.random() < 0.5 else ""))
    elif tongue == "ru":
        for _ in range(r.choice([1, 1, 2, 2, 2, 3, 3, 4])):
            out.append((r.choice(RU_ONSET) if r.random() < 0.85 else "") + r.choice(RU_VOWELS) + (r.choice(RU_CODA) if r.random() < 0.45 else ""))
    else:
        for _ in range(r.choice([1, 1, 2, 2, 3])):
            out.append((r.choice(LAT_ONSET) if r.random() < 0.85 else "") + r.choice(LAT_VOWELS) + (r.choice(LAT_CODA) if r.random() < 0.5 else ""))
    return "".join(out)


def letters(r, tongue):
    """A word without any order in it."""
    low = {"kk": KK_LOW, "ru": RU_LOW, "la": LAT_LOW}[tongue]
    return "".join(r.choice(low) for _ in range(r.randint(1, 9)))


def word(r, tongue):
    return letters(r, tongue) if r.random() < 0.15 else syllables(r, tongue)


def tongue_of(r):
    return r.choices(["kk", "ru", "la"], [0.42, 0.4, 0.18])[0]


def cased(r, text):
    x = r.random()
    return text.upper() if x < 0.5 else text.capitalize() if x < 0.72 else text.title() if x < 0.8 else text.lower()


def name(r, tongue):
    parts = [(syllables(r, tongue) + (r.choice(ENDINGS[tongue]) if r.random() < 0.7 else "")).capitalize() for _ in range(r.choice([1, 1, 2, 2, 3]))]
    if r.random() < 0.1:
        parts[-1] += "-" + syllables(r, tongue).capitalize()
    if r.random() < 0.08:
        parts[1:] = ["%s." % r.choice({"kk": KK_UP, "ru": RU_UP, "la": LAT_UP}[tongue]) for _ in range(2)]
    text = " ".join(parts)
    return text.upper() if r.random() < 0.7 else text


def iin(r):
    """Twelve digits, or IIN-like: a birth in 18xx (seventh digit 1 or 2), any check digit."""
    return "%02d%02d%02d%s%s" % (r.randint(0, 99), r.randint(1, 12), r.randint(1, 28), r.choice("12"), digits(r, 5))


def iin_line(r):
    n = iin(r)
    x = r.random()
    if x < 0.5:
        return n
    if x < 0.6:
        return r.choice(["%s %s", "%s  %s", "%s / %s"]) % (n[:6], n[6:])
    if x < 0.65:
        return " ".join((n[:3], n[3:6], n[6:9], n[9:])) if r.random() < 0.5 else " ".join(n)
    label = r.choice(["ЖСН", "ИИН", "ЖСН/ИИН", "ЖСН / ИИН", "ИИН:", "ЖСН:", "IIN", "ИИН №", "ЖСН/ИИН:", "жсн", "иин", "ЖСН/IIN"])
    return label + " " + n if r.random() < 0.85 else label + n


def date(r):
    d, m, y = r.randint(1, 31), r.randint(1, 12), r.randint(1930, 2039)
    return r.choice(["%02d.%02d.%04d"] * 6 + ["%02d/%02d/%04d", "%02d-%02d-%04d", "%02d %02d %04d"]) % (d, m, y)


def dates(r):
    if r.random() < 0.6:
        return date(r) + r.choice(["", "", "", "", " г.", "ж."])
    return date(r) + r.choice([" - ", "-", " – ", " / "]) + date(r)


def number(r):
    x = r.random()
    if x < 0.35:
        return r.choice(["", "", "", "№ ", "№", "No ", "N "]) + digits(r, 9)
    if x < 0.65:
        return r.choice("NNNNSABDCP") + digits(r, r.choice([8, 8, 7]))
    if x < 0.75:
        return digits(r, r.randint(1, 11))
    if x < 0.85:
        return r.choice(LAT_UP) + r.choice(LAT_UP) + r.choice(["", " "]) + digits(r, r.randint(6, 7))
    return r.choice(["№ %s-%s", "%s/%s", "%s-%s", "№%s/%s", "%s %s", "KZ%s %s"]) % (digits(r, r.randint(2, 5)), digits(r, r.randint(1, 6)))


def phone(r):
    a, b, c, d = digits(r, 3), digits(r, 3), digits(r, 2), digits(r, 2)
    return r.choice(["+7 %s %s %s %s", "+7 (%s) %s-%s-%s", "8 (%s) %s-%s-%s", "+7%s%s%s%s", "8-%s-%s-%s-%s", "тел. %s %s %s %s", "Tel: +7(%s)%s-%s-%s"]) % (a, b, c, d)


def address(r):
    tongue = tongue_of(r)
    form = r.choice(PLACES[tongue])
    parts = [syllables(r, tongue).capitalize()] + [str(r.randint(1, 240)) for _ in range(form.count("{}") - 1)]
    if form.startswith("г. {}, "):
        parts[1] = syllables(r, tongue).capitalize()
    text = form.format(*parts)
    return text.upper() if r.random() < 0.4 else text


def sentence(r):
    tongue = tongue_of(r)
    parts = []
    size = r.randint(6, 44)
    while sum(map(len, parts)) + len(parts) < size:
        w = r.choice(COMMON[tongue]) if r.random() < 0.45 else word(r, tongue)
        x = r.random()
        if x < 0.05:
            w = r.choice(['«%s»', '"%s"', "(%s)", "%s;", "%s:", "%s?", "%s!", "'%s'", "[%s]", "№ %s", "%s,", "“%s”"]) % w
        elif x < 0.15:
            w += r.choice(",,,..")
        elif x < 0.2:
            w = r.choice([str(r.randint(0, 9999)), date(r), digits(r, r.randint(1, 6)), "–", "-", w + "-" + word(r, tongue)])
        parts.append(w)
    text = " ".join(parts)
    x = r.random()
    return text[0].upper() + text[1:] if x < 0.45 else text.upper() if x < 0.57 else text


def cell(r):
    x = r.random()
    if x < 0.4:
        n = r.randint(0, 10 ** r.randint(1, 8))
        return r.choice(["%d" % n, "{:,}".format(n).replace(",", " "), "%.2f" % (n / 100), ("%.2f" % (n / 100)).replace(".", ","), "%d%%" % (n % 101), "+%d" % n, "-%d" % n, "= %d" % n,
                         "%d шт." % n, "{:,}".format(n), "%d:%02d" % (n % 24, n % 60), "%d x %d" % (n % 999, n % 77), "%d кг" % n, "%d тг" % n])
    if x < 0.6:
        return r.choice(["%d.", "%d)", "(%d)", "п. %d", "стр. %d", "- %d -", "%d.1", "№ %d", "#%d"]) % r.randint(1, 400)
    if x < 0.75:
        return r.choice(LAT_LOW) + word(r, "la") + r.choice(["@", "_", ".", "/", "\\", "&", "=", "*"]) + word(r, "la") + r.choice([".kz", ".com", ".pdf", "_%d" % r.randint(0, 99), ""])
    if x < 0.9:
        return cased(r, word(r, tongue_of(r))) + r.choice([":", "", "", ".", " *", " -", " ="])
    return r.choice(["М", "Ж", "М / M", "Ж / F", "Е/М", "ӘЙ/Ж", "KAZ", "P", "PC", "ІІІ", "IV", "XII", "А", "В", "С1", "1-1", "II"])


def zone_row(r):
    """Like a row of a machine readable zone: capitals, digits and fillers."""
    x = r.random()
    if x < 0.45:
        text = r.choice(["P<KAZ", "I<KAZ", "IDKAZ", "", "P<", "V<"]) + "<<".join(word(r, "la").upper() for _ in range(2)) + "<" * r.randint(1, 12)
    elif x < 0.8:
        text = digits(r, r.randint(6, 10)) + "KAZ" + digits(r, 7) + r.choice("MF<") + digits(r, 7) + "<" * r.randint(0, 9) + digits(r, r.randint(0, 2))
    else:
        text = "".join(r.choice(LAT_UP + "<<<<<<0123456789") for _ in range(r.randint(5, 36)))
    return text[:r.randint(12, 44)]


def label(r):
    x = r.random()
    if x < 0.4:
        a, b = r.choice(PAIRS).split("|")
        if r.random() < 0.2:
            a, b = b, a
        text = r.choice([a, b]) if r.random() < 0.5 else a + r.choice([" / ", "/", " /", "/ ", " ", " | "]) + b
    elif x < 0.92:
        text = r.choice(LABELS)
        if r.random() < 0.15:
            text += r.choice([" / ", "/"]) + r.choice(LABELS)
    else:
        text = r.choice(AUTHORITIES)
    x = r.random()
    if x < 0.25:
        text = text.capitalize()
    elif x < 0.32:
        text = text.title()
    elif x < 0.42:
        text = text.lower()
    if r.random() < 0.12:
        text += ":"
    if r.random() < 0.06:
        text = text.replace(" ", "  ")
    if r.random() < 0.1 and len(text) < 24:
        text += " " + r.choice([name, lambda q, _: date(q), lambda q, _: number(q)])(r, r.choice(["kk", "ru"]))
    return text


def words(r):
    tongue = tongue_of(r)
    text = " ".join(word(r, tongue) for _ in range(r.choice([1, 1, 1, 2, 2, 3, 4])))
    text = cased(r, text)
    if r.random() < 0.06:
        text = text + r.choice([" / ", "/", " - ", "-", ", ", ": ", " & ", " + ", " (", " №"]) + cased(r, word(r, tongue_of(r)))
    return text


def jumble(r):
    """Letters, digits and marks of the whole alphabet in no order: what no language prepares for."""
    pool = r.choice([KK_UP, KK_UP + KK_LOW, LAT_UP + LAT_LOW, ALPHABET, LAT_UP + "0123456789", KK_UP + "0123456789", ALPHABET[-29:] + KK_UP])
    return "".join(r.choice(pool) if r.random() < 0.9 else " " for _ in range(r.randint(1, 22)))


KINDS = {"label": (label, 0.2), "words": (words, 0.26), "name": (lambda r: name(r, tongue_of(r)), 0.1), "sentence": (sentence, 0.12), "iin": (iin_line, 0.075),
         "date": (dates, 0.055), "number": (number, 0.035), "address": (address, 0.035), "zone": (zone_row, 0.07), "phone": (phone, 0.015), "cell": (cell, 0.045), "jumble": (jumble, 0.03)}
_NAMES, _SHARES = list(KINDS), [share for _, share in KINDS.values()]


def line(r, kind=None):
    """(text as printed, kind). 1 to about 45 characters."""
    while True:
        k = kind or r.choices(_NAMES, _SHARES)[0]
        text = KINDS[k][0](r).strip()
        if len(text) > 46:
            # A line that goes on past the crop; what it started as can no longer be told.
            text = text[:46].strip() if k == "label" else text[r.randint(0, 6):46].strip()
        text = "".join(c for c in text if c in ALPHABET or c in LIKE)
        if shapes(text):
            return text, k


if __name__ == "__main__":
    import random
    import sys

    if sys.argv[1:]:
        with open(sys.argv[1], "w", encoding="utf-8") as out:
            out.write(ALPHABET + "\n")
    assert len(set(ALPHABET)) == len(ALPHABET) and not set(ALPHABET) & set(LIKE)
    r = random.Random(1)
    for _ in range(60):
        print("%-9s %s" % line(r)[::-1])
    print(len(ALPHABET))
