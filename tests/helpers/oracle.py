"""The book's algorithm sample by sample, from its equations; it imports nothing of fastnn.

`Oracle` has the interface of the book's networks as far as the tests need it. Layers count
from 0: w[l] and b[l] lead from layer l to layer l + 1.
"""
# ruff: noqa: NPY002 the book draws from this generator

import random

import numpy as np


def sigma(z):
    """Eq. 3, in the form that does not overflow on either side."""
    e = np.exp(-np.abs(z))
    return np.where(z < 0, e, 1.0) / (1.0 + e)


def sigma_prime(z):
    return sigma(z) * (1.0 - sigma(z))


def unit(j, size):
    """The column e_j."""
    return np.eye(size)[:, [j]]


def initial(sizes, scaled):
    """Biases and weights from N(0, 1), the latter over sqrt(inputs) if scaled."""
    b = [np.random.randn(sizes[l + 1], 1) for l in range(len(sizes) - 1)]
    w = [np.random.randn(sizes[l + 1], sizes[l]) for l in range(len(sizes) - 1)]
    if scaled:
        w = [w[l] / np.sqrt(sizes[l]) for l in range(len(w))]
    return b, w


class Oracle:
    """w, b lists of (y, x) and (y, 1) arrays; cost "quadratic" or "cross-entropy".

    penalty_divisor  "n", as the book derives it, or one of the two mistakes: "m" divides
                     lambda by the mini-batch's length, "each sample" adds the penalty's
                     gradient once for every sample of the mini-batch
    """

    def __init__(self, sizes, cost, scaled, penalty_divisor="n"):
        self.sizes, self.cost, self.penalty_divisor = sizes, cost, penalty_divisor
        self.b, self.w = initial(sizes, scaled)

    def forward(self, x):
        """All z and all a, from the input on (eqs. 25 and 26)."""
        zs, activations = [], [x]
        for l in range(len(self.w)):
            zs.append(self.w[l] @ activations[l] + self.b[l])
            activations.append(sigma(zs[l]))
        return zs, activations

    def gradient(self, x, y):
        """dC_x/db and dC_x/dw by BP1 to BP4."""
        zs, activations = self.forward(x)
        last = len(self.w) - 1
        delta = [None] * (last + 1)
        delta[last] = activations[-1] - y  # eq. 66 for cross-entropy
        if self.cost == "quadratic":
            delta[last] = delta[last] * sigma_prime(zs[last])  # BP1a
        for l in range(last - 1, -1, -1):
            delta[l] = (self.w[l + 1].T @ delta[l + 1]) * sigma_prime(zs[l])  # BP2
        return delta, [delta[l] @ activations[l].T for l in range(last + 1)]  # BP3, BP4

    def step(self, mini_batch, eta, l2, l1, n):
        """Eqs. 93 and 97 for w, eq. 94 for b."""
        m = len(mini_batch)
        divisor = {"n": n, "m": m, "each sample": n / m}[self.penalty_divisor]
        gradients = [self.gradient(x, y) for x, y in mini_batch]
        for l in range(len(self.w)):
            mean_b = sum(g[0][l] for g in gradients) / m
            mean_w = sum(g[1][l] for g in gradients) / m
            penalty = (l2 * self.w[l] + l1 * np.sign(self.w[l])) / divisor
            self.w[l] = self.w[l] - eta * (mean_w + penalty)
            self.b[l] = self.b[l] - eta * mean_b

    def epoch(self, data, m, eta, l2=0.0, l1=0.0):
        """Shuffle the list in place and go through it once, in mini-batches of m."""
        random.shuffle(data)
        for k in range(0, len(data), m):
            self.step(data[k : k + m], eta, l2, l1, len(data))

    def correct(self, data):
        """How many of the samples (x, label) have their largest output at the label."""
        return sum(int(self.forward(x)[1][-1].argmax() == label) for x, label in data)

    def mean_cost(self, data):
        """The mean cost of the samples (x, target column), without the penalties."""
        total = 0.0
        for x, y in data:
            zs, activations = self.forward(x)
            z = zs[-1]
            if self.cost == "quadratic":
                total += 0.5 * np.sum((activations[-1] - y) ** 2)  # eq. 6
            else:  # eq. 63, with ln sigma(z) = -ln(1 + e^-z) and ln(1 - sigma(z)) = that of -z
                total += np.sum(y * np.logaddexp(0, -z) + (1 - y) * np.logaddexp(0, z))
        return total / len(data)

    def penalty(self, l2, l1, n):
        """Eqs. 87 and 95."""
        return sum(l2 / (2 * n) * np.sum(w**2) + l1 / n * np.sum(abs(w)) for w in self.w)
