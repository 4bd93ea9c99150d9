"""The workloads of bench/workload in PyTorch, auraloss and the Neural Amp
Modeler's own nets. Signals and weights come from a file that Partials wrote."""

import torch
from auraloss.freq import MultiResolutionSTFTLoss
from safetensors import safe_open
from safetensors.torch import load_file


def open_file(path):
    """The job that a file describes."""
    precision = torch.get_default_dtype()
    tensors = {k: v.to(precision) for k, v in load_file(path).items() if not k.startswith("result.")}
    with safe_open(path, "pt") as f:
        facts = f.metadata()
    return JOBS[facts["workload"].split("/")[1]](tensors, facts)


def results(path):
    """What Partials computed, by name."""
    return {k.removeprefix("result."): v for k, v in load_file(path).items() if k.startswith("result.")}


def planar(z):
    """Complex (..., rows, bins) as real and imaginary planes (2, rows, bins)."""
    return torch.stack((z.real, z.imag), -3)


class RFFT:
    """Rows of real samples to rows of bins, into memory that is there."""

    def __init__(self, tensors, facts):
        self.x = tensors["x"]
        self.y = torch.fft.rfft(self.x)

    def run(self):
        torch.fft.rfft(self.x, out=self.y)

    def results(self):
        return {"y": planar(self.y)}


class IRFFT:
    """Rows of bins to rows of real samples, not normalised."""

    def __init__(self, tensors, facts):
        s = tensors["spectrum"]
        self.x = torch.complex(s[:, 0], s[:, 1])
        self.n = int(facts["length"])
        self.y = torch.fft.irfft(self.x, self.n, norm="forward")

    def run(self):
        torch.fft.irfft(self.x, self.n, norm="forward", out=self.y)

    def results(self):
        return {"y": self.y}


class STFT:
    def __init__(self, tensors, facts):
        self.x = tensors["x"]
        self.n = int(facts["points"])
        self.window = torch.hann_window(self.n)

    def transform(self):
        return torch.stft(self.x, self.n, self.n // 4, self.n, self.window, return_complex=True)

    def run(self):
        with torch.no_grad():
            self.y = self.transform()

    def results(self):  # torch.stft has bins before frames
        return {"y": planar(self.y.transpose(1, 2))}


class Magnitude(STFT):
    """The mean of magnitudes and its gradient."""

    def __init__(self, tensors, facts):
        super().__init__(tensors, facts)
        self.x.requires_grad_(True)

    def run(self):
        self.x.grad = None
        self.y = self.transform().abs().mean()
        self.y.backward()

    def results(self):
        return {"y": self.y, "grad.x": self.x.grad}


class MRSTFT:
    """auraloss' multi-resolution loss with its defaults."""

    def __init__(self, tensors, facts):
        self.pred = tensors["pred"].requires_grad_(True)
        self.target = tensors["target"]
        self.loss = MultiResolutionSTFTLoss()

    def run(self):
        self.pred.grad = None
        self.y = self.loss(self.pred, self.target)
        self.y.backward()

    def results(self):
        return {"y": self.y, "grad.pred": self.pred.grad}


class Step:
    """A training step: forward, loss, backward, Adam."""

    def __init__(self, tensors, net, names, lr):
        self.x, self.target = tensors["x"], tensors["target"]
        self.net, self.names = net, names
        self.mrstft = MultiResolutionSTFTLoss()
        with torch.no_grad():
            for ours, theirs in names.items():
                theirs.copy_(tensors["param." + ours].reshape(theirs.shape))
        self.optimizer = torch.optim.Adam(net.parameters(), lr=lr)

    def run(self):
        self.optimizer.zero_grad()
        self.y = self.loss(self.forward(), self.target)
        self.y.backward()
        self.optimizer.step()

    def results(self):
        found = {"y": self.y}
        for ours, theirs in self.names.items():
            found["grad." + ours] = torch.zeros_like(theirs) if theirs.grad is None else theirs.grad
        return found


class NAM(Step):
    """MSE + 2e-4 MRSTFT of the pre-emphasised signals, as the trainer of NAM."""

    def __init__(self, tensors, net, names):
        super().__init__(tensors, net.train(), names, 4e-3)

    def forward(self):
        return self.net(self.x[:, 0], pad_start=False)[:, None]

    def loss(self, y, target):
        def emphasised(z):
            return z[..., 1:] - 0.85 * z[..., :-1]

        return torch.nn.functional.mse_loss(y, target) + 2e-4 * self.mrstft(emphasised(y), emphasised(target))


def wavenet(arrays, scale):
    """A job of the Neural Amp Modeler's WaveNet. Its parameters come in the
    order of ours."""

    def job(tensors, facts):
        from nam.models.wavenet import WaveNet

        net = WaveNet.init_from_config({"layers_configs": arrays(), "head_scale": scale})
        names = [k.removeprefix("param.") for k in tensors if k.startswith("param.")]
        names.sort(key=place_of)
        return NAM(tensors, net, dict(zip(names, net.parameters(), strict=True)))

    return job


def place_of(name):
    """Where a parameter of our WaveNet stands in the order of a .nam file."""
    words = name.split(".")
    parts = ["rechannel", "layers", "head"]
    layers = ["conv", "input_mixin", "layer1x1"]
    at = [int(words[1]), parts.index(words[2])]
    if words[2] == "layers":
        at += [int(words[3]), layers.index(words[4])]
    return at + [["weight", "bias"].index(words[-1])]


def a1_standard():
    dilations = [2**i for i in range(10)]
    shared = dict(condition_size=1, kernel_size=3, dilations=dilations, activation="Tanh", gated=False)
    return [
        dict(input_size=1, channels=16, head=dict(out_channels=8, kernel_size=1, bias=False), **shared),
        dict(input_size=16, channels=8, head=dict(out_channels=1, kernel_size=1, bias=True), **shared),
    ]


def a2_full():
    cycle = [1, 3, 7, 17, 41, 101, 239]
    return [
        dict(
            input_size=1,
            condition_size=1,
            channels=8,
            kernel_sizes=[6] * 14 + [15] * 2 + [6] * 7,
            dilations=cycle * 2 + [1, 13] + cycle,
            activation="LeakyReLU",
            gated=False,
            head=dict(out_channels=1, kernel_size=16, bias=True),
        )
    ]


class LSTM(NAM):
    """NAM's LSTM: 4096 samples of burn-in before the outputs that count, and
    the gradient cut every 512."""

    burn_in = 4096

    def __init__(self, tensors, facts):
        from nam.models.recurrent import LSTM as Net

        net = Net(hidden_size=24, num_layers=1, train_burn_in=self.burn_in, train_truncate=512)
        names = {"layers.0." + k: getattr(net._core, k + "_l0") for k in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}
        names |= {"layers.0.h0": net._initial_hidden, "layers.0.c0": net._initial_cell}
        names |= {"head.weight": net._head.weight, "head.bias": net._head.bias}
        super().__init__(tensors, net, names)

    def forward(self):
        return super().forward()[:, :, self.burn_in :]


class Mask(torch.nn.Module):
    """Partials' mask model: causal frames, log power, GRU, a sigmoid mask of
    every bin, overlap-add."""

    n, hop = 512, 128

    def __init__(self):
        super().__init__()
        bins = self.n // 2 + 1
        self.gru = torch.nn.GRU(bins, 128, num_layers=2, batch_first=True)
        self.head = torch.nn.Linear(128, bins)
        window = torch.hann_window(self.n)
        squares = window.square().reshape(-1, self.hop).sum(0).repeat(self.n // self.hop)
        self.register_buffer("window", window, persistent=False)
        self.register_buffer("synthesis", (window / squares)[:, None], persistent=False)

    def forward(self, x):
        past = self.n - self.hop
        samples = x.shape[-1] - 2 * past
        x = torch.nn.functional.pad(x, (past, past + (-x.shape[-1]) % self.hop))
        spectra = torch.stft(x, self.n, self.hop, self.n, self.window, center=False, return_complex=True)
        power = torch.view_as_real(spectra).square().sum(-1)
        level = 0.125 * torch.log(power + 1e-8)
        hidden, _ = self.gru(level.transpose(1, 2))
        mask = torch.sigmoid(self.head(hidden)).transpose(1, 2)
        frames = torch.fft.irfft(spectra * mask, self.n, dim=1) * self.synthesis
        length = (frames.shape[-1] - 1) * self.hop + self.n
        y = torch.nn.functional.fold(frames, (1, length), (1, self.n), stride=(1, self.hop))
        return y[:, 0, :, 2 * past : 2 * past + samples]


class Denoiser(Step):
    def __init__(self, tensors, facts):
        net = Mask()
        names = {
            f"layers.{i}.{k}": getattr(net.gru, f"{k}_l{i}")
            for i in range(2)
            for k in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        }
        names |= {"head.weight": net.head.weight, "head.bias": net.head.bias}
        super().__init__(tensors, net, names, 1e-3)

    def forward(self):
        return self.net(self.x[:, 0])

    def loss(self, y, target):
        return (y - target).abs().mean() + self.mrstft(y, target)


JOBS = {
    "rfft": RFFT,
    "irfft": IRFFT,
    "rfft_lanes": RFFT,
    "irfft_lanes": IRFFT,
    "stft": STFT,
    "magnitude": Magnitude,
    "mrstft": MRSTFT,
    "standard": wavenet(a1_standard, 0.02),
    "a2_full": wavenet(a2_full, 0.01),
    "lstm": LSTM,
    "denoiser": Denoiser,
}
