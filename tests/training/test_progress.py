"""What fit writes: nothing, or to standard error."""

import io
import re
import subprocess
import sys
from types import ModuleType

import pytest
from samples import labelled, same_bits, small

import fastnn
from fastnn.training import pieces, progress

X, LABELS = labelled()


def written(capfd, **options):
    net = small()
    net.fit(X, LABELS, epochs=2, **options)
    return capfd.readouterr(), net


def test_silent_by_default(capfd):
    for options in ({}, {"verbose": 0}, {"verbose": False}):
        (out, err), _ = written(capfd, **options)
        assert (out, err) == ("", "")


@pytest.mark.parametrize("verbose", [1, True, 2])
def test_verbose_writes_a_line_an_epoch_to_standard_error(capfd, verbose):
    (out, err), net = written(capfd, verbose=verbose, l2=1.0, validation_data=(X, LABELS))
    assert out == ""
    lines = re.findall(r"epoch +(\d+) .*data cost ([\d.]+) .*penalty ([\d.]+) .*accuracy", err)
    history = net.history
    assert lines == [
        (str(e), f"{c:.5f}", f"{p:.5f}")
        for e, c, p in zip(history.epoch, history.data_cost, history.penalty, strict=True)
    ]
    assert f"validation cost {history.validation_data_cost[0]:.5f}" in err
    assert f"validation accuracy {history.validation_accuracy[0]:.2%}" in err
    assert ("rows/s" in err) == (verbose == 1)  # the bar; files are spared


def test_lines_alone_do_without_the_bars_library(capfd):
    program = (
        "import sys, numpy as np, fastnn\n"
        "net = fastnn.Network([2, 2], seed=0)\n"
        "net.fit(np.eye(2), [0, 1], epochs=1, verbose=2)\n"
        "print('tqdm' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
    assert done.stderr.startswith("epoch   1 ")
    assert done.stderr.count("\n") == 1


def test_the_bar_says_which_epoch_is_running(capfd, monkeypatch):
    monkeypatch.setattr(pieces, "_PIECE_WORK", 1)
    titles = []

    class Bar(progress.ProgressBar):
        def advance(self, done, total):
            super().advance(done, total)
            titles.append(self._bar.desc)

    monkeypatch.setattr(progress, "ProgressBar", Bar)
    written(capfd, verbose=1)
    assert titles == 3 * ["epoch 1/2"] + 3 * ["epoch 2/2"]


def test_notebooks_get_a_bar_of_their_own(monkeypatch, capfd):
    """tqdm.auto decides which one that is; lines go where that bar writes to."""
    import tqdm.auto

    made, lines = [], io.StringIO()

    class Notebook(tqdm.tqdm):
        def __init__(self, *arguments, **settings):
            super().__init__(*arguments, **{**settings, "file": lines})
            made.append(settings)

    monkeypatch.setattr(tqdm.auto, "tqdm", Notebook)
    monkeypatch.setitem(sys.modules, "ipykernel.zmqshell", ModuleType("of a notebook"))
    written(capfd, verbose=1)
    assert [settings["total"] for settings in made] == [2 * 23]
    assert "epoch   2 " in lines.getvalue()


@pytest.mark.parametrize("verbose", [3, -1, 10**30])
def test_levels_that_do_not_exist(verbose):
    with pytest.raises(ValueError, match="verbose: expected"):
        small().fit(X, LABELS, verbose=verbose)


@pytest.mark.parametrize("verbose", [1.0, "1", None])
def test_levels_that_are_none(verbose):
    with pytest.raises(TypeError, match="verbose: expected a whole number"):
        small().fit(X, LABELS, verbose=verbose)


def test_figures_that_do_not_exist_are_not_written(capfd):
    net = small(cost="quadratic", output_activation="identity")
    net.fit(X, X[:, :3], epochs=1, verbose=1)
    _, err = capfd.readouterr()
    assert "data cost" in err
    assert "accuracy" not in err
    assert "validation" not in err


def test_the_bar_and_a_callback_both_learn_of_the_progress(capfd, monkeypatch):
    monkeypatch.setattr(pieces, "_PIECE_WORK", 1)
    bar, calls, shown = [], [], []

    class Bar(progress.ProgressBar):
        def advance(self, done, total):
            bar.append((done, total))
            super().advance(done, total)
            shown.append(self._bar.n)

    monkeypatch.setattr(progress, "ProgressBar", Bar)
    _, net = written(capfd, verbose=1, callbacks=fastnn.Progress(lambda *rows: calls.append(rows)))
    assert bar == calls == 2 * [(10, 23), (20, 23), (23, 23)]
    assert shown == [10, 20, 23, 33, 43, 46]
    _, quiet = written(capfd)
    assert same_bits(net, quiet)


def test_the_bar_is_closed_after_an_interrupt(capfd, monkeypatch):
    bars = []

    class Bar(progress.ProgressBar):
        def __init__(self, *arguments, **settings):
            super().__init__(*arguments, **settings)
            bars.append(self._bar)

    def stop(_, epoch):
        assert not bars[0].disable
        raise KeyboardInterrupt

    monkeypatch.setattr(progress, "ProgressBar", Bar)
    with pytest.raises(KeyboardInterrupt):
        small().fit(X, LABELS, verbose=1, callbacks=stop)
    assert bars[0].disable  # tqdm's mark of a closed bar


def test_the_bar_of_a_resumed_training_begins_where_that_was(capfd):
    with progress.ProgressBar(4, 10, finished=2) as bar:
        assert (bar._bar.n, bar._bar.total, bar._bar.desc) == (20, 40, "epoch 3/4")
        bar.advance(10, 10)
        bar.end_epoch()
        assert (bar._bar.n, bar._bar.desc) == (30, "epoch 4/4")
