"""A network that shows itself: in words, as HTML, in plots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from fastnn.arguments import checks
from fastnn.data.rows import Data, RowFormat
from fastnn.plots import calibration, confusion, pictures
from fastnn.storage.stored_network import StoredNetwork
from fastnn.views import outcomes
from fastnn.views.outcomes import Classified, Estimated, Outcomes

__all__ = ["ShownNetwork"]


class ShownNetwork(StoredNetwork):
    """What a network shows of itself.

    All plots need Matplotlib (extra plot). With `ax`, Axes of the user's, they draw on these and
    return them; without, they return a new figure, which a notebook shows, and `savefig` writes.
    """

    @property
    def row_format(self) -> RowFormat:
        """What rows it takes, and what their targets mean: see fastnn.data.rows."""
        return RowFormat(
            self._sizes[0],
            self._sizes[-1],
            self._output_activation,
            self._cost,
            self._dtype,
            self._multi_label,
        )

    def plot_weights(
        self,
        layer: int = 1,
        *,
        shape: tuple[int, int] | str | None = pictures.AUTO,
        most: int = 100,
        ax: Any = None,
    ) -> Any:
        """The weights into a layer, counted from 1: blue ones speak for, red ones against.

        shape  (height, width) of the pictures that the layer's inputs are: then each neuron's
               weights are one. "auto" takes the network's inputs for square pictures if they are a
               square number of at least 64; None, as for other layers, is one heat map
        most   pictures at most: those of the neurons with the largest norms

        Raises TypeError, ValueError, or ImportError without Matplotlib.
        """
        layer = checks.count("layer", layer, most=len(self._sizes) - 1)
        most = checks.count("most", most)
        w = np.array(self.weights[layer - 1])
        auto = isinstance(shape, str) and shape == pictures.AUTO
        shape = pictures.picture_shape(
            "shape", None if auto and layer > 1 else shape, self._sizes[layer - 1]
        )
        from fastnn.plots.drawing.weights import plot_weights

        return plot_weights(w, layer, shape, most, ax)

    def plot_confusion(
        self,
        x: ArrayLike,
        y: ArrayLike,
        *,
        classes: Sequence[str] | None = None,
        normalize: bool = False,
        ax: Any = None,
    ) -> Any:
        """The confusion matrix of rows x with labels y, as for `evaluate`.

        classes    names of the classes
        normalize  show shares of each class's rows instead of their numbers

        Raises TypeError, ValueError, also for rows that don't name one class each, or ImportError
        without Matplotlib.
        """
        normalize = checks.flag("normalize", normalize)
        _, found = self._outcomes("plot_confusion", x, y)
        if not isinstance(found, Classified):
            raise outcomes.refuse("plot_confusion", found, "rows that name one class each")
        names = outcomes.class_names("classes", classes, found.classes)
        counts = confusion.confusion_counts(found.labels, found.predicted, found.classes)
        from fastnn.plots.drawing.confusion import plot_confusion

        return plot_confusion(counts, names, normalize, ax)

    def plot_mistakes(
        self,
        x: ArrayLike,
        y: ArrayLike,
        *,
        most: int = 25,
        classes: Sequence[str] | None = None,
        shape: tuple[int, int] | str | None = pictures.AUTO,
        ax: Any = None,
    ) -> Any:
        """The mistakes that the network is most sure of, among rows x with labels y.

        most     of them at most
        classes  names of the classes
        shape    as for `plot_weights`: (height, width) of the rows, if they are pictures

        Raises TypeError, ValueError, also for targets that name no class, or ImportError without
        Matplotlib.
        """
        most = checks.count("most", most)
        shape = pictures.picture_shape("shape", shape, self._sizes[0])
        data, found = self._outcomes("plot_mistakes", x, y)
        if isinstance(found, Estimated):
            raise outcomes.refuse("plot_mistakes", found, "targets that name classes")
        several = found.classes if isinstance(found, Classified) else self._sizes[-1]
        mistakes = found.mistakes(outcomes.class_names("classes", classes, several), most)
        shown = None
        if shape is not None and mistakes:
            shown = outcomes.dense_rows(data, [each.row for each in mistakes]).reshape(-1, *shape)
        from fastnn.plots.drawing.mistakes import plot_mistakes

        return plot_mistakes(mistakes, shown, ax)

    def plot_calibration(
        self, x: ArrayLike, y: ArrayLike, *, bins: int = 10, ax: Any = None
    ) -> Any:
        """How often predictions are right, beside how often they say so: the reliability diagram.

        Its title is the expected calibration error, the mean distance between the two. Of a
        multi-label network each output's decision is a prediction. Raises TypeError, ValueError,
        also for outputs that are no probabilities, or ImportError without Matplotlib.
        """
        bins = checks.count("bins", bins, most=1000)
        _, found = self._outcomes("plot_calibration", x, y)
        if isinstance(found, Estimated) or not found.probable:
            raise outcomes.refuse("plot_calibration", found, "outputs that are probabilities")
        from fastnn.plots.drawing.calibration import plot_calibration

        return plot_calibration(calibration.reliability(found.confidence, found.right, bins), ax)

    def _outcomes(self, caller: str, x: ArrayLike, y: ArrayLike) -> tuple[Data, Outcomes]:
        return outcomes.outcomes(caller, self.row_format, self._engine.outputs, x, y)

    def __str__(self) -> str:
        from fastnn.views import summary

        return summary.as_text(summary.of(self))

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from fastnn.views import summary

        return summary.as_html(summary.of(self))
