"""What fit writes: nothing, or to standard error."""

import re

import pytest
from samples import labelled, same_bits, small

from fastnn import network, training

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


def test_figures_that_do_not_exist_are_not_written(capfd):
    net = small(cost="quadratic")
    net.fit(X, X[:, :3], epochs=1, verbose=1)
    _, err = capfd.readouterr()
    assert "data cost" in err
    assert "accuracy" not in err
    assert "validation" not in err


def test_the_bar_and_a_callback_both_learn_of_the_progress(capfd, monkeypatch):
    monkeypatch.setattr(training, "_PIECE_WORK", 1)
    bar, calls, shown = [], [], []

    class Bar(network.ProgressBar):
        def advance(self, done, total):
            bar.append((done, total))
            super().advance(done, total)
            shown.append(self._bar.n)

    monkeypatch.setattr(network, "ProgressBar", Bar)
    _, net = written(capfd, verbose=1, on_progress=lambda *progress: calls.append(progress))
    assert bar == calls == 2 * [(10, 23), (20, 23), (23, 23)]
    assert shown == [10, 20, 23, 33, 43, 46]
    _, quiet = written(capfd)
    assert same_bits(net, quiet)


def test_the_bar_is_closed_after_an_interrupt(capfd, monkeypatch):
    bars = []

    class Bar(network.ProgressBar):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            bars.append(self._bar)

    def stop(_, epoch):
        assert not bars[0].disable
        raise KeyboardInterrupt

    monkeypatch.setattr(network, "ProgressBar", Bar)
    with pytest.raises(KeyboardInterrupt):
        small().fit(X, LABELS, verbose=1, callbacks=stop)
    assert bars[0].disable  # tqdm's mark of a closed bar
