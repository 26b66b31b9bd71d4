import numpy as np

from fastnn.plots.calibration import reliability


def test_bins_by_hand():
    confidence = np.array([0.05, 0.5, 0.75, 0.75, 1.0])
    right = np.array([False, True, True, False, True])
    found = reliability(confidence, right, bins=4)
    assert found.edges.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert found.counts.tolist() == [1, 1, 2, 1]
    assert found.confidence.tolist() == [0.05, 0.5, 0.75, 1.0]
    assert found.accuracy.tolist() == [0, 1, 0.5, 1]
    assert found.ece == (1 * 0.05 + 1 * 0.5 + 2 * 0.25 + 1 * 0) / 5


def test_a_bin_has_its_upper_edge():
    for bins in (3, 10, 49):
        edges = np.arange(bins + 1) / bins
        found = reliability(edges, np.ones(bins + 1, bool), bins)
        assert found.counts.tolist() == [2] + [1] * (bins - 1)  # 0 is in the first one, too


def test_empty_bins_count_nothing():
    found = reliability(np.array([0.95], np.float32), np.array([True]))
    assert found.counts.tolist() == [0] * 9 + [1]
    assert np.isnan(found.confidence[:9]).all()
    assert np.isnan(found.accuracy[:9]).all()
    assert np.isclose(found.ece, 0.05)
    assert found.ece != 0.05  # of the float32 that it is, which is no 0.95


def test_who_is_as_sure_as_right():
    rng = np.random.default_rng(0)
    confidence = rng.random(100_000)
    right = rng.random(100_000) < confidence
    assert reliability(confidence, right).ece < 0.01
    assert abs(reliability(confidence, ~right).ece - 0.5) < 0.01
