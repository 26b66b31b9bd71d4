import numpy as np
import pytest
from samples import labelled

import fastnn
from fastnn.views.outcomes import Classified, Estimated, Labelled, dense_rows, outcomes

X, LABELS = labelled(rows=30, inputs=4)
NAMES = ["a", "b", "c"]


def of(net, x, y):
    return outcomes("test", net.row_format, net.feedforward, x, y)[1]


@pytest.mark.parametrize("cost", ["cross_entropy", "log_likelihood", "quadratic"])
def test_rows_that_name_a_class(cost):
    net = fastnn.Network([4, 5, 3], cost=cost, seed=0)
    found = of(net, X, LABELS)
    assert type(found) is Classified
    assert (found.labels == LABELS).all()
    assert (found.predicted == net.predict(X)).all()
    assert (found.confidence == net.feedforward(X).max(axis=1)).all()
    assert found.right.mean() == net.evaluate(X, LABELS).accuracy
    assert found.probable
    one_hot = of(net, X, np.eye(3)[LABELS])
    assert (one_hot.labels == LABELS).all()
    wrong = found.mistakes(NAMES, 100)
    assert len(wrong) == (~found.right).sum() > 0
    for each in wrong:
        label, predicted = NAMES[LABELS[each.row]], NAMES[found.predicted[each.row]]
        assert each.text == f"{label}, taken for {predicted}"
        assert each.confidence == found.confidence[each.row]
    assert found.mistakes(NAMES, 2) == wrong[:2]


def test_a_single_output():
    net = fastnn.Network([4, 5, 1], seed=0)
    labels = (X[:, 0] > 0).astype(int)
    found, p = of(net, X, labels), net.predict_proba(X)[:, 0]
    assert (found.predicted == (p > 0.5)).all()
    assert (found.predicted == net.predict(X)).all()
    assert np.allclose(found.confidence, np.maximum(p, 1 - p))
    assert found.classes == 2
    assert found.right.mean() == net.evaluate(X, labels).accuracy


def test_outputs_that_are_no_probabilities():
    net = fastnn.Network([4, 3], cost="quadratic", output_activation="tanh", seed=0)
    found = of(net, X, LABELS)
    assert not found.probable
    assert (found.predicted == net.predict(X)).all()


def test_any_number_of_labels():
    net = fastnn.Network([4, 3], multi_label=True, seed=0)
    y = (np.random.default_rng(0).random((30, 3)) > 0.5).astype(int)
    found, a = of(net, X, y), net.feedforward(X)
    assert type(found) is Labelled
    assert (found.right.reshape(30, 3) == ((a > 0.5) == y)).all()
    assert found.right.reshape(30, 3).all(axis=1).mean() == net.evaluate(X, y).accuracy
    assert np.allclose(found.confidence, np.maximum(a, 1 - a).ravel())
    wrong = found.mistakes(NAMES, 100)
    assert len(wrong) == (~found.right).sum() > 0
    assert [each.confidence for each in wrong] == sorted(found.confidence[~found.right])[::-1]
    for each in wrong:
        said, name = each.text.split()
        assert y[each.row, NAMES.index(name)] == {"misses": 1, "claims": 0}[said]


def test_numbers():
    net = fastnn.Network([4, 2], cost="quadratic", output_activation="identity", seed=0)
    y = np.random.default_rng(0).random((30, 2))
    found = of(net, X, y)
    assert type(found) is Estimated
    assert np.allclose(found.targets, y)
    assert (found.outputs == net.feedforward(X)).all()


def test_outputs_that_are_nan():
    net = fastnn.Network([4, 3], cost="log_likelihood", seed=0)
    net.weights[0][0, 0] = np.nan
    with pytest.raises(ValueError, match="test: expected outputs that are numbers, got NaN"):
        of(net, X, LABELS)


def test_rows_of_every_kind_are_shown_with_their_zeros():
    sparse = pytest.importorskip("scipy.sparse")
    net, x = fastnn.Network([4, 3], seed=0), np.where(X > 0, X, 0)
    kinds = [x, sparse.csr_array(x), x.reshape(30, 2, 2), x.tolist()]
    for given in kinds:
        data, _ = outcomes("test", net.row_format, net.feedforward, given, LABELS)
        assert np.allclose(dense_rows(data, [7, 0]), x[[7, 0]])
