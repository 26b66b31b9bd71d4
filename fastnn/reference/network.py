"""The same network in plain NumPy: to read, to learn from, and to check the kernels against.

Everything fastnn computes is written here once more, a whole mini-batch at a time, as
chapter 2 of Michael Nielsen's book has it, and shares no code with the kernels. Letters:
x is the input, a = sigma(z) a layer's activations, delta = dC/dz its error, nabla a
gradient. Rows are samples, so that the book's w a + b reads a @ w.T + b.T here.

    net = Reference(weights, biases, ["sigmoid", "sigmoid"], "cross_entropy")
    net.update_mini_batch(x, y, eta=0.5, l1=0.0, l2=5.0, n=50_000)
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastnn.reference.optimizers import SGD, Optimizer

__all__ = ["Reference", "dropout_masks", "penalty", "pinball"]

Arrays = list[NDArray]
Masks = list[NDArray | float]
PerLayer = float | Sequence[float]  # one number for all layers, or one a layer


# Activations: sigma(z); and, from z, a = sigma(z) and g, the derivative by z of a function whose
# derivative by a is g.


def _sigmoid(z: NDArray) -> NDArray:
    """1 / (1 + exp(-z)), without overflow: exp only ever sees -|z|."""
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + e), e / (1 + e))


def _softmax(z: NDArray) -> NDArray:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def _softplus(z: NDArray) -> NDArray:
    """ln(1 + exp(z)), without overflow."""
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def _normal(z: NDArray) -> NDArray:
    """The distribution function of the standard normal distribution."""
    return np.vectorize(lambda number: 0.5 * math.erfc(-number / math.sqrt(2)))(z).astype(z.dtype)


def _gelu_slope(z: NDArray) -> NDArray:
    return _normal(z) + z * np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)


def _elu(z: NDArray) -> NDArray:
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))


def _silu_slope(z: NDArray) -> NDArray:
    return _sigmoid(z) * (1 + z * (1 - _sigmoid(z)))


def _selu(z: NDArray) -> NDArray:
    return SELU_SCALE * np.where(z > 0, z, SELU_ALPHA * np.expm1(np.minimum(z, 0)))


def _selu_slope(z: NDArray) -> NDArray:
    return SELU_SCALE * np.where(z > 0, 1, SELU_ALPHA * np.exp(np.minimum(z, 0)))


def _mish_slope(z: NDArray) -> NDArray:
    t = np.tanh(_softplus(z))
    return t + z * (1 - t**2) * _sigmoid(z)


ACTIVATIONS: dict[str, tuple[Callable, Callable]] = {
    "sigmoid": (_sigmoid, lambda z, a, g: g * a * (1 - a)),
    "tanh": (np.tanh, lambda z, a, g: g * (1 - a**2)),
    "relu": (lambda z: np.maximum(z, 0), lambda z, a, g: g * (a > 0)),
    "identity": (lambda z: z, lambda z, a, g: g),
    "softmax": (_softmax, lambda z, a, g: a * (g - (g * a).sum(axis=1, keepdims=True))),
    "leaky_relu": (
        lambda z: np.where(z > 0, z, z * LEAK),
        lambda z, a, g: g * np.where(z > 0, 1, LEAK).astype(z.dtype),
    ),
    "elu": (_elu, lambda z, a, g: g * np.exp(np.minimum(z, 0))),
    "gelu": (lambda z: z * _normal(z), lambda z, a, g: g * _gelu_slope(z)),
    "silu": (lambda z: z * _sigmoid(z), lambda z, a, g: g * _silu_slope(z)),
    "softplus": (_softplus, lambda z, a, g: g * _sigmoid(z)),
    "exponential": (np.exp, lambda z, a, g: g * a),
    "selu": (_selu, lambda z, a, g: g * _selu_slope(z)),
    "mish": (lambda z: z * np.tanh(_softplus(z)), lambda z, a, g: g * _mish_slope(z)),
}

LEAK = 0.01  # the slope of leaky_relu below 0
SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772  # Klambauer et al. 2017


def _as_activation(given: "str | tuple[Callable, Callable]") -> tuple[Callable, Callable]:
    """By name, or from the user's own (sigma(z), sigma'(z))."""
    if isinstance(given, str):
        return ACTIVATIONS[given]
    sigma, sigma_prime = given
    return sigma, lambda z, a, g: g * sigma_prime(z)


# Costs of one sample each, from the output layer's z: a rounds to 0 or 1 where ln a would
# still be finite.


def _quadratic(z: NDArray, a: NDArray, y: NDArray) -> NDArray:
    """|a - y|^2 / 2 (the book's eq. 6)."""
    return 0.5 * ((a - y) ** 2).sum(axis=1)


def _cross_entropy(z: NDArray, a: NDArray, y: NDArray) -> NDArray:
    """-sum y ln a + (1 - y) ln(1 - a) for a = sigmoid(z) (the book's eq. 63)."""
    return (_softplus(z) - z * y).sum(axis=1)


def _log_likelihood(z: NDArray, a: NDArray, y: NDArray) -> NDArray:
    """-sum y ln a for a = softmax(z) (the book's eq. 80)."""
    shifted = z - z.max(axis=1, keepdims=True)
    log_a = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -(y * log_a).sum(axis=1)


def _mean_absolute_error(z: NDArray, a: NDArray, y: NDArray) -> NDArray:
    """sum |a - y|; the mean is the one over rows."""
    return np.abs(a - y).sum(axis=1)


def _huber(z: NDArray, a: NDArray, y: NDArray) -> NDArray:
    """Sum of d^2 / 2, or |d| - 1/2 where |d| = |a - y| is above 1."""
    d = np.abs(a - y)
    return np.where(d <= 1, d**2 / 2, d - 0.5).sum(axis=1)


def _poisson(z: NDArray, a: NDArray, y: NDArray) -> NDArray:
    """-sum y ln a - a for a = exp(z)."""
    return (a - y * z).sum(axis=1)


# Each cost, and its derivative by a; None where sigma' cancels, so that delta = a - y.
COSTS: dict[str, tuple[Callable, Callable | None]] = {
    "quadratic": (_quadratic, lambda a, y: a - y),
    "cross_entropy": (_cross_entropy, None),
    "log_likelihood": (_log_likelihood, None),
    "mean_absolute_error": (_mean_absolute_error, lambda a, y: np.sign(a - y)),
    "huber": (_huber, lambda a, y: np.clip(a - y, -1, 1)),
    "poisson": (_poisson, None),
}


# As scikit-learn's log_loss: probabilities are a unit in the last place off 0 and 1, or more.


def _clipped_cross_entropy(z: NDArray, a: NDArray, y: NDArray) -> NDArray:
    unit = np.finfo(a.dtype).eps
    a = np.clip(a, unit, 1 - unit)
    return -(y * np.log(a) + (1 - y) * np.log(1 - a)).sum(axis=1)


def _clipped_log_likelihood(z: NDArray, a: NDArray, y: NDArray) -> NDArray:
    unit = np.finfo(a.dtype).eps
    return -(y * np.log(np.clip(a, unit, 1 - unit))).sum(axis=1)


COSTS["clipped_cross_entropy"] = (_clipped_cross_entropy, None)
COSTS["clipped_log_likelihood"] = (_clipped_log_likelihood, None)


def pinball(quantiles: Sequence[float]) -> tuple[Callable, Callable]:
    """C(a, y) and dC/da of the cost whose outputs are quantiles (Koenker and Bassett 1978)."""
    q = np.asarray(quantiles)

    def cost(a: NDArray, y: NDArray) -> NDArray:
        return np.maximum(q * (y - a), (q - 1) * (y - a))

    def derivative(a: NDArray, y: NDArray) -> NDArray:
        return np.where(y > a, -q, np.where(y < a, 1 - q, 0)).astype(a.dtype)

    return cost, derivative


def _as_cost(given: "str | tuple[Callable, Callable]") -> tuple[Callable, Callable | None]:
    """By name, or from the user's own (C(a, y), dC/da) of one output."""
    if isinstance(given, str):
        return COSTS[given.replace("-", "_")]
    cost, derivative = given
    return lambda z, a, y: cost(a, y).sum(axis=1), derivative


def penalty(weights: Sequence[NDArray], l1: float, l2: float, n: int) -> float:
    """lambda2 / (2 n) sum w^2 + lambda1 / n sum |w| (the book's eqs. 87 and 95); no biases."""
    squares = sum(float((w.astype(np.float64) ** 2).sum()) for w in weights)
    sizes = sum(float(np.abs(w.astype(np.float64)).sum()) for w in weights)
    return l2 / (2 * n) * squares + l1 / n * sizes


def dropout_masks(
    seed: int, update: int, sizes: Sequence[int], rates: Sequence[float], rows: int
) -> Masks:
    """Who is dropped at an update: for each layer but the last, 0 or 1 / (1 - rate) (rows, size).

    A hash of the seed, the number of updates before this one, the layer and the place in the
    mini-batch (Wellons 2018, "lowbias32") is compared with the rate.
    """
    masks: Masks = []
    for l, rate in enumerate(rates):
        key = _hash(np.array([seed & 0xFFFFFFFF], np.uint32))
        key = _hash(key ^ np.uint32((seed >> 32) & 0xFFFFFFFF))
        key = _hash(key + np.uint32(update))
        key = _hash(key + np.uint32(l))
        second_key = _hash(key ^ np.uint32(0x9E3779B9))
        places = np.arange(rows * sizes[l], dtype=np.uint32)
        bits = _hash(_hash(places + key) ^ second_key) >> np.uint32(9)
        u = ((bits + 0.5) / 2**23).reshape(rows, sizes[l])
        masks.append(np.where(u > rate, 1 / (1 - rate), 0.0) if rate else 1.0)
    return masks


def _hash(x: NDArray) -> NDArray:
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))


def _target_rows(y: NDArray, a: NDArray) -> NDArray:
    """Labels (rows,) become one-hot rows like the outputs a (rows, outputs); rows stay."""
    if y.ndim == 2:
        return y
    rows = np.zeros_like(a)
    rows[np.arange(len(y)), y] = 1
    return rows


class Reference:
    """A feedforward network of NumPy arrays.

    weights      list of (outputs, inputs) arrays, one a layer
    biases       list of (outputs, 1) arrays
    activations  a name from ACTIVATIONS for every layer but the input, or NumPy functions
                 (sigma(z), sigma'(z))
    cost         a name from COSTS, or NumPy functions (C(a, y), dC/da); "cross_entropy" needs a
                 sigmoid output layer, "log_likelihood" a softmax one, "poisson" an exponential one
    input_scale  what inputs are multiplied by before the first layer
    """

    def __init__(
        self,
        weights: Sequence[ArrayLike],
        biases: Sequence[ArrayLike],
        activations: Sequence[str | tuple[Callable, Callable]],
        cost: str | tuple[Callable, Callable],
        input_scale: float = 1.0,
    ):
        self.weights: Arrays = [np.array(w) for w in weights]
        self.biases: Arrays = [np.array(b) for b in biases]
        self.activations = [_as_activation(given) for given in activations]
        self.cost, self.cost_derivative = _as_cost(cost)
        self.input_scale = self.weights[0].dtype.type(input_scale)

    def _forward(self, x: NDArray, masks: Masks | None = None) -> tuple[Arrays, Arrays]:
        """The activations of every layer, (rows, neurons), and z of every layer but the input.

        What a layer hands on is its activations times its mask.
        """
        a, z = [x * self.input_scale], []
        masks = masks or [1.0] * len(self.weights)
        for w, b, (sigma, _), mask in zip(
            self.weights, self.biases, self.activations, masks, strict=True
        ):
            z.append((a[-1] * mask) @ w.T + b.T)
            a.append(sigma(z[-1]))
        return a, z

    def feedforward(self, x: NDArray) -> NDArray:
        """The output layer's activations (rows, outputs) for x (rows, inputs)."""
        return self._forward(x)[0][-1]

    def data_costs(self, x: NDArray, y: NDArray) -> NDArray:
        """Each row's cost, (rows,), without the penalty.

        y  targets (rows, outputs), or integer labels (rows,)
        """
        a, z = self._forward(x)
        return self.cost(z[-1], a[-1], _target_rows(y, a[-1]))

    def gradients(
        self, x: NDArray, y: NDArray, masks: Masks | None = None, weights: NDArray | None = None
    ) -> tuple[Arrays, Arrays]:
        """Sums over the rows of dC/dw and dC/db, by backpropagation.

        y        targets (rows, outputs), or integer labels (rows,)
        masks    what to multiply the activations of each layer but the last with, see
                 dropout_masks
        weights  (rows,): how much each row counts; None: 1 each
        """
        masks = masks or [1.0] * len(self.weights)
        a, z = self._forward(x, masks)
        y = _target_rows(y, a[-1])
        if self.cost_derivative is None:  # BP1; sigma' cancels
            delta = a[-1] - y
        else:
            delta = self.activations[-1][1](z[-1], a[-1], self.cost_derivative(a[-1], y))
        if weights is not None:
            delta = delta * weights[:, np.newaxis]
        nabla_w: Arrays = []
        nabla_b: Arrays = []
        for l in reversed(range(len(self.weights))):
            nabla_b.insert(0, delta.sum(axis=0)[:, np.newaxis])  # BP3
            nabla_w.insert(0, delta.T @ (a[l] * masks[l]))  # BP4
            if l > 0:  # BP2
                pulled_back = (delta @ self.weights[l]) * masks[l]
                delta = self.activations[l - 1][1](z[l - 1], a[l], pulled_back)
        return nabla_w, nabla_b

    def update_mini_batch(  # noqa: PLR0913 what `fit` may be asked for
        self,
        x: NDArray,
        y: NDArray,
        eta: float,
        l1: PerLayer,
        l2: PerLayer,
        n: int,
        optimizer: Optimizer | None = None,
        *,
        weights: NDArray | None = None,
        l1_mode: str = "subgradient",
        max_norm: PerLayer = 0.0,
        clip_norm: float = 0.0,
        masks: Masks | None = None,
        by_weight: bool = False,
    ) -> None:
        """One regularized step; n is the training set's size, not the mini-batch's.

        The gradient of the mini-batch's mean cost and of the penalty is
        (1/m) sum dC/dw + (l2 / n) w + (l1 / n) sgn(w); biases are not regularized. Plain SGD,
        w <- w - eta g, is the default.

        weights   (rows,), how much each row counts: the mini-batch's mean is
                  (1/m) sum s_i dC_i/dw; None: 1 each
        l1_mode   "proximal": l1 is no part of the gradient; after the step, weights move by
                  eta l1 / n towards 0, not beyond
        max_norm  after the step, a neuron's weights are no longer than this (0: any)
        clip_norm the mean gradient of the data costs, of all layers together, is no longer
                  than this (0: any)
        masks     of dropout, see gradients
        by_weight the mean is over weights: sum s_i takes the place of m, and, if n is 0, of n

        l1, l2 and max_norm are one number, or one a layer.
        """
        optimizer = optimizer or SGD()
        layers = len(self.weights)
        lambda1, lambda2, limits = (
            np.broadcast_to(np.asarray(v, float), layers) for v in (l1, l2, max_norm)
        )
        proximal = l1_mode == "proximal"
        count = float(weights.sum()) if by_weight and weights is not None else float(len(x))
        divisor = n or count
        shrink, threshold = lambda1 / divisor * (not proximal), eta * lambda1 / divisor * proximal
        nabla_w, nabla_b = self.gradients(x, y, masks, weights)
        gradients = [nabla / count for nabla in nabla_w + nabla_b]
        norm = np.sqrt(sum(float((g.astype(np.float64) ** 2).sum()) for g in gradients))
        if clip_norm and norm > clip_norm:
            gradients = [g * (clip_norm / norm) for g in gradients]
        penalties = [
            lambda2[l] / divisor * w + shrink[l] * np.sign(w) for l, w in enumerate(self.weights)
        ] + [np.zeros_like(b) for b in self.biases]
        parameters = self.weights + self.biases
        if optimizer.decoupled:
            parameters = [p - eta * pull for p, pull in zip(parameters, penalties, strict=True)]
        else:
            gradients = [g + pull for g, pull in zip(gradients, penalties, strict=True)]
        steps = optimizer.steps(gradients, eta)
        stepped = [p + s for p, s in zip(parameters, steps, strict=True)]
        self.weights, self.biases = stepped[:layers], stepped[layers:]
        for l, w in enumerate(self.weights):
            w = np.sign(w) * np.maximum(np.abs(w) - threshold[l], 0)
            if limits[l]:
                norms = np.sqrt((w**2).sum(axis=1, keepdims=True))
                w = w * np.where(norms > limits[l], limits[l] / np.maximum(norms, 1e-300), 1)
            self.weights[l] = w.astype(self.biases[l].dtype)

    def train(
        self,
        x: NDArray,
        y: NDArray,
        order: NDArray,
        mini_batch_size: int,
        eta: float,
        l1: PerLayer = 0.0,
        l2: PerLayer = 0.0,
        n: int | None = None,
        **more: Any,
    ) -> None:
        """One epoch over the rows of `order`, mini-batch by mini-batch, the last one short.

        `more` are keywords of update_mini_batch, where `weights` are those of all rows.
        """
        weights, n = more.pop("weights", None), len(order) if n is None else n
        for start in range(0, len(order), mini_batch_size):
            rows = order[start : start + mini_batch_size]
            more["weights"] = None if weights is None else weights[rows]
            self.update_mini_batch(x[rows], y[rows], eta, l1, l2, n, **more)
