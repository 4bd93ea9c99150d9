"""torch.stft and istft options that torch.json lacks, complex FFTs of any length, and magnitude, log and phase gradients."""

import numpy as np
import torch

from casefile import CaseFile, complex_normal, constant, default_dtype, normal, seeded_grad

file = CaseFile(
    "spectral2",
    stft="as torch.json: y is (batch, bins, frames), the window win_length long and zero-padded on both sides (left (n_fft-win_length)//2). "
    "onesided false: all n_fft bins. pad_mode reflect needs n_fft//2 < T.",
    istft="as torch.json. With onesided false and return_complex false torch uses only the bins 0..n_fft//2 of X: the other bins get "
    "gradient 0. return_complex true: the complex inverse FFT of all bins, y complex. length null: what the frames give.",
    fft="torch.fft.fft / ifft of x (batch, n) along the last axis; fft has exp(-2 pi i k m/n). norm backward: ifft has 1/n; ortho: both "
    "1/sqrt(n); forward: fft has 1/n.",
    pointwise="X complex (2, bins, frames); some bins are exactly 0 or tiny. P = re^2+im^2. magnitude floor: none |X| (gradient 0 at 0); "
    "clamp sqrt(max(P,eps)), gradient 0 under the floor; add sqrt(P+eps). power: P. log_magnitude: ln of the magnitude, or log10, or "
    "db = 20*log10. phase: angle X in (-pi,pi], gradient 0 where X = 0.",
)

WINDOWS = {
    "hann": torch.hann_window, "hamming": torch.hamming_window, "blackman": torch.blackman_window, "bartlett": torch.bartlett_window,
    "kaiser": lambda n: torch.kaiser_window(n, periodic=True, beta=12.0), "rectangular": torch.ones,
}


def window(kind, n):
    with default_dtype(torch.float64):
        return WINDOWS[kind](n).numpy()


def stfts():
    base = {"n_fft": 32, "hop_length": 8, "win_length": 32, "window": "hann", "center": True, "pad_mode": "reflect", "normalized": False, "onesided": True}
    rows = [
        ("twosided", 2, 100, {"onesided": False}), ("twosided_odd", 2, 100, {"n_fft": 31, "win_length": 31, "onesided": False}),
        ("twosided_normalized", 2, 77, {"onesided": False, "normalized": True, "center": False}),
        ("odd", 2, 100, {"n_fft": 45, "win_length": 45, "hop_length": 11}), ("odd_prime", 2, 90, {"n_fft": 37, "win_length": 29, "hop_length": 5}),
        ("even_win_odd", 2, 90, {"win_length": 21}), ("win_1", 1, 60, {"win_length": 1, "window": "hamming"}), ("win_2", 1, 60, {"win_length": 2}),
        ("hop_over_win", 2, 120, {"win_length": 10, "hop_length": 17}), ("hop_over_n_fft", 2, 200, {"hop_length": 50}),
        ("hop_1", 1, 40, {"n_fft": 16, "win_length": 16, "hop_length": 1}), ("no_center", 2, 101, {"center": False}),
        ("no_center_odd", 2, 101, {"center": False, "n_fft": 27, "win_length": 20, "hop_length": 6}), ("one_frame", 2, 32, {"center": False}),
        ("constant", 2, 50, {"pad_mode": "constant"}), ("replicate", 2, 50, {"pad_mode": "replicate"}), ("circular", 2, 50, {"pad_mode": "circular"}),
        ("constant_odd", 2, 50, {"pad_mode": "constant", "n_fft": 33, "win_length": 33}), ("replicate_odd", 2, 50, {"pad_mode": "replicate", "n_fft": 33, "win_length": 33}),
        ("circular_odd", 2, 50, {"pad_mode": "circular", "n_fft": 33, "win_length": 33}), ("reflect_shortest", 1, 17, {}), ("constant_short", 1, 3, {"pad_mode": "constant"}),
        ("replicate_short", 1, 3, {"pad_mode": "replicate"}), ("circular_shortest", 1, 16, {"pad_mode": "circular"}),
        ("normalized", 2, 80, {"normalized": True}), ("normalized_odd", 2, 80, {"normalized": True, "n_fft": 35, "win_length": 30}),
        ("n_fft_1", 1, 5, {"n_fft": 1, "win_length": 1, "hop_length": 1, "window": "rectangular"}), ("n_fft_2", 1, 9, {"n_fft": 2, "win_length": 2, "hop_length": 1}),
        ("n_fft_60", 2, 150, {"n_fft": 60, "win_length": 48, "hop_length": 13, "window": "blackman"}), ("n_fft_509", 1, 400, {"n_fft": 509, "win_length": 509, "hop_length": 200, "window": "kaiser"}),
        ("n_fft_1000", 1, 1001, {"n_fft": 1000, "win_length": 1000, "hop_length": 501}), ("bartlett", 1, 64, {"window": "bartlett"}), ("rectangular", 1, 64, {"window": "rectangular"}),
    ]
    for id, b, t, change in rows:
        p = {**base, **change}
        id = f"stft2_{id}"
        bins = p["n_fft"] // 2 + 1 if p["onesided"] else p["n_fft"]
        frames = 1 + (t + (2 * (p["n_fft"] // 2) if p["center"] else 0) - p["n_fft"]) // p["hop_length"]

        def compute(v):
            y = torch.stft(
                v["x"], p["n_fft"], p["hop_length"], p["win_length"], v["window"], center=p["center"], pad_mode=p["pad_mode"],
                normalized=p["normalized"], onesided=p["onesided"], return_complex=True,
            )
            gx, gw = seeded_grad([y], [v["x"], v["window"]], [v["g"]])
            return {"y": y, "gx": gx, "gwindow": gw}

        inputs = {"x": normal(f"{id}/x", b, t), "window": window(p["window"], p["win_length"]), "g": complex_normal(f"{id}/g", b, bins, frames)}
        file.run(id, "stft", p, inputs, compute)


def istfts():
    base = {
        "n_fft": 32, "hop_length": 8, "win_length": 32, "window": "hann", "center": True, "normalized": False, "onesided": True, "length": None, "return_complex": False,
    }
    rows = [
        ("default", 12, {}), ("twosided", 12, {"onesided": False}), ("complex", 12, {"onesided": False, "return_complex": True}),
        ("complex_odd", 12, {"onesided": False, "return_complex": True, "n_fft": 31, "win_length": 31}),
        ("odd", 12, {"n_fft": 45, "win_length": 45, "hop_length": 11}), ("odd_win", 14, {"win_length": 21, "hop_length": 5}),
        ("odd_prime_win", 14, {"n_fft": 37, "win_length": 29, "hop_length": 7}), ("no_center", 10, {"center": False, "window": "hamming"}),
        ("no_center_odd", 10, {"center": False, "window": "rectangular", "n_fft": 27, "win_length": 27, "hop_length": 6}),
        ("normalized", 12, {"normalized": True}), ("normalized_odd", 12, {"normalized": True, "n_fft": 35, "win_length": 31}),
        ("length", 12, {"length": 70}), ("length_no_center", 9, {"center": False, "window": "hamming", "length": 85}),
        ("rectangular_no_overlap", 6, {"window": "rectangular", "hop_length": 32}), ("kaiser", 12, {"window": "kaiser"}), ("n_fft_60", 9, {"n_fft": 60, "win_length": 60, "hop_length": 15}),
    ]
    for id, frames, change in rows:
        p = {**base, **change}
        id = f"istft2_{id}"
        bins = p["n_fft"] // 2 + 1 if p["onesided"] else p["n_fft"]
        inputs = {"X": complex_normal(f"{id}/X", 2, bins, frames), "window": window(p["window"], p["win_length"])}

        def forward(v):
            w = v["window"].to(v["X"].dtype) if p["return_complex"] else v["window"]  # torch asks for a complex window then
            return torch.istft(
                v["X"], p["n_fft"], p["hop_length"], p["win_length"], w, center=p["center"], normalized=p["normalized"],
                onesided=p["onesided"], length=p["length"], return_complex=p["return_complex"],
            )

        def compute(v):
            y = forward(v)
            gX, gw = seeded_grad([y], [v["X"], v["window"]], [v["g"]])
            return {"y": y, "gX": gX, "gwindow": gw}

        n = forward({k: torch.tensor(v) for k, v in inputs.items()}).shape[-1]
        inputs["g"] = (complex_normal if p["return_complex"] else normal)(f"{id}/g", 2, n)
        file.run(id, "istft", p, inputs, compute)


def ffts():
    sizes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15, 16, 17, 23, 30, 31, 32, 33, 49, 64, 97, 100, 121, 128, 210, 243, 509]
    for kind, op in (("fft", torch.fft.fft), ("ifft", torch.fft.ifft)):
        for n in sizes:
            batch = 2 if n < 50 else 1
            for norm in ("backward", "ortho", "forward") if n < 34 else ("ortho",):

                def compute(v):
                    y = op(v["x"], norm=norm)
                    (gx,) = seeded_grad([y], [v["x"]], [v["g"]])
                    return {"y": y, "gx": gx}

                inputs = {"x": complex_normal(f"fft/{n}/x", batch, n), "g": complex_normal(f"fft/{n}/g", batch, n)}
                file.run(f"{kind}_n{n}_{norm}", kind, {"n": n, "norm": norm}, inputs, compute)


def magnitudes():
    X = complex_normal("magnitudes/X", 2, 9, 7)
    X[0, 0, :4] = [0, 1e-5, -1e-5j, 3e-6 + 4e-6j]
    X[1, 8, :3] = [0, -2.0, 1e-3j]
    X[1, 3] = X[1, 3].real
    X[1, 4] = np.abs(X[1, 4].real) + 0j
    X = X.real.astype(np.float32).astype(np.float64) + 1j * X.imag.astype(np.float32).astype(np.float64)
    nonzero = X.copy()
    nonzero[X == 0] = 0.5
    g = normal("magnitudes/g", 2, 9, 7)

    def magnitude(x, p):
        if p["floor"] == "none":
            return x.abs()
        power = x.real**2 + x.imag**2
        return torch.sqrt(power.clamp(min=p["eps"]) if p["floor"] == "clamp" else power + p["eps"])

    logs = {"ln": torch.log, "log10": torch.log10, "db": lambda m: 20 * torch.log10(m)}

    def add(id, op, params, values, f):
        def compute(v):
            y = f(v["X"])
            (gX,) = seeded_grad([y], [v["X"]], [v["g"]])
            return {"y": y, "gX": gX}

        file.run(id, op, params, {"X": values, "g": g}, compute)

    for floor, eps in [("none", 0.0), ("clamp", 1e-8), ("clamp", 1e-2), ("add", 1e-8), ("add", 1e-2)]:
        p = {"floor": floor, "eps": eps}
        add(f"magnitude_{floor}_{eps:g}", "magnitude", p, X, lambda x: magnitude(x, p))
        for log, f in logs.items():
            add(f"log_magnitude_{log}_{floor}_{eps:g}", "log_magnitude", {**p, "log": log}, nonzero if floor == "none" else X, lambda x: f(magnitude(x, p)))
    add("power", "power", {}, X, lambda x: x.real**2 + x.imag**2)
    add("phase", "phase", {}, X, torch.angle)


stfts()
istfts()
ffts()
magnitudes()
file.write()
