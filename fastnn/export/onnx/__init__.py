"""ONNX (onnx.ai): written and read by hand, without the package of that name."""

from fastnn.export.onnx.reader import from_onnx, read_onnx
from fastnn.export.onnx.writer import to_onnx

__all__ = ["from_onnx", "read_onnx", "to_onnx"]
