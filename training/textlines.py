"""Strips of the text reader and the glance net: invented text -> print -> wear -> 32 x W.

A strip has a text (as textgen.shapes gives it; empty if it is to be read as nothing) and a tag for the glance net: see
TAGS. Strips are made to fill a few widths, so that a batch has one.
"""

import random

import cv2
import numpy as np

import blanks
import degrade
import textgen
from faces import thicken
from strips import bend, project, to_strip, turned
from textfaces import CAP, PAD, ROW, Faces

cv2.setNumThreads(1)

HEIGHT, TALL = 32, 224
CAP_PX = 20.0
TAGS = ["nothing", "text", "iin", "label", "rotated", "mirrored", "flipped", "unsure"]
EMPTY_SHARE = 0.2
WIDTHS = [48, 56, 64, 72, 84, 96, 112, 128, 148, 172, 200, 232, 268, 308, 356, 412, 476, 548, 632, 728, 840]
BATCH_PIXELS = 8192
_TURNABLE = set("БДЁЙЛУЦЧЩЪЫЬЭЯӘҒҚҢГДEFGJLPQRбдёйлуцчщъыьэяәғқңүұеарbdfgjkmpqtуһ123457")


def stretch_of(r):
    return min(1.28, max(0.78, r.gauss(1.0, 0.06))) if r.random() < 0.7 else r.uniform(0.8, 1.25)


def margin(r):
    x = r.random()
    return r.uniform(2, 12) if x < 0.66 else r.uniform(6, 40) if x < 0.9 else r.uniform(-2, 3)


class Renderer:
    """Makes batches; holds drawn rows to be printed again above and below other lines."""

    def __init__(self, seed, families=None):
        self.rng, self.r = np.random.default_rng(seed), random.Random(seed)
        self.faces = Faces(families) if families else Faces()
        self.rows, self.waiting = [], {w: [] for w in WIDTHS}

    def print_line(self, text, kind):
        """(tall uint8 [TALL, w], edges in master px): the line with what stands above and below it."""
        r = self.r
        row, edges = self.runs(text, kind) if " " in text and r.random() < (0.25 if kind in ("iin", "label") else 0.03) else self.run(text, kind)
        self.rows.append(row)
        if len(self.rows) > 400:
            del self.rows[:200]
        tall = np.zeros((TALL, row.shape[1]), np.uint8)
        top = (TALL - ROW) // 2
        tall[top:top + ROW] = row
        for side in (-1, 1):
            if r.random() < 0.4:
                self.neighbour(tall, side * r.uniform(1.22, 2.3) * CAP, r.choice(self.rows))
        return tall, edges

    def run(self, text, kind):
        """(mask [ROW, w], edges) in one face."""
        r = self.r
        face = self.faces.pick(r, text, {"iin": 0.2, "date": 0.08, "number": 0.15, "zone": 0.75}.get(kind, 0.0))
        x = r.random()
        spacing = 0.0 if x < 0.7 else r.uniform(0, 10) if x < 0.92 else r.uniform(-2.5, 0) if x < 0.97 else r.uniform(8, 26)
        return face.row(text, spacing, 0.0 if r.random() < 0.93 else r.uniform(8, 90))

    def runs(self, text, kind):
        """As `run`, but what stands before one of the spaces is of another face and size, as a label before its value is."""
        r = self.r
        at = r.choice([i for i, c in enumerate(text) if c == " "])
        (small, a), (row, b) = self.run(text[:at + 1], "label"), self.run(text[at + 1:], kind)
        size = r.uniform(0.6, 1.0)
        small = cv2.resize(small, (max(1, round(small.shape[1] * size)), round(ROW * size)), interpolation=cv2.INTER_AREA)
        a = [x * size for x in a]
        base = (ROW + CAP) / 2
        top = round(base - base * size) if r.random() < 0.7 else round(ROW * (1 - size) / 2)
        shift = a[-1] - PAD + r.uniform(0, 40)
        out = np.zeros((ROW, row.shape[1] + int(shift) + PAD), np.uint8)
        part = out[top:top + small.shape[0], :small.shape[1]]
        np.maximum(part, small[:part.shape[0], :part.shape[1]], out=part)
        part = out[:, int(shift):int(shift) + row.shape[1]]
        np.maximum(part, row, out=part)
        return out, a[:-1] + [x + int(shift) for x in b]

    def neighbour(self, tall, offset, row):
        """Prints `row` `offset` master px under the middle."""
        r = self.r
        a = int(TALL / 2 + offset - ROW / 2)
        top, bottom = max(0, a), min(TALL, a + ROW)
        x = r.randint(0, max(0, row.shape[1] - 60)) if r.random() < 0.5 else 0
        at = 0 if r.random() < 0.7 else r.randint(0, tall.shape[1] // 2)
        n = min(tall.shape[1] - at, row.shape[1] - x)
        part = tall[top:bottom, at:at + n]
        np.maximum(part, row[top - a:bottom - a, x:x + n], out=part)

    def marks(self, tall):
        """Underlines, frame edges, pen strokes and stamps over the print."""
        rng, r = self.rng, self.r
        h, w = tall.shape
        if r.random() < 0.1:
            y = h // 2 + r.choice([-1, 1, 1]) * r.randint(22, 40)
            cv2.line(tall, (0, y), (w, y + r.randint(-3, 3)), r.randint(90, 255), r.randint(1, 5))
        if r.random() < 0.05:
            x = r.choice([r.randint(0, PAD - 8), w - r.randint(1, PAD - 8)])
            cv2.line(tall, (x, 0), (x + r.randint(-3, 3), h), r.randint(90, 255), r.randint(1, 5))
        if r.random() < 0.05:
            ink = blanks.pen(rng, h, w) if r.random() < 0.6 else blanks.arcs(rng, h, w)
            np.maximum(tall, (ink * r.uniform(0.2, 0.75)).astype(np.uint8), out=tall)

    def geometry(self, sx, x0, width, level, dy=None):
        """Homography master -> strip: master x0 comes to lie at strip x 0 with `sx` strip px a master px."""
        rng, r = self.rng, self.r
        x = r.random()
        cap = float(np.clip(r.gauss(CAP_PX, 1.1), 16, 24)) if x < 0.7 else r.uniform(15, 24.5) if x < 0.94 else r.uniform(12, 28)
        sy = cap / CAP
        room = max(1.5, (HEIGHT - cap) / 2 - 1)
        if dy is None:
            dy = float(np.clip(r.gauss(0, 1.0 + 0.7 * level), -room, room)) if r.random() < 0.85 else r.uniform(-4.8, 4.8)
        limit = min(np.deg2rad(1.2), max(0.0, room + 1.5 - abs(dy)) / (width / 2)) if abs(dy) < 9 else np.deg2rad(1)
        tilt = r.uniform(-1, 1) * limit * (0.3 + 0.7 * level)
        shear = r.gauss(0, 0.03 + 0.04 * level)
        middle = TALL / 2
        a = np.array([[sx, shear * sy, -sx * x0 - shear * sy * middle], [0, sy, HEIGHT / 2 + dy - sy * middle], [0, 0, 1]], np.float64)
        keystone = r.gauss(0, 0.00005) * level * 500 / width
        return turned(a, tilt, keystone, width, HEIGHT), r.gauss(0, 1.0) * level if r.random() < 0.15 else 0.0, cap

    def worn(self, tall, geometry, bow, cap, width, level):
        rng, r = self.rng, self.r
        # Labels of a card at 150 dots an inch have capitals of 7 to 9 px: small print is common whatever else is wrong.
        native = r.uniform(6.3, 11) if r.random() < 0.3 else float(np.exp(r.uniform(np.log(14 - 7 * level), np.log(28))))
        scale = native / cap
        cover = project(tall, geometry, scale, width, HEIGHT).astype(np.float32) * (1 / 255)
        if r.random() < 0.15 * level + 0.03:
            cover *= r.uniform(0.35, 0.9)
        g = degrade.wear(rng, cover, level, native * 0.95)
        x = r.random()
        if x < 0.04 * level:
            g = g + degrade.noise(rng, g.shape) * r.uniform(20, 60)
        elif x < 0.08 * level:
            g = g * (1 - degrade.guilloche(rng, g.shape, r.uniform(2.2, 12)) * r.uniform(0.05, 0.35))
        elif x < 0.12 * level:
            g = degrade.jpeg(g, r.uniform(12, 35))
        if r.random() < 0.06 * level:
            g = g * (1 - blanks.blobs(rng, *g.shape) * (r.uniform(0.1, 0.5) / 255))
        if bow:
            g = bend(g, bow, scale)
        g = to_strip(rng, g, scale, width, HEIGHT)
        if r.random() < 0.03:
            g = 255 - g
        return np.clip(g, 0, 255).astype(np.uint8)

    def text_strip(self, level):
        """(strip, text, tag) of a line to be read."""
        r = self.r
        text, kind = textgen.line(r)
        tall, edges = self.print_line(text, kind)
        self.marks(tall)
        first, last, n = 0, len(text), len(text)
        left, right = margin(r), margin(r)
        if r.random() < 0.05:
            right += r.uniform(20, 90)
        tag = {"iin": 2, "label": 3}.get(kind, 1)
        if n > 5 and r.random() < 0.12:
            # The crop begins or ends within the line.
            if r.random() < 0.6:
                first, left = r.randint(1, n // 2), r.uniform(-1, 1.5)
            if first == 0 or r.random() < 0.3:
                last, right = r.randint(max(first + 2, n // 2), n - 1), r.uniform(-1.5, 1)
            tag = {2: 7 if r.random() < 0.5 else 1, 3: 1 if first else 7}.get(tag, tag)
        span = edges[last] - edges[first]
        stretch = stretch_of(r)
        while span * stretch * CAP_PX / CAP + left + right > WIDTHS[-1] and last - first > 2:
            last, right = last - 1, r.uniform(-1.5, 1)
            span = edges[last] - edges[first]
        need = span * stretch * CAP_PX / CAP + left + right
        width = min(WIDTHS, key=lambda w: abs(w - need) + (0 if w >= need else 3))
        inner = width - left - right
        fit = inner / (span * CAP_PX / CAP)
        if not 0.78 < fit < 1.3:
            fit = float(np.clip(fit, 0.8, 1.25))
            right = width - left - span * fit * CAP_PX / CAP
        sx = fit * CAP_PX / CAP
        geometry, bow, cap = self.geometry(sx, edges[first] - left / sx, width, level)
        if r.random() < 0.25:
            tall = thicken(tall, r.choice([-2, -1, -1, 1, 1, 2, 3]))
        return self.worn(tall, geometry, bow, cap, width, level), textgen.shapes(text[first:last]), tag

    def empty_strip(self, level):
        """(strip, "", tag) of something that is to be read as nothing."""
        rng, r = self.rng, self.r
        x = r.random()
        if x < 0.26:
            for _ in range(20):
                strip, text, tag = self.text_strip(level)
                if sum(c in _TURNABLE for c in text) >= 3:
                    break
            tag = r.choice([4, 4, 5, 6])
            return turn(strip, tag), "", tag
        if x < 0.44 and self.rows:
            # Between two lines, or half of one.
            width = r.choice(WIDTHS[3:])
            tall = np.zeros((TALL, int(width * CAP / CAP_PX) + 2 * PAD), np.uint8)
            dy = r.uniform(15.5, 22) * r.choice([-1, 1])
            gap = r.uniform(1.65, 2.2) / 2 * CAP if r.random() < 0.5 else 0
            if gap:
                self.neighbour(tall, gap, r.choice(self.rows))
                self.neighbour(tall, -gap, r.choice(self.rows))
                dy = r.uniform(-1.5, 1.5)
            else:
                self.neighbour(tall, 0, r.choice(self.rows))
            geometry, bow, cap = self.geometry(CAP_PX / CAP, r.uniform(-10, 2 * PAD), width, level, dy)
            return self.worn(tall, geometry, bow, cap, width, level), "", 0
        width = r.choice(WIDTHS)
        tall = blanks.blank(rng, r, TALL, int(width * CAP / CAP_PX * 1.3))
        if r.random() < 0.15:
            np.maximum(tall, blanks.blank(rng, r, *tall.shape), out=tall)
        if r.random() < 0.08:
            tall = 255 - tall
        geometry, bow, cap = self.geometry(CAP_PX / CAP * r.uniform(0.8, 1.3), 0, width, level)
        return self.worn(tall, geometry, bow, cap, width, level), "", 0

    def batch(self, level):
        """(uint8 [n, HEIGHT, W], texts, tags); `level` 0..1 is the worst damage allowed."""
        while True:
            hard = level * self.r.uniform(0.03, 1) ** 0.8
            made = self.empty_strip(hard) if self.r.random() < EMPTY_SHARE else self.text_strip(hard)
            width = made[0].shape[1]
            queue = self.waiting[width]
            queue.append(made)
            if len(queue) >= min(48, max(10, BATCH_PIXELS // width)):
                self.waiting[width] = []
                return np.stack([m[0] for m in queue]), [m[1] for m in queue], [m[2] for m in queue]


def turn(strip, tag):
    """The strip as a page turned over in the way of `tag` would show it."""
    return strip[::-1, ::-1] if tag == 4 else strip[:, ::-1] if tag == 5 else strip[::-1] if tag == 6 else strip


if __name__ == "__main__":
    import sys
    import time

    maker = Renderer(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    level = float(sys.argv[3]) if len(sys.argv) > 3 else 0.8
    for _ in range(300):
        maker.text_strip(level)
    t, rows = time.time(), []
    for k in range(160):
        strip, text, tag = maker.empty_strip(level) if k >= 110 else maker.text_strip(level)
        rows.append((strip, text))
    print("%.2f ms a line" % ((time.time() - t) / 160 * 1000))
    columns = []
    for c in range(4):
        column = []
        for strip, text in rows[c::4]:
            cell = np.full((HEIGHT + 2, 470), 128, np.uint8)
            cell[:HEIGHT, :min(470, strip.shape[1])] = strip[:, :470]
            column.append(cell)
        columns.append(np.concatenate(column))
    cv2.imwrite(sys.argv[1], np.concatenate(columns, 1))
    for strip, text in rows[:12]:
        print(strip.shape[1], text)
