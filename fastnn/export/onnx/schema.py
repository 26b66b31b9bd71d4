"""The numbers of ONNX's fields, element types and versions, by onnx/onnx.proto3 of ONNX 1.23."""

__all__ = [
    "ATTRIBUTE",
    "ATTRIBUTE_TYPES",
    "DIMENSION",
    "ENTRY",
    "GRAPH",
    "IR_VERSIONS",
    "MODEL",
    "NODE",
    "OPSET",
    "OPSETS",
    "SHAPE",
    "TENSOR",
    "TENSOR_TYPE",
    "TYPE",
    "TYPE_CODES",
    "VALUE",
]

MODEL = {
    "ir_version": 1,
    "producer_name": 2,
    "producer_version": 3,
    "graph": 7,
    "opset_import": 8,
    "metadata_props": 14,
}
OPSET = {"domain": 1, "version": 2}
ENTRY = {"key": 1, "value": 2}
GRAPH = {
    "node": 1,
    "name": 2,
    "initializer": 5,
    "input": 11,
    "output": 12,
    "sparse_initializer": 15,
}
NODE = {"input": 1, "output": 2, "name": 3, "op_type": 4, "attribute": 5, "domain": 7}
ATTRIBUTE = {"name": 1, "f": 2, "i": 3, "s": 4, "t": 5, "floats": 7, "ints": 8, "type": 20}
ATTRIBUTE_TYPES = {"f": 1, "i": 2, "s": 3, "t": 4, "floats": 6, "ints": 7}
TENSOR = {
    "dims": 1,
    "data_type": 2,
    "float_data": 4,
    "int64_data": 7,
    "name": 8,
    "raw_data": 9,
    "double_data": 10,
    "external_data": 13,
    "data_location": 14,
}
VALUE = {"name": 1, "type": 2}
TYPE = {"tensor_type": 1}
TENSOR_TYPE = {"elem_type": 1, "shape": 2}
SHAPE = {"dim": 1}
DIMENSION = {"dim_value": 1, "dim_param": 2}

TYPE_CODES = {"float32": 1, "int64": 7, "float16": 10, "float64": 11, "bfloat16": 16}

# Gemm's C of one axis and Erf are there from opset 9 on; weights that are no inputs from 4 on.
IR_VERSIONS = range(4, 15)
OPSETS = range(9, 29)
