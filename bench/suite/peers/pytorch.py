"""PyTorch, eager: nn.Sequential, autograd, torch.optim; rows are gathered by index, no loader.

variants  the optimizer's step, "foreach" or "fused"
"""

from collections.abc import Callable
from typing import Any

import torch
from numpy.typing import NDArray
from torch.nn import functional

from bench.suite.machine import usable_threads
from bench.suite.peers import AfterEpoch, UnsupportedError
from bench.suite.problem import Problem
from bench.suite.task import Task

_ACTIVATIONS = {"sigmoid": torch.nn.Sigmoid, "tanh": torch.nn.Tanh, "relu": torch.nn.ReLU}


def variants(task: Task) -> dict[str, Callable[[Problem], "Eager"]]:
    """Ways to take a step."""
    if not task.is_basic:
        raise UnsupportedError("measured with plain descent and Adam only")
    return {
        "fused": lambda problem: Eager(problem, fused=True),
        "foreach": lambda problem: Eager(problem, foreach=True),
    }


def about() -> dict[str, Any]:
    """Versions and threads."""
    return {"versions": {"torch": torch.__version__}, "threads": torch.get_num_threads()}


class Eager:
    """A Sequential of Linear layers; its last layer gives z, as PyTorch's losses want it."""

    def __init__(self, problem: Problem, **step: bool):
        torch.set_num_threads(usable_threads())
        self.problem, self.task = problem, problem.task
        task = self.task
        dtype = getattr(torch, task.dtype)
        self.dtype = dtype
        self.x = torch.from_numpy(problem.x if task.keep_bytes else problem.inputs())
        if not task.keep_bytes:
            self.x = self.x.to(dtype)
        self.y = torch.from_numpy(problem.y).to(dtype)
        if task.cost == "log-likelihood":
            self.y = self.y.argmax(dim=1)
        layers: list[torch.nn.Module] = []
        for w, b in zip(problem.weights, problem.biases):
            linear = torch.nn.Linear(w.shape[1], w.shape[0], dtype=dtype)
            with torch.no_grad():
                linear.weight.copy_(torch.from_numpy(w))
                linear.bias.copy_(torch.from_numpy(b[:, 0]))
            layers += [linear, _ACTIVATIONS[task.activation]()]
        self.net = torch.nn.Sequential(*layers[:-1])
        parameters = list(self.net.parameters())
        groups: list[dict[str, Any]] = [
            {"params": parameters[::2], "weight_decay": task.l2 / task.rows},
            {"params": parameters[1::2], "weight_decay": 0.0},  # biases are not regularized
        ]
        optimizer = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[task.optimizer]
        if not task.l2:
            groups = [{"params": parameters}]
        self.optimizer = optimizer(groups, lr=task.learning_rate, **step)
        self.epoch = 0

    def _loss(self, z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """The mean over rows of the cost of one."""
        if self.task.cost == "log-likelihood":
            return functional.cross_entropy(z, y)
        if self.task.cost == "cross-entropy":
            return functional.binary_cross_entropy_with_logits(z, y, reduction="sum") / len(y)
        return functional.mse_loss(z, y, reduction="sum") / (2 * len(y))

    def _rows(self, rows: torch.Tensor) -> torch.Tensor:
        """A mini-batch's inputs."""
        if self.task.keep_bytes:
            return self.x[rows].to(self.dtype).mul_(self.problem.scale)
        return self.x[rows]

    def train(self, epochs: int, after_epoch: AfterEpoch | None = None) -> None:
        """The loop of every tutorial."""
        for _ in range(epochs):
            etas = self.task.learning_rates(self.epoch).tolist()
            self.epoch += 1
            order = torch.from_numpy(self.problem.next_order())
            for rows, eta in zip(order.split(self.task.batch_size), etas):
                if self.task.one_cycle:
                    for group in self.optimizer.param_groups:
                        group["lr"] = eta
                self.optimizer.zero_grad(set_to_none=True)
                self._loss(self.net(self._rows(rows)), self.y[rows]).backward()
                self.optimizer.step()
            if after_epoch is not None and after_epoch():
                break

    def parameters(self) -> tuple[list[NDArray], list[NDArray]]:
        """As NumPy arrays."""
        arrays = [p.detach().numpy().copy() for p in self.net.parameters()]
        return arrays[::2], arrays[1::2]

    def outputs(self, x: NDArray) -> NDArray:
        """Activations, without autograd."""
        with torch.inference_mode():
            z = self.net(torch.from_numpy(x))
            if self.task.cost == "log-likelihood":
                z = torch.softmax(z, dim=1)
            elif self.task.cost == "cross-entropy":
                z = torch.sigmoid(z)
        return z.numpy()
