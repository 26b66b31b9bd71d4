"""The user's activations and costs as functions that kernels can call, see calls.

They are given for one number; here is the loop over all of them.
"""

from collections.abc import Callable

from fastnn.kernels.functions.activations import fill_padding
from fastnn.kernels.simd import item, set_item

__all__ = ["activation", "cost", "cost_derivative"]


def activation(sigma: Callable, sigma_prime: Callable) -> Callable:
    """The activation with a = sigma(z) and slope = sigma_prime(z)."""

    def function(m, n, stride, a, slope, _, numbers):
        for i in range(0, m * stride, stride):
            for j in range(i, i + n):
                z = item(a, j)
                set_item(slope, j, sigma_prime(z))
                set_item(a, j, sigma(z))
        fill_padding(a, m, n, stride, 0.0)
        fill_padding(slope, m, n, stride, 0.0)
        return 0.0

    return function


def cost(value: Callable) -> Callable:
    """The cost that is the sum of value(a, y)."""

    def function(m, n, stride, a, y, _, numbers):
        total = 0.0
        for i in range(0, m * stride, stride):
            for j in range(i, i + n):
                total += value(item(a, j), item(y, j))
        return total

    return function


def cost_derivative(derivative: Callable) -> Callable:
    """delta = derivative(a, y)."""

    def function(m, n, stride, a, y, delta, numbers):
        for i in range(0, m * stride, stride):
            for j in range(i, i + n):
                set_item(delta, j, derivative(item(a, j), item(y, j)))
        fill_padding(delta, m, n, stride, 0.0)
        return 0.0

    return function
