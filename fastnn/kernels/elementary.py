"""exp and its relatives on SIMD blocks, float32 and float64, as polynomials.

LLVM has no vector exp of its own. The method is the classical one (Cody and Waite 1980,
chapter 6): x = n ln 2 + r with whole n and |r| <= (ln 2) / 2, so exp(x) = 2**n exp(r),
and exp(r) is its Taylor polynomial, long enough for the dtype's last bit. ln 2 is taken
in two parts, the first with so few bits that n times it is exact.

Nothing overflows: exponents are clamped where the result would leave the normal numbers.
NaN stays NaN.
"""

from fastnn.kernels.jit import inline
from fastnn.kernels.simd import (
    absolute,
    fma,
    itemsize,
    nearest,
    power_of_two,
    where_positive,
)

_LOG2_E = 1.4426950408889634
_LN2_HIGH_32, _LN2_LOW_32 = 0.693359375, -2.12194440054690583e-4
_LN2_HIGH_64, _LN2_LOW_64 = 6.93145751953125e-1, 1.42860682030941723212e-6
_LIMIT_32, _LIMIT_64 = 87.0, 708.0  # exp of it is still a normal number, and so is exp(-it)


@inline
def _clamp(x, limit):
    """X within [-limit, limit]; NaN stays NaN, which minimum and maximum would lose."""
    x = where_positive(x - limit, limit, x)
    return where_positive(-x - limit, -limit, x)


@inline
def _taylor_32(r):
    """(exp(r) - 1) / r for |r| <= 0.35, relative error below 2e-8."""
    p = fma(r, 1 / 5040, 1 / 720)
    p = fma(p, r, 1 / 120)
    p = fma(p, r, 1 / 24)
    p = fma(p, r, 1 / 6)
    p = fma(p, r, 1 / 2)
    return fma(p, r, 1.0)


@inline
def _taylor_64(r):
    """(exp(r) - 1) / r for |r| <= 0.35, relative error below 2e-17."""
    p = fma(r, 1 / 6227020800, 1 / 479001600)
    p = fma(p, r, 1 / 39916800)
    p = fma(p, r, 1 / 3628800)
    p = fma(p, r, 1 / 362880)
    p = fma(p, r, 1 / 40320)
    p = fma(p, r, 1 / 5040)
    p = fma(p, r, 1 / 720)
    p = fma(p, r, 1 / 120)
    p = fma(p, r, 1 / 24)
    p = fma(p, r, 1 / 6)
    p = fma(p, r, 1 / 2)
    return fma(p, r, 1.0)


@inline
def _reduced(x):
    """(2**n, exp(r) - 1) with exp(x) = 2**n exp(r)."""
    if itemsize(x) == 4:
        x = _clamp(x, _LIMIT_32)
        n = nearest(x * _LOG2_E)
        r = fma(n, -_LN2_LOW_32, fma(n, -_LN2_HIGH_32, x))
        p = _taylor_32(r)
    else:
        x = _clamp(x, _LIMIT_64)
        n = nearest(x * _LOG2_E)
        r = fma(n, -_LN2_LOW_64, fma(n, -_LN2_HIGH_64, x))
        p = _taylor_64(r)
    return power_of_two(n), r * p


@inline
def exp(x):
    """e**x, at most 2 units in the last place off; clamped outside +-87 (+-708 in float64)."""
    scale, p = _reduced(x)
    return fma(scale, p, scale)


@inline
def expm1(x):
    """e**x - 1, accurate near 0 as well."""
    scale, p = _reduced(x)
    return fma(scale, p, scale - 1.0)


@inline
def log1p_of_fraction(u):
    """ln(1 + u) for 0 <= u <= 1: 2 artanh(s) with s = u / (2 + u) <= 1/3, as a series."""
    s = u / (u + 2.0)
    t = s * s
    if itemsize(u) == 4:
        p = fma(t, 2 / 15, 2 / 13)
    else:
        p = fma(t, 2 / 33, 2 / 31)
        p = fma(p, t, 2 / 29)
        p = fma(p, t, 2 / 27)
        p = fma(p, t, 2 / 25)
        p = fma(p, t, 2 / 23)
        p = fma(p, t, 2 / 21)
        p = fma(p, t, 2 / 19)
        p = fma(p, t, 2 / 17)
        p = fma(p, t, 2 / 15)
        p = fma(p, t, 2 / 13)
    p = fma(p, t, 2 / 11)
    p = fma(p, t, 2 / 9)
    p = fma(p, t, 2 / 7)
    p = fma(p, t, 2 / 5)
    p = fma(p, t, 2 / 3)
    return s * fma(p, t, 2.0)


@inline
def sigmoid(z):
    """1 / (1 + exp(-z)) (the book's eq. 3)."""
    return 1.0 / (1.0 + exp(-z))


@inline
def tanh(z):
    """The hyperbolic tangent, -e / (2 + e) with e = exp(-2 |z|) - 1; accurate near 0."""
    e = expm1(absolute(z) * -2.0)
    size = -e / (e + 2.0)
    return where_positive(-z, -size, size)
