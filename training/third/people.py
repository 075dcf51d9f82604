"""Chance, invented people with their numbers, and the rows of machine readable zones (ICAO 9303)."""

import random

import numpy as np


class Rng(random.Random):
    """One stream for a file: plain choices from random, fields from numpy."""

    def __init__(self, seed):
        super().__init__(seed)
        self.np = np.random.RandomState((seed * 2654435761 + 12345) & 0xFFFFFFFF)

    def chance(self, share):
        return self.random() < share

    def between(self, low, high):
        return self.uniform(low, high)


WEIGHTS = list(range(1, 12))
WEIGHTS_AGAIN = [3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]


def new_iin(rng, birth, sex):
    """Number of an invented person: seventh digit 1 or 2 (born 18xx), which no living person has."""
    while True:
        s = "%02d%02d%02d" % (birth[0] % 100, birth[1], birth[2]) + ("1" if sex == "M" else "2") + "%04d" % rng.randrange(10000)
        d = [int(c) for c in s]
        k = sum(a * b for a, b in zip(d, WEIGHTS)) % 11
        if k == 10:
            k = sum(a * b for a, b in zip(d, WEIGHTS_AGAIN)) % 11
        if k < 10:
            return s + str(k)


def check_digit(s):
    """Check digit of ICAO 9303."""
    v = 0
    for i, c in enumerate(s):
        x = int(c) if c.isdigit() else 0 if c == "<" else ord(c) - 55
        v += x * (7, 3, 1)[i % 3]
    return str(v % 10)


CYRILLIC = dict(
    zip("АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЫЭЮЯЁӘҒҚҢӨҰҮҺІ", "A B V G D E ZH Z I I K L M N O P R S T U F KH TS CH SH SHCH Y E YU YA E A G K N O U U H I".split())
)

CYRILLIC.update({"Ъ": "", "Ь": ""})
LATIN = dict(
    pair.split("=")
    for pair in (
        "Ä=AE Ö=OE Ü=UE Å=AA Ø=OE Æ=AE ß=SS ẞ=SS Ñ=N Ç=C É=E È=E Ê=E Ë=E Á=A À=A Â=A Ã=A Í=I Î=I Ï=I Ó=O Ô=O Õ=O Ő=O Ú=U Ű=U Û=U Ý=Y Č=C Ć=C Đ=D Ď=D "
        "Ě=E Ę=E Ą=A Ł=L Ń=N Ň=N Ř=R Š=S Ś=S Ş=S Ș=S Ť=T Ț=T Ů=U Ž=Z Ź=Z Ż=Z Ğ=G İ=I Ā=A Ē=E Ī=I Ū=U Ļ=L Ņ=N Ķ=K Ģ=G Ă=A Þ=TH Ð=D"
    ).split()
)


def latin(s):
    """Kazakh, Russian or accented letters as passports write them."""
    return "".join(CYRILLIC.get(c, LATIN.get(c, c)) for c in s.upper())


def zone_name(s):
    """A name in the letters of a zone."""
    return "".join(c if "A" <= c <= "Z" else "<" if c in " -" else "" for c in latin(s))


def name_field(sur, giv, n):
    """Both names, filled up to n characters."""
    s = zone_name(sur) + "<<" + zone_name(giv) if giv else zone_name(sur)
    if len(s) > n:  # cut as ICAO says: letters of the last words go
        a = zone_name(sur)
        g = zone_name(giv).split("<")
        if len(a) > n - 4:
            a = a[: n - 4]
        room = n - len(a) - 2
        s = a + "<<" + "<".join(g)[:room]
    return (s + "<" * n)[:n]


def yymmdd(d):
    """Date as YYMMDD."""
    return "%02d%02d%02d" % (d[0] % 100, d[1], d[2])


def td1_rows(code, issuer, num, opt1, birth, sex, exp, nat, opt2, sur, giv):
    """Three rows of 30."""
    if len(num) > 9:
        l1 = code + issuer.ljust(3, "<") + num[:9] + "<" + num[9:] + check_digit(num) + "<"
    else:
        n = num.ljust(9, "<")
        l1 = code + issuer.ljust(3, "<") + n + check_digit(n) + opt1
    l1 = l1.ljust(30, "<")[:30]
    b = yymmdd(birth)
    e = yymmdd(exp)
    l2 = b + check_digit(b) + sex + e + check_digit(e) + nat.ljust(3, "<") + opt2.ljust(11, "<")[:11]
    l2 += check_digit(l1[5:30] + l2[0:7] + l2[8:15] + l2[18:29])
    return [l1, l2, name_field(sur, giv, 30)]


def td2_td3_rows(code, issuer, num, nat, birth, sex, exp, opt, sur, giv, n):
    """TD2 (36) and TD3 (44)."""
    l1 = code + issuer.ljust(3, "<") + name_field(sur, giv, n - 5)
    num = num.ljust(9, "<")
    b = yymmdd(birth)
    e = yymmdd(exp)
    l2 = num + check_digit(num) + nat.ljust(3, "<") + b + check_digit(b) + sex + e + check_digit(e)
    if n == 44:
        o = opt.ljust(14, "<")[:14]
        l2 += o + (check_digit(o) if opt else "<")
        l2 += check_digit(l2[0:10] + l2[13:20] + l2[21:43])
    else:
        o = opt.ljust(7, "<")[:7]
        l2 += o
        l2 += check_digit(l2[0:10] + l2[13:20] + l2[21:35])
    return [l1, l2]


def visa_rows(issuer, num, nat, birth, sex, exp, opt, sur, giv, n, code="V<"):
    """A visa: two rows of 36 or 44."""
    l1 = code + issuer.ljust(3, "<") + name_field(sur, giv, n - 5)
    num = num.ljust(9, "<")
    b = yymmdd(birth)
    e = yymmdd(exp)
    l2 = num + check_digit(num) + nat.ljust(3, "<") + b + check_digit(b) + sex + e + check_digit(e)
    return [l1, (l2 + opt).ljust(n, "<")[:n]]


def old_french(rng, birth, sex, sur, giv):
    """The French card of before 2021: (rows, number of the card)."""
    dep = "%02d%d" % (rng.randrange(1, 96), rng.randrange(10))
    off = "%03d" % rng.randrange(1, 999)
    l1 = "IDFRA" + zone_name(sur).ljust(25, "<")[:25] + dep + off
    n = "%02d%02d" % (rng.randrange(5, 14), rng.randrange(1, 13)) + dep + "%05d" % rng.randrange(100000)
    l2 = n + check_digit(n) + "<<".join(zone_name(giv).split("<")).ljust(14, "<")[:14]
    b = yymmdd(birth)
    l2 += b + check_digit(b) + sex
    return [l1, l2 + check_digit(l1 + l2)], n


KZ_SURNAMES = (
    "ӘБДІРАХМАНОВ СӘРСЕНБАЕВ ҚҰДАЙБЕРГЕНОВ ЖҰМАБЕКОВ ТҰРҒЫНБАЕВ ӨТЕГЕНОВ ШЫҢҒЫСХАНОВ БЕЙСЕНБІҰЛЫ ҒАБДУЛЛИН ҮСЕНОВ "
    "НҰРПЕЙІСОВ МЫРЗАҒАЛИЕВ КӨПБАЕВ ІЛИЯСОВ ЕСЕНҒАЗЫ ОРЫНТАЕВ ТАСТАНБЕКОВ САҒЫНДЫҚОВ ЖАҚСЫЛЫҚОВ БӨКЕНБАЕВ ҚЫСТАУБАЙ "
    "АҚПАНОВ ДӘУРЕНБЕКОВ РАҚЫМБАЕВ ИСАЕВ ПЕТРЕНКО СОКОЛОВ ВИНОГРАДОВ КИМ ЛИ ТИМОШЕНКО ЮСУПОВ ЩЕРБАКОВ ЦОЙ ШМИДТ ЭРЛИХ ХАН "
    "АХМЕТОВ"
).split()

KZ_MEN = "АЛПАМЫС ДӘУЛЕТ НҰРЖАН ЕРҒАЛИ ӨМІРБЕК ҚАНАТ ІЗБАСАР ҮМІТЖАН ШЫҢҒЫС ТЕМІРЛАН САМАТ БАУЫРЖАН МӘДИ АРТЁМ СЕРГЕЙ АНДРЕЙ ЮРИЙ РУСЛАН ИЛЬЯ ХАМИТ".split()
KZ_WOMEN = "ӘСЕЛ ҒАЛИЯ ҚҰРАЛАЙ НҰРГҮЛ АЙҚЫЗ ІҢКӘР ӨРІМ ҮМІТ ЖАНАР МАҢҒАЗ СӘУЛЕ БАЛЖАН ТОҒЖАН АЙША ОЛЬГА ЕЛЕНА ЮЛИЯ ТАТЬЯНА ЭЛЬМИРА ЩЕРБАТА".split()
KZ_FATHERS_M = "СЕРІКҰЛЫ НҰРЛАНҰЛЫ БОЛАТҰЛЫ ҚАЙРАТҰЛЫ МҰРАТҰЛЫ ҒАНИҰЛЫ ІЛИЯСОВИЧ СЕРГЕЕВИЧ АЛЕКСЕЕВИЧ ЕРБОЛОВИЧ ӨТЕБАЙҰЛЫ".split()
KZ_FATHERS_F = "СЕРІКҚЫЗЫ НҰРЛАНҚЫЗЫ БОЛАТҚЫЗЫ ҚАЙРАТҚЫЗЫ МҰРАТҚЫЗЫ ҒАНИҚЫЗЫ ІЛИЯСОВНА СЕРГЕЕВНА АЛЕКСЕЕВНА ЕРБОЛОВНА ӨТЕБАЙҚЫЗЫ".split()
PLACES = [
    "АЛМАТЫ",
    "АСТАНА",
    "ҚАРАҒАНДЫ ОБЛЫСЫ",
    "ТҮРКІСТАН ОБЛЫСЫ",
    "ШЫҒЫС ҚАЗАҚСТАН ОБЛЫСЫ",
    "ҚОСТАНАЙ",
    "ЖАМБЫЛ ОБЛЫСЫ",
    "АҚТӨБЕ",
    "РОССИЯ",
    "ҚЫЗЫЛОРДА ОБЛЫСЫ",
    "ПАВЛОДАР ОБЛЫСЫ",
    "ӨСКЕМЕН",
    "ӨЗБЕКСТАН",
]


class Person:
    pass


def kz_person(rng):
    """A holder of a Kazakh document."""
    q = Person()
    q.sex = rng.choice("MF")
    q.birth = (rng.randrange(1948, 2008), rng.randrange(1, 13), rng.randrange(1, 29))
    q.sur = rng.choice(KZ_SURNAMES)
    if q.sex == "F" and q.sur.endswith(("ОВ", "ЕВ")):
        q.sur += "А"
    q.giv = rng.choice(KZ_MEN if q.sex == "M" else KZ_WOMEN)
    q.pat = rng.choice(KZ_FATHERS_M if q.sex == "M" else KZ_FATHERS_F) if rng.chance(0.9) else ""
    q.iin = new_iin(rng, q.birth, q.sex)
    q.num = "%09d" % rng.randrange(10000000, 70000000) if rng.chance(0.9) else "%09d" % rng.randrange(100000000, 999999999)
    y = rng.randrange(2014, 2026)
    q.issue = (y, rng.randrange(1, 13), rng.randrange(1, 29))
    q.exp = (y + 10, q.issue[1], max(1, q.issue[2] - 1))
    q.place = rng.choice(PLACES)
    return q


STATES = [  # issuer, name, passport words, ID words, surnames, given names (M F)
    (
        "D",
        "BUNDESREPUBLIK DEUTSCHLAND",
        "REISEPASS / PASSPORT / PASSEPORT",
        "PERSONALAUSWEIS / IDENTITY CARD",
        "MÜLLER|GRÖßER|VON DER HEYDE|SCHÄFER",
        "JÖRG|HANS-PETER|LUKAS",
        "ÄNNE|KÄTHE MARIE|URSULA",
    ),
    (
        "FRA",
        "RÉPUBLIQUE FRANÇAISE",
        "PASSEPORT / PASSPORT",
        "CARTE NATIONALE D'IDENTITÉ / IDENTITY CARD",
        "LEFÈVRE|D'ARCY|BEAUMONT-GIRARD",
        "FRANÇOIS|JEAN BAPTISTE",
        "ÉLODIE|ANAÏS MARGUERITE",
    ),
    ("GBR", "UNITED KINGDOM OF GREAT BRITAIN", "PASSPORT", "IDENTITY CARD", "OSBOURNE|FITZWILLIAM|LI", "AIDAN|CHRISTOPHER JAMES", "SIOBHAN|VICTORIA"),
    (
        "POL",
        "RZECZPOSPOLITA POLSKA",
        "PASZPORT / PASSPORT",
        "DOWÓD OSOBISTY / IDENTITY CARD",
        "WŁODARCZYK|ŻÓŁKIEWSKA|KĘDZIERSKI",
        "ŁUKASZ|STANISŁAW",
        "MAŁGORZATA|ŻANETA",
    ),
    (
        "UZB",
        "O'ZBEKISTON RESPUBLIKASI",
        "PASPORT / PASSPORT",
        "SHAXS GUVOHNOMASI / IDENTITY CARD",
        "TO'XTAYEV|XOLMATOVA|ERGASHEV",
        "JASUR|BOTIR",
        "DILNOZA|SHAHNOZA",
    ),
    (
        "KGZ",
        "КЫРГЫЗ РЕСПУБЛИКАСЫ / KYRGYZ REPUBLIC",
        "ПАСПОРТ / PASSPORT",
        "ИДЕНТИФИКАЦИЯЛЫК КАРТА / IDENTITY CARD",
        "ASANBEKOV|TOKTOGULOVA|DZHUMALIEV",
        "NURBEK|AIBEK",
        "CHOLPON|AIGERIM",
    ),
    ("RUS", "РОССИЙСКАЯ ФЕДЕРАЦИЯ / RUSSIAN FEDERATION", "ПАСПОРТ / PASSPORT", "ID", "KHVOSTOV|ERSHOVA|SHCHUKIN", "DMITRII|FEDOR", "LIUBOV|ZHANNA"),
    ("TUR", "TÜRKİYE CUMHURİYETİ", "PASAPORT / PASSPORT", "KİMLİK KARTI / IDENTITY CARD", "ÖZTÜRK|ÇELİKOĞLU|ŞAHİN", "ÖMER FARUK|ÇAĞRI", "GÜLŞEN|AYŞE NUR"),
    ("CHN", "PEOPLE'S REPUBLIC OF CHINA", "PASSPORT", "ID", "ZHANG|OUYANG|LU", "WEI|XIAOMING", "MEI|YUTONG"),
    (
        "ESP",
        "REINO DE ESPAÑA",
        "PASAPORTE / PASSPORT",
        "DOCUMENTO NACIONAL DE IDENTIDAD",
        "NÚÑEZ DE LA PEÑA|GARCÍA IBÁÑEZ",
        "ÍÑIGO|JOSÉ MARÍA",
        "BEGOÑA|MARÍA DEL CARMEN",
    ),
    ("SWE", "SVERIGE / SWEDEN", "PASS / PASSPORT", "NATIONELLT IDENTITETSKORT", "ÅKERSTRÖM|LINDSTRÖM", "ÅKE|BJÖRN OLOF", "ÅSA|SÖLVE"),
    ("UKR", "УКРАЇНА / UKRAINE", "ПАСПОРТ / PASSPORT", "ПАСПОРТ ГРОМАДЯНИНА УКРАЇНИ", "SHCHERBYNA|HRYTSENKO", "OLEKSII|YURII", "OKSANA|YEVHENIIA"),
    ("IND", "REPUBLIC OF INDIA", "PASSPORT", "ID", "VENKATARAMANASWAMY|RAO", "SATYANARAYANA KRISHNAMURTHY|RAVI", "LAKSHMI PRIYADARSHINI|ASHA"),
    ("AZE", "AZƏRBAYCAN RESPUBLİKASI", "PASPORT / PASSPORT", "ŞƏXSİYYƏT VƏSİQƏSİ", "ALIYEV|GULIYEVA", "ELCHIN|RASHAD", "GUNAY|LEYLA"),
    ("KOR", "REPUBLIC OF KOREA", "PASSPORT", "ID", "KIM|NAMGUNG", "MINJUN|JIHO", "SEOYEON|HYEJIN"),
    (
        "NLD",
        "KONINKRIJK DER NEDERLANDEN",
        "PASPOORT / PASSPORT",
        "IDENTITEITSKAART / IDENTITY CARD",
        "VAN DEN BROEK|DE VRIES",
        "WILLEM|JAN PIETER",
        "SASKIA|WILHELMINA ANNA",
    ),
    ("LVA", "LATVIJAS REPUBLIKA", "PASE / PASSPORT", "PERSONAS APLIECĪBA", "BĒRZIŅŠ|KĻAVIŅA", "JĀNIS|ĢIRTS", "LĪGA|ŅINA"),
    ("ROU", "ROMÂNIA", "PAȘAPORT / PASSPORT", "CARTE DE IDENTITATE", "ȚĂRANU|ȘTEFĂNESCU", "MIHAI|ȘERBAN", "IOANA|RUXANDRA"),
    ("USA", "UNITED STATES OF AMERICA", "PASSPORT", "IDENTITY CARD", "WASHBURN|O'DONOGHUE", "TYLER|BENJAMIN", "MADISON|ABIGAIL ROSE"),
    ("UTO", "UTOPIA", "PASSPORT", "IDENTITY CARD", "ERIKSSON-TESTER|AB", "ANNA|BO", "ANNA MARIA|EVA"),
    ("MNG", "MONGOLIA", "PASSPORT", "ID", "BATBAYAR|ENKHBOLD", "TEMUJIN|GANZORIG", "OYUUNCHIMEG|SARNAI"),
    ("TJK", "ҶУМҲУРИИ ТОҶИКИСТОН / TAJIKISTAN", "ШИНОСНОМА / PASSPORT", "ID", "RAHMONOV|SHARIPOVA", "FIRUZ|JAMSHED", "NIGINA|ZARRINA"),
]


def foreign_person(rng, row):
    """A holder out of one row of STATES."""
    who = Person()
    who.sex = rng.choice("MMFF")
    who.birth = (rng.randrange(1945, 2015), rng.randrange(1, 13), rng.randrange(1, 29))
    who.sur = rng.choice(row[4].split("|"))
    who.giv = rng.choice(row[5 if who.sex == "M" else 6].split("|"))
    if rng.chance(0.08):
        who.giv = ""
    if rng.chance(0.1):
        who.sur += " " + rng.choice(row[4].split("|"))
    year = rng.randrange(2015, 2026)
    who.issue = (year, rng.randrange(1, 13), rng.randrange(1, 29))
    who.exp = (year + rng.choice([5, 10]), who.issue[1], who.issue[2])
    letters = rng.choice(["", "A", "AB", "C", "X", "EF"])
    who.num = letters + "".join(rng.choice("0123456789") for _ in range(9 - len(letters) if rng.chance(0.8) else 8 - len(letters)))
    if rng.chance(0.1):
        who.num = "".join(rng.choice("0123456789CFGHJKLMNPRTVWXYZ") for _ in range(9))
    who.sexm = who.sex if rng.chance(0.97) else "<"
    return who


def dmy(d, sep="."):
    """Day, month, year."""
    return "%02d%s%02d%s%04d" % (d[2], sep, d[1], sep, d[0])
