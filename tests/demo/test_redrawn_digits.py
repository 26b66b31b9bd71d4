"""Digits of MNIST's test set, redrawn as strokes: off-centre, thin, thick, small.

That is what pages to draw on fail at. Each of a hundred digits is thinned to lines, moved, scaled,
and drawn anew by the page's own code.
"""

import numpy as np
import pytest
from page_scripts import in_node
from traced_digits import strokes_of

SIDE, DIGITS = 448, 100
LEAST = 0.90

READ = """
const network = fastnn.network.decode(data.network);
return given.map(({ strokes, width }) => {
  const drawing = new fastnn.Drawing();
  for (const [first, ...others] of strokes) {
    drawing.begin(first, width);
    others.forEach((point) => drawing.extend(point));
    drawing.end();
  }
  const picture = fastnn.preparation.prepare(drawing.ink, fastnn.ink.SIDE);
  return fastnn.network.leading(fastnn.network.feedforward(network, picture).a.at(-1));
});
"""

# The pen's width, from what to what the drawing's share of the square is, and where it lies there.
CONDITIONS = {
    "as most draw": (36, (0.6, 0.9), "anywhere"),
    "small": (36, (0.4, 0.4), "anywhere"),
    "large": (36, (1.0, 1.0), "anywhere"),
    "thin": (12, (0.4, 1.0), "anywhere"),
    "thick": (48, (0.5, 1.0), "anywhere"),
    "in a corner": (30, (0.4, 0.5), "in a corner"),
    "of any size, anywhere, with any pen": (None, (0.4, 1.0), "anywhere"),
}


def placed(strokes, width, share, where, rng):
    """The same strokes, so large and there, for a pen of this width."""
    points = np.concatenate(strokes)
    low, size = points.min(axis=0), np.ptp(points, axis=0)
    scale = share * (SIDE - width) / max(size.max(), 1)
    room = SIDE - width - size * scale
    corner = width / 2 + room * (rng.random(2) if where == "anywhere" else rng.integers(0, 2, 2))
    return [((np.array(stroke) - low) * scale + corner).tolist() for stroke in strokes]


@pytest.fixture(scope="module")
def read(test_images, demo_page):
    """Of each condition, whether each of a hundred digits is read as what it is."""
    x, y = test_images
    rng = np.random.default_rng(0)
    chosen = rng.choice(len(x), DIGITS, replace=False)
    digits = [strokes_of(x[i].reshape(28, 28) / 255) for i in chosen]
    told = []
    for pen, shares, where in CONDITIONS.values():
        for strokes in digits:
            width = pen or int(rng.integers(12, 49))
            moved = placed(strokes, width, rng.uniform(*shares), where, rng)
            told.append({"strokes": moved, "width": width})
    found = np.reshape(in_node(demo_page.read_text(), READ, told), (len(CONDITIONS), DIGITS))
    return dict(zip(CONDITIONS, found == y[chosen]))


@pytest.mark.parametrize("name", CONDITIONS)
def test_nine_of_ten_are_read(name, read):
    right = np.mean(read[name])
    print(f"{name}: {right:.0%}")
    assert right >= LEAST
