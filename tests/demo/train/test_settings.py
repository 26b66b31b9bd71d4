"""Settings in the address, and the reader's own points as text."""

import pytest
from page_scripts import in_node

OTHERS = {
    "data": "iris",
    "rows": "77",
    "noise": "0.05",
    "dataseed": "3",
    "test": "12",
    "points": "0.5_-0.25_1*-1_1e-7_2",
    "classes": "rose*tulip*lily",
    "view": "-2_3_0.5_7",
    "hidden": "3-2-1",
    "activation": "relu",
    "cost": "quadratic",
    "init": "large",
    "seed": "9",
    "eta": "0.125",
    "l1": "1.5",
    "l2": "0",
    "m": "7",
    "bym": "1",
    "bymeasured": "1",
    "watch": "test",
    "axis": "log",
    "pause": "30",
    "speed": "most",
}

ROUND = """
const { settings } = fastnn.train;
return given.map((texts) => {
  const found = settings.fromAddress((name) => texts[name] ?? null);
  return [settings.toAddress(found.settings), found.notes];
});
"""


def test_every_setting_is_in_the_address(tab):
    names = in_node(tab, "return Object.keys(fastnn.train.settings.kinds);")
    assert set(OTHERS) == set(names)
    (all_of_them, notes), (usual, no_notes), *single = in_node(
        tab, ROUND, [OTHERS, {}, *({name: text} for name, text in OTHERS.items())]
    )
    assert (all_of_them, notes) == (OTHERS, [])
    assert (set(usual.values()), no_notes) == ({None}, [])
    for (name, text), (written, notes) in zip(OTHERS.items(), single, strict=True):
        assert written == {**usual, name: text}
        assert notes == []


WRONG = [
    ("eta", "fast", "a number from 0 to 100"),
    ("eta", "", "a number from 0 to 100"),
    ("eta", "NaN", "a number"),
    ("l2", "-1", "a number from 0 to 10000"),
    ("l1", "Infinity", "a number"),
    ("m", "2.5", "a whole number from 1 to 3000"),
    ("rows", "1e9", "a whole number from 10 to 3000"),
    ("test", "91", "from 0 to 90"),
    ("data", "toString", "one of moons, circles"),
    ("activation", "constructor", "one of sigmoid, tanh"),
    ("bym", "yes", "0 or 1"),
    ("hidden", "8-0", "at most 4 numbers from 1 to 32"),
    ("hidden", "8-8-8-8-8", "at most 4 numbers"),
    ("hidden", "8-", "at most 4 numbers"),
    ("hidden", "", "at most 4 numbers"),
    ("points", "1_2", "at most 2000 points x_y_class"),
    ("points", "1_2_3", "classes being 0, 1, 2"),
    ("points", "1__0", "points x_y_class"),
    ("points", "1_NaN_0", "points x_y_class"),
    ("points", "1_1e7_0", "points x_y_class"),
    ("points", "*".join(["0_0_0"] * 2001), "at most 2000 points"),
    ("classes", "a*b*c*d", "at most three words"),
    ("classes", "a b", "at most three words"),
    ("view", "1_0_0_1", "left_right_bottom_top"),
    ("view", "0_1__1", "left_right_bottom_top"),
]


@pytest.fixture(scope="module")
def noted(tab):
    """What is read of each of them among others that are well, by one run of Node."""
    given = [{**OTHERS, name: text} for name, text, _ in WRONG]
    keys = [(name, text) for name, text, _ in WRONG]
    return dict(zip(keys, in_node(tab, ROUND, given), strict=True))


@pytest.mark.parametrize(
    ("name", "text", "expected"), WRONG, ids=[f"{name}={text:.20}" for name, text, _ in WRONG]
)
def test_what_does_not_fit_is_left_out_with_a_note(noted, name, text, expected):
    written, (note,) = noted[name, text]
    assert written == {**OTHERS, name: None}
    assert note.startswith(f"{name}: expected ")
    assert expected in note
    assert len(note) < 250
    assert f'got "{text[:40]}' in note


PARSE = "return given.map((text) => fastnn.train.csv.parse(text));"
FORMAT = """
const { parse, format } = fastnn.train.csv;
const { points, names } = parse(given);
return format(points, names);
"""


TEXTS = [
    ("1, 2, 0\n-0.5,1e-3,1\n", [[1, 2, 0], [-0.5, 0.001, 1]], ["0", "1"]),
    ("x,y,class\r\n1,2,1\r\n", [[1, 2, 1]], ["0", "1"]),
    ("1 2 0\n\n# a remark\n3\t4\t2", [[1, 2, 0], [3, 4, 2]], ["0", "1", "2"]),
    ("1;2;cat\n3;4;dog\n5;6;cat", [[1, 2, 0], [3, 4, 1], [5, 6, 0]], ["cat", "dog"]),
    ("1,5;2,25;a\n", [[1.5, 2.25, 0]], ["a"]),
    ('"1","2","7"\n3,4,5', [[1, 2, 1], [3, 4, 0]], ["5", "7"]),
    ("length, width, Art\n1, 2, Fliege", [[1, 2, 0]], ["Fliege"]),
    ("", [], []),
]
WRONG_TEXTS = [
    ("1,2,0\n1,2\n3,4,0", ["line 2: expected x, y, class, got 2 cells"]),
    ("1,2,0\n\nx,2,1", ['line 3: x: expected a number, got "x"']),
    ("1,,1", ['line 1: y: expected a number, got ""']),
    ("1,2,0\n1,Infinity,1", ['line 2: y: expected a number, got "Infinity"']),
    ("1,2,", ['line 1: class: expected one word of at most 20 letters, got ""']),
    ("1,2,a b", ['line 1: class: expected one word of at most 20 letters, got "a b"']),
    ("1e7,2,0", ["line 1: x: expected a number from -1000000 to 1000000, got 1e7"]),
    ("0,0,a\n0,0,b\n0,0,c\n0,0,d", ["expected at most 3 classes, got 4: a, b, c, d"]),
    (
        "a,2,0\n1,b,0",
        ['line 1: x: expected a number, got "a"', 'line 2: y: expected a number, got "b"'],
    ),
    ("0,0,1\n" * 2001, ["expected at most 2000 points, got 2001"]),
]


@pytest.fixture(scope="module")
def parsed(tab):
    texts = [text for text, *_ in TEXTS + WRONG_TEXTS]
    return dict(zip(texts, in_node(tab, PARSE, texts), strict=True))


@pytest.mark.parametrize(("text", "points", "names"), TEXTS)
def test_points_as_text(parsed, text, points, names):
    assert parsed[text] == {"points": points, "names": names, "errors": []}


@pytest.mark.parametrize(
    ("text", "errors"), WRONG_TEXTS, ids=[errors[0][:30] for _, errors in WRONG_TEXTS]
)
def test_what_is_wrong_with_a_text_names_its_line(parsed, text, errors):
    assert parsed[text] == {"points": [], "names": [], "errors": errors}


def test_points_are_written_as_they_are_read(tab):
    text = "0.5, -0.25, cat\n1e-7, 3, dog"
    assert in_node(tab, FORMAT, text) == text
