"""The optimizers of `fastnn.reference`: each turns gradients into what is added to parameters."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["SGD", "Adam", "AdamW", "Momentum", "Nesterov", "Optimizer", "RMSProp"]

Arrays = list[NDArray]


class Optimizer:
    """What all optimizers have.

    decoupled  whether the penalty acts on the weights beside the optimizer, instead of being part
               of the gradient
    """

    decoupled = False

    def steps(self, gradients: Arrays, eta: float) -> Arrays:
        """What to add to each parameter array, given the gradient of each."""
        raise NotImplementedError


class SGD(Optimizer):
    """Plain stochastic gradient descent: -eta g."""

    def steps(self, gradients: Arrays, eta: float) -> Arrays:
        """What to add to each parameter array, given the gradient of each."""
        return [-eta * g for g in gradients]


class Momentum(Optimizer):
    """v <- mu v - eta g; the step is v (the book's eqs. 107 and 108)."""

    def __init__(self, mu: float = 0.9):
        self.mu = mu
        self.v: Arrays = []

    def steps(self, gradients: Arrays, eta: float) -> Arrays:
        """What to add to each parameter array, given the gradient of each."""
        self.v = self.v or [np.zeros_like(g) for g in gradients]
        self.v = [self.mu * v - eta * g for v, g in zip(self.v, gradients, strict=True)]
        return self.v


class Nesterov(Momentum):
    """v as for momentum; the step is mu v - eta g (Sutskever et al. 2013)."""

    def steps(self, gradients: Arrays, eta: float) -> Arrays:
        """What to add to each parameter array, given the gradient of each."""
        v = super().steps(gradients, eta)
        return [self.mu * v_ - eta * g for v_, g in zip(v, gradients, strict=True)]


class RMSProp(Optimizer):
    """s <- rho s + (1 - rho) g^2; the step is -eta g / (sqrt(s) + epsilon) (Hinton 2012)."""

    def __init__(self, rho: float = 0.9, epsilon: float = 1e-8):
        self.rho, self.epsilon = rho, epsilon
        self.squares: Arrays = []

    def steps(self, gradients: Arrays, eta: float) -> Arrays:
        """What to add to each parameter array, given the gradient of each."""
        self.squares = self.squares or [np.zeros_like(g) for g in gradients]
        self.squares = [
            self.rho * s + (1 - self.rho) * g**2
            for s, g in zip(self.squares, gradients, strict=True)
        ]
        return [
            -eta * g / (np.sqrt(s) + self.epsilon)
            for s, g in zip(self.squares, gradients, strict=True)
        ]


class Adam(Optimizer):
    """Adaptive moments (Kingma and Ba 2015, algorithm 1; with epsilon_hat, section 2's last lines).

    epsilon_hat: epsilon is added to the root of the second moment as it is, without its correction.
    """

    def __init__(
        self,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        epsilon_hat: bool = False,
    ):
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon
        self.epsilon_hat = epsilon_hat
        self.first: Arrays = []
        self.second: Arrays = []
        self.t = 0

    def steps(self, gradients: Arrays, eta: float) -> Arrays:
        """What to add to each parameter array, given the gradient of each."""
        self.t += 1
        b1, b2 = self.beta1, self.beta2
        self.first = self.first or [np.zeros_like(g) for g in gradients]
        self.second = self.second or [np.zeros_like(g) for g in gradients]
        self.first = [b1 * m + (1 - b1) * g for m, g in zip(self.first, gradients, strict=True)]
        self.second = [
            b2 * v + (1 - b2) * g**2 for v, g in zip(self.second, gradients, strict=True)
        ]
        correction = 1 - b2**self.t
        epsilon = self.epsilon / np.sqrt(correction) if self.epsilon_hat else self.epsilon
        return [
            -eta * (m / (1 - b1**self.t)) / (np.sqrt(v / correction) + epsilon)
            for m, v in zip(self.first, self.second, strict=True)
        ]


class AdamW(Adam):
    """Adam with the penalty beside the gradient (Loshchilov and Hutter 2019, algorithm 2)."""

    decoupled = True
