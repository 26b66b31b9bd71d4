"""The effect of eta (the book, chapter 3, "How to choose a neural network's hyper-parameters?").

python -m bench.book.learning_rate [--seeds 5] [--out PICTURE.png]

With eta = 2.5 the cost soon stays where it is and the accuracy jumps about; with 0.25 it falls
fastest; with 0.025 learning is smooth, and slow.
"""

import fastnn
from bench.book.experiment import data, draw, figure, fit_all, options, save

COMMON = {"sizes": [784, 30, 10], "l2": 5.0, "batch_size": 10, "epochs": 30}


def main(argv=None):
    chosen = options(__file__, __doc__, argv)
    training, validation, _ = data(chosen.quick)
    specs = fastnn.grid(learning_rate=[0.025, 0.25, 2.5], seed=range(chosen.seeds))
    results = fit_all(specs, training, validation, chosen.quick, **COMMON)
    picture, ((left, right),) = figure(columns=2)

    def legend(spec):
        return f"$\\eta$ = {spec['learning_rate']:g}"

    draw(left, results, "data_cost", legend)
    left.set_title("data cost of the training data")
    draw(right, results, "validation_accuracy", legend, scale=100)
    right.set_title("accuracy on the validation data, %")
    save(picture, chosen.out)


if __name__ == "__main__":
    main()
