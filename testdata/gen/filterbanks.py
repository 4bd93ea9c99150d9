"""Windows, mel and chroma matrices, DCT-II, and the spectrograms built on them, with gradients to the waveform."""

import librosa.filters
import numpy as np
import scipy.fft
import torch
import torchaudio

from casefile import CaseFile, constant, default_dtype, normal, seeded_grad

file = CaseFile(
    "filterbanks",
    window="periodic: torch.*_window(n); symmetric: periodic=False. kaiser: params.beta.",
    mel_filterbank="librosa.filters.mel (dtype float64): fb is (n_mels, n_fft//2+1). htk is mel_scale htk; norm null or slaney. "
    "Large matrices are given as products instead: v, fbv = fb@v (n_mels), and u, ufb = u@fb (bins).",
    chroma_filterbank="librosa.filters.chroma (dtype float64): fb is (n_chroma, n_fft//2+1); large ones as products, like mel_filterbank.",
    dct="scipy.fft.dct type 2: y = D x for D (n_out, n_in), the first n_out rows; norm ortho.",
    spectrogram="x (batch, T). STFT: periodic window of win_length, center, reflect pad, onesided, not normalized; "
    "|X|^power (power 1: plain |X|); fb @ it, (batch, rows, frames); then log: null; ln_add ln(m+offset); ln_clamp ln(max(m,floor)); "
    "log10_clamp log10(max(m,floor)); db 10*log10(max(m,floor)), with top_db: max(y, y.max()-top_db), the maximum over the "
    "whole batch and part of the gradient (torch.max over all elements). mfcc: then the DCT along the mel axis, (batch, n_mfcc, frames).",
)


def windows():
    kinds = {"hann": torch.hann_window, "hamming": torch.hamming_window, "blackman": torch.blackman_window, "bartlett": torch.bartlett_window}
    for n in [*range(1, 18), 64]:
        for periodic in (True, False):
            shape = "periodic" if periodic else "symmetric"
            for kind, make in kinds.items():
                params = {"window": kind, "n": n, "periodic": periodic}
                file.run(f"window_{kind}_{n}_{shape}", "window", params, {}, lambda _: {"w": make(n, periodic=periodic)})
            for beta in (12.0, 14.0):
                params = {"window": "kaiser", "beta": beta, "n": n, "periodic": periodic}
                file.run(
                    f"window_kaiser{beta:g}_{n}_{shape}", "window", params, {},
                    lambda _: {"w": torch.kaiser_window(n, periodic=periodic, beta=beta)},
                )


def matrix(id, op, params, fb):
    if fb.size <= 2700:
        file.run(id, op, params, {}, lambda _: {"fb": constant(fb)})
        return
    inputs = {"v": normal(id + "/v", fb.shape[1]), "u": normal(id + "/u", fb.shape[0])}

    def products(t):
        m = constant(fb)
        return {"fbv": m @ t["v"], "ufb": t["u"] @ m}

    file.run(id, op, params, inputs, products)


def mel(p):
    return librosa.filters.mel(
        sr=p["sample_rate"], n_fft=p["n_fft"], n_mels=p["n_mels"], fmin=p["f_min"], fmax=p["f_max"],
        htk=p["mel_scale"] == "htk", norm=p["norm"], dtype=np.float64,
    )


def mel_matrices():
    rows = [
        (16000, 400, 40, 0.0, 8000.0, "htk", None), (16000, 400, 40, 0.0, 8000.0, "slaney", "slaney"),
        (16000, 401, 20, 0.0, 8000.0, "slaney", "slaney"), (16000, 401, 20, 0.0, 8000.0, "htk", None),
        (22050, 255, 13, 50.0, 9000.5, "slaney", None), (22050, 256, 13, 50.0, 9000.5, "htk", "slaney"),
        (8000, 64, 10, 0.0, 4000.0, "slaney", "slaney"), (44100, 128, 1, 0.0, 22050.0, "slaney", "slaney"),
        (44100, 64, 5, 300.0, 3400.0, "htk", None), (22050, 1024, 80, 80.0, 7600.0, "slaney", "slaney"),
        (22050, 1024, 80, 80.0, 7600.0, "htk", None), (44100, 2048, 128, 0.0, 22050.0, "slaney", "slaney"),
        (48000, 1000, 64, 20.0, 20000.0, "slaney", "slaney"), (48000, 1024, 128, 0.0, 24000.0, "htk", None),
        (44100, 1023, 64, 0.0, 22050.0, "slaney", "slaney"),
    ]
    for sr, n_fft, n_mels, f_min, f_max, scale, norm in rows:
        params = {"sample_rate": sr, "n_fft": n_fft, "n_mels": n_mels, "f_min": f_min, "f_max": f_max, "mel_scale": scale, "norm": norm}
        fb = mel(params)
        if n_fft % 2 == 0:  # torchaudio places the bins of odd n_fft wrongly
            with default_dtype(torch.float64):
                other = torchaudio.functional.melscale_fbanks(n_fft // 2 + 1, f_min, f_max, n_mels, sr, norm, scale).T.numpy()
            assert np.abs(fb - other).max() < 1e-12, (params, np.abs(fb - other).max())
        matrix(f"mel_{sr}_{n_fft}_{n_mels}_{f_min:g}_{f_max:g}_{scale}_{norm or 'none'}", "mel_filterbank", params, fb)


def chroma(p):
    return librosa.filters.chroma(
        sr=p["sample_rate"], n_fft=p["n_fft"], n_chroma=p["n_chroma"], tuning=p["tuning"], ctroct=p["ctroct"],
        octwidth=p["octwidth"], norm=p["norm"], base_c=p["base_c"], dtype=np.float64,
    )


def chroma_matrices():
    default = {"n_chroma": 12, "tuning": 0.0, "ctroct": 5.0, "octwidth": 2.0, "norm": 2.0, "base_c": True}
    rows = [
        ("default", 16000, 256, {}), ("default", 44100, 512, {}), ("default", 48000, 100, {}), ("default", 22050, 1024, {}),
        ("default", 44100, 2048, {}), ("default", 48000, 1000, {}), ("24", 22050, 256, {"n_chroma": 24}),
        ("tuned", 44100, 256, {"tuning": 0.25}), ("no_octwidth", 44100, 256, {"octwidth": None}), ("no_norm", 44100, 256, {"norm": None}),
        ("l1", 44100, 256, {"norm": 1.0}), ("base_a", 44100, 256, {"base_c": False}), ("narrow", 44100, 256, {"ctroct": 6.0, "octwidth": 1.0}),
    ]
    for name, sr, n_fft, change in rows:
        params = {"sample_rate": sr, "n_fft": n_fft, **default, **change}
        matrix(f"chroma_{sr}_{n_fft}_{name}", "chroma_filterbank", params, chroma(params))


def dct_matrix(n_out, n_in):
    return scipy.fft.dct(np.eye(n_in), type=2, norm="ortho", axis=0)[:n_out]


def dct_matrices():
    for n_out, n_in in [(1, 1), (2, 2), (3, 7), (13, 40), (20, 23), (40, 64), (13, 13)]:
        params = {"n_out": n_out, "n_in": n_in, "norm": "ortho"}
        d = dct_matrix(n_out, n_in)
        file.run(f"dct_{n_out}_{n_in}", "dct", params, {}, lambda _: {"d": constant(d)})


def spectrogram(t, p, fb, d=None):
    x = t["x"]
    w = getattr(torch, p["window"] + "_window")(p["win_length"])
    spec = torch.stft(x, p["n_fft"], p["hop_length"], p["win_length"], w, return_complex=True)
    m = spec.abs() if p["power"] == 1 else spec.abs() ** p["power"]
    y = constant(fb) @ m
    if p["log"] == "ln_add":
        y = torch.log(y + p["offset"])
    elif p["log"] == "ln_clamp":
        y = torch.log(y.clamp(min=p["floor"]))
    elif p["log"] == "log10_clamp":
        y = torch.log10(y.clamp(min=p["floor"]))
    elif p["log"] == "db":
        y = 10 * torch.log10(y.clamp(min=p["floor"]))
        if p.get("top_db") is not None:
            y = torch.max(y, y.max() - p["top_db"])
    if d is not None:
        y = constant(d) @ y
    return y


def spectrograms():
    sr, n = 16000, 400
    time = np.arange(n) / sr
    tone = np.stack([0.4 * np.sin(2 * np.pi * 440 * time), 0.1 * np.sin(2 * np.pi * 1750 * time + 1)])
    x = (tone + normal("spectrogram/x", 2, n, scale=0.02)).astype(np.float32).astype(np.float64)
    base = {"sample_rate": sr, "n_fft": 256, "hop_length": 64, "win_length": 200, "window": "hann"}
    band = {"f_min": 20.0, "f_max": 7600.0}

    def add(id, op, params, fb, d=None):
        rows, frames = len(fb if d is None else d), 1 + n // params["hop_length"]

        def compute(t):
            y = spectrogram(t, params, fb, d)
            (gx,) = seeded_grad([y], [t["x"]], [t["g"]])
            return {"y": y, "gx": gx}

        file.run(id, op, params, {"x": x, "g": normal(id + "/g", len(x), rows, frames)}, compute)

    logs = {
        "linear": {"log": None}, "ln_add": {"log": "ln_add", "offset": 1e-6}, "ln_clamp": {"log": "ln_clamp", "floor": 1e-5},
        "log10": {"log": "log10_clamp", "floor": 1e-10}, "db": {"log": "db", "floor": 1e-10}, "db_top": {"log": "db", "floor": 1e-10, "top_db": 40.0},
    }
    for scale, norm, power in [("slaney", "slaney", 2), ("htk", None, 2), ("slaney", "slaney", 1)]:
        for name, log in logs.items():
            if power == 1 and name.startswith("db"):
                continue
            params = {**base, **band, "n_mels": 20, "mel_scale": scale, "norm": norm, "power": power, **log}
            add(f"melspec_{scale}_p{power}_{name}", "mel_spectrogram", params, mel(params))
    for power in (1, 2):
        params = {**base, "n_chroma": 12, "tuning": 0.0, "ctroct": 5.0, "octwidth": 2.0, "norm": 2.0, "base_c": True, "power": power, "log": None}
        add(f"chromaspec_p{power}", "chroma_spectrogram", params, chroma(params))
    for name in ("ln_add", "db", "db_top"):
        params = {**base, **band, "n_mels": 20, "n_mfcc": 13, "mel_scale": "htk", "norm": None, "power": 2, **logs[name], "dct_norm": "ortho"}
        fb, d = mel(params), dct_matrix(13, 20)
        with default_dtype(torch.float64):
            mel_kwargs = {"n_fft": 256, "hop_length": 64, "win_length": 200, "n_mels": 20, **band}
            anchor = torchaudio.transforms.MFCC(sr, 13, log_mels=name == "ln_add", melkwargs=mel_kwargs)
            anchor.amplitude_to_DB.top_db = params.get("top_db")
            diff = (anchor(torch.tensor(x)) - spectrogram({"x": torch.tensor(x)}, params, fb, d)).abs().max()
            assert diff < 1e-9, diff
        add(f"mfcc_{name}", "mfcc", params, fb, d)


windows()
mel_matrices()
chroma_matrices()
dct_matrices()
spectrograms()
file.write()
