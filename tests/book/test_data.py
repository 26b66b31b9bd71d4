"""Contract 4: any number of outputs; lists, tuples, arrays, zips, generators; used-up ones."""

import numpy as np
import pytest
from problems import (
    assert_same_network,
    everything,
    labelled,
    net2,
    pair,
    parameters,
    same,
    seed_all,
    training,
)

from fastnn.book import network, network2


@pytest.mark.parametrize("outputs", [1, 2, 3, 10, 17])
def test_any_number_of_outputs(outputs):
    sizes = (6, 5, outputs)
    ours, oracle = pair(sizes)
    data, oracle_list = training(60, sizes), training(60, sizes)
    evaluation = training(40, sizes, seed=2)
    seed_all(1)
    several = outputs > 1  # one output is compared with ten rows, as in the book
    lists = ours.SGD(data, 2, 10, 0.5, 0.1, labelled(evaluation), several, True, verbose=False)
    seed_all(1)
    costs, counts = [], []
    for _ in range(2):
        oracle.epoch(oracle_list, 10, 0.5, 0.1)
        costs.append(oracle.mean_cost(evaluation) + oracle.penalty(0.1, 0, 40))
        counts.append(oracle.correct(labelled(evaluation)))
    np.testing.assert_allclose(lists[0], costs if several else [], rtol=1e-9)
    assert lists[1] == counts
    assert ours.accuracy(evaluation, convert=True) == counts[-1]
    assert_same_network(ours, oracle)


def object_array(data):
    array = np.empty((len(data), 2), object)
    for i, (x, y) in enumerate(data):
        array[i] = x, y
    return array


CONTAINERS = {
    "tuple": tuple,
    "list of lists": lambda data: [[x, y] for x, y in data],
    "zip": lambda data: zip(*zip(*data, strict=True), strict=True),
    "generator": lambda data: (sample for sample in data),
    "map": lambda data: map(tuple, data),
    "object array": object_array,
    "dict values": lambda data: dict(enumerate(data)).values(),
}


@pytest.mark.parametrize("container", CONTAINERS)
def test_containers(container):
    data = training()
    nets, make = [net2(), net2()], CONTAINERS[container]
    for net, wrap in zip(nets, (list, make), strict=True):
        seed_all(4)
        net.SGD(wrap(data), 2, 10, 0.5, 0.1, wrap(labelled(data)), True, True, verbose=False)
        net.update_mini_batch(wrap(data), 0.5, 0.1, 47)
    assert same(parameters(nets[0]), parameters(nets[1]))
    net = nets[0]
    assert net.accuracy(make(labelled(data))) == net.accuracy(labelled(data))
    assert net.total_cost(make(data), 1.0) == net.total_cost(data, 1.0)
    chapter1 = network.Network([6, 5, 3])
    chapter1.SGD(make(data), 1, 10, 0.5, make(labelled(data)), verbose=False)
    assert chapter1.evaluate(make(labelled(data))) == chapter1.evaluate(labelled(data))


# Forms of x and y of one sample, to which columns of float64 are equal.
FORMS = {
    "flat": lambda x, y: (x.ravel(), y.ravel()),
    "lists": lambda x, y: (x.ravel().tolist(), y.ravel().tolist()),
    "columns of lists": lambda x, y: (x.tolist(), y.tolist()),
    "strided": lambda x, y: (np.repeat(x, 2, axis=1)[:, ::2], np.repeat(y, 3, axis=0)[::3]),
    "big-endian": lambda x, y: (x.astype(">f8"), y.astype(">f4")),
    "int y": lambda x, y: (x, y.astype(int)),
    "bool y": lambda x, y: (x, y.astype(bool)),
    "read-only": lambda x, y: (np.frombuffer(x.tobytes()).reshape(x.shape), y),
    "matrix": lambda x, y: (np.asmatrix(x), y),
}


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("share", [1, 3])
def test_forms_of_x_and_y(form, share):
    """In all samples, or in every third one."""
    data = training()
    other = [FORMS[form](x, y) if i % share == 0 else (x, y) for i, (x, y) in enumerate(data)]
    nets = [net2(), net2()]
    for net, samples in zip(nets, (data, other), strict=True):
        seed_all(4)
        net.SGD(samples, 2, 10, 0.5, 0.1, verbose=False)
    assert same(parameters(nets[0]), parameters(nets[1]))


@pytest.mark.parametrize("dtype", ["float16", "float32", "uint8", "int64", "longdouble", "bool"])
def test_dtypes_of_x_lose_nothing(dtype):
    rng = np.random.default_rng(0)
    data = training()
    # 2^25 + 1 in int64: not a float32
    big = 2**25 + 1 if dtype == "int64" else 1
    xs = [(rng.integers(0, 2, (6, 1)) * big).astype(dtype) for _ in data]
    nets = [net2(), net2()]
    for net, convert in zip(nets, (np.asarray, np.float64), strict=True):
        net.weights[0] /= big
        seed_all(4)
        samples = [(convert(x), y) for x, (_, y) in zip(xs, data, strict=True)]
        net.SGD(samples, 2, 10, 0.5, verbose=False)
    assert same(parameters(nets[0]), parameters(nets[1]))


def test_float32_and_float64_mixed():
    data = [(x.astype(np.float32) if i < 40 else x, y) for i, (x, y) in enumerate(training())]
    ours, oracle = pair()
    seed_all(4)
    ours.SGD(list(data), 2, 10, 0.5, verbose=False)
    seed_all(4)
    for _ in range(2):
        oracle.epoch(data, 10, 0.5)
        data = list(data)
    assert_same_network(ours, oracle)


def test_large_numbers_pass():
    """Their squares overflow, and so does the quick look for NaN."""
    data = [(x * 1e200, y) for x, y in training()]
    net = net2()
    net.weights[0] *= 1e-200
    other = net2()
    for n, samples in ((net, data), (other, training())):
        seed_all(1)
        n.SGD(samples, 1, 47, 1e-300, verbose=False)
    np.testing.assert_allclose(net.weights[1], other.weights[1])


@pytest.mark.parametrize(
    "kind", [int, np.int64, np.uint8, float, np.array, lambda y: np.array([[y]])]
)
def test_labels_of_any_integer_kind(kind):
    net, data = net2(), labelled(training())
    other = [(x, kind(y)) for x, y in data]
    assert net.accuracy(other) == net.accuracy(data)
    assert net.total_cost(other, 0.0, convert=True) == net.total_cost(data, 0.0, convert=True)


def test_one_output_takes_numbers_as_targets():
    data = [(x, float(i % 2)) for i, (x, _) in enumerate(training(20, (6, 1)))]
    columns = [(x, np.array([[y]])) for x, y in data]
    nets = [net2((6, 4, 1)), net2((6, 4, 1))]
    for net, samples in zip(nets, (data, columns), strict=True):
        seed_all(4)
        net.SGD(samples, 2, 10, 0.5, verbose=False)
    assert same(parameters(nets[0]), parameters(nets[1]))


def test_targets_need_not_be_one_hot():
    data = [(x, np.array([[0.2], [0.9], [0.5]])) for x, _ in training(20)]
    ours, oracle = pair()
    seed_all(4)
    ours.SGD(list(data), 1, 10, 0.5, verbose=False)
    seed_all(4)
    oracle.epoch(list(data), 10, 0.5)
    assert_same_network(ours, oracle)
    assert ours.total_cost(data, 0.0) == pytest.approx(oracle.mean_cost(data), rel=1e-12)


CALLS = {
    "training_data": lambda net, used: net.SGD(used, 1, 10, 0.5, verbose=False),
    "evaluation_data": lambda net, used: net.SGD(
        training(), 1, 10, 0.5, 0.0, used, monitor_evaluation_cost=True, verbose=False
    ),
    "mini_batch": lambda net, used: net.update_mini_batch(used, 0.5, 0.0, 10),
    "data": lambda net, used: net.accuracy(used),
    "data ": lambda net, used: net.total_cost(used, 0.0),
    "test_data": lambda _, used: network.Network([6, 5, 3]).evaluate(used),
    "test_data ": lambda _, used: network.Network([6, 5, 3]).SGD(training(), 1, 10, 0.5, used),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("container", ["zip", "generator", "map"])
def test_a_used_up_iterator_is_an_error_that_says_so(call, container):
    net = net2()
    used = CONTAINERS[container](labelled(training()))
    list(used)
    before = parameters(net)
    with pytest.raises(ValueError, match=rf"{call.strip()}: .*used up.*list\(...\)"):
        CALLS[call](net, used)
    assert same(parameters(net), before)


def test_a_zip_for_both_sets_is_used_up_by_the_first():
    net = net2()
    samples = CONTAINERS["zip"](training())
    before = everything(net)
    with pytest.raises(ValueError, match="evaluation_data: .*used up"):
        net.SGD(samples, 1, 10, 0.5, 0.0, samples, monitor_evaluation_cost=True)
    assert everything(net) == before


def test_evaluation_data_that_nobody_asks_for_are_not_touched():
    samples = CONTAINERS["zip"](labelled(training()))
    net2().SGD(training(), 1, 10, 0.5, 0.0, samples, verbose=False)
    assert len(list(samples)) == 47


def test_all_lists_and_arrays_of_the_caller_stay_his():
    data = training(dtype=np.float32)
    copies = [(x.copy(), y.copy(), x, y) for x, y in data]
    net2().SGD(data, 2, 10, 0.5, 1.0, labelled(data), True, True, True, True, verbose=False)
    for x, y, x_then, y_then in copies:
        assert (x == x_then).all()
        assert (y == y_then).all()
    assert {(id(x), id(y)) for x, y in data} == {(id(x), id(y)) for _, _, x, y in copies}
    assert network2.vectorized_result(1, 3).shape == (3, 1)
