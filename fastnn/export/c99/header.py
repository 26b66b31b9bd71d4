"""The text of a header, of its pieces: what it is, its constants, its functions."""

from __future__ import annotations

import re
import sys
import textwrap

from fastnn.export.c99.activations import ACTIVATIONS
from fastnn.export.c99.figures import Written
from fastnn.export.c99.floats import Floats
from fastnn.export.c99.int8 import Int8
from fastnn.export.c99.labels import Labels
from fastnn.export.c99.literals import number
from fastnn.export.c99.self_test import SelfTest

__all__ = ["header"]

_MATH = re.compile(r"\b(?:expf|expm1f|log1pf|tanhf|erfcf)\b")  # all that functions call

_EXAMPLE = """\
#include <stdio.h>
#include "THIS_FILE"

int main(void)
{
    static float input[NN_INPUTS], output[NN_OUTPUTS];
    static float scratch[NN_SCRATCH];
    if (nn_self_test(scratch) != 0)
        return 1; // this machine computes something else
    input[0] = 0.5f; // and so on
    nn_predict(input, output, scratch);
    printf(SHOWN);
    return 0;
}"""


def header(
    arithmetic: Floats | Int8,
    labels: Labels,
    test: SelfTest,
    takes: Written,
    prefix: str,
    name: str,
) -> str:
    """All of it, for a file of this name; ASCII. `nn_` and `NN_` in the pieces become the prefix.

    Functions are `static inline`: so a program may leave some out, and no compiler warns of it.
    Their indexes are size_t, wide enough for any array also where int has 16 bits.
    """

    def named(*pieces: object) -> str:
        text = "\n".join(map(str, pieces))
        text = re.sub(r"\bnn_", f"{prefix}_", re.sub(r"\bNN_", f"{prefix.upper()}_", text))
        return re.sub(r"^ .*\);$", lambda call: _folded(call[0]), text, flags=re.MULTILINE)

    code = "\n".join([*_functions(arithmetic), *labels.functions])
    pieces = [
        named(_about(arithmetic, labels, takes, code)).replace("THIS_FILE", name),
        named("#ifndef NN_H\n#define NN_H\n"),
        named(_includes(arithmetic, code), _sizes(arithmetic, labels, test)),
        named(*arithmetic.constants),
        *([labels.names.as_c(prefix)] if labels.names else []),  # whatever they contain stays
        named(code, *test.constants, test.function),
        "#endif\n",
    ]
    return "\n".join(pieces)


def _folded(call: str) -> str:
    """A call that a long prefix may have made too long for a line."""
    indent = " " * (len(call) - len(call.lstrip()) + 4)
    return textwrap.fill(call, 100, subsequent_indent=indent, break_long_words=False)


def _about(arithmetic: Floats | Int8, labels: Labels, takes: Written, code: str) -> str:
    """The comment that it begins with."""
    sizes = arithmetic.network.sizes
    layers = enumerate(zip(sizes, sizes[1:], arithmetic.network.activations), start=1)
    version = sys.modules["fastnn"].__version__  # an import of it would be one of all its names
    needs = ", ".join(sorted(set(_MATH.findall(code))))
    lines = [
        f"nn_predict: a neural network of {_counted(sizes[0], 'input')} and "
        f"{_counted(sizes[-1], 'output')}. Written by fastnn {version}.",
        "",
        *(f"  layer {l:<4} {n:11,} to {m:,}, {name}" for l, (n, m, name) in layers),
        f"  weights        {arithmetic.weights_are}",
        "",
        *(f"  {line}" for line in str(takes).splitlines()),
        "",
        labels.meaning,
        *(["Inputs are multiplied by NN_INPUT_SCALE in here."] if _scaled(arithmetic) else []),
        f"It takes C99 or C++{f' with {needs} of <math.h>' if needs else ''}; no heap, no "
        "recursion, no variables of its own.",
        "",
        "A program:",
        "",
        *(f"    {line}" for line in _EXAMPLE.replace("SHOWN", labels.shown).splitlines()),
    ]
    return "\n".join(f" * {line}".rstrip() for line in lines).replace(" ", "/", 1) + "\n */"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count > 1)}"


def _scaled(arithmetic: Floats | Int8) -> bool:
    return arithmetic.network.input_scale != 1


def _includes(arithmetic: Floats | Int8, code: str) -> str:
    files = ["stddef.h", *arithmetic.headers, *(["math.h"] if _MATH.search(code) else [])]
    return "".join(f"#include <{file}>\n" for file in sorted(files))


def _sizes(arithmetic: Floats | Int8, labels: Labels, test: SelfTest) -> str:
    """Macros: what a caller needs to know."""
    network = arithmetic.network
    rows = [
        ("INPUTS", str(network.sizes[0]), "floats of a row"),
        ("OUTPUTS", str(network.sizes[-1]), "floats of its result"),
        ("SCRATCH", str(arithmetic.scratch), "floats of memory, which the caller lends"),
    ]
    if _scaled(arithmetic):
        rows.append(("INPUT_SCALE", number(network.input_scale), "what inputs are multiplied by"))
    if labels.names:
        rows.append(("CLASSES", str(len(labels.names.literals)), "classes that have a name"))
    rows += [
        ("TEST_ROWS", str(len(test.x)), "rows that the self test computes"),
        ("TOLERANCE", number(test.tolerance), "how far off their outputs may be"),
    ]
    return "".join(f"#define NN_{name:12} {value:>14} /* {what} */\n" for name, value, what in rows)


def _functions(arithmetic: Floats | Int8) -> list[str]:
    """What the layers need, each once, and how they follow one another."""
    used = dict.fromkeys(arithmetic.network.activations)
    activations = [ACTIVATIONS[name] for name in used if name in ACTIVATIONS]
    return [*arithmetic.functions, *activations, _predict(arithmetic)]


def _predict(arithmetic: Floats | Int8) -> str:
    network = arithmetic.network
    lines = [*arithmetic.places]
    for l, name in enumerate(network.activations, start=1):
        lines += ["", *arithmetic.sums(l)]
        if name in ACTIVATIONS:
            lines.append(f"nn_{name}({arithmetic.place(l)}, {network.sizes[l]});")
    body = "\n".join(f"    {line}".rstrip() for line in lines)
    return f"""\
/* A row's outputs. The three are the caller's memory, NN_INPUTS, NN_OUTPUTS and
 * NN_SCRATCH floats; none may overlap another. */
static inline void nn_predict(const float *input, float *output, float *scratch)
{{
{body}
}}
"""
