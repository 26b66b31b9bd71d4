import numpy as np

import fastnn
from fastnn.plots.courses import accuracies, costs, marked_epoch


def history(penalty=0.0, accuracy=0.5, validation=(0.9, 0.6, 0.7)):
    epochs = [
        fastnn.Epoch(
            epoch=i + 4,
            seconds=1.0,
            data_cost=1 / (i + 1),
            penalty=penalty,
            accuracy=accuracy,
            validation_data_cost=cost,
            validation_accuracy=None if cost is None or accuracy is None else accuracy / 2,
        )
        for i, cost in enumerate(validation)
    ]
    return fastnn.History.of(epochs, None)


def test_costs_without_a_penalty():
    lines = costs(history())
    assert [line.kind for line in lines] == ["training", "validation"]
    assert lines[0].values.tolist() == [1, 1 / 2, 1 / 3]
    assert lines[1].values.tolist() == [0.9, 0.6, 0.7]


def test_the_penalty_and_the_sum():
    lines = costs(history(penalty=0.25, validation=(None, None)))
    assert [line.kind for line in lines] == ["training", "penalty", "sum"]
    assert lines[1].values.tolist() == [0.25, 0.25]
    assert lines[2].values.tolist() == [1.25, 0.75]


def test_accuracies():
    assert [line.values.tolist() for line in accuracies(history())] == [[0.5] * 3, [0.25] * 3]
    assert accuracies(history(accuracy=None)) == []
    assert len(accuracies(history(validation=(None, None)))) == 1


def test_an_epoch_without_validation_has_a_gap():
    lines = costs(history(validation=(None, 0.5)))
    assert np.isnan(lines[1].values[0])
    assert lines[1].values[1] == 0.5
    assert marked_epoch(history(validation=(None, 0.5)), None).epoch == 5


def test_which_epoch_is_marked():
    assert marked_epoch(history(), None) == (5, "lowest validation cost: epoch 5")
    assert marked_epoch(history(), 6) == (6, "best epoch: 6")
    assert marked_epoch(history(), 7) is None  # it was cut off
    assert marked_epoch(history(validation=(None, None)), None) is None
