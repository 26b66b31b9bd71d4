import re

import pytest

import fastnn


def history(count, best=None, **figures):
    usual = {"seconds": 1.5, "data_cost": 0.25, "penalty": 0.5, "accuracy": 0.75}
    epochs = [fastnn.Epoch(epoch=i + 1, **{**usual, **figures}) for i in range(count)]
    return fastnn.History.of(epochs, best)


def rows(html):
    return [re.findall("<t[dh]>(.*?)</t[dh]>", line) for line in re.findall("<tr>(.*?)</tr>", html)]


def test_few_epochs():
    html = history(2, validation_data_cost=0.125, validation_accuracy=0.5)._repr_html_()
    assert rows(html) == [
        ["epoch", "data cost", "penalty", "accuracy", "validation data cost"]
        + ["validation accuracy", "seconds"],
        ["1", "0.25", "0.5", "75.00%", "0.125", "50.00%", "1.50"],
        ["2", "0.25", "0.5", "75.00%", "0.125", "50.00%", "1.50"],
    ]
    assert "training data cost and validation data cost, epoch by epoch" in html
    assert "matplotlib" not in html


def test_what_was_not_measured_is_left_out():
    found = rows(history(1, accuracy=None)._repr_html_())
    assert found == [["epoch", "data cost", "penalty", "seconds"], ["1", "0.25", "0.5", "1.50"]]
    gap = history(1, validation_data_cost=0.5)
    gap.append(fastnn.Epoch(2, 1.0, 0.5, 0.0, None))
    assert rows(gap._repr_html_())[2][3:5] == ["", ""]


@pytest.mark.parametrize(
    ("count", "best", "shown"),
    [
        (10, None, list(range(1, 11))),
        (11, None, [1, 2, 3, "…", 8, 9, 10, 11]),
        (1000, 500, [1, 2, 3, "…", 500, "…", 997, 998, 999, 1000]),
        (1000, 4, [1, 2, 3, 4, "…", 997, 998, 999, 1000]),
        (1000, 2000, [1, 2, 3, "…", 997, 998, 999, 1000]),
    ],
)
def test_at_most_fifteen_lines(count, best, shown):
    html = history(count, best)._repr_html_()
    names = [row[0].replace(",", "") for row in rows(html)[1:]]
    assert names == [f"{each} (best)" if each == best else str(each) for each in shown]
    assert len(re.findall("<tr>|<br>|<strong>", html)) <= 15


def test_before_the_first_epoch():
    assert fastnn.History()._repr_html_() == "<div><strong>History</strong>: no epoch yet</div>"


def test_it_is_a_dict_all_the_same():
    assert repr(history(1)).startswith("{'epoch': [1]")
    assert "plot" not in history(1)
