"""The second maker of pages: SVG drawn by librsvg (cairo, pango), wear by own code on numpy and Pillow.

It shares mrzgen's content and the truth format with pages.py and nothing else: the zone is in the sharp cut of OCR-B
(never trained on), text in faces pages.py does not use, backgrounds are Bezier and gradient art, and each kind of wear
is written anew. Figures on `held` pages therefore say more than figures on `tune` pages.
"""

import io
import math
import subprocess
from xml.sax.saxutils import escape

import numpy as np
from PIL import Image, ImageFilter

import mrzgen

SIZES = {"td1": (85.6, 54), "td2": (105, 74), "td3": (125, 88), "mrva": (120, 80), "mrvb": (105, 74), "fr_id": (105, 74)}
SANS = ["PT Sans", "Cantarell", "Lato", "Play", "Open Sans"]
SERIF = ["PT Serif", "Vollkorn", "Charis SIL", "Linux Libertine O", "Roboto Slab"]
MONO = ["PT Mono", "JetBrains Mono", "Inconsolata"]
LINES = [
    "Өтініш берушінің қолы және күні төменде көрсетілген.", "Акт сверки взаимных расчетов за второй квартал.",
    "Копия документа предоставлена заявителем лично.", "Заң талаптарына сәйкес деректер қорғалуы тиіс.",
    "Delivery is made within ten working days of payment.", "Приложение № 3 к приказу от 02.02.2022 № 41-ө.",
    "Бөлім бастығы, бухгалтер, кадр қызметі.", "ТОО «Пример Логистик», г. Астана, пр. Мәңгілік Ел, 8",
    "Сумма прописью: сто двадцать тысяч тенге 00 тиын.", "The undersigned confirms receipt of the goods listed above.",
    "Тапсырыс нөмірі 550-18/7, қоймада бар, жеткізу тегін.", "Итого к оплате с учетом НДС: 84 120,00 KZT",
]
FIELDS = [("Тегі / Surname", "МЫСАЛОВА"), ("Аты / Given names", "САУЛЕ"), ("Туған күні / Birth", "01 01 1890"), ("Ұлты / Nationality", "ҚАЗАҚ / KAZAKH"),
          ("Берген орган", "ҚР ІІМ"), ("Жынысы / Sex", "Ә / F"), ("Туған жері", "ҚОСТАНАЙ"), ("Мерзімі / Expiry", "01 02 2031")]


def num(rng, a, b):
    return "%.3f" % rng.uniform(a, b)


def text(x, y, size, words, family, fill="#222", weight="normal", extra=""):
    return '<text x="%.3f" y="%.3f" font-size="%.3f" font-family="%s" font-weight="%s" fill="%s" xml:space="preserve" %s>%s</text>' % (x, y, size, family, weight, fill, extra, escape(words))


def colour(rng, a, b):
    return "#%02x%02x%02x" % tuple(int(v) for v in rng.integers(a, b, 3))


def security(rng, w, h, tag):
    """Bezier fans, gradient tint, dot rasters clipped to the document."""
    a, b = colour(rng, 195, 250), colour(rng, 205, 252)
    out = ['<defs><linearGradient id="g%s" x1="0" y1="0" x2="1" y2="%s"><stop offset="0" stop-color="%s"/><stop offset="1" stop-color="%s"/></linearGradient>' % (tag, num(rng, 0, 1), a, b)]
    step = rng.uniform(0.5, 1.6)
    out.append('<pattern id="p%s" width="%.2f" height="%.2f" patternUnits="userSpaceOnUse" patternTransform="rotate(%.1f)"><circle cx="%.2f" cy="%.2f" r="%.2f" fill="%s"/></pattern></defs>' % (
        tag, step, step, rng.uniform(0, 90), step / 2, step / 2, step * rng.uniform(0.12, 0.3), colour(rng, 130, 215)))
    out.append('<rect width="%.2f" height="%.2f" rx="%.1f" fill="url(#g%s)"/>' % (w, h, rng.choice([0, 3]), tag))
    if rng.random() < 0.5:
        out.append('<rect width="%.2f" height="%.2f" fill="url(#p%s)"/>' % (w, h, tag))
    for _ in range(int(rng.integers(0, 3))):
        n, stroke, thick = int(rng.integers(8, 40)), colour(rng, 110, 220), rng.uniform(0.06, 0.2)
        p = rng.uniform(0, 1, 8) * [w, h, w, h, w, h, w, h]
        q = rng.uniform(0, 1, 8) * [w, h, w, h, w, h, w, h]
        for k in range(n):
            c = p + (q - p) * k / n
            out.append('<path d="M%.1f %.1f C%.1f %.1f %.1f %.1f %.1f %.1f" fill="none" stroke="%s" stroke-width="%.2f"/>' % (0, c[1], c[2], c[3], c[4], c[5], w, c[7], stroke, thick))
    return "".join(out)


def zone(rng, lines, x, y, pitch, spacing, fill):
    """Rows at the face's own advance, 0.94 to 1.02 of `pitch`; `y` is the baseline of the first."""
    family = "OCR B S" if rng.random() < 0.95 else "PT Mono"
    size = pitch / 0.723 * rng.uniform(0.94, 1.02) if family == "OCR B S" else pitch / 0.6 * 0.9
    return "".join(text(x, y + k * spacing, size, line, family, fill) for k, line in enumerate(lines))


def document(rng, tag, kind=None):
    """(SVG fragment at the origin in mm, (w, h), rows)."""
    fmt, lines = mrzgen.zone(rng, kind)
    w, h = SIZES[fmt]
    sans, ink = mrzgen.pick(rng, SANS), colour(rng, 5, 80)
    out = [security(rng, w, h, tag)]
    out.append(text(w * 0.5, 4.5, 2.8, mrzgen.pick(rng, ["ҚАЗАҚСТАН РЕСПУБЛИКАСЫ", "REPUBLIC OF UTOPIA", "РЕСПУБЛИКА"]), sans, ink, "bold", 'text-anchor="middle"'))
    pitch = 2.54
    spacing = pitch * (rng.uniform(1.62, 1.72) if fmt == "td1" else rng.uniform(1.95, 2.5))
    base = h - rng.uniform(3.2, 5.2) - spacing * (len(lines) - 1)
    x = 5.0
    if fmt != "td1" or rng.random() < 0.25:
        pw = rng.uniform(22, 30)
        ph = min(pw * 1.3, base - 14)
        left = 4 if rng.random() < 0.8 else w - pw - 4
        c = colour(rng, 60, 150)
        out.append('<g transform="translate(%.1f 7)"><rect width="%.1f" height="%.1f" fill="%s"/><ellipse cx="%.1f" cy="%.1f" rx="%.1f" ry="%.1f" fill="%s"/><path d="M%.1f %.1f q%.1f %.1f %.1f 0z" fill="%s"/></g>' % (
            left, pw, ph, colour(rng, 190, 240), pw / 2, ph * 0.42, pw * 0.22, ph * 0.25, colour(rng, 130, 200), pw * 0.08, ph, pw * 0.42, -ph * 0.7, pw * 0.84, c))
        x = left + pw + 4 if left < w / 2 else 5.0
    y = 9.0
    for k in rng.permutation(len(FIELDS)):
        if y > base - 8:
            break
        out.append(text(x, y, 1.6, FIELDS[k][0], sans, ink) + text(x, y + 2.6, 2.5, FIELDS[k][1], sans, "#111", "bold"))
        y += rng.uniform(5.5, 6.8)
    if rng.random() < 0.25:
        out.append('<rect y="%.2f" width="%.2f" height="%.2f" fill="%s"/>' % (base - 4, w, h - base + 4, colour(rng, 225, 250)))
    out.append(zone(rng, lines, (w - pitch * len(lines[0])) / 2 + rng.uniform(-0.6, 0.6), base, pitch, spacing, colour(rng, 0, 60)))
    return "".join(out), (w, h), lines


def paragraphs(rng, w, h, top, bottom, size=None):
    size = size or rng.uniform(3.2, 4.6)
    family, out, y = mrzgen.pick(rng, SERIF + SANS), [], h * top
    while y < h * bottom:
        words = " ".join(mrzgen.pick(rng, LINES) for _ in range(2))
        out.append(text(w * 0.1, y, size, words[:int(w * 0.8 / (size * 0.5))], family, "#1c1c1c"))
        y += size * (1.35 if rng.random() < 0.85 else 2.6)
    return "".join(out)


def draw(body, w, h, dpi, paper="#fdfdfb"):
    """SVG of w x h mm -> RGB float32 at `dpi`."""
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %.3f %.3f" preserveAspectRatio="none"><rect width="100%%" height="100%%" fill="%s"/>%s</svg>' % (round(w / 25.4 * dpi), round(h / 25.4 * dpi), w, h, paper, body)
    done = subprocess.run(["rsvg-convert", "-f", "png"], input=svg.encode(), stdout=subprocess.PIPE, check=True)
    return np.asarray(Image.open(io.BytesIO(done.stdout)).convert("RGB")).astype(np.float32)


def sheet(rng, angle, dpi):
    """(page, documents): A4 with one or two documents."""
    body, documents = [], []
    if rng.random() < 0.5:
        body.append(paragraphs(rng, 210, 297, rng.uniform(0.05, 0.5), rng.uniform(0.6, 0.97)))
    two = rng.random() < 0.25
    for k in range(2 if two else 1):
        art, (w, h), lines = document(rng, "d%d" % k)
        t = math.radians(angle)
        bw, bh = abs(w * math.cos(t)) + abs(h * math.sin(t)), abs(w * math.sin(t)) + abs(h * math.cos(t))
        lo, hi = (0.0, 297.0) if not two else (0.0, 148.0) if k == 0 else (148.0, 297.0)
        cx = rng.uniform(bw / 2 + 2, 208 - bw / 2)
        cy = rng.uniform(lo + bh / 2 + 2, hi - bh / 2 - 2)
        body.append('<g transform="translate(%.3f %.3f) rotate(%.4f) translate(%.3f %.3f)">%s</g>' % (cx, cy, angle, -w / 2, -h / 2, art))
        documents.append(lines)
    if rng.random() < 0.2:
        x, y = rng.uniform(30, 180), rng.uniform(30, 260)
        body.append('<g fill="none" stroke="#3848b0" stroke-opacity="0.65" transform="translate(%.1f %.1f)"><circle r="19" stroke-width="0.9"/><circle r="13" stroke-width="0.4"/></g>' % (x, y))
        body.append(text(x - 9, y, 3.0, "КОПИЯ ВЕРНА", "PT Sans", "#3848b0", "bold"))
    return draw("".join(body), 210, 297, dpi), documents


def soften(page, radius):
    return np.asarray(Image.fromarray(np.clip(page, 0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(radius))).astype(np.float32)


def worn(rng, page, dpi, level):
    """Scanner: box-like optics, gamma, uniform and Laplace grain, column banding."""
    page = soften(page, rng.uniform(0.2, 0.3 + 0.4 * level) * dpi / 200)
    page = 255 * np.power(np.clip(page / 255, 0, 1), rng.uniform(0.8, 1.3)) * rng.uniform(0.9, 1.0)
    shape = page.shape[:2] + (1,)
    if rng.random() < 0.5:
        page = page + rng.uniform(-1, 1, shape).astype(np.float32) * (2 + 14 * level)
    else:
        page = page + rng.laplace(0, 0.7 + 4 * level, shape).astype(np.float32)
    if rng.random() < 0.3:
        page = page + np.repeat(rng.normal(0, 3 * level, (1, page.shape[1] // 3 + 1, 1)), 3, 1)[:, :page.shape[1]]
    return np.clip(page, 0, 255)


def copied(rng, g, level):
    """One photocopy: contrast by a piecewise line, toner starvation in strokes, pepper."""
    lo, hi = rng.uniform(60, 100), rng.uniform(140, 190)
    g = np.clip((g - lo) / (hi - lo), 0, 1) * 250
    h, w = g.shape
    field = np.asarray(Image.fromarray(rng.uniform(0, 255, (h // 2 + 1, w // 2 + 1)).astype(np.uint8)).resize((w, h), Image.BICUBIC)).astype(np.float32)
    g = np.where((g < 128) & (field > 250 - 25 * level), rng.uniform(120, 250), g)
    g = np.where(rng.random(g.shape) < 0.0008 * level, 20, g)
    return np.asarray(Image.fromarray(g.astype(np.uint8)).filter(ImageFilter.BoxBlur(rng.uniform(0, 0.8)))).astype(np.float32)


def one_bit(rng, g, level):
    """Threshold at a fixed place, or error diffusion."""
    if rng.random() < 0.12:
        return np.asarray(Image.fromarray(np.clip(g * 1.15, 0, 255).astype(np.uint8)).convert("1").convert("L"))
    cut = rng.uniform(128 - 30 * level, 128 + 30 * level)
    return np.where(g > cut, 255, 0).astype(np.uint8)


def photographed(rng, page, width):
    """Hand-held: Pillow's perspective transform onto a gradient desk, vignette, chroma grain."""
    height = int(width * rng.choice([0.75, 1.3333]))
    h, w = page.shape[:2]
    share = rng.uniform(0.55, 0.95)
    s = min(width * share / w, height * share / h)
    t = rng.normal(0, 0.06)
    pts = []
    for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        px, py = x * w * s / 2 * (1 + rng.normal(0, 0.03)), y * h * s / 2 * (1 + rng.normal(0, 0.03))
        pts.append((px * math.cos(t) - py * math.sin(t) + width / 2, px * math.sin(t) + py * math.cos(t) + height / 2))
    rows, want = [], []
    for (x, y), (u, v) in zip(pts, ((0, 0), (w, 0), (w, h), (0, h))):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        want += [u, v]
    m = np.linalg.solve(np.array(rows), np.array(want))
    source = Image.fromarray(np.clip(soften(page, max(0.01, 0.4 / s if s < 0.9 else 0.01)), 0, 255).astype(np.uint8)).convert("RGBA")
    desk = np.linspace(0, 1, height)[:, None, None] * rng.uniform(20, 90, 3) + rng.uniform(30, 140, 3) + np.zeros((height, width, 3))
    desk += 8 * np.sin(np.arange(width) / rng.uniform(3, 30))[None, :, None]
    out = Image.fromarray(np.clip(desk, 0, 255).astype(np.uint8)).convert("RGBA")
    out.alpha_composite(source.transform((width, height), Image.PERSPECTIVE, m, Image.BICUBIC))
    g = np.asarray(out.convert("RGB")).astype(np.float32)
    yy, xx = np.mgrid[0:height, 0:width]
    r = np.hypot((yy - rng.uniform(0.2, 0.8) * height) / height, (xx - rng.uniform(0.2, 0.8) * width) / width).astype(np.float32)
    g *= (1.05 - rng.uniform(0, 0.7) * r)[:, :, None]
    g = soften(g, rng.uniform(0.3, 0.3 + width / 2400))
    return np.clip(g + rng.normal(0, rng.uniform(1, 8), g.shape), 0, 255)


def negative(rng):
    kind = str(rng.choice(["letter", "form", "table", "receipt", "code", "chart", "texture", "barcodes"]))
    dpi = int(rng.choice([100, 150, 200]))
    if kind == "letter":
        return draw(paragraphs(rng, 210, 297, 0.06, 0.94), 210, 297, dpi), kind, dpi
    if kind in ("form", "table"):
        body, rows, cols = [], int(rng.integers(12, 40)), int(rng.integers(3, 9))
        rh, cw = 250 / rows, 186 / cols
        for r in range(rows):
            for c in range(cols):
                body.append('<rect x="%.2f" y="%.2f" width="%.2f" height="%.2f" fill="none" stroke="#555" stroke-width="0.25"/>' % (12 + c * cw, 20 + r * rh, cw, rh))
                words = mrzgen.pick(rng, ["", mrzgen.digits(rng, 9), "KZ" + mrzgen.digits(rng, 6), mrzgen.letters(rng, 6), "------", "<<<"]) if kind == "table" else mrzgen.pick(rng, ["", "", "Атауы", "Дата", "№"])
                body.append(text(13 + c * cw, 20 + r * rh + rh * 0.7, min(rh * 0.55, 4), words[:int(cw / 2.4)], mrzgen.pick(rng, MONO[:1] + SANS[:1])))
        return draw("".join(body), 210, 297, dpi), kind, dpi
    if kind == "receipt":
        body = [text(3, 6 + 4.2 * k, 3.2, mrzgen.pick(rng, ["ЖИЫНЫ %26d", "САНЫ   %26d", "ЧЕК N  %26d", "********%25d", "<<<<<<<<<<<<<<<<<<<<%8d"]) % int(rng.integers(10, 99999)), "PT Mono") for k in range(40)]
        return draw("".join(body), 72, 180, 200), kind, 200
    if kind == "code":
        rows = ["out << a << b << std::endl;", "let x: u32 = (1 << 7) | (y << 3);", "cat <<'END' >file", "<<<<<<< ours", "vec![0u8; n << 1]", "print('A' << 'B');", "<div><<b>>text</b></div>", "MOV AX,<<LABEL<<"]
        body = [text(4 + 4 * int(rng.integers(0, 4)), 8 + 5.2 * k, 4, mrzgen.pick(rng, rows), "JetBrains Mono", "#ddd") for k in range(28)]
        return draw("".join(body), 240, 160, 130, "#1d1f2b"), kind, 96
    if kind == "chart":
        pts = " ".join("%.1f,%.1f" % (20 + 4 * k, 60 + rng.normal(0, 18)) for k in range(45))
        bars = "".join('<rect x="%.1f" y="%.1f" width="5" height="%.1f" fill="%s"/>' % (20 + 9 * k, 130 - v, v, colour(rng, 90, 200)) for k, v in enumerate(rng.uniform(5, 60, 18)))
        return draw('%s<polyline points="%s" fill="none" stroke="#c22" stroke-width="0.8"/>' % (bars, pts), 220, 140, 130), kind, 96
    if kind == "texture":
        return draw(security(rng, 150, 100, "t"), 150, 100, 200), kind, 200
    body = []
    for k in range(7):
        x = rng.uniform(10, 80)
        for _ in range(60):
            wide = rng.uniform(0.25, 1.2)
            body.append('<rect x="%.2f" y="%d" width="%.2f" height="%d" fill="#000"/>' % (x, 15 + 38 * k, wide, 14))
            x += wide + rng.uniform(0.25, 1.2)
        body.append(text(30, 34 + 38 * k, 4.5, mrzgen.digits(rng, 13), "PT Mono"))
    return draw("".join(body), 210, 297, dpi), "barcodes", dpi


def luma(page):
    return page @ np.array([0.299, 0.587, 0.114], np.float32)


def picture(rng, channel):
    """Same contract as pages.picture."""
    level = float(rng.uniform(0.1, 1))
    if channel == "negative":
        page, kind, dpi = negative(rng)
        if rng.random() < 0.3:
            page, kind = photographed(rng, page, 1600), kind
        return worn(rng, page, dpi, level * 0.5).astype(np.uint8), 8, [], "negative_" + kind, dpi
    if channel in ("photo", "crop"):
        dpi = 400 if channel == "photo" else int(rng.choice([150, 200, 300]))
        art, (w, h), lines = document(rng, "d")
        page = draw('<g transform="translate(2 2)">%s</g>' % art, w + 4, h + 4, dpi, colour(rng, 150, 255))
        if channel == "photo":
            return photographed(rng, page, int(rng.choice([1280, 1600, 2048]))).astype(np.uint8), 8, [lines], channel, 0
        return worn(rng, page, dpi, level).astype(np.uint8), 8, [lines], channel, dpi
    dpi = {"a4_150": 150, "a4_200": 200, "a4_300": 300, "a4_1bit": 300, "fax": 204}.get(channel) or int(rng.choice([150, 200, 300]))
    angle = rng.normal(0, 0.6)
    if channel == "skew":
        angle = rng.uniform(1.5, 10) * rng.choice([-1, 1])
    page, documents = sheet(rng, angle, dpi)
    if channel == "fax":
        high = page.shape[0] if rng.random() < 0.6 else page.shape[0] // 2
        small = np.asarray(Image.fromarray(page.astype(np.uint8)).convert("L").resize((1728, int(high * 1728 / page.shape[1])), Image.BOX)).astype(np.float32)
        g = one_bit(rng, small, level * 0.6)
        return np.ascontiguousarray(np.repeat(g, 2, 0) if high < page.shape[0] else g), 1, documents, channel, 204
    if channel == "a4_1bit":
        return one_bit(rng, luma(worn(rng, page, dpi, level * 0.5)), level), 1, documents, channel, dpi
    if channel == "photocopy":
        g = luma(worn(rng, page, dpi, 0.3))
        for _ in range(int(rng.integers(1, 3))):
            g = copied(rng, g, level)
        return np.clip(g + rng.normal(0, 3, g.shape), 0, 255).astype(np.uint8), 8, documents, channel, dpi
    page = worn(rng, page, dpi, level)
    if channel.startswith("rot"):
        page = np.rot90(page, {"rot90": 3, "rot180": 2, "rot270": 1}[channel])
    if rng.random() < 0.5:
        return np.ascontiguousarray(luma(page)).astype(np.uint8), 8, documents, channel, dpi
    return np.ascontiguousarray(page).astype(np.uint8), 8, documents, channel, dpi
