"""`coefs_` and `intercepts_`, as scikit-learn has them, and the network that is made of them.

The lists are what an estimator is: they may be replaced, changed in place, pickled and mapped from
a file. As long as they hold the views of the network's own memory that were put there, the network
is what computes with them; else a new one takes its place when it is next needed.
"""

import threading
from operator import is_
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fastnn.engine import Engine
from fastnn.model.costs import Pinball
from fastnn.network import Network
from fastnn.sklearn.losses import COSTS

__all__ = ["adopt", "fastnn_name", "fitted", "initial", "network_of", "parameters_of", "views_of"]

# The cost for each output layer of a classifier.
_COSTS = {"logistic": "cross_entropy", "softmax": "log_likelihood"}
# scikit-learn's names of activations, where fastnn has others.
_ACTIVATIONS = {"logistic": "sigmoid", "exp": "exponential"}


def fastnn_name(activation: Any) -> Any:
    """fastnn's name of an activation; the user's own functions, and lists, as they are."""
    if isinstance(activation, (list, tuple)):
        return [fastnn_name(each) for each in activation]
    return _ACTIVATIONS.get(activation, activation) if isinstance(activation, str) else activation


def initial(
    sizes: list[int], activation: Any, random: np.random.RandomState, dtype: DTypeLike
) -> tuple[list[NDArray], list[NDArray]]:
    """Coefficients (inputs, outputs) and intercepts (outputs,) of each layer, uniformly drawn.

    Within +-sqrt(6 / (inputs + outputs)), for logistic neurons sqrt(2 / ...) (Glorot and Bengio
    2010), in scikit-learn's order.
    """
    coefs, intercepts = [], []
    factor = 2.0 if activation in ("logistic", "sigmoid") else 6.0
    for n_in, n_out in zip(sizes[:-1], sizes[1:], strict=True):
        bound = np.sqrt(factor / (n_in + n_out))
        coefs.append(random.uniform(-bound, bound, (n_in, n_out)).astype(dtype, copy=False))
        intercepts.append(random.uniform(-bound, bound, n_out).astype(dtype, copy=False))
    return coefs, intercepts


def views_of(engine: Engine, packed: NDArray) -> tuple[list[NDArray], list[NDArray]]:
    """What is laid out as the engine's parameters: in scikit-learn's shapes, layer by layer."""
    weights, biases = engine.matrices(packed)
    return [w.T for w in weights], [b[:, 0] for b in biases]


class Fitted(threading.local):
    """A network with the views of its memory that an estimator has as its arrays.

    predictor  of this thread: its memory serves one call at a time
    """

    def __init__(self, network: Network, views: list[NDArray]):
        self.network, self.engine, self.views = network, network._engine, views
        self.predictor = network._engine.predictor()


def network_of(estimator: Any) -> Network:
    """The network whose memory `coefs_` and `intercepts_` are; they become views of it."""
    return fitted(estimator).network


def fitted(estimator: Any) -> Fitted:
    """The same with what else there is to compute with it."""
    arrays = [*estimator.coefs_, *estimator.intercepts_]
    known: Fitted | None = vars(estimator).get("_network")
    if known is not None and len(arrays) == len(known.views) and all(map(is_, arrays, known.views)):
        return known
    network = _made_of(estimator, estimator.coefs_, estimator.intercepts_)
    return adopt(estimator, network)


def adopt(estimator: Any, network: Network) -> Fitted:
    """Let the estimator's arrays be those of a network."""
    engine = network._engine
    estimator.coefs_, estimator.intercepts_ = views_of(engine, engine.parameters)
    own = Fitted(network, [*estimator.coefs_, *estimator.intercepts_])
    estimator._network = own
    return own


def parameters_of(network: Network) -> dict[str, Any]:
    """The parameters by which an estimator would have such a network."""
    activation: Any = network.activation
    if isinstance(activation, list):
        activation = tuple(activation)
    return {"hidden_layer_sizes": tuple(network.sizes[1:-1]), "activation": activation}


def _cost_of(estimator: Any) -> Any:
    output = estimator.out_activation_
    if output in _COSTS:
        return _COSTS[output]
    cost, _ = COSTS[estimator.loss]
    return Pinball(estimator.quantile) if cost == "pinball" else cost


def _made_of(estimator: Any, coefs: list[NDArray], intercepts: list[NDArray]) -> Network:
    network = Network(
        [len(coefs[0]), *(c.shape[1] for c in coefs)],
        fastnn_name(estimator.activation),
        cost=_cost_of(estimator),
        output_activation=fastnn_name(estimator.out_activation_),
        initializer="zeros",
        seed=0,
        dtype=coefs[0].dtype.name,
        input_scale=getattr(estimator, "_input_scale", 1.0),
    )
    for target, values in zip(network.weights, coefs, strict=True):
        target[...] = values.T
    for target, values in zip(network.biases, intercepts, strict=True):
        target[:, 0] = values
    return network
