"""JAX: a whole epoch is one jitted lax.scan over its mini-batches, parameters donated.

A short last mini-batch is one more step in the same jitted function. Where an epoch is one
mini-batch, one jitted loop runs over the epochs, as one would write it.

variants  "gather" takes each mini-batch's rows inside the scan, "unrolled" does so in a loop of
          four steps, "pregather" takes all rows before it; with dropout each of them with
          JAX's usual generator of random numbers and with its fastest
"""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from numpy.typing import NDArray

from bench.suite.machine import usable_threads
from bench.suite.peers import AfterEpoch, jax_steps
from bench.suite.problem import BYTE, Problem
from bench.suite.task import Task

_ACTIVATIONS: dict[str, Callable] = {
    "sigmoid": jax.nn.sigmoid,
    "softmax": jax.nn.softmax,
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "identity": lambda z: z,
}


def variants(task: Task) -> dict[str, Callable[[Problem], "Scan"]]:
    """Ways to get at a mini-batch's rows."""
    if task.updates == 1:
        return {"epochs in one loop": FullBatch}
    ways: dict[str, Callable[..., Scan]] = {
        "gather": Scan,
        "unrolled": partial(Scan, unroll=4),
        "pregather": partial(Scan, pregather=True),
    }
    if not task.dropout:
        return ways
    return {
        f"{name}, {generator}": partial(way, generator=generator)
        for name, way in ways.items()
        for generator in ("threefry2x32", "unsafe_rbg")
    }


def about() -> dict[str, Any]:
    """Versions and threads."""
    return {
        "versions": {"jax": jax.__version__, "jaxlib": jax.lib.__version__},
        "threads": usable_threads(),
    }


def _z(task: Task, parameters: Any, x: Any, key: Any = None) -> Any:
    """The output layer's z; with a key of jax.random, hidden activations are dropped."""
    *hidden, (w_last, b_last) = parameters
    for l, (w, b) in enumerate(hidden):
        x = _ACTIVATIONS[task.activation](x @ w + b)
        if key is not None:
            kept = jax.random.bernoulli(jax.random.fold_in(key, l), 1 - task.dropout, x.shape)
            x = jnp.where(kept, x / (1 - task.dropout), 0)
    return x @ w_last + b_last


def _loss(task: Task, parameters: Any, x: Any, y: Any, key: Any) -> Any:
    """The mean over rows of the cost of one."""
    z = _z(task, parameters, x, key)
    if task.cost == "log-likelihood":
        costs = -(y * jax.nn.log_softmax(z)).sum(axis=1)
    elif task.cost == "cross-entropy":
        costs = (jnp.maximum(z, 0) - z * y + jnp.log1p(jnp.exp(-jnp.abs(z)))).sum(axis=1)
    else:
        costs = 0.5 * ((z - y) ** 2).sum(axis=1)
    return costs.mean()


def _step(task: Task, state: Any, eta: Any, x: Any, y: Any) -> Any:
    """One update from one mini-batch; eta is the learning rate."""
    if task.keep_bytes:
        x = x.astype(task.dtype) * BYTE
    key = None
    if task.dropout:
        key, next_key = jax.random.split(state["key"])
    nabla = jax.grad(partial(_loss, task))(state["parameters"], x, y, key)
    state = jax_steps.STEPS[task.optimizer](task, state, nabla, eta)
    if task.max_norm:
        state["parameters"] = jax_steps.limited(state["parameters"], task.max_norm)
    if task.dropout:
        state["key"] = next_key
    return state


@lru_cache
def _jitted_epoch(task: Task, pregather: bool, unroll: int) -> Callable:
    """(state, etas, x, y, order) -> state after an epoch; compiled once for a task.

    etas  one learning rate for all mini-batches, or one each with a schedule
    """
    m = task.batch_size
    whole = task.updates - (task.rows % m != 0)

    @partial(jax.jit, donate_argnums=0)
    def epoch(state: Any, etas: Any, x: Any, y: Any, order: Any) -> Any:
        batches = order[: whole * m].reshape(whole, m)
        own = etas[:whole] if task.one_cycle else None  # a scan leaves out what is None

        def step(state: Any, eta: Any, x: Any, y: Any) -> tuple[Any, None]:
            return _step(task, state, etas if eta is None else eta, x, y), None

        if pregather:
            xs = own, x[batches], y[batches]
            state, _ = lax.scan(lambda s, part: step(s, *part), state, xs)
        else:
            state, _ = lax.scan(
                lambda s, part: step(s, part[0], x[part[1]], y[part[1]]),
                state,
                (own, batches),
                unroll=unroll,
            )
        if whole < task.updates:
            rest = order[whole * m :]
            state, _ = step(state, etas[-1] if task.one_cycle else None, x[rest], y[rest])
        return state

    return epoch


@lru_cache
def _jitted_epochs(task: Task) -> Callable:
    """(state, eta, x, y, epochs) -> state after so many epochs of one mini-batch."""

    @partial(jax.jit, donate_argnums=0)
    def run(state: Any, eta: Any, x: Any, y: Any, epochs: Any) -> Any:
        return lax.fori_loop(0, epochs, lambda _, s: _step(task, s, eta, x, y), state)

    return run


@lru_cache
def _jitted_outputs(task: Task) -> Callable:
    return jax.jit(lambda p, x: _ACTIVATIONS[task.output_activation](_z(task, p, x)))


class Scan:
    """Parameters on JAX's CPU device, w (inputs, outputs)."""

    def __init__(
        self,
        problem: Problem,
        *,
        pregather: bool = False,
        unroll: int = 1,
        generator: str = "threefry2x32",
    ):
        self.problem, task = problem, problem.task
        self.task = task
        if task.dtype == "float64":
            jax.config.update("jax_enable_x64", True)
        bytes_ = task.keep_bytes
        self.x = jnp.asarray(problem.x) if bytes_ else jnp.asarray(problem.inputs(), task.dtype)
        self.y = jnp.asarray(problem.y, task.dtype)
        parameters = [
            (jnp.asarray(w.T, task.dtype), jnp.asarray(b[:, 0], task.dtype))
            for w, b in zip(problem.weights, problem.biases)
        ]
        self.state: Any = {"parameters": parameters}
        self.state |= jax_steps.memory(task, parameters)
        if task.dropout:
            self.state["key"] = jax.random.key(task.seed, impl=generator)
        self.pregather, self.unroll, self.epoch = pregather, unroll, 0
        # Copies are made behind one's back; those of the data are no part of the training.
        jax.block_until_ready((self.x, self.y, self.state))

    def train(self, epochs: int, after_epoch: AfterEpoch | None = None) -> None:
        """One call an epoch."""
        epoch = _jitted_epoch(_seedless(self.task), self.pregather, self.unroll)
        for _ in range(epochs):
            order = jnp.asarray(self.problem.next_order().astype(np.int32))
            task = self.task
            etas = task.learning_rates(self.epoch) if task.one_cycle else task.learning_rate
            self.epoch += 1
            self.state = epoch(self.state, jnp.asarray(etas, task.dtype), self.x, self.y, order)
            if after_epoch is not None:
                jax.block_until_ready(self.state)
                if after_epoch():
                    break
        jax.block_until_ready(self.state)

    def parameters(self) -> tuple[list[NDArray], list[NDArray]]:
        """As NumPy arrays."""
        weights = [np.array(w).T for w, _ in self.state["parameters"]]
        return weights, [np.array(b) for _, b in self.state["parameters"]]

    def outputs(self, x: NDArray) -> NDArray:
        """From a NumPy array to a NumPy array."""
        return np.asarray(_jitted_outputs(_seedless(self.task))(self.state["parameters"], x))


class FullBatch(Scan):
    """All rows are one mini-batch, whose order makes no difference."""

    def train(self, epochs: int, after_epoch: AfterEpoch | None = None) -> None:
        """One call for all epochs; for each, if somebody wants to know."""
        run = _jitted_epochs(_seedless(self.task))
        eta = jnp.asarray(self.task.learning_rate, self.task.dtype)  # no schedule a step
        a_call = epochs if after_epoch is None else 1
        for _ in range(0, epochs, a_call):
            self.state = run(self.state, eta, self.x, self.y, a_call)
            jax.block_until_ready(self.state)
            if after_epoch is not None and after_epoch():
                break


def _seedless(task: Task) -> Task:
    """Without what has no part in the machine code, so that it is compiled once for many."""
    return replace(task, seed=0, data="")
