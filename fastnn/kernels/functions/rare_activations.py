"""Rarer activations: kernels call them through their address, see calls.

Each turns z into a = sigma(z) and writes sigma'(z) to slope. NaN stays NaN in a.
"""

from fastnn.kernels import elementary
from fastnn.kernels.functions.activations import fill_padding
from fastnn.kernels.simd import fma, lanes_at, load, store, where_positive

__all__ = ["FUNCTIONS", "LEAK"]

LEAK = 0.01
# Where the mean 0 and the variance 1 of inputs stay what they are.
SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
MISH_LINEAR = 20.0  # tanh(softplus(z)) is 1 from there on, and exp(2 z) a float32 up to there


def leaky_relu(m, n, stride, a, slope, _, numbers):
    """z, or 0.01 z where z is not positive (Maas, Hannun and Ng 2013)."""
    for i in range(0, m * stride, lanes_at(a)):
        z = load(a, i)
        store(a, i, where_positive(z, z, z * LEAK))
        store(slope, i, where_positive(z, 1.0, LEAK))
    fill_padding(slope, m, n, stride, 0.0)
    return 0.0


def elu(m, n, stride, a, slope, _, numbers):
    """z, or exp(z) - 1 where z is not positive (Clevert, Unterthiner and Hochreiter 2016)."""
    for i in range(0, m * stride, lanes_at(a)):
        z = load(a, i)
        store(a, i, where_positive(z, z, elementary.expm1(z)))
        store(slope, i, where_positive(z, 1.0, elementary.exp(z)))
    fill_padding(slope, m, n, stride, 0.0)
    return 0.0


def gelu(m, n, stride, a, slope, _, numbers):
    """z Phi(z), Phi the normal distribution function (Hendrycks and Gimpel 2016); exact."""
    for i in range(0, m * stride, lanes_at(a)):
        z = load(a, i)
        distribution, density = elementary.normal(z)
        store(a, i, z * distribution)
        store(slope, i, fma(z, density, distribution))
    fill_padding(slope, m, n, stride, 0.0)
    return 0.0


def silu(m, n, stride, a, slope, _, numbers):
    """z sigmoid(z) (Elfwing, Uchibe and Doya 2018), also called swish."""
    for i in range(0, m * stride, lanes_at(a)):
        z = load(a, i)
        s = elementary.sigmoid(z)
        store(a, i, z * s)
        store(slope, i, fma(z * s, elementary.sigmoid(-z), s))  # not 1 - s: it has no small digits
    fill_padding(slope, m, n, stride, 0.0)
    return 0.0


def softplus(m, n, stride, a, slope, _, numbers):
    """ln(1 + exp(z)), whose derivative is sigmoid(z)."""
    for i in range(0, m * stride, lanes_at(a)):
        z = load(a, i)
        store(a, i, elementary.softplus(z))
        store(slope, i, elementary.sigmoid(z))
    fill_padding(a, m, n, stride, 0.0)
    fill_padding(slope, m, n, stride, 0.0)
    return 0.0


def exponential(m, n, stride, a, slope, _, numbers):
    """exp(z), for outputs that are rates or counts."""
    for i in range(0, m * stride, lanes_at(a)):
        e = elementary.exp(load(a, i))
        store(a, i, e)
        store(slope, i, e)
    fill_padding(a, m, n, stride, 0.0)
    fill_padding(slope, m, n, stride, 0.0)
    return 0.0


def selu(m, n, stride, a, slope, _, numbers):
    """1.05 z, or 1.76 (exp(z) - 1) where z is not positive (Klambauer et al. 2017)."""
    below = SELU_SCALE * SELU_ALPHA
    for i in range(0, m * stride, lanes_at(a)):
        z = load(a, i)
        store(a, i, where_positive(z, z * SELU_SCALE, elementary.expm1(z) * below))
        store(slope, i, where_positive(z, SELU_SCALE, elementary.exp(z) * below))
    fill_padding(slope, m, n, stride, 0.0)
    return 0.0


def mish(m, n, stride, a, slope, _, numbers):
    """z tanh(softplus(z)) (Misra 2020).

    With e = exp(z) and k = e (e + 2), tanh(softplus(z)) = k / (k + 2), and its derivative is
    4 e (e + 1) / (k + 2)^2.
    """
    for i in range(0, m * stride, lanes_at(a)):
        z = load(a, i)
        e = elementary.exp(where_positive(z - MISH_LINEAR, MISH_LINEAR, z))
        k = e * (e + 2.0)
        factor = k / (k + 2.0)
        bend = (e / (k + 2.0)) * ((e + 1.0) / (k + 2.0)) * 4.0
        store(a, i, z * factor)
        store(slope, i, where_positive(z - MISH_LINEAR, 1.0, fma(z, bend, factor)))
    fill_padding(slope, m, n, stride, 0.0)
    return 0.0


FUNCTIONS = (leaky_relu, elu, gelu, silu, softplus, exponential, selu, mish)
