"""The reader's network: strip [N, 1, 24, W] -> logits [N, W/4, 38] (class 0 blank, then mrzgen.ALPHABET).

Five 2-D convolutions fold the height away, then dilated 1-D residual blocks look about four characters to either
side. No recurrence, so a line costs the same per pixel at any width. Every convolution is followed by batch norm, which
`fold` multiplies into the weights for export.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F

from mrzgen import ALPHABET

CLASSES = 1 + len(ALPHABET)


def normalise(strips):
    """uint8 or float [N, H, W] -> [N, 1, H, W], each strip by its own mean and deviation."""
    x = strips.float()
    mean = x.mean((1, 2), keepdim=True)
    std = x.std((1, 2), keepdim=True, unbiased=False)
    return ((x - mean) / (std + 12.75)).unsqueeze(1)


class Conv(nn.Module):
    def __init__(self, cin, cout, kernel, stride=(1, 1), pad=(0, 0), dilation=(1, 1)):
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, kernel, stride, pad, dilation, bias=False)
        self.norm = nn.BatchNorm2d(cout)

    def forward(self, x):
        return self.norm(self.conv(x))

    def fold(self):
        """One Conv2d with bias that computes the same with running statistics."""
        c, n = self.conv, self.norm
        out = nn.Conv2d(c.in_channels, c.out_channels, c.kernel_size, c.stride, c.padding, c.dilation)
        gain = n.weight / torch.sqrt(n.running_var + n.eps)
        out.weight.data = c.weight.data * gain[:, None, None, None]
        out.bias.data = n.bias.data - n.running_mean * gain
        return out


class Reader(nn.Module):
    def __init__(self, a=28, b=40, c=64, d=96, e=128, dilations=(1, 2, 4, 8)):
        super().__init__()
        self.stem = nn.ModuleList([
            Conv(1, a, (5, 5), (2, 2), (2, 2)),
            Conv(a, b, (3, 3), (1, 2), (1, 1)),
            Conv(b, c, (3, 3), (2, 1), (1, 1)),
            Conv(c, d, (3, 3), (2, 1), (1, 1)),
            Conv(d, e, (3, 1)),
        ])
        self.wide = nn.ModuleList([Conv(e, e, (1, 3), (1, 1), (0, k), (1, k)) for k in dilations])
        for block in self.wide:
            # At zero the branch before its ReLU would never learn.
            nn.init.constant_(block.norm.weight, 0.3)
        self.out = nn.Conv2d(e, CLASSES, (1, 1))

    def forward(self, x):
        for layer in self.stem:
            x = F.relu(layer(x))
        for layer in self.wide:
            x = F.relu(x + layer(x))
        x = self.out(x).squeeze(2).transpose(1, 2)
        return F.log_softmax(x.float(), 2)

    def folded(self):
        copy = Reader.__new__(Reader)
        nn.Module.__init__(copy)
        copy.stem = nn.ModuleList([layer.fold() for layer in self.stem])
        copy.wide = nn.ModuleList([layer.fold() for layer in self.wide])
        copy.out = self.out
        return copy.eval()


def macs(width=704):
    total = []
    net = Reader().folded()
    for m in net.modules():
        if isinstance(m, nn.Conv2d):
            m.register_forward_hook(lambda m, i, o: total.append(o[0, 0].numel() * m.weight.numel()))
    net(torch.zeros(1, 1, 24, width))
    return sum(total), sum(p.numel() for p in net.parameters())


def greedy(logits):
    """[N, T, C] -> texts: best class a frame, repeats merged, blanks dropped."""
    out = []
    for row in logits.argmax(2).tolist():
        text, last = [], 0
        for k in row:
            if k and k != last:
                text.append(ALPHABET[k - 1])
            last = k
        out.append("".join(text))
    return out


if __name__ == "__main__":
    print("MAC at W=704: %.1f M, parameters: %d" % (macs()[0] / 1e6, macs()[1]))
