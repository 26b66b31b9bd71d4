"""Activations in C; `nn_` stands for the prefix.

Comparisons are such that NaN stays NaN.
"""

from __future__ import annotations

__all__ = ["ACTIVATIONS"]


# What each does to all of a layer's numbers: what it is, and C.
_OF_A_NUMBER = {
    "sigmoid": (
        "1 / (1 + exp(-z)). The exponential is of nothing above 0: it can't overflow.",
        "const float e = expf(a[i] < 0.0f ? a[i] : -a[i]);",
        "a[i] = (a[i] < 0.0f ? e : 1.0f) / (1.0f + e);",
    ),
    "tanh": ("tanh(z)", "a[i] = tanhf(a[i]);"),
    "relu": ("max(z, 0)", "a[i] = a[i] < 0.0f ? 0.0f : a[i];"),
    "leaky_relu": ("z, or z / 100 below 0", "a[i] = a[i] < 0.0f ? 0.01f * a[i] : a[i];"),
    "elu": ("z, or exp(z) - 1 below 0", "a[i] = a[i] < 0.0f ? expm1f(a[i]) : a[i];"),
    "gelu": (
        "z times the normal distribution function of z",
        "a[i] *= 0.5f * erfcf(-0.707106781f * a[i]);",
    ),
    "silu": (
        "z / (1 + exp(-z)). The exponential is of nothing above 0: it can't overflow.",
        "const float e = expf(a[i] < 0.0f ? a[i] : -a[i]);",
        "a[i] *= (a[i] < 0.0f ? e : 1.0f) / (1.0f + e);",
    ),
    "softplus": (
        "log(1 + exp(z)). The exponential is of nothing above 0: it can't overflow.",
        "const float e = expf(a[i] < 0.0f ? a[i] : -a[i]);",
        "a[i] = (a[i] < 0.0f ? 0.0f : a[i]) + log1pf(e);",
    ),
    "exponential": ("exp(z)", "a[i] = expf(a[i]);"),
    "selu": (
        "1.05 z, or 1.76 (exp(z) - 1) below 0",
        "a[i] = a[i] < 0.0f ? 1.75809934f * expm1f(a[i]) : 1.05070099f * a[i];",
    ),
    "mish": (
        "z tanh(log(1 + exp(z))) = z k / (k + 2); from z = 20 on the factor is 1 in a float.",
        "const float e = expf(a[i] > 20.0f ? 20.0f : a[i]), k = e * (e + 2.0f);",
        "a[i] *= k / (k + 2.0f);",
    ),
}

_SOFTMAX = """\
/* exp(z) / sum exp(z). The largest z is subtracted first, so that no exponential is above 1. */
static inline void nn_softmax(float *a, size_t n)
{
    float largest = a[0], sum = 0.0f;
    size_t i;
    for (i = 1; i < n; ++i)
        if (a[i] > largest)
            largest = a[i];
    for (i = 0; i < n; ++i) {
        a[i] = expf(a[i] - largest);
        sum += a[i];
    }
    for (i = 0; i < n; ++i)
        a[i] /= sum;
}
"""


def _function(name: str, what: str, *lines: str) -> str:
    body = "\n".join(f"        {line}" for line in lines)
    return f"""\
/* {what} */
static inline void nn_{name}(float *a, size_t n)
{{
    size_t i;
    for (i = 0; i < n; ++i) {{
{body}
    }}
}}
"""


# By their names in fastnn; identity takes no function.
ACTIVATIONS = {
    "softmax": _SOFTMAX,
    **{name: _function(name, *parts) for name, parts in _OF_A_NUMBER.items()},
}
