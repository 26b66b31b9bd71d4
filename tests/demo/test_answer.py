"""What outputs say, in words: draw/answer.js."""

import pytest
from page_scripts import in_node

PROGRAM = """
return given.map(([network, outputs]) => {
  const answer = fastnn.answer.of(network, outputs && { a: [outputs] });
  return { ...answer, written: answer.scores?.map(answer.says) };
});
"""
THREE = ["cat", "dog", "owl"]


def network(output, classes, multi_label=False):
    return {"activations": ["relu", output], "classes": classes, "multi_label": multi_label}


@pytest.fixture(scope="module")
def answers(plain_page):
    """Of networks and their outputs, by name; null where nothing is drawn."""
    given = {
        "nothing": [network("softmax", THREE), None],
        "one of three": [network("softmax", THREE), [0.2, 0.7, 0.1]],
        "one output": [network("sigmoid", ["no", "yes"]), [0.25]],
        "several": [network("sigmoid", THREE, True), [0.9, 0.4, 0.51]],
        "none of several": [network("sigmoid", THREE, True), [0.5, 0.4, 0.1]],
        "without bounds": [network("relu", THREE), [0, 1.5, 3.25]],
        "below zero": [network("tanh", THREE), [-0.5, -1, -0.25]],
        "no number": [network("relu", THREE), [0, None, 1]],  # JSON has no NaN
    }
    return dict(zip(given, in_node(plain_page.read_text(), PROGRAM, list(given.values()))))


@pytest.mark.parametrize(
    ("name", "title", "detail", "named", "written"),
    [
        ("nothing", "Draw a digit:", "an empty drawing says nothing.", [], None),
        ("one of three", "dog", "70.0%, then cat with 20.0%", [1], ["20.0%", "70.0%", "10.0%"]),
        ("one output", "no", "75.0%, then yes with 25.0%", [0], ["75.0%", "25.0%"]),
        ("several", "cat, owl", "each above one half", [0, 2], ["90.0%", "40.0%", "51.0%"]),
        ("none of several", "None", "is above one half", [], ["50.0%", "40.0%", "10.0%"]),
        ("without bounds", "owl", "3.25, then dog with 1.50", [2], ["0.00", "1.50", "3.25"]),
        ("below zero", "owl", "−0.25, then cat with −0.50", [2], ["−0.50", "−1.00", "−0.25"]),
        ("no number", "Nothing:", "its outputs are no finite numbers.", [], None),
    ],
)
def test_in_words(name, title, detail, named, written, answers):
    found = answers[name]
    assert (found["title"], found["detail"], found["named"]) == (title, detail, named)
    assert found.get("written") == written
