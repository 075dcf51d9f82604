"""Invented people and the rows of their documents, as the held-out cards print them.

Names are syllables and a few common given names; every IIN has 1 or 2 as its seventh digit. What is printed as
birth date has the same last two digits of the year, in 19xx or 20xx, as on the documents people hold.
"""

import mrzgen
from mrzgen import pick

MEN = "АЙДОС НҰРЛАН ДАНИЯР ЕРЛАН БЕКЗАТ АРМАН ТИМУР ҚАНАТ СЕРГЕЙ ИВАН ДМИТРИЙ АЛЕКСЕЙ ӘЛІБЕК ҒАЛЫМ БАУЫРЖАН ҚУАНЫШ ЖӘНІБЕК МҰРАТ СӘКЕН ӨМІРБЕК ВИКТОР РУСЛАН".split()
WOMEN = "АЙГҮЛ ӘСЕЛ ЖАНАР ГҮЛНАР МӘДИНА СӘУЛЕ ӘЛИЯ ДИНАРА ОЛЬГА АННА МАРИЯ ЕЛЕНА НАТАЛЬЯ ҚЫЗЖІБЕК ТОҒЖАН АЙНҰР МӨЛДІР ЖҰЛДЫЗ КҮЛӘШ ҚАРЛЫҒАШ ТАТЬЯНА ИРИНА".split()
BITS = "АЛ БАЙ БЕК БЕР ГАЙ ДӘУ ДОС ЕР ЖА ЖҮН ЖҰМА ИС КАР КЕН ҚАЛ ҚАС ҚОЖ ЛЕС МА МҰ МЫР НА НҰР ОМ ОРА ӨТЕ РАХ САР СЕЙ СМА ТАЛ ТЕМ ТОЛ ТӨЛЕ УС ҮСЕН ФЕД ХАМ ШАЙ ШО ЫДЫ".split()
MIDDLE = "БА ГЕЛ ДИ ЖАН ЗА КЕЛ ҚЫ ЛЫ МА МЕ НА НИ РА РЕ СЕ ТА ТУ ҒАЛ ХА ША".split()
PLACES = "АЛМАТЫ|АСТАНА|ШЫМКЕНТ|ҚАРАҒАНДЫ|АҚТӨБЕ|ТАРАЗ|ПАВЛОДАР|ӨСКЕМЕН|СЕМЕЙ|АТЫРАУ|ҚОСТАНАЙ|ҚЫЗЫЛОРДА|ОРАЛ|ПЕТРОПАВЛ|АҚТАУ|ТҮРКІСТАН|КӨКШЕТАУ|ТАЛДЫҚОРҒАН".split("|")
REGIONS = "АЛМАТЫ ОБЛЫСЫ|ҚАРАҒАНДЫ ОБЛЫСЫ|ТҮРКІСТАН ОБЛЫСЫ|АБАЙ ОБЛЫСЫ|ЖЕТІСУ ОБЛЫСЫ|АҚМОЛА ОБЛЫСЫ|ШЫҒЫС ҚАЗАҚСТАН ОБЛЫСЫ|ҰЛЫТАУ ОБЛЫСЫ".split("|")
NATIONS = "ҚАЗАҚ / КАЗАХ|ОРЫС / РУССКИЙ|ӨЗБЕК / УЗБЕК|ҰЙҒЫР / УЙГУР|ТАТАР / ТАТАРИН|НЕМІС / НЕМЕЦ|КӘРІС / КОРЕЕЦ|УКРАИН / УКРАИНЕЦ|ДҮНГЕН / ДУНГАНИН".split("|")

LATIN = dict(zip("АБВГДЕЁЗИЙКЛМНОПРСТУФХЦЫЭӘҒҚҢӨҰҮҺІЪЬ", "A B V G D E E Z I Y K L M N O P R S T U F KH TS Y E A G Q N O U U H I . .".split()))
LATIN.update({"Ж": "ZH", "Ч": "CH", "Ш": "SH", "Щ": "SHCH", "Ю": "YU", "Я": "YA", "Ъ": "", "Ь": "", "Қ": "K"})


def latin(text):
    return "".join(LATIN.get(c, c) for c in text.upper())


def dmy(yymmdd, century, sep="."):
    return sep.join([yymmdd[4:6], yymmdd[2:4], century + yymmdd[0:2]])


class Person:
    def __init__(self, rng):
        self.iin = mrzgen.iin(rng)
        while not ("30" <= self.iin[:2] or self.iin[:2] < "08"):
            self.iin = mrzgen.iin(rng)
        self.man = self.iin[6] == "1"
        root = pick(rng, BITS) + (pick(rng, MIDDLE) if rng.random() < 0.75 else "") + (pick(rng, MIDDLE) if rng.random() < 0.15 else "")
        end = pick(rng, ["ОВ", "ЕВ", "БАЕВ", "БЕКОВ", "ИН"]) + ("" if self.man else "А")
        self.surname = root + (end if rng.random() < 0.8 else pick(rng, ["", "ҰЛЫ" if self.man else "ҚЫЗЫ", "КО"]))
        self.given = pick(rng, MEN if self.man else WOMEN)
        father = pick(rng, MEN)
        r = rng.random()
        if r < 0.5:
            self.patronymic = father + ("ҰЛЫ" if self.man else "ҚЫЗЫ")
        elif r < 0.94:
            stem = father[:-1] + "Е" if father[-1] in "ЙЬ" else father + "О"
            self.patronymic = stem + ("ВИЧ" if self.man else "ВНА")
        else:
            self.patronymic = ""
        self.birth = self.iin[:6]
        self.born = dmy(self.birth, "20" if self.birth < "10" else "19")
        year, month, day = int(rng.integers(14, 26)), int(rng.integers(1, 13)), int(rng.integers(2, 28))
        self.issue = "%02d%02d%02d" % (year, month, day)
        self.expiry = "%02d%02d%02d" % (year + 10, month, day - 1)
        self.issued, self.expires = dmy(self.issue, "20"), dmy(self.expiry, "20")
        self.number = "0" + mrzgen.digits(rng, 8)
        self.passport = "N" + mrzgen.digits(rng, 8)
        self.city, self.region, self.nation = pick(rng, PLACES), pick(rng, REGIONS), pick(rng, NATIONS)
        self.sex = "M" if self.man else "F"
        self.face = int(rng.integers(1 << 30))

    def roman(self, width):
        return mrzgen.fill(latin(self.surname) + "<<" + latin(self.given), width)


def spoil(rng, line, at):
    """Another printed check digit at `at` than the right one."""
    wrong = str((int(line[at]) + int(rng.integers(1, 10))) % 10)
    return line[:at] + wrong + line[at + 1:]


def td1(rng, who, code="ID", nat="KAZ", wrong=False):
    one = code + "KAZ" + who.number + mrzgen.check(who.number) + who.iin + "<<<"
    two = who.birth + mrzgen.check(who.birth) + who.sex + who.expiry + mrzgen.check(who.expiry) + nat + "<" * 11
    two += mrzgen.check(one[5:30] + two[0:7] + two[8:15] + two[18:29])
    return [one, spoil(rng, two, 29) if wrong else two, who.roman(30)]


def td3(rng, who, code="P<", nat="KAZ", number=None, wrong=False):
    number = number or who.passport
    one = code + "KAZ" + who.roman(39)
    two = number + mrzgen.check(number) + nat + who.birth + mrzgen.check(who.birth) + who.sex + who.expiry + mrzgen.check(who.expiry)
    personal = who.iin + "<<"
    two += personal + mrzgen.check(personal)
    two += mrzgen.check(two[0:10] + two[13:20] + two[21:43])
    return [one, spoil(rng, two, 43) if wrong else two]


def foreign(rng, kind):
    """(state, [rows], fields) of a document of another country; the fields are read back from its rows."""
    while True:
        rows = mrzgen.zone(rng, kind)[1]
        state = rows[0][2:5].replace("<", "")
        if state not in ("KAZ", "XXA", "XXX", "UTO", "UNO") and rows[0][1] not in "PR" and rows[0][:2] != "AC":
            break
    if kind == "td1":
        number, birth, sex, expiry, nat, name = rows[0][5:14], rows[1][0:6], rows[1][7], rows[1][8:14], rows[1][15:18], rows[2]
    elif kind == "fr":
        number, birth, sex, expiry, nat = rows[1][:12], rows[1][27:33], rows[1][34], "", "FRA"
        name = rows[0][5:30].rstrip("<") + "<<" + rows[1][13:27]
    else:
        number, birth, sex, expiry, nat, name = rows[1][0:9], rows[1][13:19], rows[1][20], rows[1][21:27], rows[1][10:13], rows[0][5:]
    surname, _, given = name.partition("<<")
    tidy = lambda text: text.replace("<", " ").strip()
    return state, rows, {"number": tidy(number), "birth": birth, "sex": sex.replace("<", "X"), "expiry": expiry, "nat": tidy(nat), "surname": tidy(surname), "given": tidy(given)}
