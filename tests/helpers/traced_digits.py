"""Pictures of digits as strokes: what a hand would draw that copies them.

A picture is enlarged, thinned to lines one pixel wide (Zhang and Suen 1984), and the lines are
followed from their ends.
"""

import numpy as np

ENLARGED = 4
INK = 0.5  # of full ink: what belongs to a line
SHORTEST = 4  # enlarged pixels: what is shorter is a spur that thinning left
EVERY = 4  # enlarged pixels between two points of a stroke

# Around a pixel, clockwise from above it, as (row, column).
AROUND = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))


def strokes_of(picture):
    """Lists of [x, y] in pixels of a picture (28, 28) from 0 to 1: its strokes."""
    lines = _followed(_thinned(_enlarged(picture) >= INK))
    longest = max(map(len, lines))
    kept = [line for line in lines if len(line) >= min(SHORTEST, longest)]
    return [((np.array(_smooth(line)) + 0.5) / ENLARGED)[:, ::-1].tolist() for line in kept]


def _enlarged(picture):
    """Four times as large, by linear interpolation."""
    side = len(picture)
    places = np.clip((np.arange(side * ENLARGED) + 0.5) / ENLARGED - 0.5, 0, side - 1)
    between = np.maximum(0, 1 - np.abs(places[:, None] - np.arange(side)))
    return between @ picture @ between.T


def _thinned(ink):
    """Its skeleton: lines one pixel wide."""
    ink = np.pad(ink, 1)
    changed = True
    while changed:
        changed = False
        for first, second in (((0, 2, 4), (2, 4, 6)), ((0, 2, 6), (0, 4, 6))):
            p = np.array([np.roll(ink, (-r, -c), (0, 1)) for r, c in AROUND])
            count = p.sum(axis=0)
            begins = (~p & np.roll(p, -1, axis=0)).sum(axis=0)
            gone = ink & (count >= 2) & (count <= 6) & (begins == 1)
            gone &= ~p[list(first)].all(axis=0) & ~p[list(second)].all(axis=0)
            ink &= ~gone
            changed |= gone.any()
    return ink[1:-1, 1:-1]


def _followed(skeleton):
    """Lists of its pixels (row, column), each in the order of a pen."""
    left = {tuple(map(int, pixel)) for pixel in np.argwhere(skeleton)}
    everything, lines = set(left), []

    def neighbours(pixel, of):
        return [n for r, c in AROUND if (n := (pixel[0] + r, pixel[1] + c)) in of]

    while left:
        ends = sorted(left, key=lambda pixel: (len(neighbours(pixel, left)), pixel))
        start = next((p for p in ends if len(neighbours(p, left)) == 1), ends[0])
        line = [start]
        left.discard(start)
        while nexts := neighbours(line[-1], left):
            back = line[-min(len(line), 5)]  # go on straight where lines cross
            r, c = line[-1][0] - back[0], line[-1][1] - back[1]
            here = line[-1]
            line.append(max(nexts, key=lambda n: r * (n[0] - here[0]) + c * (n[1] - here[1])))
            left.discard(line[-1])
        for end, joined in ((0, line[0]), (len(line), line[-1])):  # to lines that are there
            if others := [n for n in neighbours(joined, everything - left) if n not in line]:
                line.insert(end, others[0])
        lines.append(line)
    return lines


def _smooth(line):
    """Points of it with some distance, each the mean of those around it; its ends stay."""
    points = np.array(line, float)
    means = [points[max(i - 3, 0) : i + 4].mean(axis=0) for i in range(0, len(points), EVERY)]
    return [points[0], *means[1:], points[-1]] if len(points) > 1 else [points[0]]
