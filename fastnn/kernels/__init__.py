"""The compiled core. It sees plain memory and numbers only: fastnn.layout says what lies where.

epoch            the loop over mini-batches, one call an epoch or several: begin to read here
workspace        what a training reads and writes; what a thread needs all the time; a mini-batch
layer1           layer 1, the ways that it can take the training rows
propagation      some rows of a mini-batch, forward and back
feedforward      z = a w + b, a = sigma(z), layer by layer
backpropagation  delta, from the output down (BP1, BP2)
update           nabla w and nabla b (BP3, BP4), summed up and handed to
optimizers       the regularized step: SGD, momentum, Nesterov, RMSProp, Adam, AdamW
penalty          what lambda does to a weight: the L2 shrink, L1, the soft threshold
norms            clipping and max-norm
dropout          who is left out of an update
targets          what outputs ought to be
functions        activations and costs: frequent ones, rare ones and the user's
figures          norm, zeros and largest weight of each layer
evaluation       cost, accuracy and outputs of many rows in bounded memory
columns          outputs and gradient of a few rows, on weights that nobody packed

layer            a layer as some rows see it: matrices
matrix           a matrix as a value
raw_rows         rows of inputs, whatever their dtype
placed_rows      rows that lie anywhere
products         the matrix products that all of these share
elementary       exp and its relatives on vectors
simd             vectors, register tiles, pointers
team             how threads share a mini-batch and wait for each other
addresses        arrays that kernels get by their address
shuffle          Python's random.shuffle, for the book's order of samples
entry_points     kernels as C functions, which is how Python calls them
jit, cache       how all this is compiled, and where that is kept
target, levels   for which CPU
"""
