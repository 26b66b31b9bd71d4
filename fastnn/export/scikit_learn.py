"""Networks to scikit-learn's own estimators and back (extra `sklearn`).

`fastnn.sklearn` has estimators that are networks of fastnn. These here are scikit-learn's, for
programs that take no others: converters, registries, machines without fastnn.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastnn.export.chain import Chain
from fastnn.export.folding import without_input_scale
from fastnn.export.incoming import as_network
from fastnn.export.outgoing import as_portable
from fastnn.model.portable import PortableNetwork
from fastnn.network import Network
from fastnn.sklearn.library import LabelBinarizer, check_is_fitted, neural_networks
from fastnn.sklearn.parameters import fastnn_name, has_several_labels
from fastnn.sklearn.perceptron import Perceptron

__all__ = ["from_sklearn", "to_sklearn"]

_HIDDEN = ("identity", "logistic", "tanh", "relu")
_THEIR_NAMES = {fastnn_name(name): name for name in (*_HIDDEN, "softmax", "exp")}


def to_sklearn(net: Any, classes: ArrayLike | None = None) -> Any:
    """A fitted `sklearn.neural_network.MLPClassifier` or MLPRegressor, with no trace of fastnn.

    net      a Network, or a fitted estimator of fastnn.sklearn
    classes  (n_classes,): what the outputs stand for, or what 0 and 1 do of a single output;
             by default an estimator's, or 0, 1, ...

    Softmax and sigmoid outputs make a classifier. Its coefs_ and intercepts_ are the network's
    weights, transposed, and biases, to the bit, but: scikit-learn has classes in ascending order,
    and so the outputs; of two classes it has one output, which two softmax outputs become;
    and an input_scale goes into the first coefficients. Outputs are the network's to rounding. Of
    several sigmoid outputs that are not multi_label the largest names the class, as in `predict`.
    All else is a regressor; identity outputs have the loss squared_error, whatever the network's
    cost was. Training on, by partial_fit or with warm_start, begins with a new optimizer.

    Raises ValueError for what scikit-learn's networks don't have: activations other than identity,
    sigmoid, tanh and relu in hidden layers, or several different ones, other outputs.
    """
    portable = without_input_scale(as_portable(net))
    activation = _hidden(portable.activations[:-1])
    classifier, regressor = neural_networks()
    if classes is None and not portable.multi_label:
        classes = getattr(net, "classes_", None)
    if portable.classifies:
        portable, binarizer = _as_classifier(portable, classes)
        more = {"_label_binarizer": binarizer, "classes_": binarizer.classes_}
        return _fitted(classifier, activation, portable, more)
    if classes is not None:
        raise ValueError(
            "classes: expected None unless outputs are sigmoid or softmax, this network's are "
            f"{portable.activations[-1]}"
        )
    if portable.activations[-1] == "identity":
        return _fitted(regressor, activation, portable, {})
    if portable.activations[-1] != "exponential":
        raise ValueError(
            "network: expected softmax, sigmoid, identity or exponential outputs, as scikit-learn's"
            f" networks have, got {portable.activations[-1]}"
        )
    try:
        return _fitted(regressor, activation, portable, {}, loss="poisson")
    except TypeError:
        raise ValueError(
            "network: expected no exponential outputs, which scikit-learn has from 1.7 on"
        ) from None


def _hidden(activations: tuple[str, ...]) -> str:
    """scikit-learn's name of the one activation of all hidden layers."""
    names = {_THEIR_NAMES.get(activation) for activation in activations} or {"identity"}
    name = names.pop()
    if names or name not in _HIDDEN:
        known = ", ".join(map(fastnn_name, _HIDDEN))
        raise ValueError(
            f"network: expected one activation in all hidden layers, of {known}, as scikit-learn's "
            f"networks have; got {', '.join(activations)}"
        )
    return name


def _as_classifier(
    portable: PortableNetwork, classes: ArrayLike | None
) -> tuple[PortableNetwork, LabelBinarizer]:
    """The outputs as scikit-learn has them, and what makes labels of them."""
    outputs, count = portable.activations[-1], portable.sizes[-1]
    if portable.multi_label and count > 1:
        if classes is not None:
            raise ValueError(
                "classes: expected None for a multi_label network, whose labels have numbers in "
                "scikit-learn"
            )
        return portable, LabelBinarizer().fit(np.eye(count, dtype=int))
    if (count, outputs) in ((1, "softmax"), (2, "sigmoid")):
        raise ValueError(
            "network: expected a single sigmoid output, two softmax outputs, or more of either, as "
            f"scikit-learn's networks can have, got {count} {outputs}"
        )
    named = np.arange(max(2, count)) if classes is None else np.asarray(classes)
    if named.shape != (max(2, count),) or len(np.unique(named)) != len(named):
        raise ValueError(
            f"classes: expected {max(2, count)} different labels, got {named.tolist()}"
        )
    order = np.argsort(named)
    w, b = portable.weights[-1], portable.biases[-1]
    if count == 1:  # z against 0, which names the other class
        w, b = (np.concatenate([np.zeros_like(p), p]) for p in (w, b))
    w, b = w[order], b[order]
    if count <= 2:
        w, b, outputs = w[1:] - w[:1], b[1:] - b[:1], "sigmoid"
    portable = replace(
        portable,
        weights=(*portable.weights[:-1], w),
        biases=(*portable.biases[:-1], b),
        activations=(*portable.activations[:-1], outputs),
    )
    return portable, LabelBinarizer().fit(named)


def _fitted(
    kind: type, activation: str, portable: PortableNetwork, more: dict[str, Any], **parameters: Any
) -> Any:
    """An estimator with all that scikit-learn's `fit` would have left, but for figures of it."""
    sizes = portable.sizes
    estimator = kind(hidden_layer_sizes=tuple(sizes[1:-1]), activation=activation, **parameters)
    vars(estimator).update(
        coefs_=[np.ascontiguousarray(w.T) for w in portable.weights],
        intercepts_=list(portable.biases),
        n_layers_=len(sizes),
        n_features_in_=sizes[0],
        n_outputs_=sizes[-1],
        out_activation_=_THEIR_NAMES[portable.activations[-1]],
        n_iter_=0,
        t_=0,
        loss_curve_=[],
        best_loss_=np.inf,
        validation_scores_=None,
        best_validation_score_=None,
        _no_improvement_count=0,
        **more,
    )
    return estimator


def from_sklearn(estimator: Any) -> Network:
    """A network of a fitted MLPClassifier's or MLPRegressor's coefficients, to the bit.

    Takes scikit-learn's own, and fastnn.sklearn's, whose network is copied with its history. A
    classifier's labels become 0, 1, ...: `estimator.classes_` has what they stand for.

    Raises TypeError for anything else, a Pipeline, say, whose last step it may be; ValueError if
    it is not fitted.
    """
    if isinstance(estimator, Perceptron):
        return copy.deepcopy(estimator.network_)
    theirs: Any = neural_networks()
    if not isinstance(estimator, theirs):
        raise TypeError(
            "estimator: expected scikit-learn's MLPClassifier or MLPRegressor, or fastnn's, "
            f"got {type(estimator).__name__}"
        )
    check_is_fitted(estimator, "coefs_")
    chain = Chain("estimator")
    last = len(estimator.coefs_) - 1
    for l, coefs in enumerate(estimator.coefs_):
        activation = estimator.out_activation_ if l == last else estimator.activation
        chain.dense(f"coefs_[{l}]", _dense(coefs).T, np.asarray(estimator.intercepts_[l]))
        chain.activate(f"coefs_[{l}]", fastnn_name(activation))
    return as_network(replace(chain.portable(), multi_label=has_several_labels(estimator)))


def _dense(coefs: Any) -> NDArray:
    """Users make coefs_ sparse to save memory."""
    return coefs.toarray() if hasattr(coefs, "toarray") else np.asarray(coefs)
