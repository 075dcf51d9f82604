"""SVG pieces: portrait blobs, security print, emblems, signatures, bars; they resemble nothing that exists."""

import math

import numpy as np
from mrzgen import pick


def rgb(rng, low, high, alpha=None):
    c = rng.integers(low, high + 1, 3)
    return "rgb(%d,%d,%d)" % tuple(c) if alpha is None else "rgba(%d,%d,%d,%.2f)" % (*c, alpha)


def hsl(h, s, l, a=1.0):
    return "hsla(%d,%d%%,%d%%,%.2f)" % (h % 360, s, l, a)


def svg(w, h, body, style="", extra=""):
    return '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" width="%gmm" height="%gmm" style="display:block;%s" %s>%s</svg>' % (w, h, w, h, style, extra, body)


def portrait(seed, w, h, grey=False, style="", paper=None):
    """A head-like blob on a pale ground; `seed` decides everything, so that one person looks alike twice."""
    rng = np.random.default_rng(seed)
    skin, hair = hsl(rng.integers(14, 34), rng.integers(28, 55), rng.integers(48, 76)), hsl(rng.integers(10, 40), rng.integers(5, 45), rng.integers(6, 42))
    ground = paper or hsl(rng.integers(0, 360), rng.integers(0, 22), rng.integers(78, 96))
    cloth = hsl(rng.integers(0, 360), rng.integers(5, 50), rng.integers(10, 60))
    n, cx, cy = int(rng.integers(1, 10**6)), 50 + rng.uniform(-3, 3), 56 + rng.uniform(-4, 4)
    rx, ry = rng.uniform(19, 25), rng.uniform(26, 32)
    top = cy - ry - rng.uniform(3, 8)
    side = rng.uniform(2, 8)
    low = cy + (rng.uniform(20, 52) if rng.random() < 0.45 else rng.uniform(-12, 2))
    parts = ['<rect width="100" height="130" fill="%s"/>' % ground]
    parts.append('<path d="M%g %g Q%g %g %g %g T%g %g L%g %g Z" fill="%s"/>' % (cx - rx - side, low, cx - rx - side, top, cx, top, cx + rx + side, low, cx, low - 8, hair))
    shoulder = rng.uniform(38, 46)
    parts.append('<path d="M%g 132 Q%g %g %g %g L%g %g Q%g %g %g 132Z" fill="%s" filter="url(#c%d)"/>' % (cx - shoulder, cx - shoulder, cy + ry + 12, cx - 12, cy + ry + 6, cx + 12, cy + ry + 6, cx + shoulder, cy + ry + 12, cx + shoulder, cloth, n))
    parts.append('<rect x="%g" y="%g" width="22" height="26" rx="9" fill="%s"/>' % (cx - 11, cy + ry - 14, skin))
    parts.append('<ellipse cx="%g" cy="%g" rx="%g" ry="%g" fill="url(#f%d)" filter="url(#s%d)"/>' % (cx, cy, rx, ry, n, n))
    parts.append('<path d="M%g %g Q%g %g %g %g Q%g %g %g %g Q%g %g %g %gZ" fill="%s" filter="url(#c%d)"/>' % (cx - rx, cy - 4, cx - rx - 3, top, cx, top, cx + rx + 3, top, cx + rx, cy - 4, cx + rng.uniform(-16, 16), cy - rng.uniform(12, 26), cx - rx, cy - 4, hair, n))
    eye, dark = cy - rng.uniform(0, 4), rgb(rng, 15, 60)
    for s in (-1, 1):
        x = cx + s * rng.uniform(8.5, 10)
        parts.append('<ellipse cx="%g" cy="%g" rx="3.6" ry="1.7" fill="#efe9e2"/><circle cx="%g" cy="%g" r="1.7" fill="%s"/>' % (x, eye, x, eye, dark))
        parts.append('<path d="M%g %g q4.5 -3 9 0" stroke="%s" stroke-width="1.4" fill="none" opacity=".8"/>' % (x - 4.5, eye - 4.5, hair))
    parts.append('<path d="M%g %g q-3 9 -1 10 q3 1.6 5 0" stroke="rgba(70,30,20,.45)" stroke-width="1" fill="none"/>' % (cx, eye + 2))
    parts.append('<path d="M%g %g q6 %g 13 0" stroke="rgba(140,50,50,.8)" stroke-width="%.1f" fill="none"/>' % (cx - 6.5, cy + 15, rng.uniform(0, 4), rng.uniform(1.4, 2.6)))
    if rng.random() < 0.2:
        parts.append('<g fill="none" stroke="#333" stroke-width=".9"><circle cx="%g" cy="%g" r="6.5"/><circle cx="%g" cy="%g" r="6.5"/><path d="M%g %g h5"/></g>' % (cx - 9.5, eye, cx + 9.5, eye, cx - 2.7, eye))
    defs = '<defs><radialGradient id="f%d" cx=".4" cy=".4" r=".75"><stop offset="0" stop-color="%s"/><stop offset="1" stop-color="%s" stop-opacity=".78"/></radialGradient>' % (n, skin, skin)
    for name, freq, slope in (("s", 0.25, 0.28), ("c", 0.6, 0.5)):
        defs += '<filter id="%s%d"><feTurbulence baseFrequency="%g" numOctaves="2" seed="%d"/><feColorMatrix type="matrix" values="0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 %g 0"/><feComposite in2="SourceGraphic" operator="in"/><feMerge><feMergeNode in="SourceGraphic"/><feMergeNode/></feMerge></filter>' % (name, n, freq, n % 99, slope)
    defs += "</defs>"
    look = ("filter:grayscale(1) contrast(1.1);" if grey else "") + style
    return '<svg xmlns="http://www.w3.org/2000/svg" viewBox="8 8 84 108" preserveAspectRatio="xMidYMid slice" width="%gmm" height="%gmm" style="display:block;%s">%s%s</svg>' % (w, h, look, defs, "".join(parts))


def wave(rng, w, h, colour, lines=None, width=0.12):
    """Sine bands: the common look of security print."""
    lines = lines or int(rng.integers(14, 44))
    f1, f2, a1, a2, p = rng.uniform(0.5, 3), rng.uniform(3, 9), rng.uniform(1, 6), rng.uniform(0.3, 2), rng.uniform(0, 6)
    x = np.linspace(0, w, 70)
    out = []
    for k in range(lines):
        t = k / lines
        y = h * (1.3 * t - 0.15) + a1 * np.sin(f1 * x / w * 6.28 + p + 4 * t) + a2 * np.sin(f2 * x / w * 6.28 - 7 * t)
        out.append("M" + "L".join("%.1f %.1f" % (a, b) for a, b in zip(x, y)))
    return '<path d="%s" fill="none" stroke="%s" stroke-width="%g"/>' % ("".join(out), colour, width)


def rosette(rng, cx, cy, r, colour, width=0.12):
    a, b, k = int(rng.integers(5, 17)), int(rng.integers(3, 9)), rng.uniform(0.15, 0.5)
    t = np.linspace(0, 2 * math.pi * b, 90 * b)
    rad = r * (1 - k + k * np.cos(a / b * t))
    path = "L".join("%.1f %.1f" % (cx + q * math.cos(s), cy + q * math.sin(s)) for q, s in zip(rad, t))
    return '<path d="M%s" fill="none" stroke="%s" stroke-width="%g"/>' % (path, colour, width)


def ground(rng, w, h, hue=None, soft=1.0):
    """The printed background of a document, as an absolutely placed SVG."""
    hue = int(rng.choice([185, 195, 205, 210, 175])) if hue is None else hue
    hue2 = hue + int(rng.integers(-40, 40)) if rng.random() < 0.6 else int(rng.choice([45, 52, 60, 160]))
    n = int(rng.integers(1, 10**6))
    parts = ['<defs><linearGradient id="g%d" x1="0" y1="0" x2="%g" y2="%g"><stop offset="0" stop-color="%s"/><stop offset=".5" stop-color="%s"/><stop offset="1" stop-color="%s"/></linearGradient></defs>'
             % (n, rng.uniform(0.2, 1), rng.uniform(0, 1), hsl(hue, rng.integers(25, 60), rng.integers(82, 93)), hsl(hue2, rng.integers(20, 60), rng.integers(85, 94)), hsl(hue, rng.integers(25, 55), rng.integers(80, 92)))]
    parts.append('<rect width="%g" height="%g" fill="url(#g%d)"/>' % (w, h, n))
    for _ in range(int(rng.integers(1, 4))):
        parts.append(wave(rng, w, h, hsl(hue + rng.integers(-30, 30), 50, rng.integers(45, 70), rng.uniform(0.12, 0.42) * soft), width=rng.uniform(0.06, 0.18)))
    for _ in range(int(rng.integers(0, 4))):
        parts.append(rosette(rng, rng.uniform(0, w), rng.uniform(0, h), rng.uniform(0.15, 0.4) * h, hsl(hue2, 50, rng.integers(45, 70), rng.uniform(0.12, 0.4) * soft)))
    if rng.random() < 0.4:  # a sun of rays
        cx, cy = rng.uniform(0.2, 0.8) * w, rng.uniform(0.3, 0.7) * h
        rays = "".join("M%g %gL%g %g" % (cx + 4 * math.cos(a), cy + 4 * math.sin(a), cx + 11 * math.cos(a), cy + 11 * math.sin(a)) for a in np.linspace(0, 6.28, 33))
        parts.append('<path d="%s" stroke="%s" stroke-width=".5"/><circle cx="%g" cy="%g" r="3.4" fill="%s"/>' % (rays, hsl(48, 80, 60, 0.25 * soft), cx, cy, hsl(48, 80, 60, 0.25 * soft)))
    return '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" preserveAspectRatio="none" style="position:absolute;left:0;top:0;width:100%%;height:100%%">%s</svg>' % (w, h, "".join(parts))


def emblem(rng, d, colour):
    """A round sign of wreath and star: no state's arms."""
    leaf = "".join('<ellipse cx="0" cy="-40" rx="3.2" ry="8" transform="rotate(%d)"/>' % a for a in range(0, 360, 15))
    kind = int(rng.integers(3))
    inner = ['<circle r="22" fill="none" stroke-width="4" stroke="currentColor"/><path d="M0-20L6-6 20-6 9 3 13 18 0 9-13 18-9 3-20-6-6-6Z"/>',
             '<path d="M-26 8Q0-34 26 8M-20 14h40M-14 20h28M0-14V26M-12-4V14M12-4V14" fill="none" stroke="currentColor" stroke-width="4"/>',
             '<circle r="11"/>' + "".join('<path d="M0-15L2.5-28-2.5-28Z" transform="rotate(%d)"/>' % a for a in range(0, 360, 30))][kind]
    return '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-50 -50 100 100" width="%gmm" height="%gmm" style="display:block;color:%s"><g fill="currentColor">%s<circle r="31" fill="none" stroke="currentColor" stroke-width="2"/>%s</g></svg>' % (d, d, colour, leaf, inner)


def signature(rng, w, h, colour="#1b2a6b"):
    x, path = rng.uniform(2, 10), ""
    y = 50.0
    path = "M%g %g" % (x, y)
    for _ in range(int(rng.integers(4, 9))):
        nx, ny = x + rng.uniform(4, 18), 50 + rng.uniform(-35, 35)
        path += "C%g %g %g %g %g %g" % (x + rng.uniform(-8, 18), y + rng.uniform(-50, 50), nx + rng.uniform(-18, 6), ny + rng.uniform(-50, 50), nx, ny)
        x, y = nx, ny
    return '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-5 -15 115 130" preserveAspectRatio="none" width="%gmm" height="%gmm" style="display:block"><path d="%s" fill="none" stroke="%s" stroke-width="%.1f" stroke-linecap="round" stroke-linejoin="round"/></svg>' % (w, h, path, colour, rng.uniform(1.4, 3))


def bars(rng, w, h, colour="#111"):
    """Vertical bars as of a linear barcode."""
    x, parts, unit = 0.0, [], rng.uniform(0.18, 0.3)
    while x < w:
        t = unit * int(rng.integers(1, 5))
        parts.append("M%.2f 0h%.2fV%g h-%.2fZ" % (x, min(t, w - x), h, min(t, w - x)))
        x += t + unit * int(rng.integers(1, 4))
    return svg(w, h, '<path d="%s" fill="%s"/>' % ("".join(parts), colour))


def stacked(rng, w, h, colour="#111"):
    """Rows of short bars as of a stacked barcode."""
    rows, unit = int(rng.integers(6, 16)), rng.uniform(0.22, 0.34)
    step, parts = h / rows, []
    for r in range(rows):
        x = 0.0
        parts.append("M0 %.2fh%.2fv%.2fh-%.2fZM%.2f %.2fh%.2fv%.2fh-%.2fZ" % (r * step, 4 * unit, step, 4 * unit, w - 4 * unit, r * step, 4 * unit, step, 4 * unit))
        x = 6 * unit
        while x < w - 6 * unit:
            t = unit * int(rng.integers(1, 4))
            parts.append("M%.2f %.2fh%.2fv%.2fh-%.2fZ" % (x, r * step, t, step, t))
            x += t + unit * int(rng.integers(1, 4))
    return svg(w, h, '<path d="%s" fill="%s"/>' % ("".join(parts), colour))


def matrix(rng, d, n=29, colour="#111"):
    """A square of modules with three finders, as of a QR code."""
    grid = rng.random((n, n)) < 0.5
    for r, c in ((0, 0), (0, n - 7), (n - 7, 0)):
        grid[max(r - 1, 0):r + 8, max(c - 1, 0):c + 8] = False
        grid[r:r + 7, c:c + 7] = True
        grid[r + 1:r + 6, c + 1:c + 6] = False
        grid[r + 2:r + 5, c + 2:c + 5] = True
    path = "".join("M%d %dh1v1h-1z" % (x, y) for y, x in zip(*np.nonzero(grid)))
    return '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%gmm" height="%gmm" shape-rendering="crispEdges" style="display:block"><path d="%s" fill="%s"/></svg>' % (n, n, d, d, path, colour)


def chip(w=13, h=11):
    lines = '<path d="M0 3.7h4M0 7.3h4M9 3.7h4M9 7.3h4M4 0v11M9 0v11M4 3.7h5M4 7.3h5" stroke="#7a6420" stroke-width=".3" fill="none"/>'
    return svg(13, 11, '<rect width="13" height="11" rx="1.6" fill="#d9bd62"/><rect width="13" height="5" rx="1.6" fill="#ecd88e" opacity=".6"/>' + lines, "width:%gmm;height:%gmm" % (w, h))


def stamp(rng, d, text, colour=None):
    colour = colour or pick(rng, ["rgba(40,50,160,.75)", "rgba(60,40,150,.6)", "rgba(20,70,150,.7)"])
    n = int(rng.integers(10**6))
    return '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-50 -50 100 100" width="%gmm" height="%gmm" style="display:block;transform:rotate(%ddeg)"><defs><path id="p%d" d="M-38 0a38 38 0 1 1 76 0a38 38 0 1 1 -76 0"/></defs><g fill="none" stroke="%s" stroke-width="1.6"><circle r="48"/><circle r="31"/><path d="M-12 8L0-16 12 8Z"/></g><text font-size="9" fill="%s" font-family="PT Sans"><textPath href="#p%d">%s</textPath></text></svg>' % (d, d, rng.integers(-30, 30), n, colour, colour, n, text)
