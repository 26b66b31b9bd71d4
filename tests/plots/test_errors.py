import numpy as np

from fastnn.plots.errors import errors_of


def test_by_hand():
    y = np.array([[0.0, 5], [2, 5], [4, 5]], np.float32)
    a = np.array([[1.0, 5], [2, 6], [1, 5]], np.float32)
    found = errors_of(y, a)
    assert found.rms.tolist() == [np.sqrt(10 / 3), np.sqrt(1 / 3)]
    assert found.absolute.tolist() == [4 / 3, 1 / 3]
    assert found.bias.tolist() == [-2 / 3, 1 / 3]
    assert found.explained[0] == 1 - (10 / 3) / (8 / 3)
    assert np.isnan(found.explained[1])  # all targets are the same
