"""Strategies that tests hand to trainers, or put in the place of the usual one."""

from fastnn.engine.strategy import DENSE, Strategy

FEW = 0.35  # share of non-zeros


class Fixed(Strategy):
    """One way wherever it is possible, else the most special one; dense rows in halves, or not.

    None for the way is the most special one, None for halves as users get it.
    """

    def __init__(self, way=None, halves=None):
        self._way, self._halves = way, halves

    def way(self, possible, work):
        return self._way if self._way in possible else possible[-1]

    def shares_inputs(self, work):
        return super().shares_inputs(work) if self._halves is None else self._halves


class NonzerosWhereFew(Strategy):
    """The most special way for rows of few non-zeros, as large layers take it."""

    def way(self, possible, work):
        return possible[-1] if work.density < FEW or DENSE not in possible else DENSE


class Recorded(Strategy):
    """As users get it, and `taken` has all ways that were."""

    def __init__(self):
        self.taken = set()

    def way(self, possible, work):
        way = super().way(possible, work)
        self.taken.add(way)
        return way
