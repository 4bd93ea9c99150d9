# Plays a 16-bit mono WAV of the model's rate through an LSTM or GRU of `train export RUN --format safetensors`:
#   pip install torch safetensors numpy; python load.py amp.safetensors in.wav out.wav
import sys, wave, numpy, torch
from safetensors import safe_open


class Recurrent(torch.nn.Module):
    def __init__(self, weights):
        super().__init__()
        hidden = weights["layers.weight_hh_l0"].shape[1]
        cell = {3: torch.nn.GRU, 4: torch.nn.LSTM}[weights["layers.weight_hh_l0"].shape[0] // hidden]
        layers = sum(name.startswith("layers.weight_hh") for name in weights)
        self.layers = cell(weights["layers.weight_ih_l0"].shape[1], hidden, layers, batch_first=True)
        self.layers_start = torch.nn.ParameterDict({k.split(".")[1]: v for k, v in weights.items() if "_start." in k})
        self.head = torch.nn.Linear(hidden, weights["head.weight"].shape[0])
        self.load_state_dict(weights)  # strict: every name and shape is PyTorch's

    def start(self, state):  # (layers, 1, hidden), learnt, or None for zeros
        values = [v for k, v in sorted(self.layers_start.items()) if k.startswith(state)]
        return torch.stack(values)[:, None] if values else None

    def forward(self, x):  # (1, samples, 1) to the same
        h, c = self.start("h0"), self.start("c0")
        return self.head(self.layers(x, h if c is None else (h, c))[0])


with safe_open(sys.argv[1], "pt") as f:
    about, weights = f.metadata(), {name: f.get_tensor(name) for name in f.keys()}
model, context = Recurrent(weights), int(about["context"])  # samples of silence that the state settles in
with wave.open(sys.argv[2]) as wav, wave.open(sys.argv[3], "wb") as out, torch.no_grad():
    out.setparams(wav.getparams())
    x = torch.from_numpy(numpy.frombuffer(wav.readframes(wav.getnframes()), "<i2") / numpy.float32(32768))
    y = model(torch.cat([torch.zeros(context), x])[None, :, None])[0, context:, 0]
    y = y + x if "skip: true" in about["model"] else y
    out.writeframes((y.numpy() * 32768).round().clip(-32768, 32767).astype("<i2").tobytes())
