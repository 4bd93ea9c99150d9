"""A small file written by the Python safetensors package, for the reader in formats/safetensors."""

import pathlib

import torch
from safetensors.torch import save_file

OUT = pathlib.Path(__file__).resolve().parents[2] / "formats" / "safetensors" / "testdata" / "python.safetensors"

values = torch.tensor([0.0, -0.0, 1.0, -2.5, 65504.0, 6e-8, 1 / 3, float("inf")])
tensors = {
    "f64": torch.tensor([[1.5, -2.25, 1e300], [0.1, 0.0, -7.0]], dtype=torch.float64),
    "f32": values.clone(),
    "f16": values.half(),
    "bf16": values.bfloat16(),
    "i64": torch.tensor([-(2**63), -1, 2**53]),
    "i32": torch.tensor([[-5], [6]], dtype=torch.int32),
    "i16": torch.tensor([-300, 300], dtype=torch.int16),
    "i8": torch.tensor([-128, 127], dtype=torch.int8),
    "u8": torch.tensor([0, 255], dtype=torch.uint8),
    "bool": torch.tensor([True, False, True]),
    "scalar": torch.tensor(42.0),
    "empty": torch.zeros(0, 3),
}
OUT.parent.mkdir(exist_ok=True)
save_file(tensors, OUT, metadata={"format": "pt", "name": 'say "hé"'})
OUT.chmod(0o644)
