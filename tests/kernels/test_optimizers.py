"""Every optimizer against its NumPy twin, over trajectories."""

import numpy as np
import pytest
from tolerance import assert_close
from twins import make_twins

from fastnn import reference
from fastnn.engine import Trainer, UpdateRule

MOMENTS = {"beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3}
TWINS = {
    "sgd": ({}, reference.SGD),
    "momentum": ({"mu": 0.8}, lambda: reference.Momentum(mu=0.8)),
    "nesterov": ({"mu": 0.8}, lambda: reference.Nesterov(mu=0.8)),
    "rmsprop": ({"beta2": 0.9, "epsilon": 1e-3}, lambda: reference.RMSProp(rho=0.9, epsilon=1e-3)),
    "adam": (MOMENTS, lambda: reference.Adam(**MOMENTS)),
    "adamw": (MOMENTS, lambda: reference.AdamW(**MOMENTS)),
}
# Keywords of UpdateRule, and of Reference.update_mini_batch.
VARIANTS = {
    "proximal": ({"proximal": True}, {"l1_mode": "proximal"}),
    "max-norm": ({"max_norm": 0.7}, {"max_norm": 0.7}),
    "max-norm of one layer": ({"max_norm": [0.0, 0.6]}, {"max_norm": [0.0, 0.6]}),
    "clipping": ({"clip_norm": 0.05}, {"clip_norm": 0.05}),
    "all": (
        {"proximal": True, "max_norm": [0.9, 0.6], "clip_norm": 0.1},
        {"l1_mode": "proximal", "max_norm": [0.9, 0.6], "clip_norm": 0.1},
    ),
}


def check_trajectory(
    optimizer, l1, l2, dtype, rule_more=(), reference_more=(), *, zeros=0.0, etas=None, threads=1
):
    """Ten updates, compared after each; returns the twins."""
    twins = make_twins([9, 21, 4], "tanh", "softmax", "log-likelihood", dtype, 30)
    rng = np.random.default_rng(4)
    twins.x[rng.random(twins.x.shape) < zeros] = 0
    etas = np.full(10, 0.05) if etas is None else etas
    settings, make = TWINS[optimizer]
    rule = UpdateRule(3, 0.05, l1, l2, 30, optimizer, **settings, **dict(rule_more))
    trainer = Trainer(twins.engine, twins.x, twins.y, rule, max_threads=threads)
    assert (trainer.way != "dense") == (zeros > 0)
    memory = make()
    order = rng.permutation(30)
    for k, start in enumerate(range(0, 30, 3)):
        rows = order[start : start + 3]
        trainer.run(rows, threads, etas[k : k + 1])
        trainer.finish_epoch()
        twins.reference.update_mini_batch(
            twins.x[rows], twins.y[rows], etas[k], l1, l2, 30, memory, **dict(reference_more)
        )
        twins.assert_same_parameters()
    assert trainer.memory.updates == 10
    return twins


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("l1", "l2"), [(0.0, 0.0), (0.3, 0.7), ([0.0, 0.3], [0.7, 0.1])])
@pytest.mark.parametrize("optimizer", TWINS)
def test_trajectory_of_ten_updates(optimizer, l1, l2, dtype):
    check_trajectory(optimizer, l1, l2, dtype)


@pytest.mark.parametrize("zeros", [0.0, 0.8])
@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("optimizer", TWINS)
def test_trajectory_of_every_variant(optimizer, variant, zeros):
    check_trajectory(optimizer, 0.3, 0.7, "float64", *VARIANTS[variant], zeros=zeros)


@pytest.mark.parametrize("threads", [1, 3])
def test_max_norm_of_weights_that_lack_a_factor(threads):
    """L2 and plain SGD on sparse rows: all of an epoch in one call, in which no scale is 1."""
    twins = make_twins([9, 21, 4], "tanh", "softmax", "log-likelihood", "float64", 30)
    rng = np.random.default_rng(4)
    twins.x[rng.random(twins.x.shape) < 0.8] = 0
    rule = UpdateRule(3, 10.0, 0.0, 0.03, 30, max_norm=0.5)
    trainer = Trainer(twins.engine, twins.x, twins.y, rule, max_threads=threads)
    order = rng.permutation(30)
    trainer.run(order, threads)
    assert Trainer.factor_in(trainer.state()) == pytest.approx(0.99**10)
    trainer.finish_epoch()
    twins.reference.train(twins.x, twins.y, order, 3, 10.0, 0.0, 0.03, 30, max_norm=0.5)
    twins.assert_same_parameters()
    norms = np.linalg.norm(twins.engine.weights[0], axis=1)
    assert (norms > 0.5 - 1e-6).any()  # some have just reached the limit


def test_a_variant_changes_something():
    """Else the test above could not fail."""
    plain = check_trajectory("sgd", 3.0, 0.7, "float64").engine.parameters
    for variant in VARIANTS.values():
        other = check_trajectory("sgd", 3.0, 0.7, "float64", *variant).engine.parameters
        assert np.abs(other - plain).max() > 1e-3


@pytest.mark.parametrize("zeros", [0.0, 0.8])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_learning_rate_for_each_update(optimizer, zeros):
    check_trajectory(optimizer, 0.0, 0.7, "float64", zeros=zeros, etas=np.linspace(0.01, 0.5, 10))


def test_proximal_l1_gives_exact_zeros():
    twins = check_trajectory("sgd", 2.0, 0.0, "float64", *VARIANTS["proximal"])
    zeros = [int((w == 0).sum()) for w in twins.engine.weights]
    assert zeros == [int((w == 0).sum()) for w in twins.reference.weights]
    assert all(zeros)
    twins = check_trajectory("sgd", 2.0, 0.0, "float64")
    assert not any((w == 0).any() for w in twins.engine.weights)


def test_max_norm_holds_for_every_neuron():
    twins = check_trajectory("momentum", 0.0, 0.0, "float64", *VARIANTS["max-norm"])
    for w in twins.engine.weights:
        norms = np.linalg.norm(w, axis=1)
        assert (norms <= 0.7 * (1 + 1e-12)).all()
        assert norms.max() > 0.6  # the limit is near


@pytest.mark.parametrize("zeros", [0.0, 0.8])
@pytest.mark.parametrize("variant", VARIANTS)
def test_same_bits_for_any_number_of_threads(variant, zeros):
    results = [
        check_trajectory(
            "adam", 0.3, 0.7, "float64", *VARIANTS[variant], zeros=zeros, threads=threads
        )
        for threads in (1, 2, 3)
    ]
    assert len({twins.engine.parameters.tobytes() for twins in results}) == 1


def test_memory_lasts_between_calls():
    """Two runs of an epoch each are one run of two: momentum isn't forgotten."""
    for optimizer, (settings, _) in TWINS.items():
        results = []
        for cuts in (1, 4):
            twins = make_twins([5, 6, 3], "tanh", "softmax", "log-likelihood", "float32", 12)
            rule = UpdateRule(3, 0.05, 0.1, 0.1, 12, optimizer, **settings)
            trainer = Trainer(twins.engine, twins.x, twins.y, rule)
            for piece in np.array_split(np.arange(12), cuts):
                trainer.run(piece)
            results.append(twins.engine.parameters.tobytes())
        assert results[0] == results[1]


def test_adams_first_step_has_the_size_of_eta():
    """Bias correction makes the first step eta, whatever the gradient's size (section 2.1)."""
    twins = make_twins([3, 2], "tanh", "identity", "quadratic", "float64", 4)
    twins.x[...] = 1
    before = twins.engine.weights[0].copy()
    settings = {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-12}
    rule = UpdateRule(4, 0.01, 0.0, 0.0, 4, "adam", **settings)
    Trainer(twins.engine, twins.x, twins.y, rule).run(np.arange(4))
    assert_close(np.abs(twins.engine.weights[0] - before), np.full((2, 3), 0.01), scale=1e3)
