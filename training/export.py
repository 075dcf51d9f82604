"""Checkpoint -> patterns/models/NAME.f16, as src/reader/net.rs reads it.

`export.py text out/text.pt ../patterns/models/text.f16` (or mrz, glance). Batch norm is multiplied into the weights; of each layer, first to
last, the weights by output, input, row, column, then the biases, all as little-endian float16.
"""

import sys

import numpy as np
import torch

from net import NETS


def layers(net):
    return [*net.stem, *net.wide, net.out]


def read(name, path):
    """The folded network with the weights of such a file."""
    net = NETS[name][0]().folded()
    values = torch.from_numpy(np.fromfile(path, "<f2").astype(np.float32))
    at = 0
    for layer in layers(net):
        for part in (layer.weight, layer.bias):
            part.data = values[at : at + part.numel()].reshape(part.shape)
            at += part.numel()
    assert at == len(values), "%s has %d weights, %s needs %d" % (path, len(values), name, at)
    return net


def main():
    name, checkpoint, path = sys.argv[1:4]
    build, (height, width), _ = NETS[name]
    net = build()
    net.load_state_dict(torch.load(checkpoint))
    net.eval()
    flat = net.folded()
    parts = [part.detach().numpy().ravel() for layer in layers(flat) for part in (layer.weight, layer.bias)]
    np.concatenate(parts).astype("<f2").tofile(path)
    probe = torch.randn(2, 1, height, width)
    with torch.no_grad():
        assert torch.allclose(net(probe), flat(probe), atol=1e-3), "folding changed the result"
        print("parameters", sum(map(len, parts)), "rounding moves answers by", float((flat(probe) - read(name, path)(probe)).abs().max()))


if __name__ == "__main__":
    main()
