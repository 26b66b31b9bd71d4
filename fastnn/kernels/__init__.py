"""The compiled core. It sees plain arrays and numbers only, and imports nothing of fastnn.

layout           where each layer's weights and activations lie in memory
epoch            the loop over mini-batches, one call an epoch
feedforward      z = a w + b, a = sigma(z), layer by layer
activations      sigma and sigma', by run-time code
costs            data cost, and its derivative at the output
backpropagation  delta, from the output down (BP1, BP2)
update           nabla w and nabla b (BP3, BP4), and the regularized step
evaluation       cost, accuracy and outputs of many rows in bounded memory
products         the matrix products that all of these share
elementary       exp and its relatives on vectors
simd             vectors and register tiles
jit              how all this is compiled and cached
"""
