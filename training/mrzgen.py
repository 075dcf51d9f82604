"""Invented machine readable zones: ICAO 9303 grammar with true or random check digits.

`zone(rng)` gives (format, [lines]). Nothing here names a person: names are built from syllables and a few
common given names, numbers are random, and every IIN has 1 or 2 as its seventh digit (a birth in 18xx).
"""

ALPHABET = "<0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

STATES = (
    "KAZ KAZ KAZ KAZ KAZ KAZ RUS UZB KGZ TJK TKM AZE ARM GEO UKR BLR MDA TUR CHN MNG IND PAK IRN AFG DEU D<< FRA GBR"
    " GBD USA CAN ITA ESP POL CZE SVK HUN ROU BGR SRB HRV GRC NLD BEL CHE AUT SWE NOR FIN EST LVA LTU KOR JPN THA VNM"
    " ISR EGY ARE SAU QAT KWT JOR SYR LBN IRQ BRA ARG CHL MEX AUS NZL ZAF NGA KEN ETH MAR TUN DZA XXA XXX UNO UTO"
).split()

GIVEN = (
    "AIGUL AIDOS NURLAN DANIYAR ASSEL ZHANAR YERLAN GULNARA BEKZAT MADINA ARMAN SAULE TIMUR ALIYA DINARA KANAT OLGA"
    " SERGEY IVAN ANNA MARIA DMITRIY ELENA ALEXEY NATALYA VIKTOR JOHN EMMA LUCAS SOFIA HANS PIERRE LI WEI AHMED FATIMA"
).split()

SYLLABLES = (
    "A AI BA BE BO CHE DA DE DU DZHA E ER FE GA GU HA I IS JA JU KA KE KHA KO KU LA LE LI LU MA ME MU NA NE NUR O OR"
    " PA PO QA RA RE RO RU SA SE SHA SHI SU TA TE TU U UL VA VI WI XI YA YE YU ZA ZHA ZHU"
).split()

TAILS = ["OV", "OVA", "EV", "EVA", "IN", "INA", "ULY", "KYZY", "BEKOV", "BAYEVA", "ENKO", "SKI", "SON", "MANN", "EZ", ""]

WEIGHTS = (7, 3, 1)


def value(ch):
    """ICAO 9303-3, 4.9: digits count themselves, A..Z count 10..35, the filler counts 0."""
    if ch == "<":
        return 0
    return int(ch) if ch.isdigit() else ord(ch) - 55


def check(field):
    return str(sum(value(c) * WEIGHTS[i % 3] for i, c in enumerate(field)) % 10)


def digits(rng, n):
    return "".join(map(str, rng.integers(0, 10, n)))


def letters(rng, n):
    return "".join(chr(65 + int(k)) for k in rng.integers(0, 26, n))


def pick(rng, seq):
    return seq[int(rng.integers(len(seq)))]


def iin(rng):
    """A number of a person born in 18xx, so that it can be no living person's; true control digit."""
    while True:
        body = date(rng, 1) + pick(rng, "12") + digits(rng, 4)
        for shift in (0, 2):
            r = sum(int(d) * ((i + shift) % 11 + 1) for i, d in enumerate(body)) % 11
            if r < 10:
                return body + str(r)


def date(rng, _kind=0):
    return "%02d%02d%02d" % (rng.integers(100), rng.integers(1, 13), rng.integers(1, 29))


def surname(rng):
    n = int(rng.integers(1, 4))
    name = "".join(pick(rng, SYLLABLES) for _ in range(n)) + pick(rng, TAILS)
    if rng.random() < 0.06:
        name += "<" + "".join(pick(rng, SYLLABLES) for _ in range(2))
    return name


def given(rng):
    n = int(rng.choice(3, p=[0.72, 0.24, 0.04])) + 1
    return "<".join(pick(rng, GIVEN) if rng.random() < 0.5 else "".join(pick(rng, SYLLABLES) for _ in range(3)) for _ in range(n))


def names(rng, width):
    text = surname(rng) + "<<" + given(rng)
    if rng.random() < 0.03:
        text = surname(rng)
    return fill(text, width)


def fill(text, width):
    return (text + "<" * width)[:width]


def number(rng, state):
    r = rng.random()
    if state == "KAZ" and r < 0.8:
        return pick(rng, "NNNDS") + digits(rng, 8)
    if r < 0.35:
        return digits(rng, 9)
    if r < 0.6:
        return letters(rng, 2) + digits(rng, 7)
    if r < 0.75:
        return letters(rng, 1) + digits(rng, 8)
    if r < 0.88:
        return "".join(pick(rng, ALPHABET[1:]) for _ in range(9))
    return fill(letters(rng, 1) + digits(rng, int(rng.integers(5, 8))), 9)


def optional(rng, width):
    r = rng.random()
    if r < 0.55:
        return "<" * width
    if r < 0.75:
        return fill(digits(rng, int(rng.integers(4, width + 1))), width)
    return fill("".join(pick(rng, ALPHABET) for _ in range(int(rng.integers(3, width + 1)))), width)


def sex(rng):
    return "MF<"[int(rng.choice(3, p=[0.49, 0.49, 0.02]))]


def td1(rng, kaz=False):
    state = "KAZ" if kaz else pick(rng, STATES)
    if state == "KAZ":
        num = digits(rng, 9)
        opt1 = iin(rng) + "<<<"
        code = "ID" if rng.random() < 0.8 else pick(rng, ["I<", "IP", "IR", "AR"])
        nat, opt2 = "KAZ", "<" * 11
    else:
        num, opt1, opt2 = number(rng, ""), optional(rng, 15), optional(rng, 11)
        code = pick(rng, ["ID", "I<", "AC", "AR", "IR", "C<", "IT"])
        nat = state if rng.random() < 0.8 else pick(rng, STATES)
    one = code + state + num + check(num) + opt1
    born, until = date(rng), date(rng)
    two = born + check(born) + sex(rng) + until + check(until) + nat + opt2
    two += check(one[5:30] + two[0:7] + two[8:15] + two[18:29])
    return [one, two, names(rng, 30)]


def two_rows(rng, width, code, kaz=False):
    """TD2 (36) and TD3 (44); they differ in width and in what the optional field holds."""
    state = "KAZ" if kaz else pick(rng, STATES)
    one = code + state + names(rng, width - 5)
    num, born, until = number(rng, state), date(rng), date(rng)
    nat = state if rng.random() < 0.85 else pick(rng, STATES)
    two = num + check(num) + nat + born + check(born) + sex(rng) + until + check(until)
    if width == 44:
        opt = iin(rng) + "<<" if state == "KAZ" and rng.random() < 0.9 else optional(rng, 14)
        two += opt + ("<" if set(opt) == {"<"} and rng.random() < 0.5 else check(opt))
        two += check(two[0:10] + two[13:20] + two[21:43])
    else:
        two += optional(rng, 7)
        two += check(two[0:10] + two[13:20] + two[21:35])
    return [one, two]


def visa(rng, width):
    state = pick(rng, STATES)
    one = "V" + pick(rng, "<<CSTN") + state + names(rng, width - 5)
    num, born, until = number(rng, ""), date(rng), date(rng)
    two = num + check(num) + pick(rng, STATES) + born + check(born) + sex(rng) + until + check(until)
    return [one, two + optional(rng, width - 28)]


def french_id(rng):
    """The 36 x 2 card issued in France until 2021."""
    one = "IDFRA" + fill(surname(rng), 25) + digits(rng, 6)
    head = digits(rng, 12)
    born = date(rng)
    two = head + check(head) + fill(given(rng).replace("<", "<<", 1), 14) + born + check(born) + pick(rng, "MF")
    return [one, two + check(one + two)]


def zone(rng, kind=None):
    """(format, lines) of one invented document."""
    if kind is None:
        kind = str(rng.choice(["td1kaz", "td1", "td3kaz", "td3", "td2", "mrva", "mrvb", "fr"], p=[0.2, 0.16, 0.16, 0.22, 0.1, 0.06, 0.05, 0.05]))
    if kind.startswith("td1"):
        return "td1", td1(rng, kind.endswith("kaz"))
    if kind.startswith("td3"):
        code = pick(rng, ["P<", "P<", "P<", "PN", "PD", "PS", "PO", "PM", "PP"])
        return "td3", two_rows(rng, 44, code, kind.endswith("kaz"))
    if kind == "td2":
        return "td2", two_rows(rng, 36, pick(rng, ["I<", "ID", "P<", "AC", "TR"]))
    if kind in ("mrva", "mrvb"):
        return kind, visa(rng, 44 if kind == "mrva" else 36)
    return "fr_id", french_id(rng)


def scrambled(rng, lines):
    """Same shape, but check digits and letters at random: the net must read what is printed, not what should be."""
    out = []
    for line in lines:
        chars = list(line)
        share = float(rng.choice([0.1, 0.4, 1.0], p=[0.5, 0.3, 0.2]))
        for i in range(len(chars)):
            if rng.random() < share:
                chars[i] = pick(rng, ALPHABET if rng.random() < 0.85 else "<<0O1I2Z5S8B6G")
        out.append("".join(chars))
    return out
