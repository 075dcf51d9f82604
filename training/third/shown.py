"""A picture on a screen, turned, stored."""

import time

from PIL import Image, ImageDraw
from art import hue
from fonts import font

DATE = time.gmtime(1710238502)


def screen(rng, inner, inner_regions, kind=None):
    """A picture on a screen: gallery, messenger, viewer of pages: (image, regions, factor, kind), or None where a document is cut off."""
    kind = kind or rng.choice(["gallery", "chat", "viewer", "viewer", "gallery"])
    face = rng.choice(["Roboto-Regular.ttf", "Inter-Regular.otf", "NotoSans-Regular.ttf", "IBMPlexSans-Regular.ttf"])
    dark = rng.chance(0.6)
    if kind in ("gallery", "chat"):
        W, H = rng.choice([(1080, 2340), (1080, 2400), (1170, 2532), (720, 1600), (828, 1792), (1080, 1920)])
    else:
        W, H = rng.choice([(1920, 1080), (1366, 768), (1536, 864), (2560, 1440), (1600, 900)])
    ground = (0, 0, 0) if dark and kind == "gallery" else (18, 24, 30) if dark else rng.choice([(255, 255, 255), (236, 229, 221), (240, 240, 240)])
    im = Image.new("RGB", (W, H), ground)
    pen = ImageDraw.Draw(im)
    ink = (235, 235, 235) if sum(ground) < 300 else (30, 30, 30)
    unit = W / 1080 if H > W else W / 1920

    def write(x, y, message, size, fill=None, anchor="ls"):
        pen.text((x, y), message, font=font(face, size), fill=fill or ink, anchor=anchor)

    inner_w, inner_h = inner.size
    inner = inner.convert("RGB")
    if kind == "gallery":
        write(40 * unit, 70 * unit, "%d:%02d" % (rng.randrange(8, 22), rng.randrange(60)), 38 * unit)
        for i in range(3):
            pen.rectangle([W - (60 + 50 * i) * unit, 45 * unit, W - (30 + 50 * i) * unit, 70 * unit], fill=ink)
        write(130 * unit, 160 * unit, rng.choice(["12 марта 2024", "Сегодня", "3 қыркүйек", "IMG_20240312_101502"]), 46 * unit)
        write(50 * unit, 160 * unit, "<", 56 * unit)
        factor = W / inner_w if inner_w / inner_h > W / (H * 0.78) or rng.chance(0.7) else min(W / inner_w, H * 0.78 / inner_h)
        factor = min(factor, H * 0.8 / inner_h)
        size = (int(inner_w * factor), int(inner_h * factor))
        X, Y = (W - size[0]) // 2, (H - size[1]) // 2
        for i in range(5):
            pen.ellipse(
                [W * (i + 0.5) / 5 - 24 * unit, H - 150 * unit, W * (i + 0.5) / 5 + 24 * unit, H - 102 * unit], outline=ink, width=max(1, int(4 * unit))
            )
    elif kind == "chat":
        pen.rectangle([0, 0, W, 190 * unit], fill=(0, 110, 95) if not dark else (30, 42, 50))
        write(60 * unit, 60 * unit, "%d:%02d" % (rng.randrange(8, 22), rng.randrange(60)), 38 * unit, (240, 240, 240))
        pen.ellipse([90 * unit, 90 * unit, 175 * unit, 175 * unit], fill=hue(rng))
        write(200 * unit, 140 * unit, rng.choice(["Кадры", "Асель HR", "Нұрлан", "Менеджер Банк", "Мама"]), 44 * unit, (250, 250, 250))
        write(200 * unit, 178 * unit, "в сети", 28 * unit, (210, 210, 210))
        y = 260 * unit
        for i in range(rng.randrange(1, 4)):
            message = rng.choice(
                [
                    "Здравствуйте! Отправьте удостоверение",
                    "Добрый день",
                    "Құжатты жіберіңізші",
                    "Ок, сейчас скину",
                    "Вот фото",
                    "Спасибо",
                    "Нужна копия до обеда",
                ]
            )
            width = font(face, 38 * unit).getlength(message)
            mine = rng.chance(0.5)
            x = W - width - 90 * unit if mine else 40 * unit
            pen.rounded_rectangle(
                [x, y, x + width + 50 * unit, y + 75 * unit],
                20 * unit,
                fill=(220, 248, 198) if mine and not dark else (60, 80, 90) if dark else (255, 255, 255),
            )
            write(x + 25 * unit, y + 50 * unit, message, 38 * unit, (240, 240, 240) if dark else (20, 20, 20))
            y += 95 * unit
        factor = min(W * rng.between(0.78, 0.93) / inner_w, (H - y - 330 * unit) / inner_h)
        size = (int(inner_w * factor), int(inner_h * factor))
        X, Y = (int(W - size[0] - 40 * unit) if rng.chance(0.5) else int(40 * unit)), int(y + 15 * unit)
        pen.rounded_rectangle(
            [X - 8 * unit, Y - 8 * unit, X + size[0] + 8 * unit, Y + size[1] + 8 * unit], 16 * unit, fill=(220, 248, 198) if not dark else (60, 80, 90)
        )
        pen.rounded_rectangle([30 * unit, H - 150 * unit, W - 160 * unit, H - 60 * unit], 45 * unit, fill=(255, 255, 255) if not dark else (40, 50, 58))
        write(80 * unit, H - 90 * unit, "Сообщение", 38 * unit, (130, 130, 130))
    else:
        bar = 90 * unit
        pen.rectangle([0, 0, W, H], fill=(82, 86, 89) if rng.chance(0.6) else (225, 225, 228))
        pen.rectangle([0, 0, W, 40 * unit], fill=(222, 225, 230))
        write(
            20 * unit,
            28 * unit,
            rng.choice(["скан_003.pdf - Просмотр", "Удостоверение.pdf — Adobe Reader", "документ.pdf - Chrome", "IMG_2231.jpg – Фотографии"]),
            20 * unit,
            (40, 40, 40),
        )
        pen.rectangle([0, 40 * unit, W, bar], fill=(50, 54, 57))
        write(W / 2, 76 * unit, "1 / %d   —  %d%%  +" % (rng.randrange(1, 9), rng.choice([75, 100, 125])), 24 * unit, (230, 230, 230), "ms")
        pen.rectangle([0, H - 44 * unit, W, H], fill=(20, 24, 34))
        write(W - 150 * unit, H - 14 * unit, "%02d:%02d" % (rng.randrange(24), rng.randrange(60)), 20 * unit, (240, 240, 240))
        for i in range(7):
            pen.rectangle([(60 + 60 * i) * unit, H - 36 * unit, (90 + 60 * i) * unit, H - 8 * unit], fill=hue(rng, (0.4, 0.9), (0.5, 1)))
        factor = min(W * 0.9 / inner_w, (H - bar - 60 * unit) / inner_h)
        if inner_h > inner_w and rng.chance(0.6):
            factor = W * rng.between(0.45, 0.65) / inner_w  # a page wider than the window is high: only its top shows
        size = (int(inner_w * factor), int(inner_h * factor))
        X, Y = (W - size[0]) // 2, int(bar + 12 * unit)
    inner = inner.resize(size, Image.LANCZOS if factor < 1 else Image.BICUBIC)
    limit = H - 44 * unit if kind == "viewer" else H
    if Y + size[1] > limit:
        inner = inner.crop((0, 0, size[0], max(10, int(limit - Y))))
    im.paste(inner, (X, Y))
    reg = []
    for region, *message in inner_regions:
        box = [int(X + region[0] * factor), int(Y + region[1] * factor), int(region[2] * factor), int(region[3] * factor)]
        if box[1] + box[3] > limit + 3:
            return None
        reg.append((box, *message))
    return im, reg, factor, kind


def turn(im, reg, rot, mirror):
    """Rotate (clockwise degrees) and mirror a finished picture and its regions."""
    W, H = im.size
    if mirror:
        im = im.transpose(Image.FLIP_LEFT_RIGHT)
        reg = [([W - box[0] - box[2], box[1], box[2], box[3]], *rest) for box, *rest in reg]
    if rot == 90:
        im = im.transpose(Image.ROTATE_270)
        reg = [([H - box[1] - box[3], box[0], box[3], box[2]], *rest) for box, *rest in reg]
    if rot == 180:
        im = im.transpose(Image.ROTATE_180)
        reg = [([W - box[0] - box[2], H - box[1] - box[3], box[2], box[3]], *rest) for box, *rest in reg]
    if rot == 270:
        im = im.transpose(Image.ROTATE_90)
        reg = [([box[1], W - box[0] - box[2], box[3], box[2]], *rest) for box, *rest in reg]
    return im, reg


def save(rng, im, options, path):
    """Writes the file as `options` say."""
    kind = options["fmt"]
    extra = {}
    dpi = options.get("dpi")
    if dpi:
        extra["dpi"] = dpi if isinstance(dpi, tuple) else (dpi, dpi)
    if kind == "jpg":
        if options.get("exif"):
            exif = Image.Exif()
            exif[271] = rng.choice(["Samsung", "Xiaomi", "Apple", "HONOR"])
            exif[272] = rng.choice(["SM-A525F", "Redmi Note 10", "iPhone 11", "X8"])
            exif[306] = time.strftime("%Y:%m:%d %H:%M:%S", DATE)
            extra["exif"] = exif
        im.save(path, quality=options.get("q", 80), **extra)
    elif kind == "png":
        im.save(path, **extra)
    elif kind == "tif":
        im.save(path, compression=("group3" if options.get("g3") and rng.chance(0.5) else "group4") if im.mode == "1" else "tiff_lzw", **extra)
    elif kind == "pdf":
        # a fixed date: the same seed gives the same bytes
        dates = {"creationDate": DATE, "modDate": DATE}
        im.save(path, resolution=float(extra["dpi"][0] if extra else 150), quality=options.get("q", 80), **dates)
