"""Files that version 0.1 wrote: they load, and trainings go on from them.

They were made by this program, with 0.1:

    def raise_at(call):
        calls = []

        def on_progress(done, total):
            calls.append(done)
            if len(calls) == call:
                raise InterruptedError

        return on_progress

    def interrupted(kind, net, rows, often, settings):
        end = fastnn.Network(**net)
        end.fit(*rows, **settings)
        checkpoint = fastnn.Checkpoint(f"version_0_1_{kind}_checkpoint.npz", every_seconds=often)
        with suppress(InterruptedError):
            fastnn.Network(**net).fit(
                *rows, **settings, checkpoint=checkpoint, on_progress=raise_at(25)
            )
        return end

    fastnn.training.loop._PIECE_WORK = 1  # pieces of one mini-batch
    trained = fastnn.Network([6, 5, 3], "tanh", "cross-entropy", seed=1)
    trained.fit(
        *dense(), epochs=4, l2=0.5, optimizer="adam", learning_rate=0.02, validation_split=0.25,
        early_stopping=fastnn.EarlyStopping("validation_data_cost", patience=2),
        label_smoothing=0.1,
    )
    trained.save("version_0_1_network.npz")
    ends = {
        "dense": interrupted(
            "dense", dict(sizes=[6, 5, 3], activation="tanh", cost="log-likelihood", seed=2),
            dense(), 1e-9, dict(
                epochs=6, batch_size=5, learning_rate=fastnn.Cosine(0.1), l2=[0.4, 0.2], l1=0.1,
                l1_mode="proximal", max_norm=3, clip_norm=0.9, dropout=0.2,
                optimizer=fastnn.Momentum(0.8), validation_data=dense(20),
                sample_weight=np.arange(48) % 3 + 1, label_smoothing=0.1,
                early_stopping=fastnn.EarlyStopping("data_cost", patience=3),
            ),
        ),
        "sparse": interrupted(
            "sparse", dict(sizes=[40, 5, 3], cost="cross-entropy", seed=3), sparse(), None, dict(
                epochs=6, batch_size=5, learning_rate=0.1, l2=0.3, l1=0.2,
                validation_data=sparse(20),
                early_stopping=fastnn.EarlyStopping("data_cost", 4, restore_best=False),
            ),
        ),
    }
    outputs = trained.feedforward(dense()[0])
    np.savez("version_0_1_ends.npz", network_outputs=outputs, **{
        f"{kind}_{name}_{l}": array for kind, net in ends.items()
        for name in ("weights", "biases") for l, array in enumerate(getattr(net, name))
    })
    network2.Network([4, 3, 2], cost=network2.CrossEntropyCost).save("version_0_1_book.json")
"""

import json
from pathlib import Path

import numpy as np
import pytest

import fastnn
from fastnn.book import network2

HERE = Path(__file__).parent
CLOSE = {"rtol": 1e-5, "atol": 1e-5}  # other CPUs, and later kernels, add in another order


def file(name):
    return HERE / f"version_0_1_{name}"


def dense(rows=48):
    x = np.outer(np.arange(rows) + 1, np.arange(6) + 3) * 7 % 11 / 8 - 0.5
    return x.astype(np.float32), np.arange(rows) * np.arange(rows) % 3


def sparse(rows=48):
    i = np.arange(rows)
    x = np.zeros((rows, 40), np.float32)
    for step in (3, 7, 11):
        x[i, i * step % 40] = (i % 4 + 1) / 4
    return x, i % 3


def continued(kind, folder):
    """A network that knows nothing, after the rest of the training that was interrupted."""
    path = folder / "run.npz"  # a copy, for it goes on there
    path.write_bytes(file(f"{kind}_checkpoint.npz").read_bytes())
    if kind == "dense":
        net = fastnn.Network([6, 5, 3], "tanh", fastnn.LogLikelihood(label_smoothing=0.1), seed=77)
        net.fit(
            *dense(),
            epochs=6,
            batch_size=5,
            learning_rate=fastnn.Cosine(0.1),
            l2=[0.4, 0.2],
            l1=fastnn.Proximal(0.1),
            max_norm=3,
            dropout=0.2,
            optimizer=fastnn.Momentum(0.8, clip_norm=0.9),
            validation_data=dense(20),
            sample_weight=np.arange(48) % 3 + 1,
            callbacks=[
                fastnn.EarlyStopping("data_cost", patience=3),
                fastnn.Checkpoint(path, resume=True),
            ],
        )
        return net
    net = fastnn.Network([40, 5, 3], cost="cross_entropy", seed=77)
    net.fit(
        *sparse(),
        epochs=6,
        batch_size=5,
        learning_rate=0.1,
        l2=0.3,
        l1=0.2,
        validation_data=sparse(20),
        callbacks=[
            fastnn.EarlyStopping("data_cost", 4, restore_best=False),
            fastnn.Checkpoint(path, resume=True),
        ],
    )
    return net


@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_a_training_goes_on_to_the_end_that_it_would_have_had(kind, tmp_path):
    net = continued(kind, tmp_path)
    assert len(net.history.epoch) == 6
    with np.load(file("ends.npz")) as ends:
        for name in ("weights", "biases"):
            for l, array in enumerate(getattr(net, name)):
                np.testing.assert_allclose(array, ends[f"{kind}_{name}_{l}"], **CLOSE)


@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_the_end_is_not_where_it_was_interrupted(kind):
    then = fastnn.load(file(f"{kind}_checkpoint.npz"))
    with np.load(file("ends.npz")) as ends:
        assert np.abs(then.weights[0] - ends[f"{kind}_weights_0"]).max() > 1e-3


def test_other_settings_are_refused():
    net = fastnn.Network([40, 5, 3], cost="cross_entropy", seed=77)
    with pytest.raises(ValueError, match=r"l2 is \[0\.0, 0\.0\], was \[0\.3, 0\.3\]"):
        net.fit(
            *sparse(),
            epochs=6,
            batch_size=5,
            learning_rate=0.1,
            l1=0.2,
            validation_data=sparse(20),
            callbacks=[
                fastnn.EarlyStopping("data_cost", 4, restore_best=False),
                fastnn.Checkpoint(file("sparse_checkpoint.npz"), resume=True),
            ],
        )


def test_a_network_loads_and_trains_on():
    net = fastnn.load(file("network.npz"))
    assert (net.sizes, net.activation, net.output_activation) == ([6, 5, 3], "tanh", "sigmoid")
    assert net.cost == "cross_entropy"  # with a hyphen in the file
    assert net.history.epoch == [1, 2, 3, 4]
    assert net.history.best_epoch == 4
    x, y = dense()
    with np.load(file("ends.npz")) as ends:
        np.testing.assert_allclose(net.feedforward(x), ends["network_outputs"], **CLOSE)
    cost = net.evaluate(x, y).data_cost
    net.fit(x, y, epochs=1, optimizer="adam", learning_rate=0.02)
    assert net.history.epoch == [1, 2, 3, 4, 5]
    assert net.evaluate(x, y).data_cost < cost


def test_a_book_network_loads():
    net = network2.load(file("book.json"))
    stored = json.loads(file("book.json").read_text())
    assert net.sizes == [4, 3, 2]
    assert net.cost is network2.CrossEntropyCost
    for own, was in zip([*net.weights, *net.biases], stored["weights"] + stored["biases"]):
        np.testing.assert_array_equal(own, was)
