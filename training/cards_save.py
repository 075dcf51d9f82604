"""Writes the pictures of cards.py as files of a share: JPEG, PNG, TIFF (also fax G3 and G4), BMP, PDF, DOCX."""

import io
import os
import zipfile

from PIL import Image, TiffImagePlugin

MAKERS = (("samsung", "SM-A546E"), ("Apple", "iPhone 12"), ("Xiaomi", "2201117TY"), ("HUAWEI", "JNY-LX1"), ("Google", "Pixel 7"), ("OPPO", "CPH2239"))
PRODUCERS = ("KONICA MINOLTA bizhub C258", "Canon iR-ADV C3530", "HP Scan", "Xerox WorkCentre 3345", "NAPS2", "CamScanner", "Adobe Scan for Android", "Kyocera ECOSYS", "")


def jpeg(image, quality, dpi=None, subsampling=2, exif=None):
    out = io.BytesIO()
    more = {}
    if dpi:
        more["dpi"] = dpi
    if exif is not None:
        more["exif"] = exif.tobytes()
    image.save(out, "JPEG", quality=int(quality), subsampling=subsampling if image.mode == "RGB" else 0, **more)
    return out.getvalue()


def camera_tags(rng, orientation=None):
    exif = Image.Exif()
    make, model = MAKERS[int(rng.integers(len(MAKERS)))]
    exif[0x010F], exif[0x0110] = make, model
    exif[0x0132] = "20%02d:%02d:%02d 10:%02d:11" % (rng.integers(17, 26), rng.integers(1, 13), rng.integers(1, 28), rng.integers(60))
    if orientation:
        exif[0x0112] = orientation
    return exif


def ccitt(image):
    """Group 4 data of a 1-bit image, one strip."""
    out = io.BytesIO()
    usual, TiffImagePlugin.STRIP_SIZE = TiffImagePlugin.STRIP_SIZE, 1 << 30
    image.save(out, "TIFF", compression="group4")
    TiffImagePlugin.STRIP_SIZE = usual
    data = out.getvalue()
    tags = Image.open(io.BytesIO(data)).tag_v2
    assert len(tags[273]) == 1
    at, size = tags[273][0], tags[279][0]
    return data[at:at + size], tags.get(262, 0)


def pdf(pages, producer):
    """Pages of one image each: (data, filter, width, height, bits, colours, decode parameters, dpi)."""
    objects, kids = [], []
    tree = 1 + 3 * len(pages)
    for data, how, w, h, bits, colours, parms, dpi in pages:
        pw, ph = w * 72 / dpi[0], h * 72 / dpi[1]
        space = b"/DeviceRGB" if colours == 3 else b"/DeviceGray"
        head = b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent %d /ColorSpace %s /Filter /%s %s /Length %d >>" % (w, h, bits, space, how, parms, len(data))
        objects.append(head + b"\nstream\n" + data + b"\nendstream")
        image = len(objects)
        content = b"q %.2f 0 0 %.2f 0 0 cm /I Do Q" % (pw, ph)
        objects.append(b"<< /Length %d >>\nstream\n" % len(content) + content + b"\nendstream")
        objects.append(b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %.2f %.2f] /Resources << /XObject << /I %d 0 R >> >> /Contents %d 0 R >>" % (tree, pw, ph, image, image + 1))
        kids.append(len(objects))
    objects.append(b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(b"%d 0 R" % k for k in kids)))
    objects.append(b"<< /Type /Catalog /Pages %d 0 R >>" % tree)
    objects.append(b"<< /Producer (%s) >>" % producer.encode("latin-1"))
    out, places = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"), []
    for k, body in enumerate(objects):
        places.append(len(out))
        out += b"%d 0 obj\n" % (k + 1) + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % p for p in places)
    out += b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, tree + 1, tree + 2, start)
    return bytes(out)


def docx(data, name, w, h):
    """A text document with one picture."""
    out = io.BytesIO()
    cx = int(min(16.0, w / 40) * 360000)
    cy = int(cx * h / w)
    ns = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
    drawing = (
        '<w:drawing><wp:inline><wp:extent cx="%d" cy="%d"/><wp:docPr id="1" name="1"/><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr><pic:cNvPr id="1" name="1"/><pic:cNvPicPr/></pic:nvPicPr>'
        '<pic:blipFill><a:blip r:embed="rId1"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="%d" cy="%d"/></a:xfrm><a:prstGeom prst="rect"/></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing>' % (cx, cy, cx, cy)
    )
    kind = name.rsplit(".", 1)[1]
    parts = {
        "[Content_Types].xml": '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Default Extension="%s" ContentType="image/%s"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>' % (kind, kind),
        "_rels/.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": '<?xml version="1.0"?><w:document %s><w:body><w:p><w:r><w:t>Приложение</w:t></w:r></w:p><w:p><w:r>%s</w:r></w:p></w:body></w:document>' % (ns, drawing),
        "word/_rels/document.xml.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" Target="media/%s"/></Relationships>' % name,
        "word/media/" + name: data,
    }
    with zipfile.ZipFile(out, "w") as archive:
        for path, body in parts.items():
            info = zipfile.ZipInfo(path, (2024, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, body)
    return out.getvalue()


def save(rng, where, name, px, spec):
    """`spec`: bits, dpi (x, y) or None, look (photo, scan, fax, screen), container (none, pdf, docx), exif, before (a grey
    page that comes first in a PDF). Gives the file name."""
    image = Image.fromarray(px)
    dpi, look, container = spec.get("dpi"), spec["look"], spec.get("container", "none")
    pages = []
    if "before" in spec:
        first = Image.fromarray(spec["before"])
        pages.append((jpeg(first, 70), b"DCTDecode", first.size[0], first.size[1], 8, 1, b"", (100, 100)))
    small = px.shape[0] * px.shape[1] < 2_500_000
    if spec.get("bits") == 1:
        image = image.point(lambda v: 255 if v > 127 else 0).convert("1")
        if container == "pdf":
            data, photometric = ccitt(image)
            black = b"true" if photometric == 1 else b"false"
            parms = b"/DecodeParms << /K -1 /Columns %d /Rows %d /BlackIs1 %s >>" % (image.size[0], image.size[1], black)
            body = pdf(pages + [(data, b"CCITTFaxDecode", image.size[0], image.size[1], 1, 1, parms, dpi or (200, 200))], PRODUCERS[int(rng.integers(len(PRODUCERS)))])
            return put(where, name + ".pdf", body)
        if look == "fax" or rng.random() < 0.6:
            image.save(os.path.join(where, name + ".tif"), compression=str(rng.choice(["group4", "group4", "group3"])), dpi=dpi)
            return name + ".tif"
        image.save(os.path.join(where, name + ".png"), dpi=dpi)
        return name + ".png"
    if look == "photo":
        quality = int(rng.choice([40, 55, 65, 72, 80, 85, 90], p=[0.06, 0.1, 0.16, 0.2, 0.2, 0.16, 0.12]))
        data, ext = jpeg(image, quality, exif=spec.get("exif")), "jpg"
    elif look == "screen" and rng.random() < 0.85:
        out = io.BytesIO()
        image.save(out, "PNG", compress_level=2)
        data, ext = out.getvalue(), "png"
    elif small and container == "none" and rng.random() < 0.2:
        out = io.BytesIO()
        image.save(out, "PNG", compress_level=1, **({"dpi": dpi} if dpi else {}))
        data, ext = out.getvalue(), "png"
    elif container == "none" and rng.random() < 0.08:
        image.save(os.path.join(where, name + ".tif"), compression=str(rng.choice(["tiff_lzw", "raw", "jpeg"])), **({"dpi": dpi} if dpi else {}))
        return name + ".tif"
    elif container == "none" and small and rng.random() < 0.05:
        image.save(os.path.join(where, name + ".bmp"))
        return name + ".bmp"
    else:
        data, ext = jpeg(image, int(rng.choice([40, 55, 65, 75, 75, 85, 92])), dpi, int(rng.choice([0, 2]))), "jpg"
    if container == "pdf":
        if ext != "jpg":
            data = jpeg(image, 85)
        colours = 3 if image.mode == "RGB" else 1
        return put(where, name + ".pdf", pdf(pages + [(data, b"DCTDecode", image.size[0], image.size[1], 8, colours, b"", dpi or (150, 150))], PRODUCERS[int(rng.integers(len(PRODUCERS)))]))
    if container == "docx":
        kind = "jpeg" if ext == "jpg" else ext
        return put(where, name + ".docx", docx(data, "image1." + kind, *image.size))
    return put(where, name + "." + ext, data)


def put(where, name, data):
    with open(os.path.join(where, name), "wb") as out:
        out.write(data)
    return name
