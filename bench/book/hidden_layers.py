"""One to four hidden layers (the book, chapter 5, "The vanishing gradient problem").

python -m bench.book.hidden_layers [--seeds 5] [--out PICTURE.png]

More layers hardly help, for the first ones learn slowest: before training, the length of dC/db
falls about fivefold from layer to layer towards the input. After 30 epochs it no longer does.
"""

import numpy as np

import fastnn
from bench.book.experiment import COLOURS, data, draw, figure, fit_all, options, save

SIZES = [[784, *[30] * layers, 10] for layers in (1, 2, 3, 4)]
COMMON = {"learning_rate": 0.1, "l2": 5.0, "batch_size": 10, "epochs": 30}


def speeds(net, x, y):
    """||dC/db|| of each hidden layer, as the book measures it: on 1,000 images."""
    return [float(np.linalg.norm(b)) for b in net.gradients(x[:1000], y[:1000]).biases[:-1]]


def main(argv=None):
    chosen = options(__file__, __doc__, argv)
    training, validation, _ = data(chosen.quick)
    specs = fastnn.grid(sizes=SIZES, seed=range(chosen.seeds))
    results = fit_all(specs, training, validation, chosen.quick, **COMMON)
    picture, ((left, right),) = figure(columns=2)
    draw(left, results, "validation_accuracy", lambda s: f"{len(s['sizes']) - 2} hidden", scale=100)
    left.set_title("accuracy on the validation data, %")
    left.set_ylim(90, 98)
    for sizes, colour in zip(SIZES, COLOURS, strict=True):
        fresh = [fastnn.Network(sizes, seed=seed) for seed in range(chosen.seeds)]
        trained = [fitted.net for fitted in results if fitted.spec["sizes"] == sizes]
        for nets, line in ((fresh, "o-"), (trained, "o:")):
            mean = np.mean([speeds(net, *training) for net in nets], axis=0)
            right.semilogy(range(1, len(mean) + 1), mean, line, color=colour)
    right.set_title("||dC/db|| of each layer: before training, and after (dotted)")
    right.set_xlabel("hidden layer")
    right.set_xticks([1, 2, 3, 4])
    save(picture, chosen.out)


if __name__ == "__main__":
    main()
