"""A fit that was stopped and resumed gives the same bits as one that was not."""

import json
import warnings

import numpy as np
import pytest
from samples import everything, labelled, same_bits, small, with_callbacks, without_seconds

import fastnn
from fastnn.engine import Trainer
from fastnn.training import loop, pieces

ROWS = 61
OFTEN = 1e-9  # seconds: a checkpoint after every piece


class Stop(Exception):
    pass


@pytest.fixture(autouse=True)
def _pieces_of_one_mini_batch(monkeypatch):
    monkeypatch.setattr(pieces, "_PIECE_WORK", 1)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.npz"


def data(zeros=0.0):
    x, labels = labelled(ROWS)
    x[np.random.default_rng(8).random(x.shape) < zeros] = 0
    return x, labels


def stopping(after):
    """A callback that raises when it is told of progress for the time number `after`."""
    calls = []

    def count(done, total):
        calls.append(done)
        if len(calls) == after:
            raise Stop

    return fastnn.Progress(count)


SETTINGS = {"epochs": 3, "batch_size": 10, "learning_rate": 0.1, "l2": 5.0}


def uninterrupted(zeros=0.0, dtype="float32", **settings):
    net = small(5, dtype)
    net.fit(*data(zeros), **{**SETTINGS, **settings})
    return net


def stopped(
    path, after, zeros=0.0, dtype="float32", often=OFTEN, resume=False, net=None, **settings
):
    """Train until piece number `after`; what was written before is all that is left of it."""
    net = net or small(5, dtype)
    checkpoint = fastnn.Checkpoint(path, every_seconds=often, resume=resume)
    with pytest.raises(Stop):
        net.fit(
            *data(zeros), **with_callbacks({**SETTINGS, **settings}, checkpoint, stopping(after))
        )
    return net


def resumed(path, zeros=0.0, dtype="float32", seed=77, **settings):
    """Go on with a network that knows nothing."""
    net = small(seed, dtype)
    checkpoint = fastnn.Checkpoint(path, resume=True)
    net.fit(*data(zeros), **with_callbacks({**SETTINGS, **settings}, checkpoint))
    return net


def assert_same(one, other):
    assert same_bits(one, other)
    a, b = everything(one), everything(other)
    assert without_seconds(a.pop("history")) == without_seconds(b.pop("history"))
    assert a == b  # the optimizer's memory and the random state as well


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("zeros", [0.0, 0.9], ids=["dense", "sparse"])
@pytest.mark.parametrize("l1", [0.0, 0.3])
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"])
def test_within_an_epoch(path, optimizer, l1, zeros, dtype):
    settings = {"optimizer": optimizer, "l1": l1, "zeros": zeros, "dtype": dtype}
    stopped(path, 7 + 4, **settings)
    with np.load(path) as archive:
        header = str(archive["header"])
    assert '"done": 30' in header
    assert_same(resumed(path, **settings), uninterrupted(**settings))


@pytest.mark.parametrize("after", [1 + k for k in range(1, 21)])
def test_at_every_piece(path, after):
    """Sparse rows with L2: in between, the first weights are kept as a factor times others."""
    settings = {"zeros": 0.9, "l2": 300.0}
    stopped(path, after, **settings)
    assert_same(resumed(path, **settings), uninterrupted(**settings))


def test_the_factor_of_sparse_weights_is_not_multiplied_out(path):
    """What makes the test above one of this: rounding would show."""
    settings = {"zeros": 0.9, "l2": 300.0}
    stopped(path, 3, **settings)
    with np.load(path) as archive:
        arrays = dict(archive)
    net = fastnn.load(path)
    factor = net.weights[0][0, 0] / arrays["weights_0"][0, 0]
    assert 0.1 < factor < 0.9
    np.testing.assert_array_equal(net.weights[0], arrays["weights_0"] * np.float32(factor))


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("every", [1, 2])
def test_between_epochs(path, optimizer, every):
    net = small(5, "float32")
    with pytest.raises(Stop):
        net.fit(
            *data(),
            **{**SETTINGS, "epochs": 4},
            optimizer=optimizer,
            callbacks=[fastnn.Checkpoint(path, every_epochs=every), stopping(3 * 7 + 2)],
        )
    assert fastnn.load(path).history.epoch == [[1, 2, 3], [1, 2]][every - 1]
    settings = {"epochs": 4, "optimizer": optimizer}
    assert_same(resumed(path, **settings), uninterrupted(**settings))


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_stopped_and_resumed_again_and_again(path, optimizer):
    settings = {"optimizer": optimizer, "zeros": 0.9, "l2": 300.0}
    stopped(path, 2, **settings)
    for after in (2, 3, 4, 5):
        stopped(path, after, resume=True, net=small(after, "float32"), **settings)
    assert_same(resumed(path, **settings), uninterrupted(**settings))


@pytest.mark.parametrize("before", [1, 2, 3])
@pytest.mark.parametrize("after", [1, 2, None])
def test_another_number_of_threads(path, before, after):
    settings = {"zeros": 0.9, "batch_size": 20}
    stopped(path, 6, n_threads=before, **settings)
    assert_same(resumed(path, n_threads=after, **settings), uninterrupted(**settings))


@pytest.mark.parametrize(
    "settings",
    [
        {"batch_size": 100},
        {"batch_size": ROWS},
        {"batch_size": 1},
        {"learning_rate": fastnn.Cosine(0.5)},
        {"learning_rate": fastnn.HalveOnPlateau(0.5, monitor="data_cost", patience=1)},
        {"shuffle": False},
        {"dropout": 0.5, "input_dropout": 0.2},
        {"dropout": 0.5, "zeros": 0.9, "optimizer": "adam"},
        {"max_norm": 0.5, "zeros": 0.9},
        {"optimizer": fastnn.Momentum(clip_norm=0.1)},
        {"l1": fastnn.Proximal(0.3)},
        {"l1": [0.1, 0.0], "l2": [0.0, 20.0]},
        {"optimizer": fastnn.Adam(beta1=0.5)},
        {"validation_data": labelled(20, seed=3)},
    ],
    ids=str,
)
def test_whatever_fit_is_asked_for(path, settings):
    stopped(path, 2, **settings)
    assert_same(resumed(path, **settings), uninterrupted(**settings))


@pytest.mark.parametrize("restore_best", [True, False])
@pytest.mark.parametrize("after", [7 * 3 + 4, 7 * 5 + 2])
def test_early_stopping_remembers_what_was_best(path, after, restore_best):
    """The learning rate is so high that the first epochs are the best."""
    rule = fastnn.EarlyStopping("data_cost", 4, restore_best=restore_best)
    settings = {"epochs": 30, "learning_rate": 9.0, "callbacks": rule}
    expected = uninterrupted(**settings)
    assert expected.history.best_epoch < 3 < len(expected.history.epoch) < 30
    stopped(path, after, **settings)
    got = resumed(path, **settings)
    assert_same(got, expected)
    assert got.history.best_epoch == expected.history.best_epoch


def test_earlier_fits_count(path):
    """Their epochs, the optimizer's memory and the random state."""
    nets = [small(5, "float32"), small(5, "float32")]
    for net in nets:
        net.fit(*data(), epochs=2, optimizer="adam", learning_rate=0.01)
    settings = {"optimizer": "adam"}
    nets[0].fit(*data(), **SETTINGS, **settings)
    stopped(path, 9, net=nets[1], **settings)
    got = resumed(path, **settings)
    assert_same(got, nets[0])
    assert got.history.epoch == [1, 2, 3, 4, 5]


def test_in_the_network_that_was_stopped(path):
    net = stopped(path, 9)
    w = net.weights[0]
    net.fit(*data(), **SETTINGS, callbacks=fastnn.Checkpoint(path, resume=True))
    assert_same(net, uninterrupted())
    assert w is net.weights[0]  # its arrays are still the network's


def test_in_a_network_that_load_made(path):
    stopped(path, 9)
    net = fastnn.load(path)
    net.fit(*data(), **SETTINGS, callbacks=fastnn.Checkpoint(path, resume=True))
    assert_same(net, uninterrupted())


def test_a_fit_that_was_over_changes_nothing(path):
    expected = uninterrupted(callbacks=fastnn.Checkpoint(path))
    before = everything(expected)
    assert everything(fastnn.load(path)) == before
    calls = []
    got = resumed(path, callbacks=[fastnn.Progress(lambda *_: calls.append(_)), calls.append])
    assert_same(got, expected)
    assert calls == []
    got.fit(*data(), **SETTINGS)  # and another one goes on from there
    expected.fit(*data(), **SETTINGS)
    assert_same(got, expected)


def test_a_fit_that_a_callback_ended_is_over(path):
    def second(net, epoch):
        return epoch.epoch == 2

    expected = uninterrupted(epochs=9, callbacks=second)
    uninterrupted(epochs=9, callbacks=[fastnn.Checkpoint(path), second])
    assert_same(resumed(path, epochs=9), expected)


def test_callbacks_changes_are_kept(path):
    def halve(net, epoch):
        net.weights[1][...] /= 2

    stopped(path, 8, callbacks=halve, often=None)
    assert_same(resumed(path, callbacks=halve), uninterrupted(callbacks=halve))


def test_seconds_of_an_epoch_add_up(path):
    stopped(path, 4)
    with np.load(path) as archive:
        header = str(archive["header"])
    seconds = header.split('"seconds": ')[-1].split(",")[0]
    assert resumed(path).history.seconds[0] > float(seconds) > 0


@pytest.mark.parametrize("zeros", [0.0, 0.9], ids=["dense", "sparse"])
def test_a_checkpoint_is_the_network_of_that_moment(path, zeros):
    """As an interrupt leaves it: the factor of sparse weights multiplied out."""
    net = small(5, "float32")

    def interrupt(done, total):
        if done == 30:
            raise KeyboardInterrupt

    callbacks = [fastnn.Checkpoint(path), fastnn.Progress(interrupt)]
    with pytest.raises(KeyboardInterrupt):
        net.fit(*data(zeros), **{**SETTINGS, "l2": 300.0}, callbacks=callbacks)
    loaded = fastnn.load(path)
    assert same_bits(loaded, net)
    assert loaded.evaluate(*data(zeros)) == net.evaluate(*data(zeros))
    settings = {"zeros": zeros, "l2": 300.0}
    assert_same(resumed(path, **settings), uninterrupted(**settings))


def test_interrupted_while_measuring(path, monkeypatch):
    """All rows of the epoch are trained, and it is not in the history."""
    measure, validation = loop.measure, labelled(20, seed=3)

    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(loop, "measure", interrupt)
        with pytest.raises(KeyboardInterrupt):
            uninterrupted(callbacks=fastnn.Checkpoint(path), validation_data=validation)
    assert loop.measure is measure
    expected = uninterrupted(validation_data=validation)
    assert_same(resumed(path, validation_data=validation), expected)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_interrupted_as_a_kernel_returns(path, monkeypatch, optimizer):
    """The piece is done, and only the trainer's own count says so."""
    from fastnn.engine import trainer

    run_team, calls = trainer.run_team, []

    def interrupted(*arguments):
        run_team(*arguments)
        calls.append(1)
        if len(calls) == 1 + 4:  # the first one trains nothing, but prepares
            raise KeyboardInterrupt

    settings = {"optimizer": optimizer, "zeros": 0.9}
    with monkeypatch.context() as patch:
        patch.setattr(trainer, "run_team", interrupted)
        with pytest.raises(KeyboardInterrupt):
            uninterrupted(callbacks=fastnn.Checkpoint(path), **settings)
    with np.load(path) as archive:
        assert '"done": 40' in str(archive["header"])
    assert_same(resumed(path, **settings), uninterrupted(**settings))


@pytest.mark.parametrize("optimizer", ["adam", "adamw"])
def test_a_loaded_checkpoint_of_within_an_epoch_trains_on_as_the_network_that_was_stopped(
    path, optimizer
):
    """Not the fit that was stopped: another one, whose first update must know of the last."""
    net, calls = small(5, "float32"), []

    def interrupt(done, total):
        calls.append(done)
        if len(calls) == 7 + 3:
            raise KeyboardInterrupt

    settings = {**SETTINGS, "optimizer": optimizer}
    with pytest.raises(KeyboardInterrupt):
        net.fit(
            *data(), **settings, callbacks=[fastnn.Checkpoint(path), fastnn.Progress(interrupt)]
        )
    loaded = fastnn.load(path)
    assert loaded._state.memory.updates == net._state.memory.updates == 7 + 3
    assert_same(loaded, net)
    for each in (net, loaded):
        each.fit(*data(), **settings)
    assert_same(loaded, net)


def test_a_resumed_fit_does_not_check_the_regularization_again(path):
    """It has passed before the first update; and it would look at other weights than those."""
    settings = {**SETTINGS, "l2": 50.0}

    def warnings_of(call, *arguments, **options):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            call(*arguments, **options)
        return [w for w in caught if issubclass(w.category, fastnn.RegularizationWarning)]

    net = small(5, "float32")
    assert len(warnings_of(net.fit, *data(), **settings)) == 1
    stopped(path, 9, l2=50.0)
    net = small(5, "float32")
    checkpoint = fastnn.Checkpoint(path, resume=True)
    assert warnings_of(net.fit, *data(), **settings, callbacks=checkpoint) == []


def test_multi_label_targets(path):
    x, y = data()[0], np.random.default_rng(3).integers(0, 2, (ROWS, 3))
    expected, net, other = (small(seed, "float32", multi_label=True) for seed in (5, 5, 77))
    expected.fit(x, y, **SETTINGS)
    with pytest.raises(Stop):
        net.fit(x, y, **SETTINGS, callbacks=[fastnn.Checkpoint(path), stopping(10)])
    other.fit(x, y, **SETTINGS, callbacks=fastnn.Checkpoint(path, resume=True))
    assert_same(other, expected)
    assert other.predict(x).shape == (ROWS, 3)
    assert fastnn.load(path).predict(x).shape == (ROWS, 3)


def within_a_scaled_epoch(path, **more):
    """Write a checkpoint whose weights lack a factor; returns the arguments of fit."""
    x, labels = labelled(240, inputs=5)
    x[np.random.default_rng(1).random(x.shape) < 0.8] = 0
    settings = {"epochs": 3, "batch_size": 6, "learning_rate": 0.5, "l2": 30.0, **more}

    def stop(done, rows):
        if done >= 120:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        small().fit(
            x, labels, **settings, callbacks=[fastnn.Checkpoint(path), fastnn.Progress(stop)]
        )
    with np.load(path) as file:
        progress = json.loads(str(file["header"]))["checkpoint"]["position"]["progress"]
    assert Trainer.factor_in(progress) < 1
    return (x, labels), settings


def test_an_interrupt_before_the_epoch_goes_on_leaves_a_whole_network(path, monkeypatch):
    data, settings = within_a_scaled_epoch(path)
    net = small(seed=9)
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "compile", interrupt)
        with pytest.raises(KeyboardInterrupt):
            net.fit(*data, **settings, callbacks=fastnn.Checkpoint(path, resume=True))
    assert same_bits(net, fastnn.load(path))
    net.fit(
        *data, **settings, callbacks=fastnn.Checkpoint(path, resume=True)
    )  # and it can go on all the same
    whole = small()
    whole.fit(*data, **settings)
    assert same_bits(net, whole)


def interrupt(*_):
    raise KeyboardInterrupt


def test_a_schedule_that_fails_leaves_a_whole_network(path, monkeypatch):
    data, settings = within_a_scaled_epoch(path, learning_rate=fastnn.Cosine(0.5))
    net = small(seed=9)
    monkeypatch.setattr(loop.Training, "_rates", interrupt)
    with pytest.raises(KeyboardInterrupt):
        net.fit(*data, **settings, callbacks=fastnn.Checkpoint(path, resume=True))
    assert same_bits(net, fastnn.load(path))


def test_resumed_where_it_is_there(path):
    """The same call begins, goes on, and, when all is done, does nothing."""
    checkpoint = fastnn.Checkpoint(path, resume="if there")
    nets = [small(seed, "float32") for seed in (5, 77, 78)]
    with pytest.raises(Stop):
        nets[0].fit(*data(), **SETTINGS, callbacks=[checkpoint, stopping(12)])
    for net in nets[1:]:
        history = net.fit(*data(), **SETTINGS, callbacks=[checkpoint])
        assert history.epoch == [1, 2, 3]
        assert_same(net, uninterrupted())


def test_the_history_that_a_resumed_fit_returns_is_that_of_the_whole_fit(path):
    net = small(5, "float32")
    net.fit(*data(), epochs=2)
    stopped(path, 7 + 4, net=net)
    other, checkpoint = small(77, "float32"), fastnn.Checkpoint(path, resume=True)
    history = other.fit(*data(), **SETTINGS, callbacks=checkpoint)
    assert history.epoch == [3, 4, 5]
    assert other.history.epoch == [1, 2, 3, 4, 5]


def test_without_resume_a_checkpoint_is_written_over(path):
    uninterrupted(callbacks=fastnn.Checkpoint(path))
    net = small(6, "float32")
    net.fit(*data(), **SETTINGS, callbacks=fastnn.Checkpoint(path))
    assert same_bits(fastnn.load(path), net)
    assert not same_bits(net, uninterrupted())
