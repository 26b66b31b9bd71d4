"""Contract 2: the same seeds as the per-sample algorithm give the same weights to 1e-9."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import initial
from problems import (
    assert_same_network,
    labelled,
    net2,
    pair,
    parameters,
    random_state,
    same,
    seed_all,
    training,
)

from fastnn.book import network, network2
from fastnn.engine import Trainer
from fastnn.training import pieces


@pytest.mark.parametrize("sizes", [[5, 1], [4, 3, 2], [1, 2, 3, 4]])
def test_initial_parameters_all_biases_then_all_weights(sizes):
    for make, scaled in ((network.Network, False), (network2.Network, True)):
        seed_all(3)
        net = make(sizes)
        state = random_state()
        seed_all(3)
        biases, weights = initial(sizes, scaled)
        assert same([*net.biases, *net.weights], [*biases, *weights])
        assert random_state() == state


def test_initializers_start_anew():
    net = net2()
    seed_all(4)
    net.large_weight_initializer()
    seed_all(4)
    biases, weights = initial([6, 5, 3], scaled=False)
    assert same([*net.biases, *net.weights], [*biases, *weights])
    seed_all(4)
    net.default_weight_initializer()
    assert same(parameters(net), parameters(net2(seed=4)))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("sizes", [(6, 3), (6, 5, 3), (6, 7, 5, 4)])
def test_network(sizes, dtype):
    ours, oracle = pair(sizes, network)
    data = training(53, sizes, dtype=dtype)
    ours_list, oracle_list = list(data), list(data)
    seed_all(7)
    ours.SGD(ours_list, 6, 10, 3.0, verbose=False)
    state = random_state()
    seed_all(7)
    for _ in range(6):
        oracle.epoch(oracle_list, 10, 3.0)
    assert_same_network(ours, oracle)
    assert [id(s) for s in ours_list] == [id(s) for s in oracle_list]
    assert random_state() == state


@pytest.mark.parametrize("cost", ["quadratic", "cross-entropy"])
@pytest.mark.parametrize(("lmbda", "l1"), [(0.0, 0.0), (0.7, 0.0), (0.0, 0.4), (0.7, 0.4)])
@pytest.mark.parametrize("sizes", [(6, 3), (6, 5, 3), (6, 7, 5, 4)])
def test_network2(sizes, cost, lmbda, l1):
    ours, oracle = pair(sizes, cost=cost)
    data = training(53, sizes, dtype=np.float32)
    ours_list, oracle_list = list(data), list(data)
    seed_all(7)
    ours.SGD(ours_list, 6, 10, 0.5, lmbda, l1=l1, verbose=False)
    seed_all(7)
    for _ in range(6):
        oracle.epoch(oracle_list, 10, 0.5, lmbda, l1)
    assert_same_network(ours, oracle)
    assert [id(s) for s in ours_list] == [id(s) for s in oracle_list]


@pytest.mark.parametrize("cost", ["quadratic", "cross-entropy"])
@pytest.mark.parametrize(("lmbda", "l1"), [(0.0, 0.0), (5.0, 0.0), (1.0, 2.0)])
def test_inputs_that_are_mostly_zeros(cost, lmbda, l1):
    """Like pixels: the kernels may take another way than for other inputs."""
    sizes = (120, 15, 10)
    ours, oracle = pair(sizes, cost=cost)
    rng = np.random.default_rng(3)
    data = [
        ((x * (rng.random(x.shape) < 0.15)).astype(np.float32), y) for x, y in training(800, sizes)
    ]
    ours_list, oracle_list = list(data), list(data)
    seed_all(7)
    ours.SGD(ours_list, 3, 10, 0.5, lmbda, l1=l1, verbose=False)
    seed_all(7)
    for _ in range(3):
        oracle.epoch(oracle_list, 10, 0.5, lmbda, l1)
    assert_same_network(ours, oracle)


def test_a_list_that_was_shuffled_before_trains_alike():
    """Packed in the order of addresses, trained in the order of the list."""
    ours, oracle = pair()
    ours_list, oracle_list = training(53), training(53)
    seed_all(8)
    random.shuffle(ours_list)
    ours.SGD(ours_list, 1, 7, 0.5, 0.1, verbose=False)
    ours.SGD(ours_list, 2, 7, 0.5, 0.1, verbose=False)
    seed_all(8)
    random.shuffle(oracle_list)
    for _ in range(3):
        oracle.epoch(oracle_list, 7, 0.5, 0.1)
    assert_same_network(ours, oracle)


def test_repeated_tuples_are_samples_of_their_own():
    ours, oracle = pair()
    ours_list = training(5) * 3
    oracle_list = list(ours_list)
    seed_all(8)
    ours.SGD(ours_list, 2, 4, 0.5, verbose=False)
    seed_all(8)
    for _ in range(2):
        oracle.epoch(oracle_list, 4, 0.5)
    assert_same_network(ours, oracle)


def test_update_mini_batch():
    for module, keywords in ((network, {}), (network2, {"l1": 0.3})):
        ours, oracle = pair(module=module)
        data = training(12)
        for k in range(0, 12, 5):
            regularization = () if module is network else (0.9, 40)
            ours.update_mini_batch(data[k : k + 5], 0.8, *regularization, **keywords)
            l2, l1 = (0.0, 0.0) if module is network else (0.9, 0.3)
            oracle.step(data[k : k + 5], 0.8, l2, l1, 40)
        assert_same_network(ours, oracle)


def test_monitoring_changes_nothing():
    plain, watched, data = net2(), net2(), training()
    for net, monitors in ((plain, []), (watched, [True] * 4)):
        seed_all(5)
        net.SGD(list(data), 3, 10, 0.5, 1.0, labelled(data), *monitors, verbose=False)
    assert same(parameters(plain), parameters(watched))


def test_zero_epochs_change_nothing():
    net, data = net2(), training()
    before, order = parameters(net), [id(s) for s in data]
    state = random_state()
    assert net.SGD(data, 0, 10, 0.5, verbose=False) == ([], [], [], [])
    assert same(parameters(net), before)
    assert [id(s) for s in data] == order
    assert random_state() == state


def test_long_epochs_in_several_calls_are_the_same_epoch(monkeypatch):
    trained = []
    for work in (10**9, 1):
        monkeypatch.setattr(pieces, "_PIECE_WORK", work)
        net = net2()
        seed_all(5)
        net.SGD(training(), 2, 10, 0.5, 1.0, verbose=False)
        trained.append(parameters(net))
    assert same(*trained)


def test_an_interrupt_leaves_the_network_as_far_as_it_came(monkeypatch):
    monkeypatch.setattr(pieces, "_PIECE_WORK", 1)  # a call for each mini-batch
    run, calls = Trainer.run, []

    def interrupted(trainer, *arguments):
        if len(calls) == 1 + 7:  # the first one trains nothing, but prepares
            raise KeyboardInterrupt
        calls.append(run(trainer, *arguments))

    monkeypatch.setattr(Trainer, "run", interrupted)
    ours, oracle = pair()
    ours_list, oracle_list = training(50), training(50)
    seed_all(6)
    with pytest.raises(KeyboardInterrupt):
        ours.SGD(ours_list, 3, 10, 0.5, 1.0, verbose=False)
    seed_all(6)
    oracle.epoch(oracle_list, 10, 0.5, 1.0)
    random.shuffle(oracle_list)
    oracle.step(oracle_list[:10], 0.5, 1.0, 0.0, 50)
    oracle.step(oracle_list[10:20], 0.5, 1.0, 0.0, 50)
    assert_same_network(ours, oracle)


def test_a_training_that_diverges_goes_on_as_in_the_book():
    net = net2()
    with np.errstate(all="ignore"):
        net.SGD(training(), 400, 10, 30.0, 1e4, verbose=False)
    assert not np.isfinite(net.weights[0]).all()


@settings(max_examples=25, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 9), min_size=2, max_size=4),
    n=st.integers(1, 30),
    m=st.integers(1, 35),
    cost=st.sampled_from(["quadratic", "cross-entropy"]),
    lmbda=st.floats(0, 2),
    l1=st.floats(0, 1),
    seed=st.integers(0, 1000),
)
def test_any_sizes(sizes, n, m, cost, lmbda, l1, seed):
    ours, oracle = pair(sizes, cost=cost, seed=seed)
    data = training(n, sizes, seed)
    ours_list, oracle_list = list(data), list(data)
    seed_all(seed)
    ours.SGD(ours_list, 3, m, 0.4, lmbda, l1=l1, verbose=False)
    seed_all(seed)
    for _ in range(3):
        oracle.epoch(oracle_list, m, 0.4, lmbda, l1)
    assert_same_network(ours, oracle, rtol=1e-8 if l1 else 1e-9)
