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

__all__ = [
    "adopt",
    "fastnn_name",
    "fitted",
    "has_several_labels",
    "initial",
    "network_of",
    "parameters_of",
    "take_back",
    "views_of",
]

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

    made_for   what of the estimator's parameters the network depends on
    predictor  of this thread: its memory serves one call at a time
    """

    def __init__(self, network: Network, views: list[NDArray], made_for: tuple):
        self.network, self.engine, self.views = network, network._engine, views
        self.made_for, self.predictor = made_for, network._engine.predictor()


def network_of(estimator: Any) -> Network:
    """The network whose memory `coefs_` and `intercepts_` are; they become views of it."""
    return fitted(estimator).network


def fitted(estimator: Any) -> Fitted:
    """The same with what else there is to compute with it."""
    known: Fitted | None = vars(estimator).get("_network")
    if (
        known is not None
        and _has_views(estimator, known)
        and _made_for(estimator) == known.made_for
    ):
        return known
    return adopt(estimator, _made_of(estimator, estimator.coefs_, estimator.intercepts_))


def adopt(estimator: Any, network: Network) -> Fitted:
    """Let the estimator's arrays be those of a network."""
    engine = network._engine
    views = views_of(engine, engine.parameters)
    for name, arrays in zip(("coefs_", "intercepts_"), views, strict=True):
        held = vars(estimator).get(name)
        if isinstance(held, list):  # whoever has it sees what becomes of it
            held[:] = arrays
        else:
            setattr(estimator, name, arrays)
    own = Fitted(network, [*views[0], *views[1]], _made_for(estimator))
    estimator._network = own
    return own


def take_back(estimator: Any, own: Fitted) -> None:
    """Have the estimator's arrays in its network again, if a function has replaced some."""
    if not _has_views(estimator, own):
        weights = [c.T for c in estimator.coefs_]
        own.network.weights = weights
        own.network.biases = [b[:, None] for b in estimator.intercepts_]
        adopt(estimator, own.network)


def _has_views(estimator: Any, own: Fitted) -> bool:
    arrays = [*estimator.coefs_, *estimator.intercepts_]
    return len(arrays) == len(own.views) and all(map(is_, arrays, own.views))


def _made_for(estimator: Any) -> tuple:
    activation, e = estimator.activation, estimator
    if isinstance(activation, list):
        activation = tuple(activation)
    return activation, e.out_activation_, e.loss, tuple(e._quantiles)


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
    coefs = [c.toarray() if hasattr(c, "toarray") else np.asarray(c) for c in coefs]
    intercepts = [np.asarray(b) for b in intercepts]
    sizes = [len(coefs[0]), *(c.shape[1] for c in coefs)]
    shapes = [*zip(sizes[:-1], sizes[1:], strict=True)], [(n,) for n in sizes[1:]]
    for name, arrays, expected in zip(
        ("coefs_", "intercepts_"), (coefs, intercepts), shapes, strict=True
    ):
        if [a.shape for a in arrays] != expected:
            raise ValueError(f"{name}: expected {expected}, got {[a.shape for a in arrays]}")
    network = Network(
        sizes,
        fastnn_name(estimator.activation),
        cost=_cost_of(estimator),
        output_activation=fastnn_name(estimator.out_activation_),
        initializer="zeros",
        seed=0,
        dtype=np.result_type(*coefs, *intercepts, np.float32).name,
        input_scale=getattr(estimator, "_input_scale", 1.0),
        multi_label=has_several_labels(estimator),
    )
    for target, values in zip(network._engine.weights, coefs, strict=True):
        target[...] = values.T
    for target, values in zip(network._engine.biases, intercepts, strict=True):
        target[:, 0] = values
    return network


def has_several_labels(estimator: Any) -> bool:
    """Whether a row may have any number of labels; also of scikit-learn's own estimator."""
    binarizer = vars(estimator).get("_label_binarizer")
    return binarizer is not None and binarizer.y_type_.startswith("multilabel")
