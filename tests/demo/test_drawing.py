"""Strokes, the ink that they leave, and the links that hold them, in Node."""

import base64

import numpy as np
import pytest
from page_scripts import in_node

SIDE = 448
DRAW = """
return given.map((actions) => {
  const drawing = new fastnn.Drawing();
  for (const [action, ...more] of actions) drawing[action](...more);
  const { strokes, isEmpty, canUndo } = drawing;
  const ink = Buffer.from(drawing.ink).toString("base64");
  return { strokes, ink, isEmpty, canUndo, link: fastnn.link.encode(strokes) };
});
"""


def drawn(page, *drawings):
    """What is there after methods of Drawings, for each a list of [name, arguments ...]."""
    found = in_node(page.read_text(), DRAW, drawings)
    for each in found:
        ink = np.frombuffer(base64.b64decode(each["ink"]), np.uint8)
        each["ink"] = ink.reshape(SIDE, SIDE)
    return found


def stroke(points, width=20):
    return [["begin", points[0], width], *(["extend", point] for point in points[1:]), ["end"]]


def test_a_straight_line_covers_what_lies_within_half_its_width(plain_page):
    (found,), width = drawn(plain_page, stroke([[100, 80], [300, 200]], 30)), 30
    a, b = np.array(found["strokes"][0]["points"])
    np.testing.assert_allclose([a, b], [[100, 80], [300, 200]], atol=0.2)  # as a link holds them
    row, column = np.mgrid[:SIDE, :SIDE] + 0.5
    across, down = column - a[0], row - a[1]
    along = np.clip((across * (b - a)[0] + down * (b - a)[1]) / ((b - a) @ (b - a)), 0, 1)
    distance = np.hypot(across - along * (b - a)[0], down - along * (b - a)[1])
    expected = 255 * np.clip(width / 2 + 0.5 - distance, 0, 1)
    assert np.abs(found["ink"] - expected).max() <= 0.5001


def test_edges_are_soft(plain_page):
    ink = drawn(plain_page, stroke([[50, 50], [400, 290]]))[0]["ink"]
    assert np.mean((ink > 0) & (ink < 255)) > 0.1 * np.mean(ink == 255)


def test_a_dot_is_round(plain_page):
    ink = drawn(plain_page, stroke([[200, 100]], 40))[0]["ink"]
    assert ink.sum() / 255 == pytest.approx(np.pi * 20**2, rel=0.01)
    assert ink[100, 200] == 255


def test_few_points_of_a_quick_hand_make_a_smooth_curve(plain_page):
    """Of a circle by twelve points no place, but its ends, is as far out as a corner would be."""
    turns = np.linspace(0, 2 * np.pi, 13)
    points = np.stack([224 + 150 * np.cos(turns), 224 + 150 * np.sin(turns)], 1).tolist()
    (found,) = drawn(plain_page, stroke(points, 8))
    row, column = np.nonzero(found["ink"] > 128)
    radius = np.hypot(row + 0.5 - 224, column + 0.5 - 224)
    angle = np.arctan2(row + 0.5 - 224, column + 0.5 - 224) % (2 * np.pi)
    middle = np.array([radius[np.abs(angle - a) < 0.03].mean() for a in np.arange(0.4, 5.9, 0.05)])
    # A polygon's corners would stand out by 150 (1 - cos(15 degrees)) = 5 pixels.
    assert np.ptp(middle) < 3


def test_it_is_whole_between_far_points(plain_page):
    ink = drawn(plain_page, stroke([[20, 20], [420, 30], [30, 420]], 8))[0]["ink"]
    assert (ink[:, 100:300].max(axis=0) == 255).all()


def test_what_lies_outside_is_cut_off(plain_page):
    within, without = [[200, 200], [900, 200], [-500, 5000]], [[-100, -100]]
    found, outside = drawn(plain_page, stroke(within), stroke(without))
    assert found["ink"][200, 200:].min() == 255
    assert not outside["ink"].any()
    assert not outside["isEmpty"]


def test_points_that_are_near_are_left_out(plain_page):
    (found,) = drawn(plain_page, stroke([[100 + i / 10, 100] for i in range(300)]))
    (only,) = found["strokes"]
    assert 4 < len(only["points"]) < 10
    assert (found["ink"][100, 100:125] == 255).all()


def test_undo_takes_back_the_last_stroke_and_a_clearing(plain_page):
    one, two = stroke([[100, 100], [200, 120], [210, 300]]), stroke([[50, 300], [300, 310]], 40)
    first, both, undone, cleared, back, nothing, never = drawn(
        plain_page,
        one,
        one + two,
        [*one, *two, ["undo"]],
        [*one, *two, ["clear"]],
        [*one, *two, ["clear"], ["undo"]],
        [*one, *two, *[["undo"]] * 5],
        [["clear"]],
    )
    assert (both["ink"] != first["ink"]).any()
    assert np.array_equal(undone["ink"], first["ink"])
    assert (cleared["isEmpty"], cleared["canUndo"]) == (True, True)
    assert not cleared["ink"].any()
    assert np.array_equal(back["ink"], both["ink"])
    assert (nothing["isEmpty"], nothing["canUndo"]) == (True, False)
    assert not never["canUndo"]


def test_a_link_holds_a_drawing_exactly(plain_page):
    rng = np.random.default_rng(2)
    actions = []
    for width in (12, 36, 48):
        actions += stroke((rng.random((12, 2)) * 600 - 70).tolist(), width)
    (found,) = drawn(plain_page, actions)
    assert len(found["link"]) < 4 * 40
    again = in_node(plain_page.read_text(), "return fastnn.link.decode(given)", found["link"])
    assert again == found["strokes"]
    (shown,) = drawn(plain_page, [["show", again]])
    assert np.array_equal(shown["ink"], found["ink"])
    assert shown["canUndo"]


def test_what_is_no_link_is_no_drawing(plain_page):
    good = "kAAAABBBB.kAAAA"
    bad = ["", "x", "....", "kAAAAA", "<script>", "kAAA", "kAAAA..kAAAA", "kAA A", "k" * 30001]
    decode = "return given.map((text) => fastnn.link.decode(text).length)"
    assert in_node(plain_page.read_text(), decode, [good, *bad]) == [2, *(0 for _ in bad)]
