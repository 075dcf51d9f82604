"""Trains one net, or two on the same strips, for a given wall-clock time on one core; another core renders.

`train.py mrz --minutes 60 --out out`, `train.py text`, `train.py glance`, `train.py text glance`. Writes out/NAME.pt (averaged
weights) every two minutes and out/log.txt. `--warm NAME` goes on from out/NAME.pt. bf16 autocast and channels_last are what
makes one core with AMX enough.
"""

import argparse
import math
import multiprocessing as mp
import os
import queue
import time

import numpy as np


def render(out, mrz, level, seed, parent):
    """Fills `out` with batches (strips, texts, tags) until the trainer is gone."""
    os.nice(19 if mrz else 5)
    if mrz:
        from faces import Faces
        import lines

        rng, faces = np.random.default_rng(seed), Faces()

        def make():
            return (*lines.batch(rng, faces, 32, level.value), None)
    else:
        import textlines

        maker = textlines.Renderer(seed)

        def make():
            return maker.batch(level.value)

    out.cancel_join_thread()  # else a killed trainer leaves this process waiting for a reader
    while os.getppid() == parent:
        made = make()
        while os.getppid() == parent:
            try:
                out.put(made, timeout=5)
                break
            except queue.Full:
                continue


def again(rng, strips):
    """A batch seen before, with other noise, contrast and place."""
    import torch

    x = torch.from_numpy(strips).float()
    if rng.random() < 0.3:
        x = torch.nn.functional.avg_pool2d(x, 3, 1, 1, count_include_pad=False) * 0.6 + x * 0.4
    if rng.random() < 0.3:
        x = 255 * (x / 255) ** float(rng.uniform(0.6, 1.6))
    x = x * float(rng.uniform(0.7, 1.0)) + torch.randn(x.shape) * float(rng.uniform(0, 9))
    return torch.roll(x, (int(rng.integers(-1, 2)), int(rng.integers(-2, 3))), (1, 2))


def at_a_glance(rng, strips, tags):
    """Strips of the text reader as the glance net gets them, every other one turned over: (float [n, 16, 128], classes)."""
    import torch

    n, h, w = strips.shape
    tags = torch.tensor(tags)
    kept, classes = [], []
    for k in range(n):
        tag, strip = int(tags[k]), strips[k]
        if tag == 7:
            continue
        if 1 <= tag <= 3 and rng.random() < (0.5 if tag == 1 else 0.35):
            tag = (4, 4, 5, 6)[int(rng.integers(4))]
            strip = torch.flip(strip, {4: (0, 1), 5: (1,), 6: (0,)}[tag])
        kept.append(strip[:, :256])
        classes.append(tag)
    x = torch.stack(kept)
    if w < 256:
        rim = torch.cat([x[:, 0], x[:, -1], x[:, :, 0], x[:, :, -1]], 1).median(1).values
        x = torch.cat([x, rim[:, None, None].expand(-1, h, 256 - w)], 2)
    return torch.nn.functional.avg_pool2d(x.unsqueeze(1), 2).squeeze(1), torch.tensor(classes)


class Student:
    """One net with its optimiser and running average."""

    def __init__(self, name, args):
        import torch
        from net import NETS

        self.name, self.path, self.rate = name, os.path.join(args.out, name + ".pt"), args.rate
        build, _, self.alphabet = NETS[name]
        self.net = build()
        warm = name in args.warm
        if warm:
            self.net.load_state_dict(torch.load(self.path))
        self.net = self.net.to(memory_format=torch.channels_last).train()
        self.average = {k: v.clone() for k, v in self.net.state_dict().items()}
        self.optimiser = torch.optim.AdamW(self.net.parameters(), args.rate, weight_decay=0.01)
        self.index = {ch: i + 1 for i, ch in enumerate(self.alphabet or "")}
        self.step = 5000 if warm else 0
        self.loss, self.right = None, 0.0

    def lesson(self, strips, texts, tags, rng, part):
        import torch
        import torch.nn.functional as F
        from net import greedy, normalise

        classes = None
        if self.alphabet is None:
            strips, classes = at_a_glance(rng, strips.float(), tags)
        x = normalise(strips).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            answer = self.net(x)
        if classes is not None:
            # Lines that are sought are rare, and worth more than those that are passed by.
            loss = F.nll_loss(answer.float(), classes, weight=torch.tensor([1.0, 1.0, 1.5, 1.8, 1.0, 1.0, 1.0]))
            right = (answer.argmax(1) == classes).float().mean().item()
        else:
            sizes = torch.tensor([len(t) for t in texts])
            targets = torch.tensor([self.index[c] for text in texts for c in text], dtype=torch.long)
            frames = torch.full((len(texts),), answer.shape[1], dtype=torch.long)
            loss = F.ctc_loss(answer.transpose(0, 1), targets, frames, sizes, reduction="none", zero_infinity=True)
            # A mean over characters, but a short line or an empty strip must count too.
            loss = loss / 36 if tags is None else loss / (sizes.float() * 0.5 + 6)
            # An unreadable line must not outweigh the rest: its gradient shrinks as its loss grows.
            loss = (loss * (1.0 / loss.detach().clamp(min=1.0))).mean() if self.step > 1500 else loss.mean()
            right = None
        rate = self.rate * 0.5 * (1 + math.cos(math.pi * part)) * min(1, (self.step + 1) / 60)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 2.0)
        self.optimiser.step()
        self.step += 1
        keep = min(0.998, self.step / (self.step + 20))
        for k, v in self.net.state_dict().items():
            if v.dtype.is_floating_point:
                self.average[k].mul_(keep).add_(v.detach(), alpha=1 - keep)
            else:
                self.average[k] = v.clone()
        self.loss = loss.item() if self.loss is None else 0.98 * self.loss + 0.02 * loss.item()
        if self.step % 10 == 0:
            if right is None:
                right = sum(a == b for a, b in zip(greedy(answer, self.alphabet), texts)) / len(texts)
            self.right = 0.9 * self.right + 0.1 * right

    def save(self):
        import torch

        torch.save(self.average, self.path + ".new")
        os.replace(self.path + ".new", self.path)


def main():
    args = argparse.ArgumentParser()
    args.add_argument("nets", nargs="+", choices=["mrz", "text", "glance"])
    args.add_argument("--minutes", type=float, default=60)
    args.add_argument("--out", default="out")
    args.add_argument("--warm", nargs="*", default=[])
    args.add_argument("--seed", type=int, default=1)
    args.add_argument("--rate", type=float, default=2.5e-3)
    args.add_argument("--renderers", type=int, default=1)
    args = args.parse_args()
    if "mrz" in args.nets and len(args.nets) > 1:
        raise SystemExit("mrz has strips of its own")
    os.makedirs(args.out, exist_ok=True)

    level = mp.Value("d", 1.0 if args.warm else 0.25)
    feed = mp.Queue(12)
    for k in range(args.renderers):
        mp.Process(target=render, args=(feed, "mrz" in args.nets, level, args.seed * 1000 + k, os.getpid()), daemon=True).start()

    import torch

    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    students = [Student(name, args) for name in args.nets]
    rng = np.random.default_rng(args.seed)
    log = open(os.path.join(args.out, "log.txt"), "a")
    start, step, seen, waited, last_save, pool = time.time(), 0, 0, 0.0, time.time(), []
    while True:
        part = (time.time() - start) / 60 / args.minutes
        if part >= 1:
            break
        if not args.warm:
            level.value = min(1.0, 0.25 + part * 4)
        t = time.time()
        # A line may be seen again when the renderer is behind.
        if feed.empty() and (len(pool) > 150 or len(pool) > 20 and step % 3):
            strips, texts, tags = pool[int(rng.integers(len(pool)))]
            strips = again(rng, strips)
        else:
            strips, texts, tags = feed.get()
            pool.append((strips, texts, tags))
            pool[:] = pool[-800:]
            strips = torch.from_numpy(strips)
            seen += len(texts)
        waited += time.time() - t
        for student in students:
            student.lesson(strips, texts, tags, rng, part)
        step += 1
        if step % 100 == 0:
            told = "  ".join("%s: loss %.4f right %.2f" % (s.name, s.loss, s.right) for s in students)
            print("%6.1f min step %d lines %d wait %.0f%%  %s" % ((time.time() - start) / 60, step, seen, 100 * waited / (time.time() - start), told), file=log, flush=True)
        if time.time() - last_save > 120:
            last_save = time.time()
            for student in students:
                student.save()
    for student in students:
        student.save()
    print("done", file=log, flush=True)


if __name__ == "__main__":
    main()
