"""Large memory of a training is used again by the next one, and by nobody before that."""

import numpy as np
import pytest

from fastnn import Network, Progress
from fastnn.engine import buffer_pool
from fastnn.machine.registers import ALIGNMENT

MEGABYTE = 1 << 20


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch):
    monkeypatch.setattr(buffer_pool, "_kept", {})


def place(array):
    return array.__array_interface__["data"][0]


def test_memory_that_was_given_back_is_used_again():
    array = buffer_pool.empty(MEGABYTE, np.float32)
    where = place(array)
    buffer_pool.give_back(array)
    assert buffer_pool.kept() == 4 * MEGABYTE
    again = buffer_pool.empty(3 * MEGABYTE // 2, np.uint16)
    assert place(again) == where
    assert (again.dtype, again.shape) == (np.uint16, (3 * MEGABYTE // 2,))
    assert where % ALIGNMENT == 0
    assert buffer_pool.kept() == 0


@pytest.mark.parametrize("size", [4 * MEGABYTE + 1, 2 * MEGABYTE - 1])
def test_memory_too_small_or_far_too_large_is_left(size):
    buffer_pool.give_back(buffer_pool.empty(4 * MEGABYTE, np.uint8))
    buffer_pool.empty(size, np.uint8)
    assert buffer_pool.kept() == 4 * MEGABYTE


def test_what_is_kept_has_a_bound(monkeypatch):
    monkeypatch.setattr(buffer_pool, "_MOST", 10 * MEGABYTE)
    for megabytes in (11, 0.5):
        buffer_pool.give_back(buffer_pool.empty(int(megabytes * MEGABYTE), np.uint8))
    assert buffer_pool.kept() == 0
    arrays = [buffer_pool.empty(4 * MEGABYTE, np.uint8) for _ in range(3)]
    for array in arrays:
        buffer_pool.give_back(array)
    assert buffer_pool.kept() == 8 * MEGABYTE
    assert place(buffer_pool.empty(4 * MEGABYTE, np.uint8)) == place(arrays[1])  # not the oldest


def rows_of(seed):
    """Rows whose non-zeros take some megabytes."""
    rng = np.random.default_rng(seed)
    x = rng.random((4000, 900), np.float32)
    x[rng.random(x.shape) > 0.2] = 0
    return x, rng.integers(0, 3, len(x))


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_trainings_one_after_the_other_are_those_of_new_memory(optimizer):
    def train(seed):
        net = Network([900, 20, 3], seed=1)
        net.fit(*rows_of(seed), epochs=1, optimizer=optimizer, learning_rate=0.01)
        return [w.tobytes() for w in net.weights]

    alone = []
    for seed in range(3):
        buffer_pool._kept.clear()
        alone.append(train(seed))
    buffer_pool._kept.clear()
    assert [train(seed) for seed in range(3)] == alone
    assert buffer_pool.kept() > MEGABYTE


def test_the_memory_of_large_mini_batches_is_used_again():
    """That of activations and errors; dense rows have no non-zeros."""
    x = np.random.default_rng(0).random((1000, 50), np.float32)
    y = np.arange(len(x)) % 3

    def train():
        net = Network([50, 300, 3], seed=1)
        net.fit(x, y, epochs=2, batch_size=500)
        return [w.tobytes() for w in net.weights], buffer_pool.kept()

    first, kept = train()
    assert kept > MEGABYTE
    assert train() == (first, kept)


def test_a_network_goes_on_training_after_its_memory_was_given_back():
    x, y = rows_of(0)
    net, other = (Network([900, 20, 3], seed=1) for _ in range(2))
    for epochs in (1, 2):
        net.fit(x, y, epochs=epochs)
    other.fit(x, y, epochs=3)
    for w, expected in zip(net.weights, other.weights, strict=True):
        np.testing.assert_array_equal(w, expected)


def test_an_interrupted_training_gives_its_memory_back():
    def interrupt(done, rows):
        raise KeyboardInterrupt

    net = Network([900, 20, 3], seed=1)
    with pytest.raises(KeyboardInterrupt):
        net.fit(*rows_of(0), epochs=1, callbacks=Progress(interrupt))
    assert buffer_pool.kept() > MEGABYTE
