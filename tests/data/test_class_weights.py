"""class_weight takes the labels that y has, whatever their type."""

import numpy as np
import pytest
from samples import labelled, same_bits, small

import fastnn
from fastnn.data.class_weights import weights_of_labels

X, LABELS = labelled()
TWO = LABELS % 2


def single(y, class_weight):
    net = fastnn.Network([5, 4, 1], seed=0)
    net.fit(X, y, epochs=1, class_weight=class_weight)
    return net


@pytest.mark.parametrize(
    ("y", "class_weight"),
    [
        (TWO == 1, {False: 1, True: 3}),
        (TWO == 1, {np.False_: 1, np.True_: 3}),
        (TWO == 1, dict(zip(np.unique(TWO == 1), [1, 3]))),
        (TWO, dict(zip(np.unique(TWO), [1, 3]))),
        (TWO, {1: np.float32(3)}),
        (TWO, {np.uint8(1): 3, np.int16(0): 1}),
        (TWO * 1.0, dict(zip(np.unique(TWO * 1.0), [1, 3]))),
        (TWO.astype(object), dict(zip(np.unique(TWO.astype(object)), [1, 3]))),
        (TWO == 1, {0: 1, 1: 3}),
    ],
)
def test_labels_of_any_type(y, class_weight):
    assert same_bits(single(y, class_weight), single(TWO, {0: 1, 1: 3}))


def test_the_weight_of_each_class():
    assert weights_of_labels("class_weight", {2: 0.5, np.True_: 3}, 4).tolist() == [1, 3, 0.5, 1]
    assert weights_of_labels("class_weight", {}, 2).tolist() == [1, 1]


class Series:
    """As a table's column by label: no Mapping, but it can be made one."""

    def to_dict(self):
        return {1: 3.0}

    def __repr__(self):
        return "1    3.0\ndtype: float64"


EXPECTED = "^class_weight: expected "


@pytest.mark.parametrize(
    ("class_weight", "error", "message"),
    [
        ([1, 3, 1], TypeError, r"a dict .*, got \[1, 3, 1\]; dict\(enumerate\(class_weight\)\) is"),
        (np.ones(3), TypeError, r"a dict .*; dict\(enumerate\(class_weight\)\) is one"),
        (Series(), TypeError, r"a dict .*, got 1 3.0 dtype.*; class_weight.to_dict\(\) is one$"),
        (5, TypeError, "a dict from labels to weights or 'balanced', got 5$"),
        ({"0": 1}, TypeError, r"labels from 0 to 2, got the text '0'; \{int\(label\): weight for"),
        ({b"0": 1}, TypeError, "labels from 0 to 2, got the text b'0'; "),
        ({"cat": 1}, TypeError, r"labels .*, got the text 'cat'; .*np.unique\(names\) has them"),
        ({7: 1}, ValueError, "labels from 0 to 2, got 7$"),
        ({0.5: 1}, ValueError, "labels from 0 to 2, got 0.5$"),
        ({np.nan: 1}, ValueError, "labels from 0 to 2, got nan$"),
        ({np.inf: 1}, ValueError, "labels from 0 to 2, got inf$"),
        ({None: 1}, ValueError, "labels from 0 to 2, got None$"),
        ({(0, 1): 1}, ValueError, r"labels from 0 to 2, got \(0, 1\)$"),
    ],
)
def test_no_labels(class_weight, error, message):
    net = small()
    with pytest.raises(error, match=EXPECTED + message) as caught:
        net.fit(X, LABELS, class_weight=class_weight)
    assert "\n" not in str(caught.value)
    assert net.history.epoch == []


def test_a_bad_weight_is_named_by_its_label():
    for label in (1, np.int64(1), True):
        with pytest.raises(TypeError, match=rf"^class_weight\[{label}\]: expected a number, got N"):
            small().fit(X, LABELS, class_weight={label: None})


def test_the_ways_out_lead_out():
    by_list = [1, 3]
    assert same_bits(single(TWO, dict(enumerate(by_list))), single(TWO, {1: 3}))
    class_weight = {"1": 3}
    ints = {int(label): weight for label, weight in class_weight.items()}
    assert same_bits(single(TWO, ints), single(TWO, {1: 3}))
