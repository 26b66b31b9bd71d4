import re

import numpy as np
import pytest
from samples import labelled

import fastnn
from fastnn.views.summary import Layer, Summary, as_html

X, LABELS = labelled(rows=40, inputs=6)

TEXT = """\
Network 6-5-3, log_likelihood, float64, inputs times 0.5
layer   neurons   activation   weights   parameters
    1         5   tanh         5 x 6             35
    2         3   softmax      3 x 5             18
  all         8                                  53
trained      2 epochs, 40 rows, momentum, learning rate 0.25 at most, Cosine, mini-batches of 8, \
L2 0.5, proximal L1 0.25, dropout 0 to 0.5, max-norm 3
training     data cost {}, accuracy {}, penalty {}
validation   data cost {}, accuracy {}"""


def test_in_words():
    net = fastnn.Network(
        [6, 5, 3], "tanh", "log_likelihood", seed=0, dtype="float64", input_scale=0.5
    )
    untrained = str(net).splitlines()
    assert untrained[:-1] == TEXT.splitlines()[:5]
    assert untrained[-1] == "trained   not yet"
    history = net.fit(
        X,
        LABELS,
        epochs=2,
        batch_size=8,
        optimizer="momentum",
        learning_rate=fastnn.Cosine(0.25),
        l2=0.5,
        l1=fastnn.Proximal(0.25),
        dropout=0.5,
        max_norm=3,
        validation_data=(X, LABELS),
    )
    figures = [
        f"{history.data_cost[-1]:.4g}",
        f"{history.accuracy[-1]:.2%}",
        f"{history.penalty[-1]:.4g}",
        f"{history.validation_data_cost[-1]:.4g}",
        f"{history.validation_accuracy[-1]:.2%}",
    ]
    assert str(net) == TEXT.format(*figures)
    assert repr(net).startswith("Network([6, 5, 3], activation='tanh'")
    html = net._repr_html_()
    assert all(figure in html for figure in figures)
    assert "<td>softmax</td><td>3 x 5</td><td>18</td>" in html


def test_early_stopping_is_told():
    net = fastnn.Network([6, 3], seed=0)
    net.fit(X, LABELS, epochs=3, validation_split=0.25, callbacks=[fastnn.EarlyStopping()])
    assert str(net).splitlines()[-1] == f"best epoch   {net.history.best_epoch}"


@pytest.mark.parametrize("layers", [1, 8, 9, 60])
def test_at_most_fifteen_lines(layers):
    net = fastnn.Network([6] * layers + [3], seed=0)
    stopping = fastnn.EarlyStopping(monitor="validation_data_cost")
    settings = {"validation_split": 0.25, "l2": 1e-3, "learning_rate": 1e-3}
    net.fit(X, LABELS, epochs=1, callbacks=[stopping], **settings)
    lines = str(net).splitlines()
    assert len(lines) <= 15
    assert ("…" in "".join(lines[2:])) == (layers > 8)
    shown = [line.split()[0] for line in lines[2:] if line.split()[0].isdigit()]
    assert (shown[0], shown[-1]) == ("1", str(layers))
    html = net._repr_html_()
    assert len(re.findall("<tr>|<br>|<strong>", html)) + 1 <= 15
    total = sum(np.size(w) for w in net.weights) + sum(np.size(b) for b in net.biases)
    assert f"{total:,}" in lines[-6:][[l.split()[0] for l in lines[-6:]].index("all")]
    assert max(map(len, lines)) < 150


def test_a_hostile_name_is_text():
    hostile = "<script>alert(1)</script>&"
    told = Summary(hostile, [Layer(1, 3, 2, hostile)], [(hostile, hostile)])
    html = as_html(told)
    assert "<script" not in html
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;&amp;") == 4
