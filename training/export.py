"""Checkpoint -> patterns/models/NAME.onnx: batch norm folded, N and W dynamic, opset 13.

`export.py text out/text.pt ../patterns/models/text.onnx` (or mrz, glance). Input `strip` f32 [N, 1, H, W] normalised by
net.normalise, output `logits`: log-probabilities. The weights of `text` and `glance` are stored as f16, each with a Cast to f32 before
its use; that needs the package onnx, which may live in another Python: `export.py halve FILE.onnx` does this step alone.
"""

import sys


def halve(path):
    """Rewrites every f32 initialiser of at least 256 numbers as f16 and a Cast."""
    import numpy as np
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.load(path)
    graph, casts = model.graph, []
    for k, tensor in enumerate(list(graph.initializer)):
        if tensor.data_type != onnx.TensorProto.FLOAT or int(np.prod(tensor.dims)) < 256:
            continue
        name = tensor.name
        small = numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), name + ".f16")
        graph.initializer[k].CopyFrom(small)
        casts.append(helper.make_node("Cast", [name + ".f16"], [name], to=onnx.TensorProto.FLOAT))
    for node in reversed(casts):
        graph.node.insert(0, node)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def main():
    if sys.argv[1] == "halve":
        return halve(sys.argv[2])
    import torch
    from net import NETS

    name, checkpoint, path = sys.argv[1:4]
    build, (height, width), _ = NETS[name]
    net = build()
    net.load_state_dict(torch.load(checkpoint))
    net.eval()
    flat = net.folded()
    probe = torch.randn(2, 1, height, width)
    with torch.no_grad():
        assert torch.allclose(net(probe), flat(probe), atol=1e-3), "folding changed the result"
    axes = {"strip": {0: "n"}, "logits": {0: "n"}}
    if name != "glance":
        axes = {"strip": {0: "n", 3: "w"}, "logits": {0: "n", 1: "t"}}
    torch.onnx.export(flat, probe, path, opset_version=13, input_names=["strip"], output_names=["logits"], dynamic_axes=axes)
    print("parameters", sum(p.numel() for p in flat.parameters()))
    if name != "mrz":
        try:
            halve(path)
        except ImportError:
            print("weights are still f32: run `export.py halve %s` with a Python that has onnx" % path)


if __name__ == "__main__":
    main()
