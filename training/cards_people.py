"""Invented people, their numbers and the zones of their documents, for cards.py.

Everyone here was born in 18xx: the seventh digit of an IIN is 1 or 2, and printed years agree with it.
"""


import mrzgen

pick = mrzgen.pick

STEMS = ("ТЕСТ", "МЫСАЛ", "ҮЛГІ", "ҚАЙСАР", "ӘДІЛ", "ӨМІР", "ҰЛАН", "ҒАЛЫМ", "ЖҮНІС", "СҰЛТАН", "БЕКҚҰЛ", "НҰРҒАЛИ", "ТӨЛЕГЕН", "ОҢҒАР", "СӘРСЕН", "ИСКАК", "АХМЕТ", "БАЙМҰРАТ",
         "ЖАҚСЫБЕК", "ҚОЖАХМЕТ", "ПЕТР", "СИДОР", "КУЗНЕЦ", "ОРЛ", "КИМ", "ЦОЙ", "ШЕВЧЕНК", "ТҮСІП", "ӘШІРБЕК", "РАХЫМЖАН", "ДҮЙСЕН", "САТЫБАЛДЫ", "ҚҰДАЙБЕРГЕН", "ЕСҚАЛИ")
MEN = ("АЙДОС", "НҰРЛАН", "ДАНИЯР", "ЖАНАР", "ЕРЛАН", "БЕКЗАТ", "АРМАН", "ТИМУР", "ҚАНАТ", "ӘЛІХАН", "ӨТКІР", "ҒАБИТ", "СЕРГЕЙ", "ИВАН", "ДМИТРИЙ", "АЛЕКСЕЙ", "ҰЛАН", "ЖҮСІП", "МҰРАТ", "САНЖАР")
WOMEN = ("АЙГҮЛ", "ӘСЕЛ", "ГҮЛНАРА", "МӘДИНА", "СӘУЛЕ", "ӘЛИЯ", "ДИНАРА", "ОЛЬГА", "АННА", "МАРИЯ", "ЕЛЕНА", "НАТАЛЬЯ", "ҚАРЛЫҒАШ", "ҮМІТ", "ЖҰЛДЫЗ", "ЗЕЙНЕП", "АҚМАРАЛ", "ІҢКӘР", "РОЗА")
FATHERS = ("ТЕСТ", "АХМЕТ", "СЕРІК", "БОЛАТ", "ҚАЙРАТ", "МҰХТАР", "ӘБДІ", "ТӨЛЕУ", "ИВАН", "ПЕТР", "НҰРЖАН", "ҒАНИ", "ЕРМЕК", "СӘКЕН")
PLACES = ("АЛМАТЫ ОБЛЫСЫ", "АСТАНА", "ҚОСТАНАЙ ОБЛЫСЫ", "ШЫМКЕНТ", "ҚАРАҒАНДЫ", "АТЫРАУ ОБЛЫСЫ", "МАҢҒЫСТАУ ОБЛЫСЫ", "ТҮРКІСТАН ОБЛЫСЫ", "СЕМЕЙ", "ӨСКЕМЕН", "АҚТӨБЕ", "ҚАЗАҚСТАН")
NATIONS = ("ҚАЗАҚ", "ОРЫС", "ӨЗБЕК", "ҰЙҒЫР", "УКРАИН", "КӘРІС", "НЕМІС", "ТАТАР")
LATIN = dict(zip("АБВГДЕЖЗИЙКЛМНОПРСТУФЦЫЭӘҒҚҢӨҰҮІЬЪ", ("A B V G D E ZH Z I Y K L M N O P R S T U F TS Y E A G K N O U U I _ _").replace("_", "").split(" ")))
LATIN.update({"Х": "KH", "Ч": "CH", "Ш": "SH", "Щ": "SHCH", "Ю": "YU", "Я": "YA", "Ё": "YO", "Һ": "H"})


def latin(words):
    return "".join(LATIN.get(c, c) for c in words)


class Person:
    """Names in Cyrillic and Latin, a birth in 18xx and an IIN that agrees with it."""

    def __init__(self, rng):
        self.woman = bool(rng.random() < 0.5)
        while True:
            number = mrzgen.iin(rng)
            if (number[6] == "2") == self.woman:
                break
        self.iin = number
        self.born6 = number[:6]
        self.born = "%s.%s.18%s" % (number[4:6], number[2:4], number[:2])
        stem = pick(rng, STEMS)
        self.surname = stem + (pick(rng, ("ОВА", "ЕВА", "ИНА", "ҚЫЗЫ")) if self.woman else pick(rng, ("ОВ", "ЕВ", "ИН", "ҰЛЫ", "")))
        self.given = pick(rng, WOMEN if self.woman else MEN)
        self.father = pick(rng, FATHERS) + (pick(rng, ("ОВНА", "ҚЫЗЫ", "КЫЗЫ")) if self.woman else pick(rng, ("ОВИЧ", "ҰЛЫ", "УЛЫ"))) if rng.random() < 0.85 else ""
        self.sex = "F" if self.woman else "M"
        self.sex_kk = "Ә" if self.woman else "Е"
        self.sex_ru = "Ж" if self.woman else "М"
        self.place = pick(rng, PLACES)
        self.nation = pick(rng, NATIONS)
        self.number = mrzgen.digits(rng, 9)
        self.passport = mrzgen.digits(rng, 8)
        y, m, d = int(rng.integers(2012, 2026)), int(rng.integers(1, 13)), int(rng.integers(1, 28))
        self.issued = "%02d.%02d.%d" % (d, m, y)
        self.until = "%02d.%02d.%d" % (d, m, y + 10)
        self.until6 = "%02d%02d%02d" % ((y + 10) % 100, m, d)

    @property
    def latin_name(self):
        return latin(self.surname), latin(self.given)

    @property
    def full(self):
        return " ".join(w for w in (self.surname, self.given, self.father) if w)

    def row(self, width):
        return mrzgen.fill("<<".join(self.latin_name), width)


def spoilt(rng, digit):
    return str((int(digit) + int(rng.integers(1, 10))) % 10)


def td1(rng, p, code="ID", state="KAZ", nation="KAZ", number=None, optional=None, wrong=False):
    """Rows of a card. `wrong` misprints the composite digit only."""
    number = mrzgen.fill(number or p.number, 9)
    one = code + state + number + mrzgen.check(number) + mrzgen.fill(p.iin if optional is None else optional, 15)
    two = p.born6 + mrzgen.check(p.born6) + p.sex + p.until6 + mrzgen.check(p.until6) + nation + "<" * 11
    last = mrzgen.check(one[5:30] + two[0:7] + two[8:15] + two[18:29])
    return [one, two + (spoilt(rng, last) if wrong else last), p.row(30)]


def td3(rng, p, code="P<", state="KAZ", nation="KAZ", number=None, optional=None, wrong=False):
    """Rows of a passport. `wrong` misprints the composite or the optional field's digit."""
    number = mrzgen.fill(number or "N" + p.passport, 9)
    one = code + state + p.row(39)
    two = number + mrzgen.check(number) + nation + p.born6 + mrzgen.check(p.born6) + p.sex + p.until6 + mrzgen.check(p.until6)
    opt = mrzgen.fill(p.iin if optional is None else optional, 14)
    digit = "<" if set(opt) == {"<"} and rng.random() < 0.5 else mrzgen.check(opt)
    if wrong and digit != "<" and rng.random() < 0.4:
        digit, wrong = spoilt(rng, digit), False
    two += opt + digit
    last = mrzgen.check(two[0:10] + two[13:20] + two[21:43])
    return [one, two + (spoilt(rng, last) if wrong else last)]


def td2(rng, p, code, state, nation, number, optional="", wrong=False):
    number = mrzgen.fill(number, 9)
    one = code + state + p.row(31)
    two = number + mrzgen.check(number) + nation + p.born6 + mrzgen.check(p.born6) + p.sex + p.until6 + mrzgen.check(p.until6) + mrzgen.fill(optional, 7)
    last = mrzgen.check(two[0:10] + two[13:20] + two[21:35])
    return [one, two + (spoilt(rng, last) if wrong else last)]


def visa(rng, p, width, state, nation, number):
    one = "V" + pick(rng, "<CS") + state + p.row(width - 5)
    number = mrzgen.fill(number, 9)
    two = number + mrzgen.check(number) + nation + p.born6 + mrzgen.check(p.born6) + p.sex + p.until6 + mrzgen.check(p.until6)
    return [one, mrzgen.fill(two + mrzgen.digits(rng, int(rng.integers(0, 5))), width)]


def french(rng, p):
    one = "IDFRA" + mrzgen.fill(latin(p.surname), 25) + mrzgen.digits(rng, 6)
    head = mrzgen.digits(rng, 12)
    two = head + mrzgen.check(head) + mrzgen.fill(latin(p.given), 14) + p.born6 + mrzgen.check(p.born6) + p.sex
    return [one, two + mrzgen.check(one + two)]


