"""Recurrent, convolutional, normalising and pointwise layers of torch.nn, FIR filters and WaveNets, with gradients."""

import numpy as np
import torch
import torch.nn.functional as F

from casefile import CaseFile, normal, rng, seeded_grad

file = CaseFile(
    "layers",
    shapes="convolutional data is (B,C,T), recurrent data (B,T,features) (torch's batch_first), states (layers,B,hidden).",
    recurrent="torch.nn.LSTM/GRU: weight_ih_lK (gates*H, in), weight_hh_lK (gates*H, H), bias_ih_lK, bias_hh_lK; gates i,f,g,o and "
    "r,z,n. Outputs y, hn (and cn). With detach_every N the state's gradient is cut after every N samples of the window.",
    conv1d="torch Conv1d weight (C_out, C_in/groups, K), tap K-1 the newest. causal: x padded on the left by (K-1)*dilation zeros, y as "
    "long as x; otherwise valid.",
    batch_norm="BatchNorm1d over (B,C,T), per channel; momentum 0.1, eps 1e-5, running_var with the unbiased variance. "
    "running_mean and running_var go in, new_running_mean and new_running_var come out (train). Eval uses and keeps them.",
    layer_norm="over the axes params.axes, biased variance, eps 1e-5; weight and bias have the size of those axes.",
    fir="y[n] = sum_k h[k] x[n-k], x zero before the start, y as long as x, one h for every row.",
    wavenet="weights is the flat vector of nam.md 2.2, head_scale last. x is (B,1,T+R-1) with R the receptive field, y is (B,1,T): "
    "every convolution is valid. y = head_scale * head_rechannel of the last array. The last layer1x1 of the last array has gradient 0.",
)


def recurrent(id, kind, hidden, inputs, layers, detach_every=None, b=2, t=37):
    gates = {"lstm": 4, "gru": 3}[kind]
    bound = 1 / np.sqrt(hidden)
    arrays = {"x": normal(f"{kind}/x", b, t, inputs)}
    names = []
    for k in range(layers):
        width = inputs if k == 0 else hidden
        shapes = {"weight_ih": (gates * hidden, width), "weight_hh": (gates * hidden, hidden), "bias_ih": (gates * hidden,), "bias_hh": (gates * hidden,)}
        for name, shape in shapes.items():
            names.append(f"{name}_l{k}")
            arrays[names[-1]] = rng(f"{id}/{names[-1]}").uniform(-bound, bound, shape).astype(np.float32).astype(np.float64)
    states = ["h0", "c0"] if kind == "lstm" else ["h0"]
    outputs = ["y", "hn", "cn"] if kind == "lstm" else ["y", "hn"]
    for s in states:
        arrays[s] = normal(f"{id}/{s}", layers, b, hidden, scale=0.5)
    for o in outputs:
        arrays["seed_" + o] = normal(f"{id}/seed_{o}", *((b, t, hidden) if o == "y" else (layers, b, hidden)))

    def compute(p):
        net = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[kind](inputs, hidden, layers, batch_first=True)
        weights = {n: p[n] for n in names}
        state = tuple(p[s] for s in states)
        ys = []
        for chunk in p["x"].split(detach_every or t, dim=1):
            if ys:
                state = tuple(s.detach() for s in state)
            y, new = torch.func.functional_call(net, weights, (chunk, state if kind == "lstm" else state[0]))
            state = new if kind == "lstm" else (new,)
            ys.append(y)
        out = dict(zip(outputs, (torch.cat(ys, 1), *state)))
        wrt = ["x", *names, *states]
        grads = seeded_grad([out[o] for o in outputs], [p[n] for n in wrt], [p["seed_" + o] for o in outputs])
        return {**out, **{"g" + n: g for n, g in zip(wrt, grads)}}

    params = {"input": inputs, "hidden": hidden, "layers": layers, "detach_every": detach_every}
    file.run(id, kind, params, arrays, compute)


def layer(id, op, params, arrays, forward, wrt, out_shape, note=None):
    """One output y with seed g, and the gradients of wrt."""

    def compute(p):
        y = forward(p)
        extra = {}
        if isinstance(y, tuple):
            y, extra = y
        return {"y": y, **extra, **{"g" + n: g for n, g in zip(wrt, seeded_grad([y], [p[n] for n in wrt], [p["g"]]))}}

    file.run(id, op, params, {**arrays, "g": normal(id + "/g", *out_shape)}, compute, note)


def conv(id, b, c_in, c_out, t, k, dilation=1, groups=1, bias=True, causal=True, stride=1):
    arrays = {"x": normal(id + "/x", b, c_in, t), "weight": normal(id + "/w", c_out, c_in // groups, k, scale=1 / np.sqrt(c_in * k))}
    arrays["weight"] = arrays["weight"].astype(np.float32).astype(np.float64)
    if bias:
        arrays["bias"] = normal(id + "/b", c_out)
    pad = (k - 1) * dilation if causal else 0

    def forward(p):
        return F.conv1d(F.pad(p["x"], (pad, 0)), p["weight"], p.get("bias"), stride, 0, dilation, groups)

    length = (t + pad - (k - 1) * dilation - 1) // stride + 1
    params = {"kernel": k, "dilation": dilation, "groups": groups, "stride": stride, "bias": bias, "causal": causal}
    layer(id, "conv1d", params, arrays, forward, [n for n in ("x", "weight", "bias") if n in arrays], (b, c_out, length))


def convolutions():
    conv("conv_1x1", 2, 3, 4, 13, 1)
    conv("conv_k3", 2, 3, 5, 40, 3)
    conv("conv_k3_d4", 2, 4, 4, 33, 3, 4)
    conv("conv_k3_d16_short", 1, 2, 3, 9, 3, 16)
    conv("conv_k2_d8_nobias", 2, 5, 3, 41, 2, 8, bias=False)
    conv("conv_k6_d7", 1, 3, 3, 64, 6, 7)
    conv("conv_k13_d3", 2, 7, 11, 61, 13, 3)
    conv("conv_16_16", 2, 16, 16, 101, 3, 2)
    conv("conv_1_16", 2, 1, 16, 50, 3, 1)
    conv("conv_17_1", 1, 17, 1, 31, 1)
    conv("conv_valid", 2, 3, 4, 40, 5, 3, causal=False)
    conv("conv_stride2", 2, 3, 4, 41, 5, causal=False, stride=2)
    conv("conv_groups2", 2, 4, 6, 30, 3, 2, groups=2)
    conv("conv_depthwise", 2, 5, 5, 30, 4, 3, groups=5)
    conv("conv_t1", 1, 2, 2, 1, 3, 2)


def normalisations():
    for id, shape in [("2x5x31", (2, 5, 31)), ("1x3x2", (1, 3, 2)), ("4x1x7", (4, 1, 7))]:
        c = shape[1]
        arrays = {
            "x": normal(f"bn/{id}/x", *shape) + 0.5, "weight": normal(f"bn/{id}/w", c) + 1.0, "bias": normal(f"bn/{id}/b", c),
            "running_mean": normal(f"bn/{id}/m", c), "running_var": np.abs(normal(f"bn/{id}/v", c)) + 0.5,
        }
        arrays = {k: v.astype(np.float32).astype(np.float64) for k, v in arrays.items()}
        for training in (True, False):

            def forward(p):
                mean, var = p["running_mean"].detach().clone(), p["running_var"].detach().clone()
                y = F.batch_norm(p["x"], mean, var, p["weight"], p["bias"], training, 0.1, 1e-5)
                return y, {"new_running_mean": mean, "new_running_var": var}

            params = {"training": training, "momentum": 0.1, "eps": 1e-5}
            layer(f"batch_norm_{id}_{'train' if training else 'eval'}", "batch_norm", params, arrays, forward, ["x", "weight", "bias"], shape)
    for id, shape, axes in [("last", (2, 5, 7), [2]), ("last_of_2", (3, 16), [1]), ("channels", (2, 5, 7), [1]), ("channels_and_time", (2, 5, 7), [1, 2])]:
        size = [shape[a] for a in axes]
        arrays = {"x": normal(f"ln/{id}/x", *shape) + 0.5, "weight": normal(f"ln/{id}/w", *size) + 1.0, "bias": normal(f"ln/{id}/b", *size)}
        arrays = {k: v.astype(np.float32).astype(np.float64) for k, v in arrays.items()}

        def forward_layer(p):
            if axes == [1] and len(shape) == 3:
                return F.layer_norm(p["x"].transpose(1, 2), size, p["weight"], p["bias"], 1e-5).transpose(1, 2)
            return F.layer_norm(p["x"], size, p["weight"], p["bias"], 1e-5)

        layer(f"layer_norm_{id}", "layer_norm", {"axes": axes, "eps": 1e-5}, arrays, forward_layer, ["x", "weight", "bias"], shape)


def pointwise():
    x = normal("pointwise/x", 3, 41, scale=2.5)
    x[0, :9] = [0, -0.0, 1e-4, -1e-4, 9, -9, 15, -15, 1]
    x = x.astype(np.float32).astype(np.float64)
    kinds = {
        "relu": (F.relu, {}), "leaky_relu_0.01": (lambda v: F.leaky_relu(v, 0.01), {"slope": 0.01}),
        "leaky_relu_0.2": (lambda v: F.leaky_relu(v, 0.2), {"slope": 0.2}), "tanh": (torch.tanh, {}), "sigmoid": (torch.sigmoid, {}),
        "softplus": (F.softplus, {}), "gelu": (F.gelu, {"approximate": "none"}), "gelu_tanh": (lambda v: F.gelu(v, approximate="tanh"), {"approximate": "tanh"}),
        "silu": (F.silu, {}), "elu": (F.elu, {"alpha": 1.0}), "softsign": (F.softsign, {}), "hardtanh": (F.hardtanh, {}), "hardswish": (F.hardswish, {}),
        "exp": (torch.exp, {}), "sin": (torch.sin, {}), "cos": (torch.cos, {}), "log_cosh": (lambda v: v.abs() + torch.log1p(torch.exp(-2 * v.abs())) - np.log(2), {}),
    }
    for id, (f, params) in kinds.items():
        name = id.removesuffix("_tanh") if id == "gelu_tanh" else id.split("_0")[0]
        layer(f"pointwise_{id}", "pointwise", {"function": name, **params}, {"x": x}, lambda p: f(p["x"]), ["x"], x.shape)
    positive = (np.abs(normal("pointwise/positive", 3, 41)) + 1e-3).astype(np.float32).astype(np.float64)
    for id, f in {"log": torch.log, "sqrt": torch.sqrt, "log10": torch.log10}.items():
        layer(f"pointwise_{id}", "pointwise", {"function": id}, {"x": positive}, lambda p: f(p["x"]), ["x"], x.shape)
    for id, c in (("shared", 1), ("channels", 4)):
        arrays = {"x": normal("prelu/x", 2, 4, 19), "weight": normal(f"prelu/{id}/w", c, scale=0.3)}
        layer(f"prelu_{id}", "prelu", {}, arrays, lambda p: F.prelu(p["x"], p["weight"]), ["x", "weight"], (2, 4, 19))
    for id, lead, n_in, n_out, bias in [("small", (3,), 5, 2, True), ("sequence", (2, 7), 24, 1, True), ("nobias", (2, 3), 17, 19, False), ("wide", (4,), 65, 33, True)]:
        arrays = {"x": normal(f"linear/{id}/x", *lead, n_in), "weight": normal(f"linear/{id}/w", n_out, n_in, scale=0.25)}
        if bias:
            arrays["bias"] = normal(f"linear/{id}/b", n_out)
        layer(f"linear_{id}", "linear", {"bias": bias}, arrays, lambda p: F.linear(p["x"], p["weight"], p.get("bias")), list(arrays), (*lead, n_out))


def firs():
    for taps, t in [(1, 5), (7, 40), (64, 40), (101, 300), (256, 256)]:
        arrays = {"x": normal(f"fir/{taps}/x", 2, 1, t), "h": normal(f"fir/{taps}/h", taps, scale=0.2)}

        def forward(p):
            n = t + taps - 1
            return torch.fft.irfft(torch.fft.rfft(p["x"], n) * torch.fft.rfft(p["h"], n), n)[..., :t]

        direct = F.conv1d(F.pad(torch.tensor(arrays["x"]), (taps - 1, 0)), torch.tensor(arrays["h"]).flip(0).view(1, 1, -1))
        assert (forward({k: torch.tensor(v) for k, v in arrays.items()}) - direct).abs().max() < 1e-12
        layer(f"fir_{taps}_{t}", "fir", {"taps": taps}, arrays, forward, ["x", "h"], (2, 1, t))


class Reader:
    """Cuts a flat weight vector in order."""

    def __init__(self, flat):
        self.flat, self.at = flat, 0

    def take(self, *shape):
        n = int(np.prod(shape))
        self.at += n
        return self.flat[self.at - n : self.at].view(*shape)


def kernels(a):
    return a.get("kernel_sizes") or [a["kernel_size"]] * len(a["dilations"])


def receptive_field(arrays):
    return 1 + sum(sum((k - 1) * d for k, d in zip(kernels(a), a["dilations"])) + a["head_kernel"] - 1 for a in arrays)


def count(arrays):
    n = 1
    for a in arrays:
        c, m, cond = a["channels"], a["channels"] * (2 if a["gated"] else 1), a["condition_size"]
        n += c * a["input_size"] + a["head_size"] * c * a["head_kernel"] + (a["head_size"] if a["head_bias"] else 0)
        n += sum(m * c * k + m + m * cond + c * c + c for k in kernels(a))
    return n


def wavenet(x, flat, arrays):
    """nam.md section 2: x (B,1,T+R-1) to y (B,1,T). Signals are aligned at their ends."""
    end = lambda s, n: s[..., s.shape[-1] - n :]
    read = Reader(flat)
    stream, head = x, None
    for a in arrays:
        c, m = a["channels"], a["channels"] * (2 if a["gated"] else 1)
        act = {"Tanh": torch.tanh, "LeakyReLU": lambda v: F.leaky_relu(v, 0.01), "ReLU": F.relu}[a["activation"]]
        stream = F.conv1d(stream, read.take(c, a["input_size"], 1))
        total = head  # of array n+1: starts from the head output of array n
        for k, d in zip(kernels(a), a["dilations"]):
            z = F.conv1d(stream, read.take(m, c, k), read.take(m), dilation=d)
            z = z + F.conv1d(end(x, z.shape[-1]), read.take(m, a["condition_size"], 1))
            v = act(z[:, :c]) * torch.sigmoid(z[:, c:]) if a["gated"] else act(z)
            total = v if total is None else end(total, v.shape[-1]) + v
            stream = end(stream, v.shape[-1]) + F.conv1d(v, read.take(c, c, 1), read.take(c))
        weight = read.take(a["head_size"], c, a["head_kernel"])
        head = F.conv1d(total, weight, read.take(a["head_size"]) if a["head_bias"] else None)
    scale = read.take(1)
    assert read.at == len(flat), (read.at, len(flat))
    return scale * head


def wavenets():
    lite = [1, 2, 4, 8, 16, 32, 64]
    rest = [128, 256, 512, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
    base = {"input_size": 1, "condition_size": 1, "head_kernel": 1, "kernel_size": 3, "activation": "Tanh", "gated": False}
    one = {**base, "channels": 3, "head_size": 1, "dilations": [1, 2], "head_bias": True}
    models = {
        "one_layer": (2, 20, [{**one, "dilations": [1]}]), "gated_block": (2, 20, [{**one, "dilations": [4], "gated": True}]),
        "gated": (2, 33, [{**one, "channels": 4, "dilations": [1, 2, 4, 8], "gated": True}]),
        "two_arrays": (2, 40, [{**one, "channels": 4, "head_size": 2, "dilations": [1, 2, 4], "head_bias": False}, {**one, "channels": 2, "input_size": 4, "dilations": [8, 1]}]),
        "two_arrays_gated": (2, 25, [{**one, "channels": 4, "head_size": 3, "dilations": [1, 2], "head_bias": False, "gated": True}, {**one, "channels": 3, "input_size": 4, "dilations": [4]}]),
        "a1_nano": (1, 60, [{**base, "channels": 4, "head_size": 2, "dilations": lite, "head_bias": False}, {**base, "input_size": 4, "channels": 2, "head_size": 1, "dilations": rest, "head_bias": True}]),
        "a2_like": (2, 30, [{**{k: v for k, v in base.items() if k != "kernel_size"}, "channels": 3, "head_size": 1, "kernel_sizes": [6, 15, 6], "dilations": [1, 3, 7], "activation": "LeakyReLU", "head_kernel": 5, "head_bias": True}]),
    }
    for id, (b, t, arrays) in models.items():
        r, n = receptive_field(arrays), count(arrays)
        flat = normal(f"wavenet/{id}/weights", n, scale=0.4)
        flat[-1] = np.float32(0.7)
        x = normal(f"wavenet/{id}/x", b, 1, t + r - 1, scale=0.5)
        params = {"layers": arrays, "head_scale": float(flat[-1]), "receptive_field": r, "weights": n}
        layer(f"wavenet_{id}", "wavenet", params, {"x": x, "weights": flat}, lambda p: wavenet(p["x"], p["weights"], arrays), ["x", "weights"], (b, 1, t))
    nano = models["a1_nano"][2]
    assert (count(nano), receptive_field(nano)) == (842, 4093)


for cell in ("lstm", "gru"):
    recurrent(f"{cell}_5_3", cell, 5, 3, 1)
    recurrent(f"{cell}_24_1", cell, 24, 1, 1)
    recurrent(f"{cell}_5_3_two", cell, 5, 3, 2)
    recurrent(f"{cell}_9_1_two", cell, 9, 1, 2)
    recurrent(f"{cell}_8_1_detach16", cell, 8, 1, 1, detach_every=16)
    recurrent(f"{cell}_7_2_two_detach5", cell, 7, 2, 2, detach_every=5)
    recurrent(f"{cell}_1_1_t1", cell, 1, 1, 1, b=1, t=1)
convolutions()
normalisations()
pointwise()
firs()
wavenets()
file.write()
