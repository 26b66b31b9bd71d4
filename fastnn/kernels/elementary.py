"""exp, erfc and their relatives on SIMD blocks, float32 and float64, as polynomials.

LLVM has no vector exp of its own. The method is the classical one (Cody and Waite 1980,
chapter 6): x = n ln 2 + r with whole n and |r| <= (ln 2) / 2, so exp(x) = 2**n exp(r),
and exp(r) is its Taylor polynomial, long enough for the dtype's last bit. ln 2 is taken
in two parts, the first with so few bits that n times it is exact.

Nothing overflows: exponents are clamped where the result would leave the normal numbers.
NaN stays NaN.
"""

from fastnn.kernels.jit import inline
from fastnn.kernels.simd import absolute, fma, itemsize, nearest, power_of_two, where_positive

_LOG2_E = 1.4426950408889634
_LN2_HIGH_32, _LN2_LOW_32 = 0.693359375, -2.12194440054690583e-4
_LN2_HIGH_64, _LN2_LOW_64 = 6.93145751953125e-1, 1.42860682030941723212e-6
_SQRT_HALF, _DENSITY_AT_0 = 0.7071067811865476, 0.3989422804014327
_LIMIT_32, _LIMIT_64 = 87.0, 708.0  # exp of it is still a normal number, and so is exp(-it)


@inline
def clamp(x, limit):
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
        x = clamp(x, _LIMIT_32)
        n = nearest(x * _LOG2_E)
        r = fma(n, -_LN2_LOW_32, fma(n, -_LN2_HIGH_32, x))
        p = _taylor_32(r)
    else:
        x = clamp(x, _LIMIT_64)
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
    return _sigmoid(z, exp(-absolute(z)))


@inline
def _sigmoid(z, e):
    """The same from e = exp(-|z|): 1 / (1 + e), or e / (1 + e) for negative z."""
    larger = 1.0 / (1.0 + e)
    return where_positive(z, larger, e * larger)


@inline
def softplus(z):
    """ln(1 + exp(z)) = max(z, 0) + ln(1 + exp(-|z|)), which can't overflow."""
    return _softplus(z, exp(-absolute(z)))


@inline
def _softplus(z, e):
    return where_positive(z, z, 0.0) + log1p_of_fraction(e)


@inline
def sigmoid_and_softplus(z):
    """Both, for little more than one of them."""
    e = exp(-absolute(z))
    return _sigmoid(z, e), _softplus(z, e)


@inline
def tanh(z):
    """The hyperbolic tangent, -e / (2 + e) with e = exp(-2 |z|) - 1; accurate near 0."""
    e = expm1(absolute(z) * -2.0)
    size = -e / (e + 2.0)
    return where_positive(-z, -size, size)


# (1 + 2 t) exp(t^2) erfc(t) in powers of (t - 3.75) / (t + 3.75), highest first: a smooth
# function on all of t >= 0 (Shepherd and Laframboise 1981), interpolated at Chebyshev's points.
# Relative error of the polynomials: below 2e-8 and 1e-16.
_ERFC_32 = (
    2.2046718905694024e-05,
    -0.00022411674674416022,
    0.00033016745627228067,
    0.001675912217981131,
    -0.009770087183368234,
    0.02840925236412726,
    -0.05868544049363111,
    0.09229076959130378,
    -0.10880522754949953,
    0.08227841998347046,
    0.00358549531406309,
    -0.1402406583213864,
    1.2375126300326993,
)
_ERFC_64 = (
    3.1114333809799254e-10,
    -2.623107347133476e-09,
    -3.744210080962018e-09,
    3.197926671666804e-08,
    2.3263508708859124e-08,
    -2.4857126248016745e-07,
    -5.7218230603224086e-08,
    1.7419821586224816e-06,
    -9.73559896736775e-07,
    -1.1438048033346894e-05,
    2.238423915508223e-05,
    5.164652974177416e-05,
    -0.0002901540805408417,
    0.000293714378044958,
    0.0017556258528952954,
    -0.009746579683265262,
    0.028362277418956406,
    -0.05869339857664934,
    0.09230432116037748,
    -0.10880393014244462,
    0.0822767384901452,
    0.0035854154854790257,
    -0.14024059858554697,
    1.2375126308378275,
)


@inline
def _scaled_erfc(t):
    """exp(t^2) erfc(t) for t >= 0, at most 5 units in the last place off."""
    u = (t - 3.75) / (t + 3.75)
    p = u * 0.0
    if itemsize(t) == 4:
        for coefficient in _ERFC_32:
            p = fma(p, u, coefficient)
    else:
        for coefficient in _ERFC_64:
            p = fma(p, u, coefficient)
    return p / fma(t, 2.0, 1.0)


@inline
def normal(z):
    """Distribution function and density of the standard normal distribution at z.

    Phi(z) = erfc(-z / sqrt(2)) / 2, phi(z) = exp(-z^2 / 2) / sqrt(2 pi)
    """
    z = clamp(z, 40.0)
    square = z * z
    rest = fma(z, z, -square)  # what z * z lost, which exp would make much of
    e = exp(square * -0.5)
    e = fma(rest * -0.5, e, e)
    tail = e * _scaled_erfc(absolute(z) * _SQRT_HALF) * 0.5
    return where_positive(z, 1.0 - tail, tail), e * _DENSITY_AT_0
