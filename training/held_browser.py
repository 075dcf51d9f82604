"""Headless Chromium behind a pipe: HTML in, pixels or PDF out.

One browser process serves a whole run (a page takes 0.1 s); it speaks the DevTools protocol over two file
descriptors, so that nothing but the browser itself is needed.
"""

import base64
import json
import multiprocessing.util
import os
import shutil
import subprocess
import tempfile

import cv2
import numpy as np

MM = 96 / 25.4  # CSS px in a millimetre


class Browser:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="held-")
        to_read, to_write = os.pipe()
        from_read, from_write = os.pipe()
        flags = "--headless --no-sandbox --disable-gpu --remote-debugging-pipe --hide-scrollbars --force-color-profile=srgb --no-first-run --disable-extensions --disable-dev-shm-usage --disable-lcd-text"
        command = "exec chromium %s --user-data-dir=%s/profile about:blank 3<&%d 4>&%d" % (flags, self.folder, to_read, from_write)
        self.process = subprocess.Popen(["bash", "-c", command], pass_fds=(to_read, from_write), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        os.close(to_read)
        os.close(from_write)
        self.out, self.into = to_write, os.fdopen(from_read, "rb", buffering=0)
        self.buffer, self.count, self.session = b"", 0, None
        multiprocessing.util.Finalize(self, Browser.close, (self,), exitpriority=10)  # of a worker's end too
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def message(self):
        while b"\0" not in self.buffer:
            part = self.into.read(1 << 20)
            if not part:
                raise RuntimeError("the browser went away")
            self.buffer += part
        head, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(head)

    def call(self, method, **params):
        self.count += 1
        ask = {"id": self.count, "method": method, "params": params}
        if self.session:
            ask["sessionId"] = self.session
        data = json.dumps(ask).encode() + b"\0"
        while data:
            data = data[os.write(self.out, data):]
        while True:
            answer = self.message()
            if answer.get("id") == self.count:
                if "error" in answer:
                    raise RuntimeError(method + ": " + answer["error"]["message"])
                return answer["result"]

    def load(self, html):
        path = self.folder + "/page.html"
        with open(path, "w", encoding="utf-8") as file:
            file.write('<!doctype html><html lang="kk"><meta charset="utf-8"><style>*{box-sizing:border-box;margin:0;padding:0}html,body{background:transparent}</style>' + html)
        self.call("Page.navigate", url="file://" + path)
        while self.message().get("method") != "Page.loadEventFired":
            pass

    def pixels(self, html, w, h, dpi=96.0):
        """RGBA of the upper left `w` x `h` CSS px at `dpi`."""
        self.call("Emulation.setDeviceMetricsOverride", width=int(np.ceil(w)), height=int(np.ceil(h)), deviceScaleFactor=dpi / 96, mobile=False)
        self.call("Emulation.setDefaultBackgroundColorOverride", color={"r": 0, "g": 0, "b": 0, "a": 0})
        self.load(html)
        shot = self.call("Page.captureScreenshot", format="png", optimizeForSpeed=True)["data"]
        img = cv2.imdecode(np.frombuffer(base64.b64decode(shot), np.uint8), cv2.IMREAD_UNCHANGED)
        if img.shape[2] == 3:
            img = np.dstack([img, np.full(img.shape[:2], 255, np.uint8)])
        return cv2.cvtColor(img, cv2.COLOR_BGRA2RGBA)

    def mm(self, html, w, h, dpi):
        """As `pixels`, the size in millimetres."""
        return self.pixels(html, w * MM, h * MM, dpi)

    def pdf(self, html, w, h):
        """A PDF of one page of `w` x `h` mm with its text."""
        self.load(html)
        answer = self.call("Page.printToPDF", paperWidth=w / 25.4, paperHeight=h / 25.4, marginTop=0, marginBottom=0, marginLeft=0, marginRight=0, printBackground=True, pageRanges="1")
        return base64.b64decode(answer["data"])
