"""Hard pictures of zones, and look-alikes: what the hint network learns from and zones at any angle are tried on.

`pages_hard.py DIR COUNT SEED [pos|neg|CHANNEL,..]` writes COUNT pictures a channel and DIR/truth.jsonl as pages.py does. Documents are
drawn by pages.py and seen by a pinhole camera (`tilt20`, `tilt30`, `spin`, `spintilt`, `distant`, `two`), or scanned inverted (`dark`),
small (`small`, `tiny`), mirrored, cut through the ends of the rows (`cut`), under glare, on heavy guilloche, or with a wrong composite or
personal-number digit printed (`badcomp`).
"""

import json
import os
import sys

import cv2
import numpy as np
from PIL import Image, ImageDraw

import degrade
import mrzgen
from pages import *

def project(rng, art, width, ratio, share, tilt, spin, ground=None):
    """art on a table seen by a pinhole camera; tilt degrees from above, spin in plane."""
    height = int(width * ratio)
    base = rng.uniform(40, 200, 3).astype(np.float32)
    table = np.ones((height, width, 3), np.float32) * base
    table += (degrade.smooth(rng, (height, width), rng.uniform(30, 400)) * rng.uniform(5, 40))[:, :, None]
    h, w = art.shape[:2]
    f = 1.1 * max(width, height)
    az = rng.uniform(0, 2*np.pi)
    t, s = np.deg2rad(tilt), np.deg2rad(spin)
    pts = np.array([[-w/2,-h/2],[w/2,-h/2],[w/2,h/2],[-w/2,h/2]])
    pts = pts @ np.array([[np.cos(s), np.sin(s)],[-np.sin(s), np.cos(s)]])
    p3 = np.c_[pts, np.zeros(4)]
    k = np.array([np.cos(az), np.sin(az), 0]); K = np.array([[0,-k[2],k[1]],[k[2],0,-k[0]],[-k[1],k[0],0]])
    R = np.eye(3) + np.sin(t)*K + (1-np.cos(t))*K@K
    p3 = p3 @ R.T
    def image(z0):
        q = p3 + [0,0,z0]
        return q[:, :2] / q[:, 2:] * f
    lo, hi = max(w,h)*0.6, max(w,h)*60
    for _ in range(40):
        z = (lo*hi)**0.5
        c = image(z); ext = (c.max(0)-c.min(0))
        if (ext[0] > width*share) or (ext[1] > height*share): lo = z
        else: hi = z
    c = image(hi)
    mid = (c.max(0)+c.min(0))/2; ext=c.max(0)-c.min(0)
    room = np.maximum(0, (np.array([width,height])-ext)/2*0.9)
    c = c - mid + np.array([width/2,height/2]) + rng.uniform(-1,1,2)*room
    m = cv2.getPerspectiveTransform(np.array([[0,0],[w,0],[w,h],[0,h]],np.float32), c.astype(np.float32))
    sc = np.linalg.norm(c[1]-c[0])/w
    soft = cv2.GaussianBlur(art, (0,0), 0.42/sc) if sc < 0.8 else art
    cv2.warpPerspective(soft, m, (width,height), dst=table, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT)
    shade = degrade.light(rng, (height,width), 0.9)
    table = table*shade[:,:,None]*rng.uniform(0.75,1.0)
    return table, m, sc

def finish(rng, img, blur=(0.4,0.9), noise=(1,7)):
    img = cv2.GaussianBlur(img, (0,0), rng.uniform(*blur))
    return np.clip(img + degrade.noise(rng, img.shape[:2])[:,:,None]*rng.uniform(*noise), 0, 255)

RAT=[0.75,1.333,0.5625]
def bad(rng):
    """document with a wrong composite digit printed"""
    keep = mrzgen.zone
    kind = str(rng.choice(["td1","td2","td3"]))
    def wrong(r, k=None):
        fmt, lines = keep(r, kind)
        lines = list(lines)
        n = {"td1":(1,29),"td2":(1,35),"td3":(1,43)}[fmt]
        l = lines[n[0]]; d = l[n[1]]
        new = str((int(d) if d.isdigit() else 0)+int(rng.integers(1,10)))[-1]
        if fmt == "td3" and rng.random()<0.3 and l[42].isdigit():
            n=(1,42); new=str((int(l[42])+int(rng.integers(1,10)))%10)
        lines[n[0]] = l[:n[1]]+new+l[n[1]+1:]
        return fmt, lines
    mrzgen.zone = wrong
    try: return document(rng, kind)
    finally: mrzgen.zone = keep

def scanlike(rng, art, dpi, pad=1.06, angle=0.5):
    page = np.full((int(art.shape[0]*dpi/600*pad), int(art.shape[1]*dpi/600*pad), 3), rng.uniform(180,255), np.float32)
    page = lay(page, art, (page.shape[1]/2, page.shape[0]/2), dpi/600, rng.normal(0, angle))
    return scan_wear(rng, page, dpi, 0.5)

def positive(rng, ch):
    if ch == "two":
        a, l1, f1 = document(rng); b, l2, f2 = document(rng, f1)
        h = max(a.shape[0], 1); w = max(a.shape[1], b.shape[1])
        both = np.full((a.shape[0]+b.shape[0]+200, w, 3), 235, np.float32)
        both[:a.shape[0], :a.shape[1]] = a; both[a.shape[0]+200:, :b.shape[1]] = b
        img, *_ = project(rng, both, int(rng.choice([1600,2200,3000])), rng.choice(RAT), 0.9, rng.uniform(0,15), rng.normal(0,6))
        return finish(rng, img), [l1, l2]
    if ch == "badcomp":
        art, lines, fmt = bad(rng)
        if rng.random()<0.5:
            return scanlike(rng, art, int(rng.choice([150,200,300]))), [lines]
        img, *_ = project(rng, art, int(rng.choice([1280,1600])), 0.75, 0.8, rng.uniform(0,12), rng.normal(0,4))
        return finish(rng, img), [lines]
    art, lines, fmt = document(rng)
    n = len(lines[0])
    if ch == "guilloche":
        for _ in range(4):
            field = degrade.guilloche(rng, (art.shape[0]//3, art.shape[1]//3), rng.uniform(4, 14))
            field = cv2.resize(field, (art.shape[1], art.shape[0]))
            art = art - field[:,:,None]*rng.uniform(15, 45, 3).astype(np.float32)
        art = np.clip(art, 0, 255)
        return scanlike(rng, art, int(rng.choice([150,200,300]))), [lines]
    if ch == "dark":
        img = 255-scanlike(rng, art, int(rng.choice([150,200,300])))
        return img, [lines]
    if ch in ("small","tiny"):
        px = rng.uniform(8,12) if ch=="small" else rng.uniform(5.2,7.5)
        scale = px/(2.54*MM)
        img = cv2.resize(cv2.GaussianBlur(art,(0,0),0.42/scale), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        return np.clip(img+degrade.noise(rng,img.shape[:2])[:,:,None]*rng.uniform(0,3),0,255), [lines]
    if ch == "mirrored":
        img = scanlike(rng, art, int(rng.choice([150,200,300])), 1.3, 2)
        img = np.ascontiguousarray(img[:, ::-1] if rng.random()<0.5 else np.rot90(img)[:, ::-1])
        return img, [lines]
    if ch == "cut":
        w = art.shape[1]
        pitch = min(2.54*MM, (w-4.5*MM)/n)
        x0 = (w-pitch*n)/2
        k = int(rng.integers(1,4))
        if rng.random()<0.5: art = art[:, int(x0+pitch*k):]
        else: art = art[:, :int(w-x0-pitch*k)]
        img, *_ = project(rng, np.ascontiguousarray(art), 1400, 0.75, 0.9, rng.uniform(0,8), rng.normal(0,3)) if rng.random()<0.4 else (scanlike(rng, np.ascontiguousarray(art), int(rng.choice([150,200,300])), 1.0, 0.2),)
        return img, [lines]
    if ch == "glare":
        h, w = art.shape[:2]
        yy, xx = np.mgrid[0:h,0:w].astype(np.float32)
        cx, cy = rng.uniform(0.05,0.95)*w, h*rng.uniform(0.78,0.95)
        d = (np.square((xx-cx)/(rng.uniform(1.5,4)*2.54*MM))+np.square((yy-cy)/(rng.uniform(1.0,2.5)*2.54*MM)))
        art = np.clip(art + (np.exp(-d)*rng.uniform(140,260))[:,:,None], 0, 255)
        img, *_ = project(rng, art, int(rng.choice([1280,1600,2200])), 0.75, 0.85, rng.uniform(0,12), rng.normal(0,5))
        return finish(rng, img), [lines]
    tilt, spin, share = {"tilt20":(rng.uniform(14,22), rng.normal(0,6), 0.9), "tilt30":(rng.uniform(24,32), rng.normal(0,8), 0.92),
        "spin":(rng.uniform(0,8), rng.uniform(0,360), 0.92), "distant":(rng.uniform(0,15), rng.normal(0,5), rng.uniform(0.3,0.5)), "spintilt":(rng.uniform(15,25), rng.uniform(0,360), 0.92)}[ch]
    width = int(rng.choice([1280,1600,2200,3000]))
    ratio = rng.choice(RAT)
    img, m, sc = project(rng, art, width, ratio, share, tilt, spin)
    # keep pitch >= 8 px
    if sc*2.54*MM < 8.5:
        img, m, sc = project(rng, art, int(width*9/(sc*2.54*MM)), ratio, share, tilt, spin)
    return finish(rng, img), [lines]

MONO = CODE_FACES
def typed(rng, caps=True):
    dpi = int(rng.choice([100,150,200])); page = sheet(dpi)
    image = Image.fromarray(page.astype(np.uint8)); d = ImageDraw.Draw(image); h,w = page.shape[:2]
    face = MONO[int(rng.integers(len(MONO)))]; size = rng.uniform(9,12)*dpi/72
    y = h*0.06; sp = rng.choice([1.2,1.5,2.0])
    n = int(w*0.84/(size*0.6))
    while y < h*0.94:
        if rng.random()<0.15: y += size*sp; continue
        t = "".join(mrzgen.pick(rng, ["ИНВ ","ACCOUNT ","KZT ","ТОО АЛМАТЫ ","NO. "+mrzgen.digits(rng,5)+" ", mrzgen.letters(rng,int(rng.integers(3,10)))+" ", mrzgen.digits(rng,int(rng.integers(2,9)))+" "]) for _ in range(14))
        d.text((w*0.08,y), t[:n if rng.random()<0.6 else int(n*rng.uniform(0.2,1))], font=font(face,size), fill=30); y += size*sp
    return scan_wear(rng, np.asarray(image).astype(np.float32), dpi, 0.5)

def terminal(rng):
    w,h = (int(v) for v in ((1280,800),(1366,768),(1600,900),(1000,700))[int(rng.integers(4))])
    image = Image.new("RGB",(w,h),(25,25,35)); d = ImageDraw.Draw(image); face=MONO[int(rng.integers(len(MONO)))]
    size = int(rng.integers(11,18)); y=10
    while y < h-20:
        r = rng.random()
        t = ("%08x  " % int(rng.integers(1<<30)) + " ".join("%02x"%int(v) for v in rng.integers(0,256,16)) + "  |................|") if r<0.3 else "2026-11-%02d 12:%02d:%02d INFO worker-%d request=%s took=%dms" % (*rng.integers(1,29,1), *rng.integers(10,59,2), *rng.integers(1,9,1), mrzgen.digits(rng,12), int(rng.integers(1,999))) if r<0.7 else CODE[int(rng.integers(len(CODE)))]
        d.text((8,y), t, font=font(face,size), fill=tuple(int(v) for v in rng.integers(150,255,3))); y += int(size*1.3)
    out = np.asarray(image).astype(np.float32)
    return 255-out if rng.random()<0.3 else out

def grid(rng):
    """spreadsheet on screen"""
    w,h = 1366,768; image = Image.new("RGB",(w,h),(255,255,255)); d=ImageDraw.Draw(image); face=FACES[int(rng.integers(len(FACES)))]
    rh=int(rng.integers(18,26)); cw=int(rng.integers(70,140))
    for y in range(0,h,rh):
        d.line((0,y,w,y), fill=(210,210,210))
        for x in range(0,w,cw):
            if rng.random()<0.9: d.text((x+4,y+3), mrzgen.pick(rng,[mrzgen.digits(rng,8), "%.2f"%rng.uniform(0,1e5), mrzgen.letters(rng,6), "12.%02d.2025"%int(rng.integers(1,13))]), font=font(face,rh*0.6), fill=20)
    for x in range(0,w,cw): d.line((x,0,x,h), fill=(210,210,210))
    return np.asarray(image).astype(np.float32)

def card(rng, kind):
    w,h = int(85.6*MM), int(54*MM)
    art = background(rng, w, h); image = Image.fromarray(np.clip(art,0,255).astype(np.uint8)); d = ImageDraw.Draw(image)
    if kind == "bank":
        num = " ".join(mrzgen.digits(rng,4) for _ in range(4))
        write(d,(8*MM,28*MM),num,MONO[0],5*MM,(30,30,30)); write(d,(8*MM,45*MM),"AIGUL TESTOVA",MONO[0],3.4*MM,(30,30,30)); write(d,(40*MM,38*MM),"12/29",MONO[0],3.4*MM,(30,30,30))
    else:
        write(d,(4*MM,2*MM),"ЖҮРГІЗУШІ КУӘЛІГІ / DRIVING LICENCE",BOLD[0],3*MM,(20,20,60))
        body = "D1KAZ" + mrzgen.letters(rng,2)+mrzgen.digits(rng,9)+mrzgen.letters(rng,3)+mrzgen.digits(rng,6)
        body = (body+"<"*30)[:29]
        line = body + str(sum((int(c) if c.isdigit() else ord(c)-55 if c.isalpha() else 0)*wt for c,wt in zip(body,[7,3,1]*10))%10)
        for k in range(4): write(d,(30*MM,(10+6*k)*MM),"%d. %s"%(k+1, LABELS[k+3][1]),FACES[0],3*MM,(20,20,20))
        cover = zone_cover(rng,[line],2.54*MM,2.54*MM*1.7,ZONE_FACES[0])
        art = np.asarray(image).astype(np.float32); y0=h-int(8*MM); x0=int((w-cover.shape[1])/2)
        c = cover[:min(cover.shape[0],h-y0), max(0,-x0):max(0,-x0)+w].astype(np.float32)[:,:,None]/255; x0=max(0,x0)
        art[y0:y0+c.shape[0], x0:x0+c.shape[1]] = art[y0:y0+c.shape[0], x0:x0+c.shape[1]]*(1-c)+30*c
        image = Image.fromarray(np.clip(art,0,255).astype(np.uint8))
    art = np.asarray(image).astype(np.float32)
    if rng.random()<0.5: return scanlike(rng, art, int(rng.choice([150,200,300])))
    return finish(rng, project(rng, art, 1280, 0.75, 0.8, rng.uniform(0,15), rng.normal(0,6))[0])

def neg(rng, ch):
    k = ch[4:]
    if k == "typed": return typed(rng)
    if k == "terminal": return terminal(rng)
    if k == "grid": return grid(rng)
    if k in ("bank","licence"): return card(rng, k)
    class R:
        def __init__(s, r): s.r, s.first = r, True
        def __getattr__(s, n): return getattr(s.r, n)
        def choice(s, a, **kw):
            if s.first: s.first=False; return k
            return s.r.choice(a, **kw)
    return negative(R(rng))[0]

POS = ["tilt20","tilt30","spin","spintilt","distant","dark","small","tiny","mirrored","cut","glare","guilloche","badcomp","two"]
NEG = ["neg_"+k for k in "letter form table receipt code chart texture barcodes front photo typed terminal grid bank licence".split()]
def main():
    where, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    what = sys.argv[4] if len(sys.argv) > 4 else "all"
    which = {"pos": POS, "neg": NEG, "all": POS + NEG}.get(what) or what.split(",")
    os.makedirs(where, exist_ok=True)
    with open(os.path.join(where,"truth.jsonl"),"a") as out:
        for ci, ch in enumerate(which):
            for k in range(count):
                rng = np.random.default_rng([seed, ci, k])
                if ch.startswith("neg_"): img, docs = neg(rng, ch), []
                else: img, docs = positive(rng, ch)
                img = np.clip(img,0,255).astype(np.uint8)
                name = "%s_%03d.%s" % (ch, k, "png" if rng.random()<0.25 else "jpg")
                kw = dict(quality=int(rng.choice([60,75,85,92]))) if name.endswith("jpg") else dict(compress_level=1)
                Image.fromarray(img if rng.random()<0.7 or img.ndim==2 else cv2.cvtColor(img, cv2.COLOR_RGB2GRAY)).save(os.path.join(where,name), **kw)
                out.write(json.dumps({"file":name,"documents":docs,"channel":ch})+"\n"); out.flush()
if __name__ == "__main__":
    main()
