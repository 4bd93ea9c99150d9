"""The denoiser of configs/denoise.yaml in PyTorch, trained on the same examples.

    train examples denoise DIR --number N data.clean=... data.noise=...    # writes examples and the validation mix
    python train.py DIR/ --steps 100 --batch 8 --seed 1 --threads 2        # trains on them; prints JSON
    python train.py DIR/ --check RUN                                       # same weights, same output and loss?

The net, its first values, the loss, Adam, the schedule, clipping and the averaged weights are those of the recipe, in the way a
PyTorch user writes them: nn.GRU, nn.Conv1d, torch.stft.
"""

import argparse
import json
import math
import pathlib
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


class SubBands(nn.Module):
    """model/subbands.go: convolutions along frequency and a GRU along time for each sub-band."""

    def __init__(self, n_fft=512, hop=256, hidden=32, layers=2, kernel=5, split=4):
        super().__init__()
        self.n_fft, self.hop, self.split = n_fft, hop, split
        self.rows = n_fft // 2 + 1
        self.bands = -(-self.rows // split)
        window = torch.hann_window(n_fft, dtype=torch.float64).sqrt()
        envelope = torch.zeros(hop, dtype=torch.float64)
        for i in range(0, n_fft, hop):
            envelope += window[i:i + hop] ** 2
        self.register_buffer("window", window.float())
        self.register_buffer("synthesis", (window / envelope.repeat(n_fft // hop)).float())
        self.kernel = kernel
        self.entry = nn.Conv1d(3 * split, hidden, kernel)
        self.entry_act = nn.PReLU(hidden)
        self.position = nn.Parameter(torch.zeros(hidden, self.bands))
        self.convs = nn.ModuleList(nn.Conv1d(hidden, hidden, kernel, dilation=2**i) for i in range(layers))
        self.acts = nn.ModuleList(nn.PReLU(hidden) for _ in range(layers))
        self.grus = nn.ModuleList(nn.GRU(hidden, hidden, batch_first=True) for _ in range(layers))
        self.head = nn.Conv1d(hidden, 2 * split, 1)
        with torch.no_grad():
            self.head.bias[:split] += 1  # the mask begins open

    def forward(self, x):
        """x (B, context+T) to (B, T), late by n_fft - hop; context is 2*(n_fft - hop)."""
        past = self.n_fft - self.hop
        n = x.shape[1] - 2 * past
        x = F.pad(x, (past, -x.shape[1] % self.hop))
        spectra = torch.fft.rfft(x.unfold(1, self.n_fft, self.hop) * self.window)  # (B, F, K)
        batch, frames, _ = spectra.shape
        power = spectra.real**2 + spectra.imag**2 + 1e-8
        compressed = spectra * power**-0.35
        seen = torch.stack([0.125 * power.log(), compressed.real, compressed.imag], 2)  # (B, F, 3, K)
        seen = F.pad(seen, (0, self.bands * self.split - self.rows))
        seen = seen.view(batch * frames, 3, self.bands, self.split).transpose(2, 3).reshape(batch * frames, -1, self.bands)

        y = self.entry_act(self.along(self.entry, seen)) + self.position  # (B*F, hidden, S)
        for conv, act, gru in zip(self.convs, self.acts, self.grus):
            y = y + act(self.along(conv, y))
            h = y.view(batch, frames, -1, self.bands).permute(0, 3, 1, 2).reshape(batch * self.bands, frames, -1)
            h = gru(h)[0].view(batch, self.bands, frames, -1).permute(0, 2, 3, 1)
            y = y + h.reshape(y.shape)
        gains = self.head(y).view(batch, frames, 2, self.split, self.bands).transpose(3, 4).reshape(batch, frames, 2, -1)
        gains = torch.tanh(gains[..., : self.rows])
        spectra = spectra * torch.complex(gains[:, :, 0], gains[:, :, 1])

        blocks = torch.fft.irfft(spectra, self.n_fft) * self.synthesis
        length = self.n_fft + (frames - 1) * self.hop
        out = F.fold(blocks.transpose(1, 2), (1, length), (1, self.n_fft), stride=(1, self.hop)).view(batch, length)
        return out[:, 2 * past:2 * past + n]

    @staticmethod
    def along(conv, x):
        around = conv.dilation[0] * (conv.kernel_size[0] - 1)
        return conv(F.pad(x, (around // 2, around - around // 2)))


def compressed(pred, target, gamma=0.3, eps=1e-8, lean=1e-4):
    """spectral/loss_compressed.go: DeepFilterNet's MultiResSpecLoss with a floor added and not clamped."""
    pred, target = pred + lean * target, target + lean * target
    total = 0
    for n in (512, 1024, 2048):
        window = torch.hann_window(n, device=pred.device)
        X, Y = (torch.stft(s, n, n // 4, window=window, normalized=True, return_complex=True) for s in (pred, target))
        px, py = (z.real**2 + z.imag**2 + eps for z in (X, Y))
        total = total + F.mse_loss(px ** (gamma / 2), py ** (gamma / 2))
        cx, cy = X * px ** ((gamma - 1) / 2), Y * py ** ((gamma - 1) / 2)
        total = total + F.mse_loss(torch.view_as_real(cx), torch.view_as_real(cy))
    return total


def snr(pred, target, eps=1e-8):
    pred, target = pred - pred.mean(1, keepdim=True), target - target.mean(1, keepdim=True)
    ratio = (target**2).sum(1) / (((pred - target) ** 2).sum(1) + eps)
    return -10 * torch.log10(ratio + eps).mean()


def criterion(pred, target, weight):
    return compressed(pred, target) + weight * snr(pred, target)


def read(path):
    """The samples of a mono float WAV."""
    data = path.read_bytes()
    at = data.index(b"data", 12) + 8
    return np.frombuffer(data, "<f4", offset=at)


def batch_of(folder, step, size, what):
    return torch.from_numpy(np.stack([read(folder / f"{step * size + k:06d}_{what}.wav") for k in range(size)]))


def si_sdr(pred, target):
    pred, target = pred - pred.mean(), target - target.mean()
    scaled = (pred @ target) / (target @ target) * target
    return 10 * math.log10((scaled @ scaled) / ((pred - scaled) @ (pred - scaled)))


def denoise(net, x):
    """x (T) without latency, as `train evaluate` has it: the net has heard its context of silence twice."""
    past = net.n_fft - net.hop
    padded = F.pad(torch.from_numpy(x.copy())[None], (4 * past, past))
    with torch.no_grad():
        return net(padded)[0, 3 * past:].numpy()[: len(x)]


def evaluate(net, folder):
    mix = next(folder.glob("mix-*"))
    gains = []
    for e in json.loads((mix / "list.json").read_text())["excerpts"]:
        x, t = (read(mix / e[k]["file"]).astype(np.float64) for k in ("input", "target"))
        y = denoise(net, x.astype(np.float32)).astype(np.float64)
        gains.append(si_sdr(y, t) - si_sdr(x, t))
    return float(np.mean(gains))


def names(net):
    """Partials' names of the weights."""
    own = {"entry.weight": net.entry.weight, "entry.bias": net.entry.bias, "entry.activation.slope": net.entry_act.weight,
           "position": net.position, "head.weight": net.head.weight, "head.bias": net.head.bias}
    for i, (conv, act, gru) in enumerate(zip(net.convs, net.acts, net.grus)):
        own |= {f"layers.{i}.conv.weight": conv.weight, f"layers.{i}.conv.bias": conv.bias, f"layers.{i}.activation.slope": act.weight}
        own |= {f"layers.{i}.gru.0.{w}": getattr(gru, w + "_l0") for w in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}
    return own


def check(net, folder, run):
    """Same weights: the improvement and the loss of the first example must be those that `train evaluate` prints."""
    from safetensors.numpy import load_file

    saved = load_file(pathlib.Path(run) / "checkpoints/best.safetensors")
    for name, p in names(net).items():
        p.data = torch.from_numpy(saved["ema." + name if "ema." + name in saved else name].astype(np.float32))
    print(json.dumps({"si_sdr_improvement": evaluate(net, folder)}))


def schedule(step, steps, peak, warmup):
    """optim/cosine.go."""
    if step < warmup:
        return peak * (0.1 + 0.9 * step / warmup)
    return peak * 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("folder", type=pathlib.Path)
    p.add_argument("--steps", type=int, default=100)
    p.add_argument("--batch", type=int, default=8)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--lr", type=float, default=3e-3)
    p.add_argument("--warmup", type=int, default=50)
    p.add_argument("--weight", type=float, default=0.02, help="of the SNR term")
    p.add_argument("--hidden", type=int, default=32)
    p.add_argument("--layers", type=int, default=2)
    p.add_argument("--check", metavar="RUN")
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)
    net = SubBands(hidden=a.hidden, layers=a.layers)
    if a.check:
        check(net, a.folder, a.check)
        return
    adam = torch.optim.Adam(net.parameters(), lr=a.lr)
    average = torch.optim.swa_utils.AveragedModel(net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.99))
    took = 0.0
    for step in range(a.steps):
        x, t = (batch_of(a.folder, step, a.batch, what) for what in ("input", "target"))
        start = time.perf_counter()  # reading is not PyTorch's
        for group in adam.param_groups:
            group["lr"] = schedule(step, a.steps, a.lr, a.warmup)
        adam.zero_grad()
        loss = criterion(net(x), t, a.weight)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        adam.step()
        average.update_parameters(net)
        took += time.perf_counter() - start
        if (step + 1) % 50 == 0:
            print(f"step {step + 1}: loss {loss.item():.4f}, {took:.1f} s", flush=True)
    print(json.dumps({"seed": a.seed, "steps": a.steps, "seconds": took, "torch": torch.__version__, "threads": a.threads,
                      "si_sdr_improvement": evaluate(average.module, a.folder)}))


main()
