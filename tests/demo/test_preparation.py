"""A drawing becomes a picture as MNIST's are: draw/preparation.js beside a slow twin."""

import base64

import numpy as np
from page_scripts import in_node

from fastnn.datasets import load_mnist

PREPARE = """
const side = given.side;
return given.inks.map((text) => {
  const picture = fastnn.preparation.prepare(Buffer.from(text, "base64"), side);
  return picture && [...picture];
});
"""


def prepared(path, inks):
    told = {"side": inks.shape[1], "inks": [base64.b64encode(ink).decode() for ink in inks]}
    return in_node(path.read_text(), PREPARE, told)


def twin(ink):
    """The same, from its description: matrices whose entries say how far pixels overlap."""
    there = ink >= 128
    rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(float)
    height, width = (max(1, int(n * 20 / max(cut.shape) + 0.5)) for n in cut.shape)
    small = overlaps(cut.shape[0], height) @ cut @ overlaps(cut.shape[1], width).T
    small = np.floor(small * (255 / small.max()) + 0.5)
    picture = np.zeros((28, 28), np.uint8)
    down, across = (
        np.average(np.arange(n), weights=small.sum(axis=1 - axis))
        for axis, n in enumerate(small.shape)
    )
    top = min(max(int(np.floor(14 - down + 0.5)), 0), 28 - height)
    left = min(max(int(np.floor(14 - across + 0.5)), 0), 28 - width)
    picture[top : top + height, left : left + width] = small
    return picture


def overlaps(pixels, parts):
    """(parts, pixels): the share of each pixel in the mean over each of equal parts."""
    ends = np.arange(parts + 1) * pixels / parts
    starts = np.arange(pixels)
    shared = np.minimum(ends[1:, None], starts + 1) - np.maximum(ends[:-1, None], starts)
    return np.maximum(shared, 0) * parts / pixels


def blots(rng, count, side):
    """Drawings of a few filled boxes and lines, anywhere and of any size, with soft edges."""
    inks = np.zeros((count, side, side), np.uint8)
    for ink in inks:
        for _ in range(rng.integers(1, 5)):
            top, left = rng.integers(0, side - 2, 2)
            height, width = rng.integers(1, side, 2) * rng.choice([1, 0.1], 2)
            ink[top : top + int(height) + 1, left : left + int(width) + 1] = rng.integers(128, 256)
            ink[top, left : left + int(width) + 1] = rng.integers(0, 256)
    return inks[(inks >= 128).any(axis=(1, 2))]


def test_it_does_what_its_description_says(plain_page):
    inks = blots(np.random.default_rng(0), 60, 97)
    assert len(inks) > 50
    found = np.array(prepared(plain_page, inks)).reshape(-1, 28, 28)
    expected = np.array([twin(ink) for ink in inks])
    difference = np.abs(found - expected.astype(int))
    assert difference.max() <= 1, np.argwhere(difference > 1)[:5]  # of rounding
    assert np.mean(difference > 0) < 0.001


def test_pictures_of_mnist_become_themselves(plain_page):
    """They have been prepared: enlarged, and moved elsewhere, they must come out as they were.

    Of those whose box has ink on all sides: faint edges are outside what a drawing's box is.
    """
    pictures = load_mnist(raw=True).test_images[:400]
    inks, expected = [], []
    for picture in pictures:
        rows, columns = (np.flatnonzero(picture.any(axis=axis)) for axis in (1, 0))
        digit = picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        edges = (digit[0], digit[-1], digit[:, 0], digit[:, -1])
        if min(map(np.max, edges)) >= 128 and digit.max() == 255:
            large = np.kron(digit, np.ones((4, 4), np.uint8))
            place = ((3, 120 - 3 - large.shape[0]), (120 - large.shape[1], 0))
            inks.append(np.pad(large, place))
            expected.append(picture)
    assert len(inks) > 20
    found = np.array(prepared(plain_page, np.array(inks))).reshape(-1, 28, 28)
    assert np.mean([np.array_equal(*pair) for pair in zip(found, expected)]) > 0.9


def test_no_ink_is_no_picture(plain_page):
    faint = np.full((1, 50, 50), 127, np.uint8)
    assert prepared(plain_page, np.concatenate([np.zeros_like(faint), faint])) == [None, None]


def test_one_pixel_is_enough(plain_page):
    ink = np.zeros((1, 50, 50), np.uint8)
    ink[0, 49, 49] = 200
    picture = np.array(prepared(plain_page, ink)[0]).reshape(28, 28)
    assert np.array_equal(picture, np.pad(np.full((20, 20), 255), (5, 3)))
