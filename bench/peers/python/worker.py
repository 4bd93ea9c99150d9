"""PyTorch's side of a measurement: speaks the protocol of ../worker.go.

    worker.py versions          prints the packages' versions and PyTorch's BLAS
    worker.py serve             answers lines until the input ends
    worker.py check FILE ...    compares with the results that Partials wrote
"""

import json
import sys
import time
from importlib.metadata import PackageNotFoundError, version


def versions():
    found = {"python": sys.version.split()[0]}
    for name in ("torch", "auraloss", "neural-amp-modeler", "soundfile", "torchaudio", "torchcodec"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            pass
    import torch

    settings = torch.__config__.show().partition("BLAS_INFO=")[2]
    found["blas"] = settings.partition(",")[0]
    return found


def high_water():
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) << 10


def serve():
    import torch

    import workloads

    job = None
    for line in sys.stdin:
        words = line.split()
        try:
            if words[0] == "open":
                torch.set_num_threads(int(words[4]))
                job = None
                job = workloads.open_file(words[5])
                answer = "ok"
            elif words[0] == "run":
                n = int(words[1])
                start = time.perf_counter()
                for _ in range(n):
                    job.run()
                answer = repr(time.perf_counter() - start)
            elif words[0] == "memory":
                answer = str(high_water())
            else:
                answer = "error what is " + line.strip()
        except Exception as e:  # the orchestrator stops and says so
            answer = "error " + " ".join(f"{type(e).__name__}: {e}".split())
        print(answer, flush=True)


def check(files):
    """Prints, for each file, how far each result is from Partials': the
    largest difference over the largest value. It computes in float64: in
    float32 the gradient of auraloss' loss is off by more than ours is."""
    import torch

    torch.set_default_dtype(torch.float64)
    import workloads

    for file in files:
        job = workloads.open_file(file)
        job.run()
        worst = {}
        for name, ours in workloads.results(file).items():
            theirs = job.results()[name].detach().reshape(ours.shape)
            scale = max(theirs.abs().max().item(), 1e-12)
            worst[name] = (theirs - ours).abs().max().item() / scale
        name = max(worst, key=worst.get)
        print(json.dumps({"value": worst["y"], "worst": name, "error": worst[name], "results": len(worst)}), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "versions":
        print(json.dumps(versions()))
    elif sys.argv[1] == "serve":
        serve()
    elif sys.argv[1] == "check":
        check(sys.argv[2:])
