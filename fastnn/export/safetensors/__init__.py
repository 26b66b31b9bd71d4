"""safetensors (github.com/huggingface/safetensors), without the package of that name."""

from fastnn.export.safetensors.layers import from_safetensors, read_safetensors, to_safetensors

__all__ = ["from_safetensors", "read_safetensors", "to_safetensors"]
