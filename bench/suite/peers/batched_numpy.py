"""Batched NumPy: the best that one can write with NumPy alone, a whole mini-batch at a time.

Every array is allocated once and written in place (out=); all arithmetic has the task's
dtype; matrices go to BLAS as they lie in memory. What else could pay depends on the sizes, so
there are variants, and the fastest is measured:

layout  "in-out" keeps weights (inputs, outputs), "out-in" (outputs, inputs) as the book does
decay   "plain" multiplies every weight by 1 - eta lmbda / n at every step; "scaled" keeps
        w = scale * v and multiplies the one number
Adam    "whole" takes a step of all parameters at once, "blocks" a cache-sized block at a time
"""

import math
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.suite.machine import usable_threads
from bench.suite.peers import AfterEpoch, UnsupportedError
from bench.suite.problem import Problem
from bench.suite.task import Task

_BLOCK = 1 << 15  # parameters: five arrays of that many float32 are 640 kB


def variants(task: Task) -> dict[str, Callable[[Problem], "Batched"]]:
    """Layouts, and ways to take a step."""
    if not task.is_basic:
        raise UnsupportedError("written for plain descent and Adam only")
    if task.optimizer == "adam":
        steps: dict[str, Any] = {"whole": Adam, "blocks": AdamInBlocks}
    elif task.l2:
        steps = {"plain": Descent, "scaled": ScaledDescent}
    else:
        steps = {"plain": Descent}
    return {
        f"{layout}, {name}": partial(Batched, step=step, transposed=layout == "out-in")
        for layout in ("in-out", "out-in")
        for name, step in steps.items()
    }


def about() -> dict[str, Any]:
    """Versions and threads."""
    config: dict[str, Any] = np.show_config(mode="dicts")  # type: ignore[assignment]
    blas = config.get("Build Dependencies", {}).get("blas", {})
    name = f"{blas.get('name', '?')} {blas.get('version', '?')}"
    return {"versions": {"numpy": np.__version__, "blas": name}, "threads": usable_threads()}


class _Layer(NamedTuple):
    """Arrays of one layer: parameters, gradients, and views for the products."""

    w: NDArray  # as stored
    b: NDArray
    nabla_w: NDArray  # as w
    nabla_b: NDArray
    forward: NDArray  # (inputs, outputs): z = a @ forward
    back: NDArray  # (outputs, inputs): g = delta @ back


class _Rows(NamedTuple):
    """Room for a mini-batch: inputs, targets, and each layer's a, delta and a spare array."""

    x: NDArray
    y: NDArray
    a: list[NDArray]
    delta: list[NDArray]
    spare: list[NDArray]

    def first(self, m: int) -> "_Rows":
        """The same memory for fewer rows."""
        return _Rows(self.x[:m], self.y[:m], *([v[:m] for v in part] for part in self[2:]))


class Batched:
    """A network of preallocated arrays."""

    def __init__(self, problem: Problem, step: type["Descent"], *, transposed: bool):
        self.problem, task = problem, problem.task
        dtype = np.dtype(task.dtype)
        self.x = problem.x if task.keep_bytes else problem.inputs().astype(dtype, copy=False)
        self.y = problem.y.astype(dtype, copy=False)
        self.parameters_flat = np.empty(task.parameters, dtype)
        self.gradients_flat = np.empty(task.parameters, dtype)
        self.layers: list[_Layer] = []
        start = 0
        for (n_in, n_out), w, b in zip(pairwise(task.sizes), problem.weights, problem.biases):
            shape = (n_out, n_in) if transposed else (n_in, n_out)
            middle, end = start + n_in * n_out, start + n_in * n_out + n_out
            stored, nabla = (
                flat[start:middle].reshape(shape)
                for flat in (self.parameters_flat, self.gradients_flat)
            )
            stored[...] = w if transposed else w.T
            bias = self.parameters_flat[middle:end]
            bias[:] = b[:, 0]
            views = (stored.T, stored) if transposed else (stored, stored.T)
            self.layers.append(_Layer(stored, bias, nabla, self.gradients_flat[middle:end], *views))
            start = end
        self.transposed = transposed
        self.room: list[NDArray] | None = None
        self.step = step(self)
        self.epoch = 0
        m = min(task.batch_size, task.rows)
        layers = [np.empty((m, n), dtype) for n in task.sizes[1:] for _ in range(3)]
        self.rows = _Rows(
            np.empty((m, task.sizes[0]), dtype),
            np.empty((m, task.sizes[-1]), dtype),
            layers[::3],
            layers[1::3],
            layers[2::3],
        )

    def train(self, epochs: int, after_epoch: AfterEpoch | None = None) -> None:
        """Mini-batch by mini-batch."""
        m = len(self.rows.x)
        with np.errstate(over="ignore"):  # exp(-z) = inf gives the right sigmoid, 0
            for _ in range(epochs):
                etas = self.problem.task.learning_rates(self.epoch).tolist()
                self.epoch += 1
                order = self.problem.next_order()
                whole = len(order) - len(order) % m
                for first, self.step.eta in zip(range(0, whole, m), etas):
                    self._update(order[first : first + m], self.rows)
                if whole < len(order):
                    self.step.eta = etas[-1]
                    self._update(order[whole:], self.rows.first(len(order) - whole))
                if after_epoch is not None and after_epoch():
                    break

    def _update(self, order: NDArray, rows: _Rows) -> None:
        task, layers = self.problem.task, self.layers
        if task.keep_bytes:
            np.multiply(self.x[order], np.float32(self.problem.scale), out=rows.x)
        else:
            np.take(self.x, order, axis=0, out=rows.x, mode="clip")  # "raise" copies once more
        np.take(self.y, order, axis=0, out=rows.y, mode="clip")
        a = rows.x
        for layer, z, name in zip(layers, rows.a, task.activations):
            np.dot(a, layer.forward, out=z)
            self.step.unscale(z)
            z += layer.b
            _ACTIVATE[name](z)
            a = z
        np.subtract(a, rows.y, out=rows.delta[-1])  # BP1 of every cost that has its own output
        for l in range(len(layers) - 1, 0, -1):  # BP2
            delta = rows.delta[l - 1]
            np.dot(rows.delta[l], layers[l].back, out=delta)
            self.step.unscale(delta)
            _TIMES_DERIVATIVE[task.activation](delta, rows.a[l - 1], rows.spare[l - 1])
        self.step.begin(len(order))
        for layer, a, delta in zip(layers, [rows.x, *rows.a], rows.delta):
            delta *= self.step.bias_factor
            np.add.reduce(delta, axis=0, out=layer.nabla_b)  # BP3
            if self.step.weight_factor != 1:
                delta *= self.step.weight_factor
            if self.transposed:  # BP4
                np.dot(delta.T, a, out=layer.nabla_w)
            else:
                np.dot(a.T, delta, out=layer.nabla_w)
        self.step.take()

    def parameters(self) -> tuple[list[NDArray], list[NDArray]]:
        """As NumPy arrays."""
        self.step.fold()
        return [layer.back.copy() for layer in self.layers], [x.b.copy() for x in self.layers]

    def outputs(self, x: NDArray) -> NDArray:
        """All rows at once, into arrays that are kept for the next call."""
        if self.room is None or len(self.room[0]) != len(x):
            dtype = self.parameters_flat.dtype
            self.room = [np.empty((len(x), n), dtype) for n in self.problem.task.sizes[1:]]
        a = x
        for layer, z, name in zip(self.layers, self.room, self.problem.task.activations):
            np.dot(a, layer.forward, out=z)
            z += layer.b
            _ACTIVATE[name](z)
            a = z
        return a


class Descent:
    """w <- (1 - eta lmbda / n) w - eta / m sum dC/dw; eta / m is folded into the small delta."""

    weight_factor = 1.0

    def __init__(self, net: Batched):
        self.net = net
        task = net.problem.task
        self.l2_share, self.eta = task.l2 / task.rows, task.learning_rate
        self.bias_factor = 1.0

    @property
    def decay(self) -> float:
        """What a step multiplies weights by."""
        return 1 - self.eta * self.l2_share

    def unscale(self, product: NDArray) -> None:
        """For steps that keep weights divided by a number."""

    def begin(self, m: int) -> None:
        """What errors are to be multiplied by."""
        self.bias_factor = self.eta / m

    def take(self) -> None:
        """Take the step that the gradients say."""
        if self.decay != 1:
            for layer in self.net.layers:
                np.multiply(layer.w, self.decay, out=layer.w)
        self.net.parameters_flat -= self.net.gradients_flat

    def fold(self) -> None:
        """Make w what it says."""


class ScaledDescent(Descent):
    """The same with w = scale * v: the decay is one multiplication of `scale`."""

    scale = 1.0

    def unscale(self, product: NDArray) -> None:
        """A product with v becomes one with w."""
        product *= self.scale

    def begin(self, m: int) -> None:
        """dC/dv has the factor that v lacks."""
        super().begin(m)
        self.scale *= self.decay
        self.weight_factor = 1 / self.scale

    def take(self) -> None:
        """Take the step of v and b."""
        self.net.parameters_flat -= self.net.gradients_flat
        if self.scale < 0.1:
            self.fold()

    def fold(self) -> None:
        """scale = 1."""
        for layer in self.net.layers:
            np.multiply(layer.w, self.scale, out=layer.w)
        self.scale = 1.0


class Adam(Descent):
    """Adam with both moments divided by their 1 - beta, which spares two passes."""

    def __init__(self, net: Batched):
        super().__init__(net)
        self.t = 0
        self.parts = [slice(0, net.parameters_flat.size)]
        self.m, self.v = np.zeros_like(net.parameters_flat), np.zeros_like(net.parameters_flat)

    def begin(self, m: int) -> None:
        """The gradient is the mini-batch's mean."""
        self.bias_factor = 1 / m

    def take(self) -> None:
        """M <- b1 m + g; v <- b2 v + g^2; w <- w - rate m / (sqrt v + epsilon)."""
        beta1, beta2, epsilon = 0.9, 0.999, 1e-8
        self.t += 1
        # sqrt of the second moment, corrected, is spread * sqrt(v)
        spread = math.sqrt((1 - beta2) / (1 - beta2**self.t))
        rate = self.eta * (1 - beta1) / (1 - beta1**self.t) / spread
        epsilon /= spread
        for part in self.parts:
            w, g = self.net.parameters_flat[part], self.net.gradients_flat[part]
            m, v = self.m[part], self.v[part]
            m *= beta1
            m += g
            g *= g
            v *= beta2
            v += g
            np.sqrt(v, out=g)
            g += epsilon
            np.divide(m, g, out=g)
            g *= rate
            w -= g


class AdamInBlocks(Adam):
    """The same, all passes over one block before the next."""

    def __init__(self, net: Batched):
        super().__init__(net)
        size = net.parameters_flat.size
        self.parts = [slice(first, min(first + _BLOCK, size)) for first in range(0, size, _BLOCK)]


def _sigmoid(z: NDArray) -> None:
    np.negative(z, out=z)
    np.exp(z, out=z)
    z += 1
    np.reciprocal(z, out=z)


def _softmax(z: NDArray) -> None:
    z -= z.max(axis=1, keepdims=True)
    np.exp(z, out=z)
    z /= z.sum(axis=1, keepdims=True)


def _times_sigmoid_derivative(delta: NDArray, a: NDArray, spare: NDArray) -> None:
    np.subtract(1, a, out=spare)
    spare *= a
    delta *= spare


def _times_tanh_derivative(delta: NDArray, a: NDArray, spare: NDArray) -> None:
    np.multiply(a, a, out=spare)
    np.subtract(1, spare, out=spare)
    delta *= spare


def _times_relu_derivative(delta: NDArray, a: NDArray, spare: NDArray) -> None:
    np.sign(a, out=spare)  # 0 or 1, as a is never negative
    delta *= spare


_ACTIVATE: dict[str, Callable[[NDArray], object]] = {
    "sigmoid": _sigmoid,
    "softmax": _softmax,
    "tanh": lambda z: np.tanh(z, out=z),
    "relu": lambda z: np.maximum(z, 0, out=z),
    "identity": lambda z: z,
}

_TIMES_DERIVATIVE: dict[str, Callable[[NDArray, NDArray, NDArray], None]] = {
    "sigmoid": _times_sigmoid_derivative,
    "tanh": _times_tanh_derivative,
    "relu": _times_relu_derivative,
}
