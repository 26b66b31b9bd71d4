import numpy as np

from fastnn.plots.confusion import class_scores, confusion_counts, most_confused

LABELS = np.array([0, 0, 1, 1, 1, 2])
PREDICTED = np.array([0, 1, 1, 1, 0, 1])


def test_rows_of_a_class_that_were_taken_for_another():
    counts = confusion_counts(LABELS, PREDICTED, 4)
    assert counts.tolist() == [[1, 1, 0, 0], [1, 2, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]]


def test_counts_of_many_rows_one_by_one():
    rng = np.random.default_rng(0)
    labels, predicted = rng.integers(300, size=(2, 5000))
    expected = np.zeros((300, 300), np.int64)
    for i, j in zip(labels, predicted):
        expected[i, j] += 1
    bytes_ = labels.astype(np.uint8)  # 255 * 300 is more than they hold
    assert (confusion_counts(labels, predicted, 300) == expected).all()
    expected = confusion_counts(bytes_.astype(np.int64), predicted, 300)
    assert (confusion_counts(bytes_, predicted, 300) == expected).all()


def test_scores_of_each_class():
    scores = class_scores(confusion_counts(LABELS, PREDICTED, 4))
    assert scores.rows.tolist() == [2, 3, 1, 0]
    assert scores.recall[:3].tolist() == [1 / 2, 2 / 3, 0]
    assert scores.precision[:2].tolist() == [1 / 2, 2 / 4]
    assert np.isnan(scores.recall[3])
    assert np.isnan(scores.precision[2:]).all()


def test_the_pairs_that_are_mistaken_most():
    counts = np.array([[50, 2, 0], [7, 40, 2], [0, 1, 9]])
    assert most_confused(counts, 3) == [(1, 0, 7), (0, 1, 2), (1, 2, 2)]
    assert most_confused(counts, 100) == [(1, 0, 7), (0, 1, 2), (1, 2, 2), (2, 1, 1)]
    assert most_confused(np.diag([3, 4]), 5) == []
    assert counts[0, 0] == 50
