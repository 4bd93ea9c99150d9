"""Runs a computation in float64 and float32 and writes reference cases.

A file is NAME.json (ids, parameters, scalars) and NAME.safetensors (float64 arrays), in the format of
testdata/reference/torch.json.
"""

import contextlib
import hashlib
import json
import pathlib
import zlib

import numpy as np
import torch
from safetensors.numpy import save

torch.set_num_threads(1)  # the order of sums must not depend on the machine's cores

REFERENCE = pathlib.Path(__file__).resolve().parent.parent / "reference"

FORMAT = (
    'one float64 safetensors file beside this; a complex array has a trailing axis of 2 (re, im) there that "shape" '
    'leaves out; "tensor" is its name there'
)
GRADIENT = (
    "PyTorch: for real loss L and complex z = a+ib the gradient is dL/da + i dL/db. An array gNAME is the gradient with "
    "respect to NAME of the scalar loss, or, where the output y is an array, of sum(g*y) (complex y: Re(sum(conj(g)*y))) "
    "with the given g; with several outputs of sum over outputs NAME of sum(seed_NAME*NAME)."
)
FLOAT32 = (
    "torch_float32_rel_l2_error: relative L2 error of the same torch code in float32 on the same inputs (for a zero "
    "reference: the absolute norm). Random inputs are float32 values, so a float32 implementation starts from the same numbers."
)


def rng(name):
    """A generator keyed by a name, so that adding a case moves no other case."""
    return np.random.default_rng(zlib.crc32(name.encode()))


def normal(name, *shape, scale=1.0):
    """Normal float64 values that float32 holds exactly."""
    return (rng(name).standard_normal(shape) * scale).astype(np.float32).astype(np.float64)


def complex_normal(name, *shape, scale=1.0):
    """Complex normal values whose parts float32 holds exactly."""
    return normal(name + "/re", *shape, scale=scale) + 1j * normal(name + "/im", *shape, scale=scale)


def seeded_grad(outputs, inputs, seeds):
    """Gradients of sum(seed*output) for lists of outputs and seeds; zeros where an input has no influence."""
    got = torch.autograd.grad(outputs, inputs, grad_outputs=seeds, allow_unused=True)
    return [torch.zeros_like(x) if g is None else g for g, x in zip(got, inputs)]


@contextlib.contextmanager
def default_dtype(dtype):
    """The precision of what torch makes from nothing: windows, module weights, auraloss."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def constant(value):
    """A numpy array as a torch constant of the default precision."""
    return torch.tensor(value).to(torch.get_default_dtype())


class CaseFile:
    def __init__(self, name, **conventions):
        self.name = name
        self.conventions = {"gradient": GRADIENT, **conventions, "float32": FLOAT32}
        self.cases, self.tensors, self.by_hash = [], {}, {}

    def run(self, id, op, params, inputs, compute, note=None):
        """Adds one case.

        inputs maps names to numpy arrays. compute takes a dict of torch tensors of one precision, all of which
        require a gradient, and returns a dict of tensors. 0-dimensional results become scalars.
        """
        want = self._compute(inputs, compute, torch.float64)
        low = self._compute(inputs, compute, torch.float32)
        errors, scalars, arrays = {}, {}, {}
        for name, value in inputs.items():
            arrays[name] = self._store(f"{id}__{name}", value)
        for name, value in want.items():
            norm = np.linalg.norm(np.ravel(value))
            diff = np.linalg.norm(np.ravel(low[name].astype(value.dtype) - value))
            errors[name] = float(diff / norm if norm > 0 else diff)
            if value.ndim == 0:
                scalars[name] = float(value)
            else:
                arrays[name] = self._store(f"{id}__{name}", value)
        case = dict(id=id, op=op, params=params, arrays=arrays, scalars=scalars, torch_float32_rel_l2_error=errors)
        if note:
            case["note"] = note
        for name, value in [*scalars.items(), *errors.items()]:
            if not np.isfinite(value):
                raise ValueError(f"{id}: {name} is {value}")
        self.cases.append(case)

    def write(self):
        ids = [c["id"] for c in self.cases]
        if len(set(ids)) != len(ids):
            raise ValueError(f"{self.name}: an id occurs twice")
        head = {"torch": torch.__version__.split("+")[0], "numpy": np.__version__, "format": FORMAT, "conventions": self.conventions}
        lines = ",\n".join("  " + json.dumps(c, allow_nan=False) for c in self.cases)
        text = json.dumps(head, indent=1)[:-2] + ',\n "cases": [\n' + lines + "\n ]\n}\n"
        json.loads(text)
        (REFERENCE / f"{self.name}.json").write_text(text)
        (REFERENCE / f"{self.name}.safetensors").write_bytes(save(self.tensors))
        print(self.name, len(self.cases), "cases", sum(t.nbytes for t in self.tensors.values()) // 1024, "KiB")

    @staticmethod
    def _compute(inputs, compute, dtype):
        with default_dtype(dtype):
            tensors = {}
            for name, value in inputs.items():
                kind = dtype.to_complex() if np.iscomplexobj(value) else dtype
                tensors[name] = torch.tensor(value).to(kind).requires_grad_(True)
            out = compute(tensors)
        wide = {name: t.detach().resolve_conj().cpu().numpy() for name, t in out.items()}
        for name, value in wide.items():
            if value.dtype not in (np.dtype(np.float64), np.dtype(np.complex128)) and dtype == torch.float64:
                raise TypeError(f"{name} left float64: {value.dtype}")
        return wide

    def _store(self, name, value):
        value = np.asarray(value)
        shape, is_complex = list(value.shape), np.iscomplexobj(value)
        if is_complex:
            value = np.stack([value.real, value.imag], -1)
        value = np.ascontiguousarray(value, np.float64)
        if not np.isfinite(value).all():
            raise ValueError(f"{name} is not finite")
        key = hashlib.sha256(value.tobytes() + str(value.shape).encode()).digest()
        if key not in self.by_hash:  # equal arrays are stored once
            self.by_hash[key] = name
            self.tensors[name] = value
        return {"tensor": self.by_hash[key], "shape": shape, "complex": is_complex}
