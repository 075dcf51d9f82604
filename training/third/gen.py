#!/usr/bin/python3
"""Invented identity documents and their look-alikes by a third hand, as files with truth.jsonl.

    python3 training/third/gen.py OUT COUNT SEED [--jobs N]
    python3 training/third/gen.py OUT COUNT SEED --orient    # COUNT pictures, each in the eight ways a picture can lie
    python3 training/third/gen.py --check                    # faces, numbers and zones

Everything about a picture follows from the seed and its place in the set. About two in three show documents.
"""

import argparse
import json
import multiprocessing
import os
import sys

import camera
import copiers
import foreign
import kazakh
import shown
import things
from art import Art
from fonts import check
from people import STATES, Rng, check_digit, kz_person, new_iin, td2_td3_rows
from PIL import Image

# What a person can still read in the picture: digits or letters of fewer pixels are drawn again.
LEGIBLE_PX = 9.5
TURNABLE = ("phone_photo", "paper_scan", "photocopy")


def upto(chance, odds):
    """The first name whose bound is above this chance."""
    return next(name for name, bound in odds if chance < bound)


def kazakh_documents(rng):
    """(class, drawings)"""
    chance = rng.random()
    who = kz_person(rng)
    design = rng.choice([1, 1, 2])
    if chance < 0.30:
        return "id_front", [kazakh.id_front(rng, who, design)]
    if chance < 0.48:
        return "id_back", [kazakh.id_back(rng, who, design)]
    if chance < 0.62:
        return "id_both", [kazakh.id_front(rng, who, design), kazakh.id_back(rng, who, design)]
    if chance < 0.68:
        if rng.chance(0.5):
            return "two_people", [kazakh.id_front(rng, who, design), kazakh.id_front(rng, kz_person(rng), rng.choice([1, 2]))]
        return "two_people", [kazakh.id_back(rng, who, design), kazakh.id_back(rng, kz_person(rng), design)]
    if chance < 0.81:
        return "passport", [kazakh.kz_passport(rng, who)]
    if chance < 0.84:
        return "special_passport", [kazakh.kz_passport(rng, who, rng.choice(["diplomatic_passport", "service_passport", "travel_document"]))]
    if chance < 0.90:
        side = rng.choice(["front", "back"])
        return "residence_" + side, [kazakh.residence(rng, who, side)]
    if chance < 0.93:
        return "stateless", [kazakh.kz_passport(rng, who, "stateless_certificate")]
    if chance < 0.95:
        return "refugee", [kazakh.refugee(rng, who)]
    return "birth", [kazakh.birth(rng, who)]


def foreign_documents(rng):
    """(class, drawings)"""
    chance = rng.random()
    state = rng.choice(STATES)
    if chance >= 0.9:
        return "old_french", [foreign.french(rng)]
    kind = upto(chance, [("td3", 0.4), ("td1", 0.62), ("td2", 0.75), ("visa", 0.9)])
    draw = {"td3": foreign.td3_page, "td1": foreign.td1_card, "td2": foreign.td2_card, "visa": foreign.visa}[kind]
    return kind, [draw(rng, state)]


def on_sheet(rng, arts):
    """Places on an A4 sheet, or on a glass cut near the paper: ([(art, x, y, turned by)], size of the glass or None)."""
    if len(arts) > 1:
        if rng.chance(0.75):
            x = rng.between(20, 110)
            y = rng.between(15, 60)
            return [(arts[0], x, y, 0), (arts[1], x + rng.between(-8, 8), y + arts[0].h + rng.between(4, 60), 0)], None
        y = rng.between(15, 200)
        return [(arts[0], 10 + rng.between(0, 5), y, 0), (arts[1], 108 + rng.between(0, 5), y + rng.between(-6, 6), 0)], None
    art = arts[0]
    if art.w > 205:
        return [(art, 0, 0, 0)], (art.w, art.h)
    if rng.chance(0.5) and art.h < 200:
        return [(art, rng.between(1, 8), rng.between(1, 8), 0)], (art.w + rng.between(8, 18), art.h + rng.between(8, 18))
    return [(art, rng.between(3, max(4, 205 - art.w)), rng.between(3, max(4, 285 - art.h)), 0)], None


def on_table(rng, arts):
    """One below the other."""
    places, y = [], 0
    for art in arts:
        places.append((art, rng.between(0, 4) if len(arts) > 1 else 0, y, 0))
        y += art.h + rng.between(3, 14)
    return places


def around(boxes):
    """(left, top, right, bottom) of all these regions."""
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[0] + b[2] for b in boxes), max(b[1] + b[3] for b in boxes)


def merge(regions, kind):
    """Both sides of one card are one expectation; other documents one each."""
    if kind == "id_both" and len(regions) == 2:
        (front, document, subject, _), (back, _, _, mrz) = regions
        x0, y0, x1, y1 = around([front, back])
        return [([x0, y0, x1 - x0, y1 - y0], dict(document, side="both", mrz=True), subject, mrz)]
    return regions


def born_digital(rng, arts, regions):
    """The drawing as a program would export it."""
    width = max(art.w for art in arts) + 10
    height = sum(art.h + 5 for art in arts) + 5
    page = Art(width, height, min(art.scale for art in arts) * rng.between(0.5, 1))
    y = 5
    for art in arts:
        page.paste(art, 5, y)
        y += art.h + 5
    regions += [([int(v * page.scale) for v in box], *rest) for box, *rest in page.docs]
    placed = [(art,) for art in arts]
    options = {"fmt": rng.choice(["png", "png", "jpg"]), "q": 90}
    options.update(width=page.scale * camera.narrowest(placed), cap=page.scale * camera.smallest(placed))
    return page.im, options, []


def thumbnail(rng, im, regions, options):
    """Cut near the documents and made small."""
    x0, y0, x1, y1 = around([box for box, *_ in regions])
    dx, dy = rng.between(0.02, 0.1) * (x1 - x0), rng.between(0.02, 0.1) * (y1 - y0)
    left, top = int(max(0, x0 - dx)), int(max(0, y0 - dy))
    im = im.crop((left, top, int(min(im.size[0], x1 + dx)), int(min(im.size[1], y1 + dy))))
    k = min(1, rng.randrange(620, 800) / (x1 - x0))
    im = im.resize((int(im.size[0] * k), int(im.size[1] * k)), rng.choice([Image.BILINEAR, Image.LANCZOS, Image.BOX]))
    regions = [([int((b[0] - left) * k), int((b[1] - top) * k), int(b[2] * k), int(b[3] * k)], *rest) for b, *rest in regions]
    options.update(width=options["width"] * k, cap=options["cap"] * k, fmt="jpg", q=rng.choice([60, 70, 75, 82]), dpi=None, exif=False)
    return im, regions


ROUTES = [("phone", 0.38), ("scan", 0.58), ("copy", 0.74), ("fax", 0.77), ("screenshot", 0.89), ("thumb", 0.96), ("digital", 1.1)]


def copied(rng, arts, route=None):
    """One picture of documents: (image, regions, how to store it, channel, origin, notes)"""
    regions = []
    chance = rng.random()
    route = route or upto(chance, ROUTES)
    if route == "phone":
        im, options, notes = camera.phone(rng, on_table(rng, arts), regions)
        return im, regions, options, "phone_photo", "phone_photo", notes
    if route in ("scan", "copy", "fax"):
        places, crop = on_sheet(rng, arts)
        if route == "fax":
            im, options, notes = copiers.fax(rng, [(art, min(x, 120), y, deg) for art, x, y, deg in places], regions)
            return im, regions, options, "fax", "photocopy", notes
        im, options, notes = (copiers.scan if route == "scan" else copiers.photocopy)(rng, places, regions, crop)
        origin = "paper_scan" if route == "scan" else "photocopy"
        return im, regions, options, origin, origin, notes
    if route == "digital":
        im, options, notes = born_digital(rng, arts, regions)
        return im, regions, options, "born_digital", "born_digital", notes
    first = rng.choice(["phone", "phone", "scan", "copy"]) if route == "thumb" else rng.choice(["phone", "phone", "scan", "digital"])
    im, regions, options, _, origin, notes = copied(rng, arts, first)
    if im.mode == "1":
        im = im.convert("L")
    if route == "thumb":
        if regions:
            im, regions = thumbnail(rng, im, regions, options)
        return im, regions, options, "thumbnail", origin, notes
    # A document cut off by the edge of the screen is no fair question: the gallery shows all of it.
    im, regions, k, app = shown.screen(rng, im, regions) or shown.screen(rng, im, regions, "gallery")
    options.update(width=options["width"] * k, cap=options["cap"] * k, fmt=rng.choice(["png", "png", "jpg"]), q=85, dpi=None, exif=False)
    return im, regions, options, "screenshot", "screenshot", notes + [app]


def negative(rng):
    """One picture of something else: (image, class, how to store it, channel, notes)"""
    name = rng.choice(sorted(things.ALL))
    form, drawing = things.ALL[name](rng)
    name = name.rstrip("2")
    if form in ("screen", "photo"):
        if form == "screen" and rng.chance(0.25):
            drawing = shown.screen(rng, drawing, [])[0]
        options = {"fmt": "jpg" if form == "photo" else rng.choice(["png", "jpg"]), "q": rng.choice([75, 85, 92])}
        return drawing, name, options, "phone_photo" if form == "photo" else "screenshot", []
    route = upto(rng.random(), [("phone", 0.38), ("scan", 0.66), ("copy", 0.84), ("fax", 0.87), ("screenshot", 0.95), ("digital", 1.1)])
    if route == "phone":
        return order(name, "phone_photo", camera.phone(rng, [(drawing, 0, 0, 0)], []))
    if route in ("scan", "copy", "fax"):
        places, crop = on_sheet(rng, [drawing])
        if route == "scan":
            return order(name, "paper_scan", copiers.scan(rng, places, [], crop))
        if route == "copy":
            return order(name, "photocopy", copiers.photocopy(rng, places, [], crop))
        return order(name, "fax", copiers.fax(rng, places, []))
    if route == "screenshot":
        im, options, notes = camera.phone(rng, [(drawing, 0, 0, 0)], []) if rng.chance(0.5) else (drawing.im, {}, [])
        im = shown.screen(rng, im, [])[0]
        options.update(fmt="png", q=85, exif=False)
        return im, name, options, "screenshot", notes
    return drawing.im, name, {"fmt": rng.choice(["png", "jpg"]), "q": 85}, "born_digital", []


def order(name, channel, shot):
    """What `negative` gives, of a shot."""
    im, options, notes = shot
    return im, name, options, channel, notes


def document_tags(options, rot, mirror):
    """Width of the document and height of what must be read, in pixels; how it lies."""
    cap = options["cap"]
    tags = ["width:%d" % options["width"], "capbin:%s" % upto(cap, [("<12", 12), ("12-16", 16), ("16-24", 24), ("24+", float("inf"))])]
    tags += ["rot:%d" % rot] if rot else []
    tags += ["mirror:yes"] if mirror else []
    return tags + ([] if cap >= LEGIBLE_PX else ["legible:no"])


def picture(seed, i):
    """The i-th picture of a set: (random numbers as they then stand, image, how to store it, row of the truth)"""
    rng = Rng(seed * 1000003 + i * 7919 + 17)
    chance = rng.random()
    tags = ["source:third"]
    expect = []
    if chance < 0.65:
        for _ in range(12):
            kind, arts = kazakh_documents(rng) if chance < 0.45 else foreign_documents(rng)
            im, regions, options, channel, origin, notes = copied(rng, arts)
            regions = merge(regions, kind)
            if options["cap"] >= LEGIBLE_PX and regions:
                break
        rot, mirror = 0, False
        if channel in TURNABLE or channel == "thumbnail":
            if rng.chance(0.16):
                rot = rng.choice([90, 180, 270])
            mirror = rng.chance(0.03) and channel == "phone_photo"
        im, regions = shown.turn(im, regions, rot, mirror)
        for box, document, subject, _ in regions:
            document = dict(document, origin=origin, region=[int(v) for v in box])
            expect.append({"kind": "id_document_copy", "count": 1, "document": document, "subjects": [subject] if subject else []})
        tags += ["class:" + kind, *document_tags(options, rot, mirror)]
        notes = notes + ["px%.0f" % options["cap"]] + ["|".join(mrz) for *_, mrz in regions if mrz]
        notes += [str(art.number) for art in arts if art.number] + [str(art.mrz_print) for art in arts]
    else:
        im, kind, options, channel, notes = negative(rng)
        tags += ["class:" + kind]
        im, _ = shown.turn(im, [], rng.choice([0, 0, 0, 0, 90, 180, 270]) if channel in TURNABLE else 0, False)
    kind = options["fmt"]
    # a plain name, so that nobody can learn the answer from it
    name = "%s_%04d.%s" % (rng.choice(["IMG", "scan", "doc", "file", "Image"]), i, kind)
    container = "pdf" if kind == "pdf" else "none"
    return rng, im, options, {"file": name, "channel": channel, "container": container, "expect": expect, "tags": tags, "note": " ; ".join(notes)}


def one(job):
    out, seed, i = job
    rng, im, options, row = picture(seed, i)
    shown.save(rng, im, options, os.path.join(out, row["file"]))
    return row


def orientations(out, count, seed):
    """Pictures in the eight ways a picture can lie, as PNG so that nothing else differs; a fifth and less shows no document."""
    rows, i, done = [], 0, 0
    while done < count:
        _, im, _, row = picture(seed, i)
        i += 1
        expect = row["expect"]
        if (done % 15 == 14 if expect else done % 5 != 4) or any(tag.startswith(("rot", "mirror")) for tag in row["tags"]):
            continue
        if expect and row["channel"] in ("fax", "screenshot"):
            continue
        regions = [(e["document"]["region"], e) for e in expect]
        for mirror in (False, True):
            for rot in (0, 90, 180, 270):
                turned, boxes = shown.turn(im, regions, rot, mirror)
                name = "o%02d_%d%s.png" % (done, rot, "m" if mirror else "")
                (turned if turned.mode != "1" else turned.convert("L")).save(os.path.join(out, name), compress_level=1)
                expect = [{**e, "document": {**e["document"], "region": box}} for box, e in boxes]
                rows.append({**row, "file": name, "container": "none", "expect": expect})
        done += 1
    return rows


def self_check():
    """Numbers and zones against values worked out by hand: the example of ICAO 9303, and IINs of nobody alive."""
    assert check_digit("L898902C3") == "6" and check_digit("740812") == "2"
    rows = td2_td3_rows("P<", "UTO", "L898902C3", "UTO", (1974, 8, 12), "F", (2012, 4, 15), "ZE184226B", "ERIKSSON", "ANNA MARIA", 44)
    assert rows == ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"], rows
    rng = Rng(1)
    for _ in range(100):
        number = new_iin(rng, (1990, 1, 31), "M")
        assert len(number) == 12 and number.startswith("9001311"), number
    print("faces, numbers and zones are as they should be")


def main():
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("out", nargs="?")
    ask.add_argument("count", type=int, nargs="?")
    ask.add_argument("seed", type=int, nargs="?")
    ask.add_argument("--jobs", type=int, default=1)
    ask.add_argument("--orient", action="store_true", help="every picture in the eight ways it can lie")
    ask.add_argument("--check", action="store_true", help="only see whether faces, numbers and zones are right")
    args = ask.parse_args()
    check()
    if args.check:
        self_check()
        return
    if args.seed is None:
        ask.error("OUT COUNT SEED are needed")
    os.makedirs(args.out, exist_ok=True)
    if args.orient:
        rows = orientations(args.out, args.count, args.seed)
    else:
        with multiprocessing.Pool(args.jobs) as workers:
            rows = list(workers.imap(one, [(args.out, args.seed, i) for i in range(args.count)], 4))
    with open(os.path.join(args.out, "truth.jsonl"), "w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


if __name__ == "__main__":
    sys.exit(main())
