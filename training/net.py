"""The networks. `mrz`: strip [N, 1, 24, W] -> log-probabilities [N, W/4, 38]; `text`: [N, 1, 32, W] -> [N, W/4, 155]; both CTC, class 0
blank. `glance`: [N, 1, 16, 128] -> [N, 7].

2-D convolutions fold the height away, then dilated 1-D residual blocks look about four characters to either side. No
recurrence, so a line costs the same per pixel at any width. Every convolution is followed by batch norm, which `folded`
multiplies into the weights for export.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F

import mrzgen
import textgen


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


class Net(nn.Module):
    """`stem` folds the height away, `wide` looks along the line; `residual` names the layers of the stem that add to what they get."""

    def __init__(self, stem, wide, head, residual=()):
        super().__init__()
        self.stem, self.wide = nn.ModuleList(stem), nn.ModuleList(wide)
        self.out = head
        self.residual = set(residual)
        for block in [self.stem[k] for k in residual] + list(self.wide):
            # At zero the branch before its ReLU would never learn.
            nn.init.constant_(block.norm.weight, 0.3)

    def features(self, x):
        for k, layer in enumerate(self.stem):
            y = layer(x)
            x = F.relu(x + y if k in self.residual else y)
        for layer in self.wide:
            x = F.relu(x + layer(x))
        return x

    def folded(self):
        copy = type(self).__new__(type(self))
        nn.Module.__init__(copy)
        copy.stem = nn.ModuleList([layer.fold() for layer in self.stem])
        copy.wide = nn.ModuleList([layer.fold() for layer in self.wide])
        copy.out, copy.residual = self.out, self.residual
        return copy.eval()


class Reader(Net):
    """Log-probabilities of the characters, one frame every four pixels."""

    def forward(self, x):
        x = self.out(self.features(x)).squeeze(2).transpose(1, 2)
        return F.log_softmax(x.float(), 2)


class Glance(Net):
    """Log-probabilities of what the strip is, from the mean and the strongest answer along it."""

    def forward(self, x):
        x = self.features(x).squeeze(2).float()
        x = torch.cat([x.mean(2), x.amax(2)], 1)
        return F.log_softmax(self.out(x), 1)


def along(width, size, dilations):
    return [Conv(width, width, (1, size), (1, 1), (0, k * (size // 2)), (1, k)) for k in dilations]


def mrz():
    stem = [Conv(1, 28, (5, 5), (2, 2), (2, 2)), Conv(28, 40, (3, 3), (1, 2), (1, 1)), Conv(40, 64, (3, 3), (2, 1), (1, 1)),
            Conv(64, 96, (3, 3), (2, 1), (1, 1)), Conv(96, 128, (3, 1))]
    return Reader(stem, along(128, 3, (1, 2, 4, 8)), nn.Conv2d(128, 1 + len(mrzgen.ALPHABET), (1, 1)))


def text():
    stem = [Conv(1, 16, (5, 5), (2, 2), (2, 2)), Conv(16, 32, (3, 3), (2, 2), (1, 1)), Conv(32, 32, (3, 3), (1, 1), (1, 1)),
            Conv(32, 64, (3, 3), (2, 1), (1, 1)), Conv(64, 64, (3, 3), (1, 1), (1, 1)), Conv(64, 64, (3, 3), (1, 1), (1, 1)), Conv(64, 192, (4, 1))]
    return Reader(stem, along(192, 3, (1, 1, 2, 4, 8)), nn.Conv2d(192, 1 + len(textgen.ALPHABET), (1, 1)), residual=(2, 4, 5))


def glance():
    stem = [Conv(1, 12, (5, 5), (2, 2), (2, 2)), Conv(12, 24, (3, 3), (2, 2), (1, 1)), Conv(24, 24, (3, 3), (1, 1), (1, 1)),
            Conv(24, 40, (3, 3), (2, 1), (1, 1)), Conv(40, 48, (2, 1))]
    return Glance(stem, along(48, 5, (1, 2, 4)), nn.Linear(96, 7), residual=(2,))


# name: (how it is built, input height and a usual width, alphabet of its CTC classes)
NETS = {"mrz": (mrz, (24, 704), mrzgen.ALPHABET), "text": (text, (32, 320), textgen.ALPHABET), "glance": (glance, (16, 128), None)}


def macs(name):
    """(multiply-adds at the usual width, parameters)"""
    build, (height, width), _ = NETS[name]
    total, net = [], build().folded()
    for m in net.modules():
        if isinstance(m, nn.Conv2d):
            m.register_forward_hook(lambda m, i, o: total.append(o[0, 0].numel() * m.weight.numel()))
    net(torch.zeros(1, 1, height, width))
    return sum(total), sum(p.numel() for p in net.parameters())


def greedy(logits, alphabet):
    """[N, T, C] -> texts: best class a frame, repeats merged, blanks dropped."""
    out = []
    for row in logits.argmax(2).tolist():
        line, last = [], 0
        for k in row:
            if k and k != last:
                line.append(alphabet[k - 1])
            last = k
        out.append("".join(line))
    return out


if __name__ == "__main__":
    for name, (_, (_, width), _) in NETS.items():
        cost, size = macs(name)
        print("%-7s %.2f M multiply-adds at W=%d, %d parameters" % (name, cost / 1e6, width, size))
