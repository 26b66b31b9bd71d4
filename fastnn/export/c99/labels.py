"""What outputs name: classes, labels, or nothing, in words and in C."""

from __future__ import annotations

from typing import NamedTuple

from fastnn.export.c99.literals import text
from fastnn.model.portable import PortableNetwork

__all__ = ["ClassNames", "Labels", "labels_of"]

_LABEL = """\
/* The class of a row: the number of its largest output, of the first one if several are; -1 if an
 * output is NaN. */
static inline int nn_label(const float *output)
{
    int label = 0, k;
    for (k = 0; k < NN_OUTPUTS; ++k) {
        if (!(output[k] <= output[label] || output[k] > output[label]))
            return -1;
        if (output[k] > output[label])
            label = k;
    }
    return label;
}
"""

_LABEL_OF_ONE = """\
/* The class of a row: 1 if the output is above 1/2, else 0; -1 if it is NaN. */
static inline int nn_label(const float *output)
{
    return output[0] > 0.5f ? 1 : output[0] <= 0.5f ? 0 : -1;
}
"""

_HAS_LABEL = """\
/* Whether a row has a label, from 0 to NN_OUTPUTS - 1: each output decides for itself. */
static inline int nn_has_label(const float *output, int label)
{
    return output[label] > 0.5f;
}
"""

_CLASS_NAME = """\
/* What a class is called, in UTF-8; an empty text for what is none. */
static inline const char *nn_class_name(int label)
{
    return label < 0 || label >= NN_CLASSES ? "" : nn_classes[label];
}
"""


class ClassNames(NamedTuple):
    """An array of them: all take the room of the longest, as pointers would be no constants."""

    literals: list[str]
    longest: int

    @property
    def nbytes(self) -> int:
        """What they take."""
        return len(self.literals) * (self.longest + 1)

    def as_c(self, prefix: str) -> str:
        """The array; nothing but this may put prefixes into it."""
        size = f"[{prefix.upper()}_CLASSES][{self.longest + 1}]"
        lines = "".join(f"    {name}, /* {i} */\n" for i, name in enumerate(self.literals))
        return f"static const char {prefix}_classes{size} = {{\n{lines}}};\n"


class Labels(NamedTuple):
    """What a network's outputs are.

    meaning   in a sentence
    function  C that reads them; None for numbers
    shown     C, what to print of them: printf's arguments
    names     of classes, if they have some
    """

    meaning: str
    function: str | None
    shown: str
    names: ClassNames | None

    @property
    def functions(self) -> list[str]:
        """All C about them."""
        return [*([self.function] if self.function else []), *([_CLASS_NAME] if self.names else [])]


def labels_of(network: PortableNetwork) -> Labels:
    """As `Network.predict` reads outputs. ValueError for names of what are no classes."""
    outputs, last, names = network.sizes[-1], network.activations[-1], _names(network.classes)
    label = "nn_class_name(nn_label(output))" if names else "nn_label(output)"
    shown = f'"%{"s" if names else "d"}\\n", {label}'
    if last == "sigmoid" and outputs == 1:
        return Labels("The output is the probability of class 1.", _LABEL_OF_ONE, shown, names)
    if network.multi_label:
        shown = '"%d\\n", nn_has_label(output, 0)'
        return Labels("Each output is the probability of a label.", _HAS_LABEL, shown, names)
    if network.classifies:
        meaning = "Outputs are probabilities of classes" + (
            ", which sum to 1." if last == "softmax" else ", each for itself."
        )
        return Labels(meaning, _LABEL, shown, names)
    if outputs > 1 and network.cost == "quadratic" and last in ("tanh", "relu"):
        return Labels("The largest output names the class.", _LABEL, shown, names)
    if names:
        raise ValueError(
            f"classes: expected None, as outputs of {last} are numbers of a regression, "
            "and name no class"
        )
    return Labels("Outputs are numbers, of a regression.", None, '"%g\\n", (double)output[0]', None)


def _names(classes: tuple[str, ...] | None) -> ClassNames | None:
    if classes is None:
        return None
    literals = [text(f"classes[{i}]", name) for i, name in enumerate(classes)]
    return ClassNames(literals, max(len(name.encode()) for name in classes))
