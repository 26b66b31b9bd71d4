"""What optimizers do in JAX, written by hand, as their papers and fastnn define them.

Each takes (task, state, nabla, eta): state["parameters"] and `nabla` are lists of (w, b) a layer,
and what `memory` gave is in the state as well. Returns the new state.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from bench.suite.task import Task

_MU, _RHO, _BETA1, _BETA2, _EPSILON = 0.9, 0.9, 0.9, 0.999, 1e-8

_map = jax.tree.map


def memory(task: Task, parameters: Any) -> dict[str, Any]:
    """What the optimizer remembers between updates, at the start."""
    names = {
        "momentum": ("v",),
        "nesterov": ("v",),
        "rmsprop": ("v",),
        "adam": ("m", "v"),
        "adamw": ("m", "v"),
    }.get(task.optimizer, ())
    found = {name: _map(jnp.zeros_like, parameters) for name in names}
    return found | ({"t": jnp.zeros(())} if "m" in found else {})


def limited(parameters: Any, limit: float) -> Any:
    """Max-norm: each neuron's incoming weights, a column of w, are no longer than `limit`."""

    def shorter(w: Any) -> Any:
        squares = (w * w).sum(axis=0)
        return w * jnp.minimum(1, limit * jax.lax.rsqrt(jnp.maximum(squares, 1e-30)))

    return [(shorter(w), b) for w, b in parameters]


def _decayed(task: Task, parameters: Any, eta: Any) -> Any:
    """Weights, not biases, times 1 - eta lmbda / n."""
    if not task.l2:
        return parameters
    decay = 1 - eta * task.l2 / task.rows
    return [(w * decay, b) for w, b in parameters]


def _with_penalty(task: Task, parameters: Any, nabla: Any) -> Any:
    """The gradient of the cost with the penalty."""
    if not task.l2:
        return nabla
    share = task.l2 / task.rows
    return [(nw + share * w, nb) for (w, _), (nw, nb) in zip(parameters, nabla)]


def _sgd(task: Task, state: Any, nabla: Any, eta: Any) -> Any:
    old = _decayed(task, state["parameters"], eta)
    return {**state, "parameters": _map(lambda p, g: p - eta * g, old, nabla)}


def _momentum(task: Task, state: Any, nabla: Any, eta: Any) -> Any:
    g = _with_penalty(task, state["parameters"], nabla)
    v = _map(lambda v, g: _MU * v - eta * g, state["v"], g)
    return {**state, "v": v, "parameters": _map(lambda p, v: p + v, state["parameters"], v)}


def _nesterov(task: Task, state: Any, nabla: Any, eta: Any) -> Any:
    g = _with_penalty(task, state["parameters"], nabla)
    v = _map(lambda v, g: _MU * v - eta * g, state["v"], g)
    new = _map(lambda p, v, g: p + _MU * v - eta * g, state["parameters"], v, g)
    return {**state, "v": v, "parameters": new}


def _rmsprop(task: Task, state: Any, nabla: Any, eta: Any) -> Any:
    g = _with_penalty(task, state["parameters"], nabla)
    v = _map(lambda v, g: _RHO * v + (1 - _RHO) * g * g, state["v"], g)
    new = _map(lambda p, v, g: p - eta * g / (jnp.sqrt(v) + _EPSILON), state["parameters"], v, g)
    return {**state, "v": v, "parameters": new}


def _adam_from(task: Task, state: Any, old: Any, g: Any, eta: Any) -> Any:
    """Adam's step away from `old`."""
    t = state["t"] + 1
    m = _map(lambda m, g: _BETA1 * m + (1 - _BETA1) * g, state["m"], g)
    v = _map(lambda v, g: _BETA2 * v + (1 - _BETA2) * g * g, state["v"], g)
    first, second = 1 - _BETA1**t, 1 - _BETA2**t
    new = _map(lambda p, m, v: p - eta * (m / first) / (jnp.sqrt(v / second) + _EPSILON), old, m, v)
    return {**state, "parameters": new, "m": m, "v": v, "t": t}


def _adam(task: Task, state: Any, nabla: Any, eta: Any) -> Any:
    old = state["parameters"]
    return _adam_from(task, state, old, _with_penalty(task, old, nabla), eta)


def _adamw(task: Task, state: Any, nabla: Any, eta: Any) -> Any:
    return _adam_from(task, state, _decayed(task, state["parameters"], eta), nabla, eta)


STEPS: dict[str, Callable[[Task, Any, Any, Any], Any]] = {
    "sgd": _sgd,
    "momentum": _momentum,
    "nesterov": _nesterov,
    "rmsprop": _rmsprop,
    "adam": _adam,
    "adamw": _adamw,
}
