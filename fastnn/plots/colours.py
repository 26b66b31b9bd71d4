"""The colours of drawings, told apart also by those who don't see red and green as two."""

from typing import NamedTuple

__all__ = ["COLOURS", "Colours"]


class Colours(NamedTuple):
    """One for each thing that is drawn."""

    training: str = "#1d5fb8"
    validation: str = "#c2500f"
    penalty: str = "#3f7d3a"
    sum: str = "#6b7280"
    mark: str = "#6b7280"
    right: str = "#1d5fb8"
    wrong: str = "#c2500f"


COLOURS = Colours()
