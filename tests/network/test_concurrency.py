"""Several threads at once give the bits of one after the other."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest
from interpreted import KERNELS_ARE_INTERPRETED
from samples import everything, same_bits

import fastnn
from fastnn.book import network as book1
from fastnn.book import network2 as book2

THREADS = 4


ROWS = 100 if KERNELS_ARE_INTERPRETED else 3000


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((ROWS, 20)).astype("float32")
    return x, rng.integers(0, 10, ROWS)


def network(seed):
    return fastnn.Network([20, 40, 10], seed=seed)


def together(function, arguments):
    """function(argument) in a thread each, started as much at once as can be."""
    barrier = Barrier(len(arguments))

    def run(argument):
        barrier.wait()
        return function(argument)

    with ThreadPoolExecutor(len(arguments)) as pool:
        return list(pool.map(run, arguments))


def test_predictions_of_one_network(data):
    x, y = data
    net = network(0)
    parts = np.array_split(np.arange(len(x)), THREADS)

    def measure(rows):
        for _ in range(20):
            result = net.feedforward(x[rows]), net.evaluate(x[rows], y[rows])
        return *result, net.gradients(x[rows], y[rows])

    expected = [measure(rows) for rows in parts]
    assert len({e[1].data_cost for e in expected}) == THREADS
    for got, exp in zip(together(measure, parts), expected, strict=True):
        np.testing.assert_array_equal(got[0], exp[0])
        assert got[1] == exp[1]
        for g, e in zip(
            got[2].weights + got[2].biases, exp[2].weights + exp[2].biases, strict=True
        ):
            np.testing.assert_array_equal(g, e)


def test_fits_of_several_networks(data):
    x, y = data

    def train(seed):
        net = network(seed)
        net.fit(x, y, epochs=4, batch_size=7, l2=1.0, l1=0.1, validation_data=(x, y))
        return net

    seeds = list(range(THREADS))
    expected = [train(seed) for seed in seeds]
    for got, exp in zip(together(train, seeds), expected, strict=True):
        assert same_bits(got, exp)
        assert got.history.data_cost == exp.history.data_cost
        assert got.history.validation_accuracy == exp.history.validation_accuracy


def test_predictions_while_another_network_trains(data):
    x, y = data
    still, expected = network(1), network(1).feedforward(x)
    alone = network(2)
    alone.fit(x, y, epochs=3)
    moving = network(2)

    def work(task):
        return task()

    tasks = [lambda: moving.fit(x, y, epochs=3)] + [lambda: still.feedforward(x)] * (THREADS - 1)
    _, *outputs = together(work, tasks)
    assert same_bits(moving, alone)
    for got in outputs:
        np.testing.assert_array_equal(got, expected)


def while_it_trains(net, data, action):
    """The error of action(), called by another thread in the middle of a training."""
    errors = []

    def another_thread(*_):
        if not errors:
            with ThreadPoolExecutor(1) as pool:
                errors.append(pool.submit(action).exception())

    net.fit(*data, epochs=3, callbacks=another_thread)
    assert net.history.epoch == [1, 2, 3]
    return errors[0]


OF_A_WHOLE_NETWORK = {
    "fit": lambda net, data, path: net.fit(*data, epochs=1),
    "save": lambda net, data, path: net.save(path),
    "pickle": lambda net, data, path: pickle.dumps(net),
    "copy": lambda net, data, path: copy.copy(net),
    "deepcopy": lambda net, data, path: copy.deepcopy(net),
    "compile": lambda net, data, path: net.compile(*data),
    "weights": lambda net, data, path: setattr(net, "weights", net.weights),
    "an item of biases": lambda net, data, path: net.biases.__setitem__(0, net.biases[0]),
}


@pytest.mark.parametrize("what", OF_A_WHOLE_NETWORK)
def test_another_thread_is_told_that_a_network_is_being_trained(data, tmp_path, what):
    net, expected, path = network(3), network(3), tmp_path / "net.npz"
    expected.fit(*data, epochs=3)
    error = while_it_trains(net, data, lambda: OF_A_WHOLE_NETWORK[what](net, data, path))
    assert isinstance(error, RuntimeError)
    assert "expected a network that" in str(error)
    assert not path.exists()
    assert same_bits(net, expected)
    OF_A_WHOLE_NETWORK[what](net, data, path)  # now it may


def test_another_thread_may_measure_a_network_that_is_being_trained(data):
    net = network(3)

    def measure():
        assert np.isfinite(net.feedforward(data[0])).all()
        assert np.isfinite(net.evaluate(*data).cost)
        net.gradients(*data)

    assert while_it_trains(net, data, measure) is None


def test_callbacks_may_do_all_with_their_network_but_train_it(data, tmp_path):
    net, path, copies = network(3), tmp_path / "net.npz", []

    def callback(_, epoch):
        net.save(path)
        copies[:] = [copy.deepcopy(net), pickle.loads(pickle.dumps(net)), fastnn.load(path)]
        net.weights = [0.5 * w for w in net.weights]
        net.compile(*data)
        if epoch.epoch == 2:
            before = everything(net)
            with pytest.raises(RuntimeError, match="fit: expected .* not being trained"):
                net.fit(*data, epochs=1)
            assert everything(net) == before

    net.fit(*data, epochs=3, callbacks=callback)
    assert net.history.epoch == [1, 2, 3]
    for each in copies:  # which are not being trained
        assert each.history.epoch == [1, 2, 3]
        each.fit(*data, epochs=1)


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, SystemExit])
def test_a_training_that_an_error_ends_is_over(data, error):
    net = network(3)

    def fail(*_):
        raise error

    with pytest.raises(error):
        net.fit(*data, epochs=1, callbacks=fail)
    with pytest.raises(ValueError, match="epochs"):
        net.fit(*data, epochs=0)
    net.fit(*data, epochs=1)
    assert net.history.epoch == [1, 2]


@pytest.mark.parametrize("book", [book1, book2])
def test_the_books_networks_are_trained_by_one_call_at_a_time(book):
    """Another call comes while the first one has an epoch's samples counted."""
    errors = []

    class Watched(book.Network):
        def feedforward(self, a):
            if self is net and not errors:  # and not what is tried on a copy before the first epoch
                with ThreadPoolExecutor(1) as pool:
                    errors.append(pool.submit(self.SGD, training, 1, 2, 0.1).exception())
                copy.deepcopy(self).SGD(training[:], 1, 2, 0.1)
            return super().feedforward(a)

    columns = list(np.eye(3)[:, :, None])
    training, test = list(zip(columns, columns)), list(zip(columns, range(3)))
    own = {"test_data": test}
    if book is book2:
        own = {"evaluation_data": test, "monitor_evaluation_accuracy": True}
    net = Watched([3, 3])
    net.SGD(training[:], 1, 2, 0.1, **own)
    assert isinstance(errors[0], RuntimeError)
    assert "SGD: expected a network that is not being trained" in str(errors[0])
    net.SGD(training[:], 1, 2, 0.1)  # now it may
