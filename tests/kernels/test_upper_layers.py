"""Above layer 1, threads share the rows, or each takes all of them: the same bits either way."""

import numpy as np
import pytest

from fastnn.engine import Engine, Trainer, UpdateRule, first_layer, upper_layers

ROWS, INPUTS = 23, 37


def rows_of(kind):
    rng = np.random.default_rng(4)
    x = rng.random((ROWS, INPUTS), np.float32)
    if kind != "dense":
        x[rng.random(x.shape) > 0.1] = 0
    return x, np.eye(3, dtype=np.float32)[rng.integers(0, 3, ROWS)]


@pytest.fixture(autouse=True)
def _in_halves(monkeypatch):
    """Dense rows come in halves though they are short; sparse ones never as dense ones."""
    monkeypatch.setattr(first_layer, "shares_inputs", lambda *_: True)
    monkeypatch.setattr(
        first_layer, "fastest", lambda ways, density, *_: ways[0 if density > 0.5 else -1]
    )


def make_trainer(kind, rule, sizes, threads, dtype):
    x, y = rows_of(kind)
    activations = ["tanh"] * (len(sizes) - 2) + ["softmax"]
    engine = Engine(sizes, activations, "log-likelihood", dtype)
    for l, w in enumerate(engine.weights):
        w[...] = np.random.default_rng(l).standard_normal(w.shape) / 8
    return engine, Trainer(engine, x.astype(dtype), y.astype(dtype), rule, max_threads=threads)


def trained(kind, rule, sizes, threads, dtype):
    """Two epochs in pieces, and two in one call where that can be; all bits that come of them.

    threads  of the first piece, the second one and so on; the trainer has room for the most
    """
    most = max(threads)
    engine, trainer = make_trainer(kind, rule, sizes, most, dtype)
    before = engine.parameters.copy()
    apart = upper_layers.each_by_itself() and most > 1 and not rule.clip_norm
    assert len(trainer._memory.scratch) == (most if apart else 1)
    figures = []
    for _ in range(2):
        trainer.start_epoch()
        for piece, size in zip(np.split(np.arange(ROWS), [9, 18]), threads):
            trainer._memory.copies[:] = np.nan  # each call makes them anew
            trainer.run(piece, size)
        trainer.finish_epoch()
        figures.append((trainer.cost_sum, trainer.correct))
    if trainer.divisible:
        trainer.run_epochs(np.array([np.arange(ROWS)] * 2), most, np.full((2, -(-ROWS // 9)), 0.05))
        trainer.finish_epoch()
        figures += [trainer.ended.cost_sums.tolist(), trainer.ended.correct.tolist()]
    assert np.isfinite(engine.parameters).all()
    assert not np.array_equal(engine.parameters, before)
    memory = trainer.memory
    return engine.parameters.tobytes(), memory.first.tobytes(), memory.second.tobytes(), figures


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sizes", [[INPUTS, 3], [INPUTS, 40, 3], [INPUTS, 20, 17, 3]])
@pytest.mark.parametrize(
    ("kind", "optimizer", "l1"),
    [
        ("dense", "sgd", 0.0),
        ("dense", "momentum", 0.3),
        ("dense", "rmsprop", 0.0),
        ("dense", "adam", 0.3),
        ("sparse", "sgd", 0.0),
        ("sparse", "sgd", 0.3),
        ("sparse", "adam", 0.0),
    ],
)
def test_shared_or_each_by_itself(kind, optimizer, l1, sizes, dtype, monkeypatch):
    rule = UpdateRule(
        9, 0.05, l1, 2.0, ROWS, optimizer, mu=0.9, beta1=0.9, beta2=0.999, epsilon=0.1
    )
    results = []
    for threads in ((1, 1, 1), (2, 2, 2), (3, 3, 3), (5, 5, 5), (3, 1, 2)):
        for apart in (False, True):
            monkeypatch.setattr(upper_layers, "each_by_itself", lambda *_, apart=apart: apart)
            results.append(trained(kind, rule, sizes, threads, dtype))
    for result in results[1:]:
        assert result == results[0]


def test_extras_are_for_all_threads_together(monkeypatch):
    """Clipping measures the gradient of all layers: there, each by itself is not done."""
    rule = UpdateRule(9, 0.05, 0.0, 2.0, ROWS, clip_norm=0.1)
    results = []
    for apart, threads in ((False, 1), (True, 3)):
        monkeypatch.setattr(upper_layers, "each_by_itself", lambda *_, apart=apart: apart)
        results.append(trained("dense", rule, [INPUTS, 20, 3], [threads] * 3, "float32"))
    assert results[0] == results[1]


@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_parts_of_z_have_two_places_in_turn(kind, monkeypatch):
    """For the threads meet once a mini-batch: one may read them while another writes the next."""
    monkeypatch.setattr(upper_layers, "each_by_itself", lambda *_: True)
    _, trainer = make_trainer(
        kind, UpdateRule(9, 0.05, 0.0, 2.0, ROWS), [INPUTS, 40, 3], 2, "float32"
    )
    parts = trainer._memory.parts
    parts[:] = np.nan
    trainer.run(np.arange(9), 2)
    written = np.isfinite(parts).any(axis=2)
    assert written.tolist() in ([[True, True], [False, False]], [[False, False], [True, True]])
    trainer.run(np.arange(9, 18), 2)
    assert np.isfinite(parts).any(axis=2).all()


def test_little_work_is_done_by_each():
    assert upper_layers.each_by_itself([784, 30, 10], 10)
    assert upper_layers.each_by_itself([784, 192, 10], 4)
    assert upper_layers.each_by_itself([784, 10], 10)
    assert not upper_layers.each_by_itself([784, 10], 4096)
    assert not upper_layers.each_by_itself([784, 1000, 1], 100)
    assert not upper_layers.each_by_itself([784, 800, 800, 10], 1)
    assert not upper_layers.each_by_itself([784, 256, 10], 128)
