"""From a master drawing to a strip: through the scan's own resolution, by the reader's tolerances. Shared by all readers."""

import cv2
import numpy as np

EDGE = 8  # strip pixels drawn beyond the strip, so that wear has no border


def project(tall, geometry, scale, width, height):
    """Master -> the scan's own resolution (strip pixels times `scale`), by the strip's geometry."""
    size = (max(8, int(round((width + 2 * EDGE) * scale))), max(8, int(round((height + 2 * EDGE) * scale))))
    shift = np.array([[scale, 0, EDGE * scale], [0, scale, EDGE * scale], [0, 0, 1]], np.float64)
    m = shift @ geometry
    shrink = np.sqrt(abs(np.linalg.det(m[:2, :2])))
    if shrink < 0.8:
        tall = cv2.GaussianBlur(tall, (0, 0), 0.42 / shrink)
    return cv2.warpPerspective(tall, m, size, flags=cv2.INTER_LINEAR)


def to_strip(rng, g, scale, width, height):
    """The scan -> strip, by one of the samplings a reader may use."""
    x = EDGE * scale + (scale - 1) / 2
    m = np.array([[scale, 0, x], [0, scale, x]], np.float64)
    if scale > 1.15 and rng.random() < 0.8:
        # Antialiased as a box or Gaussian filter would.
        g = cv2.GaussianBlur(g, (0, 0), 0.36 * scale)
    flags = cv2.INTER_LINEAR if rng.random() < 0.75 else cv2.INTER_CUBIC
    return cv2.warpAffine(g, m, (width, height), flags=flags | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE)


def turned(affine, tilt, keystone, width, height):
    """`affine` followed by a turn of `tilt` radians and a perspective about the strip's middle."""
    c, s = np.cos(tilt), np.sin(tilt)
    cx, cy = width / 2, height / 2
    r = np.array([[c, -s, cx - c * cx + s * cy], [s, c, cy - s * cx - c * cy], [0, 0, 1]])
    p = np.eye(3)
    p[2, 0] = keystone
    p = np.array([[1, 0, cx], [0, 1, cy], [0, 0, 1.0]]) @ p @ np.array([[1, 0, -cx], [0, 1, -cy], [0, 0, 1.0]])
    return p @ r @ affine


def bend(g, bow, scale):
    """Page curl: the middle of the line stands `bow` strip pixels lower than its ends."""
    h, w = g.shape
    dy = (bow * scale * (1 - np.square(np.linspace(-1, 1, w)))).astype(np.float32)
    xs, ys = np.meshgrid(np.arange(w, dtype=np.float32), np.arange(h, dtype=np.float32))
    return cv2.remap(g, xs, ys - dy[None, :], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
