"""A small file written by ONNX's own Python package, for the reader in formats/onnx."""

import pathlib

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save

OUT = pathlib.Path(__file__).resolve().parents[2] / "formats" / "onnx" / "testdata" / "foreign.onnx"

nodes = [
    helper.make_node("Mul", ["x", "factors"], ["scaled"]),
    helper.make_node("LeakyRelu", ["scaled"], ["bent"], alpha=0.25),
    helper.make_node("Reshape", ["bent", "shape"], ["y"]),
]
constants = [
    numpy_helper.from_array(np.array([1, 2, 3], np.float32), "factors"),
    numpy_helper.from_array(np.array([3, 2], np.int64), "shape"),
]
graph = helper.make_graph(
    nodes, "foreign",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 3])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, [3, 2])],
    constants,
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
save(model, OUT)
