"""Checkpoint -> patterns/models/mrz.onnx: batch norm folded, N and W dynamic, opset 13.

`export.py out/last.pt ../patterns/models/mrz.onnx`. Input `strip` f32 [N, 1, 24, W], W a multiple of 4, normalised by
net.normalise; output `logits` f32 [N, W/4, 38], log-probabilities.
"""

import sys

import torch

from net import Reader


def main():
    net = Reader()
    net.load_state_dict(torch.load(sys.argv[1]))
    net.eval()
    flat = net.folded()
    probe = torch.randn(2, 1, 24, 480)
    with torch.no_grad():
        assert torch.allclose(net(probe), flat(probe), atol=1e-3), "folding changed the result"
    torch.onnx.export(flat, probe, sys.argv[2], opset_version=13, input_names=["strip"], output_names=["logits"],
                      dynamic_axes={"strip": {0: "n", 3: "w"}, "logits": {0: "n", 1: "t"}})
    print("parameters", sum(p.numel() for p in flat.parameters()))


if __name__ == "__main__":
    main()
