"""Figures of dense products beside OpenBLAS's: a line each, their file, and what a page says."""

import itertools
import json
import statistics
from pathlib import Path
from typing import Any, NamedTuple

from bench.suite import report
from fastnn.files import atomic_write

__all__ = ["FAST", "HEAD", "Line", "Products", "markdown", "summary"]

FAST = 0.95  # of OpenBLAS's speed: what every product is held to


class Line(NamedTuple):
    """One product's figures: `speed` in floating-point operations a second, `share` of the peak.

    ratio  OpenBLAS's time by fastnn's
    """

    dtype: str
    threads: int
    kind: str
    m: int
    depth: int
    n: int
    speed: float
    share: float
    ratio: float

    def __str__(self) -> str:
        return (
            f"{self.dtype} {self.threads:7} {self.kind:8} {self.m:5} {self.depth:5} {self.n:5} "
            f"{self.speed / 1e9:8.1f} {self.share:7.0%} {self.ratio:10.2f}"
        )


HEAD = "dtype   threads product      m depth     n  GFLOP/s of peak x OpenBLAS"


def summary(lines: list[Line]) -> str:
    """How many products are as fast as OpenBLAS's, nearly, and which one is slowest beside it."""
    ratios = [line.ratio for line in lines]
    mean = statistics.geometric_mean(ratios)
    fast = sum(ratio >= FAST for ratio in ratios)
    slowest = min(lines, key=lambda line: line.ratio)
    return (
        f"{fast} of {len(lines)} have {FAST} of OpenBLAS's speed or more; geometric mean "
        f"{mean:.2f}; slowest beside it: {' '.join(str(slowest).split())}"
    )


class Products(NamedTuple):
    """All of one run, and the machine."""

    machine: dict[str, Any]
    lines: list[Line]

    @classmethod
    def read(cls, file: Path) -> "Products":
        """What `write` wrote."""
        figures = json.loads(file.read_text(encoding="utf-8"))
        return cls(figures["machine"], [Line(**line) for line in figures["products"]])

    def write(self, file: Path) -> None:
        """All figures as JSON."""
        figures = {"machine": self.machine, "products": [line._asdict() for line in self.lines]}
        with atomic_write(file) as target:
            target.write((json.dumps(figures, indent=1) + "\n").encode())


_HEAD = [
    "dtype",
    "threads",
    "product",
    "of the peak",
    "times OpenBLAS's speed",
    f"{FAST} or more",
    "slowest beside it (m, depth, n)",
]


def markdown(products: Products, link: str | None = None) -> list[str]:
    """A page's part: a row for each dtype, number of threads and product.

    link  to the file of all figures, if there is one
    """
    rows = []
    for (dtype, threads, kind), group in itertools.groupby(
        products.lines, lambda line: (line.dtype, line.threads, line.kind)
    ):
        lines = list(group)
        slowest = min(lines, key=lambda line: line.ratio)
        fast = sum(line.ratio >= FAST for line in lines)
        place = f"{slowest.m}, {slowest.depth}, {slowest.n}"
        rows.append(
            [
                dtype,
                str(threads),
                kind,
                f"{statistics.median(line.share for line in lines):.0%}",
                f"{statistics.geometric_mean(line.ratio for line in lines):.2f}",
                f"{fast} of {len(lines)}",
                f"{slowest.ratio:.2f} ({place})",
            ]
        )
    sizes = sorted({line.m for line in products.lines})
    count = f"{len(products.lines)} products"
    about = (
        f"{f'[{count}]({link})' if link else count} of m, depth and n from {sizes[0]} to "
        f"{sizes[-1]}, ragged ones among them, beside np.matmul "
        f"({products.machine['date'][:10]}): the median of what they reach of the peak, and the "
        f"geometric mean of the ratios of time."
    )
    return [about, "", *report.markdown_table(_HEAD, rows)]
