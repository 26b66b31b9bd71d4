"""What a network is made of: its layers, and the weights and biases between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from fastnn.arguments import checks
from fastnn.arguments.keywords import hinting
from fastnn.engine import Engine
from fastnn.engine.being_trained import check_whole
from fastnn.model.costs import Pinball
from fastnn.model.initializers import Initializer, as_initializer
from fastnn.model.layer_arrays import LayerArrays
from fastnn.model.output_layer import multi_label_of, output_activation_for
from fastnn.model.own_functions import Given, GivenCost, compiled, hidden_activations, known

__all__ = ["Architecture"]


class Architecture:
    """Layers, activations, cost and parameters: all of a network that is there before training."""

    @hinting("Network")
    def __init__(  # noqa: PLR0913  the user's own keywords
        self,
        sizes: Sequence[int],
        activation: Given | Sequence[Given] = "sigmoid",
        cost: GivenCost = "cross_entropy",
        *,
        output_activation: Given | None = None,
        initializer: Initializer = "default",
        seed: int | None = None,
        dtype: DTypeLike = "float32",
        input_scale: float = 1.0,
        multi_label: bool = False,
    ):
        """Make a network with random weights and biases.

        sizes              neurons of each layer, the input's first
        activation         of hidden layers, or a list with one for each: "sigmoid", "tanh",
                           "relu", "leaky_relu", "elu", "gelu", "silu", "softplus", "selu",
                           "mish", "identity", "softmax", "exponential" or a fastnn.UserActivation
        cost               "cross_entropy" (per output), "log_likelihood", "quadratic",
                           "mean_absolute_error", "huber", "poisson", fastnn.Pinball(quantiles) or
                           a fastnn.UserCost; of a
                           row, the sum over its outputs. To train on smoothed labels:
                           fastnn.CrossEntropy(label_smoothing=0.1), fastnn.LogLikelihood(...)
        output_activation  by default what the cost is made for: sigmoid for cross_entropy,
                           softmax for log_likelihood, exponential for poisson; for the quadratic
                           cost sigmoid in a sigmoid network, as in the book, and identity in
                           all others
        initializer        of weights and biases: "default", "large", "glorot_normal",
                           "glorot_uniform", "he_normal", "he_uniform", "lecun_normal",
                           "lecun_uniform", "orthogonal", "zeros", see fastnn.model.initializers; or
                           (weights, biases), a list with an array a layer each
        seed               of initial weights and of the order of rows; None draws a new one
        dtype              "float32" or "float64"
        input_scale        what inputs are multiplied by before the first layer, as by Keras's
                           Rescaling layer, in all that the network does: 1/255 for pictures whose
                           pixels are bytes. Rows of uint8 are never copied to floats as a whole
        multi_label        whether a row may have any number of labels: targets are then rows of 0
                           and 1, each sigmoid output decides for itself, and a row is right if
                           all of them are. Else a row has one label

        By default weights are drawn from a normal distribution with standard deviation
        1 / sqrt(inputs), biases with 1 (the book, chapter 3). Raises TypeError or ValueError.
        """
        self._sizes = checks.layer_sizes("sizes", sizes)
        hidden = hidden_activations(activation, len(self._sizes) - 2)
        several = isinstance(activation, (list, tuple))
        self._activation = hidden if several else known("activation", activation)
        self._cost = known("cost", cost)
        self._output_activation = output_activation_for(
            self._activation, self._cost, output_activation
        )
        if isinstance(self._cost, Pinball):
            self._cost.check(self._sizes[-1])
        self._multi_label = multi_label_of(multi_label, self._output_activation)
        self._dtype = checks.float_dtype("dtype", dtype)
        self._input_scale = checks.scale("input_scale", input_scale, self._dtype)
        initialize = as_initializer("initializer", initializer)
        if seed is not None:
            seed = checks.count("seed", seed, least=0)
        self._make_engine()
        rng = np.random.default_rng(seed)
        self.weights, self.biases = initialize(rng, self._sizes)
        self._begin(seed, rng)

    def _begin(self, seed: int | None, rng: np.random.Generator) -> None:
        """For a network that learns: the seed, and the generator that drew the parameters."""

    def _make_engine(self) -> None:
        activations = [compiled("activation", given, self._dtype) for given in self._hidden()]
        output = compiled("output_activation", self._output_activation, self._dtype)
        cost = compiled("cost", self._cost, self._dtype)
        self._engine = Engine(
            self._sizes, [*activations, output], cost, self._dtype, self._input_scale
        )
        check = partial(check_whole, self._engine)
        self._weights = LayerArrays("weights", self._engine.weights, check)
        self._biases = LayerArrays("biases", self._engine.biases, check)

    def _hidden(self) -> list[Given]:
        """The activation of each hidden layer."""
        return hidden_activations(self._activation, len(self._sizes) - 2)

    @property
    def sizes(self) -> list[int]:
        """Neurons of each layer, the input's first."""
        return list(self._sizes)

    @property
    def activation(self) -> Given | list[Given]:
        """The hidden layers' activation, or a list with one for each, as it was given."""
        return list(self._activation) if isinstance(self._activation, list) else self._activation

    @property
    def output_activation(self) -> Given:
        """The output layer's activation."""
        return self._output_activation

    @property
    def cost(self) -> GivenCost:
        """The cost's name, or what smooths its labels, or the user's."""
        return self._cost

    @property
    def dtype(self) -> np.dtype:
        """float32 or float64: of parameters and outputs; inputs are converted to it."""
        return self._dtype

    @property
    def input_scale(self) -> float:
        """What inputs are multiplied by before the first layer."""
        return self._input_scale

    @property
    def multi_label(self) -> bool:
        """Whether a row may have any number of labels, else it has one."""
        return self._multi_label

    @property
    def weights(self) -> LayerArrays:
        """One (outputs, inputs) array a layer. Assigning copies the values in."""
        return self._weights

    @weights.setter
    def weights(self, values: Iterable[ArrayLike]) -> None:
        self._weights.assign(values)

    @property
    def biases(self) -> LayerArrays:
        """One (outputs, 1) array a layer. Assigning copies the values in."""
        return self._biases

    @biases.setter
    def biases(self, values: Iterable[ArrayLike]) -> None:
        self._biases.assign(values)

    def __repr__(self) -> str:
        more = f", input_scale={self._input_scale!r}" if self._input_scale != 1 else ""
        more += ", multi_label=True" if self._multi_label else ""
        return (
            f"Network({self._sizes}, activation={self._activation!r}, cost={self._cost!r}, "
            f"output_activation={self._output_activation!r}, dtype={self._dtype.name!r}{more})"
        )
