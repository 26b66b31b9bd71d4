"""What a network and a history draw: read back from the figures."""

import subprocess
import sys

import numpy as np
import pytest
from samples import labelled

import fastnn

matplotlib = pytest.importorskip("matplotlib")
from matplotlib.figure import Figure  # noqa: E402

X, LABELS = labelled(rows=40, inputs=64)
VALIDATION = labelled(rows=20, inputs=64, seed=1)


@pytest.fixture(scope="module")
def net():
    net = fastnn.Network([64, 5, 3], seed=0)
    net.fit(X, LABELS, epochs=4, l2=0.1, validation_data=VALIDATION)
    return net


def axes():
    return Figure().subplots()


def by_label(ax):
    return {line.get_label(): line for line in ax.lines}


def test_a_history(net):
    figure = net.history.plot()
    costs, accuracies = figure.axes
    lines, history = by_label(costs), net.history
    epoch = 1 + int(np.argmin(history.validation_data_cost))
    assert set(lines) == {
        *("data cost, training", "data cost, validation", "penalty"),
        *("data cost + penalty, training", f"lowest validation cost: epoch {epoch}"),
    }
    assert lines["data cost, training"].get_xdata().tolist() == [1, 2, 3, 4]
    assert lines["data cost, training"].get_ydata().tolist() == history.data_cost
    assert lines["penalty"].get_ydata().tolist() == history.penalty
    assert lines["data cost, validation"].get_ydata().tolist() == history.validation_data_cost
    assert lines[f"lowest validation cost: epoch {epoch}"].get_xdata() == [epoch, epoch]
    assert costs.get_ylim()[0] == 0
    lines = by_label(accuracies)
    assert lines["accuracy, training"].get_ydata().tolist() == history.accuracy
    assert lines["accuracy, validation"].get_ydata().tolist() == history.validation_accuracy


def test_a_history_with_a_best_epoch():
    net = fastnn.Network([64, 5, 3], seed=0)
    stopping = fastnn.EarlyStopping(patience=2, monitor="validation_data_cost")
    net.fit(X, LABELS, epochs=30, validation_data=VALIDATION, callbacks=[stopping])
    line = by_label(net.history.plot().axes[0])[f"best epoch: {net.history.best_epoch}"]
    assert line.get_xdata() == [net.history.best_epoch] * 2


def test_a_history_on_axes_of_the_users(net):
    ax = axes()
    assert net.history.plot(ax=ax) is ax
    assert "penalty" in by_label(ax)
    both = Figure().subplots(2)
    assert net.history.plot(ax=both) is both
    assert "accuracy, training" in by_label(both[1])
    with pytest.raises(ValueError, match="ax: expected 1 to 2 Axes, got 3"):
        net.history.plot(ax=Figure().subplots(1, 3))
    with pytest.raises(TypeError, match="ax: expected Axes of Matplotlib's, got 5"):
        net.history.plot(ax=5)
    with pytest.raises(ValueError, match="history: expected at least one epoch to plot"):
        fastnn.Network([2, 1]).history.plot()


def test_a_history_of_regression_has_no_accuracy():
    net = fastnn.Network([64, 1], cost="poisson", seed=0)
    y = np.full((40, 1), 9.0)  # costs below 0 are seen as well
    net.fit(X, y, epochs=2, learning_rate=0.01)
    (costs,) = net.history.plot().axes
    assert min(net.history.data_cost) < 0
    assert costs.get_ylim()[0] <= min(net.history.data_cost)


def image(drawn):
    (shown,) = (drawn.axes[0] if isinstance(drawn, Figure) else drawn).images
    return shown


def test_weights_as_pictures(net):
    shown = image(net.plot_weights())
    whole = np.ma.filled(shown.get_array(), np.nan)
    assert whole.shape == (2 * 9 - 1, 3 * 9 - 1)  # five of 8 x 8 in two rows of three
    w = np.array(net.weights[0])
    assert (whole[:8, :8] == w[0].reshape(8, 8)).all()
    assert (whole[9:, 9:17] == w[4].reshape(8, 8)).all()
    low, high = shown.get_clim()
    assert low == -high < 0  # colours are centred at 0
    assert np.quantile(np.abs(w), 0.99) <= high <= np.abs(w).max()


def test_weights_as_a_map(net):
    for drawn, l in ((net.plot_weights(shape=None), 0), (net.plot_weights(2), 1)):
        shown = image(drawn)
        assert (shown.get_array() == net.weights[l]).all()
        assert shown.get_clim()[0] == -shown.get_clim()[1]
    ax = axes()
    assert net.plot_weights(most=2, shape=(4, 16), ax=ax) is ax
    assert image(ax).get_array().shape == (4, 16 * 2 + 1)
    assert "of 5, those with the largest norms" in ax.get_title()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"layer": 0}, ValueError, "layer: expected at least 1"),
        ({"layer": 3}, ValueError, "layer: expected at most 2"),
        ({"shape": (8, 9)}, ValueError, "shape: expected height x width = 64"),
        ({"most": 0}, ValueError, "most: expected at least 1"),
        ({"ax": "here"}, TypeError, "ax: expected Axes"),
    ],
)
def test_weights_that_can_not_be_shown(net, arguments, error, message):
    with pytest.raises(error, match=message):
        net.plot_weights(**arguments)


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_confusion(net):
    x, labels = VALIDATION
    predicted = net.predict(x)
    counts = np.zeros((3, 3), int)
    for i, j in zip(labels, predicted):
        counts[i, j] += 1
    assert counts.trace() < 20  # or nothing is confused
    ax = axes()
    assert net.plot_confusion(x, labels, classes=["a", "$b", "c"], ax=ax) is ax
    assert np.allclose(image(ax).get_array(), counts / counts.sum(axis=1, keepdims=True))
    assert texts(ax) == [str(n) for n in counts.ravel() if n]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["a", "$b", "c"]
    figure = net.plot_confusion(x, labels, normalize=True)
    shares = counts / counts.sum(axis=1, keepdims=True)
    assert texts(figure.axes[0]) == [f"{share:.1%}" for share in shares.ravel() if share]


def test_mistakes_as_pictures(net):
    x, labels = VALIDATION
    outputs, ax = net.feedforward(x), axes()
    net.plot_mistakes(x, labels, most=4, ax=ax)
    predicted = outputs.argmax(axis=1)
    wrong = [i for i in np.argsort(-outputs.max(axis=1)) if predicted[i] != labels[i]][:4]
    assert texts(ax) == [
        f"{labels[i]}, taken for {predicted[i]}\n{outputs[i].max():.1%}" for i in wrong
    ]
    whole = np.ma.filled(image(ax).get_array(), np.nan)
    pictures = x[wrong].astype(np.float32).reshape(4, 8, 8)
    assert (whole[:8, :8] == pictures[0]).all()
    assert (whole[12:20, 9:] == pictures[3]).all()


def test_mistakes_as_bars(net):
    x, labels = VALIDATION
    ax = axes()
    net.plot_mistakes(x, labels, shape=None, most=3, classes=["x", "y", "z"], ax=ax)
    widths = [bar.get_width() for bar in ax.patches]
    assert len(widths) == 3
    assert widths == sorted(widths, reverse=True)
    ticks = [tick.get_text() for tick in ax.get_yticklabels()]
    assert all(any(f"row {i:,}: " in tick for i in range(20)) for tick in ticks)
    assert all(f": {'xyz'[k]}, taken for " in t for t, k in zip(ticks, labels[_rows(ticks)]))
    none = net.plot_mistakes(x, net.predict(x))
    assert none.axes[0].get_title() == "no mistake"


def _rows(ticks):
    return [int(tick.split()[1].rstrip(":")) for tick in ticks]


def test_calibration(net):
    x, labels = VALIDATION
    ax = axes()
    assert net.plot_calibration(x, labels, bins=40, ax=ax) is ax
    outputs = net.feedforward(x)
    sure, right = outputs.max(axis=1), outputs.argmax(axis=1) == labels
    bins = [(sure > k / 40) & (sure <= (k + 1) / 40) for k in range(40)]
    bins = [each for each in bins if each.any()]
    assert len(bins) > 1
    assert [bar.get_height() for bar in ax.patches] == [right[each].mean() for each in bins]
    ece = sum(each.mean() * abs(sure[each].mean() - right[each].mean()) for each in bins)
    assert ax.get_title() == f"expected calibration error {ece:.2%}"


def test_rows_that_a_plot_is_not_for(net):
    regression = fastnn.Network([64, 2], output_activation="identity", cost="quadratic", seed=0)
    y = np.random.default_rng(0).random((40, 2))
    for plot in ("plot_confusion", "plot_mistakes", "plot_calibration"):
        with pytest.raises(ValueError, match=f"{plot}: expected .*, got targets that are numbers"):
            getattr(regression, plot)(X, y)
    with pytest.raises(ValueError, match="got outputs that are no probabilities"):
        regression.plot_calibration(X, LABELS % 2)
    several = fastnn.Network([64, 2], multi_label=True, seed=0)
    with pytest.raises(ValueError, match="plot_confusion: .*, got rows with any number of labels"):
        several.plot_confusion(X, (y > 0.5).astype(int))
    with pytest.raises(ValueError, match="classes: expected 3 names, got 2"):
        net.plot_confusion(X, LABELS, classes=["a", "b"])
    with pytest.raises(TypeError, match="classes: expected a list of texts, got 'abc'"):
        net.plot_mistakes(X, LABELS, classes="abc")
    with pytest.raises(ValueError, match=r"x: expected shape \(rows, 64\)"):
        net.plot_confusion(X[:, 1:], LABELS)


def test_a_notebook_shows_what_is_returned(net):
    assert net.plot_weights(2)._repr_png_().startswith(b"\x89PNG")


UNTOUCHED = """
import sys
import matplotlib
before = matplotlib.rcParams.copy()  # without a look at the backend, which would choose one
import fastnn, numpy as np
x, y = np.random.default_rng(0).random((30, 64)), np.arange(30) % 3
net = fastnn.Network([64, 4, 3], seed=0)
net.fit(x, y, epochs=2)
figures = [net.history.plot(), net.plot_weights(), net.plot_confusion(x, y),
           net.plot_mistakes(x, y), net.plot_calibration(x, y)]
figures[1].savefig("figure.png", dpi=20)
same = dict.__eq__(matplotlib.rcParams.copy(), before)
print(same, "matplotlib.pyplot" in sys.modules)
"""

WITHOUT = """
import sys
sys.modules["matplotlib"] = None
import fastnn
net = fastnn.Network([64, 4, 3], seed=0)
print(str(net)[:7])
net.plot_weights()
"""


def test_neither_settings_nor_pyplot_are_touched(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", UNTOUCHED], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.stdout == "True False\n", done.stderr


def test_without_matplotlib():
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True)
    assert done.stdout == "Network\n"
    needed = "ImportError: plots need Matplotlib: pip install 'fastnn[plot]'"
    assert done.stderr.splitlines()[-1] == needed
