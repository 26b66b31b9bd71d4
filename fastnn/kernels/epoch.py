"""The loop over the mini-batches of an epoch: stochastic gradient descent, one call."""

from fastnn.kernels.backpropagation import backpropagate
from fastnn.kernels.costs import count_correct, output_cost
from fastnn.kernels.feedforward import feedforward, gather_rows
from fastnn.kernels.jit import inner, kernel
from fastnn.kernels.simd import advance, pointer
from fastnn.kernels.update import accumulate_gradients, make_step, update_parameters

__all__ = ["add_gradients", "train"]


@inner
def propagate(layers, cost, parameters, scratch, x, y, order, first, m):
    """Forward and backward pass of the rows order[first : first + m].

    Leaves activations and errors in scratch; returns (sum of data costs, rows correct).
    """
    last = layers.w.size
    a, targets = advance(scratch, layers.a[last]), advance(scratch, layers.y[0])
    n, stride = layers.sizes[last], layers.strides[last]
    inputs = advance(scratch, layers.a[0])
    gather_rows(x, layers.sizes[0], order, first, m, inputs, layers.strides[0])
    gather_rows(y, n, order, first, m, targets, stride)
    feedforward(layers, parameters, scratch, m)
    total = output_cost(cost, layers.activations[last], a, targets, m, n, stride)
    correct = count_correct(a, targets, m, n, stride)
    backpropagate(layers, cost, parameters, scratch, m)
    return total, correct


@kernel
def train(layers, cost, parameters, scratch, x, y, order, mini_batch_size, eta, l1, l2, n):
    """One update for each mini-batch of order, the last one possibly shorter.

    layers, cost             see layout.Layers and costs.CODES
    parameters (p,) in, out  all weights and biases, float32 or float64
    scratch    (s,) in, out  room for mini_batch_size rows; its content does not matter
    x (rows, inputs) in      read-only, any float dtype
    y (rows, outputs) in     read-only targets, the parameters' dtype
    order (k,) in            read-only int64: the rows to take, in this order
    eta, l1, l2, n           learning rate, the book's lmbda twice, size of the training set

    Returns (sum of data costs, rows correct), each mini-batch's before its update.
    """
    cost_sum, correct = 0.0, 0
    p, s = pointer(parameters, 0), pointer(scratch, 0)
    px, py, po = pointer(x, 0), pointer(y, 0), pointer(order, 0)
    for first in range(0, order.size, mini_batch_size):
        m = min(mini_batch_size, order.size - first)
        batch_cost, batch_correct = propagate(layers, cost, p, s, px, py, po, first, m)
        update_parameters(layers, p, s, m, make_step(eta, l1, l2, n, m))
        cost_sum += batch_cost
        correct += batch_correct
    return cost_sum, correct


@kernel
def add_gradients(layers, cost, parameters, scratch, x, y, order, block, nabla):
    """Nabla += sum of dC/dw, dC/db over the rows of order, `block` rows at a time.

    nabla (p,) in and out, laid out as the parameters; the rest as in train. Returns the
    same figures.
    """
    cost_sum, correct = 0.0, 0
    p, s = pointer(parameters, 0), pointer(scratch, 0)
    px, py, po = pointer(x, 0), pointer(y, 0), pointer(order, 0)
    for first in range(0, order.size, block):
        m = min(block, order.size - first)
        batch_cost, batch_correct = propagate(layers, cost, p, s, px, py, po, first, m)
        accumulate_gradients(layers, pointer(nabla, 0), s, m)
        cost_sum += batch_cost
        correct += batch_correct
    return cost_sum, correct
