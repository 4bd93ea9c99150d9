"""Losses of auraloss 0.4.0 and the house's own options: values and gradients with respect to the prediction.

stft_loss below is the one definition used for every spectral case. Where auraloss has the option too, the
script refuses to write a file unless both give the same number.
"""

import warnings

import auraloss
import librosa.filters
import numpy as np
import scipy.signal
import torch

from casefile import CaseFile, constant, default_dtype, normal, seeded_grad

file = CaseFile(
    "losses2",
    arrays="pred, target and gpred are (B,C,T). gpred is the gradient of the scalar loss.",
    stft_loss="Rows are the B*C folded signals. torch.stft with center, reflect pad, onesided, periodic window of win_length "
    "(kaiser beta 12). mag = sqrt(max(re^2+im^2, eps)) (floor_mode clamp) or sqrt(re^2+im^2+eps) (floor_mode add). "
    "fb @ mag where params.scale is mel, chroma or matrix (mel: librosa default Slaney, params n_mels; array fb is given). "
    "scale_invariance batch_item: per row alpha = sum(XY)/sum(Y^2), target magnitudes times alpha, alpha differentiated. "
    "sc = ||Y-X||/||Y|| over all rows (sc_reduction batch) or the mean over rows of the row's own ratio (item). "
    "logmag = mean|f(X)-f(Y)|, f(m) = ln(log_fac*m+log_eps); linmag = mean|X-Y|; mag_distance L2: mean squares instead. "
    "phase = mean (angle X - angle Y)^2 of the unscaled bins, not unwrapped. reduction sum: logmag and linmag are sums, sc and phase stay. "
    "loss = w_sc*sc + w_log_mag*logmag + w_lin_mag*linmag + w_phs*phase. The scalars sc, logmag, linmag, phase are unweighted; "
    "a term with weight 0 is left out. perceptual_weighting: both signals first through taps (101, given), zero padded by 50 on both sides.",
    mrstft_loss="mean of stft_loss over params.resolutions; what a resolution does not name is as in params. "
    "random_resolution is the same with the draws written out. sum_difference: (w_sum*mrstft(L+R) + w_diff*mrstft(L-R))/2, "
    "each folded to (B,1,T).",
    time_losses="auraloss.time: per row over T, then params.reduction over the B*C rows. snr, si_sdr and sd_sdr are negative dB. "
    "l1 and mse: torch.nn.functional over all elements.",
    pre_emphasis="hp: y[n] = x[n]-coef*x[n-1]; fd: y[n] = x[n]-coef*x[n-2]. edge zero: x is 0 before the start, y as long as x; "
    "valid: y starts at the first n whose samples all exist.",
    fir_filter="y[n] = sum_k taps[k]*x[n+50-k], x zero outside, as long as x.",
    a_weighting_taps="auraloss FIRFilter aw before its rounding to float32: bilinear of the analogue curve, |H| at 512 points, scipy firls with 101 taps.",
)

DEFAULT = {
    "n_fft": 1024, "hop_length": 256, "win_length": 1024, "window": "hann", "w_sc": 1.0, "w_log_mag": 1.0, "w_lin_mag": 0.0,
    "w_phs": 0.0, "eps": 1e-8, "floor_mode": "clamp", "reduction": "mean", "mag_distance": "L1", "sc_reduction": "batch",
    "scale_invariance": False, "perceptual_weighting": False, "scale": None, "log_fac": 1.0, "log_eps": 0.0,
}


def stft_loss(pred, target, p, fb=None, taps=None):
    """Returns the loss and its unweighted terms by name."""
    rows = [s.reshape(-1, 1, s.shape[-1]) for s in (pred, target)]
    if p["perceptual_weighting"]:
        rows = [torch.nn.functional.conv1d(s, taps.flip(0).view(1, 1, -1), padding=len(taps) // 2) for s in rows]
    window = getattr(torch, p["window"] + "_window")(p["win_length"])
    mags, phases = [], []
    for s in rows:
        z = torch.stft(s[:, 0], p["n_fft"], p["hop_length"], p["win_length"], window, return_complex=True)
        power = z.real**2 + z.imag**2
        m = torch.sqrt(power.clamp(min=p["eps"]) if p["floor_mode"] == "clamp" else power + p["eps"])
        mags.append(m if p["scale"] is None else fb @ m)
        phases.append(torch.angle(z))
    x, y = mags
    if p["scale_invariance"]:
        alpha = (x * y).sum((-2, -1), keepdim=True) / (y**2).sum((-2, -1), keepdim=True)
        y = y * alpha
    mean = torch.mean if p["reduction"] == "mean" else torch.sum
    distance = (lambda a: mean(a.abs())) if p["mag_distance"] == "L1" else (lambda a: mean(a**2))
    terms = {}
    if p["w_sc"]:
        if p["sc_reduction"] == "batch":
            terms["sc"] = torch.norm(y - x) / torch.norm(y)
        else:
            terms["sc"] = (torch.linalg.vector_norm(y - x, dim=(1, 2)) / torch.linalg.vector_norm(y, dim=(1, 2))).mean()
    if p["w_log_mag"]:
        f = lambda m: torch.log(p["log_fac"] * m + p["log_eps"])
        terms["logmag"] = distance(f(x) - f(y))
    if p["w_lin_mag"]:
        terms["linmag"] = distance(x - y)
    if p["w_phs"]:
        terms["phase"] = ((phases[0] - phases[1]) ** 2).mean()
    weights = {"sc": p["w_sc"], "logmag": p["w_log_mag"], "linmag": p["w_lin_mag"], "phase": p["w_phs"]}
    return sum(weights[name] * term for name, term in terms.items()), terms


def anchor_loss(pred, target, p, fb=None):
    """auraloss's own number, or None where it lacks an option (or fails on it)."""
    if p["floor_mode"] != "clamp" or p["sc_reduction"] != "batch" or p["log_fac"] != 1 or p["log_eps"] != 0:
        return None
    if p["scale_invariance"] and pred.shape[0] * pred.shape[1] > 1:
        return None  # auraloss 0.4.0 stops with a shape error
    with default_dtype(torch.float64), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loss = auraloss.freq.STFTLoss(
            p["n_fft"], p["hop_length"], p["win_length"], p["window"] + "_window", p["w_sc"], p["w_log_mag"], p["w_lin_mag"], p["w_phs"],
            sample_rate=p.get("sample_rate"), scale="mel" if p["scale"] == "mel" else None, n_bins=p.get("n_mels"),
            perceptual_weighting=p["perceptual_weighting"], scale_invariance=p["scale_invariance"], eps=p["eps"],
            reduction=p["reduction"], mag_distance=p["mag_distance"],
        )
        if p["scale"] is not None:
            loss.scale = p["scale"]
            loss.fb = torch.tensor(fb)[None]
        if p["perceptual_weighting"]:
            loss.prefilter.fir.weight.data = torch.tensor(a_weighting(p["sample_rate"])).view(1, 1, -1)
            loss.prefilter.fir.weight.requires_grad = False
        return loss(torch.tensor(pred), torch.tensor(target))


def a_weighting(fs, ntaps=101):
    """The least-squares FIR fit of auraloss.perceptual.FIRFilter in float64."""
    f1, f2, f3, f4, a1000 = 20.598997, 107.65265, 737.86223, 12194.217, 1.9997
    num = [(2 * np.pi * f4) ** 2 * 10 ** (a1000 / 20), 0, 0, 0, 0]
    den = np.polymul([1, 4 * np.pi * f4, (2 * np.pi * f4) ** 2], [1, 4 * np.pi * f1, (2 * np.pi * f1) ** 2])
    den = np.polymul(np.polymul(den, [1, 2 * np.pi * f3]), [1, 2 * np.pi * f2])
    b, a = scipy.signal.bilinear(num, den, fs=fs)
    f, h = scipy.signal.freqz(b, a, worN=512, fs=fs)
    taps = scipy.signal.firls(ntaps, f, abs(h), fs=fs)
    anchor = auraloss.perceptual.FIRFilter("aw", fs=fs).fir.weight.data.flatten().double().numpy()
    assert np.abs(anchor - taps).max() < 1e-7, fs
    return taps


def signals(b, c, t):
    """A target of tones and noise, and a prediction that is a distorted copy; every row at its own level."""
    name = f"losses2/{b}x{c}x{t}"
    n = np.arange(t) / 16000
    row = np.arange(b * c).reshape(b, c, 1)
    tone = 0.5 * np.sin(2 * np.pi * (220 + 61 * row) * n) + 0.2 * np.sin(2 * np.pi * (1870 + 113 * row) * n + 0.3)
    level = 1 / (1 + 2 * row)
    target = level * (tone + 0.05) + normal(name + "/target", b, c, t, scale=0.02)
    pred = level * 0.7 * np.tanh(1.4 * tone) + normal(name + "/pred", b, c, t, scale=0.03)
    return tuple(s.astype(np.float32).astype(np.float64) for s in (pred, target))


def with_gradient(loss_and_terms):
    def compute(t):
        loss, terms = loss_and_terms(t)
        (gpred,) = torch.autograd.grad(loss, [t["pred"]])
        return {"loss": loss, **terms, "gpred": gpred}

    return compute


def spectral(id, shape, note=None, fb=None, **change):
    p = {**DEFAULT, **change}
    pred, target = signals(*shape)
    inputs = {"pred": pred, "target": target}
    if fb is not None:
        inputs["fb"] = fb
    if p["perceptual_weighting"]:
        inputs["taps"] = a_weighting(p["sample_rate"])
    want = anchor_loss(pred, target, p, fb)
    if want is not None:
        with default_dtype(torch.float64):
            tensors = {k: torch.tensor(v) for k, v in inputs.items()}
            got, _ = stft_loss(tensors["pred"], tensors["target"], p, tensors.get("fb"), tensors.get("taps"))
        assert abs(got - want) < 1e-12 * abs(want), (id, got, want)
    file.run(
        id, "stft_loss", p, inputs,
        with_gradient(lambda t: stft_loss(t["pred"], t["target"], p, t.get("fb"), t.get("taps"))), note,
    )


def stft_losses():
    small = {"n_fft": 128, "hop_length": 37, "win_length": 100}
    a = (2, 2, 401)
    # Under reflect padding the first frame is symmetric about its centre, so a window that is too makes its spectrum real, and
    # the sign of a phase of pi is rounding noise. An odd win_length in an even n_fft breaks the symmetry.
    odd = {**small, "win_length": 99}
    spectral("stft_default", (1, 1, 1601))
    for b, c, t in [(1, 1, 65), (1, 2, 257), (3, 1, 500)]:
        spectral(f"stft_{b}x{c}x{t}", (b, c, t), **small)
    spectral("stft_all_terms", a, **odd, w_lin_mag=0.7, w_phs=0.3, w_sc=0.5, w_log_mag=1.2)
    spectral("stft_sum", a, **odd, reduction="sum", w_lin_mag=0.5, w_phs=0.1)
    spectral("stft_sc_item", a, **small, w_log_mag=0.0, sc_reduction="item")
    spectral("stft_sc_batch", a, **small, w_log_mag=0.0)
    spectral("stft_log", a, **small, w_sc=0.0)
    spectral("stft_log_eps", a, **small, w_sc=0.0, log_fac=10.0, log_eps=1.0)
    spectral("stft_lin", a, **small, w_sc=0.0, w_log_mag=0.0, w_lin_mag=1.0)
    spectral("stft_phase", a, **odd, w_sc=0.0, w_log_mag=0.0, w_phs=1.0)
    spectral("stft_l2", a, **small, mag_distance="L2", w_lin_mag=0.5)
    spectral("stft_l2_sum", a, **small, mag_distance="L2", w_lin_mag=0.5, reduction="sum")
    spectral("stft_add_floor", a, **small, floor_mode="add")
    spectral("stft_eps_large", a, **small, eps=1e-2, note="many bins lie under the clamp: their gradient is 0")
    spectral("stft_scale_invariance_1row", (1, 1, 500), **small, scale_invariance=True)
    spectral("stft_scale_invariance", a, **small, scale_invariance=True, w_lin_mag=0.5)
    spectral("stft_scale_invariance_sc_item", a, **small, scale_invariance=True, sc_reduction="item")
    spectral("stft_odd_n_fft", a, n_fft=101, hop_length=20, win_length=77, window="hamming")
    for window in ("bartlett", "blackman", "kaiser"):
        spectral(f"stft_{window}", (1, 2, 257), **small, window=window)
    for rate in (16000, 44100, 48000):
        spectral(f"stft_perceptual_{rate}", (1, 2, 257), **small, perceptual_weighting=True, sample_rate=rate)
    mel = {"scale": "mel", "sample_rate": 16000, "n_mels": 20}
    fb = librosa.filters.mel(sr=16000, n_fft=256, n_mels=20, dtype=np.float64)
    sizes = {"n_fft": 256, "hop_length": 64, "win_length": 256}
    spectral("melstft", a, fb=fb, **sizes, **mel)
    spectral("melstft_all_terms", a, fb=fb, **{**sizes, "win_length": 255}, **mel, w_lin_mag=0.5, w_phs=0.1)
    spectral("melstft_l2", a, fb=fb, **sizes, **mel, mag_distance="L2", sc_reduction="item")
    chroma = librosa.filters.chroma(sr=16000, n_fft=128, n_chroma=12, dtype=np.float64)
    parameters = {"scale": "chroma", "sample_rate": 16000, "n_chroma": 12}
    spectral("chromastft", a, fb=chroma, **small, **parameters)
    spectral("chromastft_lin", a, fb=chroma, **small, **parameters, w_lin_mag=0.5, w_log_mag=0.0)
    fixed = np.abs(normal("losses2/matrix", 5, 65))
    spectral("matrixstft", a, fb=fixed, **small, scale="matrix", note="any fixed matrix in the place of mel or chroma")


def multi(t, p):
    total = 0.0
    for r in p["resolutions"]:
        total = total + stft_loss(t["pred"], t["target"], {**p, **r})[0]
    return total / len(p["resolutions"])


def resolutions(*rows):
    return [dict(zip(("n_fft", "hop_length", "win_length", "window"), r)) for r in rows]


def mrstft_losses():
    base = {k: v for k, v in DEFAULT.items() if k not in ("n_fft", "hop_length", "win_length", "window")}
    three = resolutions((128, 15, 75, "hann"), (256, 30, 150, "hann"), (64, 7, 30, "hann"))

    def anchor(rows, kind=auraloss.freq.MultiResolutionSTFTLoss, **options):
        return kind(*([r[k] for r in rows] for k in ("n_fft", "hop_length", "win_length")), **options)

    random = resolutions((16, 1, 4, "kaiser"), (1024, 700, 512, "bartlett"), (256, 200, 64, "blackman"))
    more = resolutions((512, 511, 512, "hamming"), (64, 64, 16, "hann"), (32, 5, 32, "kaiser"))

    def add(id, shape, **change):
        p = {**base, **change}
        pred, target = signals(*shape)
        if all(r["window"] == "hann" for r in p["resolutions"]):
            with default_dtype(torch.float64):
                want = anchor(p["resolutions"], w_lin_mag=p["w_lin_mag"], reduction=p["reduction"])(torch.tensor(pred), torch.tensor(target))
                got = multi({"pred": torch.tensor(pred), "target": torch.tensor(target)}, p)
            assert abs(got - want) < 1e-12 * abs(want), id
        file.run(id, "mrstft_loss", p, {"pred": pred, "target": target}, with_gradient(lambda t: (multi(t, p), {})))

    add("mrstft_1x1x501", (1, 1, 501), resolutions=three)
    add("mrstft_2x2x501", (2, 2, 501), resolutions=three)
    add("mrstft_sum", (2, 2, 501), resolutions=three, reduction="sum", w_lin_mag=0.5)
    add("random_resolution_0", (2, 1, 1100), resolutions=random)
    add("random_resolution_1", (2, 1, 1100), resolutions=more)
    for id, w_sum, w_diff in [("sum_difference", 1.0, 1.0), ("sum_difference_weighted", 0.3, 2.0)]:
        p = {**base, "resolutions": three, "w_sum": w_sum, "w_diff": w_diff}
        pred, target = signals(2, 2, 501)

        def sum_difference(t):
            terms = {}
            for name, sign in (("sum", 1), ("diff", -1)):
                terms[name] = multi({k: t[k][:, :1] + sign * t[k][:, 1:] for k in ("pred", "target")}, p)
            return (w_sum * terms["sum"] + w_diff * terms["diff"]) / 2, terms

        with default_dtype(torch.float64):
            loss = anchor(three, auraloss.freq.SumAndDifferenceSTFTLoss, w_sum=w_sum, w_diff=w_diff)
            want = loss(torch.tensor(pred), torch.tensor(target))
            got, _ = sum_difference({"pred": torch.tensor(pred), "target": torch.tensor(target)})
        assert abs(got - want) < 1e-12 * abs(want), id
        file.run(id, "sum_difference_loss", p, {"pred": pred, "target": target}, with_gradient(sum_difference))


def time_losses():
    t = auraloss.time
    kinds = {
        "esr": (lambda r: t.ESRLoss(reduction=r), {"eps": 1e-8}), "dc": (lambda r: t.DCLoss(reduction=r), {"eps": 1e-8}),
        "log_cosh": (lambda r: t.LogCoshLoss(reduction=r), {"a": 1.0, "eps": 1e-8}),
        "log_cosh_a5": (lambda r: t.LogCoshLoss(a=5.0, reduction=r), {"a": 5.0, "eps": 1e-8}),
        "snr": (lambda r: t.SNRLoss(reduction=r), {"zero_mean": True, "eps": 1e-8}),
        "snr_raw": (lambda r: t.SNRLoss(zero_mean=False, reduction=r), {"zero_mean": False, "eps": 1e-8}),
        "si_sdr": (lambda r: t.SISDRLoss(reduction=r), {"zero_mean": True, "eps": 1e-8}),
        "si_sdr_raw": (lambda r: t.SISDRLoss(zero_mean=False, reduction=r), {"zero_mean": False, "eps": 1e-8}),
        "sd_sdr": (lambda r: t.SDSDRLoss(reduction=r), {"zero_mean": True, "eps": 1e-8}),
        "sd_sdr_raw": (lambda r: t.SDSDRLoss(zero_mean=False, reduction=r), {"zero_mean": False, "eps": 1e-8}),
        "l1": (lambda r: torch.nn.L1Loss(reduction=r), {}), "mse": (lambda r: torch.nn.MSELoss(reduction=r), {}),
    }
    for name, (make, params) in kinds.items():
        op = name.removesuffix("_raw").removesuffix("_a5")
        for b, c, n in [(1, 1, 2), (3, 1, 17), (1, 3, 300), (2, 2, 129)]:
            for reduction in ("mean", "sum") if (b, c) == (2, 2) else ("mean",):
                pred, target = signals(b, c, n)
                loss = make(reduction)
                file.run(
                    f"{name}_{b}x{c}x{n}_{reduction}", op, {**params, "reduction": reduction}, {"pred": pred, "target": target},
                    with_gradient(lambda t: (loss(t["pred"], t["target"]), {})),
                )


def filters():
    for rate in (16000, 44100, 48000):
        taps = a_weighting(rate)
        file.run(f"a_weighting_{rate}", "a_weighting_taps", {"sample_rate": rate, "n_taps": 101}, {}, lambda _: {"taps": constant(taps)})
        for n in (1, 49, 150):
            x = normal("losses2/fir", 2, 1, n)

            def fir(t):
                y = torch.nn.functional.conv1d(t["x"], t["taps"].flip(0).view(1, 1, -1), padding=50)
                (gx,) = seeded_grad([y], [t["x"]], [t["g"]])
                return {"y": y, "gx": gx}

            if rate == 44100:
                file.run(f"a_weighting_filter_{n}", "fir_filter", {"sample_rate": rate}, {"x": x, "taps": taps, "g": normal("losses2/fir/g", 2, 1, n)}, fir)
    for kind, lag in (("hp", 1), ("fd", 2)):
        for edge in ("zero", "valid"):
            for n in (3, 40):
                x = normal("losses2/pre", 2, 2, n)

                def emphasis(t):
                    s = t["x"] if edge == "valid" else torch.nn.functional.pad(t["x"], (lag, 0))
                    y = s[..., lag:] - 0.85 * s[..., :-lag]
                    (gx,) = seeded_grad([y], [t["x"]], [t["g"]])
                    return {"y": y, "gx": gx}

                g = normal("losses2/pre/g", 2, 2, n if edge == "zero" else n - lag)
                file.run(f"pre_emphasis_{kind}_{edge}_{n}", "pre_emphasis", {"filter": kind, "coef": 0.85, "edge": edge}, {"x": x, "g": g}, emphasis)


stft_losses()
mrstft_losses()
time_losses()
filters()
file.write()
