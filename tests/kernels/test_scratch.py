"""Scratch memory may hold anything: poisoned, nothing changes."""

import numpy as np
import pytest
from twins import TAME, make_twins
from ways import Fixed

from fastnn.engine import Trainer, UpdateRule, arrays, buffer_pool, gradients
from fastnn.engine import engine as engine_module
from fastnn.engine.strategy import DENSE, SCALED, SORTED

original, numpys = engine_module.aligned_empty, np.empty
# NaN is lost in a maximum, and infinity in a minimum; 1e30 survives both, and shows in a sum.
POISON = [np.nan, 1e30, -np.inf, -1e30, np.inf]


def filled_with(numbers):
    """Memory that holds these numbers by turns, as `layout` and as NumPy allocate it."""

    def fill(memory):
        memory[...] = np.resize(numbers, memory.shape) if memory.dtype.kind == "f" else 113
        return memory

    return (
        lambda size, dtype: fill(original(size, dtype)),
        lambda *args, **keywords: fill(numpys(*args, **keywords)),
    )


def allocate_by(functions, monkeypatch):
    aligned, plain = functions
    for module in (arrays, engine_module, buffer_pool):
        monkeypatch.setattr(module, "aligned_empty", aligned)
    monkeypatch.setattr(np, "empty", plain)


def assert_same_bits(results):
    first, *others = results
    assert np.isfinite(first[0]).all()
    for other in others:
        for clean, dirty in zip(first, other, strict=True):
            np.testing.assert_array_equal(clean, dirty)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("hidden", TAME)
def test_poison_in_scratch_memory_changes_nothing(hidden, dtype, monkeypatch):
    results = []
    for numbers in ([0.0], POISON):
        allocate_by(filled_with(numbers), monkeypatch)
        # Odd sizes everywhere: there is padding in every row and below every column.
        twins = make_twins([5, 19, 6, 3], hidden, "softmax", "log-likelihood", dtype, 13)
        figures = twins.train(np.arange(13), 5)
        results.append(
            [twins.engine.parameters, figures]
            + [twins.engine.evaluate(twins.x, twins.y), twins.engine.outputs(twins.x)]
            + [*sum(gradients(twins.engine, twins.x, twins.y), [])]
        )
    assert_same_bits(results)


EXTRAS = {
    "plain": {"l2": 0.5},
    "l1": {"l1": 0.1, "l2": 0.5},
    "max-norm": {"l2": 0.5, "max_norm": 0.5},
    "clipping": {"l2": 0.5, "clip_norm": 0.05},
    "dropout": {"drop": [0.0, 0.4, 0.2, 0.0]},
    "everything": {"l1": 0.1, "max_norm": 0.5, "clip_norm": 0.05, "drop": [0.2, 0.4, 0.2, 0.1]},
}
MOMENTS = {"mu": 0.8, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3}
HALVES = "halves"  # dense inputs in two halves
# Each way of layer 1, each optimizer, and each extra.
RULES = [
    *((DENSE, "sgd", extra) for extra in EXTRAS),
    *((DENSE, optimizer, "plain") for optimizer in ("nesterov", "rmsprop", "adamw")),
    (HALVES, "sgd", "plain"),
    (HALVES, "momentum", "everything"),
    (SORTED, "adam", "plain"),
    (SORTED, "sgd", "max-norm"),
    (SORTED, "adam", "everything"),
    (SCALED, "sgd", "plain"),
    (SCALED, "sgd", "max-norm"),
    (SORTED, "sgd", "l1"),
]
# Layers that are a few whole vectors, narrower than a tile, or neither, for registers of any width.
SIZES = [37, 18, 6, 33, 3]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("way", "optimizer", "extra"), RULES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # padding of rows, without the compiler
def test_poison_changes_no_training(way, optimizer, extra, dtype, monkeypatch):
    strategy = Fixed(DENSE if way == HALVES else way, way == HALVES)
    rule = UpdateRule(5, 0.05, 0.0, 0.0, 8, optimizer, **MOMENTS)._replace(**EXTRAS[extra])
    results = []
    for numbers, threads in (([0.0], 1), (POISON, 2)):
        allocate_by(filled_with(numbers), monkeypatch)
        twins = make_twins(SIZES, "sigmoid", "sigmoid", "cross-entropy", dtype, 8)
        if way in (SCALED, SORTED):
            twins.x[np.random.default_rng(1).random(twins.x.shape) < 0.7] = 0
        trainer = Trainer(
            twins.engine, twins.x, twins.y, rule, max_threads=threads, strategy=strategy
        )
        order = np.arange(8)
        trainer.run_epochs(order[np.newaxis], threads, np.full((1, 2), 0.05))
        figures = trainer.ended
        trainer.run(order, threads)
        trainer.finish_epoch()
        results.append([twins.engine.parameters, trainer.cost_sum, trainer.correct, *figures])
    assert_same_bits(results)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("hidden", TAME)
def test_padding_of_parameters_stays_zero(hidden, dtype, monkeypatch):
    """Memory between the rows must keep out of the way, or a bad number would lurk there."""
    allocate_by(filled_with(POISON), monkeypatch)
    for sizes in ([5, 7, 19, 3], [5, 19, 6, 3]):
        twins = make_twins(sizes, hidden, "softmax", "log-likelihood", dtype, 20)
        engine = twins.engine
        for _ in range(3):
            twins.train(np.arange(20), 6, l1=0.5, l2=2.0)
        assert engine.parameters.any()
        for array in (*engine.weights, *engine.biases):
            array[...] = 0
        assert not engine.parameters.any()


def test_same_input_gives_the_same_bits():
    runs = []
    for _ in range(2):
        twins = make_twins([50, 33, 10], "relu", "softmax", "log-likelihood", "float32", 64)
        twins.train(np.arange(64), 10)
        runs.append(twins.engine.parameters.tobytes())
    assert runs[0] == runs[1]
