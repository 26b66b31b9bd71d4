"""A network leaves fastnn, and comes in: ONNX, safetensors, C99, PyTorch, scikit-learn, Keras.

Every format has a module, which imports what it needs only when it is used.
"""
