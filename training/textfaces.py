"""Faces of the text reader: which are trained on, which are kept apart, and rows of glyphs drawn from them.

A glyph is drawn once per face, CAP master pixels high, and then only copied; a row is put together from copies with the
face's own advances, letter-spaced or condensed at will. `TRAIN` and `HELD` name font families; a design and its clones
are on the same side.
"""

import re
import subprocess

import numpy as np
from PIL import Image, ImageDraw, ImageFont

CAP = 32  # height of a capital, master px
ROW = 88  # height of one row: capitals stand in its middle
PAD = 24  # room left and right of a glyph for what hangs over

TRAIN = """Arimo;Nimbus Sans;Nimbus Sans Narrow;FreeSans;Tinos;Nimbus Roman;FreeSerif;Cousine;Nimbus Mono PS;
FreeMono;DejaVu Sans;DejaVu Sans Mono;Carlito;Roboto;Roboto Condensed;Open Sans;Open Sans Condensed;Noto Sans;Noto Sans Display;Noto Serif;
Noto Serif Display;Noto Sans Mono;Noto Mono;Lato;Fira Code;JetBrains Mono;Fantasque Sans Mono;Andika;Doulos SIL;C059;URW Bookman;URW Gothic;CMU Serif;CMU Sans Serif;
CMU Bright;CMU Concrete;CMU Typewriter Text;CMU Sans Serif Demi Condensed;Linux Libertine O;Tuffy;Unifont;mononoki;Monoid;Hermit;
Clear Sans;Comic Neue;Old Standard TT;STIX;Anonymous Pro;Jura;Inconsolata;Quicksand;League Mono;Latin Modern Sans;Latin Modern Roman;OCR B""".replace("\n", "").split(";")
# Met on documents and office paper more often than the rest.
USUAL = "Arimo;Nimbus Sans;FreeSans;Tinos;Nimbus Roman;Carlito;DejaVu Sans;Roboto;Open Sans;Noto Sans;FreeSerif;Nimbus Sans Narrow;Roboto Condensed".split(";")
HELD = "PT Sans;PT Sans Caption;PT Sans Narrow;PT Mono;PT Serif;PT Serif Caption;Inter;Inter Display;Charis SIL;Play;DejaVu Serif;Vollkorn;Cantarell;Roboto Slab;Comfortaa;P052;Hack;Gentium Plus;Gentium Book Plus;Linux Biolinum O;EB Garamond".split(";")


def installed(families):
    """[(path, family, style, set of characters)] of the upright and slanted cuts of `families` that are there."""
    out = subprocess.run(["fc-list", "--format", "%{file}\t%{family}\t%{style}\t%{charset}\n"], capture_output=True, text=True, check=True).stdout
    found, wanted = {}, set(families)
    for row in sorted(set(out.splitlines())):
        path, family, style, charset = row.split("\t")
        if not path.endswith((".ttf", ".otf")) or re.search(r"Thin|Hairline|ExtraLight|Extra Light|Black|Variable|Keyboard|OCRB[SFXE]", style + path):
            continue
        base = next((f for f in family.split(",") if f in wanted), None)
        if base is None:
            continue
        key = (base, path.rsplit("/", 1)[1].lower())
        chars = set()
        for part in charset.split():
            a, _, b = part.partition("-")
            chars.update(range(int(a, 16), int(b or a, 16) + 1))
        found[key] = (path, base, style, chars)
    return list(found.values())


class Face:
    def __init__(self, path):
        probe = ImageFont.truetype(path, 500)
        box = probe.getbbox("H")
        self.font = ImageFont.truetype(path, max(8, round(500 * CAP / max(1, box[3] - box[1]))))
        box = self.font.getbbox("H")
        self.top = ROW / 2 - (box[1] + box[3]) / 2
        self.glyphs = {}

    def glyph(self, ch):
        """(mask [ROW, w], advance)."""
        if ch not in self.glyphs:
            advance = self.font.getlength(ch)
            image = Image.new("L", (int(np.ceil(advance)) + 2 * PAD, ROW), 0)
            ImageDraw.Draw(image).text((PAD, self.top), ch, fill=255, font=self.font)
            mask = np.asarray(image)
            used = np.flatnonzero(mask.any(0))
            a, b = (used[0], used[-1] + 1) if used.size else (0, 0)
            self.glyphs[ch] = (mask[:, a:b], advance, int(a) - PAD)
        return self.glyphs[ch]

    def row(self, text, spacing=0.0, gap=0.0):
        """(mask uint8 [ROW, w], edges): `text` from x = PAD on, spaces wider by `gap`; edges[i] is where character i begins, the last where all end."""
        edges = [float(PAD)]
        for ch in text:
            edges.append(edges[-1] + self.glyph(ch)[1] + spacing + (gap if ch == " " else 0.0))
        out = np.zeros((ROW, int(edges[-1]) + PAD + 2), np.uint8)
        for ch, x in zip(text, edges):
            mask, _, left = self.glyph(ch)
            a = max(0, int(x + 0.5) + left)
            part = out[:, a:a + mask.shape[1]]
            np.maximum(part, mask[:, :part.shape[1]], out=part)
        return out, edges


class Faces:
    def __init__(self, families=TRAIN):
        self.families = {}
        for path, family, style, chars in installed(families):
            share = 1.0
            if re.search(r"Italic|Oblique|Slant", style):
                share = 0.12
            elif re.search(r"Light|Retina|Fine", style):
                share = 0.4
            if re.search(r"Condensed|Cn", style + family) and family.startswith("Noto"):
                share *= 0.3
            self.families.setdefault(family, []).append((path, share, chars))
        self.names = sorted(self.families)
        self.shares = [2.5 if n in USUAL else 0.5 if "Mono" in n or n in ("Unifont", "Monoid", "Hermit") else 1.0 for n in self.names]
        self.faces = {}

    def pick(self, r, text, ocrb=0.0):
        """A face that has every character of `text`; with probability `ocrb` OCR-B, if it can."""
        need = {ord(c) for c in text}
        while True:
            ocrb, name = (0.0, "OCR B") if r.random() < ocrb and "OCR B" in self.families else (ocrb, r.choices(self.names, self.shares)[0])
            cuts = self.families[name]
            path, _, chars = r.choices(cuts, [c[1] for c in cuts])[0]
            if need <= chars:
                break
        if path not in self.faces:
            self.faces[path] = Face(path)
        return self.faces[path]


if __name__ == "__main__":
    for side in (TRAIN, HELD):
        faces = Faces(side)
        kazakh = {ord(c) for c in "ӘҒҚҢӨҰҮҺІәғқңөұүһі№Ёё"}
        full = [n for n in faces.names if any(kazakh <= c[2] for c in faces.families[n])]
        print(len(faces.names), "families,", len(full), "with Kazakh; cuts:", sum(map(len, faces.families.values())))
        print("missing:", sorted(set(side) - set(faces.names)))
        print("no Kazakh:", sorted(set(faces.names) - set(full)))
