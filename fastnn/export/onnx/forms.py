"""Functions of a layer's z as they are found in a graph, and which activation each of them is.

A form is Z, a product ("*", number, forms), a sum with a number ("+", number, form) or what an
operator gives (name, attributes, form). Whether a program writes gelu as (z (1 + erf(z / 1.414)))
0.5 or as 0.5 z (1 + erf(0.707 z)), its form is the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from fastnn.arguments.checks import shown
from fastnn.export.onnx.activations import RECIPES

__all__ = ["PARTS", "Form", "Z", "activation_of", "affine", "applied", "plus", "text", "times"]

Form = Any
Z: Form = "z"

# What activations are made of, and the attributes that say how.
PARTS: dict[str, dict[str, Any]] = {
    "Sigmoid": {},
    "Tanh": {},
    "Relu": {},
    "Softmax": {"axis": -1},
    "LeakyRelu": {"alpha": 0.01},
    "Elu": {"alpha": 1.0},
    "Selu": {"alpha": 1.6732632423543772, "gamma": 1.0507009873554805},
    "Softplus": {},
    "Exp": {},
    "Erf": {},
    "Gelu": {"approximate": "none"},
    "Mish": {},
    "Swish": {"alpha": 1.0},
}
_OPERATOR_OF = {"gelu": "Gelu", "mish": "Mish", "silu": "Swish"}  # of later opsets
_MOST_OPERATIONS = 16  # of an activation: forms are nested as deep
_DIGITS = 6  # float32 has no more of 1 / sqrt(2)


def applied(operator: str, attributes: Mapping[str, Any], form: Form) -> Form:
    """An operator of PARTS; ValueError for an attribute that it has not."""
    known = PARTS[operator]
    for name in attributes:
        if type(attributes[name]) is not type(known.get(name)):
            raise ValueError(f"expected no such attribute: {shown(name)}")
    values = {**known, **attributes}
    if values.get("axis") == 1:  # of rows: the last one
        values["axis"] = -1
    return _checked((operator, tuple(values.items()), form))


def times(form: Form, other: Form | float) -> Form:
    """A product of two forms, or of one and a number."""
    number, factors = _as_product(form)
    if isinstance(other, float):
        number *= other
    else:
        more, others = _as_product(other)
        number *= more
        factors = tuple(sorted((*factors, *others), key=lambda each: repr(_rounded(each))))
    return factors[0] if number == 1 and len(factors) == 1 else _checked(("*", number, factors))


def plus(form: Form, number: float) -> Form:
    """A sum of a form and a number."""
    if form[0] == "+":
        number, form = number + form[1], form[2]
    return _checked(("+", number, form)) if number else form


def affine(form: Form) -> tuple[float, float] | None:
    """The factor and the summand if it is factor z + summand, else None."""
    if form == Z:
        return 1.0, 0.0
    if form[0] == "+" and (inner := affine(form[2])):
        return inner[0], inner[1] + form[1]
    if form[0] == "*" and len(form[2]) == 1 and (inner := affine(form[2][0])):
        return inner[0] * form[1], inner[1] * form[1]
    return None


def activation_of(form: Form) -> str | None:
    """The name of the activation that it is; None if fastnn has no such."""
    return _activations().get(_rounded(form))


@lru_cache
def _activations() -> dict[Form, str]:
    def node(operator: str, form: Form, *others: Any, **attributes: Any) -> Form:
        if operator in PARTS:
            return applied(operator, attributes, form)
        return {"Mul": times, "Add": plus}[operator](form, *others)

    known = {_rounded(recipe(node, Z)): name for name, recipe in RECIPES.items()}
    return known | {_rounded(applied(op, {}, Z)): name for name, op in _OPERATOR_OF.items()}


def text(form: Form) -> str:
    """A form as formulas are written, for messages."""
    if form == Z:
        return Z
    if form[0] == "+":
        return f"({form[1]:g} + {text(form[2])})"
    if form[0] == "*":
        return " * ".join([f"{form[1]:g}", *map(text, form[2])])
    return f"{form[0]}({', '.join([text(form[2]), *(f'{k}={v}' for k, v in form[1])])})"


def _as_product(form: Form) -> tuple[float, tuple[Form, ...]]:
    return form[1:] if form[0] == "*" else (1.0, (form,))


def _checked(form: Form) -> Form:
    """The same; ValueError if it is larger than any activation."""
    if _size(form) > _MOST_OPERATIONS:
        raise ValueError(f"expected an activation of at most {_MOST_OPERATIONS} operators")
    return form


def _size(form: Form) -> int:
    """How many forms it is made of."""
    parts = form[2] if form[0] == "*" else form[2:]
    return 1 + sum(map(_size, parts))


def _rounded(value: Any) -> Any:
    """A form whose numbers are equal if they are as good as equal."""
    if isinstance(value, tuple):
        return tuple(map(_rounded, value))
    return f"{value:.{_DIGITS}g}" if isinstance(value, float) else value
