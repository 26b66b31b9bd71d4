from xml.etree import ElementTree

from fastnn.plots.sparkline import Line, sparkline

NAN = float("nan")


def points(lines):
    root = ElementTree.fromstring(sparkline(lines))
    return [
        [tuple(map(float, place.split(","))) for place in each.get("points").split()]
        for each in root
    ]


def test_from_the_lowest_to_the_highest():
    up, down = points([Line("up", "blue", [0, 5, 10]), Line("down", "red", [10, 0, 5])])
    assert up == [(3, 57), (120, 30), (237, 3)]
    assert down == [(3, 3), (120, 57), (237, 30)]


def test_gaps():
    assert points([Line("a", "blue", [NAN, 1, 2, NAN, 1])]) == [
        [(61.5, 57), (120, 3)],
        [(237, 57), (238, 57)],
    ]
    assert points([Line("a", "blue", [NAN, NAN])]) == []
    assert points([]) == []


def test_one_value_is_seen_and_many_are_thinned():
    assert points([Line("a", "blue", [3.5])]) == [[(3, 57), (4, 57)]]
    (many,) = points([Line("a", "blue", range(10_000))])
    assert len(many) == 200
    assert (many[0], many[-1]) == ((3, 57), (237, 3))


def test_what_it_shows_is_said():
    assert 'aria-label="a and b, epoch by epoch"' in sparkline(
        [Line("a", "blue", [1]), Line("b", "red", [2])]
    )
