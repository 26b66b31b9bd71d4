"""Rarer activations: kernels call them through their address, see calls.

Each turns z into a = sigma(z) and writes sigma'(z) to slope. NaN stays NaN in a.
"""

from fastnn.kernels import elementary
from fastnn.kernels.functions.activations import fill_padding
from fastnn.kernels.simd import fma, lanes_at, load, store, where_positive

__all__ = ["FUNCTIONS", "LEAK"]

LEAK = 0.01


def leaky_relu(m, n, stride, a, slope, _):
    """z, or 0.01 z where z is not positive (Maas, Hannun and Ng 2013)."""
    for i in range(0, m * stride, lanes_at(a)):
        z = load(a, i)
        store(a, i, where_positive(z, z, z * LEAK))
        store(slope, i, where_positive(z, 1.0, LEAK))
    fill_padding(slope, m, n, stride, 0.0)
    return 0.0


def elu(m, n, stride, a, slope, _):
    """z, or exp(z) - 1 where z is not positive (Clevert, Unterthiner and Hochreiter 2016)."""
    for i in range(0, m * stride, lanes_at(a)):
        z = load(a, i)
        store(a, i, where_positive(z, z, elementary.expm1(z)))
        store(slope, i, where_positive(z, 1.0, elementary.exp(z)))
    fill_padding(slope, m, n, stride, 0.0)
    return 0.0


def gelu(m, n, stride, a, slope, _):
    """z Phi(z), Phi the normal distribution function (Hendrycks and Gimpel 2016); exact."""
    for i in range(0, m * stride, lanes_at(a)):
        z = load(a, i)
        distribution, density = elementary.normal(z)
        store(a, i, z * distribution)
        store(slope, i, fma(z, density, distribution))
    fill_padding(slope, m, n, stride, 0.0)
    return 0.0


def silu(m, n, stride, a, slope, _):
    """z sigmoid(z) (Elfwing, Uchibe and Doya 2018), also called swish."""
    for i in range(0, m * stride, lanes_at(a)):
        z = load(a, i)
        s = elementary.sigmoid(z)
        store(a, i, z * s)
        store(slope, i, fma(z * s, elementary.sigmoid(-z), s))  # not 1 - s: it has no small digits
    fill_padding(slope, m, n, stride, 0.0)
    return 0.0


def softplus(m, n, stride, a, slope, _):
    """ln(1 + exp(z)), whose derivative is sigmoid(z)."""
    for i in range(0, m * stride, lanes_at(a)):
        z = load(a, i)
        store(a, i, elementary.softplus(z))
        store(slope, i, elementary.sigmoid(z))
    fill_padding(a, m, n, stride, 0.0)
    fill_padding(slope, m, n, stride, 0.0)
    return 0.0


def exponential(m, n, stride, a, slope, _):
    """exp(z), for outputs that are rates or counts."""
    for i in range(0, m * stride, lanes_at(a)):
        e = elementary.exp(load(a, i))
        store(a, i, e)
        store(slope, i, e)
    fill_padding(a, m, n, stride, 0.0)
    fill_padding(slope, m, n, stride, 0.0)
    return 0.0


FUNCTIONS = (leaky_relu, elu, gelu, silu, softplus, exponential)
