"""The compiled core. It sees plain arrays and numbers only, and imports nothing of fastnn.

layout           where each layer's weights and activations lie in memory
workspace        what a training reads and writes
extras           what it may ask for beyond the usual update
epoch            the loop over mini-batches, one call an epoch or several
propagation      some rows of a mini-batch, forward and back
feedforward      z = a w + b, a = sigma(z), layer by layer
activations      sigma and sigma', by run-time code
costs            data cost, and its derivative at the output
rare_activations, rare_costs
                 rarer ones, compiled when a network asks for them
user_functions   the user's own
calls            calling them through their address
functions        which code and which functions belong to which name
backpropagation  delta, from the output down (BP1, BP2)
update           nabla w and nabla b (BP3, BP4), summed up and handed to
optimizers       the regularized step: SGD, momentum, Nesterov, RMSProp, Adam, AdamW
norms            clipping and max-norm
dropout          who is left out of an update
sparse           rows that are mostly zeros, as their non-zeros
sparse     layer 1 on them, shared by threads; it is one of
scaled    by plain SGD with L2
sorted    by any optimizer
figures          norm, zeros and largest weight of each layer
evaluation       cost, accuracy and outputs of many rows in bounded memory
columns          outputs and gradient of a few rows, on weights that nobody packed
addresses        arrays that kernels get by their address
team             how threads share a mini-batch and wait for each other
products         the matrix products that all of these share
elementary       exp and its relatives on vectors
simd             vectors and register tiles
shuffle          Python's random.shuffle, for the book's order of samples
jit              how all this is compiled and cached
"""
