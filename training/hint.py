"""The hint network: is this small strip of a row of a zone, and which way is it turned?

`read_mrz DIR --strips=FILE` writes the strips (FILE holds a byte for the turn, 4 for none, then 16 x 96 pixels);
`hint.py OUT FILE..` trains for some minutes on one core and writes OUT, the weights as little-endian float16 in the
order of PARAMETERS (src/reader/net.rs). Every fifth block of 600 strips is kept apart and measured.
"""

import sys
import time

import numpy as np
import torch
from torch import nn

HEIGHT, WIDTH, BLOCK = 16, 96, 600
NONE = 4
# Turn as (backwards, flipped), in the order of `turn_of` in src/detect/mrz_picture/hint.rs.
TURNS = [(0, 0), (1, 1), (1, 0), (0, 1)]
MINUTES = 10.0


class Hint(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(1, 8, 5, 2, 2)
        self.b = nn.Conv2d(8, 16, 3, 2, 1)
        self.c = nn.Conv2d(16, 24, (4, 3), 1, (0, 1))
        self.d = nn.Linear(48, 5)

    def forward(self, x):
        x = torch.relu(self.a(x))
        x = torch.relu(self.b(x))
        x = torch.relu(self.c(x))[:, :, 0]
        return self.d(torch.cat([x.mean(2), x.amax(2)], 1))


PARAMETERS = ["a.weight", "a.bias", "b.weight", "b.bias", "c.weight", "c.bias", "d.weight", "d.bias"]


def load(paths):
    strips, labels, kept = [], [], []
    for path in paths:
        raw = np.fromfile(path, np.uint8).reshape(-1, 1 + HEIGHT * WIDTH)
        labels.append(raw[:, 0])
        strips.append(raw[:, 1:].reshape(-1, HEIGHT, WIDTH))
        kept.append(np.arange(len(raw)) // BLOCK % 5 == 4)
    return np.concatenate(strips), np.concatenate(labels), np.concatenate(kept)


def normal(x):
    x = x.astype(np.float32)
    mean = x.mean((1, 2), keepdims=True)
    return (x - mean) / (x.std((1, 2), keepdims=True) + 12.75)


def varied(rng, x, y):
    """Turned, inverted, shifted, blurred, noisy."""
    x, y = x.astype(np.float32), y.copy()
    turn = np.array(TURNS)
    for axis, bit in ((2, 0), (1, 1)):
        which = rng.random(len(x)) < 0.5
        x[which] = np.flip(x[which], axis)
        zone = which & (y != NONE)
        bits = turn[y[zone]]
        bits[:, bit] ^= 1
        y[zone] = np.array([0, 3, 2, 1])[bits[:, 0] * 2 + bits[:, 1]]
    which = rng.random(len(x)) < 0.2
    x[which] = 255 - x[which]
    dx, dy = rng.integers(-4, 5), rng.integers(-1, 2)
    x = np.roll(x, dx, 2)
    x = np.roll(x, dy, 1)
    which = rng.random(len(x)) < 0.3
    x[which, :, 1:] = (x[which, :, 1:] + x[which, :, :-1]) / 2
    x += rng.normal(0, 1, x.shape).astype(np.float32) * rng.uniform(0, 14, (len(x), 1, 1)).astype(np.float32) * (rng.random((len(x), 1, 1)) < 0.5)
    return x, y


def main():
    out, paths = sys.argv[1], sys.argv[2:]
    torch.set_num_threads(1)
    torch.manual_seed(1)
    rng = np.random.default_rng(1)
    strips, labels, kept = load(paths)
    print("strips", len(labels), "of zones", int((labels != NONE).sum()), "kept apart", int(kept.sum()))
    zone, other = np.flatnonzero(~kept & (labels != NONE)), np.flatnonzero(~kept & (labels == NONE))
    net = Hint()
    best = torch.optim.AdamW(net.parameters(), 3e-3, weight_decay=1e-3)
    start, step = time.time(), 0
    loss_of = nn.CrossEntropyLoss()
    while (spent := (time.time() - start) / 60 / MINUTES) < 1:
        for group in best.param_groups:
            group["lr"] = 3e-3 * (1 + np.cos(np.pi * spent)) / 2 + 1e-5
        index = np.concatenate([rng.choice(zone, 96), rng.choice(other, 160)])
        x, y = varied(rng, strips[index], labels[index].astype(np.int64))
        loss = loss_of(net(torch.from_numpy(normal(x))[:, None]), torch.from_numpy(y))
        best.zero_grad()
        loss.backward()
        best.step()
        step += 1
        if step % 500 == 0:
            print(step, "%.3f" % float(loss), flush=True)
    net.eval()
    with torch.no_grad():
        x, y = normal(strips[kept]), labels[kept]
        p = torch.softmax(torch.cat([net(torch.from_numpy(x[i:i + 512])[:, None]) for i in range(0, len(x), 512)]), 1).numpy()
    is_zone = y != NONE
    some = 1 - p[:, NONE]
    for least in (0.02, 0.05, 0.1, 0.2, 0.5):
        print("over %.2f: zones %.4f others %.4f" % (least, (some[is_zone] > least).mean(), (some[~is_zone] > least).mean()))
    print("turn right %.4f, mirror right %.4f" % ((p[is_zone, :4].argmax(1) == y[is_zone]).mean(), ((p[is_zone, :4].argmax(1) > 1) == (y[is_zone] > 1)).mean()))
    state = net.state_dict()
    np.concatenate([state[name].numpy().ravel() for name in PARAMETERS]).astype("<f2").tofile(out)


if __name__ == "__main__":
    main()
