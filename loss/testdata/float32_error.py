"""How far PyTorch's own float32 is from float64 on the losses of testdata/reference/losses.json: writes float32_error.json.

Needs torch and auraloss (testdata/gen/README.md). For every loss: the relative error of the value and the relative L2 error of
the gradient (the absolute ones where the reference is 0).
"""
import contextlib
import json
import os
import warnings

import auraloss
import numpy as np
import torch

N = 16384


def signals(c):
    n = np.arange(N)
    t = n / 48000
    y = 0.5 * np.sin(2 * np.pi * (220 + 55 * c) * t) + 0.25 * np.sin(2 * np.pi * (1870 + 113 * c) * t + 0.3)
    y += 0.1 * np.sin(2 * np.pi * 9973 * t + 1.1 * c)
    u, s = np.empty(N), 12345 + 777 * c
    for i in range(N):
        s = (1664525 * s + 1013904223) % 2**32
        u[i] = s / 2**31 - 1
    target, pred = y + 0.01 * u, 0.6 * np.tanh(1.5 * y) + 0.02 * np.roll(u, 1)
    return pred.astype(np.float32), target.astype(np.float32)


def ddsp(pred, target):
    total = 0
    for n in (4096, 2048, 1024, 512, 256, 128):
        mags = []
        for x in (pred, target):
            w = torch.hann_window(n, dtype=x.dtype)
            mags.append(torch.stft(x[:, 0], n, n // 4, n, w, True, normalized=True, return_complex=True).abs())
        x, y = mags
        total = total + (x - y).abs().mean() + (torch.log(x + 1e-7) - torch.log(y + 1e-7)).abs().mean()
    return total


class Angle(torch.autograd.Function):
    """DeepFilterNet's angle: its gradient has a floor of 1e-10 under |z|^2."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.atan2(x.imag, x.real)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        g = g / (x.real**2 + x.imag**2).clamp_min(1e-10)
        return torch.complex(-x.imag * g, x.real * g)


def tamed(pred, target):
    """auraloss' STFTLoss of log_eps 1 and log_fac 10, which its release 0.4.0 does not have yet."""
    mags = []
    for x in (pred, target):
        z = torch.stft(x[:, 0], 1024, 256, 1024, torch.hann_window(1024, dtype=x.dtype), True, return_complex=True)
        mags.append(torch.sqrt((z.real**2 + z.imag**2).clamp(min=1e-8)))
    x, y = mags
    return torch.norm(y - x) / torch.norm(y) + (torch.log(10 * x + 1) - torch.log(10 * y + 1)).abs().mean()


def deepfilter(pred, target):
    total = 0
    for n in (512, 1024, 2048):
        z = []
        for x in (pred, target):
            w = torch.hann_window(n, dtype=x.dtype)
            z.append(torch.stft(x[:, 0], n, n // 4, n, w, True, normalized=True, return_complex=True))
        y, s = z
        ya, sa = y.abs().clamp_min(1e-12).pow(0.3), s.abs().clamp_min(1e-12).pow(0.3)
        total = total + torch.nn.functional.mse_loss(ya, sa)
        y = ya * torch.exp(1j * Angle.apply(y))
        s = sa * torch.exp(1j * Angle.apply(s))
        total = total + torch.nn.functional.mse_loss(torch.view_as_real(y), torch.view_as_real(s))
    return total


def emphasised(loss):
    return lambda p, t: loss(p[..., 1:] - 0.85 * p[..., :-1], t[..., 1:] - 0.85 * t[..., :-1])


def cases():
    f, t = auraloss.freq, auraloss.time
    sizes = [1024, 2048, 512], [120, 240, 50], [600, 1200, 240]
    mse = torch.nn.functional.mse_loss
    mr = f.MultiResolutionSTFTLoss()
    return {
        "STFTLoss default": f.STFTLoss(),
        "STFTLoss w_sc only": f.STFTLoss(w_log_mag=0),
        "STFTLoss w_log only": f.STFTLoss(w_sc=0),
        "STFTLoss w_lin only": f.STFTLoss(w_sc=0, w_log_mag=0, w_lin_mag=1),
        "STFTLoss w_phs only": f.STFTLoss(w_sc=0, w_log_mag=0, w_phs=1),
        "STFTLoss L2": f.STFTLoss(mag_distance="L2"),
        "STFTLoss scale_invariance (1 item)": f.STFTLoss(scale_invariance=True),
        "STFTLoss log_eps=1 log_fac=10": tamed,
        "MultiResolutionSTFTLoss default mono": mr,
        "MultiResolutionSTFTLoss default stereo": mr,
        "SumAndDifference [1024,2048,512]": f.SumAndDifferenceSTFTLoss(*sizes),
        "ESRLoss": t.ESRLoss(), "DCLoss": t.DCLoss(), "LogCoshLoss": t.LogCoshLoss(),
        "SNRLoss": t.SNRLoss(), "SISDRLoss": t.SISDRLoss(), "SDSDRLoss": t.SDSDRLoss(),
        "NAM pre-emph(0.85) MRSTFT": emphasised(mr),
        "MSE": mse,
        "NAM total A1 (MSE + 2e-4*preMRSTFT)": lambda p, t: mse(p, t) + 2e-4 * emphasised(mr)(p, t),
        "NAM total A2 (MSE + 5e-4*MRSTFT)": lambda p, t: mse(p, t) + 5e-4 * mr(p, t),
        "MRSTFT identical": mr, "MRSTFT pred=0": mr, "MRSTFT target=0": mr,
        "ddsp_pytorch multiscale": ddsp,
        "DeepFilterNet MultiResSpec gamma=.3 f=1 fc=1": deepfilter,
    }


@contextlib.contextmanager
def default_dtype(dtype):
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    yield
    torch.set_default_dtype(before)


def run(name, dtype):
    with default_dtype(dtype):
        channels = 2 if "stereo" in name or "SumAnd" in name else 1
        pred, target = (np.stack(s)[None] for s in zip(*(signals(c) for c in range(channels))))
        if "identical" in name:
            pred = target
        if "pred=0" in name:
            pred = 0 * pred
        if "target=0" in name:
            target = 0 * target
        p = torch.tensor(pred, dtype=dtype, requires_grad=True)
        value = cases()[name](p, torch.tensor(target, dtype=dtype))
        (g,) = torch.autograd.grad(value, [p])
        return value.item(), g[0].double().numpy()


warnings.simplefilter("ignore")
here = os.path.dirname(os.path.abspath(__file__))
want = json.load(open(os.path.join(here, "../../testdata/reference/losses.json")))["results"]
out = {}
for name in cases():
    v64, g64 = run(name, torch.float64)
    v32, g32 = run(name, torch.float32)
    w = want[name]
    tol = 1e-2 if "phs" in name else 1e-9
    for got, ref in ((v64, w["value"]), (np.linalg.norm(g64), w["grad_l2"])):
        assert abs(got - ref) <= tol * abs(ref), (name, got, ref)
    error = lambda a, b: float(f"{np.linalg.norm(a - b) / (np.linalg.norm(b) or 1):.3g}")
    out[name] = {"value": error(np.array([v32]), np.array([v64])), "gradient": error(g32, g64)}
with open(os.path.join(here, "float32_error.json"), "w") as f:
    f.write("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in out.items()) + "\n}\n")
