"""Trains the reader for a given wall-clock time on one core, another core renders.

`train.py --minutes 60 --out out` writes out/last.pt (averaged weights) every two minutes and out/log.txt. `--warm FILE`
goes on from a checkpoint. bf16 autocast and channels_last are what makes one core with AMX enough.
"""

import argparse
import math
import multiprocessing as mp
import os
import queue
import time

import numpy as np


def render(out, level, seed, parent):
    """Fills `out` with batches until the trainer is gone."""
    os.nice(19)
    from faces import Faces
    import lines

    rng, faces = np.random.default_rng(seed), Faces()
    out.cancel_join_thread()  # else a killed trainer leaves this process waiting for a reader
    while os.getppid() == parent:
        made = lines.batch(rng, faces, 32, level.value)
        while os.getppid() == parent:
            try:
                out.put(made, timeout=5)
                break
            except queue.Full:
                continue


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--minutes", type=float, default=60)
    args.add_argument("--out", default="out")
    args.add_argument("--warm")
    args.add_argument("--seed", type=int, default=1)
    args.add_argument("--rate", type=float, default=2.5e-3)
    args.add_argument("--renderers", type=int, default=1)
    args = args.parse_args()
    os.makedirs(args.out, exist_ok=True)

    level = mp.Value("d", 1.0 if args.warm else 0.25)
    feed = mp.Queue(12)
    for k in range(args.renderers):
        mp.Process(target=render, args=(feed, level, args.seed * 1000 + k, os.getpid()), daemon=True).start()

    import torch
    import torch.nn.functional as F

    from mrzgen import ALPHABET
    from net import Reader, greedy, normalise

    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    net = Reader()
    if args.warm:
        net.load_state_dict(torch.load(args.warm))
    net = net.to(memory_format=torch.channels_last).train()
    average = {k: v.clone() for k, v in net.state_dict().items()}
    optimiser = torch.optim.AdamW(net.parameters(), args.rate, weight_decay=0.01)
    index = {ch: i + 1 for i, ch in enumerate(ALPHABET)}
    rng = np.random.default_rng(args.seed)
    log = open(os.path.join(args.out, "log.txt"), "a")
    start, step, seen, waited, last_save, pool = time.time(), 0, 0, 0.0, time.time(), []
    running = None
    while True:
        part = (time.time() - start) / 60 / args.minutes
        if part >= 1:
            break
        if not args.warm:
            level.value = min(1.0, 0.25 + part * 4)
        t = time.time()
        # A line may be seen again, with other noise, when the renderer is behind.
        if pool and feed.empty() and step % 3:
            strips, texts = pool[int(rng.integers(len(pool)))]
            strips = torch.from_numpy(strips).float()
            strips = strips * float(rng.uniform(0.7, 1.0)) + torch.randn(strips.shape) * float(rng.uniform(0, 9))
            strips = torch.roll(strips, (int(rng.integers(-1, 2)), int(rng.integers(-2, 3))), (1, 2))
        else:
            strips, texts = feed.get()
            pool.append((strips, texts))
            pool[:] = pool[-80:]
            strips = torch.from_numpy(strips)
            seen += len(texts)
        waited += time.time() - t
        x = normalise(strips).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            logits = net(x)
        targets = torch.tensor([index[c] for text in texts for c in text], dtype=torch.long)
        sizes = torch.tensor([len(t) for t in texts], dtype=torch.long)
        frames = torch.full((len(texts),), logits.shape[1], dtype=torch.long)
        loss = F.ctc_loss(logits.transpose(0, 1), targets, frames, sizes, reduction="none", zero_infinity=True)
        loss = loss / 36
        # An unreadable line must not outweigh the rest: its gradient shrinks as its loss grows.
        loss = (loss * (1.0 / loss.detach().clamp(min=1.0))).mean() if step > 1500 else loss.mean()
        rate = args.rate * 0.5 * (1 + math.cos(math.pi * part)) * min(1, (step + 1) / 60)
        for group in optimiser.param_groups:
            group["lr"] = rate
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        optimiser.step()
        step += 1
        keep = min(0.998, step / (step + 20))
        for k, v in net.state_dict().items():
            if v.dtype.is_floating_point:
                average[k].mul_(keep).add_(v.detach(), alpha=1 - keep)
            else:
                average[k] = v.clone()
        running = loss.item() if running is None else 0.98 * running + 0.02 * loss.item()
        if step % 50 == 0:
            got = greedy(logits)
            right = sum(a == b for a, b in zip(got, texts)) / len(texts)
            print("%6.1f min step %d lines %d loss %.4f batch %.2f wait %.0f%% rate %.5f" % (
                (time.time() - start) / 60, step, seen, running, right, 100 * waited / (time.time() - start), rate), file=log, flush=True)
        if time.time() - last_save > 120:
            last_save = time.time()
            torch.save(average, os.path.join(args.out, "new.pt"))
            os.replace(os.path.join(args.out, "new.pt"), os.path.join(args.out, "last.pt"))
    torch.save(average, os.path.join(args.out, "last.pt"))
    print("done", file=log, flush=True)


if __name__ == "__main__":
    main()
