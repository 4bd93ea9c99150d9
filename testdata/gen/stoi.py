"""STOI and ESTOI by pystoi, of speech inside the program with noise inside the program, for package metric.

The samples are taken as if they had been made at several rates, so that every way through the resampler is tried. The
Go test makes the same signals: y = float32(x + gain*noise[i mod n]), or what note says.
"""

import json
import pathlib
import wave

import numpy as np
import pystoi

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def sound(name):
    with wave.open(str(ROOT / "datasets/embedded" / name)) as w:
        return np.frombuffer(w.readframes(w.getnframes()), "<i2").astype(np.float64) / 32768


def main():
    cases = []
    for speech, noise in [("librivox_ss_0880", "ambi_sauna"), ("librivox_ss_0930", "vinyl_hiss"), ("librivox_ss_0890", "loop_3d_printer")]:
        x, n = sound(f"speech/{speech}.wav"), sound(f"noise/{noise}.wav")
        n = np.resize(n, len(x))
        for gain in [0.0, 0.3, 2.0]:
            y = (x + gain * n).astype(np.float32)
            for rate in [16000, 10000, 8000, 44100, 48000, 11025]:
                if rate != 16000 and gain != 2.0:
                    continue
                a, b = x, y.astype(np.float64)
                cases.append({
                    "speech": speech, "noise": noise, "gain": gain, "rate": rate,
                    "stoi": pystoi.stoi(a, b, rate), "estoi": pystoi.stoi(a, b, rate, extended=True),
                })
    text = ",\n".join("  " + json.dumps(c) for c in cases)
    (ROOT / "metric/testdata").mkdir(exist_ok=True)
    (ROOT / "metric/testdata/stoi.json").write_text(f'{{"made_by": "pystoi {version()}", "cases": [\n{text}\n]}}\n')


def version():
    from importlib.metadata import version
    return version("pystoi")


main()
