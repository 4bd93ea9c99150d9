"""Trains captures of one pair with neural-amp-modeler's trainer and with Partials, and compares their ESR.

    compare.py DATA --train bin/train [--pair amp|pedal] [--arch nano] [--epochs 20] [--seeds 0,1,2] [--out results.json]

DATA holds amp/{input,output}.wav and pedal/{in,out}/*.wav. Both sides get the same samples to train and to validate on, the
same architecture, loss, optimizer, windows, batches and epochs; each draws weights and order from the seed in its own way. The
ESR is that of the best epoch on the validation part, measured over the same outputs: those that have a whole receptive field
behind them. What was measured is kept in --out, and a run that is in it is not made again.
"""

import argparse
import glob
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FULL = [2**i for i in range(10)]
SPLIT = ([2**i for i in range(7)], [128, 256, 512] + FULL)
A1 = {  # channels of both arrays, their dilations
    "standard": (16, 8, FULL, FULL),
    "lite": (12, 6, *SPLIT),
    "feather": (8, 4, *SPLIT),
    "nano": (4, 2, *SPLIT),
}
FIELD = 4093  # samples, of all A1 WaveNets
HOLDOUT = 0.1


def frames(path):
    import soundfile

    return soundfile.info(path).frames


def pairs(data, which):
    """Returns training and validation stretches: (input, output, start, stop), and the window length."""
    if which == "amp":
        x, y = f"{data}/amp/input.wav", f"{data}/amp/output.wav"
        n = frames(x)
        at = n - int(HOLDOUT * n + 0.5)
        return [(x, y, 0, at)], [(x, y, at, n)], 8192
    files = sorted(glob.glob(f"{data}/pedal/in/*.wav"))
    clips = [(f, f.replace("/pedal/in/", "/pedal/out/"), 0, frames(f)) for f in files]
    valid = clips[::10]
    return [c for c in clips if c not in valid], valid, 4096


def layer_array(channels, head, dilations, bias, size):
    return {"input_size": size, "condition_size": 1, "channels": channels, "kernel_sizes": [3] * len(dilations), "dilations": dilations,
            "activation": "Tanh", "gated": False, "head": {"out_channels": head, "kernel_size": 1, "bias": bias}}


def peer(train, valid, ny, arch, epochs, seed, threads):
    """Trains with neural-amp-modeler's full trainer and returns the best validation ESR."""
    import torch
    from nam.train import full

    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    a, b, first, second = A1[arch]
    model = {
        "net": {"name": "WaveNet", "config": {"layers_configs": [layer_array(a, b, first, False, 1), layer_array(b, 1, second, True, a)], "head_scale": 0.02}},
        "loss": {"val_loss": "esr", "pre_emph_mrstft_weight": 2e-4, "pre_emph_mrstft_coef": 0.85},
        "optimizer": {"lr": 4e-3},
        "lr_scheduler": {"class": "ExponentialLR", "kwargs": {"gamma": 0.993}},
    }

    def part(stretch, early):
        x, y, start, stop = stretch
        return {"x_path": x, "y_path": y, "start_samples": max(start - early, 0), "stop_samples": stop}

    data = {
        "train": [{"ny": ny, **part(s, 0)} for s in train],
        "validation": [{"ny": None, **part(s, FIELD - 1)} for s in valid],
        "common": {"delay": 0, "require_input_pre_silence": None},
    }
    learning = {
        "train_dataloader": {"batch_size": 16, "shuffle": True, "drop_last": True, "num_workers": 0},
        "val_dataloader": {},
        "trainer": {"max_epochs": epochs, "accelerator": "cpu", "enable_progress_bar": False, "logger": False, "enable_model_summary": False},
    }
    with tempfile.TemporaryDirectory() as out:
        full.main(data, model, learning, Path(out), no_show=True, make_plots=False)
        names = [f for _, _, fs in os.walk(out) for f in fs]
        return min(float(m.group(1)) for m in (re.search(r"ESR=([0-9.e+-]+?)_", n) for n in names) if m)


def ours(binary, train, valid, ny, arch, epochs, seed, threads, runs):
    """Trains with Partials and returns the best validation ESR."""

    def take(s):
        return f"{{input: '{s[0]}', target: '{s[1]}', train: {{start: {s[2]}, stop: {s[3]}}}}}"

    name = f"{arch}-{epochs}-{seed}"
    args = [binary, "run", f"capture-a1-{arch}", f"name={name}", f"seed={seed}", f"epochs={epochs}", f"segment={ny}", "--runs-dir", runs, "--threads", str(threads), "-q"]
    if len(train) == 1:
        (x, y, a, b), (_, _, c, d) = train[0], valid[0]
        args += [f"data.input='{x}'", f"data.target='{y}'", f"data.train={{start: {a}, stop: {b}}}", f"data.validation={{start: {c}, stop: {d}}}"]
    else:
        args += ["data.input=[" + ", ".join(f"'{s[0]}'" for s in train) + "]", "data.target=[" + ", ".join(f"'{s[1]}'" for s in train) + "]",
                 "data.validation_input=[" + ", ".join(f"'{s[0]}'" for s in valid) + "]", "data.validation_target=[" + ", ".join(f"'{s[1]}'" for s in valid) + "]",
                 f"validate.skip={FIELD - 1}"]
    out = subprocess.run(args, capture_output=True, text=True)
    if out.returncode != 0:
        sys.exit(out.stderr)
    folder = out.stdout.split(":")[0]
    values = [json.loads(line).get("valid", {}).get("esr") for line in open(f"{folder}/metrics.jsonl")]
    return min(v for v in values if v is not None)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("data")
    p.add_argument("--train", default="bin/train")
    p.add_argument("--pair", default="amp", choices=["amp", "pedal"])
    p.add_argument("--arch", default="nano", choices=sorted(A1))
    p.add_argument("--epochs", type=int, default=20)
    p.add_argument("--seeds", default="0,1,2")
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--sides", default="peer,ours")
    p.add_argument("--out", default="results.json")
    a = p.parse_args()
    data = os.path.abspath(a.data)
    train, valid, ny = pairs(data, a.pair)
    results = json.load(open(a.out)) if os.path.exists(a.out) else []
    for seed in map(int, a.seeds.split(",")):
        for side in a.sides.split(","):
            key = {"side": side, "pair": a.pair, "arch": a.arch, "epochs": a.epochs, "seed": seed}
            if any(all(r[k] == v for k, v in key.items()) for r in results):
                continue
            begin = time.time()
            if side == "peer":
                esr = peer(train, valid, ny, a.arch, a.epochs, seed, a.threads)
            else:
                with tempfile.TemporaryDirectory() as runs:
                    esr = ours(os.path.abspath(a.train), train, valid, ny, a.arch, a.epochs, seed, a.threads, runs)
            results.append({**key, "esr": esr, "seconds": round(time.time() - begin, 1)})
            print(json.dumps(results[-1]), flush=True)
            json.dump(results, open(a.out, "w"), indent=1)
    mine = [r for r in results if (r["pair"], r["arch"], r["epochs"]) == (a.pair, a.arch, a.epochs)]
    medians = {s: statistics.median(r["esr"] for r in mine if r["side"] == s) for s in ("peer", "ours") if any(r["side"] == s for r in mine)}
    print(medians, "ratio", medians.get("ours", float("nan")) / medians.get("peer", float("nan")))


if __name__ == "__main__":
    main()
