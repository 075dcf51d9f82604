"""The faces of the generator, where Debian puts them, and which package brings each.

The same seed gives the same pictures only with the same faces: one that is missing stops it, no other is taken instead.
"""

import functools
import os
import sys

from PIL import ImageFont

SHARE = "/usr/share"
# (package, folder, faces)
PACKAGES = [
    ("fonts-agave", "fonts/truetype/agave", "agave-r-autohinted.ttf"),
    ("fonts-b612", "fonts/opentype/b612", "B612-Regular.otf|B612Mono-Regular.otf"),
    ("fonts-breip", "fonts/truetype/breip", "breipfont.ttf"),
    ("fonts-bwht", "fonts/opentype/bwht", "BecauseWeBuild-Regular.otf|BecauseWeCreate-Regular.otf"),
    ("fonts-cabin", "fonts/opentype/cabin", "Cabin-Regular.otf"),
    ("fonts-clear-sans", "fonts/truetype/clear-sans", "ClearSans-Regular.ttf"),
    ("fonts-courier-prime", "fonts/opentype/courier-prime", "Courier Prime Code.otf|Courier Prime.otf"),
    ("fonts-croscore", "fonts/truetype/croscore", "Arimo-Bold.ttf|Arimo-Regular.ttf|Cousine-Regular.ttf"),
    ("fonts-crosextra-carlito", "fonts/truetype/crosextra", "Carlito-Bold.ttf|Carlito-Regular.ttf"),
    ("fonts-dancingscript", "fonts/opentype/dancingscript", "DancingScript-Regular.otf"),
    ("fonts-dejavu-core", "fonts/truetype/dejavu", "DejaVuSans-Bold.ttf|DejaVuSans.ttf|DejaVuSansMono.ttf|DejaVuSerif.ttf"),
    ("fonts-dejavu-extra", "fonts/truetype/dejavu", "DejaVuSansCondensed-Bold.ttf|DejaVuSansCondensed.ttf"),
    ("fonts-dkg-handwriting", "fonts/truetype/fifthhorseman", "dkg.ttf"),
    ("fonts-ebgaramond", "fonts/opentype/ebgaramond", "EBGaramond08-Regular.otf"),
    ("fonts-femkeklaver", "fonts/truetype/femkeklaver", "femkeklaver.ttf"),
    ("fonts-freefont-ttf", "fonts/truetype/freefont", "FreeMono.ttf|FreeSans.ttf|FreeSansBold.ttf|FreeSerif.ttf|FreeSerifBold.ttf"),
    ("fonts-go", "fonts/fonts-go", "Go-Bold.ttf|Go-Mono.ttf|Go-Regular.ttf"),
    (
        "fonts-ibm-plex",
        "fonts/truetype/ibm-plex",
        (
            "IBMPlexMono-Medium.ttf|IBMPlexMono-Regular.ttf|IBMPlexSans-Regular.ttf|IBMPlexSans-SemiBold.ttf|"
            "IBMPlexSansCondensed-Bold.ttf|IBMPlexSansCondensed-Regular.ttf|IBMPlexSerif-Regular.ttf|IBMPlexSerif-SemiBold.ttf"
        ),
    ),
    ("fonts-inter", "fonts/opentype/inter", "Inter-Bold.otf|Inter-Regular.otf"),
    ("fonts-jetbrains-mono", "fonts/truetype/jetbrains-mono", "JetBrainsMono-Regular.ttf"),
    ("fonts-kristi", "fonts/truetype/kristi", "Kristi.ttf"),
    ("fonts-lato", "fonts/truetype/lato", "Lato-Bold.ttf|Lato-Regular.ttf"),
    ("fonts-liberation", "fonts/truetype/liberation", "LiberationSansNarrow-Bold.ttf|LiberationSansNarrow-Regular.ttf"),
    (
        "fonts-liberation2",
        "fonts/truetype/liberation2",
        (
            "LiberationMono-Bold.ttf|LiberationMono-Regular.ttf|LiberationSans-Bold.ttf|LiberationSans-Regular.ttf|"
            "LiberationSerif-Bold.ttf|LiberationSerif-Regular.ttf"
        ),
    ),
    ("fonts-linuxlibertine", "fonts/opentype/linux-libertine", "LinLibertine_R.otf"),
    ("fonts-noto-core", "fonts/truetype/noto", "NotoSans-Bold.ttf|NotoSans-Regular.ttf|NotoSerif-Bold.ttf|NotoSerif-Regular.ttf"),
    ("fonts-noto-extra", "fonts/truetype/noto", "NotoSans-SemiCondensed.ttf|NotoSans-SemiCondensedBold.ttf"),
    ("fonts-ocr-a", "fonts/truetype/ocr-a", "OCRA.ttf"),
    ("fonts-ocr-b", "fonts/opentype/ocr-b", "OCRB.otf"),
    ("fonts-open-sans", "fonts/truetype/open-sans", "OpenSans-Bold.ttf|OpenSans-Regular.ttf"),
    ("fonts-paratype", "fonts/truetype/paratype", "PTF55F.ttf|PTF75F.ttf|PTN57F.ttf|PTN77F.ttf|PTS55F.ttf|PTS75F.ttf"),
    ("fonts-play", "fonts/truetype/play", "Play-Bold.ttf|Play-Regular.ttf"),
    ("fonts-roboto-unhinted", "fonts/truetype/roboto/unhinted", "RobotoCondensed-Bold.ttf|RobotoCondensed-Regular.ttf"),
    ("fonts-roboto-unhinted", "fonts/truetype/roboto/unhinted/RobotoTTF", "Roboto-Bold.ttf|Roboto-Regular.ttf"),
    ("fonts-rufscript", "fonts/truetype/rufscript", "Rufscript010.ttf"),
    ("fonts-sil-andika", "fonts/truetype/andika", "Andika-Bold.ttf|Andika-Regular.ttf"),
    ("fonts-sil-charis", "fonts/truetype/charis", "CharisSIL-Regular.ttf"),
    ("fonts-sil-gentiumplus", "fonts/truetype/gentiumplus", "GentiumPlus-Regular.ttf"),
    (
        "fonts-urw-base35",
        "fonts/opentype/urw-base35",
        (
            "C059-Roman.otf|NimbusMonoPS-Regular.otf|NimbusRoman-Regular.otf|NimbusSans-Bold.otf|NimbusSans-Regular.otf|"
            "NimbusSansNarrow-Bold.otf|NimbusSansNarrow-Regular.otf"
        ),
    ),
    ("texlive-fonts-extra", "texlive/texmf-dist/fonts/opentype/public/ocr-b-outline", "ocrb10.otf|ocrb8.otf|ocrb9.otf"),
]
PATHS = {face: os.path.join(SHARE, folder, face) for _, folder, faces in PACKAGES for face in faces.split("|")}

# What the letters of a choice must have at least.
KAZAKH = "ӘҒҚҢӨҰҮҺІәғқңөұүһіЖЩыя"
# The order is part of the seed.
POOLS = {
    "sans": (
        "LiberationSans-Regular.ttf|LiberationSansNarrow-Regular.ttf|IBMPlexSans-Regular.ttf|IBMPlexSansCondensed-Regular.ttf|Go-Regular.ttf"
        "|PTS55F.ttf|PTN57F.ttf|OpenSans-Regular.ttf|Arimo-Regular.ttf|Carlito-Regular.ttf|Roboto-Regular.ttf|RobotoCondensed-Regular.ttf|Lato-"
        "Regular.ttf|NotoSans-Regular.ttf|NotoSans-SemiCondensed.ttf|DejaVuSansCondensed.ttf|Inter-Regular.otf|Play-Regular.ttf|FreeSans.ttf|Andika-"
        "Regular.ttf|NimbusSans-Regular.otf|NimbusSansNarrow-Regular.otf|DejaVuSans.ttf|Cabin-Regular.otf|ClearSans-Regular.ttf|B612-Regular.otf"
    ).split("|"),
    "serif": (
        "LiberationSerif-Regular.ttf|IBMPlexSerif-Regular.ttf|PTF55F.ttf|NotoSerif-Regular.ttf|FreeSerif.ttf|CharisSIL-Regular.ttf|DejaVuSerif.ttf"
        "|GentiumPlus-Regular.ttf|LinLibertine_R.otf|EBGaramond08-Regular.otf|C059-Roman.otf|NimbusRoman-Regular.otf"
    ).split("|"),
    "mono": (
        "LiberationMono-Regular.ttf|IBMPlexMono-Regular.ttf|Go-Mono.ttf|DejaVuSansMono.ttf|Cousine-Regular.ttf|Courier Prime.otf|NimbusMonoPS-"
        "Regular.otf|FreeMono.ttf|JetBrainsMono-Regular.ttf|B612Mono-Regular.otf|agave-r-autohinted.ttf"
    ).split("|"),
    "hand": (
        "DancingScript-Regular.otf|Kristi.ttf|BecauseWeBuild-Regular.otf|BecauseWeCreate-Regular.otf|breipfont.ttf|dkg.ttf|femkeklaver.ttf" "|Rufscript010.ttf"
    ).split("|"),
}
BOLD = {
    "LiberationSans-Regular.ttf": "LiberationSans-Bold.ttf",
    "LiberationSansNarrow-Regular.ttf": "LiberationSansNarrow-Bold.ttf",
    "IBMPlexSans-Regular.ttf": "IBMPlexSans-SemiBold.ttf",
    "IBMPlexSansCondensed-Regular.ttf": "IBMPlexSansCondensed-Bold.ttf",
    "Go-Regular.ttf": "Go-Bold.ttf",
    "PTS55F.ttf": "PTS75F.ttf",
    "PTN57F.ttf": "PTN77F.ttf",
    "OpenSans-Regular.ttf": "OpenSans-Bold.ttf",
    "Arimo-Regular.ttf": "Arimo-Bold.ttf",
    "Carlito-Regular.ttf": "Carlito-Bold.ttf",
    "Roboto-Regular.ttf": "Roboto-Bold.ttf",
    "RobotoCondensed-Regular.ttf": "RobotoCondensed-Bold.ttf",
    "Lato-Regular.ttf": "Lato-Bold.ttf",
    "NotoSans-Regular.ttf": "NotoSans-Bold.ttf",
    "NotoSans-SemiCondensed.ttf": "NotoSans-SemiCondensedBold.ttf",
    "DejaVuSansCondensed.ttf": "DejaVuSansCondensed-Bold.ttf",
    "Inter-Regular.otf": "Inter-Bold.otf",
    "Play-Regular.ttf": "Play-Bold.ttf",
    "FreeSans.ttf": "FreeSansBold.ttf",
    "Andika-Regular.ttf": "Andika-Bold.ttf",
    "NimbusSans-Regular.otf": "NimbusSans-Bold.otf",
    "NimbusSansNarrow-Regular.otf": "NimbusSansNarrow-Bold.otf",
    "DejaVuSans.ttf": "DejaVuSans-Bold.ttf",
    "LiberationSerif-Regular.ttf": "LiberationSerif-Bold.ttf",
    "IBMPlexSerif-Regular.ttf": "IBMPlexSerif-SemiBold.ttf",
    "PTF55F.ttf": "PTF75F.ttf",
    "NotoSerif-Regular.ttf": "NotoSerif-Bold.ttf",
    "FreeSerif.ttf": "FreeSerifBold.ttf",
}


def check():
    """Stops where a face is missing and says which packages bring it."""
    missing = {}
    for package, folder, faces in PACKAGES:
        absent = [face for face in faces.split("|") if not os.path.exists(os.path.join(SHARE, folder, face))]
        if absent:
            missing.setdefault(package, []).extend(absent)
    if missing:
        for package, faces in missing.items():
            print("package %s is missing: %s" % (package, ", ".join(faces)), file=sys.stderr)
        sys.exit("apt-get install --no-install-recommends " + " ".join(missing))


@functools.lru_cache(4000)
def font(name, px):
    return ImageFont.truetype(PATHS[name], max(4, int(px)))


@functools.lru_cache(None)
def covers(name, chars):
    """Whether a face has a glyph for each of these."""
    face = ImageFont.truetype(PATHS[name], 40)
    none = bytes(face.getmask("\U000ffffe"))
    for c in chars:
        mask = face.getmask(c)
        if mask.getbbox() is None or bytes(mask) == none:
            return False
    return True


def bold(name):
    return BOLD.get(name, name)


@functools.lru_cache(None)
def pool(kind, chars=""):
    """The faces of a kind that have these letters."""
    return [name for name in POOLS[kind] if not chars or covers(name, chars)]


def sans_kk(rng):
    return rng.choice(pool("sans", KAZAKH))


def serif_kk(rng):
    return rng.choice(pool("serif", KAZAKH))


def any_kk(rng):
    return sans_kk(rng) if rng.chance(0.7) else serif_kk(rng)
