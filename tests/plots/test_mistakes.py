import numpy as np
import pytest

from fastnn.plots.mistakes import Mistake, most_confident_mistakes


def test_the_most_confident_first():
    confidence = np.array([0.9, 0.6, 0.99, 0.6, 0.95, 1.0])
    right = np.array([False, False, True, False, False, True])
    assert most_confident_mistakes(confidence, right, 10).tolist() == [4, 0, 1, 3]
    assert most_confident_mistakes(confidence, right, 3).tolist() == [4, 0, 1]
    assert most_confident_mistakes(confidence, np.ones(6, bool), 3).tolist() == []


@pytest.mark.parametrize(
    ("confidence", "text"),
    [(0.5, "50.0%"), (0.99949, "99.9%"), (0.9995, "> 99.9%"), (1.0, "> 99.9%")],
)
def test_no_mistake_is_certain(confidence, text):
    assert Mistake(0, "", confidence).sure == text
